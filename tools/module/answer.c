/* SPDX-License-Identifier: BSD-2-Clause */
/* answer - tokens: a byte of kind, eight of number, the text.
 *
 * A map or a list is written before what is in it is known; its number is filled in
 * when it ends.  The name of a value is a token of its own, in front.
 */
#include "tools/module/answer.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEAD_BYTES 9
#define FIRST_BYTES 4096

void module_answer_fini(Answer *answer) {
  free(answer->data);
  *answer = (Answer){.data = NULL};
}

/* --- Writing --- */

static bool make_room(Answer *answer, size_t size) {
  if (answer->has_failed) return false;
  if (size <= answer->room - answer->size) return true;
  size_t room = answer->room == 0 ? FIRST_BYTES : answer->room;
  while (room - answer->size < size && room <= ANSWER_MOST) room *= 2;
  char *larger = room > ANSWER_MOST ? NULL : realloc(answer->data, room);
  if (larger == NULL) {
    answer->has_failed = true;
    return false;
  }
  answer->data = larger;
  answer->room = room;
  return true;
}

void module_answer_append(Answer *answer, const char *data, size_t size) {
  if (!make_room(answer, size)) return;
  if (size != 0) memcpy(answer->data + answer->size, data, size);
  answer->size += size;
}

static void put_head(Answer *answer, TokenKind kind, uint64_t number) {
  char head[HEAD_BYTES] = {(char)kind};
  memcpy(head + 1, &number, sizeof number);
  module_answer_append(answer, head, sizeof head);
}

static void put_text(Answer *answer, FsbBytes text) {
  put_head(answer, TOKEN_TEXT, text.size);
  module_answer_append(answer, text.data, text.size);
}

/* Counts the element in what it stands in, and names it. */
static void put_name(Answer *answer, const char *name) {
  uint64_t number;
  if (answer->has_failed) return;
  if (answer->depth != 0) {
    char *head = answer->data + answer->open[answer->depth - 1] + 1;
    memcpy(&number, head, sizeof number);
    number++;
    memcpy(head, &number, sizeof number);
  }
  if (name != NULL) put_text(answer, (FsbBytes){name, strlen(name)});
}

static void open_group(Answer *answer, const char *name, TokenKind kind) {
  put_name(answer, name);
  if (answer->depth == ANSWER_DEPTH) answer->has_failed = true;
  if (answer->has_failed) return;
  answer->open[answer->depth++] = answer->size;
  put_head(answer, kind, 0);
}

void module_answer_map(Answer *answer, const char *name) {
  open_group(answer, name, TOKEN_MAP);
}

void module_answer_list(Answer *answer, const char *name) {
  open_group(answer, name, TOKEN_LIST);
}

void module_answer_end(Answer *answer) {
  if (!answer->has_failed && answer->depth != 0) answer->depth--;
}

void module_answer_bytes(Answer *answer, const char *name, FsbBytes text) {
  put_name(answer, name);
  put_text(answer, text);
}

void module_answer_text(Answer *answer, const char *name, const char *text) {
  module_answer_bytes(answer, name, (FsbBytes){text, strlen(text)});
}

void module_answer_count(Answer *answer, const char *name, uint64_t number) {
  put_name(answer, name);
  put_head(answer, TOKEN_COUNT, number);
}

void module_answer_real(Answer *answer, const char *name, double number) {
  uint64_t bits;
  put_name(answer, name);
  memcpy(&bits, &number, sizeof bits);
  put_head(answer, TOKEN_REAL, bits);
}

void module_answer_flag(Answer *answer, const char *name, bool flag) {
  put_name(answer, name);
  put_head(answer, TOKEN_FLAG, flag);
}

/* --- Reading --- */

bool module_answer_next(const Answer *answer, size_t *at, AnswerToken *ret_token) {
  if (answer->has_failed || answer->size - *at < HEAD_BYTES) return false;
  const char *head = answer->data + *at;
  AnswerToken token = {.kind = (TokenKind)head[0]};
  memcpy(&token.number, head + 1, sizeof token.number);
  *at += HEAD_BYTES;
  if (token.kind == TOKEN_REAL) memcpy(&token.real, &token.number, sizeof token.real);
  if (token.kind == TOKEN_TEXT) {
    token.text = (FsbBytes){answer->data + *at, token.number};
    *at += token.number;
  }
  *ret_token = token;
  return true;
}

/* --- JSON --- */

