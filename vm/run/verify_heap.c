/* SPDX-License-Identifier: BSD-2-Clause */
/* verify_heap - checks every invariant of the heap. */
#include "vm/objects/string.h"
#include "vm/objects/table.h"
#include "vm/run/state.h"

static bool is_sound(const VM *vm, Value v) {
  if (!value_is_object(v)) return true;
  uint32_t address = (uint32_t)v;
  if (!heap_is_inside(&vm->heap, address)) return false;
  const Header *object = (const Header *)(uintptr_t)address;
  if (object->generation != (uint16_t)(v >> 32)) return false;
  switch (value_tag(v)) {
    case TAG_STRING: return object->kind == KIND_STRING;
    case TAG_TABLE: return object->kind == KIND_TABLE;
    case TAG_CLOSURE: return object->kind == KIND_CLOSURE;
    case TAG_NATIVE: return object->kind == KIND_NATIVE;
    case TAG_THREAD: return object->kind == (value_has_userdata_flag(v) ? KIND_TABLE : KIND_THREAD);
    default: return object->kind == KIND_UPVALUE || object->kind == KIND_MODULE;
  }
}

static const char *check_chain(const Node *nodes, uint32_t count, uint32_t start) {
  uint32_t steps = 0;
  const Node *n = &nodes[start];
  while (n->next != 0) {
    n = (const Node *)(uintptr_t)n->next;
    if (n < nodes || n >= nodes + count) return "a chain leaves its table";
    if (++steps > count) return "a chain is a cycle";
  }
  return NULL;
}

static const char *check_table(const VM *vm, const Table *t) {
  uint32_t count = (uint32_t)1 << t->log_nodes;
  const Node *nodes = table_nodes(t);
  if (t->max_offset != (count - 1) * sizeof(Node)) return "a table's node bound is not its size";
  const Value *array = table_array(t);
  bool ended = false;
  for (uint32_t i = 0; i < t->array_size; i++) {
    if (!is_sound(vm, array[i])) return "an array part holds a stale handle";
    ended |= array[i] == VALUE_NIL;
    if (ended && array[i] != VALUE_NIL && (t->header.flags & TABLE_DENSE)) return "a dense array part has a hole";
  }
  for (uint32_t i = 0; i < count; i++) {
    if (nodes[i].value != VALUE_NIL && (!is_sound(vm, nodes[i].key) || !is_sound(vm, nodes[i].value))) {
      return "a node holds a stale handle";
    }
    if (value_is_string(nodes[i].key)) {
      if (!is_sound(vm, nodes[i].key)) return "a deleted key is a stale string";
      if (!(t->bloom >> (string_order_hash(value_string(nodes[i].key)) & 31) & 1)) return "a bloom bit is missing";
    }
    const char *wrong = check_chain(nodes, count, i);
    if (wrong != NULL) return wrong;
  }
  return NULL;
}

static const char *check_object(const VM *vm, const Header *object) {
  switch ((Kind)object->kind) {
    case KIND_TABLE: return check_table(vm, (const Table *)object);
    case KIND_CLOSURE: {
      const Closure *c = (const Closure *)object;
      if (c->function >= vm->run.function_count) return "a closure names no function";
      if (vm->run.functions[c->function].upvalue_count != c->upvalue_count) return "a closure's upvalues do not match";
      for (uint32_t i = 0; i < c->upvalue_count; i++) {
        if (!is_sound(vm, c->upvalues[i])) return "a closure holds a stale handle";
      }
      return is_sound(vm, c->environment) ? NULL : "an environment is stale";
    }
    case KIND_UPVALUE: return is_sound(vm, ((const Upvalue *)object)->closed) ? NULL : "a box holds a stale handle";
    default: return NULL;
  }
}

static const char *check_interned(const VM *vm) {
  const HeapState *state = &vm->heap.state;
  uint64_t seen = 0;
  for (uint32_t i = 0; i <= state->intern_mask; i++) {
    for (uint32_t a = state->intern_heads[i]; a != 0;) {
      const String *s = (const String *)(uintptr_t)a;
      if (!heap_is_inside(&vm->heap, a) || s->header.kind != KIND_STRING) return "an intern chain leaves the strings";
      if (++seen > state->intern_count) return "an intern chain is longer than the count";
      a = s->next;
    }
  }
  return seen == state->intern_count ? NULL : "interned strings are missing";
}

/* Collects first, so that the marked objects are the live ones; then checks each. */
const char *vm_check_heap(VM *vm) {
  uint64_t limit = vm->heap.state.limit;
  vm->heap.state.limit = UINT64_MAX / 2; /* checking must not end the run */
  vm_gc_collect(vm);
  vm->heap.state.limit = limit;
  const Heap *heap = &vm->heap;
  for (uint32_t b = (heap->base_end - heap->arena_base) >> BLOCK_SHIFT; b < heap->state.next_block; b++) {
    uint8_t bin = heap->block_bin[b];
    if (bin >= BIN_COUNT || bin / CLASS_COUNT == KIND_FREE || bin / CLASS_COUNT == KIND_BUFFER) continue;
    uint32_t slot = vm_heap_class_size[bin % CLASS_COUNT];
    uint32_t start = heap->arena_base + (b << BLOCK_SHIFT);
    for (uint32_t a = start; a + slot <= start + BLOCK_SIZE; a += slot) {
      if (!heap_is_marked(heap, a)) continue;
      const Header *object = (const Header *)(uintptr_t)a;
      if (object->kind != bin / CLASS_COUNT) return "an object's kind is not its block's";
      const char *wrong = check_object(vm, object);
      if (wrong != NULL) return wrong;
    }
  }
  return check_interned(vm);
}
