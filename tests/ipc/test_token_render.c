/* SPDX-License-Identifier: BSD-2-Clause */
/* test_token_render - tokens as RESP2 and RESP3, byte for byte as Redis.
 *
 * The expected bytes were read off redis-server 7.0.15 with EVAL, all but those
 * with a NUL in a line: there Redis cuts the line, and we write a space.
 */
#include <stdio.h>

#include "ipc/resp.h"
#include "ipc/token.h"
#include "tests/ipc/random.h"
#include "tests/check_main.h"

typedef struct {
  TokenKind kind;
  const char *text;
  size_t size;
  const char *resp2;
  size_t resp2_size;
  const char *resp3;
  size_t resp3_size;
} TextCase;

#define TEXT(kind, text, resp2, resp3) \
  { kind, text, sizeof text - 1, resp2, sizeof resp2 - 1, resp3, sizeof resp3 - 1 }
#define LINE(kind, text, resp) TEXT(kind, text, resp, resp)

static const TextCase text_cases[] = {
    LINE(TOKEN_ERROR, "a\r\n", "-a\r\n"),
    LINE(TOKEN_ERROR, "a\r\nb\n\r\n", "-a  b\r\n"),
    LINE(TOKEN_ERROR, "", "-\r\n"),
    LINE(TOKEN_ERROR, "\r\n", "-\r\n"),
    LINE(TOKEN_ERROR, "-x", "--x\r\n"),
    LINE(TOKEN_ERROR, "\r\nx", "-  x\r\n"),
    LINE(TOKEN_ERROR, "ERR ", "-ERR \r\n"),
    LINE(TOKEN_ERROR, "x\0\r\n+OK", "-x   +OK\r\n"),
    LINE(TOKEN_STATUS, "a\r\nb\r\n", "+a  b  \r\n"),
    LINE(TOKEN_STATUS, "", "+\r\n"),
    LINE(TOKEN_STATUS, "OK\0\r\n:1", "+OK   :1\r\n"),
    TEXT(TOKEN_BIG_NUMBER, "1\r\n2", "$4\r\n1  2\r\n", "(1  2\r\n"),
    TEXT(TOKEN_BIG_NUMBER, "1\0" "2", "$3\r\n1\0" "2\r\n", "(1 2\r\n"),
    TEXT(TOKEN_VERBATIM, "txt:a\0b\r\n", "$5\r\na\0b\r\n\r\n", "=9\r\ntxt:a\0b\r\n\r\n"),
    LINE(TOKEN_BULK, "", "$0\r\n\r\n"),
    LINE(TOKEN_BULK, "a\r\n+OK\r\n\0", "$9\r\na\r\n+OK\r\n\0\r\n"),
};

static void check_render(ByteView tokens, uint32_t resp, const char *expected, size_t size) {
  uint8_t out[256];
  ByteWriter writer = ipc_bytes_writer(out, sizeof out);
  ck_assert_int_eq(ipc_token_render(tokens, resp, &writer), ST_OK);
  ck_assert_msg(ipc_bytes_is_equal(ipc_bytes_written(&writer), ipc_bytes_view(expected, size)),
                "RESP%u: got '%.*s', expected '%.*s'", resp, (int)writer.used, (char *)out,
                (int)size, expected);
}

START_TEST(texts_are_rendered_as_redis_does_and_inject_nothing) {
  for (size_t i = 0; i < sizeof text_cases / sizeof text_cases[0]; i++) {
    const TextCase *row = &text_cases[i];
    uint8_t out[64];
    ByteWriter writer = ipc_bytes_writer(out, sizeof out);
    ipc_token_put_text(&writer, row->kind, ipc_bytes_view(row->text, row->size));
    check_render(ipc_bytes_written(&writer), 2, row->resp2, row->resp2_size);
    check_render(ipc_bytes_written(&writer), 3, row->resp3, row->resp3_size);
  }
}
END_TEST

START_TEST(doubles_are_rendered_as_redis_does) {
  static const struct {
    double number;
    const char *text;
  } rows[] = {{0.1, "0.10000000000000001"},
              {-0.0, "-0"},
              {3, "3"},
              {1e17, "1e+17"},
              {1e100, "1e+100"},
              {(double)__builtin_inff(), "inf"},
              {-(double)__builtin_inff(), "-inf"},
              {__builtin_nan(""), "nan"},
              {-__builtin_nan(""), "-nan"}};
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    uint8_t tokens[9];
    char resp2[64], resp3[64];
    ByteWriter writer = ipc_bytes_writer(tokens, sizeof tokens);
    ipc_token_put_double(&writer, rows[i].number);
    int size2 = snprintf(resp2, sizeof resp2, "$%zu\r\n%s\r\n", strlen(rows[i].text), rows[i].text);
    int size3 = snprintf(resp3, sizeof resp3, ",%s\r\n", rows[i].text);
    check_render(ipc_bytes_written(&writer), 2, resp2, (size_t)size2);
    check_render(ipc_bytes_written(&writer), 3, resp3, (size_t)size3);
  }
}
END_TEST

START_TEST(plain_values_and_integers_are_rendered_as_redis_does) {
  uint8_t out[128];
  ByteWriter writer = ipc_bytes_writer(out, sizeof out);
  ipc_token_put_aggregate(&writer, TOKEN_ARRAY, 6);
  ipc_token_put(&writer, TOKEN_TRUE);
  ipc_token_put(&writer, TOKEN_FALSE);
  ipc_token_put(&writer, TOKEN_NULL);
  ipc_token_put_integer(&writer, INT64_MIN);
  ipc_token_put_integer(&writer, INT64_MAX);
  ipc_token_put_integer(&writer, 0);
  static const char resp2[] =
      "*6\r\n:1\r\n:0\r\n$-1\r\n:-9223372036854775808\r\n:9223372036854775807\r\n:0\r\n";
  static const char resp3[] =
      "*6\r\n#t\r\n#f\r\n_\r\n:-9223372036854775808\r\n:9223372036854775807\r\n:0\r\n";
  check_render(ipc_bytes_written(&writer), 2, resp2, sizeof resp2 - 1);
  check_render(ipc_bytes_written(&writer), 3, resp3, sizeof resp3 - 1);
}
END_TEST

