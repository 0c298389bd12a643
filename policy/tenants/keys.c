/* SPDX-License-Identifier: BSD-2-Clause */
/* keys - the tables, expanded. */
#include "policy/tenants/keys.h"

#include <string.h>

static const PolicyKeyRow keys[] = {
#define POLICY_KEY(name_, kind_, field_, least_, most_, words_, example_, meaning_)              \
  {.id = POLICY_KEY_##name_, .name = #name_, .kind = KIND_##kind_,                               \
   .offset = offsetof(TenantRules, field_), .least = least_, .most = most_, .words = words_,     \
   .example = example_, .meaning = meaning_},
#include "policy/tenants/policy_keys.def"
#undef POLICY_KEY
};

static const PolicyPartRow parts[] = {
#define POLICY_PART(name_, where_, kind_, meaning_)                                      \
  {.id = POLICY_PART_##name_, .name = #name_, .where = PART_##where_, .kind = KIND_##kind_, \
   .meaning = meaning_},
#include "policy/tenants/policy_keys.def"
#undef POLICY_PART
};

static const char *const steps[] = {
#define STEP(name, where, need, what, lack) #name,
#include "sandbox/seal_steps.def"
#undef STEP
};
_Static_assert(sizeof steps / sizeof steps[0] <= 64, "TenantRules.require has 64 bits");
_Static_assert(sizeof(ScriptRule) == sizeof(unsigned) && sizeof(TenantMode) == sizeof(unsigned) &&
                   sizeof(Detail) == sizeof(unsigned),
               "choices are read as unsigned");

const PolicyKeyRow *policy_tenants_key(size_t i) {
  return i < POLICY_KEY_COUNT_ ? &keys[i] : NULL;
}

const PolicyPartRow *policy_tenants_part(size_t i) {
  return i < POLICY_PART_COUNT_ ? &parts[i] : NULL;
}

TenantText policy_tenants_word(const char *words, size_t i) {
  for (; i != 0; i--) {
    words = strchr(words, '|');
    if (words == NULL) return (TenantText){"", 0};
    words++;
  }
  return (TenantText){words, strcspn(words, "|")};
}

const char *policy_tenants_step(size_t n) {
  return n < sizeof steps / sizeof steps[0] ? steps[n] : NULL;
}

/* --- Commands --- */

static const char *const commands[] = {
#define REDIS_COMMAND(name) name,
#include "policy/tenants/redis_commands.def"
#undef REDIS_COMMAND
};

const char *policy_tenants_command(size_t i) {
  return i < sizeof commands / sizeof commands[0] ? commands[i] : NULL;
}

bool policy_tenants_knows_command(TenantText name) {
  size_t low = 0, high = sizeof commands / sizeof commands[0];
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    int order = strcmp(commands[middle], name.data);
    if (order == 0) return true;
    if (order < 0)
      low = middle + 1;
    else
      high = middle;
  }
  return false;
}
