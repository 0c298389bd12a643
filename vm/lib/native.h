/* SPDX-License-Identifier: BSD-2-Clause */
/* native - what library functions written in C may use.
 *
 * Two kinds, declared in vm/builtins.def:
 *
 *   LEAF    int f(VM *vm, Value *args, int count)
 *           A plain function.  args[0..count-1] are the arguments, NATIVE_SLOTS
 *           slots beyond them are free to use.  Results go to args[-1], args[0],
 *           ... (the slot of the function first); the return value is their number.
 *           It never calls back into Lua.
 *
 *   FRAMED  int f(VM *vm, Frame *frame)
 *           A resumable function.  The loop calls it with frame->step 0; it may ask
 *           for a Lua call by `return native_call(...)` and is called again, with
 *           the step it named, when the results stand in its slots.  Between steps
 *           nothing lives in C: state is in slots (native_slots: fetch them anew at
 *           every step, the stack may have moved), frame->state and the buffer.
 *           Results and return value as for LEAF.
 *
 * Memory: every function marked MAY_RAISE(memory) is a collection point.  What must
 * live across one is in args/slots (or reachable from there); raw pointers to
 * reachable objects stay valid, pointers into table parts and into the buffer do
 * not, nor do `args` after native_need_slots.
 *
 * Work that grows with its input is charged BEFORE it is done (vm_charge).
 * Errors never return.  Numbers are 1-based argument numbers, as in messages.
 * Layer: vm/lib.
 */
#ifndef VM_LIB_NATIVE_H
#define VM_LIB_NATIVE_H

#include <stddef.h>

#include "vm/objects/object.h"
#include "vm/objects/string.h"
#include "vm/objects/table.h"
#include "vm/memory/charge.h"
#include "vm/run/builtin.h"
#include "vm/run/frame.h"
#include "vm/run/state.h"

enum { NATIVE_SLOTS = 20 };  /* free slots beyond the arguments, as LUA_MINSTACK */
enum { NATIVE_CALLS = -1 };  /* what native_call returns */
enum { NATIVE_MULTI = -1 };  /* native_call: all results, frame->returned tells how many */
enum { NATIVE_HOST = -2 };   /* what vm_native_host returns */

/* --- Results --- */

static inline int native_return(Value *args, Value v) {
  args[-1] = v;
  return 1;
}
static inline int native_return_number(Value *args, double n) {
  args[-1] = value_of_number(n);
  return 1;
}

/* --- Arguments: PUC's luaL_check* and luaL_opt*, with its messages.  `count` and
 *     `args` are the native's own; strings accept numbers and the converted string
 *     replaces the argument. --- */

static inline Value native_arg(const Value *args, int count, int number) {
  return number <= count ? args[number - 1] : VALUE_NIL;
}
double vm_native_check_number(VM *vm, Value *args, int count, int number) MAY_RAISE(script);
double vm_native_opt_number(VM *vm, Value *args, int count, int number, double missing) MAY_RAISE(script);
/* Truncates as the reference's C cast does on x86-64; out of range gives INT64_MIN. */
int64_t vm_native_check_integer(VM *vm, Value *args, int count, int number) MAY_RAISE(script);
int64_t vm_native_opt_integer(VM *vm, Value *args, int count, int number, int64_t missing) MAY_RAISE(script);
String *vm_native_check_string(VM *vm, Value *args, int count, int number) MAY_RAISE(script);
String *vm_native_opt_string(VM *vm, Value *args, int count, int number, String *missing) MAY_RAISE(script);
Table *vm_native_check_table(VM *vm, Value *args, int count, int number) MAY_RAISE(script);
/* As luaL_checktype(LUA_TFUNCTION), and luaL_checkany. */
void vm_native_check_function(VM *vm, Value *args, int count, int number) MAY_RAISE(script);
void vm_native_check_any(VM *vm, Value *args, int count, int number) MAY_RAISE(script);
/* Raises "Attempt to modify a readonly table" unless `t` may be written. */
void vm_native_check_writable(VM *vm, const Table *t) MAY_RAISE(script);

