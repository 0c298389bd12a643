/* SPDX-License-Identifier: BSD-2-Clause */
/* wipe.c - see wipe.h.
 *
 * Compiled without probes of large frames (CMakeLists.txt): they would write to each page before this
 * code can look at it.  For the same reason it calls nothing.  The frame is far smaller than what is
 * left of the stack where it is called.
 */
#include "sandbox/worker/wipe.h"

#include "vm/vm.h"

typedef unsigned long long Lane __attribute__((vector_size(16)));

enum { PIECE = 16, PIECES = VM_NATIVE_STACK / (PIECE * (int)sizeof(Lane)) };

_Static_assert(4096 % (PIECE * sizeof(Lane)) == 0, "no piece lies in two pages");
_Static_assert(VM_NATIVE_STACK == PIECES * PIECE * sizeof(Lane), "whole pieces");

__attribute__((noinline)) void worker_wipe_stack(void) {
  _Alignas(PIECE * sizeof(Lane)) Lane below[PIECES][PIECE];
  __asm__ volatile("" : "=m"(below)); /* what others left there */
  for (int piece = 0; piece < PIECES; piece++) {
    Lane any = {0, 0};
    for (int i = 0; i < PIECE; i++) any |= below[piece][i];
    if ((any[0] | any[1]) == 0) continue;
    for (int i = 0; i < PIECE; i++) {
      below[piece][i] = (Lane){0, 0};
      __asm__ volatile("" : "+m"(below[piece][i])); /* or it would become a call, or be left out */
    }
  }
}
