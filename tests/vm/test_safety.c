/* SPDX-License-Identifier: BSD-2-Clause */
/* What must hold when the heap is corrupted, and how much C stack a script can use. */
#define _GNU_SOURCE
#include "tests/check_main.h"
#include "tests/vm/machine.h"

#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "policy/traps.h"
#include "vm/memory/heap.h"
#include "vm/objects/table.h"
#include "vm/run/state.h"

/* --- Layouts that others rely on --- */

START_TEST(layouts_are_what_the_design_fixes) {
  ck_assert_uint_eq(sizeof(Value), 8);
  ck_assert_uint_eq(sizeof(Header), 8);
  ck_assert_uint_eq(offsetof(Header, generation), 2);
  ck_assert_uint_eq(offsetof(Header, serial), 4);
  ck_assert_uint_eq(offsetof(String, bytes), 20);
  ck_assert_uint_eq(sizeof(Node), 24);
  ck_assert_uint_eq(sizeof(Table), 48);
}
END_TEST

START_TEST(the_base_image_fits_its_bound) {
  Machine *m = machine_open(VM_PROFILE_REDIS, (size_t)4 << 20);
  ck_assert_uint_le(m->vm->base_size, 32 * 1024);
  machine_close(m);
}
END_TEST

/* --- Stale and forged handles --- */

/* Runs `attack` on an open run whose global table KEYS holds a table, then the script;
 * returns the signal that ended the child, or 0. */
