/* SPDX-License-Identifier: BSD-2-Clause */
/* How messages name a chunk, at every length around the room there is. */
#include <string.h>

#include "tests/check_main.h"
#include "vm/compile/chunk_id.h"

static void expect_id(const char *name, size_t room, const char *id) {
  char text[256];
  memset(text, '#', sizeof text);
  size_t size = vm_chunk_id_write(name, strlen(name), text, room);
  ck_assert_str_eq(text, id);
  ck_assert_uint_eq(size, strlen(id));
  ck_assert_uint_lt(size, room);
  for (size_t i = room; i < sizeof text; i++) ck_assert_int_eq(text[i], '#');
}

START_TEST(files_lose_their_beginning_and_names_their_end) {
  expect_id("@file.lua", 60, "file.lua");
  expect_id("@/a/very/long/path/to/some/file.lua", 32, "...ng/path/to/some/file.lua");
  expect_id("=name", 60, "name");
  expect_id("=a name that is too long for the room", 32, "a name that is too long for the");
  expect_id("@", 60, "");
  expect_id("=", 60, "");
}
END_TEST

START_TEST(sources_show_their_first_line) {
  expect_id("return 1", 60, "[string \"return 1\"]");
  expect_id("return 1\nreturn 2", 60, "[string \"return 1...\"]");
  expect_id("\nreturn 2", 60, "[string \"...\"]");
  expect_id("", 60, "[string \"\"]");
}
END_TEST

START_TEST(every_room_is_kept) {
  static const char source[] = "local a = 'a rather long first line of a script that is cut' return a";
  static const char *const names[] = {source, "@/some/where/there/is/a/file/with/a/long/name.lua", "=a given name that is long as well"};
  for (size_t n = 0; n < 3; n++) {
    for (size_t room = 32; room <= 100; room++) {
      char text[128];
      memset(text, '#', sizeof text);
      size_t size = vm_chunk_id_write(names[n], strlen(names[n]), text, room);
      ck_assert_uint_lt(size, room);
      ck_assert_int_eq(text[size], 0);
      ck_assert_int_eq(text[room], '#');
    }
  }
}
END_TEST

START_TEST(a_name_ends_at_its_first_nul) {
  char text[64];
  ck_assert_uint_eq(vm_chunk_id_write("=one\0two", 8, text, sizeof text), 3);
  ck_assert_str_eq(text, "one");
}
END_TEST

SUITE("vm/chunk_id", files_lose_their_beginning_and_names_their_end, sources_show_their_first_line, every_room_is_kept,
      a_name_ends_at_its_first_nul)
