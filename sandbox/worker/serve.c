/* SPDX-License-Identifier: BSD-2-Clause */
/* serve.c - the sealed loop: RUN in; CALL, LOG and REPLY in between; one ending out.
 *
 * A run is a heap transaction.  Its outcome is encoded and sent while the heap
 * still holds it, then everything is rolled back and the buffers are wiped, so
 * the next script finds nothing of this one.
 *
 * The limits applied here are those that only the worker can see in time.  The
 * supervisor applies its own to everything that passes through its hands and
 * believes none of these numbers.  Any failure of the pipes or of the
 * supervisor's manners ends the process: nobody is left to tell.
 */
#include "sandbox/worker/serve.h"

#include <stddef.h>
#include <string.h>
#include <sys/random.h>

#include "build_info.h"
#include "ipc/io.h"
#include "ipc/nesting.h"
#include "ipc/stop.h"
#include "ipc/token.h"
#include "sandbox/worker/relax.h"
#include "sandbox/worker/serving.h"
#include "sandbox/worker/wipe.h"

/* Units between two looks at the stop word: well below 100 microseconds. */
#define QUANTUM 50000

size_t worker_serve_state_bytes(void) { return sizeof(Serve); }
size_t worker_serve_item_bytes(void) { return sizeof(VmBytes); }

static Serve *serve_of(const Layout *layout) { return (Serve *)(void *)layout->state.data; }

bool worker_serve_prepare(const Layout *layout, const ZygoteConfig *config) {
  Serve *s = serve_of(layout);
  uint64_t seed = 0;
  if (getrandom(&seed, sizeof seed, 0) != (ssize_t)sizeof seed) return false;
  const VmConfig vm = {.arena = layout->arena.data,
                       .arena_size = layout->arena.size,
                       .control = layout->control.data,
                       .control_size = layout->control.size,
                       .hash_seed = seed,
                       .profile = VM_PROFILE_REDIS,
                       .valkey_version = config->valkey_version,
                       .stop_word = (const volatile uint32_t *)(const void *)layout->stop.data};
  s->layout = *layout;
  s->memory = config->memory;
  s->vm = vm_open(&vm);
  return s->vm != NULL;
}

/* A worker that a run has made larger than this ends: pages do not go back to the
 * kernel otherwise, and an idle worker shall be small. */
#define KEEP_TOUCHED (UINT64_C(1) << 20)

/* --- Ends of the process --- */

__attribute__((noreturn)) static void end_on(Status status) {
  if (status == ST_CLOSED) ipc_io_exit(WORKER_EXIT_DONE);
  ipc_io_exit(status == ST_IO ? WORKER_EXIT_PIPE : WORKER_EXIT_BAD_FRAME);
}

void worker_serve_must(Status status) {
  if (status != ST_OK) end_on(status);
}

void worker_serve_note_out(Serve *s, size_t body) {
  body += ipc_sealed_waiting(&s->channel);
  if (body > s->out_used) s->out_used = body;
}

/* Encodes and sends a message whose views hold `bytes` bytes. */
void worker_serve_say(Serve *s, MessageType type, const void *message, size_t bytes) {
  worker_serve_note_out(s, bytes);
  worker_serve_must(ipc_sealed_send(&s->channel, type, message));
}

/* --- Endings --- */

static Usage usage_of(const Serve *s) {
  VmUsage used;
  vm_usage(s->vm, &used);
  return (Usage){.instructions = used.instructions,
                 .compile_units = used.compile_units,
                 .memory_peak_bytes = used.memory_peak,
                 .calls = s->calls,
                 .log_bytes = s->log_bytes,
                 .random_state = used.random_state};
}

static void send_limit_at(Serve *s, uint32_t limit, VmBytes source, int64_t line) {
  const LimitMessage message = {
      .limit = limit, .source = cut(from_vm(source), CHUNK_NAME_MAX), .line = line, .usage = usage_of(s)};
  worker_serve_say(s, MESSAGE_LIMIT, &message, message.source.size);
}

