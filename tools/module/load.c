/* SPDX-License-Identifier: BSD-2-Clause */
/* load - the two functions that the server looks for.
 *
 *     loadmodule /usr/lib/redis/modules/ferrous_sandbox.so [worker=PATH] [limit=NAME=VALUE] ...
 *
 * The worker program is looked for where `worker=` says, beside the module, in the
 * bin/ folder next to the module's folder (a build tree), and where it is
 * installed.  What is missing is logged and ends the load: a server that was told
 * to run scripts sealed must not start without.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/limits.h"
#include "tools/module/account.h"
#include "tools/module/admin.h"
#include "tools/module/adopt.h"
#include "tools/module/board.h"
#include "tools/module/caller.h"
#include "tools/module/config.h"
#include "tools/module/command.h"
#include "tools/module/control.h"
#include "tools/module/engine.h"
#include "tools/module/errand.h"
#include "tools/module/event.h"
#include "tools/module/filter.h"
#include "tools/module/handover.h"
#include "tools/module/hangup.h"
#include "tools/module/info.h"
#include "tools/module/live.h"
#include "tools/module/loop.h"
#include "tools/module/monitor.h"
#include "tools/module/persist.h"
#include "tools/module/policy.h"
#include "tools/module/program.h"
#include "tools/module/route.h"
#include "tools/module/script.h"
#include "tools/module/state.h"
#include "tools/module/tally.h"
#include "tools/module/tenant.h"

#define MODULE_NAME "sandbox"
#define MODULE_VERSION 1
/* A worker that nobody needed for so long ends; the next run costs a third of a millisecond more. */
#define WORKER_IDLE UINT64_C(600000000000)
#define WORKER_NAME "ferrous-sandbox-worker"
#define FIRST_VERSION 0x070000

/* Their names are the server's choice. */
int RedisModule_OnLoad(RedisCtx *ctx, RedisString **argv, int argc);
int RedisModule_OnUnload(RedisCtx *ctx);

typedef struct {
  char worker[PATH_MAX]; /* empty: to be found */
  const char *avoid;     /* steps of the seal; of the server's words, NULL: none */
} Arguments;

/* --- Arguments --- */

static bool take_argument(RedisCtx *ctx, const char *text, Arguments *arguments) {
  FsbError error;
  if (strncmp(text, "worker=", 7) == 0) {
    (void)snprintf(arguments->worker, sizeof arguments->worker, "%s", text + 7);
    return true;
  }
  if (strncmp(text, "limit=", 6) == 0) {
    if (fsb_limits_set(module_state.limits, text + 6, &error)) return true;
    rm.Log(ctx, "warning", "%s", error.text);
    return false;
  }
  if (strncmp(text, "avoid=", 6) == 0) {
    arguments->avoid = text + 6;
    return true;
  }
  rm.Log(ctx, "warning", "'%s' is no argument of this module: worker=PATH, limit=NAME=VALUE, avoid=STEPS", text);
  return false;
}

static bool read_arguments(RedisCtx *ctx, RedisString **argv, int argc, Arguments *arguments) {
  for (int i = 0; i < argc; i++) {
    size_t size;
    if (!take_argument(ctx, rm.StringPtrLen(argv[i], &size), arguments)) return false;
  }
  return true;
}

/* --- The worker program --- */

static bool open_pool(RedisCtx *ctx, const Arguments *arguments) {
  FsbError error;
  FsbPoolOptions options = FSB_POOL_OPTIONS_INIT;
  options.worker_path = arguments->worker[0] == '\0' ? NULL : arguments->worker;
  options.avoid = arguments->avoid;
  options.spares = 1;
  options.idle = WORKER_IDLE;
  options.valkey_version = module_state.valkey_version;
  module_state.pool = fsb_pool_open(&options, &error);
  if (module_state.pool != NULL) return true;
  rm.Log(ctx, "warning", "scripts cannot be run sealed: %s", error.text);
  return false;
}

