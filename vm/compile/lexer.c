/* SPDX-License-Identifier: BSD-2-Clause */
/* lexer - see the header.
 *
 * The source has a NUL behind it, if need be that of a copy, so that scanning needs
 * no bounds checks: a NUL is in no character class, and only the dispatch of a token
 * and the insides of strings ask whether it is the end.  Character classes are
 * ASCII's; no locale is asked.
 */
#include "vm/compile/lexer.h"

#include <string.h>

#include "vm/compile/chunk_id.h"
#include "vm/compile/literal.h"
#include "vm/compile/message.h"
#include "vm/config.h"
#include "vm/values/number.h"

enum { CLASS_SPACE = 1, CLASS_DIGIT = 2, CLASS_NAME = 4 }; /* NAME: letters and _ */

static const unsigned char classes[256] = {
    [' '] = CLASS_SPACE,        ['\t'] = CLASS_SPACE,        ['\v'] = CLASS_SPACE,
    ['\f'] = CLASS_SPACE,       ['0' ... '9'] = CLASS_DIGIT, ['A' ... 'Z'] = CLASS_NAME,
    ['a' ... 'z'] = CLASS_NAME, ['_'] = CLASS_NAME,
};

static inline bool is_class(char c, int class) {
  return classes[(unsigned char)c] & class;
}
static inline bool is_newline(char c) {
  return c == '\n' || c == '\r';
}

/* --- Errors --- */

static const char *const token_texts[] = {
#define RESERVED(name, text) text,
#define TOKEN(name, text) text,
#include "vm/compile/tokens.def"
#undef RESERVED
#undef TOKEN
};

size_t vm_lexer_spell(int kind, char text[16]) {
  if (kind > TOKEN_NONE_) {
    const char *name = token_texts[kind - TOKEN_NONE_ - 1];
    size_t length = strlen(name);
    memcpy(text, name, length + 1);
    return length;
  }
  bool control = kind < 32 || kind == 127;
  if (!control) {
    text[0] = (char)kind;
    text[1] = '\0';
    return 1;
  }
  size_t n = 5;
  memcpy(text, "char(", 5);
  if (kind >= 100) text[n++] = '1';
  if (kind >= 10) text[n++] = (char)('0' + kind / 10 % 10);
  text[n++] = (char)('0' + kind % 10);
  memcpy(text + n, ")", 2);
  return n + 1;
}

/* Ends the token stream: nothing is read after an error. */
static void stop(Lexer *lexer) {
  lexer->fault.raised = true;
  lexer->fault.line = lexer->line;
  lexer->at = lexer->end;
  lexer->token.kind = TOKEN_EOF;
  lexer->has_ahead = false;
}

void vm_lexer_raise_memory(Lexer *lexer) {
  if (lexer->fault.raised) return;
  stop(lexer);
  lexer->fault.memory = true;
  lexer->fault.line = 0;
}

static void raise_text(Lexer *lexer, const char *text, size_t size) {
  stop(lexer);
  lexer->fault.text = text;
  lexer->fault.size = size;
}

/* Composes and raises; `near` may be NULL. */
static void raise_message(Lexer *lexer, const char *message, const char *near, size_t near_size) {
  if (lexer->fault.raised) return;
  size_t message_size = strlen(message);
  char *text = region_take(lexer->region, CHUNK_ID_SYNTAX + 32 + message_size + near_size);
  if (!text) {
    vm_lexer_raise_memory(lexer);
    return;
  }
  size_t n = vm_chunk_id_write(lexer->chunk_name, lexer->chunk_name_size, text, CHUNK_ID_SYNTAX);
  text[n++] = ':';
  n = message_put_number(text, n, (uint32_t)lexer->line);
  memcpy(text + n, ": ", 2);
  memcpy(text + n + 2, message, message_size);
  n += 2 + message_size;
  if (near) {
    memcpy(text + n, " near '", 7);
    memcpy(text + n + 7, near, near_size);
    n += 7 + near_size;
    text[n++] = '\'';
  }
  text[n] = '\0';
  raise_text(lexer, text, n);
}

void vm_lexer_raise(Lexer *lexer, const char *message) {
  raise_message(lexer, message, NULL, 0);
}

void vm_lexer_raise_plain(Lexer *lexer, const char *message) {
  if (!lexer->fault.raised) raise_text(lexer, message, strlen(message));
}

