/* SPDX-License-Identifier: BSD-2-Clause */
/* test_cmsgpack - cmsgpack packs, unpacks and refuses what lua-cmsgpack does.
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
    "local function pack(...) return hex(cmsgpack.pack(...)) end "
    "local function read(f, h, ...) local t = {pcall(f, (h:gsub('..', function(c) return string.char(tonumber(c, 16)) end)), ...)} "
    "for i = 1, #t do t[i] = type(t[i]) == 'number' and ('%.17g'):format(t[i]) or tostring(t[i]) end return table.concat(t, ' ') end ";

/* clang-format off */
static const ScriptRow packed[] = {
    {"pack(0, 1, 127, 128, 255, 256, 65535, 65536)", "00017fcc80ccffcd0100cdffffce00010000"},
    {"pack(-1, -32, -33, -128, -129, -32768, -32769)", "ffe0d0dfd080d1ff7fd18000d2ffff7fff"},
    {"pack(2^32, 2^53, -2^31, -2^31 - 1, -2^63)", "cf0000000100000000cf0020000000000000d280000000d3ffffffff7fffffffd38000000000000000"},
    {"pack(2^63, 1/0, -1/0, 1.5, 0.1, -0.0)", "ca5f000000ca7f800000caff800000ca3fc00000cb3fb999999999999a00"},
    {"pack(0/0)", "cbfff8000000000000"},
    {"pack(1e39, 1e-45, 16777217.5)", "cb48078287f49c4a1dcb3696d601ad376ab9cb4170000018000000"},
    {"pack('', 'abc', true, false, nil, cjson.null, pairs)", "a0a3616263c3c2c0c0c0"},
    {"pack(('x'):rep(32)):sub(1, 6)", "d92078"},
    {"hex(cmsgpack.pack(('x'):rep(256)):sub(1, 4))", "da010078"},
    {"hex(cmsgpack.pack(('x'):rep(65536)):sub(1, 6))", "db0001000078"},
    {"pack({}, {1, 2}, {1, nil, 3}, {a = 1}, {[0] = 1}, {[2] = 1})", "909201028201010303" "81a16101" "810001" "810201"},
    {"pack({[1.5] = 1}, {[true] = 2}, {[{}] = {}})", "81ca3fc0000001" "81c302" "819090"},
    {"(function() local t = 1 for i = 1, 17 do t = {t} end return pack(t) end)()", "91919191919191919191919191919191c0"},
    {"(function() local t = {} t.x = t return pack(t) end)()", "81a17881a17881a17881a17881a17881a17881a17881a17881a17881a17881a17881a17881a17881a17881a17881a178c0"},
};
static const ScriptRow unpacked[] = {
    {"read(cmsgpack.unpack, '')", "true"},
    {"read(cmsgpack.unpack, '00c3c2a26162')", "true 0 true false ab"},
    {"read(cmsgpack.unpack, 'cc80cdffffceffffffffcf8000000000000000')", "true 128 65535 4294967295 -9.2233720368547758e+18"},
    {"read(cmsgpack.unpack, 'd080d18000d280000000d38000000000000000e0')", "true -128 -32768 -2147483648 -9.2233720368547758e+18 -32"},
    {"read(cmsgpack.unpack, 'ca3fc00000cb3fb999999999999a')", "true 1.5 0.10000000000000001"},
    {"tostring(cmsgpack.unpack('\\202\\255\\128\\0\\1'))", "-nan"},
    {"tostring(cmsgpack.unpack('\\203\\127\\240\\0\\0\\0\\0\\0\\1'))", "nan"},
    {"read(cmsgpack.unpack, 'c1')", "false Bad data format in input."},
    {"read(cmsgpack.unpack, 'd40100')", "false Bad data format in input."},
    {"read(cmsgpack.unpack, '92c1')", "false Bad data format in input."},
    {"read(cmsgpack.unpack, 'a3ab')", "false Missing bytes in input."},
    {"read(cmsgpack.unpack, 'ddffffffff00')", "false Missing bytes in input."},
    {"read(cmsgpack.unpack, '81c001')", "false table index is nil"},
    {"read(cmsgpack.unpack, '81ca7fc0000001')", "false table index is NaN"},
    {"read(cmsgpack.unpack_one, '0102')", "true 1 1"},
    {"read(cmsgpack.unpack_one, '0102', 1)", "true -1 2"},
    {"read(cmsgpack.unpack_one, '', 0)", "true -1"},
    {"read(cmsgpack.unpack_limit, '010203', 2)", "true 2 1 2"},
    {"read(cmsgpack.unpack_limit, '010203', 0)", "true 1 2 3"},
    {"read(cmsgpack.unpack_limit, '010203', 0, 1)", "true 1"},
    {"read(cmsgpack.unpack_one, '01', 2)", "false Start offset 2 greater than input length 1."},
    {"read(cmsgpack.unpack_one, '01', -3)", "false Invalid request to unpack with offset of -3 and limit of 1."},
    {"tostring(select(2, pcall(cmsgpack.pack)))", "bad argument #0 to '?' (MessagePack pack needs input.)"},
    {"tostring(select(2, pcall(cmsgpack.unpack, ('\\145'):rep(5000))))", "stack overflow (in function mp_decode_to_lua_array)"},
};
/* clang-format on */

START_TEST(values_are_packed_as_redis_packs_them) { rows_expect_strings(machine, head, packed, sizeof packed / sizeof *packed); }
END_TEST

START_TEST(bytes_are_unpacked_as_redis_unpacks_them) { rows_expect_strings(machine, head, unpacked, sizeof unpacked / sizeof *unpacked); }
END_TEST

#if FERROUS_STRESS
#define ROUNDS "10"
#else
#define ROUNDS "200"
#endif

