/* SPDX-License-Identifier: BSD-2-Clause */
/* policy_schema - the JSON Schema of policy files, from limits.def, resources.def,
 * seal_steps.def and policy_keys.def.
 *
 * It is for editors and pipelines, and as strict as a schema can be; what it cannot say
 * (names that must exist, prefixes that overlap, numbers written with a suffix that are
 * out of range) `policy check` says.
 */
#include <string.h>

#include "policy/tenants/keys.h"
#include "tools/ctl/policy.h"

#define NUMBER_PATTERN "[0-9]+(\\.[0-9]{1,9})?"
#define TENANT_PATTERN "^[A-Za-z0-9.-][A-Za-z0-9_.-]{0,62}$"
#define COMMAND_PATTERN "^[A-Za-z0-9_.-]+(\\|[A-Za-z0-9_.-]+)?$"
#define USER_PATTERN "^[^\\s*\\u0000]{1,255}$|^[^\\s*\\u0000]{0,254}\\*$"

static const char *suffix_of(LimitUnit unit) {
  switch (unit) {
    case UNIT_COUNT: return "[kmg]?";
    case UNIT_BYTES: return "([kmg]b?)?";
    case UNIT_NANOSECONDS: return "(ns|us|ms|s)?";
    case UNIT_COUNT_: break;
  }
  return "";
}

/* A whole number within bounds, or one with a suffix. */
static json_t *number_of(LimitUnit unit, uint64_t least, uint64_t most) {
  char pattern[96];
  (void)snprintf(pattern, sizeof pattern, "^%s%s$", NUMBER_PATTERN, suffix_of(unit));
  return json_pack("{s:[{s:s, s:I, s:I}, {s:s, s:s}]}", "anyOf", "type", "integer", "minimum", (json_int_t)least,
                   "maximum", (json_int_t)most, "type", "string", "pattern", pattern);
}

static json_t *amount_of(LimitUnit unit) {
  json_t *number = number_of(unit, 1, QUOTA_MOST);
  (void)json_array_append_new(json_object_get(number, "anyOf"), json_pack("{s:s}", "const", "unlimited"));
  return number;
}

static json_t *rate_of(LimitUnit unit, bool has_burst) {
  char pattern[160], burst[80] = "";
  if (has_burst) (void)snprintf(burst, sizeof burst, "( +burst +%s%s)?", NUMBER_PATTERN, suffix_of(unit));
  (void)snprintf(pattern, sizeof pattern, "^(unlimited|%s%s/s%s)$", NUMBER_PATTERN, suffix_of(unit), burst);
  return json_pack("{s:s, s:s}", "type", "string", "pattern", pattern);
}

static json_t *described(json_t *object, const char *meaning) {
  (void)json_object_set_new(object, "description", json_string(meaning));
  return object;
}

/* An object that takes these properties and no other, or nothing. */
static json_t *closed_map(json_t *properties) {
  return json_pack("{s:[s, s], s:b, s:o}", "type", "object", "null", "additionalProperties", false, "properties",
                   properties);
}

static json_t *limits_of(void) {
  json_t *properties = json_object();
  for (size_t i = 0; policy_limits_row(i) != NULL; i++) {
    const LimitRow *row = policy_limits_row(i);
    (void)json_object_set_new(properties, row->name, described(number_of(row->unit, row->floor, row->ceiling), row->meaning));
  }
  return closed_map(properties);
}

static json_t *resources_of(PolicyKind kind) {
  json_t *properties = json_object();
  for (size_t i = 0; policy_quota_resource(i) != NULL; i++) {
    const ResourceRow *row = policy_quota_resource(i);
    json_t *value = kind == KIND_RATES ? rate_of(row->unit, true) : amount_of(row->unit);
    (void)json_object_set_new(properties, row->name, described(value, row->meaning));
  }
  return closed_map(properties);
}

static json_t *words_of(const char *words) {
  json_t *list = json_array();
  for (size_t i = 0; policy_tenants_word(words, i).size != 0; i++) {
    TenantText word = policy_tenants_word(words, i);
    json_t *text = json_stringn(word.data, word.size);
    (void)json_array_append_new(list, text);
    /* YAML 1.1 reads a bare `off` as false. */
    if (word.size == 3 && memcmp(word.data, "off", 3) == 0) (void)json_array_append_new(list, json_false());
  }
  return json_pack("{s:o}", "enum", list);
}

static json_t *steps_of(void) {
  json_t *list = json_array();
  for (size_t i = 0; policy_tenants_step(i) != NULL; i++)
    (void)json_array_append_new(list, json_string(policy_tenants_step(i)));
  return json_pack("{s:o}", "enum", list);
}

