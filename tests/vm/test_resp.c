/* SPDX-License-Identifier: BSD-2-Clause */
/* test_resp - replies of the store become the values that Redis gives to redis.call.
 *
 * Every reply is also cut short, lengthened and mutated: what is not exactly one whole
 * reply is refused, and nothing else happens.
 */
#include <check.h>

#include "tests/check_main.h"
#include "tests/vm/machine.h"

static Machine *machine;

static void open_machine(void) { machine = machine_open(VM_PROFILE_REDIS, 64 << 20); }
static void close_machine(void) { machine_close(machine); }

/* Shows a value as text, fields in sorted order. */
#define SHOW                                                                                      \
  "local function show(v) if type(v) == 'string' then return '<' .. v .. '>' end "                \
  "if type(v) ~= 'table' then return tostring(v) end local keys, parts = {}, {} "                 \
  "for k in pairs(v) do keys[#keys + 1] = k end "                                                 \
  "table.sort(keys, function(a, b) return tostring(a) < tostring(b) end) "                        \
  "for _, k in ipairs(keys) do parts[#parts + 1] = tostring(k) .. '=' .. show(v[k]) end "         \
  "return '{' .. table.concat(parts, ',') .. '}' end "

typedef struct {
  const char *reply;
  const char *shown;
} Row;

static const Row rows[] = {
    {":0\r\n", "0"},
    {":-42\r\n", "-42"},
    {":9223372036854775807\r\n", "9.2233720368548e+18"},
    {":-9223372036854775808\r\n", "-9.2233720368548e+18"},
    {"$0\r\n\r\n", "<>"},
    {"$3\r\na\r\n\r\n", "<a\r\n>"},
    {"$-1\r\n", "false"},
    {"*-1\r\n", "false"},
    {"*0\r\n", "{}"},
    {"*2\r\n$1\r\na\r\n:1\r\n", "{1=<a>,2=1}"},
    {"*3\r\n$-1\r\n*-1\r\n*1\r\n*0\r\n", "{1=false,2=false,3={1={}}}"},
    {"+OK\r\n", "{ok=<OK>}"},
    {"+\r\n", "{ok=<>}"},
    {"_\r\n", "nil"},
    {"#t\r\n", "true"},
    {"#f\r\n", "false"},
    {",1.5\r\n", "{double=1.5}"},
    {",inf\r\n", "{double=inf}"},
    {",-inf\r\n", "{double=-inf}"},
    {",nan\r\n", "{double=nan}"},
    {"(12345678901234567890\r\n", "{big_number=<12345678901234567890>}"},
    {"=7\r\ntxt:abc\r\n", "{verbatim_string={format=<txt>,string=<abc>}}"},
    {"=4\r\nmkd:\r\n", "{verbatim_string={format=<mkd>,string=<>}}"},
    {"%0\r\n", "{map={}}"},

    {"%2\r\n$1\r\na\r\n:1\r\n$1\r\nb\r\n*1\r\n$1\r\nx\r\n", "{map={a=1,b={1=<x>}}}"},
    {"~2\r\n$1\r\na\r\n:7\r\n", "{set={7=true,a=true}}"},
    {"~0\r\n", "{set={}}"},
    {"|1\r\n$1\r\nk\r\n$1\r\nv\r\n:5\r\n", "5"},
    {"*2\r\n|1\r\n$1\r\nk\r\n*1\r\n:0\r\n:5\r\n|0\r\n:6\r\n", "{1=5,2=6}"},
    {"|1\r\n|0\r\n$1\r\nk\r\n$1\r\nv\r\n$2\r\nok\r\n", "<ok>"},
    {"*4\r\n%1\r\n:1\r\n~1\r\n:2\r\n,0.1\r\n#t\r\n:9\r\n", "{1={map={1={set={2=true}}}},2={double=0.1},3=true,4=9}"},
};

static void ask(const char *reply, size_t size) {
  machine->reply = (VmBytes){reply, size};
  machine_run(machine, SHOW "return show(redis.call('x'))", MACHINE_UNLIMITED);
}

START_TEST(replies_become_the_values_redis_gives) {
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    ask(rows[i].reply, strlen(rows[i].reply));
    ck_assert_msg(!machine->reply_is_bad, "refused: %s", rows[i].reply);
    ck_assert_str_eq(machine->text + 1, rows[i].shown);
  }
}
END_TEST

