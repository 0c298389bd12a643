/* SPDX-License-Identifier: BSD-2-Clause */
/* struct - reads formats, and packs values as they say; the other way round is in
 * struct_unpack.c.
 *
 * What C leaves open (a double out of an integer's range) is what the reference's
 * compiler makes of it on x86-64. */
#include "vm/lib/struct.h"

#include "vm/lib/arg.h"
#include "vm/lib/builtins.h"
#include "vm/lib/option.h"
#include "vm/lib/writer.h"

/* Options paid for before they are read, so that a format which fails has its price too. */
enum { PREPAID_MOST = 512 };

/* --- Formats --- */

void vm_struct_start(VM *vm, const String *text, StructFormat *format) {
  uint32_t prepaid = text->length < PREPAID_MOST ? text->length : PREPAID_MOST;
  vm_charge(vm, COST_STRUCT_ITEMS, prepaid);
  format->vm = vm;
  format->at = text->bytes;
  format->meter = meter_start(vm);
  format->prepaid = prepaid;
  format->big_endian = false;
  format->alignment = 1;
}

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

/* The number at hand, or `missing` when there is none. */
static int32_t read_number(StructFormat *f, int32_t missing) {
  if (!is_digit(*f->at)) return missing;
  int32_t n = 0;
  for (; is_digit(*f->at); f->at++) {
    if (__builtin_mul_overflow(n, 10, &n) || __builtin_add_overflow(n, *f->at - '0', &n)) {
      vm_native_error(f->vm, "integral size overflow");
    }
  }
  return n;
}

static uint64_t read_integer_size(StructFormat *f) {
  int32_t size = read_number(f, STRUCT_INT_SIZE);
  if (size > STRUCT_INT_MAX) {
    vm_native_error(f->vm, "integral size %d is larger than limit of %d", size, STRUCT_INT_MAX);
  }
  return (uint64_t)size;
}

const StructLetter vm_struct_letters[UINT8_MAX + 1] = {
    ['b'] = {STRUCT_SIGNED, 1}, ['B'] = {STRUCT_UNSIGNED, 1}, ['h'] = {STRUCT_SIGNED, 2},   ['H'] = {STRUCT_UNSIGNED, 2},
    ['l'] = {STRUCT_SIGNED, 8}, ['L'] = {STRUCT_UNSIGNED, 8}, ['T'] = {STRUCT_UNSIGNED, 8}, ['i'] = {STRUCT_SIGNED, 0},
    ['I'] = {STRUCT_UNSIGNED, 0}, ['f'] = {STRUCT_FLOAT, 4},  ['d'] = {STRUCT_DOUBLE, 8},   ['c'] = {STRUCT_CHARS, 0},
    ['s'] = {STRUCT_STRING, 0}, ['x'] = {STRUCT_PADDING, 1},
};

static void read_letter(StructFormat *f) {
  const StructLetter *letter = &vm_struct_letters[(uint8_t)f->letter];
  f->kind = (StructKind)letter->kind;
  f->size = letter->size;
  if (f->letter == 'i' || f->letter == 'I') f->size = read_integer_size(f);
  if (f->letter == 'c') f->size = (uint64_t)read_number(f, 1);
}

/* Bytes from `position` to where the option may begin.  Sizes that are no powers of
 * two are aligned as the original's arithmetic has it. */
static uint32_t find_padding(const StructFormat *f, uint64_t position) {
  if (f->size == 0 || f->kind == STRUCT_CHARS) return 0;
  uint32_t size = f->size < f->alignment ? (uint32_t)f->size : f->alignment;
  return (size - (uint32_t)(position & (size - 1))) & (size - 1);
}

bool vm_struct_next(StructFormat *f, uint64_t position) {
  if (*f->at == '\0') return false;
  if (LIKELY(f->prepaid > 0)) f->prepaid--;
  else meter_charge(&f->meter, COST_STRUCT_ITEMS, 1);
  f->letter = *f->at++;
  read_letter(f);
  f->padding = find_padding(f, position);
  return true;
}

static void set_alignment(StructFormat *f) {
  int32_t n = read_number(f, STRUCT_ALIGN_MAX);
  if (n <= 0 || (n & (n - 1)) != 0) vm_native_error(f->vm, "alignment %d is not a power of 2", n);
  f->alignment = (uint32_t)n;
}

void vm_struct_control(StructFormat *f) {
  const char letter[2] = {f->letter, '\0'};
  switch (f->letter) {
    case ' ': break;
    case '>': f->big_endian = true; break;
    case '<': f->big_endian = false; break;
    case '!': set_alignment(f); break;
    default: vm_option_refuse(f->vm, 1, "invalid format option '", letter, "'");
  }
}

/* --- Packing --- */

typedef struct {
  StructFormat format;
  Writer out;
  Value *args;
  int count;
  int arg;         /* number of the next argument */
  uint64_t size;   /* bytes so far */
} Packer;

/* The reference marks the end of the arguments with a nil. */
static int next_argument(Packer *p) {
  if (p->arg > p->count) {
    p->args[p->count] = VALUE_NIL;
    p->count++;
  }
  return p->arg++;
}

/* A double as an unsigned long, as x86-64 code converts it: what is too large gives 0. */
static uint64_t to_unsigned(double n) {
  if (UNLIKELY(n >= 0x1p63)) return n < 0x1p64 ? (uint64_t)n : 0;
  return (uint64_t)arg_truncate(n);
}

static double next_number(Packer *p) {
  int number = next_argument(p);
  return arg_number(p->format.vm, p->args, p->count, number);
}

