/* SPDX-License-Identifier: BSD-2-Clause */
/* puppet - a program behind the real seal that does as it is told.
 *
 * It stands for a worker that an attacker has taken over completely: it executes
 * any system call or instruction asked for, natively.  Requests come on
 * descriptor 0, answers go to descriptor 1; no answer means that it died.
 */
#ifndef TESTS_WORKER_PUPPET_H
#define TESTS_WORKER_PUPPET_H

#include <stdint.h>

typedef enum {
  PUPPET_PING,      /* answers `number` */
  PUPPET_SYSCALL,   /* number, args: answers the raw result */
  PUPPET_INT80,     /* number, args[0..2]: the i386 entry (x86-64 only) */
  PUPPET_RDTSC,     /* answers the counter */
  PUPPET_LOAD,      /* args[0]: answers the byte there */
  PUPPET_STORE,     /* args[0]: writes the byte args[1] there, answers 0 */
  PUPPET_RECURSE,   /* uses args[0] bytes of stack in small frames, answers 0 */
  PUPPET_TRAP,      /* as a failed check of ours */
  PUPPET_BREAK,     /* as a stale handle */
  PUPPET_SMASH,     /* overwrites a canary and returns */
  PUPPET_CANARY,    /* answers the canary */
  PUPPET_WHERE,     /* args[0] picks a region: answers its address */
  PUPPET_SIZE,      /* likewise its size */
  PUPPET_SPIN,      /* never answers */
  PUPPET_CALL       /* jumps to args[0] */
} PuppetOp;

typedef enum { WHERE_ARENA, WHERE_CONTROL, WHERE_STATE, WHERE_STOP, WHERE_IN, WHERE_OUT, WHERE_COUNT_ } PuppetRegion;

typedef struct {
  uint64_t op;
  uint64_t number;
  uint64_t args[6];
} PuppetOrder;

/* The first thing a puppet says. */
typedef struct {
  uint64_t seal;
} PuppetHello;

#endif
