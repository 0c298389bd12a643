/* SPDX-License-Identifier: BSD-2-Clause */
/* Function libraries: loading, calling, and the base that a commit makes. */
#include "tests/check_main.h"
#include "tests/vm/machine.h"

#include "policy/script_flags.h"
#include "vm/run/state.h"

static Machine *machine;

static void open_machine(void) { machine = machine_open(VM_PROFILE_REDIS, (size_t)4 << 20); }
static void close_machine(void) { machine_close(machine); }

enum { BASE_LIMIT = 1 << 20 };

static void begin(uint64_t budget) {
  const VmRequest request = {.instructions = budget, .memory = machine->config.arena_size / 5 * 4, .resp = 2};
  machine->size = machine->tokens = 0;
  machine->text[0] = '\0';
  vm_begin(machine->vm, &request);
}

static VmStatus run_to_end(void) {
  VmStatus status;
  do status = vm_run(machine->vm, 100000);
  while (status == VM_QUANTUM);
  return status;
}

/* Runs a library's code and lists what it registers in machine->text. */
static VmStatus run_library(const char *source) {
  begin(MACHINE_UNLIMITED);
  if (!vm_compile_library(machine->vm, (VmBytes){source, strlen(source)}, "@user_function")) return VM_ERROR;
  VmStatus status = run_to_end();
  VmFunction f;
  for (size_t i = 0; status == VM_DONE && vm_library_function(machine->vm, i, &f); i++) {
    machine_put(machine, "", f.name);
    if (f.has_description) machine_put(machine, "/", f.description);
    if (f.flags != 0) machine_put(machine, f.flags == SCRIPT_NO_WRITES ? "!" : "?", (VmBytes){"", 0});
  }
  return status;
}

static void load(uint64_t number, const char *source) {
  ck_assert_int_eq(run_library(source), VM_DONE);
  ck_assert_int_eq(vm_commit(machine->vm, number, BASE_LIMIT), VM_COMMIT_OK);
}

static VmStatus call(uint64_t library, const char *name, const char *key, const char *arg) {
  begin(MACHINE_UNLIMITED);
  ck_assert(vm_select_function(machine->vm, library, (VmBytes){name, strlen(name)}));
  const VmBytes keys[] = {{key, strlen(key)}}, args[] = {{arg, strlen(arg)}};
  ck_assert(vm_add_parameter(machine->vm, keys, 1) && vm_add_parameter(machine->vm, args, 1));
  VmStatus status = run_to_end();
  machine_finish(machine, status);
  return status;
}

static void expect_call(uint64_t library, const char *name, const char *text) {
  call(library, name, "k", "a");
  ck_assert_msg(strcmp(machine->text, text) == 0, "%s\n  gives    %s\n  expected %s", name, machine->text, text);
}

static void expect_load_error(const char *source, const char *text) {
  ck_assert_int_eq(run_library(source), VM_ERROR);
  machine_put(machine, "", vm_error(machine->vm)->text);
  vm_rollback(machine->vm);
  ck_assert_msg(strcmp(machine->text, text) == 0, "%s\n  gives    %s\n  expected %s", source, machine->text, text);
}

START_TEST(a_function_gets_keys_and_arguments_and_no_globals_of_them) {
  load(1, "redis.register_function('f', function(keys, args) return {keys[1], args[1], #keys, #args} end)\n"
          "redis.register_function('g', function() return KEYS end)");
  expect_call(1, "f", "*4 $k $a :1 :1");
  expect_call(1, "F", "*4 $k $a :1 :1");
  expect_call(1, "g", "error: ERR user_function:2: Script attempted to access nonexistent global variable 'KEYS'");
}
END_TEST

START_TEST(every_way_of_registering_is_listed) {
  ck_assert_int_eq(run_library("redis.register_function('a', redis.log) "
                               "redis.register_function{function_name = 'B_2', callback = function() end, "
                               "description = 'what', flags = {'NO-writes'}} "
                               "redis.register_function{FUNCTION_NAME = 7, Callback = function() end, description = 8, flags = {}}"),
                   VM_DONE);
  ck_assert_str_eq(machine->text, "a B_2 /what ! 7 /8");
  vm_rollback(machine->vm);
}
END_TEST

