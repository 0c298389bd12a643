/* SPDX-License-Identifier: BSD-2-Clause */
/* debug_trace - debug.traceback. */
#include "vm/compile/chunk_id.h"
#include "vm/full/debug.h"
#include "vm/lib/builtins.h"
#include "vm/run/debug.h"

enum { LEVELS_FIRST = 12, LEVELS_LAST = 10 }; /* shown when there are more */

static void put(VM *vm, const char *text) { vm_buffer_put(vm, text, strlen(text)); }

static void put_number(VM *vm, int64_t n) {
  char text[24];
  size_t at = sizeof text;
  do text[--at] = (char)('0' + n % 10);
  while ((n /= 10) > 0);
  vm_buffer_put(vm, text + at, sizeof text - at);
}

static void put_lua_place(VM *vm, const Level *level, const char *name) {
  char id[LIMIT_CHUNK_ID];
  size_t size = vm_debug_chunk_id(vm, level->frame, id);
  vm_buffer_put(vm, id, size);
  put(vm, ":");
  int64_t line = vm_debug_line(vm, level->frame);
  if (line > 0) {
    put_number(vm, line);
    put(vm, ":");
  }
  if (name != NULL) return;
  uint32_t defined = vm->run.functions[level->frame->closure->function].proto->line_defined;
  if (defined == 0) {
    put(vm, " in main chunk");
    return;
  }
  put(vm, " in function <");
  vm_buffer_put(vm, id, size);
  put(vm, ":");
  put_number(vm, defined);
  put(vm, ">");
}

static void put_level(VM *vm, const Level *level) {
  const char *name;
  if (vm_level_name(vm, level, &name) == NULL) name = NULL;
  put(vm, "\n\t");
  if (level->kind == LEVEL_LUA) put_lua_place(vm, level, name);
  else put(vm, level->kind == LEVEL_TAIL ? "(tail call):" : "[C]:");
  if (name == NULL) {
    if (level->kind != LEVEL_LUA) put(vm, " ?");
    return;
  }
  put(vm, " in function '");
  put(vm, name);
  put(vm, "'");
}

static void put_levels(VM *vm, const DebugCall *call, int64_t first) {
  int64_t total = vm_level_count(vm, call->coroutine);
  Level level;
  for (int64_t i = first; debug_find(vm, call, i, &level); i++) {
    vm_charge(vm, COST_STACK_SLOTS, total);
    /* The reference counts from level 0, wherever it starts. */
    if (i == LEVELS_FIRST && i + LEVELS_LAST + 1 < total) {
      put(vm, "\n\t...");
      i = total - LEVELS_LAST - 1;
      continue;
    }
    put_level(vm, &level);
  }
}

/* The message: all arguments up to `end`, as the reference joins what is on its stack. */
static void put_message(VM *vm, Value *args, int first, int end) {
  for (int i = first; i < end; i++) {
    if (!value_is_string(args[i]) && !value_is_number(args[i])) vm_debug_type_error(vm, -1, args[i], "concatenate");
    const String *text = vm_native_check_string(vm, args, end, i + 1);
    vm_buffer_put(vm, text->bytes, text->length);
  }
  put(vm, "\n");
}

int vm_debug_traceback(VM *vm, Value *args, int count) {
  DebugCall call = debug_call(vm, args, count);
  double level = call.coroutine == vm->run.current ? 1 : 0;
  double asked;
  if (vm_native_to_number(debug_arg(&call, 2), &asked)) {
    level = value_truncate(asked);
    count--; /* the last argument is taken for the level */
  }
  Value message = debug_arg(&call, 1);
  bool given = count > call.shift;
  if (given && !value_is_string(message) && !value_is_number(message)) return native_return(args, args[count - 1]);
  size_t mark = vm_buffer_open(vm);
  if (given) put_message(vm, args, call.shift, count);
  put(vm, "stack traceback:");
  put_levels(vm, &call, (int64_t)level);
  return native_return(args, value_of_string(vm_buffer_string(vm, mark)));
}
