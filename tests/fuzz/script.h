/* SPDX-License-Identifier: BSD-2-Clause */
/* script - a VM for fuzz targets: one script, run again on each input, rolled back after. */
#ifndef TESTS_FUZZ_SCRIPT_H
#define TESTS_FUZZ_SCRIPT_H

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "vm/vm.h"

enum { SCRIPT_ARENA = 32 << 20, SCRIPT_MEMORY = SCRIPT_ARENA / 5 * 4, SCRIPT_BUDGET = 20000000 };

static inline void *script_map(uintptr_t place, size_t size) {
  int fixed = place ? 0x100000 : 0; /* MAP_FIXED_NOREPLACE */
  void *p = mmap((void *)place, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | fixed, -1, 0);
  if (p == MAP_FAILED || (place && p != (void *)place)) __builtin_trap();
  return p;
}

static inline VM *script_machine(void) {
  static VM *vm;
  if (vm != NULL) return vm;
  size_t control = vm_control_size(SCRIPT_ARENA);
  VmConfig config = {.arena = script_map(0x10000000, SCRIPT_ARENA), .arena_size = SCRIPT_ARENA,
                     .control = script_map(0, control), .control_size = control, .hash_seed = 7,
                     .profile = VM_PROFILE_REDIS};
  vm = vm_open(&config);
  if (vm == NULL) __builtin_trap();
  return vm;
}

/* Begins a run of `source` with ARGV = {argument}; false when memory ran out at once. */
static inline bool script_begin(VM *vm, const char *source, VmBytes argument) {
  VmRequest request = {.instructions = SCRIPT_BUDGET, .memory = SCRIPT_MEMORY, .resp = 2};
  vm_begin(vm, &request);
  if (!vm_compile(vm, (VmBytes){source, strlen(source)}, "@user_script")) __builtin_trap();
  return vm_set_strings(vm, "ARGV", &argument, 1);
}

static inline void script_end(VM *vm) {
  const char *wrong = vm_check_heap(vm);
  if (wrong != NULL) {
    fprintf(stderr, "%s\n", wrong);
    __builtin_trap();
  }
  vm_rollback(vm);
}

static inline bool script_must_be_zero(void *context, const VmToken *token) {
  (void)context;
  if (token->kind != VM_TOKEN_INTEGER || token->integer != 0) __builtin_trap();
  return true;
}

/* Runs `source` on the input: it returns 0, or it ends at a limit, or, where it may, with
 * an error. */
static inline void script_expect_zero(const char *source, const uint8_t *data, size_t size, bool may_raise) {
  VM *vm = script_machine();
  if (script_begin(vm, source, (VmBytes){(const char *)data, size})) {
    VmStatus status = vm_run(vm, SCRIPT_BUDGET);
    if (status == VM_ERROR && !may_raise) __builtin_trap();
    if (status == VM_DONE) vm_result(vm, script_must_be_zero, NULL);
  }
  script_end(vm);
}

#endif
