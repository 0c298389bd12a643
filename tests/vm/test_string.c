/* SPDX-License-Identifier: BSD-2-Clause */
/* test_string - the string library in the machine: callbacks, memory and budget.
 *
 * What its functions return is tried by tests/lua/strings; here is what a script does
 * not see.
 */
#include "tests/check_main.h"
#include "tests/vm/machine.h"

enum { MEMORY = 16 << 20 };

typedef struct {
  const char *source;
  const char *outcome;
} Row;

static void check_rows(const Row *rows, size_t count) {
  Machine *m = machine_open(VM_PROFILE_REDIS, MEMORY);
  for (size_t i = 0; i < count; i++) {
    machine_run(m, rows[i].source, MACHINE_UNLIMITED);
    ck_assert_msg(strcmp(m->text, rows[i].outcome) == 0, "%s\ngives %s\nnot %s", rows[i].source,
                  m->text, rows[i].outcome);
  }
  machine_close(m);
}

#define CHECK_ROWS(rows) check_rows(rows, sizeof(rows) / sizeof *(rows))

START_TEST(gsub_calls_back_and_nests) {
  static const Row rows[] = {
      {"return {('abc'):gsub('%w', function(c) return c:upper() end)}", "*2 $ABC :3"},
      {"return (('abc'):gsub('%w', function(c) return (c:gsub('.', '%0%0')) end))", "$aabbcc"},
      {"local function f(n) return (('x'):gsub('x', function() return n > 0 and f(n - 1) .. 'y' "
       "or 'z' end)) end return f(100):len()",
       ":101"},
      {"return (('ab'):gsub('.', setmetatable({}, {__index = function(_, k) return k .. k end})))",
       "$aabb"},
      {"return (('ab'):gsub('.', setmetatable({}, {__index = {a = 1}})))", "$1b"},
      {"return {pcall(string.gsub, 'ab', '.', function() error('x', 0) end)}", "*2 _ $x"},
      {"return select(2, pcall(string.gsub, 'ab', '.', function() return {} end))",
       "$invalid replacement value (a table)"},
      {"local t = setmetatable({}, {}) getmetatable(t).__index = t "
       "return select(2, pcall(string.gsub, 'a', '.', t))",
       "$loop in gettable"},
      {"return select(2, pcall(coroutine.wrap(function() ('a'):gsub('.', coroutine.yield) end)))",
       "$attempt to yield across metamethod/C-call boundary"},
  };
  CHECK_ROWS(rows);
}
END_TEST

START_TEST(an_iterator_keeps_its_strings_alive) {
  static const Row rows[] = {
      {"local f = ('a' .. 'b,c' .. 'd'):gmatch('%a' .. '+') collectgarbage() local x = f() "
       "collectgarbage() return {x, f(), f() == nil}",
       "*3 $ab $cd :1"},
      {"local n = 0 for w in ('k=v '):rep(2000):gmatch('(%w)=%w') do n = n + #w:rep(100) end "
       "return n",
       ":200000"},
  };
  CHECK_ROWS(rows);
}
END_TEST

START_TEST(patterns_of_many_choices_take_them_from_the_buffer) {
  static const Row rows[] = {
      {"return {('a'):rep(40):gsub(('a?'):rep(30) .. ('(a)'):rep(3), '<%1>')}",
       "*2 $<a><a> :2"},
      {"return {('a'):rep(40):find(('a?'):rep(35) .. ('a'):rep(20))}", "*2 :1 :40"},
      {"return (('aaa'):gsub(('a-'):rep(60) .. 'b', 'x')):len()", ":3"},
      {"return select(2, pcall(string.find, ('a'):rep(90), ('a?'):rep(300) .. '('))",
       "$unfinished capture"},
  };
  CHECK_ROWS(rows);
}
END_TEST

START_TEST(what_an_error_leaves_behind_is_given_back) {
  Machine *m = machine_open(VM_PROFILE_REDIS, MEMORY);
  const char *source =
      "local s = ('x'):rep(1000) for i = 1, 5000 do "
      "pcall(string.gsub, s, 'x', function() error() end) "
      "pcall(string.format, '%600s') pcall(string.find, s, ('x?'):rep(100) .. '(') end return 1";
  ck_assert_int_eq(machine_run(m, source, MACHINE_UNLIMITED), VM_DONE);
  ck_assert_uint_lt(m->usage.memory_peak, 2 << 20);
  machine_close(m);
}
END_TEST

/* --- Budget --- */