/* Raises near the newest token, read up to `at`, as the reference's buffer has it. */
static void raise_near_text(Lexer *lexer, const char *message) {
  if (lexer->fault.raised) return;
  size_t size = (size_t)(lexer->at - lexer->token_start);
  char *near = region_take(lexer->region, size + 1);
  if (!near) {
    vm_lexer_raise_memory(lexer);
    return;
  }
  size_t shown = vm_literal_show(lexer->token_start, lexer->at, near);
  const char *nul = memchr(near, '\0', shown);
  raise_message(lexer, message, near, nul ? (size_t)(nul - near) : shown);
}

static void raise_near_kind(Lexer *lexer, const char *message, int kind) {
  char text[16];
  size_t size = vm_lexer_spell(kind, text);
  raise_message(lexer, message, text, size);
}

void vm_lexer_raise_near(Lexer *lexer, const char *message) {
  int kind = lexer->token.kind;
  if (kind == TOKEN_NAME || kind == TOKEN_STRING || kind == TOKEN_NUMBER) {
    raise_near_text(lexer, message);
  } else if (kind == 0) {
    vm_lexer_raise(lexer, message); /* a NUL byte: the reference takes it for "no token" */
  } else {
    raise_near_kind(lexer, message, kind);
  }
}

/* --- Pieces of tokens --- */

/* Skips a line end: LF, CR, LFCR or CRLF count once. */
static inline void skip_newline(Lexer *lexer) {
  char first = *lexer->at++;
  if (is_newline(*lexer->at) && *lexer->at != first) lexer->at++;
  lexer->line++;
}

/* At the first bracket of "[==[": skips it and the signs.  Returns their number
 * when the second bracket follows, else -1 - number. */
static ptrdiff_t skip_level(Lexer *lexer) {
  char bracket = *lexer->at++;
  const char *signs = lexer->at;
  while (*lexer->at == '=') lexer->at++;
  ptrdiff_t count = lexer->at - signs;
  return *lexer->at == bracket ? count : -count - 1;
}

/* At the second opening bracket: finds the closing brackets and skips them.
 * Returns false at the end of the source. */
static bool skip_long(Lexer *lexer, ptrdiff_t level, bool *ret_has_return) {
  lexer->at++;
  for (;;) {
    char c = *lexer->at;
    if (c == ']') {
      if (skip_level(lexer) == level) {
        lexer->at++;
        return true;
      }
    } else if (is_newline(c)) {
      *ret_has_return |= c == '\r' || lexer->at[1] == '\r';
      skip_newline(lexer);
    } else if (c == '\0' && lexer->at == lexer->end) {
      return false;
    } else {
      lexer->at++;
    }
  }
}

static int finish_string(Lexer *lexer, Token *token, const char *bytes, size_t size) {
  token->atom = vm_atom_intern(&lexer->atoms, bytes, size);
  if (token->atom) return TOKEN_STRING;
  vm_lexer_raise_memory(lexer);
  return TOKEN_EOF;
}

/* Interns what `vm_literal_show` leaves of the token between its delimiters. */
static int finish_translated(Lexer *lexer, Token *token, size_t delimiter) {
  size_t raw = (size_t)(lexer->at - lexer->token_start);
  char *text = region_take(lexer->region, raw);
  if (!text) {
    vm_lexer_raise_memory(lexer);
    return TOKEN_EOF;
  }
  size_t size = vm_literal_show(lexer->token_start, lexer->at, text);
  return finish_string(lexer, token, text + delimiter, size - 2 * delimiter);
}

static int read_long_string(Lexer *lexer, Token *token, ptrdiff_t level) {
  bool has_return = false;
  if (!skip_long(lexer, level, &has_return)) {
    raise_near_kind(lexer, "unfinished long string", TOKEN_EOF);
    return TOKEN_EOF;
  }
  size_t delimiter = (size_t)level + 2;
  if (has_return) return finish_translated(lexer, token, delimiter);
  const char *bytes = lexer->token_start + delimiter;
  if (*bytes == '\n') bytes++;
  return finish_string(lexer, token, bytes, (size_t)(lexer->at - bytes) - delimiter);
}

/* After a backslash inside a short string.  Returns false on an error. */
static bool skip_escape(Lexer *lexer) {
  char c = *lexer->at;
  if (is_newline(c)) {
    skip_newline(lexer);
  } else if (is_class(c, CLASS_DIGIT)) {
    int value = 0;
    for (int i = 0; i < 3 && is_class(*lexer->at, CLASS_DIGIT); i++)
      value = value * 10 + *lexer->at++ - '0';
    if (value > 255) {
      /* The reference has not kept the digits of the escape yet. */
      while (*lexer->at != '\\') lexer->at--;
      raise_near_text(lexer, "escape sequence too large");
      return false;
    }
  } else if (lexer->at < lexer->end) {
    lexer->at++;
  }
  return true;
}

