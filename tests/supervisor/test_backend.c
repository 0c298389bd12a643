/* SPDX-License-Identifier: BSD-2-Clause */
/* test_backend - commands over a connection answer as redis.call does.
 *
 * The judge is a redis-server: each command is run there by a real script
 * (redis.pcall inside EVAL) and here through the backend, on two servers with
 * the same history, and the replies are compared byte for byte.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ipc/deadline.h"
#include "sandbox/ferrous_sandbox.h"
#include "sandbox/supervisor/server.h"
#include "tests/check_main.h"

#define MAX_WORDS 12
#define SECOND UINT64_C(1000000000)

static LinkPatience patience(void) {
  return (LinkPatience){ipc_deadline_now() + 20 * SECOND, 1 << 26, -1};
}

typedef struct {
  Server server;
  Link link;
} Judge;

static Judge start_judge(void) {
  char detail[LINK_DETAIL_BYTES];
  Judge judge;
  Status status = supervisor_server_start(&judge.server, &judge.link, patience(), detail);
  ck_assert_msg(status == ST_OK, "%s", status == ST_OK ? "" : detail);
  return judge;
}

static void stop_judge(Judge *judge) {
  supervisor_link_close(&judge->link);
  supervisor_server_stop(&judge->server);
}

static FsbBackend *open_private(void) {
  FsbError error;
  FsbBackend *backend = fsb_backend_private(&error);
  ck_assert_ptr_nonnull(backend);
  return backend;
}

/* --- Asking both --- */

static size_t split(const char *line, char *copy, const char *words[MAX_WORDS]) {
  size_t count = 0;
  (void)strcpy(copy, line);
  for (char *word = strtok(copy, " "); word != NULL; word = strtok(NULL, " "))
    words[count++] = strcmp(word, "EMPTY") == 0 ? "" : word;
  return count;
}

static ByteView judge_reply(Judge *judge, const char *script, const char *const *words,
                            size_t count) {
  ByteView reply;
  supervisor_link_begin(&judge->link, count + 3);
  supervisor_link_put(&judge->link, ipc_bytes_text("EVAL"));
  supervisor_link_put(&judge->link, ipc_bytes_text(script));
  supervisor_link_put(&judge->link, ipc_bytes_text("0"));
  for (size_t i = 0; i < count; i++) supervisor_link_put(&judge->link, ipc_bytes_text(words[i]));
  ck_assert_int_eq(supervisor_link_flush(&judge->link, patience()), ST_OK);
  ck_assert_int_eq(supervisor_link_receive(&judge->link, patience(), &reply), ST_OK);
  return reply;
}

static FsbReply ask(FsbBackend *backend, const char *const *words, size_t count, int resp,
                    unsigned flags) {
  FsbBytes argv[MAX_WORDS];
  FsbReply reply;
  FsbCall call = {.argv = argv,
                  .argc = count,
                  .resp = resp,
                  .flags = flags,
                  .deadline = ipc_deadline_now() + 10 * SECOND,
                  .max_bytes = 1 << 24,
                  .cancel_fd = -1};
  for (size_t i = 0; i < count; i++) argv[i] = (FsbBytes){words[i], strlen(words[i])};
  const FsbHost *host = fsb_backend_host(backend);
  host->call(host->context, &call, &reply);
  return reply;
}

/* A script turns every null into a null string. */
static void show_reply(const FsbReply *reply, char *text, size_t size) {
  switch (reply->kind) {
    case FSB_REPLY_DATA:
      if (reply->bytes.size == 5 && memcmp(reply->bytes.data, "*-1\r\n", 5) == 0)
        (void)snprintf(text, size, "$-1\r\n");
      else
        (void)snprintf(text, size, "%.*s", (int)reply->bytes.size, reply->bytes.data);
      return;
    case FSB_REPLY_REFUSED:
      (void)snprintf(text, size, "-%.*s\r\n", (int)reply->bytes.size, reply->bytes.data);
      return;
    default:
      (void)snprintf(text, size, "(kind %d: %.*s)", reply->kind, (int)reply->bytes.size,
                     reply->bytes.data);
  }
}

