/* SPDX-License-Identifier: BSD-2-Clause */
/* read - one function for each kind of value. */
#include "policy/tenants/read.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/tenants/amount.h"
#include "policy/tenants/list.h"

#define CONTEXT_BYTES 96

/* --- Complaining --- */

void policy_tenants_read_complain(Reader *reader, const Node *node, const char *format, ...) {
  char text[320];
  va_list arguments;
  va_start(arguments, format);
  (void)vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  policy_tenants_complain(reader->problems, node->line, node->column, "%s", text);
}

static const char *kind_name(const Node *node) {
  switch (node->kind) {
    case NODE_LIST: return "a list";
    case NODE_MAP: return "a map";
    case NODE_TEXT: break;
  }
  return node->text.size == 0 ? "nothing" : "a single value";
}

static bool expect(Reader *r, const char *context, const Node *node, NodeKind kind) {
  static const char *const wanted[] = {"a single value", "a list such as [one, two]",
                                       "a map such as {name: value}"};
  if (node->kind == kind) return true;
  policy_tenants_read_complain(r, node, "%s: expected %s, not %s", context, wanted[kind], kind_name(node));
  return false;
}

void policy_tenants_read_note(Reader *reader, uint32_t at) {
  uint32_t *words = policy_tenants_store_grow(reader->tenant_words, reader->tenant_word_count,
                                              &reader->tenant_word_room, sizeof *words);
  if (words == NULL) {
    reader->is_out_of_memory = true;
    return;
  }
  reader->tenant_words = words;
  words[reader->tenant_word_count++] = at;
}

/* --- Keys --- */

static bool is_word(const Node *node, const char *word) {
  return node->text.size == strlen(word) && memcmp(node->text.data, word, node->text.size) == 0;
}

static const PolicyPartRow *find_part(const Node *node, unsigned places) {
  for (size_t i = 0; policy_tenants_part(i) != NULL; i++)
    if ((policy_tenants_part(i)->where & places) != 0 && is_word(node, policy_tenants_part(i)->name))
      return policy_tenants_part(i);
  return NULL;
}

bool policy_tenants_read_is_heard(const Reader *reader) {
  return reader->problems->count < TENANT_PROBLEMS_MOST;
}

static Nearest start_nearest(const Reader *r, const Node *node) {
  return policy_nearest_start(policy_tenants_read_is_heard(r) ? node->text.data : "");
}

static void explain_unknown(Reader *r, const Node *node, const char *what, const Nearest *nearest) {
  const char *best = policy_nearest_best(nearest);
  policy_tenants_read_complain(r, node, "unknown %s '%.60s'%s%s%s", what, node->text.data,
                               best[0] == '\0' ? "" : "; did you mean '", best,
                               best[0] == '\0' ? "" : "'?");
}

void policy_tenants_read_unknown(Reader *reader, const Node *node, const char *what,
                                 const char *(*name)(size_t i)) {
  Nearest nearest = start_nearest(reader, node);
  for (size_t i = 0; name(i) != NULL; i++) policy_nearest_offer(&nearest, name(i));
  explain_unknown(reader, node, what, &nearest);
}

static void explain_key(Reader *r, const Node *node, unsigned places, bool has_rules) {
  Nearest nearest = start_nearest(r, node);
  for (size_t i = 0; has_rules && policy_tenants_key(i) != NULL; i++)
    policy_nearest_offer(&nearest, policy_tenants_key(i)->name);
  for (size_t i = 0; policy_tenants_part(i) != NULL; i++)
    if ((policy_tenants_part(i)->where & places) != 0)
      policy_nearest_offer(&nearest, policy_tenants_part(i)->name);
  explain_unknown(r, node, "key", &nearest);
}

const PolicyKeyRow *policy_tenants_read_key(Reader *reader, const Node *node, unsigned places,
                                            bool has_rules, const PolicyPartRow **ret_part) {
  *ret_part = find_part(node, places);
  if (*ret_part != NULL) return NULL;
  for (size_t i = 0; has_rules && policy_tenants_key(i) != NULL; i++)
    if (is_word(node, policy_tenants_key(i)->name)) return policy_tenants_key(i);
  explain_key(reader, node, places, has_rules);
  return NULL;
}

/* --- Numbers --- */

static void explain_number(Reader *r, const char *context, const Node *node, LimitUnit unit) {
  policy_tenants_read_complain(r, node, "%s: '%.40s' is not a %s; write for example %s", context,
                               node->text.data, unit == UNIT_NANOSECONDS ? "time" : "whole number",
                               policy_limits_example(unit));
}

