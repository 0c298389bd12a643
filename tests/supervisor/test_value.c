/* SPDX-License-Identifier: BSD-2-Clause */
/* test_value - what a script that returns a reply gives, without the worker and with it. */
#define _GNU_SOURCE /* memmem */
#include "sandbox/supervisor/value.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/token.h"
#include "policy/codes.h"
#include "sandbox/ferrous_sandbox.h"
#include "tests/check_main.h"
#include "tests/supervisor/real_pool.h"

static NestingRoom scratch;

/* --- Without --- */

/* The status of the conversion in as much room as is said to be enough, and what a client gets. */
static Status convert(ByteView reply, uint32_t depth, char ret_shown[256]) {
  size_t room = supervisor_value_room(reply);
  uint8_t *tokens = malloc(room + 1);
  ByteWriter writer = ipc_bytes_writer(tokens, room);
  ByteWriter shown = ipc_bytes_writer((uint8_t *)ret_shown, 255);
  Status status = supervisor_value_put(&writer, reply, depth, &scratch);
  if (status == ST_OK) {
    ck_assert_int_eq(ipc_token_check(ipc_bytes_written(&writer), depth, &scratch), ST_OK);
    ck_assert_int_eq(ipc_token_render(ipc_bytes_written(&writer), 2, &shown), ST_OK);
  }
  ret_shown[shown.used] = 0;
  free(tokens);
  return status;
}

START_TEST(a_reply_becomes_what_lua_would_have_made_of_it) {
  static const struct {
    const char *reply, *value;
  } rows[] = {{"+OK\r\n", "+OK\r\n"},
              {"$5\r\na\r\nb\n\r\n", "$5\r\na\r\nb\n\r\n"},
              {"$0\r\n\r\n", "$0\r\n\r\n"},
              {"$-1\r\n", "$-1\r\n"},
              {"*-1\r\n", "$-1\r\n"},
              {"*0\r\n", "*0\r\n"},
              {"*3\r\n*-1\r\n$-1\r\n*1\r\n+x\r\n", "*3\r\n$-1\r\n$-1\r\n*1\r\n+x\r\n"},
              {":0\r\n", ":0\r\n"},
              {":-7\r\n", ":-7\r\n"},
              {":9007199254740993\r\n", ":9007199254740992\r\n"},
              {":-9007199254740993\r\n", ":-9007199254740992\r\n"},
              {":9223372036854775807\r\n", ":-9223372036854775808\r\n"},
              {":9223372036854774784\r\n", ":9223372036854774784\r\n"},
              {":-9223372036854775808\r\n", ":-9223372036854775808\r\n"},
              {"*2\r\n-MY own\r\n-bare\r\n", "*2\r\n-MY own\r\n-ERR bare\r\n"}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    char shown[256];
    ck_assert_int_eq(convert(ipc_bytes_text(rows[i].reply), 8, shown), ST_OK);
    ck_assert_str_eq(shown, rows[i].value);
  }
}
END_TEST

START_TEST(a_status_ends_at_a_nul) {
  char shown[256];
  ck_assert_int_eq(convert(ipc_bytes_view("+a\0b\r\n", 6), 8, shown), ST_OK);
  ck_assert_str_eq(shown, "+a\r\n");
}
END_TEST

START_TEST(the_room_is_enough_for_the_worst) {
  char reply[32 + 3 * 50], shown[256];
  int size = snprintf(reply, sizeof reply, "*50\r\n");
  for (int i = 0; i < 50; i++) size += snprintf(reply + size, 4, i % 2 == 0 ? "-\r\n" : "+\r\n");
  ByteView whole = ipc_bytes_view(reply, (size_t)size);
  uint8_t *tokens = malloc(supervisor_value_room(whole));
  ByteWriter writer = ipc_bytes_writer(tokens, supervisor_value_room(whole));
  ck_assert_int_eq(supervisor_value_put(&writer, whole, 8, &scratch), ST_OK);
  free(tokens);
  writer = ipc_bytes_writer((uint8_t *)shown, 4);
  ck_assert_int_eq(supervisor_value_put(&writer, ipc_bytes_text("$1\r\nx\r\n"), 8, &scratch), ST_NO_ROOM);
}
END_TEST

