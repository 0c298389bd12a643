/* SPDX-License-Identifier: BSD-2-Clause */
/* host - checking, calling, and wording refusals as Redis does for a script.
 *
 * RM_Call makes the server's own checks with the caller's user.  Made up for here:
 * a database that the script selected, commands that replicate though they do not
 * write, XREAD BLOCK, and checks that end with the first write.
 */
#include "tools/module/host.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/module/command.h"
#include "tools/module/deny.h"
#include "tools/module/handover.h"
#include "tools/module/live.h"
#include "tools/module/log.h"
#include "tools/module/precede.h"
#include "tools/module/slot.h"
#include "tools/module/sort.h"
#include "tools/module/state.h"

/* Redis's cap on the words of a command. */
#define MOST_WORDS (1024 * 1024)
/* Most words behind the command's name for which no strings are made here: the server makes its own. */
#define DIRECT_WORDS 48
#define VERSION_7_4 0x070400
#define VALKEY_7_2 0x070200
#define VALKEY_9_1 0x090100

static const char unknown_command[] = "ERR unknown command";

static void refuse(FsbReply *reply, const char *text) {
  reply->kind = FSB_REPLY_REFUSED;
  reply->bytes = (FsbBytes){text, strlen(text)};
}

static void drop_reply(Host *host) {
  if (host->reply != NULL) rm.FreeCallReply(host->reply);
  host->reply = NULL;
}

static const char *script_text(int error, const char *message, size_t size) {
  static const struct {
    uint32_t since;
    int error;
    const char *server, *script;
  } texts[] = {
#define TEXT(since, error, server, script) {since, error, server, script},
#include "tools/module/texts.def"
#undef TEXT
  };
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
    size_t length = strlen(texts[i].server);
    bool fits = texts[i].error == error && texts[i].since <= module_state.valkey_version &&
                size >= length && memcmp(message, texts[i].server, length) == 0;
    if (fits) return texts[i].script;
  }
  return NULL;
}

/* --- Words --- */

static bool make_room(Host *host, size_t count) {
  if (count > MOST_WORDS) return false;
  if (count <= host->room) return true;
  RedisString **larger = realloc(host->argv, count * sizeof *larger);
  if (larger == NULL) return false;
  host->argv = larger;
  host->room = count;
  return true;
}

static bool make_strings(Host *host, const FsbCall *call) {
  if (!make_room(host, call->argc)) return false;
  for (size_t i = 0; i < call->argc; i++)
    host->argv[i] = rm.CreateString(NULL, call->argv[i].data, call->argv[i].size);
  host->argc = call->argc;
  return true;
}

/* What is gone already is NULL. */
static void free_strings(Host *host) {
  for (size_t i = 0; i < host->argc; i++)
    if (host->argv[i] != NULL) rm.FreeString(NULL, host->argv[i]);
  host->argc = 0;
}

/* Whether somebody looks at the words before RM_Call, or they are too many to be passed one by one. */
static bool wants_strings(const Host *host, const FsbCall *call, unsigned flags) {
  if (call->argc > DIRECT_WORDS + 1 || (call->flags & FSB_CALL_ACL_CHECK) != 0) return true;
  if (module_fence_wants_words(&host->fence)) return true;
  return !host->is_engine && (!host->may_cross_slots || (flags & COMMAND_SORT) != 0);
}

/* --- Before a call --- */

/* XREAD and XREADGROUP take BLOCK before STREAMS. */
static bool has_block(const FsbCall *call) {
  for (size_t i = 1; i < call->argc && !module_command_is(call->argv[i], "streams"); i++)
    if (module_command_is(call->argv[i], "block")) return true;
  return false;
}

static bool refuse_block(Host *host, const FsbCall *call, unsigned flags, FsbReply *reply) {
  if ((flags & COMMAND_READS_STREAMS) == 0) return false;
  if (module_state.server_version >= VERSION_7_4 || !has_block(call)) return false;
  (void)snprintf(host->text, sizeof host->text,
                 "ERR %.*s command is not allowed with BLOCK option from scripts",
                 (int)call->argv[0].size, call->argv[0].data);
  refuse(reply, host->text);
  return true;
}

