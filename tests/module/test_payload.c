/* SPDX-License-Identifier: BSD-2-Clause */
/* test_payload - FUNCTION DUMP's format: what is written is read, what is broken is not. */
#include <string.h>

#include "tests/check_main.h"
#include "tools/module/payload.h"

#define NEWEST 10

static PayloadWriter write_codes(const FsbBytes *codes, size_t count) {
  PayloadWriter writer = {.data = NULL};
  for (size_t i = 0; i < count; i++) module_payload_put(&writer, codes[i]);
  module_payload_finish(&writer);
  ck_assert(!writer.has_failed);
  return writer;
}

START_TEST(what_is_written_is_read) {
  static char large[20000];
  memset(large, 'x', sizeof large);
  const FsbBytes codes[] = {{"", 0}, {"a", 1}, {large, 63}, {large, 64}, {large, 16383}, {large, 16384}};
  PayloadWriter writer = write_codes(codes, 6);
  FsbBytes payload = {writer.data, writer.size};
  PayloadReader reader = module_payload_read(payload);
  const char *error;
  char *code;
  size_t size;
  ck_assert(module_payload_is_whole(payload, NEWEST));
  ck_assert(!module_payload_is_whole(payload, NEWEST - 1));
  for (size_t i = 0; i < 6; i++) {
    ck_assert(module_payload_next(&reader, &code, &size, &error));
    ck_assert_uint_eq(size, codes[i].size);
    ck_assert(size == 0 || memcmp(code, codes[i].data, size) == 0);
    free(code);
  }
  ck_assert(!module_payload_next(&reader, &code, &size, &error));
  ck_assert_ptr_null(error);
  free(writer.data);
}
END_TEST

START_TEST(every_changed_bit_is_noticed) {
  const FsbBytes code = {"#!lua name=x", 12};
  PayloadWriter writer = write_codes(&code, 1);
  for (size_t bit = 0; bit < writer.size * 8; bit++) {
    writer.data[bit / 8] ^= (char)(1 << bit % 8);
    ck_assert(!module_payload_is_whole((FsbBytes){writer.data, writer.size}, NEWEST));
    writer.data[bit / 8] ^= (char)(1 << bit % 8);
  }
  for (size_t size = 0; size < writer.size; size++)
    ck_assert(!module_payload_is_whole((FsbBytes){writer.data, size}, NEWEST));
  free(writer.data);
}
END_TEST

/* Reads `size` bytes as a payload whose footer does not matter here. */
static const char *error_of(const char *bytes, size_t size, char **ret_code, size_t *ret_size) {
  char padded[128];
  const char *error = "none";
  memcpy(padded, bytes, size);
  memset(padded + size, 0, 10);
  PayloadReader reader = module_payload_read((FsbBytes){padded, size + 10});
  return module_payload_next(&reader, ret_code, ret_size, &error) ? "none" : error;
}

START_TEST(compressed_code_is_read) {
  /* Packed to 6 bytes, 8 long: the literal "ab", then 6 bytes from 2 back. */
  static const char bytes[] = "\xF5\xC3\x05\x08\x01" "ab" "\x80\x01";
  char *code;
  size_t size;
  ck_assert_str_eq(error_of(bytes, 9, &code, &size), "none");
  ck_assert_uint_eq(size, 8);
  ck_assert_mem_eq(code, "abababab", 8);
  free(code);
}
END_TEST

START_TEST(what_is_broken_is_refused) {
  static const struct {
    const char *bytes;
    size_t size;
    const char *error;
  } rows[] = {{"\x00", 1, "given type is not a function"},
              {"\xF6", 1, "Pre-GA function format not supported"},
              {"\xF5", 1, "Failed loading library payload"},
              {"\xF5\x05" "ab", 4, "Failed loading library payload"},
              {"\xF5\x81\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 10, "Failed loading library payload"},
              {"\xF5\xC0\x01", 3, "Failed loading library payload"},
              {"\xF5\xC3\x03\x08\x80\x05\x00", 7, "Failed loading library payload"},
              {"\xF5\xC3\x02\x08\x1F" "a", 6, "Failed loading library payload"},
              {"\xF5\xC3\xC3\x01", 4, "Failed loading library payload"}};
  char *code;
  size_t size;
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
    ck_assert_str_eq(error_of(rows[i].bytes, rows[i].size, &code, &size), rows[i].error);
}
END_TEST

SUITE("module payload", what_is_written_is_read, every_changed_bit_is_noticed,
      compressed_code_is_read, what_is_broken_is_refused)