START_TEST(no_call_outlives_its_budget) {
  static const char *const bombs[] = {
      "local s = ('a'):rep(1e5) return s:find('.-.-.-b')",
      "local s = ('a'):rep(1e5) return s:find('a*a*a*b')",
      "local s = ('a'):rep(1e5) return s:gsub('(.-)(.-)b', '')",
      "local s = ('('):rep(1e5) return s:match('%b()')",
      "local s = ('a'):rep(1e6) for w in s:gmatch('a') do end",
      "local s = ('a'):rep(1e6) return s:gsub('a', 'bb')",
      "local s = ('a'):rep(1e6) while true do s:find('aab', 1, true) end",
      "local s = ('a'):rep(1e5) while true do s:upper() s:reverse() end",
      "while true do ('ab'):rep(5e5) end",
      "while true do string.format('%99.99f', 1e308) end",
      "local s = ('a'):rep(1e5) while true do string.format('%q%s', s, s) end",
      "local s = ('a'):rep(7000) while true do s:byte(1, -1) end",
  };
  enum { BUDGET = 1000000, PIECE = 8192 };
  Machine *m = machine_open(VM_PROFILE_REDIS, MEMORY);
  for (size_t i = 0; i < sizeof bombs / sizeof *bombs; i++) {
    ck_assert_msg(machine_run(m, bombs[i], BUDGET) == VM_LIMIT, "%s: %s", bombs[i], m->text);
    ck_assert_msg(m->usage.instructions >= BUDGET && m->usage.instructions <= BUDGET + PIECE,
                  "%s: %" PRIu64, bombs[i], m->usage.instructions);
  }
  machine_close(m);
}
END_TEST

static uint64_t cost_of(Machine *m, const char *format, int size) {
  char source[256];
  snprintf(source, sizeof source, format, size);
  ck_assert_msg(machine_run(m, source, MACHINE_UNLIMITED) == VM_DONE, "%s", m->text);
  return m->usage.instructions;
}

START_TEST(work_is_paid_by_its_size) {
  static const char *const calls[] = {
      "return #(('ab'):rep(%d))",
      "local s = ('ab'):rep(%d) return #s:upper()",
      "local s = ('ab'):rep(%d) return #s:reverse()",
      "local s = ('ab'):rep(%d) return s:find('x', 1, true)",
      "local s = ('ab'):rep(%d) return s:find('[xyz]')",
      "local s = ('ab'):rep(%d) return select(2, s:gsub('a', 'c'))",
      "local s = ('ab'):rep(%d) return #string.format('%%q', s)",
      "local s = ('ab'):rep(%d) return #s:sub(2)",
  };
  Machine *m = machine_open(VM_PROFILE_REDIS, MEMORY);
  for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
    uint64_t small = cost_of(m, calls[i], 20000), large = cost_of(m, calls[i], 200000);
    ck_assert_msg(small > 20000 / 16 && large > 8 * small && large < 12 * small,
                  "%s: %" PRIu64 " and %" PRIu64, calls[i], small, large);
  }
  machine_close(m);
}
END_TEST

START_TEST(a_result_beyond_the_memory_ends_the_run) {
  static const char *const bombs[] = {
      "return #('x'):rep(2 ^ 31 - 1)",
      "return #('xxxxxxxxxxxxxxxx'):rep(2 ^ 31 - 1)",
      "return pcall(string.rep, 'x', 1e8)",
      "local s = ('x'):rep(1e6) return #s:gsub('x', ('y'):rep(1000))",
  };
  Machine *m = machine_open(VM_PROFILE_REDIS, MEMORY);
  for (size_t i = 0; i < sizeof bombs / sizeof *bombs; i++) {
    ck_assert_msg(machine_run(m, bombs[i], MACHINE_UNLIMITED) == VM_LIMIT, "%s: %s", bombs[i],
                  m->text);
  }
  machine_close(m);
}
END_TEST

static Suite *make_suite(void) {
  Suite *suite = suite_create("string");
  TCase *tests = tcase_create("string");
  tcase_set_timeout(tests, 120);
  tcase_add_test(tests, gsub_calls_back_and_nests);
  tcase_add_test(tests, an_iterator_keeps_its_strings_alive);
  tcase_add_test(tests, patterns_of_many_choices_take_them_from_the_buffer);
  tcase_add_test(tests, what_an_error_leaves_behind_is_given_back);
  tcase_add_test(tests, no_call_outlives_its_budget);
  tcase_add_test(tests, work_is_paid_by_its_size);
  tcase_add_test(tests, a_result_beyond_the_memory_ends_the_run);
  suite_add_tcase(suite, tests);
  return suite;
}

CHECK_MAIN(make_suite)
