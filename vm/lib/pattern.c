/* SPDX-License-Identifier: BSD-2-Clause */
/* pattern - Lua 5.1's pattern matcher, without recursion.
 *
 * A Place is where the match stands: in the subject and in the pattern.  Each step
 * takes one item of the pattern and gives the next place, or FAILED; then the newest
 * Choice says where to go on.  Work is counted in quarter steps: four for an item, one
 * for a byte that a repetition runs over.
 *
 * Two short cuts, neither of which can be seen: when the item behind a repetition is
 * a plain byte, only places where that byte stands are tried; and a search starts only
 * where the first item can match.  Layer: vm/lib.
 */
#include "vm/lib/pattern.h"

#include <string.h>

enum {
  STEP = 4,          /* quarter steps of one item */
  WORK_PIECE = 1024, /* quarter steps between two charges */
  RUN_PIECE = 4096   /* bytes that a repetition runs over between two charges */
};

enum { ANY_BYTE = -1 };

/* Kinds of Choice. */
enum {
  CHOICE_LONGEST,  /* s[0..count) matched an item: try fewer */
  CHOICE_SHORTEST, /* try the item once more at s */
  CHOICE_OPTIONAL, /* go on at s without the item */
  UNDO_OPEN,       /* forget the newest capture */
  UNDO_CLOSE       /* open capture `count` again */
};

typedef struct {
  const char *s; /* NULL: failed */
  const char *p;
} Place;

static const Place FAILED = {NULL, NULL};

/* One thing that matches a single byte: passed about in two registers. */
typedef struct {
  const ByteSet *set; /* NULL: `byte` alone */
  unsigned char byte;
} Item;

/* --- Classes, in the C locale --- */

/* Letter, the same in upper case, which stands for all other bytes, and the bytes up to 63 and to 127. */
#define CLASSES(X)                                                              \
  X('a', 'A', UINT64_C(0x0000000000000000), UINT64_C(0x07fffffe07fffffe))       \
  X('c', 'C', UINT64_C(0x00000000ffffffff), UINT64_C(0x8000000000000000))       \
  X('d', 'D', UINT64_C(0x03ff000000000000), UINT64_C(0x0000000000000000))       \
  X('l', 'L', UINT64_C(0x0000000000000000), UINT64_C(0x07fffffe00000000))       \
  X('p', 'P', UINT64_C(0xfc00fffe00000000), UINT64_C(0x78000001f8000001))       \
  X('s', 'S', UINT64_C(0x0000000100003e00), UINT64_C(0x0000000000000000))       \
  X('u', 'U', UINT64_C(0x0000000000000000), UINT64_C(0x0000000007fffffe))       \
  X('w', 'W', UINT64_C(0x03ff000000000000), UINT64_C(0x07fffffe07fffffe))       \
  X('x', 'X', UINT64_C(0x03ff000000000000), UINT64_C(0x0000007e0000007e))       \
  X('z', 'Z', UINT64_C(0x0000000000000001), UINT64_C(0x0000000000000000))

/* Classes by their letters, as far as these go. */
static const ByteSet classes[26 + 'a' - 'A'] = {
#define CLASS(letter, upper, low, high) [letter - 'A'] = {{low, high, 0, 0}}, [upper - 'A'] = {{~low, ~high, ~UINT64_C(0), ~UINT64_C(0)}},
    CLASSES(CLASS)
#undef CLASS
};

static const bool is_class[256] = {
#define CLASS(letter, upper, low, high) [letter] = true, [upper] = true,
    CLASSES(CLASS)
#undef CLASS
};

static const ByteSet every_byte = {{~UINT64_C(0), ~UINT64_C(0), ~UINT64_C(0), ~UINT64_C(0)}};

/* The class that `letter` names, or NULL: then it stands for itself. */
static inline const ByteSet *class_of(unsigned char letter) {
  return is_class[letter] ? &classes[letter - 'A'] : NULL;
}

static inline bool set_has(const ByteSet *set, unsigned char byte) {
  return set->words[byte >> 6] >> (byte & 63) & 1;
}

/* --- Charging --- */

void vm_pattern_settle(Match *m) {
  uint64_t units = (m->work + STEP - 1) / STEP;
  m->work = 0;
  if (units > 0) m->charge(m->owner, units);
}

