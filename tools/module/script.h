/* SPDX-License-Identifier: BSD-2-Clause */
/* script - the scripts that were seen, by their SHA1, and the SCRIPT command.
 *
 * What EVAL brought is forgotten when it was not used for the longest time and
 * the texts take more than `sandbox.script-cache-bytes`; what SCRIPT LOAD brought
 * stays until SCRIPT FLUSH.  Only source text is kept: every user's worker
 * compiles for itself.
 */
#ifndef TOOLS_MODULE_SCRIPT_H
#define TOOLS_MODULE_SCRIPT_H

#include "sandbox/ferrous_sandbox.h"
#include "tools/module/api.h"

typedef struct Script Script;
struct Script {
  char sha1[FSB_SHA1_BYTES];
  FsbBytes source;
  unsigned flags; /* FSB_SCRIPT_ bits */
  bool is_loaded; /* by SCRIPT LOAD */
  unsigned uses;  /* runs under way, and the table itself */
  Script *next;   /* in its chain of the table */
  Script *newer, *older;
};

/* Finds a script by its digest of any case; NULL: not there. */
Script *module_script_find(const char *sha1, size_t size);

/* Keeps a script; returns NULL when there is no room for it. */
Script *module_script_keep(FsbBytes source, const char *sha1, unsigned flags, bool is_loaded);

/* Holds on to a script that may be flushed meanwhile. */
void module_script_take(Script *script);
void module_script_give(Script *script);

void module_script_flush(void);

/* For INFO. */
size_t module_script_count(void);
size_t module_script_bytes(void);

int module_script_load(RedisCtx *ctx, RedisString **argv, int argc);
int module_script_exists(RedisCtx *ctx, RedisString **argv, int argc);
int module_script_flush_command(RedisCtx *ctx, RedisString **argv, int argc);
int module_script_kill(RedisCtx *ctx, RedisString **argv, int argc);
int module_script_debug(RedisCtx *ctx, RedisString **argv, int argc);

#endif
