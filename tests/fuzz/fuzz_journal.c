/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_journal - opening, using and reading a journal's file with arbitrary damage.
 *
 * The input is a list of edits (4 bytes of place, 1 of value) to a sound file, which may
 * ask for the frame's checksum to be made right again.  Whatever is accepted must go on
 * counting: admitted is counted, in flight, or unaccounted for.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "policy/journal/layout.h"
#include "policy/journal/reader.h"

static uint8_t *sound; /* the file before its edits */
static size_t sound_size;
static char path[64];

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static JournalOptions options(void) {
  return (JournalOptions){.path = path, .tenants = 2, .rows_per_tenant = JOURNAL_LEAST_ROWS, .slots = 2,
                          .details = 2, .cost_model = 1, .now = 1700000000000000000};
}

static void use(Journal *journal, const char *script) {
  JournalTicket ticket;
  JournalUsage usage = {.amount = {1, 2, 3}};
  JournalEnd end = {.now = 1700000001000000000, .has_detail = true, .text = {"why", 3}};
  JournalOrder order = {.kind = KIND_SCRIPT, .script = {script, 1}};
  order.tenant = policy_journal_tenant(journal, (JournalBytes){"acme", 4});
  if (!policy_journal_admit(journal, &order, &ticket)) __builtin_trap();
  if (!policy_journal_finish(journal, ticket, CODE_KILLED, &usage, &end)) __builtin_trap();
}

static void make_sound(void) {
  JournalError error;
  JournalOptions wanted = options();
  struct stat status;
  (void)snprintf(path, sizeof path, "/dev/shm/fuzz-journal-%d", (int)getpid());
  (void)unlink(path);
  wanted.path = path;
  Journal *journal = policy_journal_open(&wanted, &error);
  if (journal == NULL) __builtin_trap();
  for (const char *script = "aabbbcccc"; *script != '\0'; script++) use(journal, script);
  policy_journal_close(journal);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0 || fstat(fd, &status) != 0) __builtin_trap();
  sound_size = (size_t)status.st_size;
  sound = malloc(sound_size);
  if (sound == NULL || read(fd, sound, sound_size) != (ssize_t)sound_size) __builtin_trap();
  (void)close(fd);
}

static void write_damaged(const uint8_t *data, size_t size) {
  uint8_t *bytes = malloc(sound_size);
  if (bytes == NULL) return;
  memcpy(bytes, sound, sound_size);
  for (size_t i = 1; i + 5 <= size; i += 5) {
    uint32_t at;
    memcpy(&at, data + i, 4);
    bytes[at % sound_size] = data[i + 4];
  }
  if ((data[0] & 1) != 0) policy_journal_layout_seal((HeaderFrame *)(void *)bytes);
  int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
  if (fd < 0 || write(fd, bytes, sound_size) != (ssize_t)sound_size) __builtin_trap();
  (void)close(fd);
  free(bytes);
}

static void read_all(void) {
  JournalError error;
  JournalInfo info;
  JournalRow row;
  JournalTenant tenant;
  JournalDetail detail;
  JournalDrain drain;
  JournalReader *reader = policy_journal_reader_open(path, true, &error);
  if (reader == NULL) return;
  policy_journal_reader_info(reader, &info);
  for (uint32_t i = 0; i < info.rows; i++) {
    if (policy_journal_reader_has_news(reader, i) && policy_journal_reader_row(reader, i, &row)) {
      if (row.tenant >= info.tenants || row.user_size > JOURNAL_NAME_BYTES) __builtin_trap();
      policy_journal_reader_ack(reader, i, row.id, row.amount[FIELD_RUNS]);
    }
  }
  for (uint32_t i = 0; i < info.tenants; i++) (void)policy_journal_reader_tenant(reader, i, &tenant);
  for (uint64_t i = 0; i < 8; i++) (void)policy_journal_reader_detail(reader, info.next_detail - i, &detail);
  policy_journal_reader_told(reader, &drain);
  policy_journal_reader_close(reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  JournalError error;
  JournalTotals totals;
  if (sound == NULL) make_sound();
  if (size == 0) return 0;
  write_damaged(data, size);
  read_all();
  JournalOptions wanted = options();
  Journal *journal = policy_journal_open(&wanted, &error);
  if (journal != NULL) {
    for (const char *script = "abcdef"; *script != '\0'; script++) use(journal, script);
    policy_journal_totals(journal, &totals);
    if (totals.admitted != totals.counted + totals.in_flight + totals.unaccounted) __builtin_trap();
    policy_journal_close(journal);
    read_all();
  }
  char aside[96]; /* what an edit of the machine's boot id brings about */
  (void)snprintf(aside, sizeof aside, "%s.before-1700000000", path);
  (void)unlink(aside);
  return 0;
}
