/* SPDX-License-Identifier: BSD-2-Clause */
/* disk - the virtual folder: files by name, in memory.
 *
 * A name maps to a node, a userdata that holds the content as a string; to false when it
 * was removed; or to nothing, and then the host is asked once for the content (ferrous-vm
 * shows the files below its working directory, for reading).  What a script writes stays
 * in memory and ends with the run.  Layer: vm/full.
 */
#ifndef VM_FULL_DISK_H
#define VM_FULL_DISK_H

#include "vm/full/profile.h"
#include "vm/full/userdata.h"

enum { NODE_CONTENT = USERDATA_ENVIRONMENT + 1, NODE_SLOTS };

typedef enum { DISK_PRESENT, DISK_ABSENT, DISK_ASKS } DiskAnswer;

enum { DISK_STEP = 1 }; /* at which a native is resumed after DISK_ASKS */

/* Looks for the file whose name is the string in slots[at] (at > 0); its node goes to
 * slots[at + 1].  DISK_ASKS: the native returns NATIVE_HOST, is resumed at DISK_STEP and
 * calls this again; meanwhile slots[0] is the host's.  DISK_ABSENT leaves the reason, an
 * errno, in frame->state[2]. */
DiskAnswer vm_disk_look(VM *vm, Frame *frame, int at) MAY_RAISE(memory);

/* Makes an empty file of this name, or empties it; the node goes to slots[at + 1]. */
void vm_disk_create(VM *vm, Frame *frame, int at) MAY_RAISE(memory);
/* Binds a name to a node, or to false. */
void vm_disk_bind(VM *vm, Value *name, Value *node) MAY_RAISE(memory);

static inline String *disk_content(Value node) { return value_string(userdata_slots(node)[NODE_CONTENT]); }

/* What C calls an errno. */
const char *vm_disk_reason(uint64_t error);
enum { DISK_NO_ENTRY = 2, DISK_BAD_DESCRIPTOR = 9, DISK_REFUSED = 13, DISK_INVALID = 22 };

/* Leaves nil, "name: reason" (or the reason alone) and the errno as a native's results. */
int vm_disk_fail(VM *vm, Frame *frame, const String *name, uint64_t error) MAY_RAISE(memory);

#endif
