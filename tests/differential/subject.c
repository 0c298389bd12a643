/* SPDX-License-Identifier: BSD-2-Clause */
/* subject - our machine, one transaction per program, and what must hold after it. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "tests/differential/outcome.h"
#include "vm/memory/redzone.h"
#include "vm/run/state.h"

enum { ARENA = 20 << 20, MEMORY = 16 << 20, BUDGET = 1500000, WHOLE_EVERY = 256 };

static struct {
  VM *vm;
  uint64_t base; /* hash */
  uint64_t runs;
  Outcome probe; /* what the probe gave on the fresh machine */
  Cost probe_cost;
} subject;

/* Uses strings, tables, closures, coroutines, errors, formats and a collection. */
static const char probe[] =
    "local t = {} for i = 1, 30 do t['k' .. i % 7] = i; t[i] = {i} end\n"
    "local co = coroutine.wrap(function(a) while true do a = a + coroutine.yield(a) end end)\n"
    "local x = co(1) + co(2) local function f() x = x + 1 return x end f()\n"
    "setmetatable(t, {__index = function(_, k) return k end})\n"
    "local s = '' for k, v in pairs(t) do s = s .. tostring(k):rep(2) end\n"
    "collectgarbage()\n"
    "print(x, #t, t.none, s, pcall(error, 'e', 2), ('%5.2f'):format(x), s:gsub('k', '%0%0'))\n"
    "print(CANARY, CANARYplanted, T, gn, loadstring('return 1 +')) error(s:sub(1, 9))";

static void serve(VM *vm, Outcome *o) {
  const VmHostCall *call = vm_host_call(vm);
  static const char refusal[] = "ERR not here";
  if (call->kind == VM_HOST_PRINT) outcome_put(o, call->argv[0].data, call->argv[0].size);
  else if (call->kind == VM_HOST_CLOCK || call->kind == VM_HOST_DATE) vm_host_number(vm, 0);
  else if (call->kind != VM_HOST_LOG) vm_host_fail(vm, (VmBytes){refusal, sizeof refusal - 1});
}

static void take_error(VM *vm, Outcome *o) {
  Value error = vm->run.error;
  const VmError *view = vm_error(vm);
  o->kind = view->compile ? OUTCOME_COMPILE_ERROR : OUTCOME_ERROR;
  if (value_is_string(error) || value_is_number(error)) outcome_put(o, view->text.data, view->text.size);
}

static void run_to_end(VM *vm, const char *text, size_t size, Outcome *o) {
  VmStatus status = VM_ERROR;
  o->size = 0;
  if (vm_compile(vm, (VmBytes){text, size}, "@p") || !vm_error(vm)->compile) {
    while ((status = vm_run(vm, 5000)) == VM_QUANTUM || status == VM_HOST_CALL) {
      if (status == VM_HOST_CALL) serve(vm, o);
    }
  }
  o->kind = status == VM_DONE ? OUTCOME_DONE : OUTCOME_LIMIT;
  if (status == VM_ERROR) take_error(vm, o);
}

static void begin(VM *vm) {
  VmRequest request = {.instructions = BUDGET, .memory = MEMORY, .random_state = 1, .resp = 2};
  vm_begin(vm, &request);
}

static bool was_deep(const VM *vm) {
  for (uint32_t i = 0; i < vm->run.coroutine_count; i++) {
    const Coroutine *co = &vm->run.coroutines[i];
    if (co->frames_end - co->frames > LIMIT_LUA_CALLS) return true;
  }
  return false;
}

static Cost end(VM *vm) {
  VmUsage usage;
  vm_usage(vm, &usage);
  Cost cost = {usage.instructions, usage.memory_peak, was_deep(vm)};
  vm_rollback(vm);
  return cost;
}

static void *map(uintptr_t place, size_t size) {
  int fixed = place ? 0x100000 : 0; /* MAP_FIXED_NOREPLACE */
  void *p = mmap((void *)place, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | fixed, -1, 0);
  if (p == MAP_FAILED || (place && p != (void *)place)) abort();
  return p;
}

