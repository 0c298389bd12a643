/* SPDX-License-Identifier: BSD-2-Clause */
/* string_gsub - string.gsub, which may call back for every match.
 *
 * A framed native.  The result grows in the buffer, open from the first step to the
 * last.  Between steps the frame keeps where the subject was read to, the match that
 * a callback decides about, and how many replacements were made; captures are in the
 * callback's arguments and not needed again.  Layer: vm/lib.
 */
#include "vm/lib/arg.h"
#include "vm/lib/builtins.h"
#include "vm/lib/captures.h"
#include "vm/run/debug.h"
#include "vm/run/meta.h"
#include "vm/run/slow_table.h"
#include "vm/values/number.h"

/* Slots of the frame: the arguments, then the callback and what it gets. */
enum {
  SLOT_SUBJECT,
  SLOT_PATTERN,
  SLOT_REPLACEMENT,
  SLOT_LIMIT,
  SLOT_CALL,
  SLOT_COUNT = SLOT_CALL + 1 + LIMIT_CAPTURES
};

/* frame->state */
enum { STATE_MATCH, STATE_DONE, STATE_LIMIT };

enum { STEP_START, STEP_ANSWER };

typedef enum { GOES_ON, ENDS, CALLS } Progress;

typedef struct {
  VM *vm;
  Frame *frame;
  const String *subject;
  const char *copied; /* the subject is in the buffer up to here */
  const char *at;     /* where to look next */
  int64_t done;       /* replacements made */
  int64_t limit;
  bool anchored;
  Match match;
} Gsub;

static void put(Gsub *g, const char *bytes, size_t size) {
  g->match.work += size / 4; /* COST_STRING_BYTES in quarter steps */
  vm_buffer_put(g->vm, bytes, size);
}

static Value *slots_of(const Gsub *g) {
  return native_slots(g->frame);
}

static void put_value(Gsub *g, Value v) {
  if (value_is_string(v)) {
    put(g, value_string(v)->bytes, value_string(v)->length);
  } else {
    char text[NUMBER_TEXT_MAX];
    size_t size = vm_number_write(value_number(v), text);
    g->match.work += 4 * COST_NUMBER_TEXT_NUMERATOR;
    put(g, text, size);
  }
}

/* --- Replacing by a string --- */

static void put_capture(Gsub *g, int index, const char *start, const char *end) {
  Match *m = &g->match;
  if (index < m->level && m->captures[index].size >= 0) {
    put(g, m->captures[index].start, (size_t)m->captures[index].size);
  } else if (index == 0 && m->level == 0) {
    put(g, start, (size_t)(end - start));
  } else {
    put_value(g, vm_captures_value(g->vm, m, index, start, end)); /* a position, or an error */
  }
}

static void put_template(Gsub *g, const String *template, const char *start, const char *end) {
  const char *p = template->bytes, *stop = p + template->length;
  for (;;) {
    const char *escape = memchr(p, '%', (size_t)(stop - p));
    if (!escape) break;
    put(g, p, (size_t)(escape - p));
    char c = escape[1]; /* the NUL behind a final '%' counts as a character */
    p = escape + 2;
    if (c == '0') {
      put(g, start, (size_t)(end - start));
    } else if (c >= '1' && c <= '9') {
      put_capture(g, c - '1', start, end);
    } else {
      put(g, &c, 1);
    }
    if (p > stop) return;
  }
  put(g, p, (size_t)(stop - p));
}

/* --- Replacing by what a function or table gives --- */

/* Puts the callback's answer, or what was matched when it is nil or false. */
static void put_answer(Gsub *g, Value answer, const char *start, const char *end) {
  if (value_is_false(answer)) {
    put(g, start, (size_t)(end - start));
  } else if (value_is_string(answer) || value_is_number(answer)) {
    put_value(g, answer);
  } else {
    vm_native_error(g->vm, "invalid replacement value (a %s)",
                    vm_value_type_names[value_type(answer)]);
  }
}

static Progress call_back(Gsub *g, int arguments, const char *start, const char *end) {
  uint64_t from = (uint64_t)(start - g->subject->bytes), to = (uint64_t)(end - g->subject->bytes);
  g->frame->state[STATE_MATCH] = from << 32 | to;
  g->frame->state[STATE_DONE] = (uint64_t)g->done;
  vm_pattern_settle(&g->match);
  vm_native_call(g->vm, g->frame, SLOT_CALL, arguments, 1, STEP_ANSWER);
  return CALLS;
}

/* Indexes the table as the language does; may leave a call of __index to be made. */
static Progress look_up(Gsub *g, Value key, const char *start, const char *end) {
  Value *slots = slots_of(g);
  Value holder = slots[SLOT_REPLACEMENT];
  for (int i = 0; i < LIMIT_META_LOOP; i++) {
    if (UNLIKELY(i >= SLOW_TABLE_NEAR)) vm_charge(g->vm, COST_INHERITANCE, 1);
    Value answer = VALUE_NIL;
    if (value_is_table(holder)) answer = vm_table_get(value_table(holder), key);
    Value handler = value_is_nil(answer) ? vm_meta_event(g->vm, holder, EVENT_INDEX) : VALUE_NIL;
    if (value_is_nil(handler)) {
      if (!value_is_table(holder)) vm_debug_type_error(g->vm, -1, holder, "index");
      put_answer(g, answer, start, end);
      return GOES_ON;
    }
    if (value_is_function(handler)) {
      slots[SLOT_CALL] = handler;
      slots[SLOT_CALL + 1] = holder;
      slots[SLOT_CALL + 2] = key;
      return call_back(g, 2, start, end);
    }
    holder = handler;
  }
  vm_error_text(g->vm, "loop in gettable");
}

