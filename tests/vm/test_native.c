/* SPDX-License-Identifier: BSD-2-Clause */
/* What natives may use: argument checks, conversions, slots; their messages. */
#include "tests/check_main.h"
#include "tests/vm/inside.h"

static Value args[8];

static void work_checks(VM *v) {
  args[0] = value_of_number(7.9);
  args[1] = value_of_string(vm_string_from(v, " 0x10 "));
  args[2] = value_of_number(1e300);
  args[3] = value_of_number(-3.7);
  args[4] = VALUE_NIL;
  ck_assert(vm_native_check_number(v, args, 5, 1) == 7.9);
  ck_assert(vm_native_check_number(v, args, 5, 2) == 16);
  ck_assert_int_eq(vm_native_check_integer(v, args, 5, 1), 7);
  ck_assert_int_eq(vm_native_check_integer(v, args, 5, 3), INT64_MIN);
  ck_assert_int_eq(vm_native_check_integer(v, args, 5, 4), -3);
  ck_assert_int_eq(vm_native_opt_integer(v, args, 5, 5, 42), 42);
  ck_assert_int_eq(vm_native_opt_integer(v, args, 5, 6, 43), 43);
  ck_assert(vm_native_opt_number(v, args, 5, 5, 1.5) == 1.5);
  ck_assert(vm_native_opt_number(v, args, 5, 1, 1.5) == 7.9);
  ck_assert_ptr_null(vm_native_opt_string(v, args, 5, 5, NULL));
  vm_native_check_any(v, args, 5, 5);
  ck_assert_str_eq(vm_native_check_string(v, args, 5, 4)->bytes, "-3.7");
  ck_assert(value_is_string(args[3])); /* converted in place */
}

START_TEST(numbers_and_strings_stand_for_each_other) { ck_assert_int_eq(inside_do(work_checks), EXIT_NONE); }
END_TEST

static void work_number(VM *v) { vm_native_check_number(v, args, 1, 1); }
static void work_string(VM *v) { vm_native_check_string(v, args, 1, 2); }
static void work_table(VM *v) { vm_native_check_table(v, args, 1, 1); }
static void work_function(VM *v) { vm_native_check_function(v, args, 1, 1); }
static void work_any(VM *v) { vm_native_check_any(v, args, 1, 2); }
static void work_format(VM *v) { vm_native_error(v, "%s is %d%% of %c", "this", -42, 'x'); }
static void work_long(VM *v) {
  vm_native_type_error(v, args, 1, 1, "a very long description of what had been expected here, longer than any real one would ever be");
}

START_TEST(refusals_say_what_was_expected_and_what_came) {
  static const struct {
    void (*work)(VM *v);
    const char *text;
  } rows[] = {
      {work_number, "bad argument #1 to '?' (number expected, got boolean)"},
      {work_string, "bad argument #2 to '?' (string expected, got no value)"},
      {work_table, "bad argument #1 to '?' (table expected, got boolean)"},
      {work_function, "bad argument #1 to '?' (function expected, got boolean)"},
      {work_any, "bad argument #2 to '?' (value expected)"},
      {work_format, "this is -42% of x"},
  };
  args[0] = VALUE_TRUE;
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    ck_assert_int_eq(inside_do(rows[i].work), EXIT_ERROR);
    ck_assert_str_eq(inside_error, rows[i].text);
  }
  ck_assert_int_eq(inside_do(work_long), EXIT_ERROR);
  ck_assert_uint_lt(strlen(inside_error), 160); /* cut, not overrun */
}
END_TEST

static void work_texts(VM *v) {
  ck_assert_str_eq(vm_native_to_text(v, VALUE_NIL)->bytes, "nil");
  ck_assert_str_eq(vm_native_to_text(v, VALUE_FALSE)->bytes, "false");
  ck_assert_str_eq(vm_native_to_text(v, value_of_number(0.1))->bytes, "0.1");
  Value t = inside_hold_table(0, 0);
  char wanted[40];
  snprintf(wanted, sizeof wanted, "table: 0x%012x", value_table(t)->header.serial);
  ck_assert_str_eq(vm_native_to_text(v, t)->bytes, wanted); /* a serial number, never an address */
  double n = 0;
  ck_assert(vm_native_to_number(inside_hold_string("1e2"), &n) && n == 100);
  ck_assert(!vm_native_to_number(inside_hold_string("1e2x"), &n));
  ck_assert(!vm_native_to_number(VALUE_NIL, &n));
}

START_TEST(anything_has_a_text_and_it_holds_no_address) { ck_assert_int_eq(inside_do(work_texts), EXIT_NONE); }
END_TEST

static void work_writable(VM *v) { vm_native_check_writable(v, value_table(inside_hold_table(0, 0))); }
static void work_readonly(VM *v) {
  Table *t = value_table(inside_hold_table(0, 0));
  t->header.flags |= TABLE_READONLY;
  vm_native_check_writable(v, t);
}

START_TEST(a_readonly_table_refuses_a_native_too) {
  ck_assert_int_eq(inside_do(work_writable), EXIT_NONE);
  ck_assert_int_eq(inside_do(work_readonly), EXIT_ERROR);
  ck_assert_str_eq(inside_error, "Attempt to modify a readonly table");
}
END_TEST

INSIDE_SUITE("vm/native", numbers_and_strings_stand_for_each_other, refusals_say_what_was_expected_and_what_came,
             anything_has_a_text_and_it_holds_no_address, a_readonly_table_refuses_a_native_too)
