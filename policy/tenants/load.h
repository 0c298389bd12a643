/* SPDX-License-Identifier: BSD-2-Clause */
/* load - a policy file becomes a TenantPolicy, or a list of all that is wrong with it.
 *
 * The format is docs/operations/policy.md; its keys are policy_keys.def.  A policy is
 * taken as a whole or not at all.
 *
 * Layer: policy (reads the file).  Threads: one.
 */
#ifndef POLICY_TENANTS_LOAD_H
#define POLICY_TENANTS_LOAD_H

#include "policy/tenants/problems.h"
#include "policy/tenants/tenants.h"

/* No file above this is read. */
#define TENANTS_FILE_MOST ((size_t)16 << 20)
#define TENANTS_MOST ((size_t)100000)

/* Reads a file.  `problems` is empty before (it may name the file as it shall be shown;
 * else it is shown as `path`), and holds what was found, sorted: warnings may be there also
 * when it went well.  The policy has one reference.  ST_INVALID: see `problems`;
 * ST_NO_MEMORY, ST_NOT_FOUND, ST_PERMISSION, ST_TOO_LARGE, ST_IO: with a problem that
 * says so. */
Status policy_tenants_load(const char *path, TenantProblems *problems, TenantPolicy **ret_policy)
    __attribute__((nonnull, warn_unused_result));

/* The same for a text at hand; problems->file names it. */
Status policy_tenants_parse(const char *text, size_t size, TenantProblems *problems,
                            TenantPolicy **ret_policy)
    __attribute__((nonnull, warn_unused_result));

#endif
