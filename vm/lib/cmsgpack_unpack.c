/* SPDX-License-Identifier: BSD-2-Clause */
/* cmsgpack_unpack - MessagePack to Lua values, as lua-cmsgpack reads it.
 *
 * No recursion: the values read stand on the native's slots exactly as they would
 * stand on the reference's C stack (results; then for every open table the table
 * itself, and the index or the key that the next value will get), so that its limit
 * of slots is ours too.  How much is left of the tables around the innermost is kept
 * in the buffer.  Nothing is believed: a length is only followed as far as there are
 * bytes, and tables grow store by store.  Layer: vm/lib.
 */
#include "vm/lib/arg.h"
#include "vm/lib/builtins.h"
#include "vm/lib/cmsgpack.h"
#include "vm/lib/meter.h"
#include "vm/lib/option.h"

enum { SLOTS_PIECE = 64 }; /* claimed at a time */

typedef enum { IN_NOTHING, IN_ARRAY, IN_MAP_KEY, IN_MAP_VALUE } Place;

/* The table being filled. */
typedef struct {
  uint32_t left;  /* elements or pairs to come */
  uint32_t index; /* of an array's next element */
  Place place;
} Level;

typedef struct {
  VM *vm;
  Value *args;
  const uint8_t *at, *end;
  Meter meter;
  size_t mark;    /* of the buffer */
  Level level;    /* the innermost; those around it are in the buffer */
  int top;        /* slots in use, counted from args[0] */
  int claimed;    /* slots that are ours */
  bool complete;  /* the value on top is; false: it is a table to be filled */
} Unpacker;

/* --- Slots --- */

static __attribute__((noinline)) void claim_slots(Unpacker *u) {
  u->args = vm_native_need_slots(u->vm, u->args, u->claimed, SLOTS_PIECE);
  u->claimed += SLOTS_PIECE;
}

/* The reference makes sure of `slots` more here. */
static inline void check_c_stack(Unpacker *u, int slots, const char *where) {
  if (LIKELY(u->top + slots <= LIMIT_C_STACK)) return;
  meter_finish(&u->meter); /* failing is not for nothing */
  vm_native_error(u->vm, "stack overflow (%s)", where);
}

static inline void push(Unpacker *u, Value v) {
  if (UNLIKELY(u->top == u->claimed)) claim_slots(u);
  u->args[u->top++] = v;
}

/* --- Bytes --- */

static __attribute__((noreturn, noinline)) void refuse(Unpacker *u, const char *why) {
  meter_finish(&u->meter);
  vm_native_error(u->vm, "%s", why);
}

static inline void need(Unpacker *u, uint64_t size) {
  if (UNLIKELY((uint64_t)(u->end - u->at) < size)) refuse(u, "Missing bytes in input.");
}

/* The number of `size` bytes behind the first one, which is skipped too. */
static uint64_t read_big_endian(Unpacker *u, size_t size) {
  uint64_t n = 0;
  need(u, 1 + size);
  for (size_t i = 1; i <= size; i++) n = n << 8 | u->at[i];
  u->at += 1 + size;
  return n;
}

static void push_string(Unpacker *u, uint64_t size) {
  need(u, size);
  meter_charge(&u->meter, COST_MSGPACK_BYTES, size);
  push(u, value_of_string(vm_string_new(u->vm, (const char *)u->at, size)));
  u->at += size;
}

static void push_float(Unpacker *u) {
  uint32_t bits = (uint32_t)read_big_endian(u, 4);
  float n;
  memcpy(&n, &bits, sizeof n);
  push(u, value_of_number((double)n));
}

static void push_double(Unpacker *u) {
  uint64_t bits = read_big_endian(u, 8);
  double n;
  memcpy(&n, &bits, sizeof n);
  push(u, value_of_number(n));
}

/* --- Tables --- */

/* Makes a table the innermost; the one around it is kept in the buffer. */
static void open_table(Unpacker *u, uint64_t count, Place place) {
  push(u, VALUE_NIL);
  u->args[u->top - 1] = value_of_table(vm_table_new(u->vm, 0, 0));
  if (place == IN_ARRAY) check_c_stack(u, 1, "in function mp_decode_to_lua_array");
  if (count == 0) return;
  u->complete = false;
  if (u->level.place != IN_NOTHING) vm_buffer_put(u->vm, &u->level, sizeof u->level);
  u->level = (Level){.left = (uint32_t)count, .index = 1, .place = place};
  if (place == IN_ARRAY) push(u, VALUE_NIL);
}

