/* SPDX-License-Identifier: BSD-2-Clause */
/* function - calling functions, and changing the set of libraries.
 *
 * A change is replicated as the command that the client sent, so that a replica
 * without the module takes it too.  An append-only file gets it as sandbox.run:
 * nothing filters what is loaded from there.  What belongs to a tenant of a policy goes
 * everywhere as `sandbox.run library-of TENANT`, as only the module knows of tenants.
 */
#include "tools/module/function.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/module/caller.h"
#include "tools/module/command.h"
#include "tools/module/eval.h"
#include "tools/module/library.h"
#include "tools/module/payload.h"
#include "tools/module/registry.h"
#include "tools/module/reply.h"
#include "tools/module/run.h"
#include "tools/module/state.h"

static FsbBytes bytes_of(const RedisString *string) {
  FsbBytes bytes;
  bytes.data = rm.StringPtrLen(string, &bytes.size);
  return bytes;
}

static bool is_word(const RedisString *string, const char *word) {
  return module_command_is(bytes_of(string), word);
}

/* --- Whose libraries --- */

/* Set while a master's or a file's word about a tenant's libraries is obeyed. */
static Tenant *obeyed;

static Tenant *owner_of(RedisCtx *ctx) {
  Caller caller;
  if (obeyed != NULL) return obeyed;
  module_caller_find(ctx, &caller);
  Tenant *tenant = caller.tenant == NULL ? module_tenant_default() : caller.tenant;
  module_caller_drop(ctx, &caller);
  return tenant;
}

const Registry *module_function_registry(RedisCtx *ctx) {
  return &owner_of(ctx)->libraries;
}

int module_function_obey(RedisCtx *ctx, Tenant *owner, RouteHandler handler, RedisString **argv,
                         int argc) {
  obeyed = owner;
  int status = handler(ctx, argv, argc);
  obeyed = NULL;
  return status;
}

/* --- Calling --- */

/* With a policy it depends on the caller which function is meant.  Servers before 7.2 do not tell
 * a filter who calls: there each call of the function is checked, not the function. */
VariantId module_function_variant(const Route *route, const Tenant *caller, const RedisString *name) {
  if (caller == NULL && module_tenant_has_policy()) return route->variant;
  const RegistryFunction *function = module_tenant_function(caller, bytes_of(name));
  if (function == NULL) return route->variant;
  return module_eval_choose(function->flags, route->variant == VARIANT_COMPAT_RO);
}

int module_function_call(RedisCtx *ctx, RedisString **argv, int argc) {
  const RegistryFunction *function = module_tenant_function(owner_of(ctx), bytes_of(argv[1]));
  RunOrder order = {
      .is_read_only = is_word(argv[0], "fcall_ro"), .is_kept = true, .argv = argv, .argc = argc};
  if (function == NULL) return module_reply_fail(ctx, "Function not found");
  if (!module_eval_keys(ctx, argv, argc, "ERR Bad number of keys provided", &order.key_count))
    return REDIS_OK;
  order.flags = function->flags | (unsigned)FSB_SCRIPT_HAS_SHEBANG;
  order.function = (FsbBytes){function->name, function->name_size};
  order.library = fsb_library_ref(function->library);
  fsb_result_free(module_run_script(ctx, &order, argv + 3, (size_t)argc - 3));
  fsb_library_unref(order.library);
  return REDIS_OK;
}

/* --- Replicating a change --- */

static void replicate(RedisCtx *ctx, const Tenant *owner, const char *variant, RedisString **argv,
                      int argc) {
  size_t rest = (size_t)argc - 1;
  if (owner != module_tenant_default()) {
    const char *of = module_route_variant(VARIANT_LIBRARY_OF)->name;
    (void)rm.Replicate(ctx, ROUTE_COMMAND, "cccv", of, owner->name, "FUNCTION", argv + 1, rest);
    return;
  }
  (void)rm.Replicate(ctx, ROUTE_COMMAND, "Rccv", variant, "FUNCTION", argv + 1, rest);
  if (rm.Replicate(ctx, "FUNCTION", "Av", argv + 1, rest) != REDIS_OK)
    (void)rm.Replicate(ctx, ROUTE_COMMAND, "Accv", variant, "FUNCTION", argv + 1, rest);
}

