/* SPDX-License-Identifier: BSD-2-Clause */
/* registry - building the global environment from builtins.def. */
#ifndef VM_LIB_REGISTRY_H
#define VM_LIB_REGISTRY_H

#include "vm/run/state.h"

/* Makes _G and every library table; with VM_PROFILE_REDIS locks them. */
void vm_registry_open(VM *vm) MAY_RAISE(memory);

#endif
