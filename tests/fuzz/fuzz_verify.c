/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_verify - modules with damaged words before the verifier, and those it accepts run.
 *
 * Byte 0 picks one of a few modules, which together have every instruction; each six
 * bytes then damage a word: mostly of code, sometimes of the block's structure.  The
 * verifier stays inside the block (it is malloced to size) and says the same twice; what
 * it accepts both listings can read.
 *
 * What it accepts then runs, in the cached module's place, on a small budget: whatever
 * the code does with the wrong values, it ends as any program does, with a sound heap, or
 * at a check of the machine's own, a trap; the rollback finds nothing changed that is not
 * its own.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "policy/traps.h"
#include "tests/fuzz/script.h"
#include "vm/compile/compile.h"
#include "vm/compile/verify.h"
#include "vm/inspect/disasm.h"
#include "vm/run/code_cache.h"
#include "vm/run/state.h"
#include "vm/values/hash.h"

static const char *const sources[] = {
    "local a, b = 1, 'x' local t = {1, 2, x = a; ...} t.y, t[a], t[1] = b, t.x, t['z'] return t:m(a, ...), #t, -a, not b",
    "for i = 1, 10 do local f = function() i = i + 1 return i end g(f) end for k, v in pairs(t) do if k == v then break end end",
    "local function f(a, ...) local arg = {...} if a < 1 and a <= b or 3 > a then return f(a - 1, ...) end return a .. 'x' .. 1 end return (f(...))",
    "while x do repeat local y = x; z = function() return y, x end until y ~= nil end x, y = y, x return 2 ^ 3 % 4 / 5 * 6",
    "local a = a and b or c local d = not (a == b) local e = a < 1 d = {[1] = 2, f(), ...} return a == 'k', a ~= 3, 1 < a, a >= 2, function(...) return ... end",
    "local self = {} function self.a.b:c(x, y) self.x = x; return self:c(y, nil, true, false) end do local q = q.w[1].e['r'] end return self",
};
enum { SOURCES = sizeof sources / sizeof *sources, SCRATCH = 1 << 20 };

typedef struct {
  uint32_t *words;
  uint32_t size; /* bytes */
} Block;

static Block blocks[SOURCES];
static Scratch scratch;

static void ignore(void *context, const char *text, size_t size) { *(size_t *)context += size + (unsigned char)text[0]; }

static void compile_all(void) {
  char *base = malloc(SCRATCH);
  for (int i = 0; i < SOURCES; i++) {
    const Module *module;
    CompileError error;
    scratch = (Scratch){.base = base, .size = SCRATCH}; /* a module records the peak: each starts from none */
    if (!vm_compile_source(sources[i], strlen(sources[i]), "@fuzz", 5, &scratch, &module, &error)) __builtin_trap();
    blocks[i] = (Block){malloc(module->size), module->size};
    memcpy(blocks[i].words, module, module->size);
  }
  scratch.used = 0;
}

/* Three of four fall into the code of some function. */
static uint32_t pick_word(const Module *whole, uint16_t choice, uint8_t kind) {
  const Proto *p = module_proto(whole, choice % whole->proto_count);
  if (kind % 4 == 0) return choice % (whole->size / 4);
  return p->code / 4 + choice / 7 % p->code_words;
}

static uint32_t damaged(uint32_t word, const uint8_t *data) {
  uint32_t flip;
  memcpy(&flip, data + 2, sizeof flip);
  switch (data[5] >> 6) {
    case 0: return word ^ flip;
    case 1: return (word & ~0xffu) | data[2];                        /* another instruction */
    case 2: return word ^ (uint32_t)data[2] << (8 * (data[3] % 4));  /* one field */
    default: return word + (uint32_t)(int8_t)data[2] * (1u << (data[3] % 4 * 8));
  }
}

/* --- Running what was accepted --- */

enum { ARENA = 5 << 20, MEMORY = 4 << 20, BUDGET = 3000 };
static const char chunk_name[] = "@fuzz";

