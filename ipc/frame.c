/* SPDX-License-Identifier: BSD-2-Clause */
/* frame - see frame.h. */
#include "ipc/frame.h"

void ipc_frame_store(uint8_t to[FRAME_HEADER_BYTES], const FrameHeader *header) {
  ipc_bytes_store32(to, header->length);
  ipc_bytes_store16(to + 4, header->version);
  ipc_bytes_store16(to + 6, header->type);
  ipc_bytes_store32(to + 8, header->generation);
  ipc_bytes_store32(to + 12, header->sequence);
}

FrameHeader ipc_frame_load(const uint8_t from[FRAME_HEADER_BYTES]) {
  FrameHeader header = {
      .length = ipc_bytes_load32(from),
      .version = ipc_bytes_load16(from + 4),
      .type = ipc_bytes_load16(from + 6),
      .generation = ipc_bytes_load32(from + 8),
      .sequence = ipc_bytes_load32(from + 12),
  };
  return header;
}

void ipc_frame_init(FrameBuffer *buffer, uint8_t *data, size_t capacity) {
  ipc_bytes_require(capacity >= FRAME_HEADER_BYTES);
  *buffer = (FrameBuffer){.data = data, .capacity = capacity};
}

/* Judges the header once, when its last byte has come. */
static Status learn_size(FrameBuffer *buffer, Protocol *protocol) {
  if (protocol->state == WIRE_BROKEN) return ST_STATE;
  if (buffer->wanted != 0) return ST_OK;
  if (buffer->end - buffer->start < FRAME_HEADER_BYTES) return ST_WOULD_BLOCK;
  FrameHeader header = ipc_frame_load(buffer->data + buffer->start);
  Status status = ipc_protocol_check(protocol, &header);
  if (status == ST_OK) buffer->wanted = FRAME_HEADER_BYTES + (size_t)header.length;
  return status;
}

Status ipc_frame_take(FrameBuffer *buffer, Protocol *protocol, Frame *ret_frame) {
  Status status = learn_size(buffer, protocol);
  if (status != ST_OK) return status;
  if (buffer->end - buffer->start < buffer->wanted) {
    return buffer->wanted > buffer->capacity ? ST_NO_ROOM : ST_WOULD_BLOCK;
  }
  const uint8_t *frame = buffer->data + buffer->start;
  FrameHeader header = ipc_frame_load(frame);
  ipc_protocol_accept(protocol, &header);
  ret_frame->type = (MessageType)header.type;
  ret_frame->generation = header.generation;
  ret_frame->body = ipc_bytes_view(frame + FRAME_HEADER_BYTES, header.length);
  buffer->start += buffer->wanted;
  buffer->wanted = 0;
  return ST_OK;
}

Status ipc_frame_parse(Protocol *protocol, const uint8_t *bytes, size_t size, Frame *ret_frame) {
  if (protocol->state == WIRE_BROKEN) return ST_STATE;
  if (size < FRAME_HEADER_BYTES) return ST_PROTOCOL;
  FrameHeader header = ipc_frame_load(bytes);
  Status status = ipc_protocol_check(protocol, &header);
  if (status != ST_OK) return status;
  if (size != FRAME_HEADER_BYTES + (size_t)header.length) return ST_PROTOCOL;
  ipc_protocol_accept(protocol, &header);
  *ret_frame = (Frame){(MessageType)header.type, header.generation,
                       ipc_bytes_view(bytes + FRAME_HEADER_BYTES, header.length)};
  return ST_OK;
}

bool ipc_frame_drop(FrameBuffer *buffer, uint32_t *count) {
  size_t held = buffer->wanted != 0 ? 0 : buffer->end - buffer->start;
  uint32_t dropped = *count < held ? *count : (uint32_t)held;
  buffer->start += dropped;
  *count -= dropped;
  return *count == 0;
}

/* Bytes the frame at the front will take, as far as is known. */
static size_t size_wanted(const FrameBuffer *buffer) {
  return buffer->wanted != 0 ? buffer->wanted : FRAME_HEADER_BYTES;
}

uint8_t *ipc_frame_room(FrameBuffer *buffer, size_t *ret_size) {
  size_t held = buffer->end - buffer->start;
  bool is_cramped = buffer->capacity - buffer->start < size_wanted(buffer);
  if (held == 0 || is_cramped) {
    if (held != 0 && buffer->start != 0) memmove(buffer->data, buffer->data + buffer->start, held);
    buffer->start = 0;
    buffer->end = held;
  }
  *ret_size = buffer->capacity - buffer->end;
  return buffer->data + buffer->end;
}

void ipc_frame_filled(FrameBuffer *buffer, size_t size) {
  ipc_bytes_require(size <= buffer->capacity - buffer->end);
  buffer->end += size;
}

void ipc_frame_move(FrameBuffer *buffer, uint8_t *data, size_t capacity) {
  size_t held = buffer->end - buffer->start;
  ipc_bytes_require(capacity >= held && capacity >= FRAME_HEADER_BYTES);
  if (held != 0) memcpy(data, buffer->data + buffer->start, held);
  buffer->data = data;
  buffer->capacity = capacity;
  buffer->start = 0;
  buffer->end = held;
}
