/* SPDX-License-Identifier: BSD-2-Clause */
/* debug - where the script stands and what its values are called.
 *
 * Names follow the reference: the instruction that last set a register is found by
 * walking the code from the function's start, so "local 'a'", "field 'x'", "method 'm'"
 * appear exactly where Lua 5.1 gives them.  Layer: vm/run.
 */
#ifndef VM_RUN_DEBUG_H
#define VM_RUN_DEBUG_H

#include "vm/run/state.h"

/* The line a Lua frame is executing; -1 for natives. */
int64_t vm_debug_line(const VM *vm, const Frame *frame);

/* Whether the frame is the innermost Lua function of the running native (level 1), or
 * that of the running code (level 0): NULL when that level is no Lua function. */
const Frame *vm_debug_level(const VM *vm, int level);

/* Charges looking up a level that a script named. */
void vm_debug_charge_level(VM *vm, int level) MAY_RAISE(script);

/* Appends "chunk:line: " of a level to the buffer, or nothing. */
void vm_debug_put_position(VM *vm, int level) MAY_RAISE(memory);
/* The same for what is running now: nothing when that is a native. */
void vm_debug_put_running_position(VM *vm) MAY_RAISE(memory);

/* The chunk name as messages show it. */
size_t vm_debug_chunk_id(const VM *vm, const Frame *frame, char id[LIMIT_CHUNK_ID]);

/* "attempt to index local 't' (a nil value)"; `reg` is the operand's register in the top
 * frame, or -1 when it is a constant or nothing can be known. */
__attribute__((noreturn)) void vm_debug_type_error(VM *vm, int reg, Value v, const char *operation) MAY_RAISE(script);
/* "attempt to compare two nil values". */
__attribute__((noreturn)) void vm_debug_compare_error(VM *vm, Value a, Value b) MAY_RAISE(script);

/* What the function called at the top Lua frame's call is known as: "method", "global",
 * ... and its name; NULL when unknown. */
const char *vm_debug_function_name(const VM *vm, const char **ret_name);
/* The same for the function of any frame. */
const char *vm_debug_frame_name(const VM *vm, const Frame *frame, const char **ret_name);
/* The slot of the leaf that the Lua frame on top has called, and its arguments' number. */
Value *vm_debug_leaf_slot(const VM *vm, int *ret_count);
/* The name of the local that a Lua frame has in register `reg` now, or NULL. */
const char *vm_debug_local_name(const VM *vm, const Frame *frame, uint32_t reg);

/* Source and line of the innermost Lua frame, for limits. */
void vm_debug_locate(VM *vm, VmBytes *ret_source, int64_t *ret_line);
/* Source and line as the server's error handler finds them for the error being raised. */
void vm_debug_locate_error(const VM *vm, VmBytes *ret_source, int64_t *ret_line);
/* The same for a Lua function in the handler's place, asked by a leaf that it calls; false
 * when it is the first function of a coroutine, and there is nothing to find. */
bool vm_debug_locate_caller(const VM *vm, VmBytes *ret_source, int64_t *ret_line);

#endif
