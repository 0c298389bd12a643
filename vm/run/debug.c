/* SPDX-License-Identifier: BSD-2-Clause */
/* debug - see debug.h. */
#include "vm/run/debug.h"

#include "vm/compile/chunk_id.h"
#include "vm/lib/native.h"
#include "vm/memory/charge.h"
#include "vm/run/error.h"

static const Module *module_of(const VM *vm, const Frame *frame) {
  return vm->run.modules[state_frame_function(vm, frame)->module].module;
}

/* The word that the frame is executing, or the last extra word of it. */
static uint32_t current_word(const VM *vm, const Frame *frame) {
  ptrdiff_t next = frame->pc - state_frame_function(vm, frame)->code;
  return next > 0 ? (uint32_t)next - 1 : 0;
}

int64_t vm_debug_line(const VM *vm, const Frame *frame) {
  if (frame->kind != FRAME_LUA) return -1;
  const Module *module = module_of(vm, frame);
  const uint32_t *lines = module_at(module, state_frame_function(vm, frame)->proto->lines);
  return lines[current_word(vm, frame)];
}

/* --- Levels --- */

/* Level 0 is what runs now; a leaf native has no frame of its own. */
const Frame *vm_debug_level(const VM *vm, int level) {
  const Coroutine *co = &vm->run.coroutines[vm->run.current];
  const Frame *frame = vm->run.frame;
  if (vm->run.in_leaf) {
    if (level == 0) return NULL;
    level--;
  }
  for (; frame > co->frames; frame--) {
    if (level == 0) return frame->kind == FRAME_LUA ? frame : NULL;
    level--;
    /* Calls lost to tail calls are levels too, but nothing is known of them. */
    if (frame->kind == FRAME_LUA && frame->tail_calls > 0) {
      if (level < (int)frame->tail_calls) return NULL;
      level -= (int)frame->tail_calls;
    }
  }
  return NULL;
}

void vm_debug_charge_level(VM *vm, int level) {
  enum { NEAR = 16 };
  ptrdiff_t depth = vm->run.frame - vm->run.coroutines[vm->run.current].frames;
  ptrdiff_t steps = level < depth ? level : depth;
  if (UNLIKELY(steps > NEAR)) vm_charge(vm, COST_STACK_LEVELS, (uint64_t)steps);
}

size_t vm_debug_chunk_id(const VM *vm, const Frame *frame, char id[LIMIT_CHUNK_ID]) {
  const Module *module = module_of(vm, frame);
  return vm_chunk_id_write(module_at(module, module->chunk_name.offset), module->chunk_name.length, id, LIMIT_CHUNK_ID);
}

static void put_number(VM *vm, int64_t n) {
  char text[24];
  size_t at = sizeof text;
  uint64_t rest = n < 0 ? (uint64_t)-n : (uint64_t)n;
  do {
    text[--at] = (char)('0' + rest % 10);
    rest /= 10;
  } while (rest != 0);
  if (n < 0) text[--at] = '-';
  vm_buffer_put(vm, text + at, sizeof text - at);
}

static void put_frame_position(VM *vm, const Frame *frame) {
  if (frame == NULL || frame->kind != FRAME_LUA) return;
  int64_t line = vm_debug_line(vm, frame);
  char id[LIMIT_CHUNK_ID];
  size_t size = vm_debug_chunk_id(vm, frame, id);
  vm_buffer_put(vm, id, size);
  vm_buffer_put_byte(vm, ':');
  put_number(vm, line);
  vm_buffer_put(vm, ": ", 2);
}

void vm_debug_put_position(VM *vm, int level) { put_frame_position(vm, vm_debug_level(vm, level)); }
void vm_debug_put_running_position(VM *vm) { vm_debug_put_position(vm, 0); }

/* --- Names --- */

typedef struct {
  const VM *vm;
  const Frame *frame;
  const Function *function;
  const Module *module;
} Scene;

static Scene scene_of(const VM *vm, const Frame *frame) {
  return (Scene){vm, frame, state_frame_function(vm, frame), module_of(vm, frame)};
}

static const char *local_name(const Scene *scene, uint32_t reg, uint32_t pc) {
  const Proto *proto = scene->function->proto;
  const LocalInfo *locals = module_at(scene->module, proto->locals);
  for (uint32_t i = 0; i < proto->local_count && locals[i].start_pc <= pc; i++) {
    if (pc < locals[i].end_pc && reg-- == 0) return module_at(scene->module, locals[i].name.offset);
  }
  return NULL;
}

static const char *constant_name(const Scene *scene, uint32_t index) {
  const Proto *proto = scene->function->proto;
  const Constant *constants = module_at(scene->module, proto->constants);
  if (index >= proto->constant_count || constants[index].kind != CONSTANT_STRING) return "?";
  return module_at(scene->module, constants[index].as.string.offset);
}

