/* SPDX-License-Identifier: BSD-2-Clause */
/* test_load - files become policies, or lists of all that is wrong with them.
 *
 * tests/tenants/bad/ has the latter: what is expected stands on the very line, after
 * "#!", as "column: text".
 */
#define _GNU_SOURCE
#include "policy/tenants/load.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "policy/tenants/keys.h"
#include "tests/check_main.h"

#define HOSTED FERROUS_TEST_SOURCE_DIR "/packaging/policies/hosted.yaml"
#define BAD FERROUS_TEST_SOURCE_DIR "/tests/tenants/bad"
#define LINE_BYTES 2048

#if defined(__SANITIZE_ADDRESS__)
#define IS_SLOW_BUILD 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define IS_SLOW_BUILD 1
#endif
#endif

static TenantPolicy *parse_size(const char *text, size_t size) {
  TenantProblems problems = {.file = "policy.yaml"};
  TenantPolicy *policy = NULL;
  char line[LINE_BYTES] = "";
  Status s = policy_tenants_parse(text, size, &problems, &policy);
  (void)policy_tenants_problems_write(&problems, 0, line, sizeof line);
  ck_assert_msg(s == ST_OK, "%s", line);
  policy_tenants_problems_free(&problems);
  return policy;
}

static TenantPolicy *parse(const char *text) {
  return parse_size(text, strlen(text));
}

static const TenantRules *tenant(const TenantPolicy *policy, const char *name) {
  const TenantRules *rules = policy_tenants_find(policy, name, strlen(name));
  ck_assert_msg(rules != NULL, "no tenant %s", name);
  return rules;
}

/* --- Good files --- */

START_TEST(a_tenant_takes_from_its_plan_that_from_its_base_and_that_from_the_defaults) {
  TenantPolicy *policy = parse(
      "version: 1\n"
      "defaults:\n"
      "  limits: {hold: 50ms, memory: 32mb, calls: 5k}\n"
      "  denied_commands: [KEYS, FlushAll]\n"
      "  concurrency: 2\n"
      "plans:\n"
      "  gold: {plan: silver, limits: {hold: 80ms}, concurrency: 9}\n"
      "  silver:\n"
      "    limits: {memory: 64m}\n"
      "    denied_commands: [publish]\n"
      "tenants:\n"
      "  acme: {plan: gold, limits: {calls: 7}}\n"
      "  globex: {plan: silver}\n"
      "  plain:\n"
      "  bare: {denied_commands: [], limits: ~}\n");
  const TenantRules *acme = tenant(policy, "acme"), *globex = tenant(policy, "globex");
  const TenantRules *plain = tenant(policy, "plain"), *bare = tenant(policy, "bare");
  ck_assert_str_eq(acme->plan, "gold");
  ck_assert_uint_eq(acme->limits.hold, 80000000);
  ck_assert_uint_eq(acme->limits.memory, 64u << 20);
  ck_assert_uint_eq(acme->limits.calls, 7);
  ck_assert_uint_eq(acme->quota.concurrency, 9);
  ck_assert_uint_eq(acme->denied_commands.count, 1);
  ck_assert_str_eq(acme->denied_commands.items[0].data, "publish");
  ck_assert_uint_eq(globex->limits.hold, 50000000);
  ck_assert_uint_eq(globex->quota.concurrency, 2);
  ck_assert_str_eq(plain->plan, "");
  ck_assert_uint_eq(plain->limits.memory, 32u << 20);
  ck_assert_uint_eq(plain->limits.wall, policy_limits_defaults().wall);
  ck_assert_uint_eq(plain->denied_commands.count, 2);
  ck_assert_str_eq(plain->denied_commands.items[0].data, "flushall");
  ck_assert_str_eq(plain->denied_commands.items[1].data, "keys");
  ck_assert_uint_eq(bare->denied_commands.count, 0);
  ck_assert_uint_ne(bare->revision, plain->revision);
  policy_tenants_unref(policy);
}
END_TEST

