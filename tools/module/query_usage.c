/* SPDX-License-Identifier: BSD-2-Clause */
/* query_usage - who used what since the start: tenants, usage, slowlog, limits. */
#include <stdlib.h>
#include <string.h>

#include "tools/module/board.h"
#include "tools/module/query.h"
#include "tools/module/tally.h"

#define TENANTS_AT_ONCE 100
#define SCRIPTS_AT_ONCE 20

/* --- Words --- */

typedef struct {
  char tenant[64]; /* empty: all */
  uint64_t count;
} Choice;

static bool read_choice(Query *query, const QueryRow *row, Choice *choice) {
  for (size_t i = 0; i < query->count; i += 2) {
    bool has_value = i + 1 < query->count;
    if (has_value && module_query_is(query->words[i], "count")) {
      if (!module_query_number(query, query->words[i + 1], &choice->count)) return false;
    } else if (has_value && row->most == 4 && module_query_is(query->words[i], "tenant")) {
      if (!module_query_text(query, query->words[i + 1], choice->tenant, sizeof choice->tenant))
        return false;
    } else {
      module_query_fail(query, CODE_USAGE, "%s takes: %s", row->name, row->words);
      return false;
    }
  }
  return true;
}

/* --- tenants and usage --- */

static uint64_t sum_runs(const TenantTally *row) {
  uint64_t sum = 0;
  for (unsigned code = 0; code < CODE_COUNT_; code++) sum += tally_get(&row->outcomes[code]);
  return sum;
}

static uint64_t sum_limits(const TenantTally *row) {
  uint64_t sum = 0;
  for (unsigned code = 0; code < CODE_COUNT_; code++)
    if (policy_codes_is_limit((Code)code)) sum += tally_get(&row->outcomes[code]);
  return sum;
}

static uint64_t sum_rejects(const TenantTally *row) {
  uint64_t sum = 0;
  for (unsigned i = 0; i < REJECT_COUNT_; i++) sum += tally_get(&row->rejects[i]);
  return sum;
}

static void put_tenant(Answer *answer, const TenantTally *row) {
  uint64_t runs = sum_runs(row);
  module_answer_map(answer, NULL);
  module_answer_text(answer, "tenant", row->name);
  module_answer_count(answer, "runs", runs);
  module_answer_count(answer, "failures", runs - tally_get(&row->outcomes[CODE_OK]));
  module_answer_count(answer, "limits_exceeded", sum_limits(row));
  module_answer_count(answer, "rejections", sum_rejects(row));
  for (unsigned i = 0; i < AMOUNT_COUNT_; i++)
    module_answer_count(answer, module_tally_amount((Amount)i), tally_get(&row->amounts[i]));
  module_answer_end(answer);
}

typedef struct {
  const TenantTally *row;
  uint64_t weight;
} Weighed;

static int by_weight(const void *left, const void *right) {
  uint64_t a = ((const Weighed *)left)->weight, b = ((const Weighed *)right)->weight;
  return a < b ? 1 : a > b ? -1 : 0;
}

/* The tenants that ran, the heaviest first, in a heap block; NULL when memory is out. */
static Weighed *weigh_tenants(size_t *ret_count) {
  const TenantTally *row;
  size_t count = 0, room = 0;
  while (module_tally_tenant(room) != NULL) room++;
  Weighed *list = calloc(room == 0 ? 1 : room, sizeof *list);
  if (list == NULL) return NULL;
  for (size_t i = 0; i < room && (row = module_tally_tenant(i)) != NULL; i++)
    if (sum_runs(row) + sum_rejects(row) != 0)
      list[count++] = (Weighed){row, tally_get(&row->amounts[AMOUNT_WALL_NS])};
  qsort(list, count, sizeof *list, by_weight);
  *ret_count = count;
  return list;
}

void module_query_tenants(Query *query) {
  Choice choice = {.count = TENANTS_AT_ONCE};
  size_t count = 0;
  if (!read_choice(query, module_query_find((FsbBytes){"tenants", 7}), &choice)) return;
  Weighed *list = weigh_tenants(&count);
  if (list == NULL) {
    module_query_fail(query, CODE_INTERNAL, "out of memory");
    return;
  }
  module_answer_map(query->answer, NULL);
  module_answer_count(query->answer, "total", count);
  module_answer_list(query->answer, "tenants");
  for (size_t i = 0; i < count && i < choice.count; i++) put_tenant(query->answer, list[i].row);
  module_answer_end(query->answer);
  module_answer_end(query->answer);
  free(list);
}

/* Finds the row of the tenant that a word names. */
static const TenantTally *find_tenant(Query *query, FsbBytes word) {
  char name[64];
  if (!module_query_text(query, word, name, sizeof name)) return NULL;
  const TenantTally *row = module_tally_find(name);
  if (row == NULL) module_query_fail(query, CODE_NOT_FOUND, "nothing of tenant %s has run", name);
  return row;
}

static void put_outcomes(Answer *answer, const TenantTally *row) {
  module_answer_map(answer, "outcomes");
  for (unsigned i = 0; i < CODE_COUNT_; i++) {
    const CodeRow *code = policy_codes_find(i);
    uint64_t count = tally_get(&row->outcomes[i]);
    if (count != 0 && code != NULL) module_answer_count(answer, code->label, count);
  }
  module_answer_end(answer);
}

