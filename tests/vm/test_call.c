/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls and returns: how many values arrive, tail calls, callable values, nested levels. */
#include "tests/check_main.h"
#include "tests/vm/inside.h"
#include "tests/vm/rows.h"

START_TEST(as_many_values_arrive_as_are_asked_for) {
  static const ScriptRow rows[] = {
      {"local function f() return 1, 2, 3 end local a, b, c, d = f() return {a, b, c, tostring(d)}", "*4 :1 :2 :3 $nil"},
      {"local function f() return 1, 2, 3 end return {f(), f()}", "*4 :1 :1 :2 :3"},
      {"local function f() return 1, 2, 3 end return {(f())}", "*1 :1"},
      {"local function f() end return {f() or 'none', select('#', f())}", "*2 $none :0"},
      {"local function f(a, b) return tostring(a) .. tostring(b) end return f(1) .. f(1, 2, 3)", "$1nil12"},
      {"local function f(...) return select('#', ...), ... end return {f(nil, nil)}", "*1 :2"},
      {"local function f(a, ...) return ... end return {f(1, 2, 3)}", "*2 :2 :3"},
      {"return {string.byte('abc', 1, -1)}", "*3 :97 :98 :99"},
      {"local t = {} for i = 1, 250 do t[i] = i end return #{unpack(t)}", ":250"},
      {"return select('#', unpack({}, 1, 7000))", ":7000"},
      {"return select(2, pcall(unpack, {}, 1, 9000))", "$too many results to unpack"},
  };
  ROWS_EXPECT(VM_PROFILE_REDIS, rows);
}
END_TEST

START_TEST(a_tail_call_takes_its_callers_place) {
  static const ScriptRow rows[] = {
      {"local function loop(n) if n == 0 then return 'end' end return loop(n - 1) end return loop(100000)", "$end"},
      {"local a, b function a(n) if n == 0 then return 1, 2 end return b(n - 1) end function b(n) return a(n) end return {a(999)}", "*2 :1 :2"},
      {"local function f(...) return select('#', ...) end local function g(...) return f(...) end return g(1, nil, nil)", ":3"},
      {"local function f() return pcall(error, 'x', 0) end return {select(2, f())}", "*1 $x"},
      {"local x = 1 local function f() local y = 2 local function g() return x + y end return g() end return f()", ":3"},
      {"return (function(...) return ... end)(7)", ":7"},
  };
  ROWS_EXPECT(VM_PROFILE_REDIS, rows);
}
END_TEST

START_TEST(what_has_call_is_called_with_itself_in_front) {
  static const ScriptRow rows[] = {
      {"local t = setmetatable({}, {__call = function(self, a, b) return a + b end}) return t(1, 2)", ":3"},
      {"local t = setmetatable({}, {__call = function(self, ...) return select('#', ...) end}) return {t(), t(nil), pcall(t, 1, 2)}", "*4 :0 :1 :1 :2"},
      {"local t = setmetatable({}, {__call = string.rep}) return select(2, pcall(t, 3))", "$bad argument #1 to '?' (string expected, got table)"},
      {"local t = setmetatable({}, {__call = setmetatable({}, {})}) return select(2, pcall(function() return t() end))",
       "$user_script:1: attempt to call upvalue 't' (a table value)"},
      {"local t = setmetatable({}, {__call = function(_, s, c) if c == nil then return 1 end end}) local n = 0 for k in t do n = n + k end return n", ":1"},
      {"local t = setmetatable({}, {__call = function(_, x) return x end}) return t(t(t(5)))", ":5"},
  };
  ROWS_EXPECT(VM_PROFILE_REDIS, rows);
}
END_TEST

/* --- Levels --- */

static uint32_t entered;
static void work_levels(VM *v) {
  for (entered = 0;; entered++) vm_call_enter_level(v);
}

START_TEST(levels_end_where_the_references_c_stack_does) {
  inside_begin(INSIDE_MEMORY);
  ck_assert_int_eq(inside_try(work_levels), EXIT_ERROR);
  ck_assert_str_eq(inside_error, "C stack overflow");
  ck_assert_uint_ge(entered, LIMIT_C_LEVELS - 2);
  ck_assert_uint_le(entered, LIMIT_C_LEVELS);
  vm_rollback(vm);
  ck_assert_uint_eq(vm->run.levels, vm->base->run.levels);
}
END_TEST

START_TEST(every_way_out_gives_its_levels_back) {
  static const char script[] =
      "local function nest(n) if n == 0 then error('out', 0) end return pcall(nest, n - 1) end "
      "for i = 1, 1000 do nest(50) pcall(string.gsub, 'x', 'x', function() error() end) "
      "coroutine.wrap(function() coroutine.yield() end)() pcall(coroutine.wrap(function() error() end)) end return 1";
  inside_begin(INSIDE_MEMORY);
  ck_assert_int_eq(inside_script("return 1"), VM_DONE);
  uint32_t levels = vm->run.levels; /* the script's own */
  vm_rollback(vm);
  inside_begin(INSIDE_MEMORY);
  ck_assert_int_eq(inside_script(script), VM_DONE);
  ck_assert_uint_eq(vm->run.levels, levels);
  vm_rollback(vm);
}
END_TEST

INSIDE_SUITE("vm/call", as_many_values_arrive_as_are_asked_for, a_tail_call_takes_its_callers_place,
             what_has_call_is_called_with_itself_in_front, levels_end_where_the_references_c_stack_does,
             every_way_out_gives_its_levels_back)