static void explain_range(Reader *r, const char *context, const Node *node, LimitUnit unit,
                          uint64_t least, uint64_t most) {
  char low[32], high[32];
  (void)policy_limits_format(unit, least, low, sizeof low);
  (void)policy_limits_format(unit, most, high, sizeof high);
  policy_tenants_read_complain(r, node, "%s: %.40s is out of range; allowed are %s to %s", context,
                               node->text.data, low, high);
}

static bool read_number(Reader *r, const char *context, const Node *node, LimitUnit unit,
                        uint64_t least, uint64_t most, uint64_t *ret) {
  uint64_t value = 0;
  if (!expect(r, context, node, NODE_TEXT)) return false;
  Status s = policy_limits_read(unit, node->text.data, &value);
  if (s == ST_INVALID) explain_number(r, context, node, unit);
  if (s == ST_OK && (value < least || value > most)) s = ST_RANGE;
  if (s == ST_RANGE) explain_range(r, context, node, unit, least, most);
  if (s == ST_OK) *ret = value;
  return s == ST_OK;
}

static void read_limit(Reader *r, const char *context, const Node *node, size_t i, void *field) {
  const LimitRow *row = policy_limits_row(i);
  uint64_t value;
  if (read_number(r, context, node, row->unit, row->floor, row->ceiling, &value))
    policy_limits_set(field, row, value);
}

static void explain_rate(Reader *r, const char *context, const Node *node, LimitUnit unit) {
  static const char *const examples[UNIT_COUNT_] = {"10m/s burst 50m", "4m/s burst 64m", "100ms/s burst 1s"};
  policy_tenants_read_complain(r, node, "%s: '%.60s' is not a rate; write for example %s, or unlimited",
                               context, node->text.data, examples[unit]);
}

static void read_rate_of(Reader *r, const char *context, const Node *node, LimitUnit unit, Rate *ret) {
  if (!expect(r, context, node, NODE_TEXT)) return;
  Status s = policy_tenants_rate_read(unit, node->text.data, ret);
  if (s == ST_INVALID) explain_rate(r, context, node, unit);
  if (s == ST_RANGE) explain_range(r, context, node, unit, 1, QUOTA_MOST);
}

static void read_rate(Reader *r, const char *context, const Node *node, size_t i, void *field) {
  read_rate_of(r, context, node, policy_quota_resource(i)->unit, (Rate *)field + i);
}

static void read_amount(Reader *r, const char *context, const Node *node, size_t i, void *field) {
  LimitUnit unit = policy_quota_resource(i)->unit;
  if (!expect(r, context, node, NODE_TEXT)) return;
  Status s = policy_tenants_amount_read(unit, node->text.data, (uint64_t *)field + i);
  if (s == ST_INVALID) explain_number(r, context, node, unit);
  if (s == ST_RANGE) explain_range(r, context, node, unit, 1, QUOTA_MOST);
}

static void read_byte_rate(Reader *r, const PolicyKeyRow *row, const Node *node, uint64_t *field) {
  Rate rate = {0, 0};
  size_t before = r->problems->errors;
  read_rate_of(r, row->name, node, UNIT_BYTES, &rate);
  if (r->problems->errors == before && rate.burst != 0)
    policy_tenants_read_complain(r, node, "%s: takes no burst", row->name);
  else if (r->problems->errors == before)
    *field = rate.per_second;
}

/* --- Maps of numbers --- */

typedef void (*ReadEntry)(Reader *r, const char *context, const Node *node, size_t i, void *field);
typedef const char *(*NameEntry)(size_t i);

static const char *limit_name(size_t i) {
  const LimitRow *row = policy_limits_row(i);
  return row == NULL ? NULL : row->name;
}

static const char *resource_name(size_t i) {
  const ResourceRow *row = policy_quota_resource(i);
  return row == NULL ? NULL : row->name;
}

/* The index of a name; that past the end, with a complaint, when there is none. */
static size_t find_entry(Reader *r, const Node *key, const char *what, NameEntry name) {
  size_t i = 0;
  while (name(i) != NULL && !is_word(key, name(i))) i++;
  if (name(i) == NULL) policy_tenants_read_unknown(r, key, what, name);
  return i;
}

