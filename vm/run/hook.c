/* SPDX-License-Identifier: BSD-2-Clause */
/* hook - see hook.h.
 *
 * The rules are the reference's: a new line, a jump back and the start of a function are
 * line events; `count` instructions are a count event. */
#include "vm/run/hook.h"

#include "vm/objects/string.h"
#include "vm/run/call.h"
#include "vm/run/stack.h"

void vm_hook_set(VM *vm, uint32_t coroutine, Value function, uint32_t mask, uint32_t count) {
  Hook *hook = &vm->run.hook;
  vm->run.hook_function = function;
  *hook = (Hook){.mask = mask, .count = count, .left = count, .coroutine = coroutine, .running = hook->running};
  if (vm->run.exit == EXIT_NONE) vm->run.exit = EXIT_QUANTUM; /* the loop picks its table when it is entered */
}

static uint32_t line_of(const VM *vm, const Frame *frame, const Word *pc) {
  const Function *function = &vm->run.functions[frame->closure->function];
  const uint32_t *lines = module_at(vm->run.modules[function->module].module, function->proto->lines);
  return lines[pc - function->code];
}

/* A function may begin by clearing locals; the reference's registers are clear then. */
static bool clears_locals(const Function *function, const Word *pc) {
  return pc == function->code && word_op(*pc) == OP_LOADNIL && word_a(*pc) >= function->parameter_count;
}

/* Whether the instruction at the top frame's pc begins a line. */
static bool is_new_line(VM *vm) {
  Hook *hook = &vm->run.hook;
  const Frame *frame = vm->run.frame;
  const Function *function = &vm->run.functions[frame->closure->function];
  const Word *code = function->code;
  uint32_t depth = (uint32_t)(frame - state_coroutine(vm)->frames);
  /* Back from a call: what was executed last in this function stands right before. */
  const Word *last = depth == hook->depth && hook->code == code ? hook->last : frame->pc - 1;
  bool fresh = frame->pc == code || frame->pc <= last || line_of(vm, frame, frame->pc) != line_of(vm, frame, last);
  hook->depth = depth;
  hook->code = code;
  hook->last = frame->pc;
  if (!clears_locals(function, frame->pc)) return fresh;
  hook->last++; /* what comes next is the start */
  return false;
}

static void call_hook(VM *vm, const char *event, int64_t line) {
  vm->run.kept = value_of_string(vm_string_from(vm, event));
  vm->run.frame->pc++; /* the instruction counts as begun: its line is where the frame stands */
  const Frame *top = vm->run.frame;
  Value *func = vm_stack_frame_end(vm, top);
  if (func < vm->run.top) func = vm->run.top;
  vm->run.hook.top = (uint32_t)(vm->run.top - vm_stack_base(vm));
  func = vm_call_need_stack(vm, func, 4);
  func[0] = vm->run.hook_function;
  func[1] = vm->run.kept;
  func[2] = line >= 0 ? value_of_int(line) : VALUE_NIL;
  vm->run.kept = VALUE_NIL;
  vm->run.hook.running = true;
  vm_call_hook(vm, func, 2);
}

bool vm_hook_step(VM *vm) {
  Hook *hook = &vm->run.hook;
  if (hook->coroutine != vm->run.current) return false;
  if (hook->running) { /* its own instructions are counted too */
    if (hook->left != 0 && --hook->left == 0) hook->left = hook->count;
    return false;
  }
  if (hook->passed) { /* the hook has just been called for this instruction */
    hook->passed = false;
    if (!hook->line_due) return false;
  } else {
    hook->line_due = (hook->mask & HOOK_LINE) != 0 && is_new_line(vm);
    if ((hook->mask & HOOK_COUNT) != 0 && --hook->left == 0) {
      hook->left = hook->count;
      call_hook(vm, "count", -1);
      return true;
    }
  }
  if (!hook->line_due) return false;
  hook->line_due = false;
  call_hook(vm, "line", line_of(vm, vm->run.frame, vm->run.frame->pc));
  return true;
}

void vm_hook_returned(VM *vm) {
  vm->run.frame->pc--;
  vm->run.hook.running = false;
  vm->run.hook.passed = true;
  vm->run.top = vm_stack_base(vm) + vm->run.hook.top;
}
