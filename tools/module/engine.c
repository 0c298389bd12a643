/* SPDX-License-Identifier: BSD-2-Clause */
/* engine - compiling, calling and freeing at the server's word.
 *
 * The server asks for a compilation without saying for whom, so texts are tried in
 * workers that run nobody's scripts: one for all scripts, since all it says is whether
 * a text compiles, and a fresh one for each library, since it says what is in it.  When
 * it is called, each user's own worker compiles for itself.
 */
#include "tools/module/engine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/module/engine_abi.h"
#include "tools/module/log.h"
#include "tools/module/reply.h"
#include "tools/module/run.h"
#include "tools/module/state.h"

#define ENGINE_NAME "LUA"
/* The server keeps the first line to itself; what is behind it begins with its line end. */
#define FIRST_LINE "#!lua name=library"

/* What the server's function refers to. */
typedef struct {
  FsbLibrary *library; /* NULL: a script */
  FsbBytes name;       /* of a function; belongs to `library` */
  FsbBytes source;     /* of a script; stands behind this struct */
  unsigned generation; /* of what is counted in `kept` */
} Compiled;

/* What the server holds of scripts and of functions.  A flush may free it later, on another
 * thread: what was there before belongs to a generation that no longer counts. */
static struct {
  size_t bytes;
  unsigned generation;
} kept[ENGINE_ALL];

/* --- Errors --- */

/* The server puts "ERR " in front, unless the text brings a code of its own. */
static void explain(FsbBytes error, RedisString **ret_error) {
  if (error.size > 4 && memcmp(error.data, "ERR ", 4) == 0) {
    *ret_error = rm.CreateString(NULL, error.data + 4, error.size - 4);
    return;
  }
  char *text = malloc(error.size + 1);
  if (text == NULL) {
    *ret_error = rm.CreateString(NULL, "out of memory", 13);
    return;
  }
  text[0] = '-';
  if (error.size != 0) memcpy(text + 1, error.data, error.size);
  *ret_error = rm.CreateString(NULL, text, error.size + 1);
  free(text);
}

static void explain_text(const char *text, RedisString **ret_error) {
  *ret_error = rm.CreateString(NULL, text, strlen(text));
}

/* What the server looks at itself, too, it tells without saying who registered what. */
static void explain_load(FsbBytes error, RedisString **ret_error) {
  static const char begin[] = "ERR Error registering functions: ERR ";
  static const char *const own[] = {"Function names can only contain",
                                    "Function already exists in the library"};
  const size_t length = sizeof begin - 1;
  bool has_begin = error.size > length && memcmp(error.data, begin, length) == 0;
  FsbBytes rest = {error.data + length, error.size - length};
  for (size_t i = 0; has_begin && i < sizeof own / sizeof own[0]; i++) {
    if (rest.size < strlen(own[i]) || memcmp(rest.data, own[i], strlen(own[i])) != 0) continue;
    *ret_error = rm.CreateString(NULL, rest.data, rest.size);
    return;
  }
  explain(error, ret_error);
}

/* --- What the server keeps --- */

static size_t size_of(const Compiled *compiled) {
  return sizeof *compiled + compiled->source.size;
}

static EngineKind kind_of(const Compiled *compiled) {
  return compiled->library == NULL ? ENGINE_EVAL : ENGINE_FUNCTION;
}

static FsbLibrary *hold(FsbLibrary *library) {
  return library == NULL ? NULL : fsb_library_ref(library);
}

static Compiled *make_compiled(FsbLibrary *library, FsbBytes name, FsbBytes source) {
  Compiled *compiled = rm.Alloc(sizeof *compiled + source.size);
  *compiled = (Compiled){.library = hold(library),
                         .name = name,
                         .source = {(char *)(compiled + 1), source.size}};
  if (source.size != 0) memcpy(compiled + 1, source.data, source.size);
  compiled->generation = kept[kind_of(compiled)].generation;
  kept[kind_of(compiled)].bytes += size_of(compiled);
  return compiled;
}

/* The same bits, but for one that the server has elsewhere. */
static uint64_t flags_of(unsigned flags) {
  uint64_t same = flags & (FSB_SCRIPT_NO_WRITES | FSB_SCRIPT_ALLOW_OOM | FSB_SCRIPT_ALLOW_STALE |
                           FSB_SCRIPT_NO_CLUSTER);
  return (flags & FSB_SCRIPT_ALLOW_CROSS_SLOT) != 0 ? same | ENGINE_ALLOW_CROSS_SLOT : same;
}

static RedisString *string_of(FsbBytes bytes) {
  return rm.CreateString(NULL, bytes.data, bytes.size);
}

