/* SPDX-License-Identifier: BSD-2-Clause */
/* test_codec - strictness of the protobuf reader on hand-made bytes.
 *
 * A message of the test's own holds one field of each kind, so that the cases
 * do not depend on the product's schema.
 */
#include "ipc/codec.h"
#include "tests/ipc/random.h"
#include "tests/check_main.h"

typedef struct {
  uint32_t small;
  uint64_t wide;
} Inner;

typedef struct {
  ByteList list;
  uint32_t small;
  uint64_t wide;
  int64_t line;
  ByteView bytes;
  Inner inner;
  ByteView far; /* its tag has two bytes */
  uint32_t last;
} Outer;

static const FieldRule inner_fields[] = {
    {1, FIELD_UINT32, offsetof(Inner, small), 0, 1000, NULL},
    {2, FIELD_UINT64, offsetof(Inner, wide), 0, UINT64_MAX, NULL},
};
static const MessageRule inner_rule = {"Inner", sizeof(Inner), 2, inner_fields};

static const FieldRule outer_fields[] = {
    {1, FIELD_LIST, offsetof(Outer, list), 0, 3, NULL},
    {2, FIELD_UINT32, offsetof(Outer, small), 0, UINT32_MAX, NULL},
    {3, FIELD_UINT64, offsetof(Outer, wide), 0, UINT64_MAX, NULL},
    {4, FIELD_INT64, offsetof(Outer, line), -2, 100, NULL},
    {5, FIELD_BYTES, offsetof(Outer, bytes), 0, 4, NULL},
    {7, FIELD_MESSAGE, offsetof(Outer, inner), 0, 0, &inner_rule},
    {16, FIELD_BYTES, offsetof(Outer, far), 0, 4, NULL},
    {31, FIELD_UINT32, offsetof(Outer, last), 0, 300, NULL},
};
static const MessageRule outer_rule = {"Outer", sizeof(Outer), 8, outer_fields};

typedef struct {
  const char *what;
  const char *bytes;
  size_t size;
  Status expected;
} Case;

#define CASE(what, bytes, status) \
  { what, bytes, sizeof bytes - 1, status }
#define INNER "\x3a\x00" /* the sub-message that must be there, empty */

