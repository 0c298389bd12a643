/* SPDX-License-Identifier: BSD-2-Clause */
/* document - libyaml's events, made into nodes with an explicit stack. */
#include "policy/tenants/document.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

/* --- What is wrong before YAML begins --- */

/* Bytes of the valid UTF-8 sequence at `p` that YAML takes; 0: none begins there. */
static size_t sequence_length(const unsigned char *p, size_t left) {
  if (p[0] < 0x80) return (p[0] >= 0x20 && p[0] != 0x7f) || p[0] == '\n' || p[0] == '\r' || p[0] == '\t';
  size_t size = p[0] >= 0xf0 && p[0] <= 0xf4 ? 4 : p[0] >= 0xe0 && p[0] < 0xf0 ? 3 : p[0] >= 0xc2 && p[0] < 0xe0 ? 2 : 0;
  if (size == 0 || left < size) return 0;
  uint32_t code = p[0] & (0x7fu >> size);
  for (size_t i = 1; i < size; i++) {
    if ((p[i] & 0xc0) != 0x80) return 0;
    code = code << 6 | (p[i] & 0x3fu);
  }
  static const uint32_t least[] = {0, 0, 0xa0, 0x800, 0x10000};
  bool is_good = code >= least[size] && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff) &&
                 code != 0xfffe && code != 0xffff;
  return is_good ? size : 0;
}

/* Complains about every line with bytes that no policy has: once for each. */
static bool has_clean_bytes(const unsigned char *text, size_t size, TenantProblems *problems) {
  unsigned line = 1, column = 1;
  bool is_indent = true, is_clean = true, is_told = false;
  for (size_t i = 0; i < size;) {
    size_t length = sequence_length(text + i, size - i);
    bool is_tab = text[i] == '\t' && is_indent;
    if ((length == 0 || is_tab) && !is_told) {
      if (is_tab)
        policy_tenants_complain(problems, line, column, "a tab: YAML is indented with spaces");
      else
        policy_tenants_complain(problems, line, column, "byte 0x%02x: a policy is UTF-8 text without control bytes", text[i]);
      is_told = true;
      is_clean = false;
    }
    is_indent = is_indent && (text[i] == ' ' || text[i] == '\t');
    column++;
    if (text[i] == '\n') {
      line++;
      column = 1;
      is_indent = true;
      is_told = false;
    }
    i += length == 0 ? 1 : length;
  }
  return is_clean;
}

/* --- Nodes --- */

typedef struct {
  Document *document;
  TenantProblems *problems;
  uint32_t open[DOCUMENT_DEPTH_MOST];      /* lists and maps around what comes next */
  uint32_t last_child[DOCUMENT_DEPTH_MOST];
  bool wants_value[DOCUMENT_DEPTH_MOST];   /* of a map: a key was read */
  size_t depth;
  size_t documents;
} Builder;

static Status add_node(Builder *b, Node node, uint32_t *ret_at) {
  Document *d = b->document;
  if (d->count >= DOCUMENT_NODES_MOST) {
    policy_tenants_complain(b->problems, node.line, node.column, "too large: more than %zu values", DOCUMENT_NODES_MOST);
    return ST_INVALID;
  }
  Node *nodes = policy_tenants_store_grow(d->nodes, d->count, &d->room, sizeof *nodes);
  if (nodes == NULL) return ST_NO_MEMORY;
  d->nodes = nodes;
  *ret_at = (uint32_t)d->count++;
  nodes[*ret_at] = node;
  return ST_OK;
}

/* Hangs a node into the list or map that is open. */
static Status link_node(Builder *b, uint32_t at) {
  Node *nodes = b->document->nodes;
  if (b->depth == 0) {
    b->document->root = at;
    return ST_OK;
  }
  size_t top = b->depth - 1;
  bool is_key = nodes[b->open[top]].kind == NODE_MAP && !b->wants_value[top];
  if (is_key && nodes[at].kind != NODE_TEXT) {
    policy_tenants_complain(b->problems, nodes[at].line, nodes[at].column, "a key is a word, not a list or a map");
    return ST_INVALID;
  }
  if (b->last_child[top] == 0)
    nodes[b->open[top]].first = at;
  else
    nodes[b->last_child[top]].next = at;
  b->last_child[top] = at;
  b->wants_value[top] = is_key;
  return ST_OK;
}

static Status open_node(Builder *b, uint32_t at) {
  if (b->depth == DOCUMENT_DEPTH_MOST) {
    const Node *node = &b->document->nodes[at];
    policy_tenants_complain(b->problems, node->line, node->column, "nested deeper than any policy is");
    return ST_INVALID;
  }
  b->open[b->depth] = at;
  b->last_child[b->depth] = 0;
  b->wants_value[b->depth] = false;
  b->depth++;
  return ST_OK;
}

/* --- Events --- */

static Node node_at(const yaml_event_t *event, NodeKind kind) {
  return (Node){.line = (uint32_t)event->start_mark.line + 1,
                .column = (uint32_t)event->start_mark.column + 1,
                .kind = kind};
}

