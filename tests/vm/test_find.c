/* SPDX-License-Identifier: BSD-2-Clause */
/* string.find, match and gmatch: positions, captures, plain search, where they begin. */
#include "tests/check_main.h"
#include "tests/vm/rows.h"

START_TEST(positions_and_captures_come_back) {
  static const ScriptRow rows[] = {
      {"return {('hello'):find('l')}", "*2 :3 :3"},
      {"return {('hello'):find('(l)(l)')}", "*4 :3 :4 $l $l"},
      {"return {('hello'):find('()ll()')}", "*4 :3 :4 :3 :5"},
      {"return {('hello'):find('')}", "*2 :1 :0"},
      {"return {('hello'):find('xyz') == nil}", "*1 :1"},
      {"return {('hello'):match('(h)(.)')}", "*2 $h $e"},
      {"return {('hello'):match('l+')}", "*1 $ll"},
      {"return {('key = value'):match('^(%w+)%s*=%s*(%w+)$')}", "*2 $key $value"},
      {"return #{('x'):rep(32):match(('(.)'):rep(32))}", ":32"},
  };
  ROWS_EXPECT(VM_PROFILE_REDIS, rows);
}
END_TEST

START_TEST(the_start_may_be_anywhere) {
  static const ScriptRow rows[] = {
      {"return {('hello'):find('l', 4)}", "*2 :4 :4"},
      {"return {('hello'):find('l', -2)}", "*2 :4 :4"},
      {"return {('hello'):find('h', -100)}", "*2 :1 :1"},
      {"return {('hello'):find('', 6)}", "*2 :6 :5"},
      {"return {('hello'):find('', 100)}", "*2 :6 :5"},
      {"return {('hello'):find('^l', 3)}", "*2 :3 :3"},
      {"return {('hello'):find('o', 1/0) == nil}", "*1 _"},
  };
  ROWS_EXPECT(VM_PROFILE_REDIS, rows);
}
END_TEST

START_TEST(plain_search_knows_no_pattern) {
  static const ScriptRow rows[] = {
      {"return {('a.b'):find('.', 1, true)}", "*2 :2 :2"},
      {"return {('a%d1'):find('%d', 1, true)}", "*2 :2 :3"},
      {"return {('aaab'):find('aab', 1, true)}", "*2 :2 :4"},
      {"return {('a\\0b\\0c'):find('\\0c', 1, true)}", "*2 :4 :5"},
      {"return {('abc'):find('', 4, true)}", "*2 :4 :3"},
      {"return {('ab'):find('abc', 1, true) == nil}", "*1 :1"},
      {"local s = ('ab'):rep(5000) .. 'aac' return {s:find('aac', 1, true)}", "*2 :10001 :10003"},
  };
  ROWS_EXPECT(VM_PROFILE_REDIS, rows);
}
END_TEST

START_TEST(gmatch_goes_on_where_it_stopped) {
  static const ScriptRow rows[] = {
      {"local t = {} for w in ('one two three'):gmatch('%a+') do t[#t + 1] = w end return t", "*3 $one $two $three"},
      {"local t = {} for k, v in ('a=1,b=2'):gmatch('(%w)=(%w)') do t[#t + 1] = k .. v end return t", "*2 $a1 $b2"},
      {"local n = 0 for _ in ('abc'):gmatch('') do n = n + 1 end return n", ":4"},
      {"local n = 0 for _ in ('aaa'):gmatch('^a') do n = n + 1 end return n", ":0"},
      {"local f = ('ab'):gmatch('.') return {f(), f(), f() == nil, f() == nil}", "*4 $a $b :1 :1"},
      {"local t = {} for w in ('a b'):gmatch('%a') do collectgarbage() t[#t + 1] = w end return t", "*2 $a $b"},
  };
  ROWS_EXPECT(VM_PROFILE_REDIS, rows);
}
END_TEST

START_TEST(wrong_patterns_are_named) {
  static const ScriptRow rows[] = {
      {"return ('x'):find('[')", "error: ERR user_script:1: malformed pattern (missing ']')"},
      {"return ('x'):find('%')", "error: ERR user_script:1: malformed pattern (ends with '%')"},
      {"return ('x'):match('(x')", "error: ERR user_script:1: unfinished capture"},
      {"return ('x'):match('x)')", "error: ERR user_script:1: invalid pattern capture"},
      {"return ('x'):match('%1')", "error: ERR user_script:1: invalid capture index"},
      {"return ('x'):match('%bx')", "error: ERR user_script:1: unbalanced pattern"},
      {"return ('x'):match('%f')", "error: ERR user_script:1: missing '[' after '%f' in pattern"},
      {"return ('x'):rep(40):match(('(.)'):rep(33))", "error: ERR user_script:1: too many captures"},
      {"return string.find('x')", "error: ERR user_script:1: bad argument #2 to 'find' (string expected, got no value)"},
  };
  ROWS_EXPECT(VM_PROFILE_REDIS, rows);
}
END_TEST

SUITE("vm/find", positions_and_captures_come_back, the_start_may_be_anywhere, plain_search_knows_no_pattern,
      gmatch_goes_on_where_it_stopped, wrong_patterns_are_named)
