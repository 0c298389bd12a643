/* SPDX-License-Identifier: BSD-2-Clause */
/* table - from a text to a number: open addressing, no removal.
 *
 * The hash is seeded by where the table lies, which nobody who chooses names knows.
 * Layer: policy.
 */
#ifndef POLICY_TENANTS_TABLE_H
#define POLICY_TENANTS_TABLE_H

#include "policy/tenants/tenants.h"

typedef struct {
  TenantText key; /* data NULL: free */
  size_t value;
} NameSlot;

/* All zero is an empty one. */
typedef struct {
  NameSlot *slots;
  size_t room; /* 0 or a power of two */
  size_t used;
} NameTable;

/* Finds a text; false: not there. */
bool policy_tenants_table_find(const NameTable *table, TenantText key, size_t *ret_value)
    __attribute__((nonnull));

/* Adds a text that is not there yet, and that lives as long as the table. */
Status policy_tenants_table_add(NameTable *table, TenantText key, size_t value)
    __attribute__((nonnull, warn_unused_result));

void policy_tenants_table_free(NameTable *table) __attribute__((nonnull));

#endif
