/* SPDX-License-Identifier: BSD-2-Clause */
/* parse - the parts of a policy in the order in which they need each other: defaults,
 * plans, tenants with their users, then what names a tenant.
 *
 * Plans build on plans: each is resolved once, along a chain that is kept in an array,
 * so that a circle is seen when the chain meets a plan that is under way.
 */
#include <stdlib.h>
#include <string.h>

#include "policy/tenants/fence.h"
#include "policy/tenants/list.h"
#include "policy/tenants/load.h"
#include "policy/tenants/read.h"

typedef enum { PLAN_NEW, PLAN_UNDER_WAY, PLAN_DONE } PlanState;

typedef struct {
  uint32_t key;  /* node */
  uint32_t base; /* node that names the plan before it; 0: none */
  PlanState state;
  TenantRules rules;
} Plan;

typedef struct {
  Reader reader;
  const Node *nodes;
  uint32_t parts[POLICY_PART_COUNT_]; /* values of the file's own parts; 0: not there */
  TenantRules defaults;
  Plan *plans;
  size_t plan_count, plan_room;
  NameTable plan_names;
  size_t *chain; /* plans */
  uint32_t *user_nodes; /* of policy->users */
  size_t user_node_room;
  uint32_t *tenant_nodes; /* of policy->tenants */
  size_t tenant_node_room;
} Parser;

#define complain(parser, node, ...) policy_tenants_read_complain(&(parser)->reader, node, __VA_ARGS__)

/* --- Bodies: maps of rules --- */

static bool is_map(Parser *p, const Node *node, const char *what) {
  if (node->kind == NODE_MAP) return true;
  if (!policy_tenants_document_is_empty(node)) complain(p, node, "%s: expected a map such as {name: value}", what);
  return false;
}

static void tell_twice(Parser *p, const Node *key, uint64_t *seen, unsigned bit) {
  if ((*seen >> bit & 1) != 0) complain(p, key, "'%s' stands here twice", key->text.data);
  *seen |= UINT64_C(1) << bit;
}
_Static_assert(POLICY_KEY_COUNT_ <= 64 && POLICY_PART_COUNT_ <= 64, "tell_twice keeps 64 bits");

/* Kept for a service that can let scripts wait; who sets them must not think that they do something. */
static void warn_of_waiting(Parser *p, const Node *key, const PolicyKeyRow *row) {
  if (row->id != POLICY_KEY_queue_length && row->id != POLICY_KEY_queue_deadline && row->id != POLICY_KEY_weight) return;
  policy_tenants_warn(p->reader.problems, key->line, key->column,
                      "%s means nothing yet: no script waits, one that may not run now is refused at once", row->name);
}

/* Reads the rules of a body into `rules`, and where its parts are into `ret_parts`. */
static void read_body(Parser *p, uint32_t body, unsigned places, TenantRules *rules,
                      uint32_t ret_parts[POLICY_PART_COUNT_]) {
  uint64_t seen_keys = 0, seen_parts = 0;
  for (uint32_t at = p->nodes[body].first; at != 0; at = p->nodes[p->nodes[at].next].next) {
    const PolicyPartRow *part;
    const Node *key = &p->nodes[at];
    const PolicyKeyRow *row = policy_tenants_read_key(&p->reader, key, places, rules != NULL, &part);
    if (part != NULL) {
      tell_twice(p, key, &seen_parts, part->id);
      if (ret_parts[part->id] == 0) ret_parts[part->id] = key->next;
    } else if (row != NULL) {
      tell_twice(p, key, &seen_keys, row->id);
      size_t errors = p->reader.problems->errors;
      policy_tenants_read_value(&p->reader, row, &p->nodes[key->next], rules);
      if (p->reader.problems->errors == errors) warn_of_waiting(p, key, row);
    }
  }
}

/* The node that a part names, if it is a word; 0: none. */
static uint32_t word_of(Parser *p, uint32_t value, const char *what) {
  if (value == 0 || policy_tenants_document_is_empty(&p->nodes[value])) return 0;
  if (p->nodes[value].kind == NODE_TEXT) return value;
  complain(p, &p->nodes[value], "%s: expected one name", what);
  return 0;
}

