/* SPDX-License-Identifier: BSD-2-Clause */
/* test_journal - every admitted run is in one row, whoever had it and however it ended. */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "tests/check_main.h"
#include "tests/journal/fixture.h"

START_TEST(a_run_is_counted_in_the_row_of_its_tenant_script_and_outcome) {
  char path[128];
  Journal *journal = fixture_open(fixture_path(path, "plain"));
  for (int i = 0; i < 5; i++) fixture_finish(journal, fixture_admit(journal, "acme", "aa"), CODE_OK, START + i);
  fixture_finish(journal, fixture_admit(journal, "acme", "aa"), CODE_SCRIPT_ERROR, START);
  fixture_finish(journal, fixture_admit(journal, "beta", "aa"), CODE_OK, START);
  JournalTotals totals;
  policy_journal_totals(journal, &totals);
  ck_assert_uint_eq(totals.admitted, 7);
  ck_assert_uint_eq(totals.counted, 7);
  ck_assert_uint_eq(totals.in_flight, 0);
  policy_journal_close(journal);
  Sums sums = fixture_sum(path);
  ck_assert_uint_eq(sums.rows, 3);
  ck_assert_uint_eq(sums.of[CODE_OK], 6);
  ck_assert_uint_eq(sums.of[CODE_SCRIPT_ERROR], 1);
  ck_assert_uint_eq(sums.instructions, 7 * FIELD_INSTRUCTIONS * 10);
  ck_assert_uint_eq(sums.tenants_admitted, 7);
  (void)unlink(path);
}
END_TEST

START_TEST(numbers_go_on_where_they_were_after_a_restart) {
  char path[128];
  fixture_path(path, "again");
  for (int boot = 1; boot <= 4; boot++) {
    Journal *journal = fixture_open(path);
    fixture_finish(journal, fixture_admit(journal, "acme", "aa"), CODE_OK, START);
    policy_journal_close(journal);
    Sums sums = fixture_sum(path);
    ck_assert_uint_eq(sums.rows, 1);
    ck_assert_uint_eq(sums.runs, (uint64_t)boot);
    ck_assert_uint_eq(sums.admitted, (uint64_t)boot);
  }
  (void)unlink(path);
}
END_TEST

START_TEST(runs_in_flight_end_as_lost_once) {
  char path[128];
  fixture_path(path, "lost");
  Journal *journal = fixture_open(path);
  for (int i = 0; i < 4; i++) (void)fixture_admit(journal, i < 2 ? "acme" : "beta", "aa");
  policy_journal_close(journal);
  for (int boot = 0; boot < 3; boot++) {
    JournalTotals totals;
    journal = fixture_open(path);
    policy_journal_totals(journal, &totals);
    ck_assert_uint_eq(totals.lost, boot == 0 ? 4 : 0);
    ck_assert_uint_eq(totals.counted, 4);
    ck_assert_uint_eq(totals.unaccounted, 0);
    policy_journal_close(journal);
  }
  ck_assert_uint_eq(fixture_sum(path).of[CODE_LOST], 4);
  ck_assert(!policy_codes_find(CODE_LOST)->billable);
  (void)unlink(path);
}
END_TEST

START_TEST(a_tenant_that_used_its_rows_folds_into_its_own_others_and_keeps_the_outcomes) {
  char path[128], script[16];
  Journal *journal = fixture_open(fixture_path(path, "fold"));
  for (int i = 0; i < 500; i++) {
    (void)snprintf(script, sizeof script, "s%d", i);
    fixture_finish(journal, fixture_admit(journal, "noisy", script), (Code)(i % CODE_COUNT_), START);
  }
  fixture_finish(journal, fixture_admit(journal, "quiet", "mine"), CODE_OK, START);
  JournalTotals totals;
  policy_journal_totals(journal, &totals);
  ck_assert_uint_eq(totals.counted, 501);
  ck_assert_uint_eq(totals.folded, 500 - 4);
  policy_journal_close(journal);
  Sums sums = fixture_sum(path);
  ck_assert_uint_eq(sums.rows, 4 + CODE_COUNT_ + 1);
  for (int code = 1; code < CODE_COUNT_; code++)
    ck_assert_uint_eq(sums.of[code], 500 / CODE_COUNT_ + (code < 500 % CODE_COUNT_));
  policy_journal_close(fixture_open(path));
  ck_assert_uint_eq(fixture_sum(path).runs, 501);
  (void)unlink(path);
}
END_TEST

