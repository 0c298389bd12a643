/* SPDX-License-Identifier: BSD-2-Clause */
/* backend - a host that asks a Redis or Valkey server over a connection.
 *
 * Redis runs a script's commands inside itself and treats them a little
 * differently from a client's.  Here they arrive as a client's, so the
 * differences are made up for: the checks before a command, with a script's
 * texts; commands that would block run inside MULTI, where they do not; SELECT
 * lasts for one run; the protocol follows redis.setresp.
 *
 * What cannot be made up for: other clients' commands may run between those of
 * the script (no atomicity), keys may expire meanwhile, redis.set_repl has no
 * effect, and MONITOR shows a client.
 *
 * Layer: sandbox/supervisor.  Threads: that of the run.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ipc/deadline.h"
#include "sandbox/supervisor/command.h"
#include "sandbox/supervisor/pool.h"
#include "sandbox/supervisor/server.h"

/* How long connecting may take, server start included. */
#define SETUP_PATIENCE UINT64_C(10000000000)
#define SETUP_BYTES (UINT64_C(1) << 20)
/* XREAD BLOCK in a script: refused before 7.4, a plain XREAD since. */
#define VERSION_7_4 0x070400u

struct FsbBackend {
  ForkGuard guard;
  FsbHost host;
  bool is_private;
  StoreUri uri;
  Server server;
  Link link;
  CommandTable commands;
  uint32_t version;  /* 0xMMmmpp; 0: not known */
  int resp;          /* protocol that the connection speaks */
  bool has_selected; /* the script chose a database */
  bool was_idle;     /* between runs: the server may have gone meanwhile */
  void (*log)(void *context, int level, FsbBytes text);
  void *log_context;
  char text[LINK_DETAIL_BYTES];
};

/* --- Answers --- */

static void say(FsbBackend *backend, FsbReply *reply, FsbReplyKind kind, const char *text) {
  if (text != backend->text) (void)snprintf(backend->text, sizeof backend->text, "%s", text);
  reply->kind = kind;
  reply->bytes = (FsbBytes){backend->text, strlen(backend->text)};
}

static void refuse(FsbBackend *backend, FsbReply *reply, const char *text) {
  say(backend, reply, FSB_REPLY_REFUSED, text);
}

static void explain_break(FsbBackend *backend, Status status) {
  const char *why =
      status == ST_CLOSED ? "the server closed the connection" : policy_status_text(status);
  (void)snprintf(backend->text, sizeof backend->text, "%s", why);
}

/* After a failure the stream is in the middle of something: it cannot be used. */
static void give_up(FsbBackend *backend, FsbReply *reply, Status status) {
  supervisor_link_close(&backend->link);
  switch (status) {
    case ST_TOO_LARGE: say(backend, reply, FSB_REPLY_TOO_LONG, ""); return;
    case ST_TIMED_OUT: say(backend, reply, FSB_REPLY_TIMED_OUT, ""); return;
    case ST_INTERRUPTED: say(backend, reply, FSB_REPLY_CANCELLED, ""); return;
    default: break;
  }
  explain_break(backend, status);
  say(backend, reply, FSB_REPLY_UNAVAILABLE, backend->text);
}

/* --- Setting up a connection --- */

/* Sends what was gathered and takes one reply; a server's error ends up in
 * backend->text. */
static Status converse(FsbBackend *backend, LinkPatience patience, ByteView *ret_reply) {
  Status status = supervisor_link_flush(&backend->link, patience);
  if (status == ST_OK) status = supervisor_link_receive(&backend->link, patience, ret_reply);
  if (status != ST_OK) {
    explain_break(backend, status);
    return status;
  }
  if (ret_reply->data[0] != '-') return ST_OK;
  (void)snprintf(backend->text, sizeof backend->text, "%.*s", (int)(ret_reply->size - 3),
                 ret_reply->data + 1);
  return ST_PERMISSION;
}

/* Finds "version" "7.0.15" in the reply to HELLO. */
static uint32_t read_version(ByteView hello) {
  enum { DEEPEST = 8 };
  uint32_t left[DEEPEST];
  RespReader reader;
  RespElement element;
  bool is_next = false;
  unsigned part[3] = {0, 0, 0};
  char text[32];
  ipc_resp_read_init(&reader, hello, left, DEEPEST);
  while (ipc_resp_read(&reader, &element) == ST_OK) {
    if (is_next) {
      (void)snprintf(text, sizeof text, "%.*s",
                     (int)(element.text.size > 31 ? 31 : element.text.size), element.text.data);
      (void)sscanf(text, "%3u.%3u.%3u", &part[0], &part[1], &part[2]);
      return (part[0] & 255) << 16 | (part[1] & 255) << 8 | (part[2] & 255);
    }
    is_next = ipc_bytes_is_equal(element.text, ipc_bytes_text("version"));
  }
  return 0;
}