START_TEST(what_is_nested_too_deep_or_no_resp2_is_refused) {
  static const struct {
    const char *reply;
    Status status;
  } rows[] = {{"*1\r\n*1\r\n:1\r\n", ST_OK},        {"*1\r\n*1\r\n*1\r\n:1\r\n", ST_TOO_LARGE},
              {"", ST_INVALID},                    {":1", ST_INVALID},
              {"*2\r\n:1\r\n", ST_INVALID},         {":1\r\n:2\r\n", ST_INVALID},
              {"%1\r\n+a\r\n+b\r\n", ST_INVALID},    {"#t\r\n", ST_INVALID},
              {"*1\r\n,1.5\r\n", ST_INVALID},       {"$3\r\nab\r\n", ST_INVALID},
              {":9223372036854775808\r\n", ST_INVALID}, {"*1\r\n$99999999999\r\n", ST_INVALID}};
  char shown[256];
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    ck_assert_int_eq(convert(ipc_bytes_text(rows[i].reply), 2, shown), rows[i].status);
}
END_TEST

START_TEST(a_refusal_fits_whatever_it_begins_with) {
  static const char *const lines[] = {"", "*", "x", "**", "* ", "*a b"};
  for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
    ByteView line = ipc_bytes_text(lines[i]);
    uint8_t *tokens = malloc(supervisor_value_room(line));
    ByteWriter writer = ipc_bytes_writer(tokens, supervisor_value_room(line));
    supervisor_value_put_error(&writer, line);
    ck_assert(ipc_bytes_fits(&writer));
    ck_assert_int_eq(ipc_token_check(ipc_bytes_written(&writer), 1, &scratch), ST_OK);
    free(tokens);
  }
}
END_TEST

/* --- With --- */

typedef struct {
  char text[4096];
  size_t size;
  unsigned seed;
  unsigned calls;
  bool refuses;
} Store;

static void put(Store *store, const char *text) {
  size_t size = strlen(text);
  ck_assert_uint_le(store->size + size, sizeof store->text);
  memcpy(store->text + store->size, text, size);
  store->size += size;
}

/* Makes a random reply; its arrays are at most 4 wide and 4 deep. */
static void make(Store *store, int depth) {
  static const char *const plain[] = {"+OK\r\n",  "$-1\r\n",       "*-1\r\n",           "*0\r\n",
                                      "+\r\n",    "$0\r\n\r\n",    "$2\r\n\r\n\r\n",    "+two words\r\n",
                                      ":0\r\n",   "$3\r\n\xff-\n\r\n", ":9007199254740993\r\n", ":-9223372036854775807\r\n",
                                      ":-3\r\n",  ":9223372036854775807\r\n", "$1\r\n1\r\n", "$3\r\n1.5\r\n"};
  static const char *const errors[] = {"-ERR no\r\n", "-bare\r\n", "-WRONGTYPE two  blanks \r\n", "-\r\n"};
  unsigned choice = (unsigned)rand_r(&store->seed);
  if (choice % 9 == 0) {
    put(store, errors[choice / 9 % (sizeof errors / sizeof *errors)]);
  } else if (depth == 4 || choice % 3 != 0) {
    put(store, plain[choice / 9 % (sizeof plain / sizeof *plain)]);
  } else {
    char head[16];
    unsigned count = 1 + choice / 9 % 4;
    (void)snprintf(head, sizeof head, "*%u\r\n", count);
    put(store, head);
    for (unsigned i = 0; i < count; i++) make(store, depth + 1);
  }
}

/* An error that says something may come as a refusal, too. */
static void answer(void *context, const FsbCall *call, FsbReply *ret_reply) {
  Store *store = context;
  (void)call;
  store->calls++;
  *ret_reply = (FsbReply){.kind = FSB_REPLY_DATA, .bytes = {store->text, store->size}};
  if (!store->refuses || store->text[0] != '-' || store->size == 3) return;
  *ret_reply = (FsbReply){.kind = FSB_REPLY_REFUSED, .bytes = {store->text + 1, store->size - 3}};
}

static FsbResult *run(FsbPool *pool, Store *store, const char *source, const FsbLimits *limits, bool awaits) {
  FsbHost host = {.context = store, .call = answer};
  FsbRequest request = FSB_REQUEST_INIT;
  request.source = (FsbBytes){source, strlen(source)};
  request.host = &host;
  request.limits = limits;
  request.await_calls = awaits;
  return fsb_run(pool, &request);
}

