/* SPDX-License-Identifier: BSD-2-Clause */
/* value - eight bytes that hold any Lua value, and the handles inside them.
 *
 * NaN-boxed.  Every bit pattern below TAG_FIRST << 48 is a double; the two quiet
 * NaNs 0x7FF8.. and 0xFFF8.. are the only NaNs that exist (value_of_number keeps
 * the sign, which "%.14g" prints, and drops the payload).  Above stand the tags:
 *
 *      63        48 47        32 31                 0
 *     +------------+------------+--------------------+
 *     |    tag     | generation |   arena address    |   a handle
 *     +------------+------------+--------------------+
 *     |   0xFFFF   |  nil: all ones; false, true, null just below it
 *
 * The 32-bit address is the address: the arena lies wholly below 4 GiB, so a
 * corrupted handle cannot leave it.  The generation must equal the one in the
 * header found there; a mismatch is a stale handle and traps.  Equality of all
 * values other than numbers is equality of bits (strings are interned).
 * Layer: vm/values.
 */
#ifndef VM_VALUES_VALUE_H
#define VM_VALUES_VALUE_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#if defined(__x86_64__)
#include <emmintrin.h>
#endif

#include "vm/config.h"

typedef uint64_t Value;

enum {
  TAG_FIRST = 0xFFF9,
  TAG_STRING = 0xFFF9,
  TAG_TABLE = 0xFFFA,
  TAG_CLOSURE = 0xFFFB, /* a Lua function */
  TAG_NATIVE = 0xFFFC,  /* a function of the library */
  TAG_THREAD = 0xFFFD,  /* a coroutine; with HEADER_USERDATA a userdata */
  TAG_BOX = 0xFFFE,     /* internal: upvalue boxes, module objects; never seen by scripts */
  TAG_SIMPLE = 0xFFFF   /* nil, false, true, null */
};

#define VALUE_NIL UINT64_C(0xFFFFFFFFFFFFFFFF)
#define VALUE_FALSE UINT64_C(0xFFFFFFFFFFFFFFFE)
#define VALUE_TRUE UINT64_C(0xFFFFFFFFFFFFFFFD)
#define VALUE_NULL UINT64_C(0xFFFFFFFFFFFFFFFC) /* light userdata NULL: cjson.null */

/* The types a script can tell apart, in the reference's order of numbers. */
typedef enum {
  TYPE_NIL,
  TYPE_BOOLEAN,
  TYPE_USERDATA, /* VALUE_NULL; in the full profile also userdata objects */
  TYPE_NUMBER,
  TYPE_STRING,
  TYPE_TABLE,
  TYPE_FUNCTION,
  TYPE_THREAD,
  TYPE_COUNT_
} Type;

/* What every object starts with; layout fixed by DESIGN. */
typedef struct {
  uint8_t kind;        /* Kind, see vm/memory/kinds.def */
  uint8_t flags;       /* per kind */
  uint16_t generation; /* epoch of its allocation; never 0 */
  uint32_t serial;     /* order of allocation: identity that scripts may see */
} Header;
_Static_assert(sizeof(Header) == 8, "a header is 8 bytes");

/* Flag of the tables that the full profile hands out as userdata: such a handle has the
 * tag of threads, so that no instruction looks inside. */
enum { HEADER_USERDATA = 128 };

/* --- Numbers --- */

static inline bool value_is_number(Value v) { return v < (uint64_t)TAG_FIRST << 48; }

static inline double value_number(Value v) {
  double n;
  memcpy(&n, &v, sizeof n);
  return n;
}

/* The one function through which every number enters a Value. */
static inline Value value_of_number(double n) {
  Value v;
  memcpy(&v, &n, sizeof v);
  /* A signalling NaN, which only comes from outside, has no bit but the payload's. */
  if (UNLIKELY(n != n)) v = (v & UINT64_C(0xFFF8000000000000)) | UINT64_C(0x7FF8000000000000);
  return v;
}

/* The result `n` of an operation on `a` and `b`.  What an operation gives that is invalid is
 * a NaN of the processor's sign; scripts see x86-64's on every processor. */
static inline double value_operation_result(double n, double a, double b) {
  return UNLIKELY(n != n) && a == a && b == b ? -(double)__builtin_nan("") : n;
}

/* For results of arithmetic on numbers known to be no NaN, such as lengths. */
static inline Value value_of_int(int64_t n) {
  double d = (double)n;
  Value v;
  memcpy(&v, &d, sizeof v);
  return v;
}

