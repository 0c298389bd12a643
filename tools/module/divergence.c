/* SPDX-License-Identifier: BSD-2-Clause */
/* divergence - the two bounds. */
#include "tools/module/divergence.h"

/* An honest machine needs a few nanoseconds for a unit; a cold one, or one that takes page
 * faults for its whole memory, some milliseconds more. */
#define SLACK_NS UINT64_C(20000000)
#define SLOWEST_NS_PER_UNIT UINT64_C(200)

/* The clock may be so far behind. */
#define TICK_NS UINT64_C(10000000)

/* Library work is charged in bulk, by the 16 bytes or so, and moved 64 bytes in a nanosecond. */
#define SLACK_UNITS UINT64_C(1000000)
#define MOST_UNITS_PER_NS UINT64_C(16)

bool module_divergence_is_found(const FsbUsage *usage) {
  if (usage->is_claim_missing) return false; /* nothing was claimed: FIELD_UNCLAIMED */
  uint64_t units = usage->instructions + usage->compile_units;
  if (units < usage->instructions) return true;
  uint64_t shown = usage->own_cpu_ns, most = shown > UINT64_MAX - TICK_NS ? UINT64_MAX : shown + TICK_NS;
  bool is_too_fast = units > SLACK_UNITS && (units - SLACK_UNITS) / MOST_UNITS_PER_NS > most;
  bool is_too_slow = shown > SLACK_NS && (shown - SLACK_NS) / SLOWEST_NS_PER_UNIT > units;
  return is_too_fast || is_too_slow;
}