/* The part of a body that names its plan, looked for before anything is read. */
static uint32_t find_base(Parser *p, uint32_t body) {
  for (uint32_t at = p->nodes[body].first; at != 0; at = p->nodes[p->nodes[at].next].next)
    if (strcmp(p->nodes[at].text.data, "plan") == 0) return word_of(p, p->nodes[at].next, "plan");
  return 0;
}

static bool is_name(Parser *p, const Node *key, const char *what) {
  if (policy_tenants_is_name(key->text.data, key->text.size)) return true;
  complain(p, key, "'%.70s' cannot be the name of a %s: A-Z a-z 0-9 _ . -, at most %d, not beginning with _",
           key->text.data, what, TENANT_NAME_MAX);
  return false;
}

/* --- Plans --- */

static void add_plan(Parser *p, uint32_t key) {
  const Node *node = &p->nodes[key];
  size_t before;
  if (!is_name(p, node, "plan")) return;
  if (policy_tenants_table_find(&p->plan_names, node->text, &before)) {
    complain(p, node, "plan '%s' stands here twice, first at line %u", node->text.data,
             p->nodes[p->plans[before].key].line);
    return;
  }
  Plan *plans = policy_tenants_store_grow(p->plans, p->plan_count, &p->plan_room, sizeof *plans);
  if (plans != NULL) p->plans = plans;
  if (plans == NULL || policy_tenants_table_add(&p->plan_names, node->text, p->plan_count) != ST_OK) {
    p->reader.is_out_of_memory = true;
    return;
  }
  uint32_t body = is_map(p, &p->nodes[node->next], node->text.data) ? node->next : 0;
  plans[p->plan_count++] = (Plan){.key = key, .base = body == 0 ? 0 : find_base(p, body)};
}

static const char *offer_plans(const Parser *p, const Node *node, Nearest *nearest) {
  enum { LOOKED_AT = 1000 };
  *nearest = policy_nearest_start(policy_tenants_read_is_heard(&p->reader) ? node->text.data : "");
  for (size_t i = 0; i < p->plan_count && i < LOOKED_AT; i++)
    policy_nearest_offer(nearest, p->nodes[p->plans[i].key].text.data);
  return policy_nearest_best(nearest);
}

/* The plan that a node names, else a complaint and NULL. */
static Plan *find_plan(Parser *p, uint32_t word) {
  size_t at;
  Nearest nearest;
  if (word == 0) return NULL;
  const Node *node = &p->nodes[word];
  if (policy_tenants_table_find(&p->plan_names, node->text, &at)) return &p->plans[at];
  const char *best = offer_plans(p, node, &nearest);
  complain(p, node, "no plan '%.60s'%s%s%s", node->text.data, best[0] == '\0' ? "" : "; did you mean '",
           best, best[0] == '\0' ? "" : "'?");
  return NULL;
}

static void read_plan(Parser *p, Plan *plan, const TenantRules *base) {
  uint32_t parts[POLICY_PART_COUNT_] = {0};
  uint32_t body = p->nodes[plan->key].next;
  plan->rules = *base;
  plan->state = PLAN_DONE;
  if (p->nodes[body].kind == NODE_MAP) read_body(p, body, PART_PLAN, &plan->rules, parts);
}

/* Follows a plan to one that is done, or that builds on none, then reads the way back. */
static void resolve_plan(Parser *p, Plan *plan) {
  size_t length = 0;
  const TenantRules *base = &p->defaults;
  while (plan != NULL && plan->state == PLAN_NEW) {
    plan->state = PLAN_UNDER_WAY;
    p->chain[length++] = (size_t)(plan - p->plans);
    plan = find_plan(p, plan->base);
  }
  if (plan != NULL && plan->state == PLAN_UNDER_WAY)
    complain(p, &p->nodes[p->plans[p->chain[length - 1]].base], "plan '%s' builds on itself", p->nodes[plan->key].text.data);
  else if (plan != NULL)
    base = &plan->rules;
  while (length != 0) {
    Plan *next = &p->plans[p->chain[--length]];
    read_plan(p, next, base);
    base = &next->rules;
  }
}

