/* SPDX-License-Identifier: BSD-2-Clause */
/* reply - the script's result as the flat list of tokens that vm.h describes. */
#ifndef VM_LIB_REPLY_H
#define VM_LIB_REPLY_H

#include "vm/lib/native.h"

/* Walks `value` as Redis converts what a script returns, and hands the tokens to
 * `sink`; `resp` is the protocol that the script chose (redis.setresp).  Returns false
 * when the sink stopped the walk, or when no memory was left for its stack. */
bool vm_reply_walk(VM *vm, Value value, uint32_t resp, VmTokenSink sink, void *context);

/* The value of a string key, nil when absent; needs no interned name. */
Value vm_reply_field(const VM *vm, const Table *t, const char *name);

#endif