START_TEST(errors_are_raised_by_call_and_returned_by_pcall) {
  static const char error[] = "-WRONGTYPE Operation against a key\r\n";
  machine->reply = (VmBytes){error, sizeof error - 1};
  machine_expect(machine, "redis.call('x')", "error: WRONGTYPE Operation against a key");
  machine_expect(machine, SHOW "return show(redis.pcall('x'))",
                 "${err=<WRONGTYPE Operation against a key>,ignore_error_stats_update=true}");
  machine_expect(machine, "return {pcall(redis.call, 'x')}", "*2 _ $WRONGTYPE Operation against a key");
  machine->reply = (VmBytes){"-BUSY\r\n", 7};
  machine_expect(machine, "return redis.pcall('x').err", "$ERR BUSY");
  machine->reply = (VmBytes){"*1\r\n-E x\r\n", 10};
  machine_expect(machine, "return redis.call('x')[1].err", "$E x");
  static const char blob[] = "!21\r\nSYNTAX invalid syntax\r\n";
  machine->reply = (VmBytes){blob, sizeof blob - 1};
  machine_expect(machine, "redis.call('x')", "error: SYNTAX invalid syntax");
  machine->reply = (VmBytes){"!-1\r\n", 5};
  machine_run(machine, "redis.call('x')", MACHINE_UNLIMITED);
  ck_assert(machine->reply_is_bad);
}
END_TEST

START_TEST(nil_elements_leave_holes) {
  static const char reply[] = "*3\r\n:1\r\n_\r\n:3\r\n";
  machine->reply = (VmBytes){reply, sizeof reply - 1};
  machine_expect(machine, "redis.setresp(3) local t = redis.call('x') return {#t, t[3]}", "*2 :1 :3");
}
END_TEST

START_TEST(a_large_array_keeps_every_element) {
  int count = MACHINE_SCALED(300000);
  size_t size = 0;
  char *reply = malloc((size_t)count * 16 + 32), script[256], expected[32];
  size += (size_t)sprintf(reply, "*%d\r\n", count);
  for (int i = 1; i <= count; i++) size += (size_t)sprintf(reply + size, i % 2 ? "$6\r\n%06d\r\n" : ":%d\r\n", i);
  machine->reply = (VmBytes){reply, size};
  snprintf(script, sizeof script,
           "local t = redis.call('x') for i = 1, %d do if tonumber(t[i]) ~= i then return -i end end return #t", count);
  snprintf(expected, sizeof expected, ":%d", count);
  machine_expect(machine, script, expected);
  free(reply);
}
END_TEST

static void expect_refused(const char *reply, size_t size) {
  ask(reply, size);
  ck_assert_msg(machine->reply_is_bad, "accepted %zu bytes: %.*s", size, (int)size, reply);
}

START_TEST(every_prefix_and_every_extension_is_refused) {
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    char longer[128];
    size_t size = strlen(rows[i].reply);
    for (size_t cut = 0; cut < size; cut++) expect_refused(rows[i].reply, cut);
    memcpy(longer, rows[i].reply, size);
    memcpy(longer + size, ":1\r\n", 4);
    expect_refused(longer, size + 1);
    expect_refused(longer, size + 4);
  }
}
END_TEST

START_TEST(malformed_replies_are_refused) {
  static const char *const bad[] = {
      "~01\r\n+\r\n", "*00\r\n", "$03\r\nabc\r\n",
      "x\r\n", ":\r\n", ":+1\r\n", ":1 \r\n", ":0x1\r\n", ":99999999999999999999\r\n", ":9223372036854775808\r\n",
      ":1\n", "$1\r\nab\r\n", "$2\r\na\r\n", "$-2\r\n", "$99999999999\r\nx\r\n", "$1\r\na\n\n", "*-2\r\n", "*99999999\r\n:1\r\n",
      "*2\r\n:1\r\n", "%-1\r\n", "~-1\r\n", "#x\r\n", "#tt\r\n", "_x\r\n", ",\r\n", ",x\r\n", ",1.5x\r\n", "(\r\n", "=3\r\ntxt\r\n",
      "=4\r\ntxtx\r\n", ">1\r\n:1\r\n", "%1\r\n_\r\n:1\r\n", "%1\r\n:1\r\n", "~1\r\n_\r\n", "%1\r\n,nan\r\n", "|1\r\n:1\r\n:1\r\n",
      "+a\nb\r\n", "+a\rb\r\n", "-\n\r\n", "*1\r\n*1\r\n*1\r\n", "~-0\r\n", "*-01\r\n", "$-0\r\n\r\n", "$18446744073709551615\r\n", "*4294967295\r\n"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) expect_refused(bad[i], strlen(bad[i]));
}
END_TEST

