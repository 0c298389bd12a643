/* SPDX-License-Identifier: BSD-2-Clause */
/* keys - the rows of policy_keys.def.
 *
 * Layer: policy (no I/O, no allocation).
 */
#ifndef POLICY_TENANTS_KEYS_H
#define POLICY_TENANTS_KEYS_H

#include "policy/tenants/tenants.h"

typedef enum {
  KIND_LIMITS,
  KIND_RATES,
  KIND_AMOUNTS,
  KIND_NUMBER,
  KIND_TIME,
  KIND_BYTE_RATE,
  KIND_FLAG,
  KIND_CHOICE,
  KIND_SWITCH,
  KIND_TEXTS,
  KIND_COMMANDS,
  KIND_DIGESTS,
  KIND_STEPS,
  KIND_TENANTS,
  KIND_NAME,  /* of a part */
  KIND_NAMES, /* of a part */
  KIND_RULES, /* of a part */
  KIND_MAP,   /* of a part */
  KIND_COUNT_
} PolicyKind;

typedef enum {
#define POLICY_KEY(name, kind, field, least, most, words, example, meaning) POLICY_KEY_##name,
#include "policy/tenants/policy_keys.def"
#undef POLICY_KEY
  POLICY_KEY_COUNT_
} PolicyKeyId;

typedef enum {
#define POLICY_PART(name, where, kind, meaning) POLICY_PART_##name,
#include "policy/tenants/policy_keys.def"
#undef POLICY_PART
  POLICY_PART_COUNT_
} PolicyPartId;

typedef enum { PART_TOP = 1, PART_PLAN = 2, PART_TENANT = 4 } PolicyPlace;

typedef struct {
  PolicyKeyId id;
  const char *name;
  PolicyKind kind;
  size_t offset; /* in TenantRules */
  uint64_t least, most;
  const char *words; /* "any|loaded|listed" */
  const char *example;
  const char *meaning;
} PolicyKeyRow;

typedef struct {
  PolicyPartId id;
  const char *name;
  PolicyPlace where;
  PolicyKind kind;
  const char *meaning;
} PolicyPartRow;

/* Return the i-th row, or NULL past the end. */
const PolicyKeyRow *policy_tenants_key(size_t i);
const PolicyPartRow *policy_tenants_part(size_t i);

/* Returns the i-th word of "any|loaded|listed"; size 0 past the end. */
TenantText policy_tenants_word(const char *words, size_t i) __attribute__((nonnull));

/* Returns the name of row n of seal_steps.def, or NULL past the end. */
const char *policy_tenants_step(size_t n);

/* Returns the i-th command of redis_commands.def, or NULL past the end. */
const char *policy_tenants_command(size_t i);

/* Whether that table has a command, "get" or "config|set". */
bool policy_tenants_knows_command(TenantText name);

#endif
