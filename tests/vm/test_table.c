/* SPDX-License-Identifier: BSD-2-Clause */
/* Tables from C: sizes, slots, borders and traversal, as the reference has them.  What
 * scripts see of them is compared with Redis by lua.table_order. */
#include "tests/check_main.h"
#include "tests/vm/machine.h"

#include "vm/memory/heap.h"
#include "vm/objects/string.h"
#include "vm/objects/table.h"
#include "vm/run/error.h"
#include "vm/run/state.h"

static Machine *machine;
static VM *vm;
static void (*body)(VM *vm);

/* Allocation may raise, so a test's work runs where a raise has somewhere to land. */
static ExitReason in_a_run(void (*work)(VM *vm)) {
  VmRequest request = {.instructions = MACHINE_UNLIMITED, .memory = 2 << 20, .resp = 2};
  vm_begin(vm, &request);
  body = work;
  vm->run.remaining = INT64_MAX / 4;
  vm_error_protect(vm, body);
  ExitReason exit = vm->run.exit;
  vm_rollback(vm);
  return exit;
}

static void open_machine(void) {
  machine = machine_open(VM_PROFILE_FULL, (size_t)2 << 20);
  vm = machine->vm;
}
static void close_machine(void) { machine_close(machine); }

/* Keeps a table reachable across collection points. */
static Table *keep(Table *t) {
  vm->run.result = value_of_table(t);
  return t;
}

static void work_sizes(VM *v) {
  Table *t = keep(vm_table_new(v, 0, 0));
  ck_assert_uint_eq(t->array_size, 0);
  ck_assert_uint_eq(t->max_offset, 0);
  t = keep(vm_table_new(v, 5, 3));
  ck_assert_uint_eq(t->array_size, 5);
  ck_assert_uint_eq(t->log_nodes, 2);
  ck_assert_uint_eq(t->max_offset, 3 * sizeof(Node));
}

START_TEST(a_new_table_has_the_sizes_asked_for) { in_a_run(work_sizes); }
END_TEST

static void work_append(VM *v) {
  Table *t = keep(vm_table_new(v, 0, 0));
  for (int64_t i = 1; i <= 1000; i++) {
    vm_table_set_integer(v, t, i, value_of_int(i * i));
    ck_assert_uint_eq(vm_table_length(v, t), (uint32_t)i);
  }
  ck_assert_uint_eq(t->array_size, 1024); /* more than half of 1..1024 in use since the 513th */
  for (int64_t i = 1; i <= 1000; i++) ck_assert(vm_table_get_integer(t, i) == value_of_int(i * i));
  ck_assert(vm_table_get_integer(t, 1001) == VALUE_NIL);
}

START_TEST(appending_moves_keys_to_the_array_part) { in_a_run(work_append); }
END_TEST

static void work_keys(VM *v) {
  Table *t = keep(vm_table_new(v, 0, 0));
  vm_table_set(v, t, value_of_number(0.5), VALUE_TRUE);
  vm_table_set(v, t, value_of_number(-0.0), value_of_int(1));
  vm_table_set(v, t, VALUE_FALSE, value_of_int(2));
  vm_table_set(v, t, VALUE_TRUE, value_of_int(3));
  vm_table_set(v, t, value_of_number(0x1p53), value_of_int(4));
  vm_table_set(v, t, value_of_table(t), value_of_int(5));
  ck_assert(vm_table_get(t, value_of_number(0.5)) == VALUE_TRUE);
  ck_assert(vm_table_get(t, value_of_int(0)) == value_of_int(1)); /* zero has one key */
  ck_assert(vm_table_get(t, VALUE_FALSE) == value_of_int(2));
  ck_assert(vm_table_get(t, VALUE_TRUE) == value_of_int(3));
  ck_assert(vm_table_get(t, value_of_number(0x1p53)) == value_of_int(4));
  ck_assert(vm_table_get(t, value_of_table(t)) == value_of_int(5));
  ck_assert(vm_table_get(t, VALUE_NIL) == VALUE_NIL);
  ck_assert(vm_table_get(t, value_of_number(__builtin_nan(""))) == VALUE_NIL);
}

START_TEST(every_kind_of_key_is_found_again) { in_a_run(work_keys); }
END_TEST

