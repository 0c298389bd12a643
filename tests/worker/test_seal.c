/* SPDX-License-Identifier: BSD-2-Clause */
/* test_seal - the end state of a sealed worker, read back from outside.
 *
 * Each way of starting is a row; what its worker must look like follows from
 * the zygote's report, so a step that degrades here is seen to be absent too.
 */
#define _GNU_SOURCE
#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/check_main.h"
#include "harness.h"

typedef struct {
  const char *name;
  HarnessOptions options;
  uint64_t missing; /* steps that cannot work when started this way */
  bool needs_root;  /* to start another user, or to be root */
} Way;

#define NO_USER_NS (SEAL_BIT(SEAL_user_ns) | SEAL_BIT(SEAL_pid_ns))
#define ALL_NS                                                                                          \
  (NO_USER_NS | SEAL_BIT(SEAL_net_ns) | SEAL_BIT(SEAL_ipc_ns) | SEAL_BIT(SEAL_uts_ns) |                 \
   SEAL_BIT(SEAL_mount_ns) | SEAL_BIT(SEAL_empty_root))

static const Way ways[] = {
    {"as it is", {.program = HARNESS_PUPPET}, 0, false},
    {"unprivileged", {.program = HARNESS_PUPPET, .uid = 65534}, 0, true},
    {"root, user namespaces refused", {.program = HARNESS_PUPPET, .no_user_ns = true}, NO_USER_NS, true},
    {"unprivileged, user namespaces refused",
     {.program = HARNESS_PUPPET, .uid = 65534, .no_user_ns = true},
     ALL_NS | SEAL_BIT(SEAL_bounding),
     true},
    {"under a filter that kills at unshare", {.program = HARNESS_PUPPET, .kill_unshare = true}, ALL_NS, false},
    {"unprivileged, under a filter that kills at unshare",
     {.program = HARNESS_PUPPET, .uid = 65534, .kill_unshare = true},
     ALL_NS | SEAL_BIT(SEAL_bounding),
     true},
    {"root without capabilities", {.program = HARNESS_PUPPET, .no_caps = true}, SEAL_BIT(SEAL_ids), true},
    {"root of a user namespace with one id", {.program = HARNESS_PUPPET, .one_id = true}, SEAL_BIT(SEAL_ids), true},
    {"in Debian's unit for redis-server",
     {.program = HARNESS_PUPPET, .uid = 65534, .redis_unit = true},
     ALL_NS | SEAL_BIT(SEAL_bounding) | SEAL_BIT(SEAL_landlock),
     true},
};
#define WAY_COUNT (sizeof ways / sizeof ways[0])

/* A worker started in one of the ways, with its hello read. */
typedef struct {
  const Way *way;
  Harness zygote;
  HarnessWorker worker;
  PuppetHello hello;
} Sealed;

static bool has_user_namespaces(void) {
  int status = -1;
  pid_t child = fork();
  if (child == 0) _exit(unshare(CLONE_NEWUSER) == 0 ? 0 : 1);
  return waitpid(child, &status, 0) == child && status == 0;
}

static bool can_start(const Way *way) {
  if (way->options.one_id && !has_user_namespaces()) {
    printf("SKIP %s: this machine refuses user namespaces\n", way->name);
    return false;
  }
  if (!way->needs_root || geteuid() == 0) return true;
  printf("SKIP %s: needs root to start\n", way->name);
  return false;
}

static void start(Sealed *s, const Way *way) {
  s->way = way;
  harness_start(&s->zygote, &way->options);
  ck_assert_msg(s->zygote.report.accepted == 1, "%s: %s", way->name, s->zygote.report.detail);
  s->worker = harness_spawn(&s->zygote);
  ck_assert_int_eq(s->worker.error, 0);
  ck_assert_msg(harness_read(s->worker.reply, &s->hello, sizeof s->hello), "%s: no hello", way->name);
}

static void stop(Sealed *s) {
  close(s->worker.request);
  s->worker.request = -1;
  ZygoteExited end = harness_wait(&s->zygote, &s->worker);
  ck_assert_int_eq(end.status, WORKER_EXIT_DONE);
  ck_assert_int_eq(harness_stop(&s->zygote), 0);
}

static bool has(const Sealed *s, SealStep step) { return (s->hello.seal & SEAL_BIT(step)) != 0; }

