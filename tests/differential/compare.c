/* SPDX-License-Identifier: BSD-2-Clause */
/* compare - random programs in Lua 5.1 and in our machine, in one process.
 *
 *   compare [--seed N] [--count N] [--isolation] [--sources FILE...]   (or --print, --reduce, --file F)
 *
 * Programs are generated from seeds, or with --sources by damaging those files.  Output,
 * error text and outcome must agree byte for byte; a program that one side's limit ends
 * is counted and left out.  With --isolation the machine is searched for remains after
 * each program.  Children run the programs, so that a crash or a hang is a finding like
 * any other; each finding is printed with its seed, made smaller.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/differential/generator.h"
#include "tests/differential/outcome.h"
#include "tests/differential/reduce.h"

enum { SOURCES_MAX = 2000, FINDINGS_MAX = 20, CHUNK = 5000, SECONDS_MAX = 20 };

typedef struct {
  uint64_t seed; /* of the program that runs */
  uint64_t done, limited, compile_errors, errors, crashes;
  bool in_oracle; /* stock unpack({}, 2^31) crashes, for one */
  char wrong[200];
} Shared;

static struct {
  uint64_t first, count;
  int isolation;
  bool print;
  const char *file;
  const char *sources[SOURCES_MAX];
  size_t source_count;
} options = {.first = 1, .count = 1000};

static Shared *shared;
static Outcome wanted, got;

/* --- One program --- */

/* How deep Lua calls may nest depends, in the reference, on what was nested and collected
 * before; ours is the depth of a fresh Redis (tests/redis/cases/stack_overflow*). */
static bool met_depth_limit(const Outcome *o) {
  static const char text[] = "stack overflow";
  const char *at = o->output, *end = o->output + o->size;
  while ((at = memmem(at, (size_t)(end - at), text, sizeof text - 1)) != NULL) {
    if (at - o->output < 2 || memcmp(at - 2, "C ", 2) != 0) return true;
    at++;
  }
  return false;
}

static const char *compare(const char *text, size_t size) {
  Cost cost;
  const char *wrong = subject_run(text, size, options.isolation, &got, &cost);
  if (wrong != NULL) return wrong;
  if (got.kind == OUTCOME_LIMIT || got.size == OUTPUT_MAX || cost.was_deep) {
    shared->limited++;
    return NULL;
  }
  shared->in_oracle = true;
  oracle_run(text, size, &wanted);
  shared->in_oracle = false;
  if (wanted.kind == OUTCOME_LIMIT || met_depth_limit(&wanted)) {
    shared->limited++;
    return NULL;
  }
  shared->compile_errors += wanted.kind == OUTCOME_COMPILE_ERROR;
  shared->errors += wanted.kind == OUTCOME_ERROR;
  outcome_mask(&wanted);
  outcome_mask(&got);
  if (wanted.kind != got.kind) return "ended differently";
  if (wanted.size != got.size || memcmp(wanted.output, got.output, got.size) != 0) return "wrote something else";
  return NULL;
}

static size_t write_program(uint64_t seed, char *text) {
  if (options.source_count == 0) return generator_write(seed, text);
  return generator_mutate(seed, options.sources, options.source_count, text);
}

static void arm(void) {
  struct itimerval timer = {.it_value = {.tv_sec = SECONDS_MAX}};
  setitimer(ITIMER_PROF, &timer, NULL);
}

static char program[PROGRAM_MAX + 1];

static void run_chunk(uint64_t first, uint64_t end) {
  for (uint64_t seed = first; seed < end; seed++) {
    shared->seed = seed;
    arm();
    const char *wrong = compare(program, write_program(seed, program));
    shared->done++;
    if (wrong == NULL) continue;
    snprintf(shared->wrong, sizeof shared->wrong, "%s", wrong);
    _exit(1);
  }
  shared->seed = end;
  _exit(0);
}

/* --- Findings --- */

static char fault[200];

