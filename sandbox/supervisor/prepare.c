/* SPDX-License-Identifier: BSD-2-Clause */
/* prepare - what comes before a run: checks, the work, a worker, the first message. */
#include <stdlib.h>
#include <string.h>

#include "ipc/deadline.h"
#include "sandbox/supervisor/run.h"

#define CHUNK_OF_SCRIPT "@user_script"
#define CHUNK_OF_LIBRARY "@user_function"
/* Redis's cap on the elements of a command. */
#define MAX_PARAMETERS MESSAGE_MAX_PARAMETERS

/* --- Checks --- */

static uint64_t sum_bytes(const FsbBytes *items, size_t count) {
  uint64_t bytes = 0;
  for (size_t i = 0; i < count; i++) bytes += items[i].size;
  return bytes;
}

/* Ends a run that never began. */
static bool refuse(Run *run, Code code, const char *detail) {
  Outcome outcome = {.code = code, .text = ipc_bytes_text(detail)};
  const LimitRow *row = policy_limits_by_code(code);
  if (row != NULL) outcome.limit = policy_limits_get(&run->limits, row);
  if (code == CODE_TIMEOUT) outcome.limit = run->request->timeout;
  supervisor_result_set(run->result, &outcome);
  return false;
}

static bool check_limits(Run *run) {
  char detail[LIMITS_ERROR_BYTES];
  run->limits =
      run->request->limits == NULL ? policy_limits_defaults() : run->request->limits->values;
  policy_limits_clamp(&run->limits, &run->pool->bound);
  return policy_limits_check(&run->limits, detail) == ST_OK || refuse(run, CODE_USAGE, detail);
}

static bool check_sizes(Run *run) {
  const FsbRequest *request = run->request;
  uint64_t bytes =
      sum_bytes(request->keys, request->key_count) + sum_bytes(request->args, request->arg_count);
  run->result->usage.arg_bytes = bytes;
  if (request->library == NULL && request->source.size > run->limits.script_bytes)
    return refuse(run, CODE_LIMIT_SCRIPT_BYTES, "");
  if (bytes > run->limits.arg_bytes) return refuse(run, CODE_LIMIT_ARG_BYTES, "");
  if (request->key_count > MAX_PARAMETERS || request->arg_count > MAX_PARAMETERS)
    return refuse(run, CODE_USAGE, "more than 1048576 keys or arguments");
  return true;
}

static bool view_parameters(Run *run) {
  const FsbRequest *request = run->request;
  size_t count = request->key_count + request->arg_count;
  if (count == 0) return true;
  run->views = calloc(count, sizeof *run->views);
  if (run->views == NULL) return refuse(run, CODE_INTERNAL, "out of memory");
  for (size_t i = 0; i < count; i++) {
    const FsbBytes *item =
        i < request->key_count ? &request->keys[i] : &request->args[i - request->key_count];
    run->views[i] = ipc_bytes_view(item->data, item->size);
  }
  return true;
}

bool supervisor_prepare_check(Run *run) {
  return check_limits(run) && check_sizes(run) && view_parameters(run);
}

/* --- The work --- */

bool supervisor_prepare_script(Run *run) {
  char text[SHEBANG_ERROR_BYTES + 4] = "ERR ";
  Shebang shebang;
  ByteView source = ipc_bytes_view(run->request->source.data, run->request->source.size);
  if (!supervisor_shebang_split(source, &shebang, text + 4))
    return refuse(run, CODE_SCRIPT_ERROR, text);
  run->work = (Work){.text = shebang.body,
                     .chunk = ipc_bytes_text(CHUNK_OF_SCRIPT),
                     .script_flags = shebang.flags};
  if (shebang.body.size >= KEPT_LEAST) run->work.key = ipc_bytes_text(run->result->sha1);
  return true;
}

bool supervisor_prepare_function(Run *run) {
  const FsbRequest *request = run->request;
  if (request->library->pool != run->pool)
    return refuse(run, CODE_USAGE, "a library of another pool");
  const FsbFunction *f = supervisor_library_find(request->library, request->function);
  if (f == NULL) return refuse(run, CODE_SCRIPT_ERROR, "ERR Function not found");
  /* Errors spell the name as it was registered. */
  memcpy(run->result->name, f->name.data, f->name.size);
  run->work = (Work){.text = ipc_bytes_view(f->name.data, f->name.size),
                     .chunk = ipc_bytes_text(CHUNK_OF_LIBRARY),
                     .run_flags = RUN_FUNCTION,
                     .script_flags = f->flags,
                     .library = request->library->number};
  return true;
}

