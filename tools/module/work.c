/* SPDX-License-Identifier: BSD-2-Clause */
/* work - the sum. */
#include "tools/module/work.h"

static uint64_t since(uint64_t from, uint64_t to) {
  return to > from ? to - from : 0;
}

static uint64_t smaller(uint64_t a, uint64_t b) {
  return a < b ? a : b;
}

/* What was neither the worker's nor spent on bringing it up. */
static uint64_t find_servers_part(const FsbUsage *usage, uint64_t held) {
  return since(usage->own_cpu_ns + usage->idle_ns + usage->spawn_ns, held);
}

/* With each call the worker gives the floor back and gets it again; what it posts counts, too. */
static uint64_t find_switches(const FsbUsage *usage) {
  return usage->calls >= UINT64_MAX / WORK_SWITCH ? UINT64_MAX : (usage->calls + 1) * WORK_SWITCH;
}

/* Of a worker without a clock it is not known how long it had the floor. */
static bool is_floor_known(const FsbUsage *usage) {
  return usage->own_cpu_ns != 0 || usage->idle_ns != 0;
}

bool module_work_may_be_less(const FsbUsage *usage, uint64_t held) {
  return is_floor_known(usage) && find_servers_part(usage, held) > WORK_BRIEF;
}

uint64_t module_work_of(const FsbUsage *usage, uint64_t held, uint64_t thread) {
  if (!is_floor_known(usage)) thread = UINT64_MAX;
  uint64_t servers = smaller(find_servers_part(usage, held), thread);
  uint64_t going = smaller(usage->idle_ns, find_switches(usage));
  uint64_t start = smaller(usage->spawn_ns, WORK_START);
  return smaller(held, servers + usage->own_cpu_ns + going + start);
}