static const char *const everything =
      "version: 1\n"
      "unmapped: acme\n"
      "tenants:\n"
      "  acme:\n"
      "    users: [alice, \"acme-*\"]\n"
      "    rates: {cost: 10m/s burst 50m, hold: 100ms/s, bytes: 1.5k/s   burst  2m, invocations: unlimited}\n"
      "    daily: {cost: 100g, hold: 60s}\n"
      "    monthly: {invocations: 50m, cost: unlimited}\n"
      "    notify_percent: 70\n    throttle_percent: 90\n    suspend_percent: 100\n"
      "    concurrency: 4\n    queue_length: 16\n    queue_deadline: 200ms\n    weight: 250\n"
      "    key_prefixes: [\"$tenant:\", \"{$tenant}\", \"x$tenant$tenant\", \"sh\\u00e4red\"]\n"
      "    only_commands: [get, CONFIG|GET]\n"
      "    keyless_commands: [publish]\n"
      "    undeclared_keys: false\n"
      "    scripts: listed\n"
      "    listed_scripts: [E0E1F9FABFC9D4800C877A703B823AC0578FF8DB]\n"
      "    isolation: script\n"
      "    require: [landlock, user_ns]\n"
      "    log_rate: 16kb/s\n"
      "    mode: off\n    detail: all\n    suspended: true\n    shared_with: [globex]\n"
      "  globex: {mode: observe, shared_with: ['*']}\n";

START_TEST(amounts_arrive_where_they_belong) {
  TenantPolicy *policy = parse(everything);
  const TenantRules *acme = tenant(policy, "acme");
  ck_assert_ptr_eq(policy_tenants_rest(policy), acme);
  ck_assert_ptr_eq(policy_tenants_of_user(policy, "acme-7", 6), acme);
  ck_assert_uint_eq(acme->quota.rates[RESOURCE_COST].per_second, 10000000);
  ck_assert_uint_eq(acme->quota.rates[RESOURCE_COST].burst, 50000000);
  ck_assert_uint_eq(acme->quota.rates[RESOURCE_HOLD].per_second, 100000000);
  ck_assert_uint_eq(acme->quota.rates[RESOURCE_HOLD].burst, 0);
  ck_assert_uint_eq(acme->quota.rates[RESOURCE_BYTES].per_second, 1536);
  ck_assert_uint_eq(acme->quota.rates[RESOURCE_BYTES].burst, 2u << 20);
  ck_assert_uint_eq(acme->quota.rates[RESOURCE_INVOCATIONS].per_second, 0);
  ck_assert_uint_eq(acme->quota.daily[RESOURCE_COST], UINT64_C(100000000000));
  ck_assert_uint_eq(acme->quota.daily[RESOURCE_HOLD], UINT64_C(60000000000));
  ck_assert_uint_eq(acme->quota.monthly[RESOURCE_INVOCATIONS], 50000000);
  ck_assert_uint_eq(acme->quota.monthly[RESOURCE_COST], 0);
  ck_assert_uint_eq(acme->quota.notify_percent, 70);
  ck_assert_uint_eq(acme->quota.throttle_percent, 90);
  ck_assert_uint_eq(acme->quota.suspend_percent, 100);
  ck_assert_uint_eq(acme->quota.concurrency, 4);
  ck_assert(acme->quota.suspended);
  ck_assert_uint_eq(acme->queue_length, 16);
  ck_assert_uint_eq(acme->queue_deadline, 200000000);
  ck_assert_uint_eq(acme->weight, 250);
  policy_tenants_unref(policy);
}
END_TEST

START_TEST(lists_and_choices_arrive_where_they_belong) {
  TenantPolicy *policy = parse(everything);
  const TenantRules *acme = tenant(policy, "acme"), *globex = tenant(policy, "globex");
  ck_assert_uint_eq(acme->key_prefixes.count, 4);
  ck_assert_str_eq(acme->key_prefixes.items[0].data, "acme:");
  ck_assert_str_eq(acme->key_prefixes.items[1].data, "{acme}");
  ck_assert_str_eq(acme->key_prefixes.items[2].data, "xacmeacme");
  ck_assert_str_eq(acme->key_prefixes.items[3].data, "sh\xc3\xa4red");
  ck_assert(policy_tenants_lists(acme->only_commands, "config|get", 10));
  ck_assert(policy_tenants_lists(acme->keyless_commands, "publish", 7));
  ck_assert(!acme->undeclared_keys);
  ck_assert_int_eq(acme->scripts, SCRIPTS_LISTED);
  ck_assert(policy_tenants_lists(acme->listed_scripts, "e0e1f9fabfc9d4800c877a703b823ac0578ff8db", 40));
  ck_assert(acme->fresh_worker);
  ck_assert_uint_eq(__builtin_popcountll(acme->require), 2);
  ck_assert_str_eq(policy_tenants_step((size_t)__builtin_ctzll(acme->require)), "user_ns");
  ck_assert_uint_eq(acme->log_rate, 16384);
  ck_assert_int_eq(acme->mode, TENANT_MODE_OFF);
  ck_assert_int_eq(acme->detail, DETAIL_ALL);
  ck_assert(policy_tenants_shares(acme, globex));
  ck_assert(policy_tenants_shares(globex, acme));
  ck_assert_int_eq(globex->mode, TENANT_MODE_OBSERVE);
  policy_tenants_unref(policy);
}
END_TEST

