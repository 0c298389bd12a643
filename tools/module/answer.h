/* SPDX-License-Identifier: BSD-2-Clause */
/* answer - what an administrator's command says, before it is known to whom.
 *
 * The commands write maps, lists and values into a flat list of tokens; it becomes
 * a reply of the server or one line of JSON.  Names are NULL inside a list.  What
 * does not fit into memory marks the answer as failed, once and for all.
 *
 * Threads: one owner.
 */
#ifndef TOOLS_MODULE_ANSWER_H
#define TOOLS_MODULE_ANSWER_H

#include "sandbox/ferrous_sandbox.h"

#define ANSWER_DEPTH 8
/* The most that an answer may take. */
#define ANSWER_MOST ((size_t)32 << 20)

typedef enum {
  TOKEN_MAP,  /* number: pairs that follow */
  TOKEN_LIST, /* number: elements that follow */
  TOKEN_TEXT,
  TOKEN_COUNT,
  TOKEN_REAL,
  TOKEN_FLAG
} TokenKind;

typedef struct {
  TokenKind kind;
  uint64_t number; /* or the size of `text`, or 0 and 1 */
  double real;
  FsbBytes text;
} AnswerToken;

typedef struct {
  char *data; /* heap */
  size_t size, room;
  size_t open[ANSWER_DEPTH]; /* where the maps and lists that are open begin */
  unsigned depth;
  bool has_failed;
} Answer;

void module_answer_fini(Answer *answer);

void module_answer_map(Answer *answer, const char *name);
void module_answer_list(Answer *answer, const char *name);
void module_answer_end(Answer *answer);
void module_answer_text(Answer *answer, const char *name, const char *text);
void module_answer_bytes(Answer *answer, const char *name, FsbBytes text);
void module_answer_count(Answer *answer, const char *name, uint64_t number);
void module_answer_real(Answer *answer, const char *name, double number);
void module_answer_flag(Answer *answer, const char *name, bool flag);

/* Reads the token at `*at` and moves on; false at the end. */
bool module_answer_next(const Answer *answer, size_t *at, AnswerToken *ret_token);

/* Appends the answer as JSON, without a line end, to a heap block as answer.data is;
 * false when memory is out or the answer has failed. */
bool module_answer_json(const Answer *answer, Answer *to);

/* Appends raw bytes; for who writes something else than tokens into the block. */
void module_answer_append(Answer *answer, const char *data, size_t size);

#endif