static json_t *list_of(json_t *items, uint64_t most) {
  return json_pack("{s:[s, s], s:I, s:o}", "type", "array", "null", "maxItems", (json_int_t)most, "items", items);
}

static json_t *pattern_of(const char *pattern) {
  return json_pack("{s:s, s:s}", "type", "string", "pattern", pattern);
}

static json_t *value_of(const PolicyKeyRow *row) {
  switch (row->kind) {
    case KIND_LIMITS: return limits_of();
    case KIND_RATES:
    case KIND_AMOUNTS: return resources_of(row->kind);
    case KIND_NUMBER: return number_of(UNIT_COUNT, row->least, row->most);
    case KIND_TIME: return number_of(UNIT_NANOSECONDS, row->least, row->most);
    case KIND_BYTE_RATE: return rate_of(UNIT_BYTES, false);
    case KIND_FLAG: return json_pack("{s:[b, b, s, s]}", "enum", true, false, "yes", "no");
    case KIND_CHOICE:
    case KIND_SWITCH: return words_of(row->words);
    case KIND_TEXTS:
      return list_of(json_pack("{s:s, s:i, s:i}", "type", "string", "minLength", 1, "maxLength", 255), row->most);
    case KIND_COMMANDS: return list_of(pattern_of(COMMAND_PATTERN), row->most);
    case KIND_DIGESTS: return list_of(pattern_of("^[0-9A-Fa-f]{40}$"), row->most);
    case KIND_STEPS: return list_of(steps_of(), row->most);
    case KIND_TENANTS: return list_of(pattern_of("^\\*$|" TENANT_PATTERN), row->most);
    case KIND_NAME:
    case KIND_NAMES:
    case KIND_RULES:
    case KIND_MAP:
    case KIND_COUNT_: break;
  }
  return NULL;
}

static json_t *definitions(void) {
  json_t *object = json_object();
  for (size_t i = 0; policy_tenants_key(i) != NULL; i++) {
    const PolicyKeyRow *row = policy_tenants_key(i);
    (void)json_object_set_new(object, row->name, described(value_of(row), row->meaning));
  }
  return object;
}

/* A body of rules, with the parts that stand in it besides. */
static json_t *body_of(unsigned places) {
  json_t *properties = json_object();
  char path[96];
  for (size_t i = 0; policy_tenants_part(i) != NULL; i++) {
    const PolicyPartRow *part = policy_tenants_part(i);
    if ((part->where & places) == 0) continue;
    json_t *value = part->kind == KIND_NAMES ? list_of(pattern_of(USER_PATTERN), 1000000) : pattern_of(TENANT_PATTERN);
    (void)json_object_set_new(properties, part->name, described(value, part->meaning));
  }
  for (size_t i = 0; policy_tenants_key(i) != NULL; i++) {
    (void)snprintf(path, sizeof path, "#/$defs/%s", policy_tenants_key(i)->name);
    (void)json_object_set_new(properties, policy_tenants_key(i)->name, json_pack("{s:s}", "$ref", path));
  }
  return closed_map(properties);
}

static json_t *bodies_of(unsigned places) {
  return json_pack("{s:[s, s], s:{s:s}, s:o}", "type", "object", "null", "propertyNames", "pattern", TENANT_PATTERN,
                   "additionalProperties", body_of(places));
}

static json_t *part_of(const PolicyPartRow *part) {
  switch (part->id) {
    case POLICY_PART_version: return json_pack("{s:i}", "const", 1);
    case POLICY_PART_unmapped: return pattern_of(TENANT_PATTERN);
    case POLICY_PART_defaults: return body_of(0);
    case POLICY_PART_plans: return bodies_of(PART_PLAN);
    case POLICY_PART_tenants: return bodies_of(PART_PLAN | PART_TENANT);
    case POLICY_PART_plan:
    case POLICY_PART_users:
    case POLICY_PART_COUNT_: break;
  }
  return NULL;
}

json_t *ctl_policy_schema(void) {
  json_t *properties = json_object();
  for (size_t i = 0; policy_tenants_part(i) != NULL; i++) {
    const PolicyPartRow *part = policy_tenants_part(i);
    if (part->where == PART_TOP)
      (void)json_object_set_new(properties, part->name, described(part_of(part), part->meaning));
  }
  return json_pack("{s:s, s:s, s:s, s:s, s:[s], s:b, s:o, s:o}", "$schema",
                   "https://json-schema.org/draft/2020-12/schema", "title", "Ferrous Sandbox policy", "description",
                   "Tenants of a server, and what each may use. Printed by `ferrous-sandboxctl policy schema`.", "type",
                   "object", "required", "version", "additionalProperties", false, "properties", properties, "$defs",
                   definitions());
}
