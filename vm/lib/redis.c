/* SPDX-License-Identifier: BSD-2-Clause */
/* redis - the redis library: commands, replies, the log, and global protection.
 *
 * redis.call and redis.pcall only describe the command and suspend the machine; the
 * host runs it, and vm/lib/resp.c turns the reply into a value.  Errors are tables
 * {err = ...}, as in Redis; the position is added where an error reaches the top.
 * Layer: vm/lib.
 */
#include "vm/lib/redis.h"

#include "policy/error_line.h"
#include "vm/lib/arg.h"
#include "vm/lib/builtins.h"
#include "vm/lib/dialect.h"
#include "vm/lib/registry.h"
#include "vm/lib/reply.h"
#include "vm/lib/sha1.h"
#include "vm/run/call.h"
#include "vm/values/number.h"

/* --- Error tables --- */

String *vm_redis_error_text(VM *vm, VmBytes line) {
  ErrorLine split = policy_error_line_split(line.data, line.size);
  size_t mark = vm_buffer_open(vm);
  vm_buffer_put(vm, split.code, split.code_bytes);
  vm_buffer_put_byte(vm, ' ');
  vm_buffer_put(vm, split.message, split.message_bytes);
  return vm_buffer_string(vm, mark);
}

/* Stores a field of *slot; the key waits in slot[1]. */
static void put_field(VM *vm, Value *slot, const char *name, Value v) {
  slot[1] = value_of_string(vm_string_from(vm, name));
  *vm_table_slot_string(vm, value_table(slot[0]), value_string(slot[1])) = v;
}

Table *vm_redis_error_table(VM *vm, Value *slot, VmBytes text, bool counted) {
  slot[2] = value_of_string(vm_redis_error_text(vm, text));
  slot[0] = value_of_table(vm_table_new(vm, 0, 0));
  put_field(vm, slot, "err", slot[2]);
  if (counted) put_field(vm, slot, "ignore_error_stats_update", VALUE_TRUE);
  return value_table(slot[0]);
}

/* Makes {err = "ERR <text>"} in slot[0..2]. */
static Value make_error(VM *vm, Value *slot, const char *text) {
  size_t mark = vm_buffer_open(vm);
  vm_buffer_put(vm, "ERR ", 4);
  vm_dialect_put(vm, text);
  slot[2] = value_of_string(vm_buffer_string(vm, mark));
  slot[0] = value_of_table(vm_table_new(vm, 0, 0));
  put_field(vm, slot, "err", slot[2]);
  return slot[0];
}

void vm_redis_raise(VM *vm, Value *slot, const char *text) {
  vm_native_raise(vm, make_error(vm, slot, text));
}

/* --- redis.call and redis.pcall --- */

enum { STEP_REPLIED = 1 };

/* What is wrong with the arguments, or NULL. */
static const char *find_fault(const Value *args, int count) {
  if (count == 0) return "Please specify at least one argument for this redis lib call";
  for (int i = 0; i < count; i++) {
    if (!value_is_string(args[i]) && !value_is_number(args[i])) {
      return "Lua redis lib command arguments must be strings or integers";
    }
  }
  return NULL;
}

/* Opens the buffer at a place where an array of VmBytes may stand. */
static size_t open_aligned(VM *vm) {
  size_t mark = vm_buffer_open(vm);
  vm_buffer_space(vm, sizeof(uint64_t));
  size_t misfit = (size_t)((uintptr_t)vm_buffer_data(vm, mark) % sizeof(uint64_t));
  vm_buffer_cut(vm, mark, misfit == 0 ? 0 : sizeof(uint64_t) - misfit);
  return vm_buffer_open(vm);
}

/* Writes the argument vector and behind it the texts of numbers; strings stay where
 * they are, the arguments keep them alive. */
static void build_command(VM *vm, const Frame *frame, VmHostCall *call) {
  const Value *args = native_slots(frame);
  size_t count = (size_t)frame->count, vector_size = count * sizeof(VmBytes);
  size_t mark = open_aligned(vm);
  vm_buffer_space(vm, vector_size);
  for (size_t i = 0; i < count; i++) {
    if (!value_is_number(args[i])) continue;
    char text[NUMBER_TEXT_MAX];
    vm_buffer_put(vm, text, vm_dialect_write(vm, value_number(args[i]), text) + 1);
  }
  VmBytes *vector = (VmBytes *)(void *)vm_buffer_data(vm, mark);
  const char *text = (const char *)vector + vector_size;
  for (size_t i = 0; i < count; i++) {
    if (value_is_string(args[i])) {
      const String *s = value_string(args[i]);
      vector[i] = (VmBytes){s->bytes, s->length};
    } else {
      vector[i] = (VmBytes){text, strlen(text)};
      text += vector[i].size + 1;
    }
  }
  call->argc = (uint32_t)count;
  call->argv = vector;
}

