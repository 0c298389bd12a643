/* SPDX-License-Identifier: BSD-2-Clause */
/* real_pool - a small pool of real workers. */
#ifndef TESTS_SUPERVISOR_REAL_POOL_H
#define TESTS_SUPERVISOR_REAL_POOL_H

#include <check.h>

#include "sandbox/ferrous_sandbox.h"

static inline FsbPool *real_pool_open(FsbPoolOptions options) {
  FsbError error;
  FsbLimits *limits = fsb_limits_new();
  ck_assert(fsb_limits_set(limits, "memory=4m", &error));
  options.limits = limits;
  options.worker_path = FERROUS_TEST_BIN_DIR "/ferrous-sandbox-worker";
  FsbPool *pool = fsb_pool_open(&options, &error);
  ck_assert_msg(pool != NULL, "%s", error.text);
  fsb_limits_free(limits);
  return pool;
}

#endif
