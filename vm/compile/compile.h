/* SPDX-License-Identifier: BSD-2-Clause */
/* compile - source text to a verified module.
 *
 * Lexer, recursive-descent parser with an explicit depth limit, which generates code
 * as it goes with the reference compiler's register discipline, verifier.  The
 * compiler touches neither the arena nor the heap: its memory is one Scratch, of
 * which it uses at most COMPILE_SCRATCH_PER_BYTE bytes per source byte plus a
 * constant.  It recurses to a fixed depth only.  Layer: vm/compile.
 */
#ifndef VM_COMPILE_COMPILE_H
#define VM_COMPILE_COMPILE_H

#include <stdbool.h>
#include <stddef.h>

#include "vm/compile/module.h"
#include "vm/memory/scratch.h"

#define COMPILE_UNITS_PER_BYTE 1 /* price of a source byte in budget units */

/* The most scratch that is used: the first for every byte of the source, the second
 * for any source.  Scripts use about 5 a byte; the worst found, functions in functions
 * that all capture as many variables as they may, 110. */
#define COMPILE_SCRATCH_PER_BYTE 160
#define COMPILE_SCRATCH_CONSTANT 65536
#define COMPILE_SCRATCH_MARGIN 64 /* by which the need can differ with the scratch's size */

/* Bytes of scratch with which compiling `size` bytes of source never runs out of it; a long name
 * comes on top. */
static inline uint64_t compile_scratch(size_t size) {
  return COMPILE_SCRATCH_CONSTANT + (uint64_t)size * COMPILE_SCRATCH_PER_BYTE;
}

typedef struct {
  bool memory;      /* the scratch was too small; `text` is "not enough memory" */
  const char *text; /* the message as Lua gives it, in the scratch */
  size_t text_size;
  int line;         /* line in `text`; 0 for exhausted memory */
} CompileError;

typedef struct {
  const char *source; /* any bytes; bytecode is refused as a syntax error */
  size_t size;
  const char *chunk_name; /* by Lua's rule: "@file", "=name" or the source itself */
  size_t chunk_name_size;
  unsigned levels; /* of C that a script which compiles is nested in: so many fewer are left */
  bool terminated; /* source[size] can be read: a source with a NUL there need not be copied */
} CompileText;

/* Compiles a text, which stays as it is meanwhile.  On success the module stands,
 * verified, in the scratch as one block: the caller copies it out.  On failure returns
 * false and fills `ret_error`.  The scratch comes with its peak where its `used` is: what
 * the compilation adds is recorded in the module.  Bytes behind scratch->peak are left as
 * they were, but for up to scratch->end_peak at the scratch's end that are zeroed. */
bool vm_compile_text(const CompileText *text, Scratch *scratch, const Module **ret_module,
                     CompileError *ret_error);

/* The same for a source that nothing else is known of. */
bool vm_compile_source(const char *source, size_t size, const char *chunk_name,
                       size_t chunk_name_size, Scratch *scratch, const Module **ret_module,
                       CompileError *ret_error);

#endif
