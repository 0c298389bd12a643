/* SPDX-License-Identifier: BSD-2-Clause */
/* test_sha1 - known digests, and every length around the block's edge. */
#include <string.h>

#include "sandbox/supervisor/sha1.h"
#include "tests/check_main.h"

static void expect(const char *text, size_t size, const char *digest) {
  char hex[SHA1_HEX_BYTES];
  supervisor_sha1_hex(text, size, hex);
  ck_assert_str_eq(hex, digest);
}

START_TEST(the_standards_examples_agree) {
  char *million = malloc(1000000);
  memset(million, 'a', 1000000);
  expect("", 0, "da39a3ee5e6b4b0d3255bfef95601890afd80709");
  expect("abc", 3, "a9993e364706816aba3e25717850c26c9cd0d89d");
  expect("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56,
         "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
  expect(million, 1000000, "34aa973cd4c4daa4f61eeb2bdbad27316534016f");
  free(million);
}
END_TEST

/* Digests of 'x' repeated, by coreutils' sha1sum. */
START_TEST(every_length_around_a_block_is_padded_right) {
  static const struct {
    size_t size;
    const char *digest;
  } rows[] = {
      {55, "cef734ba81a024479e09eb5a75b6ddae62e6abf1"},
      {56, "901305367c259952f4e7af8323f480d59f81335b"},
      {63, "0ddc4e0cccd9a12850deb5abb0853a4425559fec"},
      {64, "bb2fa3ee7afb9f54c6dfb5d021f14b1ffe40c163"},
      {65, "78c741ddc482e4cdf8c474a0876347a0905b6233"},
  };
  char text[65];
  memset(text, 'x', sizeof text);
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
    expect(text, rows[i].size, rows[i].digest);
}
END_TEST

SUITE("supervisor sha1", the_standards_examples_agree, every_length_around_a_block_is_padded_right)
