/* SPDX-License-Identifier: BSD-2-Clause */
/* string.gsub: its four kinds of replacement, and callbacks that do whatever they like. */
#include "tests/check_main.h"
#include "tests/vm/rows.h"

START_TEST(each_kind_of_replacement_answers_for_a_match) {
  static const ScriptRow rows[] = {
      {"return {('hello world'):gsub('o', '0')}", "*2 $hell0 w0rld :2"},
      {"return {('hello'):gsub('(l)(.)', '%2%1%0%%')}", "*2 $hellll%o :1"},
      {"return {('abc'):gsub('%w', {a = 'x', b = false})}", "*2 $xbc :3"},
      {"return {('abc'):gsub('%w', {a = 1.5})}", "*2 $1.5bc :3"},
      {"return {('abc'):gsub('(%w)(%w)', function(a, b) return b .. a end)}", "*2 $bac :1"},
      {"return {('abc'):gsub('%w', function() end)}", "*2 $abc :3"},
      {"return {('abc'):gsub('', '-')}", "*2 $-a-b-c- :4"},
      {"return {('abc'):gsub('b*', 'x')}", "*2 $xaxxcx :4"},
      {"return {('a b c'):gsub('%w', '%0%0', 2)}", "*2 $aa bb c :2"},
      {"return {('abc'):gsub('%w', 'x', 0)}", "*2 $abc :0"},
      {"return {('abc'):gsub('^a', 'x')}", "*2 $xbc :1"},
      {"return {('aaa'):gsub('^a', 'x')}", "*2 $xaa :1"},
      {"return {('x'):gsub('x', '%1')}", "*2 $x :1"},
      {"return {(12):rep(2):gsub('1', 3)}", "error: ERR user_script:1: attempt to index a number value"},
  };
  ROWS_EXPECT(VM_PROFILE_REDIS, rows);
}
END_TEST

START_TEST(wrong_replacements_are_refused_in_the_references_words) {
  static const ScriptRow rows[] = {
      {"return ('x'):gsub('x', nil)", "error: ERR user_script:1: bad argument #2 to 'gsub' (string/function/table expected)"},
      {"return ('x'):gsub('x')", "error: ERR user_script:1: bad argument #2 to 'gsub' (string/function/table expected)"},
      {"return ('x'):gsub('x', function() return {} end)", "error: ERR user_script:1: invalid replacement value (a table)"},
      {"return ('x'):gsub('x', {x = true})", "error: ERR user_script:1: invalid replacement value (a boolean)"},
      {"return ('x'):gsub('x', '%2')", "error: ERR user_script:1: invalid capture index"},
      {"return ('x'):gsub('(', '%1')", "error: ERR user_script:1: unfinished capture"},
      {"return ('x'):gsub('x', function() error('inside', 0) end)", "error: ERR inside"},
  };
  ROWS_EXPECT(VM_PROFILE_REDIS, rows);
}
END_TEST

START_TEST(a_callback_may_collect_match_and_recurse) {
  static const ScriptRow rows[] = {
      {"return (('abc'):gsub('%w', function(c) collectgarbage() return c:upper() end))", "$ABC"},
      {"return (('abc'):gsub('%w', function(c) return (c:gsub('.', '[%0]')) end))", "$[a][b][c]"},
      {"local function nest(n) if n == 0 then return 'x' end return (('a'):gsub('a', function() return nest(n - 1) end)) end return nest(100)", "$x"},
      {"return (('abc'):gsub('(%w)()', function(c, at) return c .. at end))", "$a2b3c4"},
      {"local t = setmetatable({}, {__index = function(_, k) collectgarbage() return k .. k end}) return (('ab'):gsub('%w', t))", "$aabb"},
      {"local n = 0 pcall(function() ('abc'):gsub('%w', function() n = n + 1 if n == 2 then error() end end) end) return n", ":2"},
      {"local co = coroutine.wrap(function() return (('ab'):gsub('%w', function(c) return tostring(pcall(coroutine.yield, c)) end)) end) return co()", "$falsefalse"},
  };
  ROWS_EXPECT(VM_PROFILE_REDIS, rows);
}
END_TEST

START_TEST(every_budget_and_limit_is_kept) {
  static const char *const scripts[] = {
      "local s = ('a'):rep(1000) for i = 1, 100 do s:gsub('a', ('b'):rep(100)) end",
      "return (('a'):rep(20000):gsub('a', function(c) return c:rep(50) end))",
      "return (('a'):rep(5000):gsub('', '%0%0%0'))",
      "while true do ('x'):gsub('x', {x = 'y'}) end",
  };
  rows_end_cleanly(scripts, sizeof scripts / sizeof *scripts);
}
END_TEST

SUITE("vm/gsub", each_kind_of_replacement_answers_for_a_match, wrong_replacements_are_refused_in_the_references_words,
      a_callback_may_collect_match_and_recurse, every_budget_and_limit_is_kept)