static const char *const commands[] = {
    "SET k v",
    "GET k",
    "get k",
    "GeT missing",
    "DEL k",
    "SET k",
    "GET",
    "GET a b",
    "NOPE",
    "NOPE a b c",
    "EMPTY",
    "RPUSH l 1 2 3",
    "LRANGE l 0 -1",
    "INCR k2",
    "INCR l",
    "INCRBY k2 x",
    "HSET h a 1 b 2",
    "HGETALL h",
    "HSET h a",
    "MSET a 1 b",
    "MSET a 1 b 2",
    "MGET a b c",
    "TYPE l",
    "EXISTS a b zz",
    "EXPIRE a 100",
    "TTL a",
    "OBJECT",
    "OBJECT foo",
    "OBJECT ENCODING a",
    "OBJECT HELP x",
    "CONFIG",
    "CONFIG GET",
    "CONFIG GET maxmemory",
    "CONFIG FOO",
    "EVAL",
    "EVAL return 0",
    "EVALSHA x 0",
    "MULTI",
    "EXEC",
    "DISCARD",
    "WATCH a",
    "UNWATCH",
    "SUBSCRIBE x",
    "PSUBSCRIBE x",
    "SSUBSCRIBE x",
    "MONITOR",
    "AUTH x",
    "HELLO 3",
    "CLIENT",
    "CLIENT ID",
    "CLIENT LIST",
    "CLIENT KILL x",
    "CLIENT REPLY off",
    "DEBUG SLEEP 0",
    "SHUTDOWN",
    "SAVE",
    "BGSAVE",
    "SYNC",
    "PSYNC a b",
    "REPLICAOF a b",
    "SCRIPT LOAD x",
    "SCRIPT NOPE",
    "FUNCTION STATS",
    "FCALL f 0",
    "BLPOP l 0",
    "BRPOP l 0",
    "BLMOVE a b left left 0",
    "BZPOPMIN z 0",
    "WAIT 1 0",
    "LATENCY HISTORY x",
    "MODULE LIST",
    "QUIT",
    "RESET",
    "BLMPOP 0 1 nokey LEFT",
    "BLMPOP 0 1 l LEFT",
    "BLMPOP 0 1 l",
    "BZMPOP 0 1 nokey MIN",
    "XADD s 1-1 f v",
    "XREAD STREAMS s 0",
    "XREAD BLOCK 0 STREAMS s 0",
    "xread block 0 streams s $",
    "XREAD COUNT 1 STREAMS s 5-0",
    "XREADGROUP GROUP g c BLOCK 0 STREAMS s >",
    "XGROUP CREATE s g 0",
    "XREADGROUP GROUP g c STREAMS s >",
    "PUBLISH ch m",
    "PFADD p a",
    "PFCOUNT p",
    "SELECT 3",
    "GET a",
    "SET in3 x",
    "SELECT 0",
    "GET in3",
    "SELECT 99",
    "SELECT x",
    "SETEX k 0 v",
    "GETRANGE l 0 1",
    "ZADD z 1 a 2 b",
    "ZRANGE z 0 -1 WITHSCORES",
    "ZSCORE z a",
    "SORT l DESC",
    "LPOS l 2",
    "SPOP none",
    "LMPOP 1 none LEFT",
    "ZMPOP 1 z MAX",
    "GETDEL a",
    "COPY b c",
    "ACL WHOAMI",
    "ACL",
    "ECHO hi",
    "PING",
    "PING x",
    "DBSIZE",
    "LOLWUT VERSION 1",
    "SWAPDB 0",
    "FLUSHALL",
    "DBSIZE",
    "MEMORY",
    "MEMORY USAGE nokey",
    "COMMAND COUNT",
    "CLUSTER RESET",
    "CLUSTER INFO",
    "READONLY",
    "ASKING",
};

