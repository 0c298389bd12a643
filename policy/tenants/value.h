/* SPDX-License-Identifier: BSD-2-Clause */
/* value - what rules say, key by key, for showing and comparing.
 *
 * The maps of policy_keys.def are one value for each of their names: "limits.hold".
 *
 * Layer: policy (memory).
 */
#ifndef POLICY_TENANTS_VALUE_H
#define POLICY_TENANTS_VALUE_H

#include "policy/tenants/keys.h"

typedef enum { VALUE_NUMBER, VALUE_RATE, VALUE_FLAG, VALUE_WORD, VALUE_LIST } ValueShape;

typedef struct {
  const PolicyKeyRow *row;
  const char *entry; /* "hold" of "limits.hold"; NULL */
  ValueShape shape;
  LimitUnit unit;
  bool is_quota;     /* a number of which 0 means unlimited */
  uint64_t number;
  Rate rate;
  bool flag;
  TenantText word;
  TenantList list;   /* of `require`: empty, see `steps` */
  uint64_t steps;    /* bits of `require` */
} TenantValue;

/* Reads the i-th value; false past the end. */
bool policy_tenants_value(const TenantRules *rules, size_t i, TenantValue *ret_value)
    __attribute__((nonnull));

#define VALUE_NAME_BYTES 64

/* Writes "limits.hold". */
void policy_tenants_value_name(const TenantValue *value, char buffer[VALUE_NAME_BYTES]);

/* Returns the value as a policy file has it, "50ms" or "[get, set]", on the heap; NULL when
 * memory is out. */
char *policy_tenants_value_text(const TenantValue *value) __attribute__((nonnull));

#endif
