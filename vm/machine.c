/* SPDX-License-Identifier: BSD-2-Clause */
/* machine - the door's functions; see vm.h. */
#include "vm/lib/handler.h"
#include "vm/lib/library.h"
#include "vm/lib/native.h"
#include "vm/lib/redis.h"
#include "vm/lib/registry.h"
#include "vm/lib/reply.h"
#include "vm/lib/resp.h"
#include "vm/lib/sha1_cpu.h"
#include "vm/memory/charge.h"
#include "vm/objects/table.h"
#include "vm/run/call.h"
#include "vm/run/commit.h"
#include "vm/run/coroutine.h"
#include "vm/run/debug.h"
#include "vm/run/error.h"
#include "vm/run/exec.h"
#include "vm/run/gc.h"
#include "vm/run/meta.h"
#include "vm/run/module.h"
#include "vm/run/transaction.h"

enum {
  CONTROL_SLACK = 1 << 20, /* state structs, mark stack, base image */
  CONTROL_MIN = 24 << 20   /* frames of the deepest stack, a compiler's scratch */
};

size_t vm_control_size(size_t arena_size) {
  size_t blocks = arena_size >> BLOCK_SHIFT;
  return sizeof(VM) + blocks * (1 + sizeof(uint32_t) + BLOCK_SIZE / GRANULE / 8) + CODE_CACHE_BYTES + BASE_NEAR + BASE_CEILING + CONTROL_SLACK +
         CONTROL_MIN + arena_size;
}

/* --- Opening --- */

static bool open_base_region(VM *vm) {
  Heap *heap = &vm->heap;
  HeapState *state = &heap->state;
  state->building_base = 1;
  state->base_cursor = heap->arena_base;
  heap->base_end = heap->arena_base + BASE_MAX;
  if (!vm_gc_open(vm)) return false;
  Node *empty = vm_heap_take_buffer(vm, sizeof(Node));
  *empty = (Node){VALUE_NIL, VALUE_NIL, 0, 0};
  heap->empty_node = (uint32_t)(uintptr_t)empty;
  return true;
}

static void clear_values(RunState *run) {
  for (int i = 0; i < STATE_ROOTS; i++) run->roots[i] = VALUE_NIL;
}

static void build_base(VM *vm) {
  vm_meta_open(vm);
  vm_registry_open(vm);
  vm->run.exit = EXIT_DONE;
}

static bool open_handler(VM *vm);

VM *vm_open(const VmConfig *config) {
  if (config->control_size < sizeof(VM) + CONTROL_SLACK || config->arena_size < 4 * BASE_MAX) return NULL;
  VM *vm = config->control;
  memset(vm, 0, sizeof *vm);
  size_t head = (sizeof(VM) + 63) & ~(size_t)63;
  if (!vm_heap_open(vm, config->arena, config->arena_size, (char *)config->control + head, config->control_size - head)) {
    return NULL;
  }
  vm->heap.hash_seed = config->hash_seed;
  vm->heap.string_order = config->valkey_version == 0 ? ORDER_REDIS : ORDER_VALKEY;
  vm->profile = config->profile;
  vm->valkey_version = config->valkey_version;
  vm->stop_word = config->stop_word;
  vm->has_sha = vm_sha1_cpu_has();
  if (!open_base_region(vm)) return NULL;
  vm->code_cache.bytes = vm_control_carve_far(&vm->heap.control, CODE_CACHE_BYTES);
  vm->code_cache.slots = vm_control_carve(&vm->heap.control, CODE_CACHE_SLOTS * sizeof(CodeSlot));
  vm->base = vm_control_carve(&vm->heap.control, sizeof *vm->base);
  if (vm->code_cache.bytes == NULL || vm->code_cache.slots == NULL || vm->base == NULL) return NULL;
  clear_values(&vm->run);
  vm->run.remaining = INT64_MAX / 4;
  vm_error_protect(vm, build_base);
  if (vm->run.exit != EXIT_DONE) return NULL;
  vm->run.exit = EXIT_NONE;
  vm->run.remaining = 0;
  if (!vm_transaction_commit_base(vm)) return NULL;
  return vm->profile != VM_PROFILE_REDIS || open_handler(vm) ? vm : NULL;
}

