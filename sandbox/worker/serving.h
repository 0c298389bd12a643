/* SPDX-License-Identifier: BSD-2-Clause */
/* serving - the state of the sealed loop, and what its parts have in common: serve.c and calls.c.
 *
 * Layer: sandbox/worker.
 */
#ifndef SANDBOX_WORKER_SERVING_H
#define SANDBOX_WORKER_SERVING_H

#include <stddef.h>

#include "ipc/message.h"
#include "ipc/nesting.h"
#include "ipc/sealed.h"
#include "policy/limits.h"
#include "sandbox/worker/guess.h"
#include "sandbox/worker/layout.h"
#include "vm/vm.h"

/* Bytes of a result, and views of KEYS or ARGV, beyond which the large regions serve. */
#define FEW_TOKENS 1536
#define FEW_ITEMS 64

#define CHUNK_NAME_MAX 255

typedef struct {
  Layout layout;
  VM *vm;
  SealedChannel channel;
  Nesting nesting;  /* of the result being walked */
  RunMessage run;
  uint64_t memory;  /* most that this worker's arena allows */
  uint64_t calls;
  uint64_t log_bytes;
  ByteWriter tokens;
  VmBytes *items;  /* the views: few_items, or the large region */
  size_t in_used;   /* bytes of each buffer that this run has written */
  size_t ring_used;
  size_t out_used;
  size_t items_used;
  bool is_too_deep;
  bool is_long;      /* the result needed the large region */
  bool is_many;      /* so did the views */
  bool is_committed; /* the run ended its transaction itself */
  bool is_to_follow; /* this run may come once more, here: it has guessed, or was not known */
  bool may_guess;
  bool is_large;     /* a run has made the worker so, but may have had to be played again */
  size_t taped;      /* bytes of the tape, as the supervisor counts them */
  uint32_t posts;    /* since the call before, while the run is played again */
  char chunk_name[CHUNK_NAME_MAX + 1];
  /* What most runs need of these lists lies in the page that every run writes. */
  _Alignas(16) uint8_t few_tokens[FEW_TOKENS];
  VmBytes few_items[FEW_ITEMS];
  NestingRoom nesting_room;
  GuessTable guesses;
} Serve;

_Static_assert(offsetof(Serve, nesting_room) < 4096, "one page");

/* An empty field of a frame has no address; the machine may add its size to one. */
static inline VmBytes to_vm(ByteView view) {
  return (VmBytes){view.size == 0 ? "" : (const char *)view.data, view.size};
}
static inline ByteView from_vm(VmBytes bytes) { return ipc_bytes_view(bytes.data, bytes.size); }
static inline ByteView cut(ByteView view, size_t most) {
  if (view.size > most) view.size = most;
  return view;
}

/* Limits travel as row numbers plus one; 0 says that the run was stopped. */
static inline uint32_t wire_limit(LimitId id) { return (uint32_t)id + 1; }

/* Ends the process unless all went well: nobody is left to tell. */
void worker_serve_must(Status status);

/* Notes how far a frame's body reaches into the buffer, for wiping it. */
void worker_serve_note_out(Serve *s, size_t body);

/* Encodes and sends a message whose views hold `bytes` bytes. */
void worker_serve_say(Serve *s, MessageType type, const void *message, size_t bytes);

/* Takes the next frame, which must be of this type. */
void worker_serve_receive(Serve *s, MessageType type, void *ret_message);

/* Ends a run at a limit that was noticed while the machine stood still. */
void worker_serve_send_limit(Serve *s, uint32_t limit);

/* Ends a run whose value is what the call that was posted last is answered. */
void worker_serve_send_answered(Serve *s);

/* Sends what waits: calls that were posted go out with the next frame that has to, at the latest here. */
void worker_serve_push(Serve *s);

/* Serves the host call at which the machine stands; returns whether the run goes on. */
bool worker_calls_serve(Serve *s);

#endif
