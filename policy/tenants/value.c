/* SPDX-License-Identifier: BSD-2-Clause */
/* value - rows and entries counted through as one sequence. */
#include "policy/tenants/value.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/tenants/amount.h"

static size_t entries_of(const PolicyKeyRow *row) {
  if (row->kind == KIND_LIMITS) return LIMIT_COUNT_;
  if (row->kind == KIND_RATES || row->kind == KIND_AMOUNTS) return RESOURCE_COUNT;
  return 1;
}

/* --- Reading --- */

static void read_entry(const void *field, size_t entry, TenantValue *value) {
  PolicyKind kind = value->row->kind;
  value->entry = kind == KIND_LIMITS ? policy_limits_row(entry)->name : policy_quota_resource(entry)->name;
  value->unit = kind == KIND_LIMITS ? policy_limits_row(entry)->unit : policy_quota_resource(entry)->unit;
  value->shape = kind == KIND_RATES ? VALUE_RATE : VALUE_NUMBER;
  value->is_quota = kind == KIND_AMOUNTS;
  if (kind == KIND_LIMITS)
    value->number = policy_limits_get(field, policy_limits_row(entry));
  else if (kind == KIND_RATES)
    value->rate = ((const Rate *)field)[entry];
  else
    value->number = ((const uint64_t *)field)[entry];
}

static void read_number(const void *field, TenantValue *value) {
  value->shape = VALUE_NUMBER;
  value->unit = value->row->kind == KIND_TIME ? UNIT_NANOSECONDS : UNIT_COUNT;
  value->number = value->row->kind == KIND_TIME ? *(const uint64_t *)field : *(const unsigned *)field;
}

static void read_word(const void *field, TenantValue *value) {
  unsigned i = value->row->kind == KIND_SWITCH ? *(const bool *)field : *(const unsigned *)field;
  value->shape = VALUE_WORD;
  value->word = policy_tenants_word(value->row->words, i);
}

static void read_list(const void *field, TenantValue *value) {
  value->shape = VALUE_LIST;
  if (value->row->kind == KIND_STEPS)
    value->steps = *(const uint64_t *)field;
  else
    value->list = *(const TenantList *)field;
}

static void read_field(const void *field, size_t entry, TenantValue *value) {
  switch (value->row->kind) {
    case KIND_LIMITS:
    case KIND_RATES:
    case KIND_AMOUNTS: read_entry(field, entry, value); break;
    case KIND_NUMBER:
    case KIND_TIME: read_number(field, value); break;
    case KIND_BYTE_RATE:
      value->shape = VALUE_RATE;
      value->unit = UNIT_BYTES;
      value->rate.per_second = *(const uint64_t *)field;
      break;
    case KIND_FLAG:
      value->shape = VALUE_FLAG;
      value->flag = *(const bool *)field;
      break;
    case KIND_CHOICE:
    case KIND_SWITCH: read_word(field, value); break;
    case KIND_TEXTS:
    case KIND_COMMANDS:
    case KIND_DIGESTS:
    case KIND_STEPS:
    case KIND_TENANTS: read_list(field, value); break;
    case KIND_NAME:
    case KIND_NAMES:
    case KIND_RULES:
    case KIND_MAP:
    case KIND_COUNT_: break;
  }
}

bool policy_tenants_value(const TenantRules *rules, size_t i, TenantValue *ret_value) {
  for (size_t k = 0; policy_tenants_key(k) != NULL; k++) {
    const PolicyKeyRow *row = policy_tenants_key(k);
    if (i >= entries_of(row)) {
      i -= entries_of(row);
      continue;
    }
    *ret_value = (TenantValue){.row = row};
    read_field((const char *)rules + row->offset, i, ret_value);
    return true;
  }
  return false;
}

/* --- Writing --- */

void policy_tenants_value_name(const TenantValue *value, char buffer[VALUE_NAME_BYTES]) {
  (void)snprintf(buffer, VALUE_NAME_BYTES, "%s%s%s", value->row->name,
                 value->entry == NULL ? "" : ".", value->entry == NULL ? "" : value->entry);
}

/* Whether a text can stand in a list without quotes and be read as the same. */
static bool is_plain(TenantText text) {
  for (size_t i = 0; i < text.size; i++) {
    char c = text.data[i];
    bool is_word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '|';
    if (!is_word && (i == 0 || c != '-')) return false;
  }
  return text.size != 0;
}

static void write_entry(FILE *to, size_t i, TenantText text) {
  if (i != 0) (void)fputs(", ", to);
  if (is_plain(text)) {
    (void)fwrite(text.data, 1, text.size, to);
    return;
  }
  (void)putc('"', to);
  for (size_t k = 0; k < text.size; k++) {
    unsigned char c = (unsigned char)text.data[k];
    if (c < 0x20 || c == 0x7f)
      (void)fprintf(to, "\\x%02x", c);
    else
      (void)fprintf(to, "%s%c", c == '"' || c == '\\' ? "\\" : "", c);
  }
  (void)putc('"', to);
}

static void write_list(FILE *to, const TenantValue *value) {
  size_t written = 0;
  (void)putc('[', to);
  for (size_t i = 0; i < value->list.count; i++) write_entry(to, written++, value->list.items[i]);
  for (size_t i = 0; policy_tenants_step(i) != NULL; i++) {
    const char *name = policy_tenants_step(i);
    if ((value->steps >> i & 1) != 0) write_entry(to, written++, (TenantText){name, strlen(name)});
  }
  (void)putc(']', to);
}

static void write_value(FILE *to, const TenantValue *value) {
  char text[AMOUNT_BYTES] = "";
  switch (value->shape) {
    case VALUE_NUMBER:
      if (value->is_quota)
        policy_tenants_amount_write(value->unit, value->number, text);
      else
        (void)policy_limits_format(value->unit, value->number, text, sizeof text);
      break;
    case VALUE_RATE: policy_tenants_rate_write(value->unit, value->rate, text); break;
    case VALUE_FLAG: (void)snprintf(text, sizeof text, "%s", value->flag ? "true" : "false"); break;
    case VALUE_WORD: (void)fwrite(value->word.data, 1, value->word.size, to); break;
    case VALUE_LIST: write_list(to, value); break;
  }
  (void)fputs(text, to);
}

char *policy_tenants_value_text(const TenantValue *value) {
  char *text = NULL;
  size_t size = 0;
  FILE *to = open_memstream(&text, &size);
  if (to == NULL) return NULL;
  write_value(to, value);
  if (fclose(to) == 0) return text;
  free(text);
  return NULL;
}