void subject_open(void) {
  size_t control = vm_control_size(ARENA);
  VmConfig config = {.arena = map(0x10000000, ARENA), .arena_size = ARENA, .control = map(0, control),
                     .control_size = control, .hash_seed = 7, .profile = VM_PROFILE_FULL};
  subject.vm = vm_open(&config);
  if (subject.vm == NULL) abort();
  subject.base = vm_state_hash(subject.vm);
  begin(subject.vm);
  run_to_end(subject.vm, probe, sizeof probe - 1, &subject.probe);
  subject.probe_cost = end(subject.vm);
}

/* --- Isolation --- */

/* The library's functions look at redzones, these read through them. */
REDZONE_BLIND static bool is_zero(const char *bytes, size_t size) {
  uint64_t word, any = 0;
  for (; size >= 8; size -= 8, bytes += 8) {
    __builtin_memcpy(&word, bytes, 8);
    any |= word;
  }
  for (; size > 0; size--) any |= (uint8_t)*bytes++;
  return any == 0;
}

REDZONE_BLIND static bool is_equal(const char *a, const char *b, size_t size) {
  bool same = true;
  for (size_t i = 0; i < size; i++) same &= a[i] == b[i];
  return same;
}

static const char canary[] = "CANARYplanted";

REDZONE_BLIND static bool is_canary(const char *bytes) {
  for (size_t i = 0; i < sizeof canary - 1; i++) {
    if (bytes[i] != canary[i]) return false;
  }
  return true;
}

REDZONE_BLIND static bool holds_canary(const void *region, size_t size) {
  const char *bytes = region;
  for (size_t i = 0; i + sizeof canary - 1 <= size; i++) {
    if (bytes[i] == canary[0] && bytes[i + 4] == canary[4] && is_canary(bytes + i)) return true;
  }
  return false;
}

/* `arena` and `control` are the bytes that the run had touched behind the base. */
static const char *check_rest(VM *vm, size_t arena, size_t control) {
  const Heap *heap = &vm->heap;
  const char *rest = (const char *)(uintptr_t)heap->base_end, *slots = heap->control.base + heap->control.floor;
  if (!is_equal(heap->arena, vm->base_image, vm->base_size)) return "the base of the arena has changed";
  if (holds_canary(heap->arena, vm->base_size + arena) || holds_canary(slots, control)) return "the canary is still there";
  if (!is_zero(rest, arena)) return "the arena is not zero behind the base";
  if (!is_zero(slots, control)) return "control is not zero above its floor";
  if (holds_canary(&vm->run, sizeof vm->run)) return "the canary is in the state";
  if (subject.runs % WHOLE_EVERY == 0 && vm_state_hash(vm) != subject.base) return "the state's hash is not the base's";
  return NULL;
}

static const char *check_probe(VM *vm) {
  static Outcome o;
  begin(vm);
  run_to_end(vm, probe, sizeof probe - 1, &o);
  Cost cost = end(vm);
  if (o.kind != subject.probe.kind || o.size != subject.probe.size || memcmp(o.output, subject.probe.output, o.size) != 0)
    return "the probe's result is another";
  if (cost.instructions != subject.probe_cost.instructions) return "the probe's cost is another";
  return cost.peak != subject.probe_cost.peak ? "the probe's peak is another" : NULL;
}

const char *subject_run(const char *text, size_t size, int isolation, Outcome *o, Cost *ret_cost) {
  VM *vm = subject.vm;
  begin(vm);
  run_to_end(vm, text, size, o);
  subject.runs++;
  const char *wrong = isolation ? vm_check_heap(vm) : NULL;
  size_t arena = vm_touched(vm), control = vm->heap.control.touched - vm->heap.control.floor;
  *ret_cost = end(vm);
  if (!isolation || wrong != NULL) return wrong;
  wrong = check_rest(vm, arena, control);
  return wrong != NULL ? wrong : check_probe(vm);
}
