/* SPDX-License-Identifier: BSD-2-Clause */
/* layout.c - maps a worker's memory and looks what else is there. */
#define _GNU_SOURCE
#include "sandbox/worker/layout.h"

#include "ipc/ring.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <unistd.h>

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

#define PAGE UINT64_C(4096)
#define DRAWS 64

#define NEAR_STACK (UINT64_C(32) << 10) /* more than a run needs as a rule */
#define SMALL_FRAME (UINT64_C(32) << 10)

/* What an encoded frame holds besides the bytes that limits.def counts: a tag
 * and a length for each of two million elements. */
#define FRAME_SLACK (UINT64_C(5) << 20)

static uint64_t round_to_page(uint64_t n) { return (n + PAGE - 1) & ~(PAGE - 1); }

uint64_t worker_layout_arena_bytes(uint64_t memory) { return round_to_page(memory + memory / 4); }

/* --- The arena's place --- */

/* Places for `size` bytes in [begin, end), counted in pages. */
static uint64_t count_places(uint64_t begin, uint64_t end, uint64_t size) {
  return size > end - begin ? 0 : (end - begin - size) / PAGE + 1;
}

/* Draws uniformly from both windows taken together; 0 when neither is large enough. */
static uint64_t draw_place(uint64_t size) {
  uint64_t low = count_places(LAYOUT_LOW_BEGIN, LAYOUT_LOW_END, size);
  uint64_t high = count_places(LAYOUT_HIGH_BEGIN, LAYOUT_HIGH_END, size);
  uint64_t random = 0;
  if (low + high == 0) return 0;
  if (getrandom(&random, sizeof random, 0) != (ssize_t)sizeof random) return 0;
  uint64_t place = random % (low + high); /* the bias is below 2^-44 */
  return place < low ? LAYOUT_LOW_BEGIN + place * PAGE : LAYOUT_HIGH_BEGIN + (place - low) * PAGE;
}

