/* SPDX-License-Identifier: BSD-2-Clause */
/* Transactions: whatever a run does and however it ends, rollback returns arena and
 * state bit for bit, and nothing that the run has seen is left anywhere. */
#include "tests/check_main.h"
#include "tests/vm/machine.h"

#include "vm/memory/heap.h"
#include "vm/run/state.h"

static Machine *machine;

static void open_machine(void) { machine = machine_open(VM_PROFILE_REDIS, (size_t)1 << 20); }
static void close_machine(void) { machine_close(machine); }

/* A program that uses every kind of object and every region. */
static const char everything[] =
    "local t, s = {}, 'CAN' .. 'ARY'\n" /* made at run time: a text may stay in the code cache */
    "for i = 1, 40 do t[i] = s .. i; t[s .. i] = {i, x = i} end\n"
    "local function f(n) if n == 0 then return 0 end return 1 + f(n - 1) end\n"
    "local co = coroutine.wrap(function(...) local a = ... while true do a = a + coroutine.yield(a) end end)\n"
    "co(1) co(2)\n"
    "local x = 0\n"
    "local function set(v) x = v return function() return x end end\n"
    "local g = set(f(30))\n"
    "local ok, err = pcall(error, {err = s})\n"
    "t.s = s:gsub('.', function(c) return c .. c end)\n"
    "table.sort(t, function(a, b) return a > b end)\n"
    "setmetatable(t, {__index = function(t, k) return k end, __mode = 'v'})\n"
    "local code = loadstring('return ' .. #t)()\n"
    "t.j = cjson.encode({1, 2, {a = s}})\n"
    "return g() + code + #t.j + #t.missing + math.random(10) * 0";

/* Looks at free memory too, which sanitizers do not like: no library function helps. */
REDZONE_BLIND static bool holds(const char *region, size_t size, const char *canary) {
  size_t length = strlen(canary);
  for (size_t at = 0; at + length <= size; at++) {
    size_t i = 0;
    while (i < length && region[at + i] == canary[i]) i++;
    if (i == length) return true;
  }
  return false;
}

/* The parts of the regions that were ever touched are at their start. */
static void expect_no_trace(const char *canary) {
  ck_assert(!holds(machine->config.arena, machine->config.arena_size, canary));
  ck_assert(!holds(machine->config.control, (size_t)CODE_CACHE_BYTES + ((size_t)2 << 20), canary));
}

START_TEST(rollback_after_success_is_bit_for_bit) {
  uint64_t base = vm_state_hash(machine->vm);
  for (int i = 0; i < 3; i++) {
    ck_assert_int_eq(machine_run(machine, everything, MACHINE_UNLIMITED), VM_DONE);
    ck_assert_uint_eq(vm_state_hash(machine->vm), base);
  }
  expect_no_trace("CANARY");
}
END_TEST

START_TEST(the_hash_sees_a_single_changed_byte) {
  uint64_t base = vm_state_hash(machine->vm);
  char *byte = (char *)machine->config.arena + 12345;
  *byte ^= 1;
  ck_assert_uint_ne(vm_state_hash(machine->vm), base);
  *byte ^= 1;
  ck_assert_uint_eq(vm_state_hash(machine->vm), base);
}
END_TEST

START_TEST(a_canary_is_found_before_the_rollback) {
  VmRequest request = {.instructions = 1000000, .memory = 1 << 20, .resp = 2};
  vm_begin(machine->vm, &request);
  ck_assert(vm_compile(machine->vm, (VmBytes){everything, strlen(everything)}, "@s"));
  while (vm_run(machine->vm, 1000) == VM_QUANTUM) continue;
  ck_assert(holds(machine->config.arena, machine->config.arena_size, "CANARY"));
  vm_rollback(machine->vm);
  expect_no_trace("CANARY");
}
END_TEST

START_TEST(killed_at_every_instruction_leaves_nothing) {
  uint64_t base = vm_state_hash(machine->vm);
  ck_assert_int_eq(machine_run(machine, everything, MACHINE_UNLIMITED), VM_DONE);
  uint64_t total = machine->usage.instructions;
  uint64_t step = FERROUS_STRESS ? 37 : 1;
  for (uint64_t n = 1; n < total; n += step) {
    VmStatus status = machine_run(machine, everything, n);
    /* The last straight stretch has no check point any more. */
    ck_assert(status == VM_LIMIT || (status == VM_DONE && total - n < 64));
    ck_assert_uint_eq(vm_state_hash(machine->vm), base);
  }
  expect_no_trace("CANARY");
}
END_TEST

START_TEST(memory_that_ends_anywhere_leaves_nothing) {
  uint64_t base = vm_state_hash(machine->vm);
  bool ended_early = false, succeeded = false;
  for (uint64_t limit = 4096; limit <= 256 * 1024; limit += FERROUS_STRESS ? 4096 : 256) {
    VmRequest request = {.instructions = MACHINE_UNLIMITED, .memory = limit, .resp = 2};
    vm_begin(machine->vm, &request);
    bool compiled = vm_compile(machine->vm, (VmBytes){everything, strlen(everything)}, "@s");
    VmStatus status;
    do status = vm_run(machine->vm, 1000);
    while (status == VM_QUANTUM);
    ck_assert(compiled || status == VM_LIMIT);
    if (status == VM_LIMIT) {
      ended_early = true;
      ck_assert_int_eq(vm_ending(machine->vm)->kind, VM_LIMIT_MEMORY);
    } else {
      ck_assert_int_eq(status, VM_DONE);
      succeeded = true;
    }
    const char *wrong = vm_check_heap(machine->vm);
    ck_assert_msg(wrong == NULL, "limit %" PRIu64 ": %s", limit, wrong);
    vm_rollback(machine->vm);
    ck_assert_uint_eq(vm_state_hash(machine->vm), base);
  }
  ck_assert(ended_early && succeeded);
  expect_no_trace("CANARY");
}
END_TEST

