/* SPDX-License-Identifier: BSD-2-Clause */
/* string_format - string.format: reads the format, converts its arguments.
 *
 * The reference copies each item to a small format string for sprintf and takes the
 * result up to its first NUL: so "%c" of 0 adds nothing, and "%s" stops at a NUL,
 * unless the string has 100 bytes or more and no precision is given.
 * Layer: vm/lib.
 */
#include "vm/lib/arg.h"
#include "vm/lib/builtins.h"
#include "vm/lib/format.h"
#include "vm/lib/meter.h"
#include "vm/lib/writer.h"
#include "vm/values/number.h"

enum {
  LONG_STRING = 100,
  FLAGS_MAX = 5,
  EXACT_PRECISION = 17, /* more digits than this take exact arithmetic */
  EXACT_NUMBERS = 128   /* which costs as much as so many numbers */
};

typedef struct {
  VM *vm;
  Value *args;
  int count;
  int number; /* of the argument to be converted */
  Meter meter;
  FormatSpec spec;
  Writer out;
} Formatter;

static inline bool is_digit(char c) {
  return (unsigned char)(c - '0') < 10;
}

/* --- The format string --- */

static bool set_flag(FormatSpec *spec, char c) {
  switch (c) {
    case '-': spec->left = true; return true;
    case '+': spec->plus = true; return true;
    case ' ': spec->space = true; return true;
    case '#': spec->alternate = true; return true;
    case '0': spec->zero = true; return true;
    default: return false;
  }
}

/* At most two digits. */
static const char *scan_number(const char *p, int *ret_number) {
  int n = 0;
  if (is_digit(*p)) n = *p++ - '0';
  if (is_digit(*p)) n = n * 10 + (*p++ - '0');
  *ret_number = n;
  return p;
}

/* Reads flags, width and precision; returns where the conversion stands. */
static const char *scan_spec(VM *vm, const char *p, FormatSpec *spec) {
  const char *flags = p;
  *spec = (FormatSpec){.precision = -1};
  if (LIKELY((unsigned char)*p >= 'A')) return p; /* the conversion itself */
  while (set_flag(spec, *p)) p++;
  if (p - flags > FLAGS_MAX) vm_native_error(vm, "invalid format (repeated flags)");
  p = scan_number(p, &spec->width);
  if (*p == '.') p = scan_number(p + 1, &spec->precision);
  if (is_digit(*p)) vm_native_error(vm, "invalid format (width or precision too long)");
  return p;
}

/* --- Conversions --- */

/* Bytes, padded with spaces to the width. */
static void put_padded(Formatter *f, const char *bytes, size_t size) {
  size_t width = (size_t)f->spec.width;
  size_t pad = width > size ? width - size : 0;
  char *to = writer_space(&f->out, size + pad);
  memcpy(f->spec.left ? to : to + pad, bytes, size);
  if (pad > 0) memset(f->spec.left ? to + size : to, ' ', pad);
}

static void put_char(Formatter *f) {
  double n = arg_number(f->vm, f->args, f->count, f->number);
  char c = n >= -0x1p31 && n < 0x1p31 ? (char)(int32_t)n : '\0';
  if (c != '\0') {
    put_padded(f, &c, 1);
  } else if (!f->spec.left && f->spec.width > 1) {
    /* The padding in front of the NUL is all that is kept. */
    memset(writer_space(&f->out, (size_t)f->spec.width - 1), ' ', (size_t)f->spec.width - 1);
  }
}

/* The reference's conversion to an unsigned long, as x86-64 does it. */
static uint64_t to_unsigned(double n) {
  if (n >= 0x1p63) return (uint64_t)arg_truncate(n - 0x1p63) ^ UINT64_C(1) << 63;
  return (uint64_t)arg_truncate(n);
}

static bool is_bare(const FormatSpec *spec) {
  return spec->width == 0 && spec->precision < 0 && !spec->plus && !spec->space;
}

/* Where a number can be written: on the C stack, in the text itself where that has room. */
static inline char *number_place(Formatter *f, char *otherwise) {
  return LIKELY(writer_room(&f->out) >= FORMAT_SIZE_MAX) ? writer_near(&f->out) : otherwise;
}

static inline void keep_number(Formatter *f, const char *place, size_t size) {
  if (LIKELY(writer_room(&f->out) >= FORMAT_SIZE_MAX)) writer_keep(&f->out, size);
  else writer_put(&f->out, place, size);
}

static void put_integer(Formatter *f, char conversion) {
  double n = arg_number(f->vm, f->args, f->count, f->number);
  char text[FORMAT_SIZE_MAX], *place = number_place(f, text);
  bool is_signed = conversion == 'd' || conversion == 'i';
  size_t size;
  if (is_signed && is_bare(&f->spec) && __builtin_fabs(n) < 1e14) {
    n = (double)arg_truncate(n);
    size = vm_number_write(n == 0 ? 0 : n, place); /* no "-0" */
  } else {
    uint64_t value = is_signed ? (uint64_t)arg_truncate(n) : to_unsigned(n);
    size = vm_format_integer(&f->spec, conversion, value, place);
  }
  meter_charge(&f->meter, COST_NUMBER_TEXT, 1);
  keep_number(f, place, size);
}

