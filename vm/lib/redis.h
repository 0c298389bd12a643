/* SPDX-License-Identifier: BSD-2-Clause */
/* redis - what the redis library shares with the conversion of replies. */
#ifndef VM_LIB_REDIS_H
#define VM_LIB_REDIS_H

#include "vm/lib/native.h"

/* The err field that Redis makes of an error line without its '-': the code word, one
 * space, the message; "ERR" where there is no code word. */
String *vm_redis_error_text(VM *vm, VmBytes line) MAY_RAISE(memory);

/* A table {err = text}; with `counted` it has ignore_error_stats_update too.  It is
 * left in slot[0]; slot[1] and slot[2] are used up.  A collection must see them. */
Table *vm_redis_error_table(VM *vm, Value *slot, VmBytes text, bool counted) MAY_RAISE(memory);

/* Raises {err = "ERR <text>"}; slot[0..2] are used up. */
__attribute__((noreturn)) void vm_redis_raise(VM *vm, Value *slot, const char *text) MAY_RAISE(script);

/* Fills the redis table of function libraries: `library`, of scripts, without what only
 * scripts have. */
void vm_redis_function_table(VM *vm, Table *to, const Table *library) MAY_RAISE(memory);

/* Fills the redis table that a library sees while it is loaded. */
void vm_redis_fill_loading(VM *vm, Table *to) MAY_RAISE(memory);

/* Adds the constants and puts all fields in Redis's order.  The functions must be there. */
void vm_redis_open(VM *vm, Table *library) MAY_RAISE(memory);

#endif
