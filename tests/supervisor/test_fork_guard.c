/* SPDX-License-Identifier: BSD-2-Clause */
/* test_fork_guard - what the host's own children inherit: nothing of ours. */
#define _GNU_SOURCE
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sandbox/ferrous_sandbox.h"
#include "tests/check_main.h"

static int count_descriptors(void) {
  int count = 0;
  DIR *folder = opendir("/proc/self/fd");
  while (readdir(folder) != NULL) count++;
  closedir(folder);
  return count;
}

static FsbPool *open_pool(void) {
  FsbError error;
  FsbPoolOptions options = FSB_POOL_OPTIONS_INIT;
  options.worker_path = REAL_WORKER;
  options.spares = 2;
  FsbPool *pool = fsb_pool_open(&options, &error);
  ck_assert_msg(pool != NULL, "%s", pool == NULL ? error.text : "");
  return pool;
}

static FsbStart run(FsbPool *pool, const FsbHost *host) {
  FsbRequest request = FSB_REQUEST_INIT;
  request.principal = (FsbBytes){"p", 1};
  request.source = (FsbBytes){"return redis.call('PING')", 25};
  request.host = host;
  FsbResult *result = fsb_run(pool, &request);
  ck_assert_int_eq(fsb_result_code(result), 0);
  FsbStart start = fsb_result_usage(result)->start_kind;
  fsb_result_free(result);
  return start;
}

/* The status that a child exits with after `body`. */
static int in_child(long how, int (*body)(FsbPool *pool, FsbBackend *backend), FsbPool *pool, FsbBackend *backend) {
  int status = 0;
  pid_t child = how == SYS_fork ? (pid_t)syscall(SYS_fork) : fork();
  if (child == 0) _exit(body(pool, backend));
  ck_assert_int_eq(waitpid(child, &status, 0), child);
  ck_assert(WIFEXITED(status));
  return WEXITSTATUS(status);
}

static int count_body(FsbPool *pool, FsbBackend *backend) {
  (void)pool;
  (void)backend;
  return count_descriptors();
}

static int close_body(FsbPool *pool, FsbBackend *backend) {
  fsb_pool_close(pool);
  fsb_backend_close(backend);
  return count_descriptors();
}

START_TEST(a_child_inherits_no_descriptor_and_harms_nobody) {
  FsbError error;
  int before = count_descriptors();
  FsbPool *pool = open_pool();
  FsbBackend *backend = fsb_backend_private(&error);
  ck_assert_ptr_nonnull(backend);
  const FsbHost *host = fsb_backend_host(backend);
  (void)run(pool, host);
  ck_assert_int_gt(count_descriptors(), before + 4);
  ck_assert_int_eq(in_child(0, count_body, pool, backend), before);
  /* Without the handlers, everything is there: the control. */
  ck_assert_int_gt(in_child(SYS_fork, count_body, pool, backend), before + 4);
  ck_assert_int_eq(in_child(0, close_body, pool, backend), before);
  /* The parent's worker, zygote and server live on. */
  ck_assert_int_eq((int)run(pool, host), FSB_START_WARM);
  fsb_backend_close(backend);
  fsb_pool_close(pool);
  ck_assert_int_eq(count_descriptors(), before);
}
END_TEST

START_TEST(closed_pools_leave_the_list) {
  FsbPool *pools[3];
  int before = count_descriptors();
  for (int i = 0; i < 3; i++) pools[i] = open_pool();
  fsb_pool_close(pools[1]);
  ck_assert_int_eq(in_child(0, count_body, NULL, NULL), before);
  fsb_pool_close(pools[2]);
  ck_assert_int_eq(in_child(0, count_body, NULL, NULL), before);
  fsb_pool_close(pools[0]);
  ck_assert_int_eq(in_child(0, count_body, NULL, NULL), before);
}
END_TEST

SUITE("supervisor fork_guard", a_child_inherits_no_descriptor_and_harms_nobody, closed_pools_leave_the_list)
