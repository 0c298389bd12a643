/* SPDX-License-Identifier: BSD-2-Clause */
/* test_killed - a writer that dies between any two of its instructions.
 *
 * A child runs a script of admissions and ends and is single-stepped.  After every
 * instruction that changed the file, the file as it is then is what a kill -9 there would have left:
 * it is copied, opened, and judged.  Openings are stepped in the same way, so recovery is
 * interrupted, too.  The child says in shared memory how far it has come.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "tests/check_main.h"
#include "tests/journal/fixture.h"

/* What the child has begun and what has returned. */
typedef struct {
  volatile uint64_t admit_begun, admit_done, finish_begun, finish_done;
} Progress;

typedef struct {
  char path[128], copy[128];
  uint8_t *file, *seen; /* the live file, and as it was judged last */
  size_t size;
  Progress *progress;
  uint64_t steps, states;
} Stand;

/* --- The child --- */

static JournalTicket admit(Stand *stand, Journal *journal, const char *tenant, const char *script) {
  stand->progress->admit_begun++;
  JournalTicket ticket = fixture_admit(journal, tenant, script);
  stand->progress->admit_done++;
  return ticket;
}

static void finish(Stand *stand, Journal *journal, JournalTicket ticket, Code outcome, int64_t now) {
  stand->progress->finish_begun++;
  fixture_finish(journal, ticket, outcome, now);
  stand->progress->finish_done++;
}

/* Does what a drain would: the tenant's idle rows may go to others. */
static void put_away(Stand *stand) {
  JournalMap map;
  const HeaderFrame *frame = (const void *)stand->file;
  policy_journal_layout_map(&map, stand->file, stand->size, &frame->geometry);
  for (uint32_t i = 0; i < map.row_count; i++)
    if (map.rows[i].state == PLACE_USED) map.acks[i] = (Ack){map.rows[i].id, map.rows[i].sums.amount[FIELD_RUNS]};
  map.drain->drain.passes++;
}

/* Nested and crossed runs, new rows and old, folding, recycling, a new tenant. */
static void run_script(Stand *stand, Journal *journal) {
  static const char *const scripts[] = {"a", "b", "c", "d", "e", "f"};
  for (int i = 0; i < 6; i++) {
    JournalTicket first = admit(stand, journal, "acme", scripts[i]);
    JournalTicket second = admit(stand, journal, i < 3 ? "acme" : "beta", "x");
    finish(stand, journal, first, i % 2 ? CODE_OK : CODE_SCRIPT_ERROR, START + i * 20 * SECOND);
    finish(stand, journal, second, CODE_OK, START + i * 20 * SECOND);
    if (i > 3) put_away(stand);
  }
  (void)admit(stand, journal, "acme", "never ends");
}

/* --- Judging --- */

