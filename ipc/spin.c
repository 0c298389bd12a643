/* SPDX-License-Identifier: BSD-2-Clause */
/* spin - see spin.h.  Version 1 cgroups are not looked at: Debian 12 has 2. */
#define _GNU_SOURCE /* CPU_COUNT */
#include "ipc/spin.h"

#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CGROUP_ROOT "/sys/fs/cgroup"

bool ipc_spin_is_quota_small(const char *cpu_max) {
  char *after_quota, *after_period;
  unsigned long long quota = strtoull(cpu_max, &after_quota, 10);
  if (after_quota == cpu_max || *after_quota != ' ') return false; /* "max" */
  unsigned long long period = strtoull(after_quota + 1, &after_period, 10);
  if (after_period == after_quota + 1 || period == 0) return false;
  return quota / period < 2;
}

/* Reads the beginning of a small file as text; false when there is none. */
static bool read_text(const char *name, char *to, size_t capacity) {
  int fd = open(name, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  ssize_t size = read(fd, to, capacity - 1);
  close(fd);
  if (size < 0) return false;
  to[size] = 0;
  return true;
}

bool ipc_spin_is_cgroup_small(const char *root, const char *path) {
  char directory[PATH_MAX], name[PATH_MAX + 16], text[64];
  int size = snprintf(directory, sizeof directory, "%s%s", root, path);
  if (size < 0 || (size_t)size >= sizeof directory) return false;
  for (;;) {
    (void)snprintf(name, sizeof name, "%s/cpu.max", directory);
    if (read_text(name, text, sizeof text) && ipc_spin_is_quota_small(text)) return true;
    char *last = strrchr(directory, '/');
    if (last == NULL || (size_t)(last - directory) < strlen(root)) return false;
    *last = 0;
  }
}

/* Our own cgroup: the line "0::PATH". */
static bool is_own_cgroup_small(void) {
  char text[PATH_MAX + 256];
  if (!read_text("/proc/self/cgroup", text, sizeof text)) return false;
  const char *line = strncmp(text, "0::", 3) == 0 ? text : strstr(text, "\n0::");
  if (line == NULL) return false;
  char *path = strstr(line, "::") + 2;
  path[strcspn(path, "\n")] = 0;
  return ipc_spin_is_cgroup_small(CGROUP_ROOT, path);
}

static int count_processors(void) {
  cpu_set_t set;
  return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
}

uint32_t ipc_spin_rounds(void) {
  return count_processors() < 2 || is_own_cgroup_small() ? 0 : SPIN_ROUNDS;
}

/* --- Whether it pays at present --- */

uint32_t ipc_spin_begin(SpinGauge *gauge) {
  if (gauge->left == 0) return gauge->rounds;
  gauge->left--;
  return 0;
}

static void rest(SpinGauge *gauge) {
  bool is_first = gauge->rest == 0;
  if (is_first) gauge->rest = SPIN_REST_FIRST;
  else if (gauge->rest < SPIN_REST_MOST) gauge->rest *= 2;
  gauge->left = gauge->rest;
}

void ipc_spin_end(SpinGauge *gauge, SpinWaits waits) {
  SpinWaits *seen = &gauge->seen;
  if (waits.waits == 0) return;
  seen->waits += waits.waits;
  seen->misses += waits.misses;
  seen->idle += waits.idle;
  seen->took += waits.took;
  uint64_t worth = seen->waits * SPIN_WORTH;
  bool is_over = seen->took >= SPIN_SPAN;
  bool is_lost = seen->idle > worth + SPIN_SLACK || (is_over && (seen->idle > worth || seen->misses > seen->waits / 4));
  if (is_lost) rest(gauge);
  else if (is_over) gauge->rest = 0;
  if (is_lost || is_over) *seen = (SpinWaits){0};
}
