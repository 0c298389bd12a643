/* SPDX-License-Identifier: BSD-2-Clause */
/* test_replay - runs whose calls' answers are guessed, rightly and wrongly, against the same runs that wait. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/ferrous_sandbox.h"
#include "tests/check_main.h"
#include "tests/supervisor/real_pool.h"

/* Answers are a function of the run's seed and the number of the call, so that two runs with one seed
 * get the same as long as they ask the same. */
typedef struct {
  unsigned seed;
  unsigned oddness; /* of a thousand answers, so many are unusual */
  unsigned calls;
  char heard[8192]; /* words of all calls, and log lines, in order */
  size_t size;
} Store;

static void hear(Store *store, char mark, FsbBytes text) {
  if (store->size + text.size + 2 > sizeof store->heard) return;
  store->heard[store->size++] = mark;
  memcpy(store->heard + store->size, text.data, text.size);
  store->size += text.size;
}

static const char *const unusual[] = {":0\r\n", ":5\r\n", "$-1\r\n", "$5\r\nhello\r\n", "*0\r\n", "*2\r\n$1\r\na\r\n:3\r\n",
                                      "+OK\r\n", "-ERR odd\r\n", "-MISCONF two words\r\n", "$0\r\n\r\n"};

/* The usual answer to a call is the same for its first word. */
static const char *answer_of(Store *store, char first) {
  static const char *const usual[] = {":1\r\n", "$-1\r\n", "*0\r\n", "*2\r\n$-1\r\n$-1\r\n", "+OK\r\n", ":0\r\n"};
  unsigned state = store->seed * 2654435761u + store->calls * 40503u;
  unsigned chance = (unsigned)rand_r(&state) % 1000, which = (unsigned)rand_r(&state);
  if (chance < store->oddness) return unusual[which % (sizeof unusual / sizeof *unusual)];
  return usual[(unsigned char)first % (sizeof usual / sizeof *usual)];
}

static void answer(void *context, const FsbCall *call, FsbReply *ret_reply) {
  Store *store = context;
  for (size_t i = 0; i < call->argc; i++) hear(store, i == 0 ? '!' : ' ', call->argv[i]);
  const char *text = answer_of(store, call->argv[0].data[0]);
  store->calls++;
  *ret_reply = (FsbReply){.kind = FSB_REPLY_DATA, .bytes = {text, strlen(text)}, .wrote = store->calls % 3 == 0};
  bool is_refusal = text[0] == '-' && store->seed % 2 == 0;
  if (is_refusal) *ret_reply = (FsbReply){.kind = FSB_REPLY_REFUSED, .bytes = {text + 1, strlen(text) - 3}};
}

static void take_log(void *context, int level, FsbBytes text) {
  (void)level;
  hear(context, '#', text);
}

static const char shown[] =
    "local function s(v) if type(v) ~= 'table' then return tostring(v) end "
    "return '{' .. tostring(v[1]) .. ',' .. tostring(v[2]) .. ',' .. tostring(v.ok) .. ',' .. tostring(v.err) .. '}' end ";

