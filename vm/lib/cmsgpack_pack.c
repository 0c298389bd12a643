/* SPDX-License-Identifier: BSD-2-Clause */
/* cmsgpack_pack - Lua values to MessagePack, byte for byte as lua-cmsgpack writes it.
 *
 * A whole number becomes the shortest integer, any other a float where that loses
 * nothing.  A table whose keys are exactly 1..n is an array, an empty one too; any
 * other is a map in the order of next.  Below 16 levels tables become nil.
 *
 * No recursion: the open tables are an array of levels here; what a collection must
 * see (the table, and a pair's value while its key is written) has two slots a level.
 * `c_top` counts the C stack slots that the reference would hold, because its limit
 * shows.  Layer: vm/lib.
 */
#include "vm/lib/arg.h"
#include "vm/lib/builtins.h"
#include "vm/lib/cmsgpack.h"
#include "vm/lib/dialect.h"
#include "vm/lib/meter.h"
#include "vm/lib/window.h"

enum {
  LEVELS_MAX = 16, /* tables in tables */
  LEVEL_SLOTS = 2,
  HEADER_MAX = 5   /* bytes before a string's bytes or a table's elements */
};

typedef struct {
  uint32_t position;  /* array: last index written; map: see vm_table_next_at */
  uint32_t count;     /* elements or pairs announced */
  uint32_t written;   /* pairs written */
  uint32_t c_top;     /* slots in use with the table on top */
  size_t header;      /* where it was announced */
  bool is_map;
  bool value_due;     /* the pair's key is written, its value is not */
} Level;

typedef struct {
  VM *vm;
  Value *args;
  int count;          /* arguments */
  Window out;
  Meter meter;
  Level levels[LEVELS_MAX];
  int depth;          /* tables open */
  uint32_t c_top;     /* slots in use with the value at hand on top */
} Packer;

static Value *level_slots(const Packer *p, int level) { return p->args + p->count + LEVEL_SLOTS * level; }

/* --- Bytes --- */

static void put_big_endian(Window *out, int first, uint64_t n, size_t size) {
  window_need(out, 1 + sizeof n);
  *out->at++ = (char)first;
  for (size_t i = size; i-- > 0;) *out->at++ = (char)(n >> (8 * i));
}

static void put_integer(Window *out, int64_t n) {
  if (n >= -32 && n <= 127) window_put_byte(out, (char)n);
  else if (n >= 0 && n <= UINT8_MAX) put_big_endian(out, MSGPACK_UINT8, (uint64_t)n, 1);
  else if (n >= 0 && n <= UINT16_MAX) put_big_endian(out, MSGPACK_UINT16, (uint64_t)n, 2);
  else if (n >= 0 && n <= UINT32_MAX) put_big_endian(out, MSGPACK_UINT32, (uint64_t)n, 4);
  else if (n >= 0) put_big_endian(out, MSGPACK_UINT64, (uint64_t)n, 8);
  else if (n >= INT8_MIN) put_big_endian(out, MSGPACK_INT8, (uint64_t)n, 1);
  else if (n >= INT16_MIN) put_big_endian(out, MSGPACK_INT16, (uint64_t)n, 2);
  else if (n >= INT32_MIN) put_big_endian(out, MSGPACK_INT32, (uint64_t)n, 4);
  else put_big_endian(out, MSGPACK_INT64, (uint64_t)n, 8);
}

/* Whether a float holds it exactly; a double beyond a float's range does not convert. */
static bool fits_float(double n) { return !(n > 0x1.fffffep127 || n < -0x1.fffffep127) || __builtin_isinf(n); }

static void put_number(Window *out, double n) {
  int64_t whole = arg_truncate(n);
  if (!__builtin_isinf(n) && (double)whole == n) {
    put_integer(out, whole);
    return;
  }
  float narrow = fits_float(n) ? (float)n : 0;
  if ((double)narrow == n) {
    uint32_t bits;
    memcpy(&bits, &narrow, sizeof bits);
    put_big_endian(out, MSGPACK_FLOAT, bits, 4);
    return;
  }
  uint64_t bits;
  memcpy(&bits, &n, sizeof bits);
  put_big_endian(out, MSGPACK_DOUBLE, bits, 8);
}

