/* SPDX-License-Identifier: BSD-2-Clause */
/* Metatables looked up from C: which values have one, and absence that is remembered. */
#include "tests/check_main.h"
#include "tests/vm/inside.h"

static Table *keep(Table *t) {
  vm->run.result = value_of_table(t);
  return t;
}

/* A kept table with a metatable, whose field `name` is `v` unless that is nil. */
static Table *with_event(const char *name, Value v) {
  Table *t = keep(vm_table_new(vm, 0, 0));
  Table *meta = value_table(inside_hold_table(0, 0));
  table_set_metatable(t, meta);
  if (v != VALUE_NIL) vm_table_set(vm, meta, inside_hold_string(name), v);
  return t;
}

static void work_kinds(VM *v) {
  static const Value without[] = {VALUE_NIL, VALUE_TRUE, VALUE_FALSE, VALUE_NULL};
  for (size_t i = 0; i < sizeof without / sizeof *without; i++) ck_assert_ptr_null(vm_meta_table(v, without[i]));
  ck_assert_ptr_null(vm_meta_table(v, value_of_int(1)));
  ck_assert_ptr_null(vm_meta_table(v, v->run.next_function));
  ck_assert_ptr_null(vm_meta_table(v, value_of_table(keep(vm_table_new(v, 0, 0)))));
  Value text = value_of_string(vm_string_from(v, "text"));
  ck_assert_ptr_eq(vm_meta_table(v, text), value_table(v->run.string_metatable));
  ck_assert(value_is_table(vm_meta_event(v, text, EVENT_INDEX)));
  ck_assert(vm_meta_event(v, value_of_int(1), EVENT_INDEX) == VALUE_NIL);
}

START_TEST(tables_and_strings_have_metatables) { ck_assert_int_eq(inside_do(work_kinds), EXIT_NONE); }
END_TEST

static void work_absent(VM *v) {
  Table *t = with_event("__unused", VALUE_TRUE);
  Table *meta = table_metatable(t);
  for (Event e = EVENT_INDEX; e <= EVENT_ABSENT_CACHED; e++) {
    ck_assert(vm_meta_fast(v, meta, e) == VALUE_NIL);
    ck_assert(vm_meta_fast(v, meta, e) == VALUE_NIL); /* from memory */
  }
  ck_assert_uint_ne(meta->absent, 0);
  vm_table_set(v, meta, v->run.event_names[EVENT_NEWINDEX], VALUE_TRUE);
  ck_assert(vm_meta_fast(v, meta, EVENT_NEWINDEX) == VALUE_TRUE);
  ck_assert(vm_meta_event(v, value_of_table(t), EVENT_NEWINDEX) == VALUE_TRUE);
  vm_table_set(v, meta, v->run.event_names[EVENT_NEWINDEX], VALUE_NIL);
  ck_assert(vm_meta_event(v, value_of_table(t), EVENT_NEWINDEX) == VALUE_NIL);
}

START_TEST(absence_is_remembered_until_something_is_set) { ck_assert_int_eq(inside_do(work_absent), EXIT_NONE); }
END_TEST

static void work_common(VM *v) {
  Value a = value_of_table(with_event("__lt", VALUE_TRUE));
  v->run.main_function = a; /* keeps it, too */
  Value b = value_of_table(with_event("__lt", VALUE_TRUE));
  ck_assert(vm_meta_common(v, a, b, EVENT_LT) == VALUE_TRUE);
  ck_assert(vm_meta_common(v, a, value_of_int(1), EVENT_LT) == VALUE_NIL);
  ck_assert(vm_meta_common(v, value_of_int(1), a, EVENT_LT) == VALUE_NIL);
  vm_table_set(v, table_metatable(value_table(b)), v->run.event_names[EVENT_LT], VALUE_FALSE);
  ck_assert(vm_meta_common(v, a, b, EVENT_LT) == VALUE_NIL);
}

START_TEST(a_comparison_wants_the_same_metamethod_on_both_sides) { ck_assert_int_eq(inside_do(work_common), EXIT_NONE); }
END_TEST

static void work_names(VM *v) {
  static const char *const names[EVENT_COUNT_] = {"__index", "__newindex", "__gc",  "__mode", "__eq",  "__add",
                                                  "__sub",   "__mul",      "__div", "__mod",  "__pow", "__unm",
                                                  "__len",   "__lt",       "__le",  "__concat", "__call"};
  for (int i = 0; i < EVENT_COUNT_; i++) {
    ck_assert_str_eq(value_string(v->run.event_names[i])->bytes, names[i]);
    Value t = value_of_table(with_event(names[i], VALUE_TRUE));
    ck_assert(vm_meta_event(v, t, (Event)i) == VALUE_TRUE);
  }
}

START_TEST(each_event_has_its_name) { ck_assert_int_eq(inside_do(work_names), EXIT_NONE); }
END_TEST

INSIDE_SUITE("vm/meta", tables_and_strings_have_metatables, absence_is_remembered_until_something_is_set,
             a_comparison_wants_the_same_metamethod_on_both_sides, each_event_has_its_name)
