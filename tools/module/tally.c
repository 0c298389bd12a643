/* SPDX-License-Identifier: BSD-2-Clause */
/* tally - rows in chunks that never move, found by a hash table of the main thread.
 *
 * A row is complete before the number of rows says that it is there, and is never
 * given up, so a reader needs no lock; each number by itself is exact, two of them
 * may be of different moments.
 */
#include "tools/module/tally.h"

#include <stdlib.h>
#include <string.h>

#include "policy/hash.h"
#include "tools/module/live.h"

#define CHUNK 128
#define CHUNKS (TALLY_TENANTS / CHUNK)
#define PLACES (TALLY_TENANTS * 2)

static struct {
  _Atomic(TenantTally *) chunks[CHUNKS];
  CellWord tenants;             /* rows in use */
  uint16_t *places;             /* heap: hash table of row numbers + 1 */
  TenantTally *last;            /* row of the last run */
  CellWord scripts;             /* rows in use */
  size_t last_script;           /* row of the last run's */
  uint64_t hashes[TALLY_SCRIPTS];
  uint64_t weights[TALLY_SCRIPTS];
  ScriptTally rows[TALLY_SCRIPTS];
  CellWord cells[TALLY_SCRIPTS][CELL_WORDS(ScriptTally)];
  Totals totals;
} tally;

_Static_assert(sizeof(ScriptTally) % 8 == 0, "cells hold words");
_Static_assert(TALLY_TENANTS < UINT16_MAX, "rows are numbered by 16 bits");

static const char *const amount_names[AMOUNT_COUNT_] = {
#define AMOUNT(NAME, name, value) name,
#include "tools/module/amounts.def"
#undef AMOUNT
};

const char *module_tally_amount(Amount amount) {
  return amount_names[amount];
}

const char *module_tally_reject_name(Reject reason) {
  static const char *const names[REJECT_COUNT_] = {"rate",      "quota",         "concurrency",
                                                   "suspended", "crash_backoff", "busy"};
  return names[reason];
}

const char *module_tally_class_name(CallClass class) {
  static const char *const names[CLASS_COUNT_] = {"read", "write", "other"};
  return names[class];
}

/* There is one writer, so no read-modify-write is needed. */
static void add(CellWord *word, uint64_t amount) {
  atomic_store_explicit(word, tally_get(word) + amount, memory_order_relaxed);
}

static uint64_t hash_text(uint64_t hash, const char *text) {
  return policy_hash_add(hash, text, strlen(text));
}

/* --- Tenants --- */

static TenantTally *row_at(size_t i) {
  TenantTally *chunk = atomic_load_explicit(&tally.chunks[i / CHUNK], memory_order_acquire);
  return chunk == NULL ? NULL : &chunk[i % CHUNK];
}

static TenantTally *add_row(const char *name) {
  size_t i = tally_get(&tally.tenants);
  if (i == TALLY_TENANTS) return NULL;
  if (i % CHUNK == 0) {
    TenantTally *chunk = calloc(CHUNK, sizeof *chunk);
    if (chunk == NULL) return NULL;
    atomic_store_explicit(&tally.chunks[i / CHUNK], chunk, memory_order_release);
  }
  TenantTally *row = row_at(i);
  module_live_name(row->name, sizeof row->name, (FsbBytes){name, strlen(name)});
  atomic_store_explicit(&tally.tenants, i + 1, memory_order_release);
  return row;
}

static uint16_t *place_of(const char *name) {
  size_t place = hash_text(UINT64_C(14695981039346656037), name) % PLACES;
  while (tally.places[place] != 0 && strcmp(row_at(tally.places[place] - 1u)->name, name) != 0)
    place = (place + 1) % PLACES;
  return &tally.places[place];
}

/* The row of a tenant, made when it is new; the shared one when there is no room. */
static TenantTally *row_of(const char *name) {
  if (tally.last != NULL && strcmp(tally.last->name, name) == 0) return tally.last;
  if (tally.places == NULL) {
    tally.places = calloc(PLACES, sizeof *tally.places);
    if (tally.places == NULL || add_row("_other") == NULL) return NULL;
  }
  uint16_t *place = place_of(name);
  if (*place == 0 && add_row(name) != NULL) *place = (uint16_t)tally_get(&tally.tenants);
  tally.last = row_at(*place == 0 ? 0 : *place - 1u);
  return tally.last;
}

const TenantTally *module_tally_tenant(size_t i) {
  if (i >= atomic_load_explicit(&tally.tenants, memory_order_acquire)) return NULL;
  return row_at(i);
}

const TenantTally *module_tally_find(const char *name) {
  const TenantTally *row;
  for (size_t i = 0; (row = module_tally_tenant(i)) != NULL; i++)
    if (strcmp(row->name, name) == 0) return row;
  return NULL;
}

