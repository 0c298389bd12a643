/* SPDX-License-Identifier: BSD-2-Clause */
/* sample - policies of a text, and what a policy says as a text, for the tests here. */
#ifndef TESTS_TENANTS_SAMPLE_H
#define TESTS_TENANTS_SAMPLE_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/tenants/load.h"
#include "policy/tenants/value.h"

#define SAMPLE_HOSTED FERROUS_TEST_SOURCE_DIR "/packaging/policies/hosted.yaml"

static inline TenantPolicy *sample_parse(const char *text) {
  TenantProblems problems = {.file = "policy.yaml"};
  TenantPolicy *policy = NULL;
  char line[2048] = "";
  Status s = policy_tenants_parse(text, strlen(text), &problems, &policy);
  (void)policy_tenants_problems_write(&problems, 0, line, sizeof line);
  ck_assert_msg(s == ST_OK, "%s", line);
  policy_tenants_problems_free(&problems);
  return policy;
}

static inline char *sample_read(const char *path, size_t *ret_size) {
  enum { MOST = 1 << 16 };
  char *text = malloc(MOST);
  FILE *from = fopen(path, "rb");
  ck_assert_msg(from != NULL, "%s", path);
  *ret_size = fread(text, 1, MOST - 1, from);
  text[*ret_size] = '\0';
  (void)fclose(from);
  return text;
}

/* A user's name in double quotes. */
static inline void sample_write_user(FILE *to, TenantText name) {
  (void)fprintf(to, "      - \"");
  for (size_t i = 0; i < name.size; i++) {
    unsigned char c = (unsigned char)name.data[i];
    if (c < 0x20 || c == '"' || c == '\\' || c == 0x7f)
      (void)fprintf(to, "\\x%02x", c);
    else
      (void)putc(c, to);
  }
  (void)fprintf(to, "\"\n");
}

/* The policy as a file that says everything of every tenant. */
static inline char *sample_write(const TenantPolicy *policy) {
  char *text = NULL;
  size_t size = 0;
  FILE *to = open_memstream(&text, &size);
  const TenantRules *rules, *rest = policy_tenants_rest(policy);
  (void)fprintf(to, "version: 1\nunmapped: %s\ntenants:\n", rest == NULL ? "reject" : rest->name);
  for (size_t i = 0; (rules = policy_tenants_at(policy, i)) != NULL; i++) {
    TenantValue value;
    TenantUser user;
    const PolicyKeyRow *open = NULL;
    (void)fprintf(to, "  \"%s\":\n    users:\n", rules->name);
    for (size_t k = 0; policy_tenants_user(policy, k, &user); k++)
      if (user.rules == rules) sample_write_user(to, user.name);
    for (size_t k = 0; policy_tenants_value(rules, k, &value); k++) {
      char *said = policy_tenants_value_text(&value);
      if (value.entry != NULL && value.row != open) (void)fprintf(to, "    %s:\n", value.row->name);
      open = value.row;
      (void)fprintf(to, "%s%s: %s\n", value.entry == NULL ? "    " : "      ", value.entry == NULL ? value.row->name : value.entry, said);
      free(said);
    }
  }
  (void)fclose(to);
  return text;
}

#endif
