/* SPDX-License-Identifier: BSD-2-Clause */
/* reply - redis-cli's two formats, over a flat walk.
 *
 * Raw: every value's bytes, a line end after each; an empty array is an empty
 * line, errors carry a line end of their own.
 * Pretty: elements are numbered, the numbers of one array equally wide; the first
 * element of an array stands on its parent's line, the others are indented by the
 * widths of the numbers around them.
 */
#include "tools/ctl/reply.h"

#include <inttypes.h>
#include <stdlib.h>

#include "tools/ctl/text.h"

/* One open array. */
typedef struct {
  uint64_t count;
  uint64_t done;
  int digits; /* of its largest number */
} Level;

typedef struct {
  FILE *to;
  ReplyStyle style;
  Level *levels; /* heap */
  size_t depth;
  size_t room;
} Printer;

static int digits_of(uint64_t number) {
  int digits = 1;
  for (; number >= 10; number /= 10) digits++;
  return digits;
}

static bool push(Printer *p, uint64_t count) {
  if (p->depth == p->room) {
    size_t room = p->room == 0 ? 64 : p->room * 2;
    Level *levels = realloc(p->levels, room * sizeof *levels);
    if (levels == NULL) return false;
    p->levels = levels;
    p->room = room;
  }
  p->levels[p->depth++] = (Level){.count = count, .digits = digits_of(count)};
  return true;
}

/* Closes the arrays that are complete. */
static void pop(Printer *p) {
  while (p->depth != 0 && p->levels[p->depth - 1].done == p->levels[p->depth - 1].count) p->depth--;
}

/* --- Pretty --- */

/* What stands before an element: nothing at the top; in an array its number,
 * indented when it begins a line. */
static void print_number(Printer *p) {
  if (p->depth == 0) return;
  Level *level = &p->levels[p->depth - 1];
  if (level->done != 0)
    for (size_t i = 0; i + 1 < p->depth; i++)
      (void)fprintf(p->to, "%*s", p->levels[i].digits + 2, "");
  (void)fprintf(p->to, "%*" PRIu64 ") ", level->digits, ++level->done);
}

/* A status or error line: as it is, or safe for a terminal. */
static void print_line(const Printer *p, FsbBytes text) {
  if (p->style == REPLY_TERMINAL) {
    for (size_t i = 0; i < text.size; i++) {
      unsigned char c = (unsigned char)text.data[i];
      if (c < 0x20 || c == 0x7f)
        (void)fprintf(p->to, "\\x%02x", c);
      else
        (void)putc(c, p->to);
    }
  } else {
    (void)fwrite(text.data, 1, text.size, p->to);
  }
}

static void print_pretty(const Printer *p, const FsbElement *e) {
  switch (e->kind) {
    case FSB_NULL: (void)fputs("(nil)", p->to); break;
    case FSB_INTEGER: (void)fprintf(p->to, "(integer) %" PRId64, e->integer); break;
    case FSB_STATUS: print_line(p, e->text); break;
    case FSB_ERROR:
      (void)fputs("(error) ", p->to);
      print_line(p, e->text);
      break;
    case FSB_ARRAY: (void)fputs("(empty array)", p->to); break;
    default: ctl_text_quote(p->to, e->text); break;
  }
  (void)putc('\n', p->to);
}

/* --- Raw --- */

static void print_raw(const Printer *p, const FsbElement *e) {
  if (e->kind == FSB_INTEGER)
    (void)fprintf(p->to, "%" PRId64, e->integer);
  else if (e->kind != FSB_NULL && e->kind != FSB_ARRAY)
    (void)fwrite(e->text.data, 1, e->text.size, p->to);
  if (e->kind == FSB_ERROR) (void)putc('\n', p->to);
  (void)putc('\n', p->to);
}

/* --- The walk --- */

static bool print_element(Printer *p, const FsbElement *e) {
  if (p->style == REPLY_RAW && p->depth != 0) p->levels[p->depth - 1].done++;
  if (p->style != REPLY_RAW) print_number(p);
  if (e->kind == FSB_ARRAY && e->count != 0) return push(p, e->count);
  if (p->style == REPLY_RAW)
    print_raw(p, e);
  else
    print_pretty(p, e);
  pop(p);
  return true;
}

bool ctl_reply_print(FILE *to, FsbResult *result, ReplyStyle style) {
  Printer printer = {.to = to, .style = style};
  FsbElement element;
  FsbWalk *walk = fsb_walk_open(result, 2);
  bool is_fine = walk != NULL;
  while (is_fine && fsb_walk_next(walk, &element)) is_fine = print_element(&printer, &element);
  fsb_walk_close(walk);
  free(printer.levels);
  return is_fine;
}
