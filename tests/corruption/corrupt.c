/* SPDX-License-Identifier: BSD-2-Clause */
/* corrupt - random programs while random bits of the arena change under them.
 *
 *   corrupt [--seed N] [--writes N] [--libraries | --sources FILE...]
 *
 * What a bug in a library function could do to the arena is done on purpose, some
 * hundred thousand times.  The only outcomes are a result, an error, a limit, or the
 * process's death by a trap, a bad address or its system call filter, which is the
 * worker's.  What must not happen: a hang, a change of code, of saved pcs or of the base,
 * a write outside arena and control.  Children run the programs until one kills them.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "policy/seccomp.h"
#include "tests/corruption/bench.h"

enum { SOURCES_MAX = 2000, PROGRAMS_PER_CHILD = 400, SECONDS_MAX = 10, FAILURES_MAX = 10, EXIT_WRONG = 9 };

static struct {
  uint64_t first, writes;
  uint64_t only; /* one program, for looking into a failure */
  bool libraries; /* loads libraries instead, each in a machine of its own */
  const char *sources[SOURCES_MAX];
  size_t source_count;
} options = {.first = 1, .writes = 20000};

static PolicyFilter filter;
static Tally *tally;
static Bench *benches[2];
static uint64_t deaths[65];

static void seal(void) {
  struct sock_fprog program = {.len = (unsigned short)filter.count, .filter = filter.code};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
    perror("corrupt: seccomp");
    _exit(2);
  }
}

static size_t write_program(uint64_t seed, Bench *b) {
  if (options.source_count == 0 || seed % 4 == 0) return generator_write(seed, b->text);
  size_t size = strlen(options.sources[seed / 4 % options.source_count]);
  if (size > PROGRAM_MAX) size = PROGRAM_MAX;
  memcpy(b->text, options.sources[seed / 4 % options.source_count], size);
  return size;
}

static void watch_all_but(Bench *b) {
  WatchRange out[] = {{b->config.arena, BENCH_ARENA, 0}, {b->config.control, b->config.control_size, 0},
                      {b->scratch.base, BENCH_SCRATCH, 0}, {b->control_image, b->control_image_size, 0}, {(const char *)b, sizeof *b, 0}, {(const char *)tally, sizeof *tally, 0}};
  watch_open(&b->watch, out, sizeof out / sizeof *out);
}

/* Only servers have libraries. */
static Bench *bench_of(uint64_t seed) { return benches[options.libraries ? 0 : seed / PROGRAMS_PER_CHILD & 1]; }

static uint64_t last_of_child(uint64_t seed) {
  if (options.only || options.libraries) return seed + 1;
  return (seed / PROGRAMS_PER_CHILD + 1) * PROGRAMS_PER_CHILD;
}

/* One child, one machine: the other's memory is none of its process. */
static void run_child(uint64_t seed, uint64_t end) {
  Bench *b = bench_of(seed);
  bench_unmap(benches[b == benches[0]]);
  watch_all_but(b);
  seal();
  for (; seed < end; seed++) {
    tally->seed = seed;
    b->random = random_from(~seed);
    size_t size = write_program(seed, b);
    attack_step(b, NULL); /* binds the bench: the last write to static memory */
    errno = 0;
    watch_take(&b->watch);
    const char *wrong = options.libraries ? library_attack(b, seed) : bench_attack(b, b->text, size);
    if (wrong == NULL) continue;
    const char *place = b->changed ? b->changed->start : NULL;
    snprintf(tally->wrong, sizeof tally->wrong, "%s (range at %p)", wrong, (const void *)place);
    _exit(EXIT_WRONG);
  }
  _exit(0);
}

/* --- The parent --- */

/* Waits; a child that does not get on with its program is killed, and -1 returned. */
static int wait_for(pid_t child) {
  uint64_t seed = 0;
  int status = 0, quiet = 0;
  while (waitpid(child, &status, WNOHANG) == 0) {
    usleep(2000);
    quiet = tally->seed == seed ? quiet + 1 : 0;
    seed = tally->seed;
    if (quiet < SECONDS_MAX * 500) continue;
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    return -1;
  }
  return status;
}

