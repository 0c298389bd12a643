/* SPDX-License-Identifier: BSD-2-Clause */
/* faults - pools of fake workers (fake_worker.c), and what is expected of their runs. */
#ifndef TESTS_SUPERVISOR_FAULTS_H
#define TESTS_SUPERVISOR_FAULTS_H

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "policy/codes.h"
#include "sandbox/ferrous_sandbox.h"
#include "tests/check_main.h"

#define MS UINT64_C(1000000)

/* Below every default limit of time, and enough for a busy machine. */
#define PROMPT (10000 * MS)

static inline uint64_t now(void) {
  struct timespec time;
  (void)clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000 * MS + (uint64_t)time.tv_nsec;
}

/* The fake chooses its faults by the name it is executed under. */
static inline FsbPool *open_mood(const char *mood, FsbError *error) {
  char path[512];
  FsbPoolOptions options = FSB_POOL_OPTIONS_INIT;
  (void)snprintf(path, sizeof path, "%s%s%s", FAKE_WORKER, mood == NULL ? "" : "-",
                 mood == NULL ? "" : mood);
  if (mood != NULL && access(path, X_OK) != 0) ck_assert_int_eq(link(FAKE_WORKER, path), 0);
  options.worker_path = path;
  FsbPool *pool = fsb_pool_open(&options, error);
  if (mood != NULL) (void)unlink(path);
  return pool;
}

static inline FsbPool *open_good(void) {
  FsbError error;
  FsbPool *pool = open_mood(NULL, &error);
  ck_assert_msg(pool != NULL, "%s", pool == NULL ? error.text : "");
  return pool;
}

static inline FsbRequest request_of(const char *source) {
  FsbRequest request = FSB_REQUEST_INIT;
  request.source = (FsbBytes){source, strlen(source)};
  request.principal = (FsbBytes){"p", 1};
  return request;
}

static inline FsbResult *run(FsbPool *pool, const char *source) {
  FsbRequest request = request_of(source);
  return fsb_run(pool, &request);
}

static inline void expect(FsbPool *pool, const char *source, Code code, const char *text) {
  FsbResult *result = run(pool, source);
  FsbBytes error = fsb_result_error(result);
  ck_assert_msg(fsb_result_code(result) == (int)code, "%s: %s, not %s: %.*s", source,
                fsb_code_label(fsb_result_code(result)), fsb_code_label((int)code), (int)error.size,
                error.data);
  ck_assert_msg(text[0] == '\0' || memmem(error.data, error.size, text, strlen(text)) != NULL,
                "%s: '%.*s' without '%s'", source, (int)error.size, error.data, text);
  fsb_result_free(result);
}

static inline int64_t integer_of(FsbResult *result) {
  FsbElement element = {.integer = INT64_MIN};
  FsbWalk *walk = fsb_walk_open(result, 2);
  ck_assert_ptr_nonnull(walk);
  (void)fsb_walk_next(walk, &element);
  fsb_walk_close(walk);
  return element.integer;
}

/* Whatever happened, the pool must go on serving. */
static inline void expect_alive(FsbPool *pool) {
  FsbResult *result = run(pool, "result 41");
  ck_assert_int_eq(fsb_result_code(result), CODE_OK);
  ck_assert_int_eq(integer_of(result), 41);
  fsb_result_free(result);
}

static inline int count_fds(void) {
  DIR *directory = opendir("/proc/self/fd");
  int count = 0;
  while (readdir(directory) != NULL) count++;
  (void)closedir(directory);
  return count;
}

static inline bool has_children(void) {
  return waitpid(-1, NULL, WNOHANG) != -1;
}

#endif
