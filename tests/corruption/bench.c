/* SPDX-License-Identifier: BSD-2-Clause */
/* bench - see bench.h. */
#define _GNU_SOURCE
#include "tests/corruption/bench.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { TOKENS_MAX = 20000 };

static const char probe[] =
    "local t = {} for i = 1, 30 do t['k' .. i % 7] = i; t[i] = {i} end\n"
    "local co = coroutine.wrap(function(a) while true do a = a + coroutine.yield(a) end end)\n"
    "local x = co(1) + co(2) setmetatable(t, {__index = function(_, k) return k end})\n"
    "local s = '' for k, v in pairs(t) do s = s .. tostring(k) end collectgarbage()\n"
    "return {x, #t, t.none, s, select(2, pcall(error, 'e', 2)), ('%5.2f'):format(x), (s:gsub('k', '%0%0'))}";

void bench_serve(Bench *b) {
  static const char *const replies[] = {"+OK\r\n", ":7\r\n", "$-1\r\n", "$3\r\nabc\r\n", "*2\r\n:1\r\n$1\r\nx\r\n", "-ERR no\r\n"};
  const VmHostCall *call = vm_host_call(b->vm);
  for (uint32_t i = 0; i < call->argc; i++) b->output_size += call->argv[i].size ? (uint8_t)call->argv[i].data[0] : 0;
  if (call->kind == VM_HOST_REDIS) {
    const char *reply = replies[b->turn++ % (sizeof replies / sizeof *replies)];
    vm_host_reply(b->vm, (VmBytes){reply, strlen(reply)});
  } else if (call->kind == VM_HOST_CLOCK || call->kind == VM_HOST_DATE) {
    vm_host_number(b->vm, 1);
  } else if (call->kind == VM_HOST_READ) {
    vm_host_bytes(b->vm, (VmBytes){"return 1", 8});
  }
}

/* Stops at a size, as the worker's does: a damaged table may contain itself. */
static bool add_token(void *context, const VmToken *token) {
  uint64_t *h = context;
  if (h[1]++ > TOKENS_MAX) return false;
  *h = watch_hash(*h + (uint64_t)token->kind, &token->integer, sizeof token->integer);
  *h = watch_hash(*h, token->bytes.data, token->bytes.size);
  return true;
}

static void count_outcome(Bench *b, VmStatus status, uint64_t *ret_hash) {
  if (status == VM_DONE) {
    uint64_t sum[2] = {1, 0};
    b->tally->done++;
    vm_result(b->vm, add_token, sum);
    *ret_hash = sum[0];
  } else if (status == VM_ERROR) {
    b->tally->errors++;
    const VmError *error = vm_error(b->vm);
    *ret_hash = watch_hash(2, error->text.data, error->text.size);
  } else {
    b->tally->limits++;
    (void)vm_ending(b->vm);
  }
}

static VmStatus run(Bench *b, const char *text, size_t size, bool is_attacked) {
  static const VmBytes arguments[] = {{"key:{1}", 7}, {"10", 2}};
  VmRequest request = {.instructions = BENCH_BUDGET, .memory = BENCH_MEMORY, .random_state = 1, .resp = 2};
  b->is_quiet = true;
  vm_set_trace(b->vm, is_attacked ? attack_step : NULL, b);
  vm_begin(b->vm, &request);
  if (!vm_set_strings(b->vm, "KEYS", arguments, 2) || !vm_set_strings(b->vm, "ARGV", arguments, 2)) return VM_LIMIT;
  if (!vm_compile(b->vm, (VmBytes){text, size}, "@p")) return VM_ERROR;
  b->is_quiet = !is_attacked;
  VmStatus status;
  while ((status = vm_run(b->vm, 1000)) == VM_QUANTUM || status == VM_HOST_CALL) {
    if (status == VM_HOST_CALL) bench_serve(b);
  }
  return status;
}

/* What was never handed out is not the rollback's.  It is counted and left there: the programs after it
 * must not notice. */
static void count_remains(Bench *b) {
  char *rest = (char *)(uintptr_t)b->vm->heap.base_end, *end = (char *)b->config.arena + BENCH_ARENA;
  if (rest[0] == 0 && memcmp(rest, rest + 1, (size_t)(end - rest) - 1) == 0) return;
  b->tally->remains++;
}

static uint64_t run_probe(Bench *b) {
  uint64_t h = 1;
  uint64_t done = b->tally->done, errors = b->tally->errors;
  count_outcome(b, run(b, probe, sizeof probe - 1, false), &h);
  b->tally->done = done;
  b->tally->errors = errors;
  vm_rollback(b->vm);
  return h;
}

