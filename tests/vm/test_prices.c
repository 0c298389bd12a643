/* SPDX-License-Identifier: BSD-2-Clause */
/* test_prices - instructions and functions whose work a script can make long pay for it.
 *
 * Each row's work is done ten times and twenty times: the difference is its price.  Without one, a
 * million instructions of it are seconds of a processor.
 */
#include "tests/check_main.h"
#include "tests/vm/machine.h"

enum { MEMORY = 8 << 20 };

/* Does `work` `count` times after `setup`; returns the instructions. */
static uint64_t price_of(Machine *m, const char *setup, const char *work, int count) {
  static char source[4096];
  snprintf(source, sizeof source, "%s for i = 1, %d do %s end return 'done'", setup, count, work);
  machine_expect(m, source, "$done");
  return m->usage.instructions;
}

typedef struct {
  const char *setup, *work;
  uint64_t least, most; /* instructions for once */
} Price;

static void expect_prices(const Price *rows, size_t count) {
  Machine *m = machine_open(VM_PROFILE_REDIS, MEMORY);
  for (size_t i = 0; i < count; i++) {
    uint64_t ten = price_of(m, rows[i].setup, rows[i].work, 10), twenty = price_of(m, rows[i].setup, rows[i].work, 20);
    uint64_t once = (twenty - ten) / 10;
    ck_assert_msg(once >= rows[i].least && once <= rows[i].most, "%s: %s: %" PRIu64, rows[i].setup, rows[i].work, once);
  }
  machine_close(m);
}
#define EXPECT_PRICES(rows) expect_prices(rows, sizeof(rows) / sizeof *(rows))

#define EMPTIED_ARRAY "local t = {} for i = 1, 4096 do t[i] = i end for i = 1, 4096 do t[i] = nil end"
#define EMPTIED_NODES "local t = {} for i = 1, 4096 do t['k' .. i] = i end for i = 1, 4096 do t['k' .. i] = nil end"

START_TEST(empty_slots_that_a_traversal_passes_are_charged) {
  static const Price rows[] = {
      {EMPTIED_ARRAY, "next(t)", 512, 530},
      {EMPTIED_NODES, "next(t)", 512, 530},
      {EMPTIED_ARRAY, "for k in pairs(t) do end", 512, 530},
      {EMPTIED_NODES, "for k in pairs(t) do end", 512, 530},
      {EMPTIED_ARRAY " t[4000] = 1", "for k in pairs(t) do end", 512, 540},
      {EMPTIED_ARRAY, "table.foreach(t, type)", 512, 540},
      {"local t = {} for i = 1, 32 do t[i] = i end for i = 1, 32 do t[i] = nil end", "next(t)", 3, 12},
      {"local t = {} for i = 1, 32 do t[i] = i end for i = 1, 32 do t[i] = nil end", "for k in pairs(t) do end", 3, 14},
  };
  EXPECT_PRICES(rows);
}
END_TEST

START_TEST(a_traversal_over_gaps_finds_what_it_found) {
  Machine *m = machine_open(VM_PROFILE_REDIS, MEMORY);
  machine_expect(m,
                 "local t = {} for i = 1, 1024 do t[i] = i end for i = 1, 300 do t['k' .. i] = i end "
                 "for i = 1, 1024 do if i % 200 ~= 0 then t[i] = nil end end "
                 "for i = 1, 300 do if i ~= 7 then t['k' .. i] = nil end end "
                 "local found = {} for k, v, none in pairs(t) do found[#found + 1] = k .. '=' .. v .. tostring(none) end "
                 "return table.concat(found, ' ')",
                 "$200=200nil 400=400nil 600=600nil 800=800nil 1000=1000nil k7=7nil");
  machine_close(m);
}
END_TEST

START_TEST(what_a_constructor_makes_room_for_is_charged) {
  static const Price rows[] = {
      {"local f = loadstring('return {error(), ' .. ('1,'):rep(4095) .. '}')", "pcall(f)", 2048, 2080},
      {"local s = {} for i = 1, 4096 do s[i] = 'a' .. i .. '=1' end local f = loadstring('return {[error()]=1, ' .. table.concat(s, ',') .. '}')",
       "pcall(f)", 2048, 2360},
      {"local f = loadstring('return {error(), ' .. ('1,'):rep(63) .. '}')", "pcall(f)", 5, 30},
  };
  EXPECT_PRICES(rows);
}
END_TEST

