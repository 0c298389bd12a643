/* SPDX-License-Identifier: BSD-2-Clause */
/* cjson_decode - JSON to Lua values, as lua-cjson reads it, its laxness included.
 *
 * A NUL ends the text wherever it stands; numbers are whatever strtod takes.  No
 * recursion: the tables being built wait in the native's slots, two to a level: the
 * table, and the key (or the index) that the value being read will get.  Tables grow
 * store by store, because their order of keys follows from it.  Layer: vm/lib.
 */
#include "vm/lib/builtins.h"
#include "vm/lib/cjson.h"
#include "vm/lib/meter.h"

typedef enum {
  T_OBJ_BEGIN,
  T_OBJ_END,
  T_ARR_BEGIN,
  T_ARR_END,
  T_STRING,
  T_NUMBER,
  T_BOOLEAN,
  T_NULL,
  T_COLON,
  T_COMMA,
  T_END,
  T_ERROR
} TokenType;

static const char *const token_names[] = {"T_OBJ_BEGIN", "T_OBJ_END", "T_ARR_BEGIN", "T_ARR_END",
                                          "T_STRING",    "T_NUMBER",  "T_BOOLEAN",   "T_NULL",
                                          "T_COLON",     "T_COMMA",   "T_END",       NULL};

enum {
  LEVEL_SLOTS = 2,   /* of a waiting table: itself, key or index */
  LEVELS_PIECE = 32, /* levels whose slots are claimed at a time */
  SLOT_VALUE = 1     /* the value just read; levels follow */
};

typedef struct {
  VM *vm;
  Value *args;         /* args[0] is the text */
  const char *data, *at, *end;
  size_t mark;         /* of the buffer that takes strings with escapes */
  Meter meter;
  CjsonSettings settings;
  /* The token. */
  TokenType type;
  const char *start;   /* where it begins, or where it went wrong */
  const char *text;    /* of a string, or the name of an error */
  size_t size;         /* of a string */
  Value value;         /* of a number or boolean */
  /* The table being built. */
  Table *table;        /* NULL: none */
  uint32_t index;      /* of an array's next element; 0: it is an object */
  int32_t depth;
  int32_t levels;      /* levels whose slots are ours */
  int32_t c_slots;     /* slots that the reference would use */
} Decoder;

/* --- Errors --- */

static void set_error(Decoder *d, const char *what) {
  d->type = T_ERROR;
  d->start = d->at;
  d->text = what;
}

static __attribute__((noreturn)) void raise_unexpected(Decoder *d, const char *expected) {
  const char *found = d->type == T_ERROR ? d->text : token_names[d->type];
  meter_finish(&d->meter); /* failing is not for nothing */
  vm_native_error(d->vm, "Expected %s but found %s at character %d", expected, found, (int)(d->start - d->data) + 1);
}

/* --- Strings --- */

static int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/* Four hexadecimal digits, or -1. */
static int read_hex4(const char *text) {
  int n = 0;
  for (int i = 0; i < 4; i++) {
    int digit = hex_value(text[i]);
    if (digit < 0) return -1;
    n = n * 16 + digit;
  }
  return n;
}

static size_t write_utf8(int code, char *text) {
  if (code < 0x80) {
    text[0] = (char)code;
    return 1;
  }
  size_t size = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  for (size_t i = size - 1; i > 0; i--, code >>= 6) text[i] = (char)(0x80 | (code & 0x3f));
  text[0] = (char)((0xf00 >> size & 0xff) | code);
  return size;
}

/* Reads the escape at d->at, "\uXXXX" or a pair of them; false when it is none. */
static bool read_unicode(Decoder *d) {
  int code = read_hex4(d->at + 2);
  if (code < 0) return false;
  const char *next = d->at + 6;
  if ((code & 0xF800) == 0xD800) {
    if (code & 0x400 || next[0] != '\\' || next[1] != 'u') return false;
    int low = read_hex4(next + 2);
    if (low < 0 || (low & 0xFC00) != 0xDC00) return false;
    code = ((code & 0x3FF) << 10 | (low & 0x3FF)) + 0x10000;
    next += 6;
  }
  char text[4];
  vm_buffer_put(d->vm, text, write_utf8(code, text));
  d->at = next;
  return true;
}

/* What "\<c>" stands for; 0 when it is no escape. */
static char escape_of(char c) {
  switch (c) {
    case '"':
    case '\\':
    case '/': return c;
    case 'b': return '\b';
    case 'f': return '\f';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    default: return 0;
  }
}

#define BYTES(n) (UINT64_C(0x0101010101010101) * (n))

static inline uint64_t has_zero(uint64_t word) { return (word - BYTES(1)) & ~word & BYTES(0x80); }

/* The first quote, backslash or NUL. */
static const char *skip_plain(const char *at, const char *end) {
  while (end - at >= 8) {
    uint64_t word;
    memcpy(&word, at, 8);
    uint64_t found = has_zero(word) | has_zero(word ^ BYTES('"')) | has_zero(word ^ BYTES('\\'));
    if (found) return at + __builtin_ctzll(found) / 8;
    at += 8;
  }
  while (*at != '"' && *at != '\\' && *at != '\0') at++;
  return at;
}

