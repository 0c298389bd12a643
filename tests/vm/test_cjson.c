/* SPDX-License-Identifier: BSD-2-Clause */
/* test_cjson - cjson writes, reads and refuses what lua-cjson does, byte for byte.
 *
 * The answers were recorded from a redis-server 7.0.15.
 */
#include <check.h>

#include "tests/check_main.h"
#include "tests/vm/machine.h"

static Machine *machine;

static void open_machine(void) { machine = machine_open(VM_PROFILE_REDIS, 64 << 20); }
static void close_machine(void) { machine_close(machine); }

typedef struct {
  const char *before;     /* run first */
  const char *expression; /* its result is a string; try(f, ...) joins what pcall gives */
  const char *answer;
} Row;

/* clang-format off */
static const Row rows[] = {
    {"", "try(function(s) return cjson.encode(cjson.decode(s)) end, '')", "user_script:1: Expected value but found T_END at character 1"},
    {"", "try(function(s) return cjson.encode(cjson.decode(s)) end, '1')", "1"},
    {"", "try(function(s) return cjson.encode(cjson.decode(s)) end, '-1')", "-1"},
    {"", "try(function(s) return cjson.encode(cjson.decode(s)) end, '+1')", "1"},
    {"", "try(function(s) return cjson.encode(cjson.decode(s)) end, '01')", "1"},
    {"", "try(function(s) return cjson.encode(cjson.decode(s)) end, '1.')", "1"},
    {"", "try(function(s) return cjson.encode(cjson.decode(s)) end, '.5')", "user_script:1: Expected value but found invalid token at character 1"},
    {"", "try(function(s) return cjson.encode(cjson.decode(s)) end, '-.5')", "-0.5"},
    {"", "try(function(s) return cjson.encode(cjson.decode(s)) end, '1e5')", "100000"},
    {"", "try(function(s) return cjson.encode(cjson.decode(s)) end, '1e')", "user_script:1: Expected the end but found invalid token at character 2"},
    {"", "try(function(s) return cjson.encode(cjson.decode(s)) end, '0x1F')", "31"},
    {"", "try(function(s) return cjson.encode(cjson.decode(s)) end, '0x')", "user_script:1: Expected the end but found invalid token at character 2"},
    {"", "try(function(s) return cjson.encode(cjson.decode(s)) end, '0x1p4')", "16"},
    {"", "try(cjson.decode, 'inf')", "inf"},
    {"", "try(cjson.decode, '-Infinity')", "-inf"},
    {"", "try(cjson.decode, 'nan')", "nan"},
    {"", "try(cjson.decode, '-nan')", "-nan"},
    {"", "try(cjson.decode, 'nan(7)')", "nan"},
    {"", "try(function(s) return cjson.encode(cjson.decode(s)) end, 'nan(')", "user_script:1: Expected the end but found invalid token at character 4"},
    {"", "try(cjson.decode, '1e400')", "inf"},
    {"", "try(function(s) return cjson.encode(cjson.decode(s)) end, '5e-324')", "4.9406564584125e-324"},
    {"", "try(function(s) return cjson.encode(cjson.decode(s)) end, '1.7976931348623157e308')", "1.7976931348623e+308"},
    {"", "try(function(s) return cjson.encode(cjson.decode(s)) end, '123456789012345678901234567890')", "1.2345678901235e+29"},
    {"", "try(function(s) return cjson.encode(cjson.decode(s)) end, '0.30000000000000004')", "0.3"},
    {"", "try(function(s) return cjson.encode(cjson.decode(s)) end, 'true')", "true"},
    {"", "try(function(s) return cjson.encode(cjson.decode(s)) end, 'false')", "false"},
    {"", "try(function(s) return cjson.encode(cjson.decode(s)) end, 'null')", "null"},
    {"", "try(function(s) return cjson.encode(cjson.decode(s)) end, 'tru')", "user_script:1: Expected value but found invalid token at character 1"},
    {"", "try(function(s) return cjson.encode(cjson.decode(s)) end, 'True')", "user_script:1: Expected value but found invalid token at character 1"},
    {"", "try(function(s) return cjson.encode(cjson.decode(s)) end, '\"')", "user_script:1: Expected value but found unexpected end of string at character 2"},
    {"", "try(function(s) return cjson.encode(cjson.decode(s)) end, '\"a')", "user_script:1: Expected value but found unexpected end of string at character 3"},
    {"", "try(function(s) return cjson.encode(cjson.decode(s)) end, '\"a\\092')", "user_script:1: Expected value but found invalid escape code at character 3"},
    {"", "try(function(s) return cjson.encode(cjson.decode(s)) end, '\"\\092x\"')", "user_script:1: Expected value but found invalid escape code at character 2"},
    {"", "try(function(s) return cjson.encode(cjson.decode(s)) end, '\"\\092u12\"')", "user_script:1: Expected value but found invalid unicode escape code at character 2"},
    {"", "try(function(s) return cjson.encode(cjson.decode(s)) end, '\"\\092u0041\"')", "\"A\""},
    {"", "try(function(s) return cjson.encode(cjson.decode(s)) end, '\"\\092ud800\"')", "user_script:1: Expected value but found invalid unicode escape code at character 2"},
    {"", "try(function(s) return cjson.encode(cjson.decode(s)) end, '\"\\092ud83d\\092ude00\"')", "\"\360\237\230\200\""},
    {"", "try(function(s) return cjson.encode(cjson.decode(s)) end, '\"\\092udc00\"')", "user_script:1: Expected value but found invalid unicode escape code at character 2"},
    {"", "try(function(s) return cjson.encode(cjson.decode(s)) end, '\"\\092u0000\"')", "\"\\u0000\""},
    {"", "try(function(s) return cjson.encode(cjson.decode(s)) end, '\"\\092u00e9\\092u20ac\"')", "\"\303\251\342\202\254\""},
    {"", "try(function(s) return cjson.encode(cjson.decode(s)) end, '\"\\092n\\092t\\092r\\092b\\092f\\092/\\092\\092\\092\"\"')", "\"\\n\\t\\r\\b\\f\\/\\\\\\\"\""},
    {"", "try(function(s) return cjson.encode(cjson.decode(s)) end, '\"a\\010b\"')", "\"a\\nb\""},
    {"", "try(function(s) return cjson.encode(cjson.decode(s)) end, '[')", "user_script:1: Expected value but found T_END at character 2"},
    {"", "try(function(s) return cjson.encode(cjson.decode(s)) end, '[1')", "user_script:1: Expected comma or array end but found T_END at character 3"},
    {"", "try(function(s) return cjson.encode(cjson.decode(s)) end, '[1,')", "user_script:1: Expected value but found T_END at character 4"},
    {"", "try(function(s) return cjson.encode(cjson.decode(s)) end, '[1,]')", "user_script:1: Expected value but found T_ARR_END at character 4"},
    {"", "try(function(s) return cjson.encode(cjson.decode(s)) end, '[,1]')", "user_script:1: Expected value but found T_COMMA at character 2"},
    {"", "try(function(s) return cjson.encode(cjson.decode(s)) end, '[1 2]')", "user_script:1: Expected comma or array end but found T_NUMBER at character 4"},
    {"", "try(function(s) return cjson.encode(cjson.decode(s)) end, '{\"a\"}')", "user_script:1: Expected colon but found T_OBJ_END at character 5"},
    {"", "try(function(s) return cjson.encode(cjson.decode(s)) end, '{\"a\":}')", "user_script:1: Expected value but found T_OBJ_END at character 6"},
    {"", "try(function(s) return cjson.encode(cjson.decode(s)) end, '{\"a\":1')", "user_script:1: Expected comma or object end but found T_END at character 7"},
    {"", "try(function(s) return cjson.encode(cjson.decode(s)) end, '{\"a\":1,}')", "user_script:1: Expected object key string but found T_OBJ_END at character 8"},
    {"", "try(function(s) return cjson.encode(cjson.decode(s)) end, '{a:1}')", "user_script:1: Expected object key string but found invalid token at character 2"},
    {"", "try(function(s) return cjson.encode(cjson.decode(s)) end, '{1:2}')", "user_script:1: Expected object key string but found T_NUMBER at character 2"},
    {"", "try(function(s) return cjson.encode(cjson.decode(s)) end, '{\"a\":1 \"b\":2}')", "user_script:1: Expected comma or object end but found T_STRING at character 8"},
    {"", "try(function(s) return cjson.encode(cjson.decode(s)) end, '[1,2]x')", "user_script:1: Expected the end but found invalid token at character 6"},
    {"", "try(function(s) return cjson.encode(cjson.decode(s)) end, '1 2')", "user_script:1: Expected the end but found T_NUMBER at character 3"},
    {"", "try(function(s) return cjson.encode(cjson.decode(s)) end, '{}{}')", "user_script:1: Expected the end but found T_OBJ_BEGIN at character 3"},
    {"", "try(function(s) return cjson.encode(cjson.decode(s)) end, '\\239\\187\\1911')", "user_script:1: Expected value but found invalid token at character 1"},
    {"", "try(function(s) return cjson.encode(cjson.decode(s)) end, '12\\000zz')", "12"},
    {"", "try(function(s) return cjson.encode(cjson.decode(s)) end, '1\\000')", "user_script:1: JSON parser does not support UTF-16 or UTF-32"},
    {"", "try(function(s) return cjson.encode(cjson.decode(s)) end, '-')", "user_script:1: Expected value but found invalid number at character 1"},
    {"", "try(function(s) return cjson.encode(cjson.decode(s)) end, '- 1')", "user_script:1: Expected value but found invalid number at character 1"},
    {"", "try(function(s) return cjson.encode(cjson.decode(s)) end, '1+1')", "user_script:1: Expected the end but found T_NUMBER at character 2"},
    {"", "try(function(s) return cjson.encode(cjson.decode(s)) end, '[1\\012]')", "user_script:1: Expected comma or array end but found invalid token at character 3"},
    {"", "try(function(s) return cjson.encode(cjson.decode(s)) end, '\"abc')", "user_script:1: Expected value but found unexpected end of string at character 5"},
    {"", "try(function(s) return cjson.encode(cjson.decode(s)) end, '\\009 7 \\010')", "7"},
    {"", "try(cjson.encode, nil)", "null"},
    {"", "try(cjson.encode, true)", "true"},
    {"", "try(cjson.encode, 1/0)", "Cannot serialise number: must not be NaN or Inf"},
    {"", "try(cjson.encode, 0/0)", "Cannot serialise number: must not be NaN or Inf"},
    {"", "try(cjson.encode, function() end)", "Cannot serialise function: type not supported"},
    {"", "try(cjson.encode, coroutine.create(function() end))", "Cannot serialise thread: type not supported"},
    {"", "try(cjson.encode, '')", "\"\""},
    {"", "try(cjson.encode, 'a\\0b\\127\\200\\n\\t\"\\\\/\\8\\12\\27')", "\"a\\u0000b\\u007f\310\\n\\t\\\"\\\\\\/\\b\\f\\u001b\""},
    {"", "try(cjson.encode, 1e15)", "1e+15"},
    {"", "try(cjson.encode, 123456789012345)", "1.2345678901234e+14"},
    {"", "try(cjson.encode, -0)", "-0"},
    {"", "try(cjson.encode, 0.1)", "0.1"},
    {"", "try(cjson.encode, 1/3)", "0.33333333333333"},
    {"", "try(cjson.encode, 1e-5)", "1e-05"},
    {"", "try(cjson.encode, 2^53)", "9.007199254741e+15"},
    {"", "try(cjson.encode, 2^63)", "9.2233720368548e+18"},
    {"", "try(cjson.encode, 1e300)", "1e+300"},
    {"", "try(cjson.encode, {})", "{}"},
    {"", "try(cjson.encode, {1,nil,3})", "[1,null,3]"},
    {"", "try(cjson.encode, {[10]=1})", "[null,null,null,null,null,null,null,null,null,1]"},
    {"", "try(cjson.encode, {[11]=1})", "Cannot serialise table: excessively sparse array"},
    {"", "try(cjson.encode, {[0]=1})", "{\"0\":1}"},
    {"", "try(cjson.encode, {[1.5]=1})", "{\"1.5\":1}"},
    {"", "try(cjson.encode, {[1e15]=1})", "{\"1e+15\":1}"},
    {"", "try(cjson.encode, {[2^31]=1})", "{\"2147483648\":1}"},
    {"", "try(cjson.encode, {[true]=1})", "Cannot serialise boolean: table key must be a number or string"},
    {"", "try(cjson.encode, {a=function() end})", "Cannot serialise function: type not supported"},
    {"", "try(cjson.encode, {[{}]=1})", "Cannot serialise table: table key must be a number or string"},
    {"", "try(cjson.encode, {1,a=2})", "{\"1\":1,\"a\":2}"},
    {"", "try(cjson.encode, {{},{1},{a=1}})", "[{},[1],{\"a\":1}]"},
    {"", "try(cjson.encode, {cjson.null,false})", "[null,false]"},
    {"", "try(cjson.encode, {['1']=1,[1]=2})", "{\"1\":1,\"1\":2}"},
    {"", "try(cjson.encode, setmetatable({1},{__index=function() return 5 end}))", "[1]"},
    {"", "try(cjson.encode, {a=1,b=2,c=3,d=4,e=5,f=6,g=7,h=8})", "{\"a\":1,\"h\":8,\"c\":3,\"b\":2,\"e\":5,\"d\":4,\"g\":7,\"f\":6}"},
    {"", "try(cjson.encode)", "bad argument #1 to '?' (expected 1 argument)"},
    {"", "try(cjson.encode, 1, 2)", "bad argument #1 to '?' (expected 1 argument)"},
    {"", "try(cjson.decode)", "bad argument #1 to '?' (expected 1 argument)"},
    {"", "try(cjson.decode, {})", "bad argument #1 to '?' (string expected, got table)"},
    {"", "try(cjson.decode, 12.5)", "12.5"},
    {"", "try(cjson.encode_sparse_array)", "false 2 10"},
    {"", "try(cjson.encode_sparse_array, 1)", "bad argument #1 to '?' (invalid option '1')"},
    {"", "try(cjson.encode_sparse_array, true, -1)", "bad argument #1 to '?' (expected integer between 0 and 2147483647)"},
    {"", "try(cjson.encode_sparse_array, 1, 2, 3, 4)", "bad argument #4 to '?' (found too many arguments)"},
    {"", "try(cjson.encode_max_depth, 0)", "bad argument #1 to '?' (expected integer between 1 and 2147483647)"},
    {"", "try(cjson.encode_max_depth, 2^31)", "bad argument #1 to '?' (expected integer between 1 and 2147483647)"},
    {"", "try(cjson.encode_number_precision, 15)", "bad argument #1 to '?' (expected integer between 1 and 14)"},
    {"", "try(cjson.encode_invalid_numbers, 'x')", "bad argument #1 to '?' (invalid option 'x')"},
    {"", "try(cjson.encode_keep_buffer)", "true"},
    {"", "try(cjson.decode_invalid_numbers)", "true"},
    {"cjson.encode_sparse_array(true)", "try(cjson.encode, {[100] = 1})", "{\"100\":1}"},
    {"cjson.encode_sparse_array(false, 0)", "try(cjson.encode, {[12] = 1})", "[null,null,null,null,null,null,null,null,null,null,null,1]"},
    {"cjson.encode_max_depth(2)", "try(cjson.encode, {{{1}}})", "Cannot serialise, excessive nesting (3)"},
    {"cjson.decode_max_depth(2)", "try(cjson.decode, '[[[1]]]')", "Found too many nested data structures (3) at character 3"},
    {"cjson.encode_number_precision(3)", "try(cjson.encode, {1/3, 12345, 1e-9, 0.5, 99.99, 1e100})", "[0.333,1.23e+04,1e-09,0.5,100,1e+100]"},
    {"cjson.encode_invalid_numbers(true)", "try(cjson.encode, {1/0, -1/0, 0/0})", "[inf,-inf,nan]"},
    {"cjson.encode_invalid_numbers('null')", "try(cjson.encode, {1/0, 0/0})", "[null,null]"},
    {"cjson.decode_invalid_numbers(false)", "try(cjson.decode, '0x10')", "Expected value but found invalid number at character 1"},
    {"cjson.decode_invalid_numbers('off')", "try(cjson.decode, '[01]')", "Expected value but found invalid number at character 2"},
    {"local c = cjson.new() c.encode_number_precision(2)", "try(c.encode, 1/3)", "0.33"},
    {"local c = cjson.new() c.encode_number_precision(2)", "try(cjson.encode, 1/3)", "0.33333333333333"},
    {"local s = '' for k in pairs(cjson) do s = s .. k .. ' ' end", "s", "_NAME encode decode_max_depth _VERSION decode_invalid_numbers encode_keep_buffer null encode_number_precision new encode_max_depth encode_invalid_numbers decode encode_sparse_array "},
};
/* clang-format on */