START_TEST(every_command_answers_as_in_a_script) {
  static char want[1 << 16], got[1 << 16];
  Judge judge = start_judge();
  FsbBackend *backend = open_private();
  char copy[256];
  const char *words[MAX_WORDS];
  for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
    size_t count = split(commands[i], copy, words);
    /* A SELECT in one script does not last into the next; ours is one long run. */
    bool is_select = strncasecmp(commands[i], "select", 6) == 0;
    ByteView judged = judge_reply(&judge, "return redis.pcall(unpack(ARGV))", words, count);
    (void)snprintf(want, sizeof want, "%.*s", (int)judged.size, judged.data);
    FsbReply reply = ask(backend, words, count, 2, 0);
    show_reply(&reply, got, sizeof got);
    ck_assert_msg(strcmp(want, got) == 0, "%s:\n script  %s  backend %s", commands[i], want, got);
    if (is_select) {
      const FsbHost *host = fsb_backend_host(backend);
      host->end(host->context);
    }
  }
  fsb_backend_close(backend);
  stop_judge(&judge);
}
END_TEST

/* --- Protocol 3 --- */

static void expect_data(FsbBackend *backend, const char *line, int resp, const char *want) {
  char copy[256], got[4096];
  const char *words[MAX_WORDS];
  size_t count = split(line, copy, words);
  FsbReply reply = ask(backend, words, count, resp, 0);
  show_reply(&reply, got, sizeof got);
  ck_assert_msg(strcmp(got, want) == 0, "%s (RESP%d): %s", line, resp, got);
}

START_TEST(the_protocol_follows_the_script) {
  FsbBackend *backend = open_private();
  expect_data(backend, "HSET h a 1", 2, ":1\r\n");
  expect_data(backend, "HGETALL h", 2, "*2\r\n$1\r\na\r\n$1\r\n1\r\n");
  expect_data(backend, "HGETALL h", 3, "%1\r\n$1\r\na\r\n$1\r\n1\r\n");
  expect_data(backend, "GET none", 3, "_\r\n");
  expect_data(backend, "ZADD z 1.5 m", 3, ":1\r\n");
  expect_data(backend, "ZSCORE z m", 3, ",1.5\r\n");
  expect_data(backend, "BLMPOP 0 1 none LEFT", 3, "_\r\n");
  expect_data(backend, "ZSCORE z m", 2, "$3\r\n1.5\r\n");
  fsb_backend_close(backend);
}
END_TEST

/* --- Flags --- */

START_TEST(a_read_only_script_may_not_write) {
  static const char *const writes[] = {"SET k v",      "PUBLISH c m", "PFCOUNT p",
                                       "SPUBLISH c m", "FLUSHALL",    "XADD s * a b"};
  char copy[256], got[4096];
  const char *words[MAX_WORDS];
  FsbBackend *backend = open_private();
  for (size_t i = 0; i < sizeof writes / sizeof writes[0]; i++) {
    size_t count = split(writes[i], copy, words);
    FsbReply reply = ask(backend, words, count, 2, FSB_CALL_READ_ONLY);
    show_reply(&reply, got, sizeof got);
    ck_assert_str_eq(got, "-ERR Write commands are not allowed from read-only scripts.\r\n");
    ck_assert(!reply.wrote);
  }
  FsbReply reply = ask(backend, (const char *const[]){"GET", "k"}, 2, 2, FSB_CALL_READ_ONLY);
  ck_assert_int_eq(reply.kind, FSB_REPLY_DATA);
  fsb_backend_close(backend);
}
END_TEST

START_TEST(only_a_write_that_succeeded_wrote) {
  FsbBackend *backend = open_private();
  ck_assert(ask(backend, (const char *const[]){"SET", "k", "v"}, 3, 2, 0).wrote);
  ck_assert(!ask(backend, (const char *const[]){"GET", "k"}, 2, 2, 0).wrote);
  ck_assert(!ask(backend, (const char *const[]){"INCR", "k"}, 2, 2, 0).wrote);
  ck_assert(!ask(backend, (const char *const[]){"SET", "k"}, 2, 2, 0).wrote);
  fsb_backend_close(backend);
}
END_TEST

