/* SPDX-License-Identifier: BSD-2-Clause */
/* library - from code to an entry of a registry. */
#include "tools/module/library.h"

#include <stdio.h>
#include <string.h>

#include "policy/codes.h"
#include "tools/module/account.h"
#include "tools/module/admit.h"
#include "tools/module/caller.h"
#include "tools/module/clock.h"
#include "tools/module/log.h"
#include "tools/module/state.h"

/* As Redis: so long may the code of a library run when it is loaded. */
#define LOAD_TIMEOUT UINT64_C(500000000)

static void take_log(void *context, int level, FsbBytes text) {
  module_log_script(module_state.ctx, context, level, text);
}

static void explain(const FsbResult *result, char error[LIBRARY_ERROR_BYTES]) {
  FsbBytes text = fsb_result_error(result);
  if (fsb_result_code(result) == CODE_TIMEOUT)
    (void)snprintf(error, LIBRARY_ERROR_BYTES,
                   "ERR Error registering functions: ERR FUNCTION LOAD timeout");
  else
    (void)snprintf(error, LIBRARY_ERROR_BYTES, "%.*s", (int)text.size, text.data);
}

/* A context, and with it a caller, is there only for a client's command. */
static bool is_admitted(RedisCtx *ctx, const Caller *caller, FsbBytes code, Admission *admission,
                        char error[LIBRARY_ERROR_BYTES]) {
  char text[ADMIT_TEXT_BYTES];
  if (ctx == NULL || (module_admit_script(caller, code, NULL, true, text) &&
                      module_admit_run(ctx, caller, admission, text)))
    return true;
  (void)snprintf(error, LIBRARY_ERROR_BYTES, "%s", text);
  return false;
}

/* Libraries that come from a file or a master are nobody's usage. */
static JournalTicket begin(const RedisCtx *ctx, const Caller *caller, const char *name) {
  LiveRun run = {.id = 0};
  FsbBytes user = {"", 0};
  const Tenant *tenant = caller->tenant == NULL ? module_tenant_default() : caller->tenant;
  if (ctx == NULL) return (JournalTicket){.number = 0};
  if (caller->name != NULL) user.data = rm.StringPtrLen(caller->name, &user.size);
  module_live_name(run.tenant, sizeof run.tenant, (FsbBytes){tenant->name, strlen(tenant->name)});
  module_live_name(run.user, sizeof run.user, user);
  module_live_name(run.script, sizeof run.script, (FsbBytes){name, strlen(name)});
  return module_account_begin(&run, KIND_LOAD);
}

static FsbLibrary *load(RedisCtx *ctx, FsbBytes code, const char *name, bool is_patient,
                        char error[LIBRARY_ERROR_BYTES]) {
  FsbHost host = {.log = take_log};
  FsbRequest request = FSB_REQUEST_INIT;
  FsbLibrary *library = NULL;
  Caller caller = {.principal = {"", 0}};
  Admission admission = {.tenant = NULL};
  /* Reached while the server serves others: the pool is not ours to use. */
  if (module_state.run != NULL) {
    (void)snprintf(error, LIBRARY_ERROR_BYTES, "BUSY Redis is busy running a script.");
    return NULL;
  }
  if (ctx != NULL) module_caller_find(ctx, &caller);
  host.context = caller.tenant;
  request.principal = caller.principal;
  request.source = code;
  request.limits = module_tenant_limits(caller.tenant);
  request.host = &host;
  request.timeout = is_patient ? 0 : LOAD_TIMEOUT;
  if (is_admitted(ctx, &caller, code, &admission, error)) {
    if (admission.tenant != NULL && module_tenant_has_policy()) request.held_since = admission.began;
    JournalTicket ticket = begin(ctx, &caller, name);
    FsbResult *result = fsb_library_load(module_state.pool, &request, &library);
    Times when = module_clock_times();
    module_account_end(ticket, caller.tenant, (Code)fsb_result_code(result), result, when);
    if (library == NULL) explain(result, error);
    module_admit_settle(ctx, &admission, &caller, result, when);
    fsb_result_free(result);
  }
  if (ctx != NULL) module_caller_drop(ctx, &caller);
  return library;
}

bool module_library_add(RedisCtx *ctx, Registry *registry, FsbBytes code, bool replaces,
                        bool is_patient, char error[LIBRARY_ERROR_BYTES]) {
  char name[FSB_LIBRARY_NAME_BYTES];
  FsbError problem;
  Registry next;
  if (!fsb_library_read_name(code, name, &problem)) {
    (void)snprintf(error, LIBRARY_ERROR_BYTES, "%s", problem.text);
    return false;
  }
  FsbBytes name_bytes = {name, strlen(name)};
  if (!replaces && module_registry_library(registry, name_bytes) != NULL) {
    (void)snprintf(error, LIBRARY_ERROR_BYTES, "ERR Library '%s' already exists", name);
    return false;
  }
  FsbLibrary *library = load(ctx, code, name, is_patient, error);
  if (library == NULL) return false;
  (void)snprintf(error, LIBRARY_ERROR_BYTES, "ERR out of memory");
  bool is_done = module_registry_copy(registry, &next);
  if (is_done) {
    (void)module_registry_remove(&next, name_bytes);
    is_done = module_registry_add(&next, library, error);
    Registry *dropped = is_done ? registry : &next;
    module_registry_free(dropped);
    if (is_done) *registry = next;
  }
  fsb_library_unref(library);
  return is_done;
}

unsigned module_library_rdb_version(void) {
  if (module_state.server_version >= 0x070400) return 12;
  return module_state.server_version >= 0x070200 ? 11 : 10;
}