START_TEST(a_policy_without_tenants_rejects_everybody) {
  TenantPolicy *policy = parse("version: 1");
  ck_assert_uint_eq(policy_tenants_count(policy), 0);
  ck_assert_ptr_null(policy_tenants_of_user(policy, "default", 7));
  policy_tenants_unref(policy);
}
END_TEST

START_TEST(a_byte_order_mark_and_other_line_ends_are_taken) {
  TenantPolicy *policy = parse("\xef\xbb\xbfversion: 1\r\ntenants:\r\n  a: {users: [\xc3\xa4]}\r\n");
  ck_assert_ptr_eq(policy_tenants_of_user(policy, "\xc3\xa4", 2), tenant(policy, "a"));
  policy_tenants_unref(policy);
}
END_TEST

START_TEST(the_shipped_policy_is_valid_and_bounds_every_plan) {
  TenantProblems problems = {.file = NULL};
  TenantPolicy *policy = NULL;
  ck_assert_int_eq(policy_tenants_load(HOSTED, &problems, &policy), ST_OK);
  ck_assert_uint_eq(problems.count, 0);
  ck_assert_uint_eq(tenant(policy, "operator")->limits.hold, 50000000);
  policy_tenants_problems_free(&problems);
  policy_tenants_unref(policy);
}
END_TEST

/* --- Bad files --- */

static char *read_file(const char *path, size_t *ret_size) {
  char *text = malloc(65536);
  FILE *from = fopen(path, "rb");
  ck_assert_msg(from != NULL, "%s", path);
  *ret_size = fread(text, 1, 65535, from);
  text[*ret_size] = '\0';
  (void)fclose(from);
  return text;
}

typedef struct {
  char lines[64][LINE_BYTES];
  size_t count;
} Expected;

static void add_expected(Expected *expected, unsigned line, const char *text, const char *end) {
  const char *colon = strstr(text, ": ");
  ck_assert_uint_lt(expected->count, 64);
  (void)snprintf(expected->lines[expected->count++], LINE_BYTES, "f:%u:%.*s: %.*s", line,
                 (int)(colon - text), text, (int)(end - colon - 2), colon + 2);
}

/* Collects what stands behind "#!" on each line. */
static void collect_expected(const char *text, Expected *expected) {
  unsigned line = 1;
  while (*text != '\0') {
    const char *end = strchrnul(text, '\n');
    const char *mark = memmem(text, (size_t)(end - text), "#! ", 3);
    while (mark != NULL) {
      const char *from = mark + 3;
      const char *next = memmem(from, (size_t)(end - from), " #! ", 4);
      add_expected(expected, line, from, next == NULL ? end : next);
      mark = next == NULL ? NULL : next + 1;
    }
    text = *end == '\0' ? end : end + 1;
    line++;
  }
}

static void check_bad_file(const char *name) {
  static Expected expected;
  TenantProblems problems = {.file = "f"};
  TenantPolicy *policy = NULL;
  char path[512], line[LINE_BYTES];
  size_t size, i = 0;
  (void)snprintf(path, sizeof path, "%s/%s", BAD, name);
  char *text = read_file(path, &size);
  expected.count = 0;
  collect_expected(text, &expected);
  ck_assert_msg(expected.count != 0, "%s expects nothing", name);
  ck_assert_int_eq(policy_tenants_parse(text, size, &problems, &policy), ST_INVALID);
  ck_assert_ptr_null(policy);
  for (; policy_tenants_problems_write(&problems, i, line, sizeof line); i++)
    ck_assert_msg(i < expected.count && strcmp(line, expected.lines[i]) == 0, "%s: got\n  %s\nnot\n  %s", name, line,
                  i < expected.count ? expected.lines[i] : "nothing more");
  ck_assert_msg(i == expected.count, "%s: nothing said\n  %s", name, i < expected.count ? expected.lines[i] : "");
  policy_tenants_problems_free(&problems);
  free(text);
}