START_TEST(nesting_has_an_end) {
  char reply[8192];
  for (int levels = 1000; levels <= 1100; levels += 100) {
    size_t size = 0;
    for (int i = 0; i < levels; i++) size += (size_t)sprintf(reply + size, "*1\r\n");
    size += (size_t)sprintf(reply + size, ":1\r\n");
    ask(reply, size);
    ck_assert_int_eq(machine->reply_is_bad, levels > 1024);
  }
}
END_TEST

START_TEST(mutated_replies_never_do_anything_else) {
  uint32_t seed = 1;
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    for (int k = 0; k < 60; k++) {
      char reply[128];
      size_t size = strlen(rows[i].reply);
      memcpy(reply, rows[i].reply, size);
      seed = seed * 1664525 + 1013904223;
      reply[(seed >> 8) % size] = "$*:%~|-+\r\n019_#,(=a"[(seed >> 20) % 20];
      ask(reply, size); /* taken or refused: the heap is checked after each run */
    }
  }
}
END_TEST

START_TEST(requests_carry_numbers_as_the_reference_prints_them) {
  machine->reply = (VmBytes){":1\r\n", 4};
  machine_expect(machine, "return {pcall(redis.call)}", "*2 _ $ERR Please specify at least one argument for this redis lib call");
  machine_expect(machine, "return redis.pcall({}).err", "$ERR Lua redis lib command arguments must be strings or integers");
  VmRequest request = {.instructions = 1 << 20, .memory = 32 << 20, .resp = 2};
  static const char source[] = "redis.setresp(3) redis.pcall('set', 1e17, 0.1, -0, 3, 'a\\0b')";
  vm_begin(machine->vm, &request);
  ck_assert(vm_compile(machine->vm, (VmBytes){source, sizeof source - 1}, "@user_script"));
  ck_assert_int_eq(vm_run(machine->vm, 1 << 20), VM_HOST_CALL);
  const VmHostCall *call = vm_host_call(machine->vm);
  static const char *const arguments[] = {"set", "1e+17", "0.10000000000000001", "-0", "3"};
  ck_assert_uint_eq(call->argc, 6);
  ck_assert_uint_eq(call->resp, 3);
  ck_assert(call->protected_call);
  for (int i = 0; i < 5; i++) {
    ck_assert_uint_eq(call->argv[i].size, strlen(arguments[i]));
    ck_assert_mem_eq(call->argv[i].data, arguments[i], call->argv[i].size);
  }
  ck_assert_uint_eq(call->argv[5].size, 3);
  ck_assert_mem_eq(call->argv[5].data, "a\0b", 3);
  vm_rollback(machine->vm);
}
END_TEST

static Suite *make_suite(void) {
  Suite *suite = suite_create("resp");
  TCase *tests = tcase_create("resp");
  tcase_set_timeout(tests, 120);
  tcase_add_checked_fixture(tests, open_machine, close_machine);
  tcase_add_test(tests, replies_become_the_values_redis_gives);
  tcase_add_test(tests, errors_are_raised_by_call_and_returned_by_pcall);
  tcase_add_test(tests, nil_elements_leave_holes);
  tcase_add_test(tests, a_large_array_keeps_every_element);
  tcase_add_test(tests, every_prefix_and_every_extension_is_refused);
  tcase_add_test(tests, malformed_replies_are_refused);
  tcase_add_test(tests, nesting_has_an_end);
  tcase_add_test(tests, mutated_replies_never_do_anything_else);
  tcase_add_test(tests, requests_carry_numbers_as_the_reference_prints_them);
  suite_add_tcase(suite, tests);
  return suite;
}

CHECK_MAIN(make_suite)