START_TEST(wrong_registrations_are_refused_in_the_words_of_redis) {
#define RF "redis.register_function"
  expect_load_error(RF "()", "ERR wrong number of arguments to " RF);
  expect_load_error(RF "(1, 2, 3)", "ERR wrong number of arguments to " RF);
  expect_load_error(RF "(1)", "ERR calling " RF " with a single argument is only applicable to Lua table (representing named arguments).");
  expect_load_error(RF "({}, redis.log)", "ERR first argument to " RF " must be a string");
  expect_load_error(RF "('x', 1)", "ERR second argument to " RF " must be a function");
  expect_load_error(RF "{function_name = {}}", "ERR function_name argument given to " RF " must be a string");
  expect_load_error(RF "{description = {}}", "ERR description argument given to " RF " must be a string");
  expect_load_error(RF "{callback = 1}", "ERR callback argument given to " RF " must be a function");
  expect_load_error(RF "{flags = 1}", "ERR flags argument to " RF " must be a table representing function flags");
  expect_load_error(RF "{flags = {'a'}}", "ERR unknown flag given");
  expect_load_error(RF "{other = 1}", "ERR unknown argument given to " RF);
  expect_load_error(RF "{[true] = 1}", "ERR named argument key given to " RF " is not a string");
  expect_load_error(RF "{callback = redis.log}", "ERR " RF " must get a function name argument");
  expect_load_error(RF "{function_name = 'x'}", "ERR " RF " must get a callback argument");
  expect_load_error(RF "('a b', redis.log)",
                    "ERR Library names can only contain letters, numbers, or underscores(_) and must be at least one character long");
  expect_load_error(RF "('x', redis.log) " RF "('X', redis.log)", "ERR Function already exists in the library");
}
END_TEST

START_TEST(loading_code_sees_little) {
  static const char *const names[] = {"call", "math", "setresp", "pairs", "error", "_G", "REPL_ALL"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    char source[100], expected[200];
    snprintf(source, sizeof source, "local x = redis.%s", names[i]);
    snprintf(expected, sizeof expected, "ERR user_function:1: Script attempted to access nonexistent global variable '%s'", names[i]);
    expect_load_error(source, expected);
    snprintf(source, sizeof source, "local x = %s", names[i]);
    expect_load_error(source, expected);
  }
  expect_load_error("x = 1", "ERR user_function:1: Attempt to modify a readonly table");
  expect_load_error("redis.x = 1", "ERR user_function:1: Attempt to modify a readonly table");
  ck_assert_int_eq(run_library("redis.register_function(('x'):rep(3), redis.log)"), VM_DONE);
  ck_assert_str_eq(machine->text, "xxx");
  vm_rollback(machine->vm);
}
END_TEST

START_TEST(a_called_function_sees_what_a_script_sees_but_for_a_few) {
  load(1, "local register = redis.register_function\n"
          "register('names', function() local t = {} for k in pairs(_G) do t[#t + 1] = k end table.sort(t) return table.concat(t, ' ') end)\n"
          "register('absent', function() return {tostring(redis.register_function), tostring(redis.breakpoint), tostring(redis.debug), "
          "tostring(redis.replicate_commands)} end)\n"
          "register('late', function() register('x', redis.log) end)\n"
          "register('set', function() y = 1 end)\n"
          "register('code', function() return loadstring('return foo')() end)\n");
  call(1, "names", "", "");
  ck_assert_ptr_nonnull(strstr(machine->text, "_G _VERSION assert bit cjson"));
  ck_assert_ptr_null(strstr(machine->text, "KEYS"));
  expect_call(1, "absent", "*4 $nil $nil $nil $nil");
  expect_call(1, "late", "error: ERR redis.register_function can only be called on FUNCTION LOAD command");
  expect_call(1, "set", "error: ERR user_function:5: Attempt to modify a readonly table");
  expect_call(1, "code", "error: ERR [string \"return foo\"]:1: Script attempted to access nonexistent global variable 'foo'");
}
END_TEST

static const char stateful[] =
    "local count, log, weak = 0, {}, nil\n"
    "local words = ('one two three'):gmatch('%a+')\n"
    "local function bump(n) count = count + n return count end\n"
    "redis.register_function('bump', function(keys, args) bump(1) log[#log + 1] = {args[1]} collectgarbage() return {bump(1), #log, log[1][1]} end)\n"
    "redis.register_function('words', function() return {words(), words(), words()} end)\n"
    "redis.register_function('weak', function()\n"
    "  weak = weak or setmetatable({}, {__mode = 'v'})\n"
    "  log[1] = setmetatable({}, {__index = log, __mode = 'k'})\n"
    "  for i = 1, 50 do weak[i] = {i} log[1][{}] = i end collectgarbage()\n"
    "  local n = 0 for k in pairs(log[1]) do n = n + 1 end for k in pairs(weak) do n = n + 1 end return n end)\n";

