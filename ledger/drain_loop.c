/* SPDX-License-Identifier: BSD-2-Clause */
/* drain_loop - passes until the server is gone.
 *
 * What fails (no space, a locked or read-only database) is tried again, after 1, 2, 4 ... 30
 * seconds; meanwhile the journal keeps adding up, and nothing is lost.  The database
 * is opened anew after a failure, so that one that was moved or repaired is found.
 */
#include <errno.h>
#include <glob.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "ledger/drain.h"

#define MOST_BACK_OFF_MS 30000u
#define LAST_ATTEMPTS 5

typedef struct {
  const DrainOptions *options;
  JournalReader *reader;
  Ledger ledger;
  JournalDrain told;
  pid_t parent;
  bool has_passed; /* this process has looked at every row */
} Loop;

static int64_t now(void) {
  struct timespec time;
  (void)clock_gettime(CLOCK_REALTIME, &time);
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

/* --- Telling --- */

static uint64_t file_bytes(const char *path, const char *suffix) {
  char name[4096];
  struct stat facts;
  (void)snprintf(name, sizeof name, "%s%s", path, suffix);
  return stat(name, &facts) == 0 ? (uint64_t)facts.st_size : 0;
}

static void note_commit(Loop *loop) {
  JournalDrain *told = &loop->told;
  const char *path = loop->options->ledger;
  told->commit_ns += loop->ledger.commit_ns;
  told->commits[spread_bucket(loop->ledger.commit_ns)]++;
  told->ledger_bytes = file_bytes(path, "") + file_bytes(path, "-wal");
}

static void tell(Loop *loop, const LedgerError *error) {
  JournalDrain *told = &loop->told;
  if (error == NULL) {
    told->failures = 0;
    told->passes++;
    told->passed_at = now();
    note_commit(loop);
  } else {
    if (told->failures == 0) (void)fprintf(stderr, "ferrous-sandbox-ledger: %s\n", error->text);
    if (told->failures < UINT32_MAX) told->failures++;
    told->failed++;
    told->failed_at = now();
    (void)snprintf(told->text, sizeof told->text, "%.150s", error->text);
  }
  policy_journal_reader_tell(loop->reader, told);
}

/* --- Trying --- */

/* What a server set aside after the machine had gone down (policy/journal/reboot.c). */
static bool take_old(Loop *loop, const char *path, LedgerError *error) {
  JournalError problem;
  size_t size = strlen(path);
  if (size > 4 && strcmp(path + size - 4, ".new") == 0) return true;
  JournalReader *reader = policy_journal_reader_open(path, false, &problem);
  if (reader == NULL) { /* it stays where it is, for whoever looks after it */
    (void)fprintf(stderr, "ferrous-sandbox-ledger: %s\n", problem.text);
    return true;
  }
  bool is_good = ledger_drain_pass(&loop->ledger, reader, now(), true, error);
  policy_journal_reader_close(reader);
  if (is_good) (void)unlink(path);
  return is_good;
}

static bool take_all_old(Loop *loop, LedgerError *error) {
  char pattern[4096];
  glob_t found;
  bool is_good = true;
  (void)snprintf(pattern, sizeof pattern, "%s.before-*", loop->options->journal);
  if (glob(pattern, 0, NULL, &found) != 0) return true;
  for (size_t i = 0; is_good && i < found.gl_pathc; i++) is_good = take_old(loop, found.gl_pathv[i], error);
  globfree(&found);
  return is_good;
}

static bool try_pass(Loop *loop, LedgerError *error) {
  if (loop->ledger.db == NULL && !ledger_store_open(&loop->ledger, loop->options->ledger, LEDGER_CREATE, error))
    return false;
  if ((loop->has_passed || take_all_old(loop, error)) &&
      ledger_drain_pass(&loop->ledger, loop->reader, now(), !loop->has_passed, error)) {
    loop->has_passed = true;
    return true;
  }
  ledger_store_close(&loop->ledger);
  loop->has_passed = false;
  return false;
}

static bool pass(Loop *loop) {
  LedgerError error = {.text = ""};
  JournalInfo info;
  policy_journal_reader_info(loop->reader, &info);
  bool is_good = try_pass(loop, &error);
  if (is_good) loop->told.reached = info.admitted;
  tell(loop, is_good ? NULL : &error);
  return is_good;
}

/* --- Waiting --- */

static uint32_t back_off(const Loop *loop) {
  uint32_t failures = loop->told.failures;
  if (failures == 0) return loop->options->sync_ms;
  uint32_t delay = failures > 5 ? MOST_BACK_OFF_MS : 1000u << (failures - 1);
  return delay < MOST_BACK_OFF_MS ? delay : MOST_BACK_OFF_MS;
}

/* Whether the server is still there.  The end of the pipe is not enough: children of the
 * server hold it open while they save. */
static bool wait_for(const Loop *loop, uint32_t ms) {
  while (ms > 0) {
    uint32_t part = ms < 500 ? ms : 500;
    struct pollfd stop = {.fd = loop->options->stop_fd, .events = POLLIN};
    int ready = poll(&stop, 1, (int)part);
    if (ready > 0 || (ready < 0 && errno != EINTR)) return false;
    if (getppid() != loop->parent) return false;
    ms -= part;
  }
  return true;
}

static JournalReader *open_journal(const Loop *loop) {
  JournalError error = {.text = ""};
  bool has_complained = false;
  for (;;) {
    JournalReader *reader = policy_journal_reader_open(loop->options->journal, true, &error);
    if (reader != NULL) return reader;
    if (!has_complained) (void)fprintf(stderr, "ferrous-sandbox-ledger: %s\n", error.text);
    has_complained = true;
    if (loop->options->is_once || !wait_for(loop, 1000)) return NULL;
  }
}

static int finish(Loop *loop) {
  for (int i = 0; i < LAST_ATTEMPTS; i++) {
    if (pass(loop)) return 0;
    struct timespec pause = {.tv_sec = 1};
    (void)nanosleep(&pause, NULL);
  }
  return 75; /* what is missing is still in the journal */
}

int ledger_drain_run(const DrainOptions *options) {
  Loop loop = {.options = options, .parent = getppid(), .told = {.pid = (uint32_t)getpid()}};
  loop.reader = open_journal(&loop);
  if (loop.reader == NULL) return 69;
  int status = 0;
  if (options->is_once) {
    status = pass(&loop) ? 0 : 75;
  } else {
    do (void)pass(&loop);
    while (wait_for(&loop, back_off(&loop)));
    status = finish(&loop);
  }
  ledger_store_close(&loop.ledger);
  policy_journal_reader_close(loop.reader);
  return status;
}
