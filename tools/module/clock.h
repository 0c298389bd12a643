/* SPDX-License-Identifier: BSD-2-Clause */
/* clock - the time, as the module's files count it. */
#ifndef TOOLS_MODULE_CLOCK_H
#define TOOLS_MODULE_CLOCK_H

#include <stdint.h>
#include <time.h>

#include "policy/quota/admission.h"

/* Returns what a clock shows, in nanoseconds. */
static inline uint64_t module_clock_read(clockid_t clock) {
  struct timespec time;
  (void)clock_gettime(clock, &time);
  return (uint64_t)time.tv_sec * UINT64_C(1000000000) + (uint64_t)time.tv_nsec;
}

static inline uint64_t module_clock_now(void) {
  return module_clock_read(CLOCK_MONOTONIC);
}

/* What the calling thread has computed. */
static inline uint64_t module_clock_thread(void) {
  return module_clock_read(CLOCK_THREAD_CPUTIME_ID);
}

/* Since 1970, as journals have it. */
static inline int64_t module_clock_date(void) {
  return (int64_t)module_clock_read(CLOCK_REALTIME);
}

/* Both, as quotas are asked with. */
static inline Times module_clock_times(void) {
  return (Times){module_clock_now(), module_clock_date()};
}

#endif