static void drain_all(const char *path, uint64_t pass) {
  JournalError error;
  JournalInfo info;
  JournalRow row;
  JournalReader *reader = policy_journal_reader_open(path, false, &error);
  policy_journal_reader_info(reader, &info);
  for (uint32_t i = 0; i < info.rows; i++)
    if (policy_journal_reader_row(reader, i, &row)) policy_journal_reader_ack(reader, i, row.id, row.amount[FIELD_RUNS]);
  policy_journal_reader_tell(reader, &(JournalDrain){.passes = pass, .pid = 1});
  policy_journal_reader_close(reader);
}

START_TEST(rows_that_the_drain_has_put_away_are_used_again) {
  char path[128], script[16];
  Journal *journal = fixture_open(fixture_path(path, "recycle"));
  int64_t now = START;
  for (int i = 0; i < 100; i++, now += 20 * SECOND) {
    (void)snprintf(script, sizeof script, "s%d", i);
    fixture_finish(journal, fixture_admit(journal, "acme", script), CODE_OK, now);
    drain_all(path, (uint64_t)i + 1);
  }
  JournalTotals totals;
  policy_journal_totals(journal, &totals);
  ck_assert_uint_eq(totals.folded, 0);
  ck_assert_uint_eq(totals.recycled, 96);
  ck_assert_uint_eq(totals.counted, 100);
  policy_journal_close(journal);
  Sums sums = fixture_sum(path);
  ck_assert_uint_eq(sums.retired, 96);
  ck_assert_uint_eq(sums.runs, 4);
  (void)unlink(path);
}
END_TEST

START_TEST(a_tenant_gives_only_so_many_rows_to_other_scripts_in_an_hour) {
  char path[128], script[16];
  JournalError error;
  JournalTotals totals;
  JournalOptions options = fixture_options(fixture_path(path, "budget"));
  options.recycles_per_hour = 10;
  Journal *journal = policy_journal_open(&options, &error);
  int64_t now = START - START % (3600 * SECOND);
  for (int i = 0; i < 100; i++, now += 20 * SECOND) { /* 2000 seconds */
    (void)snprintf(script, sizeof script, "s%d", i);
    fixture_finish(journal, fixture_admit(journal, "acme", script), CODE_OK, now);
    drain_all(path, (uint64_t)i + 1);
  }
  policy_journal_totals(journal, &totals);
  ck_assert_uint_eq(totals.recycled, 10);
  ck_assert_uint_eq(totals.folded, 100 - 4 - 10);
  fixture_finish(journal, fixture_admit(journal, "acme", "later"), CODE_OK, now + 3600 * SECOND);
  policy_journal_totals(journal, &totals);
  ck_assert_uint_eq(totals.recycled, 11);
  ck_assert_uint_eq(totals.counted, 101);
  policy_journal_close(journal);
  (void)unlink(path);
}
END_TEST

START_TEST(a_row_that_is_not_wholly_drained_is_never_given_away) {
  char path[128], script[16];
  Journal *journal = fixture_open(fixture_path(path, "keep"));
  for (int i = 0; i < 4; i++) {
    (void)snprintf(script, sizeof script, "s%d", i);
    fixture_finish(journal, fixture_admit(journal, "acme", script), CODE_OK, START);
  }
  drain_all(path, 1);
  for (int i = 0; i < 4; i++) {
    (void)snprintf(script, sizeof script, "s%d", i);
    fixture_finish(journal, fixture_admit(journal, "acme", script), CODE_OK, START + SECOND);
  }
  fixture_finish(journal, fixture_admit(journal, "acme", "new"), CODE_OK, START + 100 * SECOND);
  JournalTotals totals;
  policy_journal_totals(journal, &totals);
  ck_assert_uint_eq(totals.recycled, 0);
  ck_assert_uint_eq(totals.folded, 1);
  policy_journal_close(journal);
  (void)unlink(path);
}
END_TEST