/* A limit that was noticed while the machine stood still: it knows where. */
void worker_serve_send_limit(Serve *s, uint32_t limit) {
  const VmEnding *ending = vm_ending(s->vm);
  send_limit_at(s, limit, ending->source, ending->line);
}

static void send_ending(Serve *s) {
  const VmEnding *ending = vm_ending(s->vm);
  uint32_t limit = 0;
  switch (ending->kind) {
    case VM_LIMIT_INSTRUCTIONS: limit = wire_limit(LIMIT_ID_instructions); break;
    case VM_LIMIT_MEMORY: limit = wire_limit(LIMIT_ID_memory); break;
    case VM_LIMIT_STOPPED:
      if (ipc_stop_reason(ending->stop_value) == STOP_LIMIT) limit = ipc_stop_limit(ending->stop_value);
      break;
  }
  worker_serve_send_limit(s, limit);
}

static void send_error(Serve *s) {
  const VmError *error = vm_error(s->vm);
  ErrorMessage message = {.text = cut(from_vm(error->text), s->run.reply_bytes),
                          .flags = error->ignore_error_stats_update ? ERROR_IGNORE_STATS : 0,
                          .usage = usage_of(s)};
  if (error->has_source) {
    message.source = cut(from_vm(error->source), CHUNK_NAME_MAX);
    message.line = error->line;
  }
  worker_serve_say(s, MESSAGE_ERROR, &message, message.text.size + message.source.size);
}

static void send_compile_error(Serve *s) {
  const VmError *error = vm_error(s->vm);
  const CompileErrorMessage message = {.text = cut(from_vm(error->text), s->run.reply_bytes),
                                       .line = error->line > 0 ? (uint32_t)error->line : 0,
                                       .usage = usage_of(s)};
  worker_serve_say(s, MESSAGE_COMPILE_ERROR, &message, message.text.size);
}

/* --- The result --- */

static bool is_aggregate(VmTokenKind kind) {
  return kind == VM_TOKEN_ARRAY || kind == VM_TOKEN_MAP || kind == VM_TOKEN_SET;
}

/* Counts nesting with the same counter that the supervisor checks with. */
static bool note_nesting(Serve *s, const VmToken *token) {
  uint32_t elements = is_aggregate(token->kind) ? (uint32_t)token->integer : 0;
  if (token->kind == VM_TOKEN_MAP) elements *= 2;
  if (is_aggregate(token->kind) && !ipc_nesting_open(&s->nesting, elements)) s->is_too_deep = true;
  if (elements == 0) ipc_nesting_complete(&s->nesting);
  return !s->is_too_deep;
}

static void put_token(ByteWriter *w, const VmToken *t) {
  switch (t->kind) {
    case VM_TOKEN_NULL: ipc_token_put(w, TOKEN_NULL); return;
    case VM_TOKEN_FALSE: ipc_token_put(w, TOKEN_FALSE); return;
    case VM_TOKEN_TRUE: ipc_token_put(w, TOKEN_TRUE); return;
    case VM_TOKEN_INTEGER: ipc_token_put_integer(w, t->integer); return;
    case VM_TOKEN_DOUBLE: ipc_token_put_double(w, t->number); return;
    case VM_TOKEN_BULK: ipc_token_put_text(w, TOKEN_BULK, from_vm(t->bytes)); return;
    case VM_TOKEN_STATUS: ipc_token_put_text(w, TOKEN_STATUS, from_vm(t->bytes)); return;
    case VM_TOKEN_ERROR: ipc_token_put_text(w, TOKEN_ERROR, from_vm(t->bytes)); return;
    case VM_TOKEN_BIG_NUMBER: ipc_token_put_text(w, TOKEN_BIG_NUMBER, from_vm(t->bytes)); return;
    case VM_TOKEN_VERBATIM: ipc_token_put_text(w, TOKEN_VERBATIM, from_vm(t->bytes)); return;
    case VM_TOKEN_ARRAY: (void)ipc_token_put_aggregate(w, TOKEN_ARRAY, (uint32_t)t->integer); return;
    case VM_TOKEN_MAP: (void)ipc_token_put_aggregate(w, TOKEN_MAP, (uint32_t)t->integer); return;
    case VM_TOKEN_SET: (void)ipc_token_put_aggregate(w, TOKEN_SET, (uint32_t)t->integer); return;
  }
  __builtin_trap();
}