/* Puts the new set in force. */
static void change(RedisCtx *ctx, Tenant *owner, Registry *next, VariantId variant,
                   RedisString **argv, int argc) {
  module_registry_replace(&owner->libraries, next);
  replicate(ctx, owner, module_route_variant(variant)->name, argv, argc);
}

/* A master, or a file, has it already: it must not fail for want of time. */
static bool is_obeyed(RedisCtx *ctx) {
  return rm.GetClientId(ctx) == REDIS_AOF_CLIENT ||
         (rm.GetContextFlags(ctx) & REDIS_CTX_REPLICATED) != 0;
}

/* --- FUNCTION LOAD [REPLACE] code --- */

int module_function_load(RedisCtx *ctx, RedisString **argv, int argc) {
  char error[LIBRARY_ERROR_BYTES], name[FSB_LIBRARY_NAME_BYTES];
  bool replaces = false;
  FsbError problem;
  Registry next;
  for (int i = 2; i < argc - 1; i++) {
    if (!is_word(argv[i], "replace"))
      return module_reply_fail(ctx, "Unknown option given: %.400s", bytes_of(argv[i]).data);
    replaces = true;
  }
  FsbBytes code = bytes_of(argv[argc - 1]);
  Tenant *owner = owner_of(ctx);
  if (!module_registry_copy(&owner->libraries, &next))
    return module_reply_fail(ctx, "out of memory");
  if (!module_library_add(ctx, &next, code, replaces, is_obeyed(ctx), error)) {
    module_registry_free(&next);
    return rm.ReplyWithError(ctx, error);
  }
  change(ctx, owner, &next, VARIANT_LIBRARY, argv, argc);
  (void)fsb_library_read_name(code, name, &problem);
  return rm.ReplyWithStringBuffer(ctx, name, strlen(name));
}

/* --- FUNCTION DELETE, FLUSH --- */

int module_function_delete(RedisCtx *ctx, RedisString **argv, int argc) {
  Registry next;
  Tenant *owner = owner_of(ctx);
  if (module_registry_library(&owner->libraries, bytes_of(argv[2])) == NULL)
    return module_reply_fail(ctx, "Library not found");
  if (!module_registry_copy(&owner->libraries, &next))
    return module_reply_fail(ctx, "out of memory");
  (void)module_registry_remove(&next, bytes_of(argv[2]));
  change(ctx, owner, &next, VARIANT_LIBRARY_FREE, argv, argc);
  return rm.ReplyWithSimpleString(ctx, "OK");
}

int module_function_flush(RedisCtx *ctx, RedisString **argv, int argc) {
  Registry none = {.libraries = NULL};
  if (argc == 3 && !is_word(argv[2], "sync") && !is_word(argv[2], "async"))
    return module_reply_fail(ctx, "FUNCTION FLUSH only supports SYNC|ASYNC option");
  change(ctx, owner_of(ctx), &none, VARIANT_LIBRARY_FREE, argv, argc);
  return rm.ReplyWithSimpleString(ctx, "OK");
}

/* --- FUNCTION DUMP, RESTORE --- */

int module_function_dump(RedisCtx *ctx, RedisString **argv, int argc) {
  const Registry *registry = module_function_registry(ctx);
  PayloadWriter writer = {.data = NULL};
  (void)argv;
  (void)argc;
  for (size_t i = 0; i < registry->library_count; i++)
    module_payload_put(&writer, fsb_library_code(registry->libraries[i]));
  module_payload_finish(&writer);
  int status = writer.has_failed ? module_reply_fail(ctx, "out of memory")
                                 : rm.ReplyWithStringBuffer(ctx, writer.data, writer.size);
  free(writer.data);
  return status;
}

