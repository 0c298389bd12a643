/* SPDX-License-Identifier: BSD-2-Clause */
/* policy_json - policies and their problems as objects.
 *
 * Numbers are in base units: counts, bytes, nanoseconds; what is unlimited is null.
 */
#include <inttypes.h>
#include <string.h>

#include "policy/tenants/value.h"
#include "tools/ctl/json.h"
#include "tools/ctl/policy.h"
#include "tools/ctl/text.h"

bool ctl_policy_json_print(json_t *object) {
  json_t *whole = json_pack("{s:s}", "schema", JSON_SCHEMA);
  bool is_whole = object != NULL && whole != NULL && json_object_update(whole, object) == 0 &&
                  json_dumpf(whole, stdout, JSON_COMPACT) == 0;
  json_decref(object);
  json_decref(whole);
  (void)putchar('\n');
  return is_whole;
}

/* --- Problems --- */

json_t *ctl_policy_json_problems(const PolicyFile *file) {
  json_t *list = json_array();
  for (size_t i = 0; i < file->problems.count; i++) {
    const TenantProblem *problem = &file->problems.items[i];
    (void)json_array_append_new(
        list, json_pack("{s:i, s:i, s:s, s:s}", "line", (int)problem->line, "column", (int)problem->column,
                        "severity", problem->is_warning ? "warning" : "error", "message", problem->text));
  }
  json_t *object = json_pack("{s:s?, s:b, s:i, s:o}", "file", file->problems.file, "valid", file->policy != NULL,
                             "errors", (int)file->problems.errors, "problems", list);
  if (object != NULL && file->policy != NULL)
    (void)json_object_set_new(object, "tenants", json_integer((json_int_t)policy_tenants_count(file->policy)));
  return object;
}

/* --- Rules --- */

static json_t *text_of(TenantText text) {
  return json_stringn(text.data, text.size); /* a policy is UTF-8 */
}

static json_t *list_of(const TenantValue *value) {
  json_t *list = json_array();
  for (size_t i = 0; i < value->list.count; i++) (void)json_array_append_new(list, text_of(value->list.items[i]));
  for (size_t i = 0; policy_tenants_step(i) != NULL; i++)
    if ((value->steps >> i & 1) != 0) (void)json_array_append_new(list, json_string(policy_tenants_step(i)));
  return list;
}

static json_t *json_of(const TenantValue *value) {
  switch (value->shape) {
    case VALUE_NUMBER:
      return value->is_quota && value->number == 0 ? json_null() : json_integer((json_int_t)value->number);
    case VALUE_RATE:
      if (value->rate.per_second == 0) return json_null();
      return json_pack("{s:I, s:I}", "per_second", (json_int_t)value->rate.per_second, "burst",
                       (json_int_t)(value->rate.burst == 0 ? value->rate.per_second : value->rate.burst));
    case VALUE_FLAG: return json_boolean(value->flag);
    case VALUE_WORD: return text_of(value->word);
    case VALUE_LIST: return list_of(value);
  }
  return NULL;
}

static json_t *rules_of(const TenantRules *rules) {
  json_t *object = json_object(), *map = NULL;
  TenantValue value;
  for (size_t i = 0; policy_tenants_value(rules, i, &value); i++) {
    if (value.entry == NULL) {
      (void)json_object_set_new(object, value.row->name, json_of(&value));
      continue;
    }
    map = json_object_get(object, value.row->name);
    if (map == NULL) {
      (void)json_object_set_new(object, value.row->name, json_object());
      map = json_object_get(object, value.row->name);
    }
    (void)json_object_set_new(map, value.entry, json_of(&value));
  }
  return object;
}

json_t *ctl_policy_json_tenant(const TenantPolicy *policy, const TenantRules *rules) {
  char revision[24];
  json_t *users = json_array();
  TenantUser user;
  (void)snprintf(revision, sizeof revision, "%016" PRIx64, rules->revision);
  for (size_t i = 0; policy_tenants_user(policy, i, &user); i++)
    if (user.rules == rules) (void)json_array_append_new(users, text_of(user.name));
  return json_pack("{s:s, s:s, s:s, s:o, s:o}", "name", rules->name, "plan", rules->plan, "revision", revision,
                   "users", users, "rules", rules_of(rules));
}