/* Whether an instruction sets register `reg`. */
static bool sets(Word ins, uint32_t reg) {
  uint32_t a = word_a(ins);
  switch (word_op(ins)) {
    case OP_LOADNIL: return a <= reg && reg <= word_b(ins);
    case OP_SELF:
    case OP_SELF_R: return reg == a || reg == a + 1;
    case OP_TFORLOOP: return reg >= a + 2;
    case OP_CALL:
    case OP_CALLM:
    case OP_TAILCALL:
    case OP_TAILCALLM: return reg >= a;
    case OP_TEST_T:
    case OP_TEST_F: return reg == a;
    default: {
      uint8_t kind = vm_opcode_info[word_op(ins)].a;
      return (kind == OPERAND_W || kind == OPERAND_B) && reg == a;
    }
  }
}

/* Where a forward jump at `pc` goes, or 0. */
static uint32_t jump_target(const Word *code, uint32_t pc) {
  int32_t distance = 0;
  uint32_t next = pc + 1;
  switch (word_op(code[pc])) {
    case OP_JMP: distance = word_j(code[pc]); break;
    case OP_FORPREP:
      distance = (int32_t)code[pc + 1];
      next++;
      break;
    default: return 0;
  }
  return distance > 0 ? next + (uint32_t)distance : 0;
}

/* The word of the instruction that last set `reg` before `last`, as the reference's
 * symbolic execution finds it; the function's last word when there is none. */
static uint32_t find_setter(const Scene *scene, uint32_t last, uint32_t reg) {
  const Word *code = scene->function->code;
  uint32_t setter = scene->function->proto->code_words - 1;
  for (uint32_t pc = 0; pc < last;) {
    Word ins = code[pc];
    if (sets(ins, reg)) setter = pc;
    uint32_t target = jump_target(code, pc);
    pc += 1 + vm_opcode_info[word_op(ins)].extra;
    if (target > pc && target <= last) pc = target;
  }
  return setter;
}

static const char *upvalue_name(const Scene *scene, uint32_t index) {
  const Proto *proto = scene->function->proto;
  if (index >= proto->upvalue_count) return "?";
  const Name *names = module_at(scene->module, proto->upvalue_names);
  return module_at(scene->module, names[index].offset);
}

/* What register `reg` holds at word `pc`: kind and name. */
static const char *object_name(const Scene *scene, uint32_t pc, uint32_t reg, const char **ret_name) {
  for (;;) {
    *ret_name = local_name(scene, reg, pc);
    if (*ret_name != NULL) return "local";
    uint32_t setter = find_setter(scene, pc, reg);
    const Word *code = scene->function->code;
    Word ins = code[setter];
    switch (word_op(ins)) {
      case OP_GETGLOBAL: *ret_name = constant_name(scene, word_d(ins)); return "global";
      case OP_GETGLOBALX: *ret_name = constant_name(scene, code[setter + 1]); return "global";
      case OP_MOVE:
        if (word_b(ins) >= word_a(ins)) return NULL;
        reg = word_b(ins);
        pc = setter;
        continue;
      case OP_GETFIELD: *ret_name = constant_name(scene, word_c(ins)); return "field";
      case OP_GETINDEX_R:
      case OP_GETINDEX_K:
      case OP_GETINDEX_I: *ret_name = "?"; return "field";
      case OP_GETUPV:
      case OP_GETUPR: *ret_name = upvalue_name(scene, word_b(ins)); return "upvalue";
      case OP_SELF: *ret_name = constant_name(scene, word_c(ins)); return "method";
      case OP_SELF_R: *ret_name = "?"; return "method";
      default: return NULL;
    }
  }
}

/* The start of the instruction that the frame executes. */
static uint32_t current_instruction(const Scene *scene) {
  const Word *code = scene->function->code;
  uint32_t word = current_word(scene->vm, scene->frame);
  uint32_t pc = 0;
  while (pc + 1 + vm_opcode_info[word_op(code[pc])].extra <= word) pc += 1u + vm_opcode_info[word_op(code[pc])].extra;
  return pc;
}

/* What the Lua function of a frame calls the function that it is calling. */
static const char *called_name(const VM *vm, const Frame *frame, const char **ret_name) {
  if (frame->kind != FRAME_LUA) return NULL;
  Scene scene = scene_of(vm, frame);
  uint32_t pc = current_instruction(&scene);
  switch (word_op(scene.function->code[pc])) {
    case OP_CALL:
    case OP_CALLM:
    case OP_TAILCALL:
    case OP_TAILCALLM:
    case OP_TFORLOOP: return object_name(&scene, pc, word_a(scene.function->code[pc]), ret_name);
    default: return NULL;
  }
}

const char *vm_debug_frame_name(const VM *vm, const Frame *frame, const char **ret_name) {
  if (frame->kind == FRAME_LUA && frame->tail_calls > 0) return NULL;
  return called_name(vm, frame - 1, ret_name);
}

const char *vm_debug_function_name(const VM *vm, const char **ret_name) {
  const Frame *frame = vm->run.frame;
  return vm->run.in_leaf ? called_name(vm, frame, ret_name) : vm_debug_frame_name(vm, frame, ret_name);
}

