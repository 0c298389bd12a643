/* SPDX-License-Identifier: BSD-2-Clause */
/* frame - one call in progress: a Lua function, a native, or a pending operation.
 *
 * Frames live in control memory, in one contiguous stack per coroutine, so that no
 * write inside the arena can redirect control.  Layer: vm/run.
 */
#ifndef VM_RUN_FRAME_H
#define VM_RUN_FRAME_H

#include "vm/compile/opcode.h"
#include "vm/objects/object.h"

typedef enum {
  FRAME_ENTRY,    /* bottom of a coroutine */
  FRAME_LUA,      /* a Lua function */
  FRAME_NATIVE    /* a framed native in progress */
} FrameKind;

/* How a native frame catches errors of what it called. */
enum { CATCH_NONE, CATCH_PCALL, CATCH_XPCALL, CATCH_LOAD };

/* What to do with the results when a frame returns. */
typedef enum {
  RETURN_CALL,    /* the caller is Lua and stands behind a CALL: its A and C say where and how many */
  RETURN_OPERATION, /* the caller is Lua inside a metamethod of the instruction before its pc */
  RETURN_TAIL,    /* a native called by the TAILCALL before the caller's pc */
  RETURN_NATIVE,  /* the caller is a framed native: `wanted` results to its slot `slot` */
  RETURN_HOOK,    /* debug.sethook's function, before the instruction at the caller's pc */
  RETURN_HANDLER, /* an xpcall's handler, on top of the frames that failed */
  RETURN_ENTRY    /* the body of a coroutine, or the main function */
} ReturnKind;

typedef struct Frame {
  const Word *pc;      /* FRAME_LUA: where to go on once a callee returns */
  Value *base;         /* register 0, or args[0] of a native */
  const Value *constants;
  const Closure *closure; /* the running function (a Native for FRAME_NATIVE) */
  uint8_t kind;        /* FrameKind */
  uint8_t returns;     /* ReturnKind */
  uint8_t boundary;    /* counts as a C call of the reference: yields cannot cross it */
  uint8_t catches;     /* CATCH_: errors of callees end here */
  uint16_t step;       /* FRAME_NATIVE: where to resume */
  int16_t wanted;      /* RETURN_NATIVE: results wanted, -1 all */
  uint32_t slot;       /* slot of the callee in the caller's base, for RETURN_NATIVE */
  uint32_t native;     /* FRAME_NATIVE: index into the native table */
  int32_t count;       /* FRAME_NATIVE: arguments; FRAME_LUA: varargs below base */
  int32_t returned;    /* FRAME_NATIVE: results of the last native_call */
  uint32_t tail_calls; /* FRAME_LUA: calls lost to tail calls, for tracebacks */
  uint32_t levels;     /* FRAME_NATIVE: C levels of the reference while it runs */
  uint64_t buffer;     /* buffer mark when the frame began */
  uint64_t state[3];   /* FRAME_NATIVE: its own; cleared at step 0 */
} Frame;

#endif
