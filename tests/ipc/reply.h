/* SPDX-License-Identifier: BSD-2-Clause */
/* reply - random well-formed RESP replies, for property tests. */
#ifndef TESTS_IPC_REPLY_H
#define TESTS_IPC_REPLY_H

#include <stdio.h>

#include "ipc/resp.h"
#include "tests/ipc/random.h"

static inline void reply_put_text(ByteWriter *writer, const char *text) {
  ipc_bytes_put(writer, text, strlen(text));
}

static inline void reply_put_bulk(Random *random, ByteWriter *writer, char type) {
  uint8_t text[64];
  size_t size = random_below(random, sizeof text);
  random_fill(random, text, sizeof text);
  if (type == '=') {
    memcpy(text, "txt:", 4);
    if (size < 4) size = 4;
  }
  ipc_resp_put_number(writer, type, (int64_t)size);
  ipc_bytes_put(writer, text, size);
  reply_put_text(writer, "\r\n");
}

static inline void reply_put_leaf(Random *random, ByteWriter *writer) {
  switch (random_below(random, 12)) {
    case 0: reply_put_text(writer, "+OK\r\n"); return;
    case 1: reply_put_text(writer, "-ERR some \x01 text\r\n"); return;
    case 2: ipc_resp_put_number(writer, ':', (int64_t)random_wide(random)); return;
    case 3: reply_put_text(writer, "$-1\r\n"); return;
    case 4: reply_put_text(writer, "*-1\r\n"); return;
    case 5: reply_put_text(writer, "_\r\n"); return;
    case 6: reply_put_text(writer, "#t\r\n"); return;
    case 7: reply_put_text(writer, ",-1.5e+300\r\n"); return;
    case 8: reply_put_text(writer, "(-123456789012345678901234567890\r\n"); return;
    case 9: reply_put_bulk(random, writer, '='); return;
    case 10: reply_put_bulk(random, writer, '!'); return;
    default: reply_put_bulk(random, writer, '$'); return;
  }
}

/* Appends one reply of at most `depth` levels. */
static inline void reply_put_random(Random *random, ByteWriter *writer, unsigned depth,
                                    bool with_attributes) {
  if (depth == 0 || random_below(random, 3) == 0) {
    reply_put_leaf(random, writer);
    return;
  }
  static const char types[] = "*%~>|";
  char type = types[random_below(random, with_attributes ? 5 : 4)];
  uint64_t count = random_below(random, 5);
  uint64_t inside = type == '%' || type == '|' ? count * 2 : count;
  if (type == '|') inside++;
  ipc_resp_put_number(writer, type, (int64_t)count);
  while (inside-- != 0) reply_put_random(random, writer, depth - 1, with_attributes);
}

#endif