static void read_entries(Reader *r, const PolicyKeyRow *row, const Node *map, NameEntry name,
                         ReadEntry read, void *field) {
  const Node *nodes = r->document->nodes;
  uint64_t seen = 0;
  if (policy_tenants_document_is_empty(map) || !expect(r, row->name, map, NODE_MAP)) return;
  for (uint32_t at = map->first; at != 0; at = nodes[nodes[at].next].next) {
    char context[CONTEXT_BYTES];
    const Node *key = &nodes[at];
    size_t i = find_entry(r, key, row->kind == KIND_LIMITS ? "limit" : "resource", name);
    if (name(i) == NULL) continue;
    if ((seen >> i & 1) != 0) policy_tenants_read_complain(r, key, "'%s' stands here twice", name(i));
    seen |= UINT64_C(1) << i;
    (void)snprintf(context, sizeof context, "%s.%s", row->name, name(i));
    read(r, context, &nodes[key->next], i, field);
  }
}
_Static_assert(LIMIT_COUNT_ <= 64 && RESOURCE_COUNT <= 64, "read_entries keeps 64 bits");

/* --- Choices --- */

static void read_flag(Reader *r, const PolicyKeyRow *row, const Node *node, bool *field) {
  if (!expect(r, row->name, node, NODE_TEXT)) return;
  bool is_yes = is_word(node, "true") || is_word(node, "yes");
  bool is_no = is_word(node, "false") || is_word(node, "no");
  if (is_yes || is_no)
    *field = is_yes;
  else
    policy_tenants_read_complain(r, node, "%s: '%.40s' is neither true nor false", row->name,
                                 node->text.data);
}

/* The words of a row as "any, loaded or listed". */
static void list_words(const char *words, char *buffer, size_t capacity) {
  size_t at = 0;
  for (const char *c = words; *c != '\0' && at + 5 < capacity; c++) {
    if (*c != '|')
      buffer[at++] = *c;
    else
      at += (size_t)snprintf(buffer + at, capacity - at, "%s", strchr(c + 1, '|') == NULL ? " or " : ", ");
  }
  buffer[at] = '\0';
}

static bool read_choice(Reader *r, const PolicyKeyRow *row, const Node *node, unsigned *ret) {
  char words[CONTEXT_BYTES];
  if (!expect(r, row->name, node, NODE_TEXT)) return false;
  for (unsigned i = 0; policy_tenants_word(row->words, i).size != 0; i++) {
    TenantText word = policy_tenants_word(row->words, i);
    if (word.size != node->text.size || memcmp(word.data, node->text.data, word.size) != 0) continue;
    *ret = i;
    return true;
  }
  list_words(row->words, words, sizeof words);
  policy_tenants_read_complain(r, node, "%s: '%.40s' is not %s", row->name, node->text.data, words);
  return false;
}

/* --- One value --- */

static void read_whole(Reader *r, const PolicyKeyRow *row, const Node *node, void *field) {
  uint64_t value;
  LimitUnit unit = row->kind == KIND_TIME ? UNIT_NANOSECONDS : UNIT_COUNT;
  if (!read_number(r, row->name, node, unit, row->least, row->most, &value)) return;
  if (row->kind == KIND_TIME)
    *(uint64_t *)field = value;
  else
    *(unsigned *)field = (unsigned)value;
}

static void read_word(Reader *r, const PolicyKeyRow *row, const Node *node, void *field) {
  unsigned value;
  if (!read_choice(r, row, node, &value)) return;
  if (row->kind == KIND_SWITCH)
    *(bool *)field = value != 0;
  else
    *(unsigned *)field = value;
}

void policy_tenants_read_value(Reader *reader, const PolicyKeyRow *row, const Node *value,
                               TenantRules *rules) {
  void *field = (char *)rules + row->offset;
  switch (row->kind) {
    case KIND_LIMITS: read_entries(reader, row, value, limit_name, read_limit, field); break;
    case KIND_RATES: read_entries(reader, row, value, resource_name, read_rate, field); break;
    case KIND_AMOUNTS: read_entries(reader, row, value, resource_name, read_amount, field); break;
    case KIND_NUMBER:
    case KIND_TIME: read_whole(reader, row, value, field); break;
    case KIND_BYTE_RATE: read_byte_rate(reader, row, value, field); break;
    case KIND_FLAG: read_flag(reader, row, value, field); break;
    case KIND_CHOICE:
    case KIND_SWITCH: read_word(reader, row, value, field); break;
    case KIND_TEXTS:
    case KIND_COMMANDS:
    case KIND_DIGESTS:
    case KIND_STEPS:
    case KIND_TENANTS:
      if (policy_tenants_document_is_empty(value) || expect(reader, row->name, value, NODE_LIST))
        policy_tenants_list_read(reader, row, value, field);
      break;
    case KIND_NAME:
    case KIND_NAMES:
    case KIND_RULES:
    case KIND_MAP:
    case KIND_COUNT_: break;
  }
}
