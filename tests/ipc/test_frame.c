/* SPDX-License-Identifier: BSD-2-Clause */
/* test_frame - headers, and frames gathered from pieces of every size. */
#include <stdlib.h>

#include "ipc/frame.h"
#include "tests/ipc/random.h"
#include "tests/check_main.h"

START_TEST(the_header_is_sixteen_bytes_little_endian) {
  FrameHeader header = {0x01020304, 0x0506, 0x0708, 0x090a0b0c, 0x0d0e0f10};
  static const uint8_t golden[] = {4, 3, 2, 1, 6, 5, 8, 7, 12, 11, 10, 9, 16, 15, 14, 13};
  uint8_t bytes[FRAME_HEADER_BYTES];
  ipc_frame_store(bytes, &header);
  ck_assert_mem_eq(bytes, golden, sizeof golden);
  FrameHeader back = ipc_frame_load(golden);
  ck_assert_mem_eq(&back, &header, sizeof header);
}
END_TEST

/* --- A stream of log frames, as a supervisor receives it --- */

typedef struct {
  uint8_t *data;
  size_t size;
  uint32_t frames;
} Stream;

static Protocol running_supervisor(void) {
  Protocol protocol;
  ipc_protocol_init(&protocol, WIRE_SUPERVISOR);
  protocol.state = WIRE_RUNNING;
  protocol.generation = 1;
  return protocol;
}

/* Frame n's body holds bytes of value n, and is n % 97 bytes long. */
static Stream make_stream(uint32_t frames) {
  Stream stream = {malloc(frames * (FRAME_HEADER_BYTES + 97) + 1), 0, frames};
  for (uint32_t n = 0; n < frames; n++) {
    FrameHeader header = {n % 97, FRAME_VERSION, MESSAGE_LOG, 1, n};
    ipc_frame_store(stream.data + stream.size, &header);
    memset(stream.data + stream.size + FRAME_HEADER_BYTES, (int)n, header.length);
    stream.size += FRAME_HEADER_BYTES + header.length;
  }
  return stream;
}

static void check_frame(const Frame *frame, uint32_t n) {
  ck_assert_int_eq(frame->type, MESSAGE_LOG);
  ck_assert_uint_eq(frame->generation, 1);
  ck_assert_uint_eq(frame->body.size, n % 97);
  for (size_t i = 0; i < frame->body.size; i++) ck_assert_uint_eq(frame->body.data[i], n & 0xff);
}

/* Feeds the stream in pieces of at most `piece` bytes. */
static uint32_t take_all(const Stream *stream, size_t capacity, size_t piece, Random *random) {
  uint8_t *memory = malloc(capacity);
  FrameBuffer buffer;
  Protocol protocol = running_supervisor();
  ipc_frame_init(&buffer, memory, capacity);
  uint32_t taken = 0;
  for (size_t at = 0;;) {
    Frame frame;
    Status status = ipc_frame_take(&buffer, &protocol, &frame);
    if (status == ST_OK) {
      check_frame(&frame, taken++);
      continue;
    }
    ck_assert_int_eq(status, ST_WOULD_BLOCK);
    if (at == stream->size) break;
    size_t room;
    uint8_t *to = ipc_frame_room(&buffer, &room);
    ck_assert_uint_gt(room, 0);
    size_t size = 1 + random_below(random, piece);
    if (size > room) size = room;
    if (size > stream->size - at) size = stream->size - at;
    memcpy(to, stream->data + at, size);
    ipc_frame_filled(&buffer, size);
    at += size;
  }
  ck_assert(!ipc_frame_is_partial(&buffer));
  free(memory);
  return taken;
}

START_TEST(frames_come_out_whole_whatever_the_pieces) {
  Random random = {21};
  Stream stream = make_stream(150);
  for (size_t piece = 1; piece < 400; piece = piece * 3 / 2 + 1) {
    for (size_t capacity = FRAME_HEADER_BYTES + 96; capacity < 500; capacity += 61) {
      ck_assert_uint_eq(take_all(&stream, capacity, piece, &random), stream.frames);
    }
  }
  free(stream.data);
}
END_TEST

START_TEST(a_frame_cut_at_every_byte_is_partial_and_not_taken) {
  Stream stream = make_stream(97);
  size_t last = stream.size - (FRAME_HEADER_BYTES + 96);
  for (size_t cut = last; cut < stream.size; cut++) {
    uint8_t *memory = malloc(stream.size);
    FrameBuffer buffer;
    Protocol protocol = running_supervisor();
    ipc_frame_init(&buffer, memory, stream.size);
    size_t room;
    memcpy(ipc_frame_room(&buffer, &room), stream.data, cut);
    ipc_frame_filled(&buffer, cut);
    Frame frame;
    uint32_t taken = 0;
    while (ipc_frame_take(&buffer, &protocol, &frame) == ST_OK) taken++;
    ck_assert_uint_eq(taken, 96);
    ck_assert_int_eq(ipc_frame_is_partial(&buffer), cut != last);
    free(memory);
  }
  free(stream.data);
}
END_TEST

