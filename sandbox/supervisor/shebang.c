/* SPDX-License-Identifier: BSD-2-Clause */
/* shebang - splitting and reading the first line.
 *
 * The line is cut into words by the rules of redis.conf: blanks separate, double
 * quotes know \xHH \n \r \t \a \b, single quotes know \', and a closing quote
 * must end its word.  Words beyond WORD_BYTES are cut: no option is that long.
 */
#include "sandbox/supervisor/shebang.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define WORD_BYTES 1024

typedef struct {
  const char *at;
  const char *end;
  char word[WORD_BYTES];
  size_t size;
} Words;

static void add(Words *w, char c) {
  if (w->size < WORD_BYTES - 1) w->word[w->size++] = c;
}

static bool is_blank(char c) {
  return isspace((unsigned char)c) != 0;
}

static int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

static char plain_escape(char c) {
  switch (c) {
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    case 'b': return '\b';
    case 'a': return '\a';
    default: return c;
  }
}

/* Reads what follows a backslash inside double quotes; there is at least one byte. */
static void read_escape(Words *w) {
  if (*w->at == 'x' && w->end - w->at > 2 && hex_value(w->at[1]) >= 0 && hex_value(w->at[2]) >= 0) {
    add(w, (char)(hex_value(w->at[1]) * 16 + hex_value(w->at[2])));
    w->at += 3;
    return;
  }
  add(w, plain_escape(*w->at++));
}

/* Reads a quoted part up to its closing quote; false when there is none, or when
 * the word goes on behind it. */
static bool read_quoted(Words *w, char quote) {
  while (w->at < w->end && *w->at != quote) {
    bool escapes = *w->at == '\\' && w->end - w->at > 1 && (quote == '"' || w->at[1] == '\'');
    if (!escapes) {
      add(w, *w->at++);
      continue;
    }
    w->at++;
    if (quote == '"')
      read_escape(w);
    else
      add(w, *w->at++);
  }
  if (w->at == w->end) return false;
  w->at++;
  return w->at == w->end || is_blank(*w->at);
}

typedef enum { WORD_OK, WORD_NONE, WORD_UNBALANCED } WordStatus;

static WordStatus next_word(Words *w) {
  w->size = 0;
  while (w->at < w->end && is_blank(*w->at)) w->at++;
  if (w->at == w->end) return WORD_NONE;
  while (w->at < w->end && !is_blank(*w->at)) {
    char c = *w->at++;
    if (c != '"' && c != '\'')
      add(w, c);
    else if (!read_quoted(w, c))
      return WORD_UNBALANCED;
    else
      break;
  }
  w->word[w->size] = '\0';
  return WORD_OK;
}

static bool fail(char *error, const char *format, const char *what) {
  (void)snprintf(error, SHEBANG_ERROR_BYTES, "%s%s", format, what);
  return false;
}

static unsigned find_flag(const char *name) {
#define SCRIPT_FLAG(flag, bit, text) \
  if (strcmp(name, text) == 0) return bit;
#include "policy/script_flags.def"
#undef SCRIPT_FLAG
  return 0;
}

/* Reads "a,b,c"; an empty list is fine, an empty item is not. */
static bool read_flags(char *list, Shebang *shebang, char *error) {
  char *item = list;
  while (*list != '\0' && item != NULL) {
    char *comma = strchr(item, ',');
    if (comma != NULL) *comma = '\0';
    unsigned bit = find_flag(item);
    if (bit == 0) return fail(error, "Unexpected flag in script shebang: ", item);
    shebang->flags |= bit;
    item = comma == NULL ? NULL : comma + 1;
  }
  return true;
}

static bool read_option(char *word, Shebang *shebang, char *error) {
  if (strncmp(word, "flags=", 6) != 0) return fail(error, "Unknown lua shebang option: ", word);
  return read_flags(word + 6, shebang, error);
}

