/* SPDX-License-Identifier: BSD-2-Clause */
/* generator - see generator.h.
 *
 * A template is expanded from left to right.  Locals that a template declares wait until
 * its next scope opens, or its statement ends, so that no initialiser sees its own name.
 * Depth and size are bounded: beyond the bounds only leaves are written.
 */
#include "tests/differential/generator.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "tests/differential/words.h"

enum { VARIABLES_MAX = 400, PENDING_MAX = 64, NESTED_MAX = 64, DEPTH_MAX = 5, KINDS = 128 };

typedef struct {
  char kind;
  uint16_t id;
} Variable;

typedef struct {
  Random random;
  char *text;
  size_t size;
  Variable variables[VARIABLES_MAX]; /* in scope, innermost last */
  uint32_t visible;
  Variable pending[PENDING_MAX];
  uint32_t waiting;
  uint32_t scopes[NESTED_MAX]; /* `visible` when each opened */
  bool varargs[NESTED_MAX];    /* whether "..." is there */
  uint32_t nested;
  uint32_t depth; /* of expressions */
  int left;       /* parts that may still be written */
  uint16_t next_id;
} Generator;

static uint64_t mix(uint64_t z) {
  z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
  return z ^ z >> 31;
}

/* Mixed, or the stream of one seed would be that of the one before, from its second number on. */
Random random_from(uint64_t seed) { return (Random){mix(seed * UINT64_C(0xd1342543de82ef95) + 1)}; }

uint32_t random_below(Random *r, uint32_t n) {
  r->state += UINT64_C(0x9e3779b97f4a7c15);
  return (uint32_t)(mix(r->state) >> 32) % n;
}

static uint32_t pick(Generator *g, uint32_t n) { return random_below(&g->random, n); }

__attribute__((format(printf, 2, 3))) static void put(Generator *g, const char *format, ...) {
  va_list list;
  va_start(list, format);
  size_t room = PROGRAM_MAX - g->size;
  int n = vsnprintf(g->text + g->size, room, format, list);
  va_end(list);
  if (n > 0) g->size += (size_t)n < room ? (size_t)n : room - 1;
}

static void put_char(Generator *g, char c) {
  if (g->size + 1 >= PROGRAM_MAX) return;
  g->text[g->size++] = c;
  g->text[g->size] = '\0';
}

/* --- Rules --- */

typedef struct {
  char kind;
  uint8_t weight;
  const char *form;
} Rule;

static const Rule rules[] = {
#define RULE(kind, weight, form) {#kind[0], weight, form},
#include "tests/differential/grammar.def"
#undef RULE
};
enum { RULE_COUNT = sizeof rules / sizeof *rules };

static const char *pick_rule(Generator *g, char kind) {
  uint32_t total = 0;
  for (uint32_t i = 0; i < RULE_COUNT; i++) total += rules[i].kind == kind ? rules[i].weight : 0;
  uint32_t at = pick(g, total);
  for (uint32_t i = 0;; i++) {
    if (rules[i].kind != kind) continue;
    if (at < rules[i].weight) return rules[i].form;
    at -= rules[i].weight;
  }
}

/* --- Scopes and variables --- */

static void declare(Generator *g, Variable v) {
  if (g->visible < VARIABLES_MAX) g->variables[g->visible++] = v;
}

static void settle(Generator *g, uint32_t from) {
  for (uint32_t i = from; i < g->waiting; i++) declare(g, g->pending[i]);
  g->waiting = from;
}

static void open_scope(Generator *g, bool has_varargs) {
  if (g->nested + 1 < NESTED_MAX) g->nested++;
  g->scopes[g->nested] = g->visible;
  g->varargs[g->nested] = has_varargs;
}

static void close_scope(Generator *g) {
  g->visible = g->scopes[g->nested];
  if (g->nested > 0) g->nested--;
}

static Variable put_new(Generator *g, char kind) {
  Variable v = {kind, g->next_id++};
  put(g, "%c%u", kind, v.id);
  return v;
}

/* Any-kind variables serve every kind now and then. */
static bool put_variable(Generator *g, char kind) {
  uint32_t count = 0;
  for (uint32_t i = 0; i < g->visible; i++) count += g->variables[i].kind == kind;
  if (count == 0) return false;
  uint32_t at = pick(g, count);
  if (count > 3 && pick(g, 2)) at = count - 1 - pick(g, 3);
  for (uint32_t i = 0;; i++) {
    if (g->variables[i].kind != kind || at-- != 0) continue;
    put(g, "%c%u", kind, g->variables[i].id);
    return true;
  }
}

/* --- Leaves --- */

#define PUT_ONE_OF(g, list) put(g, "%s", list[pick(g, sizeof list / sizeof *list)])