START_TEST(everything_that_is_wrong_is_told_with_its_place) {
  DIR *folder = opendir(BAD);
  size_t count = 0;
  ck_assert_ptr_nonnull(folder);
  for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
    if (entry->d_name[0] == '.') continue;
    check_bad_file(entry->d_name);
    count++;
  }
  (void)closedir(folder);
  ck_assert_uint_ge(count, 15);
}
END_TEST

/* --- Limits of the loader --- */

static void expect_problem(const char *text, size_t size, const char *want) {
  TenantProblems problems = {.file = "f"};
  TenantPolicy *policy = NULL;
  char line[LINE_BYTES] = "";
  ck_assert_int_ne(policy_tenants_parse(text, size, &problems, &policy), ST_OK);
  (void)policy_tenants_problems_write(&problems, 0, line, sizeof line);
  ck_assert_str_eq(line, want);
  policy_tenants_problems_free(&problems);
}

START_TEST(a_file_that_is_too_large_is_not_looked_at) {
  size_t size = TENANTS_FILE_MOST + 1;
  char *text = malloc(size);
  memset(text, '#', size);
  expect_problem(text, size, "f: larger than 16777216 bytes");
  memset(text, '[', size - 1);
  expect_problem(text, size - 1, "f:1:17: nested deeper than any policy is");
  memset(text, ' ', size - 1);
  expect_problem(text, size - 1, "f:1:1: a policy is a map with version, defaults, plans, tenants");
  free(text);
}
END_TEST

START_TEST(nothing_at_all_is_no_policy) {
  expect_problem("", 0, "f:1:1: a policy is a map with version, defaults, plans, tenants");
  expect_problem("version: 1\nunmapped: \"a\\0b\"\n", 28, "f:2:11: a text with a NUL byte");
}
END_TEST

START_TEST(what_cannot_be_read_is_said) {
  static const char *const cases[][2] = {{"/nonexistent/policy.yaml", "cannot be read: No such file or directory"},
                                         {"/", "cannot be read: Is a directory"},
                                         {"/dev/zero", "cannot be read: not a file"}};
  for (size_t i = 0; i < 3; i++) {
    TenantProblems problems = {.file = "f"};
    TenantPolicy *policy = NULL;
    ck_assert_int_ne(policy_tenants_load(cases[i][0], &problems, &policy), ST_OK);
    ck_assert_uint_eq(problems.count, 1);
    ck_assert_str_eq(problems.items[0].text, cases[i][1]);
    policy_tenants_problems_free(&problems);
  }
}
END_TEST

START_TEST(a_file_that_is_all_errors_is_told_in_bounded_space_and_time) {
  enum { LINES = 200000 };
  TenantProblems problems = {.file = "f"};
  TenantPolicy *policy = NULL;
  char *text = NULL, line[LINE_BYTES];
  size_t size = 0;
  FILE *to = open_memstream(&text, &size);
  (void)fprintf(to, "version: 1\ndefaults:\n");
  for (int i = 0; i < LINES; i++) (void)fprintf(to, "  wrong%d: 1\n", i);
  (void)fclose(to);
  clock_t start = clock();
  ck_assert_int_eq(policy_tenants_parse(text, size, &problems, &policy), ST_INVALID);
  ck_assert_int_lt(clock() - start, 20 * CLOCKS_PER_SEC);
  ck_assert_uint_eq(problems.count, TENANT_PROBLEMS_MOST);
  ck_assert_uint_eq(problems.errors, LINES);
  ck_assert(policy_tenants_problems_write(&problems, TENANT_PROBLEMS_MOST, line, sizeof line));
  ck_assert_str_eq(line, "f: 199800 problems more");
  ck_assert(!policy_tenants_problems_write(&problems, TENANT_PROBLEMS_MOST + 1, line, sizeof line));
  policy_tenants_problems_free(&problems);
  free(text);
}
END_TEST

