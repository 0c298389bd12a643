/* SPDX-License-Identifier: BSD-2-Clause */
/* level - see level.h. */
#include "vm/full/level.h"

#include "vm/run/debug.h"
#include "vm/run/stack.h"

static const Frame *top_of(const VM *vm, uint32_t coroutine) {
  return coroutine == vm->run.current ? vm->run.frame : vm->run.coroutines[coroutine].frame;
}

static bool is_in_leaf(const VM *vm, uint32_t coroutine) {
  return coroutine == vm->run.current && vm->run.in_leaf;
}

static const Value *function_slot(const VM *vm, const Frame *frame) {
  return frame->kind == FRAME_LUA ? vm_stack_function_slot(vm, frame) : frame->base - 1;
}

static Level level_of_frame(VM *vm, uint32_t coroutine, const Frame *frame, const Value *args) {
  bool is_lua = frame->kind == FRAME_LUA;
  Level level = {.kind = is_lua ? LEVEL_LUA : LEVEL_NATIVE, .frame = frame, .base = frame->base};
  level.function = is_lua ? value_of_closure(frame->closure) : value_of_native((const Native *)frame->closure);
  if (frame < top_of(vm, coroutine)) level.end = function_slot(vm, frame + 1);
  else level.end = is_in_leaf(vm, coroutine) && args != NULL ? args - 1 : vm_stack_frame_end(vm, frame);
  return level;
}

/* The levels of a frame: itself, and the calls lost to its tail calls. */
static int64_t levels_of(const Frame *frame) {
  return frame->kind == FRAME_LUA ? 1 + (int64_t)frame->tail_calls : 1;
}

bool vm_level_find(VM *vm, uint32_t coroutine, int64_t level, Value *args, int count, Level *ret_level) {
  const Coroutine *co = &vm->run.coroutines[coroutine];
  *ret_level = (Level){.kind = LEVEL_TAIL, .function = VALUE_NIL};
  if (level < 0) return true;
  if (co->frames == NULL) return false;
  if (is_in_leaf(vm, coroutine) && level-- == 0) {
    *ret_level = (Level){LEVEL_LEAF, vm->run.frame, args[-1], args, args + count};
    return true;
  }
  for (const Frame *f = top_of(vm, coroutine); f > co->frames; f--) {
    if (level == 0) *ret_level = level_of_frame(vm, coroutine, f, args);
    if (level < levels_of(f)) return true;
    level -= levels_of(f);
  }
  ret_level->kind = LEVEL_BOTTOM;
  return coroutine == MAIN_COROUTINE && level == 0;
}

int64_t vm_level_count(VM *vm, uint32_t coroutine) {
  const Coroutine *co = &vm->run.coroutines[coroutine];
  if (co->frames == NULL) return 0;
  int64_t count = (is_in_leaf(vm, coroutine) ? 1 : 0) + (coroutine == MAIN_COROUTINE ? 1 : 0);
  for (const Frame *f = top_of(vm, coroutine); f > co->frames; f--) count += levels_of(f);
  return count;
}

const char *vm_level_name(VM *vm, const Level *level, const char **ret_name) {
  *ret_name = NULL;
  if (level->kind == LEVEL_LEAF) return vm_debug_function_name(vm, ret_name);
  if (level->kind == LEVEL_LUA || level->kind == LEVEL_NATIVE) return vm_debug_frame_name(vm, level->frame, ret_name);
  return NULL;
}
