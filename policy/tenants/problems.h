/* SPDX-License-Identifier: BSD-2-Clause */
/* problems - what is wrong with a policy file: all of it, each with its place.
 *
 * Layer: policy (memory, no I/O).
 */
#ifndef POLICY_TENANTS_PROBLEMS_H
#define POLICY_TENANTS_PROBLEMS_H

#include "policy/tenants/store.h"

/* As many are kept with their text; of further errors only the number. */
#define TENANT_PROBLEMS_MOST 200

typedef struct {
  unsigned line, column; /* from 1; 0: the file as a whole */
  bool is_warning;       /* the policy can be used */
  const char *text;      /* one line, printable ASCII */
} TenantProblem;

/* All zero, but for the name, is an empty list. */
typedef struct {
  const char *file; /* as it is shown */
  TenantProblem *items;
  size_t count, room;
  size_t left_out; /* errors that came after TENANT_PROBLEMS_MOST */
  size_t errors;   /* of both */
  Store store;
} TenantProblems;

/* Adds one; bytes that are not printable are escaped. */
void policy_tenants_complain(TenantProblems *problems, unsigned line, unsigned column,
                             const char *format, ...) __attribute__((format(printf, 4, 5)));
void policy_tenants_warn(TenantProblems *problems, unsigned line, unsigned column,
                         const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Sorts by place. */
void policy_tenants_problems_sort(TenantProblems *problems) __attribute__((nonnull));

/* Writes the i-th as "file:line:column: text" (or "...: warning: text"), and after the
 * last one how many were left out; false past the end. */
bool policy_tenants_problems_write(const TenantProblems *problems, size_t i, char *buffer,
                                   size_t capacity) __attribute__((nonnull));

void policy_tenants_problems_free(TenantProblems *problems) __attribute__((nonnull));

#endif