static bool is_equal(FsbBytes a, FsbBytes b) {
  return a.size == b.size && memcmp(a.data, b.data, a.size) == 0;
}

/* What a client that speaks `resp` gets of both. */
static void compare(FsbResult *posted, FsbResult *awaited, int resp, const Store *store) {
  FsbBytes a, b;
  ck_assert(fsb_result_reply(posted, resp, &a) && fsb_result_reply(awaited, resp, &b));
  ck_assert_msg(is_equal(a, b), "of %.*s: posted %.*s, awaited %.*s", (int)store->size, store->text, (int)a.size, a.data,
                (int)b.size, b.data);
}

static const char *const returning[] = {"return redis.call('X')", "return redis.pcall('X')", "local r = redis.call('X') return r",
                                        "local n = 1 local function f() n = n + 1 return redis.call('X') end return f()"};

START_TEST(the_client_gets_the_same_by_either_way) {
  FsbPool *pool = real_pool_open((FsbPoolOptions)FSB_POOL_OPTIONS_INIT);
  Store store = {.seed = 1};
  for (int i = 0; i < 2000; i++) {
    const char *source = returning[i % 4];
    store.size = 0;
    store.refuses = i % 2 != 0;
    make(&store, 0);
    FsbResult *posted = run(pool, &store, source, NULL, false), *awaited = run(pool, &store, source, NULL, true);
    ck_assert_int_eq(fsb_result_code(posted), fsb_result_code(awaited));
    compare(posted, awaited, 2, &store);
    compare(posted, awaited, 3, &store);
    ck_assert_uint_eq(fsb_result_usage(posted)->calls, 1);
    ck_assert_uint_lt(fsb_result_usage(posted)->instructions, fsb_result_usage(awaited)->instructions);
    fsb_result_free(posted);
    fsb_result_free(awaited);
  }
  ck_assert_uint_eq(store.calls, 4000);
  fsb_pool_close(pool);
}
END_TEST

/* The error, which has a place in the script. */
static void compare_errors(FsbResult *posted, FsbResult *awaited, const char *limit) {
  FsbBytes a = fsb_result_error(posted), b = fsb_result_error(awaited);
  ck_assert_int_ne(fsb_result_code(posted), 0);
  ck_assert_msg(is_equal(a, b), "%s: posted %.*s, awaited %.*s", limit, (int)a.size, a.data, (int)b.size, b.data);
}

START_TEST(limits_end_the_run_by_either_way) {
  static const struct {
    const char *limit, *reply;
  } rows[] = {{"reply_bytes=64", "$70\r\n0123456789012345678901234567890123456789012345678901234567890123456789\r\n"},
              {"reply_bytes=64", "*12\r\n:1\r\n:1\r\n:1\r\n:1\r\n:1\r\n:1\r\n:1\r\n:1\r\n:1\r\n:1\r\n:1\r\n:1\r\n"},
              {"reply_depth=2", "*1\r\n*1\r\n*1\r\n:1\r\n"},
              {"calls=0", ":1\r\n"}};
  FsbPool *pool = real_pool_open((FsbPoolOptions)FSB_POOL_OPTIONS_INIT);
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    FsbError error;
    FsbLimits *limits = fsb_limits_new();
    Store store = {.seed = 1};
    ck_assert(fsb_limits_set(limits, "memory=4m", &error));
    ck_assert_msg(fsb_limits_set(limits, rows[i].limit, &error), "%s", error.text);
    put(&store, rows[i].reply);
    FsbResult *posted = run(pool, &store, "\n return redis.call('X')", limits, false);
    FsbResult *awaited = run(pool, &store, "\n return redis.call('X')", limits, true);
    compare_errors(posted, awaited, rows[i].limit);
    fsb_result_free(posted);
    fsb_result_free(awaited);
    fsb_limits_free(limits);
  }
  fsb_pool_close(pool);
}
END_TEST