static int read_string(Lexer *lexer, Token *token) {
  char delimiter = *lexer->at++;
  bool escapes = false;
  while (*lexer->at != delimiter) {
    char c = *lexer->at;
    if (c == '\\') {
      escapes = true;
      lexer->at++;
      if (!skip_escape(lexer)) return TOKEN_EOF;
    } else if (is_newline(c)) {
      raise_near_text(lexer, "unfinished string");
      return TOKEN_EOF;
    } else if (c == '\0' && lexer->at == lexer->end) {
      raise_near_kind(lexer, "unfinished string", TOKEN_EOF);
      return TOKEN_EOF;
    } else {
      lexer->at++;
    }
  }
  lexer->at++;
  if (escapes) return finish_translated(lexer, token, 1);
  return finish_string(lexer, token, lexer->token_start + 1,
                       (size_t)(lexer->at - lexer->token_start) - 2);
}

/* A NUL byte of the source: the reference takes it for an exponent's letter and again for
 * its sign, because it looks them up in a C string. */
static bool is_nul(const Lexer *lexer) {
  return *lexer->at == '\0' && lexer->at != lexer->end;
}

/* The end of a numeral that starts at token_start and was read up to `at`. */
static void skip_numeral(Lexer *lexer) {
  while (is_class(*lexer->at, CLASS_DIGIT) || *lexer->at == '.') lexer->at++;
  if (*lexer->at == 'E' || *lexer->at == 'e' || is_nul(lexer)) {
    lexer->at++;
    if (*lexer->at == '+' || *lexer->at == '-' || is_nul(lexer)) lexer->at++;
  }
  while (is_class(*lexer->at, CLASS_NAME | CLASS_DIGIT)) lexer->at++;
}

/* Reads the numeral [text, end) from a copy: a NUL must follow it. */
static bool read_number_text(Lexer *lexer, const char *text, const char *end, double *ret_number) {
  size_t size = (size_t)(end - text);
  char near[64], *copy = size < sizeof near ? near : region_take(lexer->region, size + 1);
  if (!copy) {
    vm_lexer_raise_memory(lexer);
    return false;
  }
  memcpy(copy, text, size);
  copy[size] = '\0';
  return vm_number_read(copy, size, ret_number);
}

static int read_numeral(Lexer *lexer, Token *token) {
  skip_numeral(lexer);
  const char *text = lexer->token_start;
  if (vm_literal_short_number(text, lexer->at, &token->number)) return TOKEN_NUMBER;
  const char *nul = memchr(text, '\0', (size_t)(lexer->at - text));
  if (read_number_text(lexer, text, nul != NULL ? nul : lexer->at, &token->number)) return TOKEN_NUMBER;
  raise_near_text(lexer, "malformed number");
  return TOKEN_EOF;
}

static int read_name(Lexer *lexer, Token *token) {
  const char *p = lexer->at + 1;
  while (is_class(*p, CLASS_NAME | CLASS_DIGIT)) p++;
  lexer->at = p;
  Atom *atom = vm_atom_intern(&lexer->atoms, lexer->token_start, (size_t)(p - lexer->token_start));
  if (UNLIKELY(!atom)) {
    vm_lexer_raise_memory(lexer);
    return TOKEN_EOF;
  }
  token->atom = atom;
  return atom->reserved ? (int)atom->reserved : TOKEN_NAME;
}

/* After "--".  Returns false on an error. */
static bool skip_comment(Lexer *lexer) {
  if (*lexer->at == '[') {
    ptrdiff_t level = skip_level(lexer);
    bool ignored = false;
    if (level >= 0) {
      if (skip_long(lexer, level, &ignored)) return true;
      raise_near_kind(lexer, "unfinished long comment", TOKEN_EOF);
      return false;
    }
  }
  while (!is_newline(*lexer->at) && (*lexer->at != '\0' || lexer->at != lexer->end)) lexer->at++;
  return true;
}

static int read_bracket(Lexer *lexer, Token *token) {
  ptrdiff_t level = skip_level(lexer);
  if (level >= 0) return read_long_string(lexer, token, level);
  if (level == -1) return '[';
  raise_near_text(lexer, "invalid long string delimiter");
  return TOKEN_EOF;
}