static uint64_t command_bytes(const VmHostCall *call) {
  uint64_t bytes = 0;
  for (uint32_t i = 0; i < call->argc; i++) bytes += call->argv[i].size;
  return bytes;
}

static bool is_error_table(const VM *vm, Value v) {
  return value_is_table(v) && value_is_string(vm_reply_field(vm, value_table(v), "err"));
}

/* How far up a frame that catches errors is looked for. */
enum { NEAR_FRAMES = 32 };

/* Whether an error raised here would end the run. */
static bool is_uncaught(const VM *vm, const Frame *frame) {
  if (vm->run.current != MAIN_COROUTINE) return false;
  const Frame *bottom = vm->run.coroutines[MAIN_COROUTINE].frames;
  if (frame - bottom > NEAR_FRAMES) return false;
  for (; frame > bottom; frame--) {
    if (frame->catches) return false;
  }
  return true;
}

/* Hands the command in the slots to the host; `how` says what is wanted. */
static int ask_host(VM *vm, Frame *frame, VmHostCall how) {
  vm_charge(vm, COST_HOST_CALL, 1);
  vm_charge(vm, COST_HOST_ITEMS, frame->count);
  build_command(vm, frame, &how);
  how.resp = vm->run.resp;
  how.replicate = vm->run.repl_flags;
  vm->run.host_call = how;
  vm_charge(vm, COST_HOST_BYTES, command_bytes(&how));
  return vm_native_host(vm, frame, VM_HOST_REDIS, STEP_REPLIED);
}

static int run_command(VM *vm, Frame *frame, bool protected_call) {
  Value *slots = native_slots(frame);
  if (frame->step == STEP_REPLIED) {
    if (!protected_call && is_error_table(vm, slots[0])) vm_native_raise(vm, slots[0]);
    return native_return(slots, slots[0]);
  }
  const char *fault = find_fault(slots, frame->count);
  if (fault != NULL) {
    Value error = make_error(vm, slots + frame->count, fault);
    if (!protected_call) vm_native_raise(vm, error);
    return native_return(slots, error);
  }
  bool may_post = vm_call_wants_nothing(frame) && (protected_call || is_uncaught(vm, frame));
  bool is_last = vm->run.resp == 2 && vm_call_is_last(vm, frame);
  return ask_host(vm, frame, (VmHostCall){.protected_call = protected_call, .may_post = may_post, .is_last = is_last});
}

int vm_redis_call(VM *vm, Frame *frame) { return run_command(vm, frame, false); }

int vm_redis_pcall(VM *vm, Frame *frame) { return run_command(vm, frame, true); }

/* --- redis.acl_check_cmd --- */

/* The host knows the commands and the user: it answers 1 or 0, or with an error. */
int vm_redis_acl_check_cmd(VM *vm, Frame *frame) {
  Value *slots = native_slots(frame);
  if (frame->step == STEP_REPLIED) {
    if (is_error_table(vm, slots[0])) vm_native_raise(vm, slots[0]);
    return native_return(slots, value_of_bool(value_is_number(slots[0]) && value_number(slots[0]) != 0));
  }
  const char *fault = find_fault(slots, frame->count);
  if (fault != NULL) vm_redis_raise(vm, slots + frame->count, fault);
  return ask_host(vm, frame, (VmHostCall){.acl_check = true});
}

/* --- Making replies --- */

static bool is_one_string(const Value *args, int count) { return count == 1 && value_is_string(args[0]); }

int vm_redis_error_reply(VM *vm, Value *args, int count) {
  if (!is_one_string(args, count)) return native_return(args, make_error(vm, args + count, "wrong number or type of arguments"));
  const String *s = value_string(args[0]);
  size_t dash = s->bytes[0] == '-';
  vm_charge(vm, COST_STRING_BYTES, s->length);
  vm_redis_error_table(vm, args + 1, (VmBytes){s->bytes + dash, s->length - dash}, false);
  return native_return(args, args[1]);
}

int vm_redis_status_reply(VM *vm, Value *args, int count) {
  if (!is_one_string(args, count)) return native_return(args, make_error(vm, args + count, "wrong number or type of arguments"));
  args[1] = value_of_table(vm_table_new(vm, 0, 0));
  put_field(vm, args + 1, "ok", args[0]);
  return native_return(args, args[1]);
}

/* --- Settings and the rest --- */