static void write_copy(const Stand *stand) {
  int fd = open(stand->copy, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  ck_assert(fd >= 0 && write(fd, stand->file, stand->size) == (ssize_t)stand->size);
  (void)close(fd);
}

static void judge_state(const Stand *stand) {
  const Progress *progress = stand->progress;
  JournalTotals totals;
  write_copy(stand);
  Journal *journal = fixture_open(stand->copy);
  policy_journal_totals(journal, &totals);
  policy_journal_close(journal);
  Sums sums = fixture_sum(stand->copy);
  uint64_t counted = sums.runs + sums.retired;
  ck_assert_uint_eq(totals.damaged, 0);
  ck_assert_uint_eq(totals.unaccounted, 0);
  ck_assert_uint_eq(totals.counted, counted);
  ck_assert_uint_eq(sums.admitted, counted);
  ck_assert_uint_eq(sums.tenants_admitted, counted);
  ck_assert(counted >= progress->admit_done && counted <= progress->admit_begun);
  uint64_t ended = counted - sums.of[CODE_LOST];
  ck_assert(ended >= progress->finish_done && ended <= progress->finish_begun);
}

/* --- Stepping --- */

static void look(Stand *stand) {
  stand->steps++;
  if (memcmp(stand->file, stand->seen, stand->size) == 0) return;
  memcpy(stand->seen, stand->file, stand->size);
  stand->states++;
  judge_state(stand);
}

/* Steps from the child's first SIGSTOP to its second. */
static void step_child(Stand *stand, pid_t child) {
  int status, signal = 0;
  ck_assert(waitpid(child, &status, 0) == child && WIFSTOPPED(status));
  for (;;) {
    ck_assert_int_eq(ptrace(PTRACE_SINGLESTEP, child, NULL, (void *)(intptr_t)signal), 0);
    ck_assert(waitpid(child, &status, 0) == child);
    ck_assert_msg(WIFSTOPPED(status), "the writer ended with status %x", (unsigned)status);
    if (WSTOPSIG(status) == SIGSTOP) break;
    ck_assert_int_eq(WSTOPSIG(status), SIGTRAP);
    look(stand);
  }
  (void)kill(child, SIGKILL);
  (void)waitpid(child, &status, 0);
}

static void set_up(Stand *stand, const char *name) {
  char copy[64];
  (void)snprintf(copy, sizeof copy, "%s-copy", name);
  *stand = (Stand){.steps = 0};
  fixture_path(stand->path, name);
  fixture_path(stand->copy, copy);
  policy_journal_close(fixture_open(stand->path));
  struct stat status;
  int fd = open(stand->path, O_RDWR | O_CLOEXEC);
  ck_assert(fd >= 0 && fstat(fd, &status) == 0);
  stand->size = (size_t)status.st_size;
  stand->file = mmap(NULL, stand->size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  stand->seen = malloc(stand->size);
  stand->progress = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  ck_assert(stand->file != MAP_FAILED && stand->seen != NULL && stand->progress != MAP_FAILED);
  memcpy(stand->seen, stand->file, stand->size);
  (void)close(fd);
}

static void tear_down(Stand *stand) {
  (void)munmap(stand->file, stand->size);
  free(stand->seen);
  (void)unlink(stand->path);
  (void)unlink(stand->copy);
}

static void begin_steps(void) {
  if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0) _exit(3);
  (void)raise(SIGSTOP);
}

START_TEST(a_writer_killed_after_any_instruction_leaves_every_run_counted_once) {
  Stand stand;
  set_up(&stand, "step");
  pid_t child = fork();
  if (child == 0) {
    Journal *journal = fixture_open(stand.path);
    begin_steps();
    run_script(&stand, journal);
    (void)raise(SIGSTOP);
    _exit(0);
  }
  step_child(&stand, child);
  (void)printf("%lu instructions, %lu states of the file\n", (unsigned long)stand.steps, (unsigned long)stand.states);
  ck_assert_uint_eq(stand.progress->admit_done, 13);
  ck_assert_uint_gt(stand.states, 500);
  ck_assert_uint_gt(fixture_sum(stand.copy).retired, 0);
  tear_down(&stand);
}
END_TEST

/* The file that the second child opens has a committed slot and two armed ones. */
static void leave_work(Stand *stand) {
  Journal *journal = fixture_open(stand->path);
  run_script(stand, journal);
  (void)admit(stand, journal, "beta", "y");
  JournalTicket third = admit(stand, journal, "beta", "x");
  finish(stand, journal, third, CODE_OK, START);
  size_t begin, end;
  policy_journal_layout_drain(&((const HeaderFrame *)stand->file)->geometry, &begin, &end);
  Slot *slot = (void *)(stand->file + end + ((3 * sizeof(Tenant) + 4095) & ~(size_t)4095));
  slot[third.slot].state = SLOT_COMMITTED; /* as if it had died before the last store */
  ck_assert_uint_eq(slot[third.slot].number, third.number);
  policy_journal_close(journal);
  memcpy(stand->seen, stand->file, stand->size);
}

START_TEST(an_opening_killed_after_any_instruction_can_be_repeated) {
  Stand stand;
  set_up(&stand, "recover");
  leave_work(&stand);
  pid_t child = fork();
  if (child == 0) {
    begin_steps();
    Journal *journal = fixture_open(stand.path);
    (void)raise(SIGSTOP);
    _exit(journal == NULL);
  }
  step_child(&stand, child);
  (void)printf("%lu instructions, %lu states of the file\n", (unsigned long)stand.steps, (unsigned long)stand.states);
  ck_assert_uint_gt(stand.states, 50);
  tear_down(&stand);
}
END_TEST

/* --- Really killed, anywhere --- */

static void write_for_ever(Stand *stand) {
  Journal *journal = fixture_open(stand->path);
  char script[16];
  for (unsigned i = 0;; i++) {
    (void)snprintf(script, sizeof script, "s%u", i % 9);
    JournalTicket ticket = admit(stand, journal, i % 3 ? "acme" : "beta", script);
    finish(stand, journal, ticket, (Code)(i % CODE_LOST), START + i);
  }
}

START_TEST(writers_killed_at_any_moment_leave_every_run_counted_once) {
  Stand stand;
  set_up(&stand, "kill");
  uint64_t counted = 0;
  for (unsigned round = 0; round < 60; round++) {
    pid_t child = fork();
    if (child == 0) write_for_ever(&stand);
    (void)usleep(500 + round * 777 % 20000);
    (void)kill(child, SIGKILL);
    ck_assert(waitpid(child, NULL, 0) == child);
    /* What recovery of the copy finds must be right each time, and cumulative. */
    judge_state(&stand);
    /* A killed writer's counters in `progress` lag by one at most: catch up. */
    Sums sums = fixture_sum(stand.copy);
    counted = sums.runs + sums.retired;
    stand.progress->admit_begun = stand.progress->admit_done = counted;
    uint64_t ended = counted - sums.of[CODE_LOST];
    stand.progress->finish_begun = stand.progress->finish_done = ended;
    memset(stand.seen, 0, 1);
  }
  ck_assert_uint_gt(counted, 1000);
  (void)printf("%lu runs, 60 kills\n", (unsigned long)counted);
  tear_down(&stand);
}
END_TEST

SUITE("policy/journal killed", a_writer_killed_after_any_instruction_leaves_every_run_counted_once,
      an_opening_killed_after_any_instruction_can_be_repeated,
      writers_killed_at_any_moment_leave_every_run_counted_once)
