/* SPDX-License-Identifier: BSD-2-Clause */
/* seccomp.c - compiles syscalls.def to BPF with libseccomp.
 *
 * Not linked into the worker: nothing there refers to this file's symbols.
 */
#define _GNU_SOURCE /* pipe2 */
#include "policy/seccomp.h"

#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static const SyscallRow rows[] = {
#define ALLOW(phase_, name_, why_) {PHASE_##phase_, #name_, -1, 0, 0, why_},
#define ALLOW_IF(phase_, name_, arg_, mask_, value_, why_) {PHASE_##phase_, #name_, arg_, mask_, value_, why_},
#include "policy/syscalls.def"
#undef ALLOW
#undef ALLOW_IF
};
#define ROW_COUNT (sizeof rows / sizeof rows[0])

const SyscallRow *policy_seccomp_row(size_t i) { return i < ROW_COUNT ? &rows[i] : NULL; }

static Status status_from_seccomp(int result) {
  if (result >= 0) return ST_OK;
  return result == -ENOMEM ? ST_NO_MEMORY : ST_SYSTEM;
}

/* libseccomp's own name of an architecture, 0 when it is not one of ours. */
static uint32_t token_of_arch(uint32_t arch) {
  switch (arch) {
    case AUDIT_ARCH_X86_64: return SCMP_ARCH_X86_64;
    case AUDIT_ARCH_AARCH64: return SCMP_ARCH_AARCH64;
    default: return 0;
  }
}

int policy_seccomp_number(uint32_t arch, const char *name) {
  uint32_t token = token_of_arch(arch);
  int number = token == 0 ? -1 : seccomp_syscall_resolve_name_arch(token, name);
  return number < 0 ? -1 : number; /* negative: libseccomp's pseudo numbers */
}

/* Leaves `arch` as the only architecture of the filter. */
static int choose_arch(scmp_filter_ctx ctx, uint32_t token) {
  uint32_t native = seccomp_arch_native();
  if (token == native) return 0;
  int r = seccomp_arch_add(ctx, token);
  return r < 0 ? r : seccomp_arch_remove(ctx, native);
}

static int set_attributes(scmp_filter_ctx ctx) {
  int r = seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
  if (r == 0) r = seccomp_attr_set(ctx, SCMP_FLTATR_CTL_NNP, 0);
  return r;
}

/* Adds one rule from the rows of one name, beginning at `first`; they must all
 * hold.  Returns the index after them, or a negative error. */
static int add_rule(scmp_filter_ctx ctx, size_t first) {
  struct scmp_arg_cmp conditions[6];
  unsigned count = 0;
  size_t i = first;
  /* Rules take the native number, which libseccomp translates. */
  int number = seccomp_syscall_resolve_name(rows[first].name);
  if (number < 0) return -EDOM;
  for (; i < ROW_COUNT && strcmp(rows[i].name, rows[first].name) == 0; i++) {
    if (rows[i].arg < 0) continue;
    if (count == 6) return -EINVAL;
    conditions[count++] = SCMP_CMP64((unsigned)rows[i].arg, SCMP_CMP_MASKED_EQ, rows[i].mask, rows[i].value);
  }
  int r = seccomp_rule_add_exact_array(ctx, SCMP_ACT_ALLOW, number, count, conditions);
  return r < 0 ? r : (int)i;
}

static int fill_context(scmp_filter_ctx ctx, uint32_t token) {
  int r = choose_arch(ctx, token);
  if (r == 0) r = set_attributes(ctx);
  for (int next = 0; r == 0 && (size_t)next < ROW_COUNT;) {
    next = add_rule(ctx, (size_t)next);
    if (next < 0) r = next;
  }
  return r;
}

/* Reads the program back from the pipe that libseccomp wrote it to.  It fits a
 * pipe's smallest buffer, so nobody blocks. */
static Status read_program(int fd, PolicyFilter *filter) {
  size_t have = 0;
  char *to = (char *)filter->code;
  for (;;) {
    ssize_t n = read(fd, to + have, sizeof filter->code - have);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return policy_status_from_errno(errno);
    if (n == 0) break;
    have += (size_t)n;
    if (have == sizeof filter->code) return ST_NO_ROOM;
  }
  if (have == 0 || have % sizeof filter->code[0] != 0) return ST_SYSTEM;
  filter->count = (uint32_t)(have / sizeof filter->code[0]);
  return ST_OK;
}

static Status export_program(scmp_filter_ctx ctx, PolicyFilter *ret_filter) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) return policy_status_from_errno(errno);
  Status s = status_from_seccomp(seccomp_export_bpf(ctx, ends[1]));
  close(ends[1]);
  if (s == ST_OK) s = read_program(ends[0], ret_filter);
  close(ends[0]);
  return s;
}

/* libseccomp finds out what the kernel can do by calling seccomp(2), for which
 * a host's own filter may kill (the one of Debian's unit for redis does).  Told
 * the answer it does not ask: level 3 knows KILL_PROCESS, and Linux 4.14.  Where
 * nothing can kill it may ask: once told, it cannot load filters of the host's. */
static bool prepare_library(void) {
  if (prctl(PR_GET_SECCOMP, 0, 0, 0, 0) == 0) return true;
  return seccomp_api_set(3) == 0;
}

Status policy_seccomp_build(uint32_t arch, PolicyFilter *ret_filter) {
  uint32_t token = token_of_arch(arch);
  if (token == 0 || !prepare_library()) return ST_UNSUPPORTED;
  scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_KILL_PROCESS);
  if (ctx == NULL) return ST_NO_MEMORY;
  Status s = status_from_seccomp(fill_context(ctx, token));
  if (s == ST_OK) s = export_program(ctx, ret_filter);
  seccomp_release(ctx);
  return s;
}