int vm_redis_setresp(VM *vm, Value *args, int count) {
  if (count != 1) vm_redis_raise(vm, args + count, "redis.setresp() requires one argument.");
  double n = 0;
  vm_native_to_number(args[0], &n);
  if (!(n >= 2 && n < 4)) vm_redis_raise(vm, args + count, "RESP version must be 2 or 3.");
  vm->run.resp = (uint32_t)n;
  return 0;
}

int vm_redis_set_repl(VM *vm, Value *args, int count) {
  if (count != 1) vm_redis_raise(vm, args + count, "redis.set_repl() requires two arguments.");
  double n = 0;
  vm_native_to_number(args[0], &n);
  int64_t flags = arg_truncate(n);
  if (flags & ~INT64_C(3)) {
    vm_redis_raise(vm, args + count,
                "Invalid replication flags. Use REPL_AOF, REPL_REPLICA, REPL_ALL or REPL_NONE.");
  }
  vm->run.repl_flags = (uint32_t)flags;
  return 0;
}

int vm_redis_sha1hex(VM *vm, Value *args, int count) {
  if (count != 1) vm_redis_raise(vm, args + count, "wrong number of arguments");
  char text[NUMBER_TEXT_MAX], hex[SHA1_HEX_SIZE];
  VmBytes bytes = {"", 0};
  if (value_is_string(args[0])) {
    const String *s = value_string(args[0]);
    bytes = (VmBytes){s->bytes, s->length};
  } else if (value_is_number(args[0])) {
    bytes = (VmBytes){text, vm_number_write(value_number(args[0]), text)};
  }
  vm_charge(vm, COST_SHA1_BYTES, bytes.size);
  vm_sha1_hex(bytes.data, bytes.size, vm->has_sha, hex);
  return native_return(args, value_of_string(vm_string_new(vm, hex, sizeof hex)));
}

int vm_redis_breakpoint(VM *vm, Value *args, int count) {
  (void)vm;
  (void)count;
  return native_return(args, VALUE_FALSE);
}

int vm_redis_debug(VM *vm, Value *args, int count) {
  (void)vm;
  (void)args;
  (void)count;
  return 0;
}

int vm_redis_replicate_commands(VM *vm, Value *args, int count) {
  (void)vm;
  (void)count;
  return native_return(args, VALUE_TRUE);
}

int vm_redis_missing_global(VM *vm, Value *args, int count) {
  if (count != 2) vm_native_error(vm, "Wrong number of arguments to luaProtectedTableError");
  if (!value_is_string(args[1]) && !value_is_number(args[1])) {
    vm_native_error(vm, "Second argument to luaProtectedTableError must be a string or number");
  }
  String *name = vm_native_check_string(vm, args, count, 2);
  vm_native_error(vm, "Script attempted to access nonexistent global variable '%s'", name->bytes);
}

/* --- redis.log --- */

enum { LOG_DEBUG, LOG_VERBOSE, LOG_NOTICE, LOG_WARNING };

static int check_level(VM *vm, Value *args, int count) {
  double level;
  if (count < 2) vm_redis_raise(vm, args + count, "redis.log() requires two arguments or more.");
  if (!vm_native_to_number(args[0], &level)) {
    vm_redis_raise(vm, args + count, "First argument must be a number (log level).");
  }
  if (!(level > LOG_DEBUG - 1 && level < LOG_WARNING + 1)) vm_redis_raise(vm, args + count, "Invalid debug level.");
  return (int)level;
}

/* Joins the arguments behind the level; what is neither string nor number is left out,
 * but not the space in front of what follows it. */
static void put_message(VM *vm, const Value *args, int count) {
  for (int i = 1; i < count; i++) {
    char text[NUMBER_TEXT_MAX];
    VmBytes part;
    if (value_is_string(args[i])) {
      const String *s = value_string(args[i]);
      part = (VmBytes){s->bytes, s->length};
    } else if (value_is_number(args[i])) {
      part = (VmBytes){text, vm_number_write(value_number(args[i]), text)};
    } else {
      continue;
    }
    vm_charge(vm, COST_HOST_BYTES, part.size + 1);
    if (i > 1) vm_buffer_put_byte(vm, ' ');
    vm_buffer_put(vm, part.data, part.size);
  }
}

int vm_redis_log(VM *vm, Frame *frame) {
  if (frame->step == STEP_REPLIED) return 0;
  Value *args = native_slots(frame);
  int level = check_level(vm, args, frame->count);
  vm_charge(vm, COST_HOST_CALL, 1);
  size_t vector = open_aligned(vm);
  vm_buffer_space(vm, sizeof(VmBytes));
  size_t mark = vm_buffer_open(vm);
  put_message(vm, args, frame->count);
  VmBytes *argv = (VmBytes *)(void *)vm_buffer_data(vm, vector);
  *argv = (VmBytes){vm_buffer_data(vm, mark), vm_buffer_size(vm, mark)};
  vm->run.host_call = (VmHostCall){.kind = VM_HOST_LOG, .argc = 1, .argv = argv, .resp = vm->run.resp, .level = level};
  return vm_native_host(vm, frame, VM_HOST_LOG, STEP_REPLIED);
}

