/* SPDX-License-Identifier: BSD-2-Clause */
/* userdata - objects of the full profile whose content a script cannot reach.
 *
 * A userdata is a table with HEADER_USERDATA, held by scripts under the tag of threads;
 * its array part has a fixed number of slots, of which the first is its environment.
 * Layer: vm/full.
 */
#ifndef VM_FULL_USERDATA_H
#define VM_FULL_USERDATA_H

#include "vm/lib/native.h"

enum { USERDATA_ENVIRONMENT, USERDATA_PROXY_SLOTS };

/* A new userdata without a metatable; its slots are nil, but for the environment. */
Value vm_userdata_new(VM *vm, uint32_t slots) MAY_RAISE(memory);

static inline Value *userdata_slots(Value v) { return table_array(value_userdata(v)); }

#endif