static void read_plans(Parser *p) {
  uint32_t map = p->parts[POLICY_PART_plans];
  if (map == 0 || !is_map(p, &p->nodes[map], "plans")) return;
  for (uint32_t at = p->nodes[map].first; at != 0; at = p->nodes[p->nodes[at].next].next) add_plan(p, at);
  p->chain = calloc(p->plan_count + 1, sizeof *p->chain);
  if (p->chain == NULL) p->reader.is_out_of_memory = true;
  for (size_t i = 0; p->chain != NULL && i < p->plan_count; i++)
    if (p->plans[i].state == PLAN_NEW) resolve_plan(p, &p->plans[i]);
}

/* --- Users --- */

static void tell_mapped(Parser *p, const Node *node) {
  const TenantPolicy *policy = p->reader.policy;
  bool is_prefix = node->text.data[node->text.size - 1] == '*';
  size_t at = 0;
  if (!policy_tenants_table_find(is_prefix ? &policy->prefix_users : &policy->exact_users,
                                 (TenantText){node->text.data, node->text.size - is_prefix}, &at))
    return;
  complain(p, node, "user '%.60s' is mapped twice, first at line %u to tenant %s", node->text.data,
           p->nodes[p->user_nodes[at]].line, policy->tenants[policy->users[at].tenant].name);
}

static void read_user(Parser *p, uint32_t at, const char *tenant) {
  const Node *node = &p->nodes[at];
  TenantPolicy *policy = p->reader.policy;
  if (node->kind != NODE_TEXT) {
    complain(p, node, "users: its entries are single names");
    return;
  }
  uint32_t *nodes = policy_tenants_store_grow(p->user_nodes, policy->user_count, &p->user_node_room, sizeof *nodes);
  if (nodes != NULL) p->user_nodes = nodes;
  Status s = nodes == NULL ? ST_NO_MEMORY : policy_tenants_map(policy, node->text, tenant);
  if (s == ST_OK) nodes[policy->user_count - 1] = at;
  if (s == ST_NO_MEMORY) p->reader.is_out_of_memory = true;
  if (s == ST_STATE) tell_mapped(p, node);
  if (s == ST_INVALID)
    complain(p, node, "users: '%.60s' is not the name of a user, or prefix*: at most %d bytes, no blank, no other '*'",
             node->text.data, TENANT_USER_MAX);
}

static void read_users(Parser *p, uint32_t list, const char *tenant) {
  if (list == 0 || policy_tenants_document_is_empty(&p->nodes[list])) return;
  if (p->nodes[list].kind != NODE_LIST) {
    complain(p, &p->nodes[list], "users: expected a list such as [one, \"two-*\"]");
    return;
  }
  for (uint32_t at = p->nodes[list].first; at != 0; at = p->nodes[at].next) read_user(p, at, tenant);
}

/* --- Tenants --- */

/* What the rules must be when all has been said. */
static void judge_rules(Parser *p, const Node *key, const TenantRules *rules) {
  if (rules->scripts == SCRIPTS_LISTED && rules->listed_scripts.count == 0)
    complain(p, key, "tenant %s: `scripts: listed` without listed_scripts: nothing could run", rules->name);
  if (rules->scripts != SCRIPTS_LISTED && rules->listed_scripts.count != 0)
    policy_tenants_warn(p->reader.problems, key->line, key->column,
                        "tenant %s: listed_scripts means nothing without `scripts: listed`", rules->name);
}

