/* SPDX-License-Identifier: BSD-2-Clause */
/* commit - see commit.h.
 *
 * An image of the new base (vm/run/move.h) and the code that belongs to it are put
 * together in the free part of control.  Neither the arena nor the old base is touched
 * before all sizes are known to fit.  Then the run's memory is cleared as at any rollback,
 * and image and code take the old ones' place. */
#include "vm/run/commit.h"

#include "vm/objects/string.h"
#include "vm/run/move.h"
#include "vm/run/transaction.h"

/* The code of a base, as offsets from its start. */
typedef struct {
  size_t modules; /* records; those of the functions come first */
  size_t constants;
  size_t blocks;  /* the modules themselves */
  size_t size;
  uint32_t module_count;
  uint32_t function_count;
} CodeLayout;

typedef struct {
  VM *vm;
  size_t top; /* of what the commit has taken of control */
  ModulePlace *places;
  Move move;
  CodeLayout layout;
  char *code;     /* where the code is put together */
  char *home;     /* where it will stand */
  RunState run;   /* the new base's */
} Commit;

static size_t line_up(size_t size) { return (size + 63) & ~(size_t)63; }

/* --- Room in control, above everything that is in use --- */

static char *take(Commit *c, uint64_t size) {
  Control *control = &c->vm->heap.control;
  if (size > control->size - c->top) return NULL;
  char *room = control->base + c->top;
  c->top += line_up((size_t)size);
  if (c->top > control->touched) control->touched = c->top;
  return room;
}

/* --- Code --- */

static const ModuleRecord *record_at(const Commit *c, uint32_t i) {
  const ModuleRecord *r = &c->vm->run.modules[i];
  return r->module == NULL ? NULL : r;
}

static size_t constants_size(const ModuleRecord *r) { return (r->module->constant_total + 1) * sizeof(Value); }

/* Numbers modules and functions anew, without gaps, and lays their code out. */
static void lay_out(Commit *c) {
  CodeLayout *l = &c->layout;
  size_t constants = 0, blocks = 0;
  for (uint32_t i = 0; i < c->vm->run.module_count; i++) {
    const ModuleRecord *r = record_at(c, i);
    if (r == NULL) continue;
    c->places[i] = (ModulePlace){l->module_count++, l->function_count};
    l->function_count += r->module->proto_count;
    constants += line_up(constants_size(r));
    blocks += line_up(r->module->size);
  }
  l->modules = line_up(l->function_count * sizeof(Function));
  l->constants = l->modules + line_up(l->module_count * sizeof(ModuleRecord));
  l->blocks = l->constants + constants;
  l->size = l->blocks + blocks;
}

/* The functions of a module whose block and constants will stand at the given places. */
static void write_functions(const Commit *c, uint32_t i, const char *block, const Value *constants) {
  const ModuleRecord *r = record_at(c, i);
  const ModulePlace *place = &c->places[i];
  Function *to = (Function *)(void *)c->code + place->first_function;
  for (uint32_t p = 0; p < r->module->proto_count; p++) {
    const Proto *proto = module_proto(r->module, p);
    to[p] = c->vm->run.functions[r->first_function + p];
    to[p].code = (const Word *)(const void *)(block + proto->code);
    to[p].proto = (const Proto *)(const void *)(block + ((const char *)proto - (const char *)r->module));
    to[p].constants = constants;
    to[p].module = place->module;
    to[p].first_function = place->first_function;
    constants += proto->constant_count;
  }
}

/* Constants are roots: writing the code may add to the image. */
static void write_code(Commit *c) {
  size_t constants = c->layout.constants, block = c->layout.blocks;
  ModuleRecord *records = (ModuleRecord *)(void *)(c->code + c->layout.modules);
  for (uint32_t i = 0; i < c->vm->run.module_count; i++) {
    const ModuleRecord *r = record_at(c, i);
    if (r == NULL) continue;
    Value *values = (Value *)(void *)(c->code + constants);
    memcpy(values, r->constants, constants_size(r));
    vm_move_values(&c->move, values, constants_size(r) / sizeof(Value));
    memcpy(c->code + block, r->module, r->module->size);
    Value *home = (Value *)(void *)(c->home + constants);
    records[c->places[i].module] = (ModuleRecord){.module = (Module *)(void *)(c->home + block),
                                                  .constants = home,
                                                  .first_function = c->places[i].first_function};
    write_functions(c, i, c->home + block, home);
    constants += line_up(constants_size(r));
    block += line_up(r->module->size);
  }
}

/* --- Putting the new base together --- */

static void move_roots(Commit *c) {
  const RunState *run = &c->vm->run;
  c->run = c->vm->base->run;
  c->run.libraries = run->libraries;
  c->run.function_globals = run->function_globals;
  vm_move_values(&c->move, c->run.roots, STATE_ROOTS);
  for (int i = 0; i < 256; i++) {
    uint32_t address = c->vm->heap.state.char_strings[i];
    if (address != 0) (void)vm_move_object(&c->move, address);
  }
}

