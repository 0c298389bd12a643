/* SPDX-License-Identifier: BSD-2-Clause */
/* test_tape - entries, their room, and what is no tape. */
#include "ipc/tape.h"

#include <string.h>

#include "tests/check_main.h"

static uint64_t digest(const char *first, const char *second) {
  return ipc_tape_digest(ipc_tape_digest(0, ipc_bytes_text(first)), ipc_bytes_text(second));
}

START_TEST(entries_come_out_as_they_were_put) {
  static const char *const answers[] = {":1\r\n", "", "$3\r\na\0b\r\n"};
  uint8_t room[256];
  ByteWriter writer = ipc_bytes_writer(room, sizeof room);
  TapeEntry entry;
  for (uint32_t i = 0; i < 3; i++)
    ipc_tape_put(&writer, &(TapeEntry){.posts = i * 70000, .kind = i, .call = digest("a", answers[i]), .bytes = ipc_bytes_text(answers[i])});
  ByteView tape = ipc_bytes_written(&writer);
  for (uint32_t i = 0; i < 3; i++) {
    ck_assert_int_eq(ipc_tape_next(&tape, &entry), ST_OK);
    ck_assert_uint_eq(entry.posts, i * 70000);
    ck_assert_uint_eq(entry.kind, i);
    ck_assert_uint_eq(entry.call, digest("a", answers[i]));
    ck_assert(ipc_bytes_is_equal(entry.bytes, ipc_bytes_text(answers[i])));
  }
  ck_assert_int_eq(ipc_tape_next(&tape, &entry), ST_NOT_FOUND);
}
END_TEST

START_TEST(what_is_cut_off_is_noticed) {
  uint8_t room[64];
  ByteWriter writer = ipc_bytes_writer(room, sizeof room);
  ipc_tape_put(&writer, &(TapeEntry){.bytes = ipc_bytes_text(":1\r\n")});
  for (size_t size = 1; size < writer.used; size++) {
    ByteView tape = ipc_bytes_view(room, size);
    TapeEntry entry;
    ck_assert_int_eq(ipc_tape_next(&tape, &entry), ST_TRUNCATED);
  }
}
END_TEST

START_TEST(the_room_is_counted_and_never_exceeded) {
  size_t used = 0;
  int entries = 0;
  while (ipc_tape_count(&used, 4)) entries++;
  ck_assert_int_eq(entries, TAPE_BYTES / (TAPE_ENTRY_BYTES + 4));
  ck_assert_uint_le(used, TAPE_BYTES);
  size_t before = used;
  ck_assert(!ipc_tape_count(&used, SIZE_MAX));
  ck_assert_uint_eq(used, before);
  used = 0;
  ck_assert(ipc_tape_count(&used, TAPE_BYTES - TAPE_ENTRY_BYTES));
  ck_assert(!ipc_tape_count(&used, 0));
}
END_TEST

START_TEST(calls_that_differ_have_other_digests) {
  char longer[80];
  memset(longer, 'x', sizeof longer - 1);
  longer[79] = 0;
  ck_assert_uint_ne(digest("GET", "k"), digest("GET", "l"));
  ck_assert_uint_ne(digest("GET", "k"), digest("GETk", ""));
  ck_assert_uint_ne(digest("", "GET"), digest("GET", ""));
  ck_assert_uint_ne(digest("GET", longer), digest("GET", longer + 1));
  ck_assert_uint_eq(digest("GET", longer), digest("GET", longer));
}
END_TEST

SUITE("ipc tape", entries_come_out_as_they_were_put, what_is_cut_off_is_noticed, the_room_is_counted_and_never_exceeded,
      calls_that_differ_have_other_digests)