START_TEST(acl_check_cmd_answers_without_running) {
  FsbBackend *backend = open_private();
  FsbReply reply = ask(backend, (const char *const[]){"SET", "k", "v"}, 3, 2, FSB_CALL_ACL_CHECK);
  ck_assert_int_eq(reply.kind, FSB_REPLY_DATA);
  ck_assert_mem_eq(reply.bytes.data, ":1\r\n", 4);
  reply = ask(backend, (const char *const[]){"SET"}, 1, 2, FSB_CALL_ACL_CHECK);
  ck_assert_mem_eq(reply.bytes.data, ":1\r\n", 4);
  reply = ask(backend, (const char *const[]){"NOPE"}, 1, 2, FSB_CALL_ACL_CHECK);
  ck_assert_int_eq(reply.kind, FSB_REPLY_REFUSED);
  expect_data(backend, "GET k", 2, "$-1\r\n");
  fsb_backend_close(backend);
}
END_TEST

/* --- Caps, deadlines, cancels --- */

START_TEST(a_reply_above_the_cap_ends_the_run_and_the_next_goes_on) {
  FsbReply reply;
  FsbBytes argv[] = {{"GETRANGE", 8}, {"big", 3}, {"0", 1}, {"-1", 2}};
  Judge judge = start_judge();
  FsbBackend *backend = open_private();
  (void)ask(backend, (const char *const[]){"SETRANGE", "big", "1000000", "x"}, 4, 2, 0);
  FsbCall call = {.argv = argv,
                  .argc = 4,
                  .resp = 2,
                  .deadline = ipc_deadline_now() + 5 * SECOND,
                  .max_bytes = 1000,
                  .cancel_fd = -1};
  const FsbHost *host = fsb_backend_host(backend);
  host->call(host->context, &call, &reply);
  ck_assert_int_eq(reply.kind, FSB_REPLY_TOO_LONG);
  expect_data(backend, "PING", 2, "+PONG\r\n");
  fsb_backend_close(backend);
  stop_judge(&judge);
}
END_TEST

typedef struct {
  Spawned process;
  char path[64];
  char uri[128];
} Named;

static void start_named(Named *named) {
  int code = 0, null = fileno(tmpfile());
  int fds[] = {null, null, null};
  (void)snprintf(named->path, sizeof named->path, "/tmp/fsb-test-%d.sock", (int)getpid());
  (void)snprintf(named->uri, sizeof named->uri, "unix://%s?db=2", named->path);
  const char *const words[] = {"redis-server", "--port",    "0",          "--save",  "",
                               "--unixsocket", named->path, "--loglevel", "warning", NULL};
  SpawnPlan plan = {.exec_fd = -1,
                    .path = "/usr/bin/redis-server",
                    .argv = words,
                    .envp = (const char *const[]){NULL},
                    .fds = fds,
                    .fd_count = 3};
  ck_assert_int_eq(supervisor_spawn_start(&plan, &named->process, &code), ST_OK);
}

static void stop_named(Named *named) {
  supervisor_spawn_kill(&named->process);
  (void)unlink(named->path);
}

static FsbBackend *open_named(const Named *named) {
  FsbError error;
  FsbBackend *backend = NULL;
  for (int i = 0; i < 500 && backend == NULL; i++, usleep(10000))
    backend = fsb_backend_open(named->uri, 0, &error);
  ck_assert_msg(backend != NULL, "%s", error.text);
  return backend;
}

static void end_of_run(FsbBackend *backend) {
  const FsbHost *host = fsb_backend_host(backend);
  host->end(host->context);
}

/* A server that is stopped answers nothing. */
START_TEST(a_deadline_ends_the_wait_for_a_server_that_is_stuck) {
  FsbReply reply;
  FsbBytes argv[] = {{"PING", 4}};
  Named named;
  start_named(&named);
  FsbBackend *backend = open_named(&named);
  /* The first look-up of a command is setup and has its own patience. */
  expect_data(backend, "PING", 2, "+PONG\r\n");
  (void)kill(named.process.pid, SIGSTOP);
  FsbCall call = {.argv = argv,
                  .argc = 1,
                  .resp = 2,
                  .deadline = ipc_deadline_now() + SECOND / 20,
                  .max_bytes = 1000,
                  .cancel_fd = -1};
  const FsbHost *host = fsb_backend_host(backend);
  host->call(host->context, &call, &reply);
  ck_assert_int_eq(reply.kind, FSB_REPLY_TIMED_OUT);
  fsb_backend_close(backend);
  stop_named(&named);
}
END_TEST

