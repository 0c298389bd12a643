/* SPDX-License-Identifier: BSD-2-Clause */
/* observe - comparing what a run used with what it would have been allowed. */
#include "tools/module/observe.h"

#include <inttypes.h>

#include "tools/module/state.h"

const FsbLimits *module_observe_limits(Tenant *tenant, bool can_be_killed) {
  bool is_wide = module_tenant_mode(tenant) == MODE_OBSERVE && can_be_killed;
  return is_wide ? module_state.widest : module_tenant_limits(tenant);
}

void module_observe_run(RedisCtx *ctx, Tenant *tenant, const FsbResult *result) {
  const FsbUsage *usage = fsb_result_usage(result);
  const struct {
    const char *limit;
    uint64_t used;
  } rows[] = {{"instructions", usage->instructions}, {"memory", usage->memory_peak_bytes},
              {"wall", usage->wall_ns},              {"cpu", usage->own_cpu_ns},
              {"calls", usage->calls},               {"host_time", usage->host_time_ns},
              {"hold", usage->hold_ns},              {"script_bytes", usage->script_bytes},
              {"arg_bytes", usage->arg_bytes},       {"reply_bytes", usage->result_bytes},
              {"log_bytes", usage->log_bytes}};
  if (module_tenant_mode(tenant) != MODE_OBSERVE) return;
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    uint64_t most = UINT64_MAX;
    (void)fsb_limits_get(module_tenant_limits(tenant), rows[i].limit, &most);
    if (rows[i].used <= most) continue;
    module_state.counters.observed++;
    rm.Log(ctx, "warning", "observed: script %s used %" PRIu64 " of %s, more than %" PRIu64,
           fsb_result_sha1(result), rows[i].used, rows[i].limit, most);
  }
}
