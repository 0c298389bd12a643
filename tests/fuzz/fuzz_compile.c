/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_compile - any bytes are source text, and damaged modules are refused.
 *
 * The source compiles or gives an error of one line's text, within the scratch that
 * is promised; the module verifies (the compiler traps if not) and both listings read
 * it.  Then bytes of the source choose words to damage, and the verifier reads the
 * module again: the sanitizers see whether it stays inside.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "vm/compile/compile.h"
#include "vm/compile/verify.h"
#include "vm/inspect/disasm.h"

static void ignore(void *context, const char *text, size_t size) {
  *(size_t *)context += size + (unsigned char)text[0];
}

static void damage(const Module *module, const uint8_t *data, size_t size, Scratch *scratch) {
  uint32_t whole = module->size;
  uint32_t *words = malloc(whole);
  memcpy(words, module, whole);
  for (size_t i = 0; i + 5 < size && i < 120; i += 6) {
    uint32_t at, flip;
    VerifyReport report;
    memcpy(&at, data + i, 2);
    memcpy(&flip, data + i + 2, 4);
    words[(at & 0xffff) % (whole / 4)] ^= flip;
    if (((Module *)words)->size <= whole) vm_verify_module((Module *)words, scratch, &report);
  }
  free(words);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size > 65536) return 0;
  Scratch scratch = {.size = COMPILE_SCRATCH_CONSTANT + size * COMPILE_SCRATCH_PER_BYTE};
  scratch.base = malloc(scratch.size);
  const Module *module;
  CompileError error;
  size_t written = 0;
  if (vm_compile_source((const char *)data, size, "@fuzz", 5, &scratch, &module, &error)) {
    vm_disasm_write(module, ignore, &written);
    vm_disasm_write_reference(module, ignore, &written);
    damage(module, data, size, &scratch);
  } else if (error.memory || error.text_size == 0 || strlen(error.text) != error.text_size) {
    __builtin_trap(); /* the promised scratch must do */
  }
  free(scratch.base);
  return 0;
}
