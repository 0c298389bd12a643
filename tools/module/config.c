/* SPDX-License-Identifier: BSD-2-Clause */
/* config - sandbox.mode, and one setting for each limit of a run. */
#include "tools/module/config.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "policy/limits.h"
#include "tools/module/account.h"
#include "tools/module/policy.h"
#include "tools/module/state.h"

#define CONFIG_IMMUTABLE (1u << 0) /* only in the configuration file */
#define CONFIG_MEMORY (1u << 7)    /* takes 64mb */
#define CACHE_BYTES (64LL << 20)
#define POOL_MEMORY (256LL << 20)
#define LONG_SHARE 50

/* --- Single settings --- */

static int get_mode(const char *name, void *data) {
  (void)name;
  (void)data;
  return (int)module_state.mode;
}

static int set_mode(const char *name, int value, void *data, RedisString **ret_error) {
  (void)name;
  (void)data;
  (void)ret_error;
  module_state.mode = (Mode)value;
  return REDIS_OK;
}

static int get_kill(const char *name, void *data) {
  (void)name;
  (void)data;
  return module_state.kills_writers;
}

static int set_kill(const char *name, int value, void *data, RedisString **ret_error) {
  (void)name;
  (void)data;
  (void)ret_error;
  module_state.kills_writers = value != 0;
  return REDIS_OK;
}

static int get_await(const char *name, void *data) {
  (void)name;
  (void)data;
  return module_state.awaits_calls;
}

static int set_await(const char *name, int value, void *data, RedisString **ret_error) {
  (void)name;
  (void)data;
  (void)ret_error;
  module_state.awaits_calls = value != 0;
  return REDIS_OK;
}

static int get_transport(const char *name, void *data) {
  (void)name;
  (void)data;
  return (int)module_state.transport;
}

static int set_transport(const char *name, int value, void *data, RedisString **ret_error) {
  (void)name;
  (void)data;
  (void)ret_error;
  module_state.transport = (FsbTransport)value;
  fsb_pool_set_transport(module_state.pool, module_state.transport);
  return REDIS_OK;
}

static long long get_cache(const char *name, void *data) {
  (void)name;
  (void)data;
  return module_state.cache_bytes;
}

static int set_cache(const char *name, long long value, void *data, RedisString **ret_error) {
  (void)name;
  (void)data;
  (void)ret_error;
  module_state.cache_bytes = value;
  return REDIS_OK;
}

static long long get_pool_memory(const char *name, void *data) {
  (void)name;
  (void)data;
  return module_state.pool_memory;
}

static int set_pool_memory(const char *name, long long value, void *data, RedisString **ret_error) {
  (void)name;
  (void)data;
  (void)ret_error;
  module_state.pool_memory = value;
  fsb_pool_set_memory(module_state.pool, (uint64_t)value);
  return REDIS_OK;
}

static long long get_share(const char *name, void *data) {
  (void)name;
  (void)data;
  return module_state.long_share;
}

static int set_share(const char *name, long long value, void *data, RedisString **ret_error) {
  (void)name;
  (void)data;
  (void)ret_error;
  module_state.long_share = value;
  return REDIS_OK;
}

static RedisString *get_control(const char *name, void *data) {
  (void)name;
  (void)data;
  return module_state.control_path;
}

/* Where a server writes files is not for those to choose who may only CONFIG SET. */
static int set_control(const char *name, RedisString *value, void *data, RedisString **ret_error) {
  (void)name;
  (void)data;
  (void)ret_error;
  if (module_state.control_path != NULL) rm.FreeString(NULL, module_state.control_path);
  rm.RetainString(NULL, value);
  module_state.control_path = value;
  return REDIS_OK;
}

/* --- Limits: `data` is the row --- */

static long long get_limit(const char *name, void *data) {
  const LimitRow *row = data;
  uint64_t value = 0;
  (void)name;
  (void)fsb_limits_get(module_state.limits, row->name, &value);
  return (long long)value;
}

