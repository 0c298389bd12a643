/* SPDX-License-Identifier: BSD-2-Clause */
/* bench_density - how many tenants a gigabyte keeps warm, and what the others wait.
 *
 *   bench_density [TENANTS [REQUESTS]]     10000 and 60000
 *
 * First workers are added one by one and the system's available memory is watched, so that page
 * tables and kernel stacks count.  On a machine that does other work that figure is worthless, so
 * the parts are counted as well: a worker's own pages and page tables, and what the kernel's stacks and
 * unreclaimable slabs grew by (pages in its pipes are in none of them).  Then tenants run "return 1" with Zipf's frequencies (the
 * n-th asks 1/n as often as the first) against a pool of 1 GiB: how often a worker has to
 * be forked, and how long those runs and the others take.  Figures, no verdict.
 */
#define _GNU_SOURCE
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "sandbox/ferrous_sandbox.h"

#define STEP 500
#define MOST 2000
#define GIB (UINT64_C(1) << 30)

static uint64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * UINT64_C(1000000000) + (uint64_t)t.tv_nsec;
}

/* A field of a file of /proc, in KiB. */
static long read_kib(const char *path, const char *name) {
  char line[256];
  long value = -1;
  FILE *file = fopen(path, "r");
  while (file != NULL && value < 0 && fgets(line, sizeof line, file) != NULL)
    if (strncmp(line, name, strlen(name)) == 0) value = strtol(line + strlen(name), NULL, 10);
  if (file != NULL) (void)fclose(file);
  return value;
}

static const char *worker_path(void) {
  static char path[4096];
  ssize_t n = readlink("/proc/self/exe", path, sizeof path - 64);
  if (n <= 0) return NULL;
  path[n] = '\0';
  (void)snprintf(strrchr(path, '/'), 64, "/../../bin/ferrous-sandbox-worker");
  return path;
}

static FsbPool *open_pool(uint64_t memory) {
  FsbError error;
  FsbLimits *limits = fsb_limits_new();
  FsbPoolOptions options = FSB_POOL_OPTIONS_INIT;
  options.limits = limits;
  options.worker_path = worker_path();
  options.memory = memory;
  options.renew_after = 1000000;
  FsbPool *pool = fsb_pool_open(&options, &error);
  fsb_limits_free(limits);
  if (pool != NULL) return pool;
  (void)fprintf(stderr, "bench_density: %s\n", error.text);
  exit(1);
}

/* Runs a script for a tenant; returns the time it took and whether it met no worker. */
static uint64_t run(FsbPool *pool, unsigned tenant, bool *ret_is_cold) {
  char name[32];
  FsbRequest request = FSB_REQUEST_INIT;
  request.principal = (FsbBytes){name, (size_t)snprintf(name, sizeof name, "tenant-%u", tenant)};
  request.source = (FsbBytes){"return 1", 8};
  uint64_t began = now();
  FsbResult *result = fsb_run(pool, &request);
  uint64_t took = now() - began;
  if (fsb_result_code(result) != 0) {
    FsbBytes text = fsb_result_error(result);
    (void)fprintf(stderr, "bench_density: %.*s\n", (int)text.size, text.data);
    exit(1);
  }
  *ret_is_cold = fsb_result_usage(result)->start_kind == FSB_START_COLD;
  fsb_result_free(result);
  return took;
}

/* A process whose parent is `parent`, the last that /proc lists; 0 when there is none. */
static long last_child(long parent) {
  char path[64], text[4096];
  long found = 0;
  (void)snprintf(path, sizeof path, "/proc/%ld/task/%ld/children", parent, parent);
  FILE *file = fopen(path, "r");
  while (file != NULL && fscanf(file, "%4095s", text) == 1) found = strtol(text, NULL, 10);
  if (file != NULL) (void)fclose(file);
  return found;
}