/* Loads every library of a payload into `registry`, which is empty. */
static bool load_payload(RedisCtx *ctx, FsbBytes payload, Registry *registry,
                         char error[LIBRARY_ERROR_BYTES]) {
  PayloadReader reader = module_payload_read(payload);
  const char *problem;
  char *code;
  size_t size;
  while (module_payload_next(&reader, &code, &size, &problem)) {
    bool is_added =
        module_library_add(ctx, registry, (FsbBytes){code, size}, false, true, error);
    free(code);
    if (!is_added) return false;
  }
  if (problem == NULL) return true;
  (void)snprintf(error, LIBRARY_ERROR_BYTES, "ERR %s", problem);
  return false;
}

/* Puts those of `from` into `to`. */
static bool join(Registry *to, const Registry *from, bool replaces,
                 char error[LIBRARY_ERROR_BYTES]) {
  for (size_t i = 0; i < from->library_count; i++) {
    const char *text = fsb_library_name(from->libraries[i]);
    FsbBytes name = {text, strlen(text)};
    bool is_there = module_registry_library(to, name) != NULL;
    if (is_there && !replaces) {
      (void)snprintf(error, LIBRARY_ERROR_BYTES, "ERR Library %s already exists", text);
      return false;
    }
    if (is_there) (void)module_registry_remove(to, name);
  }
  for (size_t i = 0; i < from->library_count; i++)
    if (!module_registry_add(to, from->libraries[i], error)) return false;
  return true;
}

typedef enum { RESTORE_APPEND, RESTORE_REPLACE, RESTORE_FLUSH } RestorePolicy;

static bool read_policy(RedisString **argv, int argc, RestorePolicy *ret_policy) {
  *ret_policy = RESTORE_APPEND;
  if (argc < 4 || is_word(argv[3], "append")) return true;
  *ret_policy = is_word(argv[3], "replace") ? RESTORE_REPLACE : RESTORE_FLUSH;
  return is_word(argv[3], "replace") || is_word(argv[3], "flush");
}

int module_function_restore(RedisCtx *ctx, RedisString **argv, int argc) {
  char error[LIBRARY_ERROR_BYTES] = "ERR out of memory";
  Registry loaded = {.libraries = NULL}, next = {.libraries = NULL};
  RestorePolicy policy;
  FsbBytes payload = bytes_of(argv[2]);
  Tenant *owner = owner_of(ctx);
  if (!read_policy(argv, argc, &policy))
    return module_reply_fail(
        ctx, "Wrong restore policy given, value should be either FLUSH, APPEND or REPLACE.");
  if (!module_payload_is_whole(payload, module_library_rdb_version()))
    return module_reply_fail(ctx, "DUMP payload version or checksum are wrong");
  bool is_done = load_payload(ctx, payload, &loaded, error);
  if (is_done && policy != RESTORE_FLUSH)
    is_done = module_registry_copy(&owner->libraries, &next);
  is_done = is_done && join(&next, &loaded, policy == RESTORE_REPLACE, error);
  if (is_done) change(ctx, owner, &next, VARIANT_LIBRARY, argv, argc);
  module_registry_free(&loaded);
  module_registry_free(&next);
  return is_done ? rm.ReplyWithSimpleString(ctx, "OK") : rm.ReplyWithError(ctx, error);
}

/* --- FUNCTION KILL, STATS --- */

int module_function_kill(RedisCtx *ctx, RedisString **argv, int argc) {
  (void)argv;
  (void)argc;
  return module_run_kill(ctx, false);
}

int module_function_stats(RedisCtx *ctx, RedisString **argv, int argc) {
  const Registry *registry = module_function_registry(ctx);
  (void)argv;
  (void)argc;
  if (!module_run_may_tell(ctx)) return REDIS_OK;
  (void)rm.ReplyWithMap(ctx, 2);
  (void)module_reply_text(ctx, "running_script");
  module_run_tell(ctx);
  (void)module_reply_text(ctx, "engines");
  (void)rm.ReplyWithMap(ctx, 1);
  (void)module_reply_text(ctx, "LUA");
  (void)rm.ReplyWithMap(ctx, 2);
  (void)module_reply_text(ctx, "libraries_count");
  (void)rm.ReplyWithLongLong(ctx, (long long)registry->library_count);
  (void)module_reply_text(ctx, "functions_count");
  return rm.ReplyWithLongLong(ctx, (long long)registry->function_count);
}