static void put_leaf(Generator *g, char kind) {
  switch (kind) {
    case 'n':
      if (pick(g, 3)) PUT_ONE_OF(g, word_small);
      else PUT_ONE_OF(g, word_numbers);
      break;
    case 's': PUT_ONE_OF(g, word_strings); break;
    case 'b': PUT_ONE_OF(g, word_booleans); break;
    case 't': PUT_ONE_OF(g, word_tables); break;
    case 'o': PUT_ONE_OF(g, word_objects); break;
    case 'f': PUT_ONE_OF(g, word_functions); break;
    case 'c': put(g, "coroutine.create(f0)"); break;
    default: PUT_ONE_OF(g, word_anything); break;
  }
}

static void expand(Generator *g, const char *form);

static void put_expression(Generator *g, char kind) {
  if (kind != 'x' && kind != 'o' && pick(g, 70) == 0) kind = 'x';
  if (pick(g, 5) < 2 && put_variable(g, kind)) return;
  if (g->depth >= DEPTH_MAX || g->left <= 0 || pick(g, 4) == 0) {
    if (pick(g, 3) == 0 || !put_variable(g, kind)) put_leaf(g, kind);
    return;
  }
  g->left--;
  g->depth++;
  expand(g, pick_rule(g, kind));
  g->depth--;
}

/* --- Odd material --- */

static void put_format(Generator *g, bool numeric) {
  put(g, "%%");
  for (uint32_t n = pick(g, 3); n > 0 && pick(g, 2); n--) put_char(g, "-+ #0"[pick(g, 5)]);
  if (pick(g, 2)) put(g, "%u", pick(g, pick(g, 12) ? 20 : 120));
  if (pick(g, 3) == 0) put(g, ".%u", pick(g, pick(g, 12) ? 20 : 120));
  const char *conversions = numeric ? "dieEfgGxXouc" : "sqdgxcsssf%yn";
  put_char(g, conversions[pick(g, (uint32_t)strlen(conversions))]);
}

static void put_format_text(Generator *g) {
  put(g, "'");
  for (uint32_t n = 1 + pick(g, 4); n > 0; n--) {
    put_format(g, pick(g, 2));
    if (pick(g, 2)) put(g, "<>");
  }
  if (pick(g, 40) == 0) put(g, "%%");
  put(g, "'");
}

static void put_pattern(Generator *g) {
  put(g, "'");
  for (uint32_t n = 1 + pick(g, 4); n > 0; n--) PUT_ONE_OF(g, word_patterns);
  put(g, "'");
}

static void put_number_text(Generator *g) {
  put(g, "'");
  for (uint32_t n = 1 + pick(g, 5); n > 0; n--) PUT_ONE_OF(g, word_number_texts);
  put(g, "'");
}

static void put_key(Generator *g) {
  switch (pick(g, 8)) {
    case 0: put(g, "%d", (int)pick(g, 200) - 100); break;
    case 1: PUT_ONE_OF(g, word_numbers); break;
    case 2: PUT_ONE_OF(g, word_booleans); break;
    case 3: put(g, "key("); put_expression(g, 's'); put(g, ")"); break;
    case 4: put(g, "'%c%u'", 'a' + (char)pick(g, 4), pick(g, 30)); break;
    case 5: put(g, "'"); PUT_ONE_OF(g, word_fields); put(g, "'"); break;
    default: put(g, "%u", 1 + pick(g, 12)); break;
  }
}

static void put_arguments(Generator *g) {
  uint32_t count = pick(g, 5);
  for (uint32_t i = 0; i < count; i++) {
    if (i) put(g, ", ");
    put_expression(g, i + 1 == count && pick(g, 4) == 0 ? 'f' : 'x');
  }
  if (count == 0 || pick(g, 5) == 0) {
    if (count) put(g, ", ");
    put(g, "%s", g->varargs[g->nested] ? "..." : "two()");
  }
}

static void put_list(Generator *g) {
  uint32_t count = pick(g, 4) ? pick(g, 12) : pick(g, 60), sort = pick(g, 5);
  put(g, "{");
  for (uint32_t i = 0; i < count; i++) {
    if (i) put(g, ", ");
    if (sort < 2) put(g, "%d", (int)pick(g, count < 20 ? 10 : 1000) - 5);
    else if (sort == 2) put(g, "'%c%c'", 'a' + (char)pick(g, 3), 'A' + (char)pick(g, 26));
    else if (sort == 3) PUT_ONE_OF(g, word_numbers);
    else put_leaf(g, "nsx"[pick(g, 3)]);
  }
  put(g, "}");
}

/* A text of source, now and then damaged, as a string literal. */
static void put_source(Generator *g, bool is_damaged) {
  size_t start = g->size;
  char inner[2000];
  put_expression(g, 'x');
  size_t size = g->size - start < sizeof inner ? g->size - start : 0;
  memcpy(inner, g->text + start, size);
  g->size = start;
  size_t lost = is_damaged && size ? pick(g, (uint32_t)size) : size;
  put(g, "'%s", pick(g, 4) ? "return " : "");
  for (size_t i = 0; i < size; i++) {
    if (i == lost) continue;
    if (inner[i] == '\'' || inner[i] == '\\' || inner[i] == '\n') put_char(g, '\\');
    put_char(g, inner[i]);
  }
  put(g, "'");
}

