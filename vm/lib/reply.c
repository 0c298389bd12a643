/* SPDX-License-Identifier: BSD-2-Clause */
/* reply - Lua values to tokens, field by field as Redis probes them.
 *
 * Raw access only; nothing is allocated in the arena and nothing can raise, for the run
 * is over.  The tables being walked wait on a stack in control memory.  Redis stops at a depth that follows from its C stack of 8000
 * slots: an array takes one slot, a set three, a map three for its values and four for
 * its keys; `slots` counts as it would.  Layer: vm/lib.
 */
#include "vm/lib/reply.h"

#include "vm/lib/arg.h"
#include "vm/memory/control.h"

enum {
  SLOTS_BEFORE = 2, /* the error handler and the result itself */
  SLOTS_NEEDED = 4, /* what Redis asks for before it looks at a value */
  FIRST_ROOM = 16,  /* walks that may wait before the stack grows */
  FORMAT_SIZE = 3   /* of a verbatim string */
};

typedef enum { WALK_ARRAY, WALK_SET, WALK_MAP, WALK_MEMBER } WalkKind;

typedef struct {
  const Table *table;
  uint32_t position; /* array: last index given; else see vm_table_next_at */
  uint32_t slots;    /* used below what its elements take */
  WalkKind kind;     /* WALK_MEMBER: the value of the pair at `position` is due */
} Walk;

typedef struct {
  const VM *vm;
  Control *control;
  Walk *waiting;  /* the innermost is the last */
  uint32_t depth; /* walks in progress */
  uint32_t room;
  uint32_t resp;
  VmTokenSink sink;
  void *context;
} Walker;

/* --- Tokens --- */

static bool give(Walker *w, VmTokenKind kind) {
  VmToken token = {.kind = kind};
  return w->sink(w->context, &token);
}

static bool give_integer(Walker *w, VmTokenKind kind, int64_t n) {
  VmToken token = {.kind = kind, .integer = n};
  return w->sink(w->context, &token);
}

static bool give_bytes(Walker *w, VmTokenKind kind, const char *data, size_t size) {
  VmToken token = {.kind = kind, .bytes = {data, size}};
  return w->sink(w->context, &token);
}

static bool give_boolean(Walker *w, bool b) {
  if (w->resp >= 3) return give(w, b ? VM_TOKEN_TRUE : VM_TOKEN_FALSE);
  return b ? give_integer(w, VM_TOKEN_INTEGER, 1) : give(w, VM_TOKEN_NULL);
}

/* A text that Redis handles as a C string: it ends at the first NUL. */
static bool give_line(Walker *w, VmTokenKind kind, const String *s) {
  return give_bytes(w, kind, s->bytes, strlen(s->bytes));
}

/* --- The stack --- */

static bool grow(Walker *w) {
  uint32_t room = w->room ? w->room * 2 : FIRST_ROOM;
  Walk *larger = vm_control_take(w->control, room * sizeof(Walk));
  if (larger == NULL) return false;
  if (w->room) {
    memcpy(larger, w->waiting, w->depth * sizeof(Walk));
    vm_control_give(w->control, w->waiting, w->room * sizeof(Walk));
  }
  w->waiting = larger;
  w->room = room;
  return true;
}

static bool open_walk(Walker *w, const Table *t, WalkKind kind, uint32_t slots) {
  if (w->depth == w->room && !grow(w)) return false;
  w->waiting[w->depth++] = (Walk){t, 0, slots, kind};
  return true;
}

/* --- Tables --- */

static int64_t count_elements(const Table *t) {
  int64_t n = 0;
  while (!value_is_nil(vm_table_get_integer(t, n + 1))) n++;
  return n;
}

static int64_t count_pairs(const Table *t) {
  int64_t n = 0;
  uint32_t position = 0;
  Value pair[2];
  while (vm_table_next_at(t, &position, pair)) n++;
  return n;
}

Value vm_reply_field(const VM *vm, const Table *t, const char *name) {
  size_t size = strlen(name);
  uint32_t hash = vm_string_order_hash(vm->heap.string_order, name, size);
  const Node *node = table_nodes(t) + (hash & ((UINT32_C(1) << t->log_nodes) - 1));
  for (uint32_t steps = 0; node != NULL; node = (const Node *)(uintptr_t)node->next, steps++) {
    VM_ASSERT(steps < CHAIN_MAX);
    if (!value_is_string(node->key)) continue;
    const String *key = value_string(node->key);
    if (key->length == size && memcmp(key->bytes, name, size) == 0) return node->value;
  }
  return VALUE_NIL;
}

static bool give_verbatim(Walker *w, const String *format, const String *text) {
  size_t size = FORMAT_SIZE + 1 + (size_t)text->length, format_size = strlen(format->bytes);
  char *bytes = vm_control_take(w->control, size);
  if (bytes == NULL) return false;
  for (size_t i = 0; i < FORMAT_SIZE; i++) bytes[i] = i < format_size ? format->bytes[i] : ' ';
  bytes[FORMAT_SIZE] = ':';
  memcpy(bytes + FORMAT_SIZE + 1, text->bytes, text->length);
  bool more = give_bytes(w, VM_TOKEN_VERBATIM, bytes, size);
  vm_control_give(w->control, bytes, size);
  return more;
}

