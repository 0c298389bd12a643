/* SPDX-License-Identifier: BSD-2-Clause */
/* struct_unpack - bytes to values as a format says.
 *
 * Positions are unsigned 64-bit numbers that may wrap, as the reference's do: a
 * negative offset is a huge one.  Every option is checked against the data before a
 * byte is read. */
#include "vm/lib/arg.h"
#include "vm/lib/builtins.h"
#include "vm/lib/option.h"
#include "vm/lib/struct.h"

typedef struct {
  StructFormat format;
  Value *args;
  int count;         /* arguments; the results follow */
  int results;
  int claimed;       /* slots behind the arguments that are ours */
  const char *data;
  uint64_t size;     /* of the data */
  uint64_t position; /* in the data */
} Unpacker;

enum {
  RESULTS_PIECE = 64, /* slots claimed at a time */
  SEARCH_PIECE = 4096 /* bytes searched between two looks at the budget */
};

static inline void push(Unpacker *u, Value v) {
  if (UNLIKELY(u->results == u->claimed)) {
    u->args = vm_native_need_slots(u->format.vm, u->args, u->count + u->claimed, RESULTS_PIECE);
    u->claimed += RESULTS_PIECE;
  }
  u->args[u->count + u->results++] = v;
}

static void check_data(const Unpacker *u, uint64_t size) {
  if (size > u->size || u->position > u->size - size) vm_native_arg_error(u->format.vm, 2, "data string too short");
}

/* The usual sizes at once, little-endian; false for others. */
static inline bool load_whole(const char *bytes, uint32_t size, uint64_t *ret_bits) {
  uint64_t bits = 0;
  switch (size) {
    case 1: memcpy(&bits, bytes, 1); break;
    case 2: memcpy(&bits, bytes, 2); break;
    case 4: memcpy(&bits, bytes, 4); break;
    case 8: memcpy(&bits, bytes, 8); break;
    default: return false;
  }
  *ret_bits = bits;
  return true;
}

/* The option's bytes as a number: the last eight of them, in the order they count. */
static inline uint64_t read_bits(const Unpacker *u) {
  uint64_t bits = 0;
  uint32_t size = (uint32_t)u->format.size;
  const char *bytes = u->data + u->position;
  if (LIKELY(load_whole(bytes, size, &bits))) return u->format.big_endian ? __builtin_bswap64(bits) >> (64 - size * 8) : bits;
  for (uint32_t i = 0; i < size; i++) bits = bits << 8 | (uint8_t)bytes[u->format.big_endian ? i : size - 1 - i];
  return bits;
}

/* Beyond eight bytes the reference shifts its sign mask by a count that the processor
 * takes modulo 64: the mask then covers bits that are no sign. */
static void push_signed(Unpacker *u) {
  uint64_t bits = read_bits(u), mask = UINT64_MAX << ((u->format.size * 8 - 1) & 63);
  if ((bits & mask) != 0) bits |= mask;
  push(u, value_of_number((double)(int64_t)bits));
}

static void push_float(Unpacker *u) {
  uint32_t bits = (uint32_t)read_bits(u);
  float n;
  memcpy(&n, &bits, sizeof n);
  push(u, value_of_number((double)n));
}

static void push_double(Unpacker *u) {
  uint64_t bits = read_bits(u);
  double n;
  memcpy(&n, &bits, sizeof n);
  push(u, value_of_number(n));
}

static void push_bytes(Unpacker *u, uint64_t size) {
  VM *vm = u->format.vm;
  meter_charge(&u->format.meter, COST_STRUCT_BYTES, size);
  push(u, value_of_string(vm_string_new(vm, u->data + u->position, size)));
}

/* Takes the last result as a length, as C converts it to an unsigned one. */
static uint64_t take_length(Unpacker *u) {
  double n;
  if (u->results == 0 || !vm_native_to_number(u->args[u->count + u->results - 1], &n)) {
    vm_native_error(u->format.vm, "format 'c0' needs a previous size");
  }
  u->results--;
  if (n >= 0x1p63) return n < 0x1p64 ? (uint64_t)n : 0;
  return (uint64_t)arg_truncate(n);
}

static void push_chars(Unpacker *u) {
  if (u->format.size == 0) {
    u->format.size = take_length(u);
    check_data(u, u->format.size);
  }
  push_bytes(u, u->format.size);
}

/* Bytes before the NUL; the search is charged piece by piece. */
static uint64_t find_end(Unpacker *u) {
  for (uint64_t at = u->position; at < u->size;) {
    uint64_t piece = u->size - at < SEARCH_PIECE ? u->size - at : SEARCH_PIECE;
    meter_charge(&u->format.meter, COST_STRUCT_BYTES, piece);
    const char *end = memchr(u->data + at, '\0', piece);
    if (end != NULL) return (uint64_t)(end - u->data) - u->position;
    at += piece;
  }
  meter_finish(&u->format.meter); /* failing is not for nothing */
  vm_native_error(u->format.vm, "unfinished string in data");
}