START_TEST(slots_tenants_and_tickets_that_do_not_exist_are_refused) {
  char path[128];
  Journal *journal = fixture_open(fixture_path(path, "limits"));
  JournalTicket tickets[4], more;
  JournalOrder order = {.tenant = 77, .kind = KIND_SCRIPT};
  JournalUsage usage = {.amount = {0}};
  JournalEnd end = {.now = START};
  for (int i = 0; i < 4; i++) ck_assert(policy_journal_admit(journal, &order, &tickets[i]));
  ck_assert(!policy_journal_admit(journal, &order, &more));
  ck_assert(policy_journal_finish(journal, tickets[1], CODE_OK, &usage, &end));
  ck_assert(!policy_journal_finish(journal, tickets[1], CODE_OK, &usage, &end));
  ck_assert(!policy_journal_finish(journal, (JournalTicket){9, 1000}, CODE_OK, &usage, &end));
  ck_assert(!policy_journal_finish(journal, (JournalTicket){0, 0}, CODE_OK, &usage, &end));
  ck_assert_uint_eq(policy_journal_tenant(journal, WORD("one")), 1);
  ck_assert_uint_eq(policy_journal_tenant(journal, WORD("two")), 2);
  ck_assert_uint_eq(policy_journal_tenant(journal, WORD("one")), 1);
  ck_assert_uint_eq(policy_journal_tenant(journal, WORD("three")), JOURNAL_OTHER_TENANT);
  ck_assert_uint_eq(policy_journal_tenant(journal, WORD("with space")), JOURNAL_OTHER_TENANT);
  ck_assert_uint_eq(policy_journal_tenant(journal, (JournalBytes){NULL, 0}), JOURNAL_OTHER_TENANT);
  JournalTotals totals;
  policy_journal_totals(journal, &totals);
  ck_assert_uint_eq(totals.unslotted, 1);
  ck_assert_uint_eq(totals.in_flight, 3);
  policy_journal_close(journal);
  (void)unlink(path);
}
END_TEST

START_TEST(accounts_and_rejections_survive) {
  char path[128];
  Journal *journal = fixture_open(fixture_path(path, "account"));
  uint32_t tenant = policy_journal_tenant(journal, WORD("acme"));
  char *account = policy_journal_account(journal, tenant);
  ck_assert_uint_eq((uintptr_t)account % 64, 0);
  for (size_t i = 0; i < JOURNAL_ACCOUNT_BYTES; i++) ck_assert_int_eq(account[i], 0);
  memset(account, 'x', JOURNAL_ACCOUNT_BYTES);
  for (int i = 0; i < 3; i++) policy_journal_reject(journal, tenant, REJECTED_RATE);
  policy_journal_reject(journal, tenant, REJECTED_SUSPENDED);
  policy_journal_close(journal);
  journal = fixture_open(path);
  ck_assert_uint_eq(policy_journal_tenant(journal, WORD("acme")), tenant);
  account = policy_journal_account(journal, tenant);
  ck_assert(account[0] == 'x' && account[JOURNAL_ACCOUNT_BYTES - 1] == 'x');
  policy_journal_close(journal);
  ck_assert_uint_eq(fixture_sum(path).rejected, 4);
  (void)unlink(path);
}
END_TEST

START_TEST(long_names_are_abbreviated_and_stay_different) {
  char path[128], a[300], b[300];
  Journal *journal = fixture_open(fixture_path(path, "long"));
  memset(a, 'f', sizeof a - 1);
  a[sizeof a - 1] = '\0';
  memcpy(b, a, sizeof a);
  b[sizeof b - 2] = 'g';
  fixture_finish(journal, fixture_admit(journal, "acme", a), CODE_OK, START);
  fixture_finish(journal, fixture_admit(journal, "acme", b), CODE_OK, START);
  policy_journal_close(journal);
  ck_assert_uint_eq(fixture_sum(path).rows, 2);
  (void)unlink(path);
}
END_TEST

