/* SPDX-License-Identifier: BSD-2-Clause */
/* pattern - Lua 5.1's pattern matcher, without recursion.
 *
 * The reference recurses once for every item of a pattern that can be matched in more
 * than one way.  Here each such item leaves a Choice on a stack; a failure goes back
 * to the newest one.  The stack holds at most one choice and one capture change for
 * each item, so its size is bounded by the pattern's.  It begins in the Match and moves
 * to memory that the owner gives when it outgrows it.
 *
 * The engine knows neither the VM nor its errors: work is reported through `charge`,
 * memory comes through `grow`, both of which may leave by a long jump, and a malformed
 * pattern ends a match with `error` set.  As in the reference a pattern ends at its
 * first NUL, and an item is only looked at when the match gets there, so errors behind
 * that point never show.  Layer: vm/lib.
 */
#ifndef VM_LIB_PATTERN_H
#define VM_LIB_PATTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vm/config.h"

enum {
  CAPTURE_OPEN = -1,     /* size of a capture that is not closed */
  CAPTURE_POSITION = -2, /* size of a position capture */
  MATCH_CHOICES = 24,    /* choices that fit without `grow` */
  MATCH_SETS = 4         /* sets kept as bitmaps */
};

typedef struct {
  const char *start;
  ptrdiff_t size; /* bytes, or one of the above */
} MatchCapture;

/* What is known of the first byte of matches. */
enum { BEGINS_UNKNOWN, BEGINS_ANYHOW, BEGINS_WITH_ITEM };

/* 256 bits, one for each byte. */
typedef struct {
  uint64_t words[4];
} ByteSet;

/* A set [...] of the pattern, made into a bitmap when it was first met. */
typedef struct {
  const char *at;    /* its '[' */
  const char *after; /* behind its ']' */
  ByteSet bytes;
} PatternSet;

typedef struct {
  const char *s; /* where in the subject to go on */
  const char *p; /* where in the pattern to go on, or the item to try again */
  size_t count;  /* repetitions left, or the index of a capture */
  int16_t want;  /* only a byte of this value can follow; -1 when any may */
  uint8_t kind;
} Choice;

typedef struct Match Match;

/* Gives room for twice the choices, the old ones copied; returns where they are. */
typedef Choice *(*MatchGrow)(Match *match);
/* Takes `units` pattern steps from the budget. */
typedef void (*MatchCharge)(void *owner, uint64_t units);

struct Match {
  const char *subject;
  const char *end;     /* of the subject; a NUL stands there */
  const char *pattern; /* behind the anchor; ends with NUL */
  void *owner;
  MatchCharge charge;
  MatchGrow grow;
  size_t first_mark; /* the owner's, for `grow` */
  size_t mark;
  const char *error; /* set when a match ended in an error */
  Choice *choices;
  uint32_t depth; /* choices in use */
  uint32_t room;
  uint64_t work;      /* quarter steps not yet charged */
  int level;          /* captures in use */
  uint32_t set_count; /* sets built so far */
  const ByteSet *first_set; /* what every match begins with, when `begins` says so: a byte of it, or first_byte */
  unsigned char first_byte;
  uint8_t begins;
  MatchCapture captures[LIMIT_CAPTURES];
  Choice first_choices[MATCH_CHOICES];
  PatternSet sets[MATCH_SETS];
};

/* Prepares `match`; the subject and the pattern must stay where they are. */
void vm_pattern_start(Match *match, const char *subject, size_t size, const char *pattern);

/* Matches the pattern at `s` exactly; returns the end of the match or NULL.  On NULL,
 * look at match->error. */
const char *vm_pattern_match(Match *match, const char *s);

/* Looks for the first match at `s` or behind; its start and end. */
bool vm_pattern_search(Match *match, const char *s, const char **ret_start, const char **ret_end);

/* Takes what the last matches cost and has not been charged yet. */
void vm_pattern_settle(Match *match);

/* Whether the pattern is plain text up to its first NUL. */
bool vm_pattern_is_plain(const char *pattern);

/* A search for plain text in [s, end). */
typedef struct {
  const char *s; /* where to go on; once done, the place found or NULL */
  const char *end;
  const char *needle;
  size_t size;   /* of the needle */
  uint64_t work; /* quarter steps not yet charged */
} PlainSearch;

/* Goes on searching; returns false when a piece of work is done and must be charged
 * before the next call. */
bool vm_pattern_find_plain(PlainSearch *search);

#endif
