/* SPDX-License-Identifier: BSD-2-Clause */
/* test_reply - what is printed is, byte for byte, what redis-cli prints.
 *
 * The judge is redis-cli itself: each script runs on a redis-server through
 * `redis-cli --eval`, raw and not; the server's raw reply to the same script is
 * put into a result and printed by ctl_reply_print.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ipc/deadline.h"
#include "sandbox/supervisor/link.h"
#include "sandbox/supervisor/result.h"
#include "sandbox/supervisor/spawn.h"
#include "tests/check_main.h"
#include "tools/ctl/reply.h"
#include "tools/ctl/text.h"

#define SECOND UINT64_C(1000000000)

static const char *const scripts[] = {
    "return 1",
    "return -9007199254740993",
    "return 'plain'",
    "return 'a\"b\\nc\\0\\1\\127\\255 \\t\\r\\a\\b\\\\ \195\169'",
    "return ''",
    "return 'x\\n'",
    "return nil",
    "return false",
    "return true",
    "return {}",
    "return {ok='FINE thing'}",
    "return {ok=''}",
    "return {err='MY err'}",
    "return {err=''}",
    "return {1,{err='E x'},{ok='S'},false,true,''}",
    "return {1,{2,{},{3,'x'}},'y',{{1}}}",
    "return {{{{1},2},3},4}",
    "return {{},{{}},{{},{}}}",
    "return {1,2,3,4,5,6,7,8,9,10,{1,{2,3}},12}",
    "local t={} for i=1,101 do t[i]={i,{i}} end return t",
    "local t={} for i=1,9 do t[i]={{},{i}} end return {t,t}",
    "local t={} for i=1,100 do t={t} end return t",
    "local t={1} for i=1,60 do t={t,2} end return t",
    "return {double=0.1}",
    "return {map={a=1}}",
    "return {big_number='123'}",
    "return {verbatim_string={string='hey',format='txt'}}",
    "error('x')",
    "error({err='CODE text'})",
    "return x",
    "syntax error here",
    "return {err='a\\27[0mb'}",
    "return {ok='a\\27[0mb'}",
    "return redis.call('nope')",
    "return string.rep('z', 100000)",
};

typedef struct {
  Spawned server;
  Link link;
  char socket[64];
} Judge;

static LinkPatience patience(void) {
  return (LinkPatience){ipc_deadline_now() + 20 * SECOND, 1 << 26, -1};
}

static Judge start_judge(void) {
  Judge judge = {.server = {-1, -1}};
  char detail[LINK_DETAIL_BYTES];
  int error = 0, sink = fileno(tmpfile());
  int fds[] = {sink, sink, sink};
  (void)snprintf(judge.socket, sizeof judge.socket, "/tmp/fsb-reply-%d.sock", (int)getpid());
  const char *const argv[] = {"redis-server", "--port",     "0", "--save", "",
                              "--unixsocket", judge.socket, NULL};
  SpawnPlan plan = {.exec_fd = -1,
                    .path = "/usr/bin/redis-server",
                    .argv = argv,
                    .envp = (const char *const[]){NULL},
                    .fds = fds,
                    .fd_count = 3};
  ck_assert_int_eq(supervisor_spawn_start(&plan, &judge.server, &error), ST_OK);
  StoreUri uri = {.is_unix = true};
  (void)snprintf(uri.host, sizeof uri.host, "%s", judge.socket);
  Status status = ST_UNAVAILABLE;
  for (int i = 0; i < 500 && status != ST_OK; i++, usleep(10000))
    status = supervisor_link_open(&judge.link, &uri, patience(), detail);
  ck_assert_msg(status == ST_OK, "%s", detail);
  return judge;
}

static void stop_judge(Judge *judge) {
  supervisor_link_close(&judge->link);
  supervisor_spawn_kill(&judge->server);
  (void)unlink(judge->socket);
}

/* What redis-cli prints. */
static size_t ask_client(const Judge *judge, const char *script, const char *mode, char *out,
                         size_t room) {
  char path[64], command[256];
  (void)snprintf(path, sizeof path, "/tmp/fsb-reply-%d.lua", (int)getpid());
  FILE *file = fopen(path, "w");
  (void)fputs(script, file);
  (void)fclose(file);
  (void)snprintf(command, sizeof command, "redis-cli -s %s %s --eval %s", judge->socket, mode,
                 path);
  FILE *client = popen(command, "r");
  size_t size = fread(out, 1, room, client);
  (void)pclose(client);
  (void)unlink(path);
  return size;
}