/* A NUL behind a dot is a dot, for the same reason as in a numeral. */
static bool skip_dot(Lexer *lexer) {
  if (*lexer->at != '.' && !is_nul(lexer)) return false;
  lexer->at++;
  return true;
}

static int read_dots(Lexer *lexer, Token *token) {
  lexer->at++;
  if (skip_dot(lexer)) return skip_dot(lexer) ? TOKEN_DOTS : TOKEN_CONCAT;
  return is_class(*lexer->at, CLASS_DIGIT) ? read_numeral(lexer, token) : '.';
}

/* A byte that may be followed by '='. */
static int read_pair(Lexer *lexer, int pair) {
  int single = (unsigned char)*lexer->at++;
  if (*lexer->at != '=') return single;
  lexer->at++;
  return pair;
}

static int read_byte(Lexer *lexer) {
  if (*lexer->at == '\0' && lexer->at == lexer->end) return TOKEN_EOF;
  return (unsigned char)*lexer->at++;
}

/* --- The token --- */

/* A token that begins with punctuation; at a comment, skips it and returns -1. */
static int read_punctuation(Lexer *lexer, Token *token) {
  switch (*lexer->at) {
    case '-':
      if (lexer->at[1] != '-') return read_byte(lexer);
      lexer->at += 2;
      return skip_comment(lexer) ? -1 : TOKEN_EOF;
    case '[': return read_bracket(lexer, token);
    case '=': return read_pair(lexer, TOKEN_EQ);
    case '<': return read_pair(lexer, TOKEN_LE);
    case '>': return read_pair(lexer, TOKEN_GE);
    case '~': return read_pair(lexer, TOKEN_NE);
    case '"':
    case '\'': return read_string(lexer, token);
    case '.': return read_dots(lexer, token);
    default: return read_byte(lexer);
  }
}

static int read_token(Lexer *lexer, Token *token) {
  for (;;) {
    char c = *lexer->at;
    lexer->token_start = lexer->at;
    if (is_class(c, CLASS_NAME)) return read_name(lexer, token);
    if (is_class(c, CLASS_SPACE)) {
      lexer->at++;
    } else if (is_newline(c)) {
      skip_newline(lexer);
    } else if (is_class(c, CLASS_DIGIT)) {
      return read_numeral(lexer, token);
    } else {
      int kind = read_punctuation(lexer, token);
      if (kind >= 0) return kind;
    }
  }
}

void vm_lexer_next(Lexer *lexer) {
  lexer->last_line = lexer->line;
  if (lexer->has_ahead) {
    lexer->token = lexer->ahead;
    lexer->has_ahead = false;
  } else {
    /* An error inside has made the current token EOF already. */
    lexer->token.kind = read_token(lexer, &lexer->token);
  }
}

int vm_lexer_look_ahead(Lexer *lexer) {
  lexer->ahead.kind = read_token(lexer, &lexer->ahead);
  lexer->has_ahead = !lexer->fault.raised;
  return lexer->ahead.kind;
}

static bool intern_reserved(Lexer *lexer) {
  for (int kind = TOKEN_AND; kind <= TOKEN_WHILE; kind++) {
    const char *text = token_texts[kind - TOKEN_NONE_ - 1];
    Atom *atom = vm_atom_intern(&lexer->atoms, text, strlen(text));
    if (!atom) return false;
    atom->reserved = (uint32_t)kind;
  }
  return true;
}

/* The source with a NUL behind it; NULL when there is no room for a copy. */
static const char *open_source(Lexer *lexer, const char *source, size_t size, bool terminated) {
  if (size >= INT32_MAX) return NULL;
  if (terminated && source[size] == '\0') return source;
  char *copy = region_take(lexer->region, size + 1);
  if (!copy) return NULL;
  memcpy(copy, source, size);
  copy[size] = '\0';
  return copy;
}

void vm_lexer_init(Lexer *lexer, Region *region, const char *source, size_t size, bool terminated) {
  *lexer = (Lexer){.region = region, .line = 1, .last_line = 1};
  lexer->at = lexer->end = lexer->token_start = &lexer->nothing;
  const char *text = open_source(lexer, source, size, terminated);
  if (!text || !vm_atom_init(&lexer->atoms, region) || !intern_reserved(lexer)) {
    vm_lexer_raise_memory(lexer);
    return;
  }
  lexer->at = lexer->token_start = text;
  lexer->end = text + size;
}