const char *bench_attack(Bench *b, const char *text, size_t size) {
  uint64_t h = 1;
  b->tally->programs++;
  b->until = 1 + random_below(&b->random, 16u << random_below(&b->random, 8));
  b->writes_left = 1 + random_below(&b->random, 1u << random_below(&b->random, 13));
  VmStatus status = run(b, text, size, true);
  count_outcome(b, status, &h);
  b->is_quiet = true;
  const char *wrong = inspect_control(b);
  vm_rollback(b->vm);
  count_remains(b);
  if (wrong == NULL && inspect_constants(b) != b->base) wrong = "the base has changed";
  if (wrong == NULL && run_probe(b) != b->probe) wrong = "the next program's result is another";
  errno = 0; /* libm sets it */
  b->changed = watch_find_change(&b->watch);
  if (wrong == NULL && b->changed != NULL) wrong = "memory outside arena and control has changed";
  return wrong;
}

/* --- Opening --- */

static char *map(uintptr_t place, size_t size, int access) {
  int fixed = place ? 0x100000 : 0; /* MAP_FIXED_NOREPLACE */
  char *p = mmap((void *)place, size, access, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | fixed, -1, 0);
  if (p == MAP_FAILED || (place && p != (char *)place)) abort();
  return p;
}

enum { GUARD = 1 << 30 };

/* With a gibibyte of nothing on either side. */
static char *map_alone(size_t size) {
  char *p = map(0, size + 2 * (size_t)GUARD, PROT_NONE) + GUARD;
  if (mprotect(p, size, PROT_READ | PROT_WRITE) != 0) abort();
  return p;
}

/* The same, shared with the children; the file knows which pages were touched. */
static char *map_shared(size_t size, int *ret_file) {
  char *p = map_alone(size);
  *ret_file = memfd_create("control", MFD_CLOEXEC);
  if (*ret_file < 0 || ftruncate(*ret_file, (off_t)size) != 0) abort();
  if (mmap(p, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED | MAP_NORESERVE, *ret_file, 0) != p) abort();
  return p;
}

/* The machine's struct, and what it has carved for good. */
static size_t image_size(const Bench *b) {
  const Control *c = &b->vm->heap.control;
  return ((size_t)(c->base - (char *)b->config.control) + c->floor + 4095) & ~(size_t)4095;
}

Bench *bench_open(VmProfile profile, Tally *tally, uintptr_t place) {
  size_t control = vm_control_size(BENCH_ARENA);
  Bench *b = (Bench *)map_alone(sizeof *b);
  b->tally = tally;
  b->scratch = (Scratch){.base = map_alone(BENCH_SCRATCH), .size = BENCH_SCRATCH};
  b->config = (VmConfig){.arena = map(place, BENCH_ARENA, PROT_READ | PROT_WRITE), .arena_size = BENCH_ARENA,
                         .control = map_shared((control + 4095) & ~(size_t)4095, &b->control_file), .control_size = control,
                         .hash_seed = 7, .profile = profile};
  b->vm = vm_open(&b->config);
  if (b->vm == NULL) abort();
  b->base = inspect_constants(b);
  b->fixed = inspect_fixed(b);
  b->base_bytes = vm_base_bytes(b->vm);
  b->probe = run_probe(b);
  b->control_image_size = image_size(b);
  b->control_image = map_alone(b->control_image_size);
  memcpy(b->control_image, b->config.control, b->control_image_size);
  return b;
}

enum { PAGE = 4096 };

static bool is_page_zero(const char *page) { return page[0] == 0 && memcmp(page, page + 1, PAGE - 1) == 0; }

/* Pages of control behind the highest place that the machine knows to have written, up to what it carved from
 * the far end. */
static bool is_rest_zero(const Bench *b) {
  const Control *control = &b->vm->heap.control;
  const char *start = b->config.control, *end = control->base + control->size;
  const char *at = control->base + control->touched;
  for (;;) {
    off_t data = lseek(b->control_file, at - start, SEEK_DATA);
    if (data < 0 || start + data >= end) return true;
    if (start + data > at) at = start + data;
    const char *page = (const char *)((uintptr_t)at & ~(uintptr_t)(PAGE - 1));
    if (is_page_zero(page)) {
      at = page + PAGE;
      continue;
    }
    for (; at < page + PAGE && at < end; at++) {
      if (*at != 0) return false;
    }
  }
}

const char *bench_autopsy(Bench *b, bool may_commit) {
  const char *wrong = NULL;
  bool is_same = may_commit ? inspect_fixed(b) == b->fixed : inspect_constants(b) == b->base;
  if (!is_same) wrong = "control that never changes has changed before the end";
  else if (!is_rest_zero(b)) wrong = "something was written into unused control";
  off_t size = (off_t)((b->config.control_size + 4095) & ~(size_t)4095);
  if (fallocate(b->control_file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, size) != 0) abort();
  for (size_t at = 0; at < b->control_image_size; at += PAGE) {
    if (!is_page_zero(b->control_image + at)) memcpy((char *)b->config.control + at, b->control_image + at, PAGE);
  }
  return wrong;
}

void bench_unmap(Bench *b) {
  munmap(b->config.arena, BENCH_ARENA);
  munmap(b->config.control, b->config.control_size);
  munmap(b->scratch.base, BENCH_SCRATCH);
  munmap(b->control_image, b->control_image_size);
  munmap(b, sizeof *b);
}
