/* SPDX-License-Identifier: BSD-2-Clause */
/* tally - what ran since the module was loaded: per tenant, per script, over all.
 *
 * For looking at, not for billing: it begins at 0 with each start of the server.
 * Tenants have a row each up to TALLY_TENANTS, later ones share the first row, "_other".
 * Scripts have TALLY_SCRIPTS rows; a new one takes the row of the script that has used
 * the least time, and inherits that as a possible excess (`error_ns`), so whoever uses
 * much is always in the list (Metwally's space-saving counters).
 *
 * Threads: the main thread adds, any thread reads.
 */
#ifndef TOOLS_MODULE_TALLY_H
#define TOOLS_MODULE_TALLY_H

#include "policy/codes.h"
#include "policy/limits.h"
#include "policy/quota/period.h"
#include "policy/spread.h"
#include "sandbox/ferrous_sandbox.h"
#include "tools/module/cell.h"

#define TALLY_TENANTS 16384
#define TALLY_SCRIPTS 256
#define TALLY_BUCKETS 17 /* of a histogram, the last without bound */

typedef enum {
#define AMOUNT(NAME, name, value) AMOUNT_##NAME,
#include "tools/module/amounts.def"
#undef AMOUNT
  AMOUNT_COUNT_
} Amount;

/* Why requests were refused before they ran. */
typedef enum { REJECT_RATE, REJECT_QUOTA, REJECT_CONCURRENCY, REJECT_SUSPENDED, REJECT_BACKOFF, REJECT_BUSY, REJECT_COUNT_ } Reject;

/* What the commands of redis.call do to keys. */
typedef enum { CLASS_READ, CLASS_WRITE, CLASS_OTHER, CLASS_COUNT_ } CallClass;

typedef struct {
  char name[64]; /* set once, before the row can be seen */
  CellWord outcomes[CODE_COUNT_];
  CellWord amounts[AMOUNT_COUNT_];
  CellWord rejects[REJECT_COUNT_];
  CellWord calls[CLASS_COUNT_];
  CellWord throttled_ns; /* for which refusals told it to wait, see throttle.h */
  CellWord peaks[LIMIT_COUNT_]; /* most that one run used of each limit */
  CellWord quotas[PERIOD_COUNT][RESOURCE_COUNT]; /* 0: none */
  CellWord used[PERIOD_COUNT][RESOURCE_COUNT];   /* of them, when it last ran something */
} TenantTally;

/* One script or function of one tenant. */
typedef struct {
  char tenant[64];
  char script[64]; /* SHA1, or the name of a function */
  uint64_t runs, failures, wall_ns, longest_ns, instructions, cpu_ns, host_time_ns, calls;
  uint64_t error_ns; /* how much of wall_ns may have been others' */
  uint64_t last_code;
} ScriptTally;

typedef enum { HISTOGRAM_WALL, HISTOGRAM_SPAWN, HISTOGRAM_HOST, HISTOGRAM_HOLD, HISTOGRAM_MEMORY, HISTOGRAM_CALL, HISTOGRAM_COUNT_ } HistogramId;

typedef struct {
  CellWord buckets[TALLY_BUCKETS]; /* not cumulative */
  CellWord sum;                    /* in the unit of the bounds */
} Histogram;

/* Over all tenants. */
typedef struct {
  Histogram histograms[HISTOGRAM_COUNT_];
  CellWord starts[4]; /* by FsbStart */
  CellWord kills;     /* by an administrator */
} Totals;

/* Adds a run that ended so.  Of its calls so many were of commands that read, and that write. */
void module_tally_run(const char *tenant, const char *script, Code code, const FsbUsage *usage, uint64_t reads,
                      uint64_t writes);

/* Adds a request that was refused. */
void module_tally_reject(const char *tenant, Reject reason);

/* Adds time for which a tenant had been told to wait. */
void module_tally_throttle(const char *tenant, uint64_t ns);

/* Notes a tenant's quota and how much of it is used. */
void module_tally_quota(const char *tenant, PeriodKind period, Resource resource, uint64_t limit,
                        uint64_t used);

/* Counts a kill by an administrator. */
void module_tally_kill(void);

/* Returns the i-th tenant's row, 0 is "_other"; NULL past the end. */
const TenantTally *module_tally_tenant(size_t i);

/* Finds a row by name; NULL: nothing of that tenant ran. */
const TenantTally *module_tally_find(const char *name);

/* How many tenants ran something, or tried to; and how many requests of all were refused. */
size_t module_tally_count(void);
uint64_t module_tally_rejections(void);

/* Reads the i-th script's row; false past the end. */
bool module_tally_script(size_t i, ScriptTally *ret_script);

const Totals *module_tally_totals(void);

/* The upper bounds of a histogram's buckets, but the last; nanoseconds, or bytes.  There are
 * `ret_buckets` buckets, at most TALLY_BUCKETS. */
const uint64_t *module_tally_bounds(HistogramId id, size_t *ret_buckets);

const char *module_tally_amount(Amount amount);
const char *module_tally_reject_name(Reject reason);
const char *module_tally_class_name(CallClass class);

/* Frees everything; no other thread may read any more. */
void module_tally_fini(void);

static inline uint64_t tally_get(const CellWord *word) {
  return atomic_load_explicit(word, memory_order_relaxed);
}

#endif
