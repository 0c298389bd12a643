/* SPDX-License-Identifier: BSD-2-Clause */
/* Redzones: AddressSanitizer knows which bytes of the arena are somebody's. */
#include "tests/vm/machine.h"

#include "tests/check_main.h"
#include "vm/memory/heap.h"
#include "vm/objects/object.h"
#include "vm/run/state.h"

#ifdef REDZONE_IS_ON

static bool is_closed(uint32_t address) { return __asan_address_is_poisoned((void *)(uintptr_t)address); }

/* Runs `source` up to its end; what it returned is in RunState.result. */
static Value run_to_result(Machine *m, const char *source) {
  const VmRequest request = {.instructions = 1000000, .memory = 4 << 20, .resp = 2};
  vm_begin(m->vm, &request);
  ck_assert(vm_compile(m->vm, (VmBytes){source, strlen(source)}, "@s"));
  ck_assert_int_eq(vm_run(m->vm, 1000000), VM_DONE);
  return m->vm->run.result;
}

START_TEST(the_byte_behind_a_string_is_nobodys) {
  Machine *m = machine_open(VM_PROFILE_REDIS, (size_t)8 << 20);
  for (int length = 2; length < 5000; length += 7) {
    char source[64];
    snprintf(source, sizeof source, "return ('y'):rep(%d)", length);
    const String *s = value_string(run_to_result(m, source));
    uint32_t end = (uint32_t)(uintptr_t)(s->bytes + length + 1);
    ck_assert(!is_closed(end - 1));
    for (uint32_t i = 0; i < REDZONE_SIZE; i++) ck_assert(is_closed(end + i));
    vm_rollback(m->vm);
  }
  machine_close(m);
}
END_TEST

START_TEST(what_a_collection_found_dead_is_closed) {
  Machine *m = machine_open(VM_PROFILE_REDIS, (size_t)8 << 20);
  Value v = run_to_result(m, "return {1, 2, 3, x = {}}");
  const Table *t = value_table(v);
  uint32_t table = (uint32_t)v, array = t->array, nodes = t->nodes;
  ck_assert(!is_closed(table) && !is_closed(array) && !is_closed(nodes));
  m->vm->run.result = VALUE_NIL;
  for (Value *slot = m->vm->run.coroutines[0].stack; slot < m->vm->run.coroutines[0].stack_limit; slot++) *slot = VALUE_NIL;
  vm_gc_collect(m->vm);
  ck_assert(is_closed(table) && is_closed(array) && is_closed(nodes));
  vm_rollback(m->vm);
  machine_close(m);
}
END_TEST

START_TEST(after_a_rollback_only_the_base_is_open) {
  Machine *m = machine_open(VM_PROFILE_REDIS, (size_t)8 << 20);
  (void)run_to_result(m, "local t = {} for i = 1, 3000 do t[i] = {i .. 'x'} end return t");
  vm_rollback(m->vm);
  const Heap *heap = &m->vm->heap;
  for (uint32_t a = heap->arena_base; a < heap->arena_base + m->vm->base_size; a++) ck_assert(!is_closed(a));
  for (uint32_t a = heap->base_end; a < heap->base_end + (1 << 20); a += 8) ck_assert(is_closed(a));
  machine_close(m);
}
END_TEST

#else

START_TEST(other_builds_pay_nothing) {
  ck_assert_uint_eq(REDZONE_SIZE, 0);
  ck_assert_uint_eq(heap_slot_size(16), 16);
}
END_TEST

#endif

#ifdef REDZONE_IS_ON
SUITE("redzone", the_byte_behind_a_string_is_nobodys, what_a_collection_found_dead_is_closed,
      after_a_rollback_only_the_base_is_open)
#else
SUITE("redzone", other_builds_pay_nothing)
#endif