START_TEST(maps_and_sets_become_arrays_in_resp2) {
  uint8_t out[128];
  ByteWriter writer = ipc_bytes_writer(out, sizeof out);
  ipc_token_put_aggregate(&writer, TOKEN_MAP, 2);
  ipc_token_put_text(&writer, TOKEN_BULK, ipc_bytes_text("a"));
  ipc_token_put_integer(&writer, 1);
  ipc_token_put_text(&writer, TOKEN_BULK, ipc_bytes_text("b"));
  ipc_token_put_aggregate(&writer, TOKEN_SET, 1);
  ipc_token_put_text(&writer, TOKEN_BULK, ipc_bytes_text("c"));
  static const char resp2[] = "*4\r\n$1\r\na\r\n:1\r\n$1\r\nb\r\n*1\r\n$1\r\nc\r\n";
  static const char resp3[] = "%2\r\n$1\r\na\r\n:1\r\n$1\r\nb\r\n~1\r\n$1\r\nc\r\n";
  check_render(ipc_bytes_written(&writer), 2, resp2, sizeof resp2 - 1);
  check_render(ipc_bytes_written(&writer), 3, resp3, sizeof resp3 - 1);
}
END_TEST

/* --- Any checked tokens give exactly one RESP reply --- */

static RespScanner scanner;
static NestingRoom scratch;

static void check_is_one_reply(ByteView reply) {
  size_t used = 0;
  ipc_resp_scan_init(&scanner, 8192, UINT64_MAX);
  ck_assert_int_eq(ipc_resp_scan(&scanner, reply, &used), ST_OK);
  ck_assert_uint_eq(used, reply.size);
}

START_TEST(whatever_a_worker_sends_becomes_exactly_one_reply) {
  Random random = {41};
  unsigned valid = 0;
  for (unsigned round = 0; round < 400000; round++) {
    /* Kinds and small numbers, with line ends, NUL and RESP's own characters. */
    static const uint8_t alphabet[] = {1,  2, 3, 6, 7,    8,    9,   11,  12,
                                       13, 0, 0, 0, '\r', '\n', '+', '$', '-'};
    uint8_t tokens[24], out[512];
    size_t size = 1 + random_below(&random, sizeof tokens);
    for (size_t i = 0; i < size; i++) {
      tokens[i] = alphabet[random_below(&random, sizeof alphabet)];
      /* Sizes are four bytes, mostly zero: help them to be plausible. */
      if (i % 5 == 1 && random_below(&random, 2) == 0) {
        for (size_t j = i; j < i + 4 && j < size; j++) tokens[j] = j == i ? (uint8_t)(j % 4) : 0;
        i += 3;
      }
    }
    ByteView view = ipc_bytes_view(tokens, size);
    if (ipc_token_check(view, 8, &scratch) != ST_OK) continue;
    valid++;
    for (uint32_t resp = 2; resp <= 3; resp++) {
      ByteWriter writer = ipc_bytes_writer(out, sizeof out);
      ck_assert_int_eq(ipc_token_render(view, resp, &writer), ST_OK);
      check_is_one_reply(ipc_bytes_written(&writer));
    }
  }
  ck_assert_uint_gt(valid, 5000);
}
END_TEST

START_TEST(a_writer_without_memory_counts_the_size) {
  uint8_t tokens[64], out[64];
  ByteWriter writer = ipc_bytes_writer(tokens, sizeof tokens);
  ipc_token_put_text(&writer, TOKEN_ERROR, ipc_bytes_text("ERR some text"));
  ByteView view = ipc_bytes_written(&writer);
  ByteWriter counter = ipc_bytes_writer(NULL, 0);
  ck_assert_int_eq(ipc_token_render(view, 2, &counter), ST_NO_ROOM);
  ByteWriter exact = ipc_bytes_writer(out, counter.used);
  ck_assert_int_eq(ipc_token_render(view, 2, &exact), ST_OK);
  ck_assert_uint_eq(exact.used, counter.used);
}
END_TEST

START_TEST(seven_thousand_levels_render_without_recursion) {
  static uint8_t tokens[5 * 8000 + 1], out[4 * 8000 + 8];
  ByteWriter writer = ipc_bytes_writer(tokens, sizeof tokens);
  for (int i = 0; i < 7994; i++) ipc_token_put_aggregate(&writer, TOKEN_ARRAY, 1);
  ipc_token_put(&writer, TOKEN_NULL);
  ByteWriter reply = ipc_bytes_writer(out, sizeof out);
  ck_assert_int_eq(ipc_token_check(ipc_bytes_written(&writer), 8000, &scratch), ST_OK);
  ck_assert_int_eq(ipc_token_render(ipc_bytes_written(&writer), 2, &reply), ST_OK);
  check_is_one_reply(ipc_bytes_written(&reply));
}
END_TEST

SUITE("ipc token_render", texts_are_rendered_as_redis_does_and_inject_nothing,
      doubles_are_rendered_as_redis_does, plain_values_and_integers_are_rendered_as_redis_does,
      maps_and_sets_become_arrays_in_resp2, whatever_a_worker_sends_becomes_exactly_one_reply,
      a_writer_without_memory_counts_the_size, seven_thousand_levels_render_without_recursion)
