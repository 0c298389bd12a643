/* SPDX-License-Identifier: BSD-2-Clause */
/* list - every entry is checked and brought into its one spelling, then all are sorted. */
#include "policy/tenants/list.h"

#include <stdlib.h>
#include <string.h>

#define PREFIX_MOST 255
#define COMMAND_MOST 64
#define TENANT_WORD "$tenant"

/* --- Entries --- */

static bool check_prefix(Reader *r, const PolicyKeyRow *row, const Node *node) {
  if (node->text.size == 0)
    policy_tenants_read_complain(r, node, "%s: an empty prefix is every key; without %s every key may be used",
                                 row->name, row->name);
  else if (node->text.size > PREFIX_MOST)
    policy_tenants_read_complain(r, node, "%s: a prefix has at most %d bytes", row->name, PREFIX_MOST);
  return node->text.size != 0 && node->text.size <= PREFIX_MOST;
}

static bool is_command_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || c == '.';
}

/* A name, or a name, '|', and the name of a subcommand. */
static bool is_command(TenantText text) {
  size_t bars = 0;
  if (text.size == 0 || text.size > COMMAND_MOST) return false;
  for (size_t i = 0; i < text.size; i++) {
    bool is_bar = text.data[i] == '|' && i != 0 && i + 1 != text.size;
    bars += is_bar;
    if (!is_bar && !is_command_byte(text.data[i])) return false;
  }
  return bars <= 1;
}

static void lower(char *text, size_t size) {
  for (size_t i = 0; i < size; i++)
    if (text[i] >= 'A' && text[i] <= 'Z') text[i] = (char)(text[i] - 'A' + 'a');
}

/* A mistyped command would not be denied: say so, as far as it can be known. */
static void warn_of_stranger(Reader *r, const PolicyKeyRow *row, const Node *node, const char *name) {
  if (policy_tenants_knows_command((TenantText){name, strlen(name)}) || strchr(name, '.') != NULL) return;
  Nearest nearest = policy_nearest_start(policy_tenants_read_is_heard(r) ? name : "");
  for (size_t i = 0; policy_tenants_command(i) != NULL; i++)
    policy_nearest_offer(&nearest, policy_tenants_command(i));
  const char *best = policy_nearest_best(&nearest);
  policy_tenants_warn(r->problems, node->line, node->column, "%s: no command '%s' is known%s%s%s",
                      row->name, name, best[0] == '\0' ? "" : "; did you mean '", best,
                      best[0] == '\0' ? "" : "'?");
}

static bool check_command(Reader *r, const PolicyKeyRow *row, const Node *node) {
  char name[COMMAND_MOST + 1];
  if (!is_command(node->text)) {
    policy_tenants_read_complain(r, node, "%s: '%.60s' is not the name of a command; write for example get or config|set",
                                 row->name, node->text.data);
    return false;
  }
  memcpy(name, node->text.data, node->text.size + 1);
  lower(name, node->text.size);
  warn_of_stranger(r, row, node, name);
  return true;
}

static bool check_digest(Reader *r, const PolicyKeyRow *row, const Node *node) {
  if (node->text.size == TENANT_SHA1_DIGITS &&
      strspn(node->text.data, "0123456789abcdefABCDEF") == TENANT_SHA1_DIGITS)
    return true;
  policy_tenants_read_complain(r, node, "%s: '%.50s' is not a SHA1: %d hexadecimal digits", row->name,
                               node->text.data, TENANT_SHA1_DIGITS);
  return false;
}

static bool check_tenant(Reader *r, const PolicyKeyRow *row, const Node *node) {
  (void)row;
  if (strcmp(node->text.data, "*") != 0)
    policy_tenants_read_note(r, (uint32_t)(node - r->document->nodes));
  return true;
}

static bool check_entry(Reader *r, const PolicyKeyRow *row, const Node *node) {
  if (node->kind != NODE_TEXT) {
    policy_tenants_read_complain(r, node, "%s: its entries are single values", row->name);
    return false;
  }
  switch (row->kind) {
    case KIND_TEXTS: return check_prefix(r, row, node);
    case KIND_COMMANDS: return check_command(r, row, node);
    case KIND_DIGESTS: return check_digest(r, row, node);
    case KIND_TENANTS: return check_tenant(r, row, node);
    case KIND_STEPS:
    case KIND_LIMITS:
    case KIND_RATES:
    case KIND_AMOUNTS:
    case KIND_NUMBER:
    case KIND_TIME:
    case KIND_BYTE_RATE:
    case KIND_FLAG:
    case KIND_CHOICE:
    case KIND_SWITCH:
    case KIND_NAME:
    case KIND_NAMES:
    case KIND_RULES:
    case KIND_MAP:
    case KIND_COUNT_: break;
  }
  return true;
}

/* --- Steps of the seal --- */