START_TEST(ten_thousand_tenants_load_within_a_second) {
  enum { COUNT = 10000 };
  char *text = NULL, user[32];
  size_t size = 0;
  FILE *to = open_memstream(&text, &size);
  (void)fprintf(to, "version: 1\ndefaults: {key_prefixes: [\"$tenant:\"]}\nplans:\n  p: {denied_commands: [keys, flushall]}\ntenants:\n");
  for (int i = 0; i < COUNT; i++)
    (void)fprintf(to, "  tenant%05d:\n    plan: p\n    users: [user%05d, \"team%05d-*\"]\n    limits: {hold: %dms, memory: 16m}\n    rates: {cost: 10m/s burst 50m, hold: 100ms/s}\n    monthly: {cost: 100g}\n",
                  i, i, i, 1 + i % 50);
  (void)fclose(to);
  clock_t start = clock();
  TenantPolicy *policy = parse_size(text, size);
  clock_t spent = clock() - start;
#ifndef IS_SLOW_BUILD
  ck_assert_msg(spent < CLOCKS_PER_SEC, "%ld us of processor time", (long)(spent * 1000000 / CLOCKS_PER_SEC));
#endif
  ck_assert_uint_eq(policy_tenants_count(policy), COUNT);
  for (int i = 0; i < COUNT; i += 777) {
    int length = snprintf(user, sizeof user, "team%05d-x", i);
    const TenantRules *rules = policy_tenants_of_user(policy, user, (size_t)length);
    ck_assert_uint_eq(rules->limits.hold, (uint64_t)(1 + i % 50) * 1000000);
    ck_assert_uint_eq(rules->denied_commands.count, 2);
    ck_assert(policy_tenants_allows_key(rules, rules->key_prefixes.items[0].data, 12));
  }
  printf("10,000 tenants: %ld ms of processor time, %zu bytes of text\n", (long)(spent * 1000 / CLOCKS_PER_SEC), size);
  policy_tenants_unref(policy);
  free(text);
}
END_TEST

/* A policy of `count` tenants with a user each; NULL: it is refused. */
static TenantPolicy *parse_many(int count) {
  char *text = NULL;
  size_t size = 0;
  FILE *to = open_memstream(&text, &size);
  (void)fprintf(to, "version: 1\ntenants:\n");
  for (int i = 0; i < count; i++) (void)fprintf(to, "  t%06d: {users: [u%06d]}\n", i, i);
  (void)fclose(to);
  TenantProblems problems = {.file = "policy.yaml"};
  TenantPolicy *policy = NULL;
  Status s = policy_tenants_parse(text, size, &problems, &policy);
  policy_tenants_problems_free(&problems);
  free(text);
  return s == ST_OK ? policy : NULL;
}

START_TEST(a_hundred_thousand_tenants_are_the_most) {
  TenantPolicy *policy = parse_many(100000);
  ck_assert_ptr_nonnull(policy);
  ck_assert_uint_eq(policy_tenants_count(policy), 100000);
  ck_assert_str_eq(policy_tenants_of_user(policy, "u099999", 7)->name, "t099999");
  ck_assert_ptr_null(policy_tenants_of_user(policy, "u100000", 7));
  policy_tenants_unref(policy);
  ck_assert_ptr_null(parse_many(100001));
}
END_TEST

START_TEST(a_long_list_is_kept_once_for_all_tenants) {
  char *text = NULL;
  size_t size = 0;
  FILE *to = open_memstream(&text, &size);
  (void)fprintf(to, "version: 1\ndefaults:\n  scripts: listed\n  listed_scripts:\n");
  for (int i = 0; i < 10000; i++) (void)fprintf(to, "  - %040x\n", (unsigned)i);
  (void)fprintf(to, "tenants:\n");
  for (int i = 0; i < 5000; i++) (void)fprintf(to, "  t%d:\n", i);
  (void)fclose(to);
  TenantPolicy *policy = parse_size(text, size);
  ck_assert_ptr_eq(policy_tenants_at(policy, 0)->listed_scripts.items, policy_tenants_at(policy, 4999)->listed_scripts.items);
  ck_assert_uint_eq(policy_tenants_at(policy, 4999)->listed_scripts.count, 10000);
  policy_tenants_unref(policy);
  free(text);
}
END_TEST

SUITE("load", a_tenant_takes_from_its_plan_that_from_its_base_and_that_from_the_defaults,
      amounts_arrive_where_they_belong, lists_and_choices_arrive_where_they_belong, a_policy_without_tenants_rejects_everybody,
      a_byte_order_mark_and_other_line_ends_are_taken, the_shipped_policy_is_valid_and_bounds_every_plan,
      everything_that_is_wrong_is_told_with_its_place, a_file_that_is_too_large_is_not_looked_at,
      nothing_at_all_is_no_policy, what_cannot_be_read_is_said,
      a_file_that_is_all_errors_is_told_in_bounded_space_and_time, ten_thousand_tenants_load_within_a_second,
      a_hundred_thousand_tenants_are_the_most,
      a_long_list_is_kept_once_for_all_tenants)