/* Adds a tenant; false: it is not there. */
static bool place_tenant(Parser *p, uint32_t key, TenantRules *rules) {
  TenantPolicy *policy = p->reader.policy;
  size_t count = policy_tenants_count(policy);
  if (count == TENANTS_MOST) {
    complain(p, &p->nodes[key], "more than %zu tenants", TENANTS_MOST);
    return false;
  }
  uint32_t *nodes = policy_tenants_store_grow(p->tenant_nodes, count, &p->tenant_node_room, sizeof *nodes);
  if (nodes == NULL) {
    p->reader.is_out_of_memory = true;
    return false;
  }
  p->tenant_nodes = nodes;
  nodes[count] = key;
  Status s = policy_tenants_list_expand(policy, rules->key_prefixes, rules->name, &rules->key_prefixes);
  if (s == ST_TOO_LARGE) complain(p, &p->nodes[key], "tenant %s: key_prefixes become too long", rules->name);
  if (s == ST_OK) s = policy_tenants_place(policy, rules);
  if (s == ST_NO_MEMORY) p->reader.is_out_of_memory = true;
  if (s == ST_STATE) complain(p, &p->nodes[key], "tenant '%s' stands here twice", rules->name);
  return s == ST_OK;
}

static void read_tenant(Parser *p, uint32_t key) {
  const Node *node = &p->nodes[key];
  uint32_t parts[POLICY_PART_COUNT_] = {0};
  if (!is_name(p, node, "tenant")) return;
  bool has_body = is_map(p, &p->nodes[node->next], node->text.data);
  const Plan *plan = has_body ? find_plan(p, find_base(p, node->next)) : NULL;
  TenantRules rules = plan == NULL ? p->defaults : plan->rules;
  rules.name = node->text.data;
  rules.plan = plan == NULL ? "" : p->nodes[plan->key].text.data;
  if (has_body) read_body(p, node->next, PART_PLAN | PART_TENANT, &rules, parts);
  judge_rules(p, node, &rules);
  if (place_tenant(p, key, &rules)) read_users(p, parts[POLICY_PART_users], node->text.data);
}

static void read_tenants(Parser *p) {
  uint32_t map = p->parts[POLICY_PART_tenants];
  if (map == 0 || !is_map(p, &p->nodes[map], "tenants")) return;
  for (uint32_t at = p->nodes[map].first; at != 0; at = p->nodes[p->nodes[at].next].next) read_tenant(p, at);
}

/* --- What names a tenant --- */

static void tell_no_tenant(Parser *p, const Node *node) {
  enum { LOOKED_AT = 1000 };
  const TenantPolicy *policy = p->reader.policy;
  Nearest nearest = policy_nearest_start(policy_tenants_read_is_heard(&p->reader) ? node->text.data : "");
  for (size_t i = 0; i < policy->tenant_count && i < LOOKED_AT; i++)
    policy_nearest_offer(&nearest, policy->tenants[i].name);
  const char *best = policy_nearest_best(&nearest);
  complain(p, node, "no tenant '%.60s'%s%s%s", node->text.data, best[0] == '\0' ? "" : "; did you mean '",
           best, best[0] == '\0' ? "" : "'?");
}

static void check_words(Parser *p) {
  for (size_t i = 0; i < p->reader.tenant_word_count; i++) {
    const Node *node = &p->nodes[p->reader.tenant_words[i]];
    if (policy_tenants_find(p->reader.policy, node->text.data, node->text.size) == NULL) tell_no_tenant(p, node);
  }
}

static void read_unmapped(Parser *p) {
  uint32_t word = word_of(p, p->parts[POLICY_PART_unmapped], "unmapped");
  if (word == 0 || strcmp(p->nodes[word].text.data, "reject") == 0) return;
  if (policy_tenants_map_rest(p->reader.policy, p->nodes[word].text.data) != ST_OK)
    tell_no_tenant(p, &p->nodes[word]);
}

static void close_policy(Parser *p) {
  TenantPolicy *policy = p->reader.policy;
  if (policy_tenants_close(policy) == ST_NO_MEMORY) p->reader.is_out_of_memory = true;
  for (size_t i = 0; i < policy->overlap_count; i++) {
    PrefixPair pair = policy->overlaps[i];
    const Node *longer = &p->nodes[p->user_nodes[pair.longer]];
    const Node *shorter = &p->nodes[p->user_nodes[pair.shorter]];
    complain(p, longer, "users: '%.60s' lies within '%.60s' of line %u: prefixes may not overlap",
             longer->text.data, shorter->text.data, shorter->line);
  }
}

