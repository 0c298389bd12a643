/* SPDX-License-Identifier: BSD-2-Clause */
/* policy - files are loaded as the module loads them, then told about. */
#include "tools/ctl/policy.h"

#include <stdlib.h>
#include <string.h>

#include "policy/codes.h"
#include "policy/nearest.h"
#include "policy/tenants/diff.h"
#include "policy/tenants/value.h"
#include "tools/ctl/run.h"
#include "tools/ctl/text.h"

#define PROBLEM_BYTES 1600

static int finish(Code code) {
  return ctl_text_finish() ? fsb_code_exit_status(code) : fsb_code_exit_status(CODE_INTERNAL);
}

/* --- Loading --- */

/* Reads a file, telling what was found on standard error unless as JSON. */
static PolicyFile open_file(const Options *options, const char *path) {
  PolicyFile file = {.problems = {.file = path}};
  char line[PROBLEM_BYTES];
  Status s = policy_tenants_load(path, &file.problems, &file.policy);
  if (s != ST_OK) file.policy = NULL;
  for (size_t i = 0; !options->json && policy_tenants_problems_write(&file.problems, i, line, sizeof line); i++) {
    ctl_text_escape(stderr, (FsbBytes){line, strlen(line)});
    (void)putc('\n', stderr);
  }
  return file;
}

static void close_file(PolicyFile *file) {
  policy_tenants_unref(file->policy);
  policy_tenants_problems_free(&file->problems);
}

/* What a file that is not valid leads to. */
static int refuse_file(const Options *options, const PolicyFile *file) {
  if (options->json) (void)ctl_policy_json_print(ctl_policy_json_problems(file));
  return finish(CODE_CONFIG);
}

/* --- check --- */

static size_t count_users(const TenantPolicy *policy) {
  TenantUser user;
  size_t count = 0;
  while (policy_tenants_user(policy, count, &user)) count++;
  return count;
}

static int check(const Options *options) {
  PolicyFile file = open_file(options, options->operands[1]);
  bool is_valid = file.policy != NULL;
  if (options->json) {
    (void)ctl_policy_json_print(ctl_policy_json_problems(&file));
  } else if (is_valid) {
    const TenantRules *rest = policy_tenants_rest(file.policy);
    (void)printf("%s: valid; %zu tenants, %zu users, unmapped users %s%s\n", options->operands[1],
                 policy_tenants_count(file.policy), count_users(file.policy),
                 rest == NULL ? "are rejected" : "belong to ", rest == NULL ? "" : rest->name);
  }
  close_file(&file);
  return finish(is_valid ? CODE_OK : CODE_CONFIG);
}

/* --- show --- */

static void print_users(const TenantPolicy *policy, const TenantRules *rules) {
  TenantUser user;
  (void)printf("  %-24s", "users");
  for (size_t i = 0; policy_tenants_user(policy, i, &user); i++) {
    if (user.rules != rules) continue;
    (void)putchar(' ');
    ctl_text_escape(stdout, (FsbBytes){user.name.data, user.name.size});
  }
  if (policy_tenants_rest(policy) == rules) (void)printf(" (all others)");
  (void)putchar('\n');
}

/* One value of a tenant, marked when a server without a policy would have it otherwise. */
static void print_value(const TenantValue *value, const TenantValue *stock, bool everything) {
  char name[VALUE_NAME_BYTES];
  char *text = policy_tenants_value_text(value), *other = policy_tenants_value_text(stock);
  bool is_changed = text != NULL && other != NULL && strcmp(text, other) != 0;
  policy_tenants_value_name(value, name);
  if (text != NULL && (everything || is_changed)) {
    (void)printf("  %-24s ", name);
    ctl_text_escape(stdout, (FsbBytes){text, strlen(text)});
    (void)printf("%s\n", everything && is_changed ? "  *" : "");
  }
  free(text);
  free(other);
}

static void print_tenant(const TenantPolicy *policy, const TenantRules *rules, bool everything) {
  TenantRules stock = policy_tenants_defaults("");
  TenantValue value, other;
  (void)printf("%s%s%s\n", rules->name, rules->plan[0] == '\0' ? "" : ", plan ", rules->plan);
  print_users(policy, rules);
  for (size_t i = 0; policy_tenants_value(rules, i, &value); i++) {
    (void)policy_tenants_value(&stock, i, &other);
    print_value(&value, &other, everything);
  }
}

/* Columns of the overview, by the names of values. */
static const struct {
  const char *name, *head;
  int width;
} columns[] = {{"mode", "MODE", 8},          {"limits.hold", "HOLD", 8},
               {"limits.memory", "MEMORY", 8}, {"rates.hold", "HOLD RATE", 24},
               {"rates.cost", "COST RATE", 22}, {"concurrency", "RUNS", 6}, {"suspended", "SUSPENDED", 9}};