/* What RM_Call would not refuse. */
static bool refuse_call(Host *host, const FsbCall *call, unsigned flags, FsbReply *reply) {
  if (memchr(call->argv[0].data, '\0', call->argv[0].size) != NULL || call->argv[0].size == 0) {
    refuse(reply, script_text(ENOENT, unknown_command, strlen(unknown_command)));
    return true;
  }
  if (host->is_engine) return false;
  bool is_denied = (flags & COMMAND_NOSCRIPT) != 0 && !module_deny_is_lifted(host->ctx);
  if (host->has_written && is_denied) {
    refuse(reply, "ERR This Redis command is not allowed from script");
    return true;
  }
  if (host->may_be_stale && !is_denied && module_precede_is_stale(host->ctx, flags)) {
    refuse(reply, "ERR Can not execute the command on a stale replica");
    return true;
  }
  if (host->is_read_only && (flags & COMMAND_MAY_REPLICATE) != 0) {
    refuse(reply, "ERR Write commands are not allowed from read-only scripts.");
    return true;
  }
  return refuse_block(host, call, flags, reply);
}

/* --- The call --- */

/* The server knows the script that runs: its user, its flags, what it has written. */
static void choose_for_engine(const FsbCall *call, char *format) {
  memcpy(format, "SM!", 3);
  format += 3;
  if (call->resp == 3) *format++ = '3';
  if ((call->replicate & 1) == 0) *format++ = 'A';
  if ((call->replicate & 2) == 0) *format++ = 'R';
  *format = '\0';
}

/* The letters of RM_Call, but for those of the words: how the command shall be checked and replicated. */
static void choose_format(const Host *host, const FsbCall *call, unsigned flags, char *format) {
  /* That a script may not write is said before that there is no memory to write to. */
  bool may_write = !host->is_read_only || (flags & COMMAND_WRITE) == 0;
  *format++ = 'E';
  if (host->is_engine) {
    choose_for_engine(call, format);
    return;
  }
  if (host->caller->name != NULL) *format++ = 'C';
  if (!host->has_written && !module_deny_is_lifted(host->ctx)) *format++ = 'S';
  if (!host->has_written && !host->may_exceed && may_write) *format++ = 'M';
  if (host->is_read_only) *format++ = 'W';
  if (call->resp == 3) *format++ = '3';
  if ((call->replicate & 3) != 0) *format++ = '!';
  if ((call->replicate & 3) == 2) *format++ = 'A';
  if ((call->replicate & 3) == 1) *format++ = 'R';
  *format = '\0';
}

/* The script's database lasts for the run. */
static void follow_select(const Host *host, const FsbCall *call) {
  long long number;
  if (call->argc != 2) return;
  RedisString *word = rm.CreateString(NULL, call->argv[1].data, call->argv[1].size);
  if (rm.StringToLongLong(word, &number) == REDIS_OK) (void)rm.SelectDb(host->ctx, (int)number);
  rm.FreeString(NULL, word);
}

/* Since Redis 7.2 a denial says of whom and what. */
static bool word_denial(Host *host, const char *bytes, size_t size) {
  static const char begin[] = "-NOPERM ";
  const size_t length = sizeof begin - 1;
  if (size < length + 2 || memcmp(bytes, begin, length) != 0) return false;
  (void)snprintf(host->text, sizeof host->text, "ERR ACL failure in script: %.*s",
                 (int)(size - length - 2), bytes + length);
  return true;
}

/* The server counts a command's error, refusals included, when it arises. */
static void note_error(Host *host, const char *text, size_t size) {
  host->counted_size = size < sizeof host->counted ? size : sizeof host->counted;
  memcpy(host->counted, text, host->counted_size);
}

/* Tells a refusal from an error of the command itself: only a refusal sets errno
 * and says one of the server's fixed texts. */
