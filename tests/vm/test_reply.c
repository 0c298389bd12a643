/* SPDX-License-Identifier: BSD-2-Clause */
/* test_reply - what a script returns becomes the tokens that Redis's conversion implies. */
#include <check.h>

#include "tests/check_main.h"
#include "tests/vm/machine.h"

static Machine *machine;

static void open_machine(void) { machine = machine_open(VM_PROFILE_REDIS, 64 << 20); }
static void close_machine(void) { machine_close(machine); }

typedef struct {
  const char *script;
  const char *tokens;
} Row;

static void check_rows(const Row *rows, size_t count) {
  for (size_t i = 0; i < count; i++) machine_expect(machine, rows[i].script, rows[i].tokens);
}

#define CHECK_ROWS(rows) check_rows(rows, sizeof(rows) / sizeof *(rows))

START_TEST(scalars_are_converted) {
  static const Row rows[] = {
      {"return", "_"},
      {"return nil", "_"},
      {"return 'a b'", "$a b"},
      {"return ''", "$"},
      {"return 3.99", ":3"},
      {"return -3.99", ":-3"},
      {"return 2^62", ":4611686018427387904"},
      {"return 2^63", ":-9223372036854775808"},
      {"return -1e300", ":-9223372036854775808"},
      {"return 0/0", ":-9223372036854775808"},
      {"return true", ":1"},
      {"return false", "_"},
      {"return function() end", "_"},
      {"return coroutine.create(function() end)", "_"},
      {"return cjson.null", "_"},
      {"return 1, 2, 3", ":1"},
  };
  CHECK_ROWS(rows);
}
END_TEST

START_TEST(booleans_keep_their_type_after_setresp_3) {
  static const Row rows[] = {
      {"redis.setresp(3) return true", "#t"},
      {"redis.setresp(3) return false", "#f"},
      {"redis.setresp(3) return {true, {false}, cjson.null}", "*3 #t *1 #f _"},
      {"redis.setresp(3) redis.setresp(2) return {true, false}", "*2 :1 _"},
  };
  CHECK_ROWS(rows);
}
END_TEST

START_TEST(arrays_end_at_the_first_nil) {
  static const Row rows[] = {
      {"return {}", "*0"},
      {"return {1, 'a', {2, {3}}}", "*3 :1 $a *2 :2 *1 :3"},
      {"return {1, nil, 3}", "*1 :1"},
      {"return {nil, 2}", "*0"},
      {"return {a = 1, b = 2}", "*0"},
      {"local t = {} for i = 1, 5 do t[6 - i] = i end return t", "*5 :5 :4 :3 :2 :1"},
      {"return setmetatable({1}, {__index = function() return 2 end})", "*1 :1"},
      {"local t = {1} return {t, t}", "*2 *1 :1 *1 :1"},
  };
  CHECK_ROWS(rows);
}
END_TEST

START_TEST(markers_are_probed_in_order) {
  static const Row rows[] = {
      {"return {err = 'E x'}", "-E x"},
      {"return {ok = 'fine'}", "+fine"},
      {"return {err = 'E', ok = 'o'}", "-E"},
      {"return {ok = 'o', double = 1}", "+o"},
      {"return {double = 1.5, big_number = '1'}", ",1.5"},
      {"return {big_number = '12 3'}", "(12 3"},
      {"return {verbatim_string = {format = 'txt', string = 'abc'}, map = {}}", "=txt:abc"},
      {"return {verbatim_string = {format = 'm', string = ''}}", "=m  :"},
      {"return {verbatim_string = {format = 'markdown', string = 'x'}}", "=mar:x"},
      {"return {map = {a = 1}, set = {b = true}}", "%1 $a :1"},
      {"return {set = {b = true}}", "~1 $b"},
      {"return {map = {1, 2}}", "%2 :1 :1 :2 :2"},
      {"return {map = {x = {set = {y = 1}}}}", "%1 $x ~1 $y"},
      {"return {map = {[{ok = 'k'}] = {map = {}}}}", "%1 +k %0"},
      {"return {{err = 'a'}, {ok = 'b'}}", "*2 -a +b"},
      {"return {err = 'cut\\0here'}", "-cut"},
  };
  CHECK_ROWS(rows);
}
END_TEST

