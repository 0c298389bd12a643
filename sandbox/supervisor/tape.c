/* SPDX-License-Identifier: BSD-2-Clause */
/* tape - see tape.h. */
#include "sandbox/supervisor/tape.h"

#include <stdlib.h>

static uint64_t digest_of(const ByteList *argv) {
  ByteListCursor cursor = ipc_codec_walk(argv);
  ByteView word;
  uint64_t digest = 0;
  while (codec_next(&cursor, &word)) digest = ipc_tape_digest(digest, word);
  return digest;
}

enum { FIRST_BYTES = 256 }; /* most runs that wait for an answer wait for few */

static Status make_room(Tape *tape, size_t size) {
  size_t wanted = tape->size + TAPE_ENTRY_BYTES + size, capacity = tape->capacity == 0 ? FIRST_BYTES : tape->capacity * 2;
  if (wanted <= tape->capacity) return ST_OK;
  if (capacity < wanted) capacity = wanted;
  uint8_t *data = realloc(tape->data, capacity);
  if (data == NULL) return ST_NO_MEMORY;
  tape->data = data;
  tape->capacity = capacity;
  return ST_OK;
}

Status supervisor_tape_end(Tape *tape, const ByteList *argv, ReplyKind kind, ByteView answer) {
  Status status = make_room(tape, answer.size);
  if (status != ST_OK) return status;
  const TapeEntry entry = {.posts = tape->posts, .kind = kind, .call = digest_of(argv), .bytes = answer};
  ByteWriter writer = ipc_bytes_writer(tape->data + tape->size, tape->capacity - tape->size);
  ipc_tape_put(&writer, &entry);
  tape->size += writer.used;
  tape->posts = 0;
  return ST_OK;
}

Status supervisor_tape_add(Tape *tape, const ByteList *argv, ReplyKind kind, ByteView answer) {
  if (!ipc_tape_count(&tape->counted, answer.size)) return ST_NO_ROOM;
  return supervisor_tape_end(tape, argv, kind, answer);
}

void supervisor_tape_free(Tape *tape) {
  free(tape->data);
  *tape = (Tape){0};
}
