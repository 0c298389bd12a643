/* SPDX-License-Identifier: BSD-2-Clause */
/* test_sha1 - the digests are SHA-1's. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "tests/check_main.h"
#include "vm/lib/sha1.h"
#include "vm/lib/sha1_cpu.h"

static void check_digest(const char *bytes, size_t size, const char *expected) {
  char hex[SHA1_HEX_SIZE + 1] = {0};
  vm_sha1_hex(bytes, size, false, hex);
  ck_assert_str_eq(hex, expected);
  if (!vm_sha1_cpu_has()) return;
  vm_sha1_hex(bytes, size, true, hex);
  ck_assert_str_eq(hex, expected);
}

START_TEST(published_vectors_agree) {
  check_digest("", 0, "da39a3ee5e6b4b0d3255bfef95601890afd80709");
  check_digest("abc", 3, "a9993e364706816aba3e25717850c26c9cd0d89d");
  const char *two = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
  check_digest(two, strlen(two), "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
}
END_TEST

START_TEST(a_million_letters_agree) {
  char *text = malloc(1000000);
  memset(text, 'a', 1000000);
  check_digest(text, 1000000, "34aa973cd4c4daa4f61eeb2bdbad27316534016f");
  free(text);
}
END_TEST

/* Digests of "x" repeated, around the edges of a block (made with sha1sum). */
START_TEST(lengths_around_a_block_agree) {
  static const struct {
    size_t size;
    const char *digest;
  } rows[] = {
      {1, "11f6ad8ec52a2984abaafd7c3b516503785c2072"},
      {54, "31045e7bb077ff8d188a776b196b980388735dbb"},
      {55, "cef734ba81a024479e09eb5a75b6ddae62e6abf1"},
      {56, "901305367c259952f4e7af8323f480d59f81335b"},
      {57, "025ecbd5d70f8fb3c5457cd96bab13fda305dc59"},
      {63, "0ddc4e0cccd9a12850deb5abb0853a4425559fec"},
      {64, "bb2fa3ee7afb9f54c6dfb5d021f14b1ffe40c163"},
      {65, "78c741ddc482e4cdf8c474a0876347a0905b6233"},
      {119, "4300320394f7ee239bcdce7d3b8bcee173a0cd5c"},
      {120, "ceb2821639c4b6dcb10bce0e522ca2e608ce056d"},
      {127, "e463484d274607e1897d4099497cbf2aedcf8206"},
      {128, "150fa3fbdc899bd0b8f95a9fb6027f564d953762"},
      {129, "2699b675922cc84a9b0dfd926eb7f8211c78693d"},
  };
  char text[200];
  memset(text, 'x', sizeof text);
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    check_digest(text, rows[i].size, rows[i].digest);
}
END_TEST

static Suite *make_suite(void) {
  Suite *suite = suite_create("sha1");
  TCase *tests = tcase_create("sha1");
  tcase_add_test(tests, published_vectors_agree);
  tcase_add_test(tests, a_million_letters_agree);
  tcase_add_test(tests, lengths_around_a_block_agree);
  suite_add_tcase(suite, tests);
  return suite;
}

CHECK_MAIN(make_suite)
