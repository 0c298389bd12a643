/* SPDX-License-Identifier: BSD-2-Clause */
/* rows - tables of scripts and their outcomes: `expected` is what machine.h renders. */
#ifndef TESTS_VM_ROWS_H
#define TESTS_VM_ROWS_H

#include "tests/vm/machine.h"

typedef struct {
  const char *script;
  const char *expected;
} ScriptRow;

static inline void rows_expect(VmProfile profile, const ScriptRow *rows, size_t count) {
  Machine *m = machine_open(profile, (size_t)16 << 20);
  for (size_t i = 0; i < count; i++) machine_expect(m, rows[i].script, rows[i].expected);
  machine_close(m);
}

/* Each row is an expression behind `head`, and the string that it gives. */
static inline void rows_expect_strings(Machine *m, const char *head, const ScriptRow *rows, size_t count) {
  for (size_t i = 0; i < count; i++) {
    char source[2048], expected[1024];
    snprintf(source, sizeof source, "%sreturn %s", head, rows[i].script);
    snprintf(expected, sizeof expected, "$%s", rows[i].expected);
    machine_expect(m, source, expected);
  }
}

/* Each row, as a script of the given profile. */
#define ROWS_EXPECT(profile, rows) rows_expect(profile, rows, sizeof(rows) / sizeof *(rows))

/* No script of the list survives its budget, nor a small memory limit, other than cleanly. */
static inline void rows_end_cleanly(const char *const *scripts, size_t count) {
  Machine *m = machine_open(VM_PROFILE_REDIS, (size_t)1 << 20);
  for (size_t i = 0; i < count; i++) {
    for (uint64_t budget = 100; budget < 1000000; budget = budget * 5 / 2) {
      VmStatus status = machine_run(m, scripts[i], FERROUS_STRESS ? budget / 10 : budget);
      ck_assert_msg(status != VM_QUANTUM, "%s", scripts[i]);
    }
  }
  machine_close(m);
}

#endif
