/* SPDX-License-Identifier: BSD-2-Clause */
/* The door: what its functions promise, in the order of a run's life. */
#include "tests/check_main.h"
#include "tests/vm/inside.h"

START_TEST(a_compile_error_has_its_line_and_is_an_error) {
  inside_begin(INSIDE_MEMORY);
  static const char source[] = "\n\nreturn = 1";
  ck_assert(!vm_compile(vm, (VmBytes){source, sizeof source - 1}, "@user_script"));
  ck_assert(vm_error(vm)->compile);
  ck_assert_str_eq(vm_error(vm)->text.data, "user_script:3: unexpected symbol near '='");
  vm_rollback(vm);
}
END_TEST

START_TEST(keys_and_arguments_are_tables_of_strings) {
  inside_begin(INSIDE_MEMORY);
  const VmBytes items[] = {{"one", 3}, {"", 0}, {"a\0b", 3}};
  static const char source[] = "return #KEYS .. ':' .. KEYS[1] .. ':' .. #KEYS[2] .. ':' .. #KEYS[3] .. ':' .. #ARGV";
  ck_assert(vm_compile(vm, (VmBytes){source, sizeof source - 1}, "@s"));
  ck_assert(vm_set_strings(vm, "KEYS", items, 3));
  ck_assert(vm_set_strings(vm, "ARGV", NULL, 0));
  while (vm_run(vm, 1000) == VM_QUANTUM) continue;
  ck_assert_str_eq(value_string(vm->run.result)->bytes, "3:one:0:3:0");
  vm_rollback(vm);
}
END_TEST

START_TEST(a_quantum_only_pauses) {
  static const char source[] = "local n = 0 for i = 1, 10000 do n = n + i end return n";
  VmUsage first = {0};
  for (uint64_t quantum = 1000000; quantum >= 10; quantum /= 7) {
    int pauses = 0;
    VmUsage usage;
    inside_begin(INSIDE_MEMORY);
    ck_assert(vm_compile(vm, (VmBytes){source, sizeof source - 1}, "@s"));
    VmStatus status;
    while ((status = vm_run(vm, quantum)) == VM_QUANTUM) pauses++;
    ck_assert_int_eq(status, VM_DONE);
    ck_assert(vm->run.result == value_of_int(50005000));
    if (quantum < 1000) ck_assert_int_gt(pauses, 10);
    vm_usage(vm, &usage);
    if (quantum == 1000000) first = usage;
    ck_assert_uint_eq(usage.instructions, first.instructions);
    vm_rollback(vm);
  }
}
END_TEST

START_TEST(the_stop_word_ends_a_run_that_looks_at_it) {
  uint32_t word = 0;
  vm->stop_word = &word;
  inside_begin(INSIDE_MEMORY);
  static const char source[] = "while true do end";
  ck_assert(vm_compile(vm, (VmBytes){source, sizeof source - 1}, "@s"));
  for (int i = 0; i < 5; i++) ck_assert_int_eq(vm_run(vm, 1000), VM_QUANTUM);
  word = 9;
  ck_assert_int_eq(vm_run(vm, 1000), VM_LIMIT);
  ck_assert_int_eq(vm_ending(vm)->kind, VM_LIMIT_STOPPED);
  ck_assert_uint_eq(vm_ending(vm)->stop_value, 9);
  ck_assert_int_eq(vm_ending(vm)->line, 1);
  vm_rollback(vm);
}
END_TEST

static bool take_few(void *context, const VmToken *token) {
  (void)token;
  return --*(int *)context > 0;
}

START_TEST(a_sink_that_has_enough_stops_the_result) {
  inside_begin(INSIDE_MEMORY);
  ck_assert_int_eq(inside_script("local t = {} for i = 1, 100 do t[i] = i end return t"), VM_DONE);
  int left = 10;
  ck_assert(!vm_result(vm, take_few, &left));
  ck_assert_int_eq(left, 0);
  left = 1000;
  ck_assert(vm_result(vm, take_few, &left));
  ck_assert_int_eq(left, 1000 - 101);
  vm_rollback(vm);
}
END_TEST

START_TEST(usage_counts_from_nothing_in_every_run) {
  VmUsage usage[3];
  for (int i = 0; i < 3; i++) {
    inside_begin(INSIDE_MEMORY);
    ck_assert_int_eq(inside_script("local t = {} for i = 1, 1000 do t[i] = {} end return #t"), VM_DONE);
    vm_usage(vm, &usage[i]);
    ck_assert_uint_gt(usage[i].memory_peak, 16000);
    ck_assert_uint_ge(usage[i].memory_peak, usage[i].memory_now);
    vm_rollback(vm);
  }
  ck_assert_mem_eq(&usage[1], &usage[2], sizeof *usage);
  ck_assert_uint_eq(usage[0].instructions, usage[2].instructions);
}
END_TEST

INSIDE_SUITE("vm/machine", a_compile_error_has_its_line_and_is_an_error, keys_and_arguments_are_tables_of_strings,
             a_quantum_only_pauses, the_stop_word_ends_a_run_that_looks_at_it, a_sink_that_has_enough_stops_the_result,
             usage_counts_from_nothing_in_every_run)