static const Case cases[] = {
    CASE("the least message", INNER, ST_OK),
    CASE("nothing at all lacks the sub-message", "", ST_INVALID),
    CASE("one element", "\x0a\x01x" INNER, ST_OK),
    CASE("empty elements count", "\x0a\x00\x0a\x00\x0a\x00" INNER, ST_OK),
    CASE("one element too many", "\x0a\x00\x0a\x00\x0a\x00\x0a\x00" INNER, ST_TOO_LARGE),
    CASE("an element that is interrupted by another field", "\x0a\x00\x10\x01\x0a\x00" INNER,
         ST_INVALID),
    CASE("a number", "\x10\x01" INNER, ST_OK),
    CASE("a number that is its default", "\x10\x00" INNER, ST_INVALID),
    CASE("a number twice", "\x10\x01\x10\x01" INNER, ST_INVALID),
    CASE("a padded varint", "\x10\x81\x00" INNER, ST_INVALID),
    CASE("the largest uint32", "\x10\xff\xff\xff\xff\x0f" INNER, ST_OK),
    CASE("one above the largest uint32", "\x10\x80\x80\x80\x80\x10" INNER, ST_RANGE),
    CASE("the largest uint64", "\x18\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01" INNER, ST_OK),
    CASE("65 bits", "\x18\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02" INNER, ST_INVALID),
    CASE("a padded tenth byte", "\x18\xff\xff\xff\xff\xff\xff\xff\xff\xff\x00" INNER, ST_INVALID),
    CASE("eleven bytes", "\x18\xff\xff\xff\xff\xff\xff\xff\xff\xff\x81\x00" INNER, ST_INVALID),
    CASE("a varint that does not end", "\x18\xff\xff", ST_TRUNCATED),
    CASE("a varint that does not begin", "\x18", ST_TRUNCATED),
    CASE("minus two", "\x20\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01" INNER, ST_OK),
    CASE("minus three", "\x20\xfd\xff\xff\xff\xff\xff\xff\xff\xff\x01" INNER, ST_RANGE),
    CASE("one hundred", "\x20\x64" INNER, ST_OK),
    CASE("one hundred and one", "\x20\x65" INNER, ST_RANGE),
    CASE("bytes", "\x2a\x04wxyz" INNER, ST_OK),
    CASE("bytes that are too long", "\x2a\x05vwxyz" INNER, ST_TOO_LARGE),
    CASE("bytes that are empty but present", "\x2a\x00" INNER, ST_INVALID),
    CASE("bytes that end early", "\x2a\x04wx", ST_TRUNCATED),
    CASE("a length of 2^64-1", "\x2a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01wx", ST_TRUNCATED),
    CASE("a padded length", "\x2a\x81\x00w" INNER, ST_INVALID),
    CASE("descending order", "\x18\x01\x10\x01" INNER, ST_INVALID),
    CASE("an unknown field between", "\x2a\x01w\x30\x01" INNER, ST_INVALID),
    CASE("an unknown field at the end", INNER "\x40\x01", ST_INVALID),
    CASE("field 0", "\x00\x01" INNER, ST_INVALID),
    CASE("a group", "\x13\x14" INNER, ST_INVALID),
    CASE("fixed32 for a varint", "\x15\x01\x00\x00\x00" INNER, ST_INVALID),
    CASE("a varint for bytes", "\x28\x01" INNER, ST_INVALID),
    CASE("a padded tag", "\x90\x00\x01" INNER, ST_INVALID),
    CASE("field 16", INNER "\x82\x01\x02hi", ST_OK),
    CASE("field 16 that is empty but present", INNER "\x82\x01\x00", ST_INVALID),
    CASE("field 16 that is too long", INNER "\x82\x01\x05hello", ST_TOO_LARGE),
    CASE("field 16 twice", INNER "\x82\x01\x01h\x82\x01\x01h", ST_INVALID),
    CASE("field 31", INNER "\xf8\x01\xac\x02", ST_OK),
    CASE("fields 16 and 31", INNER "\x82\x01\x02hi\xf8\x01\x01", ST_OK),
    CASE("field 31 above its range", INNER "\xf8\x01\xad\x02", ST_RANGE),
    CASE("field 31 before field 16", INNER "\xf8\x01\x01\x82\x01\x02hi", ST_INVALID),
    CASE("field 32, whose tag begins as that of none", INNER "\x82\x02\x02hi", ST_INVALID),
    CASE("a tag of two bytes that is padded", INNER "\x82\x81\x00\x02hi", ST_INVALID),
    CASE("a tag of two bytes that ends early", INNER "\x82", ST_INVALID),
    CASE("a tag of two bytes that stands for a short one", INNER "\x82\x00\x02hi", ST_INVALID),
    CASE("a full sub-message", "\x3a\x04\x08\x01\x10\x02", ST_OK),
    CASE("a sub-message twice", INNER INNER, ST_INVALID),
    CASE("a sub-message with a value out of range", "\x3a\x03\x08\xe9\x07", ST_RANGE),
    CASE("a sub-message that ends early", "\x3a\x04\x08\x01", ST_TRUNCATED),
    CASE("a value that sticks out of its sub-message", "\x3a\x01\x08\x01", ST_TRUNCATED),
    CASE("leftovers inside the sub-message", "\x3a\x04\x08\x01\x18\x01", ST_INVALID),
};

START_TEST(only_the_canonical_encoding_is_accepted) {
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    Outer outer;
    Status status =
        ipc_codec_decode(&outer_rule, ipc_bytes_view(cases[i].bytes, cases[i].size), &outer);
    ck_assert_msg(status == cases[i].expected, "%s: got %s, expected %s", cases[i].what,
                  policy_status_text(status), policy_status_text(cases[i].expected));
  }
}
END_TEST

