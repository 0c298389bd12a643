/* SPDX-License-Identifier: BSD-2-Clause */
/* engine_abi - Valkey's interface for scripting engines, as far as it is used.
 *
 * Its structures carry their own version; the server takes a version up to its own.
 * Version 3 lets both kinds of scripts be reset, 4 appends a debugger: without one, the
 * pointers stay NULL.  Names are ours; the layout is the server's.
 */
#ifndef TOOLS_MODULE_ENGINE_ABI_H
#define TOOLS_MODULE_ENGINE_ABI_H

#include "tools/module/api.h"

/* The newest and the oldest version of EngineMethods that this module can be. */
enum { ENGINE_ABI_NEWEST = 4, ENGINE_ABI_OLDEST = 3 };

typedef enum { ENGINE_EVAL, ENGINE_FUNCTION, ENGINE_ALL } EngineKind;
typedef enum { ENGINE_EXECUTING, ENGINE_KILLED } EngineState;

/* Of the flags of a function; the first four are FSB_SCRIPT_ bits. */
enum { ENGINE_ALLOW_CROSS_SLOT = 1 << 5 };

/* One function of a library, or the only one of a script.  The server frees none of it:
 * it calls free_function. */
typedef struct {
  uint64_t version; /* 1 */
  RedisString *name; /* NULL: a script */
  void *function;    /* ours */
  RedisString *description; /* may be NULL */
  uint64_t flags;
} EngineFunction;

typedef struct {
  uint64_t version; /* 1 */
  size_t used, overhead; /* bytes */
} EngineMemory;

typedef struct {
  uint64_t version;
  /* Returns an array for the server to free, or NULL and a text. `timeout`: ms, 0: none. */
  EngineFunction **(*compile)(RedisCtx *ctx, void *engine, EngineKind kind, const char *code,
                              size_t size, size_t timeout, size_t *ret_count,
                              RedisString **ret_error);
  void (*free_function)(RedisCtx *ctx, void *engine, EngineKind kind, EngineFunction *function);
  void (*call)(RedisCtx *ctx, void *engine, void *run, EngineFunction *function, EngineKind kind,
               RedisString **keys, size_t key_count, RedisString **args, size_t arg_count);
  size_t (*function_memory)(RedisCtx *ctx, EngineFunction *function);
  /* Returns what shall be called later, off this thread; NULL: nothing. */
  void *(*reset)(RedisCtx *ctx, void *engine, EngineKind kind, int later);
  EngineMemory (*memory)(RedisCtx *ctx, void *engine, EngineKind kind);
  void *debugger[4];
} EngineMethods;

#endif
