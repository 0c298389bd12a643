/* SPDX-License-Identifier: BSD-2-Clause */
/* move - copying everything that is reachable into an image of a new base.
 *
 * The image begins with the empty node; behind it stand the objects, each followed by its
 * own parts (a table by its nodes and its array), so that it can be walked from end to
 * end.  References in it say where things will stand once the image lies at the arena's
 * start.  The arena itself is only read.  Layer: vm/run; for vm/run/commit.c.
 */
#ifndef VM_RUN_MOVE_H
#define VM_RUN_MOVE_H

#include "vm/run/state.h"

/* Where a module and its functions will be in the new tables. */
typedef struct {
  uint32_t module;
  uint32_t first_function;
} ModulePlace;

typedef struct {
  VM *vm;
  uint32_t *forward;         /* per granule of the arena: the new address, or 0 */
  const ModulePlace *places; /* per module record */
  char *image;
  uint32_t size;             /* bytes used */
  uint32_t room;
  uint32_t next;             /* copies from here on still hold old references */
  bool is_full;              /* the image has no room */
  bool has_coroutine;        /* what is reachable includes one: it cannot be moved */
} Move;

/* Opens an image of `room` bytes; `forward` is zero for every block in use. */
Move vm_move_open(VM *vm, char *image, uint32_t room, uint32_t *forward, const ModulePlace *places);

/* Copies what the values name and turns the values. */
void vm_move_values(Move *m, Value *values, uint64_t count);

/* Copies an object; returns its new address, 0 once something has failed. */
uint32_t vm_move_object(Move *m, uint32_t address);

/* Copies what the copies name, until nothing is new. */
void vm_move_rest(Move *m);

/* Bytes that the copy of an object and its parts take. */
uint32_t vm_move_size(const Heap *heap, const Header *object);

/* Offset of the first object of an image. */
uint32_t vm_move_first(void);

#endif
