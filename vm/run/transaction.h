/* SPDX-License-Identifier: BSD-2-Clause */
/* transaction - base image, begin, rollback. */
#ifndef VM_RUN_TRANSACTION_H
#define VM_RUN_TRANSACTION_H

#include "vm/run/state.h"

/* Bytes of the arena that the base may take. */
enum { BASE_MAX = 64 * 1024 };

/* Makes what stands in the base region the committed state. */
bool vm_transaction_commit_base(VM *vm);

#endif