START_TEST(details_are_kept_for_failures_and_bounded_for_each_tenant) {
  char path[128];
  JournalError error;
  JournalDetail detail;
  Journal *journal = fixture_open(fixture_path(path, "detail"));
  for (int i = 0; i < 30; i++) fixture_finish(journal, fixture_admit(journal, "acme", "aa"), CODE_KILLED, START);
  fixture_finish(journal, fixture_admit(journal, "beta", "bb"), CODE_LIMIT_CPU, START);
  policy_journal_close(journal);
  JournalReader *reader = policy_journal_reader_open(path, false, &error);
  JournalInfo info;
  JournalTenant tenant;
  policy_journal_reader_info(reader, &info);
  ck_assert_uint_eq(info.next_detail, 22); /* 20 and 1, counted from 1 */
  ck_assert(!policy_journal_reader_detail(reader, 1, &detail));
  ck_assert(policy_journal_reader_detail(reader, 21, &detail));
  ck_assert_uint_eq(detail.run.outcome, CODE_LIMIT_CPU);
  ck_assert_uint_eq(detail.text_size, 3);
  ck_assert(policy_journal_reader_tenant(reader, detail.run.tenant - 1, &tenant));
  ck_assert_uint_eq(tenant.details_dropped, 10);
  policy_journal_reader_close(reader);
  (void)unlink(path);
}
END_TEST

START_TEST(a_journal_in_memory_does_the_same) {
  Journal *journal = fixture_open(NULL);
  fixture_finish(journal, fixture_admit(journal, "acme", "aa"), CODE_OK, START);
  JournalTotals totals;
  policy_journal_totals(journal, &totals);
  ck_assert_uint_eq(totals.counted, 1);
  policy_journal_close(journal);
}
END_TEST

START_TEST(another_price_table_counts_in_rows_of_its_own) {
  char path[128], script[16];
  JournalError error;
  JournalOptions options = fixture_options(fixture_path(path, "prices"));
  for (uint32_t model = 1; model <= 3; model++) {
    options.cost_model = model;
    Journal *journal = policy_journal_open(&options, &error);
    for (int i = 0; i < 8; i++) {
      (void)snprintf(script, sizeof script, "s%d", i);
      fixture_finish(journal, fixture_admit(journal, "acme", script), CODE_OK, START);
    }
    drain_all(path, model);
    policy_journal_close(journal);
  }
  Sums sums = fixture_sum(path);
  ck_assert_uint_eq(sums.runs + sums.retired, 24);
  (void)unlink(path);
}
END_TEST

/* As if the machine had gone down in between. */
static void forget_machine(const char *path) {
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  ck_assert(fd >= 0 && pwrite(fd, "another boot", 12, offsetof(Header, machine_boot)) == 12);
  (void)close(fd);
}

START_TEST(after_a_reboot_the_old_rows_are_set_aside_and_counting_goes_on_in_new_ones) {
  char path[128], aside[256];
  Journal *journal = fixture_open(fixture_path(path, "reboot"));
  for (int i = 0; i < 5; i++) fixture_finish(journal, fixture_admit(journal, "acme", "aa"), CODE_OK, START);
  (void)fixture_admit(journal, "acme", "open");
  policy_journal_close(journal);
  forget_machine(path);
  journal = fixture_open(path);
  fixture_finish(journal, fixture_admit(journal, "acme", "aa"), CODE_OK, START);
  JournalTotals totals;
  policy_journal_totals(journal, &totals);
  ck_assert_uint_eq(totals.counted, 7);
  ck_assert_uint_eq(totals.admitted, 7);
  ck_assert_uint_eq(totals.unaccounted, 0);
  ck_assert(!totals.is_short);
  policy_journal_close(journal);
  Sums sums = fixture_sum(path);
  ck_assert_uint_eq(sums.retired, 5);
  ck_assert_uint_eq(sums.runs, 2);
  (void)snprintf(aside, sizeof aside, "%s.before-%lld", path, (long long)(START / SECOND));
  ck_assert_uint_eq(fixture_sum(aside).runs, 5);
  (void)unlink(aside);
  (void)unlink(path);
}
END_TEST

