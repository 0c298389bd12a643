/* SPDX-License-Identifier: BSD-2-Clause */
/* Value stacks and frame stacks: they grow, move and end without losing anything. */
#include "tests/check_main.h"
#include "tests/vm/inside.h"

static void work_growth(VM *v) {
  Value *base = vm_stack_base(v);
  uint32_t first = state_coroutine(v)->stack_slots;
  ck_assert_uint_eq(first, STACK_FIRST_SLOTS);
  for (uint32_t i = 0; i < first - STACK_SPARE; i++) base[i] = value_of_int((int32_t)i);
  ck_assert_ptr_eq(vm_call_need_stack(v, base + 4, 1), base + 4); /* there is room */
  Value *from = vm_call_need_stack(v, base + 4, 5000);
  ck_assert_ptr_eq(from, vm_stack_base(v) + 4);
  const Coroutine *co = state_coroutine(v);
  ck_assert_uint_ge(co->stack_slots, 5004 + STACK_SPARE);
  ck_assert_ptr_eq(co->stack_limit, co->stack + co->stack_slots - STACK_SPARE);
  ck_assert_ptr_eq(v->run.stack_limit, co->stack_limit);
  for (uint32_t i = 0; i < first - STACK_SPARE; i++) ck_assert(co->stack[i] == value_of_int((int32_t)i));
  for (uint32_t i = first; i < co->stack_slots; i++) ck_assert(co->stack[i] == VALUE_NIL);
  ck_assert_ptr_eq(v->run.frame->base, co->stack + 1);
}

START_TEST(a_stack_that_moves_keeps_its_values_and_is_nil_behind_them) { ck_assert_int_eq(inside_do(work_growth), EXIT_NONE); }
END_TEST

static void work_endless_stack(VM *v) {
  for (uint32_t slots = 1;; slots *= 2) vm_call_need_stack(v, vm_stack_base(v), slots);
}

static void work_larger_than_any(VM *v) { vm_call_need_stack(v, vm_stack_base(v), UINT32_MAX); }
static void work_grow_once(VM *v) { vm_call_need_stack(v, vm_stack_base(v), 5000); }

START_TEST(a_stack_beyond_the_memory_limit_ends_the_run) {
  ck_assert_int_eq(inside_do(work_endless_stack), EXIT_LIMIT);
  ck_assert_int_eq(inside_do(work_larger_than_any), EXIT_LIMIT);
  inside_begin(INSIDE_MEMORY);
  vm->heap.fail_after = 1;
  ck_assert_int_eq(inside_try(work_grow_once), EXIT_LIMIT);
  ck_assert_uint_eq(state_coroutine(vm)->stack_slots, STACK_FIRST_SLOTS);
  ck_assert_ptr_null(vm_check_heap(vm));
  vm_rollback(vm);
}
END_TEST

static void work_clear(VM *v) {
  Value *base = vm_stack_base(v);
  uint32_t slots = state_coroutine(v)->stack_slots;
  for (uint32_t i = 0; i < slots; i++) base[i] = VALUE_TRUE;
  vm_stack_clear_above(v, base + 8);
  for (uint32_t i = 0; i < slots; i++) ck_assert(base[i] == (i < 8 ? VALUE_TRUE : VALUE_NIL));
}

START_TEST(what_a_finished_call_left_can_be_cleared) { ck_assert_int_eq(inside_do(work_clear), EXIT_NONE); }
END_TEST

START_TEST(frames_double_and_keep_their_place) {
  inside_begin(INSIDE_MEMORY);
  ck_assert_int_eq(state_coroutine(vm)->frames_end - state_coroutine(vm)->frames, STACK_FIRST_FRAMES);
  ck_assert_int_eq(inside_script("local function f(n) if n == 0 then return 0 end return n + f(n - 1) end return f(100)"), VM_DONE);
  ck_assert(vm->run.result == value_of_int(5050));
  const Coroutine *co = state_coroutine(vm);
  ck_assert_int_eq(co->frames_end - co->frames, 16 * STACK_FIRST_FRAMES);
  ck_assert_ptr_eq(vm->run.frames_end, co->frames_end);
  vm_rollback(vm);
}
END_TEST

static void work_endless_frames(VM *v) {
  for (;;) vm_stack_grow_frames(v);
}

START_TEST(frames_end_in_a_stack_overflow) {
  ck_assert_int_eq(inside_do(work_endless_frames), EXIT_ERROR);
  ck_assert_str_eq(inside_error, "stack overflow");
  inside_begin(64 * 1024);
  ck_assert_int_eq(inside_try(work_endless_frames), EXIT_LIMIT); /* memory first */
  vm_rollback(vm);
  size_t size = vm->heap.control.size;
  inside_begin(INSIDE_MEMORY);
  vm->heap.control.size = vm->heap.control.top + 2048; /* or control */
  ck_assert_int_eq(inside_try(work_endless_frames), EXIT_LIMIT);
  vm->heap.control.size = size;
  vm_rollback(vm);
}
END_TEST

START_TEST(a_script_may_call_as_deep_as_the_limit_says) {
  static const char form[] = "local function f(n) if n == 0 then return 0 end return 1 + f(n - 1) end return select(2, pcall(f, %d))";
  char source[200], expected[32];
  Machine *m = machine_open(VM_PROFILE_REDIS, (size_t)64 << 20);
  snprintf(source, sizeof source, form, LIMIT_LUA_CALLS - 1);
  snprintf(expected, sizeof expected, ":%d", LIMIT_LUA_CALLS - 1);
  machine_expect(m, source, expected);
  snprintf(source, sizeof source, form, LIMIT_LUA_CALLS);
  machine_expect(m, source, "$user_script:1: stack overflow");
  machine_close(m);
}
END_TEST

/* --- Open upvalues --- */

START_TEST(open_upvalues_follow_a_stack_that_moves) {
  Machine *m = machine_open(VM_PROFILE_FULL, (size_t)4 << 20);
  machine_expect(m,
                 "local function deep(n, ...) if n == 0 then return 0 end return 1 + deep(n - 1, ...) end "
                 "local a, b = 1, 2 local function set(x, y) a, b = x, y end local function get() return a + b end "
                 "deep(500) set(3, 4) deep(1000) return get() * 10 + a + b",
                 ":77");
  machine_close(m);
}
END_TEST

INSIDE_SUITE("vm/stack", a_stack_that_moves_keeps_its_values_and_is_nil_behind_them,
             a_stack_beyond_the_memory_limit_ends_the_run, what_a_finished_call_left_can_be_cleared,
             frames_double_and_keep_their_place, frames_end_in_a_stack_overflow,
             a_script_may_call_as_deep_as_the_limit_says, open_upvalues_follow_a_stack_that_moves)