/* --- Errors --- */

/* Raises luaL_error: position of the caller, then the text.  Formats know only
 * %s (const char *), %d (int), %c (int), %% . */
__attribute__((noreturn)) void vm_native_error(VM *vm, const char *format, ...) MAY_RAISE(script);
/* "bad argument #2 to 'insert' (<text>)", with PUC's rules for methods and '?'. */
__attribute__((noreturn)) void vm_native_arg_error(VM *vm, int number, const char *text) MAY_RAISE(script);
/* "bad argument #1 to 'f' (table expected, got nil)". */
__attribute__((noreturn)) void vm_native_type_error(VM *vm, Value *args, int count, int number, const char *expected)
    MAY_RAISE(script);
/* Raises any value as it is. */
__attribute__((noreturn)) void vm_native_raise(VM *vm, Value error) MAY_RAISE(script);

/* --- Slots --- */

/* Makes `extra` more slots usable beyond args[count]; returns where args now are. */
Value *vm_native_need_slots(VM *vm, Value *args, int count, int extra) MAY_RAISE(memory);

/* --- Conversions --- */

/* A number as Lua coerces it (numbers, numeric strings).  False when it is neither. */
bool vm_native_to_number(Value v, double *ret_number);
/* The string that tostring gives for anything without __tostring. */
String *vm_native_to_text(VM *vm, Value v) MAY_RAISE(memory);
/* The metamethod `name` of `v`, or nil (raw, as luaL_getmetafield). */
Value vm_native_metafield(VM *vm, Value v, const char *name) MAY_RAISE(memory);

/* --- Framed natives --- */

static inline Value *native_slots(const Frame *frame) { return frame->base; }

/* Asks the loop to call slots[slot] with `arguments` values that follow it; the
 * results replace slots[slot], ...  `results` is a number or NATIVE_MULTI.  The
 * native must own slots up to the last argument (vm_native_need_slots), and is
 * resumed at `next_step`.  No yield can cross it, as across a C call of PUC's. */
int vm_native_call(VM *vm, Frame *frame, int slot, int arguments, int results, uint16_t next_step);

/* Suspends the machine with the host call that the native has described in
 * vm->run.host_call; it is resumed at `next_step` when the host has answered, with the
 * answer in slots[0] (a host error of redis.call never comes back here: it is raised). */
int vm_native_host(VM *vm, Frame *frame, VmHostKind kind, uint16_t next_step);

/* A library function with upvalues, such as gmatch's iterator; its upvalues are nil. */
Native *vm_native_closure(VM *vm, uint32_t builtin_id, uint32_t upvalue_count) MAY_RAISE(memory);
/* The function that is running, for its upvalues (leaf natives). */
static inline Native *vm_native_self(VM *vm, const Value *args) {
  (void)vm;
  return value_native(args[-1]);
}

/* --- The buffer: a stack of bytes in control memory for building strings.  A leaf
 *     native opens and closes within its call; a framed one may keep it open across
 *     steps (what it calls pops its own part before it comes back).  An error closes
 *     what it leaves. --- */

size_t vm_buffer_open(VM *vm);                      /* a mark: offset of its first byte */
void vm_buffer_put(VM *vm, const void *bytes, size_t size) MAY_RAISE(memory);
void vm_buffer_put_byte(VM *vm, char byte) MAY_RAISE(memory);
char *vm_buffer_space(VM *vm, size_t size) MAY_RAISE(memory); /* appends `size` unset bytes */
char *vm_buffer_data(VM *vm, size_t mark);          /* valid until the next append */
size_t vm_buffer_size(VM *vm, size_t mark);
void vm_buffer_cut(VM *vm, size_t mark, size_t size); /* keeps the first `size` bytes */
void vm_buffer_close(VM *vm, size_t mark);
String *vm_buffer_string(VM *vm, size_t mark) MAY_RAISE(memory); /* makes the string and closes */

#endif