/* Runs a program in a child and writes what is wrong with it, or which signal ended it. */
static void run_alone(const char *text, size_t size, char *ret_fault) {
  shared->wrong[0] = '\0';
  pid_t child = fork();
  if (child == 0) {
    struct itimerval timer = {.it_value = {.tv_sec = 5}};
    setitimer(ITIMER_PROF, &timer, NULL);
    const char *wrong = compare(text, size);
    snprintf(shared->wrong, sizeof shared->wrong, "%s", wrong ? wrong : "");
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  if (WIFSIGNALED(status)) snprintf(ret_fault, sizeof fault, "signal %d", WTERMSIG(status));
  else snprintf(ret_fault, sizeof fault, "%s", shared->wrong);
}

static bool still_faulty(const char *text, size_t size) {
  char now[sizeof fault];
  run_alone(text, size, now);
  return strcmp(now, fault) == 0;
}

static void show_side(const char *name, const Outcome *o) {
  static const char *const kinds[] = {"done", "compile error", "error", "limit"};
  printf("--- %s (%s)\n%.*s\n", name, kinds[o->kind], (int)(o->size < 3000 ? o->size : 3000), o->output);
}

static void show_finding(uint64_t seed, char *text, size_t size) {
  Shared kept = *shared;
  run_alone(text, size, fault);
  printf("FAIL seed %llu: %s\n", (unsigned long long)seed, fault[0] ? fault : "not when run alone");
  if (fault[0]) size = reduce_text(text, size, still_faulty);
  printf("%.*s\n", (int)size, text);
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    compare(text, size);
    show_side("lua5.1", &wanted);
    show_side("ours", &got);
    fflush(stdout);
    _exit(0);
  }
  waitpid(child, NULL, 0);
  *shared = kept;
}

static int run_all(void) {
  int findings = 0;
  uint64_t end = options.first + options.count;
  for (uint64_t at = options.first; at < end;) {
    uint64_t stop = at + CHUNK < end ? at + CHUNK : end;
    pid_t child = fork();
    if (child == 0) run_chunk(at, stop);
    int status = 0;
    waitpid(child, &status, 0);
    at = stop;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) continue;
    at = shared->seed + 1;
    if (shared->in_oracle) {
      shared->in_oracle = false;
      shared->crashes++;
      shared->done++;
      continue;
    }
    show_finding(shared->seed, program, write_program(shared->seed, program));
    if (++findings == FINDINGS_MAX) break;
  }
  printf("%llu programs: %llu compile errors, %llu errors, %llu left out (a limit), %llu crashes of lua5.1, %d findings\n",
         (unsigned long long)shared->done, (unsigned long long)shared->compile_errors,
         (unsigned long long)shared->errors, (unsigned long long)shared->limited,
         (unsigned long long)shared->crashes, findings);
  return findings != 0;
}

/* --- Options --- */

static char *read_file(const char *path) {
  FILE *f = fopen(path, "rb");
  if (f == NULL) {
    perror(path);
    exit(2);
  }
  size_t room = 1 << 20;
  char *text = malloc(room);
  size_t size = text ? fread(text, 1, room - 1, f) : 0;
  fclose(f);
  if (text != NULL) text[size] = '\0';
  return text;
}

static void parse(int argc, char **argv) {
  for (int i = 1; i < argc; i++) {
    const char *value = i + 1 < argc ? argv[i + 1] : "";
    if (strcmp(argv[i], "--seed") == 0) options.first = strtoull(value, NULL, 10), i++;
    else if (strcmp(argv[i], "--count") == 0) options.count = strtoull(value, NULL, 10), i++;
    else if (strcmp(argv[i], "--file") == 0) options.file = value, i++;
    else if (strcmp(argv[i], "--isolation") == 0) options.isolation = 1;
    else if (strcmp(argv[i], "--print") == 0) options.print = true;
    else if (strcmp(argv[i], "--sources") == 0) {
      while (++i < argc && options.source_count < SOURCES_MAX) options.sources[options.source_count++] = read_file(argv[i]);
    } else {
      fprintf(stderr, "compare: unknown option %s\n", argv[i]);
      exit(2);
    }
  }
}

int main(int argc, char **argv) {
  parse(argc, argv);
  shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) return 2;
  if (options.print) {
    fwrite(program, 1, write_program(options.first, program), stdout);
    return 0;
  }
  oracle_open();
  subject_open();
  if (options.file == NULL) return run_all();
  char *text = read_file(options.file);
  snprintf(program, sizeof program, "%s", text);
  free(text);
  run_alone(program, strlen(program), fault);
  if (fault[0] == '\0') return 0;
  show_finding(0, program, strlen(program));
  return 1;
}
