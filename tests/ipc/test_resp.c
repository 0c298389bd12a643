/* SPDX-License-Identifier: BSD-2-Clause */
/* test_resp - finding the end of replies that arrive in pieces; writing commands. */
#include "ipc/resp.h"

#include <stdlib.h>

#include "tests/ipc/random.h"
#include "tests/ipc/reply.h"
#include "tests/check_main.h"

static RespScanner scanner;

static Status scan_whole(ByteView bytes, uint32_t max_depth, uint64_t max_bytes, size_t *ret_used) {
  ipc_resp_scan_init(&scanner, max_depth, max_bytes);
  *ret_used = 0;
  return ipc_resp_scan(&scanner, bytes, ret_used);
}

typedef struct {
  const char *bytes;
  Status expected;
} Case;

static const Case cases[] = {
    {"+OK\r\n", ST_OK},
    {"+\r\n", ST_OK},
    {"-ERR x\r\n", ST_OK},
    {":-12\r\n", ST_OK},
    {"$5\r\nhello\r\n", ST_OK},
    {"$0\r\n\r\n", ST_OK},
    {"$-1\r\n", ST_OK},
    {"*-1\r\n", ST_OK},
    {"*0\r\n", ST_OK},
    {"%0\r\n", ST_OK},
    {"*2\r\n:1\r\n*1\r\n$1\r\nx\r\n", ST_OK},
    {"%1\r\n+a\r\n~1\r\n_\r\n", ST_OK},
    {"#t\r\n", ST_OK},
    {",1.5\r\n", ST_OK},
    {"(123\r\n", ST_OK},
    {"=7\r\ntxt:abc\r\n", ST_OK},
    {"!3\r\nERR\r\n", ST_OK},
    {">2\r\n+a\r\n+b\r\n", ST_OK},
    {"|1\r\n+key\r\n+value\r\n:5\r\n", ST_OK},
    {"|0\r\n:5\r\n", ST_OK},
    {"*1\r\n|1\r\n+key\r\n+value\r\n:5\r\n", ST_OK},
    {"|1\r\n+key\r\n+value\r\n", ST_WOULD_BLOCK},
    {"", ST_WOULD_BLOCK},
    {"*", ST_WOULD_BLOCK},
    {"*1\r\n", ST_WOULD_BLOCK},
    {"$5\r\nhello\r", ST_WOULD_BLOCK},
    {"+OK\r", ST_WOULD_BLOCK},
    {"x", ST_INVALID},
    {"\r\n", ST_INVALID},
    {"+OK\n", ST_INVALID},
    {"+OK\rx", ST_INVALID},
    {"$5\nhello\r\n", ST_INVALID},
    {"$5\r\nhelloxx", ST_INVALID},
    {"$5\r\nhello\rx", ST_INVALID},
    {"$\r\n", ST_INVALID},
    {"$-2\r\n", ST_INVALID},
    {"$-\r\n", ST_INVALID},
    {"$--1\r\n", ST_INVALID},
    {"$+5\r\n", ST_INVALID},
    {"$ 5\r\n", ST_INVALID},
    {"$05\r\n", ST_INVALID},
    {"$?\r\n", ST_INVALID},
    {"*?\r\n", ST_INVALID},
    {"%-1\r\n", ST_INVALID},
    {"=-1\r\n", ST_INVALID},
    {"~-1\r\n", ST_INVALID},
    {"$99999999999\r\n", ST_TOO_LARGE},
    {"$9999999999\r\n", ST_TOO_LARGE},
    {"*9999999999\r\n", ST_TOO_LARGE},
    {"*99999999999999999999999\r\n", ST_TOO_LARGE},
};

START_TEST(each_case_ends_as_it_should_in_every_partition) {
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    ByteView bytes = ipc_bytes_text(cases[i].bytes);
    for (size_t cut = 0; cut <= bytes.size; cut++) {
      size_t used = 0, more = 0;
      Status status = scan_whole(ipc_bytes_view(bytes.data, cut), 8, 4096, &used);
      if (status == ST_WOULD_BLOCK) {
        ck_assert_uint_eq(used, cut);
        status = ipc_resp_scan(&scanner, ipc_bytes_view(bytes.data + cut, bytes.size - cut), &more);
      }
      ck_assert_msg(status == cases[i].expected, "'%s' cut at %zu: %s", cases[i].bytes, cut,
                    policy_status_text(status));
      if (status == ST_OK) ck_assert_uint_eq(used + more, bytes.size);
      if (status == ST_OK) ck_assert_uint_eq(scanner.first, bytes.data[0]);
    }
  }
}
END_TEST

START_TEST(random_replies_end_where_they_end_and_at_no_earlier_byte) {
  static uint8_t out[1 << 16];
  Random random = {51};
  for (unsigned round = 0; round < 400; round++) {
    ByteWriter writer = ipc_bytes_writer(out, sizeof out);
    reply_put_random(&random, &writer, 4, true);
    ck_assert(ipc_bytes_fits(&writer));
    size_t whole = writer.used, used;
    ipc_bytes_put(&writer, "+next\r\n", 7); /* the scanner must not run into it */
    ck_assert_int_eq(scan_whole(ipc_bytes_written(&writer), 16, UINT64_MAX, &used), ST_OK);
    ck_assert_uint_eq(used, whole);
    ck_assert_uint_eq(scanner.size, whole);
    size_t step = whole / 300 + 1;
    for (size_t cut = 0; cut < whole; cut += step) {
      ck_assert_int_eq(scan_whole(ipc_bytes_view(out, cut), 16, UINT64_MAX, &used), ST_WOULD_BLOCK);
      size_t rest;
      ByteView tail = ipc_bytes_view(out + cut, writer.used - cut);
      ck_assert_int_eq(ipc_resp_scan(&scanner, tail, &rest), ST_OK);
      ck_assert_uint_eq(cut + rest, whole);
    }
  }
}
END_TEST

