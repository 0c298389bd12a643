/* SPDX-License-Identifier: BSD-2-Clause */
/* table - the table library, all but sort.
 *
 * Raw access throughout, element by element in the reference's order: where a key
 * is missing a store creates it, and what that does to the table's parts can be
 * seen by the script later.  The array part is moved at once where no store of the
 * move can create a key.  Layer: vm/lib.
 */
#include "vm/lib/option.h"
#include "vm/lib/builtins.h"
#include "vm/lib/meter.h"
#include "vm/values/number.h"

enum { MOVE_PIECE = 4096 }; /* elements moved between two looks at the budget */

static void store(VM *vm, Table *t, int64_t key, Value v) {
  vm_table_set_integer(vm, t, key, v);
}

int vm_table_getn(VM *vm, Value *args, int count) {
  Table *t = vm_native_check_table(vm, args, count, 1);
  return native_return(args, value_of_int(vm_table_length(vm, t)));
}

int vm_table_setn(VM *vm, Value *args, int count) {
  vm_native_check_table(vm, args, count, 1);
  vm_native_error(vm, "'setn' is obsolete");
}

/* --- maxn --- */

static double largest_key(VM *vm, const Table *t) {
  double largest = 0;
  uint32_t i = t->array_size;
  while (i > 0 && value_is_nil(table_array(t)[i - 1])) i--;
  if (i > 0) largest = i;
  uint32_t node_count = UINT32_C(1) << t->log_nodes;
  vm_charge(vm, COST_TABLE_STEP, t->array_size - i + node_count);
  for (uint32_t n = 0; n < node_count; n++) {
    const Node *node = &table_nodes(t)[n];
    if (value_is_nil(node->value) || !value_is_number(node->key)) continue;
    if (value_number(node->key) > largest) largest = value_number(node->key);
  }
  return largest;
}

int vm_table_maxn(VM *vm, Value *args, int count) {
  Table *t = vm_native_check_table(vm, args, count, 1);
  return native_return_number(args, largest_key(vm, t));
}

/* --- insert and remove --- */

/* t[i] = t[i - 1] for i from `last` down to first + 1. */
static void move_up(VM *vm, Table *t, int64_t first, int64_t last) {
  while (last > first) {
    int64_t piece = last - first < MOVE_PIECE ? last - first : MOVE_PIECE;
    vm_charge(vm, COST_TABLE_STEP, piece);
    if (last - piece >= 1 && last <= t->array_size) {
      Value *a = table_array(t) + (last - piece - 1);
      memmove(a + 1, a, (size_t)piece * sizeof *a);
      last -= piece;
      continue;
    }
    for (; piece > 0; piece--, last--) store(vm, t, last, vm_table_get_integer(t, last - 1));
  }
}

/* t[i] = t[i + 1] for i from `first` up to last - 1. */
static void move_down(VM *vm, Table *t, int64_t first, int64_t last) {
  while (first < last) {
    int64_t piece = last - first < MOVE_PIECE ? last - first : MOVE_PIECE;
    vm_charge(vm, COST_TABLE_STEP, piece);
    if (first >= 1 && first + piece <= t->array_size) {
      Value *a = table_array(t) + (first - 1);
      memmove(a, a + 1, (size_t)piece * sizeof *a);
      first += piece;
      continue;
    }
    for (; piece > 0; piece--, first++) store(vm, t, first, vm_table_get_integer(t, first + 1));
  }
}

static void insert_at(VM *vm, Table *t, int32_t end, int32_t position, Value v) {
  vm_native_check_writable(vm, t);
  if (position > end) end = position;
  if (end > position) {
    /* The first store may create its key; from then on the array part is settled. */
    store(vm, t, end, vm_table_get_integer(t, (int64_t)end - 1));
    move_up(vm, t, position, (int64_t)end - 1);
  }
  store(vm, t, position, v);
}

int vm_table_insert(VM *vm, Value *args, int count) {
  Table *t = vm_native_check_table(vm, args, count, 1);
  int32_t end = (int32_t)vm_table_length(vm, t) + 1;
  if (count == 2) {
    if (LIKELY((uint32_t)end <= t->array_size && !table_is_readonly(t))) {
      table_store(t, (uint32_t)end - 1, args[1]);
      return 0;
    }
    insert_at(vm, t, end, end, args[1]);
  } else if (count == 3) {
    insert_at(vm, t, end, arg_int(vm, args, count, 2), args[2]);
  } else {
    vm_native_error(vm, "wrong number of arguments to 'insert'");
  }
  return 0;
}

