/* SPDX-License-Identifier: BSD-2-Clause */
/* Where the script stands and what its values are called, as the reference says it. */
#include "tests/check_main.h"
#include "tests/vm/rows.h"

#define E(words) "error: ERR user_script:1: " words

START_TEST(values_are_named_by_where_they_came_from) {
  static const ScriptRow rows[] = {
      {"local a a.b = 1", E("attempt to index local 'a' (a nil value)")},
      {"local a = {} a.b.c = 1", E("attempt to index field 'b' (a nil value)")},
      {"local a = {} return a.b.c.d", E("attempt to index field 'b' (a nil value)")},
      {"local a = {} a[1][2] = 3", E("attempt to index field '?' (a nil value)")},
      {"local a = {} local k = 'x' return a[k].y", E("attempt to index field '?' (a nil value)")},
      {"local u local function f() return u.x end f()", E("attempt to index upvalue 'u' (a nil value)")},
      {"local u local function f() u = nil return u.x end f()", E("attempt to index upvalue 'u' (a nil value)")},
      {"string.x.y()", E("attempt to index field 'x' (a nil value)")},
      {"string.nothing()", E("attempt to call field 'nothing' (a nil value)")},
      {"local t = {} t:m()", E("attempt to call method 'm' (a nil value)")},
      {"local f f()", E("attempt to call local 'f' (a nil value)")},
      {"(1)()", E("attempt to call a number value")},
      {"return #5", E("attempt to get length of a number value")},
      {"local a = true return -a", E("attempt to perform arithmetic on local 'a' (a boolean value)")},
      {"local a = {} return 1 + a", E("attempt to perform arithmetic on local 'a' (a table value)")},
      {"local a = 'x' return a + 1", E("attempt to perform arithmetic on local 'a' (a string value)")},
      {"local a, b = 'x', nil return a .. b", E("attempt to concatenate local 'b' (a nil value)")},
      {"local a = {} return a .. 'x'", E("attempt to concatenate local 'a' (a table value)")},
      {"return {} < {}", E("attempt to compare two table values")},
      {"return 1 < 'x'", E("attempt to compare number with string")},
      {"return nil > 1", E("attempt to compare number with nil")},
      {"for i = 'x', 2 do end", E("'for' initial value must be a number")},
      {"local t = {} t[nil] = 1", E("table index is nil")},
      {"local t = {} t[0/0] = 1", E("table index is NaN")},
      {"local x = (nil)[1]", E("attempt to index a nil value")},
      {"for k in 5 do end", E("attempt to call a number value")},
  };
  ROWS_EXPECT(VM_PROFILE_REDIS, rows);
}
END_TEST

START_TEST(bad_arguments_name_the_function_as_it_was_called) {
  static const ScriptRow rows[] = {
      {"string.rep()", E("bad argument #1 to 'rep' (string expected, got no value)")},
      {"('x'):rep({})", E("bad argument #1 to 'rep' (number expected, got table)")},
      {"local s = 'x' s.rep(s)", E("bad argument #2 to 'rep' (number expected, got no value)")},
      {"local f = string.rep f()", E("bad argument #1 to 'f' (string expected, got no value)")},
      {"local t = {f = string.rep} t.f()", E("bad argument #1 to 'f' (string expected, got no value)")},
      {"string.rep(setmetatable({}, {}), 1)", E("bad argument #1 to 'rep' (string expected, got table)")},
      {"('x').rep({}, 1)", E("bad argument #1 to 'rep' (string expected, got table)")},
      {"local t = {rep = string.rep} t:rep(1)", E("calling 'rep' on bad self (string expected, got table)")},
      {"for k in next do end", E("bad argument #1 to '(for generator)' (table expected, got nil)")},
      {"pcall(string.rep) string.rep()", E("bad argument #1 to 'rep' (string expected, got no value)")},
      {"return select(2, pcall(string.rep))", "$bad argument #1 to '?' (string expected, got no value)"},
  };
  ROWS_EXPECT(VM_PROFILE_REDIS, rows);
}
END_TEST

START_TEST(lines_are_those_of_the_instruction) {
  static const ScriptRow rows[] = {
      {"\n\nerror('x')", "error: ERR user_script:3: x"},
      {"local t = {\n1,\n2,\nnil + 1}", "error: ERR user_script:4: attempt to perform arithmetic on a nil value"},
      {"local function f()\n  error('deep', 2)\nend\n\nf()", "error: ERR user_script:5: deep"},
      {"return loadstring('\\n\\nerror(\\'x\\')', '=other')()", "error: ERR other:3: x"},
      {"return loadstring('error(\\'x\\')', '@file.lua')()", "error: ERR file.lua:1: x"},
      {"return loadstring('error(\\'x\\')', 'text of the chunk')()", "error: ERR [string \"text of the chunk\"]:1: x"},
      {"return loadstring('error(\\'x\\')', 'two\\nlines')()", "error: ERR [string \"two...\"]:1: x"},
  };
  ROWS_EXPECT(VM_PROFILE_REDIS, rows);
}
END_TEST

/* --- Where a limit found the script --- */

static VmEnding ending_of(Machine *m, const char *source, uint64_t budget, uint64_t memory) {
  VmRequest request = {.instructions = budget, .memory = memory, .resp = 2};
  vm_begin(m->vm, &request);
  ck_assert(vm_compile(m->vm, (VmBytes){source, strlen(source)}, "@user_script"));
  VmStatus status;
  do status = vm_run(m->vm, 1000);
  while (status == VM_QUANTUM);
  ck_assert_int_eq(status, VM_LIMIT);
  VmEnding ending = *vm_ending(m->vm);
  ck_assert_mem_eq(ending.source.data, "@user_script", 12);
  vm_rollback(m->vm);
  return ending;
}

START_TEST(a_limit_says_the_line_of_the_innermost_lua_function) {
  static const struct {
    const char *script;
    int64_t line;
  } rows[] = {
      {"local x\n\nwhile true do x = 1 end", 3},
      {"local function f()\n  while true do end\nend\n\nf()", 2},
      {"local co = coroutine.wrap(function()\n  while true do end\nend)\nco()", 2},
      {"\n\nlocal s = ('a'):rep(100000)\ns:find('.-.-.-b')", 4},
      {"table.sort({3, 2, 1}, function()\n  while true do end\nend)", 2},
      {"\nlocal s = ('x'):rep(10000000)", 2},
  };
  Machine *m = machine_open(VM_PROFILE_REDIS, (size_t)4 << 20);
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    VmEnding ending = ending_of(m, rows[i].script, 300000, 1 << 20);
    ck_assert_msg(ending.line == rows[i].line, "%s: line %d", rows[i].script, (int)ending.line);
  }
  machine_close(m);
}
END_TEST

SUITE("vm/debug", values_are_named_by_where_they_came_from, bad_arguments_name_the_function_as_it_was_called,
      lines_are_those_of_the_instruction, a_limit_says_the_line_of_the_innermost_lua_function)