static int set_limit(const char *name, long long value, void *data, RedisString **ret_error) {
  const LimitRow *row = data;
  FsbError error;
  char text[96];
  (void)name;
  (void)snprintf(text, sizeof text, "%s=%lld", row->name, value);
  if (fsb_limits_set(module_state.limits, text, &error)) return REDIS_OK;
  *ret_error = rm.CreateString(NULL, error.text, strlen(error.text));
  return REDIS_ERR;
}

/* The name that CONFIG shows, "limit-host-time". */
static void name_limit(const LimitRow *row, char name[48]) {
  (void)snprintf(name, 48, "limit-%s", row->name);
  for (char *at = name; *at != '\0'; at++)
    if (*at == '_') *at = '-';
}

static bool register_limit(RedisCtx *ctx, const LimitRow *row) {
  char name[48];
  uint64_t value = 0;
  void *data;
  const LimitRow **place = &row;
  memcpy(&data, place, sizeof data); /* rows are constant and stay so */
  name_limit(row, name);
  (void)fsb_limits_get(module_state.limits, row->name, &value);
  return rm.RegisterNumericConfig(ctx, name, (long long)value,
                                  row->unit == UNIT_BYTES ? CONFIG_MEMORY : 0,
                                  (long long)row->floor, (long long)row->ceiling, get_limit,
                                  set_limit, NULL, data) == REDIS_OK;
}

bool module_config_register(RedisCtx *ctx) {
  static const char *modes[] = {"off", "observe", "enforce"};
  static const int values[] = {MODE_OFF, MODE_OBSERVE, MODE_ENFORCE};
  static const char *transports[] = {"auto", "pipe", "ring"};
  static const int kinds[] = {FSB_TRANSPORT_AUTO, FSB_TRANSPORT_PIPE, FSB_TRANSPORT_RING};
  module_state.cache_bytes = CACHE_BYTES;
  module_state.pool_memory = POOL_MEMORY;
  module_state.long_share = LONG_SHARE;
  bool is_done = rm.RegisterEnumConfig(ctx, "mode", MODE_ENFORCE, 0, modes, values, 3, get_mode,
                                       set_mode, NULL, NULL) == REDIS_OK &&
                 rm.RegisterBoolConfig(ctx, "kill-after-write", 0, 0, get_kill, set_kill, NULL,
                                       NULL) == REDIS_OK &&
                 rm.RegisterBoolConfig(ctx, "await-calls", 0, 0, get_await, set_await, NULL,
                                       NULL) == REDIS_OK &&
                 rm.RegisterEnumConfig(ctx, "transport", FSB_TRANSPORT_AUTO, 0, transports, kinds, 3,
                                       get_transport, set_transport, NULL, NULL) == REDIS_OK &&
                 rm.RegisterNumericConfig(ctx, "script-cache-bytes", CACHE_BYTES, CONFIG_MEMORY,
                                          65536, LLONG_MAX, get_cache, set_cache, NULL,
                                          NULL) == REDIS_OK &&
                 rm.RegisterNumericConfig(ctx, "pool-memory", POOL_MEMORY, CONFIG_MEMORY, 1 << 20,
                                          LLONG_MAX, get_pool_memory, set_pool_memory, NULL,
                                          NULL) == REDIS_OK &&
                 rm.RegisterNumericConfig(ctx, "long-share", LONG_SHARE, 0, 1, 100, get_share,
                                          set_share, NULL, NULL) == REDIS_OK &&
                 rm.RegisterStringConfig(ctx, "control-socket", "", CONFIG_IMMUTABLE, get_control,
                                         set_control, NULL, NULL) == REDIS_OK &&
                 module_account_register(ctx) && module_policy_register(ctx);
  for (size_t i = 0; is_done && policy_limits_row(i) != NULL; i++)
    is_done = register_limit(ctx, policy_limits_row(i));
  return is_done && rm.LoadConfigs(ctx) == REDIS_OK;
}