static const char *const scripts[] = {
    /* as queues do */
    "if redis.call('A', 'job') ~= 1 then return -1 end if redis.call('C', 'deps') ~= 0 then redis.call('E', 'x') end "
    "redis.log(2, 'removed') local m = redis.call('D', 'meta') redis.call('B', 'w') redis.call('B', s(m)) "
    "if m[1] then return 'paused' end redis.log(2, 'on') local n = redis.call('F', 'list') return {s(n), redis.call('A', 'last')}",
    /* loops, whose calls are one place in the code */
    "local t = {} for i = 1, 12 do t[i] = s(redis.pcall('A', i)) redis.call('B', i) end return table.concat(t, ' ')",
    /* errors that are caught, and that are not */
    "local ok, e = pcall(function() return redis.call('A') end) local r = s(redis.pcall('E')) "
    "redis.call('B') if r == '5' then error('five') end local x = redis.call('C') return {tostring(ok), s(e), r, #x}",
    /* coroutines, chance, and what a wrong guess could leave behind */
    "counter = 0 local co = coroutine.wrap(function() for i = 1, 5 do counter = counter + 1 coroutine.yield(redis.call('A', counter)) end end) "
    "local o = {} for i = 1, 4 do o[#o + 1] = s(co()) .. math.random(1000) end o[#o + 1] = s(redis.call('D')) return {o, counter, KEYS[1], ARGV[1]}",
    /* goes astray when it is lied to */
    "local n = 0 while redis.call('A', n) == 1 and n < 6 do n = n + 1 end if n < 6 then for i = 1, 100000 do n = n + i end end return n",
    "local a = redis.call('A') if a ~= 1 then while n == nil do redis.log(3, 'never') if redis.call('F') ~= 0 then break end end end return {a, redis.call('E')}",
    /* addresses, orders and counts, which the second time must be what they were */
    "local t, o = {}, '' for i = 1, 20 do t[{}] = i end for k, v in pairs(t) do o = o .. v end o = o .. tostring(t) "
    "local a = redis.call('A', o) o = o .. collectgarbage('count') .. tostring(function() end) .. s(redis.call('C', o)) return {a, o, math.random(9999)}",
    /* ends in a call */
    "redis.call('E') local a = redis.call('C') redis.call('E', #a) return redis.call('A', s(a))",
};

typedef struct {
  FsbPool *pool;
  uint64_t guesses, replays;
} Player;

static FsbResult *run(Player *player, Store *store, const char *body, const FsbLimits *limits, bool awaits) {
  char source[2048];
  FsbHost host = {.context = store, .call = answer, .log = take_log};
  FsbRequest request = FSB_REQUEST_INIT;
  FsbBytes key = {"k", 1}, arg = {"a", 1};
  uint64_t random_state = store->seed;
  (void)snprintf(source, sizeof source, "%s%s", shown, body);
  request.source = (FsbBytes){source, strlen(source)};
  request.keys = &key;
  request.args = &arg;
  request.key_count = request.arg_count = 1;
  request.host = &host;
  request.limits = limits;
  request.random_state = &random_state;
  request.await_calls = awaits;
  FsbResult *result = fsb_run(player->pool, &request);
  player->guesses += fsb_result_usage(result)->guesses;
  player->replays += fsb_result_usage(result)->replays;
  return result;
}

