/* SPDX-License-Identifier: BSD-2-Clause */
/* object - the layouts of everything in the arena, fixed by assertion.
 *
 * Pointers between arena memory are 32-bit addresses.  Raw C pointers to objects
 * stay valid while the object is reachable (objects never move); table parts and
 * value stacks move only at a reserve (vm/memory/heap.h).  Layer: vm/objects.
 */
#ifndef VM_OBJECTS_OBJECT_H
#define VM_OBJECTS_OBJECT_H

#include "vm/config.h"
#include "vm/values/value.h"

/* --- Strings: interned, immutable, NUL after the last byte --- */

enum { ORDER_REDIS, ORDER_VALKEY };
enum { STRING_HASHED = 1 }; /* flag: order_hash is computed */

typedef struct {
  Header header;
  uint32_t length;
  uint32_t order_hash; /* the server's hash, all bytes; decides table order. Before it is computed:
                          which one, ORDER_REDIS or ORDER_VALKEY */
  uint32_t next;       /* intern chain */
  char bytes[];
} String;
_Static_assert(__builtin_offsetof(String, bytes) == 20, "string head is 20 bytes");

/* --- Tables: PUC's, move for move --- */

typedef struct {
  Value key;
  Value value;
  uint32_t next; /* address of the next node of the chain, or 0 */
  uint32_t pad;
} Node;
_Static_assert(sizeof(Node) == NODE_BYTES, "as the verifier has it");

enum {
  TABLE_READONLY = 1,   /* flags of a table's header */
  TABLE_WEAK_KEYS = 2,
  TABLE_WEAK_VALUES = 4,
  TABLE_DENSE = 8       /* no value of the array part stands behind a nil: it has one border */
  /* HEADER_USERDATA: the full profile's userdata; its slots are out of the script's reach */
};

typedef struct {
  Header header;
  uint32_t nodes;       /* Node[1 << log_nodes]; the shared empty node when there are none */
  uint32_t max_offset;  /* (node count - 1) * sizeof(Node) */
  uint32_t array;       /* Value[array_size] for keys 1..array_size, or 0 */
  uint32_t array_size;
  uint32_t bloom;       /* bit (order_hash & 31) is set for every string key in the nodes */
  uint32_t last_free;   /* nodes from here up are taken; address */
  uint32_t metatable;   /* address, or 0 */
  uint16_t metatable_generation;
  uint8_t log_nodes;
  uint8_t absent;       /* as a metatable: bit i says that event i is known to be missing */
  uint32_t index_hint;  /* as a metatable: node offset where __index was last found; as an array:
                           the last border found, times sizeof(Node).  Both are only guesses */
  uint32_t weak_next;   /* 0 but during a collection */
} Table;
_Static_assert(sizeof(Table) == 48, "a table is 48 bytes");

/* --- Functions --- */

typedef struct {
  Header header;
  uint32_t function;      /* index into the function records of control */
  uint32_t upvalue_count;
  Value environment;      /* a table */
  Value upvalues[];       /* by value, or a TAG_BOX handle of an Upvalue */
} Closure;

typedef struct {
  Header header;
  uint32_t native;        /* index into the native table */
  uint32_t upvalue_count;
  Value environment;
  Value upvalues[];
} Native;

typedef struct {
  Header header;
  uint32_t slot;          /* address of the variable: a stack slot, or `closed` below */
  uint32_t next;          /* list of open boxes of a coroutine, highest slot first */
  Value closed;
} Upvalue;

/* --- Coroutines and modules: arena objects that name control records --- */

typedef struct {
  Header header;
  uint32_t record; /* index of the coroutine record, or of the module record */
  uint32_t pad;
} Handle;

/* --- From value to object: the tag must have been checked --- */

static inline String *value_string(Value v) { return (String *)value_object(v); }
static inline Table *value_table(Value v) { return (Table *)value_object(v); }
static inline Closure *value_closure(Value v) { return (Closure *)value_object(v); }
static inline Native *value_native(Value v) { return (Native *)value_object(v); }
static inline Handle *value_thread(Value v) { return (Handle *)value_object(v); }

static inline Table *value_userdata(Value v) { return (Table *)value_object(v); }

static inline Value value_of_string(const String *s) { return value_of_object(TAG_STRING, &s->header); }
static inline Value value_of_table(const Table *t) { return value_of_object(TAG_TABLE, &t->header); }
static inline Value value_of_closure(const Closure *c) { return value_of_object(TAG_CLOSURE, &c->header); }
static inline Value value_of_native(const Native *n) { return value_of_object(TAG_NATIVE, &n->header); }

static inline Value value_of_userdata(const Table *t) { return value_of_object(TAG_THREAD, &t->header); }

/* --- From address to part --- */

static inline Value *table_array(const Table *t) { return (Value *)(uintptr_t)t->array; }
static inline Node *table_nodes(const Table *t) { return (Node *)(uintptr_t)t->nodes; }

/* Where a node of the table stands, as caches keep it.  They are in control and outlive the
 * run: a damaged chain may lead between nodes, a cache never does. */
static inline uint32_t table_offset(const Table *t, const void *node) {
  uint32_t offset = (uint32_t)((uintptr_t)node - t->nodes);
  VM_ASSERT(offset % NODE_BYTES == 0);
  return offset;
}
static inline bool table_is_readonly(const Table *t) { return t->header.flags & TABLE_READONLY; }

#endif
