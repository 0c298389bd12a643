/* SPDX-License-Identifier: BSD-2-Clause */
/* inside - calls the machine's own functions inside an open run, where a raise has
 * somewhere to land.  One machine for a program's tests: a fixture of inside_open and
 * inside_close. */
#ifndef TESTS_VM_INSIDE_H
#define TESTS_VM_INSIDE_H

#include "tests/vm/machine.h"

#include "vm/lib/native.h"
#include "vm/run/call.h"
#include "vm/run/closure.h"
#include "vm/run/coroutine.h"
#include "vm/run/debug.h"
#include "vm/run/error.h"
#include "vm/run/meta.h"
#include "vm/run/module.h"
#include "vm/run/stack.h"

enum { INSIDE_MEMORY = 8 << 20 };

static Machine *inside;
static VM *vm;
static char inside_error[512]; /* the text of the last error, "" when there was none */

static inline void inside_open(void) {
  inside = machine_open(VM_PROFILE_FULL, INSIDE_MEMORY);
  vm = inside->vm;
}
static inline void inside_close(void) { machine_close(inside); }

static inline void inside_begin(uint64_t memory) {
  VmRequest request = {.instructions = MACHINE_UNLIMITED, .memory = memory, .resp = 2};
  vm_begin(vm, &request);
}

/* Does `work` in the open run; says how it ended (EXIT_NONE: it returned). */
static inline ExitReason inside_try(void (*work)(VM *vm)) {
  vm->run.remaining = INT64_MAX / 4;
  vm_error_protect(vm, work);
  inside_error[0] = '\0';
  if (vm->run.exit == EXIT_ERROR && value_is_string(vm->run.error)) {
    snprintf(inside_error, sizeof inside_error, "%s", value_string(vm->run.error)->bytes);
  }
  return vm->run.exit;
}

/* Does `work` in a run of its own, checks the heap, and rolls back. */
static inline ExitReason inside_do(void (*work)(VM *vm)) {
  inside_begin(INSIDE_MEMORY);
  ExitReason exit = inside_try(work);
  const char *wrong = vm_check_heap(vm);
  ck_assert_msg(wrong == NULL, "%s", wrong);
  vm_rollback(vm);
  return exit;
}

/* Makes a value a root until the next inside_hold: what has just been made is not reachable
 * yet, and the next step may collect. */
static inline Value inside_hold(Value v) { return vm->run.error = v; }

static inline Value inside_hold_table(uint32_t array_size, uint32_t nodes) {
  return inside_hold(value_of_table(vm_table_new(vm, array_size, nodes)));
}

static inline Value inside_hold_string(const char *text) { return inside_hold(value_of_string(vm_string_from(vm, text))); }

/* Runs a script to its end in the open run, without rolling back. */
static inline VmStatus inside_script(const char *source) {
  VmStatus status = VM_ERROR;
  if (!vm_compile(vm, (VmBytes){source, strlen(source)}, "@s")) return status;
  do status = vm_run(vm, 100000);
  while (status == VM_QUANTUM);
  return status;
}

static inline Suite *inside_suite(const char *name, const TTest *const *tests, size_t count) {
  Suite *suite = suite_create(name);
  TCase *tcase = tcase_create(name);
  tcase_set_timeout(tcase, 120);
  tcase_add_checked_fixture(tcase, inside_open, inside_close);
  for (size_t i = 0; i < count; i++) tcase_add_test(tcase, tests[i]);
  suite_add_tcase(suite, tcase);
  return suite;
}

/* Ends a test file whose tests all want the machine. */
#define INSIDE_SUITE(name, ...)                                                        \
  int main(void) {                                                                     \
    const TTest *const tests[] = {__VA_ARGS__};                                        \
    return check_main_run(inside_suite(name, tests, sizeof tests / sizeof tests[0])); \
  }

#endif
