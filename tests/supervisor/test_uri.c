/* SPDX-License-Identifier: BSD-2-Clause */
/* test_uri - addresses of data stores. */
#include <string.h>

#include "sandbox/supervisor/uri.h"
#include "tests/check_main.h"

START_TEST(good_uris_are_read_in_every_part) {
  static const struct {
    const char *text;
    StoreUri want;
  } rows[] = {
      {"redis://localhost", {.host = "localhost", .port = 6379}},
      {"redis://", {.host = "127.0.0.1", .port = 6379}},
      {"redis:///3", {.host = "127.0.0.1", .port = 6379, .db = 3}},
      {"redis://h:1/", {.host = "h", .port = 1}},
      {"redis://h:65535/15", {.host = "h", .port = 65535, .db = 15}},
      {"redis://pw@h", {.host = "h", .port = 6379, .password = "pw", .has_password = true}},
      {"redis://u:p%40%2Fw@h:7",
       {.host = "h", .port = 7, .user = "u", .password = "p@/w", .has_password = true}},
      {"redis://u:@h", {.host = "h", .port = 6379, .user = "u", .has_password = true}},
      {"redis://[::1]:7/2", {.host = "::1", .port = 7, .db = 2}},
      {"redis://[::1]", {.host = "::1", .port = 6379}},
      {"unix:///run/redis.sock", {.is_unix = true, .host = "/run/redis.sock"}},
      {"unix:///s?db=7", {.is_unix = true, .host = "/s", .db = 7}},
      {"unix://u:p@/s",
       {.is_unix = true, .host = "/s", .user = "u", .password = "p", .has_password = true}},
      {"unix:///a%20b", {.is_unix = true, .host = "/a b"}},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    char error[URI_ERROR_BYTES];
    StoreUri got, want = rows[i].want;
    ck_assert_msg(supervisor_uri_parse(rows[i].text, &got, error), "%s: %s", rows[i].text, error);
    ck_assert_int_eq(got.is_unix, want.is_unix);
    ck_assert_str_eq(got.host, want.host);
    ck_assert_uint_eq(got.port, want.port);
    ck_assert_str_eq(got.user, want.user);
    ck_assert_str_eq(got.password, want.password);
    ck_assert_int_eq(got.has_password, want.has_password);
    ck_assert_uint_eq(got.db, want.db);
  }
}
END_TEST

START_TEST(bad_uris_are_refused_with_the_reason) {
  static const struct {
    const char *text;
    const char *reason;
  } rows[] = {
      {"", "begins neither"},
      {"localhost:6379", "begins neither"},
      {"http://h", "begins neither"},
      {"rediss://h", "TLS"},
      {"redis://h:0", "port"},
      {"redis://h:65536", "port"},
      {"redis://h:x", "port"},
      {"redis://h:", "port"},
      {"redis://[::1", "']'"},
      {"redis://[::1]x", "port"},
      {"redis://h/x", "database"},
      {"redis://h/-1", "database"},
      {"redis://h/99999999999", "database"},
      {"redis://%zz@h", "password"},
      {"redis://%00@h", "password"},
      {"redis://h%0", "host"},
      {"unix://relative", "'/'"},
      {"unix://", "'/'"},
      {"unix:///s?database=1", "?db=N"},
      {"unix:///s?db=x", "database"},
      {"unix:///s%00", "path"},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    char error[URI_ERROR_BYTES] = "";
    StoreUri got;
    ck_assert_msg(!supervisor_uri_parse(rows[i].text, &got, error), "%s is accepted", rows[i].text);
    ck_assert_msg(strstr(error, rows[i].reason) != NULL, "%s: '%s' without '%s'", rows[i].text,
                  error, rows[i].reason);
  }
}
END_TEST

START_TEST(a_reason_never_shows_the_password) {
  char error[URI_ERROR_BYTES];
  StoreUri got;
  ck_assert(!supervisor_uri_parse("redis://user:hunter2@h:99999", &got, error));
  ck_assert_ptr_null(strstr(error, "hunter2"));
}
END_TEST

START_TEST(a_field_of_any_length_is_refused_not_cut) {
  char text[2000] = "redis://";
  char error[URI_ERROR_BYTES];
  StoreUri got;
  memset(text + 8, 'h', sizeof text - 9);
  text[sizeof text - 1] = '\0';
  ck_assert(!supervisor_uri_parse(text, &got, error));
}
END_TEST

SUITE("supervisor uri", good_uris_are_read_in_every_part, bad_uris_are_refused_with_the_reason,
      a_reason_never_shows_the_password, a_field_of_any_length_is_refused_not_cut)