/* Reads /proc/PID/NAME; returns false when it may not. */
static bool read_proc(pid_t pid, const char *name, char *text, size_t capacity) {
  char path[64];
  (void)snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  size_t have = 0;
  ssize_t n;
  while (have + 1 < capacity && (n = read(fd, text + have, capacity - 1 - have)) > 0) have += (size_t)n;
  text[have] = '\0';
  close(fd);
  return true;
}

static void check_line(const Way *way, const char *text, const char *line) {
  ck_assert_msg(strstr(text, line) != NULL, "%s: no line '%s' in\n%s", way->name, line, text);
}

static void check_status(const Sealed *s) {
  char text[8192];
  static const char *const lines[] = {
      "\nNoNewPrivs:\t1\n",
      "\nSeccomp:\t2\n",
      "\nCapInh:\t0000000000000000\nCapPrm:\t0000000000000000\nCapEff:\t0000000000000000\n",
      "\nCapAmb:\t0000000000000000\n",
      "\nSigBlk:\t0000000000000000\n",
      "\nSigIgn:\t0000000000004a03\n", /* HUP 1, INT 2, USR1 10, USR2 12, TERM 15 */
      "\nSigCgt:\t0000000000000000\n",
      "\nThreads:\t1\n",
  };
  ck_assert(read_proc(s->worker.pid, "status", text, sizeof text));
  for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) check_line(s->way, text, lines[i]);
  if (has(s, SEAL_bounding)) check_line(s->way, text, "\nCapBnd:\t0000000000000000\n");
  bool is_nobody = s->way->options.uid != 0 || s->zygote.report.steps[SEAL_ids].state == SEAL_APPLIED;
  if (is_nobody) check_line(s->way, text, "\nUid:\t65534\t65534\t65534\t65534\n");
  if (is_nobody) check_line(s->way, text, "\nGid:\t65534\t65534\t65534\t65534\n");
  if (is_nobody && s->way->options.uid == 0) check_line(s->way, text, "\nGroups:\t \n");
  char inner[64];
  (void)snprintf(inner, sizeof inner, "\nNSpid:\t%d%s\n", s->worker.pid, has(s, SEAL_pid_ns) ? "\t1" : "");
  check_line(s->way, text, inner);
}

static void check_limits(const Sealed *s) {
  char text[8192], mapped[128];
  static const char *const lines[] = {
      "\nMax file size             0                    0 ",
      "\nMax data size             0                    0 ",
      "\nMax core file size        0                    0 ",
      "\nMax processes             0                    0 ",
      "\nMax open files            1                    1 ",
      "\nMax locked memory         0                    0 ",
      "\nMax file locks            0                    0 ",
      "\nMax pending signals       0                    0 ",
      "\nMax msgqueue size         0                    0 ",
  };
  ck_assert(read_proc(s->worker.pid, "limits", text, sizeof text));
  for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) check_line(s->way, text, lines[i]);
  check_line(s->way, text, "\nMax address space");
  (void)snprintf(mapped, sizeof mapped, "Max address space         unlimited");
  ck_assert_msg(strstr(text, mapped) == NULL, "%s: address space unlimited", s->way->name);
}

/* Counts /proc/PID/fd; -1 when it may not be read. */
static int count_fds(pid_t pid) {
  char path[64];
  int count = 0;
  (void)snprintf(path, sizeof path, "/proc/%d/fd", pid);
  DIR *dir = opendir(path);
  if (dir == NULL) return -1;
  for (struct dirent *e; (e = readdir(dir)) != NULL;) count += e->d_name[0] != '.';
  closedir(dir);
  return count;
}

static void check_fds(const Sealed *s) {
  static const char *const names[] = {"fd/0", "fd/1"};
  static const mode_t wanted[] = {S_IRUSR, S_IWUSR};
  ck_assert_msg(count_fds(s->worker.pid) == 2, "%s: %d descriptors", s->way->name, count_fds(s->worker.pid));
  for (int i = 0; i < 2; i++) {
    char path[64], target[64] = "";
    struct stat st;
    (void)snprintf(path, sizeof path, "/proc/%d/%s", s->worker.pid, names[i]);
    ck_assert_int_gt(readlink(path, target, sizeof target - 1), 0);
    ck_assert_msg(strncmp(target, "pipe:", 5) == 0, "%s: %s is %s", s->way->name, names[i], target);
    ck_assert_int_eq(lstat(path, &st), 0);
    ck_assert_int_eq((int)(st.st_mode & (S_IRUSR | S_IWUSR)), (int)wanted[i]);
  }
}

