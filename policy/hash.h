/* SPDX-License-Identifier: BSD-2-Clause */
/* hash - FNV-1a of bytes, for tables of names that our own side chose.
 *
 * Without a secret: where strangers choose the keys and long chains would hurt, as in
 * the machine, vm/values/hash.h is the one to use.
 *
 * Layer: policy.  Pure.
 */
#ifndef POLICY_HASH_H
#define POLICY_HASH_H

#include <stddef.h>
#include <stdint.h>

#define POLICY_HASH_START UINT64_C(14695981039346656037)

/* Returns the hash of what `hash` stands for, followed by the bytes. */
static inline uint64_t policy_hash_add(uint64_t hash, const void *data, size_t size) {
  const uint8_t *bytes = (const uint8_t *)data;
  for (size_t i = 0; i < size; i++) hash = (hash ^ bytes[i]) * UINT64_C(1099511628211);
  return hash;
}

#endif
