/* SPDX-License-Identifier: BSD-2-Clause */
/* turn - the rules. */
#include "tools/module/turn.h"

/* A pass that is full is over within so long, if nothing else holds it up. */
#define NEXT_PASS UINT64_C(1000000)

/* Longer limits promise nobody anything that a tenth of them would matter for. */
#define MOST_SHARP UINT64_C(500000000)

uint64_t module_turn_hold(uint64_t hold) {
  return hold <= MOST_SHARP ? hold - hold / 10 : hold;
}

void module_turn_pass(Turns *turns) {
  turns->pass++;
  turns->held_before = turns->held;
  turns->held = turns->worked = 0;
}

static bool is_long(const TurnRecord *record, uint64_t now) {
  return record->long_until > now;
}

/* In a long pass, or the next: whether the tenant has had its part of it, or is not known. */
static bool has_had_its_part(const Turns *turns, const TurnRecord *record, const TurnRules *rules) {
  bool is_busy = turns->held >= TURN_LONG || turns->held_before >= TURN_LONG;
  uint64_t had = record->pass == turns->pass ? record->held : 0;
  uint64_t part = rules->has_saved && rules->hold / 2 > TURN_BRIEF ? rules->hold / 2 : TURN_BRIEF;
  return is_busy && !(record->is_known && had < part);
}

static bool is_full(const Turns *turns, uint64_t hold) {
  return turns->worked / 2 >= hold;
}

uint64_t module_turn_wait(const Turns *turns, const TurnRecord *record, const TurnRules *rules, uint64_t now) {
  if (is_long(record, now) && turns->pause_until > now) return turns->pause_until - now;
  if (turns->pass == 0) return 0;
  return has_had_its_part(turns, record, rules) || is_full(turns, rules->hold) ? NEXT_PASS : 0;
}

void module_turn_note(Turns *turns, TurnRecord *record, const TurnRules *rules, uint64_t held, uint64_t worked,
                      uint64_t now) {
  bool is_same_pass = turns->pass != 0 && record->pass == turns->pass;
  record->held = worked + (is_same_pass ? record->held : 0);
  record->pass = turns->pass;
  record->is_known = true;
  turns->held += held;
  turns->worked += worked;
  uint64_t counts = rules->has_saved ? worked : record->held;
  if (counts < TURN_LONG) return;
  record->long_until = now + TURN_MEMORY;
  /* A second run in the same pass makes the pause as long as both. */
  uint64_t until = now + record->held / rules->share * (100 - rules->share);
  if (until > turns->pause_until) turns->pause_until = until;
}