START_TEST(accepted_cases_encode_back_to_the_same_bytes) {
  unsigned accepted = 0;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    if (cases[i].expected != ST_OK) continue;
    Outer outer;
    uint8_t out[64];
    ByteView bytes = ipc_bytes_view(cases[i].bytes, cases[i].size);
    ck_assert_int_eq(ipc_codec_decode(&outer_rule, bytes, &outer), ST_OK);
    ByteWriter writer = ipc_bytes_writer(out, sizeof out);
    ck_assert_int_eq(ipc_codec_encode(&outer_rule, &outer, &writer), ST_OK);
    ck_assert_msg(ipc_bytes_is_equal(ipc_bytes_written(&writer), bytes), "%s", cases[i].what);
    accepted++;
  }
  ck_assert_uint_gt(accepted, 8);
}
END_TEST

START_TEST(views_point_into_the_frame) {
  static const uint8_t bytes[] =
      "\x0a\x02"
      "ab"
      "\x2a\x03xyz" INNER;
  Outer outer;
  ck_assert_int_eq(ipc_codec_decode(&outer_rule, ipc_bytes_view(bytes, sizeof bytes - 1), &outer),
                   ST_OK);
  ck_assert_ptr_eq(outer.bytes.data, bytes + 6);
  ByteListCursor cursor = ipc_codec_walk(&outer.list);
  ByteView element;
  ck_assert(ipc_codec_next(&cursor, &element));
  ck_assert_ptr_eq(element.data, bytes + 2);
  ck_assert_uint_eq(element.size, 2);
  ck_assert(!ipc_codec_next(&cursor, &element));
}
END_TEST

START_TEST(an_element_flood_stops_at_the_cap) {
  static uint8_t flood[1 << 20];
  for (size_t i = 0; i < sizeof flood; i += 2) flood[i] = 0x0a;
  Outer outer;
  ck_assert_int_eq(ipc_codec_decode(&outer_rule, ipc_bytes_view(flood, sizeof flood), &outer),
                   ST_TOO_LARGE);
}
END_TEST

START_TEST(random_bytes_do_no_harm_and_what_is_accepted_is_canonical) {
  Random random = {7};
  unsigned accepted = 0;
  for (unsigned round = 0; round < 300000; round++) {
    /* Few byte values, chosen so that tags and lengths meet often. */
    static const uint8_t alphabet[] = {0x0a, 0x10, 0x18, 0x20, 0x2a, 0x3a, 0, 1, 2, 4, 0x80, 0xff};
    uint8_t bytes[14], out[32];
    size_t size = random_below(&random, sizeof bytes);
    for (size_t i = 0; i < size; i++) bytes[i] = alphabet[random_below(&random, sizeof alphabet)];
    Outer outer;
    ByteView view = ipc_bytes_view(bytes, size);
    if (ipc_codec_decode(&outer_rule, view, &outer) != ST_OK) continue;
    accepted++;
    ByteWriter writer = ipc_bytes_writer(out, sizeof out);
    ck_assert_int_eq(ipc_codec_encode(&outer_rule, &outer, &writer), ST_OK);
    ck_assert(ipc_bytes_is_equal(ipc_bytes_written(&writer), view));
  }
  ck_assert_uint_gt(accepted, 100);
}
END_TEST

START_TEST(a_writer_counts_on_after_it_is_full) {
  uint8_t out[4] = {9, 9, 9, 9};
  ByteWriter writer = ipc_bytes_writer(out, 3);
  ipc_bytes_put(&writer, "ab", 2);
  ck_assert(ipc_bytes_fits(&writer));
  ipc_bytes_put(&writer, "cd", 2);
  ipc_bytes_put(&writer, "e", 1); /* would fit alone, but must not leave a hole */
  ck_assert(!ipc_bytes_fits(&writer));
  ck_assert_uint_eq(writer.used, 5);
  ck_assert_mem_eq(out, "ab\x09\x09", 4);
}
END_TEST

SUITE("ipc codec", only_the_canonical_encoding_is_accepted,
      accepted_cases_encode_back_to_the_same_bytes, views_point_into_the_frame,
      an_element_flood_stops_at_the_cap, random_bytes_do_no_harm_and_what_is_accepted_is_canonical,
      a_writer_counts_on_after_it_is_full)
