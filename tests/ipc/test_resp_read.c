/* SPDX-License-Identifier: BSD-2-Clause */
/* test_resp_read - walking complete replies. */
#include <stdlib.h>
#include <string.h>

#include "ipc/resp.h"
#include "tests/ipc/random.h"
#include "tests/ipc/reply.h"
#include "tests/check_main.h"

static RespReader reader;
static RespScanner scanner;
static NestingRoom room;

/* Reads all elements; ST_OK when the reply was one well-formed value. */
static Status read_all(ByteView reply, uint32_t max_depth, unsigned *ret_elements) {
  ipc_resp_read_init(&reader, reply, room.left, max_depth);
  *ret_elements = 0;
  for (;;) {
    RespElement element;
    Status status = ipc_resp_read(&reader, &element);
    if (status == ST_NOT_FOUND) return ST_OK;
    if (status != ST_OK) return status;
    ++*ret_elements;
  }
}

static RespElement read_one(const char *text) {
  RespElement element;
  ipc_resp_read_init(&reader, ipc_bytes_text(text), room.left, 8);
  ck_assert_msg(ipc_resp_read(&reader, &element) == ST_OK, "%s", text);
  return element;
}

START_TEST(each_kind_gives_its_element) {
  static const struct {
    const char *bytes;
    RespKind kind;
    int64_t integer;
    const char *text;
    uint64_t count;
  } rows[] = {
      {"+OK\r\n", RESP_STATUS, 0, "OK", 0},
      {"-ERR x\r\n", RESP_ERROR, 0, "ERR x", 0},
      {":-9223372036854775808\r\n", RESP_INTEGER, INT64_MIN, NULL, 0},
      {":9223372036854775807\r\n", RESP_INTEGER, INT64_MAX, NULL, 0},
      {"$2\r\nhi\r\n", RESP_BULK, 0, "hi", 0},
      {"$-1\r\n", RESP_NULL, 0, NULL, 0},
      {"_\r\n", RESP_NULL, 0, NULL, 0},
      {"#t\r\n", RESP_BOOLEAN, 1, NULL, 0},
      {"#f\r\n", RESP_BOOLEAN, 0, NULL, 0},
      {",-inf\r\n", RESP_DOUBLE, 0, "-inf", 0},
      {"(-12\r\n", RESP_BIG_NUMBER, 0, "-12", 0},
      {"!3\r\nERR\r\n", RESP_BULK_ERROR, 0, "ERR", 0},
      {"=6\r\nmkd:ab\r\n", RESP_VERBATIM, 0, "ab", 0},
      {"*1\r\n_\r\n", RESP_ARRAY, 0, NULL, 1},
      {"%1\r\n_\r\n_\r\n", RESP_MAP, 0, NULL, 1},
      {"~2\r\n_\r\n_\r\n", RESP_SET, 0, NULL, 2},
      {">0\r\n", RESP_PUSH, 0, NULL, 0},
      {"|0\r\n_\r\n", RESP_ATTRIBUTE, 0, NULL, 0},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    RespElement element = read_one(rows[i].bytes);
    ck_assert_int_eq(element.kind, rows[i].kind);
    ck_assert_int_eq(element.integer, rows[i].integer);
    ck_assert_uint_eq(element.count, rows[i].count);
    if (rows[i].text != NULL) {
      ck_assert(ipc_bytes_is_equal(element.text, ipc_bytes_text(rows[i].text)));
    }
  }
  ck_assert(read_one("*-1\r\n").is_null_array);
  ck_assert(!read_one("$-1\r\n").is_null_array);
  ck_assert_mem_eq(read_one("=6\r\nmkd:ab\r\n").format, "mkd", 3);
}
END_TEST

START_TEST(depth_counts_the_aggregates_around_an_element) {
  ipc_resp_read_init(&reader, ipc_bytes_text("*4\r\n:1\r\n*1\r\n:2\r\n%1\r\n+k\r\n+v\r\n*0\r\n"),
                     room.left, 8);
  static const uint32_t expected[] = {0, 1, 1, 2, 1, 2, 2, 1};
  for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
    RespElement element;
    ck_assert_int_eq(ipc_resp_read(&reader, &element), ST_OK);
    ck_assert_uint_eq(element.depth, expected[i]);
  }
  RespElement element;
  ck_assert_int_eq(ipc_resp_read(&reader, &element), ST_NOT_FOUND);
  ck_assert_int_eq(ipc_resp_read(&reader, &element), ST_NOT_FOUND);
}
END_TEST

