/* SPDX-License-Identifier: BSD-2-Clause */
/* config - the limits and sizes of this build, on one page. */
#ifndef VM_CONFIG_H
#define VM_CONFIG_H

#include <stdint.h>

#ifndef FERROUS_STRESS
#define FERROUS_STRESS 0 /* collect at every collection point, move stacks, smallest sizes */
#endif
#ifndef FERROUS_HANDLE_CHECKS
#define FERROUS_HANDLE_CHECKS 1 /* validate the generation of every handle followed */
#endif

#ifndef FERROUS_CORRUPT
#define FERROUS_CORRUPT 0 /* tests/corruption: a test is called at charges and reserves, to write anywhere in the arena */
#endif
#if FERROUS_CORRUPT
void vm_corrupt_point(void *vm);
#else
#define vm_corrupt_point(vm) ((void)0)
#endif

/* A bug stops the process at once; the worker's death is cheap.  On in every build. */
#define VM_ASSERT(condition)                            \
  do {                                                  \
    if (__builtin_expect(!(condition), 0)) __builtin_trap(); \
  } while (0)

/* Longer chains do not exist.  One that a write into the arena has closed to a ring ends
 * the process here, for walking it is not charged. */
#define CHAIN_MAX ((uint32_t)1 << 26)

#define LIKELY(x) __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)

/* A function that is hardly ever called: it keeps all registers, so that who calls it need not. */
#ifdef __clang__
#define RARELY __attribute__((noinline, cold, preserve_most))
#else
#define RARELY __attribute__((noinline, cold))
#endif

/* Notes for readers and scripts: what a function may raise. */
#define MAY_RAISE(what)

enum { NODE_BYTES = 24 }; /* a hash node: what the offsets in caches are multiples of */

/* --- The language's limits, the reference's values --- */
enum {
  LIMIT_LOCALS = 200,       /* local variables of a function */
  LIMIT_UPVALUES = 60,      /* upvalues of a function */
  LIMIT_REGISTERS = 250,    /* registers of a frame */
  LIMIT_C_LEVELS = 200,     /* nested C levels, syntax levels too */
  LIMIT_LUA_CALLS = 16381,  /* nested Lua calls of one coroutine under pcall, as on a fresh server */
  LIMIT_C_STACK = 8000,     /* slots that natives may use: unpack, string.byte */
  LIMIT_META_LOOP = 100,    /* length of an __index or __newindex chain */
  LIMIT_CHUNK_ID = 60,      /* characters of a chunk name in messages, NUL included */
  LIMIT_CAPTURES = 32       /* captures of a pattern */
};

#endif