static void refuse_marks(Builder *b, Node node, const yaml_char_t *anchor, const yaml_char_t *tag) {
  if (anchor != NULL)
    policy_tenants_complain(b->problems, node.line, node.column, "'&%.40s': anchors and aliases are not taken; what tenants share is a plan", (const char *)anchor);
  if (tag != NULL)
    policy_tenants_complain(b->problems, node.line, node.column, "'%.40s': tags are not taken", (const char *)tag);
}

static Status take_scalar(Builder *b, const yaml_event_t *event) {
  Node node = node_at(event, NODE_TEXT);
  uint32_t at;
  refuse_marks(b, node, event->data.scalar.anchor, event->data.scalar.tag);
  node.is_plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
  if (memchr(event->data.scalar.value, '\0', event->data.scalar.length) != NULL)
    policy_tenants_complain(b->problems, node.line, node.column, "a text with a NUL byte");
  node.text = policy_tenants_store_text(&b->document->store, (TenantText){(const char *)event->data.scalar.value, event->data.scalar.length});
  if (node.text.data == NULL) return ST_NO_MEMORY;
  Status s = add_node(b, node, &at);
  return s == ST_OK ? link_node(b, at) : s;
}

/* An alias is refused, and stands for nothing while the rest is looked at. */
static Status take_alias(Builder *b, const yaml_event_t *event) {
  Node node = node_at(event, NODE_TEXT);
  uint32_t at;
  policy_tenants_complain(b->problems, node.line, node.column, "'*%.40s': anchors and aliases are not taken; in quotes it is a text", (const char *)event->data.alias.anchor);
  node.is_plain = true;
  node.text = (TenantText){"", 0};
  Status s = add_node(b, node, &at);
  return s == ST_OK ? link_node(b, at) : s;
}

static Status take_start(Builder *b, const yaml_event_t *event, NodeKind kind) {
  Node node = node_at(event, kind);
  uint32_t at;
  if (kind == NODE_MAP)
    refuse_marks(b, node, event->data.mapping_start.anchor, event->data.mapping_start.tag);
  else
    refuse_marks(b, node, event->data.sequence_start.anchor, event->data.sequence_start.tag);
  Status s = add_node(b, node, &at);
  if (s == ST_OK) s = link_node(b, at);
  return s == ST_OK ? open_node(b, at) : s;
}

static Status take_event(Builder *b, const yaml_event_t *event) {
  switch (event->type) {
    case YAML_SCALAR_EVENT: return take_scalar(b, event);
    case YAML_ALIAS_EVENT: return take_alias(b, event);
    case YAML_MAPPING_START_EVENT: return take_start(b, event, NODE_MAP);
    case YAML_SEQUENCE_START_EVENT: return take_start(b, event, NODE_LIST);
    case YAML_MAPPING_END_EVENT:
    case YAML_SEQUENCE_END_EVENT: b->depth--; return ST_OK;
    case YAML_DOCUMENT_START_EVENT:
      if (b->documents++ == 0) return ST_OK;
      policy_tenants_complain(b->problems, (unsigned)event->start_mark.line + 1, 1, "a second document: a policy is one");
      return ST_INVALID;
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_STREAM_END_EVENT:
    case YAML_DOCUMENT_END_EVENT: break;
  }
  return ST_OK;
}

/* libyaml tells what it found, and while doing what; the place is that of the former. */
static Status explain_syntax(const yaml_parser_t *parser, TenantProblems *problems) {
  if (parser->error == YAML_MEMORY_ERROR) return ST_NO_MEMORY;
  policy_tenants_complain(problems, (unsigned)parser->problem_mark.line + 1,
                          (unsigned)parser->problem_mark.column + 1, "not YAML: %s%s%s",
                          parser->problem == NULL ? "unreadable" : parser->problem,
                          parser->context == NULL ? "" : " ", parser->context == NULL ? "" : parser->context);
  return ST_INVALID;
}

static Status read_events(Builder *b, yaml_parser_t *parser) {
  bool is_done = false;
  Status s = ST_OK;
  while (s == ST_OK && !is_done) {
    yaml_event_t event;
    if (!yaml_parser_parse(parser, &event)) return explain_syntax(parser, b->problems);
    s = take_event(b, &event);
    is_done = event.type == YAML_STREAM_END_EVENT;
    yaml_event_delete(&event);
  }
  return s;
}

Status policy_tenants_document_read(const char *text, size_t size, TenantProblems *problems,
                                    Document *ret_document) {
  Builder builder = {.document = ret_document, .problems = problems};
  yaml_parser_t parser;
  *ret_document = (Document){.count = 1};
  if (size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
    text += 3;
    size -= 3;
  }
  if (!has_clean_bytes((const unsigned char *)text, size, problems)) return ST_INVALID;
  if (!yaml_parser_initialize(&parser)) return ST_NO_MEMORY;
  yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
  yaml_parser_set_input_string(&parser, (const unsigned char *)text, size);
  Status s = read_events(&builder, &parser);
  yaml_parser_delete(&parser);
  return s;
}

void policy_tenants_document_free(Document *document) {
  free(document->nodes);
  policy_tenants_store_free(&document->store);
  *document = (Document){.nodes = NULL};
}

bool policy_tenants_document_is_empty(const Node *node) {
  return node->kind == NODE_TEXT && node->is_plain &&
         (node->text.size == 0 || strcmp(node->text.data, "~") == 0 || strcmp(node->text.data, "null") == 0);
}
