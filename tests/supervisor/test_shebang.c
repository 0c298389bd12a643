/* SPDX-License-Identifier: BSD-2-Clause */
/* test_shebang - the first line, judged as redis-server 7.0.15 judged it. */
#include <string.h>

#include "sandbox/supervisor/shebang.h"
#include "tests/check_main.h"

typedef struct {
  const char *script;
  const char *error; /* NULL: accepted */
  unsigned flags;
} Case;

/* Every text was observed on a live server. */
static const Case cases[] = {
    {"return 1", NULL, 0},
    {"", NULL, 0},
    {"#", NULL, 0},
    {" #!lua\nreturn 1", NULL, 0},
    {"#!lua\nreturn 1", NULL, 0},
    {"#!lua", "Invalid script shebang", 0},
    {"#!", "Invalid script shebang", 0},
    {"#!\nreturn 1", "Unexpected engine in script shebang: #!", 0},
    {"#!js\nreturn 1", "Unexpected engine in script shebang: #!js", 0},
    {"#!LUA\nreturn 1", "Unexpected engine in script shebang: #!LUA", 0},
    {"#! lua\nreturn 1", "Unexpected engine in script shebang: #!", 0},
    {"#!\"lua\"\nreturn 1", NULL, 0},
    {"#!lua flags=\nreturn 1", NULL, 0},
    {"#!lua flags=no-writes\nreturn 1", NULL, SCRIPT_NO_WRITES},
    {"#!lua flags=no-writes,no-writes\nreturn 1", NULL, SCRIPT_NO_WRITES},
    {"#!lua flags=no-writes flags=allow-oom\nreturn 1", NULL, SCRIPT_NO_WRITES | SCRIPT_ALLOW_OOM},
    {"#!lua flags=allow-stale,no-cluster,allow-cross-slot-keys\n", NULL,
     SCRIPT_ALLOW_STALE | SCRIPT_NO_CLUSTER | SCRIPT_ALLOW_CROSS_SLOT},
    {"#!lua flags=no-writes,\nreturn 1", "Unexpected flag in script shebang: ", 0},
    {"#!lua flags=,\nreturn 1", "Unexpected flag in script shebang: ", 0},
    {"#!lua flags=a\nreturn 1", "Unexpected flag in script shebang: a", 0},
    {"#!lua flags=\\x6e\nreturn 1", "Unexpected flag in script shebang: \\x6e", 0},
    {"#!lua flags=no'writes'\nreturn 1", "Unexpected flag in script shebang: nowrites", 0},
    {"#!lua FLAGS=no-writes\nreturn 1", "Unknown lua shebang option: FLAGS=no-writes", 0},
    {"#!lua foo\nreturn 1", "Unknown lua shebang option: foo", 0},
    {"#!lua flags=no-writes flagsx=1\nreturn 1", "Unknown lua shebang option: flagsx=1", 0},
    {"#!lua \"\"\nreturn 1", "Unknown lua shebang option: ", 0},
    {"#!lua \"a\\\"b\"\nreturn 1", "Unknown lua shebang option: a\"b", 0},
    {"#!lua 'a\\'b'\nreturn 1", "Unknown lua shebang option: a'b", 0},
    {"#!lua a\"b c\"\nreturn 1", "Unknown lua shebang option: ab c", 0},
    {"#!lua a\"b c\"d\nreturn 1", "Invalid engine in script shebang", 0},
    {"#!lua \"flags\nreturn 1", "Invalid engine in script shebang", 0},
    {"#!lua 0x=\"\nreturn 1", "Invalid engine in script shebang", 0},
    {"#!lua 'flags=no-writes'x\nreturn 1", "Invalid engine in script shebang", 0},
    {"#!lua  \"flags=no-writes\"  \r\nreturn 1", NULL, SCRIPT_NO_WRITES},
    {"#!lua \t flags=\"no-writes\"\nreturn 1", NULL, SCRIPT_NO_WRITES},
    {"#!lua \"flags=\\x6eo-writes\"\nreturn 1", NULL, SCRIPT_NO_WRITES},
};

START_TEST(every_line_is_judged_as_redis_judges_it) {
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    char error[SHEBANG_ERROR_BYTES] = "";
    Shebang shebang;
    bool is_fine = supervisor_shebang_split(ipc_bytes_text(cases[i].script), &shebang, error);
    ck_assert_msg(is_fine == (cases[i].error == NULL), "%s: '%s'", cases[i].script, error);
    if (is_fine)
      ck_assert_msg(shebang.flags == cases[i].flags, "%s: flags %u", cases[i].script,
                    shebang.flags);
    else
      ck_assert_str_eq(error, cases[i].error);
  }
}
END_TEST

START_TEST(the_line_is_cut_and_its_end_stays) {
  char error[SHEBANG_ERROR_BYTES];
  Shebang shebang;
  ck_assert(supervisor_shebang_split(ipc_bytes_text("#!lua\nreturn 1"), &shebang, error));
  ck_assert_uint_eq(shebang.body.size, 9);
  ck_assert_mem_eq(shebang.body.data, "\nreturn 1", 9);
  ck_assert(shebang.is_present);
}
END_TEST

START_TEST(a_nul_hides_the_line_end) {
  static const char script[] = "#!lua\0x\nreturn 1";
  char error[SHEBANG_ERROR_BYTES];
  Shebang shebang;
  ck_assert(!supervisor_shebang_split(ipc_bytes_view(script, sizeof script - 1), &shebang, error));
  ck_assert_str_eq(error, "Invalid script shebang");
}
END_TEST

START_TEST(a_line_of_a_megabyte_is_no_problem) {
  size_t size = 1 << 20;
  char *script = malloc(size);
  char error[SHEBANG_ERROR_BYTES];
  Shebang shebang;
  memset(script, 'a', size);
  memcpy(script, "#!lua ", 6);
  script[size - 1] = '\n';
  ck_assert(!supervisor_shebang_split(ipc_bytes_view(script, size), &shebang, error));
  ck_assert_uint_lt(strlen(error), sizeof error);
  memset(script, '"', size);
  memcpy(script, "#!lua ", 6);
  script[size - 1] = '\n';
  ck_assert(!supervisor_shebang_split(ipc_bytes_view(script, size), &shebang, error));
  free(script);
}
END_TEST

SUITE("supervisor shebang", every_line_is_judged_as_redis_judges_it,
      the_line_is_cut_and_its_end_stays, a_nul_hides_the_line_end,
      a_line_of_a_megabyte_is_no_problem)