/* Goes on after the first backslash of a string; false: an error is set. */
static bool read_escaped(Decoder *d, const char *first) {
  vm_buffer_cut(d->vm, d->mark, 0);
  vm_buffer_put(d->vm, first, (size_t)(d->at - first));
  while (*d->at == '\\') {
    if (d->at[1] == 'u') {
      if (!read_unicode(d)) {
        set_error(d, "invalid unicode escape code");
        return false;
      }
    } else {
      char c = escape_of(d->at[1]);
      if (c == 0) {
        set_error(d, "invalid escape code");
        return false;
      }
      vm_buffer_put_byte(d->vm, c);
      d->at += 2;
    }
    const char *plain = d->at;
    d->at = skip_plain(plain, d->end);
    vm_buffer_put(d->vm, plain, (size_t)(d->at - plain));
  }
  return true;
}

static void read_string(Decoder *d) {
  const char *first = ++d->at;
  d->at = skip_plain(first, d->end);
  bool escaped = *d->at == '\\';
  if (escaped && !read_escaped(d, first)) return;
  if (*d->at != '"') {
    set_error(d, "unexpected end of string");
    return;
  }
  d->type = T_STRING;
  d->text = escaped ? vm_buffer_data(d->vm, d->mark) : first;
  d->size = escaped ? vm_buffer_size(d->vm, d->mark) : (size_t)(d->at - first);
  d->at++;
}

/* --- Other tokens --- */

static bool starts_with(const char *text, const char *word) {
  for (; *word; word++, text++) {
    char c = *text >= 'A' && *text <= 'Z' ? (char)(*text + 32) : *text;
    if (c != *word) return false;
  }
  return true;
}

/* A number that JSON does not allow: signed plus, hexadecimal, with zeros in front,
 * infinite or none at all. */
static bool is_invalid_number(const char *at) {
  if (*at == '+') return true;
  if (*at == '-') at++;
  if (*at == '0') return (at[1] | 0x20) == 'x' || (at[1] >= '0' && at[1] <= '9');
  if ((signed char)*at <= '9') return false;
  return starts_with(at, "inf") || starts_with(at, "nan");
}

static void read_number(Decoder *d) {
  double n;
  const char *end = vm_cjson_read_number(d->vm, d->at, &n);
  if (end == NULL) {
    set_error(d, "invalid number");
    return;
  }
  d->type = T_NUMBER;
  d->value = value_of_number(n);
  d->at = end;
}

static bool read_literal(Decoder *d, const char *word, TokenType type, Value value) {
  const char *at = d->at;
  for (; *word; word++, at++) {
    if (*at != *word) return false;
  }
  d->type = type;
  d->value = value;
  d->at = at;
  return true;
}

static void read_word(Decoder *d) {
  if (read_literal(d, "true", T_BOOLEAN, VALUE_TRUE) || read_literal(d, "false", T_BOOLEAN, VALUE_FALSE) ||
      read_literal(d, "null", T_NULL, VALUE_NULL)) {
    return;
  }
  if (d->settings.decode_invalid && is_invalid_number(d->at)) read_number(d);
  else set_error(d, "invalid token");
}

static void take_single(Decoder *d, TokenType type) {
  d->type = type;
  d->at++;
}

static void next_token(Decoder *d) {
  while (*d->at == ' ' || *d->at == '\n' || *d->at == '\t' || *d->at == '\r') d->at++;
  d->start = d->at;
  switch (*d->at) {
    case '{': take_single(d, T_OBJ_BEGIN); break;
    case '}': take_single(d, T_OBJ_END); break;
    case '[': take_single(d, T_ARR_BEGIN); break;
    case ']': take_single(d, T_ARR_END); break;
    case ',': take_single(d, T_COMMA); break;
    case ':': take_single(d, T_COLON); break;
    case '\0': d->type = T_END; break;
    case '"': read_string(d); break;
    case '-': case '0': case '1': case '2': case '3': case '4':
    case '5': case '6': case '7': case '8': case '9':
      if (!d->settings.decode_invalid && is_invalid_number(d->at)) set_error(d, "invalid number");
      else read_number(d);
      break;
    case '+': case 'f': case 'i': case 'I': case 'n': case 'N': case 't': read_word(d); break;
    default: set_error(d, "invalid token");
  }
}

/* --- Tables --- */

static Value *level_slots(Decoder *d) { return d->args + SLOT_VALUE + 1 + LEVEL_SLOTS * (d->depth - 1); }

static void claim_levels(Decoder *d) {
  int live = SLOT_VALUE + 1 + LEVEL_SLOTS * d->levels;
  d->args = vm_native_need_slots(d->vm, d->args, live, LEVEL_SLOTS * LEVELS_PIECE);
  d->levels += LEVELS_PIECE;
}