/* A result whose reply is what the server sends for the script. */
static FsbResult *ask_server(Judge *judge, const char *script) {
  ByteView reply;
  FsbResult *result = supervisor_result_new(ipc_bytes_text(script));
  supervisor_link_say(&judge->link, "EVAL", script, "0", NULL);
  ck_assert_int_eq(supervisor_link_flush(&judge->link, patience()), ST_OK);
  ck_assert_int_eq(supervisor_link_receive(&judge->link, patience(), &reply), ST_OK);
  result->rendered[0] = malloc(reply.size);
  memcpy(result->rendered[0], reply.data, reply.size);
  result->rendered_size[0] = reply.size;
  return result;
}

static void compare(Judge *judge, const char *script, const char *mode, ReplyStyle style) {
  static char want[1 << 18];
  char *got = NULL;
  size_t got_size = 0;
  size_t want_size = ask_client(judge, script, mode, want, sizeof want);
  FsbResult *result = ask_server(judge, script);
  FILE *to = open_memstream(&got, &got_size);
  ck_assert(ctl_reply_print(to, result, style));
  (void)fclose(to);
  ck_assert_msg(got_size == want_size && memcmp(got, want, got_size) == 0,
                "%s %s:\nredis-cli: %.*s\nours:      %.*s", script, mode,
                (int)(want_size > 2000 ? 2000 : want_size), want,
                (int)(got_size > 2000 ? 2000 : got_size), got);
  free(got);
  fsb_result_free(result);
}

START_TEST(every_reply_is_printed_as_redis_cli_prints_it) {
  Judge judge = start_judge();
  for (size_t i = 0; i < sizeof scripts / sizeof scripts[0]; i++) {
    compare(&judge, scripts[i], "--raw", REPLY_RAW);
    compare(&judge, scripts[i], "--no-raw", REPLY_PRETTY);
  }
  stop_judge(&judge);
}
END_TEST

/* --- For terminals --- */

static void expect_printed(const char *reply, ReplyStyle style, const char *want) {
  char *got = NULL;
  size_t size = 0;
  FsbResult *result = supervisor_result_new(ipc_bytes_text(""));
  result->rendered[0] = strdup(reply);
  result->rendered_size[0] = strlen(reply);
  FILE *to = open_memstream(&got, &size);
  ck_assert(ctl_reply_print(to, result, style));
  (void)fclose(to);
  ck_assert_str_eq(got, want);
  free(got);
  fsb_result_free(result);
}

START_TEST(a_terminal_never_sees_a_tenants_control_bytes) {
  expect_printed("-E \033[2J\x7f\r\n", REPLY_TERMINAL, "(error) E \\x1b[2J\\x7f\n");
  expect_printed("+\033]0;x\a\r\n", REPLY_TERMINAL, "\\x1b]0;x\\x07\n");
  expect_printed("*1\r\n$4\r\n\033[2J\r\n", REPLY_TERMINAL, "1) \"\\x1b[2J\"\n");
  expect_printed("+caf\303\251\r\n", REPLY_TERMINAL, "caf\303\251\n");
}
END_TEST

static void expect_escaped(const char *bytes, size_t size, const char *want) {
  char *got = NULL;
  size_t got_size = 0;
  FILE *to = open_memstream(&got, &got_size);
  ctl_text_escape(to, (FsbBytes){bytes, size});
  (void)fclose(to);
  ck_assert_str_eq(got, want);
  free(got);
}

START_TEST(messages_escape_controls_and_what_is_no_utf8) {
  expect_escaped("plain \303\251 \342\202\254 \360\237\230\200", 17,
                 "plain \303\251 \342\202\254 \360\237\230\200");
  expect_escaped("a\0b\n\033", 5, "a\\x00b\\x0a\\x1b");
  expect_escaped("\302\233x", 3, "\\xc2\\x9bx");          /* C1: an escape of its own */
  expect_escaped("\342\200\256x", 4, "\\xe2\\x80\\xaex"); /* right-to-left override */
  expect_escaped("\300\257", 2, "\\xc0\\xaf");            /* overlong */
  expect_escaped("\355\240\200", 3, "\\xed\\xa0\\x80");   /* surrogate */
  expect_escaped("\303", 1, "\\xc3");                     /* cut off */
}
END_TEST

SUITE("ctl reply", every_reply_is_printed_as_redis_cli_prints_it,
      a_terminal_never_sees_a_tenants_control_bytes, messages_escape_controls_and_what_is_no_utf8)
