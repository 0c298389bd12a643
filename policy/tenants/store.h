/* SPDX-License-Identifier: BSD-2-Clause */
/* store - memory that is freed all at once: a policy's texts and lists.
 *
 * Layer: policy.
 */
#ifndef POLICY_TENANTS_STORE_H
#define POLICY_TENANTS_STORE_H

#include <stddef.h>

#include "policy/tenants/tenants.h"

typedef struct StoreBlock StoreBlock;

/* All zero is an empty one. */
typedef struct {
  StoreBlock *blocks; /* the newest first */
  size_t left;        /* bytes free in it */
  size_t taken;       /* bytes of all blocks */
} Store;

/* No policy, whatever its file says, takes more than this. */
#define STORE_MOST ((size_t)512 << 20)

/* Returns `bytes` bytes, zeroed and aligned for anything; NULL when memory, or
 * STORE_MOST, is out. */
void *policy_tenants_store_take(Store *store, size_t bytes) __attribute__((nonnull));

/* Copies a text, adding a NUL; its data are NULL when memory is out. */
TenantText policy_tenants_store_text(Store *store, TenantText text) __attribute__((nonnull));

void policy_tenants_store_free(Store *store) __attribute__((nonnull));

/* Makes room for one element more in a heap array that grows by doubling; NULL, with the
 * old one untouched, when memory is out. */
void *policy_tenants_store_grow(void *array, size_t count, size_t *room, size_t size);

#endif