START_TEST(byte_by_byte_is_the_same_as_at_once) {
  static uint8_t out[1 << 16];
  Random random = {52};
  for (unsigned round = 0; round < 200; round++) {
    ByteWriter writer = ipc_bytes_writer(out, sizeof out);
    reply_put_random(&random, &writer, 3, true);
    ipc_resp_scan_init(&scanner, 16, UINT64_MAX);
    for (size_t at = 0; at < writer.used; at++) {
      size_t used;
      Status status = ipc_resp_scan(&scanner, ipc_bytes_view(out + at, 1), &used);
      ck_assert_int_eq(status, at + 1 == writer.used ? ST_OK : ST_WOULD_BLOCK);
    }
  }
}
END_TEST

START_TEST(the_size_cap_is_exact_and_announced_sizes_meet_it_early) {
  ByteView reply = ipc_bytes_text("*2\r\n$5\r\nhello\r\n:1\r\n");
  size_t used;
  ck_assert_int_eq(scan_whole(reply, 8, reply.size, &used), ST_OK);
  for (size_t cap = 0; cap < reply.size; cap++) {
    ck_assert_int_eq(scan_whole(reply, 8, cap, &used), ST_TOO_LARGE);
  }
  ck_assert_int_eq(scan_whole(ipc_bytes_text("$1000\r\n"), 8, 999, &used), ST_TOO_LARGE);
  ck_assert_int_eq(scan_whole(ipc_bytes_text("*1000\r\n"), 8, 2999, &used), ST_TOO_LARGE);
}
END_TEST

START_TEST(the_depth_cap_is_exact) {
  static uint8_t out[4 * 9000 + 8];
  for (uint32_t depth = 1; depth <= 8192; depth = depth * 3 + 1) {
    ByteWriter writer = ipc_bytes_writer(out, sizeof out);
    for (uint32_t i = 0; i < depth; i++) ipc_bytes_put(&writer, "*1\r\n", 4);
    ipc_bytes_put(&writer, "_\r\n", 3);
    size_t used;
    ck_assert_int_eq(scan_whole(ipc_bytes_written(&writer), depth, 1 << 20, &used), ST_OK);
    ck_assert_int_eq(scan_whole(ipc_bytes_written(&writer), depth - 1, 1 << 20, &used),
                     ST_TOO_LARGE);
  }
}
END_TEST

START_TEST(a_line_without_end_is_given_up) {
  static uint8_t line[4096];
  memset(line, 'x', sizeof line);
  line[0] = '+';
  size_t used;
  ipc_resp_scan_init(&scanner, 8, UINT64_MAX);
  Status status = ST_WOULD_BLOCK;
  unsigned pieces = 0;
  for (; status == ST_WOULD_BLOCK; pieces++) {
    status = ipc_resp_scan(&scanner, ipc_bytes_view(line, sizeof line), &used);
    line[0] = 'x';
  }
  ck_assert_int_eq(status, ST_TOO_LARGE);
  ck_assert_uint_le(pieces, RESP_MAX_LINE / sizeof line + 1);
}
END_TEST

START_TEST(nothing_may_be_fed_after_the_end) {
  size_t used;
  ck_assert_int_eq(scan_whole(ipc_bytes_text("+OK\r\n"), 8, 100, &used), ST_OK);
  ck_assert_int_eq(ipc_resp_scan(&scanner, ipc_bytes_text("+OK\r\n"), &used), ST_STATE);
}
END_TEST

START_TEST(a_command_is_an_array_of_bulks_from_views_or_from_a_call) {
  static const char golden[] = "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$4\r\na\r\n\0\r\n";
  ByteView views[] = {ipc_bytes_text("SET"), ipc_bytes_text("k"), ipc_bytes_view("a\r\n\0", 4)};
  ByteList list = {.count = 3, .items = views};
  uint8_t out[64];
  ByteWriter writer = ipc_bytes_writer(out, sizeof out);
  ipc_resp_command(&writer, &list);
  ck_assert(
      ipc_bytes_is_equal(ipc_bytes_written(&writer), ipc_bytes_view(golden, sizeof golden - 1)));

  static const uint8_t encoded[] =
      "\x0a\x03SET\x0a\x01k\x0a\x04"
      "a\r\n\0";
  ByteList decoded = {.count = 3, .encoded = ipc_bytes_view(encoded, sizeof encoded - 1)};
  writer = ipc_bytes_writer(out, sizeof out);
  ipc_resp_command(&writer, &decoded);
  ck_assert(
      ipc_bytes_is_equal(ipc_bytes_written(&writer), ipc_bytes_view(golden, sizeof golden - 1)));
}
END_TEST

SUITE("ipc resp", each_case_ends_as_it_should_in_every_partition,
      random_replies_end_where_they_end_and_at_no_earlier_byte, byte_by_byte_is_the_same_as_at_once,
      the_size_cap_is_exact_and_announced_sizes_meet_it_early, the_depth_cap_is_exact,
      a_line_without_end_is_given_up, nothing_may_be_fed_after_the_end,
      a_command_is_an_array_of_bulks_from_views_or_from_a_call)
