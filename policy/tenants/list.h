/* SPDX-License-Identifier: BSD-2-Clause */
/* list - lists of a policy file: prefixes, commands, SHA1s, steps of the seal, tenants.
 *
 * Layer: policy.
 */
#ifndef POLICY_TENANTS_LIST_H
#define POLICY_TENANTS_LIST_H

#include "policy/tenants/read.h"

/* Reads a list into the field of a row: a TenantList, or the bits of `require`. */
void policy_tenants_list_read(Reader *reader, const PolicyKeyRow *row, const Node *list, void *field);

/* Returns `list` with $tenant replaced by the tenant's name; the same list when it does
 * not occur.  ST_NO_MEMORY. */
Status policy_tenants_list_expand(TenantPolicy *policy, TenantList list, const char *tenant,
                                  TenantList *ret_list) __attribute__((nonnull, warn_unused_result));

/* Writes a text with $tenant replaced; returns its length, which may exceed `capacity`. */
size_t policy_tenants_list_expand_text(TenantText text, const char *tenant, char *buffer, size_t capacity);

#endif