static void take_reply(Host *host, const FsbCall *call, unsigned flags, int error,
                       FsbReply *reply) {
  size_t size;
  const char *bytes = rm.CallReplyProto(host->reply, &size);
  /* Asked for its type, the server would take all of the reply apart. */
  bool is_error = size != 0 && bytes[0] == '-';
  const char *text = is_error && error != 0 ? script_text(error, bytes + 1, size - 1) : NULL;
  if (text != NULL || (is_error && error == EACCES && word_denial(host, bytes, size))) {
    refuse(reply, text != NULL ? text : host->text);
    note_error(host, reply->bytes.data, reply->bytes.size);
    return;
  }
  if (is_error) note_error(host, bytes + 1, size - 3);
  reply->kind = FSB_REPLY_DATA;
  reply->bytes = (FsbBytes){bytes, size};
  reply->wrote = (flags & COMMAND_WRITE) != 0 && !(is_error && error != 0);
  if (reply->wrote) host->has_written = true;
  if (!is_error && (flags & COMMAND_SELECT) != 0) follow_select(host, call);
}

/* For each word there is a `b`, for which RM_Call takes bytes and a size from its arguments; of these there
 * may be more than it looks at. */
#define WORD(i) w[i].data, w[i].size
#define FOUR_WORDS(i) WORD(i), WORD(i + 1), WORD(i + 2), WORD(i + 3)
#define SIXTEEN_WORDS(i) FOUR_WORDS(i), FOUR_WORDS(i + 4), FOUR_WORDS(i + 8), FOUR_WORDS(i + 12)

static RedisReply *call_with_few(const Host *host, const FsbBytes *words, size_t count, const char *name, const char *format) {
  FsbBytes w[4] = {{NULL, 0}};
  for (size_t i = 0; i < count; i++) w[i] = words[i];
  return rm.Call(host->ctx, name, format, FOUR_WORDS(0));
}

static RedisReply *call_with_some(const Host *host, const FsbBytes *words, size_t count, const char *name, const char *format) {
  FsbBytes w[16] = {{NULL, 0}};
  memcpy(w, words, count * sizeof *w);
  return rm.Call(host->ctx, name, format, SIXTEEN_WORDS(0));
}

static RedisReply *call_with_many(const Host *host, const FsbBytes *words, size_t count, const char *name, const char *format) {
  FsbBytes w[DIRECT_WORDS] = {{NULL, 0}};
  memcpy(w, words, count * sizeof *w);
  return rm.Call(host->ctx, name, format, SIXTEEN_WORDS(0), SIXTEEN_WORDS(16), SIXTEEN_WORDS(32));
}

#undef SIXTEEN_WORDS
#undef FOUR_WORDS
#undef WORD

static RedisReply *call_with_bytes(const Host *host, const FsbCall *call, const char *name, char *format) {
  const size_t count = call->argc - 1;
  char *end = format + strlen(format);
  for (size_t i = 0; i < count; i++) *end++ = 'b';
  *end = '\0';
  if (count <= 4) return call_with_few(host, call->argv + 1, count, name, format);
  return (count <= 16 ? call_with_some : call_with_many)(host, call->argv + 1, count, name, format);
}

static RedisReply *call_with_strings(Host *host, const char *name, char *format) {
  RedisString **words = host->argv + 1;
  const size_t count = host->argc - 1;
  memcpy(format + strlen(format), "v", 2);
  module_handover_offer(words, count);
  RedisReply *reply = rm.Call(host->ctx, name, format, words, count);
  int error = errno;
  if (module_handover_end()) memset(words, 0, count * sizeof *words);
  errno = error;
  return reply;
}

static void perform(Host *host, const FsbCall *call, unsigned flags, FsbReply *reply) {
  char format[16 + DIRECT_WORDS], name[80];
  size_t size = call->argv[0].size < sizeof name ? call->argv[0].size : sizeof name - 1;
  choose_format(host, call, flags, format);
  /* The name was found in the table, or is unknown in any length. */
  memcpy(name, call->argv[0].data, size);
  name[size] = '\0';
  errno = 0;
  host->reply = host->argc == 0 ? call_with_bytes(host, call, name, format) : call_with_strings(host, name, format);
  int error = errno;
  if (host->reply != NULL)
    take_reply(host, call, flags, error, reply);
  else
    refuse(reply, "ERR This Redis command is not allowed from script");
}

