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
  turns->now = (TurnPass){.worked = 0};
}

/* --- What stands --- */

/* What is promised to who waits: the largest limit of those that it waits for. */
static uint64_t find_promise(const Turns *turns, const TurnRules *rules) {
  return larger(rules->hold, larger(turns->now.hold, turns->before.hold));
}

static uint64_t standing(const Turns *turns) {
  return turns->now.worked + turns->before.worked;
}

/* What the tenant's runs took in the two passes. */
static uint64_t find_had(const Turns *turns, const TurnRecord *record) {
  if (record->pass == turns->pass) return record->worked + record->worked_before;
  return record->pass + 1 == turns->pass ? record->worked : 0;
}

/* What a rate of nanoseconds a second brings in `time`. */
static uint64_t bring(uint64_t rate, uint64_t time) {
  double brought = (double)rate * (double)time / 1e9;
  return brought < (double)MOST_SHARP ? (uint64_t)brought : MOST_SHARP;
}

static uint64_t own_part(uint64_t stands, uint64_t promise, const TurnRules *rules) {
  uint64_t part = smaller(promise / 100, MOST_OWN);
  return rules->has_saved ? larger(part, bring(rules->rate, stands)) : part;
}

/* --- Who may begin --- */

static uint64_t door(uint64_t promise) {
  return larger(smaller(promise / 20, TURN_LONG), LEAST_DOOR);
}

static bool has_room_for_long(const Turns *turns, uint64_t promise, uint64_t now) {
  bool has_waited = turns->asked_at != 0 && now - turns->asked_at >= TURN_PATIENCE;
  return standing(turns) <= (has_waited ? promise / 2 : door(promise));
}

static bool fits(uint64_t stands, const TurnRecord *record, uint64_t promise, const TurnRules *rules) {
  uint64_t most = promise - promise / 10;
  return rules->has_saved ? stands <= most && record->peak <= most - stands : stands <= door(promise);
}

static bool has_room_for_short(const Turns *turns, const TurnRecord *record, uint64_t promise, const TurnRules *rules) {
  uint64_t stands = standing(turns);
  if (turns->now.worked / 5 >= promise / 4) return false;
  return fits(stands, record, promise, rules) ||
         find_had(turns, record) + record->usual <= own_part(stands, promise, rules);
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

static void note_of_tenant(const Turns *turns, TurnRecord *record, uint64_t worked) {
  bool is_same_pass = turns->pass != 0 && record->pass == turns->pass;
  if (!is_same_pass) {
    record->worked_before = turns->pass == 0 ? 0 : find_had(turns, record);
    record->worked = 0;
  }
  record->pass = turns->pass;
  record->worked += worked;
  record->usual = record->usual == 0 ? worked : record->usual - record->usual / 8 + worked / 8;
  record->peak = larger(worked, record->peak / 2);
}

void module_turn_note(Turns *turns, TurnRecord *record, const TurnRules *rules, uint64_t held, uint64_t worked,
                      uint64_t now) {
  if (held >= module_turn_hold(rules->hold)) worked = held;
  note_of_tenant(turns, record, worked);
  turns->now.worked += worked;
  turns->now.hold = larger(turns->now.hold, rules->hold);
  uint64_t counts = rules->has_saved ? worked : record->worked;
  if (counts < TURN_LONG) {
    record->short_runs += record->short_runs < TURN_TRUST;
    return;
  }
  record->short_runs = 0;
  record->long_until = now + TURN_MEMORY;
  /* A second run in the same pass makes the pause as long as both. */
  uint64_t until = now + record->worked / rules->share * (100 - rules->share);
  if (until > turns->pause_until) turns->pause_until = until;
}