static bool take_token(void *context, const VmToken *token) {
  Serve *s = context;
  put_token(&s->tokens, token);
  return note_nesting(s, token) && ipc_bytes_fits(&s->tokens);
}

static Region few_tokens(Serve *s) { return (Region){s->few_tokens, sizeof s->few_tokens}; }

static void begin_tokens(Serve *s) {
  Region region = s->is_long ? s->layout.tokens : few_tokens(s);
  uint64_t most = s->run.reply_bytes < region.size ? s->run.reply_bytes : region.size;
  s->tokens = ipc_bytes_writer(region.data, most);
  s->is_too_deep = false;
  ipc_nesting_init(&s->nesting, s->nesting_room.left, s->run.reply_depth);
}

static void send_tokens(Serve *s) {
  const ResultMessage message = {.tokens = ipc_bytes_written(&s->tokens), .usage = usage_of(s)};
  worker_serve_say(s, MESSAGE_RESULT, &message, message.tokens.size);
}

/* Whether the tokens that did not fit can be made anew where they do. */
static bool try_long(Serve *s) {
  if (s->is_long || ipc_bytes_fits(&s->tokens) || s->run.reply_bytes <= sizeof s->few_tokens) return false;
  s->is_long = true;
  return true;
}

static bool put_result(Serve *s) {
  begin_tokens(s);
  return vm_result(s->vm, take_token, s);
}

static void send_result(Serve *s) {
  if (put_result(s) || (try_long(s) && put_result(s))) send_tokens(s);
  else worker_serve_send_limit(s, wire_limit(s->is_too_deep ? LIMIT_ID_reply_depth : LIMIT_ID_reply_bytes));
}

/* The value is what the call that was posted last is answered. */
void worker_serve_send_answered(Serve *s) {
  begin_tokens(s);
  send_tokens(s);
}

static void send_compiled(Serve *s) {
  begin_tokens(s);
  ipc_token_put(&s->tokens, TOKEN_NULL);
  send_tokens(s);
}

/* --- Frames --- */

void worker_serve_push(Serve *s) { worker_serve_must(ipc_sealed_push(&s->channel)); }

/* How far into a buffer a frame that came reaches, which lies in it or elsewhere. */
static void note_in(const Frame *frame, Region buffer, size_t *used) {
  size_t at = (size_t)((uintptr_t)frame->body.data - (uintptr_t)buffer.data);
  if (at < buffer.size && at + frame->body.size > *used) *used = at + frame->body.size;
}

void worker_serve_receive(Serve *s, MessageType type, void *ret_message) {
  Frame frame;
  worker_serve_must(ipc_sealed_receive(&s->channel, &frame));
  note_in(&frame, s->layout.small_in, &s->in_used);
  note_in(&frame, s->layout.in, &s->in_used);
  note_in(&frame, s->layout.ring_frame, &s->ring_used);
  if (frame.type != type) ipc_io_exit(WORKER_EXIT_BAD_FRAME);
  worker_serve_must(ipc_message_decode(frame.type, frame.body, ret_message));
}

/* --- A run --- */

/* A run that is played again makes all the calls that it made before. */
static void must_have_played(const Serve *s) {
  if (s->run.tape.size != 0) ipc_io_exit(WORKER_EXIT_STRAYED);
}