/* --- Beginning a run --- */

/* Gives the VM part of the budget to walk through. */
static void take_quantum(VM *vm, uint64_t units) {
  if (units > vm->run.budget_left) units = vm->run.budget_left;
  vm->run.budget_left -= units;
  vm->run.remaining += (int64_t)(units * sizeof(Word));
}

enum { PREPARATION_UNITS = 1 << 20, NURSERY_FIRST = 512 * 1024 };

void vm_begin(VM *vm, const VmRequest *request) {
  VM_ASSERT(!vm->open);
  vm->open = true;
  RunState *run = &vm->run;
  run->budget = run->budget_left = request->instructions < (uint64_t)1 << 56 ? request->instructions : (uint64_t)1 << 56;
  run->quantum = PREPARATION_UNITS;
  run->random_state = request->random_state;
  run->resp = request->resp;
  vm->heap.state.limit = request->memory;
  vm->heap.state.threshold = NURSERY_FIRST;
  vm_error_protect(vm, vm_coroutine_open);
}

static CodeText pending_text(const VM *vm) {
  return (CodeText){.source = vm->pending_source.data,
                    .size = vm->pending_source.size,
                    .name = vm->pending_name,
                    .name_size = strlen(vm->pending_name),
                    .key = vm->pending_key.data,
                    .key_size = vm->pending_key.size};
}

/* Makes a script, whose text had `size` bytes, what the run calls. */
static void set_main(VM *vm, int64_t record, size_t size) {
  vm->run.compile_units = (uint64_t)size * COST_COMPILE_BYTES_NUMERATOR;
  if (record >= 0) vm->run.main_function = vm_module_closure(vm, (uint32_t)record, vm->run.globals);
}

static void compile_pending(VM *vm) {
  Value error = VALUE_NIL;
  CodeText text = pending_text(vm);
  int64_t record = vm_module_compile_script(vm, &text, &error);
  set_main(vm, record, text.size);
  if (record >= 0) return;
  vm->run.error = error;
  vm->run.exit = EXIT_ERROR;
}

static void recall_pending(VM *vm) {
  CodeText text = pending_text(vm);
  int64_t record = vm_module_recall_script(vm, &text);
  vm->pending_ok = record >= 0;
  if (record >= 0) set_main(vm, record, text.size);
}

static void compile_pending_library(VM *vm) {
  vm_library_open(vm);
  vm->run.globals = vm->run.function_globals;
  compile_pending(vm);
}

/* Runs part of the preparation, which is not part of the run's budget.  False when it
 * ended the run. */
static bool prepare(VM *vm, void (*body)(VM *vm)) {
  VM_ASSERT(vm->open);
  if (vm->run.exit != EXIT_NONE) return false;
  int64_t before = vm->run.remaining;
  vm->run.remaining = INT64_MAX / 4;
  vm_error_protect(vm, body);
  vm->run.remaining = before;
  return vm->run.exit == EXIT_NONE;
}

/* The server's error handler is a Lua function: a first run makes it, and is committed. */
static bool open_handler(VM *vm) {
  const VmRequest request = {.instructions = PREPARATION_UNITS, .memory = 1 << 20, .resp = 2};
  vm_begin(vm, &request);
  if (!prepare(vm, vm_handler_prepare) || vm_run(vm, PREPARATION_UNITS) != VM_DONE) return false;
  vm->run.exit = EXIT_NONE;
  return prepare(vm, vm_handler_store) && vm_commit_base(vm, 2 * BASE_MAX) == COMMIT_OK;
}

static bool compile(VM *vm, VmBytes source, const char *chunk_name, void (*body)(VM *vm)) {
  vm->pending_source = source;
  vm->pending_name = chunk_name;
  bool done = prepare(vm, body);
  vm->failed_compile = vm->run.exit == EXIT_ERROR;
  return done;
}

