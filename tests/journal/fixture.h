/* SPDX-License-Identifier: BSD-2-Clause */
/* fixture - small journals in files of their own, and what must be true of any. */
#ifndef TESTS_JOURNAL_FIXTURE_H
#define TESTS_JOURNAL_FIXTURE_H

#include <check.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "policy/journal/journal.h"
#include "policy/journal/layout.h"
#include "policy/journal/reader.h"

#define SECOND INT64_C(1000000000)
#define START (INT64_C(1700000000) * SECOND)
#define WORD(text) ((JournalBytes){text, sizeof(text) - 1})

/* For children that are killed: a check of libcheck writes a record into a file that the test
 * shares with them, and a kill would leave half of one. */
static inline void fixture_must(bool holds, const char *what) {
  if (holds) return;
  (void)fprintf(stderr, "%s\n", what);
  abort();
}

static inline const char *fixture_path(char path[128], const char *name) {
  (void)snprintf(path, 128, "/tmp/fsb-journal-%d-%s", (int)getpid(), name);
  (void)unlink(path);
  return path;
}

static inline JournalOptions fixture_options(const char *path) {
  return (JournalOptions){.path = path, .tenants = 3, .rows_per_tenant = JOURNAL_LEAST_ROWS, .slots = 4,
                          .details = 4, .cost_model = 1, .now = START};
}

static inline Journal *fixture_open(const char *path) {
  JournalError error = {.text = ""};
  JournalOptions options = fixture_options(path);
  Journal *journal = policy_journal_open(&options, &error);
  fixture_must(journal != NULL, error.text);
  return journal;
}

static inline JournalTicket fixture_admit(Journal *journal, const char *tenant, const char *script) {
  JournalTicket ticket;
  JournalOrder order = {.kind = KIND_SCRIPT, .user = WORD("default"), .script = {script, strlen(script)}};
  order.tenant = policy_journal_tenant(journal, (JournalBytes){tenant, strlen(tenant)});
  fixture_must(policy_journal_admit(journal, &order, &ticket), "not admitted");
  return ticket;
}

static inline void fixture_finish(Journal *journal, JournalTicket ticket, Code outcome, int64_t now) {
  JournalUsage usage = {.amount = {0}};
  JournalEnd end = {.now = now, .has_detail = outcome != CODE_OK, .text = WORD("why")};
  for (size_t i = 0; i < FIELD_COUNT_; i++) usage.amount[i] = i * 10;
  fixture_must(policy_journal_finish(journal, ticket, outcome, &usage, &end), "not finished");
}

/* What a reader finds, added up. */
typedef struct {
  uint64_t runs, instructions;
  uint64_t of[CODE_COUNT_]; /* runs by outcome */
  uint64_t retired, admitted, tenants_admitted, rejected;
  uint32_t rows;
} Sums;

static inline Sums fixture_sum(const char *path) {
  Sums sums = {.runs = 0};
  JournalError error;
  JournalInfo info;
  JournalRow row;
  JournalTenant tenant;
  JournalReader *reader = policy_journal_reader_open(path, false, &error);
  ck_assert_msg(reader != NULL, "%s", error.text);
  policy_journal_reader_info(reader, &info);
  sums.admitted = info.admitted;
  for (uint32_t i = 0; i < info.rows; i++) {
    if (!policy_journal_reader_row(reader, i, &row)) continue;
    sums.rows++;
    sums.runs += row.amount[FIELD_RUNS];
    sums.of[row.outcome] += row.amount[FIELD_RUNS];
    sums.instructions += row.amount[FIELD_INSTRUCTIONS];
  }
  for (uint32_t i = 0; i < info.tenants; i++) {
    if (!policy_journal_reader_tenant(reader, i, &tenant)) continue;
    sums.retired += tenant.retired;
    sums.tenants_admitted += tenant.admitted;
    for (size_t k = 0; k < REASON_COUNT_; k++) sums.rejected += tenant.rejected[k];
  }
  policy_journal_reader_close(reader);
  return sums;
}

#endif