START_TEST(random_values_survive_a_round_trip) {
  machine_expect(machine,
                 "math.randomseed(5) local function make(d) local k = math.random(1, d > 4 and 5 or 8) "
                 "if k == 1 then return math.random(-99, 99) elseif k == 2 then return math.random(1, 2^31 - 1) / 1024 "
                 "elseif k == 3 then return ('s'):rep(math.random(0, 300)) elseif k == 4 then return true elseif k == 5 then return -2^math.random(0, 62) end "
                 "local t = {} for i = 1, math.random(0, 20) do t[k == 6 and i or 'k' .. math.random(1, 50)] = make(d + 1) end return t end "
                 "local function same(a, b) if type(a) ~= 'table' then return a == b end "
                 "for k, v in pairs(a) do if not same(v, b[k]) then return false end end "
                 "for k in pairs(b) do if a[k] == nil then return false end end return true end "
                 "for i = 1, " ROUNDS " do local v = make(0) if not same(v, cmsgpack.unpack(cmsgpack.pack(v))) then return cmsgpack.pack(v) end end return 'same'",
                 "$same");
}
END_TEST

/* Where memory is short a collection comes while the weak table is packed, and empties it:
 * what was announced is put right. */
START_TEST(a_weak_table_emptied_on_the_way_is_packed_whole) {
  static const char source[] =
      "local weak, keep = setmetatable({}, {__mode = 'v'}), {} "
      "for i = 1, 1500 do keep[i] = {('x'):rep(2000) .. i} weak['key' .. i] = keep[i] end keep = nil "
      "local s = cmsgpack.pack(weak, {7}) local t, last = cmsgpack.unpack(s) local n = 0 "
      "for k, v in pairs(t) do n = n + 1 if v[1]:sub(2001) ~= k:sub(4) then return k end end "
      "return {n > 0 and n < 1500, last[1]}";
  close_machine();
  machine = machine_open(VM_PROFILE_REDIS, 10 << 20);
  if (!FERROUS_STRESS) machine_expect(machine, source, "*2 :1 :7"); /* there nothing survives for so long */
}
END_TEST

START_TEST(both_ways_are_charged_by_size) {
  static const char *const sources[] = {
      "local t = {} for i = 1, 1000 do t[i] = i end while true do cmsgpack.pack(t) end",
      "local s = ('x'):rep(100000) while true do cmsgpack.pack(s) end",
      "local t = 1 for i = 1, 15 do t = {t, t, t, t} end cmsgpack.pack(t)",
      "local s = '\\221\\0\\0\\039\\016' .. ('\\1'):rep(10000) while true do cmsgpack.unpack(s) end",
      "local s = ('\\145'):rep(3000) while true do pcall(cmsgpack.unpack, s) end",
      "local s = ('\\1'):rep(400) .. '\\193' while true do pcall(cmsgpack.unpack, s) end",
      "local s = ('\\1'):rep(400) .. '\\204' while true do pcall(cmsgpack.unpack, s) end",
      "local s = cmsgpack.pack(('x'):rep(100000)) while true do cmsgpack.unpack(s) end",
      "local t = {} for i = 1, 100000 do t[i] = i end for i = 1, 100000 do t[i] = nil end while true do cmsgpack.pack(t) end"};
  for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
    uint64_t budget = MACHINE_SCALED(5000000);
    ck_assert_msg(machine_run(machine, sources[i], budget) == VM_LIMIT, "%s", sources[i]);
    ck_assert_uint_le(machine->usage.instructions, budget + 100000);
  }
}
END_TEST

/* What a failing call has done is charged too. */
START_TEST(failing_is_not_for_nothing) {
  static const char *const tails[] = {"\\193", "\\204", "\\129\\192\\1", "\\129\\202\\127\\192\\0\\0\\1"};
  for (size_t i = 0; i < sizeof tails / sizeof *tails; i++) {
    char source[256];
    snprintf(source, sizeof source, "local s = ('\\1'):rep(400) .. '%s' for i = 1, 10 do pcall(cmsgpack.unpack, s) end", tails[i]);
    machine_run(machine, source, MACHINE_UNLIMITED);
    ck_assert_uint_ge(machine->usage.instructions, 10 * 400 * 4);
  }
}
END_TEST

START_TEST(what_does_not_fit_in_memory_ends_the_run) {
  static const char *const sources[] = {
      "local s = ('x'):rep(200000) return pcall(cmsgpack.pack, s, s, s, s, s, s, s, s, s, s, s, s)",
      "local s = ('\\145'):rep(3000) .. '\\1' local keep = {} while true do keep[#keep + 1] = {pcall(cmsgpack.unpack, s)} end"};
  close_machine();
  machine = machine_open(VM_PROFILE_REDIS, 2 << 20);
  for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
    ck_assert_int_eq(machine_run(machine, sources[i], MACHINE_UNLIMITED), VM_LIMIT);
  }
}
END_TEST

static Suite *make_suite(void) {
  Suite *suite = suite_create("cmsgpack");
  TCase *tests = tcase_create("cmsgpack");
  tcase_set_timeout(tests, 120);
  tcase_add_checked_fixture(tests, open_machine, close_machine);
  tcase_add_test(tests, values_are_packed_as_redis_packs_them);
  tcase_add_test(tests, bytes_are_unpacked_as_redis_unpacks_them);
  tcase_add_test(tests, random_values_survive_a_round_trip);
  tcase_add_test(tests, a_weak_table_emptied_on_the_way_is_packed_whole);
  tcase_add_test(tests, both_ways_are_charged_by_size);
  tcase_add_test(tests, failing_is_not_for_nothing);
  tcase_add_test(tests, what_does_not_fit_in_memory_ends_the_run);
  suite_add_tcase(suite, tests);
  return suite;
}

CHECK_MAIN(make_suite)