static Status log_in(FsbBackend *backend, LinkPatience patience) {
  const StoreUri *uri = &backend->uri;
  ByteView reply;
  if (!uri->has_password) return ST_OK;
  if (uri->user[0] == '\0')
    supervisor_link_say(&backend->link, "AUTH", uri->password, NULL);
  else
    supervisor_link_say(&backend->link, "AUTH", uri->user, uri->password, NULL);
  return converse(backend, patience, &reply);
}

/* A server without HELLO (before 6), or one that forbids it, is spoken to in
 * RESP2; one that wants a password says so here. */
static Status greet(FsbBackend *backend, LinkPatience patience) {
  ByteView reply;
  supervisor_link_say(&backend->link, "HELLO", "2", NULL);
  Status status = converse(backend, patience, &reply);
  backend->version = status == ST_OK ? read_version(reply) : 0;
  if (status == ST_PERMISSION && strncmp(backend->text, "NOAUTH", 6) != 0) return ST_OK;
  return status;
}

static Status select_db(FsbBackend *backend, LinkPatience patience) {
  char number[16];
  ByteView reply;
  (void)snprintf(number, sizeof number, "%u", backend->uri.db);
  supervisor_link_say(&backend->link, "SELECT", number, NULL);
  backend->has_selected = false;
  return converse(backend, patience, &reply);
}

static Status set_up(FsbBackend *backend, LinkPatience patience) {
  backend->resp = 2;
  backend->has_selected = false;
  supervisor_command_clear(&backend->commands);
  Status status = log_in(backend, patience);
  if (status == ST_OK) status = greet(backend, patience);
  if (status == ST_OK && backend->uri.db != 0) status = select_db(backend, patience);
  return status;
}

/* Says whose refusal it was. */
static void name_server(FsbBackend *backend) {
  char address[URI_FIELD_BYTES + 8];
  char text[LINK_DETAIL_BYTES];
  supervisor_uri_show(&backend->uri, address);
  (void)snprintf(text, sizeof text, "%s refuses: %.200s", address, backend->text);
  memcpy(backend->text, text, sizeof text);
}

static Status connect_store(FsbBackend *backend, uint64_t timeout, int cancel_fd) {
  LinkPatience patience = {ipc_deadline_now() + timeout, SETUP_BYTES, cancel_fd};
  Status status;
  /* The data of a private server that is gone is gone too; a new one is as good. */
  supervisor_server_stop(&backend->server);
  if (backend->is_private)
    status = supervisor_server_start(&backend->server, &backend->link, patience, backend->text);
  else
    status = supervisor_link_open(&backend->link, &backend->uri, patience, backend->text);
  if (status != ST_OK) return status;
  status = set_up(backend, patience);
  if (status == ST_OK) return ST_OK;
  if (!backend->is_private) name_server(backend);
  supervisor_link_close(&backend->link);
  return status;
}

/* --- Before a command --- */

static bool is_name(FsbBytes word, const char *name) {
  return word.size == strlen(name) && strncasecmp(word.data, name, word.size) == 0;
}

static bool does_arity_fit(const Command *command, size_t argc) {
  if (command->arity > 0) return argc == (size_t)command->arity;
  return command->arity == 0 || argc >= (size_t)-command->arity;
}

static bool may_write(const Command *command, FsbBytes name) {
  return (command->flags & COMMAND_WRITE) != 0 || is_name(name, "pfcount") ||
         is_name(name, "publish") || is_name(name, "spublish");
}

/* XREAD and XREADGROUP take BLOCK before STREAMS. */
static bool has_block(const FsbCall *call) {
  if (!is_name(call->argv[0], "xread") && !is_name(call->argv[0], "xreadgroup")) return false;
  for (size_t i = 1; i < call->argc && !is_name(call->argv[i], "streams"); i++)
    if (is_name(call->argv[i], "block")) return true;
  return false;
}

static bool refuse_block(FsbBackend *backend, const FsbCall *call, FsbReply *reply) {
  char text[128];
  if (backend->version == 0 || backend->version >= VERSION_7_4 || !has_block(call)) return false;
  (void)snprintf(text, sizeof text,
                 "ERR %.*s command is not allowed with BLOCK option from scripts",
                 (int)call->argv[0].size, call->argv[0].data);
  refuse(backend, reply, text);
  return true;
}