Value *vm_debug_leaf_slot(const VM *vm, int *ret_count) {
  const Frame *frame = vm->run.frame;
  Scene scene = scene_of(vm, frame);
  Word ins = scene.function->code[current_instruction(&scene)];
  Value *slot = frame->base + word_a(ins);
  if (word_op(ins) == OP_TFORLOOP) {
    *ret_count = 2;
    return slot + 3;
  }
  *ret_count = word_op(ins) == OP_CALLM || word_op(ins) == OP_TAILCALLM ? (int)(vm->run.top - slot) - 1 : (int)word_b(ins) - 1;
  return slot;
}

const char *vm_debug_local_name(const VM *vm, const Frame *frame, uint32_t reg) {
  Scene scene = scene_of(vm, frame);
  return local_name(&scene, reg, current_instruction(&scene));
}

/* --- Errors --- */

static void put(VM *vm, const char *text) { vm_buffer_put(vm, text, strlen(text)); }

void vm_debug_type_error(VM *vm, int reg, Value v, const char *operation) {
  const char *name = NULL, *kind = NULL;
  if (reg >= 0 && !vm->run.in_leaf && vm->run.frame->kind == FRAME_LUA) {
    Scene scene = scene_of(vm, vm->run.frame);
    kind = object_name(&scene, current_instruction(&scene), (uint32_t)reg, &name);
  }
  const char *type = vm_value_type_names[value_type(v)];
  size_t mark = vm_buffer_open(vm);
  vm_debug_put_running_position(vm);
  put(vm, "attempt to ");
  put(vm, operation);
  if (kind != NULL) {
    put(vm, " ");
    put(vm, kind);
    put(vm, " '");
    put(vm, name);
    put(vm, "' (a ");
    put(vm, type);
    put(vm, " value)");
  } else {
    put(vm, " a ");
    put(vm, type);
    put(vm, " value");
  }
  vm_error_raise_buffer(vm, mark);
}

void vm_debug_compare_error(VM *vm, Value a, Value b) {
  const char *first = vm_value_type_names[value_type(a)];
  const char *second = vm_value_type_names[value_type(b)];
  size_t mark = vm_buffer_open(vm);
  vm_debug_put_running_position(vm);
  put(vm, "attempt to compare ");
  if (first[2] == second[2]) {
    put(vm, "two ");
    put(vm, first);
    put(vm, " values");
  } else {
    put(vm, first);
    put(vm, " with ");
    put(vm, second);
  }
  vm_error_raise_buffer(vm, mark);
}

/* --- Where a run stood --- */

static void locate(const VM *vm, const Frame *frame, VmBytes *ret_source, int64_t *ret_line) {
  const Module *module = module_of(vm, frame);
  *ret_source = (VmBytes){module_at(module, module->chunk_name.offset), module->chunk_name.length};
  *ret_line = vm_debug_line(vm, frame);
}

static const Frame *innermost_lua(const VM *vm, uint32_t coroutine, const Frame *top) {
  const Coroutine *co = &vm->run.coroutines[coroutine];
  for (const Frame *f = top; f > co->frames; f--) {
    if (f->kind == FRAME_LUA) return f;
  }
  return NULL;
}

void vm_debug_locate(VM *vm, VmBytes *ret_source, int64_t *ret_line) {
  *ret_source = (VmBytes){NULL, 0};
  *ret_line = 0;
  if (vm->run.coroutines == NULL || vm->run.frame == NULL) return;
  const Frame *frame = innermost_lua(vm, vm->run.current, vm->run.frame);
  uint32_t current = vm->run.current;
  while (frame == NULL && current != MAIN_COROUTINE) {
    current = vm->run.coroutines[current].resumer;
    frame = innermost_lua(vm, current, vm->run.coroutines[current].frame);
  }
  if (frame != NULL) locate(vm, frame, ret_source, ret_line);
}

static void locate_native(VmBytes *ret_source, int64_t *ret_line) {
  *ret_source = (VmBytes){"=[C]", 4};
  *ret_line = -1;
}

/* The server's handler asks for the function that raised, or its caller when that is a
 * native; so one native is looked through, not two. */
static bool locate_raiser(const VM *vm, const Frame *frame, VmBytes *ret_source, int64_t *ret_line) {
  const Coroutine *co = &vm->run.coroutines[vm->run.current];
  if (frame > co->frames && frame->kind == FRAME_NATIVE) frame--;
  if (frame <= co->frames) return false;
  if (frame->kind == FRAME_LUA) locate(vm, frame, ret_source, ret_line);
  else locate_native(ret_source, ret_line);
  return true;
}

void vm_debug_locate_error(const VM *vm, VmBytes *ret_source, int64_t *ret_line) {
  if (locate_raiser(vm, vm->run.frame, ret_source, ret_line)) return;
  *ret_source = (VmBytes){"", 0}; /* a native that nobody called: a function that a library registered */
  *ret_line = 0;
}

bool vm_debug_locate_caller(const VM *vm, VmBytes *ret_source, int64_t *ret_line) {
  const Frame *asking = vm->run.frame;
  if (asking->kind != FRAME_LUA || asking->tail_calls == 0) return locate_raiser(vm, asking - 1, ret_source, ret_line);
  *ret_source = (VmBytes){"=(tail call)", 12};
  *ret_line = -1;
  return true;
}