/* The n-th reply of a kind: a text or a line of n bytes, n integers, n arrays in one another, n errors. */
static void make_nth(Store *store, char kind, int n) {
  char head[16];
  store->size = 0;
  (void)snprintf(head, sizeof head, kind == '+' || kind == '-' ? "%c" : "%c%d\r\n", kind == 'e' || kind == ':' ? '*' : kind, n);
  if (kind != '[') put(store, head);
  for (int i = 0; i < n; i++) put(store, kind == ':' ? ":1\r\n" : kind == '[' ? "*1\r\n" : kind == 'e' ? "-x\r\n" : "x");
  if (kind == '[') put(store, "*0\r\n");
  else if (kind != ':' && kind != 'e') put(store, "\r\n");
}

static int compare_outcomes(FsbPool *pool, Store *store, const char *source, const FsbLimits *limits) {
  FsbResult *posted = run(pool, store, source, limits, false), *awaited = run(pool, store, source, limits, true);
  int code = fsb_result_code(posted);
  ck_assert_msg(code == fsb_result_code(awaited), "of %.*s: %d, %d", (int)store->size, store->text, code, fsb_result_code(awaited));
  compare(posted, awaited, 2, store);
  ck_assert_uint_eq(fsb_result_usage(posted)->calls, fsb_result_usage(awaited)->calls);
  ck_assert_uint_eq(fsb_result_usage(posted)->call_bytes, fsb_result_usage(awaited)->call_bytes);
  ck_assert_uint_eq(fsb_result_usage(posted)->reply_bytes, fsb_result_usage(awaited)->reply_bytes);
  ck_assert_uint_eq(fsb_result_usage(posted)->result_bytes, fsb_result_usage(awaited)->result_bytes);
  ck_assert_int_eq(fsb_result_usage(posted)->wrote, fsb_result_usage(awaited)->wrote);
  fsb_result_free(posted);
  fsb_result_free(awaited);
  return code;
}

/* On both sides of each limit, and where text, tokens and errors reach it at different sizes. */
START_TEST(limits_are_reached_at_the_same_size_by_either_way) {
  FsbError error;
  FsbLimits *limits = fsb_limits_new();
  FsbPool *pool = real_pool_open((FsbPoolOptions)FSB_POOL_OPTIONS_INIT);
  Store store = {.seed = 1};
  ck_assert(fsb_limits_set(limits, "memory=4m", &error) && fsb_limits_set(limits, "reply_bytes=64", &error) &&
            fsb_limits_set(limits, "reply_depth=6", &error) && fsb_limits_set(limits, "arg_bytes=8", &error));
  for (const char *kind = "$+-:[e"; *kind != '\0'; kind++) {
    int ends[2] = {0, 0};
    for (int n = 0; n < 72; n++) {
      make_nth(&store, *kind, n);
      if (*kind == '[' && n > 14) break;
      for (size_t way = 0; way < sizeof returning / sizeof *returning; way++)
        ends[compare_outcomes(pool, &store, returning[way], limits) > CODE_SCRIPT_ERROR]++;
    }
    ck_assert_msg(ends[0] != 0 && ends[1] != 0, "%c: %d, %d", *kind, ends[0], ends[1]);
  }
  make_nth(&store, '$', 3);
  ck_assert_int_eq(compare_outcomes(pool, &store, "return redis.call('1234', '5678')", limits), CODE_OK);
  ck_assert_int_eq(compare_outcomes(pool, &store, "return redis.call('1234', '56789')", limits), CODE_LIMIT_ARG_BYTES);
  fsb_limits_free(limits);
  fsb_pool_close(pool);
}
END_TEST

START_TEST(a_host_that_sends_no_resp2_is_told_of) {
  FsbPool *pool = real_pool_open((FsbPoolOptions)FSB_POOL_OPTIONS_INIT);
  Store store = {.seed = 1};
  put(&store, "%0\r\n");
  FsbResult *result = run(pool, &store, returning[0], NULL, false);
  FsbBytes error = fsb_result_error(result);
  ck_assert_ptr_nonnull(memmem(error.data, error.size, "not RESP2", 9));
  fsb_result_free(result);
  fsb_pool_close(pool);
}
END_TEST

SUITE("supervisor value", a_reply_becomes_what_lua_would_have_made_of_it, a_status_ends_at_a_nul,
      the_room_is_enough_for_the_worst, a_refusal_fits_whatever_it_begins_with, what_is_nested_too_deep_or_no_resp2_is_refused,
      the_client_gets_the_same_by_either_way, limits_end_the_run_by_either_way,
      limits_are_reached_at_the_same_size_by_either_way, a_host_that_sends_no_resp2_is_told_of)
