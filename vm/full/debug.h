/* SPDX-License-Identifier: BSD-2-Clause */
/* debug - what the functions of the debug library share. */
#ifndef VM_FULL_DEBUG_H
#define VM_FULL_DEBUG_H

#include "vm/full/level.h"
#include "vm/lib/native.h"

/* The arguments of a function that may name a coroutine first. */
typedef struct {
  Value *args;
  int count;
  int shift;          /* 1 when args[0] is a coroutine: further arguments stand one later */
  uint32_t coroutine; /* the record of the one named, or of the running one */
} DebugCall;

static inline DebugCall debug_call(const VM *vm, Value *args, int count) {
  bool named = count > 0 && value_is_thread(args[0]);
  return (DebugCall){args, count, named, named ? value_thread(args[0])->record : vm->run.current};
}

static inline Value debug_arg(const DebugCall *call, int number) {
  return native_arg(call->args, call->count, call->shift + number);
}

static inline bool debug_find(VM *vm, const DebugCall *call, int64_t level, Level *ret_level) {
  return vm_level_find(vm, call->coroutine, level, call->args, call->count, ret_level);
}

/* Where upvalue `number` (from 1) of a Lua function lives, and its name; NULL when there
 * is none. */
Value *vm_debug_upvalue(VM *vm, Value function, int64_t number, const char **ret_name);

#endif
