/* SPDX-License-Identifier: BSD-2-Clause */
/* turn - how scripts of tenants take turns with everything else that waits for the server's thread.
 *
 * The server serves one connection after the other: in one pass of its event loop, everybody whose
 * command has come.  A command that comes during a pass is served in the next, so what it waits for
 * are the scripts of at most two passes, this one's and the last one's: the sum is what *stands*.
 * The rules keep it within the limit `hold` (the largest of those who ran), called H here:
 *   - a run that may be long, of a tenant that had a long one lately or is hardly known, takes up to 9/10 H
 *     and begins only where at most H/20 stands.  After it such tenants pause, in proportion to it;
 *   - a short run of a tenant with enough of its burst left begins where with it, judged by the tenant's
 *     longest lately, no more than 9/10 H stands: of many clients that all had to wait, too;
 *   - of one that has used up most of its burst it begins where at most H/20 stands; its short runs of
 *     a pass count together, be they on ten connections or in one pipeline;
 *   - whatever stands, a tenant has its own part of two passes: H/100, and with enough of its burst left
 *     what its rate brings in the time that stands.
 * So nothing but own parts begins where more than 19/20 H would stand, and nobody waits for more than H and
 * the own parts of those who run scripts at all: that is their work, within their rates, and no abuse.
 *
 * A busy machine, or its host, takes the processor away in the middle of anybody's run; then all wait, and
 * nobody did it.  So everything that is said above of a tenant (long, short, its longest, its own part) is said
 * of what its runs *worked*, and what they only held the thread for does not stand.  But a process that was
 * taken over can lie idle on purpose and look the same, so the difference is lent, not given: to a tenant H at a
 * time, paid back at its rate; to all of them H/2 in two passes.  What is beyond that they have worked, and it
 * stands.  Only what passes beyond a run's limit is the machine's for certain, as nobody is let run on.
 *
 * Twice it is more.  Who is known for short runs and has a long one is found out by that, once in a
 * minute; a pass in which 5/4 H were worked takes no more runs.  And where shorter runs always
 * stand in their way, one of those that may be long begins beside them each five seconds.
 *
 * Pure: time is a parameter, CLOCK_MONOTONIC nanoseconds.
 */
#ifndef TOOLS_MODULE_TURN_H
#define TOOLS_MODULE_TURN_H

#include <stdbool.h>
#include <stdint.h>

/* A run is long from here on, and how long that is remembered. */
#define TURN_LONG UINT64_C(5000000)
#define TURN_MEMORY UINT64_C(60000000000)
/* Short runs from which on a tenant is known for them. */
#define TURN_TRUST 4
/* After so long one run that may be long begins beside short ones. */
#define TURN_PATIENCE UINT64_C(5000000000)

/* What runs took. */
typedef struct {
  uint64_t held;   /* for so long they held the thread */
  uint64_t worked; /* of that, what they or their commands worked, or nothing was lent for */
} TurnTime;

/* Scripts of tenants that take turns, in one pass. */
typedef struct {
  TurnTime took;
  uint64_t hold; /* the largest limit of one of them */
} TurnPass;

/* The thread's. */
typedef struct {
  uint64_t pass; /* number of the pass of the event loop; 0: passes are not known */
  TurnPass now, before;
  uint64_t pause_until; /* until then nothing runs of tenants with long runs */
  uint64_t asked_at; /* when one that may be long was refused first, since one began; 0: none was */
} Turns;

/* A tenant's. */
typedef struct {
  unsigned short_runs; /* since its last long one, up to TURN_TRUST */
  uint64_t long_until; /* until then it is taken to run long scripts */
  uint64_t peak;       /* its longest run lately, by what it worked */
  uint64_t usual;      /* its runs on the average, likewise */
  uint64_t pass;       /* in which it ran last */
  TurnTime now, before; /* what its runs took in that pass, and in the one before */
  uint64_t lent;       /* held, not worked, and not held against it */
  uint64_t lent_at;    /* when; what its rate brought since is paid back */
} TurnRecord;

/* What the rules need to know of a tenant besides. */
typedef struct {
  uint64_t hold;  /* its limit */
  uint64_t rate;  /* of the thread's time, nanoseconds a second */
  bool has_saved; /* at least half of its burst of the thread's time is left */
  unsigned share; /* percent of the thread that is for long runs, 1 to 99 */
} TurnRules;

/* The event loop begins another pass. */
void module_turn_pass(Turns *turns);

/* Returns for how many nanoseconds the tenant's turn has not come; 0: it may run. */
uint64_t module_turn_wait(Turns *turns, const TurnRecord *record, const TurnRules *rules, uint64_t now);

/* Returns how long a run may hold the thread, of the limit `hold`. */
uint64_t module_turn_hold(uint64_t hold);

/* A run of it has held the thread for `held`, and worked, or let a command work, for `worked` of that. */
void module_turn_note(Turns *turns, TurnRecord *record, const TurnRules *rules, uint64_t held, uint64_t worked,
                      uint64_t now);

#endif
