/* SPDX-License-Identifier: BSD-2-Clause */
/* test_token - tokens: what is written is read back, what is malformed refused. */
#include "ipc/token.h"

#include <math.h>
#include <stdlib.h>

#include "tests/ipc/random.h"
#include "tests/check_main.h"

static NestingRoom scratch;

static Status check_bytes(const void *bytes, size_t size, uint32_t max_depth) {
  return ipc_token_check(ipc_bytes_view(bytes, size), max_depth, &scratch);
}

START_TEST(every_kind_is_read_back_as_written) {
  uint8_t out[256];
  ByteWriter writer = ipc_bytes_writer(out, sizeof out);
  size_t place = ipc_token_put_aggregate(&writer, TOKEN_ARRAY, 0);
  ipc_token_put(&writer, TOKEN_NULL);
  ipc_token_put(&writer, TOKEN_FALSE);
  ipc_token_put(&writer, TOKEN_TRUE);
  ipc_token_put_integer(&writer, INT64_MIN);
  ipc_token_put_double(&writer, -0.5);
  ipc_token_put_text(&writer, TOKEN_BULK, ipc_bytes_view("a\0b", 3));
  ipc_token_put_text(&writer, TOKEN_VERBATIM, ipc_bytes_text("txt:hi"));
  ipc_token_put_aggregate(&writer, TOKEN_MAP, 0);
  ipc_token_patch(&writer, place, 8);
  ByteView tokens = ipc_bytes_written(&writer);
  ck_assert_int_eq(ipc_token_check(tokens, 2, &scratch), ST_OK);

  static const TokenKind kinds[] = {TOKEN_ARRAY, TOKEN_NULL,     TOKEN_FALSE,
                                    TOKEN_TRUE,  TOKEN_INTEGER,  TOKEN_DOUBLE,
                                    TOKEN_BULK,  TOKEN_VERBATIM, TOKEN_MAP};
  Token token;
  for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
    ck_assert_int_eq(ipc_token_next(&tokens, &token), ST_OK);
    ck_assert_int_eq(token.kind, kinds[i]);
    if (token.kind == TOKEN_ARRAY) ck_assert_uint_eq(token.count, 8);
    if (token.kind == TOKEN_INTEGER) ck_assert_int_eq(token.integer, INT64_MIN);
    if (token.kind == TOKEN_DOUBLE) ck_assert_double_eq(token.number, -0.5);
    if (token.kind == TOKEN_BULK) ck_assert_mem_eq(token.text.data, "a\0b", 3);
  }
  ck_assert_uint_eq(tokens.size, 0);
}
END_TEST

START_TEST(a_nan_is_written_canonical_with_its_sign) {
  static const uint64_t nans[] = {UINT64_C(0x7ff8000000000001), UINT64_C(0xfff0000000000001),
                                  UINT64_C(0x7fffffffffffffff)};
  for (size_t i = 0; i < 3; i++) {
    double number;
    memcpy(&number, &nans[i], sizeof number);
    uint8_t out[9];
    ByteWriter writer = ipc_bytes_writer(out, sizeof out);
    ipc_token_put_double(&writer, number);
    ck_assert_int_eq(check_bytes(out, 9, 1), ST_OK);
    uint64_t bits = ipc_bytes_load64(out + 1);
    ck_assert_uint_eq(bits, i == 1 ? UINT64_C(0xfff8000000000000) : UINT64_C(0x7ff8000000000000));
    ipc_bytes_store64(out + 1, nans[i]);
    ck_assert_int_eq(check_bytes(out, 9, 1), ST_INVALID);
  }
  double edges[] = {INFINITY, -INFINITY, 0.0, -0.0, 5e-324};
  for (size_t i = 0; i < 5; i++) {
    uint8_t out[9];
    ByteWriter writer = ipc_bytes_writer(out, sizeof out);
    ipc_token_put_double(&writer, edges[i]);
    ck_assert_int_eq(check_bytes(out, 9, 1), ST_OK);
    ck_assert_mem_eq(out + 1, &edges[i], 8);
  }
}
END_TEST

typedef struct {
  const char *what;
  const char *bytes;
  size_t size;
  Status expected;
} Case;

#define CASE(what, bytes, status) \
  { what, bytes, sizeof bytes - 1, status }

static const Case cases[] = {
    CASE("nothing", "", ST_TRUNCATED),
    CASE("null", "\x01", ST_OK),
    CASE("kind 0", "\x00", ST_INVALID),
    CASE("kind 14", "\x0e", ST_INVALID),
    CASE("kind 255", "\xff", ST_INVALID),
    CASE("two values", "\x01\x01", ST_INVALID),
    CASE("half an integer", "\x04\x01\x00\x00", ST_TRUNCATED),
    CASE("half a double", "\x05\x01\x00\x00", ST_TRUNCATED),
    CASE("an empty bulk", "\x06\x00\x00\x00\x00", ST_OK),
    CASE("a bulk without its size", "\x06\x00\x00\x00", ST_TRUNCATED),
    CASE("a bulk that ends early", "\x06\x02\x00\x00\x00x", ST_TRUNCATED),
    CASE("a bulk of 4 GiB", "\x06\xff\xff\xff\xffx", ST_TRUNCATED),
    CASE("verbatim", "\x0a\x04\x00\x00\x00txt:", ST_OK),
    CASE("verbatim without a colon", "\x0a\x04\x00\x00\x00txtx", ST_INVALID),
    CASE("verbatim that is too short", "\x0a\x03\x00\x00\x00txt", ST_INVALID),
    CASE("an empty array", "\x0b\x00\x00\x00\x00", ST_OK),
    CASE("an array of one", "\x0b\x01\x00\x00\x00\x01", ST_OK),
    CASE("an array that lacks its value", "\x0b\x01\x00\x00\x00", ST_TRUNCATED),
    CASE("an array of 2^32-1", "\x0b\xff\xff\xff\xff\x01", ST_TRUNCATED),
    CASE("a map of one pair", "\x0c\x01\x00\x00\x00\x01\x01", ST_OK),
    CASE("a map of half a pair", "\x0c\x01\x00\x00\x00\x01", ST_TRUNCATED),
    CASE("a map of 2^31 pairs", "\x0c\x00\x00\x00\x80\x01\x01", ST_TRUNCATED),
    CASE("a set of two", "\x0d\x02\x00\x00\x00\x01\x02", ST_OK),
    CASE("a value behind the array", "\x0b\x01\x00\x00\x00\x01\x01", ST_INVALID),
};