static RARELY void settle(Match *m) { vm_pattern_settle(m); }

static inline void note(Match *m, size_t work) {
  m->work += work;
  if (UNLIKELY(m->work >= WORK_PIECE)) settle(m);
}

static inline const char *piece_end(const Match *m, const char *s) {
  return m->end - s > RUN_PIECE ? s + RUN_PIECE : m->end;
}

/* --- Items --- */

static void add_byte(ByteSet *set, unsigned char byte) {
  set->words[byte >> 6] |= UINT64_C(1) << (byte & 63);
}

static void add_range(ByteSet *set, unsigned char low, unsigned char high) {
  if (low > high) return;
  for (unsigned word = low >> 6; word <= high >> 6; word++) {
    unsigned from = word == low >> 6 ? low & 63 : 0;
    unsigned to = word == high >> 6 ? high & 63 : 63;
    set->words[word] |= ~UINT64_C(0) << from & ~UINT64_C(0) >> (63 - to);
  }
}

static void add_class(ByteSet *set, unsigned char letter) {
  const ByteSet *class = class_of(letter);
  if (!class) {
    add_byte(set, letter);
    return;
  }
  for (int i = 0; i < 4; i++) set->words[i] |= class->words[i];
}

/* The ']' of the set whose text begins at `p`; it cannot be the first byte. */
static const char *find_set_end(Match *m, const char *p) {
  do {
    if (*p == '\0') {
      m->error = "malformed pattern (missing ']')";
      return NULL;
    }
    if (*p++ == '%' && *p != '\0') p++;
  } while (*p != ']');
  return p;
}

static void fill_set(ByteSet *set, const char *p, const char *close) {
  memset(set, 0, sizeof *set);
  for (; p < close; p++) {
    if (*p == '%') {
      add_class(set, (unsigned char)*++p);
    } else if (p[1] == '-' && p + 2 < close) {
      add_range(set, (unsigned char)p[0], (unsigned char)p[2]);
      p += 2;
    } else {
      add_byte(set, (unsigned char)*p);
    }
  }
}

static __attribute__((noinline)) const PatternSet *build_set(Match *m, const char *p) {
  bool negated = p[1] == '^';
  const char *first = p + 1 + negated;
  const char *close = find_set_end(m, first);
  if (!close) return NULL;
  note(m, (size_t)(close - p) * STEP);
  PatternSet *set = &m->sets[m->set_count++ % MATCH_SETS];
  set->at = p;
  set->after = close + 1;
  fill_set(&set->bytes, first, close);
  for (int i = 0; negated && i < 4; i++) set->bytes.words[i] = ~set->bytes.words[i];
  return set;
}

static inline const PatternSet *find_set(Match *m, const char *p) {
  uint32_t built = m->set_count < MATCH_SETS ? m->set_count : MATCH_SETS;
  for (uint32_t i = 0; i < built; i++) {
    if (m->sets[i].at == p) return &m->sets[i];
  }
  return build_set(m, p);
}

static inline const char *decode_set(Match *m, const char *p, Item *ret_item) {
  const PatternSet *set = find_set(m, p);
  if (UNLIKELY(!set)) return NULL;
  *ret_item = (Item){.set = &set->bytes};
  return set->after;
}

static inline const char *decode_escape(Match *m, const char *p, Item *ret_item) {
  unsigned char letter = (unsigned char)p[1];
  if (UNLIKELY(letter == '\0')) {
    m->error = "malformed pattern (ends with '%')";
    return NULL;
  }
  *ret_item = (Item){.set = class_of(letter), .byte = letter};
  return p + 2;
}

/* Reads the item at `p`; returns what follows it, or NULL with the error set.  Inline, so that the
 * item stays in registers. */
static inline __attribute__((always_inline)) const char *decode(Match *m, const char *p, Item *ret_item) {
  switch (*p) {
    case '%': return decode_escape(m, p, ret_item);
    case '[': return decode_set(m, p, ret_item);
    case '.': *ret_item = (Item){.set = &every_byte}; return p + 1;
    default: *ret_item = (Item){.byte = (unsigned char)*p}; return p + 1;
  }
}

static inline bool item_has(Item item, unsigned char byte) {
  return item.set == NULL ? item.byte == byte : set_has(item.set, byte);
}

