/* SPDX-License-Identifier: BSD-2-Clause */
/* compiling - a scratch and a compiler call for the compiler's tests. */
#ifndef TESTS_VM_COMPILING_H
#define TESTS_VM_COMPILING_H

#include <check.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vm/compile/compile.h"
#include "vm/compile/opcode.h"
#include "vm/inspect/disasm.h"

static Scratch scratch;
static CompileError error;

static void open_scratch(size_t size) {
  free(scratch.base);
  scratch = (Scratch){.base = calloc(1, size), .size = size};
  ck_assert_ptr_nonnull(scratch.base);
}

static inline void open_large_scratch(void) { open_scratch((size_t)64 << 20); }

static inline void close_scratch(void) {
  free(scratch.base);
  scratch = (Scratch){0};
}

/* Compiles bytes as chunk "@user_script"; NULL on an error, which is in `error`. */
static const Module *compile_bytes(const char *source, size_t size) {
  const Module *module = NULL;
  scratch.used = scratch.peak = 0;
  error = (CompileError){0};
  bool ok = vm_compile_source(source, size, "@user_script", 12, &scratch, &module, &error);
  return ok ? module : NULL;
}

static inline const Module *compile_text(const char *source) { return compile_bytes(source, strlen(source)); }

/* The error's text as a C string; "" when the source compiles. */
static inline const char *error_of_bytes(const char *source, size_t size) {
  return compile_bytes(source, size) ? "" : error.text;
}

static inline const char *error_of(const char *source) { return error_of_bytes(source, strlen(source)); }

static inline const Word *code_of(const Module *module, uint32_t proto) {
  return module_at(module, module_proto(module, proto)->code);
}

static inline const Constant *constants_of(const Module *module, uint32_t proto) {
  return module_at(module, module_proto(module, proto)->constants);
}

/* Whether a function holds an instruction. */
static inline bool has_op(const Module *module, uint32_t proto, Opcode op) {
  const Proto *p = module_proto(module, proto);
  const Word *code = code_of(module, proto);
  for (uint32_t pc = 0; pc < p->code_words; pc += 1u + vm_opcode_info[word_op(code[pc])].extra)
    if (word_op(code[pc]) == op) return true;
  return false;
}

/* `count` copies of `unit` between `head` and `tail`; the caller frees it. */
static inline char *repeat(const char *head, const char *unit, size_t count, const char *tail) {
  size_t h = strlen(head), u = strlen(unit), t = strlen(tail);
  char *text = malloc(h + u * count + t + 1);
  memcpy(text, head, h);
  for (size_t i = 0; i < count; i++) memcpy(text + h + i * u, unit, u);
  memcpy(text + h + u * count, tail, t + 1);
  return text;
}

#endif
