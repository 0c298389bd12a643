/* SPDX-License-Identifier: BSD-2-Clause */
/* test_kept - texts that are named instead of sent: what is guessed, and that no run can tell. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/supervisor/kept.h"
#include "tests/check_main.h"
#include "tests/supervisor/real_pool.h"

/* --- The guess --- */

static ByteView key_of(unsigned number) {
  static char text[41];
  (void)snprintf(text, sizeof text, "%08x%032x", number * UINT32_C(2654435761), number);
  return ipc_bytes_view(text, 40);
}

START_TEST(what_was_sent_twice_is_taken_to_be_there) {
  KeptTexts *kept = NULL;
  ck_assert(!supervisor_kept_has(kept, key_of(1)));
  supervisor_kept_forget(kept, key_of(1));
  supervisor_kept_note(&kept, key_of(1));
  ck_assert(!supervisor_kept_has(kept, key_of(1)));
  supervisor_kept_note(&kept, key_of(1));
  ck_assert(supervisor_kept_has(kept, key_of(1)));
  ck_assert(!supervisor_kept_has(kept, key_of(2)));
  free(kept);
}
END_TEST

START_TEST(what_turned_out_to_be_missing_is_sent_again) {
  KeptTexts *kept = NULL;
  for (int i = 0; i < 5; i++) supervisor_kept_note(&kept, key_of(1));
  supervisor_kept_forget(kept, key_of(1));
  ck_assert(!supervisor_kept_has(kept, key_of(1)));
  supervisor_kept_forget(kept, key_of(1));
  supervisor_kept_note(&kept, key_of(1));
  supervisor_kept_note(&kept, key_of(1));
  ck_assert(supervisor_kept_has(kept, key_of(1)));
  free(kept);
}
END_TEST

START_TEST(many_texts_find_room_and_more_push_out_the_oldest) {
  KeptTexts *kept = NULL;
  unsigned there = 0;
  for (unsigned i = 0; i < 100; i++)
    for (int times = 0; times < 2; times++) supervisor_kept_note(&kept, key_of(i));
  for (unsigned i = 0; i < 100; i++) there += supervisor_kept_has(kept, key_of(i));
  ck_assert_uint_ge(there, 90);
  for (unsigned i = 1000; i < 3000; i++)
    for (int times = 0; times < 2; times++) supervisor_kept_note(&kept, key_of(i));
  for (there = 0; there < 100 && !supervisor_kept_has(kept, key_of(there)); there++) continue;
  ck_assert_uint_eq(there, 100);
  ck_assert(supervisor_kept_has(kept, key_of(2999)));
  free(kept);
}
END_TEST

/* --- Real runs --- */

/* A text long enough to be left out, that returns `number`. */
static const char *long_text(int number) {
  static char text[4096];
  int size = snprintf(text, sizeof text, "local t = {} ");
  for (int i = 0; size < 2000; i++) size += snprintf(text + size, sizeof text - (size_t)size, "t[%d] = 'item %d' ", i, i);
  (void)snprintf(text + size, sizeof text - (size_t)size, "if KEYS[1] == 'bad' then error('bad') end return #t * 0 + %d", number);
  return text;
}

static FsbResult *run(FsbPool *pool, const char *text, const char *key) {
  FsbRequest request = FSB_REQUEST_INIT;
  FsbBytes keys[1] = {{key, strlen(key)}};
  request.principal = (FsbBytes){"p", 1};
  request.source = (FsbBytes){text, strlen(text)};
  request.keys = keys;
  request.key_count = 1;
  return fsb_run(pool, &request);
}

static FsbPool *open_pool(void) {
  const FsbPoolOptions options = FSB_POOL_OPTIONS_INIT;
  return real_pool_open(options);
}

static void expect_integer(FsbResult *result, int integer) {
  char wanted[32];
  FsbBytes reply;
  (void)snprintf(wanted, sizeof wanted, ":%d\r\n", integer);
  ck_assert(fsb_result_reply(result, 2, &reply));
  ck_assert_msg(reply.size == strlen(wanted) && memcmp(reply.data, wanted, reply.size) == 0, "%.*s", (int)reply.size, reply.data);
}

START_TEST(a_text_that_is_only_named_runs_and_costs_as_one_that_is_sent) {
  FsbPool *pool = open_pool();
  FsbUsage first;
  for (int i = 0; i < 6; i++) {
    FsbResult *result = run(pool, long_text(5), "good");
    const FsbUsage *usage = fsb_result_usage(result);
    expect_integer(result, 5);
    if (i == 0) first = *usage;
    ck_assert_uint_eq(usage->instructions, first.instructions);
    ck_assert_uint_eq(usage->compile_units, first.compile_units);
    ck_assert_uint_eq(usage->memory_peak_bytes, first.memory_peak_bytes);
    ck_assert_uint_eq(usage->script_bytes, first.script_bytes);
    fsb_result_free(result);
  }
  fsb_pool_close(pool);
}
END_TEST

START_TEST(errors_of_a_named_text_stand_where_they_stood) {
  FsbPool *pool = open_pool();
  char first[256] = "";
  for (int i = 0; i < 5; i++) {
    FsbBytes reply;
    FsbResult *result = run(pool, long_text(5), "bad");
    ck_assert(fsb_result_reply(result, 2, &reply));
    ck_assert(reply.size < sizeof first);
    if (i == 0) memcpy(first, reply.data, reply.size);
    ck_assert_mem_eq(first, reply.data, reply.size);
    fsb_result_free(result);
  }
  ck_assert_ptr_nonnull(strstr(first, "user_script:1: bad"));
  fsb_pool_close(pool);
}
END_TEST

/* More texts than a worker keeps, again and again: it has to be asked for some that it dropped. */
START_TEST(texts_that_a_worker_dropped_are_sent_again) {
  FsbPool *pool = open_pool();
  for (int round = 0; round < 3; round++) {
    for (int number = 0; number < 400; number++) {
      for (int times = 0; times < (number < 40 ? 4 : 1); times++) {
        FsbResult *result = run(pool, long_text(number), "good");
        expect_integer(result, number);
        fsb_result_free(result);
      }
    }
  }
  fsb_pool_close(pool);
}
END_TEST

START_TEST(a_new_worker_is_sent_what_the_old_one_had) {
  FsbPool *pool = open_pool();
  for (int i = 0; i < 8; i++) {
    FsbResult *result = run(pool, long_text(9), "good");
    expect_integer(result, 9);
    fsb_result_free(result);
    if (i % 4 == 3) (void)fsb_pool_retire(pool, (FsbBytes){"p", 1});
  }
  fsb_pool_close(pool);
}
END_TEST

static Suite *make_suite(void) {
  Suite *suite = suite_create("supervisor kept");
  TCase *guess = tcase_create("the guess"), *runs = tcase_create("real runs");
  tcase_add_test(guess, what_was_sent_twice_is_taken_to_be_there);
  tcase_add_test(guess, what_turned_out_to_be_missing_is_sent_again);
  tcase_add_test(guess, many_texts_find_room_and_more_push_out_the_oldest);
  tcase_set_timeout(runs, 180);
  tcase_add_test(runs, a_text_that_is_only_named_runs_and_costs_as_one_that_is_sent);
  tcase_add_test(runs, errors_of_a_named_text_stand_where_they_stood);
  tcase_add_test(runs, texts_that_a_worker_dropped_are_sent_again);
  tcase_add_test(runs, a_new_worker_is_sent_what_the_old_one_had);
  suite_add_tcase(suite, guess);
  suite_add_tcase(suite, runs);
  return suite;
}

CHECK_MAIN(make_suite)