/* The first byte in [s, end) that the item does not match, or `end`. */
static inline const char *skip_matching(Item item, const char *s, const char *end) {
  if (item.set == &every_byte) return end;
  if (item.set == NULL) {
    while (s < end && (unsigned char)*s == item.byte) s++;
    return s;
  }
  while (s < end && set_has(item.set, (unsigned char)*s)) s++;
  return s;
}

/* The first byte in [s, end) that the item matches, or `end`. */
static inline const char *skip_others(Item item, const char *s, const char *end) {
  if (item.set == NULL) {
    const char *found = memchr(s, item.byte, (size_t)(end - s));
    return found ? found : end;
  }
  while (s < end && !set_has(item.set, (unsigned char)*s)) s++;
  return s;
}

static inline bool is_repetition(char c) {
  return c == '*' || c == '+' || c == '-' || c == '?';
}

/* The byte that must stand where `p` goes on, or ANY_BYTE. */
static inline int wanted_byte(const char *p) {
  switch (*p) {
    case '\0':
    case '(':
    case ')':
    case '%':
    case '.':
    case '[':
    case '$': return ANY_BYTE;
    default: return is_repetition(p[1]) && p[1] != '+' ? ANY_BYTE : (unsigned char)*p;
  }
}

/* --- Choices --- */

static RARELY void grow(Match *m) {
  m->choices = m->grow(m);
  m->room *= 2;
}

static inline void push(Match *m, Choice choice) {
  if (UNLIKELY(m->depth == m->room)) grow(m);
  m->choices[m->depth++] = choice;
}

/* Lowers the repetitions of a LONGEST choice to the next number worth trying and
 * goes there; FAILED, with the choice gone, when there is none. */
static Place try_fewer(Match *m, Choice *choice) {
  const char *s = choice->s + choice->count;
  while (s >= choice->s) {
    const char *low = s - choice->s > RUN_PIECE ? s - RUN_PIECE : choice->s;
    const char *from = s;
    if (choice->want != ANY_BYTE) {
      while (s >= low && (unsigned char)*s != choice->want) s--;
    }
    note(m, (size_t)(from - s) / 4);
    if (s < low) continue;
    Place place = {s, choice->p};
    if (s == choice->s) {
      m->depth--;
    } else {
      choice->count = (size_t)(s - choice->s) - 1;
    }
    return place;
  }
  m->depth--;
  return FAILED;
}

/* Takes the item of a SHORTEST choice once more, or more often until what follows
 * can match. */
static Place try_more(Match *m, Choice *choice) {
  Item item = {.set = NULL};
  const char *after = decode(m, choice->p, &item);
  VM_ASSERT(after); /* it was read before */
  const char *s = choice->s;
  size_t taken = 0;
  while (s < m->end && item_has(item, (unsigned char)*s)) {
    s++;
    if (choice->want == ANY_BYTE || (unsigned char)*s == choice->want) {
      note(m, taken);
      choice->s = s;
      return (Place){s, after + 1};
    }
    if (++taken == RUN_PIECE) {
      note(m, taken);
      taken = 0;
    }
  }
  note(m, taken);
  m->depth--;
  return FAILED;
}

/* Goes back to the newest choice that is left. */
static Place retry(Match *m) {
  while (m->depth > 0) {
    Choice *choice = &m->choices[m->depth - 1];
    Place place = FAILED;
    switch (choice->kind) {
      case CHOICE_LONGEST: place = try_fewer(m, choice); break;
      case CHOICE_SHORTEST: place = try_more(m, choice); break;
      case CHOICE_OPTIONAL: m->depth--; return (Place){choice->s, choice->p};
      case UNDO_OPEN:
        m->level--;
        m->depth--;
        break;
      default: m->captures[choice->count].size = CAPTURE_OPEN; m->depth--;
    }
    if (place.s) return place;
  }
  return FAILED;
}

/* --- Steps --- */

static inline Place take_longest(Match *m, Item item, const char *s, const char *after) {
  const char *run = s;
  const char *stop;
  do {
    stop = piece_end(m, run);
    const char *from = run;
    run = skip_matching(item, run, stop);
    note(m, (size_t)(run - from));
  } while (run == stop && run < m->end);
  int want = wanted_byte(after);
  bool fits = want == ANY_BYTE || (unsigned char)*run == want;
  if (run == s) return fits ? (Place){run, after} : FAILED;
  push(m, (Choice){.kind = CHOICE_LONGEST,
                   .s = s,
                   .count = (size_t)(run - s) - 1,
                   .p = after,
                   .want = (int16_t)want});
  return fits ? (Place){run, after} : FAILED;
}

