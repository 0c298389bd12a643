/* SPDX-License-Identifier: BSD-2-Clause */
/* move - see move.h.
 *
 * Generations and serial numbers move with the objects, so nothing that a script can see,
 * the order of a table's keys included, depends on where an object stands. */
#include "vm/run/move.h"

static uint32_t round_up(uint64_t size) { return (uint32_t)((size + GRANULE - 1) & ~(uint64_t)(GRANULE - 1)); }

static bool has_nodes(const Heap *heap, const Table *t) { return t->nodes != heap->empty_node; }
static uint32_t nodes_size(const Table *t) { return (uint32_t)sizeof(Node) << t->log_nodes; }
static uint32_t array_size(const Table *t) { return t->array_size * (uint32_t)sizeof(Value); }

/* Sizes come from the arena, and no arithmetic below may overflow whatever it holds. */
enum { LOG_NODES_MAX = 26, ARRAY_MAX = 1 << 26, UPVALUES_MAX = 255 };

static uint32_t own_size(const Header *object) {
  switch ((Kind)object->kind) {
    case KIND_STRING: {
      const String *s = (const String *)object;
      VM_ASSERT(s->length <= INT32_MAX);
      return (uint32_t)offsetof(String, bytes) + s->length + 1;
    }
    case KIND_TABLE: return sizeof(Table);
    case KIND_CLOSURE: {
      const Closure *c = (const Closure *)object;
      VM_ASSERT(c->upvalue_count <= UPVALUES_MAX);
      return (uint32_t)(sizeof *c + c->upvalue_count * sizeof(Value));
    }
    case KIND_NATIVE: {
      const Native *n = (const Native *)object;
      VM_ASSERT(n->upvalue_count <= UPVALUES_MAX);
      return (uint32_t)(sizeof *n + n->upvalue_count * sizeof(Value));
    }
    case KIND_UPVALUE: return sizeof(Upvalue);
    default: __builtin_trap();
  }
}

uint32_t vm_move_size(const Heap *heap, const Header *object) {
  uint32_t size = round_up(own_size(object));
  if (object->kind != KIND_TABLE) return size;
  const Table *t = (const Table *)object;
  VM_ASSERT(t->log_nodes <= LOG_NODES_MAX && t->array_size <= ARRAY_MAX);
  if (has_nodes(heap, t)) size += round_up(nodes_size(t));
  return t->array == 0 ? size : size + round_up(array_size(t));
}

uint32_t vm_move_first(void) { return round_up(sizeof(Node)); }

Move vm_move_open(VM *vm, char *image, uint32_t room, uint32_t *forward, const ModulePlace *places) {
  Move m = {.vm = vm, .forward = forward, .places = places, .image = image, .room = room};
  m.size = m.next = vm_move_first();
  m.is_full = room < m.size;
  if (!m.is_full) memcpy(image, (const void *)(uintptr_t)vm->heap.empty_node, sizeof(Node));
  return m;
}

/* --- Copying --- */

static uint32_t address_at(const Move *m, uint32_t offset) { return m->vm->heap.arena_base + offset; }

/* Copies a table's parts behind it and says where they will be. */
static void copy_parts(const Move *m, const Table *t, uint32_t offset) {
  Table *copy = (Table *)(void *)(m->image + offset);
  offset += sizeof(Table);
  if (has_nodes(&m->vm->heap, t)) {
    Node *nodes = (Node *)(void *)(m->image + offset);
    uint32_t delta = address_at(m, offset) - t->nodes;
    memcpy(nodes, table_nodes(t), nodes_size(t));
    for (uint32_t i = 0; i < (uint32_t)1 << t->log_nodes; i++) {
      if (nodes[i].next != 0) nodes[i].next += delta;
    }
    copy->nodes += delta;
    copy->last_free += delta;
    offset += round_up(nodes_size(t));
  }
  if (t->array == 0) return;
  memcpy(m->image + offset, table_array(t), array_size(t));
  copy->array = address_at(m, offset);
}

