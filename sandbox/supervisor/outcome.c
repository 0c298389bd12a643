/* SPDX-License-Identifier: BSD-2-Clause */
/* outcome - the wording of error lines.
 *
 * A script's own error gets the suffix that Redis gives it; every other text is
 * a row of codes.def.  Redis handles both as C strings: they end at a NUL, and
 * CR and LF become spaces, so that a script cannot break out of its error line.
 */
#include "sandbox/supervisor/outcome.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What codes.def adds around a detail is shorter than this. */
#define FRAME_BYTES 512

static ByteView cut_at_nul(ByteView text) {
  const uint8_t *nul = text.size == 0 ? NULL : memchr(text.data, '\0', text.size);
  if (nul != NULL) text.size = (size_t)(nul - text.data);
  return text;
}

size_t supervisor_outcome_chunk(const Outcome *outcome, char ret_chunk[OUTCOME_CHUNK_BYTES]) {
  ByteView source = cut_at_nul(outcome->source);
  if (source.size != 0 && (source.data[0] == '@' || source.data[0] == '='))
    source = ipc_bytes_view(source.data + 1, source.size - 1);
  size_t size = 0;
  while (size < source.size && size < OUTCOME_CHUNK_BYTES - 1 && source.data[size] != '\n' &&
         source.data[size] != '\r')
    size++;
  if (size != 0) memcpy(ret_chunk, source.data, size);
  ret_chunk[size] = '\0';
  return size;
}

static size_t put(char *to, size_t at, ByteView text) {
  for (size_t i = 0; i < text.size; i++) {
    char c = (char)text.data[i];
    to[at + i] = c == '\r' || c == '\n' ? ' ' : c;
  }
  return at + text.size;
}

/* The message, and where Redis knows it " script: <sha>, on <source>:<line>.". */
static char *script_error(const Outcome *outcome, const char *name, size_t *ret_size) {
  ByteView text = cut_at_nul(outcome->text);
  ByteView source = cut_at_nul(outcome->source);
  char *line = malloc(text.size + source.size + strlen(name) + FRAME_BYTES);
  if (line == NULL) return NULL;
  size_t at = put(line, 0, text);
  if (outcome->source.size != 0) {
    at += (size_t)(outcome->is_unnamed ? sprintf(line + at, " script: on ")
                                       : sprintf(line + at, " script: %s, on ", name));
    at = put(line, at, source);
    at += (size_t)sprintf(line + at, ":%" PRId64 ".", outcome->line);
  }
  line[at] = '\0';
  *ret_size = at;
  return line;
}

static char *coded_error(const Outcome *outcome, size_t *ret_size) {
  char chunk[OUTCOME_CHUNK_BYTES];
  ByteView detail = cut_at_nul(outcome->text);
  CodeFacts facts = {.limit = outcome->limit,
                     .detail = (const char *)detail.data,
                     .detail_bytes = detail.size,
                     .wrote = outcome->wrote};
  if (outcome->has_place) {
    supervisor_outcome_chunk(outcome, chunk);
    facts.chunk = chunk;
    facts.line = outcome->line > 0 && outcome->line <= INT32_MAX ? (uint32_t)outcome->line : 0;
  }
  size_t capacity = detail.size + FRAME_BYTES;
  char *line = malloc(capacity);
  if (line == NULL) return NULL;
  *ret_size = policy_codes_write(outcome->code, &facts, line, capacity);
  return line;
}

/* Loading a library tells its errors in words of its own, and never where: the text does. */
static char *library_error(const char *prefix, ByteView text, size_t *ret_size) {
  text = cut_at_nul(text);
  char *line = malloc(text.size + FRAME_BYTES);
  if (line == NULL) return NULL;
  size_t at = put(line, 0, ipc_bytes_text(prefix));
  at = put(line, at, text);
  line[at] = '\0';
  *ret_size = at;
  return line;
}

static char *loading_error(const Outcome *outcome, size_t *ret_size) {
  switch (outcome->code) {
    case CODE_SCRIPT_ERROR: return library_error("ERR Error registering functions: ", outcome->text, ret_size);
    case CODE_COMPILE_ERROR: return library_error("ERR Error compiling function: ", outcome->text, ret_size);
    case CODE_LIMIT_WALL:
      return library_error("ERR Error registering functions: ERR FUNCTION LOAD timeout", ipc_bytes_view(NULL, 0), ret_size);
    default: return coded_error(outcome, ret_size);
  }
}

char *supervisor_outcome_text(const Outcome *outcome, const char *name, size_t *ret_size) {
  if (outcome->is_library) return loading_error(outcome, ret_size);
  if (outcome->code == CODE_SCRIPT_ERROR) return script_error(outcome, name, ret_size);
  return coded_error(outcome, ret_size);
}