static Place take_shortest(Match *m, const char *s, const char *item, const char *after) {
  int want = wanted_byte(after);
  push(m, (Choice){.kind = CHOICE_SHORTEST, .s = s, .p = item, .want = (int16_t)want});
  return want == ANY_BYTE || (unsigned char)*s == want ? (Place){s, after} : FAILED;
}

/* An item that one of *+-? follows, at `mark`; whether the next byte matches it. */
static __attribute__((noinline)) Place take_repeated(Match *m, Place at, Item item, const char *mark, bool matches) {
  switch (*mark) {
    case '?':
      if (!matches) return (Place){at.s, mark + 1};
      push(m, (Choice){.kind = CHOICE_OPTIONAL, .s = at.s, .p = mark + 1});
      return (Place){at.s + 1, mark + 1};
    case '*': return take_longest(m, item, at.s, mark + 1);
    case '+': return matches ? take_longest(m, item, at.s + 1, mark + 1) : FAILED;
    default: return take_shortest(m, at.s, at.p, mark + 1);
  }
}

static Place open_capture(Match *m, Place at) {
  if (m->level >= LIMIT_CAPTURES) {
    m->error = "too many captures";
    return FAILED;
  }
  bool position = at.p[1] == ')';
  m->captures[m->level++] = (MatchCapture){at.s, position ? CAPTURE_POSITION : CAPTURE_OPEN};
  /* With no choice below there is nobody to undo it for. */
  if (m->depth > 0) push(m, (Choice){.kind = UNDO_OPEN});
  return (Place){at.s, at.p + 1 + position};
}

static Place close_capture(Match *m, Place at) {
  int i = m->level - 1;
  while (i >= 0 && m->captures[i].size != CAPTURE_OPEN) i--;
  if (i < 0) {
    m->error = "invalid pattern capture";
    return FAILED;
  }
  m->captures[i].size = at.s - m->captures[i].start;
  if (m->depth > 0) push(m, (Choice){.kind = UNDO_CLOSE, .count = (size_t)i});
  return (Place){at.s, at.p + 1};
}

/* %bxy: from an x to its y. */
static Place match_balance(Match *m, Place at) {
  char open = at.p[2], close = open ? at.p[3] : '\0';
  if (close == '\0') {
    m->error = "unbalanced pattern";
    return FAILED;
  }
  if (*at.s != open || at.s == m->end) return FAILED;
  size_t depth = 1;
  const char *s = at.s + 1;
  while (s < m->end) {
    const char *stop = piece_end(m, s);
    note(m, (size_t)(stop - s));
    for (; s < stop; s++) {
      if (*s == close) {
        if (--depth == 0) return (Place){s + 1, at.p + 4};
      } else if (*s == open) {
        depth++;
      }
    }
  }
  return FAILED;
}

/* %f[set]: between a byte outside the set and one inside; NUL stands at both ends. */
static Place match_frontier(Match *m, Place at) {
  if (at.p[2] != '[') {
    m->error = "missing '[' after '%f' in pattern";
    return FAILED;
  }
  Item item = {.set = NULL};
  const char *after = decode_set(m, at.p + 2, &item);
  if (!after) return FAILED;
  unsigned char before = at.s == m->subject ? '\0' : (unsigned char)at.s[-1];
  if (item_has(item, before) || !item_has(item, (unsigned char)*at.s)) return FAILED;
  return (Place){at.s, after};
}

/* %1: what capture 1 holds, once more. */
static Place match_reference(Match *m, Place at) {
  int i = at.p[1] - '1';
  if (i < 0 || i >= m->level || m->captures[i].size == CAPTURE_OPEN) {
    m->error = "invalid capture index";
    return FAILED;
  }
  ptrdiff_t size = m->captures[i].size;
  if (size == CAPTURE_POSITION || m->end - at.s < size) return FAILED;
  note(m, (size_t)size / 4);
  if (memcmp(m->captures[i].start, at.s, (size_t)size) != 0) return FAILED;
  return (Place){at.s + size, at.p + 2};
}

