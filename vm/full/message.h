/* SPDX-License-Identifier: BSD-2-Clause */
/* message - host calls of the full profile: bytes out, bytes or a number back. */
#ifndef VM_FULL_MESSAGE_H
#define VM_FULL_MESSAGE_H

#include "vm/lib/native.h"

/* Suspends with a host call whose argument is the buffer from `mark` on; the native goes
 * on at `next_step`.  `level` tells the host more, see vm/vm.h. */
int vm_message_send(VM *vm, Frame *frame, VmHostKind kind, int32_t level, size_t mark, uint16_t next_step)
    MAY_RAISE(memory);

#endif