/* Unbalanced quotes anywhere make the whole line invalid, as the whole line is
 * split before any word is looked at. */
static bool is_balanced(Words words) {
  WordStatus status;
  do status = next_word(&words);
  while (status == WORD_OK);
  return status == WORD_NONE;
}

static bool read_line(Words *words, Shebang *shebang, char *error) {
  if (!is_balanced(*words)) return fail(error, "Invalid engine in script shebang", "");
  if (next_word(words) != WORD_OK || strcmp(words->word, "#!lua") != 0)
    return fail(error, "Unexpected engine in script shebang: ", words->word);
  while (next_word(words) == WORD_OK)
    if (!read_option(words->word, shebang, error)) return false;
  return true;
}

static bool begins_with_shebang(ByteView text) {
  return text.size >= 2 && memcmp(text.data, "#!", 2) == 0;
}

/* Takes the first line's words, and what follows it; false when the line has no end.
 * Redis looks for that in a C string. */
static bool open_line(ByteView text, Words *ret_words, ByteView *ret_body) {
  const char *start = (const char *)text.data;
  const char *end = memchr(start, '\n', text.size);
  if (end == NULL || memchr(start, '\0', (size_t)(end - start)) != NULL) return false;
  *ret_words = (Words){.at = start, .end = end};
  *ret_body = ipc_bytes_view(end, text.size - (size_t)(end - start));
  return true;
}

bool supervisor_shebang_split(ByteView script, Shebang *ret_shebang,
                              char ret_error[SHEBANG_ERROR_BYTES]) {
  Words words;
  *ret_shebang = (Shebang){.body = script};
  if (!begins_with_shebang(script)) return true;
  if (!open_line(script, &words, &ret_shebang->body)) return fail(ret_error, "Invalid script shebang", "");
  ret_shebang->is_present = true;
  return read_line(&words, ret_shebang, ret_error);
}

/* --- Libraries --- */

bool supervisor_shebang_is_name(ByteView name) {
  for (size_t i = 0; i < name.size; i++)
    if (!isalnum(name.data[i]) && name.data[i] != '_') return false;
  return name.size != 0;
}

static bool read_library_words(Words *words, LibraryHead *head, char *error) {
  bool is_named = false;
  while (next_word(words) == WORD_OK) {
    if (strncasecmp(words->word, "name=", 5) != 0)
      return fail(error, "Invalid metadata value given: ", words->word);
    if (is_named)
      return fail(error, "Invalid metadata value, name argument was given multiple times", "");
    is_named = true;
    memcpy(head->name, words->word + 5, words->size - 5 + 1);
  }
  return is_named || fail(error, "Library name was not given", "");
}

static bool read_library_line(Words *words, LibraryHead *head, char *error) {
  char engine[WORD_BYTES];
  if (!is_balanced(*words) || next_word(words) != WORD_OK)
    return fail(error, "Invalid library metadata", "");
  memcpy(engine, words->word, words->size + 1);
  if (!read_library_words(words, head, error)) return false;
  if (!supervisor_shebang_is_name(ipc_bytes_text(head->name)))
    return fail(error,
                "Library names can only contain letters, numbers, or underscores(_) and must be "
                "at least one character long",
                "");
  if (strcasecmp(engine, "#!lua") == 0) return true;
  (void)snprintf(error, SHEBANG_ERROR_BYTES, "Engine '%s' not found", engine + 2);
  return false;
}

bool supervisor_shebang_library(ByteView code, LibraryHead *ret_head,
                                char ret_error[SHEBANG_ERROR_BYTES]) {
  Words words;
  *ret_head = (LibraryHead){.body = code};
  if (!begins_with_shebang(code)) return fail(ret_error, "Missing library metadata", "");
  if (!open_line(code, &words, &ret_head->body)) return fail(ret_error, "Invalid library metadata", "");
  return read_library_line(&words, ret_head, ret_error);
}
