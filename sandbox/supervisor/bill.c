/* SPDX-License-Identifier: BSD-2-Clause */
/* bill - the usage record of a run that is over: what was measured here, and what the worker claims. */
#include <string.h>

#include "ipc/deadline.h"
#include "policy/costs.h"
#include "sandbox/supervisor/run.h"

void supervisor_bill_write(Run *run) {
  FsbUsage *usage = &run->result->usage;
  const Meter *meter = &run->session.meter;
  const Usage *claim = &run->session.claim;
  bool has_answered = run->heard && supervisor_worker_is_there(&run->slot->worker);
  uint64_t now = has_answered ? run->heard_at : ipc_deadline_now();
  usage->is_claim_missing = !run->session.has_claim;
  usage->instructions = claim->instructions;
  usage->compile_units = claim->compile_units;
  usage->cost_model = COST_MODEL;
  usage->memory_peak_bytes = claim->memory_peak_bytes;
  usage->random_state = run->session.has_claim ? claim->random_state : supervisor_prepare_random_state(run);
  usage->own_cpu_ns = supervisor_meter_cpu(meter);
  usage->idle_ns = supervisor_meter_idle(meter);
  usage->cpu_ns = supervisor_arrears_bill(&run->slot->arrears, meter);
  usage->wait_cpu_ns = supervisor_meter_wait_cpu(meter);
  usage->host_time_ns = meter->host_time;
  usage->hold_ns = supervisor_meter_held(meter, now);
  usage->calls = meter->calls;
  usage->call_bytes = meter->call_bytes;
  usage->reply_bytes = meter->reply_bytes;
  usage->log_bytes = meter->log_bytes;
  _Static_assert(sizeof usage->call_times == sizeof meter->call_times, "the same buckets");
  memcpy(usage->call_times, meter->call_times, sizeof usage->call_times);
  usage->result_bytes = run->session.outcome.tokens.size;
  usage->wrote = run->session.outcome.wrote;
}