bool vm_compile(VM *vm, VmBytes source, const char *chunk_name) {
  return vm_compile_keyed(vm, (VmBytes){NULL, 0}, source, chunk_name);
}

bool vm_compile_keyed(VM *vm, VmBytes key, VmBytes source, const char *chunk_name) {
  VM_ASSERT(key.size <= VM_KEY_MAX);
  vm->pending_key = key;
  return compile(vm, source, chunk_name, compile_pending);
}

VmRecall vm_recall(VM *vm, VmBytes key, const char *chunk_name) {
  VM_ASSERT(key.size != 0);
  vm->pending_key = key;
  if (!compile(vm, (VmBytes){NULL, 0}, chunk_name, recall_pending)) return VM_RECALL_ENDED;
  return vm->pending_ok ? VM_RECALL_FOUND : VM_RECALL_UNKNOWN;
}

bool vm_compile_library(VM *vm, VmBytes source, const char *chunk_name) {
  vm->pending_key = (VmBytes){NULL, 0};
  return compile(vm, source, chunk_name, compile_pending_library);
}

/* Makes an array of the pending items; it is left in *slot, a root. */
static void make_strings(VM *vm, Value *slot) {
  Table *t = vm_table_new(vm, (uint32_t)vm->pending_count, 0);
  *slot = value_of_table(t);
  for (size_t i = 0; i < vm->pending_count; i++) {
    const VmBytes *item = &vm->pending_items[i];
    String *s = vm_string_new(vm, item->data, item->size);
    table_array(t)[i] = value_of_string(s);
  }
}

static void set_pending_strings(VM *vm) {
  make_strings(vm, &vm->run.result);
  String *name = vm_string_from(vm, vm->pending_name);
  Value *slot = vm_table_slot_string(vm, value_table(vm->run.globals), name);
  *slot = vm->run.result;
  vm->run.result = VALUE_NIL;
}

static void add_pending_parameter(VM *vm) {
  make_strings(vm, &vm->run.parameters[vm->run.parameter_count]);
  vm->run.parameter_count++;
}

static bool take_strings(VM *vm, const VmBytes *items, size_t count, void (*body)(VM *vm)) {
  if (count > UINT32_MAX / 16) return false;
  vm->pending_items = items;
  vm->pending_count = count;
  return prepare(vm, body);
}

bool vm_set_strings(VM *vm, const char *name, const VmBytes *items, size_t count) {
  vm->pending_name = name;
  return take_strings(vm, items, count, set_pending_strings);
}

bool vm_add_parameter(VM *vm, const VmBytes *items, size_t count) {
  VM_ASSERT(vm->run.parameter_count < 2);
  return take_strings(vm, items, count, add_pending_parameter);
}

/* --- Function libraries --- */

static void select_pending(VM *vm) {
  vm->run.main_function = vm_library_find(vm, vm->pending_number, vm->pending_source);
  if (vm->run.main_function != VALUE_NIL) vm->run.globals = vm->run.function_globals;
}

bool vm_select_function(VM *vm, uint64_t library, VmBytes name) {
  vm->pending_number = library;
  vm->pending_source = name;
  return prepare(vm, select_pending) && vm->run.main_function != VALUE_NIL;
}

bool vm_library_function(const VM *vm, size_t i, VmFunction *ret_function) {
  return vm_library_entry(vm, i, ret_function);
}

static void close_pending(VM *vm) { vm_library_close(vm, vm->pending_number); }

VmCommitStatus vm_commit(VM *vm, uint64_t library, uint64_t limit) {
  VM_ASSERT(vm->open && vm->run.exit == EXIT_DONE && vm->run.registering != VALUE_NIL);
  vm->pending_number = library;
  vm->run.exit = EXIT_NONE;
  if (!prepare(vm, close_pending)) return VM_COMMIT_MEMORY;
  vm->run.exit = EXIT_DONE;
  switch (vm_commit_base(vm, limit)) {
    case COMMIT_OK: return VM_COMMIT_OK;
    case COMMIT_COROUTINE: return VM_COMMIT_COROUTINE;
    case COMMIT_TOO_LARGE: break;
  }
  return VM_COMMIT_TOO_LARGE;
}

