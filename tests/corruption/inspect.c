/* SPDX-License-Identifier: BSD-2-Clause */
/* inspect - what must hold of control whatever is in the arena. */
#include <string.h>

#include "tests/corruption/bench.h"
#include "vm/compile/verify.h"
#include "vm/run/builtin.h"

/* What the machine was opened with, and where its own parts lie. */
uint64_t inspect_fixed(const Bench *b) {
  const VM *vm = b->vm;
  const void *const fixed[] = {vm->heap.control.base, (void *)vm->heap.control.size, vm->heap.arena,
                               (void *)(uintptr_t)vm->heap.block_count, vm->heap.block_bin,
                               vm->heap.block_link, vm->heap.marks, vm->mark_stack, (void *)vm->code_floor,
                               (void *)vm->heap.hash_seed, vm->image_near, vm->image_far, vm->base_intern,
                               (void *)(uintptr_t)vm->profile};
  return watch_hash(1, fixed, sizeof fixed);
}

/* The base image, the copies of the state, and the parts of the machine that are fixed. */
uint64_t inspect_constants(const Bench *b) {
  const VM *vm = b->vm;
  uint64_t h = watch_hash(1, vm->base_image, vm->base_size);
  h = watch_hash(h, vm->base_intern, (vm->base->heap.intern_mask + (size_t)1) * sizeof(uint32_t));
  h = watch_hash(h, &vm->base->heap, sizeof vm->base->heap);
  h = watch_hash(h, &vm->base->run, sizeof vm->base->run);
  const void *const places[] = {(void *)vm->heap.control.floor, (void *)(uintptr_t)vm->heap.base_end};
  return watch_hash(h, places, sizeof places) ^ inspect_fixed(b);
}

static bool is_code(const VM *vm, const Word *pc) {
  for (uint32_t i = 0; i < vm->run.function_count; i++) {
    const Function *f = &vm->run.functions[i];
    if (f->code != NULL && pc >= f->code && pc <= f->code + f->proto->code_words) return true;
  }
  return false;
}

static const char *check_frames(const VM *vm, const Coroutine *co, const Frame *top) {
  if (top < co->frames || top >= co->frames_end) return "a top frame lies outside its frames";
  for (const Frame *f = co->frames + 1; f <= top; f++) {
    if (f->kind == FRAME_LUA && !is_code(vm, f->pc)) return "a saved pc is in no function";
    if (f->kind == FRAME_NATIVE && f->native >= BUILTIN_COUNT_) return "a frame names no native";
    if (f->kind == FRAME_ENTRY || f->kind > FRAME_NATIVE) return "a frame is of no kind";
  }
  return NULL;
}

static const char *check_coroutines(const VM *vm) {
  for (uint32_t i = 0; i < vm->run.coroutine_count; i++) {
    const Coroutine *co = &vm->run.coroutines[i];
    if (co->status == COROUTINE_FREE || co->frames == NULL) continue;
    const char *wrong = check_frames(vm, co, i == vm->run.current ? vm->run.frame : co->frame);
    if (wrong != NULL) return wrong;
  }
  return NULL;
}

/* Takes back what loading made of code (vm/run/chain.h): the verifier knows plain instructions. */
static void unchain(Module *module) {
  for (uint32_t p = 0; p < module->proto_count; p++) {
    const Proto *proto = module_proto(module, p);
    Word *code = (Word *)(void *)((char *)module + proto->code);
    for (uint32_t pc = 0; pc < proto->code_words; pc += 1u + vm_opcode_info[word_op(code[pc])].extra)
      code[pc] = (code[pc] & ~(Word)0xff) | word_op(code[pc]);
  }
}

static bool verifies(Bench *b, const Module *module) {
  VerifyReport report;
  Scratch rest = b->scratch;
  size_t size = ((size_t)module->size + 15) & ~(size_t)15;
  if (size > rest.size) return false;
  Module *copy = (Module *)(void *)(rest.base + rest.size - size);
  rest.size -= size;
  memcpy(copy, module, module->size);
  unchain(copy);
  return vm_verify_module(copy, &rest, &report);
}

/* A module's code is what the verifier passed: it must pass again. */
const char *inspect_code(Bench *b) {
  const RunState *run = &b->vm->run;
  for (uint32_t i = 0; i < run->module_count; i++) {
    const Module *module = run->modules[i].module;
    if (module == NULL || run->modules[i].constants == NULL) continue;
    if (!verifies(b, module)) return "a module does not verify any more";
    for (uint32_t p = 0; p < module->proto_count; p++) {
      const Function *f = &run->functions[run->modules[i].first_function + p];
      if (f->proto != module_proto(module, p) || f->module != i) return "a function's record is not its module's";
      if (f->code != module_at(module, f->proto->code)) return "a function's code is not its module's";
    }
  }
  return NULL;
}

const char *inspect_control(Bench *b) {
  if (inspect_constants(b) != b->base) return "control that never changes has changed";
  const char *wrong = check_coroutines(b->vm);
  return wrong != NULL ? wrong : inspect_code(b);
}
