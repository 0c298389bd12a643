/* SPDX-License-Identifier: BSD-2-Clause */
/* What a write into the arena must not reach: each test changes one field while a script
 * waits at redis.call, lets it go on, and looks at how the process ends. */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "policy/traps.h"
#include "tests/check_main.h"
#include "tests/vm/machine.h"
#include "vm/lib/cjson.h"
#include "vm/memory/redzone.h"
#include "vm/objects/table.h"
#include "vm/run/state.h"

typedef void (*Attack)(VM *vm, Table *keys);

enum { EXIT_FINISHED = 0, EXIT_BAD_TEST = 9, EXIT_SANITIZED = 77 };

/* AddressSanitizer may see the misuse before the machine does. */
const char *__asan_default_options(void);
const char *__asan_default_options(void) { return "exitcode=77:allow_user_segv_handler=1"; }

static Table *find_keys(const VM *vm) {
  Table *globals = value_table(vm->run.globals);
  for (uint32_t i = 0; i <= globals->max_offset / sizeof(Node); i++) {
    Node *n = &table_nodes(globals)[i];
    if (value_is_string(n->key) && strcmp(value_string(n->key)->bytes, "KEYS") == 0) return value_table(n->value);
  }
  _exit(EXIT_BAD_TEST);
}

/* Runs the script; at its call of redis.call the attack happens.  In a child. */
static void run_attacked(Attack attack, const char *script) {
  Machine *m = machine_open(VM_PROFILE_REDIS, (size_t)4 << 20);
  VmRequest request = {.instructions = 1000000, .memory = 2 << 20, .resp = 2};
  vm_begin(m->vm, &request);
  VmBytes items[2] = {{"one", 3}, {"two", 3}};
  if (!vm_compile(m->vm, (VmBytes){script, strlen(script)}, "@s") || !vm_set_strings(m->vm, "KEYS", items, 2)) _exit(EXIT_BAD_TEST);
  if (vm_run(m->vm, 1000000) != VM_HOST_CALL) _exit(EXIT_BAD_TEST);
  attack(m->vm, find_keys(m->vm));
  if (!vm_host_reply(m->vm, (VmBytes){"+OK\r\n", 5})) _exit(EXIT_BAD_TEST);
  VmStatus status;
  do status = vm_run(m->vm, 1000000);
  while (status == VM_QUANTUM);
  _exit(status == VM_DONE ? EXIT_FINISHED : EXIT_BAD_TEST);
}

/* The signal that ended it, or 0 when the script returned; `expected` stands for a
 * sanitizer's verdict. */
static int end_of(Attack attack, const char *script, int expected) {
  pid_t child = fork();
  if (child == 0) {
    const int signals[] = {SIGTRAP, SIGILL, SIGSEGV, SIGABRT};
    for (int i = 0; i < 4; i++) signal(signals[i], SIG_DFL);
    alarm(60);
    run_attacked(attack, script);
  }
  int status;
  waitpid(child, &status, 0);
  if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SANITIZED) return expected;
  ck_assert(!WIFEXITED(status) || WEXITSTATUS(status) == EXIT_FINISHED);
  return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void expect_end(Attack attack, const char *script, int expected) {
  int signal = end_of(attack, script, expected);
  ck_assert_msg(signal == expected, "%s: ended by signal %d, expected %d", script, signal, expected);
}

static uint32_t behind_arena(const VM *vm) { return vm->heap.arena_base + (vm->heap.block_count << BLOCK_SHIFT) + 4096; }

/* The closure that runs below the native of the call. */
static Closure *running_closure(const VM *vm) { return (Closure *)(uintptr_t)vm->run.frame[-1].closure; }

static void do_nothing(VM *vm, Table *keys) { (void)vm, (void)keys; }

static void move_array_outside(VM *vm, Table *keys) {
  keys->array = behind_arena(vm);
  keys->array_size = 0;
}

static void move_nodes_outside(VM *vm, Table *keys) { keys->nodes = behind_arena(vm); }
static void move_metatable_outside(VM *vm, Table *keys) { keys->metatable = behind_arena(vm); }

START_TEST(nothing_outside_the_arena_gets_a_mark) {
  static const char collect[] = "redis.call('x') collectgarbage() return 1";
  expect_end(do_nothing, collect, 0);
  expect_end(move_array_outside, collect, TRAP_STALE);
  expect_end(move_nodes_outside, collect, TRAP_STALE);
  ck_assert_int_ne(end_of(move_metatable_outside, collect, SIGSEGV), 0);
}
END_TEST

static void enlarge_array(VM *vm, Table *keys) {
  (void)vm;
  keys->array_size = 600;
}

START_TEST(a_small_buffer_is_not_given_back_as_blocks) {
  expect_end(enlarge_array, "redis.call('x') KEYS[1] = nil for i = 1, 2000 do KEYS['k' .. i] = i end return 1", TRAP_CHECK);
}
END_TEST

static void forge_record(VM *vm, Table *keys) {
  (void)vm;
  value_thread(table_array(keys)[0])->record = 7777;
}

static void forge_record_nearby(VM *vm, Table *keys) {
  (void)vm;
  value_thread(table_array(keys)[0])->record = 0;
}

START_TEST(a_coroutine_names_its_own_record_only) {
  static const char script[] = "KEYS[1] = coroutine.create(function() end) redis.call('x') collectgarbage() return 1";
  expect_end(do_nothing, script, 0);
  expect_end(forge_record, script, TRAP_CHECK);
  expect_end(forge_record_nearby, script, TRAP_CHECK);
}
END_TEST

