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

static void put(Tape *tape, size_t capacity, const ByteList *argv, ReplyKind kind, ByteView answer) {
  const TapeEntry entry = {.posts = tape->posts, .kind = kind, .call = digest_of(argv), .bytes = answer};
  ByteWriter writer = ipc_bytes_writer(tape->data + tape->size, capacity - tape->size);
  ipc_tape_put(&writer, &entry);
  tape->size += writer.used;
  tape->posts = 0;
}

Status supervisor_tape_add(Tape *tape, const ByteList *argv, ReplyKind kind, ByteView answer) {
  if (!ipc_tape_count(&tape->counted, answer.size)) return ST_NO_ROOM;
  if (tape->data == NULL) tape->data = malloc(TAPE_BYTES);
  if (tape->data == NULL) return ST_NO_MEMORY;
  put(tape, TAPE_BYTES, argv, kind, answer);
  return ST_OK;
}

Status supervisor_tape_end(Tape *tape, const ByteList *argv, ReplyKind kind, ByteView answer) {
  size_t capacity = tape->size + TAPE_ENTRY_BYTES + answer.size;
  uint8_t *data = realloc(tape->data, capacity);
  if (data == NULL) return ST_NO_MEMORY;
  tape->data = data;
  put(tape, capacity, argv, kind, answer);
  return ST_OK;
}

void supervisor_tape_free(Tape *tape) {
  free(tape->data);
  *tape = (Tape){0};
}
