/* SPDX-License-Identifier: BSD-2-Clause */
/* host - the data store's side of a run: redis.call inside this server.
 */
#ifndef TOOLS_MODULE_HOST_H
#define TOOLS_MODULE_HOST_H

#include "sandbox/ferrous_sandbox.h"
#include "tools/module/api.h"
#include "tools/module/caller.h"
#include "tools/module/fence.h"

typedef struct {
  RedisCtx *ctx;
  const Caller *caller;
  bool is_read_only;     /* EVAL_RO, or the flag no-writes */
  bool may_exceed;       /* the flag allow-oom */
  bool may_cross_slots;  /* no cluster, no flags, or the flag allow-cross-slot-keys */
  bool is_engine;        /* Valkey's: the server makes all checks itself */
  bool may_be_stale;     /* a replica without its master */
  bool has_written;      /* since then no state of the server refuses a command */
  Fence fence;           /* what the tenant's rules exclude */
  int slot;              /* of the keys so far; -1: none yet */
  int db;                /* of the caller */
  void (*tick)(void *context, uint64_t now); /* between calls: time to serve others? */
  void *context;
  char counted[96];      /* how the last error of a command began, as the script heard it */
  size_t counted_size;
  uint64_t reads, writes; /* calls of commands that read keys, and of those that may change them */
  /* Private. */
  RedisReply *reply;     /* of the last call: its bytes are still in use */
  RedisString **argv;    /* heap; where a call's words are needed as strings of the server */
  size_t argc;           /* of those that are there; 0: the words were not made into strings */
  size_t room;
  char text[512];
} Host;

/* Prepares for a run; what the run needs is set by the caller before. */
void module_host_begin(Host *host, FsbHost *ret_callbacks);

/* Gives back what the run held, and the caller its database. */
void module_host_end(Host *host);

#endif