/* Copies an object and its parts; 0 when there is no room. */
static uint32_t copy_object(Move *m, const Header *object) {
  uint32_t size = vm_move_size(&m->vm->heap, object), offset = m->size;
  if (size > m->room - offset) {
    m->is_full = true;
    return 0;
  }
  memcpy(m->image + offset, object, own_size(object));
  if (object->kind == KIND_TABLE) copy_parts(m, (const Table *)object, offset);
  m->size += size;
  return address_at(m, offset);
}

uint32_t vm_move_object(Move *m, uint32_t address) {
  VM_ASSERT(heap_is_inside(&m->vm->heap, address));
  uint32_t *forward = &m->forward[heap_granule(&m->vm->heap, address)];
  const Header *object = (const Header *)(uintptr_t)address;
  if (*forward != 0 || m->is_full) return *forward;
  if (object->kind == KIND_THREAD) {
    m->has_coroutine = true;
    return 0;
  }
  return *forward = copy_object(m, object);
}

void vm_move_values(Move *m, Value *values, uint64_t count) {
  for (Value *v = values; v < values + count; v++) {
    if (value_is_object(*v)) *v = (*v & ~(Value)UINT32_MAX) | vm_move_object(m, (uint32_t)*v);
  }
}

/* --- Turning the references of a copy --- */

/* Deleted keys keep their nodes: strings among them move along, as the collector keeps
 * them alive; what else they were is never looked at. */
static void turn_nodes(Move *m, Node *nodes, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) {
    if (value_is_string(nodes[i].key) || nodes[i].value != VALUE_NIL) vm_move_values(m, &nodes[i].key, 1);
    vm_move_values(m, &nodes[i].value, 1);
  }
}

static void turn_table(Move *m, Table *t) {
  char *parts = (char *)(t + 1);
  if (t->metatable != 0) t->metatable = vm_move_object(m, t->metatable);
  if (has_nodes(&m->vm->heap, t)) {
    turn_nodes(m, (Node *)(void *)parts, (uint32_t)1 << t->log_nodes);
    parts += round_up(nodes_size(t));
  }
  if (t->array != 0) vm_move_values(m, (Value *)(void *)parts, t->array_size);
}

static void turn_closure(Move *m, Closure *closure) {
  const RunState *run = &m->vm->run;
  VM_ASSERT(closure->function < run->function_count);
  uint32_t module = run->functions[closure->function].module;
  closure->function += m->places[module].first_function - run->modules[module].first_function;
  vm_move_values(m, &closure->environment, 1);
  vm_move_values(m, closure->upvalues, closure->upvalue_count);
}

/* No coroutine is alive, so no box is open. */
static void turn_upvalue(Move *m, Upvalue *box) {
  uint32_t offset = (uint32_t)((char *)box - m->image);
  box->slot = address_at(m, offset) + (uint32_t)offsetof(Upvalue, closed);
  box->next = 0;
  vm_move_values(m, &box->closed, 1);
}

static void turn_object(Move *m, Header *object) {
  switch ((Kind)object->kind) {
    case KIND_TABLE: turn_table(m, (Table *)object); break;
    case KIND_CLOSURE: turn_closure(m, (Closure *)object); break;
    case KIND_UPVALUE: turn_upvalue(m, (Upvalue *)object); break;
    case KIND_NATIVE: {
      Native *native = (Native *)object;
      vm_move_values(m, &native->environment, 1);
      vm_move_values(m, native->upvalues, native->upvalue_count);
      break;
    }
    default: break; /* a string names only its neighbour in an intern chain */
  }
}

void vm_move_rest(Move *m) {
  while (m->next < m->size && !m->is_full && !m->has_coroutine) {
    Header *object = (Header *)(void *)(m->image + m->next);
    m->next += vm_move_size(&m->vm->heap, object);
    turn_object(m, object);
  }
}