/* KiB of the newest worker that are nobody else's: its pages, and its page tables. */
static void show_own(void) {
  char rollup[64], status[64];
  long worker = last_child(last_child((long)getpid()));
  (void)snprintf(rollup, sizeof rollup, "/proc/%ld/smaps_rollup", worker);
  (void)snprintf(status, sizeof status, "/proc/%ld/status", worker);
  /* The topmost table is not in VmPTE. */
  printf("a worker's own: pages %ld KiB, page tables %ld KiB\n", read_kib(rollup, "Private_Dirty:"), read_kib(status, "VmPTE:") + 4);
}

static long kernel_kib(void) {
  return read_kib("/proc/meminfo", "KernelStack:") + read_kib("/proc/meminfo", "SUnreclaim:");
}

static void measure_memory(void) {
  FsbPool *pool = open_pool(64 * GIB);
  bool is_cold;
  for (unsigned i = 0; i < 10; i++) (void)run(pool, i, &is_cold);
  long free_before = read_kib("/proc/meminfo", "MemAvailable:");
  long own_before = read_kib("/proc/self/status", "VmRSS:");
  long kernel_before = kernel_kib();
  printf("%8s %22s %22s %22s %18s\n", "workers", "KiB a worker, in all", "KiB, of the supervisor", "KiB, stacks and slabs", "workers in a GiB");
  for (unsigned count = STEP; count <= MOST; count += STEP) {
    for (unsigned i = count - STEP; i < count; i++) (void)run(pool, 10 + i, &is_cold);
    double all = (double)(free_before - read_kib("/proc/meminfo", "MemAvailable:")) / count;
    double own = (double)(read_kib("/proc/self/status", "VmRSS:") - own_before) / count;
    double kernel = (double)(kernel_kib() - kernel_before) / count;
    printf("%8u %22.0f %22.1f %22.1f %18.0f\n", count, all, own, kernel, 1048576.0 / all);
  }
  show_own();
  fsb_pool_close(pool);
}

static int compare(const void *a, const void *b) {
  uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return (x > y) - (x < y);
}

static void show(const char *what, uint64_t *samples, size_t count) {
  if (count == 0) return;
  qsort(samples, count, sizeof *samples, compare);
  printf("%-6s %8zu runs, p50 %8.1f, p99 %8.1f, p99.9 %8.1f us\n", what, count, (double)samples[count / 2] / 1e3,
         (double)samples[count * 99 / 100] / 1e3, (double)samples[count * 999 / 1000] / 1e3);
}

/* The tenant to whom a number in [0, 1) belongs. */
static unsigned pick(const double *sums, unsigned tenants, double x) {
  unsigned low = 0, high = tenants - 1;
  while (low < high) {
    unsigned middle = (low + high) / 2;
    if (sums[middle] / sums[tenants - 1] > x) high = middle;
    else low = middle + 1;
  }
  return low;
}

static void measure_zipf(unsigned tenants, unsigned requests) {
  double *sums = malloc(tenants * sizeof *sums), sum = 0;
  uint64_t *samples[2] = {malloc(requests * sizeof(uint64_t)), malloc(requests * sizeof(uint64_t))};
  size_t counts[2] = {0, 0};
  FsbPool *pool = open_pool(GIB);
  for (unsigned i = 0; i < tenants; i++) sums[i] = sum += 1.0 / (i + 1);
  srand48(1);
  for (unsigned i = 0; i < 2 * requests; i++) {
    bool is_cold;
    uint64_t took = run(pool, pick(sums, tenants, drand48()), &is_cold);
    if (i >= requests) samples[is_cold][counts[is_cold]++] = took; /* the first half fills the pool */
  }
  printf("%u tenants, Zipf, pool of 1 GiB: %.1f %% of the runs met no worker of theirs\n", tenants,
         100.0 * (double)counts[1] / requests);
  show("warm", samples[0], counts[0]);
  show("cold", samples[1], counts[1]);
  fsb_pool_close(pool);
  free(sums);
  free(samples[0]);
  free(samples[1]);
}

int main(int argc, char **argv) {
  unsigned tenants = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 10000;
  unsigned requests = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 60000;
  if (tenants == 0 || requests == 0) {
    (void)fputs("usage: bench_density [TENANTS [REQUESTS]]\n", stderr);
    return 2;
  }
  measure_memory();
  measure_zipf(tenants, requests);
  return 0;
}