static void check_maps(const Sealed *s) {
  char text[32768], *save = NULL;
  unsigned low = 0;
  ck_assert(read_proc(s->worker.pid, "maps", text, sizeof text));
  ck_assert_ptr_nonnull(text);
  for (char *line = strtok_r(text, "\n", &save); line != NULL; line = strtok_r(NULL, "\n", &save)) {
    uint64_t begin;
    char protection[8];
    ck_assert_int_eq(sscanf(line, "%" SCNx64 "-%*x %7s", &begin, protection), 2);
    ck_assert_msg(!(protection[1] == 'w' && protection[2] == 'x'), "writable and executable: %s", line);
    if (begin < UINT64_C(132) << 30) low++;
    if (has(s, SEAL_vdso)) ck_assert_msg(strstr(line, "[vdso]") == NULL && strstr(line, "[vvar") == NULL, "%s", line);
  }
  if (s->zygote.report.steps[SEAL_layout].state == SEAL_APPLIED) ck_assert_uint_eq(low, 1);
}

static void check_namespace(const Sealed *s, SealStep step, const char *name) {
  char path[64], theirs[64] = "", ours[64] = "";
  (void)snprintf(path, sizeof path, "/proc/%d/ns/%s", s->worker.pid, name);
  ck_assert_int_gt(readlink(path, theirs, sizeof theirs - 1), 0);
  (void)snprintf(path, sizeof path, "/proc/self/ns/%s", name);
  ck_assert_int_gt(readlink(path, ours, sizeof ours - 1), 0);
  bool differs = strcmp(ours, theirs) != 0;
  ck_assert_msg(differs == has(s, step), "%s: namespace %s: ours %s, the worker's %s", s->way->name, name, ours, theirs);
}

static void check_root(const Sealed *s) {
  char path[64];
  if (!has(s, SEAL_empty_root)) return;
  (void)snprintf(path, sizeof path, "/proc/%d/root", s->worker.pid);
  DIR *dir = opendir(path);
  ck_assert_msg(dir != NULL, "%s: %s", path, strerror(errno));
  int entries = 0;
  while (readdir(dir) != NULL) entries++;
  closedir(dir);
  ck_assert_int_eq(entries, 2); /* . and .. */
  (void)snprintf(path, sizeof path, "/proc/%d/root/x", s->worker.pid);
  ck_assert_int_eq(open(path, O_CREAT | O_WRONLY, 0600), -1);
  ck_assert_int_eq(errno, EROFS);
}

static void check_rest(const Sealed *s) {
  char text[256], path[64];
  struct stat st;
  ck_assert(read_proc(s->worker.pid, "oom_score_adj", text, sizeof text));
  if (has(s, SEAL_oom_score)) ck_assert_str_eq(text, "1000\n");
  ck_assert(read_proc(s->worker.pid, "environ", text, sizeof text));
  ck_assert_uint_eq(strlen(text), 0);
  /* Files of an undumpable process belong to root. */
  (void)snprintf(path, sizeof path, "/proc/%d/environ", s->worker.pid);
  ck_assert_int_eq(stat(path, &st), 0);
  ck_assert_uint_eq(st.st_uid, 0);
}

static void check_namespaces(const Sealed *s) {
  check_namespace(s, SEAL_user_ns, "user");
  check_namespace(s, SEAL_net_ns, "net");
  check_namespace(s, SEAL_ipc_ns, "ipc");
  check_namespace(s, SEAL_uts_ns, "uts");
  check_namespace(s, SEAL_mount_ns, "mnt");
  check_namespace(s, SEAL_pid_ns, "pid");
}

START_TEST(the_end_state_read_from_outside_is_what_was_reported) {
  for (size_t i = 0; i < WAY_COUNT; i++) {
    Sealed s;
    if (!can_start(&ways[i])) continue;
    start(&s, &ways[i]);
    check_status(&s);
    check_limits(&s);
    if (geteuid() == 0) {
      check_fds(&s);
      check_maps(&s);
      check_namespaces(&s);
      check_root(&s);
      check_rest(&s);
    } else {
      printf("SKIP fds, maps, namespaces of '%s': reading them needs root, the worker is undumpable\n", ways[i].name);
    }
    stop(&s);
  }
}
END_TEST

