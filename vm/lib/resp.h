/* SPDX-License-Identifier: BSD-2-Clause */
/* resp - replies of the data store: raw RESP2 or RESP3 bytes to Lua values. */
#ifndef VM_LIB_RESP_H
#define VM_LIB_RESP_H

#include "vm/lib/native.h"

/* Converts one whole reply as Redis does for redis.call; the value stands in slot 0 of
 * the native frame that waits for it, whose slots are all free.  Returns false when the
 * bytes are anything but exactly one well-formed reply. */
bool vm_resp_read(VM *vm, Frame *frame, VmBytes reply) MAY_RAISE(script);

#endif
