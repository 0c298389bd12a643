/* SPDX-License-Identifier: BSD-2-Clause */
/* function_list - FUNCTION LIST [LIBRARYNAME pattern] [WITHCODE]. */
#include <string.h>

#include "policy/script_flags.h"
#include "tools/module/command.h"
#include "tools/module/function.h"
#include "tools/module/glob.h"
#include "tools/module/reply.h"

typedef struct {
  bool has_pattern, with_code;
  FsbBytes pattern;
} ListOptions;

static FsbBytes bytes_of(const RedisString *string) {
  FsbBytes bytes;
  bytes.data = rm.StringPtrLen(string, &bytes.size);
  return bytes;
}

/* Returns whether the options are right; otherwise has replied. */
static bool read_options(RedisCtx *ctx, RedisString **argv, int argc, ListOptions *options) {
  for (int i = 2; i < argc; i++) {
    FsbBytes word = bytes_of(argv[i]);
    if (!options->with_code && module_command_is(word, "withcode")) {
      options->with_code = true;
    } else if (!options->has_pattern && module_command_is(word, "libraryname")) {
      if (i == argc - 1) {
        (void)module_reply_fail(ctx, "library name argument was not given");
        return false;
      }
      options->has_pattern = true;
      options->pattern = bytes_of(argv[++i]);
    } else {
      (void)module_reply_fail(ctx, "Unknown argument %.400s", word.data);
      return false;
    }
  }
  return true;
}

static void put_flags(RedisCtx *ctx, unsigned flags) {
  static const struct {
    unsigned bit;
    const char *name;
  } rows[] = {
#define SCRIPT_FLAG(name, bit, text) {bit, text},
#include "policy/script_flags.def"
#undef SCRIPT_FLAG
  };
  long count = 0;
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) count += (flags & rows[i].bit) != 0;
  (void)rm.ReplyWithSet(ctx, count);
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
    if ((flags & rows[i].bit) != 0) (void)rm.ReplyWithSimpleString(ctx, rows[i].name);
}

static void put_function(RedisCtx *ctx, const FsbFunction *function) {
  (void)rm.ReplyWithMap(ctx, 3);
  (void)module_reply_text(ctx, "name");
  (void)rm.ReplyWithStringBuffer(ctx, function->name.data, function->name.size);
  (void)module_reply_text(ctx, "description");
  if (function->has_description)
    (void)rm.ReplyWithStringBuffer(ctx, function->description.data, function->description.size);
  else
    (void)rm.ReplyWithNull(ctx);
  (void)module_reply_text(ctx, "flags");
  put_flags(ctx, function->flags);
}

static void put_library(RedisCtx *ctx, const FsbLibrary *library, bool with_code) {
  FsbFunction function;
  long count = 0;
  while (fsb_library_function(library, (size_t)count, &function)) count++;
  (void)rm.ReplyWithMap(ctx, with_code ? 4 : 3);
  (void)module_reply_text(ctx, "library_name");
  (void)module_reply_text(ctx, fsb_library_name(library));
  (void)module_reply_text(ctx, "engine");
  (void)module_reply_text(ctx, "LUA");
  (void)module_reply_text(ctx, "functions");
  (void)rm.ReplyWithArray(ctx, count);
  for (size_t i = 0; fsb_library_function(library, i, &function); i++) put_function(ctx, &function);
  if (!with_code) return;
  FsbBytes code = fsb_library_code(library);
  (void)module_reply_text(ctx, "library_code");
  (void)rm.ReplyWithStringBuffer(ctx, code.data, code.size);
}

static bool is_asked(const FsbLibrary *library, const ListOptions *options) {
  const char *name = fsb_library_name(library);
  return !options->has_pattern ||
         module_glob_matches(options->pattern, (FsbBytes){name, strlen(name)});
}

int module_function_list(RedisCtx *ctx, RedisString **argv, int argc) {
  const Registry *registry = module_function_registry(ctx);
  ListOptions options = {.with_code = false};
  long count = 0;
  if (!read_options(ctx, argv, argc, &options)) return REDIS_OK;
  for (size_t i = 0; i < registry->library_count; i++)
    count += is_asked(registry->libraries[i], &options);
  (void)rm.ReplyWithArray(ctx, count);
  for (size_t i = 0; i < registry->library_count; i++)
    if (is_asked(registry->libraries[i], &options))
      put_library(ctx, registry->libraries[i], options.with_code);
  return REDIS_OK;
}
