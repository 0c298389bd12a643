/* SPDX-License-Identifier: BSD-2-Clause */
/* machine - a VM for tests: runs a script and renders its outcome as one line of text.
 *
 * Every run is rolled back, and the heap is checked before that.
 */
#ifndef TESTS_VM_MACHINE_H
#define TESTS_VM_MACHINE_H

#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "vm/config.h"
#include "vm/vm.h"

/* `n`, or less where every allocation collects. */
#define MACHINE_SCALED(n) (FERROUS_STRESS ? (n) / 100 : (n))
#define MACHINE_UNLIMITED (UINT64_C(1) << 40)
#define MACHINE_RANDOM UINT64_C(0x1234ABCD330E)

typedef struct {
  VM *vm;
  VmConfig config;
  VmBytes reply;     /* what every redis.call is answered with */
  bool reply_is_bad; /* the machine refused it */
  char text[1 << 20];
  size_t size;
  size_t tokens_max; /* the sink stops after so many tokens; 0: never */
  size_t tokens;
  bool stopped;      /* vm_result returned false */
  VmUsage usage;
} Machine;

static inline void *machine_map(uintptr_t place, size_t size) {
  int fixed = place ? 0x100000 : 0; /* MAP_FIXED_NOREPLACE */
  void *p = mmap((void *)place, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | fixed, -1, 0);
  return p == MAP_FAILED || (place && p != (void *)place) ? NULL : p;
}

static inline Machine *machine_open_as(VmProfile profile, size_t memory, uint32_t valkey_version) {
  Machine *m = calloc(1, sizeof *m);
  size_t arena = (memory + memory / 4 + 4095) & ~(size_t)4095, control = vm_control_size(arena);
  static const uintptr_t places[] = {0x10000000, 0x60000000, 0x20000000, 0x08000000};
  void *region = NULL;
  for (int i = 0; i < 4 && region == NULL; i++) region = machine_map(places[i], arena);
  ck_assert_ptr_nonnull(region);
  m->config = (VmConfig){.arena = region, .arena_size = arena, .control = machine_map(0, control),
                         .control_size = control, .hash_seed = 7, .profile = profile,
                         .valkey_version = valkey_version};
  m->vm = vm_open(&m->config);
  ck_assert_ptr_nonnull(m->vm);
  return m;
}

static inline Machine *machine_open(VmProfile profile, size_t memory) {
  return machine_open_as(profile, memory, 0);
}

static inline void machine_close(Machine *m) {
  munmap(m->config.arena, m->config.arena_size);
  munmap(m->config.control, m->config.control_size);
  free(m);
}

static inline void machine_put(Machine *m, const char *prefix, VmBytes bytes) {
  size_t length = strlen(prefix);
  if (m->size + length + bytes.size + 2 > sizeof m->text) return;
  if (m->size > 0) m->text[m->size++] = ' ';
  memcpy(m->text + m->size, prefix, length);
  if (bytes.size > 0) memcpy(m->text + m->size + length, bytes.data, bytes.size);
  m->size += length + bytes.size;
  m->text[m->size] = '\0';
}

static inline bool machine_take_token(void *context, const VmToken *token) {
  static const char *const prefixes[] = {"_", "#f", "#t", ":", ",", "$", "+", "-", "(", "=", "*", "%", "~"};
  Machine *m = context;
  if (m->tokens_max && m->tokens == m->tokens_max) return false;
  m->tokens++;
  char number[64] = "";
  if (token->kind == VM_TOKEN_INTEGER || token->kind >= VM_TOKEN_ARRAY) {
    snprintf(number, sizeof number, "%" PRId64, token->integer);
  }
  if (token->kind == VM_TOKEN_DOUBLE) snprintf(number, sizeof number, "%.17g", token->number);
  if (number[0]) machine_put(m, prefixes[token->kind], (VmBytes){number, strlen(number)});
  else machine_put(m, prefixes[token->kind], token->bytes);
  return true;
}

static inline void machine_serve(Machine *m) {
  static const char bad[] = "ERR bad reply";
  if (vm_host_call(m->vm)->kind != VM_HOST_REDIS) return;
  if (vm_host_reply(m->vm, m->reply)) return;
  m->reply_is_bad = true;
  vm_host_fail(m->vm, (VmBytes){bad, sizeof bad - 1});
}

static inline void machine_finish(Machine *m, VmStatus status) {
  if (status == VM_DONE) m->stopped = !vm_result(m->vm, machine_take_token, m);
  else if (status == VM_ERROR) machine_put(m, "error: ", vm_error(m->vm)->text);
  else machine_put(m, "limit", (VmBytes){"", 0});
  vm_usage(m->vm, &m->usage);
  const char *wrong = vm_check_heap(m->vm);
  ck_assert_msg(wrong == NULL, "%s", wrong);
  vm_rollback(m->vm);
}

/* Runs a script with a budget; its outcome is in m->text. */
static inline VmStatus machine_run(Machine *m, const char *source, uint64_t budget) {
  VmRequest request = {.instructions = budget, .memory = m->config.arena_size / 5 * 4, .random_state = MACHINE_RANDOM, .resp = 2};
  m->size = m->tokens = 0;
  m->text[0] = '\0';
  m->reply_is_bad = m->stopped = false;
  vm_begin(m->vm, &request);
  VmStatus status = VM_ERROR;
  if (vm_compile(m->vm, (VmBytes){source, strlen(source)}, "@user_script")) {
    do {
      status = vm_run(m->vm, 100000);
      if (status == VM_HOST_CALL) machine_serve(m);
    } while (status == VM_QUANTUM || status == VM_HOST_CALL);
  }
  machine_finish(m, status);
  return status;
}

static inline void machine_expect(Machine *m, const char *source, const char *text) {
  machine_run(m, source, MACHINE_UNLIMITED);
  ck_assert_msg(strcmp(m->text, text) == 0, "%s\n  gives    %s\n  expected %s", source, m->text, text);
}

#endif
