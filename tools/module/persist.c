/* SPDX-License-Identifier: BSD-2-Clause */
/* persist - saving code beside the keys, and loading it back.
 *
 * Saving may happen in a child of the server, which only reads memory.  Loading
 * runs every library in a worker; what cannot be loaded ends the load of the file,
 * as it does in Redis.
 */
#include "tools/module/persist.h"

#include "tools/module/adopt.h"
#include "tools/module/library.h"
#include "tools/module/registry.h"

#define TYPE_NAME "sandboxfn"
#define FORMAT 1

static void save(RedisIo *io, int when) {
  const Registry *registry = module_registry_current();
  (void)when;
  rm.SaveUnsigned(io, registry->library_count);
  for (size_t i = 0; i < registry->library_count; i++) {
    FsbBytes code = fsb_library_code(registry->libraries[i]);
    rm.SaveStringBuffer(io, code.data, code.size);
  }
}

static bool load_one(RedisIo *io, Registry *registry) {
  char error[LIBRARY_ERROR_BYTES];
  size_t size;
  char *code = rm.LoadStringBuffer(io, &size);
  if (code == NULL || rm.IsIOError(io)) return false;
  bool is_loaded =
      module_library_add(NULL, registry, (FsbBytes){code, size}, false, true, error);
  rm.Free(code);
  if (!is_loaded) rm.Log(NULL, "warning", "a function library of the file: %s", error);
  return is_loaded;
}

static int load(RedisIo *io, int version, int when) {
  Registry next = {.libraries = NULL};
  (void)when;
  if (version != FORMAT) return REDIS_ERR;
  uint64_t count = rm.LoadUnsigned(io);
  for (uint64_t i = 0; i < count; i++) {
    if (!rm.IsIOError(io) && load_one(io, &next)) continue;
    module_registry_free(&next);
    return REDIS_ERR;
  }
  module_registry_replace(&next);
  return REDIS_OK;
}

/* No value of this type ever exists; the server wants the two functions all the same. */
static void *load_value(RedisIo *io, int version) {
  (void)io;
  (void)version;
  return NULL;
}

static void save_value(RedisIo *io, void *value) {
  (void)io;
  (void)value;
}

/* What a file does not mention is not there any more; what it has for the server's own
 * engine is to be taken over. */
static void watch_loading(RedisCtx *ctx, RedisEvent event, uint64_t subevent, void *data) {
  Registry none = {.libraries = NULL};
  (void)ctx;
  (void)event;
  (void)data;
  if (subevent == REDIS_LOADING_ENDED) module_adopt_notice();
  if (subevent == REDIS_LOADING_RDB_START || subevent == REDIS_LOADING_AOF_START ||
      subevent == REDIS_LOADING_REPL_START)
    module_registry_replace(&none);
}

bool module_persist_register(RedisCtx *ctx) {
  const RedisEvent loading = {REDIS_EVENT_LOADING, 1};
  RedisTypeMethods methods = {.version = REDIS_TYPE_METHODS_VERSION,
                              .rdb_load = load_value,
                              .rdb_save = save_value,
                              .aux_load = load,
                              .aux_save = save,
                              .aux_save_triggers = REDIS_AUX_BEFORE_RDB};
  rm.SetModuleOptions(ctx, REDIS_OPTION_HANDLE_IO_ERRORS);
  return rm.CreateDataType(ctx, TYPE_NAME, FORMAT, &methods) != NULL &&
         rm.SubscribeToServerEvent(ctx, loading, watch_loading) == REDIS_OK;
}