START_TEST(answers_are_those_of_redis) {
  static const char head[] =
      "local function try(f, ...) local t = {pcall(f, ...)} for i = 1, #t do t[i] = tostring(t[i]) end "
      "return table.concat(t, ' ', 2) end ";
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    char source[2048], answer[2048];
    snprintf(source, sizeof source, "%s%s return %s", head, rows[i].before, rows[i].expression);
    snprintf(answer, sizeof answer, "$%s", rows[i].answer);
    machine_expect(machine, source, answer);
  }
}
END_TEST

START_TEST(nesting_ends_where_the_reference_ends) {
  machine_expect(machine, "local t = 1 for i = 1, 1000 do t = {t} end return #cjson.encode(t)", ":2001");
  machine_expect(machine, "local t = 1 for i = 1, 1001 do t = {t} end cjson.encode(t)",
                 "error: ERR user_script:1: Cannot serialise, excessive nesting (1001)");
  machine_expect(machine, "cjson.encode_max_depth(1e6) local t = 1 for i = 1, 7998 do t = {t} end cjson.encode(t)",
                 "error: ERR user_script:1: Cannot serialise, excessive nesting (7998)");
  machine_expect(machine, "cjson.encode_max_depth(1e6) local t = 1 for i = 1, 4000 do t = {a = t} end cjson.encode(t)",
                 "error: ERR user_script:1: Cannot serialise, excessive nesting (4000)");
  machine_expect(machine, "return #cjson.decode(('['):rep(1000) .. (']'):rep(1000))", ":1");
  machine_expect(machine, "cjson.decode(('['):rep(1001) .. (']'):rep(1001))",
                 "error: ERR user_script:1: Found too many nested data structures (1001) at character 1001");
  machine_expect(machine, "cjson.decode_max_depth(1e6) cjson.decode(('['):rep(9000))",
                 "error: ERR user_script:1: Found too many nested data structures (7999) at character 7999");
}
END_TEST

