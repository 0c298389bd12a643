/* SPDX-License-Identifier: BSD-2-Clause */
/* test_transport - the same runs by pipe and by ring, one after another as fast as they go: real workers. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/ferrous_sandbox.h"
#include "tests/check_main.h"
#include "tests/supervisor/real_pool.h"

static const FsbTransport transports[] = {FSB_TRANSPORT_AUTO, FSB_TRANSPORT_PIPE, FSB_TRANSPORT_RING};

static FsbPool *open_pool(FsbTransport transport) {
  FsbPoolOptions options = FSB_POOL_OPTIONS_INIT;
  options.transport = transport;
  return real_pool_open(options);
}

/* Answers GET with as many bytes as the key says. */
static void answer(void *context, const FsbCall *call, FsbReply *ret_reply) {
  static char reply[40000 + 32];
  size_t size = strtoul(call->argv[1].data, NULL, 10);
  int head = snprintf(reply, 32, "$%zu\r\n", size);
  (*(unsigned *)context)++;
  memset(reply + head, 'v', size);
  memcpy(reply + head + size, "\r\n", 2);
  *ret_reply = (FsbReply){.kind = FSB_REPLY_DATA, .bytes = {reply, (size_t)head + size + 2}};
}

typedef struct {
  FsbPool *pool;
  FsbHost host;
  unsigned calls;
  uint64_t cpu, wall;
  unsigned not_warm;
} Client;

static size_t run(Client *client, const char *source, const char *argument) {
  FsbRequest request = FSB_REQUEST_INIT;
  FsbBytes args[] = {{argument, strlen(argument)}};
  FsbElement element;
  request.source = (FsbBytes){source, strlen(source)};
  request.args = args;
  request.arg_count = 1;
  request.host = &client->host;
  FsbResult *result = fsb_run(client->pool, &request);
  FsbBytes error = fsb_result_error(result);
  const FsbUsage *usage = fsb_result_usage(result);
  ck_assert_msg(fsb_result_code(result) == 0, "%.*s", (int)error.size, error.data);
  FsbWalk *walk = fsb_walk_open(result, 2);
  ck_assert(fsb_walk_next(walk, &element));
  fsb_walk_close(walk);
  client->not_warm += usage->start_kind != FSB_START_WARM;
  client->cpu += usage->cpu_ns;
  client->wall += usage->wall_ns;
  size_t got = element.kind == FSB_INTEGER ? (size_t)element.integer : element.text.size;
  fsb_result_free(result);
  return got;
}

/* Sizes around what a ring of 16 KiB holds, and mostly small ones. */
static size_t draw_size(unsigned i) {
  static const size_t sizes[] = {0, 1, 7, 100, 16300, 16384, 17000, 40000};
  return i % 10 == 0 ? sizes[i / 10 % 8] : i % 50;
}

START_TEST(one_worker_serves_whatever_the_sizes_are) {
  Client client = {.pool = open_pool(transports[_i])};
  client.host = (FsbHost){.call = answer, .context = &client.calls};
  char argument[64];
  for (unsigned i = 0; i < 6000; i++) {
    size_t size = draw_size(i);
    (void)snprintf(argument, sizeof argument, "%zu", size);
    switch (i % 3) {
      case 0: ck_assert_uint_eq(run(&client, "return tonumber(ARGV[1])", argument), size); break;
      case 1: ck_assert_uint_eq(run(&client, "return ('x'):rep(ARGV[1])", argument), size); break;
      default: ck_assert_uint_eq(run(&client, "return #redis.call('GET', ARGV[1])", argument), size);
    }
  }
  ck_assert_uint_eq(client.calls, 2000);
  ck_assert_uint_eq(client.not_warm, 1);
  ck_assert_uint_gt(client.cpu, 0);
  ck_assert_uint_le(client.cpu, client.wall);
  fsb_pool_close(client.pool);
}
END_TEST

START_TEST(workers_to_come_may_talk_otherwise) {
  Client client = {.pool = open_pool(FSB_TRANSPORT_PIPE)};
  client.host = (FsbHost){.call = answer, .context = &client.calls};
  for (int i = 0; i < 100; i++) ck_assert_uint_eq(run(&client, "return 1", ""), 1);
  fsb_pool_set_transport(client.pool, FSB_TRANSPORT_RING);
  for (int i = 0; i < 100; i++) ck_assert_uint_eq(run(&client, "return 2", ""), 2);
  (void)fsb_pool_recycle(client.pool);
  for (int i = 0; i < 1000; i++) ck_assert_uint_eq(run(&client, "return 3", ""), 3);
  ck_assert_uint_eq(client.not_warm, 2);
  fsb_pool_close(client.pool);
}
END_TEST

static int start_kind_of_run(FsbPool *pool) {
  FsbRequest request = FSB_REQUEST_INIT;
  request.source = (FsbBytes){"return 1", 8};
  FsbResult *result = fsb_run(pool, &request);
  ck_assert_int_eq(fsb_result_code(result), 0);
  int kind = (int)fsb_result_usage(result)->start_kind;
  fsb_result_free(result);
  return kind;
}

START_TEST(spares_that_cannot_talk_so_are_not_used) {
  FsbPoolOptions options = FSB_POOL_OPTIONS_INIT;
  options.transport = FSB_TRANSPORT_PIPE;
  options.spares = 1;
  for (int changes = 0; changes <= 1; changes++) {
    FsbPool *pool = real_pool_open(options);
    fsb_pool_tend(pool);
    if (changes) fsb_pool_set_transport(pool, FSB_TRANSPORT_RING);
    ck_assert_int_eq(start_kind_of_run(pool), changes ? FSB_START_COLD : FSB_START_SPARE);
    fsb_pool_close(pool);
  }
}
END_TEST

static Suite *make_suite(void) {
  TCase *tests = tcase_create("transport");
  Suite *suite = suite_create("supervisor transport");
  tcase_set_timeout(tests, 120);
  tcase_add_loop_test(tests, one_worker_serves_whatever_the_sizes_are, 0, 3);
  tcase_add_test(tests, workers_to_come_may_talk_otherwise);
  tcase_add_test(tests, spares_that_cannot_talk_so_are_not_used);
  suite_add_tcase(suite, tests);
  return suite;
}

CHECK_MAIN(make_suite)