static Progress replace(Gsub *g, const char *start, const char *end) {
  Value replacement = slots_of(g)[SLOT_REPLACEMENT];
  if (value_is_string(replacement)) {
    put_template(g, value_string(replacement), start, end);
    return GOES_ON;
  }
  if (value_is_table(replacement)) {
    return look_up(g, vm_captures_value(g->vm, &g->match, 0, start, end), start, end);
  }
  int arguments = captures_count(&g->match);
  slots_of(g)[SLOT_CALL] = replacement;
  vm_captures_put(g->vm, &g->match, arguments, start, end, slots_of(g) + SLOT_CALL + 1);
  return call_back(g, arguments, start, end);
}

/* --- The loop --- */

/* Moves on behind a match that has been replaced. */
static Progress step_over(Gsub *g, const char *start, const char *end) {
  g->copied = end;
  g->at = end;
  if (end == start) {
    if (end >= g->match.end) return ENDS;
    g->at++;
  }
  return g->anchored ? ENDS : GOES_ON;
}

static Progress replace_next(Gsub *g) {
  const char *start, *end;
  if (g->done >= g->limit) return ENDS;
  if (!vm_captures_search(g->vm, &g->match, g->anchored, g->at, &start, &end)) return ENDS;
  g->done++;
  put(g, g->copied, (size_t)(start - g->copied));
  Progress progress = replace(g, start, end);
  return progress == GOES_ON ? step_over(g, start, end) : progress;
}

static int finish(Gsub *g) {
  VM *vm = g->vm;
  Value *slots = slots_of(g);
  if (g->done > 0) {
    put(g, g->copied, (size_t)(g->match.end - g->copied));
    vm_charge(vm, COST_ALLOCATED_BYTES, vm_buffer_size(vm, g->frame->buffer));
    slots[SLOT_SUBJECT] = value_of_string(vm_buffer_string(vm, g->frame->buffer));
  } else {
    vm_buffer_close(vm, g->frame->buffer);
  }
  vm_pattern_settle(&g->match);
  slots[-1] = slots[SLOT_SUBJECT];
  slots[0] = value_of_int(g->done);
  return 2;
}

static int run(Gsub *g) {
  Progress progress;
  do progress = replace_next(g);
  while (progress == GOES_ON);
  return progress == CALLS ? NATIVE_CALLS : finish(g);
}

/* Loads what every step needs from the frame. */
static void resume(Gsub *g, VM *vm, Frame *frame) {
  const Value *slots = native_slots(frame);
  const String *pattern = value_string(slots[SLOT_PATTERN]);
  g->vm = vm;
  g->frame = frame;
  g->subject = value_string(slots[SLOT_SUBJECT]);
  g->copied = g->at = g->subject->bytes;
  g->done = (int64_t)frame->state[STATE_DONE];
  g->limit = (int64_t)frame->state[STATE_LIMIT];
  g->anchored = pattern->bytes[0] == '^';
  vm_captures_start(vm, &g->match, g->subject, pattern->bytes + g->anchored);
}

static void check_arguments(VM *vm, Frame *frame) {
  Value *args = native_slots(frame);
  int count = frame->count;
  const String *subject = arg_string(vm, args, count, 1);
  arg_string(vm, args, count, 2);
  Value replacement = native_arg(args, count, 3);
  int64_t limit = (int32_t)arg_integer_or(vm, args, count, 4, (int64_t)subject->length + 1);
  frame->state[STATE_LIMIT] = (uint64_t)limit;
  switch (value_type(replacement)) {
    case TYPE_NUMBER: vm_native_check_string(vm, args, count, 3); break;
    case TYPE_STRING:
    case TYPE_TABLE:
    case TYPE_FUNCTION: break;
    default: vm_native_arg_error(vm, 3, "string/function/table expected");
  }
}

int vm_string_gsub(VM *vm, Frame *frame) {
  Gsub g;
  if (frame->step == STEP_START) {
    check_arguments(vm, frame);
    if (value_is_function(native_slots(frame)[SLOT_REPLACEMENT])) {
      vm_native_need_slots(vm, native_slots(frame), frame->count, SLOT_COUNT);
    }
    vm_buffer_open(vm);
    resume(&g, vm, frame);
    return run(&g);
  }
  resume(&g, vm, frame);
  const char *start = g.subject->bytes + (frame->state[STATE_MATCH] >> 32);
  const char *end = g.subject->bytes + (uint32_t)frame->state[STATE_MATCH];
  VM_ASSERT(start <= end && end <= g.match.end); /* the subject is the one of the match */
  put_answer(&g, native_slots(frame)[SLOT_CALL], start, end);
  return step_over(&g, start, end) == ENDS ? finish(&g) : run(&g);
}