#define COLUMN_COUNT (sizeof columns / sizeof columns[0])

static void print_cell(const TenantRules *rules, size_t column) {
  TenantValue value;
  char name[VALUE_NAME_BYTES];
  for (size_t i = 0; policy_tenants_value(rules, i, &value); i++) {
    policy_tenants_value_name(&value, name);
    if (strcmp(name, columns[column].name) != 0) continue;
    char *text = policy_tenants_value_text(&value);
    (void)printf(" %-*s", columns[column].width, text == NULL ? "" : text);
    free(text);
    return;
  }
}

static void print_overview(const TenantPolicy *policy) {
  const TenantRules *rest = policy_tenants_rest(policy), *rules;
  (void)printf("%-24s %-16s", "TENANT", "PLAN");
  for (size_t k = 0; k < COLUMN_COUNT; k++) (void)printf(" %-*s", columns[k].width, columns[k].head);
  (void)putchar('\n');
  for (size_t i = 0; (rules = policy_tenants_at(policy, i)) != NULL; i++) {
    (void)printf("%-24s %-16s", rules->name, rules->plan);
    for (size_t k = 0; k < COLUMN_COUNT; k++) print_cell(rules, k);
    (void)putchar('\n');
  }
  (void)printf("\nUnmapped users %s%s.\n", rest == NULL ? "are rejected" : "belong to ",
               rest == NULL ? "" : rest->name);
}

static int refuse_tenant(const Options *options, const TenantPolicy *policy) {
  FsbError error;
  Nearest nearest = policy_nearest_start(options->tenant);
  for (size_t i = 0; policy_tenants_at(policy, i) != NULL; i++)
    policy_nearest_offer(&nearest, policy_tenants_at(policy, i)->name);
  const char *best = policy_nearest_best(&nearest);
  ctl_options_explain(&error, "no tenant '%.70s'%s%s%s", options->tenant,
                      best[0] == '\0' ? "" : "; did you mean '", best, best[0] == '\0' ? "" : "'?");
  error.code = CODE_NOT_FOUND;
  return ctl_run_fail(options, &error);
}

static int show_json(const TenantPolicy *policy, const TenantRules *only) {
  const TenantRules *rest = policy_tenants_rest(policy), *rules;
  json_t *tenants = json_array();
  for (size_t i = 0; (rules = policy_tenants_at(policy, i)) != NULL; i++)
    if (only == NULL || only == rules)
      (void)json_array_append_new(tenants, ctl_policy_json_tenant(policy, rules));
  bool is_whole = ctl_policy_json_print(
      json_pack("{s:s?, s:o}", "unmapped", rest == NULL ? NULL : rest->name, "tenants", tenants));
  return finish(is_whole ? CODE_OK : CODE_INTERNAL);
}

static int refuse_user(const Options *options) {
  FsbError error;
  ctl_options_explain(&error, "user '%.70s' belongs to no tenant: its scripts are rejected", options->of_user);
  error.code = CODE_NOT_FOUND;
  return ctl_run_fail(options, &error);
}

static int show_policy(const Options *options, const TenantPolicy *policy) {
  const TenantRules *only = NULL;
  if (options->of_user != NULL) {
    only = policy_tenants_of_user(policy, options->of_user, strlen(options->of_user));
    if (only == NULL) return refuse_user(options);
  } else if (options->tenant != NULL) {
    only = policy_tenants_find(policy, options->tenant, strlen(options->tenant));
    if (only == NULL) return refuse_tenant(options, policy);
  }
  if (options->json) return show_json(policy, only);
  if (only != NULL)
    print_tenant(policy, only, options->effective);
  else if (!options->effective)
    print_overview(policy);
  for (size_t i = 0; only == NULL && options->effective && policy_tenants_at(policy, i) != NULL; i++)
    print_tenant(policy, policy_tenants_at(policy, i), true);
  if (options->effective) (void)printf("\n* differs from a server without a policy\n");
  return finish(CODE_OK);
}

static int show(const Options *options) {
  PolicyFile file = open_file(options, options->operands[1]);
  int status = file.policy == NULL ? refuse_file(options, &file) : show_policy(options, file.policy);
  close_file(&file);
  return status;
}

/* --- diff --- */

typedef struct {
  json_t *changes; /* NULL: print */
  size_t count;
  char tenant[TENANT_NAME_MAX + 1]; /* whose changes were printed last */
} Differ;

