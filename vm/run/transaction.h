/* SPDX-License-Identifier: BSD-2-Clause */
/* transaction - base image, begin, rollback. */
#ifndef VM_RUN_TRANSACTION_H
#define VM_RUN_TRANSACTION_H

#include "vm/run/state.h"

enum {
  BASE_MAX = 64 * 1024,   /* bytes of the arena for the standard library */
  BASE_CEILING = 8 << 20  /* the same with function libraries, whatever the limit */
};

/* Makes what stands in the base region the committed state. */
bool vm_transaction_commit_base(VM *vm);

#endif