size_t module_tally_count(void) {
  size_t rows = atomic_load_explicit(&tally.tenants, memory_order_acquire);
  return rows == 0 ? 0 : rows - 1;
}

uint64_t module_tally_rejections(void) {
  const TenantTally *row;
  uint64_t sum = 0;
  for (size_t i = 0; (row = module_tally_tenant(i)) != NULL; i++)
    for (size_t k = 0; k < REJECT_COUNT_; k++) sum += tally_get(&row->rejects[k]);
  return sum;
}

static void note_peaks(TenantTally *row, const FsbUsage *u) {
  const uint64_t used[LIMIT_COUNT_] = {[LIMIT_ID_instructions] = u->instructions,
                                       [LIMIT_ID_memory] = u->memory_peak_bytes,
                                       [LIMIT_ID_wall] = u->wall_ns,
                                       [LIMIT_ID_cpu] = u->own_cpu_ns,
                                       [LIMIT_ID_calls] = u->calls,
                                       [LIMIT_ID_host_time] = u->host_time_ns,
                                       [LIMIT_ID_hold] = u->hold_ns,
                                       [LIMIT_ID_script_bytes] = u->script_bytes,
                                       [LIMIT_ID_arg_bytes] = u->arg_bytes,
                                       [LIMIT_ID_reply_bytes] = u->result_bytes,
                                       [LIMIT_ID_log_bytes] = u->log_bytes};
  for (size_t i = 0; i < LIMIT_COUNT_; i++)
    if (used[i] > tally_get(&row->peaks[i]))
      atomic_store_explicit(&row->peaks[i], used[i], memory_order_relaxed);
}

/* A call that asks, or that the server does not know, is neither of the first two. */
static void count_calls(TenantTally *row, const FsbUsage *u, uint64_t reads, uint64_t writes) {
  if (u->calls == 0) return;
  add(&row->calls[CLASS_READ], reads);
  add(&row->calls[CLASS_WRITE], writes);
  add(&row->calls[CLASS_OTHER], u->calls - reads - writes);
}

static void count_tenant(TenantTally *row, const FsbUsage *u, Code code) {
  add(&row->outcomes[(unsigned)code < (unsigned)CODE_COUNT_ ? code : CODE_INTERNAL], 1);
#define AMOUNT(NAME, name, value) add(&row->amounts[AMOUNT_##NAME], (uint64_t)(value));
#include "tools/module/amounts.def"
#undef AMOUNT
  note_peaks(row, u);
}

void module_tally_throttle(const char *tenant, uint64_t ns) {
  TenantTally *row = ns == 0 ? NULL : row_of(tenant);
  if (row != NULL) add(&row->throttled_ns, ns);
}

void module_tally_reject(const char *tenant, Reject reason) {
  TenantTally *row = row_of(tenant);
  if (row != NULL) add(&row->rejects[reason], 1);
}

void module_tally_quota(const char *tenant, PeriodKind period, Resource resource, uint64_t limit,
                        uint64_t used) {
  TenantTally *row = row_of(tenant);
  if (row == NULL || row == row_at(0)) return; /* many tenants' row has no quota */
  atomic_store_explicit(&row->quotas[period][resource], limit, memory_order_relaxed);
  atomic_store_explicit(&row->used[period][resource], used, memory_order_relaxed);
}

/* --- Scripts --- */

static size_t find_script(uint64_t hash, size_t count) {
  for (size_t i = 0; i < count; i++)
    if (tally.hashes[i] == hash) return i;
  return count;
}

static size_t lightest(void) {
  size_t least = 0;
  for (size_t i = 1; i < TALLY_SCRIPTS; i++)
    if (tally.weights[i] < tally.weights[least]) least = i;
  return least;
}

/* Whether a row is of that script; names that were cut are as good as those that were not. */
static bool is_row_of(size_t i, const char *tenant, const char *script) {
  return strcmp(tally.rows[i].script, script) == 0 && strcmp(tally.rows[i].tenant, tenant) == 0;
}

static size_t find_row(const char *tenant, const char *script) {
  uint64_t hash = hash_text(POLICY_HASH_START, tenant);
  hash = hash_text(policy_hash_add(hash, "\xFF", 1), script);
  size_t count = tally_get(&tally.scripts);
  size_t i = find_script(hash, count);
  if (i < count) return i;
  if (count == TALLY_SCRIPTS) i = lightest();
  tally.hashes[i] = hash;
  tally.rows[i] = (ScriptTally){.wall_ns = tally.weights[i], .error_ns = tally.weights[i]};
  module_live_name(tally.rows[i].tenant, sizeof tally.rows[i].tenant, (FsbBytes){tenant, strlen(tenant)});
  module_live_name(tally.rows[i].script, sizeof tally.rows[i].script, (FsbBytes){script, strlen(script)});
  return i;
}

