/* SPDX-License-Identifier: BSD-2-Clause */
/* test_struct - struct packs, unpacks, measures and refuses what Redis's struct does.
 *
 * The answers were recorded from a redis-server 7.0.15; tests/redis compares many more.
 */
#include <check.h>

#include "tests/check_main.h"
#include "tests/vm/rows.h"

static Machine *machine;

static void open_machine(void) { machine = machine_open(VM_PROFILE_REDIS, 64 << 20); }
static void close_machine(void) { machine_close(machine); }

static const char head[] =
    "local function hex(s) return (s:gsub('.', function(c) return ('%02x'):format(c:byte()) end)) end "
    "local function pack(...) return hex(struct.pack(...)) end "
    "local function try(f, ...) local t = {pcall(struct[f], ...)} "
    "for i = 2, #t do t[i] = type(t[i]) == 'number' and ('%.17g'):format(t[i]) or t[i] end return table.concat(t, ' ', 2) end ";

/* clang-format off */
static const ScriptRow rows[] = {
    {"pack('bBhHlLTiI', -1, 255, -2, 65535, -3, 2^53, 1, -4, 2^31)", "fffffefffffffdffffffffffffff00000000000020000100000000000000fcffffff00000080"},
    {"pack('>hi3I8', 258, 66051, 1)", "01020102030000000000000001"},
    {"pack('>I4<I4>sh!4bi', 1, 2, 'z', 3, 4, 5)", "00000001020000007a0000030400000000000005"},
    {"pack('>i5i6i7I1', -2, '3', 4, 5)", "fffffffffe0000000000030000000000000405"},
    {"pack('i04I9', 1, 2)", "01000000020000000000000000"},
    {"pack('<i16>i16', -1, -1)", "ffffffffffffffff00000000000000000000000000000000ffffffffffffffff"},
    {"pack('i0', 5)", ""},
    {"pack('fd', 0.1, 0.1)", "cdcccc3d9a9999999999b93f"},
    {"pack('>fd', 0/0, -1/0)", "ffc00000fff0000000000000"},
    {"pack('f', 1e300)", "0000807f"},
    {"pack('i', 2^63)", "00000000"},
    {"pack('l', 2^63)", "0000000000000080"},
    {"pack('L', 2^64)", "0000000000000000"},
    {"pack('l', 0/0)", "0000000000000080"},
    {"pack('l', -1e300)", "0000000000000080"},
    {"pack('s', 'a\\0b')", "61006200"},
    {"pack('c2c0sx', 'abc', 'def', '')", "61626465660000"},
    {"pack('!bd', 1, 1)", "0100000000000000000000000000f03f"},
    {"pack('!4bdbi', 1, 1, 1, 1)", "01000000000000000000f03f0100000001000000"},
    {"pack('!8bbi3', 1, 1, 1)", "0101010000"},
    {"pack(' > b < b', 1, 2)", "0102"},
    {"pack('b\\0z', 1)", "01"},
    {"try('size', '!bdhxi7c5')", "35"},
    {"try('size', 'zzz')", "0"},
    {"try('size', 's')", "bad argument #1 to '?' (option 's' has no fixed size)"},
    {"try('size', 'c0')", "bad argument #1 to '?' (option 'c0' has no fixed size)"},
    {"try('size', '@')", "bad argument #1 to '?' (invalid format option '@')"},
    {"try('pack', 'z')", "bad argument #1 to '?' (invalid format option 'z')"},
    {"try('pack', 'i')", "bad argument #2 to '?' (number expected, got nil)"},
    {"try('pack')", "bad argument #1 to '?' (string expected, got no value)"},
    {"try('pack', 'c5', 'abc')", "bad argument #3 to '?' (string too short)"},
    {"try('pack', 'i33', 1)", "integral size 33 is larger than limit of 32"},
    {"try('pack', 'i2147483648', 1)", "integral size overflow"},
    {"try('pack', '!3i', 1)", "alignment 3 is not a power of 2"},
    {"try('unpack', 'bBh>H', '\\255\\255\\1\\2\\1\\2')", "-1 255 513 258 7"},
    {"try('unpack', '>i3I3i5', '\\255\\255\\254\\1\\2\\3\\255\\255\\255\\255\\0')", "-2 66051 -256 12"},
    {"try('unpack', '<I7>h<f', '\\1\\0\\0\\0\\0\\0\\128\\1\\2\\0\\0\\192\\63')", "36028797018963968 258 1.5 14"},
    {"try('unpack', 'I4I4', '\\1\\0\\0\\0\\2\\0\\0')", "bad argument #2 to '?' (data string too short)"},
    {"try('unpack', 'B', 'a', 3)", "bad argument #2 to '?' (data string too short)"},
    {"try('unpack', '<i9', ('\\255'):rep(9))", "-1 10"},
    {"try('unpack', '<i9', ('\\1'):rep(9))", "-127 10"},
    {"try('unpack', 'i0I0', '')", "0 0 1"},
    {"try('unpack', 'L', ('\\255'):rep(8))", "1.8446744073709552e+19 9"},
    {"try('unpack', 'sBc0', 'ab\\0\\2xyz')", "ab xy 7"},
    {"try('unpack', 'sc0', '2\\0xyz')", "xy 5"},
    {"try('unpack', 'c0', 'abc')", "format 'c0' needs a previous size"},
    {"try('unpack', 's', 'abc')", "unfinished string in data"},
    {"try('unpack', 'i', 'abc')", "bad argument #2 to '?' (data string too short)"},
    {"try('unpack', 'b', 'abc', 0)", "bad argument #3 to '?' (offset must be 1 or greater)"},
    {"try('unpack', 'b', 'abc', -1)", "bad argument #2 to '?' (data string too short)"},
    {"try('unpack', '', 'abc', -1)", "-1"},
    {"try('unpack', '!2 h', 'ab', -1)", "bad argument #2 to '?' (data string too short)"},
    {"try('unpack', ('b'):rep(8000), ('x'):rep(8000))", "stack overflow (too many results)"},
    {"tostring(struct.unpack('<d', '\\1\\0\\0\\0\\0\\0\\240\\255'))", "-nan"},
    {"tostring(struct.unpack('<f', '\\1\\0\\128\\127'))", "nan"},
};
/* clang-format on */

