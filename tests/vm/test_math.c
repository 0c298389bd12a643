/* SPDX-License-Identifier: BSD-2-Clause */
/* The math library: borders of its functions, and what no other libm may change. */
#include "tests/check_main.h"
#include "tests/vm/rows.h"

#define TEXT(expression) "return tostring(" expression ")"

START_TEST(borders_are_the_references) {
  static const ScriptRow rows[] = {
      {TEXT("math.floor(-0.5)"), "$-1"},
      {TEXT("math.ceil(-0.5)"), "$-0"},
      {TEXT("math.fmod(-6, 4)"), "$-2"},
      {TEXT("-6 % 4"), "$2"},
      {TEXT("math.huge"), "$inf"},
      {TEXT("math.max(1, 3, 2)") , "$3"},
      {TEXT("math.min(1, -3, 2)"), "$-3"},
      {TEXT("math.pow(2, 10)"), "$1024"},
      {TEXT("math.sqrt(2)"), "$1.4142135623731"},
      {TEXT("math.abs(-0)"), "$0"},
      {TEXT("math.deg(math.pi)"), "$180"},
      {TEXT("math.ldexp(0.5, 3)"), "$4"},
      {"return {tostring(math.frexp(8)), select(2, math.frexp(8))}", "*2 $0.5 :4"},
      {"local a, b = math.modf(-3.7) return {tostring(a), tostring(b)}", "*2 $-3 $-0.7"},
      {"local a, b = math.modf(1/0) return {tostring(a), tostring(b)}", "*2 $inf $0"},
  };
  ROWS_EXPECT(VM_PROFILE_REDIS, rows);
}
END_TEST

START_TEST(outside_their_domain_they_give_a_positive_nan) {
  static const ScriptRow rows[] = {
      {TEXT("math.acos(2)"), "$nan"}, {TEXT("math.acos(-1.5)"), "$nan"}, {TEXT("math.asin(2)"), "$nan"},
      {TEXT("math.asin(1/0)"), "$nan"}, {TEXT("math.log10(-1)"), "$nan"}, {TEXT("math.log10(0)"), "$-inf"},
      {TEXT("math.acos(1)"), "$0"}, {TEXT("math.asin(-1)"), "$-1.5707963267949"}, {TEXT("math.log10(1000)"), "$3"},
  };
  ROWS_EXPECT(VM_PROFILE_REDIS, rows);
}
END_TEST

START_TEST(wrong_arguments_are_refused) {
  static const ScriptRow rows[] = {
      {"math.floor()", "error: ERR user_script:1: bad argument #1 to 'floor' (number expected, got no value)"},
      {"math.max()", "error: ERR user_script:1: bad argument #1 to 'max' (number expected, got no value)"},
      {"math.fmod(1)", "error: ERR user_script:1: bad argument #2 to 'fmod' (number expected, got no value)"},
      {"math.pow('x', 'y')", "error: ERR user_script:1: bad argument #2 to 'pow' (number expected, got string)"},
      {"math.random(0)", "error: ERR user_script:1: bad argument #1 to 'random' (interval is empty)"},
      {"math.random(2, 1)", "error: ERR user_script:1: bad argument #2 to 'random' (interval is empty)"},
      {"math.random(1, 2, 3)", "error: ERR user_script:1: wrong number of arguments"},
  };
  ROWS_EXPECT(VM_PROFILE_REDIS, rows);
}
END_TEST

SUITE("vm/math", borders_are_the_references, outside_their_domain_they_give_a_positive_nan, wrong_arguments_are_refused)
