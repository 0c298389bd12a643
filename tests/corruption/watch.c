/* SPDX-License-Identifier: BSD-2-Clause */
/* watch - see watch.h. */
#include "tests/corruption/watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/rseq.h>

uint64_t watch_hash(uint64_t h, const void *bytes, size_t size) {
  const char *p = bytes;
  for (; size >= 8; size -= 8, p += 8) {
    uint64_t word;
    memcpy(&word, p, 8);
    h = (h ^ word) * UINT64_C(0x9e3779b97f4a7c15);
    h ^= h >> 29;
  }
  for (; size > 0; size--) h = (h ^ (uint8_t)*p++) * UINT64_C(0x100000001b3);
  return h;
}

static bool is_left_out(const char *start, const char *end, const WatchRange *out, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (start < out[i].start + out[i].size && out[i].start < end) return true;
  }
  return false;
}

static void add(Watch *w, const char *start, const char *end) {
  if (start < end && w->count < WATCH_MAX) w->ranges[w->count++] = (WatchRange){.start = start, .size = (size_t)(end - start)};
}

/* Where the kernel writes the processor's number, in thread-local memory. */
static void add_around_rseq(Watch *w, const char *start, const char *end) {
  const char *hole = (const char *)__builtin_thread_pointer() + __rseq_offset;
  if (hole < start || hole >= end) {
    add(w, start, end);
    return;
  }
  add(w, start, hole);
  add(w, hole + sizeof(struct rseq), end);
}

void watch_open(Watch *w, const WatchRange *left_out, size_t count) {
  static char line[512];
  FILE *maps = fopen("/proc/self/maps", "r");
  if (maps == NULL) abort();
  w->count = 0;
  while (fgets(line, sizeof line, maps) != NULL) {
    unsigned long start, end;
    char access[5];
    if (sscanf(line, "%lx-%lx %4s", &start, &end, access) != 3 || access[0] != 'r' || access[1] != 'w') continue;
    if (strstr(line, "[stack]") || strstr(line, "[v")) continue;
    if (is_left_out((const char *)start, (const char *)end, left_out, count)) continue;
    add_around_rseq(w, (const char *)start, (const char *)end);
  }
  fclose(maps);
}

void watch_take(Watch *w) {
  for (size_t i = 0; i < w->count; i++) w->ranges[i].hash = watch_hash(1, w->ranges[i].start, w->ranges[i].size);
}

const WatchRange *watch_find_change(const Watch *w) {
  for (size_t i = 0; i < w->count; i++) {
    if (watch_hash(1, w->ranges[i].start, w->ranges[i].size) != w->ranges[i].hash) return &w->ranges[i];
  }
  return NULL;
}