/* --- Files that are not what they should be --- */

static void expect_refusal(const char *path, const char *part) {
  JournalError error = {.text = ""};
  JournalOptions options = fixture_options(path);
  Journal *journal = policy_journal_open(&options, &error);
  ck_assert_msg(journal == NULL && strstr(error.text, part) != NULL, "wanted '%s', got '%s'", part, error.text);
}

static void overwrite(const char *path, off_t at, const void *bytes, size_t size) {
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  ck_assert(fd >= 0 && pwrite(fd, bytes, size, at) == (ssize_t)size);
  (void)close(fd);
}

START_TEST(files_that_are_not_ours_are_refused_with_the_reason) {
  char path[128], other[128];
  fixture_path(path, "bad");
  fixture_path(other, "target");
  policy_journal_close(fixture_open(other));
  ck_assert_int_eq(symlink(other, path), 0);
  expect_refusal(path, "link");
  (void)unlink(path);
  ck_assert_int_eq(link(other, path), 0);
  expect_refusal(path, "second name");
  (void)unlink(path);
  ck_assert_int_eq(mkdir(path, 0700), 0);
  expect_refusal(path, "directory");
  (void)rmdir(path);
  ck_assert_int_eq(mkfifo(path, 0600), 0);
  expect_refusal(path, "regular file");
  (void)unlink(path);
  ck_assert_int_eq(chmod(other, 0666), 0);
  expect_refusal(other, "others may write it");
  if (geteuid() == 0) {
    ck_assert_int_eq(chmod(other, 0600), 0);
    ck_assert_int_eq(chown(other, 12345, 12345), 0);
    expect_refusal(other, "another user");
  }
  expect_refusal("/nonexistent/journal", "No such file");
  (void)unlink(other);
}
END_TEST

START_TEST(damaged_frames_are_refused_with_the_reason) {
  char path[128];
  uint32_t version = 99, sizes = 100000;
  fixture_path(path, "frame");
  policy_journal_close(fixture_open(path));
  ck_assert_int_eq(truncate(path, 8192), 0);
  expect_refusal(path, "bytes where its header says");
  ck_assert_int_eq(truncate(path, 0), 0);
  expect_refusal(path, "too short");
  (void)unlink(path);
  policy_journal_close(fixture_open(path));
  overwrite(path, offsetof(HeaderFrame, geometry), &sizes, sizeof sizes);
  expect_refusal(path, "header is damaged");
  overwrite(path, offsetof(HeaderFrame, version), &version, sizeof version);
  expect_refusal(path, "version 99");
  overwrite(path, 0, "GARBAGE", 7);
  expect_refusal(path, "no journal");
  (void)unlink(path);
}
END_TEST

START_TEST(one_process_writes) {
  char path[128];
  Journal *journal = fixture_open(fixture_path(path, "lock"));
  pid_t child = fork();
  if (child == 0) {
    JournalError error = {.text = ""};
    JournalOptions options = fixture_options(path);
    Journal *second = policy_journal_open(&options, &error);
    _exit(second == NULL && strstr(error.text, "is using it") != NULL ? 0 : 1);
  }
  int status;
  ck_assert(waitpid(child, &status, 0) == child && WIFEXITED(status));
  ck_assert_int_eq(WEXITSTATUS(status), 0);
  policy_journal_close(journal);
  (void)unlink(path);
}
END_TEST

/* A full disk must be met here, and not as a SIGBUS in the middle of a run. */
START_TEST(without_room_for_all_of_it_no_journal_is_made_and_nothing_is_left_behind) {
  char path[128], left[160];
  int status;
  fixture_path(path, "room");
  pid_t child = fork();
  if (child == 0) {
    struct rlimit limit = {20000, 20000};
    JournalError error = {.text = ""};
    JournalOptions options = fixture_options(path);
    (void)signal(SIGXFSZ, SIG_IGN);
    (void)setrlimit(RLIMIT_FSIZE, &limit);
    _exit(policy_journal_open(&options, &error) == NULL && error.text[0] != '\0' ? 0 : 1);
  }
  ck_assert(waitpid(child, &status, 0) == child && WIFEXITED(status));
  ck_assert_int_eq(WEXITSTATUS(status), 0);
  (void)snprintf(left, sizeof left, "%s.new-%d", path, (int)child);
  ck_assert_int_ne(access(path, F_OK), 0);
  ck_assert_int_ne(access(left, F_OK), 0);
  policy_journal_close(fixture_open(path));
  (void)unlink(path);
}
END_TEST