static void put_string(Packer *p, const String *s) {
  Window *out = &p->out;
  size_t size = s->length;
  meter_charge(&p->meter, COST_MSGPACK_BYTES, size);
  if (size < 32) window_put_byte(out, (char)(MSGPACK_FIXSTR | size));
  else if (size <= UINT8_MAX) put_big_endian(out, MSGPACK_STR8, size, 1);
  else if (size <= UINT16_MAX) put_big_endian(out, MSGPACK_STR16, size, 2);
  else put_big_endian(out, MSGPACK_STR32, size, 4);
  window_put(out, s->bytes, size);
}

/* Writes what announces a table; returns its size. */
static size_t write_header(char *at, bool is_map, uint32_t count) {
  if (count <= 15) {
    *at = (char)((is_map ? MSGPACK_FIXMAP : MSGPACK_FIXARRAY) | count);
    return 1;
  }
  size_t size = count <= UINT16_MAX ? 2 : 4;
  if (size == 2) *at = (char)(is_map ? MSGPACK_MAP16 : MSGPACK_ARRAY16);
  else *at = (char)(is_map ? MSGPACK_MAP32 : MSGPACK_ARRAY32);
  for (size_t i = 0; i < size; i++) at[1 + i] = (char)(count >> (8 * (size - 1 - i)));
  return 1 + size;
}

/* --- Tables --- */

static void check_c_stack(Packer *p, uint32_t slots, const char *where) {
  if (LIKELY(p->c_top + slots <= LIMIT_C_STACK)) return;
  meter_finish(&p->meter); /* failing is not for nothing */
  vm_native_error(p->vm, "stack overflow (in function %s)", where);
}

/* Whether a key can be an array's: a positive number that an int holds. */
static bool is_index(Value key) {
  if (!value_is_number(key)) return false;
  double n = value_number(key);
  return n > 0 && n == value_truncate(n);
}

/* How many pairs there are, and whether their keys are 1..n. */
static uint32_t count_pairs(Packer *p, const Table *t, bool *ret_is_array) {
  Value pair[2];
  uint32_t position = 0, count = 0;
  double most = 0;
  bool only_indices = true;
  meter_charge(&p->meter, COST_TABLE_STEP, t->array_size + (UINT64_C(1) << t->log_nodes));
  while (vm_table_next_at(t, &position, pair)) {
    count++;
    only_indices = only_indices && is_index(pair[0]);
    if (only_indices && value_number(pair[0]) > most) most = value_number(pair[0]);
  }
  *ret_is_array = only_indices && most == count;
  return count;
}

static void open_table(Packer *p, Value v) {
  if (p->depth == 0) p->args = vm_native_need_slots(p->vm, p->args, p->count, LEVEL_SLOTS * LEVELS_MAX);
  Value *slots = level_slots(p, p->depth);
  slots[0] = v;
  slots[1] = VALUE_NIL;
  check_c_stack(p, 2, "table_is_an_array");
  Level *level = &p->levels[p->depth++];
  bool is_array;
  uint32_t count = count_pairs(p, value_table(v), &is_array);
  if (!is_array) check_c_stack(p, 3, "mp_encode_lua_table_as_map");
  *level = (Level){.count = count, .c_top = p->c_top, .is_map = !is_array};
  window_need(&p->out, HEADER_MAX);
  level->header = window_used(&p->out);
  p->out.at += write_header(p->out.at, level->is_map, count);
}

/* Corrects the number of pairs announced: a collection may have emptied a weak table. */
static void announce_again(Packer *p, Level *level) {
  char old[HEADER_MAX], header[HEADER_MAX];
  size_t old_size = write_header(old, level->is_map, level->count);
  size_t size = write_header(header, level->is_map, level->written);
  size_t used = window_used(&p->out);
  char *at = vm_buffer_data(p->vm, p->out.mark) + level->header;
  memmove(at + size, at + old_size, used - level->header - old_size);
  memcpy(at, header, size);
  p->out.at -= old_size - size;
}