/* Whether the escape at `p` is more than a byte's class. */
static inline bool is_special_escape(const char *p) {
  return p[1] == 'b' || p[1] == 'f' || (p[1] >= '0' && p[1] <= '9');
}

static Place take_special_escape(Match *m, Place at) {
  if (at.p[1] == 'b') return match_balance(m, at);
  if (at.p[1] == 'f') return match_frontier(m, at);
  return match_reference(m, at);
}

static Place take_end(const Match *m, Place at) {
  return at.s == m->end ? (Place){at.s, at.p + 1} : FAILED;
}

/* --- The engine --- */

void vm_pattern_start(Match *m, const char *subject, size_t size, const char *pattern) {
  m->subject = subject;
  m->end = subject + size;
  m->pattern = pattern;
  m->error = NULL;
  m->choices = m->first_choices;
  m->room = MATCH_CHOICES;
  m->depth = 0;
  m->level = 0;
  m->work = 0;
  m->set_count = 0;
  m->begins = BEGINS_UNKNOWN;
}

/* What is an item, and is taken as often as what follows it says. */
static inline __attribute__((always_inline)) Place take_item(Match *m, Place at, Item item, const char *after) {
  bool matches = at.s < m->end && item_has(item, (unsigned char)*at.s);
  if (UNLIKELY(is_repetition(*after))) return take_repeated(m, at, item, after, matches);
  return matches ? (Place){at.s + 1, after} : FAILED;
}

static inline __attribute__((always_inline)) Place take_set(Match *m, Place at) {
  Item item = {.set = NULL};
  const char *after = decode_set(m, at.p, &item);
  return LIKELY(after != NULL) ? take_item(m, at, item, after) : FAILED;
}

static inline __attribute__((always_inline)) Place take_escape(Match *m, Place at) {
  unsigned char letter = (unsigned char)at.p[1];
  if (LIKELY(is_class[letter])) return take_item(m, at, (Item){.set = &classes[letter - 'A']}, at.p + 2);
  if (is_special_escape(at.p)) return take_special_escape(m, at);
  Item item = {.set = NULL};
  const char *after = decode_escape(m, at.p, &item);
  return LIKELY(after != NULL) ? take_item(m, at, item, after) : FAILED;
}

/* One step. */
static inline __attribute__((always_inline)) Place take_step(Match *m, Place at) {
  switch (*at.p) {
    case '(': return open_capture(m, at);
    case ')': return close_capture(m, at);
    case '%': return take_escape(m, at);
    case '[': return take_set(m, at);
    case '.': return take_item(m, at, (Item){.set = &every_byte}, at.p + 1);
    case '$':
      if (at.p[1] == '\0') return take_end(m, at);
      break;
    default:;
  }
  /* Behind the end there is a NUL, which no pattern asks for. */
  Item item = {.byte = (unsigned char)*at.p};
  if (UNLIKELY(is_repetition(at.p[1]))) return take_repeated(m, at, item, at.p + 1, at.s < m->end && *at.s == *at.p);
  return *at.s == *at.p ? (Place){at.s + 1, at.p + 1} : FAILED;
}

const char *vm_pattern_match(Match *m, const char *s) {
  Place at = {s, m->pattern};
  m->level = 0;
  m->depth = 0;
  while (*at.p != '\0') {
    note(m, STEP);
    at = take_step(m, at);
    if (LIKELY(at.s != NULL)) continue;
    if (UNLIKELY(m->error != NULL)) return NULL;
    if (m->depth == 0) return NULL;
    at = retry(m);
    if (!at.s) return NULL;
  }
  note(m, STEP);
  return at.s;
}

/* Whether every match begins with one byte of `item`, the pattern's first. */
static inline bool has_first_item(Match *m, Item *ret_item) {
  const char *p = m->pattern;
  if (p[0] == '(' && p[1] != ')') p++;
  if (*p == '\0' || *p == '(' || *p == ')' || *p == '.' || (*p == '$' && p[1] == '\0'))
    return false;
  if (*p == '%' && is_special_escape(p)) return false;
  const char *after = decode(m, p, ret_item);
  return after && (!is_repetition(*after) || *after == '+');
}

