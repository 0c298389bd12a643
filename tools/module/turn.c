/* SPDX-License-Identifier: BSD-2-Clause */
/* turn - the rules. */
#include "tools/module/turn.h"

/* A pass that is full is over within so long, if nothing else holds it up. */
#define NEXT_PASS UINT64_C(1000000)

/* Longer limits promise nobody anything that a tenth of them would matter for. */
#define MOST_SHARP UINT64_C(500000000)

/* Of limits so short or so long that parts of them say nothing. */
#define LEAST_DOOR UINT64_C(500000)
#define MOST_OWN UINT64_C(1000000)

/* Of two passes, what runs held and did not work stands from this part of a limit on. */
#define LENT_TO_ALL 2

static uint64_t larger(uint64_t a, uint64_t b) {
  return a > b ? a : b;
}

static uint64_t smaller(uint64_t a, uint64_t b) {
  return a < b ? a : b;
}

uint64_t module_turn_hold(uint64_t hold) {
  return hold <= MOST_SHARP ? hold - hold / 10 : hold;
}

void module_turn_pass(Turns *turns) {
  turns->pass++;
  turns->before = turns->now;
  turns->now = (TurnPass){.hold = 0};
}

/* --- What stands --- */

/* What is promised to who waits: the largest limit of those that it waits for. */
static uint64_t find_promise(const Turns *turns, const TurnRules *rules) {
  return larger(rules->hold, larger(turns->now.hold, turns->before.hold));
}

static TurnTime add(TurnTime a, TurnTime b) {
  return (TurnTime){.held = a.held + b.held, .worked = a.worked + b.worked};
}

static uint64_t stands_of(TurnTime took, uint64_t promise) {
  return took.held - smaller(took.held - took.worked, smaller(promise, MOST_SHARP) / LENT_TO_ALL);
}

static uint64_t standing(const Turns *turns, uint64_t promise) {
  return stands_of(add(turns->now.took, turns->before.took), promise);
}

/* What the tenant's runs took in the two passes. */
static TurnTime find_had(const Turns *turns, const TurnRecord *record) {
  if (record->pass == turns->pass) return add(record->now, record->before);
  return record->pass + 1 == turns->pass ? record->now : (TurnTime){.held = 0};
}

/* What a rate of nanoseconds a second brings in `time`, `most` at most. */
static uint64_t bring(uint64_t rate, uint64_t time, uint64_t most) {
  double brought = (double)rate * (double)time / 1e9;
  return brought < (double)most ? (uint64_t)brought : most;
}

static uint64_t own_part(uint64_t stands, uint64_t promise, const TurnRules *rules) {
  uint64_t part = smaller(promise / 100, MOST_OWN);
  return rules->has_saved ? larger(part, bring(rules->rate, stands, MOST_SHARP)) : part;
}

/* --- Who may begin --- */

static uint64_t door(uint64_t promise) {
  return larger(smaller(promise / 20, TURN_LONG), LEAST_DOOR);
}

static bool has_room_for_long(const Turns *turns, uint64_t promise, uint64_t now) {
  bool has_waited = turns->asked_at != 0 && now - turns->asked_at >= TURN_PATIENCE;
  return standing(turns, promise) <= (has_waited ? promise / 2 : door(promise));
}

static bool fits(uint64_t stands, const TurnRecord *record, uint64_t promise, const TurnRules *rules) {
  uint64_t most = promise - promise / 10;
  return rules->has_saved ? stands <= most && record->peak <= most - stands : stands <= door(promise);
}

static bool is_own(const Turns *turns, const TurnRecord *record, uint64_t promise, const TurnRules *rules) {
  TurnTime had = find_had(turns, record);
  uint64_t part = own_part(standing(turns, promise), promise, rules);
  return had.worked + record->usual <= part && had.held <= part + promise;
}

static bool has_room_for_short(const Turns *turns, const TurnRecord *record, uint64_t promise, const TurnRules *rules) {
  if (stands_of(turns->now.took, promise) / 5 >= promise / 4) return false;
  return fits(standing(turns, promise), record, promise, rules) || is_own(turns, record, promise, rules);
}

uint64_t module_turn_wait(Turns *turns, const TurnRecord *record, const TurnRules *rules, uint64_t now) {
  bool is_long = record->long_until > now;
  if (is_long && turns->pause_until > now) return turns->pause_until - now;
  if (turns->pass == 0) return 0;
  uint64_t promise = find_promise(turns, rules);
  if (!is_long && record->short_runs >= TURN_TRUST) return has_room_for_short(turns, record, promise, rules) ? 0 : NEXT_PASS;
  bool has_room = has_room_for_long(turns, promise, now);
  if (has_room)
    turns->asked_at = 0;
  else if (turns->asked_at == 0)
    turns->asked_at = now;
  return has_room ? 0 : NEXT_PASS;
}

/* --- After a run --- */

/* Returns what of a run its tenant has worked, or has nothing lent for.  Nobody could have it go on beyond the limit
 * but a command of the server's, which works, or the machine. */
static uint64_t lend(TurnRecord *record, const TurnRules *rules, TurnTime took, uint64_t now) {
  uint64_t held = larger(smaller(took.held, rules->hold), took.worked);
  uint64_t lent = record->lent - bring(rules->rate, now - record->lent_at, record->lent);
  uint64_t more = smaller(held - took.worked, rules->hold - smaller(lent, rules->hold));
  record->lent = lent + more;
  record->lent_at = now;
  return held - more;
}

static void note_of_tenant(const Turns *turns, TurnRecord *record, TurnTime took) {
  bool is_same_pass = turns->pass != 0 && record->pass == turns->pass;
  if (!is_same_pass) {
    record->before = turns->pass == 0 ? (TurnTime){.held = 0} : find_had(turns, record);
    record->now = (TurnTime){.held = 0};
  }
  record->pass = turns->pass;
  record->now = add(record->now, took);
  record->usual = record->usual == 0 ? took.worked : record->usual - record->usual / 8 + took.worked / 8;
  record->peak = larger(took.worked, record->peak / 2);
}

void module_turn_note(Turns *turns, TurnRecord *record, const TurnRules *rules, uint64_t held, uint64_t worked,
                      uint64_t now) {
  TurnTime took = {.held = held, .worked = smaller(worked, held)};
  took.worked = lend(record, rules, took, now);
  note_of_tenant(turns, record, (TurnTime){.held = smaller(held, larger(rules->hold, took.worked)), .worked = took.worked});
  turns->now.took = add(turns->now.took, took);
  turns->now.hold = larger(turns->now.hold, rules->hold);
  uint64_t counts = rules->has_saved ? took.worked : record->now.worked;
  if (counts < TURN_LONG) {
    record->short_runs += record->short_runs < TURN_TRUST;
    return;
  }
  record->short_runs = 0;
  record->long_until = now + TURN_MEMORY;
  /* A second run in the same pass makes the pause as long as both. */
  uint64_t until = now + record->now.held / rules->share * (100 - rules->share);
  if (until > turns->pause_until) turns->pause_until = until;
}
