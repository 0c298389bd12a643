/* SPDX-License-Identifier: BSD-2-Clause */
/* base - the basic functions that need neither the compiler nor other frames.
 *
 * pcall, error, next, load and their kin are with the machinery they steer, in
 * vm/run and vm/lib.  Layer: vm/lib.
 */
#include "vm/lib/base.h"

#include "vm/lib/option.h"
#include "vm/lib/builtins.h"
#include "vm/memory/heap.h"
#include "vm/run/meta.h"
#include "vm/run/stack.h"

enum { GC_SETTING = 200 }; /* what setpause and setstepmul find first */

/* Gives `type` its answers, so that a call makes none. */
static void open_type(VM *vm, Table *globals) {
  Native *function = vm_native_closure(vm, BUILTIN__G_type, TYPE_COUNT_);
  for (int i = 0; i < TYPE_COUNT_; i++) {
    function->upvalues[i] = value_of_string(vm_string_from(vm, vm_value_type_names[i]));
  }
  *vm_table_slot_string(vm, globals, vm_string_from(vm, "type")) = value_of_native(function);
}

void vm_base_open(VM *vm, Table *globals) {
  vm->run.gc_pause = vm->run.gc_step_multiplier = GC_SETTING;
  open_type(vm, globals);
  Value version = value_of_string(vm_string_from(vm, "Lua 5.1"));
  *vm_table_slot_string(vm, globals, vm_string_from(vm, "_VERSION")) = version;
}

int vm_base_assert(VM *vm, Value *args, int count) {
  vm_native_check_any(vm, args, count, 1);
  if (value_is_false(args[0])) {
    String *message = vm_native_opt_string(vm, args, count, 2, NULL);
    vm_native_error(vm, "%s", message ? message->bytes : "assertion failed!");
  }
  vm_charge(vm, COST_STACK_SLOTS, count);
  memmove(args - 1, args, (size_t)count * sizeof *args);
  return count;
}

int vm_base_type(VM *vm, Value *args, int count) {
  vm_native_check_any(vm, args, count, 1);
  const Native *self = vm_native_self(vm, args);
  VM_ASSERT(self->upvalue_count == TYPE_COUNT_);
  return native_return(args, self->upvalues[value_type(args[0])]);
}

/* --- collectgarbage --- */

typedef enum {
  GC_STOP,
  GC_RESTART,
  GC_COLLECT,
  GC_COUNT,
  GC_STEP,
  GC_SET_PAUSE,
  GC_SET_STEP_MULTIPLIER
} GcOption;

static const char *const gc_options[] = {"stop", "restart", "collect", "count", "step", "setpause", "setstepmul", NULL};

static GcOption check_gc_option(VM *vm, Value *args, int count) {
  if (value_is_nil(native_arg(args, count, 1))) return GC_COLLECT;
  return (GcOption)vm_option_check(vm, args, count, 1, gc_options);
}

static double exchange(uint32_t *setting, int32_t value) {
  double old = (int32_t)*setting;
  *setting = (uint32_t)value;
  return old;
}

static double count_kilobytes(VM *vm) { return (double)vm_heap_used(vm) / 1024; }

/* A collection that the script asks for: what it sees is charged, and slots of finished
 * calls keep nothing alive. */
static void collect(VM *vm, Value *args, int count) {
  vm_stack_clear_above(vm, args + count);
  vm_gc_collect(vm);
  vm_charge(vm, COST_COLLECT, heap_of(vm)->state.scanned);
}

/* The reference does a part of the work in a step. Here steps are saved up until they would have
 * gone through the heap, and then it is collected: a loop of steps costs what it costs there.
 * True at the end of such a round. */
static bool step(VM *vm, Value *args, int count, int32_t kilobytes) {
  enum { STEP_WORK = 1024 }; /* bytes that a step looks at, and as many for each KiB asked for */
  vm->run.gc_saved += kilobytes < 0 ? UINT32_MAX : STEP_WORK * ((uint64_t)kilobytes + 1);
  if (vm->run.gc_saved < vm_heap_used(vm)) return false;
  vm->run.gc_saved = 0;
  collect(vm, args, count);
  return true;
}

int vm_base_collectgarbage(VM *vm, Value *args, int count) {
  GcOption option = check_gc_option(vm, args, count);
  int32_t value = option_int(vm, args, count, 2, 0);
  double result = 0;
  switch (option) {
    case GC_COLLECT:
      vm->run.gc_saved = 0;
      collect(vm, args, count);
      break;
    case GC_COUNT: result = count_kilobytes(vm); break;
    case GC_STEP: return native_return(args, value_of_bool(step(vm, args, count, value)));
    case GC_SET_PAUSE: result = exchange(&vm->run.gc_pause, value); break;
    case GC_SET_STEP_MULTIPLIER: result = exchange(&vm->run.gc_step_multiplier, value); break;
    case GC_STOP: /* memory has a hard limit: there is nothing to stop or restart */
    case GC_RESTART: break;
  }
  return native_return_number(args, result);
}

int vm_base_gcinfo(VM *vm, Value *args, int count) {
  (void)count;
  return native_return_number(args, (double)(int64_t)count_kilobytes(vm));
}

/* --- Metatables and raw access --- */

int vm_base_getmetatable(VM *vm, Value *args, int count) {
  vm_native_check_any(vm, args, count, 1);
  const Table *metatable = vm_meta_table(vm, args[0]);
  if (metatable == NULL) return native_return(args, VALUE_NIL);
  Value shown = vm_native_metafield(vm, args[0], "__metatable");
  return native_return(args, value_is_nil(shown) ? value_of_table(metatable) : shown);
}

