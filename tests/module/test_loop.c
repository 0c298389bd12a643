/* SPDX-License-Identifier: BSD-2-Clause */
/* test_loop - when the server is asked to tell of the passes of its event loop. */
#include "tests/check_main.h"
#include "tools/module/loop.h"

#define QUIET 20

/* A server that takes a subscription and a function to call. */
static RedisEventFunction listener;
static void (*waiting)(void *data);
static int begun;

static int subscribe(RedisCtx *ctx, RedisEvent event, RedisEventFunction function) {
  (void)ctx;
  ck_assert_uint_eq(event.id, REDIS_EVENT_LOOP);
  listener = function;
  return REDIS_OK;
}

static int add_one_shot(void (*function)(void *data), void *data) {
  (void)data;
  ck_assert(waiting == NULL);
  waiting = function;
  return REDIS_OK;
}

static void begin(void) {
  begun++;
}

static void start(void) {
  rm.SubscribeToServerEvent = subscribe;
  rm.EventLoopAddOneShot = add_one_shot;
  listener = NULL;
  waiting = NULL;
  begun = 0;
  module_loop_end();
}

static void call_waiting(void) {
  void (*function)(void *data) = waiting;
  waiting = NULL;
  function(NULL);
}

static void let_pass(unsigned turns) {
  for (unsigned i = 0; i < turns; i++) module_loop_tend();
}

START_TEST(nothing_is_followed_until_somebody_asks) {
  start();
  let_pass(100);
  ck_assert(listener == NULL && waiting == NULL);
  module_loop_follow(begin);
  ck_assert(listener != NULL);
  ck_assert_int_eq(begun, 1);
}
END_TEST

START_TEST(each_pass_is_told_of_once) {
  start();
  module_loop_follow(begin);
  module_loop_follow(begin);
  const RedisEvent event = {REDIS_EVENT_LOOP, 1};
  listener(NULL, event, REDIS_LOOP_BEFORE_SLEEP, NULL);
  listener(NULL, event, REDIS_LOOP_AFTER_SLEEP, NULL);
  ck_assert_int_eq(begun, 2);
}
END_TEST

/* The server is in the middle of its list while the cron is told of. */
START_TEST(the_subscription_ends_after_a_quiet_while_and_not_in_the_cron) {
  start();
  module_loop_follow(begin);
  let_pass(QUIET);
  ck_assert(listener != NULL && waiting != NULL && module_loop_is_leaving());
  let_pass(QUIET);
  call_waiting();
  ck_assert(listener == NULL && !module_loop_is_leaving());
  module_loop_follow(begin);
  ck_assert(listener != NULL);
  ck_assert_int_eq(begun, 2);
}
END_TEST

START_TEST(who_asks_at_the_last_moment_keeps_it) {
  start();
  module_loop_follow(begin);
  let_pass(QUIET);
  module_loop_follow(begin);
  call_waiting();
  ck_assert(listener != NULL);
  ck_assert_int_eq(begun, 1);
  let_pass(QUIET);
  call_waiting();
  ck_assert(listener == NULL);
}
END_TEST

START_TEST(a_server_without_such_functions_goes_on_telling) {
  start();
  rm.EventLoopAddOneShot = NULL;
  module_loop_follow(begin);
  let_pass(100);
  ck_assert(listener != NULL && !module_loop_is_leaving());
}
END_TEST

SUITE("loop",
      nothing_is_followed_until_somebody_asks,
      each_pass_is_told_of_once,
      the_subscription_ends_after_a_quiet_while_and_not_in_the_cron,
      who_asks_at_the_last_moment_keeps_it,
      a_server_without_such_functions_goes_on_telling)
