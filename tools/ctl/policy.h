/* SPDX-License-Identifier: BSD-2-Clause */
/* policy - the subcommand `policy`: check, show, diff, schema.
 *
 * Works on files only; no server, no worker.  Layer: tools.
 */
#ifndef TOOLS_CTL_POLICY_H
#define TOOLS_CTL_POLICY_H

#include <jansson.h>

#include "policy/tenants/load.h"
#include "tools/ctl/options.h"

/* policy check|show|diff|schema [FILE ...]; returns the exit status. */
int ctl_policy_run(const Options *options);

/* A file that was read: the policy (NULL: it is not valid) and what was found. */
typedef struct {
  TenantPolicy *policy;
  TenantProblems problems;
} PolicyFile;

/* Objects for --json; NULL when memory is out. */
json_t *ctl_policy_json_problems(const PolicyFile *file);
json_t *ctl_policy_json_tenant(const TenantPolicy *policy, const TenantRules *rules);

/* Builds the JSON Schema of policy files from the tables. */
json_t *ctl_policy_schema(void);

/* Prints an object, "schema" first, and frees it; false: memory, or the reader, is gone. */
bool ctl_policy_json_print(json_t *object);

#endif
