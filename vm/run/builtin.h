/* SPDX-License-Identifier: BSD-2-Clause */
/* builtin - numbers and table of the library functions, made from builtins.def. */
#ifndef VM_RUN_BUILTIN_H
#define VM_RUN_BUILTIN_H

#include "vm/run/frame.h"

typedef struct VM VM;

typedef int (*LeafNative)(VM *vm, Value *args, int count);
typedef int (*FramedNative)(VM *vm, Frame *frame);

typedef enum {
#define BUILTIN(library, name, function, kind, profile, cost, why) BUILTIN_##library##_##name,
#include "vm/builtins.def"
#undef BUILTIN
  BUILTIN_COUNT_
} BuiltinId;

typedef struct {
  const char *library; /* "_G", "string", ...; "_internal" is registered nowhere */
  const char *name;
  LeafNative leaf;     /* one of the two is set */
  FramedNative framed;
  int64_t cost_bytes;  /* price of the call, in bytes of code (four a unit) */
  uint8_t full_only;   /* only in the full profile */
} Builtin;

extern const Builtin vm_builtins[BUILTIN_COUNT_]; /* vm/lib/registry.c */

#endif
