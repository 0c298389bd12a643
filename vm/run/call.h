/* SPDX-License-Identifier: BSD-2-Clause */
/* call - calling, returning, and keeping natives going.
 *
 * The C stack never grows with the script: a call pushes a frame and comes back to the
 * loop.  A native that calls back says so and returns; `settle` runs natives on top of
 * the frame stack until a Lua frame is there, or the loop must be left.  Layer: vm/run.
 */
#ifndef VM_RUN_CALL_H
#define VM_RUN_CALL_H

#include "vm/run/state.h"

/* The general form of CALL, CALLM, TAILCALL and TAILCALLM at the top frame's pc. */
void vm_call_execute(VM *vm) MAY_RAISE(script);
/* The general form of the RETURN family. */
void vm_call_return(VM *vm) MAY_RAISE(script);
/* Called when the quantum is used up: goes on, or leaves the loop. */
void vm_call_poll(VM *vm);

/* The following push a call of func[0] with `count` arguments behind it; the loop, or
 * settle, carries it out. */

/* For a metamethod of the instruction that the top frame executes: its results go to
 * vm_slow_finish. */
void vm_call_operation(VM *vm, Value *func, int count) MAY_RAISE(script);
/* For the handler of an xpcall: its result goes to vm_error_handled. */
void vm_call_handler(VM *vm, Value *func, int count) MAY_RAISE(script);
/* For debug.sethook's function: its results are dropped. */
void vm_call_hook(VM *vm, Value *func, int count) MAY_RAISE(script);
/* Makes a frame of the leaf that has raised: the handler of an xpcall sees it as a level. */
void vm_call_frame_of_leaf(VM *vm) MAY_RAISE(script);
/* For the body of a coroutine or the main function. */
void vm_call_body(VM *vm, Value *func, int count) MAY_RAISE(script);

/* Pops the finished top frame and hands its results on. */
void vm_call_hand_over(VM *vm, const Value *results, int count) MAY_RAISE(script);

/* Whether the caller of a native drops its results: a call in the place of a statement. */
bool vm_call_wants_nothing(const Frame *native);

/* Whether the main function does nothing more than return a native's first result: `return f(...)`, or
 * `local r = f(...) return r`. */
bool vm_call_is_last(const VM *vm, const Frame *native);

/* Runs natives until a Lua frame is on top or the loop must be left. */
void vm_call_settle(VM *vm) MAY_RAISE(script);

/* The same, once the native on top has given `outcome`. */
void vm_call_conclude(VM *vm, int outcome) MAY_RAISE(script);

/* Makes room for `slots` more slots from `from` on.  The stack may move: returns where
 * `from` is now. */
Value *vm_call_need_stack(VM *vm, Value *from, uint32_t slots) MAY_RAISE(memory);

/* Closes the open upvalue boxes at `level` and above. */
void vm_call_close(VM *vm, const Value *level);

/* Enters one more of the reference's C levels: "C stack overflow". */
void vm_call_enter_level(VM *vm) MAY_RAISE(script);

/* Pops the top frame and what it holds (levels, buffer). */
void vm_call_pop(VM *vm);

#endif