START_TEST(markers_of_the_wrong_type_are_no_markers) {
  static const Row rows[] = {
      {"return {err = 5}", "*0"},
      {"return {ok = 1, 7}", "*1 :7"},
      {"return {double = '1'}", "*0"},
      {"return {big_number = 1}", "*0"},
      {"return {verbatim_string = 'x'}", "*0"},
      {"return {verbatim_string = {format = 1, string = 'x'}}", "*0"},
      {"return {verbatim_string = {string = 'x'}}", "*0"},
      {"return {map = 5}", "*0"},
      {"return {set = 'x'}", "*0"},
      {"return setmetatable({}, {__index = {err = 'x'}})", "*0"},
  };
  CHECK_ROWS(rows);
}
END_TEST

/* The number of tokens, and how often the text stands among them. */
static size_t count_text(const char *text) {
  size_t count = 0;
  for (const char *p = machine->text; (p = strstr(p, text)) != NULL; p += strlen(text)) count++;
  return count;
}

START_TEST(depth_ends_where_redis_runs_out_of_stack) {
  static const char limit[] = "-ERR reached lua stack limit";
  machine_run(machine, "local t = {} for i = 1, 7994 do t = {t} end return t", MACHINE_UNLIMITED);
  ck_assert_uint_eq(count_text(limit), 0);
  ck_assert_uint_eq(machine->tokens, 7995);
  machine_run(machine, "local t = {} for i = 1, 9000 do t = {t} end return t", MACHINE_UNLIMITED);
  ck_assert_uint_eq(count_text(limit), 1);
  ck_assert_uint_eq(machine->tokens, 7996);
  machine_run(machine, "local t = {} for i = 1, 3000 do t = {map = {k = t}} end return t", MACHINE_UNLIMITED);
  ck_assert_uint_eq(count_text(limit), 2); /* at level 2665, as key and as value */
  machine_run(machine, "local t = {} t[1] = t return t", MACHINE_UNLIMITED);
  ck_assert_uint_eq(machine->tokens, 7996);
}
END_TEST

START_TEST(a_sink_that_stops_ends_the_walk) {
  machine->tokens_max = 1000;
  machine_run(machine, "local t = {} t[1], t[2] = t, t return t", MACHINE_UNLIMITED); /* 2^7995 tokens */
  ck_assert(machine->stopped);
  ck_assert_uint_eq(machine->tokens, 1000);
  machine->tokens_max = 0;
}
END_TEST

static bool count_token(void *context, const VmToken *token) {
  uint64_t *sum = context;
  *sum = *sum * 31 + (uint64_t)token->kind + (uint64_t)token->integer + token->bytes.size;
  return true;
}

START_TEST(two_walks_give_the_same_tokens) {
  static const char source[] = "return {1, 'a', {map = {x = 1, y = {2}}}, {verbatim_string = {format = 'txt', string = 'z'}}}";
  VmRequest request = {.instructions = 1 << 20, .memory = 32 << 20, .resp = 2};
  vm_begin(machine->vm, &request);
  ck_assert(vm_compile(machine->vm, (VmBytes){source, sizeof source - 1}, "@user_script"));
  ck_assert_int_eq(vm_run(machine->vm, 1 << 20), VM_DONE);
  uint64_t first = 0, second = 0;
  ck_assert(vm_result(machine->vm, count_token, &first));
  ck_assert(vm_result(machine->vm, count_token, &second));
  ck_assert_uint_eq(first, second);
  ck_assert_uint_ne(first, 0);
  vm_rollback(machine->vm);
}
END_TEST

static Suite *make_suite(void) {
  Suite *suite = suite_create("reply");
  TCase *tests = tcase_create("reply");
  tcase_set_timeout(tests, 120);
  tcase_add_checked_fixture(tests, open_machine, close_machine);
  tcase_add_test(tests, scalars_are_converted);
  tcase_add_test(tests, booleans_keep_their_type_after_setresp_3);
  tcase_add_test(tests, arrays_end_at_the_first_nil);
  tcase_add_test(tests, markers_are_probed_in_order);
  tcase_add_test(tests, markers_of_the_wrong_type_are_no_markers);
  tcase_add_test(tests, depth_ends_where_redis_runs_out_of_stack);
  tcase_add_test(tests, a_sink_that_stops_ends_the_walk);
  tcase_add_test(tests, two_walks_give_the_same_tokens);
  suite_add_tcase(suite, tests);
  return suite;
}

CHECK_MAIN(make_suite)
