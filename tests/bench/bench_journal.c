/* SPDX-License-Identifier: BSD-2-Clause */
/* bench_journal - what it costs to account for one run: admission, end, nothing between.
 *
 *   bench_journal [FILE]      the journal is made there and removed; a file in memory without
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "policy/journal/journal.h"

#define RUNS 1000000
#define ROUNDS 5

static double cpu_ns(void) {
  struct timespec time;
  (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

/* One script again and again, or each time one of 64. */
static double measure(Journal *journal, unsigned variety) {
  char script[41];
  JournalUsage usage = {.amount = {1, 0, 0, 0, 0, 100, 50, 40, 3000}};
  JournalEnd end = {.now = 1700000000000000000};
  JournalOrder order = {.kind = KIND_SCRIPT, .user = {"default", 7}, .script = {script, 40}};
  order.tenant = policy_journal_tenant(journal, (JournalBytes){"acme", 4});
  double start = cpu_ns();
  for (unsigned i = 0; i < RUNS; i++) {
    JournalTicket ticket;
    if (i < variety || variety > 1) (void)snprintf(script, sizeof script, "%040u", i % variety);
    if (!policy_journal_admit(journal, &order, &ticket) ||
        !policy_journal_finish(journal, ticket, CODE_OK, &usage, &end))
      exit(EXIT_FAILURE);
  }
  return (cpu_ns() - start) / RUNS;
}

int main(int argc, char **argv) {
  JournalError error;
  JournalOptions options = {.path = argc > 1 ? argv[1] : NULL, .cost_model = 1, .now = 1700000000000000000};
  Journal *journal = policy_journal_open(&options, &error);
  if (journal == NULL) {
    (void)fprintf(stderr, "%s\n", error.text);
    return EXIT_FAILURE;
  }
  double best = 1e9, best_of_many = 1e9;
  for (int i = 0; i < ROUNDS; i++) {
    double one = measure(journal, 1), many = measure(journal, 64);
    if (one < best) best = one;
    if (many < best_of_many) best_of_many = many;
  }
  (void)printf("one script: %.0f ns of processor time for a run; 64 scripts, spelling included: %.0f ns\n", best, best_of_many);
  policy_journal_close(journal);
  if (argc > 1) (void)unlink(argv[1]);
  return EXIT_SUCCESS;
}