static void tell_gap(void *context, const FenceGap *gap) {
  Parser *p = context;
  const TenantRules *tenants = p->reader.policy->tenants;
  const Node *owner = &p->nodes[p->tenant_nodes[gap->owner]];
  policy_tenants_warn(p->reader.problems, owner->line, owner->column,
                      "tenant %s: keys that begin with '%.60s' may be used by tenant %s, too, whose prefix is '%.60s'",
                      tenants[gap->owner].name, gap->owned.data, tenants[gap->visitor].name, gap->visited.data);
}

static void check_fences(Parser *p) {
  if (policy_tenants_fence_check(p->reader.policy, tell_gap, p) != ST_OK) p->reader.is_out_of_memory = true;
}

/* --- The file --- */

static void check_version(Parser *p, const Node *root) {
  uint32_t word = p->parts[POLICY_PART_version];
  if (word == 0)
    complain(p, root, "'version: 1' is missing");
  else if (p->nodes[word].kind != NODE_TEXT || strcmp(p->nodes[word].text.data, "1") != 0)
    complain(p, &p->nodes[word], "version: this program reads version 1");
}

static void read_file(Parser *p, uint32_t root) {
  if (root == 0 || p->nodes[root].kind != NODE_MAP) {
    policy_tenants_complain(p->reader.problems, 1, 1, "a policy is a map with version, defaults, plans, tenants");
    return;
  }
  read_body(p, root, PART_TOP, NULL, p->parts);
  check_version(p, &p->nodes[root]);
  p->defaults = policy_tenants_defaults("");
  uint32_t body = p->parts[POLICY_PART_defaults];
  if (body != 0 && is_map(p, &p->nodes[body], "defaults")) {
    uint32_t none[POLICY_PART_COUNT_] = {0};
    read_body(p, body, 0, &p->defaults, none);
  }
  read_plans(p);
  read_tenants(p);
  read_unmapped(p);
  check_words(p);
  close_policy(p);
  check_fences(p);
}

static void free_parser(Parser *p) {
  free(p->reader.tenant_words);
  free(p->plans);
  free(p->chain);
  free(p->user_nodes);
  free(p->tenant_nodes);
  policy_tenants_table_free(&p->plan_names);
}

static Status parse_document(const Document *document, TenantProblems *problems, TenantPolicy *policy) {
  Parser parser = {.reader = {.document = document, .policy = policy, .problems = problems},
                   .nodes = document->nodes};
  read_file(&parser, document->root);
  bool is_out_of_memory = parser.reader.is_out_of_memory;
  free_parser(&parser);
  if (is_out_of_memory) return ST_NO_MEMORY;
  return problems->errors == 0 ? ST_OK : ST_INVALID;
}

Status policy_tenants_parse(const char *text, size_t size, TenantProblems *problems,
                            TenantPolicy **ret_policy) {
  Document document;
  TenantPolicy *policy = policy_tenants_new();
  Status s = ST_TOO_LARGE;
  if (policy == NULL) return ST_NO_MEMORY;
  if (size > TENANTS_FILE_MOST) {
    policy_tenants_complain(problems, 0, 0, "larger than %zu bytes", TENANTS_FILE_MOST);
  } else {
    s = policy_tenants_document_read(text, size, problems, &document);
    if (s == ST_OK) s = parse_document(&document, problems, policy);
    policy_tenants_document_free(&document);
  }
  if (s == ST_NO_MEMORY) policy_tenants_complain(problems, 0, 0, "needs more memory than there is");
  policy_tenants_problems_sort(problems);
  if (s == ST_OK)
    *ret_policy = policy;
  else
    policy_tenants_unref(policy);
  return s;
}