uint64_t vm_base_bytes(const VM *vm) { return vm->base_size + vm->code_size; }

/* --- Running --- */

static void run_body(VM *vm) {
  if (!vm->run.started) {
    vm->run.started = 1;
    Value *func = vm->run.frame->base;
    *func = vm->run.main_function;
    /* What calls a script in the reference: lua_pcall in the server, two calls in lua. */
    vm->run.levels = vm->profile == VM_PROFILE_REDIS ? 1 : 2;
    for (uint32_t i = 0; i < vm->run.parameter_count; i++) func[1 + i] = vm->run.parameters[i];
    uint32_t count = vm->run.parameter_count;
    if (vm->profile == VM_PROFILE_FULL && vm_arguments_push != NULL) count = vm_arguments_push(vm, &func);
    vm_call_body(vm, func, (int)count);
  }
  vm_call_settle(vm);
  if (vm->run.exit == EXIT_NONE) vm_exec_loop(vm);
}

static VmStatus status_of(ExitReason reason) {
  switch (reason) {
    case EXIT_DONE: return VM_DONE;
    case EXIT_ERROR: return VM_ERROR;
    case EXIT_HOST_CALL: return VM_HOST_CALL;
    case EXIT_LIMIT: return VM_LIMIT;
    case EXIT_QUANTUM: return VM_QUANTUM;
    case EXIT_NONE: break;
  }
  __builtin_trap();
}

VmStatus vm_run(VM *vm, uint64_t quantum) {
  VM_ASSERT(vm->open);
  RunState *run = &vm->run;
  if (run->exit == EXIT_QUANTUM || run->exit == EXIT_HOST_CALL) run->exit = EXIT_NONE;
  if (run->exit != EXIT_NONE) return status_of(run->exit);
  run->quantum = quantum ? quantum : 1;
  while (run->remaining <= 0 && run->budget_left > 0) take_quantum(vm, run->quantum);
  vm_error_protect(vm, run_body);
  return status_of(run->exit);
}

/* --- Host calls --- */

const VmHostCall *vm_host_call(const VM *vm) { return &vm->run.host_call; }

static Value *answer_slot(VM *vm) {
  VM_ASSERT(vm->run.exit == EXIT_HOST_CALL && vm->run.frame->kind == FRAME_NATIVE);
  return &vm->run.frame->base[0];
}

static void convert_reply(VM *vm) { vm->pending_ok = vm_resp_read(vm, vm->run.frame, vm->pending_source); }
static void convert_error(VM *vm) {
  bool counted = !vm->run.host_call.acl_check; /* no command failed */
  vm_redis_error_table(vm, vm->run.frame->base, vm->pending_source, counted);
}
static void convert_bytes(VM *vm) {
  String *s = vm_string_new(vm, vm->pending_source.data, vm->pending_source.size);
  vm->run.frame->base[0] = value_of_string(s);
}

/* Runs a conversion as part of the run: it may end it by a limit. */
static bool convert(VM *vm, VmBytes bytes, void (*body)(VM *vm)) {
  (void)answer_slot(vm);
  vm->pending_source = bytes;
  vm->pending_ok = true;
  vm->run.exit = EXIT_NONE;
  vm_error_protect(vm, body);
  if (vm->run.exit == EXIT_NONE) vm->run.exit = EXIT_HOST_CALL;
  return vm->pending_ok;
}

bool vm_host_reply(VM *vm, VmBytes resp) { return convert(vm, resp, convert_reply); }
void vm_host_fail(VM *vm, VmBytes text) { convert(vm, text, convert_error); }
void vm_host_bytes(VM *vm, VmBytes bytes) { convert(vm, bytes, convert_bytes); }
void vm_host_posted(VM *vm) { *answer_slot(vm) = VALUE_NIL; }
void vm_host_place(const VM *vm, VmBytes *ret_source, int64_t *ret_line) {
  vm_debug_locate_error(vm, ret_source, ret_line);
}
uint64_t vm_host_random_state(const VM *vm) { return vm->run.random_state; }