/* Bytes beyond the eighth are zero, whatever the sign. */
static void put_bits(Packer *p, uint64_t bits) {
  uint32_t size = (uint32_t)p->format.size;
  char *bytes = writer_space(&p->out, size);
  uint64_t ordered = p->format.big_endian && size > 0 && size <= 8 ? __builtin_bswap64(bits) >> (64 - size * 8) : bits;
  switch (size) {
    case 1: memcpy(bytes, &ordered, 1); return;
    case 2: memcpy(bytes, &ordered, 2); return;
    case 4: memcpy(bytes, &ordered, 4); return;
    case 8: memcpy(bytes, &ordered, 8); return;
    default: break;
  }
  for (uint32_t i = 0; i < size; i++, bits >>= 8) bytes[p->format.big_endian ? size - 1 - i : i] = (char)bits;
}

static void put_float(Packer *p) {
  float n = (float)next_number(p);
  uint32_t bits;
  memcpy(&bits, &n, sizeof bits);
  put_bits(p, bits);
}

static void put_double(Packer *p) {
  double n = next_number(p);
  uint64_t bits;
  memcpy(&bits, &n, sizeof bits);
  put_bits(p, bits);
}

static void put_zeros(Packer *p, uint32_t size) {
  if (size > 0) memset(writer_space(&p->out, size), 0, size);
}

/* Writes the first bytes of a string, or all of it and perhaps a NUL. */
static void put_string(Packer *p) {
  VM *vm = p->format.vm;
  int number = next_argument(p);
  const String *s = arg_string(vm, p->args, p->count, number);
  if (p->format.size == 0) p->format.size = s->length;
  if (s->length < p->format.size) vm_native_arg_error(vm, number + 1, "string too short");
  meter_charge(&p->format.meter, COST_STRUCT_BYTES, p->format.size);
  writer_put(&p->out, s->bytes, p->format.size);
  if (p->format.kind == STRUCT_STRING) {
    put_zeros(p, 1);
    p->format.size++;
  }
}

static void put_option(Packer *p) {
  switch (p->format.kind) {
    case STRUCT_CONTROL: vm_struct_control(&p->format); break;
    case STRUCT_SIGNED:
    case STRUCT_UNSIGNED: put_bits(p, to_unsigned(next_number(p))); break;
    case STRUCT_FLOAT: put_float(p); break;
    case STRUCT_DOUBLE: put_double(p); break;
    case STRUCT_CHARS:
    case STRUCT_STRING: put_string(p); break;
    case STRUCT_PADDING: put_zeros(p, 1); break;
  }
}

/* The bits that stand for a number, low bytes first. */
static inline uint64_t bits_for(StructKind kind, double n) {
  uint64_t bits;
  if (kind == STRUCT_DOUBLE) {
    memcpy(&bits, &n, sizeof bits);
    return bits;
  }
  if (kind != STRUCT_FLOAT) return to_unsigned(n);
  float narrow = (float)n;
  uint32_t low;
  memcpy(&low, &narrow, sizeof low);
  return low;
}

/* The usual options, while their arguments are numbers and the result fits the C stack: eight bytes
 * are written for each, and as many count as it has. */
static inline __attribute__((always_inline)) void pack_plain(Packer *p) {
  StructCursor c = struct_cursor(&p->format);
  char *const bytes = writer_near(&p->out);
  size_t room = writer_room(&p->out), used = 0;
  const Value *arg = p->args + p->arg - 1, *const end = p->args + p->count;
  while (struct_peek(&c)) {
    if (UNLIKELY(arg >= end || !value_is_number(*arg) || room - used < STRUCT_NEAR)) break;
    uint64_t bits = bits_for(c.kind, value_number(*arg));
    if (c.big_endian) bits = __builtin_bswap64(bits) >> (64 - c.size * 8);
    memcpy(bytes + used, &bits, STRUCT_NEAR);
    used += c.size;
    arg++;
    struct_take(&c);
  }
  struct_go_on(&p->format, &c);
  p->arg = (int)(arg - p->args) + 1;
  p->size += used;
  writer_keep(&p->out, used);
}

/* The next option, whatever it is; false at the end. */
static bool pack_next(Packer *p) {
  if (!vm_struct_next(&p->format, p->size)) return false;
  p->size += p->format.padding;
  put_zeros(p, p->format.padding);
  put_option(p);
  p->size += p->format.size;
  return true;
}

int vm_struct_pack(VM *vm, Value *args, int count) {
  const String *format = arg_string(vm, args, count, 1);
  Packer p; /* not cleared: it is half a kilobyte */
  p.args = args;
  p.count = count;
  p.arg = 2;
  p.size = 0;
  vm_struct_start(vm, format, &p.format);
  writer_start(&p.out, vm);
  do pack_plain(&p);
  while (pack_next(&p));
  meter_finish(&p.format.meter);
  return native_return(args, value_of_string(writer_string(&p.out)));
}

/* --- Measuring --- */

static bool is_alphanumeric(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

int vm_struct_size(VM *vm, Value *args, int count) {
  uint64_t size = 0;
  StructFormat f;
  vm_struct_start(vm, arg_string(vm, args, count, 1), &f);
  while (vm_struct_next(&f, size)) {
    size += f.padding;
    if (f.kind == STRUCT_STRING) vm_native_arg_error(vm, 1, "option 's' has no fixed size");
    if (f.kind == STRUCT_CHARS && f.size == 0) vm_native_arg_error(vm, 1, "option 'c0' has no fixed size");
    if (!is_alphanumeric(f.letter)) vm_struct_control(&f); /* letters that mean nothing count nothing */
    size += f.size;
  }
  meter_finish(&f.meter);
  return native_return(args, value_of_int((int64_t)size));
}
