/* SPDX-License-Identifier: BSD-2-Clause */
/* bpf_sim.c - an interpreter and a disassembler for seccomp's classic BPF.
 *
 * The machine: accumulator A, index X, 16 words of scratch, forward jumps only,
 * so every program ends.
 */
#include "policy/bpf_sim.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

typedef struct {
  uint32_t a;
  uint32_t x;
  uint32_t scratch[BPF_MEMWORDS];
  size_t pc;
  bool ended;
  uint32_t verdict;
} Machine;

static Status load_data(const struct seccomp_data *data, uint32_t offset, uint32_t *ret) {
  if (offset % 4 != 0 || offset > sizeof *data - 4) return ST_INVALID;
  memcpy(ret, (const char *)data + offset, 4);
  return ST_OK;
}

static Status run_load(Machine *m, const struct sock_filter *i, const struct seccomp_data *data) {
  uint32_t *to = BPF_CLASS(i->code) == BPF_LD ? &m->a : &m->x;
  switch (i->code & ~BPF_CLASS(i->code)) {
    case BPF_W | BPF_ABS: return to == &m->a ? load_data(data, i->k, to) : ST_INVALID;
    case BPF_IMM: *to = i->k; return ST_OK;
    case BPF_W | BPF_LEN: *to = sizeof *data; return ST_OK;
    case BPF_MEM:
      if (i->k >= BPF_MEMWORDS) return ST_INVALID;
      *to = m->scratch[i->k];
      return ST_OK;
    default: return ST_INVALID;
  }
}

static Status run_store(Machine *m, const struct sock_filter *i) {
  if (i->k >= BPF_MEMWORDS) return ST_INVALID;
  m->scratch[i->k] = BPF_CLASS(i->code) == BPF_ST ? m->a : m->x;
  return ST_OK;
}

static Status run_arithmetic(Machine *m, const struct sock_filter *i) {
  uint32_t b = BPF_SRC(i->code) == BPF_X ? m->x : i->k;
  switch (BPF_OP(i->code)) {
    case BPF_ADD: m->a += b; return ST_OK;
    case BPF_SUB: m->a -= b; return ST_OK;
    case BPF_MUL: m->a *= b; return ST_OK;
    case BPF_DIV:
      if (b == 0) return ST_INVALID;
      m->a /= b;
      return ST_OK;
    case BPF_AND: m->a &= b; return ST_OK;
    case BPF_OR: m->a |= b; return ST_OK;
    case BPF_XOR: m->a ^= b; return ST_OK;
    case BPF_LSH: m->a = b < 32 ? m->a << b : 0; return ST_OK;
    case BPF_RSH: m->a = b < 32 ? m->a >> b : 0; return ST_OK;
    case BPF_NEG: m->a = 0u - m->a; return ST_OK;
    default: return ST_INVALID;
  }
}

static Status run_jump(Machine *m, const struct sock_filter *i) {
  uint32_t b = BPF_SRC(i->code) == BPF_X ? m->x : i->k;
  bool taken;
  switch (BPF_OP(i->code)) {
    case BPF_JA: m->pc += i->k; return ST_OK;
    case BPF_JEQ: taken = m->a == b; break;
    case BPF_JGT: taken = m->a > b; break;
    case BPF_JGE: taken = m->a >= b; break;
    case BPF_JSET: taken = (m->a & b) != 0; break;
    default: return ST_INVALID;
  }
  m->pc += taken ? i->jt : i->jf;
  return ST_OK;
}

static Status run_return(Machine *m, const struct sock_filter *i) {
  m->ended = true;
  m->verdict = BPF_RVAL(i->code) == BPF_A ? m->a : i->k;
  return ST_OK;
}

static Status run_misc(Machine *m, const struct sock_filter *i) {
  if (BPF_MISCOP(i->code) == BPF_TAX)
    m->x = m->a;
  else
    m->a = m->x;
  return ST_OK;
}