static Status map_arena(uint64_t size, Region *ret) {
  for (int i = 0; i < DRAWS; i++) {
    uint64_t place = draw_place(size);
    if (place == 0) return ST_RANGE;
    void *wanted = (void *)(uintptr_t)place;
    void *got = mmap(wanted, size, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
    if (got == wanted) {
      *ret = (Region){got, size};
      return ST_OK;
    }
    /* A kernel before 4.17 takes the address for a hint. */
    if (got != MAP_FAILED) munmap(got, size);
    else if (errno == ENOMEM) return ST_NO_MEMORY;
  }
  return ST_NO_MEMORY;
}

/* --- The rest --- */

/* Maps `size` bytes with an inaccessible page on either side, so that running
 * off one buffer does not reach the next. */
static Status map_guarded(uint64_t size, int protection, Region *ret) {
  uint64_t whole = round_to_page(size);
  if (whole == 0) whole = PAGE;
  uint8_t *at = mmap(NULL, whole + 2 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (at == MAP_FAILED) return ST_NO_MEMORY;
  if (mprotect(at + PAGE, whole, protection) != 0) return ST_NO_MEMORY;
  *ret = (Region){at + PAGE, whole};
  return ST_OK;
}

typedef struct {
  Region *region;
  uint64_t size;
  int protection;
} Need;

static uint64_t sum_of(const Need *needs, size_t count) {
  uint64_t sum = PAGE;
  for (size_t i = 0; i < count; i++) sum += round_to_page(needs[i].size) + PAGE;
  return sum;
}

/* Reserves `size` bytes, whose byte `lead` is the first of a page table's range; NULL: there is no room. */
static uint8_t *reserve_window(uint64_t size, uint64_t lead) {
  uint8_t *at = mmap(NULL, size + LAYOUT_WINDOW, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (at == MAP_FAILED) return NULL;
  uint64_t before = -((uintptr_t)at + lead) & (LAYOUT_WINDOW - 1);
  if (before != 0 && munmap(at, before) != 0) return NULL;
  return munmap(at + before + size, LAYOUT_WINDOW - before) == 0 ? at + before : NULL;
}

/* Maps regions one behind the other, with an inaccessible page between each two and at the ends.  The
 * window begins `lead` bytes behind the first, and the last may end beyond it. */
static Status map_window(const Need *needs, size_t count, uint64_t lead) {
  uint8_t *at = reserve_window(sum_of(needs, count), lead);
  if (at == NULL) return ST_NO_MEMORY;
  for (size_t i = 0; i < count; i++) {
    uint64_t size = round_to_page(needs[i].size);
    if (mprotect(at + PAGE, size, needs[i].protection) != 0) return ST_NO_MEMORY;
    *needs[i].region = (Region){at + PAGE, size};
    at += PAGE + size;
  }
  return ST_OK;
}

Status worker_layout_map(const LayoutSizes *sizes, size_t control_bytes, size_t state_bytes, Layout *ret_layout) {
  uint64_t in = sizes->script_bytes + sizes->arg_bytes + sizes->reply_bytes; /* of a RUN with a tape, which ends in a reply */
  uint64_t out = sizes->reply_bytes > sizes->arg_bytes ? sizes->reply_bytes : sizes->arg_bytes;
  const int rw = PROT_READ | PROT_WRITE;
  Layout made;
  const Need near[] = {
      {&made.stack, LAYOUT_STACK, rw},
      {&made.state, state_bytes, rw},        {&made.stop, PAGE, PROT_READ},
      {&made.rings, RING_PAIR_BYTES, rw},    {&made.ring_frame, RING_BYTES, rw},
      {&made.small_in, SMALL_FRAME, rw},     {&made.small_out, SMALL_FRAME, rw},
      {&made.control, control_bytes, rw},
  };
  const Need far[] = {
      {&made.in, in + FRAME_SLACK, rw},
      {&made.out, out + FRAME_SLACK, rw},
      {&made.tokens, sizes->reply_bytes + PAGE, rw},
      {&made.items, sizes->item_bytes << 20, rw}, /* 2^20: MESSAGE_MAX_PARAMETERS */
  };
  Status s = map_arena(worker_layout_arena_bytes(sizes->memory), &made.arena);
  if (s == ST_OK) s = map_window(near, sizeof near / sizeof near[0], PAGE + LAYOUT_STACK - NEAR_STACK);
  for (size_t i = 0; s == ST_OK && i < sizeof far / sizeof far[0]; i++)
    s = map_guarded(far[i].size, far[i].protection, far[i].region);
  if (s == ST_OK) *ret_layout = made;
  return s;
}

/* --- Looking --- */

/* Feeds /proc/self/maps line by line without stdio, which would allocate. */
typedef struct {
  int fd;
  size_t have;
  size_t at;
  char buffer[4096];
} Lines;

static int next_byte(Lines *lines) {
  if (lines->at == lines->have) {
    ssize_t n = read(lines->fd, lines->buffer, sizeof lines->buffer);
    if (n <= 0) return -1;
    lines->have = (size_t)n;
    lines->at = 0;
  }
  return (unsigned char)lines->buffer[lines->at++];
}

/* Copies one line, cut to fit; false at the end. */
static bool next_line(Lines *lines, char *line, size_t capacity) {
  size_t n = 0;
  int c = next_byte(lines);
  if (c < 0) return false;
  for (; c >= 0 && c != '\n'; c = next_byte(lines))
    if (n + 1 < capacity) line[n++] = (char)c;
  line[n] = '\0';
  return true;
}

static const char *read_hex(const char *p, uint64_t *ret) {
  uint64_t value = 0;
  for (;; p++) {
    unsigned digit = (unsigned)(*p >= 'a' ? *p - 'a' + 10 : *p - '0');
    if (digit > 15) break;
    value = value << 4 | digit;
  }
  *ret = value;
  return p;
}

static void note_mapping(const Layout *layout, LayoutScan *scan, const char *line) {
  uint64_t begin, end;
  const char *p = read_hex(line, &begin);
  if (*p != '-') return;
  read_hex(p + 1, &end);
  if (strstr(line, "[vsyscall]") != NULL) return; /* no mapping of the process's own */
  scan->mapped += end - begin;
  if (strstr(line, "[stack]") != NULL) scan->stack = (Region){(uint8_t *)(uintptr_t)begin, end - begin};
  bool is_clock = strstr(line, "[vdso]") != NULL || strstr(line, "[vvar") != NULL;
  if (is_clock && scan->clock_count < LAYOUT_CLOCK_MAX)
    scan->clock[scan->clock_count++] = (Region){(uint8_t *)(uintptr_t)begin, end - begin};
  uint64_t arena = (uintptr_t)layout->arena.data;
  bool is_arena = begin >= arena && end <= arena + layout->arena.size;
  if (!is_arena && begin < LAYOUT_CLEAR_BELOW && scan->intruder == 0) scan->intruder = begin;
}

Status worker_layout_scan(int proc_fd, const Layout *layout, LayoutScan *ret_scan) {
  Lines lines = {.fd = openat(proc_fd, "self/maps", O_RDONLY | O_CLOEXEC)};
  char line[256];
  *ret_scan = (LayoutScan){0};
  if (lines.fd < 0) return ST_IO;
  while (next_line(&lines, line, sizeof line)) note_mapping(layout, ret_scan, line);
  close(lines.fd);
  return ret_scan->mapped == 0 ? ST_IO : ST_OK;
}
