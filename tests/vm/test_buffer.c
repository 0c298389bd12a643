/* SPDX-License-Identifier: BSD-2-Clause */
/* The buffer: a stack of texts under construction, in control memory. */
#include "tests/check_main.h"
#include "tests/vm/inside.h"

static void work_nested(VM *v) {
  size_t outer = vm_buffer_open(v);
  vm_buffer_put(v, "outer", 5);
  size_t inner = vm_buffer_open(v);
  vm_buffer_put(v, "in", 2);
  vm_buffer_put_byte(v, '!');
  ck_assert_uint_eq(vm_buffer_size(v, inner), 3);
  ck_assert_uint_eq(vm_buffer_size(v, outer), 8);
  ck_assert_str_eq(vm_buffer_string(v, inner)->bytes, "in!"); /* making the string closes */
  ck_assert_uint_eq(vm_buffer_size(v, outer), 5);
  vm_buffer_cut(v, outer, 3);
  ck_assert_mem_eq(vm_buffer_data(v, outer), "out", 3);
  vm_buffer_close(v, outer);
  ck_assert_uint_eq(vm->run.buffer_top, 0);
}

START_TEST(texts_nest_and_close_in_order) { ck_assert_int_eq(inside_do(work_nested), EXIT_NONE); }
END_TEST

static void work_empty(VM *v) {
  size_t mark = vm_buffer_open(v);
  ck_assert_uint_eq(vm_buffer_size(v, mark), 0);
  ck_assert_ptr_nonnull(vm_buffer_data(v, mark));
  vm_buffer_put(v, "", 0);
  ck_assert_uint_eq(vm_buffer_string(v, mark)->length, 0);
}

START_TEST(nothing_put_gives_the_empty_string) { ck_assert_int_eq(inside_do(work_empty), EXIT_NONE); }
END_TEST

static void work_growth(VM *v) {
  size_t mark = vm_buffer_open(v);
  for (unsigned i = 0; i < 100000; i++) vm_buffer_put_byte(v, (char)i);
  char *space = vm_buffer_space(v, 70000);
  memset(space, 'x', 70000);
  const char *data = vm_buffer_data(v, mark);
  for (unsigned i = 0; i < 100000; i++) ck_assert_int_eq(data[i], (char)i);
  ck_assert_int_eq(data[169999], 'x');
  ck_assert_uint_ge(v->run.buffer_room, 170000);
}

START_TEST(growing_keeps_what_was_put) { ck_assert_int_eq(inside_do(work_growth), EXIT_NONE); }
END_TEST

static void work_endless(VM *v) {
  size_t mark = vm_buffer_open(v);
  for (;;) memset(vm_buffer_space(v, 1000), 'e', 1000);
  vm_buffer_close(v, mark);
}
static void work_huge(VM *v) { vm_buffer_space(v, (size_t)1 << 40); }

START_TEST(a_text_beyond_the_memory_limit_ends_the_run) {
  ck_assert_int_eq(inside_do(work_endless), EXIT_LIMIT);
  ck_assert_int_eq(inside_do(work_huge), EXIT_LIMIT);
}
END_TEST

START_TEST(a_full_control_region_ends_the_run_too) {
  size_t size = vm->heap.control.size;
  inside_begin(INSIDE_MEMORY);
  vm->heap.control.size = vm->heap.control.top + 4096;
  ck_assert_int_eq(inside_try(work_endless), EXIT_LIMIT);
  ck_assert_int_eq(vm_ending(vm)->kind, VM_LIMIT_MEMORY);
  vm_rollback(vm);
  vm->heap.control.size = size;
}
END_TEST

START_TEST(an_error_closes_what_a_native_left_open) {
  inside_begin(INSIDE_MEMORY);
  ck_assert_int_eq(inside_script("for i = 1, 50 do pcall(string.format, ('x'):rep(i * 1000) .. '%d', 'no number') end"), VM_DONE);
  ck_assert_uint_eq(vm->run.buffer_top, 0);
  ck_assert_uint_le(vm->run.buffer_room, 128 * 1024);
  vm_rollback(vm);
  ck_assert_ptr_null(vm->run.buffer);
}
END_TEST

INSIDE_SUITE("vm/buffer", texts_nest_and_close_in_order, nothing_put_gives_the_empty_string, growing_keeps_what_was_put,
             a_text_beyond_the_memory_limit_ends_the_run, a_full_control_region_ends_the_run_too,
             an_error_closes_what_a_native_left_open)