static EngineFunction *make_function(FsbLibrary *library, const FsbFunction *from,
                                     FsbBytes source) {
  EngineFunction *function = rm.Alloc(sizeof *function);
  *function = (EngineFunction){.version = 1};
  function->function = make_compiled(library, from->name, source);
  if (library == NULL) return function;
  function->name = string_of(from->name);
  if (from->has_description) function->description = string_of(from->description);
  function->flags = flags_of(from->flags);
  return function;
}

static void free_function(RedisCtx *ctx, void *engine, EngineKind kind, EngineFunction *function) {
  Compiled *compiled = function->function;
  (void)ctx;
  (void)engine;
  (void)kind;
  if (compiled->generation == kept[kind_of(compiled)].generation)
    kept[kind_of(compiled)].bytes -= size_of(compiled);
  fsb_library_unref(compiled->library);
  rm.Free(compiled);
  if (function->name != NULL) rm.FreeString(NULL, function->name);
  if (function->description != NULL) rm.FreeString(NULL, function->description);
  rm.Free(function);
}

static size_t tell_function_memory(RedisCtx *ctx, EngineFunction *function) {
  (void)ctx;
  return sizeof *function + size_of(function->function);
}

/* --- Compiling --- */

static FsbRequest request_of(FsbBytes principal, FsbBytes source) {
  FsbRequest request = FSB_REQUEST_INIT;
  request.principal = principal;
  request.source = source;
  request.limits = module_state.limits;
  return request;
}

static EngineFunction **compile_script(FsbBytes source, size_t *ret_count,
                                       RedisString **ret_error) {
  static const char compiler[] = "\0compiler";
  FsbRequest request = request_of((FsbBytes){compiler, sizeof compiler - 1}, source);
  FsbFunction none = {.flags = 0};
  request.compile_only = true;
  FsbResult *result = fsb_run(module_state.pool, &request);
  EngineFunction **functions = NULL;
  if (fsb_result_code(result) == 0) {
    functions = rm.Alloc(sizeof *functions);
    functions[0] = make_function(NULL, &none, source);
    *ret_count = 1;
  } else {
    explain(fsb_result_error(result), ret_error);
  }
  fsb_result_free(result);
  return functions;
}

static EngineFunction **list_functions(FsbLibrary *library, size_t *ret_count) {
  FsbFunction function;
  size_t count = 0;
  while (fsb_library_function(library, count, &function)) count++;
  EngineFunction **functions = rm.Alloc((count + 1) * sizeof *functions);
  for (size_t i = 0; fsb_library_function(library, i, &function); i++)
    functions[i] = make_function(library, &function, (FsbBytes){NULL, 0});
  *ret_count = count;
  return functions;
}

static void take_log(void *context, int level, FsbBytes text) {
  module_log_script(context, NULL, level, text);
}

static FsbResult *load_once(RedisCtx *ctx, FsbBytes source, uint64_t timeout,
                            FsbLibrary **ret_library) {
  static unsigned long long loads;
  char loader[32];
  int size = snprintf(loader, sizeof loader, "%cloader %llu", '\0', ++loads);
  FsbRequest request = request_of((FsbBytes){loader, (size_t)size}, source);
  FsbHost host = {.context = ctx, .log = take_log};
  request.host = &host;
  request.timeout = timeout;
  return fsb_library_load(module_state.pool, &request, ret_library);
}

static bool has_timed_out(const FsbResult *result) {
  return strcmp(fsb_code_label(fsb_result_code(result)), "timeout") == 0;
}

/* The server's patience is for what the code does: a worker that got no processor in that
 * time gets another chance. */
static FsbResult *load_patiently(RedisCtx *ctx, FsbBytes source, uint64_t timeout,
                                 FsbLibrary **ret_library) {
  enum { LONGER = 20 };
  FsbResult *result = load_once(ctx, source, timeout, ret_library);
  if (!has_timed_out(result) || fsb_result_usage(result)->own_cpu_ns > timeout / 2) return result;
  fsb_result_free(result);
  return load_once(ctx, source, timeout * LONGER, ret_library);
}

static EngineFunction **load_library(RedisCtx *ctx, FsbBytes source, size_t timeout,
                                     size_t *ret_count, RedisString **ret_error) {
  FsbLibrary *library = NULL;
  FsbResult *result =
      load_patiently(ctx, source, (uint64_t)timeout * UINT64_C(1000000), &library);
  EngineFunction **functions = NULL;
  if (library != NULL)
    functions = list_functions(library, ret_count);
  else if (has_timed_out(result))
    explain_text("Error registering functions: ERR FUNCTION LOAD timeout", ret_error);
  else
    explain_load(fsb_result_error(result), ret_error);
  fsb_library_unref(library);
  fsb_result_free(result);
  return functions;
}