/* Makes Redis's checks, in its order.  False: `reply` is the refusal. */
static bool check(FsbBackend *backend, const FsbCall *call, const Command *command,
                  FsbReply *reply) {
  const char *text = NULL;
  if ((command->flags & COMMAND_KNOWN) == 0)
    text = "ERR Unknown Redis command called from script";
  else if (!does_arity_fit(command, call->argc))
    text = "ERR Wrong number of args calling Redis command from script";
  else if ((command->flags & COMMAND_NOSCRIPT) != 0)
    text = "ERR This Redis command is not allowed from script";
  else if ((call->flags & FSB_CALL_READ_ONLY) != 0 && may_write(command, call->argv[0]) &&
           !backend->commands.is_mute)
    text = "ERR Write commands are not allowed from read-only scripts.";
  if (text != NULL) {
    refuse(backend, reply, text);
    return false;
  }
  return !refuse_block(backend, call, reply);
}

/* --- After a command --- */

static bool begins(ByteView reply, const char *text) {
  size_t size = strlen(text);
  return reply.size >= size && memcmp(reply.data, text, size) == 0;
}

/* A server words some refusals for clients; scripts know them by other texts. */
static const char *script_text(const FsbBackend *backend, ByteView reply) {
  static const struct {
    const char *client;
    const char *script;
    bool only_mute; /* else the check before the command has settled it */
  } texts[] = {
      {"-NOPERM this user has no permissions to run",
       "ERR The user executing the script can't run this command or subcommand", false},
      {"-NOPERM this user has no permissions to access one of the keys",
       "ERR The user executing the script can't access at least one of the keys mentioned in the "
       "command arguments",
       false},
      {"-NOPERM this user has no permissions to access one of the channels",
       "ERR The user executing the script can't publish to the channel mentioned in the command",
       false},
      {"-ERR unknown command", "ERR Unknown Redis command called from script", false},
      {"-ERR unknown subcommand", "ERR Unknown Redis command called from script", true},
      {"-ERR wrong number of arguments for",
       "ERR Wrong number of args calling Redis command from script", true},
  };
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
    if ((!texts[i].only_mute || backend->commands.is_mute) && begins(reply, texts[i].client))
      return texts[i].script;
  return NULL;
}

static void hand_over(FsbBackend *backend, const Command *command, ByteView reply,
                      FsbReply *ret_reply) {
  const char *text = script_text(backend, reply);
  if (text != NULL) {
    refuse(backend, ret_reply, text);
    return;
  }
  ret_reply->kind = FSB_REPLY_DATA;
  ret_reply->bytes = (FsbBytes){(const char *)reply.data, reply.size};
  ret_reply->wrote = (command->flags & COMMAND_WRITE) != 0 && reply.data[0] != '-';
}

/* --- Carrying a command out --- */

static void gather(FsbBackend *backend, const FsbCall *call) {
  supervisor_link_begin(&backend->link, call->argc);
  for (size_t i = 0; i < call->argc; i++)
    supervisor_link_put(&backend->link, ipc_bytes_view(call->argv[i].data, call->argv[i].size));
}

/* Takes the replies of MULTI, the command and EXEC; the command's own reply is
 * the one element of the last, or its refusal when it could not be queued. */
static Status take_wrapped(FsbBackend *backend, LinkPatience patience, ByteView *ret_reply) {
  ByteView reply;
  bool is_refused = false;
  patience.max_bytes += 16;
  for (int i = 0; i < 2; i++) {
    Status status = supervisor_link_receive(&backend->link, patience, &reply);
    if (status != ST_OK) return status;
    if (reply.data[0] == '-' && !is_refused) {
      is_refused = true;
      (void)snprintf(backend->text, sizeof backend->text, "%.*s", (int)reply.size, reply.data);
    }
  }
  Status status = supervisor_link_receive(&backend->link, patience, &reply);
  if (status != ST_OK) return status;
  if (is_refused)
    *ret_reply = ipc_bytes_text(backend->text);
  else if (begins(reply, "*1\r\n"))
    *ret_reply = ipc_bytes_view(reply.data + 4, reply.size - 4);
  else
    return ST_INVALID;
  return ST_OK;
}