/* The length of the UTF-8 sequence at the front, 0 when it is none that JSON may hold. */
static size_t sequence_at(const unsigned char *at, size_t left) {
  size_t size = at[0] < 0x80 ? 1 : at[0] >= 0xC2 && at[0] < 0xE0 ? 2 : at[0] >= 0xE0 && at[0] < 0xF0 ? 3 : at[0] >= 0xF0 && at[0] < 0xF5 ? 4 : 0;
  if (size == 0 || size > left) return 0;
  for (size_t i = 1; i < size; i++)
    if ((at[i] & 0xC0) != 0x80) return 0;
  if (at[0] == 0xE0 && at[1] < 0xA0) return 0;                      /* longer than need be */
  if (at[0] == 0xED && at[1] >= 0xA0) return 0;                     /* surrogates */
  if (at[0] == 0xF0 && at[1] < 0x90) return 0;                      /* longer than need be */
  if (at[0] == 0xF4 && at[1] >= 0x90) return 0;                     /* beyond Unicode */
  return size;
}

/* Bytes that are no text become \xNN, with the backslash doubled as JSON wants it. */
static void json_text(Answer *to, FsbBytes text) {
  const unsigned char *at = (const unsigned char *)text.data;
  char escape[8];
  module_answer_append(to, "\"", 1);
  for (size_t i = 0; i < text.size;) {
    size_t size = sequence_at(at + i, text.size - i);
    if (size == 0)
      module_answer_append(to, escape, (size_t)snprintf(escape, sizeof escape, "\\\\x%02x", at[i]));
    else if (at[i] < 0x20 || at[i] == 0x7F)
      module_answer_append(to, escape, (size_t)snprintf(escape, sizeof escape, "\\u%04x", at[i]));
    else if (at[i] == '"' || at[i] == '\\')
      module_answer_append(to, escape, (size_t)snprintf(escape, sizeof escape, "\\%c", at[i]));
    else
      module_answer_append(to, text.data + i, size);
    i += size == 0 ? 1 : size;
  }
  module_answer_append(to, "\"", 1);
}

static void json_number(Answer *to, const AnswerToken *token) {
  char text[40];
  int size = 0;
  if (token->kind == TOKEN_COUNT) size = snprintf(text, sizeof text, "%" PRIu64, token->number);
  else if (isfinite(token->real)) size = snprintf(text, sizeof text, "%.17g", token->real);
  else size = snprintf(text, sizeof text, "null");
  module_answer_append(to, text, (size_t)size);
}

static void json_value(Answer *to, const AnswerToken *token) {
  switch (token->kind) {
    case TOKEN_MAP: module_answer_append(to, "{", 1); break;
    case TOKEN_LIST: module_answer_append(to, "[", 1); break;
    case TOKEN_TEXT: json_text(to, token->text); break;
    case TOKEN_COUNT:
    case TOKEN_REAL: json_number(to, token); break;
    case TOKEN_FLAG:
      module_answer_append(to, token->number != 0 ? "true" : "false", token->number != 0 ? 4 : 5);
      break;
  }
}

/* What is open: how many tokens are still to come, and whether names alternate. */
typedef struct {
  uint64_t left;
  bool is_map, is_name, is_first;
} Group;

static void separate(Answer *to, Group *group) {
  if (group->is_map && !group->is_name)
    module_answer_append(to, ":", 1);
  else if (!group->is_first)
    module_answer_append(to, ",", 1);
  group->is_first = false;
  group->is_name = !group->is_name;
  group->left--;
}

static void close_groups(Answer *to, Group *groups, unsigned *depth) {
  while (*depth != 0 && groups[*depth - 1].left == 0) {
    module_answer_append(to, groups[*depth - 1].is_map ? "}" : "]", 1);
    (*depth)--;
  }
}

bool module_answer_json(const Answer *answer, Answer *to) {
  Group groups[ANSWER_DEPTH];
  unsigned depth = 0;
  AnswerToken token;
  for (size_t at = 0; module_answer_next(answer, &at, &token);) {
    if (depth != 0) separate(to, &groups[depth - 1]);
    json_value(to, &token);
    if (token.kind == TOKEN_MAP || token.kind == TOKEN_LIST) {
      bool is_map = token.kind == TOKEN_MAP;
      groups[depth++] = (Group){is_map ? token.number * 2 : token.number, is_map, is_map, true};
    }
    close_groups(to, groups, &depth);
  }
  return !answer->has_failed && !to->has_failed;
}
