/* SPDX-License-Identifier: BSD-2-Clause */
/* watch - sees writes to memory that nobody was to write. */
#ifndef TESTS_CORRUPTION_WATCH_H
#define TESTS_CORRUPTION_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WATCH_MAX = 64 };

typedef struct {
  const char *start;
  size_t size;
  uint64_t hash;
} WatchRange;

typedef struct {
  WatchRange ranges[WATCH_MAX];
  size_t count;
} Watch;

/* Notes every writable mapping of the process but the given ones and the stack. */
void watch_open(Watch *w, const WatchRange *left_out, size_t count);

/* Takes what is in them as it should be; gives the range that is so no more, or NULL. */
void watch_take(Watch *w);
const WatchRange *watch_find_change(const Watch *w);

uint64_t watch_hash(uint64_t h, const void *bytes, size_t size);

#endif
