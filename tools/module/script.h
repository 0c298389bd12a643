/* SPDX-License-Identifier: BSD-2-Clause */
/* script - the scripts that were seen, by their SHA1, and the SCRIPT command.
 *
 * Each tenant has a shelf of its own, and sees nothing else.  What EVAL brought is
 * forgotten when it was not used for the longest time and the texts of all take more than
 * `sandbox.script-cache-bytes`: whoever has more than its share makes room, else whoever has
 * most.  What SCRIPT LOAD brought stays until SCRIPT FLUSH; where there are several shelves,
 * that may be a sixteenth of the whole for each.  Only source text is kept: every user's
 * worker compiles for itself.
 */
#ifndef TOOLS_MODULE_SCRIPT_H
#define TOOLS_MODULE_SCRIPT_H

#include "sandbox/ferrous_sandbox.h"
#include "tools/module/api.h"

typedef struct Script Script;
typedef struct ScriptShelf ScriptShelf;

/* All zero is an empty one; it must stay where it is while it holds scripts. */
struct ScriptShelf {
  Script *newest, *oldest;
  size_t count, bytes, loaded_bytes;
  ScriptShelf *next; /* of those that hold something */
};

struct Script {
  char sha1[FSB_SHA1_BYTES];
  FsbBytes source;
  unsigned flags; /* FSB_SCRIPT_ bits */
  bool is_loaded; /* by SCRIPT LOAD */
  unsigned uses;  /* runs under way, and the table itself */
  ScriptShelf *shelf;
  Script *next; /* in its chain of the table */
  Script *newer, *older;
};

/* Finds a script by its digest of any case; NULL: not there. */
Script *module_script_find(ScriptShelf *shelf, const char *sha1, size_t size);

/* Finds a script by its text, if it was kept or found so lately; NULL says nothing. */
Script *module_script_find_text(ScriptShelf *shelf, FsbBytes source);

/* Finds the flags that a script declares, on whichever shelf it is; 0: not there. */
unsigned module_script_flags(const char *sha1, size_t size);

/* Keeps a script; returns NULL when there is no room for it. */
Script *module_script_keep(ScriptShelf *shelf, FsbBytes source, const char *sha1, unsigned flags,
                           bool is_loaded);

/* Holds on to a script that may be flushed meanwhile. */
void module_script_take(Script *script);
void module_script_give(Script *script);

/* Empties a shelf; NULL: all of them. */
void module_script_flush(ScriptShelf *shelf);

/* For INFO. */
size_t module_script_count(void);
size_t module_script_bytes(void);

int module_script_load(RedisCtx *ctx, RedisString **argv, int argc);
int module_script_exists(RedisCtx *ctx, RedisString **argv, int argc);
int module_script_flush_command(RedisCtx *ctx, RedisString **argv, int argc);
int module_script_kill(RedisCtx *ctx, RedisString **argv, int argc);
int module_script_debug(RedisCtx *ctx, RedisString **argv, int argc);

#endif
