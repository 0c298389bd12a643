/* SPDX-License-Identifier: BSD-2-Clause */
/* test_errand - what one thread wants done by another is done once, or not at all. */
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "tests/check_main.h"
#include "tools/module/errand.h"

/* --- In place of query.c --- */

static atomic_uint_fast64_t done;

void module_query_run(const QueryRow *row, Query *query) {
  row->run(query);
}

void module_query_json(const QueryRow *row, const Query *query, Answer *to) {
  (void)row;
  module_answer_append(to, query->words[0].data, query->words[0].size);
}

static void count(Query *query) {
  ck_assert_uint_eq(query->count, 2);
  ck_assert_int_eq(memcmp(query->words[1].data, "word", 4), 0);
  atomic_fetch_add(&done, 1);
}

static const QueryRow row = {.name = "count", .run = count, .place = ON_MAIN};

static bool post(const char *text) {
  const FsbBytes words[] = {{text, strlen(text)}, {"word", 4}};
  return module_errand_post(&row, words, 2);
}

START_TEST(an_errand_is_done_once_and_answered) {
  Answer line;
  atomic_store(&done, 0);
  ck_assert(!module_errand_do());
  ck_assert(post("first"));
  ck_assert(!post("second"));
  ck_assert(!module_errand_take(&line));
  ck_assert(module_errand_do());
  ck_assert(!module_errand_do());
  ck_assert(!module_errand_withdraw());
  ck_assert(module_errand_take(&line));
  ck_assert_uint_eq(line.size, 5);
  ck_assert_int_eq(memcmp(line.data, "first", 5), 0);
  module_answer_fini(&line);
  ck_assert_uint_eq(atomic_load(&done), 1);
}
END_TEST

START_TEST(what_was_withdrawn_is_not_done) {
  static char large[10000];
  const FsbBytes words[] = {{large, sizeof large}};
  atomic_store(&done, 0);
  ck_assert(post("x"));
  ck_assert(module_errand_withdraw());
  ck_assert(!module_errand_withdraw());
  ck_assert(!module_errand_do());
  ck_assert(!module_errand_post(&row, words, 1));
  ck_assert_uint_eq(atomic_load(&done), 0);
}
END_TEST

static atomic_bool is_over;

static void *do_errands(void *argument) {
  (void)argument;
  while (!atomic_load(&is_over)) (void)module_errand_do();
  return NULL;
}

/* Every errand is either withdrawn or done and answered, whoever is faster. */
START_TEST(withdrawn_and_done_add_up) {
  enum { ERRANDS = 100000 };
  pthread_t thread;
  uint64_t withdrawn = 0, answered = 0;
  Answer line;
  atomic_store(&done, 0);
  ck_assert_int_eq(pthread_create(&thread, NULL, do_errands, NULL), 0);
  for (unsigned i = 0; i < ERRANDS; i++) {
    ck_assert(post("x"));
    for (unsigned k = 0; k < i % 300; k++) __asm__ volatile("");
    if (module_errand_withdraw()) {
      withdrawn++;
      continue;
    }
    while (!module_errand_take(&line)) continue;
    module_answer_fini(&line);
    answered++;
  }
  atomic_store(&is_over, true);
  (void)pthread_join(thread, NULL);
  ck_assert_uint_eq(withdrawn + answered, ERRANDS);
  ck_assert_uint_eq(atomic_load(&done), answered);
}
END_TEST

SUITE("module errand", an_errand_is_done_once_and_answered, what_was_withdrawn_is_not_done,
      withdrawn_and_done_add_up)