static uint64_t floor_steps(void) {
  uint64_t set = 0;
#define STEP_FLOOR(name) set |= SEAL_BIT(SEAL_##name);
#define STEP_OPTIONAL(name)
#define STEP(name, where, need, what, lack) STEP_##need(name)
#include "sandbox/seal_steps.def"
#undef STEP
#undef STEP_FLOOR
#undef STEP_OPTIONAL
  return set;
}

START_TEST(every_way_of_starting_has_the_floor_and_lacks_only_what_it_must) {
  for (size_t i = 0; i < WAY_COUNT; i++) {
    Sealed s;
    if (!can_start(&ways[i])) continue;
    start(&s, &ways[i]);
    ck_assert_msg((s.hello.seal & floor_steps()) == floor_steps(), "%s: floor incomplete", ways[i].name);
    ck_assert_msg((s.hello.seal & ways[i].missing) == 0, "%s: claims what cannot be", ways[i].name);
    ck_assert_msg(s.hello.seal == s.zygote.report.applied, "%s: hello %" PRIx64 " report %" PRIx64, ways[i].name,
                  s.hello.seal, s.zygote.report.applied);
    stop(&s);
  }
}
END_TEST

/* What this kernel offers to everybody must not be lost by accident. */
START_TEST(on_this_kernel_only_known_steps_are_missing) {
  Sealed s;
  start(&s, &ways[0]);
  for (unsigned i = 0; i < SEAL_COUNT_; i++) {
    const SealReport *r = &s.zygote.report.steps[i];
    bool is_fine = r->state == SEAL_APPLIED || r->state == SEAL_NOT_NEEDED;
    if (!is_fine) printf("NOTE step %s is missing here: state %d, error %d\n", harness_step_name((SealStep)i), r->state, r->error);
    ck_assert_msg(is_fine || r->state == SEAL_UNAVAILABLE || r->state == SEAL_REFUSED, "step %s was never tried",
                  harness_step_name((SealStep)i));
  }
  stop(&s);
}
END_TEST

START_TEST(a_refusing_kernel_is_told_from_a_killing_host) {
  Sealed s;
  if (geteuid() == 0) {
    start(&s, &ways[2]);
    ck_assert_int_eq(s.zygote.report.steps[SEAL_user_ns].state, SEAL_UNAVAILABLE);
    ck_assert_int_eq(s.zygote.report.steps[SEAL_user_ns].error, EPERM);
    ck_assert_int_eq(s.zygote.report.steps[SEAL_bounding].state, SEAL_APPLIED);
    stop(&s);
  }
  start(&s, &ways[4]);
  ck_assert_int_eq(s.zygote.report.steps[SEAL_user_ns].state, SEAL_REFUSED);
  ck_assert_int_eq(s.zygote.report.steps[SEAL_user_ns].error, 31); /* SIGSYS */
  stop(&s);
}
END_TEST

START_TEST(two_workers_have_two_canaries_unless_the_step_is_left_out) {
  HarnessOptions o = {.program = HARNESS_PUPPET};
  for (int left_out = 0; left_out < 2; left_out++) {
    Harness h;
    ZygoteExited end;
    int64_t canary[2] = {0, 0};
    const PuppetOrder order = {.op = PUPPET_CANARY};
    o.avoid = left_out ? SEAL_BIT(SEAL_canary) : 0;
    harness_start(&h, &o);
    if (left_out == 0 && !harness_has(&h, SEAL_canary, "canaries")) return;
    for (int i = 0; i < 2; i++) ck_assert(harness_try(&h, &order, &canary[i], &end));
    ck_assert_int_eq(harness_stop(&h), 0);
    ck_assert(canary[0] != 0);
    ck_assert((canary[0] == canary[1]) == (left_out == 1));
  }
}
END_TEST

static Suite *make_suite(void) {
  Suite *suite = suite_create("worker/seal");
  TCase *tc = tcase_create("end state");
  tcase_set_timeout(tc, 60);
  tcase_add_test(tc, the_end_state_read_from_outside_is_what_was_reported);
  tcase_add_test(tc, every_way_of_starting_has_the_floor_and_lacks_only_what_it_must);
  tcase_add_test(tc, on_this_kernel_only_known_steps_are_missing);
  tcase_add_test(tc, a_refusing_kernel_is_told_from_a_killing_host);
  tcase_add_test(tc, two_workers_have_two_canaries_unless_the_step_is_left_out);
  suite_add_tcase(suite, tc);
  return suite;
}

CHECK_MAIN(make_suite)
