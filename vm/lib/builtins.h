/* SPDX-License-Identifier: BSD-2-Clause */
/* builtins - declares every library function named in builtins.def.
 *
 * A function without a row here is not reachable and does not compile without a
 * warning; a row without a function does not link.  Layer: vm/lib.
 */
#ifndef VM_LIB_BUILTINS_H
#define VM_LIB_BUILTINS_H

#include "vm/lib/native.h"

#define LINKAGE_REDIS
#define LINKAGE_FULL __attribute__((weak)) /* absent from every program but ferrous-vm */
#define DECLARE_LEAF(function, linkage) linkage int function(VM *vm, Value *args, int count);
#define DECLARE_FRAMED(function, linkage) linkage int function(VM *vm, Frame *frame);
#define BUILTIN(library, name, function, kind, profile, cost, why) DECLARE_##kind(function, LINKAGE_##profile)
#include "vm/builtins.def"
#undef BUILTIN
#undef DECLARE_FRAMED
#undef DECLARE_LEAF
#undef LINKAGE_FULL
#undef LINKAGE_REDIS

#endif
