/* SPDX-License-Identifier: BSD-2-Clause */
/* policy - reading the file, saying what is wrong with it. */
#include "tools/module/policy.h"

#include <stdio.h>
#include <string.h>

#include "policy/tenants/load.h"
#include "tools/module/event.h"
#include "tools/module/tenant.h"

/* A server may be told once where its policy is, and then to read it again. */
static RedisString *path_setting;

/* --- Problems --- */

static void log_problems(const TenantProblems *problems) {
  char line[512];
  for (size_t i = 0; policy_tenants_problems_write(problems, i, line, sizeof line); i++)
    rm.Log(NULL, "warning", "policy %s", line);
}

/* As many as fit, the first ones first. */
static void explain(const TenantProblems *problems, char error[POLICY_ERROR_BYTES]) {
  char line[512];
  int used = snprintf(error, POLICY_ERROR_BYTES, "the policy stays as it was, %zu problem%s: ",
                      problems->errors, problems->errors == 1 ? "" : "s");
  for (size_t i = 0; policy_tenants_problems_write(problems, i, line, sizeof line); i++) {
    int size = snprintf(error + used, (size_t)(POLICY_ERROR_BYTES - used), "%s%s", i == 0 ? "" : "; ", line);
    if (size < 0 || size >= POLICY_ERROR_BYTES - used) break;
    used += size;
  }
}

/* --- Putting in force --- */

static void note(const char *path) {
  char text[160];
  size_t count = policy_tenants_count(module_tenant_policy());
  (void)snprintf(text, sizeof text, "%zu tenants, %.120s", count, path);
  const EventFacts facts = {.kind = EVENT_RELOAD, .text = path[0] == '\0' ? "none" : text};
  module_event_add(&facts);
  rm.Log(NULL, "notice", "policy in force: %s", facts.text);
}

bool module_policy_load(const char *path, char ret_error[POLICY_ERROR_BYTES]) {
  TenantProblems problems = {.file = path};
  TenantPolicy *policy = NULL;
  /* What runs may be looking at its tenant. */
  if (module_state.run != NULL) {
    (void)snprintf(ret_error, POLICY_ERROR_BYTES, "the policy stays as it was: a script is running");
    return false;
  }
  bool is_good = path[0] == '\0' || policy_tenants_load(path, &problems, &policy) == ST_OK;
  log_problems(&problems);
  if (is_good) {
    module_tenant_install(policy);
    note(path);
  } else {
    explain(&problems, ret_error);
  }
  policy_tenants_problems_free(&problems);
  return is_good;
}

/* --- The setting --- */

static const char *path_of(const RedisString *value) {
  size_t size;
  return value == NULL ? "" : rm.StringPtrLen(value, &size);
}

static RedisString *get_path(const char *name, void *data) {
  (void)name;
  (void)data;
  return path_setting;
}

static int set_path(const char *name, RedisString *value, void *data, RedisString **ret_error) {
  char error[POLICY_ERROR_BYTES];
  (void)name;
  (void)data;
  /* Nothing to say about: the default, when the module is loaded. */
  bool is_same = path_setting == NULL && path_of(value)[0] == '\0';
  if (!is_same && !module_policy_load(path_of(value), error)) {
    *ret_error = rm.CreateString(NULL, error, strlen(error));
    return REDIS_ERR;
  }
  if (path_setting != NULL) rm.FreeString(NULL, path_setting);
  rm.RetainString(NULL, value);
  path_setting = value;
  return REDIS_OK;
}

bool module_policy_register(RedisCtx *ctx) {
  return rm.RegisterStringConfig(ctx, "policy", "", 0, get_path, set_path, NULL, NULL) == REDIS_OK;
}

const char *module_policy_path(void) {
  return path_of(path_setting);
}

void module_policy_end(void) {
  if (path_setting != NULL) rm.FreeString(NULL, path_setting);
  path_setting = NULL;
}