START_TEST(documents_survive_a_round_trip) {
  machine_expect(machine,
                 "math.randomseed(3) local function make(d) local k = math.random(1, d > 4 and 5 or 8) "
                 "if k == 1 then return math.random(-99, 99) elseif k == 2 then return math.random(1, 2^31 - 1) / 1024 "
                 "elseif k == 3 then return string.char(math.random(0, 255), math.random(0, 255), math.random(0, 127)) "
                 "elseif k == 4 then return k % 2 == 0 elseif k == 5 then return cjson.null end local t = {} "
                 "for i = 1, math.random(0, 9) do t[k == 6 and i or 'k' .. math.random(1, 50)] = make(d + 1) end return t end "
                 "for i = 1, 300 do local a = cjson.encode(make(0)) local b = cjson.encode(cjson.decode(a)) "
                 "local c = cjson.encode(cjson.decode(b)) if #b ~= #c or #a ~= #b then return a .. b end end return 'same'",
                 "$same");
}
END_TEST

START_TEST(a_run_leaves_no_setting_behind) {
  machine_expect(machine, "cjson.encode_max_depth(3) cjson.encode_invalid_numbers(true) return cjson.encode_max_depth()", ":3");
  machine_expect(machine, "return {cjson.encode_max_depth(), tostring(cjson.encode_invalid_numbers())}", "*2 :1000 $false");
}
END_TEST

