/* SPDX-License-Identifier: BSD-2-Clause */
/* amount - rates and quotas as text: "10m/s burst 50m", "100g", "unlimited".
 *
 * Numbers take the suffixes of limits.h.  Layer: policy (no I/O, no allocation).
 */
#ifndef POLICY_TENANTS_AMOUNT_H
#define POLICY_TENANTS_AMOUNT_H

#include "policy/limits.h"
#include "policy/quota/rules.h"

/* Room for the longest text. */
#define AMOUNT_BYTES 64

/* Read a text; ST_INVALID or, above QUOTA_MOST, ST_RANGE. */
Status policy_tenants_amount_read(LimitUnit unit, const char *text, uint64_t *ret)
    __attribute__((nonnull, warn_unused_result));
Status policy_tenants_rate_read(LimitUnit unit, const char *text, Rate *ret)
    __attribute__((nonnull, warn_unused_result));

/* Write what the readers read back to the same value. */
void policy_tenants_amount_write(LimitUnit unit, uint64_t value, char buffer[AMOUNT_BYTES]);
void policy_tenants_rate_write(LimitUnit unit, Rate rate, char buffer[AMOUNT_BYTES]);

#endif