static const char *owner(const char *tenant) {
  return tenant[0] == '\0' ? "rejected" : tenant;
}

static void print_change(Differ *differ, const PolicyChange *change) {
  bool is_new = strcmp(differ->tenant, change->tenant) != 0 && change->kind <= CHANGE_WORKERS;
  (void)snprintf(differ->tenant, sizeof differ->tenant, "%s", change->tenant);
  switch (change->kind) {
    case CHANGE_TENANT_ADDED: (void)printf("+ tenant %s%s%s\n", change->tenant, change->after[0] == '\0' ? "" : ", plan ", change->after); return;
    case CHANGE_TENANT_REMOVED: (void)printf("- tenant %s\n", change->tenant); return;
    case CHANGE_RULE:
    case CHANGE_WORKERS: break;
    case CHANGE_USER:
    case CHANGE_UNMAPPED:
      (void)printf("~ %s ", change->kind == CHANGE_USER ? "user" : "users");
      ctl_text_escape(stdout, (FsbBytes){change->key, strlen(change->key)});
      (void)printf(": %s -> %s\n", owner(change->before), owner(change->after));
      return;
  }
  if (is_new) (void)printf("~ tenant %s\n", change->tenant);
  (void)printf("    %-24s ", change->kind == CHANGE_WORKERS ? "(workers are replaced)" : change->key);
  if (change->kind == CHANGE_RULE) {
    ctl_text_escape(stdout, (FsbBytes){change->before, strlen(change->before)});
    (void)printf(" -> ");
    ctl_text_escape(stdout, (FsbBytes){change->after, strlen(change->after)});
  }
  (void)putchar('\n');
}

static void take_change(void *context, const PolicyChange *change) {
  static const char *const kinds[] = {"tenant_added", "tenant_removed", "rule", "workers_replaced", "user", "unmapped"};
  Differ *differ = context;
  differ->count++;
  if (differ->changes == NULL)
    print_change(differ, change);
  else
    (void)json_array_append_new(
        differ->changes, json_pack("{s:s, s:s, s:s, s:s, s:s}", "change", kinds[change->kind], "tenant", change->tenant,
                                   "key", change->key, "before", change->before, "after", change->after));
}

static int compare(const Options *options, const PolicyFile *before, const PolicyFile *after) {
  if (before->policy == NULL) return refuse_file(options, before);
  if (after->policy == NULL) return refuse_file(options, after);
  Differ differ = {.changes = options->json ? json_array() : NULL};
  Status s = policy_tenants_diff(before->policy, after->policy, take_change, &differ);
  if (options->json && !ctl_policy_json_print(json_pack("{s:o}", "changes", differ.changes))) s = ST_NO_MEMORY;
  if (!options->json && differ.count == 0) (void)puts("Nothing changes for anybody.");
  return finish(s == ST_OK ? CODE_OK : CODE_INTERNAL);
}

static int diff(const Options *options) {
  PolicyFile before = open_file(options, options->operands[1]);
  PolicyFile after = open_file(options, options->operands[2]);
  int status = compare(options, &before, &after);
  close_file(&before);
  close_file(&after);
  return status;
}

/* --- schema --- */

static int schema(const Options *options) {
  (void)options;
  json_t *object = ctl_policy_schema();
  bool is_whole = object != NULL && json_dumpf(object, stdout, JSON_INDENT(2)) == 0;
  json_decref(object);
  (void)putchar('\n');
  return finish(is_whole ? CODE_OK : CODE_INTERNAL);
}

/* --- Dispatch --- */

static const struct {
  const char *name;
  int operands; /* the name included */
  const char *usage;
  int (*run)(const Options *options);
} verbs[] = {{"check", 2, "policy check FILE", check},
             {"show", 2, "policy show [--effective] [--tenant NAME | --of-user USER] FILE", show},
             {"diff", 3, "policy diff BEFORE AFTER", diff},
             {"schema", 1, "policy schema", schema}};
#define VERB_COUNT (sizeof verbs / sizeof verbs[0])

int ctl_policy_run(const Options *options) {
  const char *word = options->operand_count == 0 ? "" : options->operands[0];
  FsbError error;
  for (size_t i = 0; i < VERB_COUNT; i++) {
    if (strcmp(verbs[i].name, word) != 0) continue;
    if (options->operand_count == verbs[i].operands) return verbs[i].run(options);
    ctl_options_explain(&error, "usage: ferrous-sandboxctl %s", verbs[i].usage);
    return ctl_run_fail(options, &error);
  }
  ctl_options_explain(&error, "policy: '%.40s' is none of check, show, diff, schema", word);
  return ctl_run_fail(options, &error);
}
