/* SPDX-License-Identifier: BSD-2-Clause */
/* codes.c - the table of outcomes, expanded from codes.def.
 *
 * The text of a row is expanded by a small scanner that knows four
 * placeholders; numbers are printed with the unit that limits.def gives them.
 */
#include "policy/codes.h"

#include <stdio.h>
#include <string.h>

#include "policy/limits.h"

static const CodeRow rows[CODE_COUNT_] = {
#define CODE(name_, number, label_, prefix_, exit_, blame_, billable_, retry_, text_, meaning_) \
  {.code = CODE_##name_, .name = #name_, .label = label_, .prefix = prefix_, .text = text_,     \
   .meaning = meaning_, .exit_status = exit_, .blame = BLAME_##blame_, .billable = billable_,   \
   .retry_safe = retry_},
#include "policy/codes.def"
#undef CODE
};

/* Rows are found by number without a search only while numbers are dense. */
#define CODE(name, number, label, prefix, exit, blame, billable, retry, text, meaning) \
  _Static_assert((int)CODE_ROW_##name == (number), "codes.def: numbers must be dense and in order");
#include "policy/codes.def"
#undef CODE

const CodeRow *policy_codes_row(size_t i) { return i < CODE_COUNT_ ? &rows[i] : NULL; }

const CodeRow *policy_codes_find(uint32_t code) { return policy_codes_row(code); }

const CodeRow *policy_codes_by_label(const char *label) {
  for (size_t i = 0; i < CODE_COUNT_; i++)
    if (strcmp(rows[i].label, label) == 0) return &rows[i];
  return NULL;
}

const char *policy_codes_blame_name(Blame blame) {
  switch (blame) {
    case BLAME_TENANT: return "tenant";
    case BLAME_PEER: return "peer";
    case BLAME_HOST: return "host";
    case BLAME_NOBODY: return "nobody";
    case BLAME_COUNT_: break;
  }
  return "unknown";
}

bool policy_codes_is_limit(Code code) {
  return (code >= CODE_LIMIT_INSTRUCTIONS && code <= CODE_LIMIT_REPLY_DEPTH) ||
         code == CODE_LIMIT_BASE_BYTES;
}

/* --- Writing the line --- */

typedef struct {
  char *at;
  size_t left; /* bytes that may still be written, the terminator excluded */
} Cursor;

static void put_bytes(Cursor *c, const char *bytes, size_t n) {
  if (n > c->left) n = c->left;
  for (size_t i = 0; i < n; i++) {
    char b = bytes[i];
    c->at[i] = (b == '\r' || b == '\n' || b == '\0') ? ' ' : b;
  }
  c->at += n;
  c->left -= n;
}

static void put_text(Cursor *c, const char *text) { put_bytes(c, text, strlen(text)); }

static void put_place(Cursor *c, const CodeFacts *facts) {
  char line[32];
  if (facts->chunk == NULL) return;
  if (facts->line == 0) {
    put_text(c, ", line unknown");
    return;
  }
  put_text(c, ", at ");
  put_text(c, facts->chunk);
  (void)snprintf(line, sizeof line, ":%u", facts->line);
  put_text(c, line);
}

static void put_limit(Cursor *c, Code code, uint64_t limit) {
  char number[32];
  const LimitRow *row = policy_limits_by_code(code);
  policy_limits_format_plain(row == NULL ? UNIT_NANOSECONDS : row->unit, limit, number, sizeof number);
  put_text(c, number);
}

static void put_placeholder(Cursor *c, Code code, const CodeFacts *facts, const char *name, size_t n) {
  if (n == 5 && memcmp(name, "limit", n) == 0) put_limit(c, code, facts->limit);
  if (n == 6 && memcmp(name, "detail", n) == 0) put_bytes(c, facts->detail, facts->detail_bytes);
  if (n == 2 && memcmp(name, "at", n) == 0) put_place(c, facts);
}

size_t policy_codes_write(Code code, const CodeFacts *facts, char *buffer, size_t capacity) {
  const CodeRow *row = policy_codes_find((uint32_t)code);
  Cursor c = {buffer, capacity == 0 ? 0 : capacity - 1};
  if (row == NULL) row = &rows[CODE_INTERNAL];
  put_text(&c, row->prefix);
  if (row->prefix[0] != '\0') put_text(&c, " ");
  for (const char *p = row->text; *p != '\0'; p++) {
    const char *end = *p == '{' ? strchr(p, '}') : NULL;
    if (end == NULL) {
      put_bytes(&c, p, 1);
      continue;
    }
    put_placeholder(&c, row->code, facts, p + 1, (size_t)(end - p - 1));
    p = end;
  }
  if (facts->wrote) put_text(&c, " (wrote=1)");
  if (capacity > 0) *c.at = '\0';
  return (size_t)(c.at - buffer);
}
