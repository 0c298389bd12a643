/* SPDX-License-Identifier: BSD-2-Clause */
/* host - see host.h. */
#include "tools/vm/host.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

/* Below the addresses that sanitizers use; several tries, for maps differ. */
static void *map_low(size_t size) {
  static const uintptr_t places[] = {0x10000000, 0x60000000, 0x08000000, 0x20000000, 0x68000000};
  for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
    void *p = mmap((void *)places[i], size, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
    if (p == (void *)places[i]) return p;
    if (p != MAP_FAILED) munmap(p, size);
  }
  return NULL;
}

static void *map_anywhere(size_t size) {
  void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return p == MAP_FAILED ? NULL : p;
}

bool vm_host_open(Host *host, VmProfile profile, size_t memory, bool control_low) {
  size_t arena_size = (memory + memory / 4 + 4095) & ~(size_t)4095;
  if (arena_size < (size_t)1 << 20) arena_size = (size_t)1 << 20;
  size_t control_size = vm_control_size(arena_size);
  void *arena = map_low(arena_size);
  void *control = control_low ? map_low(control_size) : map_anywhere(control_size);
  if (arena == NULL || control == NULL) {
    fprintf(stderr, "ferrous-vm: cannot map %zu bytes for the arena and %zu for control\n", arena_size, control_size);
    return false;
  }
  host->config = (VmConfig){.arena = arena,
                            .arena_size = arena_size,
                            .control = control,
                            .control_size = control_size,
                            .hash_seed = UINT64_C(0x243f6a8885a308d3),
                            .profile = profile};
  host->vm = vm_open(&host->config);
  if (host->vm == NULL) fprintf(stderr, "ferrous-vm: cannot open the machine\n");
  return host->vm != NULL;
}

char *vm_host_read_file(const char *path, size_t *ret_size) {
  FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
  size_t room = 1 << 16, size = 0;
  char *text = malloc(room);
  while (f != NULL && text != NULL) {
    size_t got = fread(text + size, 1, room - size, f);
    if (got == 0) break;
    size += got;
    if (size == room) text = realloc(text, room *= 2);
  }
  bool failed = f == NULL || text == NULL || ferror(f);
  if (failed) fprintf(stderr, "ferrous-vm: cannot read %s: %s\n", path, strerror(errno));
  if (f != NULL && f != stdin) fclose(f);
  if (failed) {
    free(text);
    return NULL;
  }
  *ret_size = size;
  return text;
}

static double seconds(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void fail(VM *vm, const char *text) { vm_host_fail(vm, (VmBytes){text, strlen(text)}); }

static void serve_read(VM *vm, const VmHostCall *call) {
  char path[4096];
  if (call->argv[0].size >= sizeof path) {
    fail(vm, "ERR file name too long");
    return;
  }
  memcpy(path, call->argv[0].data, call->argv[0].size);
  path[call->argv[0].size] = 0;
  size_t size;
  char *text = vm_host_read_file(path, &size);
  if (text == NULL) {
    fail(vm, "ERR cannot open file");
    return;
  }
  vm_host_bytes(vm, (VmBytes){text, size});
  free(text);
}

static void serve(VM *vm) {
  const VmHostCall *call = vm_host_call(vm);
  switch (call->kind) {
    case VM_HOST_PRINT: fwrite(call->argv[0].data, 1, call->argv[0].size, stdout); break;
    case VM_HOST_LOG:
      fwrite(call->argv[0].data, 1, call->argv[0].size, stderr);
      fputc('\n', stderr);
      break;
    case VM_HOST_CLOCK: vm_host_number(vm, seconds(CLOCK_PROCESS_CPUTIME_ID)); break;
    case VM_HOST_DATE: vm_host_number(vm, (double)time(NULL)); break;
    case VM_HOST_READ: serve_read(vm, call); break;
    case VM_HOST_REDIS: fail(vm, "ERR no data store is connected: use ferrous-sandboxctl run"); break;
  }
}

VmStatus vm_host_run(Host *host) {
  for (;;) {
    VmStatus status = vm_run(host->vm, UINT64_C(1) << 24);
    if (status == VM_HOST_CALL) serve(host->vm);
    else if (status != VM_QUANTUM) return status;
  }
}
