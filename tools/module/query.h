/* SPDX-License-Identifier: BSD-2-Clause */
/* query - the administrators' commands, whoever asks and however.
 *
 * One function per row of queries.def writes its answer; SANDBOX turns it into a
 * reply (admin.c), the control socket into a line of JSON (control.c).  Functions of
 * rows that are ANYWHERE run on either thread: they read what live, tally, event and
 * board show, and change nothing but through live and board.
 */
#ifndef TOOLS_MODULE_QUERY_H
#define TOOLS_MODULE_QUERY_H

#include "policy/codes.h"
#include "tools/module/answer.h"

typedef enum { ANYWHERE, ON_MAIN } QueryPlace;

typedef struct {
  const FsbBytes *words; /* behind the command's name */
  size_t count;
  Answer *answer;
  Code code; /* CODE_OK, or how it failed: then the answer does not count */
  char text[1024];
} Query;

typedef struct {
  const char *name;
  void (*run)(Query *query);
  size_t least, most;
  QueryPlace place;
  const char *words, *help;
} QueryRow;

/* Returns the i-th row, NULL past the end. */
const QueryRow *module_query_row(size_t i);

/* Finds a row by the command's name in any case. */
const QueryRow *module_query_find(FsbBytes name);

/* Runs a row's function, after checking the number of words. */
void module_query_run(const QueryRow *row, Query *query);

/* Says that the query failed, and why. */
void module_query_fail(Query *query, Code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Appends the whole line of JSON that answers it, with its line end. */
void module_query_json(const QueryRow *row, const Query *query, Answer *to);

/* --- For the functions --- */

bool module_query_is(FsbBytes word, const char *text);

/* Reads a whole number; false, with the query failed, when it is none. */
bool module_query_number(Query *query, FsbBytes word, uint64_t *ret_number);

/* Reads a word as terminated text; false, with the query failed, when it is too long. */
bool module_query_text(Query *query, FsbBytes word, char *text, size_t room);

#define QUERY(name, function, least, most, where, words, help) \
  void module_query_##function(Query *query);
#include "tools/module/queries.def"
#undef QUERY

#endif