static void tell_avoided(RedisCtx *ctx) {
  FsbStep step;
  for (size_t i = 0; fsb_pool_step(module_state.pool, i, &step); i++)
    if (strcmp(step.state, "avoided") == 0)
      rm.Log(ctx, "warning", "step %s of the seal is not taken, as asked for: %s", step.name, step.lack);
}

/* --- The server --- */

/* Its number is that of the Redis it came from; what it really is, INFO tells. */
static uint32_t find_valkey(RedisCtx *ctx) {
  unsigned major = 0, minor = 0, patch = 0;
  if (rm.GetServerInfo == NULL || rm.ServerInfoGetFieldC == NULL || rm.FreeServerInfo == NULL)
    return 0;
  RedisServerInfo *info = rm.GetServerInfo(ctx, "server");
  if (info == NULL) return 0;
  const char *text = rm.ServerInfoGetFieldC(info, "valkey_version");
  if (text == NULL || sscanf(text, "%3u.%3u.%3u", &major, &minor, &patch) < 2) major = 0;
  rm.FreeServerInfo(ctx, info);
  return major == 0 ? 0 : major << 16 | minor << 8 | patch;
}

/* --- Loading --- */

static bool make_limits(void) {
  FsbError error;
  module_state.limits = fsb_limits_new();
  module_state.widest = fsb_limits_new();
  if (module_state.limits == NULL || module_state.widest == NULL) return false;
  for (size_t i = 0; policy_limits_row(i) != NULL; i++) {
    const LimitRow *row = policy_limits_row(i);
    char text[96];
    (void)snprintf(text, sizeof text, "%s=%llu", row->name, (unsigned long long)row->ceiling);
    if (!fsb_limits_set(module_state.widest, text, &error)) return false;
  }
  return true;
}

static void recycle(void) {
  const EventFacts facts = {.kind = EVENT_RECYCLE, .text = "by an administrator"};
  (void)fsb_pool_recycle(module_state.pool);
  module_event_add(&facts);
}

/* What the server says about its cron: a version, and how often it comes. */
typedef struct {
  uint64_t version;
  int32_t hz;
} CronInfo;

/* An idle moment of the server: spares for users to come. */
static void tend(RedisCtx *ctx, RedisEvent event, uint64_t subevent, void *data) {
  const CronInfo *cron = data;
  (void)event;
  (void)subevent;
  module_account_tend(ctx);
  module_loop_tend();
  module_board_tick(cron == NULL || cron->hz <= 0 ? 10 : (unsigned)cron->hz);
  if (module_state.run != NULL) return;
  if (module_board_take_recycle()) recycle();
  if (module_errand_do()) module_control_wake();
  module_handover_tend();
  module_hangup_tend(ctx);
  fsb_pool_tend(module_state.pool);
  module_board_post();
  module_caller_tend(ctx);
  if (module_state.is_engine) return;
  module_monitor_tend(ctx);
  module_persist_tend();
  module_adopt_tend(ctx);
}

/* The socket's file must not outlive the server. */
static void shut_down(RedisCtx *ctx, RedisEvent event, uint64_t subevent, void *data) {
  (void)ctx;
  (void)event;
  (void)subevent;
  (void)data;
  module_control_stop();
}

static bool subscribe(RedisCtx *ctx) {
  RedisEvent cron = {REDIS_EVENT_CRON, 1};
  RedisEvent shutdown = {REDIS_EVENT_SHUTDOWN, 1};
  return rm.SubscribeToServerEvent(ctx, cron, tend) == REDIS_OK &&
         rm.SubscribeToServerEvent(ctx, shutdown, shut_down) == REDIS_OK;
}

