/* SPDX-License-Identifier: BSD-2-Clause */
/* transaction - base image, begin, rollback. */
#ifndef VM_RUN_TRANSACTION_H
#define VM_RUN_TRANSACTION_H

#include "vm/run/state.h"

enum {
  BASE_MAX = 64 * 1024,   /* bytes of the arena for the standard library */
  BASE_NEAR = 2 * BASE_MAX, /* larger images stand where most workers touch nothing */
  BASE_CEILING = 8 << 20  /* the same with function libraries, whatever the limit */
};

/* Makes what stands in the base region the committed state. */
bool vm_transaction_commit_base(VM *vm);

/* Takes `size` bytes, at most BASE_CEILING, for the base image. */
void vm_transaction_keep_image(VM *vm, const void *image, uint32_t size);

#endif
