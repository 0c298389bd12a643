/* SPDX-License-Identifier: BSD-2-Clause */
/* module - see module.h.
 *
 * The compiler works in the free part of control; the finished block is copied into a
 * slot of its own and its functions get records, which closures name by index.  Constants
 * become values: strings are interned, with the order hash that the compiler knows. */
#include "vm/run/module.h"

#include "vm/compile/compile.h"
#include "vm/lib/native.h"
#include "vm/memory/charge.h"
#include "vm/objects/string.h"
#include "vm/run/chain.h"
#include "vm/run/closure.h"
#include "vm/values/hash.h"

enum { FIRST_ROOM = 16 };

/* --- Growing the record tables --- */

static void *grow(VM *vm, void *old, uint32_t count, uint32_t *room, size_t size) {
  uint32_t larger = *room ? *room * 2 : FIRST_ROOM;
  vm_heap_reserve(vm, vm_control_slot(larger * size));
  void *records = vm_control_take(&vm->heap.control, larger * size);
  if (records == NULL) vm_error_memory(vm);
  memset(records, 0, larger * size);
  if (*room != 0) {
    memcpy(records, old, count * size);
    vm_control_give(&vm->heap.control, old, *room * size);
  }
  *room = larger;
  return records;
}

/* The search goes on where the last one ended: with every record looked at again, compiling
 * in a loop would be quadratic.  A sweep turns it back to what it frees. */
static uint32_t take_module_record(VM *vm) {
  while (vm->run.module_next < vm->run.module_count) {
    uint32_t i = vm->run.module_next++;
    if (vm->run.modules[i].module == NULL) return i;
  }
  if (vm->run.module_count == vm->run.module_room) {
    vm->run.modules = grow(vm, vm->run.modules, vm->run.module_count, &vm->run.module_room, sizeof(ModuleRecord));
  }
  vm->run.module_next = vm->run.module_count + 1;
  return vm->run.module_count++;
}

/* A run of `count` function records; freed ones are reused when enough stand together.
 * Searches as the one for modules does. */
static uint32_t take_functions(VM *vm, uint32_t count) {
  uint32_t free_run = 0;
  while (vm->run.function_next < vm->run.function_count) {
    uint32_t i = vm->run.function_next++;
    free_run = vm->run.functions[i].code == NULL ? free_run + 1 : 0;
    if (free_run == count) return i + 1 - count;
  }
  while (vm->run.function_count + count > vm->run.function_room) {
    vm->run.functions = grow(vm, vm->run.functions, vm->run.function_count, &vm->run.function_room, sizeof(Function));
  }
  uint32_t first = vm->run.function_count;
  vm->run.function_count += count;
  vm->run.function_next = vm->run.function_count;
  return first;
}

/* --- Instantiation --- */

static Value constant_value(VM *vm, const Module *module, const Constant *constant) {
  switch ((ConstantKind)constant->kind) {
    case CONSTANT_NIL: return VALUE_NIL;
    case CONSTANT_FALSE: return VALUE_FALSE;
    case CONSTANT_TRUE: return VALUE_TRUE;
    case CONSTANT_NUMBER: return value_of_number(constant->as.number);
    case CONSTANT_STRING: break;
  }
  String *s = vm_string_new(vm, module_at(module, constant->as.string.offset), constant->as.string.length);
  if (heap_of(vm)->string_order == ORDER_REDIS) {
    s->order_hash = constant->order_hash;
    s->header.flags |= STRING_HASHED;
  }
  (void)string_order_hash(s);
  return value_of_string(s);
}

/* Fills the constants one by one: those behind are nil until their turn, so a
 * collection in between sees only whole values. */
static void fill_constants(VM *vm, uint32_t record) {
  const ModuleRecord *r = &vm->run.modules[record];
  Value *next = r->constants;
  for (uint32_t p = 0; p < r->module->proto_count; p++) {
    const Proto *proto = module_proto(r->module, p);
    const Constant *constants = module_at(r->module, proto->constants);
    for (uint32_t i = 0; i < proto->constant_count; i++) *next++ = constant_value(vm, r->module, &constants[i]);
  }
}

static void fill_functions(VM *vm, uint32_t record) {
  const ModuleRecord *r = &vm->run.modules[record];
  const Value *constants = r->constants;
  for (uint32_t p = 0; p < r->module->proto_count; p++) {
    const Proto *proto = module_proto(r->module, p);
    vm->run.functions[r->first_function + p] = (Function){.code = module_at(r->module, proto->code),
                                                          .constants = constants,
                                                          .proto = proto,
                                                          .module = record,
                                                          .parameter_count = proto->parameter_count,
                                                          .stack_size = proto->stack_size,
                                                          .flags = proto->flags,
                                                          .upvalue_count = proto->upvalue_count,
                                                          .first_function = r->first_function};
    constants += proto->constant_count;
  }
}

static uint32_t instantiate(VM *vm, Module *module, bool is_lent) {
  uint32_t record = take_module_record(vm);
  vm->run.modules[record] = (ModuleRecord){.module = module, .is_lent = is_lent};
  vm->run.loading = record + 1;
  uint32_t first = take_functions(vm, module->proto_count);
  size_t bytes = (module->constant_total + 1) * sizeof(Value);
  vm_heap_reserve(vm, vm_control_slot(bytes));
  Value *constants = vm_control_take(&vm->heap.control, bytes);
  if (constants == NULL) vm_error_memory(vm);
  memset(constants, 0xFF, bytes);
  vm->run.modules[record].constants = constants;
  vm->run.modules[record].first_function = first;
  fill_functions(vm, record);
  fill_constants(vm, record);
  return record;
}