static void put_double(Formatter *f, char conversion) {
  double n = arg_number(f->vm, f->args, f->count, f->number);
  char text[FORMAT_SIZE_MAX], *place = number_place(f, text);
  bool exact =
      f->spec.precision > EXACT_PRECISION || (conversion == 'f' && !(__builtin_fabs(n) < 1e15));
  meter_charge(&f->meter, COST_NUMBER_TEXT, exact ? EXACT_NUMBERS : 1);
  keep_number(f, place, vm_format_double(&f->spec, conversion, n, place));
}

static void put_string(Formatter *f) {
  const String *s = arg_string(f->vm, f->args, f->count, f->number);
  size_t size = s->length;
  meter_charge(&f->meter, COST_FORMAT_BYTES,
               size < LONG_STRING || f->spec.precision >= 0 ? LONG_STRING / 4 : size / 4);
  if (f->spec.precision < 0 && size >= LONG_STRING) {
    writer_put(&f->out, s->bytes, size);
    return;
  }
  if (f->spec.precision >= 0 && size > (size_t)f->spec.precision) size = (size_t)f->spec.precision;
  const char *nul = memchr(s->bytes, '\0', size);
  if (nul) size = (size_t)(nul - s->bytes);
  put_padded(f, s->bytes, size);
}

enum { QUOTE_PIECE = 64, QUOTE_MOST = 4 }; /* bytes quoted at once; what one of them may become */

/* Writes a piece with its escapes; returns the end.  Every byte is written with a backslash before
 * it, which the next one covers when it is not wanted: there is nothing to foresee. */
static char *quote_piece(const char *p, const char *stop, char *to) {
  static const bool escaped[256] = {['"'] = true, ['\\'] = true, ['\n'] = true, ['\r'] = true, ['\0'] = true};
  for (; p < stop; p++) {
    char c = *p;
    size_t skip = escaped[(unsigned char)c];
    to[0] = '\\';
    to[skip] = c;
    to += skip + 1;
    if (UNLIKELY(c == '\r')) to[-1] = 'r';
    if (UNLIKELY(c == '\0')) {
      memcpy(to - 1, "000", 3);
      to += 2;
    }
  }
  return to;
}

static void put_quoted(Formatter *f) {
  const String *s = arg_string(f->vm, f->args, f->count, f->number);
  const char *p = s->bytes, *stop = p + s->length;
  char piece[QUOTE_PIECE * QUOTE_MOST];
  meter_charge(&f->meter, COST_FORMAT_BYTES, s->length);
  writer_put_byte(&f->out, '"');
  while (p < stop) {
    const char *end = stop - p > QUOTE_PIECE ? p + QUOTE_PIECE : stop;
    writer_put(&f->out, piece, (size_t)(quote_piece(p, end, piece) - piece));
    p = end;
  }
  writer_put_byte(&f->out, '"');
}

static void convert(Formatter *f, char conversion) {
  switch (conversion) {
    case 'c': put_char(f); break;
    case 'd':
    case 'i':
    case 'o':
    case 'u':
    case 'x':
    case 'X': put_integer(f, conversion); break;
    case 'e':
    case 'E':
    case 'f':
    case 'g':
    case 'G': put_double(f, conversion); break;
    case 'q': put_quoted(f); break;
    case 's': put_string(f); break;
    case '\0': vm_native_error(f->vm, "invalid option '%%' to 'format'");
    default: vm_native_error(f->vm, "invalid option '%%%c' to 'format'", conversion);
  }
}

/* --- The native --- */

enum { TEXT_NEAR = 24 }; /* bytes that are copied while they are looked at */

/* Puts what stands in the format from `p` up to a '%' or to `stop`; returns where that is. */
static inline const char *put_text(Formatter *f, const char *p, const char *stop) {
  const char *from = p;
  if (LIKELY(writer_room(&f->out) >= TEXT_NEAR)) {
    const char *near = stop - p > TEXT_NEAR ? p + TEXT_NEAR : stop;
    char *to = writer_near(&f->out);
    while (p < near && *p != '%') *to++ = *p++;
    if (LIKELY(p < near || p == stop)) {
      meter_charge(&f->meter, COST_STRING_BYTES, p - from);
      writer_keep(&f->out, (size_t)(p - from));
      return p;
    }
  }
  p = memchr(p, '%', (size_t)(stop - p));
  if (p == NULL) p = stop;
  meter_charge(&f->meter, COST_STRING_BYTES, p - from);
  writer_put(&f->out, from, (size_t)(p - from));
  return p;
}

/* Converts the item behind a '%' at `p`; returns what follows it. */
static const char *put_item(Formatter *f, const char *p) {
  if (*p == '%') {
    meter_charge(&f->meter, COST_FORMAT_BYTES, 1);
    writer_put_byte(&f->out, '%');
    return p + 1;
  }
  if (++f->number > f->count) vm_native_arg_error(f->vm, f->number, "no value");
  p = scan_spec(f->vm, p, &f->spec);
  meter_charge(&f->meter, COST_FORMAT_BYTES,
               f->spec.width + (f->spec.precision > 0 ? f->spec.precision : 0) + 4);
  convert(f, *p);
  return p + 1;
}

int vm_string_format(VM *vm, Value *args, int count) {
  const String *format = arg_string(vm, args, count, 1);
  const char *p = format->bytes, *stop = p + format->length;
  Formatter f;
  f.vm = vm;
  f.args = args;
  f.count = count;
  f.number = 1;
  f.meter = meter_start(vm);
  writer_start(&f.out, vm);
  while ((p = put_text(&f, p, stop)) < stop) p = put_item(&f, p + 1);
  meter_finish(&f.meter);
  return native_return(args, value_of_string(writer_string(&f.out)));
}
