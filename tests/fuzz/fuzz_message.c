/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_message - our message decoder against protobuf-c.
 *
 * The first byte picks the message type, the rest is its body.  The two laws of
 * tests/ipc/oracle.h must hold: what we accept protobuf-c understands alike and
 * packs to the same bytes; what is canonical and in range we accept.
 */
#include <stdio.h>

#include "tests/ipc/oracle.h"

static const MessageType types[] = {
#define MESSAGE(name, number, sender, state, next, max_bytes, meaning) MESSAGE_##name,
#include "proto/messages.def"
#undef MESSAGE
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size == 0) return 0;
  MessageType type = types[data[0] % (sizeof types / sizeof types[0])];
  const char *broken = oracle_judge(type, ipc_bytes_view(data + 1, size - 1), NULL);
  if (broken != NULL) {
    fprintf(stderr, "%s: %s\n", ipc_message_name(type), broken);
    __builtin_trap();
  }
  return 0;
}