/* The compiler's scratch: all of control that is free, within the memory limit. */
static Scratch open_scratch(VM *vm) {
  Control *control = &vm->heap.control;
  size_t start = (control->top + 63) & ~(size_t)63;
  size_t size = control->size - start;
  uint64_t used = vm->heap.state.used + control->used;
  uint64_t room = vm->heap.state.limit > used ? vm->heap.state.limit - used : 0;
  if (size > room) size = (size_t)room;
  return (Scratch){.base = control->base + start, .size = size & ~(size_t)15};
}

/* Copies the finished module out of the scratch, which begins where a new slot would. */
static Module *keep_module(VM *vm, const Module *module) {
  Module *kept = vm_control_take(&vm->heap.control, module->size);
  if (kept == NULL) vm_error_memory(vm);
  memmove(kept, module, module->size);
  return kept;
}

/* What the compiler takes counts in the peak, however short a time it does. */
static void note_peak(VM *vm, uint64_t scratch) {
  uint64_t total = vm->heap.state.used + vm->heap.control.used + scratch;
  if (total > vm->heap.state.peak) vm->heap.state.peak = total;
}

/* What the compiler touches must be cleared at rollback. */
static void note_scratch(VM *vm, const Scratch *scratch) {
  Control *control = &vm->heap.control;
  size_t reached = (size_t)(scratch->base - control->base) + scratch->peak;
  if (reached > control->touched) control->touched = reached;
  note_peak(vm, scratch->peak + scratch->end_peak);
}

/* Compiles in `scratch`; NULL with the message in *ret_error. */
static const Module *compile(VM *vm, const CodeText *text, Scratch *scratch, Value *ret_error) {
  const Module *module;
  CompileError error;
  const CompileText request = {text->source, text->size, text->name, text->name_size, vm->run.levels, text->terminated};
  bool ok = vm_compile_text(&request, scratch, &module, &error);
  note_scratch(vm, scratch);
  if (ok) {
    vm_chain_module((Module *)(uintptr_t)module); /* it lies in the scratch */
    return module;
  }
  if (error.memory) vm_error_memory(vm);
  *ret_error = value_of_string(vm_string_new(vm, error.text, error.text_size));
  return NULL;
}

int64_t vm_module_compile(VM *vm, const CodeText *text, Value *ret_error) {
  if (vm->heap.state.collect_due) vm_heap_reserve(vm, 0);
  Scratch scratch = open_scratch(vm);
  const Module *module = compile(vm, text, &scratch, ret_error);
  if (module == NULL) return -1;
  return instantiate(vm, keep_module(vm, module), false);
}

/* Brings a module of the cache into the run: it counts as one that was compiled, for which
 * there is room enough. */
static uint32_t lend_module(VM *vm, const Module *module) {
  note_peak(vm, module->scratch);
  vm_control_lend(&vm->heap.control, module->size);
  return instantiate(vm, (Module *)(uintptr_t)module, true);
}

/* With less room than it was compiled in, whether it can be is for the compiler to say. */
static bool has_room(const Scratch *scratch, const Module *module) {
  return scratch->size >= module->scratch + COMPILE_SCRATCH_MARGIN && scratch->size >= vm_control_slot(module->size);
}

/* A script in the cache, or NULL. */
static const Module *find_compiled(VM *vm, CodeText *text, uint64_t *ret_hash, Scratch *ret_scratch) {
  if (vm->heap.state.collect_due) vm_heap_reserve(vm, 0);
  *ret_scratch = open_scratch(vm);
  *ret_hash = vm_code_cache_hash(vm->heap.hash_seed, text);
  const Module *module = vm_code_cache_find(&vm->code_cache, *ret_hash, text);
  return module != NULL && has_room(ret_scratch, module) ? module : NULL;
}

int64_t vm_module_compile_script(VM *vm, CodeText *text, Value *ret_error) {
  uint64_t hash;
  Scratch scratch;
  const Module *module = find_compiled(vm, text, &hash, &scratch);
  if (module != NULL) return lend_module(vm, module);
  module = compile(vm, text, &scratch, ret_error);
  if (module == NULL) return -1;
  vm_code_cache_put(&vm->code_cache, hash, text, module);
  return instantiate(vm, keep_module(vm, module), false);
}

int64_t vm_module_recall_script(VM *vm, CodeText *text) {
  uint64_t hash;
  Scratch scratch;
  const Module *module = find_compiled(vm, text, &hash, &scratch);
  if (module == NULL) return -1;
  return lend_module(vm, module);
}

Value vm_module_closure(VM *vm, uint32_t record, Value environment) {
  Value closure = vm_closure_main(vm, record, environment);
  vm->run.loading = 0;
  return closure;
}

/* --- Freeing --- */

static void free_module(VM *vm, ModuleRecord *r) {
  uint32_t record = (uint32_t)(r - vm->run.modules);
  if (record < vm->run.module_next) vm->run.module_next = record;
  if (r->first_function < vm->run.function_next) vm->run.function_next = r->first_function;
  for (uint32_t p = 0; p < r->module->proto_count; p++) {
    memset(&vm->run.functions[r->first_function + p], 0, sizeof(Function));
  }
  vm_control_give(&vm->heap.control, r->constants, (r->module->constant_total + 1) * sizeof(Value));
  if (r->is_lent) vm_control_return(&vm->heap.control, r->module->size);
  else vm_control_give(&vm->heap.control, r->module, r->module->size);
  memset(r, 0, sizeof *r);
}

void vm_module_sweep(VM *vm) {
  for (uint32_t i = 0; i < vm->run.module_count; i++) {
    ModuleRecord *r = &vm->run.modules[i];
    if (r->module == NULL || r->constants == NULL) continue;
    if (!r->marked && i >= vm->base->run.module_count) free_module(vm, r);
    else r->marked = 0;
  }
}
