/* SPDX-License-Identifier: BSD-2-Clause */
/* Coroutine records and their stacks: reused when collected, gone when finished, and never
 * half made. */
#include "tests/check_main.h"
#include "tests/vm/inside.h"

static Value value_of_thread(const Handle *h) { return value_of_object(TAG_THREAD, &h->header); }

static uint32_t living(void) {
  uint32_t count = 0;
  for (uint32_t i = 0; i < vm->run.coroutine_count; i++) count += vm->run.coroutines[i].status != COROUTINE_FREE;
  return count;
}

static void work_new(VM *v) {
  Handle *object = vm_coroutine_new(v, v->run.next_function);
  v->run.result = value_of_thread(object);
  const Coroutine *co = &v->run.coroutines[object->record];
  ck_assert_uint_ne(object->record, MAIN_COROUTINE);
  ck_assert_int_eq(co->status, COROUTINE_SUSPENDED);
  ck_assert_uint_eq(co->object, (uint32_t)(uintptr_t)object);
  ck_assert(co->frame->base[0] == v->run.next_function);
  ck_assert_int_eq(co->frame->kind, FRAME_ENTRY);
  ck_assert_uint_eq(v->run.current, MAIN_COROUTINE);
  vm_gc_collect(v);
  ck_assert_int_eq(v->run.coroutines[object->record].status, COROUTINE_SUSPENDED);
}

START_TEST(a_new_coroutine_waits_with_its_function) { ck_assert_int_eq(inside_do(work_new), EXIT_NONE); }
END_TEST

static void work_reuse(VM *v) {
  for (int round = 0; round < 3; round++) {
    for (int i = 0; i < 20; i++) vm_coroutine_new(v, v->run.next_function);
    vm_gc_collect(v);
    ck_assert_uint_eq(living(), 1);
  }
  ck_assert_uint_le(v->run.coroutine_count, 64);
}

START_TEST(records_of_collected_coroutines_are_used_again) { ck_assert_int_eq(inside_do(work_reuse), EXIT_NONE); }
END_TEST

static void work_endless(VM *v) {
  Table *t = vm_table_new(v, 0, 0);
  v->run.result = value_of_table(t);
  for (int64_t i = 1;; i++) {
    vm_table_set_integer(v, t, i, inside_hold(value_of_thread(vm_coroutine_new(v, v->run.next_function))));
  }
}

START_TEST(too_many_coroutines_end_the_run) {
  ck_assert_int_eq(inside_do(work_endless), EXIT_LIMIT);
  size_t size = vm->heap.control.size;
  for (size_t room = 0; room < 16384; room += 448) { /* every place where control is asked */
    inside_begin(INSIDE_MEMORY);
    vm->heap.control.size = vm->heap.control.top + room;
    ck_assert_int_eq(inside_try(work_endless), EXIT_LIMIT);
    vm_rollback(vm);
    vm->heap.control.size = size;
  }
}
END_TEST

START_TEST(a_finished_coroutine_keeps_its_record_but_no_stack) {
  inside_begin(INSIDE_MEMORY);
  ck_assert_int_eq(inside_script("co = coroutine.create(function(a) return a end) coroutine.resume(co, 1) return co"), VM_DONE);
  const Coroutine *co = &vm->run.coroutines[value_thread(vm->run.result)->record];
  ck_assert_int_eq(co->status, COROUTINE_DEAD);
  ck_assert_ptr_null(co->stack);
  ck_assert_ptr_null(co->frames);
  ck_assert_ptr_null(vm_check_heap(vm));
  vm_rollback(vm);
}
END_TEST

START_TEST(creation_that_fails_anywhere_leaves_a_sound_heap) {
  bool finished = false;
  for (uint64_t n = 1; !finished; n++) {
    inside_begin(INSIDE_MEMORY);
    vm->heap.fail_after = n;
    ExitReason exit = inside_try(work_new);
    finished = vm->heap.fail_after != 0;
    vm->heap.fail_after = 0;
    ck_assert_int_eq(exit, finished ? EXIT_NONE : EXIT_LIMIT);
    ck_assert_ptr_null(vm_check_heap(vm));
    vm_rollback(vm);
    ck_assert_uint_lt(n, 100);
  }
}
END_TEST

START_TEST(values_pass_in_both_directions_and_errors_in_one) {
  static const char *const rows[][2] = {
      {"local co = coroutine.wrap(function(...) local n = select('#', ...) while true do n = n + coroutine.yield(n) end end) "
       "return {co(1, nil, nil), co(2), co(3)}", "*3 :3 :5 :8"},
      {"local co = coroutine.create(function() error('x', 0) end) local ok, e = coroutine.resume(co) "
       "return {tostring(ok), e, coroutine.status(co), select(2, coroutine.resume(co))}",
       "*4 $false $x $dead $cannot resume dead coroutine"},
      {"local co co = coroutine.create(function() return coroutine.resume(co) end) "
       "return {select(3, coroutine.resume(co))}", "*1 $cannot resume running coroutine"},
      {"local co = coroutine.create(function() return pcall(coroutine.yield, 1) end) "
       "return {select(3, coroutine.resume(co))}", "*1 $attempt to yield across metamethod/C-call boundary"},
      {"local t = {} local co = coroutine.wrap(function() for i = 1, 3 do coroutine.yield(i) end end) "
       "for v in co do t[#t + 1] = v end return t", "*3 :1 :2 :3"},
  };
  Machine *m = machine_open(VM_PROFILE_FULL, (size_t)2 << 20);
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) machine_expect(m, rows[i][0], rows[i][1]);
  machine_close(m);
}
END_TEST

START_TEST(many_short_lives_take_no_more_memory_than_those_that_last) {
  Machine *m = machine_open(VM_PROFILE_REDIS, (size_t)16 << 20);
  machine_expect(m, "local lasting, sum = {}, 0 "
                    "for i = 1, 100 do lasting[i] = coroutine.wrap(function() while true do coroutine.yield(i) end end) lasting[i]() end "
                    "for i = 1, 20000 do for v in coroutine.wrap(function() for k = 1, 3 do coroutine.yield(k) end end) do sum = sum + v end end "
                    "for i = 1, 100 do sum = sum + lasting[i]() end return sum",
                 ":125050");
  ck_assert_uint_lt(m->usage.memory_peak, 640 << 10);
  machine_close(m);
}
END_TEST

INSIDE_SUITE("vm/coroutine", many_short_lives_take_no_more_memory_than_those_that_last, a_new_coroutine_waits_with_its_function, records_of_collected_coroutines_are_used_again,
             too_many_coroutines_end_the_run, a_finished_coroutine_keeps_its_record_but_no_stack,
             creation_that_fails_anywhere_leaves_a_sound_heap, values_pass_in_both_directions_and_errors_in_one)