static void push_string(Unpacker *u) {
  uint64_t size = find_end(u);
  u->format.size = size + 1;
  push_bytes(u, size);
}

static void read_option(Unpacker *u) {
  switch (u->format.kind) {
    case STRUCT_CONTROL: vm_struct_control(&u->format); break;
    case STRUCT_SIGNED: push_signed(u); break;
    case STRUCT_UNSIGNED: push(u, value_of_number((double)read_bits(u))); break;
    case STRUCT_FLOAT: push_float(u); break;
    case STRUCT_DOUBLE: push_double(u); break;
    case STRUCT_CHARS: push_chars(u); break;
    case STRUCT_STRING: push_string(u); break;
    case STRUCT_PADDING: break;
  }
}

static inline Value usual_value(StructKind kind, uint64_t high, uint32_t shift) {
  if (kind == STRUCT_SIGNED) return value_of_int((int64_t)high >> shift);
  if (kind == STRUCT_UNSIGNED) return value_of_number((double)(high >> shift));
  double n;
  memcpy(&n, &high, sizeof n);
  if (kind == STRUCT_DOUBLE) return value_of_number(n);
  uint32_t low = (uint32_t)(high >> 32);
  float narrow;
  memcpy(&narrow, &low, sizeof narrow);
  return value_of_number((double)narrow);
}

/* The bytes of a usual option as the highest of a word. */
static inline uint64_t read_high(const char *at, uint64_t left, const StructCursor *c, uint32_t shift) {
  uint64_t bits = 0;
  if (LIKELY(left >= STRUCT_NEAR)) memcpy(&bits, at, STRUCT_NEAR);
  else for (uint32_t i = 0; i < c->size; i++) bits |= (uint64_t)(uint8_t)at[i] << (8 * i);
  return c->big_endian ? __builtin_bswap64(bits) : bits << shift;
}

/* The usual options, while there are data and slots for them. */
static inline __attribute__((always_inline)) void unpack_plain(Unpacker *u) {
  StructCursor c = struct_cursor(&u->format);
  if (UNLIKELY(u->position > u->size)) return;
  const char *at = u->data + u->position, *const end = u->data + u->size;
  int room = LIMIT_C_STACK - 1 - u->count < u->claimed ? LIMIT_C_STACK - 1 - u->count : u->claimed;
  Value *slot = u->args + u->count + u->results, *const slots_end = u->args + u->count + room;
  while (struct_peek(&c)) {
    uint64_t left = (uint64_t)(end - at);
    if (UNLIKELY(left < c.size || slot >= slots_end)) break;
    uint32_t shift = 64 - c.size * 8;
    *slot++ = usual_value(c.kind, read_high(at, left, &c, shift), shift);
    at += c.size;
    struct_take(&c);
  }
  struct_go_on(&u->format, &c);
  u->results = (int)(slot - u->args) - u->count;
  u->position = (uint64_t)(at - u->data);
}

/* The next option, whatever it is; false at the end. */
static bool unpack_next(Unpacker *u) {
  if (!vm_struct_next(&u->format, u->position)) return false;
  u->position += u->format.padding;
  check_data(u, u->format.size);
  if (u->count + u->results + 2 > LIMIT_C_STACK) vm_native_error(u->format.vm, "stack overflow (too many results)");
  read_option(u);
  u->position += u->format.size;
  return true;
}

int vm_struct_unpack(VM *vm, Value *args, int count) {
  const String *format = arg_string(vm, args, count, 1), *data = arg_string(vm, args, count, 2);
  Unpacker u; /* what a format says of its option is written by vm_struct_next */
  u.args = args;
  u.count = count;
  u.results = 0;
  u.claimed = NATIVE_SLOTS;
  u.data = data->bytes;
  u.size = data->length;
  u.position = (uint64_t)arg_integer_or(vm, args, count, 3, 1);
  if (u.position == 0) vm_native_arg_error(vm, 3, "offset must be 1 or greater");
  u.position--;
  vm_struct_start(vm, format, &u.format);
  do unpack_plain(&u);
  while (unpack_next(&u));
  push(&u, value_of_number((double)(int64_t)(u.position + 1)));
  meter_finish(&u.format.meter);
  vm_charge(vm, COST_STACK_SLOTS, u.results);
  memmove(u.args - 1, u.args + count, (size_t)u.results * sizeof *u.args);
  return u.results;
}
