/* SPDX-License-Identifier: BSD-2-Clause */
/* document - a YAML text as nodes that know where they stood.
 *
 * Nodes are an array; a node names its first child and its next sibling by index.  The
 * children of a map are key, value, key, value.  Anchors, aliases, tags and second
 * documents are refused, depth and number of nodes are bounded, nothing recurses.
 *
 * Layer: policy (libyaml, memory).
 */
#ifndef POLICY_TENANTS_DOCUMENT_H
#define POLICY_TENANTS_DOCUMENT_H

#include "policy/tenants/problems.h"

#define DOCUMENT_DEPTH_MOST 16
#define DOCUMENT_NODES_MOST ((size_t)2 << 20)

typedef enum { NODE_TEXT, NODE_LIST, NODE_MAP } NodeKind;

typedef struct {
  uint32_t line, column; /* from 1 */
  uint32_t first, next;  /* 0: none */
  NodeKind kind;
  bool is_plain;         /* a text without quotes */
  TenantText text;       /* of NODE_TEXT */
} Node;

typedef struct {
  Node *nodes; /* the first is unused */
  size_t count, room;
  uint32_t root; /* 0: the text is empty */
  Store store;
} Document;

/* Reads a text.  ST_INVALID: a problem was added.  The document is to be freed in any case. */
Status policy_tenants_document_read(const char *text, size_t size, TenantProblems *problems,
                                    Document *ret_document)
    __attribute__((nonnull, warn_unused_result));

void policy_tenants_document_free(Document *document) __attribute__((nonnull));

/* Whether a node says nothing: no value at all, ~ or null. */
bool policy_tenants_document_is_empty(const Node *node) __attribute__((nonnull));

#endif
