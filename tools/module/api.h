/* SPDX-License-Identifier: BSD-2-Clause */
/* api - the part of the Redis module interface that this module uses.
 *
 * The server passes its functions by name, so nothing of it is needed to build:
 * api.def lists them, module_api_load() looks them up, and `rm.Name(...)` calls
 * one.  The types below are the server's ABI of version 1; opaque ones are only
 * ever handled by address.
 *
 * Threads: all of it belongs to the server's main thread.
 */
#ifndef TOOLS_MODULE_API_H
#define TOOLS_MODULE_API_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REDIS_OK 0
#define REDIS_ERR 1
#define REDIS_API_VERSION 1

typedef struct RedisCtx RedisCtx;
typedef struct RedisString RedisString;
typedef struct RedisReply RedisReply;
typedef struct RedisCommand RedisCommand;
typedef struct RedisFilter RedisFilter;
typedef struct RedisFilterCtx RedisFilterCtx;
typedef struct RedisUser RedisUser;
typedef struct RedisInfoCtx RedisInfoCtx;
typedef struct RedisType RedisType;
typedef struct RedisIo RedisIo;
typedef struct RedisServerInfo RedisServerInfo;

typedef int (*RedisCommandFunction)(RedisCtx *ctx, RedisString **argv, int argc);
typedef void (*RedisFilterFunction)(RedisFilterCtx *filter);
typedef void (*RedisInfoFunction)(RedisInfoCtx *info, int for_crash_report);
typedef int (*RedisGetNumber)(const char *name, void *data);
typedef int (*RedisSetNumber)(const char *name, int value, void *data, RedisString **ret_error);
typedef long long (*RedisGetLongLong)(const char *name, void *data);
typedef int (*RedisSetLongLong)(const char *name, long long value, void *data,
                                RedisString **ret_error);
typedef RedisString *(*RedisGetString)(const char *name, void *data);
typedef int (*RedisSetString)(const char *name, RedisString *value, void *data,
                              RedisString **ret_error);
typedef int (*RedisApply)(RedisCtx *ctx, void *data, RedisString **ret_error);

/* --- Context --- */

enum {
  REDIS_CTX_MULTI = 1 << 1,
  REDIS_CTX_SLAVE = 1 << 3,
  REDIS_CTX_READONLY = 1 << 4,
  REDIS_CTX_CLUSTER = 1 << 5,
  REDIS_CTX_OOM = 1 << 10,
  REDIS_CTX_REPLICATED = 1 << 12,
  REDIS_CTX_LOADING = 1 << 13,
  REDIS_CTX_STALE = 1 << 14,
  REDIS_CTX_IS_CHILD = 1 << 20,
  REDIS_CTX_DENY_BLOCKING = 1 << 21,
  REDIS_CTX_RESP3 = 1 << 22
};

/* The client id under which an append-only file is loaded. */
#define REDIS_AOF_CLIENT UINT64_MAX

enum { REDIS_FILTER_NOSELF = 1 };
enum { REDIS_YIELD_CLIENTS = 2 };
enum { REDIS_ACL_LOG_COMMAND = 1, REDIS_ACL_LOG_KEY };
enum { REDIS_REPLY_STRING, REDIS_REPLY_ERROR, REDIS_REPLY_INTEGER, REDIS_REPLY_ARRAY };
enum { REDIS_OPTION_HANDLE_IO_ERRORS = 1 };

/* --- Key specifications --- */

enum {
  REDIS_KEY_RO = 1,
  REDIS_KEY_RW = 2,
  REDIS_KEY_ACCESS = 16,
  REDIS_KEY_UPDATE = 32
};
enum { REDIS_BEGIN_INDEX = 2 };
enum { REDIS_FIND_KEYNUM = 3 };

typedef struct {
  const char *notes;
  uint64_t flags;
  int begin_search;
  union {
    struct {
      int position;
    } index;
    struct {
      const char *keyword;
      int start;
    } keyword;
  } begin;
  int find_keys;
  union {
    struct {
      int last_key, key_step, limit;
    } range;
    struct {
      int number_index, first_key, key_step;
    } keynum;
  } find;
} RedisKeySpec;

typedef struct {
  int version;
  size_t history_entry_size, key_spec_size, argument_size;
} RedisCommandInfoVersion;

typedef struct {
  const RedisCommandInfoVersion *version;
  const char *summary, *complexity, *since;
  void *history;
  const char *tips;
  int arity;
  RedisKeySpec *key_specs; /* ends with one that is all zero */
  void *arguments;
} RedisCommandInfo;

/* Sizes of the two structures that are not declared here, as of version 1. */
#define REDIS_HISTORY_ENTRY_BYTES (2 * sizeof(void *))
#define REDIS_ARGUMENT_BYTES (8 * sizeof(void *))

/* --- Events --- */

typedef struct {
  uint64_t id, data_version;
} RedisEvent;

enum { REDIS_EVENT_LOADING = 3, REDIS_EVENT_SHUTDOWN = 5, REDIS_EVENT_CRON = 8, REDIS_EVENT_LOOP = 15 };
enum { REDIS_LOOP_BEFORE_SLEEP, REDIS_LOOP_AFTER_SLEEP };
enum { REDIS_LOADING_RDB_START, REDIS_LOADING_AOF_START, REDIS_LOADING_REPL_START, REDIS_LOADING_ENDED };

typedef void (*RedisEventFunction)(RedisCtx *ctx, RedisEvent event, uint64_t subevent, void *data);

/* --- Types: only for what stands beside the keys in an RDB file --- */

enum { REDIS_AUX_BEFORE_RDB = 1 };

typedef struct {
  uint64_t version;
  void *(*rdb_load)(RedisIo *io, int version);
  void (*rdb_save)(RedisIo *io, void *value);
  void (*aof_rewrite)(RedisIo *io, RedisString *key, void *value);
  size_t (*mem_usage)(const void *value);
  void (*digest)(void *digest, void *value);
  void (*free)(void *value);
  int (*aux_load)(RedisIo *io, int version, int when);
  void (*aux_save)(RedisIo *io, int when);
  int aux_save_triggers;
} RedisTypeMethods;
/* The fields above; later versions append to them. */
#define REDIS_TYPE_METHODS_VERSION 2

/* --- The functions --- */

typedef struct {
#define API(need, result, name, arguments) result(*name) arguments;
#include "tools/module/api.def"
#undef API
} RedisApi;

extern RedisApi module_api;
#define rm module_api

/* Looks up every function.  Returns NULL, or the name of a required one that the
 * server does not have. */
const char *module_api_load(RedisCtx *ctx);

#endif
