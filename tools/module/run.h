/* SPDX-License-Identifier: BSD-2-Clause */
/* run - one script at a time: the checks before, the run, the reply, the kill.
 */
#ifndef TOOLS_MODULE_RUN_H
#define TOOLS_MODULE_RUN_H

#include "sandbox/ferrous_sandbox.h"
#include "tools/module/api.h"
#include "tools/module/tenant.h"

/* What shall be run. */
typedef struct {
  FsbBytes source;     /* of EVAL */
  const char *sha1;    /* of `source` */
  FsbLibrary *library; /* of FCALL; NULL: a script */
  FsbBytes function;   /* of `library` */
  RedisString **argv;  /* the command's words, for FUNCTION STATS */
  int argc;
  size_t key_count;
  unsigned flags;    /* FSB_SCRIPT_ bits; without HAS_SHEBANG the rules of old apply */
  bool is_eval;      /* else a function */
  bool is_read_only; /* called as ..._RO */
  void *server_run;  /* of Valkey's interface for engines; NULL: a command of ours */
  bool is_kept;      /* SCRIPT LOAD or FUNCTION LOAD brought it */
  Tenant *tenant;    /* set by the run: whose it was; NULL: nobody's */
} RunOrder;

/* Runs a script with the words `words` as KEYS and ARGV, if the policy lets it, and replies.  Returns the
 * result, which belongs to the caller; NULL when it was refused. */
FsbResult *module_run_script(RedisCtx *ctx, RunOrder *order, RedisString **words,
                             size_t count);

/* Only sees whether a script compiles; replies when it does not.  NULL: has replied. */
FsbResult *module_run_compile(RedisCtx *ctx, FsbBytes source);

/* Whether the text of an ended run is one that Redis would have kept. */
bool module_run_has_compiled(const FsbResult *result);

/* FUNCTION STATS while something runs: whether it may be answered, otherwise has
 * replied; and the reply about the function that runs, null when none does. */
bool module_run_may_tell(RedisCtx *ctx);
void module_run_tell(RedisCtx *ctx);

/* Answers SCRIPT KILL or FUNCTION KILL. */
int module_run_kill(RedisCtx *ctx, bool is_eval);

#endif