START_TEST(malformed_tokens_are_refused) {
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    Status status = check_bytes(cases[i].bytes, cases[i].size, 8);
    ck_assert_msg(status == cases[i].expected, "%s: got %s", cases[i].what,
                  policy_status_text(status));
  }
}
END_TEST

/* `depth` arrays of one, around an empty one or a null. */
static size_t nest(uint8_t *out, size_t capacity, uint32_t depth, bool ends_empty) {
  ByteWriter writer = ipc_bytes_writer(out, capacity);
  for (uint32_t i = 0; i < depth; i++) {
    bool is_empty = ends_empty && i + 1 == depth;
    ipc_token_put_aggregate(&writer, TOKEN_ARRAY, is_empty ? 0 : 1);
  }
  if (!ends_empty) ipc_token_put(&writer, TOKEN_NULL);
  return writer.used;
}

START_TEST(the_depth_cap_is_exact_also_for_empty_aggregates) {
  static uint8_t out[5 * 10000 + 1];
  static const uint32_t depths[] = {1, 2, 100, 8191, 8192};
  for (size_t i = 0; i < 5; i++) {
    for (int ends_empty = 0; ends_empty < 2; ends_empty++) {
      size_t size = nest(out, sizeof out, depths[i], ends_empty);
      ck_assert_int_eq(check_bytes(out, size, depths[i]), ST_OK);
      ck_assert_int_eq(check_bytes(out, size, depths[i] - 1), ST_TOO_LARGE);
    }
  }
  /* No argument can make the scratch overflow. */
  ck_assert_int_eq(check_bytes(out, nest(out, sizeof out, 9999, false), UINT32_MAX), ST_TOO_LARGE);
}
END_TEST

/* --- Random values --- */

static void put_random(Random *random, ByteWriter *writer, unsigned depth) {
  uint8_t text[32];
  random_fill(random, text, sizeof text);
  ByteView view = ipc_bytes_view(text, random_below(random, sizeof text));
  uint64_t kind = 1 + random_below(random, depth == 0 ? 9 : 13);
  if (kind <= TOKEN_TRUE) {
    ipc_token_put(writer, (TokenKind)kind);
  } else if (kind == TOKEN_INTEGER) {
    ipc_token_put_integer(writer, (int64_t)random_wide(random));
  } else if (kind == TOKEN_DOUBLE) {
    double number;
    memcpy(&number, text, sizeof number);
    ipc_token_put_double(writer, number);
  } else if (kind == TOKEN_VERBATIM) {
    ipc_token_put_text(writer, TOKEN_VERBATIM, ipc_bytes_text("txt:some"));
  } else if (kind < TOKEN_ARRAY) {
    ipc_token_put_text(writer, (TokenKind)kind, view);
  } else {
    uint32_t count = (uint32_t)random_below(random, 5);
    ipc_token_put_aggregate(writer, (TokenKind)kind, count);
    for (uint32_t i = 0; i < (kind == TOKEN_MAP ? 2 : 1) * count; i++) {
      put_random(random, writer, depth - 1);
    }
  }
}

START_TEST(random_values_are_accepted_and_no_prefix_of_them_is) {
  static uint8_t out[1 << 20];
  Random random = {31};
  for (unsigned round = 0; round < 300; round++) {
    ByteWriter writer = ipc_bytes_writer(out, sizeof out);
    put_random(&random, &writer, 5);
    ck_assert(ipc_bytes_fits(&writer));
    ck_assert_int_eq(check_bytes(out, writer.used, 5), ST_OK);
    size_t step = writer.used / 500 + 1;
    for (size_t cut = 0; cut < writer.used; cut += step) {
      /* On the heap at its exact size, so that ASan sees a read behind it. */
      uint8_t *copy = malloc(cut + 1);
      memcpy(copy + 1, out, cut);
      ck_assert_int_ne(check_bytes(copy + 1, cut, 5), ST_OK);
      free(copy);
    }
  }
}
END_TEST

START_TEST(patching_a_place_that_did_not_fit_does_nothing) {
  uint8_t out[6] = {0, 0, 0, 0, 0, 0x5a};
  ByteWriter writer = ipc_bytes_writer(out, 5);
  ipc_token_put(&writer, TOKEN_NULL);
  size_t place = ipc_token_put_aggregate(&writer, TOKEN_ARRAY, 1);
  ipc_token_patch(&writer, place, UINT32_MAX);
  ck_assert(!ipc_bytes_fits(&writer));
  ck_assert_mem_eq(out, "\x01\0\0\0\0\x5a", 6);
}
END_TEST

SUITE("ipc token", every_kind_is_read_back_as_written, a_nan_is_written_canonical_with_its_sign,
      malformed_tokens_are_refused, the_depth_cap_is_exact_also_for_empty_aggregates,
      random_values_are_accepted_and_no_prefix_of_them_is,
      patching_a_place_that_did_not_fit_does_nothing)
