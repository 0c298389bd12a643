/* SPDX-License-Identifier: BSD-2-Clause */
/* The collector: what stays, what goes, weak tables, and marking without room to mark. */
#include "tests/check_main.h"
#include "tests/vm/inside.h"

static Table *keep(Table *t) {
  vm->run.result = value_of_table(t);
  return t;
}

static uint64_t used_after_collecting(void) {
  vm_gc_collect(vm);
  return vm_heap_used(vm);
}

/* --- Reachability --- */

static void work_roots(VM *v) {
  uint64_t before = used_after_collecting();
  Table *inner = keep(vm_table_new(v, 0, 0));
  Table *outer = vm_table_new(v, 0, 2);
  v->run.main_function = value_of_table(outer);
  vm_table_set(v, outer, value_of_table(inner), inside_hold_string("only reachable as a value"));
  v->run.result = v->run.error = VALUE_NIL;
  vm_gc_collect(v);
  ck_assert(value_is_string(vm_table_get(outer, value_of_table(inner))));
  v->run.main_function = VALUE_NIL;
  ck_assert_uint_eq(used_after_collecting(), before);
}

START_TEST(what_no_root_reaches_goes_and_only_that) { ck_assert_int_eq(inside_do(work_roots), EXIT_NONE); }
END_TEST

/* A list longer, and a table wider, than the mark stack. */
static void work_overflow(VM *v) {
  enum { LENGTH = MACHINE_SCALED(50000) };
  Table *wide = keep(vm_table_new(v, 0, 0));
  for (int i = 1; i <= LENGTH; i++) vm_table_set_integer(v, wide, i, inside_hold_table(0, 0));
  for (int i = 1; i < LENGTH; i++) {
    Table *t = value_table(vm_table_get_integer(wide, i));
    vm_table_set_integer(v, t, 1, vm_table_get_integer(wide, i + 1));
  }
  vm_gc_collect(v);
  ck_assert_uint_eq(vm_table_length(v, wide), LENGTH);
  Table *t = keep(value_table(vm_table_get_integer(wide, 1)));
  vm_gc_collect(v);
  for (int i = 1; i < LENGTH; i++) t = value_table(vm_table_get_integer(t, 1));
  ck_assert(vm_table_get_integer(t, 1) == VALUE_NIL);
}

START_TEST(a_full_mark_stack_loses_nothing) { ck_assert_int_eq(inside_do(work_overflow), EXIT_NONE); }
END_TEST

static void work_strings(VM *v) {
  uint32_t count = v->heap.state.intern_count;
  char text[32];
  for (int i = 0; i < 20000; i++) vm_string_new(v, text, (size_t)snprintf(text, sizeof text, "string %d", i));
  vm_gc_collect(v);
  ck_assert_uint_le(v->heap.state.intern_count, count);
  String *s = vm_string_from(v, "kept string");
  v->run.result = value_of_string(s);
  vm_gc_collect(v);
  ck_assert_ptr_eq(vm_string_from(v, "kept string"), s); /* still the only one with these bytes */
}

START_TEST(dead_strings_leave_the_intern_chains) { ck_assert_int_eq(inside_do(work_strings), EXIT_NONE); }
END_TEST

/* --- Weak tables --- */

static uint32_t entries(const Table *t) {
  uint32_t count = 0;
  for (uint32_t i = 0; i < (uint32_t)1 << t->log_nodes; i++) count += table_nodes(t)[i].value != VALUE_NIL;
  for (uint32_t i = 0; i < t->array_size; i++) count += table_array(t)[i] != VALUE_NIL;
  return count;
}