START_TEST(answers_are_those_of_redis) {
  rows_expect_strings(machine, head, rows, sizeof rows / sizeof *rows);
}
END_TEST

START_TEST(what_was_packed_is_unpacked_and_has_the_size_measured) {
  machine_expect(machine,
                 "math.randomseed(9) local letters = {'b', 'h', 'l', 'i3', 'i7', 'd', 'c4', 'x', '>', '<', '!4', '!8', 'I2', ' '} "
                 "for n = 1, 500 do local f, v = {}, {} for i = 1, math.random(1, 12) do local o = letters[math.random(#letters)] f[i] = o "
                 "if o == 'c4' then v[#v + 1] = 'abcd' elseif o:match('^[bhlidI]') then v[#v + 1] = math.random(0, 100) end end "
                 "f = table.concat(f) local s = struct.pack(f, unpack(v)) local t = {struct.unpack(f, s)} "
                 "if #s ~= struct.size(f) or t[#v + 1] ~= #s + 1 then return f end "
                 "for i = 1, #v do if t[i] ~= v[i] then return f end end end return 'same'",
                 "$same");
}
END_TEST

START_TEST(the_work_is_charged_by_size) {
  static const char *const sources[] = {
      "local f, t = ('b'):rep(1000), {} for i = 1, 1000 do t[i] = i end while true do struct.pack(f, unpack(t)) end",
      "local s = ('x'):rep(100000) while true do struct.pack('s', s) end",
      "local f, s = ('b'):rep(5000), ('x'):rep(5000) while true do struct.unpack(f, s) end",
      "local s = ('x'):rep(100000) while true do pcall(struct.unpack, 's', s) end",
      "local s = ('x'):rep(100000) while true do struct.unpack('c100000', s) end",
      "local f = ('x'):rep(1000000) while true do struct.size(f) end",
      "local f = (' '):rep(1000000) while true do struct.unpack(f, '') end"};
  for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
    uint64_t budget = MACHINE_SCALED(5000000);
    ck_assert_msg(machine_run(machine, sources[i], budget) == VM_LIMIT, "%s", sources[i]);
    ck_assert_uint_le(machine->usage.instructions, budget + 100000);
  }
}
END_TEST

static Suite *make_suite(void) {
  Suite *suite = suite_create("struct");
  TCase *tests = tcase_create("struct");
  tcase_set_timeout(tests, 120);
  tcase_add_checked_fixture(tests, open_machine, close_machine);
  tcase_add_test(tests, answers_are_those_of_redis);
  tcase_add_test(tests, what_was_packed_is_unpacked_and_has_the_size_measured);
  tcase_add_test(tests, the_work_is_charged_by_size);
  suite_add_tcase(suite, tests);
  return suite;
}

CHECK_MAIN(make_suite)