static bool is_equal(FsbBytes a, FsbBytes b) {
  return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

static void compare_usage(const FsbUsage *a, const FsbUsage *b) {
  ck_assert_uint_eq(a->calls, b->calls);
  ck_assert_uint_eq(a->call_bytes, b->call_bytes);
  ck_assert_uint_eq(a->reply_bytes, b->reply_bytes);
  ck_assert_uint_eq(a->log_bytes, b->log_bytes);
  ck_assert_uint_eq(a->random_state, b->random_state);
  ck_assert_int_eq(a->wrote, b->wrote);
  ck_assert_uint_le(a->replays, 1);
}

/* The same calls and log lines in the same order, each once, the same outcome, the same account. */
static void play(Player *player, const char *body, unsigned seed, unsigned oddness, const FsbLimits *limits) {
  static Store quick, slow;
  FsbBytes a, b;
  quick = slow = (Store){.seed = seed, .oddness = oddness};
  FsbResult *guessed = run(player, &quick, body, limits, false), *awaited = run(player, &slow, body, limits, true);
  ck_assert_int_eq(fsb_result_code(guessed), fsb_result_code(awaited));
  ck_assert(fsb_result_reply(guessed, 2, &a) && fsb_result_reply(awaited, 2, &b));
  ck_assert_msg(is_equal(a, b), "%s\n  guessed %.*s, awaited %.*s", body, (int)a.size, a.data, (int)b.size, b.data);
  ck_assert_msg(is_equal((FsbBytes){quick.heard, quick.size}, (FsbBytes){slow.heard, slow.size}), "%s\n  guessed %.*s\n  awaited %.*s", body,
                (int)quick.size, quick.heard, (int)slow.size, slow.heard);
  compare_usage(fsb_result_usage(guessed), fsb_result_usage(awaited));
  /* Posts cost less than calls that are waited for; guesses do not.  Where a run ends at one, the machine was ahead. */
  bool has_posts = strstr(body, " redis.call('B'") != NULL || strstr(body, " redis.call('E'") != NULL || strstr(body, "return redis") != NULL;
  if (!has_posts && fsb_result_code(guessed) == 0) ck_assert_uint_eq(fsb_result_usage(guessed)->instructions, fsb_result_usage(awaited)->instructions);
  fsb_result_free(guessed);
  fsb_result_free(awaited);
}

START_TEST(guesses_change_nothing_that_can_be_seen) {
  static const FsbTransport transports[] = {FSB_TRANSPORT_PIPE, FSB_TRANSPORT_RING, FSB_TRANSPORT_AUTO};
  static const unsigned oddness[] = {0, 10, 0, 10, 3, 300};
  for (size_t i = 0; i < sizeof transports / sizeof *transports; i++) {
    FsbPoolOptions options = FSB_POOL_OPTIONS_INIT;
    options.transport = transports[i];
    Player player = {.pool = real_pool_open(options)};
    for (unsigned round = 0; round < 6 * 60; round++)
      for (size_t body = 0; body < sizeof scripts / sizeof *scripts; body++)
        play(&player, scripts[body], round * 7919 + (unsigned)body, oddness[round / 60], NULL);
    ck_assert_uint_gt(player.guesses, 1000);
    ck_assert_uint_gt(player.replays, 20);
    fsb_pool_close(player.pool);
  }
}
END_TEST

/* Wherever a limit is met, it is met at the same call. */
START_TEST(limits_are_met_where_they_were) {
  static const char *const limits[] = {"calls=0", "calls=1", "calls=3", "calls=7", "log_bytes=0", "log_bytes=8"};
  Player player = {.pool = real_pool_open((FsbPoolOptions)FSB_POOL_OPTIONS_INIT)};
  for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
    FsbError error;
    FsbLimits *some = fsb_limits_new();
    ck_assert_msg(fsb_limits_set(some, "memory=4m", &error) && fsb_limits_set(some, limits[i], &error), "%s", error.text);
    for (unsigned round = 0; round < 60; round++)
      for (size_t body = 0; body < sizeof scripts / sizeof *scripts; body++)
        play(&player, scripts[body], round, 0, round % 3 == 0 ? some : NULL);
    fsb_limits_free(some);
  }
  ck_assert_uint_gt(player.guesses, 100);
  fsb_pool_close(player.pool);
}
END_TEST

/* A worker that became large while it guessed is there to play again, and gone after the next run. */
START_TEST(a_run_that_makes_its_worker_large_may_guess_wrong) {
  Player player = {.pool = real_pool_open((FsbPoolOptions)FSB_POOL_OPTIONS_INIT)};
  const char *body = "local n = 0 for i = 1, 20 do local a = redis.call('A', i) if a == 1 then n = n + 1 end end "
                     "return {#string.rep('x', 2000000), n}"; /* a call's habit is one of this run: who is large ends */
  for (unsigned round = 0; round < 60; round++) play(&player, body, round, 60, NULL);
  ck_assert_uint_gt(player.guesses, 100);
  ck_assert_uint_gt(player.replays, 5);
  fsb_pool_close(player.pool);
}
END_TEST

/* The tape is full long before: what comes then is waited for. */
START_TEST(many_calls_in_one_run_are_right_as_well) {
  Player player = {.pool = real_pool_open((FsbPoolOptions)FSB_POOL_OPTIONS_INIT)};
  const char *body = "local n = 0 for i = 1, 600 do local v = redis.call('A', i) if v == 1 then n = n + 1 end end return n";
  for (unsigned round = 0; round < 40; round++) play(&player, body, round, round < 20 ? 0 : 2, NULL);
  ck_assert_uint_gt(player.guesses, 1000);
  ck_assert_uint_gt(player.replays, 3);
  fsb_pool_close(player.pool);
}
END_TEST

