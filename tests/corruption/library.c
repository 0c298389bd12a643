/* SPDX-License-Identifier: BSD-2-Clause */
/* library - function libraries loaded into a damaged arena: what a commit must not do.
 *
 * A library's code runs under attack, more is damaged, and the commit makes a base of
 * it.  The image may be nonsense; the code that stands beside it, the machine's other
 * parts and the limit may not.  Then one of the functions is called, under attack again.
 */
#include <errno.h>
#include <string.h>

#include "tests/corruption/bench.h"

enum { BASE_LIMIT = 256 << 10, LIBRARY = 1 };

static const char *const libraries[] = {
    "local t = {1, 2, {3, x = 'y'}} redis.register_function('f', function(keys, args) t[#t + 1] = args[1] return #t end)",
    "local s = '' for i = 1, 50 do s = s .. i .. 'abc' end local n = {} for i = 1, 200 do n['k' .. i] = {i, s} end\n"
    "redis.register_function('f', function(keys) return {n.k7[1], #n.k9[2], s} end)",
    "local m = setmetatable({}, {__index = function(t, k) return k end}) local function g(...) return select('#', ...) end\n"
    "local a, b, c = 1, 'two', {3} local function h() a = a + 1 return b, c, m, g end\n"
    "redis.register_function{function_name = 'f', callback = function() return {h()} end, flags = {'no-writes'}}\n"
    "redis.register_function('other', function() return m.x end)",
    "local parts = {} for i = 1, 30 do parts[i] = function() return i, parts end end for i = 1, 30, 3 do parts[i] = nil end\n"
    "local f = load('local x = ... return function() return x end') local inner = f(parts)\n"
    "redis.register_function('f', function() local t = {} for k, v in pairs(parts) do t[#t + 1] = k end return {#t, inner() == parts} end)",
    "local q = {n = 0} for i = 1, 300 do q[i] = {left = q[i - 1], name = 'node' .. i % 17} q.n = q.n + 1 end\n"
    "collectgarbage() redis.register_function('f', function(k, a) local s = '' for i, v in ipairs(q) do s = s .. v.name end return s end)",
};

static VmStatus run_to_end(Bench *b) {
  VmStatus status;
  while ((status = vm_run(b->vm, 1000)) == VM_QUANTUM || status == VM_HOST_CALL) {
    if (status == VM_HOST_CALL) bench_serve(b);
  }
  b->is_quiet = true;
  return status;
}

static void begin(Bench *b, bool is_attacked) {
  VmRequest request = {.instructions = BENCH_BUDGET, .memory = BENCH_MEMORY, .random_state = 1, .resp = 2};
  b->until = 1 + random_below(&b->random, 16u << random_below(&b->random, 8));
  b->writes_left = 1 + random_below(&b->random, 64);
  b->is_quiet = true;
  vm_set_trace(b->vm, is_attacked ? attack_step : NULL, b);
  vm_begin(b->vm, &request);
}

static VmStatus load(Bench *b, const char *text) {
  begin(b, random_below(&b->random, 4) == 0);
  if (!vm_compile_library(b->vm, (VmBytes){text, strlen(text)}, "@user_function")) return VM_ERROR;
  b->is_quiet = false;
  return run_to_end(b);
}

static VmStatus call(Bench *b) {
  static const VmBytes arguments[] = {{"a", 1}, {"10", 2}};
  begin(b, true);
  if (!vm_select_function(b->vm, LIBRARY, (VmBytes){"f", 1})) return VM_ERROR;
  if (!vm_add_parameter(b->vm, arguments, 1) || !vm_add_parameter(b->vm, arguments, 2)) return VM_LIMIT;
  b->is_quiet = false;
  return run_to_end(b);
}

/* The commit itself takes no time in which anything could write: all damage comes before. */
static VmCommitStatus commit(Bench *b) {
  for (uint32_t n = random_below(&b->random, 40); n > 0; n--) attack_write(b);
  return vm_commit(b->vm, LIBRARY, BASE_LIMIT);
}

static void count(Bench *b, VmStatus status) {
  if (status == VM_DONE) b->tally->done++;
  else if (status == VM_ERROR) b->tally->errors++;
  else b->tally->limits++;
}

static const char *judge_base(Bench *b) {
  const VM *vm = b->vm;
  if (inspect_fixed(b) != b->fixed) return "control that never changes has changed";
  if (vm_base_bytes(vm) > BASE_LIMIT + b->base_bytes) return "the base is beyond its limit";
  if (vm->heap.base_end > vm->heap.arena_base + BENCH_ARENA) return "the base is beyond the arena";
  return inspect_code(b);
}

const char *library_attack(Bench *b, uint64_t seed) {
  b->tally->programs++;
  VmStatus status = load(b, libraries[seed % (sizeof libraries / sizeof *libraries)]);
  count(b, status);
  const char *wrong = inspect_control(b);
  if (wrong != NULL || status != VM_DONE) return wrong;
  VmCommitStatus kept = commit(b);
  wrong = judge_base(b);
  if (wrong != NULL || kept != VM_COMMIT_OK) return wrong;
  b->tally->commits++;
  count(b, call(b));
  wrong = judge_base(b);
  vm_rollback(b->vm);
  errno = 0; /* libm sets it */
  b->changed = watch_find_change(&b->watch);
  return wrong == NULL && b->changed != NULL ? "memory outside arena and control has changed" : wrong;
}