START_TEST(what_a_function_changes_is_rolled_back) {
  load(5, stateful);
  uint64_t base = vm_state_hash(machine->vm);
  for (int i = 0; i < 3; i++) {
    expect_call(5, "bump", "*3 :2 :1 $a");
    ck_assert_uint_eq(vm_state_hash(machine->vm), base);
    expect_call(5, "words", "*3 $one $two $three");
    ck_assert_uint_eq(vm_state_hash(machine->vm), base);
    expect_call(5, "weak", ":0");
    ck_assert_uint_eq(vm_state_hash(machine->vm), base);
    machine_expect(machine, "return {1, 'x'}", "*2 :1 $x");
    ck_assert_uint_eq(vm_state_hash(machine->vm), base);
  }
}
END_TEST

/* A weak table that is part of the base loses its dead entries like any other. */
START_TEST(weak_tables_of_the_base_are_cleared) {
  load(1, "local cache, strong = {}, {}\n"
          "redis.register_function('prepare', function() setmetatable(cache, {__mode = 'v'}) "
          "for i = 1, 100 do cache[i] = {i} if i % 10 == 0 then strong[#strong + 1] = cache[i] end end "
          "collectgarbage() local n = 0 for _ in pairs(cache) do n = n + 1 end for i = 1, 200 do strong[i] = {} end return n end)\n");
  expect_call(1, "prepare", ":10");
  expect_call(1, "prepare", ":10");
}
END_TEST

START_TEST(several_libraries_stand_side_by_side) {
  char source[300];
  for (int i = 1; i <= 40; i++) {
    snprintf(source, sizeof source,
             "local t = {x = %d, 'array', [3.5] = true} local function get() return t.x end "
             "redis.register_function('f', function(keys) t.x = t.x + 1 return get() end)", i * 10);
    load((uint64_t)i * 1000000007, source);
    for (int j = 1; j <= i; j += 3) {
      char expected[32];
      snprintf(expected, sizeof expected, ":%d", j * 10 + 1);
      expect_call((uint64_t)j * 1000000007, "f", expected);
    }
  }
  begin(1000);
  ck_assert(!vm_select_function(machine->vm, 1, (VmBytes){"f", 1}));
  vm_rollback(machine->vm);
  begin(1000);
  ck_assert(!vm_select_function(machine->vm, 1000000007, (VmBytes){"g", 1}));
  vm_rollback(machine->vm);
}
END_TEST

/* The order of a table's keys must not depend on where the table stands. */
START_TEST(moving_keeps_the_order_of_keys) {
  static const char body[] = "local t = {} for i = 1, 60 do t['key' .. i * 7] = i t[i * 1000.5] = i end "
                             "for i = 1, 60, 2 do t['key' .. i * 7] = nil end ";
  static const char list[] = "local r = {} for k, v in next, t do r[#r + 1] = tostring(k) .. '=' .. v end return table.concat(r, ' ')";
  char source[600];
  snprintf(source, sizeof source, "%s%s", body, list);
  machine_run(machine, source, MACHINE_UNLIMITED);
  char expected[sizeof machine->text];
  memcpy(expected, machine->text, sizeof expected);
  snprintf(source, sizeof source, "%s redis.register_function('f', function() %s end)", body, list);
  load(1, source);
  load(2, "redis.register_function('g', redis.log)"); /* moves everything once more */
  expect_call(1, "f", expected);
}
END_TEST

START_TEST(a_base_that_is_too_large_leaves_the_old_one) {
  load(1, "redis.register_function('f', function() return 'old' end)");
  uint64_t base = vm_state_hash(machine->vm);
  static const char large[] = "local t = {} for i = 1, 3000 do t[i] = ('x'):rep(i % 50) .. i end redis.register_function('f', function() return t end)";
  ck_assert_int_eq(run_library(large), VM_DONE);
  uint64_t bytes = vm_base_bytes(machine->vm);
  ck_assert_int_eq(vm_commit(machine->vm, 2, bytes + 50000), VM_COMMIT_TOO_LARGE);
  vm_rollback(machine->vm);
  ck_assert_uint_eq(vm_state_hash(machine->vm), base);
  ck_assert_uint_eq(vm_base_bytes(machine->vm), bytes);
  expect_call(1, "f", "$old");
  load(2, large);
  ck_assert_uint_gt(vm_base_bytes(machine->vm), bytes + 50000);
  expect_call(1, "f", "$old");
}
END_TEST

