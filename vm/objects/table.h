/* SPDX-License-Identifier: BSD-2-Clause */
/* table - Lua tables, PUC 5.1's algorithm move for move.
 *
 * An array part for keys 1..n and a chained scatter table with Brent's variation
 * for the rest: sizes, main positions, free pointer and rehash order are the
 * reference's, so that iteration order, `#` and next agree with Redis.  All access
 * here is raw.  Layer: vm/objects.
 */
#ifndef VM_OBJECTS_TABLE_H
#define VM_OBJECTS_TABLE_H

#include "vm/objects/object.h"

typedef struct VM VM;

Table *vm_table_new(VM *vm, uint32_t array_size, uint32_t node_count) MAY_RAISE(memory);

/* The value at a key, nil when absent. */
Value vm_table_get(const Table *t, Value key);
Value vm_table_get_integer(const Table *t, int64_t key);
Value vm_table_get_string(const Table *t, String *key);

/* The slot to store a value into; creates the key.  `key` is neither nil nor NaN
 * (vm_table_set checks and raises "table index is nil", "table index is NaN").
 * The slot is valid until the next collection point. */
Value *vm_table_slot(VM *vm, Table *t, Value key) MAY_RAISE(memory);
Value *vm_table_slot_integer(VM *vm, Table *t, int64_t key) MAY_RAISE(memory);
Value *vm_table_slot_string(VM *vm, Table *t, String *key) MAY_RAISE(memory);
/* The slot of a key that is not there yet. */
Value *vm_table_add_string(VM *vm, Table *t, String *key) MAY_RAISE(memory);
/* Stores; the table and the value must be reachable. */
void vm_table_set(VM *vm, Table *t, Value key, Value value) MAY_RAISE(script);
void vm_table_set_integer(VM *vm, Table *t, int64_t key, Value value) MAY_RAISE(memory);

/* A border, as the `#` operator gives it.  Where the array's last slot is empty nothing is charged. */
uint32_t vm_table_length(VM *vm, Table *t) MAY_RAISE(script);

/* Empty slots that one step of a traversal passes over without a charge. */
#define TABLE_NEAR 64

/* The pair after `key` (nil: the first) goes to pair[0..1]; false at the end.
 * Raises "invalid key to 'next'".  Many empty slots are charged. */
bool vm_table_next(VM *vm, const Table *t, Value key, Value pair[2]) MAY_RAISE(script);

/* The same from a position, free: 0 first, then what the last call left. */
bool vm_table_next_at(const Table *t, uint32_t *position, Value pair[2]);

/* The node of a string key, or NULL; its value may be nil. */
Node *vm_table_find_string(const Table *t, String *key);

/* Finds out whether the array part is dense. */
void vm_table_note_density(Table *t);

/* Grows or shrinks the array part, as table constructors do. */
void vm_table_resize_array(VM *vm, Table *t, uint32_t array_size) MAY_RAISE(memory);

/* Raises `text` as a run-time error, with the position of the running Lua function
 * (vm/run/error.c). */
__attribute__((noreturn)) void vm_error_text(VM *vm, const char *text) MAY_RAISE(script);

static inline Table *table_metatable(const Table *t) {
  if (t->metatable == 0) return NULL;
  Table *m = (Table *)(uintptr_t)t->metatable;
#if FERROUS_HANDLE_CHECKS
  if (UNLIKELY(m->header.generation != t->metatable_generation)) value_trap_stale();
#endif
  return m;
}

static inline void table_set_metatable(Table *t, const Table *metatable) {
  t->metatable = (uint32_t)(uintptr_t)metatable;
  t->metatable_generation = metatable ? metatable->header.generation : 0;
}

/* --- TABLE_DENSE: whoever stores into an array part looks first --- */

/* The next store to `place` of the array may be of any value. */
static inline __attribute__((always_inline)) void table_before_store(Table *t, uint32_t place) {
  const Value *array = table_array(t);
  bool stays = array[place] == VALUE_NIL ? place == 0 || array[place - 1] != VALUE_NIL
                                         : place + 1 == t->array_size || array[place + 1] == VALUE_NIL;
  if (!stays) t->header.flags &= (uint8_t)~TABLE_DENSE;
}

/* The same when the value is known. */
static inline void table_store(Table *t, uint32_t place, Value value) {
  Value *slot = &table_array(t)[place];
  if (UNLIKELY(*slot == VALUE_NIL || value == VALUE_NIL)) table_before_store(t, place);
  *slot = value;
}

/* The border of a dense array part when it is next to the last one that was found, or
 * BORDER_UNKNOWN.  (A result, not a pointer to one: handlers have no locals with an address.) */
#define BORDER_UNKNOWN UINT32_MAX
static inline __attribute__((always_inline)) uint32_t table_near_border(Table *t) {
  const Value *array = table_array(t);
  uint32_t size = t->array_size, guess = t->index_hint / (uint32_t)sizeof(Node);
  if (UNLIKELY(guess > size)) return BORDER_UNKNOWN;
  if (guess < size && array[guess] != VALUE_NIL) guess++;
  else if (guess > 0 && array[guess - 1] == VALUE_NIL) guess--;
  if (UNLIKELY((guess < size && array[guess] != VALUE_NIL) || (guess > 0 && array[guess - 1] == VALUE_NIL))) {
    return BORDER_UNKNOWN;
  }
  t->index_hint = guess * (uint32_t)sizeof(Node);
  return guess;
}

#endif
