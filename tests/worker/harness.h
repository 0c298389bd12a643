/* SPDX-License-Identifier: BSD-2-Clause */
/* harness - starts a zygote as a supervisor would, for tests of the seal.
 *
 * Deliberately not the supervisor's own code: it is small, forks freely, and
 * can start the zygote as another user, under a filter, or with steps left out.
 */
#ifndef TESTS_WORKER_HARNESS_H
#define TESTS_WORKER_HARNESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "puppet.h"
#include "sandbox/zygote_abi.h"

typedef struct {
  const char *program;  /* path of the worker program */
  uint64_t avoid;
  uint64_t require;
  uint64_t memory;      /* 0: 1 MiB */
  uid_t uid;            /* not 0: the zygote is started as this user */
  bool no_user_ns;      /* the zygote runs under a filter: unshare and clone of user namespaces give EPERM */
  bool kill_unshare;    /* the zygote runs under a filter that kills at unshare */
  bool no_caps;         /* root, but its bounding set is empty */
  bool one_id;          /* root of a user namespace in which only root is mapped */
  bool redis_unit;      /* the zygote runs under the filters of Debian's redis-server.service */
  bool no_filter;       /* load a filter that allows everything (negative controls) */
  bool wrong_build;
} HarnessOptions;

typedef struct {
  int control;
  pid_t pid;
  ZygoteReport report;
} Harness;

typedef struct {
  int request; /* write end */
  int reply;   /* read end */
  int pidfd;
  int stop;    /* memfd of the stop page */
  pid_t pid;
  uint32_t worker;
  int error;
} HarnessWorker;

/* Starts a zygote and reads its report.  Aborts the test when it does not answer. */
void harness_start(Harness *h, const HarnessOptions *options);

/* Closes the control socket and reaps the zygote; returns its wait status. */
int harness_stop(Harness *h);

/* Spawns one worker. */
HarnessWorker harness_spawn(Harness *h);

/* Waits for the EXITED packet of a worker and closes its descriptors. */
ZygoteExited harness_wait(Harness *h, HarnessWorker *w);

/* Reads exactly `size` bytes within two seconds; false at end of file or time-out. */
bool harness_read(int fd, void *to, size_t size);

/* Gives a puppet an order; true with its answer, false when it died (or spins). */
bool harness_order(HarnessWorker *w, const PuppetOrder *order, int64_t *ret_answer);

/* Spawns a puppet, waits for its hello, gives it one order and sees how it ends:
 * true with its answer, or false with the packet of its end. */
bool harness_try(Harness *h, const PuppetOrder *order, int64_t *ret_answer, ZygoteExited *ret_end);

/* The puppet program of this build. */
#define HARNESS_PUPPET FERROUS_TEST_BIN_DIR "/../tests/worker/puppet"

/* Nanoseconds on the monotonic clock. */
uint64_t harness_now(void);

/* Name of a step. */
const char *harness_step_name(SealStep step);

/* Whether the machine could apply a step; prints why a test skips otherwise. */
bool harness_has(const Harness *h, SealStep step, const char *test);

#endif