START_TEST(malformed_replies_are_refused) {
  static const struct {
    const char *bytes;
    Status expected;
  } rows[] = {
      {"", ST_TRUNCATED},
      {"+OK", ST_TRUNCATED},
      {"+OK\r", ST_TRUNCATED},
      {"+OK\n", ST_TRUNCATED},
      {"+O\nK\r\n", ST_INVALID},
      {"+OK\rx", ST_INVALID},
      {"+OK\r\n+OK\r\n", ST_INVALID},
      {":\r\n", ST_INVALID},
      {":1x\r\n", ST_INVALID},
      {":+1\r\n", ST_INVALID},
      {":01\r\n", ST_INVALID},
      {":-\r\n", ST_INVALID},
      {":9223372036854775808\r\n", ST_TOO_LARGE},
      {":-9223372036854775809\r\n", ST_TOO_LARGE},
      {":99999999999999999999999999\r\n", ST_TOO_LARGE},
      {"#x\r\n", ST_INVALID},
      {"#\r\n", ST_INVALID},
      {"_x\r\n", ST_INVALID},
      {",\r\n", ST_INVALID},
      {",1;2\r\n", ST_INVALID},
      {"(1.5\r\n", ST_INVALID},
      {"(-\r\n", ST_INVALID},
      {"=3\r\ntxt\r\n", ST_INVALID},
      {"=4\r\ntxtx\r\n", ST_INVALID},
      {"$5\r\nhi\r\n", ST_TRUNCATED},
      {"$1\r\nhi\r\n", ST_INVALID},
      {"$-2\r\n", ST_INVALID},
      {"*2\r\n_\r\n", ST_TRUNCATED},
      {"*1000000\r\n_\r\n", ST_TRUNCATED},
      {"%-1\r\n", ST_INVALID},
      {"?\r\n", ST_INVALID},
      {"$9999999999\r\n", ST_TOO_LARGE},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    unsigned elements;
    Status status = read_all(ipc_bytes_text(rows[i].bytes), 8, &elements);
    ck_assert_msg(status == rows[i].expected, "'%s': %s", rows[i].bytes,
                  policy_status_text(status));
  }
}
END_TEST

/* What a script returns is a reply, too. */
START_TEST(a_line_may_be_as_long_as_the_reply) {
  const size_t size = 2 * (size_t)RESP_MAX_LINE;
  char *reply = malloc(size);
  unsigned elements;
  ck_assert_ptr_nonnull(reply);
  memset(reply, 'x', size);
  reply[0] = '+';
  memcpy(reply + size - 2, "\r\n", 2);
  ck_assert_int_eq(read_all(ipc_bytes_view(reply, size), 8, &elements), ST_OK);
  ck_assert_uint_eq(elements, 1);
  free(reply);
}
END_TEST

START_TEST(random_replies_are_read_to_the_end_and_no_prefix_is) {
  static uint8_t out[1 << 16];
  Random random = {61};
  for (unsigned round = 0; round < 400; round++) {
    ByteWriter writer = ipc_bytes_writer(out, sizeof out);
    reply_put_random(&random, &writer, 4, true);
    unsigned elements;
    ck_assert_int_eq(read_all(ipc_bytes_written(&writer), 16, &elements), ST_OK);
    size_t step = writer.used / 200 + 1;
    for (size_t cut = 0; cut < writer.used; cut += step) {
      uint8_t *copy = malloc(cut + 1); /* exact, so that ASan sees a read behind it */
      memcpy(copy + 1, out, cut);
      ck_assert_int_eq(read_all(ipc_bytes_view(copy + 1, cut), 16, &elements), ST_TRUNCATED);
      free(copy);
    }
  }
}
END_TEST

START_TEST(what_the_reader_accepts_the_scanner_accepts_with_the_same_end) {
  Random random = {62};
  static const char alphabet[] = "+-:$*%~|_#,(=!>\r\n\r\n\r\n0123tx";
  unsigned accepted = 0;
  for (unsigned round = 0; round < 400000; round++) {
    uint8_t bytes[16];
    size_t size = random_below(&random, sizeof bytes);
    for (size_t i = 0; i < size; i++) {
      bytes[i] = (uint8_t)alphabet[random_below(&random, sizeof alphabet - 1)];
      /* Line ends in pairs, or hardly anything would be well-formed. */
      if (bytes[i] == '\r' && i + 1 < size) bytes[++i] = '\n';
    }
    unsigned elements;
    if (read_all(ipc_bytes_view(bytes, size), 4, &elements) != ST_OK) continue;
    accepted++;
    size_t used = 0;
    ipc_resp_scan_init(&scanner, 4, 1 << 20);
    ck_assert_int_eq(ipc_resp_scan(&scanner, ipc_bytes_view(bytes, size), &used), ST_OK);
    ck_assert_uint_eq(used, size);
  }
  ck_assert_uint_gt(accepted, 500);
}
END_TEST

START_TEST(the_depth_cap_is_exact) {
  static uint8_t out[4 * 9000];
  for (uint32_t depth = 1; depth <= 8192; depth = depth * 3 + 1) {
    ByteWriter writer = ipc_bytes_writer(out, sizeof out);
    for (uint32_t i = 1; i < depth; i++) ipc_bytes_put(&writer, "*1\r\n", 4);
    ipc_bytes_put(&writer, "*0\r\n", 4);
    unsigned elements;
    ck_assert_int_eq(read_all(ipc_bytes_written(&writer), depth, &elements), ST_OK);
    ck_assert_uint_eq(elements, depth);
    ck_assert_int_eq(read_all(ipc_bytes_written(&writer), depth - 1, &elements), ST_TOO_LARGE);
  }
}
END_TEST

SUITE("ipc resp_read", each_kind_gives_its_element, depth_counts_the_aggregates_around_an_element,
      malformed_replies_are_refused, a_line_may_be_as_long_as_the_reply, random_replies_are_read_to_the_end_and_no_prefix_is,
      what_the_reader_accepts_the_scanner_accepts_with_the_same_end, the_depth_cap_is_exact)
