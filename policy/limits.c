/* SPDX-License-Identifier: BSD-2-Clause */
/* limits.c - the table of limits, expanded from limits.def, and its text form. */
#include "policy/limits.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const LimitRow rows[LIMIT_COUNT_] = {
#define LIMIT(name_, unit_, def_, floor_, ceiling_, code_, by_, meaning_)                        \
  {.id = LIMIT_ID_##name_, .name = #name_, .meaning = meaning_, .unit = UNIT_##unit_,            \
   .enforced_by = BY_##by_, .code = CODE_##code_, .default_value = def_, .floor = floor_,        \
   .ceiling = ceiling_},
#include "policy/limits.def"
#undef LIMIT
};

#define LIMIT(name_, unit_, def_, floor_, ceiling_, code_, by_, meaning_)                            \
  _Static_assert((floor_) <= (def_) && (def_) <= (ceiling_), "limits.def: default out of range");    \
  _Static_assert((ceiling_) <= UINT64_MAX / 1000, "limits.def: ceiling leaves no room for parsing"); \
  _Static_assert(offsetof(Limits, name_) == (size_t)LIMIT_ID_##name_ * 8, "a Limits is an array");
#include "policy/limits.def"
#undef LIMIT

Limits policy_limits_defaults(void) {
  return (Limits){
#define LIMIT(name_, unit_, def_, floor_, ceiling_, code_, by_, meaning_) .name_ = def_,
#include "policy/limits.def"
#undef LIMIT
  };
}

const LimitRow *policy_limits_row(size_t i) { return i < LIMIT_COUNT_ ? &rows[i] : NULL; }

const LimitRow *policy_limits_find(const char *name, size_t bytes) {
  for (size_t i = 0; i < LIMIT_COUNT_; i++)
    if (strlen(rows[i].name) == bytes && memcmp(rows[i].name, name, bytes) == 0) return &rows[i];
  return NULL;
}

const LimitRow *policy_limits_by_code(Code code) {
  for (size_t i = 0; i < LIMIT_COUNT_; i++)
    if (rows[i].code == code) return &rows[i];
  return NULL;
}

uint64_t policy_limits_get(const Limits *limits, const LimitRow *row) {
  uint64_t value;
  memcpy(&value, (const char *)limits + (size_t)row->id * sizeof value, sizeof value);
  return value;
}

void policy_limits_set(Limits *limits, const LimitRow *row, uint64_t value) {
  memcpy((char *)limits + (size_t)row->id * sizeof value, &value, sizeof value);
}

void policy_limits_clamp(Limits *limits, const Limits *bound) {
  for (size_t i = 0; i < LIMIT_COUNT_; i++) {
    uint64_t most = policy_limits_get(bound, &rows[i]);
    if (policy_limits_get(limits, &rows[i]) > most) policy_limits_set(limits, &rows[i], most);
  }
}

const char *policy_limits_unit_name(LimitUnit unit) {
  switch (unit) {
    case UNIT_COUNT: return "count";
    case UNIT_BYTES: return "bytes";
    case UNIT_NANOSECONDS: return "nanoseconds";
    case UNIT_COUNT_: break;
  }
  return "unknown";
}

const char *policy_limits_enforcer_name(LimitEnforcer by) {
  switch (by) {
    case BY_VM: return "vm";
    case BY_WORKER: return "worker";
    case BY_SUPERVISOR: return "supervisor";
    case BY_COUNT_: break;
  }
  return "unknown";
}

/* --- Suffixes --- */

typedef struct {
  LimitUnit unit;
  const char *text;
  uint64_t factor;
} Suffix;

/* Within a unit the largest comes first: formatting takes the first that divides. */
static const Suffix suffixes[] = {
    {UNIT_COUNT, "g", UINT64_C(1000000000)},       {UNIT_COUNT, "m", UINT64_C(1000000)},
    {UNIT_COUNT, "k", UINT64_C(1000)},             {UNIT_COUNT, "", UINT64_C(1)},
    {UNIT_BYTES, "g", UINT64_C(1) << 30},          {UNIT_BYTES, "m", UINT64_C(1) << 20},
    {UNIT_BYTES, "k", UINT64_C(1) << 10},          {UNIT_BYTES, "", UINT64_C(1)},
    {UNIT_BYTES, "gb", UINT64_C(1) << 30},         {UNIT_BYTES, "mb", UINT64_C(1) << 20},
    {UNIT_BYTES, "kb", UINT64_C(1) << 10},
    {UNIT_NANOSECONDS, "s", UINT64_C(1000000000)}, {UNIT_NANOSECONDS, "ms", UINT64_C(1000000)},
    {UNIT_NANOSECONDS, "us", UINT64_C(1000)},      {UNIT_NANOSECONDS, "ns", UINT64_C(1)},
    {UNIT_NANOSECONDS, "", UINT64_C(1)},
};
#define SUFFIX_COUNT (sizeof suffixes / sizeof suffixes[0])

static const Suffix *find_suffix(LimitUnit unit, const char *text) {
  for (size_t i = 0; i < SUFFIX_COUNT; i++)
    if (suffixes[i].unit == unit && strcmp(suffixes[i].text, text) == 0) return &suffixes[i];
  return NULL;
}

static size_t written(int n, size_t capacity) {
  if (n < 0 || capacity == 0) return 0;
  return (size_t)n < capacity ? (size_t)n : capacity - 1;
}

size_t policy_limits_format(LimitUnit unit, uint64_t value, char *buffer, size_t capacity) {
  const Suffix *best = NULL;
  for (size_t i = 0; i < SUFFIX_COUNT && best == NULL; i++)
    if (suffixes[i].unit == unit && value % suffixes[i].factor == 0) best = &suffixes[i];
  if (best == NULL || (value == 0 && unit != UNIT_NANOSECONDS))
    return written(snprintf(buffer, capacity, "%" PRIu64, value), capacity);
  return written(snprintf(buffer, capacity, "%" PRIu64 "%s", value / best->factor, best->text), capacity);
}

size_t policy_limits_format_plain(LimitUnit unit, uint64_t value, char *buffer, size_t capacity) {
  if (unit == UNIT_NANOSECONDS) return policy_limits_format(unit, value, buffer, capacity);
  return written(snprintf(buffer, capacity, "%" PRIu64, value), capacity);
}

/* --- Parsing --- */

typedef struct {
  uint64_t digits;  /* the digits as one whole number, the point left out */
  uint64_t divisor; /* 10 to the number of digits after the point */
  const char *rest;
} Decimal;

static bool take_digit(Decimal *d, char c) {
  if (d->digits > (UINT64_MAX - 9) / 10) return false;
  d->digits = d->digits * 10 + (uint64_t)(c - '0');
  return true;
}

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

/* Reads digits with at most one point and at most nine digits after it. */
static Status read_decimal(const char *text, Decimal *ret) {
  Decimal d = {0, 1, text};
  if (!is_digit(*d.rest)) return ST_INVALID;
  for (; is_digit(*d.rest); d.rest++)
    if (!take_digit(&d, *d.rest)) return ST_RANGE;
  if (*d.rest == '.') {
    if (!is_digit(*++d.rest)) return ST_INVALID;
    for (; is_digit(*d.rest); d.rest++) {
      if (d.divisor == UINT64_C(1000000000)) return ST_INVALID;
      if (!take_digit(&d, *d.rest)) return ST_RANGE;
      d.divisor *= 10;
    }
  }
  *ret = d;
  return ST_OK;
}

Status policy_limits_read(LimitUnit unit, const char *text, uint64_t *ret) {
  Decimal d;
  Status s = read_decimal(text, &d);
  if (s != ST_OK) return s;
  const Suffix *suffix = find_suffix(unit, d.rest);
  if (suffix == NULL) return ST_INVALID;
  __extension__ unsigned __int128 scaled = (unsigned __int128)d.digits * suffix->factor;
  if (scaled % d.divisor != 0) return ST_INVALID;
  scaled /= d.divisor;
  if (scaled > UINT64_MAX) return ST_RANGE;
  *ret = (uint64_t)scaled;
  return ST_OK;
}

static void explain_unknown(const char *name, size_t bytes, char *error) {
  int shown = bytes > 40 ? 40 : (int)bytes;
  int n = snprintf(error, LIMITS_ERROR_BYTES, "unknown limit '%.*s'; limits are", shown, name);
  for (size_t i = 0; i < LIMIT_COUNT_ && n > 0 && n < LIMITS_ERROR_BYTES; i++)
    n += snprintf(error + n, LIMITS_ERROR_BYTES - (size_t)n, "%s %s", i == 0 ? "" : ",", rows[i].name);
}

const char *policy_limits_example(LimitUnit unit) {
  static const char *const examples[UNIT_COUNT_] = {"1000, 50k, 2m or 1g", "4096, 64k, 32m or 1g",
                                                    "500us, 20ms or 1.5s"};
  return unit < UNIT_COUNT_ ? examples[unit] : "";
}

static void explain_number(const LimitRow *row, const char *value, char *error) {
  (void)snprintf(error, LIMITS_ERROR_BYTES, "limit %s: '%.40s' is not a %s; write for example %s", row->name,
                 value, row->unit == UNIT_NANOSECONDS ? "time" : "whole number",
                 policy_limits_example(row->unit));
}

static void explain_range(const LimitRow *row, const char *value, char *error) {
  char low[32], high[32];
  policy_limits_format(row->unit, row->floor, low, sizeof low);
  policy_limits_format(row->unit, row->ceiling, high, sizeof high);
  (void)snprintf(error, LIMITS_ERROR_BYTES, "limit %s: %.40s is out of range; allowed are %s to %s", row->name,
                 value, low, high);
}

static bool is_in_range(const LimitRow *row, uint64_t value) {
  return value >= row->floor && value <= row->ceiling;
}

Status policy_limits_parse(Limits *limits, const char *text, char *ret_error) {
  const char *equals = strchr(text, '=');
  size_t name_bytes = equals == NULL ? strlen(text) : (size_t)(equals - text);
  const LimitRow *row = policy_limits_find(text, name_bytes);
  uint64_t value = 0;
  if (row == NULL) {
    explain_unknown(text, name_bytes, ret_error);
    return ST_NOT_FOUND;
  }
  const char *number = equals == NULL ? "" : equals + 1;
  Status s = policy_limits_read(row->unit, number, &value);
  if (s == ST_INVALID) explain_number(row, number, ret_error);
  if (s == ST_OK && !is_in_range(row, value)) s = ST_RANGE;
  if (s == ST_RANGE) explain_range(row, number, ret_error);
  if (s == ST_OK) policy_limits_set(limits, row, value);
  return s;
}

Status policy_limits_check(const Limits *limits, char *ret_error) {
  for (size_t i = 0; i < LIMIT_COUNT_; i++) {
    uint64_t value = policy_limits_get(limits, &rows[i]);
    char text[32];
    if (is_in_range(&rows[i], value)) continue;
    policy_limits_format(rows[i].unit, value, text, sizeof text);
    explain_range(&rows[i], text, ret_error);
    return ST_RANGE;
  }
  return ST_OK;
}
