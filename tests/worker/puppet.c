/* SPDX-License-Identifier: BSD-2-Clause */
/* puppet - see puppet.h. */
#include "puppet.h"

#include <string.h>

#include "ipc/io.h"
#include "sandbox/worker/zygote.h"

static size_t control_bytes(size_t arena_bytes) {
  (void)arena_bytes;
  return 65536;
}

static bool prepare(const Layout *layout, const ZygoteConfig *config) {
  (void)config;
  layout->arena.data[0] = 1;
  return true;
}

/* All six arguments: ipc/io.h needs only five. */
static long raw_syscall(long number, const uint64_t *a) {
#if defined(__x86_64__)
  long result;
  register uint64_t r10 __asm__("r10") = a[3];
  register uint64_t r8 __asm__("r8") = a[4];
  register uint64_t r9 __asm__("r9") = a[5];
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(a[0]), "S"(a[1]), "d"(a[2]), "r"(r10), "r"(r8), "r"(r9)
                   : "rcx", "r11", "memory");
  return result;
#else
  return ipc_io_syscall(number, (long)a[0], (long)a[1], (long)a[2], (long)a[3], (long)a[4]);
#endif
}

static long int80(const PuppetOrder *order) {
#if defined(__x86_64__)
  long result;
  __asm__ volatile("int $0x80"
                   : "=a"(result)
                   : "a"(order->number), "b"(order->args[0]), "c"(order->args[1]), "d"(order->args[2])
                   : "r8", "r9", "r10", "r11", "memory");
  return result;
#else
  (void)order;
  return 0;
#endif
}

static long read_counter(void) {
#if defined(__x86_64__)
  return (long)__builtin_ia32_rdtsc();
#else
  return 0;
#endif
}

static long read_canary(void) {
  long canary = 0;
#if defined(__x86_64__)
  __asm__ volatile("mov %%fs:0x28, %0" : "=r"(canary));
#endif
  return canary;
}

__attribute__((noinline)) static long recurse(uint64_t bytes) {
  volatile char frame[256];
  frame[0] = (char)bytes;
  return bytes <= sizeof frame ? frame[0] : recurse(bytes - sizeof frame) + frame[0];
}

/* Writes past a local array as an overflow would. */
__attribute__((noinline)) static long smash(void) {
  char frame[16];
  char *volatile at = frame;
  for (int i = 0; i < 64; i++) at[i] = 'A';
  return at[0];
}

static const Region *region_of(const Layout *l, uint64_t which) {
  const Region *const regions[WHERE_COUNT_] = {&l->arena, &l->control, &l->state, &l->stop, &l->in, &l->out};
  return regions[which % WHERE_COUNT_];
}

__attribute__((noreturn)) static void spin(void) {
  for (;;) __asm__ volatile("");
}

static long obey(const Layout *layout, const PuppetOrder *o) {
  volatile char *at = (volatile char *)(uintptr_t)o->args[0];
  switch ((PuppetOp)o->op) {
    case PUPPET_PING: return (long)o->number;
    case PUPPET_SYSCALL: return raw_syscall((long)o->number, o->args);
    case PUPPET_INT80: return int80(o);
    case PUPPET_RDTSC: return read_counter();
    case PUPPET_LOAD: return *at;
    case PUPPET_STORE: *at = (char)o->args[1]; return 0;
    case PUPPET_RECURSE: (void)recurse(o->args[0]); return 0;
    case PUPPET_TRAP: __builtin_trap();
#if defined(__x86_64__)
    case PUPPET_BREAK: __asm__ volatile("int3"); return 0;
#else
    case PUPPET_BREAK: __asm__ volatile(".inst 0"); return 0;
#endif
    case PUPPET_SMASH: return smash();
    case PUPPET_CANARY: return read_canary();
    case PUPPET_WHERE: return (long)(uintptr_t)region_of(layout, o->args[0])->data;
    case PUPPET_SIZE: return (long)region_of(layout, o->args[0])->size;
    case PUPPET_SPIN: spin();
    case PUPPET_CALL: ((long (*)(void))(uintptr_t)o->args[0])(); return 0;
  }
  return -1;
}

/* An order arrives whole: it is far smaller than a pipe's atomic write. */
static void receive(PuppetOrder *order) {
  for (;;) {
    long n = ipc_io_read(0, order, sizeof *order);
    if (n == (long)sizeof *order) return;
    if (n == 0) ipc_io_exit(WORKER_EXIT_DONE);
    if (n > 0) ipc_io_exit(WORKER_EXIT_BAD_FRAME);
    ipc_io_wait(0, POLLIN);
  }
}

__attribute__((noreturn)) static void serve(const Layout *layout, uint64_t seal) {
  const PuppetHello hello = {seal};
  ipc_io_write(1, &hello, sizeof hello);
  for (;;) {
    PuppetOrder order;
    receive(&order);
    long answer = obey(layout, &order);
    ipc_io_write(1, &answer, sizeof answer);
  }
}

int main(void) {
  const WorkerProgram program = {
      .state_bytes = 4096, .item_bytes = 16, .control_bytes = control_bytes, .prepare = prepare, .serve = serve};
  return worker_zygote_main(&program);
}
