/* SPDX-License-Identifier: BSD-2-Clause */
/* bench_start - what isolation costs: starts, warm runs, calls, memory.
 *
 * Through the public interface, with the real worker and a host that answers at
 * once.  Prints minimum, median and 90th percentile; figures, no verdict.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "sandbox/ferrous_sandbox.h"

#define MANY 2000
#define SOME 200

static uint64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * UINT64_C(1000000000) + (uint64_t)t.tv_nsec;
}

static int compare(const void *a, const void *b) {
  uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return (x > y) - (x < y);
}

static void report(const char *what, uint64_t *samples, size_t count) {
  qsort(samples, count, sizeof samples[0], compare);
  printf("%-42s %9.1f %9.1f %9.1f us\n", what, (double)samples[0] / 1e3, (double)samples[count / 2] / 1e3,
         (double)samples[count * 9 / 10] / 1e3);
}

static void die(const char *what, const FsbError *error) {
  fprintf(stderr, "bench_start: %s: %s\n", what, error->text);
  exit(1);
}

/* The worker of the same build: ../../bin from here. */
static const char *worker_path(void) {
  static char path[4096];
  ssize_t n = readlink("/proc/self/exe", path, sizeof path - 64);
  if (n <= 0) return NULL;
  path[n] = '\0';
  char *slash = strrchr(path, '/');
  (void)snprintf(slash, 64, "/../../bin/ferrous-sandbox-worker");
  return path;
}

static FsbPool *open_pool(FsbTransport transport) {
  FsbError error;
  FsbLimits *limits = fsb_limits_new(); /* the defaults, as a server would have them */
  FsbPoolOptions options = FSB_POOL_OPTIONS_INIT;
  options.limits = limits;
  options.worker_path = worker_path();
  options.transport = transport;
  FsbPool *pool = fsb_pool_open(&options, &error);
  if (pool == NULL) die("no pool", &error);
  fsb_limits_free(limits);
  return pool;
}

static void answer(void *context, const FsbCall *call, FsbReply *ret_reply) {
  (void)context, (void)call;
  *ret_reply = (FsbReply){.kind = FSB_REPLY_DATA, .bytes = {"$5\r\nhello\r\n", 11}};
}

static const FsbHost host = {.call = answer};

/* Runs a script for a principal; returns the time it took. */
static uint64_t run(FsbPool *pool, const char *source, const char *principal) {
  FsbRequest request = FSB_REQUEST_INIT;
  request.source = (FsbBytes){source, strlen(source)};
  request.principal = (FsbBytes){principal, strlen(principal)};
  request.host = &host;
  uint64_t began = now();
  FsbResult *result = fsb_run(pool, &request);
  uint64_t took = now() - began;
  if (fsb_result_code(result) != 0) {
    FsbBytes text = fsb_result_error(result);
    fprintf(stderr, "bench_start: %.*s\n", (int)text.size, text.data);
    exit(1);
  }
  fsb_result_free(result);
  return took;
}

static void measure_zygotes(void) {
  uint64_t samples[20];
  for (size_t i = 0; i < 20; i++) {
    uint64_t began = now();
    FsbPool *pool = open_pool(FSB_TRANSPORT_AUTO);
    samples[i] = now() - began;
    fsb_pool_close(pool);
  }
  report("zygote: start, probe and report", samples, 20);
}

static void measure_cold(FsbPool *pool) {
  uint64_t samples[SOME];
  for (size_t i = 0; i < SOME; i++) {
    char principal[32];
    (void)snprintf(principal, sizeof principal, "tenant-%zu", i);
    samples[i] = run(pool, "return 1", principal);
  }
  report("cold: fork, seal, hello, run, result", samples, SOME);
}

static void measure_warm(FsbPool *pool, const char *transport) {
  uint64_t samples[MANY];
  char what[64];
  for (size_t i = 0; i < MANY; i++) samples[i] = run(pool, "return 1", "warm");
  snprintf(what, sizeof what, "warm run, %s", transport);
  report(what, samples, MANY);
}

static void measure_calls(FsbPool *pool, const char *transport) {
  static const char script[] = "for i = 1, 1000 do redis.call('GET', 'k') end";
  uint64_t samples[50];
  char what[64];
  for (size_t i = 0; i < 50; i++) samples[i] = run(pool, script, "warm") / 1000;
  snprintf(what, sizeof what, "redis.call, one of 1000, %s", transport);
  report(what, samples, 50);
}

static void measure_transport(FsbTransport transport, const char *name) {
  FsbPool *pool = open_pool(transport);
  (void)run(pool, "return 1", "warm");
  measure_warm(pool, name);
  measure_calls(pool, name);
  fsb_pool_close(pool);
}

int main(void) {
  printf("%-42s %9s %9s %9s\n", "", "min", "median", "p90");
  measure_zygotes();
  FsbPool *pool = open_pool(FSB_TRANSPORT_AUTO);
  (void)run(pool, "return 1", "warm");
  measure_cold(pool);
  fsb_pool_close(pool);
  measure_transport(FSB_TRANSPORT_PIPE, "pipe");
  measure_transport(FSB_TRANSPORT_RING, "ring");
  return 0;
}