int vm_base_setmetatable(VM *vm, Value *args, int count) {
  Table *t = vm_native_check_table(vm, args, count, 1);
  Value metatable = native_arg(args, count, 2);
  if (count < 2 || (!value_is_nil(metatable) && !value_is_table(metatable))) {
    vm_native_arg_error(vm, 2, "nil or table expected");
  }
  if (!value_is_nil(vm_native_metafield(vm, args[0], "__metatable"))) {
    vm_native_error(vm, "cannot change a protected metatable");
  }
  vm_native_check_writable(vm, t);
  table_set_metatable(t, value_is_nil(metatable) ? NULL : value_table(metatable));
  return native_return(args, args[0]);
}

int vm_base_rawequal(VM *vm, Value *args, int count) {
  vm_native_check_any(vm, args, count, 1);
  vm_native_check_any(vm, args, count, 2);
  return native_return(args, value_of_bool(value_equal(args[0], args[1])));
}

int vm_base_rawget(VM *vm, Value *args, int count) {
  Table *t = vm_native_check_table(vm, args, count, 1);
  vm_native_check_any(vm, args, count, 2);
  return native_return(args, vm_table_get(t, args[1]));
}

int vm_base_rawset(VM *vm, Value *args, int count) {
  Table *t = vm_native_check_table(vm, args, count, 1);
  vm_native_check_any(vm, args, count, 2);
  vm_native_check_any(vm, args, count, 3);
  vm_native_check_writable(vm, t);
  vm_table_set(vm, t, args[1], args[2]);
  return native_return(args, args[0]);
}

/* --- Argument lists --- */

int vm_base_select(VM *vm, Value *args, int count) {
  if (count > 0 && value_is_string(args[0]) && value_string(args[0])->bytes[0] == '#') {
    return native_return_number(args, count - 1);
  }
  int32_t i = arg_int(vm, args, count, 1);
  if (i < 0) i += count;
  else if (i > count) i = count;
  if (i < 1) vm_native_arg_error(vm, 1, "index out of range");
  int results = count - i;
  vm_charge(vm, COST_STACK_SLOTS, results);
  const Value *from = args + i, *end = args + count;
  for (Value *to = args - 1; from < end;) *to++ = *from++;
  return results;
}

int vm_base_unpack(VM *vm, Value *args, int count) {
  Table *t = vm_native_check_table(vm, args, count, 1);
  int64_t first = option_int(vm, args, count, 2, 1);
  int64_t last = value_is_nil(native_arg(args, count, 3)) ? (int32_t)vm_table_length(vm, t)
                                                          : arg_int(vm, args, count, 3);
  if (first > last) return 0;
  int64_t results = last - first + 1;
  if (count + results > LIMIT_C_STACK) vm_native_error(vm, "too many results to unpack");
  vm_charge(vm, COST_STACK_SLOTS, results);
  if (results > NATIVE_SLOTS) args = vm_native_need_slots(vm, args, count, (int)results);
  if (first >= 1 && last <= t->array_size) {
    memcpy(args - 1, table_array(t) + (first - 1), (size_t)results * sizeof *args);
    return (int)results;
  }
  for (int64_t i = 0; i < results; i++) args[i - 1] = vm_table_get_integer(t, first + i);
  return (int)results;
}

/* --- Conversions --- */

static int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'z') return c - 'a' + 10;
  if (c >= 'A' && c <= 'Z') return c - 'A' + 10;
  return 99;
}

static bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

/* C's strtoul on `text`, then white space to the end; false where tonumber gives nil. */
static bool read_in_base(const char *text, uint32_t base, double *ret_number) {
  while (is_space(*text)) text++;
  bool negative = *text == '-';
  if (*text == '-' || *text == '+') text++;
  if (base == 16 && text[0] == '0' && (text[1] | 0x20) == 'x' && digit_of(text[2]) < 16) text += 2;
  const char *digits = text;
  uint64_t n = 0;
  bool overflow = false;
  for (; digit_of(*text) < (int)base; text++) {
    overflow |= __builtin_mul_overflow(n, (uint64_t)base, &n);
    overflow |= __builtin_add_overflow(n, (uint64_t)digit_of(*text), &n);
  }
  if (text == digits) return false;
  while (is_space(*text)) text++;
  if (*text != '\0') return false;
  *ret_number = (double)(overflow ? UINT64_MAX : negative ? -n : n);
  return true;
}

int vm_base_tonumber(VM *vm, Value *args, int count) {
  int32_t base = option_int(vm, args, count, 2, 10);
  double n;
  bool found;
  if (base == 10) {
    vm_native_check_any(vm, args, count, 1);
    if (value_is_string(args[0])) vm_charge(vm, COST_NUMBER_TEXT, 1 + value_string(args[0])->length / 64);
    found = vm_native_to_number(args[0], &n);
  } else {
    String *text = vm_native_check_string(vm, args, count, 1);
    if (base < 2 || base > 36) vm_native_arg_error(vm, 2, "base out of range");
    vm_charge(vm, COST_NUMBER_TEXT, 1 + text->length / 64);
    found = read_in_base(text->bytes, (uint32_t)base, &n);
  }
  return native_return(args, found ? value_of_number(n) : VALUE_NIL);
}

int vm_base_tostring(VM *vm, Frame *frame) {
  Value *slots = native_slots(frame);
  if (frame->step == 1) return native_return(slots, slots[1]);
  vm_native_check_any(vm, slots, frame->count, 1);
  bool has_events = vm_meta_table(vm, slots[0]) != NULL;
  Value event = has_events ? vm_native_metafield(vm, slots[0], "__tostring") : VALUE_NIL;
  if (value_is_nil(event)) return native_return(slots, value_of_string(vm_native_to_text(vm, slots[0])));
  slots[1] = event;
  slots[2] = slots[0];
  return vm_native_call(vm, frame, 1, 1, 1, 1);
}
