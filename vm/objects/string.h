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

#endif