static void work_next(VM *v) {
  Table *t = keep(vm_table_new(v, 4, 0));
  for (int64_t i = 1; i <= 4; i++) vm_table_set_integer(v, t, i, value_of_int(i));
  for (int i = 0; i < 60; i++) {
    char name[8];
    snprintf(name, sizeof name, "k%d", i);
    String *key = vm_string_from(v, name);
    *vm_table_slot_string(v, t, key) = value_of_int(i);
  }
  Value pair[2] = {VALUE_NIL, VALUE_NIL};
  uint32_t position = 0, seen = 0;
  Value key = VALUE_NIL;
  while (vm_table_next(v, t, key, pair)) {
    Value by_position[2];
    ck_assert(vm_table_next_at(t, &position, by_position));
    ck_assert(by_position[0] == pair[0] && by_position[1] == pair[1]);
    key = pair[0];
    seen++;
    vm_table_set(v, t, key, VALUE_NIL); /* deleting while traversing is allowed */
  }
  ck_assert_uint_eq(seen, 64);
  ck_assert(!vm_table_next(v, t, VALUE_NIL, pair));
}

START_TEST(traversal_visits_each_key_once_and_survives_deletion) { in_a_run(work_next); }
END_TEST

/* A string that the next allocation cannot collect. */
static const String *held(VM *v, const char *bytes, size_t size) {
  String *s = vm_string_new(v, bytes, size);
  v->run.result = value_of_string(s);
  return s;
}

static void work_order_hash(VM *v) {
  String *s = vm_string_from(v, "a");
  ck_assert_uint_eq(string_order_hash(s), vm_string_order_hash(ORDER_REDIS, "a", 1));
  const String *once = held(v, "interned once", 13);
  ck_assert_ptr_eq(once, vm_string_new(v, "interned once", 13));
  const String *low = held(v, "a\0a", 3);
  ck_assert_int_lt(vm_string_compare(low, vm_string_new(v, "a\0b", 3)), 0);
  low = held(v, "a", 1);
  ck_assert_int_lt(vm_string_compare(low, vm_string_new(v, "a\0", 2)), 0);
}

START_TEST(strings_are_interned_and_compare_by_bytes) { in_a_run(work_order_hash); }
END_TEST

static void work_reuse(VM *v) {
  uint64_t before = vm_heap_used(v);
  for (int round = 0; round < 200; round++) {
    Table *t = keep(vm_table_new(v, 0, 0));
    for (int64_t i = 1; i <= 200; i++) vm_table_set_integer(v, t, i, VALUE_TRUE);
  }
  vm->run.result = VALUE_NIL;
  vm_gc_collect(v);
  ck_assert_uint_le(vm_heap_used(v), before + 4096);
  ck_assert_uint_gt(vm->heap.state.collections, 0);
}

START_TEST(dead_tables_give_their_memory_back) { in_a_run(work_reuse); }
END_TEST

static void work_large(VM *v) {
  Table *t = keep(vm_table_new(v, 20000, 0));
  uint64_t with = vm_heap_used(v);
  vm->run.result = VALUE_NIL;
  vm_gc_collect(v);
  ck_assert_uint_ge(with - vm_heap_used(v), 20000 * sizeof(Value));
  t = keep(vm_table_new(v, 20000, 0)); /* the same blocks serve again */
  ck_assert_uint_eq(t->array_size, 20000);
}

START_TEST(large_parts_are_freed_in_whole_blocks) { in_a_run(work_large); }
END_TEST

static void work_overflow(VM *v) { vm_table_resize_array(v, keep(vm_table_new(v, 0, 0)), UINT32_MAX); }
static void work_too_large(VM *v) { vm_table_resize_array(v, keep(vm_table_new(v, 0, 0)), 1 << 20); }

START_TEST(sizes_that_no_table_can_have_are_refused) {
  ck_assert_int_eq(in_a_run(work_overflow), EXIT_ERROR); /* "table overflow" */
  ck_assert_int_eq(in_a_run(work_too_large), EXIT_LIMIT);
}
END_TEST

static Suite *make_suite(void) {
  Suite *suite = suite_create("table");
  TCase *tests = tcase_create("all");
  tcase_add_checked_fixture(tests, open_machine, close_machine);
  tcase_set_timeout(tests, 60);
  tcase_add_test(tests, a_new_table_has_the_sizes_asked_for);
  tcase_add_test(tests, appending_moves_keys_to_the_array_part);
  tcase_add_test(tests, every_kind_of_key_is_found_again);
  tcase_add_test(tests, traversal_visits_each_key_once_and_survives_deletion);
  tcase_add_test(tests, strings_are_interned_and_compare_by_bytes);
  tcase_add_test(tests, dead_tables_give_their_memory_back);
  tcase_add_test(tests, large_parts_are_freed_in_whole_blocks);
  tcase_add_test(tests, sizes_that_no_table_can_have_are_refused);
  suite_add_tcase(suite, tests);
  return suite;
}

CHECK_MAIN(make_suite)
