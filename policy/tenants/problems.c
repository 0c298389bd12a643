/* SPDX-License-Identifier: BSD-2-Clause */
/* problems - kept in the order in which they were found, then sorted. */
#include "policy/tenants/problems.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_BYTES 320

/* Copies a text, with \xNN for what a terminal or a log should not get. */
static void escape(const char *from, char *to, size_t capacity) {
  size_t at = 0;
  for (; *from != '\0' && at + 5 < capacity; from++) {
    unsigned char c = (unsigned char)*from;
    if (c >= 0x20 && c < 0x7f)
      to[at++] = (char)c;
    else
      at += (size_t)snprintf(to + at, capacity - at, "\\x%02x", c);
  }
  to[at] = '\0';
}

static void add(TenantProblems *problems, TenantProblem problem, const char *text) {
  char escaped[TEXT_BYTES * 4];
  if (!problem.is_warning) problems->errors++;
  TenantProblem *items = NULL;
  /* Half the room is for errors, whatever was warned of before. */
  size_t most = problem.is_warning ? TENANT_PROBLEMS_MOST / 2 : TENANT_PROBLEMS_MOST;
  if (problems->count < most)
    items = policy_tenants_store_grow(problems->items, problems->count, &problems->room, sizeof *items);
  if (items != NULL) {
    problems->items = items;
    escape(text, escaped, sizeof escaped);
    TenantText kept = {escaped, strlen(escaped)};
    problem.text = policy_tenants_store_text(&problems->store, kept).data;
  }
  if (problem.text != NULL)
    items[problems->count++] = problem;
  else if (!problem.is_warning)
    problems->left_out++;
}

__attribute__((format(printf, 3, 0))) static void add_format(TenantProblems *problems, TenantProblem problem,
                                                             const char *format, va_list arguments) {
  char text[TEXT_BYTES];
  (void)vsnprintf(text, sizeof text, format, arguments);
  add(problems, problem, text);
}

void policy_tenants_complain(TenantProblems *problems, unsigned line, unsigned column,
                             const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  add_format(problems, (TenantProblem){.line = line, .column = column}, format, arguments);
  va_end(arguments);
}

void policy_tenants_warn(TenantProblems *problems, unsigned line, unsigned column,
                         const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  add_format(problems, (TenantProblem){.line = line, .column = column, .is_warning = true}, format, arguments);
  va_end(arguments);
}

static int compare(const void *a, const void *b) {
  const TenantProblem *first = a, *second = b;
  if (first->line != second->line) return first->line < second->line ? -1 : 1;
  if (first->column != second->column) return first->column < second->column ? -1 : 1;
  return strcmp(first->text, second->text);
}

void policy_tenants_problems_sort(TenantProblems *problems) {
  if (problems->count != 0) qsort(problems->items, problems->count, sizeof *problems->items, compare);
}

bool policy_tenants_problems_write(const TenantProblems *problems, size_t i, char *buffer,
                                   size_t capacity) {
  if (i > problems->count || (i == problems->count && problems->left_out == 0)) return false;
  if (i == problems->count) {
    (void)snprintf(buffer, capacity, "%s: %zu problems more", problems->file, problems->left_out);
    return true;
  }
  const TenantProblem *problem = &problems->items[i];
  const char *warning = problem->is_warning ? "warning: " : "";
  if (problem->line == 0)
    (void)snprintf(buffer, capacity, "%s: %s%s", problems->file, warning, problem->text);
  else
    (void)snprintf(buffer, capacity, "%s:%u:%u: %s%s", problems->file, problem->line,
                   problem->column, warning, problem->text);
  return true;
}

void policy_tenants_problems_free(TenantProblems *problems) {
  free(problems->items);
  policy_tenants_store_free(&problems->store);
  *problems = (TenantProblems){.file = problems->file};
}
