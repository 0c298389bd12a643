/* SPDX-License-Identifier: BSD-2-Clause */
/* module - compiled code: what the compiler produces and the loader verifies.
 *
 * A module is one contiguous block without pointers: every reference is a byte
 * offset from its start, so it can be copied, cached and hashed.  It is immutable
 * but for the cache words inside `code`.  It names no heap object: constants are
 * plain data and are interned when the module is instantiated for a run.
 * Layer: vm/compile.
 */
#ifndef VM_COMPILE_MODULE_H
#define VM_COMPILE_MODULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum {
  CONSTANT_NIL,
  CONSTANT_FALSE,
  CONSTANT_TRUE,
  CONSTANT_NUMBER,
  CONSTANT_STRING
} ConstantKind;

typedef struct {
  uint32_t kind;       /* ConstantKind */
  uint32_t order_hash; /* of a string: Redis's hash over all bytes */
  union {
    double number;
    struct {
      uint32_t offset; /* of the bytes, from the module's start; NUL follows them */
      uint32_t length;
    } string;
  } as;
} Constant; /* 16 bytes */

typedef enum {
  CAPTURE_VALUE,     /* the local in register `index`: never assigned again, so copied */
  CAPTURE_REFERENCE, /* the local in register `index`, shared (GETUPR, SETUPR) */
  CAPTURE_UPVALUE,   /* upvalue `index` of the enclosing function, whichever kind */
  CAPTURE_SELF       /* the closure being made (local function f captures f by value) */
} CaptureKind;

typedef struct {
  uint8_t kind;  /* CaptureKind */
  uint8_t index; /* register or upvalue number */
} Capture;

typedef struct {
  uint32_t offset; /* of the bytes, from the module's start; NUL follows them */
  uint32_t length;
} Name;

typedef struct {
  Name name;         /* "(for index)" and the like for hidden ones */
  uint32_t start_pc; /* first word where the local is alive */
  uint32_t end_pc;   /* first word where it is dead */
} LocalInfo;         /* in order of declaration; register numbers follow from it */

enum {
  PROTO_VARARG = 1,      /* declared with "..." */
  PROTO_NEEDS_ARG = 2,   /* 5.1's table `arg` must be built: "..." declared, never used */
  PROTO_HAS_REFERENCE = 4 /* some local is captured by reference: returns must close */
};

typedef struct {
  uint32_t code;           /* offset of code_words words */
  uint32_t code_words;
  uint32_t lines;          /* offset of code_words line numbers (uint32_t) */
  uint32_t constants;      /* offset of constant_count Constants */
  uint32_t constant_count;
  uint32_t captures;       /* offset of upvalue_count Captures */
  uint32_t upvalue_names;  /* offset of upvalue_count Names */
  uint32_t locals;         /* offset of local_count LocalInfos */
  uint32_t local_count;
  uint32_t line_defined;   /* 0 for the main function */
  uint32_t last_line_defined;
  uint32_t parent;         /* index of the enclosing function; 0 for main itself */
  uint8_t upvalue_count;   /* at most 60 */
  uint8_t parameter_count; /* at most 200 */
  uint8_t stack_size;      /* registers used, 2 to 250 */
  uint8_t flags;           /* PROTO_ */
} Proto;

typedef struct {
  uint64_t compile_units; /* price of the compilation, per source byte */
  uint64_t scratch;       /* bytes that compiling took at most */
  uint32_t size;          /* bytes of the whole block; a multiple of 8 */
  uint32_t protos;        /* offset of proto_count Protos; [0] is the main function */
  uint32_t proto_count;
  uint32_t constant_total; /* sum of the protos' constant_count */
  Name chunk_name;         /* "@user_script" */
} Module;

static inline const void *module_at(const Module *module, uint32_t offset) {
  return (const char *)module + offset;
}

static inline const Proto *module_proto(const Module *module, uint32_t index) {
  return (const Proto *)module_at(module, module->protos) + index;
}

#endif
