/* SPDX-License-Identifier: BSD-2-Clause */
/* request - a reader for the little JSON that the socket takes. */
#include "tools/module/request.h"

#include <string.h>

typedef struct {
  char *at, *end;
} Reader;

static void skip_space(Reader *reader) {
  while (reader->at < reader->end && strchr(" \t\r\n", *reader->at) != NULL && *reader->at != '\0')
    reader->at++;
}

static bool take(Reader *reader, char wanted) {
  skip_space(reader);
  if (reader->at == reader->end || *reader->at != wanted) return false;
  reader->at++;
  return true;
}

/* --- Strings --- */

static int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Writes a code point of the basic plane; at most as long as its "\uXXXX". */
static char *put_utf8(char *to, unsigned code) {
  if (code < 0x80) {
    *to++ = (char)code;
  } else if (code < 0x800) {
    *to++ = (char)(0xC0 | code >> 6);
    *to++ = (char)(0x80 | (code & 63));
  } else {
    *to++ = (char)(0xE0 | code >> 12);
    *to++ = (char)(0x80 | (code >> 6 & 63));
    *to++ = (char)(0x80 | (code & 63));
  }
  return to;
}

/* Surrogates are not put together: no name of ours needs them. */
static bool take_code(Reader *reader, char **to) {
  unsigned code = 0;
  if (reader->end - reader->at < 4) return false;
  for (int i = 0; i < 4; i++) {
    int digit = hex_digit(*reader->at++);
    if (digit < 0) return false;
    code = code * 16 + (unsigned)digit;
  }
  if (code == 0 || (code >= 0xD800 && code < 0xE000)) return false;
  *to = put_utf8(*to, code);
  return true;
}

static bool take_escape(Reader *reader, char **to) {
  static const char letters[] = "\"\"\\\\//b\bf\fn\nr\rt\t";
  if (reader->at == reader->end) return false;
  char letter = *reader->at++;
  if (letter == 'u') return take_code(reader, to);
  for (size_t i = 0; i + 1 < sizeof letters; i += 2) {
    if (letters[i] != letter) continue;
    *(*to)++ = letters[i + 1];
    return true;
  }
  return false;
}

static bool take_string(Reader *reader, FsbBytes *ret_text) {
  if (!take(reader, '"')) return false;
  char *start = reader->at, *to = reader->at;
  while (reader->at < reader->end) {
    char c = *reader->at++;
    if (c == '"') {
      *ret_text = (FsbBytes){start, (size_t)(to - start)};
      return true;
    }
    if ((unsigned char)c < 0x20) return false;
    if (c != '\\')
      *to++ = c;
    else if (!take_escape(reader, &to))
      return false;
  }
  return false;
}

/* --- The object --- */

static bool is_text(FsbBytes text, const char *wanted) {
  return text.size == strlen(wanted) && memcmp(text.data, wanted, text.size) == 0;
}

static const char *take_words(Reader *reader, Request *request) {
  static const char not_words[] = "\"command\" must be a list of strings";
  if (!take(reader, '[')) return not_words;
  do {
    if (request->count == REQUEST_WORDS) return "too many words";
    if (!take_string(reader, &request->words[request->count++])) return not_words;
  } while (take(reader, ','));
  return take(reader, ']') ? NULL : not_words;
}

static const char *take_member(Reader *reader, Request *request) {
  FsbBytes name, value;
  if (!take_string(reader, &name) || !take(reader, ':')) return "not a JSON object";
  if (is_text(name, "command")) {
    request->count = 0;
    return take_words(reader, request);
  }
  if (!is_text(name, "schema")) return "only \"schema\" and \"command\" are understood";
  if (!take_string(reader, &value)) return "\"schema\" must be a string";
  return is_text(value, REQUEST_SCHEMA) ? NULL : "the schema is not " REQUEST_SCHEMA;
}

static const char *parse_object(Reader *reader, Request *request) {
  do {
    const char *problem = take_member(reader, request);
    if (problem != NULL) return problem;
  } while (take(reader, ','));
  if (!take(reader, '}')) return "not a JSON object";
  skip_space(reader);
  if (reader->at != reader->end) return "something follows the object";
  return request->count == 0 ? "no \"command\"" : NULL;
}

/* --- Plain words --- */

static const char *parse_words(Reader *reader, Request *request) {
  for (;;) {
    skip_space(reader);
    if (reader->at == reader->end) return request->count == 0 ? "no command" : NULL;
    if (request->count == REQUEST_WORDS) return "too many words";
    char *start = reader->at;
    while (reader->at < reader->end && strchr(" \t\r\n", *reader->at) == NULL) reader->at++;
    request->words[request->count++] = (FsbBytes){start, (size_t)(reader->at - start)};
  }
}

const char *module_request_parse(char *line, size_t size, Request *ret_request) {
  Reader reader = {line, line + size};
  ret_request->count = 0;
  if (memchr(line, '\0', size) != NULL) return "a NUL byte";
  return take(&reader, '{') ? parse_object(&reader, ret_request)
                            : parse_words(&reader, ret_request);
}
