/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_frame - a hostile byte stream through frames, protocol and messages.
 *
 * Byte 0 picks role and state, byte 1 the size of the pieces in which the rest
 * arrives.  The stream is received twice, at once and in pieces through a small
 * buffer; both must see the same frames and end the same way.  Every frame is
 * decoded; a result that passes the token check must render as one RESP reply.
 */
#include <stdlib.h>

#include "ipc/frame.h"
#include "ipc/resp.h"
#include "ipc/token.h"

#define STREAM_MAX 4096
#define SMALL_BUFFER 48

typedef struct {
  uint32_t frames;
  uint32_t hash; /* of types and bodies */
  Status end;
  WireState state;
} Outcome;

static NestingRoom scratch;
static RespScanner scanner;

static void check_rendering(ByteView tokens) {
  uint8_t *out;
  size_t used = 0;
  for (uint32_t resp = 2; resp <= 3; resp++) {
    ByteWriter counter = ipc_bytes_writer(NULL, 0);
    if (ipc_token_render(tokens, resp, &counter) != ST_NO_ROOM) __builtin_trap();
    out = malloc(counter.used);
    if (out == NULL) return;
    ByteWriter writer = ipc_bytes_writer(out, counter.used);
    if (ipc_token_render(tokens, resp, &writer) != ST_OK) __builtin_trap();
    ipc_resp_scan_init(&scanner, NESTING_MAX_DEPTH, UINT64_MAX);
    if (ipc_resp_scan(&scanner, ipc_bytes_written(&writer), &used) != ST_OK) __builtin_trap();
    if (used != writer.used) __builtin_trap();
    free(out);
  }
}

static void note_frame(const Frame *frame, Outcome *outcome) {
  AnyMessage message;
  outcome->frames++;
  outcome->hash = outcome->hash * 31 + (uint32_t)frame->type;
  for (size_t i = 0; i < frame->body.size; i++) {
    outcome->hash = outcome->hash * 31 + frame->body.data[i];
  }
  if (ipc_message_decode(frame->type, frame->body, &message) != ST_OK) return;
  if (frame->type != MESSAGE_RESULT) return;
  ByteView tokens = message.result.tokens;
  if (ipc_token_check(tokens, NESTING_MAX_DEPTH, &scratch) == ST_OK) check_rendering(tokens);
}

/* Twice the size, as a supervisor does; what it wants is capped by the stream. */
static void enlarge(FrameBuffer *buffer) {
  size_t capacity = buffer->capacity * 2;
  uint8_t *old = buffer->data, *data = malloc(capacity);
  if (data == NULL) abort();
  ipc_frame_move(buffer, data, capacity);
  free(old);
}

static size_t feed(FrameBuffer *buffer, ByteView rest, size_t piece) {
  size_t room;
  uint8_t *to = ipc_frame_room(buffer, &room);
  size_t size = piece < room ? piece : room;
  if (size > rest.size) size = rest.size;
  memcpy(to, rest.data, size);
  ipc_frame_filled(buffer, size);
  return size;
}

static Outcome receive_all(ByteView stream, uint8_t choice, size_t capacity, size_t piece) {
  Outcome outcome = {0, 0, ST_OK, WIRE_BROKEN};
  FrameBuffer buffer;
  Protocol protocol;
  uint8_t *memory = malloc(capacity);
  if (memory == NULL) abort();
  ipc_protocol_init(&protocol, choice & 1 ? WIRE_WORKER : WIRE_SUPERVISOR);
  protocol.state = (WireState)((choice >> 1) % WIRE_BROKEN);
  ipc_frame_init(&buffer, memory, capacity);
  for (;;) {
    Frame frame;
    outcome.end = ipc_frame_take(&buffer, &protocol, &frame);
    if (outcome.end == ST_OK) {
      note_frame(&frame, &outcome);
      continue;
    }
    bool is_full = buffer.end - buffer.start == buffer.capacity;
    if (outcome.end == ST_NO_ROOM && is_full) enlarge(&buffer);
    if (outcome.end != ST_NO_ROOM && outcome.end != ST_WOULD_BLOCK) break;
    if (stream.size == 0) break;
    size_t fed = feed(&buffer, stream, piece);
    stream = ipc_bytes_view(stream.data + fed, stream.size - fed);
  }
  /* Both mean: the frame is not whole. */
  if (outcome.end == ST_NO_ROOM) outcome.end = ST_WOULD_BLOCK;
  outcome.state = protocol.state;
  free(buffer.data);
  return outcome;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size < 2 || size > STREAM_MAX) return 0;
  ByteView stream = ipc_bytes_view(data + 2, size - 2);
  Outcome at_once = receive_all(stream, data[0], STREAM_MAX, STREAM_MAX);
  Outcome in_pieces = receive_all(stream, data[0], SMALL_BUFFER, (size_t)data[1] + 1);
  if (at_once.frames != in_pieces.frames || at_once.hash != in_pieces.hash) __builtin_trap();
  if (at_once.end != in_pieces.end || at_once.state != in_pieces.state) __builtin_trap();
  return 0;
}