START_TEST(both_ways_are_charged_by_size) {
  static const char *const sources[] = {
      "local t = {} for i = 1, 1000 do t[i] = i end while true do cjson.encode(t) end",
      "local s = ('x'):rep(100000) while true do cjson.encode(s) end",
      "local s = '[' .. ('1,'):rep(10000) .. '1]' while true do cjson.decode(s) end",
      "local s = '\"' .. ('x'):rep(100000) .. '\"' while true do cjson.decode(s) end",
      "local s = ('['):rep(900) while true do pcall(cjson.decode, s) end",
      "local t = {} for i = 1, 100000 do t[i] = i end for i = 1, 100000 do t[i] = nil end while true do cjson.encode(t) end"};
  for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
    uint64_t budget = MACHINE_SCALED(5000000);
    ck_assert_msg(machine_run(machine, sources[i], budget) == VM_LIMIT, "%s", sources[i]);
    ck_assert_uint_le(machine->usage.instructions, budget + 100000);
  }
}
END_TEST

START_TEST(a_document_too_large_for_memory_ends_the_run) {
  ck_assert_int_eq(machine_run(machine, "local s = ('\\0'):rep(1e7) return pcall(cjson.encode, {s, s})", MACHINE_UNLIMITED), VM_LIMIT);
}
END_TEST

static Suite *make_suite(void) {
  Suite *suite = suite_create("cjson");
  TCase *tests = tcase_create("cjson");
  tcase_set_timeout(tests, 120);
  tcase_add_checked_fixture(tests, open_machine, close_machine);
  tcase_add_test(tests, answers_are_those_of_redis);
  tcase_add_test(tests, nesting_ends_where_the_reference_ends);
  tcase_add_test(tests, documents_survive_a_round_trip);
  tcase_add_test(tests, a_run_leaves_no_setting_behind);
  tcase_add_test(tests, both_ways_are_charged_by_size);
  tcase_add_test(tests, a_document_too_large_for_memory_ends_the_run);
  suite_add_tcase(suite, tests);
  return suite;
}

CHECK_MAIN(make_suite)