static bool is_clean_death(int signal) {
  return signal == SIGTRAP || signal == SIGILL || signal == SIGSEGV || signal == SIGBUS || signal == SIGSYS;
}

/* How the child's last program ended, if that may not be. */
static const char *judge(int status) {
  static char text[64];
  if (status == -1) return "it hangs";
  if (WIFEXITED(status)) {
    if (WEXITSTATUS(status) == 0) return NULL;
    return WEXITSTATUS(status) == EXIT_WRONG ? tally->wrong : "the child gave up";
  }
  deaths[WTERMSIG(status)]++;
  if (is_clean_death(WTERMSIG(status))) return NULL;
  snprintf(text, sizeof text, "died by signal %d", WTERMSIG(status));
  return text;
}

static int run_all(void) {
  int failures = 0;
  for (uint64_t seed = options.first; tally->writes < options.writes && failures < FAILURES_MAX;) {
    pid_t child = fork();
    if (child == 0) run_child(seed, last_of_child(seed));
    const char *wrong = judge(wait_for(child));
    const char *found = bench_autopsy(bench_of(seed), options.libraries);
    if (wrong == NULL) wrong = found;
    seed = tally->seed + 1;
    if (wrong != NULL) {
      failures++;
      printf("FAIL seed %llu: %s\n", (unsigned long long)tally->seed, wrong);
      fflush(stdout);
    }
    if (options.only) break;
  }
  return failures;
}

static void report(int failures) {
  printf("%llu writes in %llu programs: %llu results, %llu errors, %llu limits, %llu commits; deaths:", (unsigned long long)tally->writes,
         (unsigned long long)tally->programs, (unsigned long long)tally->done, (unsigned long long)tally->errors,
         (unsigned long long)tally->limits, (unsigned long long)tally->commits);
  for (int i = 0; i < 65; i++) {
    if (deaths[i]) printf(" %s %llu", sigabbrev_np(i), (unsigned long long)deaths[i]);
  }
  printf("; %llu rollbacks left bytes in what was never handed out; %d failures\n", (unsigned long long)tally->remains, failures);
}

static char *read_file(const char *path) {
  FILE *f = fopen(path, "rb");
  static char text[PROGRAM_MAX + 1];
  if (f == NULL) {
    perror(path);
    exit(2);
  }
  text[fread(text, 1, PROGRAM_MAX, f)] = '\0';
  fclose(f);
  return strdup(text);
}

static void parse(int argc, char **argv) {
  for (int i = 1; i < argc; i++) {
    const char *value = i + 1 < argc ? argv[i + 1] : "";
    if (strcmp(argv[i], "--seed") == 0) options.first = strtoull(value, NULL, 10), i++;
    else if (strcmp(argv[i], "--writes") == 0) options.writes = strtoull(value, NULL, 10), i++;
    else if (strcmp(argv[i], "--only") == 0) options.only = options.first = strtoull(value, NULL, 10), i++;
    else if (strcmp(argv[i], "--libraries") == 0) options.libraries = true;
    else if (strcmp(argv[i], "--sources") == 0) {
      while (++i < argc && options.source_count < SOURCES_MAX) options.sources[options.source_count++] = read_file(argv[i]);
    } else {
      fprintf(stderr, "corrupt: unknown option %s\n", argv[i]);
      exit(2);
    }
  }
}

int main(int argc, char **argv) {
  parse(argc, argv);
  tally = mmap(NULL, sizeof *tally, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (tally == MAP_FAILED || policy_seccomp_build(POLICY_NATIVE_ARCH, &filter) != ST_OK) return 2;
  benches[0] = bench_open(VM_PROFILE_REDIS, tally, 0x10000000);
  benches[1] = bench_open(VM_PROFILE_FULL, tally, 0x30000000);
  memset(tally, 0, sizeof *tally);
  int failures = run_all();
  report(failures);
  return failures != 0;
}
