/* SPDX-License-Identifier: BSD-2-Clause */
/* suggest - twice the most that any run used, rounded up to a round number.
 *
 * A limit that was met hides what runs would have used: it is doubled, and to be looked
 * at again (`sandbox.mode observe` shows it at once).  A limit of which nothing was seen
 * is left alone.
 */
#include "tools/ctl/suggest.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "policy/codes.h"
#include "policy/limits.h"
#include "tools/ctl/admin.h"
#include "tools/ctl/run.h"
#include "tools/ctl/table.h"
#include "tools/ctl/text.h"

/* Fewer say little about what is to come. */
#define ENOUGH_RUNS 1000

/* The next of 1, 2, 5, 10, ...; for bytes the next power of two. */
static uint64_t round_up(uint64_t value, LimitUnit unit) {
  static const uint64_t steps[] = {1, 2, 5};
  if (unit == UNIT_BYTES) {
    uint64_t power = 1;
    while (power < value) power *= 2;
    return power;
  }
  for (uint64_t scale = 1;; scale *= 10)
    for (size_t i = 0; i < 3; i++)
      if (steps[i] * scale >= value) return steps[i] * scale;
}

static uint64_t clamp(uint64_t value, const LimitRow *row) {
  if (value < row->floor) return row->floor;
  return value > row->ceiling ? row->ceiling : value;
}

typedef struct {
  uint64_t value;
  const char *why;
} Suggestion;

static Suggestion suggest(const LimitRow *row, uint64_t now, uint64_t most, uint64_t met) {
  if (met != 0) return (Suggestion){clamp(now * 2, row), "was met: doubled"};
  if (most == 0) return (Suggestion){now, "nothing seen: kept"};
  uint64_t value = clamp(round_up(most * 2, row->unit), row);
  if (value == now) return (Suggestion){now, "fits"};
  return (Suggestion){value, value < now ? "twice the most seen" : "too close to the most seen"};
}

static void set_text(json_t *row, const char *name, LimitUnit unit, uint64_t value) {
  char text[32];
  (void)policy_limits_format(unit, value, text, sizeof text);
  (void)json_object_set_new(row, name, json_string(text));
}

static void complete(json_t *shown) {
  const char *name = ctl_link_text(shown, "limit");
  const LimitRow *row = policy_limits_find(name, strlen(name));
  uint64_t now = ctl_link_number(shown, "value"), most = ctl_link_number(shown, "most_used");
  if (row == NULL) return;
  Suggestion found = suggest(row, now, most, ctl_link_number(shown, "times_met"));
  (void)json_object_set_new(shown, "suggestion", json_integer((json_int_t)found.value));
  (void)json_object_set_new(shown, "why", json_string(found.why));
  set_text(shown, "now_text", row->unit, now);
  set_text(shown, "most_text", row->unit, most);
  set_text(shown, "suggestion_text", row->unit, found.value);
}

static void drop_texts(json_t *shown) {
  (void)json_object_del(shown, "now_text");
  (void)json_object_del(shown, "most_text");
  (void)json_object_del(shown, "suggestion_text");
}

static int print(const Options *options, json_t *data, bool with_suggestion) {
  static const TableColumn columns[] = {
      {"limit", "LIMIT", CELL_TEXT, 0},          {"now_text", "NOW", CELL_TEXT, 0},
      {"most_text", "MOST USED", CELL_TEXT, 0},  {"times_met", "MET", CELL_COUNT, 0},
      {"suggestion_text", "SUGGESTION", CELL_TEXT, 0}, {"why", "WHY", CELL_TEXT, 0}};
  json_t *rows = json_object_get(data, "limits");
  for (size_t i = 0; i < json_array_size(rows); i++) {
    json_t *row = json_array_get(rows, i);
    complete(row);
    if (options->json) drop_texts(row);
  }
  if (options->json) return ctl_admin_print_json("limits", data);
  ctl_table_print(stdout, rows, columns, with_suggestion ? 6 : 4, ctl_table_is_coloured(options),
                  NULL);
  uint64_t runs = ctl_link_number(data, "runs");
  if (with_suggestion && runs < ENOUGH_RUNS)
    ctl_text_complain("only %" PRIu64 " runs were seen: too few to set limits by", runs);
  json_decref(data);
  return ctl_text_finish() ? 0 : fsb_code_exit_status(CODE_INTERNAL);
}

int ctl_suggest_limits(const Options *options) {
  FsbError error;
  int status;
  const char *verb = options->operand_count > 0 ? options->operands[0] : "show";
  bool with_suggestion = strcmp(verb, "suggest") == 0;
  if (options->operand_count > 1 || (!with_suggestion && strcmp(verb, "show") != 0)) {
    ctl_options_explain(&error, "limits takes: show, or suggest; --tenant NAME for one tenant");
    return ctl_run_fail(options, &error);
  }
  const char *words[] = {"limits", options->tenant, NULL};
  json_t *data = ctl_admin_ask(options, words, &status);
  return data == NULL ? status : print(options, data, with_suggestion);
}