Work supervisor_prepare_library(ByteView body, uint64_t number) {
  return (Work){.text = body,
                .chunk = ipc_bytes_text(CHUNK_OF_LIBRARY),
                .run_flags = RUN_LIBRARY,
                .library = number};
}

/* --- The worker --- */

/* Who must not hold the host for longer is not waited for either. */
static uint64_t find_hold_end(const Run *run) {
  uint64_t since = run->request->held_since;
  return since == 0 || run->limits.hold > UINT64_MAX - since ? UINT64_MAX : since + run->limits.hold;
}

bool supervisor_prepare_worker(Run *run) {
  FsbError error;
  uint64_t now = run->just_now != 0 ? run->just_now : ipc_deadline_now();
  run->slot = supervisor_pool_slot(run->pool, run->request->principal, now);
  if (run->slot == NULL) return refuse(run, CODE_INTERNAL, "out of memory");
  uint64_t deadline = now + POOL_START_PATIENCE;
  uint64_t hold_end = find_hold_end(run);
  if (deadline > run->timeout_at) deadline = run->timeout_at;
  if (deadline > hold_end) deadline = hold_end;
  if (!supervisor_pool_staff(run->pool, run->slot, now, deadline, &run->start, &error)) {
    if (ipc_deadline_is_over(run->timeout_at)) return refuse(run, CODE_TIMEOUT, "");
    if (ipc_deadline_is_over(hold_end)) return refuse(run, CODE_LIMIT_HOLD, "");
    return refuse(run, (Code)error.code, error.text);
  }
  run->result->usage.start_kind = run->start;
  if (run->start != FSB_START_WARM) supervisor_run_waited(run);
  return true;
}

/* --- The message --- */

/* Whoever sleeps is woken by pipe anyway, and a tenant that seldom runs shall not touch its rings. */
static bool is_by_ring(const Run *run) {
  const Worker *worker = &run->slot->worker;
  bool may_be_awake = worker->channel.spin_rounds != 0 && ipc_pace_is_close(&worker->pace);
  return ipc_channel_has_ring(&worker->channel) &&
         (run->pool->transport == FSB_TRANSPORT_RING || (run->pool->transport == FSB_TRANSPORT_AUTO && may_be_awake));
}

unsigned supervisor_prepare_flags(const Run *run) {
  unsigned flags = run->work.run_flags;
  if (run->request->read_only || (run->work.script_flags & SCRIPT_NO_WRITES) != 0)
    flags |= RUN_READ_ONLY;
  if (run->request->compile_only) flags |= RUN_COMPILE_ONLY;
  if (!run->request->await_calls) flags |= RUN_MAY_POST;
  if (run->session.may_guess) flags |= RUN_MAY_GUESS;
  if (run->slot->worker.channel.is_apart) flags |= RUN_APART;
  if (is_by_ring(run)) flags |= RUN_BY_RING;
  return flags;
}

uint64_t supervisor_prepare_random_state(const Run *run) {
  uint64_t state =
      run->request->random_state != NULL ? *run->request->random_state : run->slot->random_state;
  return state & MESSAGE_RANDOM_STATE_MAX;
}

RunMessage supervisor_prepare_message(const Run *run) {
  const FsbRequest *request = run->request;
  const Limits *limits = &run->limits;
  return (RunMessage){
      .source = run->session.recall.size != 0 ? ipc_bytes_view(NULL, 0) : run->work.text,
      .chunk_name = run->work.chunk,
      .keys = {.count = (uint32_t)request->key_count, .items = run->views},
      .args = {.count = (uint32_t)request->arg_count, .items = run->views == NULL ? NULL : run->views + request->key_count},
      .instructions = limits->instructions,
      .memory_bytes = limits->memory,
      .log_bytes = limits->log_bytes,
      .reply_bytes = limits->reply_bytes,
      .reply_depth = (uint32_t)limits->reply_depth,
      .resp = request->resp == 3 ? 3 : 2,
      .random_state = supervisor_prepare_random_state(run),
      .flags = supervisor_prepare_flags(run),
      .base_bytes = limits->base_bytes,
      .spin_rounds = run->slot->worker.channel.spin_rounds,
      .library = run->work.library,
      .key = run->work.key,
      .tape = run->is_replay ? ipc_bytes_view(run->tape.data, run->tape.size) : ipc_bytes_view(NULL, 0)};
}
