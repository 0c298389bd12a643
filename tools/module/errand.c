/* SPDX-License-Identifier: BSD-2-Clause */
/* errand - one place, whose owner is told by its state.
 *
 * FREE and DONE belong to the control thread, TAKEN to the main thread; POSTED belongs to
 * whoever is first to change it.
 */
#include "tools/module/errand.h"

#include <stdatomic.h>
#include <string.h>

#include "tools/module/request.h"

enum { ERRAND_FREE, ERRAND_POSTED, ERRAND_TAKEN, ERRAND_DONE };

#define ERRAND_BYTES 8192

static struct {
  atomic_int state;
  const QueryRow *row;
  FsbBytes words[REQUEST_WORDS]; /* into `text` */
  size_t count;
  char text[ERRAND_BYTES];
  Answer line;
} errand;

static bool copy_words(const FsbBytes *words, size_t count) {
  size_t used = 0;
  if (count > REQUEST_WORDS) return false;
  for (size_t i = 0; i < count; i++) {
    if (words[i].size > sizeof errand.text - used) return false;
    if (words[i].size != 0) memcpy(errand.text + used, words[i].data, words[i].size);
    errand.words[i] = (FsbBytes){errand.text + used, words[i].size};
    used += words[i].size;
  }
  errand.count = count;
  return true;
}

bool module_errand_post(const QueryRow *row, const FsbBytes *words, size_t count) {
  if (atomic_load_explicit(&errand.state, memory_order_acquire) != ERRAND_FREE) return false;
  if (!copy_words(words, count)) return false;
  errand.row = row;
  atomic_store_explicit(&errand.state, ERRAND_POSTED, memory_order_release);
  return true;
}

bool module_errand_withdraw(void) {
  int posted = ERRAND_POSTED;
  return atomic_compare_exchange_strong(&errand.state, &posted, ERRAND_FREE);
}

bool module_errand_take(Answer *ret_line) {
  if (atomic_load_explicit(&errand.state, memory_order_acquire) != ERRAND_DONE) return false;
  *ret_line = errand.line;
  errand.line = (Answer){.data = NULL};
  atomic_store_explicit(&errand.state, ERRAND_FREE, memory_order_release);
  return true;
}

bool module_errand_do(void) {
  int posted = ERRAND_POSTED;
  Answer answer = {.data = NULL};
  if (!atomic_compare_exchange_strong(&errand.state, &posted, ERRAND_TAKEN)) return false;
  Query query = {.words = errand.words, .count = errand.count, .answer = &answer};
  module_query_run(errand.row, &query);
  module_query_json(errand.row, &query, &errand.line);
  module_answer_fini(&answer);
  atomic_store_explicit(&errand.state, ERRAND_DONE, memory_order_release);
  return true;
}
