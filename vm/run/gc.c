/* SPDX-License-Identifier: BSD-2-Clause */
/* gc - the collector: stop-the-world mark, lazy sweep.
 *
 * Roots are RunState's values, the stacks and frames of live coroutines, the constants of
 * modules with a live closure, and everything in the base (which is traced like the rest,
 * but never freed).  Marking sets a bit in control and pushes what has references on a
 * fixed stack; when that is full a flag is set, and the marked objects are scanned again
 * until nothing new is found: collecting needs no memory.  Large tables are scanned in
 * chunks, each with what it leads to, so that they alone do not fill the stack.
 *
 * Every reference is validated: an address outside the arena or a generation that is not
 * the header's ends the process.  Keys of deleted entries stay in their nodes: strings
 * among them are kept alive, so that what a table does next does not depend on when
 * collections happened; other dead keys are never followed.
 *
 * After marking: weak entries vanish, dead strings leave the intern chains, dead
 * coroutines and modules give their control memory back, the epoch advances, and bins
 * start over at their first block.  Objects are not moved and dead ones are not touched.
 */
#include "vm/memory/heap.h"
#include "vm/objects/string.h"
#include "vm/objects/table.h"
#include "vm/run/coroutine.h"
#include "vm/run/gc.h"
#include "vm/run/module.h"
#include "vm/run/stack.h"
#include "vm/run/state.h"

enum { MARK_STACK_MAX = FERROUS_STRESS ? 64 : 16384 };
enum { CHUNK = FERROUS_STRESS ? 4 : 1024 }; /* slots of a table scanned at once */
enum { REST = 1 }; /* on the mark stack, added to a table's address: the slot to go on at lies below */
enum { NURSERY = 512 * 1024 };
enum { NATIVE_SPARE = 20 }; /* slots that a native may use beyond its arguments */

typedef struct {
  VM *vm;
  Heap *heap;
  uint32_t *stack;
  uint32_t top;
  uint32_t high; /* the most entries it had */
  bool overflow;
  uint32_t weak;    /* weak tables met so far, linked by weak_next; 0: none */
  uint64_t live;    /* bytes of marked slots */
  uint64_t scanned; /* objects and table slots seen: the price of an explicit collection */
} Marker;

static inline void push(Marker *m, uint32_t address) {
  if (UNLIKELY(m->top == MARK_STACK_MAX)) {
    m->overflow = true;
    return;
  }
  m->stack[m->top++] = address;
  if (m->top > m->high) m->high = m->top;
}

/* The rest of a table, to be scanned behind what is pushed above it. */
static void push_rest(Marker *m, const Table *t, uint32_t slot) {
  if (UNLIKELY(m->top + 2 > MARK_STACK_MAX)) {
    m->overflow = true;
    return;
  }
  push(m, slot);
  push(m, (uint32_t)(uintptr_t)t + REST);
}

/* Marks raw memory that belongs to a marked object. */
static void mark_buffer(Marker *m, uint32_t address) {
  if (address < m->heap->base_end) return;
  /* Marks lie in control: what the arena names must have one. */
  if (UNLIKELY(!heap_is_inside(m->heap, address))) value_trap_stale();
  if (heap_mark(m->heap, address)) m->live += heap_slot_at(m->heap, address);
}

static inline __attribute__((always_inline)) void mark_inside(Marker *m, uint32_t address) {
  if (!heap_mark(m->heap, address)) return;
  m->scanned++;
  const Header *object = (const Header *)(uintptr_t)address;
  if (LIKELY(object->kind == KIND_TABLE)) {
    const Table *t = (const Table *)object;
    /* Its slots are counted here, where each table passes once. */
    m->scanned += t->array_size + ((uint64_t)1 << t->log_nodes);
    if (address >= m->heap->base_end) m->live += heap_slot_size(sizeof(Table));
  } else {
    m->live += heap_slot_at(m->heap, address);
    if (object->kind == KIND_STRING) return;
  }
  push(m, address);
}

static void mark_object(Marker *m, uint32_t address) {
  if (UNLIKELY(!heap_is_inside(m->heap, address))) value_trap_stale();
  mark_inside(m, address);
}

static inline __attribute__((always_inline)) void visit(Marker *m, Value v) {
  if (!value_is_object(v)) return;
  uint32_t address = (uint32_t)v;
  if (UNLIKELY(!heap_is_inside(m->heap, address))) value_trap_stale();
  (void)value_object(v);
  mark_inside(m, address);
}
static __attribute__((noinline)) void mark_value(Marker *m, Value v) { visit(m, v); }

