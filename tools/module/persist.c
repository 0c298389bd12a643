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
#include <string.h>

#include "tools/module/adopt.h"
#include "tools/module/library.h"
#include "tools/module/payload.h"
#include "tools/module/state.h"
#include "tools/module/tenant.h"

#define TYPE_NAME "sandboxfn"
/* 1: count, then each code.  2: count, then each owner and code. */
#define FORMAT 2

static void save_tenant(RedisIo *io, const Tenant *tenant) {
  for (size_t i = 0; i < tenant->libraries.library_count; i++) {
    FsbBytes code = fsb_library_code(tenant->libraries.libraries[i]);
    rm.SaveStringBuffer(io, tenant->name, strlen(tenant->name));
    rm.SaveStringBuffer(io, code.data, code.size);
  }
}

static void save(RedisIo *io, int when) {
  const Tenant *tenant;
  uint64_t count = 0;
  (void)when;
  for (tenant = module_tenant_next(NULL); tenant != NULL; tenant = module_tenant_next(tenant))
    count += tenant->libraries.library_count;
  rm.SaveUnsigned(io, count);
  for (tenant = module_tenant_next(NULL); tenant != NULL; tenant = module_tenant_next(tenant))
    save_tenant(io, tenant);
}

/* --- What was read, until all of it was --- */

typedef struct {
  Tenant *owner;
  Registry libraries;
} Loaded;

typedef struct {
  Loaded *items; /* heap */
  size_t count;
} LoadedList;

static void drop_loaded(LoadedList *list) {
  for (size_t i = 0; i < list->count; i++) module_registry_free(&list->items[i].libraries);
  free(list->items);
  *list = (LoadedList){.items = NULL};
}

/* A file has the libraries of one owner together. */
static Registry *registry_of(LoadedList *list, Tenant *owner) {
  if (list->count != 0 && list->items[list->count - 1].owner == owner)
    return &list->items[list->count - 1].libraries;
  Loaded *larger = realloc(list->items, (list->count + 1) * sizeof *larger);
  if (larger == NULL) return NULL;
  list->items = larger;
  list->items[list->count] = (Loaded){.owner = owner};
  return &list->items[list->count++].libraries;
}

/* What a file does not mention is not there any more. */
static void replace_all(LoadedList *list) {
  Registry none = {.libraries = NULL};
  for (Tenant *tenant = module_tenant_next(NULL); tenant != NULL; tenant = module_tenant_next(tenant))
    module_registry_replace(&tenant->libraries, &none);
  for (size_t i = 0; i < list->count; i++)
    module_registry_replace(&list->items[i].owner->libraries, &list->items[i].libraries);
  drop_loaded(list);
}

static bool add_code(LoadedList *list, FsbBytes owner, FsbBytes code) {
  char error[LIBRARY_ERROR_BYTES] = "ERR out of memory, or no name of a tenant";
  Tenant *tenant = module_tenant_place(owner);
  Registry *registry = tenant == NULL ? NULL : registry_of(list, tenant);
  if (registry != NULL && module_library_add(NULL, registry, code, false, true, error)) return true;
  rm.Log(NULL, "warning", "a function library of the file: %s", error);
  return false;
}

/* --- Waiting --- */

/* Owners and codes that wait, in turn, in the form of FUNCTION DUMP. */
static PayloadWriter waiting;

static void drop_waiting(void) {
  free(waiting.data);
  waiting = (PayloadWriter){.data = NULL};
}

static bool wait_with(FsbBytes owner, FsbBytes code) {
  module_payload_put(&waiting, owner);
  module_payload_put(&waiting, code);
  return !waiting.has_failed;
}

static bool take_waiting(PayloadReader *reader, LoadedList *list) {
  const char *problem;
  char *owner, *code;
  size_t owner_size, code_size;
  if (!module_payload_next(reader, &owner, &owner_size, &problem)) return false;
  bool is_whole = module_payload_next(reader, &code, &code_size, &problem);
  if (is_whole) {
    (void)add_code(list, (FsbBytes){owner, owner_size}, (FsbBytes){code, code_size});
    free(code);
  }
  free(owner);
  return is_whole;
}

void module_persist_tend(void) {
  LoadedList list = {.items = NULL};
  if (waiting.size == 0) return;
  module_payload_finish(&waiting);
  PayloadReader reader = module_payload_read((FsbBytes){waiting.data, waiting.size});
  while (!waiting.has_failed && take_waiting(&reader, &list)) continue;
  replace_all(&list);
  drop_waiting();
}

/* --- Loading --- */

static bool load_one(RedisIo *io, int version, LoadedList *list) {
  const char *standard = module_tenant_default()->name;
  FsbBytes owner = {standard, strlen(standard)}, code = {NULL, 0};
  char *name = version == 1 ? NULL : rm.LoadStringBuffer(io, &owner.size);
  if (name != NULL) owner.data = name;
  char *text = rm.LoadStringBuffer(io, &code.size);
  code.data = text;
  bool is_read = text != NULL && (version == 1 || name != NULL) && !rm.IsIOError(io);
  bool is_done = is_read && (module_state.run != NULL ? wait_with(owner, code) : add_code(list, owner, code));
  if (text != NULL) rm.Free(text);
  if (name != NULL) rm.Free(name);
  return is_done;
}

static int load(RedisIo *io, int version, int when) {
  LoadedList list = {.items = NULL};
  (void)when;
  if (version < 1 || version > FORMAT) return REDIS_ERR;
  drop_waiting();
  uint64_t count = rm.LoadUnsigned(io);
  for (uint64_t i = 0; i < count; i++) {
    if (!rm.IsIOError(io) && load_one(io, version, &list)) continue;
    drop_loaded(&list);
    return REDIS_ERR;
  }
  replace_all(&list);
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
  LoadedList none = {.items = NULL};
  (void)ctx;
  (void)event;
  (void)data;
  if (subevent == REDIS_LOADING_ENDED) module_adopt_notice();
  if (subevent == REDIS_LOADING_RDB_START || subevent == REDIS_LOADING_AOF_START ||
      subevent == REDIS_LOADING_REPL_START)
    replace_all(&none);
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