static Status run_one(Machine *m, const struct sock_filter *i, const struct seccomp_data *data) {
  switch (BPF_CLASS(i->code)) {
    case BPF_LD:
    case BPF_LDX: return run_load(m, i, data);
    case BPF_ST:
    case BPF_STX: return run_store(m, i);
    case BPF_ALU: return run_arithmetic(m, i);
    case BPF_JMP: return run_jump(m, i);
    case BPF_RET: return run_return(m, i);
    default: return run_misc(m, i);
  }
}

Status policy_bpf_run(const struct sock_filter *code, size_t count, const struct seccomp_data *data,
                      uint8_t *visited, uint32_t *ret_verdict) {
  Machine m = {0};
  while (!m.ended) {
    if (m.pc >= count) return ST_INVALID;
    const struct sock_filter *i = &code[m.pc];
    if (visited != NULL) visited[m.pc] = 1;
    m.pc++;
    Status s = run_one(&m, i, data);
    if (s != ST_OK) return s;
  }
  *ret_verdict = m.verdict;
  return ST_OK;
}

/* --- Printing --- */

typedef struct {
  char *at;
  size_t capacity;
  size_t used;
} Text;

__attribute__((format(printf, 2, 3))) static void put(Text *t, const char *format, ...) {
  va_list args;
  va_start(args, format);
  size_t left = t->used < t->capacity ? t->capacity - t->used : 0;
  int n = vsnprintf(left == 0 ? NULL : t->at + t->used, left, format, args);
  va_end(args);
  if (n > 0) t->used += (size_t)n;
}

static void print_offset(Text *t, uint32_t offset) {
  if (offset == offsetof(struct seccomp_data, nr)) put(t, "number");
  else if (offset == offsetof(struct seccomp_data, arch)) put(t, "arch");
  else if (offset < offsetof(struct seccomp_data, args)) put(t, "instruction_pointer+%u", offset - 8);
  else put(t, "arg%u.%s", (offset - 16) / 8, offset % 8 == 0 ? "low" : "high");
}

static void print_verdict(Text *t, uint32_t verdict) {
  switch (verdict & SECCOMP_RET_ACTION_FULL) {
    case SECCOMP_RET_KILL_PROCESS: put(t, "kill_process"); break;
    case SECCOMP_RET_KILL_THREAD: put(t, "kill_thread"); break;
    case SECCOMP_RET_ALLOW: put(t, "allow"); break;
    case SECCOMP_RET_ERRNO: put(t, "errno %u", verdict & SECCOMP_RET_DATA); break;
    default: put(t, "0x%08x", verdict); break;
  }
}

static void print_jump(Text *t, const struct sock_filter *i, size_t pc) {
  static const char *const relations[] = {"", "==", ">", ">=", "&"};
  unsigned op = BPF_OP(i->code) >> 4;
  if (op == 0 || op > 4) {
    put(t, "goto %zu", pc + 1 + i->k);
    return;
  }
  put(t, "if a %s 0x%08x goto %zu else %zu", relations[op], i->k, pc + 1 + i->jt, pc + 1 + i->jf);
}

static void print_one(Text *t, const struct sock_filter *i, size_t pc) {
  put(t, "%3zu  ", pc);
  if (i->code == (BPF_LD | BPF_W | BPF_ABS)) {
    put(t, "a = ");
    print_offset(t, i->k);
  } else if (i->code == (BPF_RET | BPF_K)) {
    put(t, "return ");
    print_verdict(t, i->k);
  } else if (BPF_CLASS(i->code) == BPF_JMP && BPF_SRC(i->code) == BPF_K) {
    print_jump(t, i, pc);
  } else if (i->code == (BPF_ALU | BPF_AND | BPF_K)) {
    put(t, "a &= 0x%08x", i->k);
  } else {
    put(t, "code 0x%02x jt %u jf %u k 0x%08x", i->code, i->jt, i->jf, i->k);
  }
  put(t, "\n");
}

size_t policy_bpf_print(const struct sock_filter *code, size_t count, char *buffer, size_t capacity) {
  Text t = {buffer, buffer == NULL ? 0 : capacity, 0};
  if (t.capacity > 0) buffer[0] = '\0';
  for (size_t pc = 0; pc < count; pc++) print_one(&t, &code[pc], pc);
  return t.used;
}