static void mark_values(Marker *m, const Value *v, const Value *end) {
  for (; v < end; v++) mark_value(m, *v);
}

/* --- Scanning one object --- */

static uint8_t weakness(const VM *vm, const Table *t) {
  Table *metatable = table_metatable(t);
  if (metatable == NULL) return 0;
  Value mode = vm_table_get_string(metatable, value_string(vm->run.event_names[EVENT_MODE]));
  if (!value_is_string(mode)) return 0;
  const String *s = value_string(mode);
  uint8_t weak = 0;
  for (uint32_t i = 0; i < s->length; i++) {
    if (s->bytes[i] == 'k') weak |= TABLE_WEAK_KEYS;
    if (s->bytes[i] == 'v') weak |= TABLE_WEAK_VALUES;
  }
  return weak;
}

enum { WEAK_LAST = 1 }; /* no address: ends the list, so that 0 says that a table is not in it */

/* Tables, those of the base included, are looked through again once all is marked. */
static void note_weak(Marker *m, Table *t) {
  if (t->weak_next != 0) return;
  t->weak_next = m->weak == 0 ? WEAK_LAST : m->weak;
  m->weak = (uint32_t)(uintptr_t)t;
}

static inline void scan_node(Marker *m, uint8_t weak, const Node *n) {
  if (value_is_string(n->key)) visit(m, n->key);
  if (n->value == VALUE_NIL) return;
  if (!(weak & TABLE_WEAK_KEYS) && !value_is_string(n->key)) mark_value(m, n->key);
  if (!(weak & TABLE_WEAK_VALUES) || value_is_string(n->value)) visit(m, n->value);
}

/* Slots from `slot` on: the array's, then the nodes'. */
static void scan_slots(Marker *m, const Table *t, uint32_t slot) {
  uint8_t weak = t->header.flags;
  uint32_t size = t->array_size, all = size;
  if (t->nodes != m->heap->empty_node) all += (uint32_t)1 << t->log_nodes;
  uint32_t end = all - slot > CHUNK ? slot + CHUNK : all;
  if (UNLIKELY(end < all)) push_rest(m, t, end);
  const Value *array = table_array(t);
  const Node *nodes = table_nodes(t);
  for (; slot < end && slot < size; slot++) {
    if (!(weak & TABLE_WEAK_VALUES) || value_is_string(array[slot])) visit(m, array[slot]);
  }
  for (; slot < end; slot++) scan_node(m, weak, &nodes[slot - size]);
}

static void scan_table(Marker *m, Table *t) {
  Table *metatable = table_metatable(t);
  if (metatable != NULL) mark_object(m, (uint32_t)(uintptr_t)metatable);
  if (t->array != 0) mark_buffer(m, t->array);
  mark_buffer(m, t->nodes);
  uint8_t weak = weakness(m->vm, t);
  t->header.flags = (uint8_t)((t->header.flags & ~(TABLE_WEAK_KEYS | TABLE_WEAK_VALUES)) | weak);
  if (weak != 0) note_weak(m, t);
  scan_slots(m, t, 0);
}

static void scan_module(Marker *m, uint32_t record) {
  ModuleRecord *r = &m->vm->run.modules[record];
  if (r->marked) return;
  r->marked = 1;
  mark_values(m, r->constants, r->constants + r->module->constant_total);
}

static void scan_closure(Marker *m, const Closure *c) {
  VM_ASSERT(c->function < m->vm->run.function_count);
  scan_module(m, m->vm->run.functions[c->function].module);
  mark_value(m, c->environment);
  mark_values(m, c->upvalues, c->upvalues + c->upvalue_count);
}

static void scan_upvalue(Marker *m, const Upvalue *box) {
  mark_value(m, box->closed);
  if (box->slot != (uint32_t)(uintptr_t)&box->closed) mark_value(m, *(const Value *)(uintptr_t)box->slot);
}

/* A frame keeps its module by itself: were the closure's header damaged, its scan would not. */
static void mark_frame(Marker *m, const Frame *frame) {
  if (frame->kind == FRAME_LUA) scan_module(m, state_frame_function(m->vm, frame)->module);
  mark_object(m, (uint32_t)(uintptr_t)frame->closure);
}

/* Marks a coroutine's frames and the used part of its stack; the rest becomes nil, so
 * that no slot ever holds a handle that a collection has not seen. */