/* --- Damage --- */

static uint64_t step_random(uint64_t *state) {
  *state = *state * UINT64_C(6364136223846793005) + 1442695040888963407;
  return *state >> 33;
}

/* What a flipped bit took is counted as unaccounted, and nothing is counted twice. */
START_TEST(flipped_bits_are_found_and_never_believed) {
  char path[128], script[16];
  fixture_path(path, "flip");
  Journal *journal = fixture_open(path);
  for (int i = 0; i < 60; i++) {
    (void)snprintf(script, sizeof script, "s%d", i % 7);
    fixture_finish(journal, fixture_admit(journal, i % 2 ? "acme" : "beta", script), (Code)(i % 5), START);
  }
  (void)fixture_admit(journal, "acme", "open");
  policy_journal_close(journal);
  struct stat status;
  ck_assert_int_eq(stat(path, &status), 0);
  size_t size = (size_t)status.st_size;
  uint8_t *whole = malloc(size);
  int fd = open(path, O_RDWR | O_CLOEXEC);
  ck_assert(pread(fd, whole, size, 0) == (ssize_t)size);
  uint64_t random = 7;
  for (int round = 0; round < 1500; round++) {
    JournalError error;
    JournalOptions options = fixture_options(path);
    ck_assert(pwrite(fd, whole, size, 0) == (ssize_t)size);
    for (int flips = 0; flips < 1 + round % 8; flips++) {
      off_t at = (off_t)(step_random(&random) * 31 % size);
      uint8_t byte = whole[at] ^ (uint8_t)(1u << (step_random(&random) % 8));
      ck_assert(pwrite(fd, &byte, 1, at) == 1);
    }
    journal = policy_journal_open(&options, &error);
    if (journal == NULL) continue;
    JournalTotals totals;
    policy_journal_totals(journal, &totals);
    ck_assert_uint_eq(totals.admitted, totals.counted + totals.unaccounted);
    ck_assert_uint_le(totals.counted, 61);
    for (int i = 0; i < 3; i++) {
      (void)snprintf(script, sizeof script, "s%d", i);
      fixture_finish(journal, fixture_admit(journal, "acme", script), CODE_OK, START);
    }
    policy_journal_close(journal);
    (void)fixture_sum(path);
  }
  (void)close(fd);
  free(whole);
  (void)unlink(path);
}
END_TEST

SUITE("policy/journal", a_run_is_counted_in_the_row_of_its_tenant_script_and_outcome,
      numbers_go_on_where_they_were_after_a_restart, runs_in_flight_end_as_lost_once,
      a_tenant_that_used_its_rows_folds_into_its_own_others_and_keeps_the_outcomes,
      rows_that_the_drain_has_put_away_are_used_again,
      a_tenant_gives_only_so_many_rows_to_other_scripts_in_an_hour, a_row_that_is_not_wholly_drained_is_never_given_away,
      slots_tenants_and_tickets_that_do_not_exist_are_refused, accounts_and_rejections_survive,
      long_names_are_abbreviated_and_stay_different, details_are_kept_for_failures_and_bounded_for_each_tenant,
      a_journal_in_memory_does_the_same, another_price_table_counts_in_rows_of_its_own,
      after_a_reboot_the_old_rows_are_set_aside_and_counting_goes_on_in_new_ones,
      files_that_are_not_ours_are_refused_with_the_reason, damaged_frames_are_refused_with_the_reason,
      one_process_writes, without_room_for_all_of_it_no_journal_is_made_and_nothing_is_left_behind,
      flipped_bits_are_found_and_never_believed)
