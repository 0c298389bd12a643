/* SPDX-License-Identifier: BSD-2-Clause */
/* compile - see the header.
 *
 * Parsing and code generation are one pass, as in the reference: of a syntax error
 * and a limit that code generation hits, the one that comes first is reported.
 */
#include "vm/compile/compile.h"

#include "vm/compile/assemble.h"
#include "vm/compile/parser.h"
#include "vm/compile/verify.h"

static void report(const Fault *fault, CompileError *ret_error) {
  static const char no_memory[] = "not enough memory";
  *ret_error = (CompileError){
      .memory = fault->memory, .text = fault->text, .text_size = fault->size, .line = fault->line};
  if (!fault->memory) return;
  ret_error->text = no_memory;
  ret_error->text_size = sizeof no_memory - 1;
}

/* Parses and generates; on failure parser->lexer.fault says why. */
static bool compile(Parser *parser, const CompileText *text, Scratch *scratch) {
  *parser = (Parser){.levels = text->levels, .region = {.scratch = scratch}};
  vm_generator_init(&parser->generator, &parser->region);
  vm_lexer_init(&parser->lexer, &parser->region, text->source, text->size, text->terminated);
  parser->lexer.chunk_name = text->chunk_name;
  parser->lexer.chunk_name_size = text->chunk_name_size;
  vm_parser_run(parser);
  vm_generator_finish(&parser->generator);
  return !parser->lexer.fault.raised;
}

static Module *make_module(const CompileText *text, Scratch *scratch, CompileError *ret_error) {
  Parser parser;
  Module *module = NULL;
  if (compile(&parser, text, scratch)) {
    module = vm_assemble_module(&parser.generator, parser.first_function, parser.function_count,
                                text->chunk_name, text->chunk_name_size);
    if (!module) vm_lexer_raise_memory(&parser.lexer);
  }
  if (!module) report(&parser.lexer.fault, ret_error);
  return module;
}

/* Leaves no more of the scratch than a text may use; the module has its name. */
static void bound_scratch(Scratch *scratch, const CompileText *text) {
  size_t room = scratch->size - scratch->used;
  if (text->size > room || text->chunk_name_size > room) return; /* too small anyway */
  uint64_t most = compile_scratch(text->size) + text->chunk_name_size;
  if (room > most) scratch->size = scratch->used + (size_t)most;
}

bool vm_compile_text(const CompileText *text, Scratch *scratch, const Module **ret_module,
                     CompileError *ret_error) {
  VerifyReport verdict;
  size_t whole = scratch->size, start = scratch->used;
  bound_scratch(scratch, text);
  Module *module = make_module(text, scratch, ret_error);
  bool ok = module && vm_verify_module(module, scratch, &verdict);
  scratch->size = whole;
  if (module && !ok) {
    VM_ASSERT(verdict.memory); /* anything else is a bug of the compiler */
    report(&(Fault){.memory = true}, ret_error);
  }
  if (!ok) return false;
  module->compile_units = (uint64_t)text->size * COMPILE_UNITS_PER_BYTE;
  module->scratch = scratch->peak - start + scratch->end_peak;
  *ret_module = module;
  return true;
}

bool vm_compile_source(const char *source, size_t size, const char *chunk_name,
                       size_t chunk_name_size, Scratch *scratch, const Module **ret_module,
                       CompileError *ret_error) {
  const CompileText text = {source, size, chunk_name, chunk_name_size, 0, false};
  return vm_compile_text(&text, scratch, ret_module, ret_error);
}