/* Opens a table inside the one that is open; the reference checks for `c_slots`. */
static void open_table(Decoder *d, int32_t c_slots) {
  if (d->depth > 0) {
    if (d->index > 0) level_slots(d)[1] = value_of_int(d->index);
    d->c_slots += d->index > 0 ? 1 : 2;
  }
  d->depth++;
  if (d->depth > d->settings.decode_max_depth || d->c_slots + c_slots > LIMIT_C_STACK) {
    meter_finish(&d->meter);
    vm_native_error(d->vm, "Found too many nested data structures (%d) at character %d", d->depth,
                    (int)(d->at - d->data));
  }
  if (d->depth > d->levels) claim_levels(d);
  level_slots(d)[0] = level_slots(d)[1] = VALUE_NIL;
  d->table = vm_table_new(d->vm, 0, 0);
  level_slots(d)[0] = value_of_table(d->table);
}

/* The open table is complete: it is the value just read. */
static void close_table(Decoder *d) {
  d->args[SLOT_VALUE] = level_slots(d)[0];
  d->depth--;
  if (d->depth == 0) return;
  Value *slots = level_slots(d);
  d->table = value_table(slots[0]);
  d->index = value_is_number(slots[1]) ? (uint32_t)value_number(slots[1]) : 0;
  d->c_slots -= d->index > 0 ? 1 : 2;
}

/* Reads the key whose token is at hand, the colon, and the next token. */
static void read_key(Decoder *d) {
  if (d->type != T_STRING) raise_unexpected(d, "object key string");
  meter_charge(&d->meter, COST_JSON_ITEMS, 1);
  level_slots(d)[1] = value_of_string(vm_string_new(d->vm, d->text, d->size));
  next_token(d);
  if (d->type != T_COLON) raise_unexpected(d, "colon");
  next_token(d);
}

/* Stores the value just read; what follows is read.  True when the table ended. */
static bool store_element(Decoder *d) {
  Table *t = d->table;
  if (LIKELY(d->index <= t->array_size)) table_store(t, d->index - 1, d->args[SLOT_VALUE]);
  else *vm_table_slot_integer(d->vm, t, d->index) = d->args[SLOT_VALUE];
  d->index++;
  next_token(d);
  if (d->type == T_ARR_END) return true;
  if (d->type != T_COMMA) raise_unexpected(d, "comma or array end");
  next_token(d);
  return false;
}

static bool store_member(Decoder *d) {
  *vm_table_slot_string(d->vm, d->table, value_string(level_slots(d)[1])) = d->args[SLOT_VALUE];
  next_token(d);
  if (d->type == T_OBJ_END) return true;
  if (d->type != T_COMMA) raise_unexpected(d, "comma or object end");
  next_token(d);
  read_key(d);
  return false;
}

/* Stores the value just read, closing every table that ends behind it. */
static void store_value(Decoder *d) {
  while (d->depth > 0) {
    bool ended = d->index > 0 ? store_element(d) : store_member(d);
    if (!ended) return;
    close_table(d);
  }
}

static void begin_object(Decoder *d) {
  open_table(d, 3);
  d->index = 0;
  next_token(d);
  if (d->type == T_OBJ_END) {
    close_table(d);
    store_value(d);
  } else {
    read_key(d);
  }
}

static void begin_array(Decoder *d) {
  open_table(d, 2);
  d->index = 1;
  next_token(d);
  if (d->type == T_ARR_END) {
    close_table(d);
    store_value(d);
  }
}

/* Reads the value whose token is at hand, or its beginning. */
static void read_value(Decoder *d) {
  meter_charge(&d->meter, COST_JSON_ITEMS, 1);
  switch (d->type) {
    case T_STRING: d->args[SLOT_VALUE] = value_of_string(vm_string_new(d->vm, d->text, d->size)); break;
    case T_NUMBER:
    case T_BOOLEAN:
    case T_NULL: d->args[SLOT_VALUE] = d->value; break;
    case T_OBJ_BEGIN: begin_object(d); return;
    case T_ARR_BEGIN: begin_array(d); return;
    case T_OBJ_END:
    case T_ARR_END:
    case T_COLON:
    case T_COMMA:
    case T_END:
    case T_ERROR: raise_unexpected(d, "value");
  }
  store_value(d);
}

int vm_cjson_decode(VM *vm, Value *args, int count) {
  if (count != 1) vm_native_arg_error(vm, 1, "expected 1 argument");
  String *text = vm_native_check_string(vm, args, count, 1);
  Decoder d = {.vm = vm, .args = args, .meter = meter_start(vm), .settings = vm_cjson_settings(vm, args), .c_slots = 1};
  d.data = d.at = text->bytes;
  d.end = text->bytes + text->length;
  vm_charge(vm, COST_JSON_BYTES, text->length);
  if (text->length >= 2 && (!d.data[0] || !d.data[1])) {
    vm_native_error(vm, "JSON parser does not support UTF-16 or UTF-32");
  }
  d.mark = vm_buffer_open(vm);
  args[SLOT_VALUE] = VALUE_NIL;
  next_token(&d);
  do read_value(&d);
  while (d.depth > 0);
  next_token(&d);
  if (d.type != T_END) raise_unexpected(&d, "the end");
  meter_finish(&d.meter);
  vm_buffer_close(vm, d.mark);
  return native_return(d.args, d.args[SLOT_VALUE]);
}
