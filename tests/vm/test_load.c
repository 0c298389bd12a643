/* SPDX-License-Identifier: BSD-2-Clause */
/* load and loadstring: what they compile, what it costs, and readers that misbehave. */
#include "tests/check_main.h"
#include "tests/vm/rows.h"

START_TEST(texts_and_readers_compile_alike) {
  static const ScriptRow rows[] = {
      {"return loadstring('return ...', 'name')(5)", ":5"},
      {"local parts, i = {'ret', 'urn ', '4', '2'}, 0 return load(function() i = i + 1 return parts[i] end)()", ":42"},
      {"local done return load(function() if not done then done = true return 'return 7' end return '' end)()", ":7"},
      {"return load(function() return nil end)() == nil", ":1"},
      {"return {loadstring('x =') == nil, select(2, loadstring('x =', '=mine'))}", "*2 :1 $mine:1: unexpected symbol near '<eof>'"},
      {"return select(2, load(function() error('reader', 0) end))", "$reader"},
      {"return select(2, load(function() return {} end))", "$user_script:1: reader function must return a string"},
  };
  ROWS_EXPECT(VM_PROFILE_FULL, rows);
}
END_TEST

START_TEST(bytecode_is_refused) {
  Machine *m = machine_open(VM_PROFILE_REDIS, (size_t)2 << 20);
  ck_assert_int_eq(machine_run(m, "return loadstring('\\27LuaQ' .. ('\\0'):rep(100)) == nil", MACHINE_UNLIMITED), VM_DONE);
  ck_assert_str_eq(m->text, ":1");
  machine_close(m);
}
END_TEST

START_TEST(compiling_is_charged_by_the_byte) {
  Machine *m = machine_open(VM_PROFILE_REDIS, (size_t)16 << 20);
  ck_assert_int_eq(machine_run(m, "loadstring('')", MACHINE_UNLIMITED), VM_DONE);
  uint64_t empty = m->usage.instructions;
  ck_assert_int_eq(machine_run(m, "loadstring((' '):rep(10000))", MACHINE_UNLIMITED), VM_DONE);
  ck_assert_uint_gt(m->usage.instructions, empty + 10000);
  ck_assert_int_eq(machine_run(m, "loadstring((' '):rep(10000))", 10000), VM_LIMIT);
  machine_close(m);
}
END_TEST

START_TEST(loading_for_ever_ends) {
  static const char *const scripts[] = {
      "while true do loadstring('return 1') end",
      "load(function() return 'x ' end)",
      "local s = 'return ' .. ('1+'):rep(3000) .. '1' while true do loadstring(s) end",
  };
  rows_end_cleanly(scripts, sizeof scripts / sizeof *scripts);
}
END_TEST

START_TEST(a_name_may_be_longer_than_its_text) {
  static const ScriptRow rows[] = {
      {"return loadstring('return 1', ('x'):rep(100000))()", ":1"},
      {"return #select(2, loadstring('=', ('x'):rep(100000)))", ":107"},
  };
  ROWS_EXPECT(VM_PROFILE_REDIS, rows);
}
END_TEST

SUITE("vm/load", a_name_may_be_longer_than_its_text, texts_and_readers_compile_alike, bytecode_is_refused, compiling_is_charged_by_the_byte, loading_for_ever_ends)