static size_t script_row(const char *tenant, const char *script) {
  size_t last = tally.last_script;
  if (last < tally_get(&tally.scripts) && is_row_of(last, tenant, script)) return last;
  return tally.last_script = find_row(tenant, script);
}

static void count_script(size_t i, const FsbUsage *u, Code code) {
  ScriptTally *row = &tally.rows[i];
  row->runs++;
  if (code != CODE_OK) row->failures++;
  row->wall_ns += u->wall_ns;
  if (u->wall_ns > row->longest_ns) row->longest_ns = u->wall_ns;
  row->instructions += u->instructions;
  row->cpu_ns += u->cpu_ns;
  row->host_time_ns += u->host_time_ns;
  row->calls += u->calls;
  row->last_code = (uint64_t)code;
  tally.weights[i] = row->wall_ns;
  cell_write(tally.cells[i], row, sizeof *row);
  if (i == tally_get(&tally.scripts))
    atomic_store_explicit(&tally.scripts, i + 1, memory_order_release);
}

bool module_tally_script(size_t i, ScriptTally *ret_script) {
  if (i >= atomic_load_explicit(&tally.scripts, memory_order_acquire)) return false;
  return cell_read(tally.cells[i], ret_script, sizeof *ret_script);
}

/* --- Over all --- */

static const uint64_t time_bounds[TALLY_BUCKETS - 1] = {
    50000,    100000,   250000,    500000,    1000000,   2500000,    5000000,    10000000,
    25000000, 50000000, 100000000, 250000000, 500000000, 1000000000, 5000000000, 10000000000};
static const uint64_t size_bounds[TALLY_BUCKETS - 1] = {
    1u << 12, 1u << 13, 1u << 14, 1u << 15, 1u << 16, 1u << 17, 1u << 18, 1u << 19,
    1u << 20, 1u << 21, 1u << 22, 1u << 23, 1u << 24, 1u << 26, 1u << 28, 1u << 29};

static const uint64_t call_bounds[SPREAD_BUCKETS - 1] = {
    1u << 8,  1u << 10, 1u << 12, 1u << 14, 1u << 16, 1u << 18,
    1u << 20, 1u << 22, 1u << 24, 1u << 26, 1u << 28, 1u << 30};

_Static_assert(FSB_CALL_TIMES == SPREAD_BUCKETS && SPREAD_BUCKETS <= TALLY_BUCKETS, "call_times is a spread");

const uint64_t *module_tally_bounds(HistogramId id, size_t *ret_buckets) {
  *ret_buckets = id == HISTOGRAM_CALL ? SPREAD_BUCKETS : TALLY_BUCKETS;
  if (id == HISTOGRAM_CALL) return call_bounds;
  return id == HISTOGRAM_MEMORY ? size_bounds : time_bounds;
}

static void observe(HistogramId id, uint64_t value) {
  size_t buckets, i = 0;
  const uint64_t *bounds = module_tally_bounds(id, &buckets);
  Histogram *histogram = &tally.totals.histograms[id];
  while (i < buckets - 1 && value > bounds[i]) i++;
  add(&histogram->buckets[i], 1);
  add(&histogram->sum, value);
}

/* The supervisor sorted them while they happened. */
static void observe_calls(const FsbUsage *u) {
  Histogram *histogram = &tally.totals.histograms[HISTOGRAM_CALL];
  for (size_t i = 0; i < FSB_CALL_TIMES; i++)
    if (u->call_times[i] != 0) add(&histogram->buckets[i], u->call_times[i]);
  add(&histogram->sum, u->host_time_ns);
}

const Totals *module_tally_totals(void) {
  return &tally.totals;
}

void module_tally_kill(void) {
  add(&tally.totals.kills, 1);
}

void module_tally_run(const char *tenant, const char *script, Code code, const FsbUsage *usage, uint64_t reads,
                      uint64_t writes) {
  TenantTally *row = row_of(tenant);
  if (row != NULL) {
    count_tenant(row, usage, code);
    count_calls(row, usage, reads, writes);
  }
  count_script(script_row(tenant, script), usage, code);
  add(&tally.totals.starts[usage->start_kind], 1);
  if (usage->start_kind == FSB_START_NONE) return;
  observe(HISTOGRAM_WALL, usage->wall_ns);
  if (usage->start_kind != FSB_START_WARM) observe(HISTOGRAM_SPAWN, usage->spawn_ns);
  observe(HISTOGRAM_HOST, usage->host_time_ns);
  if (usage->calls != 0) {
    observe(HISTOGRAM_HOLD, usage->hold_ns);
    observe_calls(usage);
  }
  observe(HISTOGRAM_MEMORY, usage->memory_peak_bytes);
}

void module_tally_fini(void) {
  for (size_t i = 0; i < CHUNKS; i++) free(atomic_exchange(&tally.chunks[i], NULL));
  free(tally.places);
  memset(&tally, 0, sizeof tally);
}
