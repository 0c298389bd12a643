/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_resp - RESP scanner and reader on arbitrary bytes.
 *
 * Byte 0 is the size of the pieces.  The scanner must say the same at once and
 * in pieces, and what the reader takes for one whole reply the scanner must take
 * for one whole reply.  The same bytes are also tried as tokens.
 */
#include <stdlib.h>

#include "ipc/resp.h"
#include "ipc/token.h"

#define MAX_DEPTH 64
#define MAX_BYTES 65536

static RespScanner scanner;
static RespReader reader;
static NestingRoom scratch;

typedef struct {
  Status status;
  size_t used;
} Scan;

static Scan scan(ByteView bytes, size_t piece) {
  Scan result = {ST_WOULD_BLOCK, 0};
  ipc_resp_scan_init(&scanner, MAX_DEPTH, MAX_BYTES);
  while (result.used < bytes.size && result.status == ST_WOULD_BLOCK) {
    size_t size = bytes.size - result.used, used = 0;
    if (size > piece) size = piece;
    ByteView part = ipc_bytes_view(bytes.data + result.used, size);
    result.status = ipc_resp_scan(&scanner, part, &used);
    if (result.status != ST_OK && result.status != ST_WOULD_BLOCK) break;
    if (used > size || (result.status == ST_WOULD_BLOCK && used != size)) __builtin_trap();
    result.used += used;
  }
  return result;
}

/* Says whether the reader takes the bytes for one whole reply. */
static bool is_one_reply(ByteView bytes) {
  ipc_resp_read_init(&reader, bytes, scratch.left, MAX_DEPTH);
  for (size_t elements = 0;; elements++) {
    RespElement element;
    Status status = ipc_resp_read(&reader, &element);
    if (status != ST_OK) return status == ST_NOT_FOUND;
    if (elements > bytes.size || element.depth > MAX_DEPTH) __builtin_trap();
  }
}

static void try_tokens(ByteView bytes) {
  if (ipc_token_check(bytes, MAX_DEPTH, &scratch) != ST_OK) return;
  ByteWriter counter = ipc_bytes_writer(NULL, 0);
  (void)ipc_token_render(bytes, 3, &counter);
  uint8_t *out = malloc(counter.used);
  if (out == NULL) return;
  ByteWriter writer = ipc_bytes_writer(out, counter.used);
  if (ipc_token_render(bytes, 3, &writer) != ST_OK) __builtin_trap();
  Scan result = scan(ipc_bytes_written(&writer), SIZE_MAX);
  bool is_small = writer.used <= MAX_BYTES;
  if (is_small && (result.status != ST_OK || result.used != writer.used)) __builtin_trap();
  free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size == 0 || size > 4096) return 0;
  ByteView bytes = ipc_bytes_view(data + 1, size - 1);
  Scan at_once = scan(bytes, SIZE_MAX);
  Scan in_pieces = scan(bytes, (size_t)data[0] % 16 + 1);
  if (at_once.status != in_pieces.status) __builtin_trap();
  if (at_once.status == ST_OK && at_once.used != in_pieces.used) __builtin_trap();
  if (is_one_reply(bytes) && (at_once.status != ST_OK || at_once.used != bytes.size)) {
    __builtin_trap();
  }
  try_tokens(bytes);
  return 0;
}
