/* SPDX-License-Identifier: BSD-2-Clause */
/* turn - how scripts of tenants take turns with everything else that waits for the server's thread.
 *
 * The server serves one connection after the other: in one pass of its event loop, everybody whose
 * command has come.  Several tenants' long runs would stand in a row there, before everybody
 * else's commands, so:
 *   - after a long run, tenants that had long ones lately pause, in proportion to it;
 *   - in a pass that was long already, and in the next, which serves who waited meanwhile, a tenant
 *     that nobody knows does not begin, and one that has used up most of its burst has what is brief;
 *     many clients' short runs, that came together because all had to wait, find room there;
 *   - short runs of one that has used up most of its burst count together, be they on ten connections
 *     or in one pipeline;
 *   - a pass of twice the limit `hold` takes no more runs at all.
 * So others wait for one run of at most the limit `hold`, a tenth of which is kept for its end and for
 * the short runs of the pass; for twice as long only when a tenant runs a long script for the first time in a
 * minute.
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
/* What runs in a pass take in all, as long as it does not matter. */
#define TURN_BRIEF UINT64_C(1000000)

/* The thread's. */
typedef struct {
  uint64_t pass;        /* number of the pass of the event loop; 0: passes are not known */
  uint64_t held;        /* by scripts of tenants that take turns, in this pass */
  uint64_t held_before; /* in the last one */
  uint64_t worked;      /* of `held`, without what they waited for a processor */
  uint64_t pause_until; /* until then nothing runs of tenants with long runs */
} Turns;

/* A tenant's. */
typedef struct {
  bool is_known;       /* it has run something */
  uint64_t long_until; /* until then it is taken to run long scripts */
  uint64_t pass, held; /* what its runs took in that pass */
} TurnRecord;

/* What the rules need to know of a tenant besides. */
typedef struct {
  uint64_t hold;  /* its limit */
  bool has_saved; /* at least half of its burst of the thread's time is left */
  unsigned share; /* percent of the thread that is for long runs, 1 to 99 */
} TurnRules;

/* The event loop begins another pass. */
void module_turn_pass(Turns *turns);

/* Returns for how many nanoseconds the tenant's turn has not come; 0: it may run. */
uint64_t module_turn_wait(const Turns *turns, const TurnRecord *record, const TurnRules *rules, uint64_t now);

/* Returns how long a run may hold the thread, of the limit `hold`. */
uint64_t module_turn_hold(uint64_t hold);

/* A run of it has held the thread for `held`, and worked, or let a command work, for `worked` of that:
 * a busy machine makes nobody's run a long one, but those who waited have waited. */
void module_turn_note(Turns *turns, TurnRecord *record, const TurnRules *rules, uint64_t held, uint64_t worked,
                      uint64_t now);

#endif
