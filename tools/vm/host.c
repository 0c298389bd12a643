/* SPDX-License-Identifier: BSD-2-Clause */
/* host - see host.h. */
#include "tools/vm/host.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
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

static char *read_all(FILE *f, size_t *ret_size) {
  size_t room = 1 << 16, size = 0;
  char *text = malloc(room);
  while (text != NULL) {
    size_t got = fread(text + size, 1, room - size, f);
    if (got == 0) break;
    size += got;
    if (size < room) continue;
    char *larger = realloc(text, room *= 2);
    if (larger == NULL) free(text);
    text = larger;
  }
  if (text != NULL && ferror(f)) {
    free(text);
    return NULL;
  }
  *ret_size = size;
  return text;
}

char *vm_host_read_file(const char *path, size_t *ret_size) {
  FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
  char *text = f != NULL ? read_all(f, ret_size) : NULL;
  if (text == NULL) fprintf(stderr, "ferrous-vm: cannot read %s: %s\n", path, strerror(errno));
  if (f != NULL && f != stdin) fclose(f);
  return text;
}

void vm_host_blank_first_line(char *text, size_t size) {
  if (size == 0 || text[0] != '#') return;
  for (size_t i = 0; i < size && text[i] != '\n'; i++) text[i] = ' ';
}

static double seconds(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void fail(VM *vm, const char *text) { vm_host_fail(vm, (VmBytes){text, strlen(text)}); }

/* Scripts see the files below the working directory, and standard input. */
static bool is_visible(const char *path) {
  if (path[0] == '/' || path[0] == 0) return false;
  for (const char *p = path; p != NULL; p = strchr(p, '/'), p = p != NULL ? p + 1 : NULL) {
    if (strncmp(p, "..", 2) == 0 && (p[2] == '/' || p[2] == 0)) return false;
  }
  return true;
}

static char *read_visible(const char *path, size_t *ret_size) {
  struct stat status;
  errno = ENOENT;
  if (strcmp(path, "-") != 0 && (!is_visible(path) || stat(path, &status) != 0)) return NULL;
  if (strcmp(path, "-") != 0 && !S_ISREG(status.st_mode)) {
    errno = EISDIR;
    return NULL;
  }
  FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
  char *text = f != NULL ? read_all(f, ret_size) : NULL;
  if (f != NULL && f != stdin) fclose(f);
  return text;
}

static void serve_read(VM *vm, const VmHostCall *call) {
  char path[4096];
  size_t size = call->argv[0].size;
  if (size >= sizeof path || memchr(call->argv[0].data, 0, size) != NULL) {
    vm_host_number(vm, ENOENT);
    return;
  }
  memcpy(path, call->argv[0].data, size);
  path[size] = 0;
  char *text = read_visible(path, &size);
  if (text == NULL) {
    vm_host_number(vm, errno);
    return;
  }
  vm_host_bytes(vm, (VmBytes){text, size});
  free(text);
}

static void serve(VM *vm) {
  const VmHostCall *call = vm_host_call(vm);
  switch (call->kind) {
    case VM_HOST_PRINT:
      if (call->level == 1) fflush(stdout);
      fwrite(call->argv[0].data, 1, call->argv[0].size, call->level == 1 ? stderr : stdout);
      break;
    case VM_HOST_LOG:
      fwrite(call->argv[0].data, 1, call->argv[0].size, stderr);
      fputc('\n', stderr);
      break;
    case VM_HOST_CLOCK: vm_host_number(vm, seconds(CLOCK_PROCESS_CPUTIME_ID)); break;
    case VM_HOST_DATE: vm_host_number(vm, (double)time(NULL)); break;
    case VM_HOST_READ: serve_read(vm, call); break;
    case VM_HOST_EXIT: break; /* vm_host_run ends there */
    case VM_HOST_REDIS: fail(vm, "ERR no data store is connected: use ferrous-sandboxctl run"); break;
  }
}

VmStatus vm_host_run(Host *host) {
  for (;;) {
    VmStatus status = vm_run(host->vm, UINT64_C(1) << 24);
    if (status == VM_HOST_CALL && vm_host_call(host->vm)->kind == VM_HOST_EXIT) return status;
    if (status == VM_HOST_CALL) serve(host->vm);
    else if (status != VM_QUANTUM) return status;
  }
}
