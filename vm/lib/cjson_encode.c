/* SPDX-License-Identifier: BSD-2-Clause */
/* cjson_encode - Lua values to JSON, byte for byte as lua-cjson writes it.
 *
 * No recursion: the tables being written wait in the native's slots, three slots to a
 * level, so that neither depth nor a collection in the middle matters.  Text goes to
 * a window of the buffer, claimed a piece at a time.  A table is an array when its
 * keys are positive integers and not too sparse; the arithmetic that decides it is
 * the original's, overflow included.  Layer: vm/lib.
 */
#include <math.h>

#include "vm/lib/builtins.h"
#include "vm/lib/cjson.h"
#include "vm/lib/meter.h"
#include "vm/lib/window.h"
#include "vm/values/number.h"

enum {
  STRING_PIECE = 4096, /* bytes of a string between two looks at the budget */
  LEVEL_SLOTS = 3,     /* of a waiting table: itself, position, length */
  LEVELS_PIECE = 32,   /* levels whose slots are claimed at a time */
  OBJECT = -1          /* length of what is written as an object */
};

typedef struct {
  VM *vm;
  Value *args;
  Window out;
  Meter meter;
  CjsonSettings settings;
  /* The table being written. */
  Table *table;
  uint32_t position;   /* array: last index written; object: see vm_table_next_at */
  int32_t length;      /* elements, or OBJECT */
  int32_t depth;       /* tables open */
  int32_t levels;      /* levels whose slots are ours */
  int32_t c_slots;     /* slots that the reference would use: it stops at LIMIT_C_STACK */
} Encoder;

static __attribute__((noreturn)) void refuse(Encoder *e, Value v, const char *why) {
  meter_finish(&e->meter); /* failing is not for nothing */
  vm_native_error(e->vm, "Cannot serialise %s: %s", vm_value_type_names[value_type(v)], why);
}

/* --- Strings --- */

#define BYTES(n) (UINT64_C(0x0101010101010101) * (n))

static inline uint64_t has_zero(uint64_t word) { return (word - BYTES(1)) & ~word & BYTES(0x80); }

/* Whether one of eight bytes is written otherwise than as itself. */
static inline bool has_special(uint64_t word) {
  uint64_t control = (word - BYTES(0x20)) & ~word & BYTES(0x80);
  return (control | has_zero(word ^ BYTES('"')) | has_zero(word ^ BYTES('\\')) | has_zero(word ^ BYTES('/')) |
          has_zero(word ^ BYTES(0x7f))) != 0;
}

/* Writes one byte, at most six characters. */
static inline char *write_escaped(char *at, unsigned char c) {
  char letter = 0;
  switch (c) {
    case '"': letter = '"'; break;
    case '\\': letter = '\\'; break;
    case '/': letter = '/'; break;
    case '\b': letter = 'b'; break;
    case '\t': letter = 't'; break;
    case '\n': letter = 'n'; break;
    case '\f': letter = 'f'; break;
    case '\r': letter = 'r'; break;
    default: break;
  }
  if (LIKELY(letter == 0 && c >= 0x20 && c != 0x7f)) {
    *at = (char)c;
    return at + 1;
  }
  at[0] = '\\';
  at[1] = letter;
  if (letter) return at + 2;
  memcpy(at + 1, "u00", 3);
  at[4] = "0123456789abcdef"[c >> 4];
  at[5] = "0123456789abcdef"[c & 15];
  return at + 6;
}

static char *write_piece(char *at, const char *text, const char *end) {
  while (end - text >= 8) {
    uint64_t word;
    memcpy(&word, text, 8);
    if (has_special(word)) {
      for (int i = 0; i < 8; i++) at = write_escaped(at, (unsigned char)*text++);
    } else {
      memcpy(at, text, 8);
      at += 8;
      text += 8;
    }
  }
  while (text < end) at = write_escaped(at, (unsigned char)*text++);
  return at;
}

static void put_string(Encoder *e, const String *s) {
  const char *text = s->bytes, *end = text + s->length;
  window_put_byte(&e->out, '"');
  while (text < end) {
    size_t size = (size_t)(end - text) < STRING_PIECE ? (size_t)(end - text) : STRING_PIECE;
    meter_charge(&e->meter, COST_JSON_BYTES, size);
    window_need(&e->out, 6 * size);
    e->out.at = write_piece(e->out.at, text, text + size);
    text += size;
  }
  window_put_byte(&e->out, '"');
}

/* --- Numbers --- */

static void put_number(Encoder *e, Value v) {
  double n = value_number(v);
  if (UNLIKELY(!isfinite(n))) {
    if (e->settings.encode_invalid == CJSON_INVALID_REFUSE) refuse(e, v, "must not be NaN or Inf");
    if (e->settings.encode_invalid == CJSON_INVALID_NULL) {
      window_put(&e->out, "null", 4);
      return;
    }
    if (n != n) { /* without the sign that "%g" gives it */
      window_put(&e->out, "nan", 3);
      return;
    }
  }
  meter_charge(&e->meter, COST_NUMBER_TEXT, 1);
  window_need(&e->out, NUMBER_TEXT_MAX);
  e->out.at += LIKELY(e->settings.number_precision == 14) ? vm_number_write(n, e->out.at)
                                                      : vm_cjson_write_rounded(n, e->settings.number_precision, e->out.at);
}

/* --- Tables --- */

/* One key's part in the decision; false when the table is no array. */
static inline bool count_key(double k, int32_t *max, int32_t *items) {
  if (floor(k) != k || k < 1) return false;
  /* As compiled for x86-64, the original's conversion gives INT_MIN out of range. */
  if (k > *max) *max = k <= INT32_MAX ? (int32_t)k : INT32_MIN;
  *items += 1;
  return true;
}

