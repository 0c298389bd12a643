/* SPDX-License-Identifier: BSD-2-Clause */
/* atom - the distinct strings of a source text, each kept once.
 *
 * An atom is a name, a reserved word or a string's contents.  It carries what the
 * later stages look up by string, so that they need no tables of their own: the
 * variable a name means now, its place among the constants, its place in the module.
 */
#ifndef VM_COMPILE_ATOM_H
#define VM_COMPILE_ATOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vm/compile/region.h"

typedef struct Variable Variable;

typedef struct Atom {
  const char *bytes; /* in the source or the scratch */
  uint32_t length;
  uint32_t hash;          /* of the table here; no script can observe it */
  struct Atom *next;      /* in the same bucket */
  Variable *binding;      /* innermost active local variable of this name, or NULL */
  uint32_t slot;          /* its constant in the innermost function that has one, plus 1 */
  uint32_t module_offset; /* of the bytes in the module; 0 before they are placed */
  uint32_t order_hash;    /* Redis's hash; valid once placed */
  uint32_t reserved;      /* TOKEN_ of a reserved word, else 0 */
} Atom;

typedef struct {
  Region *region;
  Atom **buckets;
  uint32_t mask;
  uint32_t count;
  uint64_t seed;
} AtomTable;

/* Makes an empty table.  Returns false when the scratch is full. */
bool vm_atom_init(AtomTable *table, Region *region);

/* Returns the atom with these bytes, made if need be; `bytes` must stay readable.
 * NULL when the scratch is full. */
Atom *vm_atom_intern(AtomTable *table, const char *bytes, size_t length);

/* Hash that fixes the order of tables: Redis's, over all bytes, no seed. */
uint32_t vm_atom_order_hash(const char *bytes, size_t length);

#endif