/* --- What is no function --- */

enum { REPL_NONE = 0, REPL_AOF = 1, REPL_REPLICA = 2, REPL_ALL = 3, VERSION_NUMBER = 0x0007000f };

/* The fields in the order in which Redis sets them; what is no number is in the table. */
typedef struct {
  const char *name;
  int32_t number;
  bool is_number;
} Field;

static const Field fields[] = {{"call", 0, false},
                               {"pcall", 0, false},
                               {"log", 0, false},
                               {"LOG_DEBUG", LOG_DEBUG, true},
                               {"LOG_VERBOSE", LOG_VERBOSE, true},
                               {"LOG_NOTICE", LOG_NOTICE, true},
                               {"LOG_WARNING", LOG_WARNING, true},
                               {"REDIS_VERSION_NUM", VERSION_NUMBER, true},
                               {"REDIS_VERSION", 0, false},
                               {"setresp", 0, false},
                               {"sha1hex", 0, false},
                               {"error_reply", 0, false},
                               {"status_reply", 0, false},
                               {"set_repl", 0, false},
                               {"REPL_NONE", REPL_NONE, true},
                               {"REPL_AOF", REPL_AOF, true},
                               {"REPL_SLAVE", REPL_REPLICA, true},
                               {"REPL_REPLICA", REPL_REPLICA, true},
                               {"REPL_ALL", REPL_ALL, true},
                               {"acl_check_cmd", 0, false},
                               {"breakpoint", 0, false},
                               {"debug", 0, false},
                               {"replicate_commands", 0, false}};

/* What scripts have and functions have not: the last fields. */
enum { SCRIPT_FIELDS = 3 };

static void copy_field(VM *vm, Table *to, const Table *from, const char *name) {
  vm_registry_put(vm, to, name, vm_table_get_string(from, vm_string_from(vm, name)));
}

void vm_redis_function_table(VM *vm, Table *to, const Table *library) {
  for (size_t i = 0; i < sizeof fields / sizeof *fields - SCRIPT_FIELDS; i++) {
    copy_field(vm, to, library, fields[i].name);
  }
  for (size_t i = 0; vm_dialect_constant(vm, i) != NULL; i++) copy_field(vm, to, library, vm_dialect_constant(vm, i));
}

void vm_redis_fill_loading(VM *vm, Table *to) {
  static const char *const kept[] = {"log",        "LOG_DEBUG",         "LOG_VERBOSE",  "LOG_NOTICE",
                                     "LOG_WARNING", "REDIS_VERSION_NUM", "REDIS_VERSION"};
  vm->run.pending[0] = value_of_native(vm_native_closure(vm, BUILTIN__internal_register_function, 0));
  vm_registry_put(vm, to, "register_function", vm->run.pending[0]);
  const Table *globals = value_table(vm->base->run.globals);
  const Table *library = value_table(vm_table_get_string(globals, vm_string_from(vm, "redis")));
  for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
    copy_field(vm, to, library, kept[i]);
  }
  for (size_t i = 0; vm_dialect_constant(vm, i) != NULL; i++) copy_field(vm, to, library, vm_dialect_constant(vm, i));
}

/* Gives `t` the parts of `other` and the other way round. */
static void swap_parts(Table *t, Table *other) {
  Table parts = *t;
  *t = *other;
  *other = parts;
  Header header = t->header;
  t->header = other->header;
  other->header = header;
}

void vm_redis_open(VM *vm, Table *library) {
  String *version = vm_string_from(vm, "REDIS_VERSION");
  *vm_table_slot_string(vm, library, version) = value_of_string(vm_string_from(vm, "7.0.15"));
  /* Where keys collide, the order of insertion decides the order that pairs shows. */
  Table *ordered = vm_table_new(vm, 0, 0);
  for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
    String *name = vm_string_from(vm, fields[i].name);
    Value v = fields[i].is_number ? value_of_int(fields[i].number) : vm_table_get_string(library, name);
    *vm_table_slot_string(vm, ordered, name) = v;
    if (strcmp(fields[i].name, "REDIS_VERSION") == 0) vm_dialect_fill(vm, ordered);
  }
  swap_parts(library, ordered);
  vm->run.repl_flags = REPL_ALL;
}