static void check_acl(Host *host, const FsbCall *call, FsbReply *reply) {
  int may = module_caller_check(host->caller, host->argv, (int)call->argc);
  if (may == 1 && module_fence_check(&host->fence, host->ctx, call, host->argv) != NULL) may = 0;
  if (may < 0) {
    refuse(reply, module_state.valkey_version != 0
                      ? "ERR Invalid command passed to server.acl_check_cmd()"
                      : "ERR Invalid command passed to redis.acl_check_cmd()");
    return;
  }
  reply->kind = FSB_REPLY_DATA;
  reply->bytes = (FsbBytes){may == 1 ? ":1\r\n" : ":0\r\n", 4};
}

static bool refuse_slots(Host *host, const FsbCall *call, FsbReply *reply) {
  if (host->is_engine || host->may_cross_slots) return false;
  RedisString *key = module_slot_odd_key(host->ctx, host->argv, call->argc, &host->slot);
  if (key == NULL) return false;
  const char *text = NULL;
  int error;
  host->reply = module_precede_locality(host->ctx, key, &error);
  if (host->reply != NULL) {
    size_t size;
    const char *bytes = rm.CallReplyProto(host->reply, &size);
    text = script_text(error, bytes + 1, size - 1);
  }
  refuse(reply, text != NULL ? text
                             : "ERR Script attempted to access keys that do not hash to the same slot");
  return true;
}

static bool refuse_rules(Host *host, const FsbCall *call, FsbReply *reply) {
  const char *problem = module_fence_check(&host->fence, host->ctx, call, host->argv);
  if (problem != NULL) refuse(reply, problem);
  return problem != NULL;
}

/* Carries out what nothing speaks against. */
static void judge(Host *host, const FsbCall *call, unsigned flags, FsbReply *reply) {
  const int slot = host->slot;
  if ((call->flags & FSB_CALL_ACL_CHECK) != 0) {
    check_acl(host, call, reply);
    return;
  }
  if (refuse_call(host, call, flags, reply) || refuse_rules(host, call, reply) || refuse_slots(host, call, reply)) return;
  if (!host->is_engine && (flags & COMMAND_SORT) != 0)
    host->argc = module_sort_settle(host->ctx, host->argv, host->argc);
  perform(host, call, flags, reply);
  if (reply->kind == FSB_REPLY_REFUSED) host->slot = slot; /* nothing was used there */
}

static void answer_call(void *context, const FsbCall *call, FsbReply *reply) {
  Host *host = context;
  drop_reply(host);
  host->tick(host->context, call->now);
  unsigned flags = module_command_flags(host->ctx, call->argv, call->argc);
  if (wants_strings(host, call, flags) && !make_strings(host, call)) {
    refuse(reply, "ERR too many arguments");
    return;
  }
  module_live_call(call->argv[0]);
  host->reads += (flags & COMMAND_READ) != 0;
  host->writes += (flags & COMMAND_WRITE) != 0;
  judge(host, call, flags, reply);
  free_strings(host);
  module_live_return(host->has_written);
}

static void take_log(void *context, int level, FsbBytes text) {
  const Host *host = context;
  module_log_script(host->ctx, host->caller->tenant, level, text);
}

/* --- A run --- */

void module_host_begin(Host *host, FsbHost *ret_callbacks) {
  host->db = rm.GetSelectedDb(host->ctx);
  host->slot = -1;
  *ret_callbacks = (FsbHost){.context = host, .call = answer_call, .log = take_log};
}

void module_host_end(Host *host) {
  drop_reply(host);
  module_fence_end(&host->fence);
  free(host->argv);
  host->argv = NULL;
  host->room = 0;
  if (rm.GetSelectedDb(host->ctx) != host->db) (void)rm.SelectDb(host->ctx, host->db);
}
