/* SPDX-License-Identifier: BSD-2-Clause */
/* gc - opening the collector; vm_gc_collect is declared in vm/memory/heap.h. */
#ifndef VM_RUN_GC_H
#define VM_RUN_GC_H

#include "vm/run/state.h"

/* Carves the mark stack; false when control is too small. */
bool vm_gc_open(VM *vm);

#endif