/* What the walk of a table found to do. */
typedef enum { PROBE_NOTHING, PROBE_GIVEN, PROBE_STOPPED } Probe;

static Probe given(bool more) { return more ? PROBE_GIVEN : PROBE_STOPPED; }

/* Scalars in the form of a table: the markers that hold a string or a number. */
static Probe probe_scalar(Walker *w, const Table *t) {
  Value v = vm_reply_field(w->vm, t, "err");
  if (value_is_string(v)) return given(give_line(w, VM_TOKEN_ERROR, value_string(v)));
  v = vm_reply_field(w->vm, t, "ok");
  if (value_is_string(v)) return given(give_line(w, VM_TOKEN_STATUS, value_string(v)));
  v = vm_reply_field(w->vm, t, "double");
  if (value_is_number(v)) {
    VmToken token = {.kind = VM_TOKEN_DOUBLE, .number = value_number(v)};
    return given(w->sink(w->context, &token));
  }
  v = vm_reply_field(w->vm, t, "big_number");
  if (value_is_string(v)) {
    return given(give_bytes(w, VM_TOKEN_BIG_NUMBER, value_string(v)->bytes, value_string(v)->length));
  }
  v = vm_reply_field(w->vm, t, "verbatim_string");
  if (!value_is_table(v)) return PROBE_NOTHING;
  Value format = vm_reply_field(w->vm, value_table(v), "format"), text = vm_reply_field(w->vm, value_table(v), "string");
  if (!value_is_string(format) || !value_is_string(text)) return PROBE_NOTHING;
  return given(give_verbatim(w, value_string(format), value_string(text)));
}

static bool has_string_keys(const Table *t) { return t->bloom != 0; }

static bool walk_table(Walker *w, const Table *t, uint32_t slots) {
  if (has_string_keys(t)) {
    Probe probe = probe_scalar(w, t);
    if (probe != PROBE_NOTHING) return probe == PROBE_GIVEN;
    Value map = vm_reply_field(w->vm, t, "map"), set = vm_reply_field(w->vm, t, "set");
    if (value_is_table(map)) {
      return open_walk(w, value_table(map), WALK_MAP, slots + 1) &&
             give_integer(w, VM_TOKEN_MAP, count_pairs(value_table(map)));
    }
    if (value_is_table(set)) {
      return open_walk(w, value_table(set), WALK_SET, slots + 1) &&
             give_integer(w, VM_TOKEN_SET, count_pairs(value_table(set)));
    }
  }
  return open_walk(w, t, WALK_ARRAY, slots) && give_integer(w, VM_TOKEN_ARRAY, count_elements(t));
}

static bool walk_value(Walker *w, Value v, uint32_t slots) {
  static const char too_deep[] = "ERR reached lua stack limit";
  if (slots + SLOTS_NEEDED > LIMIT_C_STACK) return give_bytes(w, VM_TOKEN_ERROR, too_deep, sizeof too_deep - 1);
  if (value_is_number(v)) return give_integer(w, VM_TOKEN_INTEGER, arg_truncate(value_number(v)));
  if (value_is_string(v)) return give_bytes(w, VM_TOKEN_BULK, value_string(v)->bytes, value_string(v)->length);
  if (value_is_table(v)) return walk_table(w, value_table(v), slots);
  if (value_is_boolean(v)) return give_boolean(w, v == VALUE_TRUE);
  return give(w, VM_TOKEN_NULL);
}

/* --- The walk --- */

static bool step_array(Walker *w, Walk *walk) {
  Value v = vm_table_get_integer(walk->table, (int64_t)walk->position + 1);
  if (value_is_nil(v)) {
    w->depth--;
    return true;
  }
  walk->position++;
  return walk_value(w, v, walk->slots + 1);
}

static bool step_pairs(Walker *w, Walk *walk) {
  Value pair[2];
  uint32_t position = walk->position;
  if (!vm_table_next_at(walk->table, &position, pair)) {
    w->depth--;
    return true;
  }
  if (walk->kind == WALK_MAP) { /* the key; its pair is found again for the value */
    walk->kind = WALK_MEMBER;
    return walk_value(w, pair[0], walk->slots + 3);
  }
  walk->position = position;
  if (walk->kind == WALK_SET) return walk_value(w, pair[0], walk->slots + 2);
  walk->kind = WALK_MAP;
  return walk_value(w, pair[1], walk->slots + 2);
}

bool vm_reply_walk(VM *vm, Value value, uint32_t resp, VmTokenSink sink, void *context) {
  Walker w = {.vm = vm, .control = &vm->heap.control, .resp = resp, .sink = sink, .context = context};
  bool more = walk_value(&w, value, SLOTS_BEFORE);
  while (more && w.depth > 0) {
    Walk *walk = &w.waiting[w.depth - 1];
    more = walk->kind == WALK_ARRAY ? step_array(&w, walk) : step_pairs(&w, walk);
  }
  if (w.room) vm_control_give(w.control, w.waiting, w.room * sizeof(Walk));
  return more;
}

bool vm_result(VM *vm, VmTokenSink sink, void *context) {
  return vm_reply_walk(vm, vm->run.result, vm->run.resp, sink, context);
}