/* Puts bytes of a header into a fresh buffer and takes. */
static Status judge(const FrameHeader *header, size_t bytes) {
  uint8_t memory[64], raw[FRAME_HEADER_BYTES];
  FrameBuffer buffer;
  Protocol protocol = running_supervisor();
  Frame frame;
  ipc_frame_init(&buffer, memory, sizeof memory);
  ipc_frame_store(raw, header);
  size_t room;
  memcpy(ipc_frame_room(&buffer, &room), raw, bytes);
  ipc_frame_filled(&buffer, bytes);
  return ipc_frame_take(&buffer, &protocol, &frame);
}

START_TEST(a_header_is_judged_as_soon_as_it_is_there) {
  FrameHeader good = {10, FRAME_VERSION, MESSAGE_LOG, 1, 0};
  for (size_t n = 0; n <= FRAME_HEADER_BYTES; n++) {
    ck_assert_int_eq(judge(&good, n), ST_WOULD_BLOCK);
  }
  FrameHeader empty = {0, FRAME_VERSION, MESSAGE_LOG, 1, 0};
  ck_assert_int_eq(judge(&empty, FRAME_HEADER_BYTES), ST_OK);
  FrameHeader huge = {UINT32_MAX, FRAME_VERSION, MESSAGE_LOG, 1, 0};
  ck_assert_int_eq(judge(&huge, FRAME_HEADER_BYTES - 1), ST_WOULD_BLOCK);
  ck_assert_int_eq(judge(&huge, FRAME_HEADER_BYTES), ST_TOO_LARGE);
  FrameHeader foreign = {0, FRAME_VERSION, MESSAGE_REPLY, 1, 0};
  ck_assert_int_eq(judge(&foreign, FRAME_HEADER_BYTES), ST_STATE);
  FrameHeader unknown = {0, FRAME_VERSION, 999, 1, 0};
  ck_assert_int_eq(judge(&unknown, FRAME_HEADER_BYTES), ST_PROTOCOL);
}
END_TEST

START_TEST(a_frame_larger_than_the_buffer_asks_for_room_and_can_be_carried_over) {
  uint8_t small[32], large[256];
  FrameBuffer buffer;
  Protocol protocol = running_supervisor();
  FrameHeader header = {100, FRAME_VERSION, MESSAGE_LOG, 1, 0};
  ipc_frame_init(&buffer, small, sizeof small);
  size_t room;
  uint8_t *to = ipc_frame_room(&buffer, &room);
  ipc_frame_store(to, &header);
  memset(to + FRAME_HEADER_BYTES, 'x', sizeof small - FRAME_HEADER_BYTES);
  ipc_frame_filled(&buffer, sizeof small);
  Frame frame;
  ck_assert_int_eq(ipc_frame_take(&buffer, &protocol, &frame), ST_NO_ROOM);
  ck_assert_uint_eq(buffer.wanted, FRAME_HEADER_BYTES + 100);
  ipc_frame_move(&buffer, large, sizeof large);
  to = ipc_frame_room(&buffer, &room);
  ck_assert_ptr_eq(to, large + sizeof small);
  memset(to, 'x', 116 - sizeof small);
  ipc_frame_filled(&buffer, 116 - sizeof small);
  ck_assert_int_eq(ipc_frame_take(&buffer, &protocol, &frame), ST_OK);
  ck_assert_uint_eq(frame.body.size, 100);
  for (size_t i = 0; i < 100; i++) ck_assert_uint_eq(frame.body.data[i], 'x');
}
END_TEST

START_TEST(nothing_is_taken_from_a_broken_channel_not_even_a_frame_that_had_begun) {
  Stream stream = make_stream(2);
  for (int has_begun = 0; has_begun < 2; has_begun++) {
    uint8_t memory[256];
    FrameBuffer buffer;
    Protocol protocol = running_supervisor();
    ipc_frame_init(&buffer, memory, sizeof memory);
    size_t room;
    memcpy(ipc_frame_room(&buffer, &room), stream.data, stream.size);
    ipc_frame_filled(&buffer, stream.size - 1);
    Frame frame;
    ck_assert_int_eq(ipc_frame_take(&buffer, &protocol, &frame), ST_OK);
    if (has_begun) ck_assert_int_eq(ipc_frame_take(&buffer, &protocol, &frame), ST_WOULD_BLOCK);
    ipc_protocol_break(&protocol);
    ipc_frame_filled(&buffer, 1);
    ck_assert_int_eq(ipc_frame_take(&buffer, &protocol, &frame), ST_STATE);
    ck_assert_int_eq(protocol.state, WIRE_BROKEN);
  }
  free(stream.data);
}
END_TEST

SUITE("ipc frame", the_header_is_sixteen_bytes_little_endian,
      frames_come_out_whole_whatever_the_pieces, a_frame_cut_at_every_byte_is_partial_and_not_taken,
      a_header_is_judged_as_soon_as_it_is_there,
      a_frame_larger_than_the_buffer_asks_for_room_and_can_be_carried_over,
      nothing_is_taken_from_a_broken_channel_not_even_a_frame_that_had_begun)
