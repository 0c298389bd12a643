/* SPDX-License-Identifier: BSD-2-Clause */
/* query - the table, its look-up, and the JSON around an answer. */
#include "tools/module/query.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "tools/module/request.h"

static const QueryRow rows[] = {
#define QUERY(name, function, least, most, where, words, help) \
  {#name, module_query_##function, least, most, where, words, help},
#include "tools/module/queries.def"
#undef QUERY
};
#define ROW_COUNT (sizeof rows / sizeof rows[0])

const QueryRow *module_query_row(size_t i) {
  return i < ROW_COUNT ? &rows[i] : NULL;
}

bool module_query_is(FsbBytes word, const char *text) {
  return word.size == strlen(text) && strncasecmp(word.data, text, word.size) == 0;
}

const QueryRow *module_query_find(FsbBytes name) {
  for (size_t i = 0; i < ROW_COUNT; i++)
    if (module_query_is(name, rows[i].name)) return &rows[i];
  return NULL;
}

void module_query_fail(Query *query, Code code, const char *format, ...) {
  va_list arguments;
  query->code = code;
  va_start(arguments, format);
  (void)vsnprintf(query->text, sizeof query->text, format, arguments);
  va_end(arguments);
}

void module_query_run(const QueryRow *row, Query *query) {
  if (query->count < row->least || query->count > row->most)
    module_query_fail(query, CODE_USAGE, "%s takes: %s", row->name,
                      row->words[0] == '\0' ? "no words" : row->words);
  else
    row->run(query);
  if (query->code == CODE_OK && query->answer->has_failed)
    module_query_fail(query, CODE_INTERNAL, "the answer does not fit into memory");
}

/* --- Words --- */

bool module_query_number(Query *query, FsbBytes word, uint64_t *ret_number) {
  uint64_t number = 0;
  bool is_good = word.size != 0 && word.size < 19;
  for (size_t i = 0; is_good && i < word.size; i++) {
    is_good = word.data[i] >= '0' && word.data[i] <= '9';
    number = number * 10 + (uint64_t)(word.data[i] - '0');
  }
  if (is_good)
    *ret_number = number;
  else
    module_query_fail(query, CODE_USAGE, "a whole number is wanted");
  return is_good;
}

bool module_query_text(Query *query, FsbBytes word, char *text, size_t room) {
  bool fits = word.size < room && memchr(word.data, '\0', word.size) == NULL;
  if (!fits) {
    module_query_fail(query, CODE_NOT_FOUND, "nothing has so long a name");
    return false;
  }
  memcpy(text, word.data, word.size);
  text[word.size] = '\0';
  return true;
}

/* --- JSON --- */

static void put_failure(const Query *query, Answer *tokens) {
  const CodeRow *row = policy_codes_find((uint32_t)query->code);
  module_answer_map(tokens, NULL);
  module_answer_text(tokens, "code", row == NULL ? "internal" : row->label);
  module_answer_text(tokens, "message", query->text);
  module_answer_end(tokens);
}

static void append_text(Answer *to, const char *text) {
  module_answer_append(to, text, strlen(text));
}

void module_query_json(const QueryRow *row, const Query *query, Answer *to) {
  Answer failure = {.data = NULL};
  append_text(to, "{\"schema\":\"" REQUEST_SCHEMA "\"");
  if (row != NULL) {
    append_text(to, ",\"command\":\"");
    append_text(to, row->name);
    append_text(to, "\"");
  }
  if (query->code == CODE_OK) {
    append_text(to, ",\"data\":");
    (void)module_answer_json(query->answer, to);
  } else {
    append_text(to, ",\"error\":");
    put_failure(query, &failure);
    (void)module_answer_json(&failure, to);
    module_answer_fini(&failure);
  }
  append_text(to, "}\n");
}