/* Runs what is prepared; `send_done` tells how it ended when it came to its end. */
static void execute(Serve *s, void (*send_done)(Serve *s)) {
  for (;;) {
    switch (vm_run(s->vm, QUANTUM)) {
      case VM_QUANTUM:
        s->may_guess = false; /* there is more to do again than a guess saves */
        worker_serve_push(s);
        break;
      case VM_DONE:
        must_have_played(s);
        send_done(s);
        return;
      case VM_ERROR:
        must_have_played(s);
        send_error(s);
        return;
      case VM_LIMIT: send_ending(s); return;
      case VM_HOST_CALL:
        if (!worker_calls_serve(s)) return;
        break;
    }
  }
}

/* Puts the views of a list where there is room for `room`, as far as they fit; returns how many the list has. */
static size_t gather_into(Serve *s, const ByteList *list, VmBytes *items, size_t room) {
  ByteListCursor cursor = ipc_codec_walk(list);
  ByteView element;
  size_t count = 0;
  for (; codec_next(&cursor, &element); count++)
    if (count < room) items[count] = to_vm(element);
  if (count * sizeof *items > s->items_used) s->items_used = count * sizeof *items;
  s->items = items;
  return count;
}

/* Puts the views of a list where they fit; returns how many. */
static size_t gather(Serve *s, const ByteList *list) {
  const size_t most = s->layout.items.size / sizeof(VmBytes);
  size_t count = gather_into(s, list, s->few_items, FEW_ITEMS);
  if (count <= FEW_ITEMS) return count;
  s->is_many = true;
  (void)gather_into(s, list, (VmBytes *)(void *)s->layout.items.data, most);
  return count < most ? count : most;
}

/* Makes KEYS or ARGV. */
static bool set_strings(Serve *s, const char *name, const ByteList *list) {
  size_t count = gather(s, list);
  return vm_set_strings(s->vm, name, s->items, count);
}

static bool add_parameter(Serve *s, const ByteList *list) {
  size_t count = gather(s, list);
  return vm_add_parameter(s->vm, s->items, count);
}

static void begin(Serve *s) {
  const VmRequest request = {.instructions = s->run.instructions,
                             .memory = s->run.memory_bytes < s->memory ? s->run.memory_bytes : s->memory,
                             .random_state = s->run.random_state,
                             .resp = s->run.resp,
                             .read_only = (s->run.flags & RUN_READ_ONLY) != 0};
  ByteView name = cut(s->run.chunk_name, CHUNK_NAME_MAX);
  memcpy(s->chunk_name, name.data, name.size);
  s->chunk_name[name.size] = '\0';
  s->calls = 0;
  s->log_bytes = 0;
  s->posts = 0;
  s->taped = 0;
  s->is_to_follow = false;
  s->may_guess = (s->run.flags & RUN_MAY_GUESS) != 0 && !s->is_large;
  s->channel.spin_rounds = s->run.spin_rounds;
  s->channel.is_apart = (s->run.flags & RUN_APART) != 0;
  ipc_sealed_begin(&s->channel, (s->run.flags & RUN_BY_RING) != 0);
  vm_begin(s->vm, &request);
}

/* Compiling or finding failed: either a text that is no Lua, or a limit. */
static void send_refusal(Serve *s) {
  if (vm_error(s->vm)->compile) send_compile_error(s);
  else send_ending(s);
}

static void send_unknown(Serve *s) {
  const UnknownMessage message = {.key = s->run.key};
  s->is_to_follow = true;
  worker_serve_say(s, MESSAGE_UNKNOWN, &message, message.key.size);
}

/* Finds the script that the supervisor takes for kept, and says so when it is not. */
static bool recall_script(Serve *s) {
  VmRecall found = vm_recall(s->vm, to_vm(s->run.key), s->chunk_name);
  if (found == VM_RECALL_UNKNOWN) send_unknown(s);
  if (found == VM_RECALL_ENDED) send_ending(s);
  return found == VM_RECALL_FOUND;
}