void module_query_usage(Query *query) {
  const TenantTally *row = find_tenant(query, query->words[0]);
  if (row == NULL) return;
  module_answer_map(query->answer, NULL);
  module_answer_text(query->answer, "tenant", row->name);
  put_outcomes(query->answer, row);
  module_answer_map(query->answer, "rejections");
  for (unsigned i = 0; i < REJECT_COUNT_; i++)
    if (tally_get(&row->rejects[i]) != 0)
      module_answer_count(query->answer, module_tally_reject_name((Reject)i),
                          tally_get(&row->rejects[i]));
  module_answer_end(query->answer);
  for (unsigned i = 0; i < AMOUNT_COUNT_; i++)
    module_answer_count(query->answer, module_tally_amount((Amount)i), tally_get(&row->amounts[i]));
  module_answer_end(query->answer);
}

/* --- slowlog --- */

static int by_time(const void *left, const void *right) {
  uint64_t a = ((const ScriptTally *)left)->wall_ns, b = ((const ScriptTally *)right)->wall_ns;
  return a < b ? 1 : a > b ? -1 : 0;
}

static void put_script(Answer *answer, const ScriptTally *row) {
  const CodeRow *code = policy_codes_find((uint32_t)row->last_code);
  module_answer_map(answer, NULL);
  module_answer_text(answer, "tenant", row->tenant);
  module_answer_text(answer, "script", row->script);
  module_answer_count(answer, "runs", row->runs);
  module_answer_count(answer, "failures", row->failures);
  module_answer_count(answer, "wall_ns", row->wall_ns);
  module_answer_count(answer, "error_ns", row->error_ns);
  module_answer_count(answer, "longest_ns", row->longest_ns);
  module_answer_count(answer, "instructions", row->instructions);
  module_answer_count(answer, "cpu_ns", row->cpu_ns);
  module_answer_count(answer, "host_time_ns", row->host_time_ns);
  module_answer_count(answer, "calls", row->calls);
  module_answer_text(answer, "last_outcome", code == NULL ? "" : code->label);
  module_answer_end(answer);
}

void module_query_slowlog(Query *query) {
  Choice choice = {.count = SCRIPTS_AT_ONCE};
  if (!read_choice(query, module_query_find((FsbBytes){"slowlog", 7}), &choice)) return;
  ScriptTally *rows = calloc(TALLY_SCRIPTS, sizeof *rows);
  size_t count = 0;
  if (rows == NULL) {
    module_query_fail(query, CODE_INTERNAL, "out of memory");
    return;
  }
  for (size_t i = 0; i < TALLY_SCRIPTS && module_tally_script(i, &rows[count]); i++)
    if (choice.tenant[0] == '\0' || strcmp(choice.tenant, rows[count].tenant) == 0) count++;
  qsort(rows, count, sizeof *rows, by_time);
  module_answer_map(query->answer, NULL);
  module_answer_list(query->answer, "scripts");
  for (size_t i = 0; i < count && i < choice.count; i++) put_script(query->answer, &rows[i]);
  module_answer_end(query->answer);
  module_answer_end(query->answer);
  free(rows);
}

/* --- limits --- */

static uint64_t most_used(const TenantTally *only, size_t limit) {
  const TenantTally *row;
  uint64_t most = 0;
  if (only != NULL) return tally_get(&only->peaks[limit]);
  for (size_t i = 0; (row = module_tally_tenant(i)) != NULL; i++)
    if (tally_get(&row->peaks[limit]) > most) most = tally_get(&row->peaks[limit]);
  return most;
}

static uint64_t runs_seen(const TenantTally *only) {
  const TenantTally *row;
  uint64_t sum = 0;
  if (only != NULL) return sum_runs(only);
  for (size_t i = 0; (row = module_tally_tenant(i)) != NULL; i++) sum += sum_runs(row);
  return sum;
}

static uint64_t times_met(const TenantTally *only, Code code) {
  const TenantTally *row;
  uint64_t sum = 0;
  if (only != NULL) return tally_get(&only->outcomes[code]);
  for (size_t i = 0; (row = module_tally_tenant(i)) != NULL; i++)
    sum += tally_get(&row->outcomes[code]);
  return sum;
}

void module_query_limits(Query *query) {
  const TenantTally *only = NULL;
  const LimitRow *row;
  Board board;
  if (query->count == 1 && (only = find_tenant(query, query->words[0])) == NULL) return;
  if (!module_board_read(&board)) {
    module_query_fail(query, CODE_INTERNAL, "the server has not finished starting");
    return;
  }
  module_answer_map(query->answer, NULL);
  module_answer_count(query->answer, "runs", runs_seen(only));
  module_answer_list(query->answer, "limits");
  for (size_t i = 0; (row = policy_limits_row(i)) != NULL; i++) {
    module_answer_map(query->answer, NULL);
    module_answer_text(query->answer, "limit", row->name);
    module_answer_text(query->answer, "unit", policy_limits_unit_name(row->unit));
    module_answer_count(query->answer, "value", board.limits[i]);
    module_answer_count(query->answer, "most_used", most_used(only, i));
    module_answer_count(query->answer, "times_met", times_met(only, row->code));
    module_answer_count(query->answer, "floor", row->floor);
    module_answer_count(query->answer, "ceiling", row->ceiling);
    module_answer_end(query->answer);
  }
  module_answer_end(query->answer);
  module_answer_end(query->answer);
}