static void close_table(Unpacker *u) {
  size_t kept = vm_buffer_size(u->vm, u->mark);
  if (kept == 0) {
    u->level.place = IN_NOTHING;
    return;
  }
  kept -= sizeof u->level;
  memcpy(&u->level, vm_buffer_data(u->vm, u->mark) + kept, sizeof u->level);
  vm_buffer_cut(u->vm, u->mark, kept);
}

/* Stores the value under the key below it. */
static void store_pair(Unpacker *u, Table *t, const Value *value) {
  Value key = value[-1];
  bool is_bad = key == VALUE_NIL || (value_is_number(key) && value_number(key) != value_number(key));
  if (UNLIKELY(is_bad)) meter_finish(&u->meter); /* it raises */
  vm_table_set(u->vm, t, key, *value);
}

/* Stores the value on top into the table two slots below it, and drops what lies
 * above the table.  True when that filled the table. */
static bool store(Unpacker *u) {
  Value *value = &u->args[u->top - 1];
  Table *t = value_table(value[-2]);
  if (u->level.place == IN_ARRAY) *vm_table_slot_integer(u->vm, t, u->level.index++) = *value;
  else store_pair(u, t, value);
  u->top -= 2;
  u->level.left--;
  if (u->level.left == 0) return true;
  if (u->level.place == IN_ARRAY) push(u, VALUE_NIL);
  else u->level.place = IN_MAP_KEY;
  return false;
}

/* The value on top is complete: puts it where it belongs, and so every table that it
 * completes.  Ends when more is to be read, or with a result on top. */
static void settle(Unpacker *u) {
  while (u->level.place != IN_NOTHING) {
    if (u->level.place == IN_MAP_KEY) {
      u->level.place = IN_MAP_VALUE;
      return;
    }
    if (!store(u)) return;
    close_table(u);
  }
}

/* --- Values --- */

static void push_integer(Unpacker *u, int64_t n) { push(u, value_of_int(n)); }

/* Reads what one byte announces in its upper bits; false when it is a whole byte's
 * business.  A table is opened, not filled. */
static bool read_packed(Unpacker *u, uint8_t first) {
  if (first < MSGPACK_FIXMAP || first >= MSGPACK_NEGATIVE) {
    u->at++;
    push_integer(u, (int8_t)first);
  } else if (first < MSGPACK_FIXARRAY) {
    u->at++;
    open_table(u, first & 15, IN_MAP_KEY);
  } else if (first < MSGPACK_FIXSTR) {
    u->at++;
    open_table(u, first & 15, IN_ARRAY);
  } else if (first < MSGPACK_NIL) {
    u->at++;
    push_string(u, first & 31);
  } else {
    return false;
  }
  return true;
}

static void push_constant(Unpacker *u, Value v) {
  u->at++;
  push(u, v);
}

static void read_first_byte(Unpacker *u, uint8_t first) {
  switch (first) {
    case MSGPACK_NIL: push_constant(u, VALUE_NIL); break;
    case MSGPACK_FALSE: push_constant(u, VALUE_FALSE); break;
    case MSGPACK_TRUE: push_constant(u, VALUE_TRUE); break;
    case MSGPACK_FLOAT: push_float(u); break;
    case MSGPACK_DOUBLE: push_double(u); break;
    case MSGPACK_UINT8: push_integer(u, (int64_t)read_big_endian(u, 1)); break;
    case MSGPACK_UINT16: push_integer(u, (int64_t)read_big_endian(u, 2)); break;
    case MSGPACK_UINT32: push_integer(u, (int64_t)read_big_endian(u, 4)); break;
    case MSGPACK_UINT64: /* the reference's integers are signed: above 2^63 it is negative */
    case MSGPACK_INT64: push_integer(u, (int64_t)read_big_endian(u, 8)); break;
    case MSGPACK_INT8: push_integer(u, (int8_t)read_big_endian(u, 1)); break;
    case MSGPACK_INT16: push_integer(u, (int16_t)read_big_endian(u, 2)); break;
    case MSGPACK_INT32: push_integer(u, (int32_t)read_big_endian(u, 4)); break;
    case MSGPACK_STR8: push_string(u, read_big_endian(u, 1)); break;
    case MSGPACK_STR16: push_string(u, read_big_endian(u, 2)); break;
    case MSGPACK_STR32: push_string(u, read_big_endian(u, 4)); break;
    case MSGPACK_ARRAY16: open_table(u, read_big_endian(u, 2), IN_ARRAY); break;
    case MSGPACK_ARRAY32: open_table(u, read_big_endian(u, 4), IN_ARRAY); break;
    case MSGPACK_MAP16: open_table(u, read_big_endian(u, 2), IN_MAP_KEY); break;
    case MSGPACK_MAP32: open_table(u, read_big_endian(u, 4), IN_MAP_KEY); break;
    default: refuse(u, "Bad data format in input.");
  }
}