uint64_t vm_host_site(const VM *vm) {
  const Frame *caller = vm->run.frame - 1;
  return caller->kind == FRAME_LUA ? (uint64_t)(uintptr_t)caller->pc : 0;
}

void vm_host_number(VM *vm, double number) { *answer_slot(vm) = value_of_number(number); }

/* --- Outcome --- */

/* A field of an error table; where the server's lua_getfield would call a function there
 * is none. */
static Value error_field(const VM *vm, const Table *t, const char *name) {
  for (int i = 0; i < LIMIT_META_LOOP; i++) {
    Value v = vm_reply_field(vm, t, name);
    const Table *metatable = table_metatable(t);
    if (!value_is_nil(v) || metatable == NULL) return v;
    Value index = vm_reply_field(vm, metatable, "__index");
    if (!value_is_table(index)) break;
    t = value_table(index);
  }
  return VALUE_NIL;
}

/* The server's handler prefixes what is no table with "ERR ". */
static void describe(VM *vm) {
  VmError *view = &vm->error_view;
  Value error = vm->run.error;
  view->source = vm->run.error_source;
  view->line = vm->run.error_line;
  view->has_source = view->source.size != 0;
  if (value_is_table(error)) {
    const Table *t = value_table(error);
    Value text = error_field(vm, t, "err");
    view->ignore_error_stats_update = error_field(vm, t, "ignore_error_stats_update") == VALUE_TRUE;
    if (value_is_string(text) || value_is_number(text)) {
      const String *s = vm_native_to_text(vm, text);
      view->text = (VmBytes){s->bytes, s->length};
    } else {
      view->text = (VmBytes){"ERR unknown error", 17};
    }
    return;
  }
  const String *s = vm_native_to_text(vm, error);
  if (vm->profile == VM_PROFILE_REDIS) {
    size_t mark = vm_buffer_open(vm);
    vm_buffer_put(vm, "ERR ", 4);
    vm_buffer_put(vm, s->bytes, s->length);
    s = vm_buffer_string(vm, mark);
  }
  vm->run.error = value_of_string(s);
  view->text = (VmBytes){s->bytes, s->length};
}

const VmError *vm_error(VM *vm) {
  VmError *view = &vm->error_view;
  *view = (VmError){0};
  if (vm->failed_compile) {
    const String *s = value_string(vm->run.error);
    view->compile = true;
    view->text = (VmBytes){s->bytes, s->length};
    return view;
  }
  /* Describing needs memory that the script may have used up: a little more is granted. */
  int64_t before = vm->run.remaining;
  vm->heap.state.limit += 1 << 20;
  vm->run.exit = EXIT_NONE;
  vm->run.remaining = INT64_MAX / 4;
  vm_error_protect(vm, describe);
  vm->run.remaining = before;
  vm->run.exit = EXIT_ERROR;
  return view;
}

/* A host that ends a run at a call asks here where the call stands. */
const VmEnding *vm_ending(const VM *vm) {
  VmEnding *ending = (VmEnding *)(uintptr_t)&vm->run.ending;
  if (vm->run.exit == EXIT_HOST_CALL) {
    vm_debug_locate((VM *)(uintptr_t)vm, &ending->source, &ending->line);
  }
  return ending;
}

void vm_usage(const VM *vm, VmUsage *ret_usage) {
  const RunState *run = &vm->run;
  int64_t left = (int64_t)run->budget_left + run->remaining / (int64_t)sizeof(Word);
  *ret_usage = (VmUsage){.instructions = (uint64_t)((int64_t)run->budget - left),
                         .compile_units = run->compile_units,
                         .memory_peak = vm->heap.state.peak,
                         .memory_now = vm_heap_used((VM *)(uintptr_t)vm),
                         .host_calls = run->host_calls,
                         .collections = vm->heap.state.collections,
                         .random_state = run->random_state};
}
