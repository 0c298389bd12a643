/* SPDX-License-Identifier: BSD-2-Clause */
/* test_library - function libraries through the door, with real workers. */
#define _GNU_SOURCE
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/check_main.h"
#include "policy/codes.h"
#include "sandbox/ferrous_sandbox.h"
static FsbPool *pool;

static void open_pool(void) {
  FsbError error;
  FsbPoolOptions options = FSB_POOL_OPTIONS_INIT;
  options.worker_path = REAL_WORKER;
  pool = fsb_pool_open(&options, &error);
  ck_assert_msg(pool != NULL, "%s", pool == NULL ? error.text : "");
}

static void close_pool(void) { fsb_pool_close(pool); }

static FsbBytes bytes(const char *text) { return (FsbBytes){text, strlen(text)}; }

static FsbResult *try_load(const char *principal, const char *code, const FsbLimits *limits, FsbLibrary **library) {
  FsbRequest request = FSB_REQUEST_INIT;
  request.principal = bytes(principal);
  request.source = bytes(code);
  request.limits = limits;
  return fsb_library_load(pool, &request, library);
}

static FsbLibrary *load(const char *principal, const char *code) {
  FsbLibrary *library;
  FsbResult *result = try_load(principal, code, NULL, &library);
  FsbBytes error = fsb_result_error(result);
  ck_assert_msg(library != NULL, "%.*s", (int)error.size, error.data);
  ck_assert_int_eq(fsb_result_code(result), CODE_OK);
  fsb_result_free(result);
  return library;
}

static void expect_refusal(const char *code, Code outcome, const char *text) {
  FsbLibrary *library;
  FsbResult *result = try_load("p", code, NULL, &library);
  FsbBytes error = fsb_result_error(result);
  ck_assert_ptr_null(library);
  ck_assert_int_eq(fsb_result_code(result), (int)outcome);
  ck_assert_msg(error.size == strlen(text) && memcmp(error.data, text, error.size) == 0,
                "%s\n  gives    %.*s\n  expected %s", code, (int)error.size, error.data, text);
  fsb_result_free(result);
}

static FsbResult *call(const char *principal, FsbLibrary *library, const char *function) {
  static const FsbBytes keys[] = {{"k", 1}}, args[] = {{"a", 1}, {"b", 1}};
  FsbRequest request = FSB_REQUEST_INIT;
  request.principal = bytes(principal);
  request.library = library;
  request.function = bytes(function);
  request.keys = keys;
  request.key_count = 1;
  request.args = args;
  request.arg_count = 2;
  return fsb_run(pool, &request);
}

static void expect_call(const char *principal, FsbLibrary *library, const char *function, const char *reply) {
  FsbResult *result = call(principal, library, function);
  FsbBytes got;
  ck_assert(fsb_result_reply(result, 2, &got));
  ck_assert_msg(got.size == strlen(reply) && memcmp(got.data, reply, got.size) == 0, "%s\n  gives    %.*s\n  expected %s",
                function, (int)got.size, got.data, reply);
  fsb_result_free(result);
}

static const char counter[] =
    "#!lua name=counter\n"
    "local n = 0\n"
    "redis.register_function('count', function(keys, args) n = n + 1 return {n, keys[1], args[2]} end)\n"
    "redis.register_function{function_name = 'Fail', callback = function() error('bad') end, description = 'fails', "
    "flags = {'no-writes', 'allow-stale'}}\n";

START_TEST(a_library_tells_what_it_registers) {
  FsbLibrary *library = load("p", counter);
  FsbFunction f;
  ck_assert_str_eq(fsb_library_name(library), "counter");
  ck_assert_uint_eq(fsb_library_code(library).size, sizeof counter - 1);
  ck_assert(fsb_library_function(library, 0, &f));
  ck_assert(f.name.size == 5 && !f.has_description && f.flags == 0);
  ck_assert(fsb_library_function(library, 1, &f));
  ck_assert(f.has_description && f.flags == (FSB_SCRIPT_NO_WRITES | FSB_SCRIPT_ALLOW_STALE));
  ck_assert(!fsb_library_function(library, 2, &f));
  fsb_library_unref(library);
}
END_TEST

START_TEST(functions_are_called_by_whoever_may) {
  FsbLibrary *library = load("p", counter);
  for (int i = 0; i < 3; i++) {
    expect_call("p", library, "count", "*3\r\n:1\r\n$1\r\nk\r\n$1\r\nb\r\n");
    expect_call("q", library, "COUNT", "*3\r\n:1\r\n$1\r\nk\r\n$1\r\nb\r\n");
  }
  expect_call("p", library, "FAIL", "-ERR user_function:4: bad script: Fail, on @user_function:4.\r\n");
  expect_call("p", library, "none", "-ERR Function not found\r\n");
  FsbResult *warm = call("p", library, "count");
  ck_assert_int_eq((int)fsb_result_usage(warm)->start_kind, FSB_START_WARM);
  ck_assert_str_eq(fsb_result_sha1(warm), "");
  fsb_result_free(warm);
  fsb_library_unref(library);
}
END_TEST

START_TEST(a_worker_that_was_replaced_is_brought_its_libraries) {
  FsbLibrary *library = load("p", counter), *other = load("p", "#!lua name=o\nredis.register_function('f', function() "
                                                               "return ('x'):rep(3000000) end)");
  /* A run that touched much memory retires its worker. */
  for (int i = 0; i < 3; i++) {
    FsbResult *result = call("p", other, "f");
    ck_assert_int_eq(fsb_result_code(result), CODE_OK);
    fsb_result_free(result);
    expect_call("p", library, "count", "*3\r\n:1\r\n$1\r\nk\r\n$1\r\nb\r\n");
  }
  fsb_library_unref(library);
  fsb_library_unref(other);
}
END_TEST