static void give_one(void *context, const FsbCall *call, FsbReply *ret_reply) {
  FsbBytes *large = context;
  bool is_odd = call->argv[0].data[0] == 'L' && large->size != 0;
  *ret_reply = (FsbReply){.kind = FSB_REPLY_DATA, .bytes = is_odd ? *large : (FsbBytes){":1\r\n", 4}};
}

static FsbResult *ask(Player *player, const char *source, FsbBytes *large, const FsbBytes *arg) {
  FsbHost host = {.context = large, .call = give_one};
  FsbRequest request = FSB_REQUEST_INIT;
  request.source = (FsbBytes){source, strlen(source)};
  request.args = arg;
  request.arg_count = arg == NULL ? 0 : 1;
  request.host = &host;
  FsbResult *result = fsb_run(player->pool, &request);
  player->guesses += fsb_result_usage(result)->guesses;
  player->replays += fsb_result_usage(result)->replays;
  return result;
}

static void ask_well(Player *player, const char *source, FsbBytes *large, const FsbBytes *arg) {
  FsbResult *result = ask(player, source, large, arg);
  ck_assert_msg(fsb_result_code(result) == 0, "%.*s", (int)fsb_result_error(result).size, fsb_result_error(result).data);
  fsb_result_free(result);
}

/* A worker that is to end after its next run is asked for a text that it does not keep: that was no run. */
START_TEST(who_does_not_know_a_text_waits_for_it) {
  static char texts[60][800];
  FsbBytes none = {NULL, 0};
  for (unsigned trial = 0; trial < 60; trial++) {
    int size = snprintf(texts[trial], sizeof texts[trial], "return %u --", trial);
    memset(texts[trial] + size, 'x', 600);
  }
  Player player = {.pool = real_pool_open((FsbPoolOptions)FSB_POOL_OPTIONS_INIT)};
  for (unsigned trial = 0; trial < 60; trial++) {
    for (unsigned i = 0; i < 120; i++) ask_well(&player, texts[i % 60], &none, NULL);
    ask_well(&player, "for i = 1, 20 do local v = redis.call('A') if v ~= 1 then return 0 end end return #string.rep('x', 1500000)", &none, NULL);
    ask_well(&player, texts[trial], &none, NULL);
  }
  ck_assert_uint_gt(player.guesses, 60);
  fsb_pool_close(player.pool);
}
END_TEST

/* As large as limits allow, both at once. */
START_TEST(large_arguments_and_a_large_answer_fit_into_one_message) {
  enum { SIZE = 16000000 };
  FsbError error;
  FsbLimits *limits = fsb_limits_new();
  FsbPoolOptions options = FSB_POOL_OPTIONS_INIT;
  options.worker_path = FERROUS_TEST_BIN_DIR "/ferrous-sandbox-worker";
  options.limits = limits; /* the defaults: what the worker has room for */
  Player player = {.pool = fsb_pool_open(&options, &error)};
  ck_assert_msg(player.pool != NULL, "%s", error.text);
  char *answer = malloc(SIZE + 32), *argument = calloc(1, SIZE);
  int head = snprintf(answer, 32, "$%d\r\n", SIZE);
  memset(answer + head, 'x', SIZE);
  memcpy(answer + head + SIZE, "\r\n", 2);
  FsbBytes large = {NULL, 0}, arg = {argument, SIZE};
  const char *source = "local v = redis.call('L') return v == 1 and 1 or #v";
  for (int i = 0; i < 20; i++) ask_well(&player, source, &large, NULL);
  large = (FsbBytes){answer, (size_t)head + SIZE + 2};
  ask_well(&player, source, &large, &arg);
  ck_assert_uint_eq(player.replays, 1);
  free(answer);
  free(argument);
  fsb_limits_free(limits);
  fsb_pool_close(player.pool);
}
END_TEST

SUITE("supervisor replay", who_does_not_know_a_text_waits_for_it, large_arguments_and_a_large_answer_fit_into_one_message, guesses_change_nothing_that_can_be_seen, limits_are_met_where_they_were,
      a_run_that_makes_its_worker_large_may_guess_wrong, many_calls_in_one_run_are_right_as_well)