/* As an engine the server needs of us only what is about the workers. */
static bool install_parts(RedisCtx *ctx) {
  static const struct {
    bool (*install)(RedisCtx *ctx);
    const char *what;
    bool of_engine;
  } parts[] = {{module_config_register, "settings", true},
               {module_account_start, "accounting of usage", true},
               {module_info_register, "section of INFO", true},
               {module_persist_register, "type for function libraries", false},
               {module_route_register, "commands", false},
               {module_monitor_register, "command for MONITOR", false},
               {module_admin_register, "administrators' commands", true},
               {subscribe, "subscription to events", true},
               {module_filter_install, "command filter", false},
               {module_hangup_install, "handler of SIGHUP", true},
               {module_control_start, "control socket", true}};
  for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
    if ((module_state.is_engine && !parts[i].of_engine) || parts[i].install(ctx)) continue;
    rm.Log(ctx, "warning", "not loaded: no %s", parts[i].what);
    return false;
  }
  return true;
}

static bool set_up(RedisCtx *ctx, RedisString **argv, int argc) {
  Arguments arguments = {.worker = ""};
  module_state.ctx = rm.GetDetachedThreadSafeContext(ctx);
  if (!module_live_init() || !make_limits() || !module_tenant_begin()) {
    rm.Log(ctx, "warning", "out of memory or descriptors");
    return false;
  }
  if (!read_arguments(ctx, argv, argc, &arguments)) return false;
  if (arguments.worker[0] == '\0') (void)module_program_find(WORKER_NAME, arguments.worker);
  if (!open_pool(ctx, &arguments)) return false;
  tell_avoided(ctx);
  module_state.is_engine = module_engine_register(ctx);
  if (install_parts(ctx)) return true;
  if (module_state.is_engine) (void)module_engine_remove(ctx);
  return false;
}

static void tear_down(RedisCtx *ctx) {
  module_control_stop();
  module_hangup_remove();
  if (!module_state.is_engine) module_filter_remove(ctx);
  module_handover_remove(ctx);
  module_loop_end();
  module_script_flush(NULL);
  module_caller_end();
  module_tenant_end();
  module_policy_end();
  module_account_stop();
  fsb_pool_close(module_state.pool);
  fsb_limits_free(module_state.limits);
  fsb_limits_free(module_state.widest);
  module_live_fini();
  module_tally_fini();
  if (module_state.control_path != NULL) rm.FreeString(NULL, module_state.control_path);
  if (module_state.ctx != NULL) rm.FreeThreadSafeContext(module_state.ctx);
  module_command_forget();
  module_state = (ModuleState){.mode = MODE_ENFORCE};
}

__attribute__((visibility("default"))) int RedisModule_OnLoad(RedisCtx *ctx, RedisString **argv,
                                                              int argc) {
  const char *missing = module_api_load(ctx);
  if (missing != NULL && rm.SetModuleAttribs == NULL) return REDIS_ERR;
  rm.SetModuleAttribs(ctx, MODULE_NAME, MODULE_VERSION, REDIS_API_VERSION);
  if (missing != NULL) {
    if (rm.Log != NULL)
      rm.Log(ctx, "warning", "this server has no %s: Redis 7.0 or later is needed", missing);
    return REDIS_ERR;
  }
  module_state.server_version = rm.GetServerVersion();
  module_state.valkey_version = find_valkey(ctx);
  if (module_state.server_version < FIRST_VERSION || !set_up(ctx, argv, argc)) {
    tear_down(ctx);
    return REDIS_ERR;
  }
  module_command_learn(ctx);
  rm.Log(ctx, "notice", "ferrous-sandbox %s: scripts run sealed%s", fsb_version(),
         module_state.is_engine ? ", as the server's engine LUA" : "");
  module_event_add(&(EventFacts){.kind = EVENT_START, .text = fsb_version()});
  module_board_post();
  return REDIS_OK;
}

__attribute__((visibility("default"))) int RedisModule_OnUnload(RedisCtx *ctx) {
  if (module_state.run != NULL || module_loop_is_leaving()) return REDIS_ERR;
  if (module_state.is_engine && !module_engine_remove(ctx)) return REDIS_ERR;
  tear_down(ctx);
  return REDIS_OK;
}
