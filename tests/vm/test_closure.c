/* SPDX-License-Identifier: BSD-2-Clause */
/* Functions made at run time: what they capture, and that failing to make one is clean. */
#include "tests/check_main.h"
#include "tests/vm/inside.h"

static const Closure *result_closure(int field) {
  return value_closure(vm_table_get_integer(value_table(vm->run.result), field));
}

START_TEST(a_variable_that_never_changes_is_captured_by_value) {
  inside_begin(INSIDE_MEMORY);
  ck_assert_int_eq(inside_script("local fixed, changed = 5, 6 "
                                 "local function f() return fixed end local function g() return changed end "
                                 "local function h() return changed end changed = 7 return {f, g, h}"), VM_DONE);
  const Closure *f = result_closure(1), *g = result_closure(2), *h = result_closure(3);
  ck_assert_uint_eq(f->upvalue_count, 1);
  ck_assert(f->upvalues[0] == value_of_int(5));
  ck_assert_uint_eq(value_tag(g->upvalues[0]), TAG_BOX);
  ck_assert(g->upvalues[0] == h->upvalues[0]); /* one box for one variable */
  const Upvalue *box = (const Upvalue *)(uintptr_t)(uint32_t)g->upvalues[0];
  ck_assert_uint_eq(box->slot, (uint32_t)(uintptr_t)&box->closed); /* closed: its function has returned */
  ck_assert(box->closed == value_of_int(7));
  vm_rollback(vm);
}
END_TEST

START_TEST(a_function_that_names_itself_captures_itself) {
  inside_begin(INSIDE_MEMORY);
  ck_assert_int_eq(inside_script("local function f() return f end return {f}"), VM_DONE);
  const Closure *f = result_closure(1);
  ck_assert(f->upvalues[0] == value_of_closure(f));
  vm_rollback(vm);
}
END_TEST

START_TEST(functions_inherit_the_environment_of_who_makes_them) {
  inside_begin(INSIDE_MEMORY);
  ck_assert_int_eq(inside_script("local env = {} setfenv(1, env) local function f() return function() end end return {f, f()}"), VM_DONE);
  ck_assert(result_closure(1)->environment == result_closure(2)->environment);
  ck_assert(result_closure(1)->environment != vm->run.globals);
  vm_rollback(vm);
}
END_TEST

static void work_native(VM *v) {
  Native *native = vm_native_closure(v, 3, 2);
  ck_assert_uint_eq(native->native, 3);
  ck_assert_uint_eq(native->upvalue_count, 2);
  ck_assert(native->upvalues[0] == VALUE_NIL && native->upvalues[1] == VALUE_NIL);
  v->run.result = value_of_object(TAG_NATIVE, &native->header);
}

START_TEST(a_native_with_upvalues_starts_with_nil) { ck_assert_int_eq(inside_do(work_native), EXIT_NONE); }
END_TEST

START_TEST(making_functions_fails_cleanly_at_every_allocation) {
  static const char script[] =
      "local t = {} for i = 1, 40 do local x, y = i, i t[i] = function() x = x + 1 return function() y = x return i end end t[i]()() end";
  bool finished = false;
  for (uint64_t n = 1; !finished; n += FERROUS_STRESS ? 7 : 1) {
    inside_begin(INSIDE_MEMORY);
    vm->heap.fail_after = n;
    VmStatus status = inside_script(script);
    finished = vm->heap.fail_after != 0;
    vm->heap.fail_after = 0;
    /* Compiling, too, may be what failed. */
    if (finished) ck_assert_int_eq(status, VM_DONE);
    else ck_assert_int_ne(status, VM_DONE);
    ck_assert_ptr_null(vm_check_heap(vm));
    vm_rollback(vm);
    ck_assert_uint_lt(n, 5000);
  }
}
END_TEST

INSIDE_SUITE("vm/closure", a_variable_that_never_changes_is_captured_by_value, a_function_that_names_itself_captures_itself,
             functions_inherit_the_environment_of_who_makes_them, a_native_with_upvalues_starts_with_nil,
             making_functions_fails_cleanly_at_every_allocation)