static Status perform(FsbBackend *backend, const FsbCall *call, const Command *command,
                      ByteView *ret_reply) {
  LinkPatience patience = {call->deadline, call->max_bytes, call->cancel_fd};
  bool is_wrapped = (command->flags & COMMAND_BLOCKING) != 0;
  if (is_wrapped) supervisor_link_say(&backend->link, "MULTI", NULL);
  gather(backend, call);
  if (is_wrapped) supervisor_link_say(&backend->link, "EXEC", NULL);
  Status status = supervisor_link_flush(&backend->link, patience);
  if (status != ST_OK) return status;
  if (is_wrapped) return take_wrapped(backend, patience, ret_reply);
  return supervisor_link_receive(&backend->link, patience, ret_reply);
}

/* --- redis.acl_check_cmd --- */

static Status dry_run(FsbBackend *backend, const FsbCall *call, const Command *command,
                      LinkPatience patience, ByteView *ret_reply) {
  uint32_t left;
  RespReader reader;
  RespElement user;
  ByteView reply;
  size_t least = (size_t)(command->arity < 0 ? -command->arity : command->arity);
  size_t argc = call->argc < least ? least : call->argc;
  supervisor_link_say(&backend->link, "ACL", "WHOAMI", NULL);
  Status status = converse(backend, patience, &reply);
  if (status != ST_OK) return status;
  ipc_resp_read_init(&reader, reply, &left, 1);
  if (ipc_resp_read(&reader, &user) != ST_OK || user.kind != RESP_BULK) return ST_INVALID;
  supervisor_link_begin(&backend->link, argc + 3);
  supervisor_link_put(&backend->link, ipc_bytes_text("ACL"));
  supervisor_link_put(&backend->link, ipc_bytes_text("DRYRUN"));
  supervisor_link_put(&backend->link, user.text);
  /* The number of arguments is not what was asked about, but DRYRUN wants it right; the
   * subcommand that every container has stands for a container alone. */
  const char *filler = (command->flags & COMMAND_CONTAINER) != 0 ? "HELP" : "x";
  for (size_t i = 0; i < argc; i++) {
    bool is_given = i < call->argc;
    supervisor_link_put(&backend->link, is_given
                                            ? ipc_bytes_view(call->argv[i].data, call->argv[i].size)
                                            : ipc_bytes_text(filler));
  }
  return converse(backend, patience, ret_reply);
}

static void answer_acl(FsbBackend *backend, const FsbCall *call, const Command *command,
                       FsbReply *reply) {
  LinkPatience patience = {call->deadline, SETUP_BYTES, call->cancel_fd};
  ByteView said;
  if ((command->flags & COMMAND_KNOWN) == 0) {
    refuse(backend, reply, "ERR Invalid command passed to redis.acl_check_cmd()");
    return;
  }
  Status status = dry_run(backend, call, command, patience, &said);
  if (status != ST_OK && status != ST_PERMISSION) {
    give_up(backend, reply, status);
    return;
  }
  bool may = status == ST_OK && begins(said, "+OK");
  say(backend, reply, FSB_REPLY_DATA, may ? ":1\r\n" : ":0\r\n");
}

/* --- The callback --- */

/* Brings the connection into the state that the call needs. */
static Status prepare(FsbBackend *backend, const FsbCall *call, Command *ret_command) {
  LinkPatience patience = {ipc_deadline_now() + SETUP_PATIENCE, SETUP_BYTES, call->cancel_fd};
  ByteView reply;
  Status status = ST_OK;
  if (backend->was_idle && !supervisor_link_is_quiet(&backend->link))
    supervisor_link_close(&backend->link);
  backend->was_idle = false;
  if (!supervisor_link_is_open(&backend->link))
    status = connect_store(backend, SETUP_PATIENCE, call->cancel_fd);
  if (status == ST_OK && backend->resp != call->resp) {
    supervisor_link_say(&backend->link, "HELLO", call->resp == 3 ? "3" : "2", NULL);
    status = converse(backend, patience, &reply);
    if (status == ST_OK) backend->resp = call->resp;
  }
  if (status != ST_OK) return status;
  status = supervisor_command_find(&backend->commands, &backend->link, call->argv, call->argc,
                                   patience, ret_command);
  if (status != ST_OK) explain_break(backend, status);
  return status;
}

static void note_select(FsbBackend *backend, const FsbCall *call, const FsbReply *reply) {
  if (reply->kind == FSB_REPLY_DATA && reply->bytes.data[0] == '+' &&
      is_name(call->argv[0], "select"))
    backend->has_selected = true;
}