/* Reads a value with everything in it; it stands on top in the end. */
static void read_value(Unpacker *u) {
  do {
    need(u, 1);
    check_c_stack(u, 1, "too many return values at once; use unpack_one or unpack_limit instead.");
    meter_charge(&u->meter, COST_MSGPACK_ITEMS, 1);
    u->complete = true;
    uint8_t first = *u->at;
    if (!read_packed(u, first)) read_first_byte(u, first);
    if (u->complete) settle(u);
  } while (u->level.place != IN_NOTHING);
}

/* --- The functions --- */

typedef struct {
  int64_t limit;  /* the most values to read */
  int64_t offset; /* where to begin */
  int kept;       /* arguments that stay below the results */
} Request;

static void check_request(VM *vm, const Request *request, const String *text) {
  if (request->offset < 0 || request->limit < 0) { /* the original names the length, not the limit */
    vm_native_error(vm, "Invalid request to unpack with offset of %d and limit of %d.", (int)request->offset,
                    (int)text->length);
  }
  if (request->offset > (int64_t)text->length) {
    vm_native_error(vm, "Start offset %d greater than input length %d.", (int)request->offset, (int)text->length);
  }
}

/* Moves the results down to where they are returned, behind `first` if there is one. */
static int give_results(Unpacker *u, int kept, const Value *first) {
  int count = u->top - kept, before = first != NULL;
  vm_charge(u->vm, COST_STACK_SLOTS, count);
  memmove(u->args - 1 + before, u->args + kept, (size_t)count * sizeof *u->args);
  if (first != NULL) u->args[-1] = *first;
  return count + before;
}

static int unpack(VM *vm, Value *args, int count, Request request) {
  const String *text = vm_native_check_string(vm, args, count < request.kept ? count : request.kept, 1);
  check_request(vm, &request, text);
  bool all = request.limit == 0 && request.offset == 0;
  Unpacker u = {.vm = vm, .args = args, .meter = meter_start(vm), .top = request.kept, .claimed = count + NATIVE_SLOTS};
  const uint8_t *start = (const uint8_t *)text->bytes;
  u.at = start + request.offset;
  u.end = start + text->length;
  u.mark = vm_buffer_open(vm);
  int64_t most = all ? INT32_MAX : request.limit;
  for (int64_t i = 0; i < most && u.at < u.end; i++) read_value(&u);
  meter_finish(&u.meter);
  if (all) return give_results(&u, request.kept, NULL);
  Value next = value_of_int(u.at == u.end ? -1 : u.at - start);
  check_c_stack(&u, 1, "in function mp_unpack_full");
  return give_results(&u, request.kept, &next);
}

int vm_cmsgpack_unpack(VM *vm, Value *args, int count) {
  return unpack(vm, args, count, (Request){.kept = count});
}

int vm_cmsgpack_unpack_one(VM *vm, Value *args, int count) {
  int64_t offset = vm_native_opt_integer(vm, args, count, 2, 0);
  return unpack(vm, args, count, (Request){.limit = 1, .offset = offset, .kept = 1});
}

int vm_cmsgpack_unpack_limit(VM *vm, Value *args, int count) {
  int64_t limit = vm_native_check_integer(vm, args, count, 2);
  int64_t offset = vm_native_opt_integer(vm, args, count, 3, 0);
  return unpack(vm, args, count, (Request){.limit = limit, .offset = offset, .kept = 1});
}