START_TEST(the_nth_allocation_fails_for_every_n) {
  uint64_t base = vm_state_hash(machine->vm);
  Heap *heap = heap_of(machine->vm);
  for (uint64_t n = 1;; n += FERROUS_STRESS ? 11 : 1) {
    VmRequest request = {.instructions = MACHINE_UNLIMITED, .memory = 1 << 20, .resp = 2};
    heap->fail_after = n;
    vm_begin(machine->vm, &request);
    vm_compile(machine->vm, (VmBytes){everything, strlen(everything)}, "@s");
    VmStatus status;
    do status = vm_run(machine->vm, 1000);
    while (status == VM_QUANTUM);
    bool reached = heap->fail_after == 0;
    heap->fail_after = 0;
    if (reached) ck_assert_int_eq(status, VM_LIMIT);
    const char *wrong = vm_check_heap(machine->vm);
    ck_assert_msg(wrong == NULL, "allocation %" PRIu64 ": %s", n, wrong);
    vm_rollback(machine->vm);
    ck_assert_uint_eq(vm_state_hash(machine->vm), base);
    if (!reached) {
      ck_assert_int_eq(status, VM_DONE);
      ck_assert_uint_gt(n, REDZONE_SIZE != 0 ? 50 : 20); /* with redzones every allocation is a slow one */
      break;
    }
  }
}
END_TEST

/* --- Random programs --- */

static uint64_t state = 88172645463325252u;
static unsigned pick(unsigned n) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return (unsigned)(state % n);
}

/* Statements over five locals that fail, loop, allocate and call back at random. */
static void write_program(char *text, size_t room) {
  static const char *const statements[] = {
      "a = {b, c, x = d}", "b = tostring(a) .. 'q'", "c = (c or 0) + 1", "d = function() return a, b end",
      "if type(d) == 'function' then e = {d()} end", "for i = 1, 30 do a = {a, i} end", "b = string.rep('xy', 200)",
      "e = select(2, pcall(function() return c.x.y end))", "c = #tostring(b)", "a = coroutine.wrap(function() coroutine.yield(b) end)",
      "if type(a) == 'function' then pcall(a) end", "setmetatable({}, {__index = a})", "table.sort({3, 1, 2, c})",
      "d = loadstring('return ' .. tostring(c))", "e = cjson.encode({b})", "b = ('%d:%s'):format(3, tostring(e))",
      "local t = {} for i = 1, 50 do t['k' .. i] = i end e = t", "error(a)", "return a", "while c do c = c - 1 if c < 0 then break end end",
      "b = b .. b", "e = string.gsub(tostring(b), 'x', function(m) return m .. 'z' end)", "nosuchglobal = 1", "d = d .. nil"};
  size_t size = (size_t)snprintf(text, room, "local a, b, c, d, e = 1, '2', 3, nil, {}\n");
  for (unsigned n = 3 + pick(20); n > 0; n--) {
    const char *s = statements[pick(sizeof statements / sizeof *statements)];
    const char *form = strncmp(s, "return", 6) == 0 ? "do %s end\n" : "%s\n";
    size += (size_t)snprintf(text + size, room - size, form, s);
  }
}

START_TEST(thousands_of_random_programs_leave_nothing) {
  uint64_t base = vm_state_hash(machine->vm);
  int outcomes[5] = {0};
  for (int i = 0; i < (FERROUS_STRESS ? 300 : 3000); i++) {
    char text[4096];
    write_program(text, sizeof text);
    outcomes[machine_run(machine, text, 1 + pick(3) * 20000)]++;
    ck_assert_msg(vm_state_hash(machine->vm) == base, "%s", text);
  }
  ck_assert_int_gt(outcomes[VM_DONE], 0);
  ck_assert_int_gt(outcomes[VM_ERROR], 0);
  ck_assert_int_gt(outcomes[VM_LIMIT], 0);
}
END_TEST

START_TEST(a_run_sees_nothing_of_the_one_before) {
  machine_expect(machine, "KEPT = 1", "error: ERR user_script:1: Attempt to modify a readonly table");
  machine_expect(machine, "math.randomseed(7) return math.random(1000000)", ":266445");
  machine_expect(machine, "return tostring(math.random()):sub(1, 10)", "$0.39646477");
  machine_expect(machine, "cjson.encode_max_depth(1) redis.setresp(3) return 1", ":1");
  machine_expect(machine, "return cjson.encode({{{1}}})", "$[[[1]]]");
  machine_expect(machine, "return true", ":1");
}
END_TEST

static Suite *make_suite(void) {
  Suite *suite = suite_create("transaction");
  TCase *tests = tcase_create("all");
  tcase_add_checked_fixture(tests, open_machine, close_machine);
  tcase_set_timeout(tests, 280);
  tcase_add_test(tests, rollback_after_success_is_bit_for_bit);
  tcase_add_test(tests, the_hash_sees_a_single_changed_byte);
  tcase_add_test(tests, a_canary_is_found_before_the_rollback);
  tcase_add_test(tests, killed_at_every_instruction_leaves_nothing);
  tcase_add_test(tests, memory_that_ends_anywhere_leaves_nothing);
  tcase_add_test(tests, the_nth_allocation_fails_for_every_n);
  tcase_add_test(tests, thousands_of_random_programs_leave_nothing);
  tcase_add_test(tests, a_run_sees_nothing_of_the_one_before);
  suite_add_tcase(suite, tests);
  return suite;
}

CHECK_MAIN(make_suite)
