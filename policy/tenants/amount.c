/* SPDX-License-Identifier: BSD-2-Clause */
/* amount - numbers of limits.c, with what rates have around them. */
#include "policy/tenants/amount.h"

#include <stdio.h>
#include <string.h>

#define UNLIMITED "unlimited"

static Status read_number(LimitUnit unit, const char *text, size_t size, uint64_t *ret) {
  char copy[AMOUNT_BYTES];
  if (size >= sizeof copy) return ST_INVALID;
  memcpy(copy, text, size);
  copy[size] = '\0';
  Status s = policy_limits_read(unit, copy, ret);
  if (s != ST_OK) return s;
  return *ret <= QUOTA_MOST ? ST_OK : ST_RANGE;
}

Status policy_tenants_amount_read(LimitUnit unit, const char *text, uint64_t *ret) {
  uint64_t value = 0;
  Status s = strcmp(text, UNLIMITED) == 0 ? ST_OK : read_number(unit, text, strlen(text), &value);
  /* A quota of nothing would read as none at all: suspended says it. */
  if (s == ST_OK && value == 0 && strcmp(text, UNLIMITED) != 0) s = ST_RANGE;
  if (s == ST_OK) *ret = value;
  return s;
}

Status policy_tenants_rate_read(LimitUnit unit, const char *text, Rate *ret) {
  Rate rate = {0, 0};
  if (strcmp(text, UNLIMITED) == 0) {
    *ret = rate;
    return ST_OK;
  }
  const char *slash = strstr(text, "/s");
  if (slash == NULL) return ST_INVALID;
  Status s = read_number(unit, text, (size_t)(slash - text), &rate.per_second);
  if (s == ST_OK && rate.per_second == 0) s = ST_RANGE;
  const char *rest = slash + 2;
  if (s == ST_OK && *rest != '\0') {
    size_t blanks = strspn(rest, " ");
    if (blanks == 0 || strncmp(rest + blanks, "burst ", 6) != 0) return ST_INVALID;
    rest += blanks + 6;
    rest += strspn(rest, " ");
    s = read_number(unit, rest, strlen(rest), &rate.burst);
    if (s == ST_OK && rate.burst == 0) s = ST_RANGE;
  }
  if (s == ST_OK) *ret = rate;
  return s;
}

void policy_tenants_amount_write(LimitUnit unit, uint64_t value, char buffer[AMOUNT_BYTES]) {
  if (value == 0)
    (void)snprintf(buffer, AMOUNT_BYTES, UNLIMITED);
  else
    (void)policy_limits_format(unit, value, buffer, AMOUNT_BYTES);
}

void policy_tenants_rate_write(LimitUnit unit, Rate rate, char buffer[AMOUNT_BYTES]) {
  char brought[24], saved[24];
  if (rate.per_second == 0) {
    (void)snprintf(buffer, AMOUNT_BYTES, UNLIMITED);
    return;
  }
  (void)policy_limits_format(unit, rate.per_second, brought, sizeof brought);
  (void)policy_limits_format(unit, rate.burst, saved, sizeof saved);
  if (rate.burst == 0)
    (void)snprintf(buffer, AMOUNT_BYTES, "%s/s", brought);
  else
    (void)snprintf(buffer, AMOUNT_BYTES, "%s/s burst %s", brought, saved);
}