static void forge_function(VM *vm, Table *keys) {
  (void)keys;
  running_closure(vm)->function++;
}

static void forge_function_far(VM *vm, Table *keys) {
  (void)keys;
  running_closure(vm)->function = 0x7fffff;
}

START_TEST(a_frame_runs_the_function_that_its_closure_names) {
  static const char collect[] = "local function f() redis.call('x') collectgarbage() return 1 end local function g() end local r = f() return r";
  static const char make[] = "local function f() redis.call('x') return function() return collectgarbage end end local function g() end local r = f() return 1";
  static const char fail[] = "local function f() redis.call('x') local a = nil .. 1 end local function g() end local r = pcall(f) return r";
  expect_end(do_nothing, collect, 0);
  expect_end(forge_function, collect, TRAP_CHECK);
  expect_end(forge_function_far, collect, TRAP_CHECK);
  expect_end(forge_function, make, TRAP_CHECK);
  expect_end(forge_function_far, make, TRAP_CHECK);
  expect_end(forge_function, fail, TRAP_CHECK);
}
END_TEST

static void hide_running_closure(VM *vm, Table *keys) {
  (void)keys;
  running_closure(vm)->header.kind = KIND_STRING;
}

START_TEST(the_code_of_a_running_function_stays_whatever_its_closure_looks_like) {
  expect_end(hide_running_closure, "return loadstring([[local c, r = collectgarbage, redis.call('x') c() "
                                                "local s = string.rep('x', 5000) for i = 1, 9 do c() end return #s]])()", 0);
}
END_TEST

static void close_ring(VM *vm, Table *keys) {
  (void)vm;
  for (uint32_t i = 0; i <= keys->max_offset / sizeof(Node); i++) {
    table_nodes(keys)[i].next = (uint32_t)(uintptr_t)&table_nodes(keys)[i];
  }
}

static void close_ring_of_strings(VM *vm, Table *keys) {
  (void)keys;
  for (uint32_t i = 0; i <= vm->heap.state.intern_mask; i++) {
    uint32_t address = vm->heap.state.intern_heads[i];
    if (address != 0) ((String *)(uintptr_t)address)->next = address;
  }
}

START_TEST(a_chain_closed_to_a_ring_ends) {
  static const char *const scripts[] = {"return rawget(KEYS, 'missing') == nil", "return KEYS[77] == nil", "return KEYS[true] == nil", "KEYS.fresh = 1"};
  for (int i = 0; i < 4; i++) {
    char script[200];
    snprintf(script, sizeof script, "for i = 1, 9 do KEYS['k' .. i] = i end redis.call('x') %s", scripts[i]);
    expect_end(do_nothing, script, 0);
    expect_end(close_ring, script, TRAP_CHECK);
  }
  expect_end(close_ring_of_strings, "redis.call('x') for i = 1, 5000 do local s = 'n' .. i end return 1", TRAP_CHECK);
  expect_end(close_ring_of_strings, "redis.call('x') collectgarbage() return 1", TRAP_CHECK);
}
END_TEST

/* The settings of a cjson.new are a string in the arena; found by two odd numbers. */
REDZONE_BLIND static CjsonSettings *find_settings(const VM *vm) {
  char *at = vm->heap.arena, *end = at + ((size_t)vm->heap.state.next_block << BLOCK_SHIFT) - sizeof(CjsonSettings);
  for (; at < end; at += 4) {
    const CjsonSettings *s = (const CjsonSettings *)(void *)at;
    if (s->encode_max_depth == 777 && s->number_precision == 5) return (CjsonSettings *)(void *)at;
  }
  _exit(EXIT_BAD_TEST);
}

static void forge_precision(VM *vm, Table *keys) {
  (void)keys;
  find_settings(vm)->number_precision = 5000;
}

static void forge_option(VM *vm, Table *keys) {
  (void)keys;
  find_settings(vm)->encode_invalid = 100000;
}

START_TEST(settings_kept_in_the_arena_are_proven) {
  static const char encode[] = "local j = cjson.new() j.encode_max_depth(777) j.encode_number_precision(5) redis.call('x') return j.encode({0.1})";
  static const char show[] = "local j = cjson.new() j.encode_max_depth(777) j.encode_number_precision(5) redis.call('x') return j.encode_invalid_numbers()";
  expect_end(do_nothing, encode, 0);
  expect_end(forge_precision, encode, TRAP_CHECK);
  expect_end(do_nothing, show, 0);
  expect_end(forge_option, show, TRAP_CHECK);
}
END_TEST

static Suite *make_suite(void) {
  Suite *suite = suite_create("vm/cage");
  TCase *tests = tcase_create("all");
  tcase_set_timeout(tests, 280);
  tcase_add_test(tests, nothing_outside_the_arena_gets_a_mark);
  tcase_add_test(tests, a_small_buffer_is_not_given_back_as_blocks);
  tcase_add_test(tests, a_coroutine_names_its_own_record_only);
  tcase_add_test(tests, a_frame_runs_the_function_that_its_closure_names);
  tcase_add_test(tests, the_code_of_a_running_function_stays_whatever_its_closure_looks_like);
  tcase_add_test(tests, a_chain_closed_to_a_ring_ends);
  tcase_add_test(tests, settings_kept_in_the_arena_are_proven);
  suite_add_tcase(suite, tests);
  return suite;
}

CHECK_MAIN(make_suite)