static bool count_keys(const Table *t, int32_t *max, int32_t *items) {
  const Value *array = table_array(t);
  for (uint32_t i = 0; i < t->array_size; i++) {
    if (value_is_nil(array[i])) continue;
    *max = (int32_t)(i + 1);
    *items += 1;
  }
  uint32_t node_count = UINT32_C(1) << t->log_nodes;
  for (uint32_t i = 0; i < node_count; i++) {
    const Node *node = &table_nodes(t)[i];
    if (value_is_nil(node->value)) continue;
    if (!value_is_number(node->key) || !count_key(value_number(node->key), max, items)) return false;
  }
  return true;
}

/* Elements of an array, or OBJECT. */
static int32_t array_length(Encoder *e, const Table *t) {
  int32_t max = 0, items = 0;
  meter_charge(&e->meter, COST_TABLE_STEP, t->array_size + (UINT64_C(1) << t->log_nodes));
  if (!count_keys(t, &max, &items)) return OBJECT;
  const CjsonSettings *settings = &e->settings;
  int32_t tolerated = (int32_t)((uint32_t)items * (uint32_t)settings->sparse_ratio);
  if (settings->sparse_ratio > 0 && max > tolerated && max > settings->sparse_safe) {
    if (!settings->sparse_convert) refuse(e, value_of_table(t), "excessively sparse array");
    return OBJECT;
  }
  return max > 0 ? max : OBJECT;
}

static Value *level_slots(Encoder *e, int32_t level) { return e->args + 1 + LEVEL_SLOTS * (level - 1); }

static void set_level(Encoder *e, Value table, uint32_t position, int32_t length) {
  Value *slots = level_slots(e, e->depth);
  slots[0] = table;
  slots[1] = value_of_int(position);
  slots[2] = value_of_int(length);
}

static void claim_levels(Encoder *e) {
  e->args = vm_native_need_slots(e->vm, e->args, 1 + LEVEL_SLOTS * e->levels, LEVEL_SLOTS * LEVELS_PIECE);
  e->levels += LEVELS_PIECE;
}

/* Opens the table in args[0]. */
static void open_table(Encoder *e) {
  if (e->depth > 0) {
    e->c_slots += e->length == OBJECT ? 2 : 1;
    set_level(e, value_of_table(e->table), e->position, e->length);
  }
  e->depth++;
  if (e->depth > e->settings.encode_max_depth || e->c_slots + 3 > LIMIT_C_STACK) {
    meter_finish(&e->meter);
    vm_native_error(e->vm, "Cannot serialise, excessive nesting (%d)", e->depth);
  }
  if (e->depth > e->levels) claim_levels(e);
  set_level(e, e->args[0], 0, 0);
  e->table = value_table(e->args[0]);
  e->position = 0;
  e->length = array_length(e, e->table);
  window_put_byte(&e->out, e->length == OBJECT ? '{' : '[');
}

static void close_table(Encoder *e) {
  window_put_byte(&e->out, e->length == OBJECT ? '}' : ']');
  e->depth--;
  if (e->depth == 0) return;
  Value *slots = level_slots(e, e->depth);
  e->table = value_table(slots[0]);
  e->position = (uint32_t)value_number(slots[1]);
  e->length = (int32_t)value_number(slots[2]);
  e->c_slots -= e->length == OBJECT ? 2 : 1;
}

/* Writes the value in args[0], where a collection sees it. */
static void put_value(Encoder *e) {
  Value v = e->args[0];
  meter_charge(&e->meter, COST_JSON_ITEMS, 1);
  if (value_is_string(v)) put_string(e, value_string(v));
  else if (value_is_number(v)) put_number(e, v);
  else if (value_is_table(v)) open_table(e);
  else if (v == VALUE_TRUE) window_put(&e->out, "true", 4);
  else if (v == VALUE_FALSE) window_put(&e->out, "false", 5);
  else if (v == VALUE_NIL || v == VALUE_NULL) window_put(&e->out, "null", 4);
  else refuse(e, v, "type not supported");
}

static void put_key(Encoder *e, Value key) {
  if (value_is_string(key)) {
    put_string(e, value_string(key));
    window_put_byte(&e->out, ':');
  } else if (value_is_number(key)) {
    window_put_byte(&e->out, '"');
    put_number(e, key);
    window_put(&e->out, "\":", 2);
  } else {
    refuse(e, key, "table key must be a number or string");
  }
}

static void put_next_element(Encoder *e) {
  e->args[0] = vm_table_get_integer(e->table, (int64_t)e->position + 1);
  if (e->position++ > 0) window_put_byte(&e->out, ',');
  put_value(e);
}

static void put_next_member(Encoder *e) {
  bool first = e->position == 0;
  Value pair[2];
  if (!vm_table_next_at(e->table, &e->position, pair)) {
    close_table(e);
    return;
  }
  e->args[0] = pair[1];
  if (!first) window_put_byte(&e->out, ',');
  put_key(e, pair[0]);
  put_value(e);
}

static void put_tables(Encoder *e) {
  while (e->depth > 0) {
    if (e->length == OBJECT) put_next_member(e);
    else if ((int32_t)e->position == e->length) close_table(e);
    else put_next_element(e);
  }
}

int vm_cjson_encode(VM *vm, Value *args, int count) {
  if (count != 1) vm_native_arg_error(vm, 1, "expected 1 argument");
  Encoder e = {.vm = vm, .args = args, .meter = meter_start(vm), .settings = vm_cjson_settings(vm, args), .c_slots = 1};
  e.out = window_start(vm);
  put_value(&e);
  put_tables(&e);
  meter_charge(&e.meter, COST_STRING_BYTES, window_used(&e.out));
  meter_finish(&e.meter);
  return native_return(e.args, value_of_string(window_finish(&e.out)));
}