static void fill_weak(const char *mode) {
  Table *t = keep(vm_table_new(vm, 4, 8));
  Table *meta = value_table(inside_hold_table(0, 0));
  table_set_metatable(t, meta);
  vm_table_set(vm, meta, vm->run.event_names[EVENT_MODE], inside_hold_string(mode));
  Value objects = inside_hold_table(3, 0); /* keeps them until all is filled */
  for (int i = 1; i <= 3; i++) {
    const Table *object = vm_table_new(vm, 0, 0);
    table_array(value_table(objects))[i - 1] = value_of_table(object);
  }
  vm_table_set(vm, t, vm_table_get_integer(value_table(objects), 1), VALUE_TRUE);
  vm_table_set_integer(vm, t, 1, vm_table_get_integer(value_table(objects), 2));
  vm->run.main_function = value_of_string(vm_string_from(vm, "name"));
  vm_table_set(vm, t, vm->run.main_function, vm_table_get_integer(value_table(objects), 3));
  vm->run.main_function = value_of_string(vm_string_from(vm, "text"));
  vm_table_set(vm, t, vm->run.main_function, vm->run.main_function);
  vm_table_set(vm, t, value_of_int(77), value_of_int(78));
}

static void work_weak(VM *v) {
  static const struct {
    const char *mode;
    uint32_t left;
  } rows[] = {{"", 5}, {"k", 4}, {"v", 3}, {"kv", 2}, {"x", 5}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    fill_weak(rows[i].mode);
    ck_assert_uint_eq(entries(value_table(v->run.result)), 5);
    v->run.error = v->run.main_function = VALUE_NIL;
    vm_gc_collect(v);
    ck_assert_msg(entries(value_table(v->run.result)) == rows[i].left, "mode %s leaves %u", rows[i].mode,
                  entries(value_table(v->run.result)));
    ck_assert_ptr_null(vm_check_heap(v));
  }
}

START_TEST(weak_entries_vanish_and_strings_and_numbers_stay) { ck_assert_int_eq(inside_do(work_weak), EXIT_NONE); }
END_TEST

/* --- When it runs --- */

static void work_idle(VM *v) {
  Table *t = keep(vm_table_new(v, 0, 0));
  for (int64_t i = 1;; i++) vm_table_set_integer(v, t, i, inside_hold_table(8, 0));
}

START_TEST(a_heap_full_of_living_objects_ends_the_run) {
  inside_begin(1 << 20);
  ck_assert_int_eq(inside_try(work_idle), EXIT_LIMIT);
  ck_assert_uint_gt(vm->heap.state.collections, 0);
  ck_assert_uint_lt(vm->heap.state.collections, FERROUS_STRESS ? UINT64_MAX : 100); /* it gives up in time */
  vm_rollback(vm);
}
END_TEST

static void work_garbage(VM *v) {
  for (int i = 0; i < MACHINE_SCALED(1000000); i++) vm_table_new(v, 4, 4);
}

START_TEST(garbage_alone_never_ends_a_run) {
  inside_begin(1 << 20);
  ck_assert_int_eq(inside_try(work_garbage), EXIT_NONE);
  ck_assert_uint_gt(vm->heap.state.collections, 0);
  ck_assert_uint_le(vm->heap.state.peak, 1 << 20);
  vm_rollback(vm);
}
END_TEST

START_TEST(loaded_code_goes_with_its_last_function) {
  inside_begin(INSIDE_MEMORY);
  ck_assert_int_eq(inside_script("local f for i = 1, 200 do f = loadstring('return ' .. i) end collectgarbage() return f"), VM_DONE);
  uint32_t living = 0;
  for (uint32_t i = 0; i < vm->run.module_count; i++) living += vm->run.modules[i].module != NULL;
  ck_assert_uint_eq(living, 2); /* the script and the last one */
  ck_assert_uint_lt(vm->run.module_count, 210);
  vm_rollback(vm);
}
END_TEST

INSIDE_SUITE("vm/gc", what_no_root_reaches_goes_and_only_that, a_full_mark_stack_loses_nothing,
             dead_strings_leave_the_intern_chains, weak_entries_vanish_and_strings_and_numbers_stay,
             a_heap_full_of_living_objects_ends_the_run, garbage_alone_never_ends_a_run,
             loaded_code_goes_with_its_last_function)
