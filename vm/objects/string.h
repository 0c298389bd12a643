/* SPDX-License-Identifier: BSD-2-Clause */
/* string - interned strings.
 *
 * Every string exists once, so equality is equality of handles.  The intern table
 * lives in control and has its own seeded hash that no script can observe; the
 * order hash, which decides the order of table keys, is Redis's and is computed at
 * first use.  Layer: vm/objects.
 */
#ifndef VM_OBJECTS_STRING_H
#define VM_OBJECTS_STRING_H

#include <stddef.h>
#include <string.h>

#include "vm/objects/object.h"

typedef struct VM VM;

/* The string of these bytes.  A collection point; `bytes` may point into an arena
 * string that is reachable. */
String *vm_string_new(VM *vm, const void *bytes, size_t size) MAY_RAISE(memory);
String *vm_string_from(VM *vm, const char *text) MAY_RAISE(memory); /* NUL-terminated */

/* A string of `size` bytes that the caller writes, more than one, and what it is then: itself, or
 * the string of these bytes that is there already.  The first is a collection point. */
String *vm_string_blank(VM *vm, size_t size) MAY_RAISE(memory);
String *vm_string_finish(VM *vm, String *blank, size_t size);

/* The same within a reserve: neither collects nor fails. */
String *vm_string_intern(VM *vm, const void *bytes, size_t size);

/* Redis's hash (ORDER_REDIS) or Valkey's: by it strings find their place in a table. */
uint32_t vm_string_order_hash(uint32_t order, const void *bytes, size_t size);
/* The hash by which a string finds its intern chain. */
uint32_t vm_string_chain_hash(uint64_t seed, const String *s);
uint32_t vm_string_hash_slow(String *s);

static inline uint32_t string_order_hash(String *s) {
  return LIKELY(s->header.flags & STRING_HASHED) ? s->order_hash : vm_string_hash_slow(s);
}

/* Byte-wise order (C locale, embedded NULs count): <0, 0, >0. */
int vm_string_compare(const String *a, const String *b);


enum { STRING_NEAR = 128 }; /* bytes */

static inline uint64_t string_word(const String *s, size_t at) {
  uint64_t word;
  memcpy(&word, s->bytes + at, 8);
  return word;
}

/* The same where the shorter of both has at most STRING_NEAR bytes, without a call: words of
 * eight bytes, the last of which overlaps what was compared already. */
static inline int string_compare_near(const String *a, const String *b, size_t shorter) {
  if (shorter >= 8) {
    size_t last = shorter - 8, at = 0;
    while (at < last && string_word(a, at) == string_word(b, at)) at += 8;
    if (at > last) at = last;
    uint64_t x = string_word(a, at), y = string_word(b, at);
    if (x != y) return __builtin_bswap64(x) < __builtin_bswap64(y) ? -1 : 1;
  } else {
    for (size_t at = 0; at < shorter; at++) {
      if (a->bytes[at] != b->bytes[at]) return (unsigned char)a->bytes[at] < (unsigned char)b->bytes[at] ? -1 : 1;
    }
  }
  return (a->length > b->length) - (a->length < b->length);
}

#endif
