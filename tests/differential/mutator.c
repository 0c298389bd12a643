/* SPDX-License-Identifier: BSD-2-Clause */
/* mutator - real sources, damaged token by token; see generator.h. */
#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "tests/differential/generator.h"

enum { TOKENS_MAX = 3000, LINES_MAX = 40 };

typedef struct {
  const char *text;
  uint32_t size;
} Token;

typedef struct {
  Random random;
  Token tokens[TOKENS_MAX];
  uint32_t count;
} Mutation;

static const char *const spare[] = {
    "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "if", "in", "local", "nil", "not", "or", "repeat", "return",
    "then", "true", "until", "while", "+", "-", "*", "/", "%", "^", "#", "==", "~=", "<=", ">=", "<", ">", "=", "(", ")", "{", "}", "[", "]", ";",
    ":", ",", ".", "..", "...", "x", "y", "1", "0", "-1", "2.5", "1e10", "0x1", "1e", "'str'", "''", "[[long]]", "--", "--[[", "nil", "{}", "print",
    "tostring", "pcall", "setmetatable", "string", "table", "1e400", "0/0", "#t", "(nil)", "\"open", "@", "~"};

static bool is_word(char c) { return isalnum((unsigned char)c) || c == '_'; }

static uint32_t token_size(const char *p, const char *end) {
  const char *s = p;
  if (isspace((unsigned char)*p)) {
    while (s < end && isspace((unsigned char)*s)) s++;
  } else if (is_word(*p)) {
    while (s < end && is_word(*s)) s++;
  } else if (*p == '"' || *p == '\'') {
    for (s++; s < end && *s != *p && *s != '\n'; s++) s += *s == '\\' && s + 1 < end;
    if (s < end) s++;
  } else if (end - p >= 2 && strchr("=~<>.-[", *p) && (p[1] == '=' || p[1] == *p)) {
    s += 2;
  } else {
    s++;
  }
  return (uint32_t)(s - p);
}

/* Up to LINES_MAX lines from a random line on; the whole of a short source. */
static void take_window(Mutation *m, const char *source) {
  size_t size = strlen(source);
  const char *start = source, *end = source + size;
  if (size > 6000) {
    start += random_below(&m->random, (uint32_t)size);
    while (start > source && start[-1] != '\n') start--;
    const char *stop = start;
    for (uint32_t lines = 1 + random_below(&m->random, LINES_MAX); lines > 0 && stop < end; lines--) {
      const char *line = memchr(stop, '\n', (size_t)(end - stop));
      stop = line ? line + 1 : end;
    }
    end = stop;
  }
  for (const char *p = start; p < end && m->count < TOKENS_MAX - 64;) {
    uint32_t n = token_size(p, end);
    m->tokens[m->count++] = (Token){p, n};
    p += n;
  }
}

static void insert(Mutation *m, uint32_t at, Token token) {
  if (m->count == TOKENS_MAX) return;
  memmove(&m->tokens[at + 1], &m->tokens[at], (m->count - at) * sizeof(Token));
  m->tokens[at] = token;
  m->count++;
}

static Token spare_token(Mutation *m) {
  const char *text = spare[random_below(&m->random, sizeof spare / sizeof *spare)];
  return (Token){text, (uint32_t)strlen(text)};
}

static void damage(Mutation *m) {
  uint32_t at = random_below(&m->random, m->count), other = random_below(&m->random, m->count);
  Token kept = m->tokens[at];
  switch (random_below(&m->random, 8)) {
    case 0: memmove(&m->tokens[at], &m->tokens[at + 1], (--m->count - at) * sizeof(Token)); break;
    case 1: insert(m, at, kept); break;
    case 2: m->tokens[at] = m->tokens[other]; m->tokens[other] = kept; break;
    case 3: m->tokens[at] = m->tokens[other]; break;
    case 4: insert(m, at, m->tokens[other]); break;
    case 5: insert(m, at, spare_token(m)); break;
    default: m->tokens[at] = spare_token(m); break;
  }
}

/* Addresses would differ, a clock too, and what only one side offers. */
static const char prelude[] =
    "os, io, debug, collectgarbage, gcinfo, newproxy, math.random, math.randomseed, package, module, require, dofile, loadfile, arg, redis, cjson, bit, struct, cmsgpack = nil; "
    "local canary = 'CANARY' .. 'planted'; ";

static size_t join(const Mutation *m, char text[PROGRAM_MAX + 1]) {
  size_t size = sizeof prelude - 1;
  memcpy(text, prelude, size);
  for (uint32_t i = 0; i < m->count; i++) {
    const Token *t = &m->tokens[i];
    if (size + t->size + 2 > PROGRAM_MAX) break;
    if (size > 0 && is_word(text[size - 1]) && is_word(t->text[0])) text[size++] = ' ';
    memcpy(text + size, t->text, t->size);
    size += t->size;
  }
  text[size] = '\0';
  return size;
}

/* Stock Lua refuses [[ inside [[ ]]; Redis and we do not.  Its hash samples long keys. */
static bool is_excluded(const char *text) {
  const char *open = strstr(text, "[[");
  return open != NULL && strstr(open + 2, "[[") != NULL;
}

size_t generator_mutate(uint64_t seed, const char *const *sources, size_t count, char text[PROGRAM_MAX + 1]) {
  static Mutation m;
  m.random = random_from(seed);
  m.count = 0;
  take_window(&m, sources[random_below(&m.random, (uint32_t)count)]);
  if (random_below(&m.random, 4) == 0) take_window(&m, sources[random_below(&m.random, (uint32_t)count)]);
  for (uint32_t n = random_below(&m.random, 4); n > 0 && m.count > 0; n--) damage(&m);
  size_t size = join(&m, text);
  if (is_excluded(text + sizeof prelude - 1)) size = sizeof prelude - 1;
  text[size] = '\0';
  return size;
}