/* Truncates towards zero; what does not fit gives some number that is not `n`. */
static inline int32_t value_truncate(double n) {
#if defined(__x86_64__)
  return _mm_cvttsd_si32(_mm_set_sd(n));
#elif defined(__aarch64__)
  int32_t i;
  __asm__("fcvtzs %w0, %d1" : "=r"(i) : "w"(n));
  return i;
#else
  return n > -0x1p31 && n < 0x1p31 ? (int32_t)n : INT32_MIN;
#endif
}

/* The nearest integer, ties to even, modulo 2^32, as BitOp has it; for what is beyond 2^51 the same
 * bits of the sum. */
static inline uint32_t value_round_bits(double n) {
  double shifted = n + 6755399441055744.0; /* 2^52 + 2^51 */
  uint64_t bits;
  memcpy(&bits, &shifted, sizeof bits);
  return (uint32_t)bits;
}

/* --- Tags --- */

static inline uint32_t value_tag(Value v) { return (uint32_t)(v >> 48); }
static inline bool value_is_nil(Value v) { return v == VALUE_NIL; }
static inline bool value_is_false(Value v) { return v >= VALUE_FALSE; } /* nil or false */
static inline bool value_is_boolean(Value v) { return v == VALUE_FALSE || v == VALUE_TRUE; }
static inline bool value_is_string(Value v) { return value_tag(v) == TAG_STRING; }
static inline bool value_is_table(Value v) { return value_tag(v) == TAG_TABLE; }
static inline bool value_is_closure(Value v) { return value_tag(v) == TAG_CLOSURE; }
static inline bool value_is_native(Value v) { return value_tag(v) == TAG_NATIVE; }
static inline bool value_is_function(Value v) { return value_is_closure(v) || value_is_native(v); }
static inline bool value_has_userdata_flag(Value v) {
  return ((const Header *)(uintptr_t)(uint32_t)v)->flags & HEADER_USERDATA;
}
static inline bool value_is_thread(Value v) { return value_tag(v) == TAG_THREAD && !value_has_userdata_flag(v); }
static inline bool value_is_userdata(Value v) { return value_tag(v) == TAG_THREAD && value_has_userdata_flag(v); }
static inline bool value_is_object(Value v) {
  return v >= (uint64_t)TAG_FIRST << 48 && v < (uint64_t)TAG_SIMPLE << 48;
}

static inline Value value_of_bool(bool b) { return b ? VALUE_TRUE : VALUE_FALSE; }

/* Equality as the == operator has it before metamethods. */
static inline bool value_equal(Value a, Value b) {
  if (value_is_number(a) && value_is_number(b)) return value_number(a) == value_number(b);
  return a == b;
}

static inline Type value_type(Value v) {
  if (value_is_number(v)) return TYPE_NUMBER;
  switch (value_tag(v)) {
    case TAG_STRING: return TYPE_STRING;
    case TAG_TABLE: return TYPE_TABLE;
    case TAG_CLOSURE:
    case TAG_NATIVE: return TYPE_FUNCTION;
    case TAG_THREAD: return value_has_userdata_flag(v) ? TYPE_USERDATA : TYPE_THREAD;
    default: break;
  }
  if (v == VALUE_NIL) return TYPE_NIL;
  return v == VALUE_NULL ? TYPE_USERDATA : TYPE_BOOLEAN;
}

/* "nil", "boolean", "userdata", ... */
extern const char *const vm_value_type_names[TYPE_COUNT_];

/* --- Handles --- */

/* Ends the process: a stale handle was followed.  The signal tells it from a bug
 * (policy/traps.h). */
static inline __attribute__((noreturn, cold)) void value_trap_stale(void) {
#if defined(__x86_64__)
  __asm__ volatile("int3");
#elif defined(__aarch64__)
  __asm__ volatile(".inst 0"); /* udf #0 */
#endif
  __builtin_trap();
}

/* The object that handle `v` names, its generation proven. */
static inline Header *value_object(Value v) {
  Header *object = (Header *)(uintptr_t)(uint32_t)v;
#if FERROUS_HANDLE_CHECKS
  if (UNLIKELY(object->generation != (uint16_t)(v >> 32))) value_trap_stale();
#endif
  return object;
}

static inline Value value_of_object(uint32_t tag, const Header *object) {
  return (uint64_t)tag << 48 | (uint64_t)object->generation << 32 | (uint32_t)(uintptr_t)object;
}

#endif