static void scan_coroutine(Marker *m, uint32_t record) {
  VM *vm = m->vm;
  Coroutine *co = &vm->run.coroutines[record];
  mark_value(m, co->globals);
  if (co->stack == NULL) return;
  bool running = record == vm->run.current;
  const Frame *top = running ? vm->run.frame : co->frame;
  Value *end = running ? vm->run.top : co->top;
  for (const Frame *f = co->frames + 1; f <= top; f++) mark_frame(m, f);
  /* Frames overlap: what a callee's slots do not reach of its caller's is dead. */
  Value *used = running && vm->run.in_leaf ? vm_stack_leaf_end(vm, top) : vm_stack_frame_end(vm, top);
  if (used > end) end = used;
  end += NATIVE_SPARE;
  Value *stack_end = co->stack + co->stack_slots;
  if (end > stack_end) end = stack_end;
  mark_buffer(m, (uint32_t)(uintptr_t)co->stack);
  mark_values(m, co->stack, end);
  memset(end, 0xFF, (size_t)(stack_end - end) * sizeof(Value));
}

static void scan_thread(Marker *m, const Handle *object) {
  const RunState *run = &m->vm->run;
  VM_ASSERT(object->record < run->coroutine_count);
  VM_ASSERT(run->coroutines[object->record].object == (uint32_t)(uintptr_t)object);
  scan_coroutine(m, object->record);
}

static inline void scan(Marker *m, uint32_t address) {
  Header *object = (Header *)(uintptr_t)address;
  if (LIKELY(object->kind == KIND_TABLE)) {
    scan_table(m, (Table *)object);
    return;
  }
  switch ((Kind)object->kind) {
    case KIND_CLOSURE: scan_closure(m, (Closure *)object); break;
    case KIND_NATIVE: {
      const Native *n = (const Native *)object;
      mark_value(m, n->environment);
      mark_values(m, n->upvalues, n->upvalues + n->upvalue_count);
      break;
    }
    case KIND_UPVALUE: scan_upvalue(m, (const Upvalue *)object); break;
    case KIND_THREAD: scan_thread(m, (const Handle *)object); break;
    default: break;
  }
}

/* Nothing else writes the mark stack, which lies in control: a rest names a table that was scanned. */
static void drain(Marker *m) {
  while (m->top > 0) {
    uint32_t address = m->stack[--m->top];
    if (UNLIKELY(address & REST)) scan_slots(m, (const Table *)(uintptr_t)(address - REST), m->stack[--m->top]);
    else scan(m, address);
  }
}

/* --- Roots --- */

static void mark_state(Marker *m) {
  RunState *run = &m->vm->run;
  mark_values(m, run->roots, run->roots + STATE_ROOTS);
  for (int i = 0; i < 256; i++) {
    if (m->heap->state.char_strings[i] != 0) mark_object(m, m->heap->state.char_strings[i]);
  }
  if (run->loading != 0 && run->modules[run->loading - 1].constants != NULL) scan_module(m, run->loading - 1);
  if (run->coroutine_count == 0) return; /* the run is being opened */
  scan_coroutine(m, MAIN_COROUTINE);
  for (uint32_t i = run->current; i != MAIN_COROUTINE; i = run->coroutines[i].resumer) {
    mark_object(m, run->coroutines[i].object);
  }
}

/* Scans every marked object again while the mark stack has overflowed. */
static void rescan_blocks(Marker *m) {
  const Heap *heap = m->heap;
  for (uint32_t b = (heap->base_end - heap->arena_base) >> BLOCK_SHIFT; b < heap->state.next_block; b++) {
    uint8_t bin = heap->block_bin[b];
    if (bin >= BIN_COUNT || bin / CLASS_COUNT == KIND_FREE || bin / CLASS_COUNT == KIND_BUFFER ||
        bin / CLASS_COUNT == KIND_STRING) {
      continue;
    }
    uint32_t slot = vm_heap_class_size[bin % CLASS_COUNT];
    uint32_t start = heap->arena_base + (b << BLOCK_SHIFT);
    for (uint32_t a = start; a + slot <= start + BLOCK_SIZE; a += slot) {
      if (heap_is_marked(heap, a)) {
        scan(m, a);
        drain(m);
      }
    }
  }
}

/* Objects of the base lie packed; walking the mark bits finds them. */
static void rescan_base(Marker *m) {
  const Heap *heap = m->heap;
  for (uint32_t a = heap->arena_base; a < heap->base_end; a += GRANULE) {
    if (heap_is_marked(heap, a)) {
      scan(m, a);
      drain(m);
    }
  }
}

