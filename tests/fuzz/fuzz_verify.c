/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_verify - modules with damaged words before the verifier.
 *
 * Byte 0 picks one of a few modules, which together have every instruction; each six
 * bytes then damage a word: mostly of code, sometimes of the block's structure.  The
 * verifier stays inside the block (it is malloced to size) and says the same twice; what
 * it accepts both listings can read.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "vm/compile/compile.h"
#include "vm/compile/verify.h"
#include "vm/inspect/disasm.h"

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
  scratch = (Scratch){.base = malloc(SCRATCH), .size = SCRATCH};
  for (int i = 0; i < SOURCES; i++) {
    const Module *module;
    CompileError error;
    scratch.used = 0;
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
    } else if (report.problem == NULL) {
      __builtin_trap();
    }
  }
  free(words);
  return 0;
}
