/* SPDX-License-Identifier: BSD-2-Clause */
/* persist - saving code beside the keys, and loading it back.
 *
 * Saving may happen in a child of the server, which only reads memory.  Loading
 * runs every library in a worker; what cannot be loaded ends the load of the file,
 * as it does in Redis.  A full synchronisation may come while a script runs and the
 * server serves others: its libraries wait until the script has ended.
 */
#include "tools/module/persist.h"

#include <stdlib.h>

#include "tools/module/adopt.h"
#include "tools/module/library.h"
#include "tools/module/payload.h"
#include "tools/module/registry.h"
#include "tools/module/state.h"

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

/* Codes that wait, in the form of FUNCTION DUMP. */
static PayloadWriter waiting;

static void drop_waiting(void) {
  free(waiting.data);
  waiting = (PayloadWriter){.data = NULL};
}

static bool add_code(Registry *registry, FsbBytes code) {
  char error[LIBRARY_ERROR_BYTES];
  if (module_library_add(NULL, registry, code, false, true, error)) return true;
  rm.Log(NULL, "warning", "a function library of the file: %s", error);
  return false;
}

static bool load_one(RedisIo *io, Registry *registry) {
  size_t size;
  char *code = rm.LoadStringBuffer(io, &size);
  bool is_done = false;
  if (code == NULL || rm.IsIOError(io)) return false;
  if (module_state.run != NULL) {
    module_payload_put(&waiting, (FsbBytes){code, size});
    is_done = !waiting.has_failed;
  } else {
    is_done = add_code(registry, (FsbBytes){code, size});
  }
  rm.Free(code);
  return is_done;
}

void module_persist_tend(void) {
  Registry next = {.libraries = NULL};
  const char *problem;
  char *code;
  size_t size;
  if (waiting.size == 0) return;
  module_payload_finish(&waiting);
  PayloadReader reader = module_payload_read((FsbBytes){waiting.data, waiting.size});
  while (!waiting.has_failed && module_payload_next(&reader, &code, &size, &problem)) {
    (void)add_code(&next, (FsbBytes){code, size});
    free(code);
  }
  module_registry_replace(&next);
  drop_waiting();
}

static int load(RedisIo *io, int version, int when) {
  Registry next = {.libraries = NULL};
  (void)when;
  if (version != FORMAT) return REDIS_ERR;
  drop_waiting();
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
  if (subevent != REDIS_LOADING_ENDED) drop_waiting();
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