/* --- Statements --- */

static void put_statement(Generator *g) {
  uint32_t waiting = g->waiting;
  put(g, "\n%*s", (int)g->nested, "");
  g->left--;
  expand(g, pick_rule(g, 'S'));
  settle(g, waiting);
  if (pick(g, 8) == 0) put(g, ";");
}

static void put_statements(Generator *g) {
  uint32_t count = g->left > 0 ? 1 + pick(g, 4) : 1, depth = g->depth;
  g->depth = g->nested > 5 ? 3 : 1;
  for (uint32_t i = 0; i < count; i++) {
    if (g->left > 0) put_statement(g);
    else put(g, "\n%*sshow(%u)", (int)g->nested, "", pick(g, 9));
  }
  g->depth = depth;
  put(g, "\n%*s", (int)g->nested, "");
}

/* --- Marks --- */

/* A local that a mark declares; `waiting` is where this template's own begin. */
static const char *declare_mark(Generator *g, const char *mark) {
  Variable v = put_new(g, mark[1]);
  if (mark[0] == '!') declare(g, v);
  else if (g->waiting < PENDING_MAX) g->pending[g->waiting++] = v;
  return mark + 2;
}

static void put_assignable(Generator *g, char kind) {
  if (!put_variable(g, kind)) put(g, "g%c", kind);
}

static void put_word(Generator *g, char mark) {
  switch (mark) {
    case 'i': PUT_ONE_OF(g, word_small); break;
    case 'j': if (pick(g, 3)) PUT_ONE_OF(g, word_small); else PUT_ONE_OF(g, word_numbers); break;
    case 'w': PUT_ONE_OF(g, word_fields); break;
    case 'm': PUT_ONE_OF(g, word_math); break;
    case 'u': PUT_ONE_OF(g, word_string_functions); break;
    case 'h': PUT_ONE_OF(g, word_table_functions); break;
    case 'g': PUT_ONE_OF(g, word_functions); break;
    case 'q': PUT_ONE_OF(g, word_comparators); break;
    case 'y': PUT_ONE_OF(g, word_odd); break;
    case 'r': PUT_ONE_OF(g, word_replacements); break;
    case 'v': put(g, "%s", g->varargs[g->nested] ? "..." : "two()"); break;
    case 'T': if (pick(g, 3) || !put_variable(g, 't')) put(g, "T"); break;
    case 'D': put_format(g, true); break;
    case 'd': put_format_text(g); break;
    case 'p': put_pattern(g); break;
    case 'e': put_number_text(g); break;
    case 'k': put_key(g); break;
    case 'a': put_arguments(g); break;
    case 'l': put_list(g); break;
    case 'z': put_source(g, true); break;
    case 'Z': put_source(g, false); break;
    case 'L': put_statements(g); break;
    default: put_expression(g, mark); break;
  }
}

static void expand(Generator *g, const char *form) {
  uint32_t waiting = g->waiting;
  for (const char *p = form; *p != '\0';) {
    if (*p != '@') {
      put_char(g, *p++);
      continue;
    }
    switch (*++p) {
      case '{': open_scope(g, g->varargs[g->nested]); settle(g, waiting); p++; break;
      case '<': open_scope(g, true); settle(g, waiting); p++; break;
      case '(': open_scope(g, false); settle(g, waiting); p++; break;
      case '}': case '>': case ')': close_scope(g); p++; break;
      case '+': case '!': p = declare_mark(g, p); break;
      case '=': put_assignable(g, p[1]); p += 2; break;
      default: put_word(g, *p++); break;
    }
  }
}

size_t generator_write(uint64_t seed, char text[PROGRAM_MAX + 1]) {
  Generator g = {.random = random_from(seed), .text = text};
  put(&g, "%s", word_prelude);
  open_scope(&g, true);
  uint32_t parts = 1 + pick(&g, 6);
  for (uint32_t i = 0; i < parts; i++) {
    g.left = 10 + (int)pick(&g, 60);
    expand(&g, "\nshow(pcall(function(@+n, @+s, @+x, ...) @<@L return @a@> end, 1, 'two', nil, f0, T))");
    g.waiting = 0;
    g.depth = DEPTH_MAX - 1;
    expand(&g, i % 2 ? "\nlocal @!t = tab(select(2, pcall(function() @(return @t@) end)))" : "\nlocal @!s, @!n = str(select(2, pcall(function() @(return @s@) end))), @i");
    g.depth = 0;
  }
  put(&g, "\nshow(T, gn, gs, gx, gt)\n");
  return g.size;
}
