/* SPDX-License-Identifier: BSD-2-Clause */
/* Text in small pieces arrives whole, in order, whatever the sizes of the pieces. */
#include <stdio.h>

#include "tests/check_main.h"
#include "vm/inspect/listing.h"

static char got[1 << 16];
static size_t got_size;

static void collect(void *context, const char *text, size_t size) {
  (void)context;
  memcpy(got + got_size, text, size);
  got_size += size;
  got[got_size] = '\0';
}

static Listing open_listing(void) {
  got_size = 0;
  got[0] = '\0';
  return (Listing){.sink = collect};
}

START_TEST(pieces_of_every_size_arrive_in_order) {
  static char piece[2000];
  for (size_t i = 0; i < sizeof piece; i++) piece[i] = (char)('a' + i % 26);
  for (size_t size = 1; size < sizeof piece; size = size * 3 / 2 + 1) {
    Listing l = open_listing();
    size_t total = 0;
    for (int i = 0; i < 5; i++, total += size) vm_listing_bytes(&l, piece, size);
    vm_listing_flush(&l);
    ck_assert_uint_eq(got_size, total);
    for (size_t i = 0; i < total; i++) ck_assert_int_eq(got[i], piece[i % size]);
  }
}
END_TEST

START_TEST(numbers_and_columns) {
  static const int64_t numbers[] = {0, 7, -7, 1000000, INT64_MAX, INT64_MIN + 1};
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
    char wanted[32];
    snprintf(wanted, sizeof wanted, "%lld", (long long)numbers[i]);
    Listing l = open_listing();
    vm_listing_number(&l, numbers[i]);
    vm_listing_flush(&l);
    ck_assert_str_eq(got, wanted);
  }
  Listing l = open_listing();
  vm_listing_padded(&l, "ab", 5);
  vm_listing_padded(&l, "too long", 3);
  vm_listing_text(&l, "|");
  vm_listing_flush(&l);
  ck_assert_str_eq(got, "ab   too long|");
}
END_TEST

START_TEST(strings_are_quoted_as_luac_does) {
  Listing l = open_listing();
  static const char bytes[] = "a\"b\\\n\t\a\b\f\r\v\0\x01\x7f";
  vm_listing_quoted(&l, bytes, sizeof bytes - 1);
  vm_listing_flush(&l);
  ck_assert_str_eq(got, "\"a\\\"b\\\\\\n\\t\\a\\b\\f\\r\\v\\000\\001\\127\"");
}
END_TEST

SUITE("vm/listing", pieces_of_every_size_arrive_in_order, numbers_and_columns, strings_are_quoted_as_luac_does)