/* For every limit, a commit is done or leaves everything as it was. */
START_TEST(a_commit_is_whole_or_nothing_at_every_limit) {
  uint64_t base = vm_state_hash(machine->vm);
  int refused = 0;
  for (uint64_t limit = 1;; limit += 997) {
    ck_assert_int_eq(run_library(stateful), VM_DONE);
    VmCommitStatus status = vm_commit(machine->vm, 5, limit);
    if (status == VM_COMMIT_OK) {
      ck_assert_uint_le(vm_base_bytes(machine->vm), limit);
      break;
    }
    ck_assert_int_eq(status, VM_COMMIT_TOO_LARGE);
    vm_rollback(machine->vm);
    ck_assert_uint_eq(vm_state_hash(machine->vm), base);
    refused++;
  }
  ck_assert_int_gt(refused, 5);
  expect_call(5, "words", "*3 $one $two $three");
}
END_TEST

/* No standard function is reachable while a library loads, so a coroutine has to come
 * through a function that was committed before. */
START_TEST(scripts_behave_as_before_a_commit) {
  static const char script[] = "local co = coroutine.wrap(function(a) local b = coroutine.yield(a + 1) return b * 2 end) "
                               "local t = setmetatable({}, {__index = function(t, k) return k .. '!' end}) "
                               "return {co(1), co(5), t.x, cjson.encode({1, {a = 2}}), ('abc'):upper(), tostring({}):sub(1, 6)}";
  machine_run(machine, script, MACHINE_UNLIMITED);
  VmUsage before = machine->usage;
  char expected[sizeof machine->text];
  memcpy(expected, machine->text, sizeof expected);
  load(1, stateful);
  machine_expect(machine, script, expected);
  ck_assert_uint_eq(machine->usage.instructions, before.instructions);
  /* Strings that the base now holds need no memory of the run's; the records of its
   * functions are copied beside the run's own. */
  ck_assert_uint_le(machine->usage.memory_peak, before.memory_peak + 1024);
}
END_TEST

START_TEST(killed_at_every_instruction_a_call_leaves_the_base) {
  load(5, stateful);
  uint64_t base = vm_state_hash(machine->vm);
  for (uint64_t n = 1; n < 3000; n += FERROUS_STRESS ? 97 : 7) {
    begin(n);
    ck_assert(vm_select_function(machine->vm, 5, (VmBytes){"weak", 4}));
    (void)run_to_end();
    vm_rollback(machine->vm);
    ck_assert_uint_eq(vm_state_hash(machine->vm), base);
  }
  expect_call(5, "weak", ":0");
}
END_TEST

static Suite *make_suite(void) {
  Suite *suite = suite_create("library");
  TCase *tcase = tcase_create("library");
  tcase_add_checked_fixture(tcase, open_machine, close_machine);
  tcase_set_timeout(tcase, 120);
  tcase_add_test(tcase, a_function_gets_keys_and_arguments_and_no_globals_of_them);
  tcase_add_test(tcase, every_way_of_registering_is_listed);
  tcase_add_test(tcase, wrong_registrations_are_refused_in_the_words_of_redis);
  tcase_add_test(tcase, loading_code_sees_little);
  tcase_add_test(tcase, a_called_function_sees_what_a_script_sees_but_for_a_few);
  tcase_add_test(tcase, what_a_function_changes_is_rolled_back);
  tcase_add_test(tcase, weak_tables_of_the_base_are_cleared);
  tcase_add_test(tcase, several_libraries_stand_side_by_side);
  tcase_add_test(tcase, moving_keeps_the_order_of_keys);
  tcase_add_test(tcase, a_base_that_is_too_large_leaves_the_old_one);
  tcase_add_test(tcase, a_commit_is_whole_or_nothing_at_every_limit);
  tcase_add_test(tcase, scripts_behave_as_before_a_commit);
  tcase_add_test(tcase, killed_at_every_instruction_a_call_leaves_the_base);
  suite_add_tcase(suite, tcase);
  return suite;
}

CHECK_MAIN(make_suite)
