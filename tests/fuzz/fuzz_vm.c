/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_vm - any bytes as a script, from source to result, in both profiles.
 *
 * An even size runs as a Redis script, an odd one in the full profile.  Calls of the
 * host are answered in turn.  Afterwards the heap is sound, two walks over the result
 * agree, and rollback has returned every touched byte to the base.
 */
#include <stdint.h>

#include "tests/fuzz/script.h"
#include "vm/memory/redzone.h"
#include "vm/run/state.h"

enum { BUDGET = 60000, ARENA = 5 << 20, MEMORY = 4 << 20, HOST_CALLS_MAX = 200 };

typedef struct {
  VM *vm;
  VmConfig config;
  uint64_t base; /* hash */
} Subject;

static void open_subject(Subject *s, VmProfile profile, uintptr_t place) {
  size_t control = vm_control_size(ARENA);
  s->config = (VmConfig){.arena = script_map(place, ARENA), .arena_size = ARENA, .control = script_map(0, control),
                         .control_size = control, .hash_seed = 7, .profile = profile};
  s->vm = vm_open(&s->config);
  if (s->vm == NULL) __builtin_trap();
  s->base = vm_state_hash(s->vm);
}

static Subject *subject_of(size_t size) {
  static Subject subjects[2];
  if (subjects[0].vm == NULL) {
    open_subject(&subjects[0], VM_PROFILE_REDIS, 0x10000000);
    open_subject(&subjects[1], VM_PROFILE_FULL, 0x20000000);
  }
  return &subjects[size & 1];
}

static void serve(VM *vm, unsigned turn) {
  static const char *const replies[] = {"+OK\r\n", ":7\r\n", "$-1\r\n", "$3\r\nabc\r\n", "*2\r\n:1\r\n$1\r\nx\r\n",
                                        "-ERR no\r\n", "*-1\r\n", "*0\r\n"};
  const VmHostCall *call = vm_host_call(vm);
  switch (call->kind) {
    case VM_HOST_REDIS: {
      const char *reply = replies[turn % (sizeof replies / sizeof *replies)];
      if (!vm_host_reply(vm, (VmBytes){reply, strlen(reply)})) __builtin_trap();
      break;
    }
    case VM_HOST_CLOCK:
    case VM_HOST_DATE: vm_host_number(vm, turn); break;
    case VM_HOST_READ: vm_host_bytes(vm, (VmBytes){"return ...", 10}); break;
    default: break;
  }
}

static bool add_token(void *context, const VmToken *token) {
  uint64_t *sum = context;
  *sum = *sum * 31 + (uint64_t)token->kind * 7 + (uint64_t)token->integer + token->bytes.size;
  for (size_t i = 0; i < token->bytes.size; i++) *sum = *sum * 31 + (uint8_t)token->bytes.data[i];
  return true;
}

static void look_at_outcome(VM *vm, VmStatus status) {
  uint64_t first = 1, second = 1;
  if (status == VM_DONE) {
    if (!vm_result(vm, add_token, &first) || !vm_result(vm, add_token, &second) || first != second) __builtin_trap();
  } else if (status == VM_ERROR) {
    if (vm_error(vm)->text.data == NULL) __builtin_trap();
  } else if (status == VM_LIMIT) {
    (void)vm_ending(vm);
  }
}

static VmStatus run(VM *vm, VmBytes source) {
  static const VmBytes arguments[] = {{"key:{1}", 7}, {"10", 2}};
  if (!vm_set_strings(vm, "KEYS", arguments, 2) || !vm_set_strings(vm, "ARGV", arguments, 2)) return VM_LIMIT;
  if (!vm_compile(vm, source, "@user_script")) return vm_error(vm)->compile ? VM_ERROR : vm_run(vm, 1);
  for (unsigned turn = 0;;) {
    VmStatus status = vm_run(vm, 1 + source.size * 7 % 5000);
    if (status == VM_HOST_CALL && turn < HOST_CALLS_MAX) serve(vm, turn++);
    else if (status != VM_QUANTUM) return status;
  }
}

/* Reads through redzones; no `wanted` means zeros. */
REDZONE_BLIND static bool are_bytes(const char *bytes, const char *wanted, size_t size) {
  int difference = 0;
  for (size_t i = 0; i < size; i++) difference |= bytes[i] ^ (wanted ? wanted[i] : 0);
  return difference == 0;
}

/* The hash reads the whole arena; most of the time the touched part is looked at. */
static void check_rollback(Subject *s, size_t touched) {
  static unsigned runs;
  const VM *vm = s->vm;
  if (runs++ % 64 == 0 && vm_state_hash(vm) != s->base) __builtin_trap();
  const char *rest = (const char *)(uintptr_t)vm->heap.base_end;
  if (!are_bytes(vm->heap.arena, vm->base_image, vm->base_size) || !are_bytes(rest, NULL, touched)) __builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size > 20000) return 0;
  Subject *s = subject_of(size);
  VmRequest request = {.instructions = BUDGET, .memory = MEMORY, .random_state = 1, .resp = 2};
  vm_begin(s->vm, &request);
  look_at_outcome(s->vm, run(s->vm, (VmBytes){(const char *)data, size}));
  size_t touched = vm_touched(s->vm);
  script_end(s->vm);
  check_rollback(s, touched);
  return 0;
}