static int signal_after(void (*attack)(Machine *m, Table *keys), const char *script) {
  pid_t child = fork();
  if (child == 0) {
    signal(SIGTRAP, SIG_DFL);
    signal(SIGILL, SIG_DFL);
    Machine *m = machine_open(VM_PROFILE_REDIS, (size_t)4 << 20);
    VmRequest request = {.instructions = 100000, .memory = 2 << 20, .resp = 2};
    vm_begin(m->vm, &request);
    VmBytes items[2] = {{"one", 3}, {"two", 3}};
    if (!vm_compile(m->vm, (VmBytes){script, strlen(script)}, "@s") || !vm_set_strings(m->vm, "KEYS", items, 2)) _exit(9);
    String *name = NULL;
    Table *globals = value_table(m->vm->run.globals);
    for (uint32_t i = 0; i <= globals->max_offset / sizeof(Node); i++) {
      Node *n = &table_nodes(globals)[i];
      if (value_is_string(n->key) && strcmp(value_string(n->key)->bytes, "KEYS") == 0) {
        name = value_string(n->key);
        attack(m, value_table(n->value));
      }
    }
    if (name == NULL) _exit(8);
    VmStatus status;
    do status = vm_run(m->vm, 1000);
    while (status == VM_QUANTUM);
    _exit(0);
  }
  int status;
  waitpid(child, &status, 0);
  ck_assert(!WIFEXITED(status) || WEXITSTATUS(status) == 0);
  return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void do_nothing(Machine *m, Table *keys) { (void)m, (void)keys; }
static void make_table_stale(Machine *m, Table *keys) { (void)m, keys->header.generation++; }
static void make_element_stale(Machine *m, Table *keys) {
  (void)m;
  value_string(table_array(keys)[0])->header.generation++;
}
static void make_metatable_stale(Machine *m, Table *keys) {
  (void)m;
  table_set_metatable(keys, keys);
  keys->metatable_generation++;
}
static void point_array_outside(Machine *m, Table *keys) { (void)m, keys->array = 0x7ffff000; }
/* A forged object outside the arena whose generation is the one that is asked for. */
static void point_metatable_outside(Machine *m, Table *keys) {
  (void)m;
  Table *forged = machine_map(0x48000000, 4096);
  if (forged == NULL) _exit(7);
  forged->header = keys->header;
  table_set_metatable(keys, forged);
}
static void point_element_outside(Machine *m, Table *keys) {
  (void)m;
  table_array(keys)[0] = (uint64_t)TAG_TABLE << 48 | (uint64_t)1 << 32 | 0xFFFFF000u;
}

START_TEST(an_untouched_heap_runs_on) {
  ck_assert_int_eq(signal_after(do_nothing, "return #KEYS[1]"), 0);
}
END_TEST

START_TEST(a_stale_table_traps) {
  ck_assert_int_eq(signal_after(make_table_stale, "return #KEYS"), TRAP_STALE);
  ck_assert_int_eq(signal_after(make_table_stale, "return KEYS[1]"), TRAP_STALE);
  ck_assert_int_eq(signal_after(make_table_stale, "KEYS[1] = 2"), TRAP_STALE);
  ck_assert_int_eq(signal_after(make_table_stale, "for k in pairs(KEYS) do end"), TRAP_STALE);
  ck_assert_int_eq(signal_after(make_table_stale, "return table.concat(KEYS)"), TRAP_STALE);
}
END_TEST

START_TEST(a_stale_metatable_traps) {
  ck_assert_int_eq(signal_after(make_metatable_stale, "return KEYS.x"), TRAP_STALE);
  ck_assert_int_eq(signal_after(make_metatable_stale, "return getmetatable(KEYS)"), TRAP_STALE);
  ck_assert_int_eq(signal_after(make_metatable_stale, "collectgarbage()"), TRAP_STALE);
}
END_TEST

START_TEST(the_collector_validates_what_it_follows) {
  ck_assert_int_eq(signal_after(make_element_stale, "collectgarbage()"), TRAP_STALE);
  ck_assert_int_eq(signal_after(point_element_outside, "collectgarbage()"), TRAP_STALE);
  ck_assert_int_eq(signal_after(point_metatable_outside, "collectgarbage()"), TRAP_STALE);
  ck_assert_int_eq(signal_after(point_array_outside, "collectgarbage()"), TRAP_STALE);
}
END_TEST

/* --- The C stack --- */

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifdef SANITIZED /* frames of instrumented code are many times as large */
enum { SMALL_STACK = 512 * 1024, COMPILE_STACK = 2048 * 1024 };
#else
enum { SMALL_STACK = 64 * 1024, COMPILE_STACK = 192 * 1024 };
#endif

typedef struct {
  const char *script;
  const char *expected;
} Deep;

/* libcheck may not be left from another thread: the outcome is compared by the main one. */
typedef struct {
  const Deep *deep;
  char outcome[512];
} Attempt;

static void *run_deep(void *argument) {
  Attempt *attempt = argument;
  Machine *m = machine_open(VM_PROFILE_REDIS, (size_t)64 << 20);
  machine_run(m, attempt->deep->script, MACHINE_UNLIMITED);
  snprintf(attempt->outcome, sizeof attempt->outcome, "%.500s", m->text);
  machine_close(m);
  return NULL;
}

/* Runs a script on a C stack of `size` bytes with a guard page: using more is death. */
static Attempt run_on_stack(const Deep *deep, size_t size) {
  Attempt attempt = {.deep = deep};
  pthread_attr_t attributes;
  pthread_t thread;
  pthread_attr_init(&attributes);
  /* aarch64's smallest is 128 KiB. */
  size_t smallest = (size_t)sysconf(_SC_THREAD_STACK_MIN);
  ck_assert_int_eq(pthread_attr_setstacksize(&attributes, size > smallest ? size : smallest), 0);
  ck_assert_int_eq(pthread_create(&thread, &attributes, run_deep, &attempt), 0);
  pthread_join(thread, NULL);
  pthread_attr_destroy(&attributes);
  return attempt;
}

static const Deep constructs[] = {
    {"local n = 0 local function f() n = n + 1 return 1 + f() end local ok, e = pcall(f) return {tostring(ok), e}",
     "*2 $false $user_script:1: stack overflow"},
    {"local n = 0 local function f() n = n + 1 pcall(f) end f() return n", ":199"},
    {"local n = 0 local t = setmetatable({}, {}) getmetatable(t).__index = function(t, k) n = n + 1 return t[k + 1] end "
     "pcall(function() return t[1] end) return n", ":197"},
    {"local t = {} for i = 1, 10000 do t = setmetatable({}, {__index = t}) end local ok, e = pcall(function() return t.x end) return e",
     "$user_script:1: loop in gettable"},
    {"local n = 0 local function f() n = n + 1 return (('x'):gsub('x', f)) end pcall(f) return n", ":198"},
    {"local n = 0 local function f(a, b) n = n + 1 table.sort({2, 1}, f) end pcall(f) return n", ":198"},
    {"local n = 0 local t = setmetatable({}, {}) getmetatable(t).__tostring = function(t) n = n + 1 return tostring(t) end "
     "pcall(tostring, t) return n", ":197"},
    {"local n = 0 local t = setmetatable({}, {}) getmetatable(t).__add = function(a, b) n = n + 1 return a + b end "
     "pcall(function() return t + t end) return n", ":197"},
    {"local n = 0 local t = setmetatable({}, {}) getmetatable(t).__concat = function(a, b) n = n + 1 return a .. b end "
     "pcall(function() return t .. t .. t end) return n", ":197"},
    {"local n = 0 local t = setmetatable({}, {}) getmetatable(t).__lt = function(a, b) n = n + 1 return a < b end "
     "pcall(function() return t < t end) return n", ":197"},
    {"local n = 0 local function f() n = n + 1 for _ in f do end end pcall(f) return n", ":198"},
    {"local n = 0 local function f() n = n + 1 table.foreach({1}, f) end pcall(f) return n", ":198"},
    {"local n = 0 local function f() n = n + 1 load(f) error() end pcall(f) return n", ":198"},
    {"local n = 0 local function f() n = n + 1 coroutine.wrap(f)() end pcall(f) return n", ":199"},
    {"local t = {} for i = 1, 100000 do t = {t} end return #t", ":1"},
    {"local s = string.rep('a', 20000) return #s:match('.-b') or 0", "error: ERR user_script:1: attempt to get length of a nil value"},
    {"return #string.match(string.rep('(', 100) .. 'x', string.rep('%(', 100) .. 'x')", ":101"},
    {"local s = 'return ' .. string.rep('a.', 20000) .. 'a' return type(loadstring(s))", "$function"},
    {"local s = 'return ' .. string.rep('1+', 20000) .. '1' return loadstring(s)()", ":20001"},
};

START_TEST(no_construct_grows_the_c_stack) {
  Attempt attempt = run_on_stack(&constructs[_i], SMALL_STACK);
  ck_assert_msg(strcmp(attempt.outcome, constructs[_i].expected) == 0, "%s\n  gives    %s\n  expected %s",
                constructs[_i].script, attempt.outcome, constructs[_i].expected);
}
END_TEST

static const Deep sources[] = {
    {"return type(loadstring('return ' .. string.rep('(', 190) .. '1' .. string.rep(')', 190)))", "$function"},
    {"return type(loadstring(string.rep('do ', 190) .. string.rep('end ', 190)))", "$function"},
    {"return (select(2, loadstring('return ' .. string.rep('{', 5000))))", NULL},
    {"return (select(2, loadstring(string.rep('function f() ', 5000))))", NULL},
};

START_TEST(the_compiler_has_a_fixed_depth) {
  Attempt attempt = run_on_stack(&sources[_i], COMPILE_STACK);
  if (sources[_i].expected != NULL) ck_assert_str_eq(attempt.outcome, sources[_i].expected);
  else ck_assert_msg(strstr(attempt.outcome, "chunk has too many syntax levels") != NULL, "%s", attempt.outcome);
}
END_TEST

#ifndef SANITIZED /* what instrumented code uses is not what a worker clears */
/* Each reaches the deepest of the library's C functions in its way. */
static const char *const deep_natives[] = {
    "return string.format('%.99f %5.3e %q', 1e308, 1 / 3, string.rep('x', 500))",
    "return tostring(2 ^ 0.5) .. tostring(-1e-308) .. 5e-324",
    "return tonumber('123456789012345678901234567890.123456789e-300') + tonumber('0x1fffffffffffff') + tonumber('1e-320')",
    "return (string.rep('ab', 300):gsub('(a)(b)', '%2%1'):find(string.rep('(.)', 32)))",
    "local n = 0 for k in string.rep('x1 ', 50):gmatch('(%a)(%d)') do n = n + #k end return n",
    "local t = {} for i = 1, 3000 do t[i] = (i * 7919) % 3001 end table.sort(t) return #table.concat(t, ',')",
    "local t = {} for i = 1, 3000 do t[i] = 's' .. (i * 7919) % 3001 end table.sort(t) return t[1]",
    "local t = {} for i = 1, 2000 do t[i] = i end return (string.char(unpack(t, 1, 200)):upper())",
    "local t = {1.5, 'x', {a = {b = {1e300}}}} local s = cjson.encode(t) return cjson.encode(cjson.decode(s))",
    "local t = {} for i = 1, 900 do t = {t} end return #cjson.encode(cjson.decode(string.rep('[', 900) .. string.rep(']', 900)))",
    "return cmsgpack.pack(cmsgpack.unpack(cmsgpack.pack({1.5, {a = {b = -1}}, 'x'}, 2 ^ 40, false)))",
    "return struct.pack('>I4dfhs', struct.unpack('>I4dfhs', struct.pack('>I4dfhs', 1, 2.5, 3.5, -4, 'five')))",
    "return redis.sha1hex(string.rep('x', 5000)) .. bit.tohex(255)",
    "local ok, e = pcall(error, {err = 'x'}) return redis.error_reply(tostring(e) .. string.rep('y', 200))",
    "return math.random() + os.clock() + #tostring(print or {}) + collectgarbage('count')",
};

enum { PAINTED = 64 * 1024, OWN_FRAME = 1024 };

/* Bytes below `top` that were written since they were painted.  No array: making room for one
 * would touch each of its pages. */
static size_t painted_over(const char *top) {
  const unsigned char *at = (const unsigned char *)top - PAINTED;
  while (at < (const unsigned char *)top - OWN_FRAME && *at == 0xa5) at++;
  return (size_t)((const unsigned char *)top - at);
}

START_TEST(library_functions_use_no_more_stack_than_a_worker_clears) {
  Machine *m = machine_open(VM_PROFILE_REDIS, (size_t)64 << 20);
  const VmRequest request = {.instructions = 10000000, .memory = 40 << 20, .resp = 2};
  vm_begin(m->vm, &request);
  ck_assert(vm_compile(m->vm, (VmBytes){deep_natives[_i], strlen(deep_natives[_i])}, "@user_script"));
  char *top = __builtin_frame_address(0);
  memset(top - PAINTED, 0xa5, PAINTED - OWN_FRAME);
  VmStatus status = vm_run(m->vm, 10000000);
  size_t used = painted_over(top);
  ck_assert_msg(status == VM_DONE || status == VM_ERROR, "%s ended with %d", deep_natives[_i], status);
  ck_assert_msg(used <= VM_NATIVE_STACK * 3 / 4, "%s used %zu bytes", deep_natives[_i], used);
  vm_rollback(m->vm);
  machine_close(m);
}
END_TEST
#endif

/* --- The budget --- */

/* None of these may survive its budget, whatever catches errors around it. */
static const char *const endless[] = {
    "while true do end",
    "repeat until false",
    "for i = 1, math.huge do end",
    "while true do pcall(function() while true do end end) end",
    "local function f() return f() end f()",
    "xpcall(function() while true do end end, function() while true do end end)",
    "coroutine.wrap(function() while true do end end)()",
    "local co = coroutine.wrap(function() while true do coroutine.yield() end end) while true do co() end",
    "setmetatable({}, {__index = function() while true do end end}).x = nil return setmetatable({}, {__index = function() while true do end end}).x",
    "return (('a'):rep(300000)):find(('.-'):rep(10) .. 'b')",
    "while true do local s = ('x'):rep(100000) end",
    "local s = 'x' while true do s = (s .. s):sub(1, 100000) end",
    "local t = {} for i = 1, 2000 do t[i] = i end while true do table.sort(t, function(a, b) return a > b end) end",
    "local t = {} for i = 1, 2000 do t[i] = i % 7 end while true do pcall(table.sort, t, function(a, b) return true end) end",
    "local t = {} for i = 1, 5000 do t[i] = 'abc' end while true do local s = table.concat(t) end",
    "local t = {} for i = 1, 5000 do t[i] = i end while true do local n = select('#', unpack(t)) end",
    "while true do loadstring('return 1') end",
    "while true do collectgarbage() end",
    "while true do local s = ('x'):rep(1000):gsub('x', 'yy') end",
    "while true do cjson.encode({1, 2, 3}) end",
    "while true do pcall(error) end",
    "while true do tostring({}) end",
    "load(function() return ' ' end)",
};

START_TEST(nothing_survives_its_budget) {
  Machine *m = machine_open(VM_PROFILE_REDIS, (size_t)64 << 20);
  VmStatus status = machine_run(m, endless[_i], FERROUS_STRESS ? 100000 : 3000000);
  ck_assert_msg(status == VM_LIMIT, "%s ended with %d %s", endless[_i], status, m->text);
  machine_close(m);
}
END_TEST

static Suite *make_suite(void) {
  Suite *suite = suite_create("safety");
  TCase *tests = tcase_create("all");
  tcase_set_timeout(tests, 120);
  tcase_add_test(tests, layouts_are_what_the_design_fixes);
  tcase_add_test(tests, the_base_image_fits_its_bound);
  tcase_add_test(tests, an_untouched_heap_runs_on);
  tcase_add_test(tests, a_stale_table_traps);
  tcase_add_test(tests, a_stale_metatable_traps);
  tcase_add_test(tests, the_collector_validates_what_it_follows);
  tcase_add_loop_test(tests, no_construct_grows_the_c_stack, 0, (int)(sizeof constructs / sizeof *constructs));
  tcase_add_loop_test(tests, the_compiler_has_a_fixed_depth, 0, (int)(sizeof sources / sizeof *sources));
#ifndef SANITIZED
  tcase_add_loop_test(tests, library_functions_use_no_more_stack_than_a_worker_clears, 0, (int)(sizeof deep_natives / sizeof *deep_natives));
#endif
  tcase_add_loop_test(tests, nothing_survives_its_budget, 0, (int)(sizeof endless / sizeof *endless));
  suite_add_tcase(suite, tests);
  return suite;
}

CHECK_MAIN(make_suite)
