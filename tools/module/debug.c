/* SPDX-License-Identifier: BSD-2-Clause */
/* debug - the last few clients that asked. */
#include "tools/module/debug.h"

#define CLIENTS 16

/* Ids are never 0, and never given twice. */
static unsigned long long clients[CLIENTS];
static unsigned next, count;

static void drop(unsigned long long id) {
  for (unsigned i = 0; i < CLIENTS; i++) {
    if (clients[i] != id) continue;
    clients[i] = 0;
    count--;
  }
}

void module_debug_note(RedisCtx *ctx, bool is_wanted) {
  unsigned long long id = rm.GetClientId(ctx);
  drop(id);
  if (!is_wanted) return;
  count += clients[next] == 0;
  clients[next] = id;
  next = (next + 1) % CLIENTS;
}

bool module_debug_take(RedisCtx *ctx) {
  if (count == 0) return false;
  unsigned before = count;
  drop(rm.GetClientId(ctx));
  return count < before;
}