START_TEST(a_length_that_has_to_be_counted_is_charged) {
  static const Price rows[] = {
      {"local s = 'return {' .. ('1,'):rep(4096) local k = 4097 while k < 2^31 do s = s .. '[' .. k .. ']=1,' k = k * 2 end "
       "local t = loadstring(s .. '}')() assert(#t == 4097)",
       "local n = #t", 4096, 4110},
      {"local t = {} for i = 1, 4096 do t[i] = i end", "local n = #t", 2, 4},
  };
  EXPECT_PRICES(rows);
}
END_TEST

START_TEST(a_long_pattern_is_charged_by_find) {
  static const Price rows[] = {
      {"local p = ('x'):rep(16000)", "('a'):find(p)", 1000, 1020},
      {"local p = ('x'):rep(16000) .. '%d'", "('a'):find(p)", 1000, 1020},
      {"local p = ('x'):rep(64)", "('a'):find(p)", 3, 16},
  };
  EXPECT_PRICES(rows);
}
END_TEST

START_TEST(long_messages_are_charged) {
  static const Price rows[] = {
      {"local n = ('x'):rep(16000)", "pcall(error, n)", 1000, 1030},
      {"local n = ('x'):rep(16000)", "pcall(assert, false, n)", 1000, 1030},
      {"local f = loadstring('return ' .. ('x'):rep(16000))", "pcall(f)", 1000, 1030},
      {"local f = loadstring('local t = {} return t.' .. ('x'):rep(16000) .. '.a')", "pcall(f)", 1000, 1030},
      {"local f = ('%%'):rep(8000)", "f:format()", 2000, 2600},
      {"local n = ('x'):rep(16000)", "loadstring('', n)", 1000, 1100},
      {"local n = ('x'):rep(64)", "pcall(error, n)", 5, 16},
  };
  EXPECT_PRICES(rows);
}
END_TEST

START_TEST(levels_that_error_looks_up_are_charged) {
  static const Price rows[] = {
      {"local function down(n, f) if n == 0 then return f() end local r = down(n - 1, f) return r end "
       "local function fail() for i = 1, 100 do pcall(error, 'x', 5000) end return 1 end",
       "down(4000, fail)", 100000, 160000},
      {"local function down(n, f) if n == 0 then return f() end local r = down(n - 1, f) return r end "
       "local function fail() for i = 1, 100 do pcall(error, 'x', 2) end return 1 end",
       "down(4000, fail)", 30000, 60000},
  };
  EXPECT_PRICES(rows);
}
END_TEST

#define GENERATIONS(n, event) "local t = {} for i = 1, " #n " do t = setmetatable({}, {" #event " = t}) end "
START_TEST(many_generations_are_charged) {
  static const Price rows[] = {
      {GENERATIONS(90, __index), "local x = t.foo", 80, 90},
      {GENERATIONS(90, __index) "local k = 'foo'", "local x = t[k]", 80, 90},
      {GENERATIONS(90, __newindex), "t.foo = nil", 80, 90},
      {GENERATIONS(90, __index), "('x'):gsub('x', t)", 85, 110},
      {GENERATIONS(9, __index), "local x = t.foo", 2, 5},
      {GENERATIONS(9, __newindex), "t.foo = nil", 2, 5},
  };
  EXPECT_PRICES(rows);
}
END_TEST

/* Numbers whose halves have one sum, so that they collide in tables of any size. */
START_TEST(chains_that_a_new_key_is_searched_in_are_charged) {
  static const Price rows[] = {
      {"local function fill() local t = {} for i = 1, 500 do t[1 + (2^20 + i * (2^32 - 1)) / 2^52] = i end end", "fill()", 110000, 140000},
      {"local function fill() local t = {} for i = 1, 500 do t[i + 0.5] = i end end", "fill()", 2000, 4000},
  };
  EXPECT_PRICES(rows);
}
END_TEST

SUITE("prices",
      empty_slots_that_a_traversal_passes_are_charged,
      a_traversal_over_gaps_finds_what_it_found,
      what_a_constructor_makes_room_for_is_charged,
      a_length_that_has_to_be_counted_is_charged,
      a_long_pattern_is_charged_by_find,
      long_messages_are_charged,
      levels_that_error_looks_up_are_charged,
      many_generations_are_charged,
      chains_that_a_new_key_is_searched_in_are_charged)