static void mark_all(Marker *m) {
  mark_state(m);
  drain(m);
  while (m->overflow) {
    m->overflow = false;
    rescan_base(m);
    rescan_blocks(m);
  }
}

/* --- Weak tables --- */

static bool is_dead(const Heap *heap, Value v) {
  return value_is_object(v) && !value_is_string(v) && !heap_is_marked(heap, (uint32_t)v);
}

static void clear_weak(const Heap *heap, Table *t) {
  if (t->header.flags & TABLE_WEAK_VALUES) {
    Value *array = table_array(t);
    t->header.flags &= (uint8_t)~TABLE_DENSE;
    for (uint32_t i = 0; i < t->array_size; i++) {
      if (is_dead(heap, array[i])) array[i] = VALUE_NIL;
    }
  }
  Node *nodes = table_nodes(t);
  for (uint32_t i = 0; i <= t->max_offset / sizeof(Node); i++) {
    if (nodes[i].value != VALUE_NIL && (is_dead(heap, nodes[i].key) || is_dead(heap, nodes[i].value))) {
      nodes[i].value = VALUE_NIL;
    }
  }
}

static void clear_weak_tables(const Marker *m) {
  uint32_t next;
  for (uint32_t a = m->weak; a != 0; a = next) {
    Table *t = (Table *)(uintptr_t)a;
    next = t->weak_next == WEAK_LAST ? 0 : t->weak_next;
    t->weak_next = 0;
    clear_weak(m->heap, t);
  }
}

/* --- After marking --- */

/* A box whose closures are all dead leaves its coroutine's list of open boxes: a new
 * closure that captures the variable gets a new box. */
static void prune_boxes(VM *vm) {
  for (uint32_t i = 0; i < vm->run.coroutine_count; i++) {
    uint32_t *link = &vm->run.coroutines[i].open, steps = 0;
    while (*link != 0) {
      VM_ASSERT(heap_is_inside(&vm->heap, *link) && ++steps < CHAIN_MAX);
      Upvalue *box = (Upvalue *)(uintptr_t)*link;
      if (heap_is_marked(&vm->heap, *link)) link = &box->next;
      else *link = box->next;
    }
  }
}

static void prune_strings(Heap *heap) {
  enum { AHEAD = 16 }; /* chains: their strings lie anywhere, and each is waited for */
  HeapState *state = &heap->state;
  state->heads_written = UINT64_MAX;
  for (uint32_t i = 0; i <= state->intern_mask; i++) {
    __builtin_prefetch((const void *)(uintptr_t)state->intern_heads[(i + AHEAD) & state->intern_mask]);
    uint32_t *link = &state->intern_heads[i], steps = 0;
    while (*link != 0) {
      VM_ASSERT(heap_is_inside(heap, *link) && ++steps < CHAIN_MAX);
      String *s = (String *)(uintptr_t)*link;
      if (*link >= heap->base_end && !heap_is_marked(heap, *link)) {
        *link = s->next;
        state->intern_count--;
      } else {
        link = &s->next;
      }
    }
  }
}

static void note_progress(VM *vm, uint64_t before, uint64_t after) {
  HeapState *state = &vm->heap.state;
  uint64_t freed = before > after ? before - after : 0;
  bool near_limit = after > state->limit - state->limit / 8;
  state->idle_collections = near_limit && freed < state->limit / 32 ? state->idle_collections + 1 : 0;
  uint64_t step = after > NURSERY ? after : NURSERY;
  state->threshold = after + step;
  if (state->idle_collections >= 3) vm_error_memory(vm);
}

void vm_gc_collect(VM *vm) {
  Heap *heap = &vm->heap;
  if (heap->state.building_base) return;
  uint64_t before = vm_heap_used(vm);
  Marker m = {.vm = vm, .heap = heap, .stack = vm->mark_stack};
  vm_heap_clear_marks(heap);
  mark_all(&m);
  if (m.high > vm->mark_high) vm->mark_high = m.high;
  clear_weak_tables(&m);
  prune_strings(heap);
  prune_boxes(vm);
  vm_coroutine_sweep(vm);
  vm_module_sweep(vm);
  vm_heap_start_sweep(heap, m.live);
  heap->state.epoch = heap_next_epoch(heap->state.epoch);
  heap->state.collections++;
  heap->state.scanned = m.scanned;
  note_progress(vm, before, heap->state.used + heap->control.used);
}

bool vm_gc_open(VM *vm) {
  vm->mark_stack = vm_control_carve(&vm->heap.control, MARK_STACK_MAX * sizeof(uint32_t));
  return vm->mark_stack != NULL;
}
