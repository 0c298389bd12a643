/* SPDX-License-Identifier: BSD-2-Clause */
/* tape - see tape.h. */
#include "ipc/tape.h"

enum { DIGESTED = 64 }; /* bytes of a word, from its start; of the rest its size must do */

/* FNV-1a. */
static uint64_t mix(uint64_t digest, uint8_t byte) {
  return (digest ^ byte) * UINT64_C(0x100000001b3);
}

uint64_t ipc_tape_digest(uint64_t digest, ByteView word) {
  size_t size = word.size < DIGESTED ? word.size : DIGESTED;
  uint64_t sum = mix(digest ^ word.size * UINT64_C(0x9e3779b97f4a7c15), 1);
  for (size_t i = 0; i < size; i++) sum = mix(sum, word.data[i]);
  return sum;
}

bool ipc_tape_count(size_t *used, size_t size) {
  if (*used > TAPE_BYTES - TAPE_ENTRY_BYTES || size > TAPE_BYTES - TAPE_ENTRY_BYTES - *used) return false;
  *used += TAPE_ENTRY_BYTES + size;
  return true;
}

void ipc_tape_put(ByteWriter *writer, const TapeEntry *entry) {
  uint8_t head[TAPE_ENTRY_BYTES];
  ipc_bytes_store32(head, entry->posts);
  ipc_bytes_store32(head + 4, entry->kind);
  ipc_bytes_store64(head + 8, entry->call);
  ipc_bytes_store32(head + 16, (uint32_t)entry->bytes.size);
  ipc_bytes_put(writer, head, sizeof head);
  ipc_bytes_put(writer, entry->bytes.data, entry->bytes.size);
}

Status ipc_tape_next(ByteView *tape, TapeEntry *ret_entry) {
  if (tape->size == 0) return ST_NOT_FOUND;
  if (tape->size < TAPE_ENTRY_BYTES) return ST_TRUNCATED;
  const uint8_t *at = tape->data;
  uint32_t size = ipc_bytes_load32(at + 16);
  if (size > tape->size - TAPE_ENTRY_BYTES) return ST_TRUNCATED;
  *ret_entry = (TapeEntry){.posts = ipc_bytes_load32(at),
                           .kind = ipc_bytes_load32(at + 4),
                           .call = ipc_bytes_load64(at + 8),
                           .bytes = ipc_bytes_view(at + TAPE_ENTRY_BYTES, size)};
  *tape = ipc_bytes_view(at + TAPE_ENTRY_BYTES + size, tape->size - TAPE_ENTRY_BYTES - size);
  return ST_OK;
}