START_TEST(a_server_that_was_restarted_between_runs_is_found_again) {
  Named named;
  start_named(&named);
  FsbBackend *backend = open_named(&named);
  expect_data(backend, "SET k v", 2, "+OK\r\n");
  end_of_run(backend);
  stop_named(&named);
  start_named(&named);
  fsb_backend_close(open_named(&named));
  expect_data(backend, "GET k", 2, "$-1\r\n");
  stop_named(&named);
  expect_data(backend, "GET k", 2, "(kind 5: the server closed the connection)");
  fsb_backend_close(backend);
}
END_TEST

START_TEST(select_lasts_for_one_run) {
  Named named;
  start_named(&named);
  FsbBackend *backend = open_named(&named);
  expect_data(backend, "SET k two", 2, "+OK\r\n");
  expect_data(backend, "SELECT 5", 2, "+OK\r\n");
  expect_data(backend, "GET k", 2, "$-1\r\n");
  end_of_run(backend);
  expect_data(backend, "GET k", 2, "$3\r\ntwo\r\n");
  fsb_backend_close(backend);
  stop_named(&named);
}
END_TEST

/* --- Opening --- */

static void expect_no_backend(const char *uri, int code, const char *text) {
  FsbError error = {.code = 0};
  ck_assert_ptr_null(fsb_backend_open(uri, 0, &error));
  ck_assert_msg(fsb_code_exit_status(error.code) == code, "%s: %s", uri, error.text);
  ck_assert_msg(strstr(error.text, text) != NULL, "%s: %s", uri, error.text);
}

START_TEST(a_server_that_is_not_there_is_named) {
  expect_no_backend("redis://127.0.0.1:1", 69, "cannot connect to 127.0.0.1:1: Connection refused");
  expect_no_backend("unix:///nowhere/sock", 69, "cannot connect to /nowhere/sock: No such file");
  expect_no_backend("redis://no.such.host.invalid:1", 69, "no.such.host.invalid:1");
  expect_no_backend("nonsense", 2, "begins neither");
}
END_TEST

/* In a directory of our own, as others may have private servers too. */
START_TEST(a_private_server_leaves_no_directory_even_while_it_runs) {
  char parent[] = "/tmp/fsb-test-XXXXXX";
  ck_assert_ptr_nonnull(mkdtemp(parent));
  (void)setenv("TMPDIR", parent, 1);
  FsbBackend *backend = open_private();
  expect_data(backend, "PING", 2, "+PONG\r\n");
  ck_assert_int_eq(rmdir(parent), 0);
  (void)unsetenv("TMPDIR");
  fsb_backend_close(backend);
}
END_TEST

START_TEST(without_a_redis_server_the_error_says_so) {
  FsbBackend *backend = open_private();
  char *path = strdup(getenv("PATH"));
  (void)setenv("PATH", "/nowhere", 1);
  FsbReply reply = ask(backend, (const char *const[]){"PING"}, 1, 2, 0);
  ck_assert_int_eq(reply.kind, FSB_REPLY_UNAVAILABLE);
  ck_assert_ptr_nonnull(
      memmem(reply.bytes.data, reply.bytes.size, "no redis-server is installed", 28));
  (void)setenv("PATH", path, 1);
  free(path);
  fsb_backend_close(backend);
}
END_TEST

SUITE("supervisor backend", every_command_answers_as_in_a_script, the_protocol_follows_the_script,
      a_read_only_script_may_not_write, only_a_write_that_succeeded_wrote,
      acl_check_cmd_answers_without_running,
      a_reply_above_the_cap_ends_the_run_and_the_next_goes_on,
      a_deadline_ends_the_wait_for_a_server_that_is_stuck,
      a_server_that_was_restarted_between_runs_is_found_again, select_lasts_for_one_run,
      a_server_that_is_not_there_is_named, a_private_server_leaves_no_directory_even_while_it_runs,
      without_a_redis_server_the_error_says_so)
