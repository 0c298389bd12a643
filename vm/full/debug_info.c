/* SPDX-License-Identifier: BSD-2-Clause */
/* debug_info - debug.getinfo: what is known of a function or of a call in progress.
 *
 * The fields, their order and what is missing follow the reference; a library function
 * is "C" and comes from "=[C]". */
#include "vm/compile/chunk_id.h"
#include "vm/full/debug.h"
#include "vm/full/profile.h"
#include "vm/full/profile.h"
#include "vm/lib/builtins.h"
#include "vm/run/debug.h"

typedef struct {
  VM *vm;
  Value *target; /* the slot of the table being made */
  Level level;
  bool active;   /* `level` is a call, not just a function */
} Info;

static const Function *function_of(const VM *vm, Value closure) {
  return &vm->run.functions[value_closure(closure)->function];
}

/* --- Fields; the value waits in the slot behind the table's --- */

static void set_value(const Info *info, const char *name, Value v) {
  info->target[1] = v;
  vm_profile_put(info->vm, *info->target, name, &info->target[1]);
}

static void set_number(const Info *info, const char *name, int64_t n) { set_value(info, name, value_of_int(n)); }

static void set_bytes(const Info *info, const char *name, const char *text, size_t size) {
  set_value(info, name, value_of_string(vm_string_new(info->vm, text, size)));
}

static void set_text(const Info *info, const char *name, const char *text) {
  set_bytes(info, name, text, strlen(text));
}

static void set_source(const Info *info, const char *source, size_t size, int64_t first, int64_t last, const char *what) {
  char id[LIMIT_CHUNK_ID];
  size_t id_size = vm_chunk_id_write(source, size, id, LIMIT_CHUNK_ID);
  set_bytes(info, "source", source, size);
  set_bytes(info, "short_src", id, id_size);
  set_number(info, "linedefined", first);
  set_number(info, "lastlinedefined", last);
  set_text(info, "what", what);
}

static void add_source(const Info *info) {
  Value function = info->level.function;
  if (value_is_closure(function)) {
    const Function *f = function_of(info->vm, function);
    const Module *module = info->vm->run.modules[f->module].module;
    const Name *name = &module->chunk_name;
    set_source(info, module_at(module, name->offset), name->length, f->proto->line_defined, f->proto->last_line_defined,
               f->proto->line_defined == 0 ? "main" : "Lua");
  } else if (info->active && info->level.kind == LEVEL_TAIL) {
    set_source(info, "=(tail call)", 12, -1, -1, "tail");
  } else {
    set_source(info, "=[C]", 4, -1, -1, "C");
  }
}

static void add_line(const Info *info) {
  bool is_lua = info->active && info->level.kind == LEVEL_LUA;
  set_number(info, "currentline", is_lua ? vm_debug_line(info->vm, info->level.frame) : -1);
}

static void add_upvalues(const Info *info) {
  Value function = info->level.function;
  set_number(info, "nups", value_is_closure(function) ? value_closure(function)->upvalue_count : 0);
}

static void add_name(const Info *info) {
  const char *name = NULL;
  const char *kind = info->active ? vm_level_name(info->vm, &info->level, &name) : NULL;
  if (info->active && info->level.kind == LEVEL_TAIL) name = "";
  if (name == NULL) set_value(info, "name", VALUE_NIL);
  else set_text(info, "name", name);
  set_text(info, "namewhat", kind != NULL ? kind : "");
}

static void add_lines(const Info *info) {
  VM *vm = info->vm;
  if (!value_is_closure(info->level.function)) {
    set_value(info, "activelines", VALUE_NIL);
    return;
  }
  Table *lines = vm_table_new(vm, 0, 0);
  set_value(info, "activelines", value_of_table(lines));
  const Function *f = function_of(vm, info->level.function);
  const uint32_t *line = module_at(vm->run.modules[f->module].module, f->proto->lines);
  vm_charge(vm, COST_TABLE_STEP, f->proto->code_words);
  bool clears = word_op(f->code[0]) == OP_LOADNIL && word_a(f->code[0]) >= f->parameter_count;
  for (uint32_t i = clears; i < f->proto->code_words; i++) vm_table_set_integer(vm, lines, line[i], VALUE_TRUE);
}

/* In the reference's order, whatever the order of the options. */
static const struct {
  char option;
  void (*add)(const Info *info);
} parts[] = {{'S', add_source}, {'l', add_line}, {'u', add_upvalues}, {'n', add_name}, {'L', add_lines}};

static void fill(const Info *info, const char *options) {
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
    if (strchr(options, parts[i].option) != NULL) parts[i].add(info);
  }
  if (strchr(options, 'f') != NULL) set_value(info, "func", info->level.function);
}

int vm_debug_getinfo(VM *vm, Value *args, int count) {
  DebugCall call = debug_call(vm, args, count);
  Info info = {.vm = vm, .target = args + (count > 3 ? count : 3) + 1, .active = true};
  const char *options = "flnSu";
  if (debug_arg(&call, 2) != VALUE_NIL) options = vm_native_check_string(vm, args, count, call.shift + 2)->bytes;
  Value asked = debug_arg(&call, 1);
  double level;
  if (vm_native_to_number(asked, &level)) {
    if (!debug_find(vm, &call, (int32_t)value_truncate(level), &info.level)) return native_return(args, VALUE_NIL);
  } else if (value_is_function(asked)) {
    info.level = (Level){.kind = LEVEL_LUA, .function = asked};
    info.active = false;
  } else {
    vm_native_arg_error(vm, call.shift + 1, "function or level expected");
  }
  bool known = options[strspn(options, "SlunLf")] == 0;
  if (!known && (!info.active || info.level.kind != LEVEL_TAIL)) vm_native_arg_error(vm, call.shift + 2, "invalid option");
  *info.target = value_of_table(vm_table_new(vm, 0, 0));
  fill(&info, options);
  return native_return(args, *info.target);
}