static EngineFunction **compile_library(RedisCtx *ctx, FsbBytes code, size_t timeout,
                                        size_t *ret_count, RedisString **ret_error) {
  const size_t line = sizeof FIRST_LINE - 1;
  char *source = malloc(line + code.size);
  if (source == NULL) {
    explain_text("out of memory", ret_error);
    return NULL;
  }
  memcpy(source, FIRST_LINE, line);
  if (code.size != 0) memcpy(source + line, code.data, code.size);
  EngineFunction **functions =
      load_library(ctx, (FsbBytes){source, line + code.size}, timeout, ret_count, ret_error);
  free(source);
  return functions;
}

static EngineFunction **compile(RedisCtx *ctx, void *engine, EngineKind kind, const char *code,
                                size_t size, size_t timeout, size_t *ret_count,
                                RedisString **ret_error) {
  FsbBytes source = {code, size};
  (void)engine;
  /* Reached while the server serves others: the pool is not ours to use. */
  if (module_state.run != NULL) {
    explain_text("-BUSY a script is running", ret_error);
    return NULL;
  }
  if (kind == ENGINE_EVAL) return compile_script(source, ret_count, ret_error);
  return compile_library(ctx, source, timeout, ret_count, ret_error);
}

/* --- Calling --- */

static void call(RedisCtx *ctx, void *engine, void *run, EngineFunction *function,
                 EngineKind kind, RedisString **keys, size_t key_count, RedisString **args,
                 size_t arg_count) {
  const Compiled *compiled = function->function;
  RedisString **words = malloc((key_count + arg_count + 1) * sizeof(RedisString *));
  RunOrder order = {.source = compiled->source,
                    .library = compiled->library,
                    .function = compiled->name,
                    .key_count = key_count,
                    .is_eval = kind == ENGINE_EVAL,
                    .server_run = run};
  (void)engine;
  if (words == NULL) {
    (void)rm.ReplyWithError(ctx, "INTERNAL out of memory");
    return;
  }
  if (key_count != 0) memcpy(words, keys, key_count * sizeof(RedisString *));
  if (arg_count != 0) memcpy(words + key_count, args, arg_count * sizeof(RedisString *));
  /* The server may free the function while it serves others. */
  FsbLibrary *library = hold(compiled->library);
  char *source = malloc(compiled->source.size + 1);
  if (source != NULL) {
    memcpy(source, compiled->source.data, compiled->source.size);
    order.source.data = source;
    fsb_result_free(module_run_script(ctx, &order, words, key_count + arg_count));
  } else {
    (void)rm.ReplyWithError(ctx, "INTERNAL out of memory");
  }
  fsb_library_unref(library);
  free(source);
  free(words);
}

/* --- Reports --- */

/* No state outlives a run. */
static void *reset(RedisCtx *ctx, void *engine, EngineKind kind, int later) {
  (void)ctx;
  (void)engine;
  (void)later;
  if (kind >= ENGINE_ALL) return NULL;
  kept[kind].generation++;
  kept[kind].bytes = 0;
  return NULL;
}

static EngineMemory tell_memory(RedisCtx *ctx, void *engine, EngineKind kind) {
  EngineMemory memory = {.version = 1, .overhead = sizeof module_state};
  (void)ctx;
  (void)engine;
  if (kind != ENGINE_FUNCTION) memory.used += kept[ENGINE_EVAL].bytes;
  if (kind != ENGINE_EVAL) memory.used += kept[ENGINE_FUNCTION].bytes;
  return memory;
}

/* --- Registering --- */

bool module_engine_register(RedisCtx *ctx) {
  static EngineMethods methods = {.compile = compile,
                                  .free_function = free_function,
                                  .call = call,
                                  .function_memory = tell_function_memory,
                                  .reset = reset,
                                  .memory = tell_memory};
  if (rm.RegisterScriptingEngine == NULL || rm.GetFunctionExecutionState == NULL ||
      rm.UnregisterScriptingEngine == NULL || rm.Alloc == NULL)
    return false;
  for (methods.version = ENGINE_ABI_NEWEST; methods.version >= ENGINE_ABI_OLDEST; methods.version--)
    if (rm.RegisterScriptingEngine(ctx, ENGINE_NAME, &module_state, &methods) == REDIS_OK)
      return true;
  return false;
}

bool module_engine_remove(RedisCtx *ctx) {
  return rm.UnregisterScriptingEngine(ctx, ENGINE_NAME) == REDIS_OK;
}