START_TEST(refusals_are_in_the_words_of_redis) {
  expect_refusal("return 1", CODE_SCRIPT_ERROR, "ERR Missing library metadata");
  expect_refusal("#!lua name=x", CODE_SCRIPT_ERROR, "ERR Invalid library metadata");
  expect_refusal("#!lua\nreturn 1", CODE_SCRIPT_ERROR, "ERR Library name was not given");
  expect_refusal("#!\nreturn 1", CODE_SCRIPT_ERROR, "ERR Library name was not given");
  expect_refusal("#!lua name=a name=b\n", CODE_SCRIPT_ERROR,
                 "ERR Invalid metadata value, name argument was given multiple times");
  expect_refusal("#!lua name=a x=b\n", CODE_SCRIPT_ERROR, "ERR Invalid metadata value given: x=b");
  expect_refusal("#!js name=a\n", CODE_SCRIPT_ERROR, "ERR Engine 'js' not found");
  expect_refusal("#!lua name=a-b\n", CODE_SCRIPT_ERROR,
                 "ERR Library names can only contain letters, numbers, or underscores(_) and must be at least one character long");
  expect_refusal("#!LUA NAME=a\n", CODE_SCRIPT_ERROR, "ERR No functions registered");
  expect_refusal("#!lua name=a\nx y", CODE_COMPILE_ERROR, "ERR Error compiling function: user_function:2: '=' expected near 'y'");
  expect_refusal("#!lua name=a\nlocal t = {} t.x.y = 1", CODE_SCRIPT_ERROR,
                 "ERR Error registering functions: ERR user_function:2: attempt to index field 'x' (a nil value)");
  expect_refusal("#!lua name=a\nredis.register_function()", CODE_SCRIPT_ERROR,
                 "ERR Error registering functions: ERR wrong number of arguments to redis.register_function");
}
END_TEST

START_TEST(loading_is_limited) {
  FsbLimits *limits = fsb_limits_new();
  FsbError error;
  FsbLibrary *library;
  ck_assert(fsb_limits_set(limits, "wall=30ms", &error));
  FsbResult *result = try_load("p", "#!lua name=a\nwhile true do end", limits, &library);
  ck_assert_int_eq(fsb_result_code(result), CODE_LIMIT_WALL);
  FsbBytes text = fsb_result_error(result);
  ck_assert_int_eq(strncmp(text.data, "ERR Error registering functions: ERR FUNCTION LOAD timeout", text.size), 0);
  fsb_result_free(result);
  ck_assert(fsb_limits_set(limits, "wall=60s", &error) && fsb_limits_set(limits, "base_bytes=70000", &error));
  result = try_load("p", "#!lua name=a\nlocal t = {} for i = 1, 5000 do t[i] = {} end redis.register_function('f', function() return #t end)",
                    limits, &library);
  ck_assert_int_eq(fsb_result_code(result), CODE_LIMIT_BASE_BYTES);
  text = fsb_result_error(result);
  ck_assert_ptr_nonnull(memmem(text.data, text.size, "base_bytes: the function libraries need more than 70000 bytes", 61));
  fsb_result_free(result);
  fsb_limits_free(limits);
  library = load("p", counter);
  expect_call("p", library, "count", "*3\r\n:1\r\n$1\r\nk\r\n$1\r\nb\r\n");
  fsb_library_unref(library);
}
END_TEST

/* Old versions of a library fill a worker; a new worker has room again. */
START_TEST(a_worker_full_of_old_libraries_gives_way) {
  FsbLimits *limits = fsb_limits_new();
  FsbError error;
  ck_assert(fsb_limits_set(limits, "base_bytes=300000", &error));
  for (int i = 0; i < 12; i++) {
    char code[400];
    FsbLibrary *library;
    snprintf(code, sizeof code,
             "#!lua name=a\nlocal t = {} for i = 1, 1000 do t[i] = i .. 'x%d' end redis.register_function('f', function() return t[%d] end)", i, i + 1);
    FsbResult *result = try_load("p", code, limits, &library);
    FsbBytes text = fsb_result_error(result);
    ck_assert_msg(library != NULL, "%d: %.*s", i, (int)text.size, text.data);
    fsb_result_free(result);
    snprintf(code, sizeof code, "$%d\r\n%dx%d\r\n", 3 + (i + 1 > 9) + (i > 9), i + 1, i);
    expect_call("p", library, "f", code);
    expect_call("q", library, "f", code);
    fsb_library_unref(library);
  }
  fsb_limits_free(limits);
}
END_TEST

static Suite *make_suite(void) {
  Suite *suite = suite_create("supervisor library");
  TCase *cases = tcase_create("library");
  tcase_add_checked_fixture(cases, open_pool, close_pool);
  tcase_set_timeout(cases, 60);
  tcase_add_test(cases, a_library_tells_what_it_registers);
  tcase_add_test(cases, functions_are_called_by_whoever_may);
  tcase_add_test(cases, a_worker_that_was_replaced_is_brought_its_libraries);
  tcase_add_test(cases, refusals_are_in_the_words_of_redis);
  tcase_add_test(cases, loading_is_limited);
  tcase_add_test(cases, a_worker_full_of_old_libraries_gives_way);
  suite_add_tcase(suite, cases);
  return suite;
}

CHECK_MAIN(make_suite)