static bool compile_script(Serve *s) {
  if (vm_compile_keyed(s->vm, to_vm(s->run.key), to_vm(s->run.source), s->chunk_name)) return true;
  send_refusal(s);
  return false;
}

static void run_script(Serve *s) {
  bool is_recall = s->run.source.size == 0 && s->run.key.size != 0;
  if (!(is_recall ? recall_script(s) : compile_script(s))) return;
  if ((s->run.flags & RUN_COMPILE_ONLY) != 0) {
    send_compiled(s);
  } else if (!set_strings(s, "KEYS", &s->run.keys) || !set_strings(s, "ARGV", &s->run.args)) {
    send_ending(s);
  } else {
    execute(s, send_result);
  }
}

/* A function that the supervisor takes for loaded is there: it asks no worker that has
 * not answered for it. */
static void call_function(Serve *s) {
  if (!vm_select_function(s->vm, s->run.library, to_vm(s->run.source))) {
    if (vm_ending(s->vm)->kind != VM_LIMIT_MEMORY) ipc_io_exit(WORKER_EXIT_BAD_FRAME);
    send_ending(s);
  } else if (!add_parameter(s, &s->run.keys) || !add_parameter(s, &s->run.args)) {
    send_ending(s);
  } else {
    execute(s, send_result);
  }
}

static void put_function(Serve *s, const VmFunction *function) {
  (void)ipc_token_put_aggregate(&s->tokens, TOKEN_ARRAY, 3);
  ipc_token_put_text(&s->tokens, TOKEN_BULK, from_vm(function->name));
  if (function->has_description) ipc_token_put_text(&s->tokens, TOKEN_BULK, from_vm(function->description));
  else ipc_token_put(&s->tokens, TOKEN_NULL);
  ipc_token_put_integer(&s->tokens, function->flags);
}

/* What was registered is written down before the commit moves it. */
static void put_functions(Serve *s) {
  VmFunction function;
  uint32_t count = 0;
  begin_tokens(s);
  size_t place = ipc_token_put_aggregate(&s->tokens, TOKEN_ARRAY, 0);
  while (vm_library_function(s->vm, count, &function)) {
    put_function(s, &function);
    count++;
  }
  ipc_token_patch(&s->tokens, place, count);
}

static void send_library(Serve *s) {
  put_functions(s);
  if (try_long(s)) put_functions(s);
  if (!ipc_bytes_fits(&s->tokens)) {
    worker_serve_send_limit(s, wire_limit(LIMIT_ID_reply_bytes));
    return;
  }
  const Usage usage = usage_of(s);
  switch (vm_commit(s->vm, s->run.library, s->run.base_bytes)) {
    case VM_COMMIT_OK: s->is_committed = true; break;
    case VM_COMMIT_MEMORY: worker_serve_send_limit(s, wire_limit(LIMIT_ID_memory)); return;
    case VM_COMMIT_COROUTINE: /* no library can make one: the standard functions are out of its reach */
    case VM_COMMIT_TOO_LARGE: worker_serve_send_limit(s, wire_limit(LIMIT_ID_base_bytes)); return;
  }
  const ResultMessage message = {.tokens = ipc_bytes_written(&s->tokens), .usage = usage};
  worker_serve_say(s, MESSAGE_RESULT, &message, message.tokens.size);
}

static void load_library(Serve *s) {
  if (!vm_compile_library(s->vm, to_vm(s->run.source), s->chunk_name)) send_refusal(s);
  else execute(s, send_library);
}

static void run(Serve *s) {
  begin(s);
  if ((s->run.flags & RUN_LIBRARY) != 0) load_library(s);
  else if ((s->run.flags & RUN_FUNCTION) != 0) call_function(s);
  else run_script(s);
}

/* --- Between runs --- */

