/* SPDX-License-Identifier: BSD-2-Clause */
/* compile - see the header.
 *
 * The whole source is parsed before code is generated, but the reference does both
 * at once, and reports whichever error comes first in the source.  So after a
 * syntax error what was parsed is generated too, to see whether it hits a limit;
 * and a limit is reported by parsing again up to the node that hit it, where the
 * current token and line are those of the reference.
 */
#include "vm/compile/compile.h"

#include "vm/compile/assemble.h"
#include "vm/compile/generator.h"
#include "vm/compile/parser.h"
#include "vm/compile/verify.h"

typedef struct {
  const char *source, *chunk_name;
  size_t size, chunk_name_size;
  unsigned levels;
} Request;

static void parse(Parser *parser, const Request *request, Scratch *scratch, uint64_t stop_at,
                  Refusal refusal) {
  *parser = (Parser){.levels = request->levels, .refusal = refusal};
  vm_tree_init(&parser->tree, scratch, stop_at);
  vm_lexer_init(&parser->lexer, scratch, request->source, request->size);
  parser->lexer.chunk_name = request->chunk_name;
  parser->lexer.chunk_name_size = request->chunk_name_size;
  vm_parser_run(parser);
}

static void report(const Fault *fault, CompileError *ret_error) {
  static const char no_memory[] = "not enough memory";
  *ret_error = (CompileError){
      .memory = fault->memory, .text = fault->text, .text_size = fault->size, .line = fault->line};
  if (!fault->memory) return;
  ret_error->text = no_memory;
  ret_error->text_size = sizeof no_memory - 1;
}

/* Parses and generates; on failure parser->lexer.fault says why. */
static bool compile(Parser *parser, const Request *request, Scratch *scratch) {
  size_t start = scratch->used;
  uint64_t node = 0;
  Refusal refusal = {0};
  parse(parser, request, scratch, UINT64_MAX, (Refusal){0});
  if (parser->lexer.fault.memory) return false;
  switch (vm_generator_run(parser, &node, &refusal)) {
    case GENERATED: break;
    case GENERATE_MEMORY: vm_lexer_raise_memory(&parser->lexer); break;
    case GENERATE_REFUSED:
      scratch->used = start;
      parse(parser, request, scratch, node, refusal);
      VM_ASSERT(parser->lexer.fault.raised);
      break;
  }
  return !parser->lexer.fault.raised;
}

static Module *make_module(const Request *request, Scratch *scratch, CompileError *ret_error) {
  /* At the scratch's start: no Ref is 0. */
  Parser *parser = scratch_take(scratch, sizeof *parser);
  Module *module = NULL;
  if (!parser) {
    report(&(Fault){.memory = true}, ret_error);
    return NULL;
  }
  if (compile(parser, request, scratch)) {
    module = vm_assemble_module(parser, request->chunk_name, request->chunk_name_size);
    if (!module) vm_lexer_raise_memory(&parser->lexer);
  }
  if (!module) report(&parser->lexer.fault, ret_error);
  return module;
}

/* Leaves no more of the scratch than a source of `size` bytes may use. */
static void bound_scratch(Scratch *scratch, size_t size) {
  size_t room = scratch->size - scratch->used;
  if (size > room) return; /* too small anyway */
  uint64_t most = compile_scratch(size);
  if (room > most) scratch->size = scratch->used + (size_t)most;
}

bool vm_compile_source_nested(const char *source, size_t size, const char *chunk_name,
                              size_t chunk_name_size, unsigned levels, Scratch *scratch,
                              const Module **ret_module, CompileError *ret_error) {
  Request request = {source, chunk_name, size, chunk_name_size, levels};
  VerifyReport verdict;
  size_t whole = scratch->size;
  bound_scratch(scratch, size);
  Module *module = make_module(&request, scratch, ret_error);
  bool ok = module && vm_verify_module(module, scratch, &verdict);
  scratch->size = whole;
  if (module && !ok) {
    VM_ASSERT(verdict.memory); /* anything else is a bug of the compiler */
    report(&(Fault){.memory = true}, ret_error);
  }
  if (!ok) return false;
  module->compile_units = (uint64_t)size * COMPILE_UNITS_PER_BYTE;
  *ret_module = module;
  return true;
}

bool vm_compile_source(const char *source, size_t size, const char *chunk_name,
                       size_t chunk_name_size, Scratch *scratch, const Module **ret_module,
                       CompileError *ret_error) {
  return vm_compile_source_nested(source, size, chunk_name, chunk_name_size, 0, scratch, ret_module,
                                  ret_error);
}