static VmStatus run(VM *vm, const char *text) {
  static const VmBytes arguments[] = {{"key", 3}, {"10", 2}};
  VmRequest request = {.instructions = BUDGET, .memory = MEMORY, .random_state = 1, .resp = 2};
  vm_begin(vm, &request);
  if (!vm_set_strings(vm, "t", arguments, 2) || !vm_compile(vm, (VmBytes){text, strlen(text)}, chunk_name)) return VM_LIMIT;
  for (int turns = 0;; turns++) {
    VmStatus status = vm_run(vm, BUDGET);
    if (status == VM_HOST_CALL && turns < 20) vm_host_reply(vm, (VmBytes){":1\r\n", 4});
    else if (status != VM_QUANTUM) return status;
  }
}

/* The cache's module of a source: from its second run on it is there. */
static Module *cached(VM *vm, const char *source) {
  CodeText text = {.source = source, .size = strlen(source), .name = chunk_name, .name_size = sizeof chunk_name - 1};
  uint64_t hash = hash_bytes(vm->heap.hash_seed, text.source, text.size);
  for (int i = 0; i < 2; i++) {
    (void)run(vm, source);
    script_end(vm);
  }
  const Module *found = vm_code_cache_find(&vm->code_cache, hash, &text);
  if (found == NULL) __builtin_trap();
  return (Module *)(uintptr_t)found;
}

/* --- Traps --- */

static sigjmp_buf way_out;
static volatile sig_atomic_t is_running;

static void on_trap(int number) {
  if (is_running) siglongjmp(way_out, 1);
  signal(number, SIG_DFL);
  raise(number);
}

static void catch_traps(void) {
  const struct sigaction action = {.sa_handler = on_trap, .sa_flags = SA_NODEFER};
  if (sigaction(TRAP_CHECK, &action, NULL) != 0 || sigaction(TRAP_STALE, &action, NULL) != 0) __builtin_trap();
}

static void run_and_end(VM *vm, const char *text) {
  if (sigsetjmp(way_out, 1) == 0) {
    is_running = 1;
    (void)run(vm, text);
    is_running = 0;
    script_end(vm);
    return;
  }
  is_running = 0;
  vm_rollback(vm);
}

static Module *places[SOURCES];
static uint64_t base_hash;

static VM *machine(void) {
  static VM *vm;
  if (vm != NULL) return vm;
  size_t control = vm_control_size(ARENA);
  VmConfig config = {.arena = script_map(0x10000000, ARENA), .arena_size = ARENA, .control = script_map(0, control),
                     .control_size = control, .hash_seed = 7, .profile = VM_PROFILE_REDIS};
  vm = vm_open(&config);
  if (vm == NULL) __builtin_trap();
  for (int i = 0; i < SOURCES; i++) places[i] = cached(vm, sources[i]);
  base_hash = vm_state_hash(vm);
  catch_traps();
  return vm;
}

static void execute(int source, const Block *block, const uint32_t *words) {
  static unsigned runs;
  VM *vm = machine();
  if (places[source]->size != block->size || memcmp(places[source], block->words, block->size) != 0) __builtin_trap();
  memcpy(places[source], words, block->size);
  run_and_end(vm, sources[source]);
  memcpy(places[source], block->words, block->size);
  if (runs++ % 64 == 0 && vm_state_hash(vm) != base_hash) __builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (blocks[0].words == NULL) compile_all();
  if (size < 7) return 0;
  const Block *block = &blocks[data[0] % SOURCES];
  uint32_t *words = malloc(block->size);
  memcpy(words, block->words, block->size);
  for (size_t i = 1; i + 6 <= size && i < 100; i += 6) {
    uint16_t choice;
    memcpy(&choice, data + i, sizeof choice);
    uint32_t at = pick_word((const Module *)block->words, choice, data[i + 4]);
    words[at] = damaged(words[at], data + i);
  }
  const Module *module = (const Module *)words;
  VerifyReport report;
  size_t written = 0;
  if (module->size <= block->size) {
    bool is_good = vm_verify_module(module, &scratch, &report);
    if (vm_verify_module(module, &scratch, &report) != is_good || scratch.used != 0) __builtin_trap();
    if (is_good) {
      vm_disasm_write(module, ignore, &written);
      vm_disasm_write_reference(module, ignore, &written);
      if (module->size == block->size) execute(data[0] % SOURCES, block, words);
    } else if (report.problem == NULL) {
      __builtin_trap();
    }
  }
  free(words);
  return 0;
}