static void close_table(Packer *p, Level *level) {
  if (level->is_map && level->written != level->count) announce_again(p, level);
  p->depth--;
}

/* --- Values --- */

static void put_value(Packer *p, Value v) {
  meter_charge(&p->meter, COST_MSGPACK_ITEMS, 1);
  if (value_is_string(v)) put_string(p, value_string(v));
  else if (value_is_number(v)) put_number(&p->out, value_number(v));
  else if (value_is_table(v) && p->depth < LEVELS_MAX) open_table(p, v);
  else if (value_is_boolean(v)) window_put_byte(&p->out, (char)(v == VALUE_TRUE ? MSGPACK_TRUE : MSGPACK_FALSE));
  else window_put_byte(&p->out, (char)MSGPACK_NIL);
}

static void put_element(Packer *p, Level *level, const Table *t) {
  if (level->position == level->count) {
    close_table(p, level);
    return;
  }
  p->c_top = level->c_top + 1;
  put_value(p, vm_table_get_integer(t, (int64_t)++level->position));
}

/* Writes a pair's key, or the value that is due. */
static void put_member(Packer *p, Level *level, const Table *t) {
  Value *slots = level_slots(p, p->depth - 1), pair[2];
  if (level->value_due) {
    level->value_due = false;
    p->c_top = level->c_top + 2;
    put_value(p, slots[1]);
    return;
  }
  if (level->written == level->count || !vm_table_next_at(t, &level->position, pair)) {
    close_table(p, level);
    return;
  }
  level->written++;
  level->value_due = true;
  slots[1] = pair[1];
  p->c_top = level->c_top + 3;
  put_value(p, pair[0]);
}

static void put_tables(Packer *p) {
  while (p->depth > 0) {
    Level *level = &p->levels[p->depth - 1];
    const Table *t = value_table(level_slots(p, p->depth - 1)[0]);
    if (level->is_map) put_member(p, level, t);
    else put_element(p, level, t);
  }
}

/* The reference copies an argument to the top, above the results of those before. */
static void put_argument(Packer *p, int index) {
  p->c_top = (uint32_t)(p->count + index);
  check_c_stack(p, 1, "mp_check");
  p->c_top++;
  put_value(p, p->args[index]);
  put_tables(p);
}

int vm_cmsgpack_pack(VM *vm, Value *args, int count) {
  if (count == 0) vm_native_arg_error(vm, 0, "MessagePack pack needs input.");
  if (2 * count > LIMIT_C_STACK) vm_native_arg_error(vm, 0, "Too many arguments for MessagePack pack.");
  Packer p = {.vm = vm, .args = args, .count = count, .out = window_start(vm), .meter = meter_start(vm)};
  for (int i = 0; i < count; i++) put_argument(&p, i);
  meter_charge(&p.meter, COST_STRING_BYTES, window_used(&p.out));
  meter_finish(&p.meter);
  return native_return(p.args, value_of_string(window_finish(&p.out)));
}

/* --- What is no function --- */

void vm_cmsgpack_open(VM *vm, Table *library) {
  const char *owner = dialect_is_valkey(vm) ? "Copyright (C) 2012, Redis Ltd."
                                             : "Copyright (C) 2012, Salvatore Sanfilippo";
  const char *const fields[][2] = {{"_NAME", "cmsgpack"},
                                   {"_VERSION", "lua-cmsgpack 0.4.0"},
                                   {"_COPYRIGHT", owner},
                                   {"_DESCRIPTION", "MessagePack C implementation for Lua"}};
  for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
    Value text = value_of_string(vm_string_from(vm, fields[i][1]));
    *vm_table_slot_string(vm, library, vm_string_from(vm, fields[i][0])) = text;
  }
}