int vm_table_remove(VM *vm, Value *args, int count) {
  Table *t = vm_native_check_table(vm, args, count, 1);
  int32_t end = (int32_t)vm_table_length(vm, t);
  int32_t position = option_int(vm, args, count, 2, end);
  if (position < 1 || position > end) return 0;
  vm_native_check_writable(vm, t);
  args[1] = vm_table_get_integer(t, position); /* safe from a collection there */
  move_down(vm, t, position, end);
  store(vm, t, end, VALUE_NIL);
  return native_return(args, args[1]);
}

/* --- concat --- */

static void put_element(VM *vm, Meter *meter, const Table *t, int64_t index) {
  Value v = vm_table_get_integer(t, index);
  if (value_is_string(v)) {
    const String *s = value_string(v);
    meter_charge(meter, COST_STRING_BYTES, s->length);
    vm_buffer_put(vm, s->bytes, s->length);
  } else if (value_is_number(v)) {
    char text[NUMBER_TEXT_MAX];
    meter_charge(meter, COST_NUMBER_TEXT, 1);
    vm_buffer_put(vm, text, vm_number_write(value_number(v), text));
  } else {
    vm_native_error(vm, "invalid value (%s) at index %d in table for 'concat'",
                    vm_value_type_names[value_type(v)], (int)index);
  }
  meter_charge(meter, COST_TABLE_STEP, 1);
}

int vm_table_concat(VM *vm, Value *args, int count) {
  String *separator = NULL;
  if (!value_is_nil(native_arg(args, count, 2))) separator = vm_native_check_string(vm, args, count, 2);
  Table *t = vm_native_check_table(vm, args, count, 1);
  int64_t i = option_int(vm, args, count, 3, 1);
  int64_t last = value_is_nil(native_arg(args, count, 4)) ? (int32_t)vm_table_length(vm, t)
                                                          : arg_int(vm, args, count, 4);
  Meter meter = meter_start(vm);
  size_t mark = vm_buffer_open(vm);
  for (; i < last; i++) {
    put_element(vm, &meter, t, i);
    if (separator == NULL || separator->length == 0) continue;
    meter_charge(&meter, COST_STRING_BYTES, separator->length);
    vm_buffer_put(vm, separator->bytes, separator->length);
  }
  if (i == last) put_element(vm, &meter, t, i);
  meter_charge(&meter, COST_STRING_BYTES, vm_buffer_size(vm, mark));
  meter_finish(&meter);
  return native_return(args, value_of_string(vm_buffer_string(vm, mark)));
}

/* --- foreach and foreachi: slots are table, function, key, then the call --- */

enum { SLOT_FUNCTION = 1, SLOT_KEY, SLOT_CALL, STEP_CALLED = 1 };

static int call_with_pair(VM *vm, Frame *frame, Value key, Value v) {
  Value *slots = native_slots(frame);
  slots[SLOT_CALL] = slots[SLOT_FUNCTION];
  slots[SLOT_CALL + 1] = key;
  slots[SLOT_CALL + 2] = v;
  return vm_native_call(vm, frame, SLOT_CALL, 2, 1, STEP_CALLED);
}

int vm_table_foreach(VM *vm, Frame *frame) {
  Value *slots = native_slots(frame);
  if (frame->step == 0) {
    vm_native_check_table(vm, slots, frame->count, 1);
    vm_native_check_function(vm, slots, frame->count, 2);
    slots[SLOT_KEY] = VALUE_NIL;
  } else if (!value_is_nil(slots[SLOT_CALL])) {
    return native_return(slots, slots[SLOT_CALL]);
  }
  vm_charge(vm, COST_TABLE_STEP, 1);
  Value pair[2];
  if (!vm_table_next(vm, value_table(slots[0]), slots[SLOT_KEY], pair)) return 0;
  slots[SLOT_KEY] = pair[0];
  return call_with_pair(vm, frame, pair[0], pair[1]);
}

int vm_table_foreachi(VM *vm, Frame *frame) {
  Value *slots = native_slots(frame);
  if (frame->step == 0) {
    Table *t = vm_native_check_table(vm, slots, frame->count, 1);
    frame->state[0] = 0;
    frame->state[1] = vm_table_length(vm, t);
    vm_native_check_function(vm, slots, frame->count, 2);
  } else if (!value_is_nil(slots[SLOT_CALL])) {
    return native_return(slots, slots[SLOT_CALL]);
  }
  if (frame->state[0] >= frame->state[1]) return 0;
  int64_t i = (int64_t)++frame->state[0];
  vm_charge(vm, COST_TABLE_STEP, 1);
  return call_with_pair(vm, frame, value_of_int(i), vm_table_get_integer(value_table(slots[0]), i));
}
