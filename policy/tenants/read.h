/* SPDX-License-Identifier: BSD-2-Clause */
/* read - nodes of a policy file as values of TenantRules.
 *
 * Whatever is wrong becomes a problem with its place, and reading goes on, so that one
 * look at a file finds everything.  Lists are made once, in the policy's store, and
 * shared by all tenants that inherit them.
 *
 * Layer: policy.
 */
#ifndef POLICY_TENANTS_READ_H
#define POLICY_TENANTS_READ_H

#include "policy/nearest.h"
#include "policy/tenants/document.h"
#include "policy/tenants/keys.h"
#include "policy/tenants/policy.h"

typedef struct {
  const Document *document;
  TenantPolicy *policy;
  TenantProblems *problems;
  uint32_t *tenant_words; /* nodes that should name a tenant, to be looked at in the end */
  size_t tenant_word_count, tenant_word_room;
  bool is_out_of_memory;
} Reader;

/* Complains about a node. */
void policy_tenants_read_complain(Reader *reader, const Node *node, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Complains about a word that none of the names is, and says which may be meant. */
void policy_tenants_read_unknown(Reader *reader, const Node *node, const char *what,
                                 const char *(*name)(size_t i));

/* Whether problems are still kept with their text: looking for what may be meant
 * is slow, and a file may be all errors. */
bool policy_tenants_read_is_heard(const Reader *reader);

/* Notes that a node should name a tenant. */
void policy_tenants_read_note(Reader *reader, uint32_t at);

/* Returns the row whose name a node is, else complains and returns NULL.  `places`: the
 * PART_ bits of parts that may stand there, too; they are returned in `ret_part`. */
const PolicyKeyRow *policy_tenants_read_key(Reader *reader, const Node *node, unsigned places,
                                            bool has_rules, const PolicyPartRow **ret_part);

/* Reads a value into the field of a row. */
void policy_tenants_read_value(Reader *reader, const PolicyKeyRow *row, const Node *value,
                               TenantRules *rules);

#endif
