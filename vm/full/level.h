/* SPDX-License-Identifier: BSD-2-Clause */
/* level - the calls in progress of a coroutine, numbered as lua_getstack does.
 *
 * Level 0 is what runs, each further one its caller.  A call lost to a tail call is a
 * level of its own, of which nothing is known.  Below the main function stands one more,
 * a C function: whoever called the script.  Layer: vm/full.
 */
#ifndef VM_FULL_LEVEL_H
#define VM_FULL_LEVEL_H

#include "vm/run/state.h"

typedef enum { LEVEL_LUA, LEVEL_NATIVE, LEVEL_LEAF, LEVEL_TAIL, LEVEL_BOTTOM } LevelKind;

typedef struct {
  LevelKind kind;
  const Frame *frame; /* LUA, NATIVE: its own; LEAF: its caller's; else NULL */
  Value function;     /* nil for TAIL and BOTTOM */
  Value *base;        /* first local or argument, NULL for TAIL and BOTTOM */
  const Value *end;   /* first slot that is not its own */
} Level;

/* Finds a level.  `args` are the arguments of the leaf that asks; NULL when none runs.
 * A negative level is a lost call, as in the reference.  False: there are not so many. */
bool vm_level_find(VM *vm, uint32_t coroutine, int64_t level, Value *args, int count, Level *ret_level);

/* How many levels there are. */
int64_t vm_level_count(VM *vm, uint32_t coroutine);

/* What the caller calls the function at a level: "global", "method", ... and the name;
 * NULL when it is not known. */
const char *vm_level_name(VM *vm, const Level *level, const char **ret_name);

#endif
