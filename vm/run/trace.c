/* SPDX-License-Identifier: BSD-2-Clause */
/* trace - see trace.h.
 *
 * Which fields of an instruction name a value, opcodes.def says.  A few instructions work
 * on registers that no field names: those are reported in the fields that are free.
 */
#include "vm/run/trace.h"

static VmKind kind_of(Value v) {
  static const VmKind kinds[TYPE_COUNT_] = {
      [TYPE_NIL] = VM_KIND_NIL,       [TYPE_BOOLEAN] = VM_KIND_BOOLEAN,   [TYPE_NUMBER] = VM_KIND_NUMBER,
      [TYPE_STRING] = VM_KIND_STRING, [TYPE_TABLE] = VM_KIND_TABLE,       [TYPE_FUNCTION] = VM_KIND_FUNCTION,
      [TYPE_THREAD] = VM_KIND_THREAD, [TYPE_USERDATA] = VM_KIND_USERDATA,
  };
  Type type = value_type(v);
  if (type == TYPE_TABLE && value_table(v)->metatable != 0) return VM_KIND_TABLE_WITH_METATABLE;
  return kinds[type];
}

static VmKind upvalue_kind(const Closure *closure, uint32_t index) {
  Value v = closure->upvalues[index];
  if (value_tag(v) == TAG_BOX) v = *(const Value *)(uintptr_t)((const Upvalue *)(uintptr_t)(uint32_t)v)->slot;
  return kind_of(v);
}

/* The kind of the value that a field reads; none when it reads no value. */
static VmKind field_kind(const Frame *frame, uint8_t operand, uint32_t field) {
  switch (operand) {
    case OPERAND_R:
    case OPERAND_B: return kind_of(frame->base[field]);
    case OPERAND_K: return kind_of(frame->constants[field]);
    case OPERAND_U: return upvalue_kind(frame->closure, field);
    default: return VM_KIND_NONE;
  }
}

static void report_kinds(const Frame *frame, Word ins, VmKind kinds[3]) {
  const OpcodeInfo *info = &vm_opcode_info[word_op(ins)];
  kinds[0] = field_kind(frame, info->a, word_a(ins));
  kinds[1] = field_kind(frame, info->b, info->format == FORMAT_AD ? word_d(ins) : word_b(ins));
  kinds[2] = field_kind(frame, info->c, word_c(ins));
  switch (word_op(ins)) {
    case OP_FORPREP:
    case OP_TFORLOOP: /* three registers, from A on */
      for (uint32_t i = 1; i < 3; i++) kinds[i] = kind_of(frame->base[word_a(ins) + i]);
      break;
    case OP_GETGLOBAL:
    case OP_GETGLOBALX:
    case OP_SETGLOBAL:
    case OP_SETGLOBALX: kinds[2] = kind_of(frame->closure->environment); break;
    case OP_LOADNIL: kinds[1] = VM_KIND_NONE; break; /* names its last register, and reads none */
    default: break;
  }
}

void vm_trace_report(VM *vm, const Word *pc) {
  const Frame *frame = vm->run.frame;
  VM_ASSERT(frame->closure->function < vm->run.function_count);
  const Function *function = &vm->run.functions[frame->closure->function]; /* its pc is not saved yet */
  const Module *module = vm->run.modules[function->module].module;
  const uint32_t *lines = module_at(module, function->proto->lines);
  VmTracePoint point = {.pc = (uint32_t)(pc - function->code),
                        .word = *pc,
                        .opcode = word_op(*pc),
                        .name = vm_opcode_info[word_op(*pc)].name,
                        .depth = (uint32_t)(frame - state_coroutine(vm)->frames)};
  point.line = lines[point.pc];
  point.source = (VmBytes){module_at(module, module->chunk_name.offset), module->chunk_name.length};
  report_kinds(frame, *pc, point.kinds);
  vm->trace(vm->trace_context, &point);
}

void vm_set_trace(VM *vm, VmTraceHook hook, void *context) {
  vm->trace = hook;
  vm->trace_context = context;
}