static void read_step(Reader *r, const PolicyKeyRow *row, const Node *node, uint64_t *bits) {
  size_t i = 0;
  if (!check_entry(r, row, node)) return;
  while (policy_tenants_step(i) != NULL && strcmp(policy_tenants_step(i), node->text.data) != 0) i++;
  if (policy_tenants_step(i) == NULL)
    policy_tenants_read_unknown(r, node, "step of the seal", policy_tenants_step);
  else
    *bits |= UINT64_C(1) << i;
}

/* --- Lists --- */

static int compare_items(const void *a, const void *b) {
  return policy_tenants_compare(*(const TenantText *)a, *(const TenantText *)b);
}

/* Copies an entry into the policy; names are the same however they are written. */
static TenantText keep_entry(Reader *r, const PolicyKeyRow *row, const Node *node) {
  char *text = policy_tenants_store_take(&r->policy->store, node->text.size + 1);
  if (text == NULL) {
    r->is_out_of_memory = true;
    return (TenantText){"", 0};
  }
  memcpy(text, node->text.data, node->text.size + 1);
  if (row->kind == KIND_COMMANDS || row->kind == KIND_DIGESTS) lower(text, node->text.size);
  return (TenantText){text, node->text.size};
}

static size_t count_entries(Reader *r, const PolicyKeyRow *row, const Node *list) {
  const Node *nodes = r->document->nodes;
  size_t count = 0;
  for (uint32_t at = list->first; at != 0; at = nodes[at].next) count++;
  if (count > row->most) {
    policy_tenants_read_complain(r, list, "%s: %zu entries; %zu are allowed", row->name, count, (size_t)row->most);
    return 0;
  }
  return count;
}

static TenantList read_texts(Reader *r, const PolicyKeyRow *row, const Node *list, size_t count) {
  const Node *nodes = r->document->nodes;
  TenantText *items = policy_tenants_store_take(&r->policy->store, count * sizeof *items);
  TenantList made = {.items = items};
  if (items == NULL) {
    r->is_out_of_memory = true;
    return made;
  }
  for (uint32_t at = list->first; at != 0; at = nodes[at].next)
    if (check_entry(r, row, &nodes[at])) items[made.count++] = keep_entry(r, row, &nodes[at]);
  if (r->is_out_of_memory) return (TenantList){.items = NULL};
  if (row->kind != KIND_TEXTS) qsort(items, made.count, sizeof *items, compare_items);
  made.digest = policy_tenants_digest(made);
  return made;
}

void policy_tenants_list_read(Reader *reader, const PolicyKeyRow *row, const Node *list, void *field) {
  const Node *nodes = reader->document->nodes;
  size_t count = list->kind == NODE_LIST ? count_entries(reader, row, list) : 0;
  if (row->kind == KIND_STEPS) {
    uint64_t bits = 0;
    for (uint32_t at = count == 0 ? 0 : list->first; at != 0; at = nodes[at].next)
      read_step(reader, row, &nodes[at], &bits);
    *(uint64_t *)field = bits;
    return;
  }
  TenantList made = {.items = NULL};
  if (count != 0) made = read_texts(reader, row, list, count);
  *(TenantList *)field = made;
}

/* --- $tenant --- */

size_t policy_tenants_list_expand_text(TenantText text, const char *tenant, char *buffer, size_t capacity) {
  size_t at = 0, word = strlen(TENANT_WORD), name = strlen(tenant);
  for (size_t i = 0; i < text.size;) {
    bool is_word = text.size - i >= word && memcmp(text.data + i, TENANT_WORD, word) == 0;
    const char *from = is_word ? tenant : text.data + i;
    size_t size = is_word ? name : 1;
    if (at + size <= capacity) memcpy(buffer + at, from, size);
    at += size;
    i += is_word ? word : 1;
  }
  return at;
}

static bool has_word(TenantList list) {
  for (size_t i = 0; i < list.count; i++)
    if (strstr(list.items[i].data, TENANT_WORD) != NULL) return true;
  return false;
}

Status policy_tenants_list_expand(TenantPolicy *policy, TenantList list, const char *tenant,
                                  TenantList *ret_list) {
  char text[PREFIX_MOST * (TENANT_NAME_MAX / 7 + 1)];
  *ret_list = list;
  if (!has_word(list)) return ST_OK;
  TenantText *items = policy_tenants_store_take(&policy->store, list.count * sizeof *items);
  if (items == NULL) return ST_NO_MEMORY;
  for (size_t i = 0; i < list.count; i++) {
    size_t size = policy_tenants_list_expand_text(list.items[i], tenant, text, sizeof text);
    if (size > sizeof text) return ST_TOO_LARGE;
    items[i] = policy_tenants_store_text(&policy->store, (TenantText){text, size});
    if (items[i].data == NULL) return ST_NO_MEMORY;
  }
  *ret_list = (TenantList){.items = items, .count = list.count};
  ret_list->digest = policy_tenants_digest(*ret_list);
  return ST_OK;
}