/* Takes room for everything; false when control has none. */
static bool open(Commit *c, uint64_t limit) {
  const Heap *heap = &c->vm->heap;
  uint64_t most = limit < BASE_CEILING ? limit : BASE_CEILING;
  if (most > heap->block_count * (uint64_t)BLOCK_SIZE / 4) most = heap->block_count * (uint64_t)BLOCK_SIZE / 4;
  size_t forward_size = ((size_t)heap->state.next_block << BLOCK_SHIFT) / GRANULE * sizeof(uint32_t);
  char *forward = take(c, forward_size);
  c->places = (ModulePlace *)(void *)take(c, c->vm->run.module_count * sizeof(ModulePlace));
  char *image = take(c, most);
  if (forward == NULL || c->places == NULL || image == NULL) return false;
  memset(forward, 0, forward_size);
  c->move = vm_move_open(c->vm, image, (uint32_t)most, (uint32_t *)(void *)forward, c->places);
  lay_out(c);
  c->code = take(c, c->layout.size);
  c->home = heap->control.base + c->vm->code_floor;
  return c->code != NULL;
}

static CommitStatus build(Commit *c, uint64_t limit) {
  if (!open(c, limit)) return COMMIT_TOO_LARGE;
  memset(c->code, 0, c->layout.size);
  move_roots(c);
  write_code(c);
  vm_move_rest(&c->move);
  if (c->move.has_coroutine) return COMMIT_COROUTINE;
  return c->move.is_full || c->move.size + c->layout.size > limit ? COMMIT_TOO_LARGE : COMMIT_OK;
}

/* --- The new base takes the old one's place: nothing here can fail --- */

/* The rollback that follows clears what lies behind the new base and above its code. */
static void clear_arena(Heap *heap) {
  uint32_t count = heap->state.next_block;
  redzone_open(heap->arena_base, (size_t)count << BLOCK_SHIFT);
  memset(heap->arena, 0, (size_t)count << BLOCK_SHIFT);
  redzone_close(heap->arena_base, (size_t)count << BLOCK_SHIFT);
  memset(heap->block_bin, 0, count);
  memset(heap->block_link, 0, count * sizeof(uint32_t));
  vm_heap_forget(heap);
}

/* Runs write from the next page on, so that they leave the code's pages to the process that this one was forked
 * from.  There is room: more than a page was taken for forwarding addresses. */
static void place_code(Commit *c) {
  VM *vm = c->vm;
  Control *control = &vm->heap.control;
  memmove(c->home, c->code, c->layout.size);
  vm->code_size = line_up(c->layout.size);
  size_t gap = -(uintptr_t)(c->home + vm->code_size) & 4095;
  memset(c->home + c->layout.size, 0, vm->code_size - c->layout.size + gap);
  control->floor = vm->code_floor + vm->code_size + gap;
  c->run.functions = (Function *)(void *)c->home;
  c->run.function_count = c->run.function_room = c->layout.function_count;
  c->run.modules = (ModuleRecord *)(void *)(c->home + c->layout.modules);
  c->run.module_count = c->run.module_room = c->layout.module_count;
  c->run.function_next = c->run.function_count;
  c->run.module_next = c->run.module_count;
}

static void place_image(Commit *c) {
  VM *vm = c->vm;
  Heap *heap = &vm->heap;
  vm_transaction_keep_image(vm, c->move.image, c->move.size);
  uint32_t blocks = (vm->base_size + BLOCK_SIZE - 1) >> BLOCK_SHIFT;
  for (int i = 0; i < 256; i++) {
    uint32_t old = heap->state.char_strings[i];
    vm->base->heap.char_strings[i] = old == 0 ? 0 : c->move.forward[heap_granule(heap, old)];
  }
  vm->base->heap.serial = heap->state.serial;
  vm->base->heap.base_cursor = heap->arena_base + vm->base_size;
  vm->base->heap.next_block = blocks;
  heap->base_end = heap->arena_base + (blocks << BLOCK_SHIFT);
}

static void link_strings(VM *vm) {
  HeapState *state = &vm->base->heap;
  memset(vm->base_intern, 0, (state->intern_mask + (size_t)1) * sizeof(uint32_t));
  state->intern_count = 0;
  uint32_t size;
  for (uint32_t offset = vm_move_first(); offset < vm->base_size; offset += size) {
    Header *object = (Header *)(void *)(vm->base_image + offset);
    size = vm_move_size(&vm->heap, object);
    if (object->kind != KIND_STRING) continue;
    String *s = (String *)object;
    uint32_t *head = &vm->base_intern[vm_string_chain_hash(vm->heap.hash_seed, s) & state->intern_mask];
    s->next = *head;
    *head = vm->heap.arena_base + offset;
    state->intern_count++;
  }
}

CommitStatus vm_commit_base(VM *vm, uint64_t limit) {
  Commit c = {.vm = vm, .top = line_up(vm->heap.control.top)};
  CommitStatus status = build(&c, limit);
  if (status != COMMIT_OK) return status;
  place_image(&c);
  clear_arena(&vm->heap);
  place_code(&c);
  link_strings(vm);
  vm->base->run = c.run;
  vm->heap.state.next_block = vm->base->heap.next_block;
  vm->heap.state.heads_written = UINT64_MAX;
  vm_rollback(vm);
  return COMMIT_OK;
}