/* Headers and field tags: what a frame holds besides the views of its message. */
#define FRAME_FRINGE 1024

/* What went through a buffer is this run's and must not be there for the next.
 * The machine has none of these addresses; a script that broke it would. */
static void wipe(Region region, size_t used) {
  memset(region.data, 0, used < region.size ? used : region.size);
}

/* Of two regions the small one was used first; what did not fit into it went into the large one. */
static void wipe_both(Region small, Region large, bool is_large, size_t used) {
  wipe(small, is_large ? small.size : used);
  if (is_large) wipe(large, used);
}

static void wipe_buffers(Serve *s) {
  const Layout *l = &s->layout;
  wipe_both(l->small_in, l->in, ipc_sealed_is_wide_in(&s->channel), s->in_used + FRAME_FRINGE);
  wipe_both(l->small_out, l->out, ipc_sealed_is_wide_out(&s->channel), s->out_used + FRAME_FRINGE);
  wipe_both(few_tokens(s), l->tokens, s->is_long, s->tokens.used);
  wipe_both((Region){(uint8_t *)s->few_items, sizeof s->few_items}, l->items, s->is_many, s->items_used);
  if (s->ring_used != 0) wipe(l->ring_frame, s->ring_used);
  ipc_sealed_narrow(&s->channel);
  s->in_used = s->ring_used = s->out_used = s->items_used = 0;
  s->is_long = s->is_many = false;
  s->tokens = ipc_bytes_writer(NULL, 0);
}

static void finish(Serve *s) {
  uint64_t touched = vm_touched(s->vm) + s->in_used + s->out_used + s->tokens.used + s->items_used;
  /* What a library left is worth keeping, whatever it took. */
  s->is_large = s->is_large || (touched > KEEP_TOUCHED && !s->is_committed);
  if (s->is_large && !s->is_to_follow && !s->is_committed) ipc_io_exit(WORKER_EXIT_DONE);
  if (!s->is_committed) vm_rollback(s->vm);
  s->is_committed = false;
  wipe_buffers(s);
  memset(&s->run, 0, sizeof s->run);
  memset(s->chunk_name, 0, sizeof s->chunk_name);
  worker_wipe_stack(); /* natives' buffers are small and do not nest: this reaches them all */
}

static void say_hello(Serve *s, uint64_t seal) {
  HelloMessage hello = {.protocol = FRAME_VERSION,
                        .build_id = ipc_bytes_text(FERROUS_BUILD_ID),
                        .arena_bytes = s->layout.arena.size,
                        .frame_bytes = s->layout.in.size - FRAME_HEADER_BYTES,
                        .seal = seal};
  if (FERROUS_HANDLE_CHECKS) hello.features |= HELLO_HANDLE_CHECKS;
#if defined(FERROUS_STRESS) && FERROUS_STRESS
  hello.features |= HELLO_STRESS;
#endif
  if (RELAX_FOR_ASAN) hello.features |= HELLO_SANITIZER;
  if (s->layout.rings.size != 0) hello.features |= HELLO_RING;
  worker_serve_say(s, MESSAGE_HELLO, &hello, 0);
}

void worker_serve_run(const Layout *layout, uint64_t seal) {
  Serve *s = serve_of(layout);
  ipc_sealed_init(&s->channel, layout->small_in.data, layout->small_in.size, layout->small_out.data,
                  layout->small_out.size);
  ipc_sealed_use_large(&s->channel, (SealedMemory){layout->in.data, layout->in.size},
                       (SealedMemory){layout->out.data, layout->out.size});
  s->layout = *layout;
  if (layout->rings.size != 0)
    ipc_sealed_use_ring(&s->channel, (RingPair *)(void *)layout->rings.data, layout->ring_frame.data);
  say_hello(s, seal);
  for (;;) {
    worker_serve_receive(s, MESSAGE_RUN, &s->run);
    run(s);
    finish(s);
  }
}