/* Finds out once how a match begins, unless the set that it begins with may give way to others. */
static inline void find_first(Match *m) {
  Item first = {.set = NULL};
  m->begins = has_first_item(m, &first) ? BEGINS_WITH_ITEM : BEGINS_ANYHOW;
  m->first_set = first.set;
  m->first_byte = first.byte;
}

static inline const char *skip_to_item(Match *m, Item item, const char *s) {
  while (s < m->end) {
    const char *stop = piece_end(m, s);
    const char *from = s;
    s = skip_others(item, s, stop);
    note(m, item.set != NULL ? (size_t)(s - from) : (size_t)(s - from) / 4);
    if (s < stop) return s;
  }
  return NULL;
}

bool vm_pattern_search(Match *m, const char *s, const char **ret_start, const char **ret_end) {
  if (m->begins == BEGINS_UNKNOWN || UNLIKELY(m->set_count > MATCH_SETS)) find_first(m);
  Item first = {.set = m->first_set, .byte = m->first_byte};
  bool filter = m->begins == BEGINS_WITH_ITEM;
  for (; m->error == NULL; s++) {
    if (filter && !(s = skip_to_item(m, first, s))) return false;
    const char *end = vm_pattern_match(m, s);
    if (end) {
      *ret_start = s;
      *ret_end = end;
      return true;
    }
    if (s >= m->end) return false;
  }
  return false;
}

bool vm_pattern_is_plain(const char *p) {
  /* NUL and ^$*+?.([%- */
  static const ByteSet ends = {{UINT64_C(0x80006d3000000001), UINT64_C(0x0000000048000000), 0, 0}};
  while (!set_has(&ends, (unsigned char)*p)) p++;
  return *p == '\0';
}

/* --- Plain text --- */

typedef unsigned char Bytes __attribute__((vector_size(16)));

/* The first place in [s, end) where `first` stands with `last` at `distance` behind it,
 * or `end`; [s, end + distance) must be readable.  Looks at 16 places at a time. */
static const char *find_pair_near(const char *s, const char *end, char first, char last, size_t distance) {
  Bytes firsts = (Bytes){0} + (unsigned char)first, lasts = (Bytes){0} + (unsigned char)last;
  for (; end - s >= 16; s += 16) {
    Bytes a, b;
    uint64_t halves[2];
    memcpy(&a, s, sizeof a);
    memcpy(&b, s + distance, sizeof b);
    Bytes hits = (Bytes)((a == firsts) & (b == lasts));
    memcpy(halves, &hits, sizeof halves);
    if (halves[0]) return s + __builtin_ctzll(halves[0]) / 8;
    if (halves[1]) return s + 8 + __builtin_ctzll(halves[1]) / 8;
  }
  while (s < end && (*s != first || s[distance] != last)) s++;
  return s;
}

/* The same, by turns: where `first` is rare memchr goes four times as far in a moment, where it
 * is common memchr hardly moves. */
static const char *find_pair(const char *s, const char *end, char first, char last, size_t distance) {
  enum { NEAR = 128 };
  while (end - s > NEAR) {
    const char *found = find_pair_near(s, s + NEAR, first, last, distance);
    if (found < s + NEAR) return found;
    s = memchr(found, first, (size_t)(end - found));
    if (s == NULL) return end;
    if (s[distance] == last) return s;
    s++;
  }
  return find_pair_near(s, end, first, last, distance);
}

bool vm_pattern_find_plain(PlainSearch *search) {
  const char *needle = search->needle;
  size_t size = search->size;
  const char *s = search->s;
  if (size == 0) return true;
  const char *stop =
      (size_t)(search->end - s) < size ? s : search->end - size + 1; /* no place from here on */
  while (s < stop) {
    if (UNLIKELY(search->work >= WORK_PIECE)) {
      search->s = s;
      return false;
    }
    const char *piece = stop - s > RUN_PIECE ? s + RUN_PIECE : stop;
    const char *found = find_pair(s, piece, needle[0], needle[size - 1], size - 1);
    search->work += (size_t)(found - s) / 4 + 1;
    s = found;
    if (s == piece) continue;
    search->work += size / 4;
    if (size <= 2 || memcmp(s + 1, needle + 1, size - 2) == 0) {
      search->s = s;
      return true;
    }
    s++;
  }
  search->s = NULL;
  return true;
}