static void run_command(FsbBackend *backend, const FsbCall *call, const Command *command,
                        FsbReply *reply) {
  ByteView bytes;
  if (!check(backend, call, command, reply)) return;
  Status status = perform(backend, call, command, &bytes);
  if (status != ST_OK) {
    give_up(backend, reply, status);
    reply->wrote = (command->flags & COMMAND_WRITE) != 0;
    return;
  }
  hand_over(backend, command, bytes, reply);
  note_select(backend, call, reply);
}

static void answer_call(void *context, const FsbCall *call, FsbReply *ret_reply) {
  FsbBackend *backend = context;
  FsbCall later = *call;
  Command command;
  uint64_t began = ipc_deadline_now();
  *ret_reply = (FsbReply){.kind = FSB_REPLY_UNAVAILABLE};
  Status status = prepare(backend, call, &command);
  ret_reply->setup_ns = ipc_deadline_now() - began;
  if (status != ST_OK) {
    supervisor_link_close(&backend->link);
    say(backend, ret_reply, status == ST_INTERRUPTED ? FSB_REPLY_CANCELLED : FSB_REPLY_UNAVAILABLE,
        backend->text);
    return;
  }
  /* The script does not pay for the connection. */
  if (later.deadline != DEADLINE_NEVER) later.deadline += ret_reply->setup_ns;
  if ((call->flags & FSB_CALL_ACL_CHECK) != 0)
    answer_acl(backend, &later, &command, ret_reply);
  else
    run_command(backend, &later, &command, ret_reply);
}

/* SELECT lasts for one run.  A connection that fails here is made anew. */
static void end_run(void *context) {
  FsbBackend *backend = context;
  LinkPatience patience = {ipc_deadline_now() + SETUP_PATIENCE, SETUP_BYTES, -1};
  backend->was_idle = true;
  if (!backend->has_selected || !supervisor_link_is_open(&backend->link)) return;
  if (select_db(backend, patience) != ST_OK) supervisor_link_close(&backend->link);
}

static void pass_log(void *context, int level, FsbBytes text) {
  FsbBackend *backend = context;
  if (backend->log != NULL) backend->log(backend->log_context, level, text);
}

/* --- The door --- */

/* In a child of the host: the connection and the server are the parent's. */
static void forget(void *object) {
  FsbBackend *backend = object;
  supervisor_link_close(&backend->link);
  supervisor_spawn_forget(&backend->server.process);
}

static FsbBackend *make(FsbError *error) {
  FsbBackend *backend = calloc(1, sizeof *backend);
  if (backend == NULL) {
    supervisor_pool_explain(error, CODE_INTERNAL, "out of memory");
    return NULL;
  }
  backend->host =
      (FsbHost){.context = backend, .call = answer_call, .log = pass_log, .end = end_run};
  backend->link = LINK_NONE;
  backend->server = SERVER_NONE;
  supervisor_fork_guard(&backend->guard, forget, backend);
  return backend;
}

FsbBackend *fsb_backend_private(FsbError *ret_error) {
  FsbBackend *backend = make(ret_error);
  if (backend != NULL) backend->is_private = true;
  return backend;
}

/* Running out of a time that the caller set is another outcome than a server that
 * cannot be reached. */
static void explain_opening(const FsbBackend *backend, Status status, uint64_t timeout,
                            FsbError *error) {
  bool is_timeout = status == ST_TIMED_OUT && timeout != 0;
  supervisor_pool_explain(error, is_timeout ? CODE_TIMEOUT : CODE_UNAVAILABLE, "%s", backend->text);
}

FsbBackend *fsb_backend_open(const char *uri, uint64_t timeout, FsbError *ret_error) {
  char detail[URI_ERROR_BYTES];
  FsbBackend *backend = make(ret_error);
  if (backend == NULL) return NULL;
  if (!supervisor_uri_parse(uri, &backend->uri, detail)) {
    supervisor_pool_explain(ret_error, CODE_USAGE, "%s", detail);
  } else {
    Status status = connect_store(backend, timeout == 0 ? SETUP_PATIENCE : timeout, -1);
    if (status == ST_OK) return backend;
    explain_opening(backend, status, timeout, ret_error);
  }
  fsb_backend_close(backend);
  return NULL;
}

const FsbHost *fsb_backend_host(const FsbBackend *backend) {
  return &backend->host;
}

void fsb_backend_set_log(FsbBackend *backend, void (*log)(void *context, int level, FsbBytes text),
                         void *context) {
  backend->log = log;
  backend->log_context = context;
}

void fsb_backend_close(FsbBackend *backend) {
  if (backend == NULL) return;
  supervisor_fork_unguard(&backend->guard);
  supervisor_link_close(&backend->link);
  supervisor_server_stop(&backend->server);
  free(backend);
}
