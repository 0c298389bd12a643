/* SPDX-License-Identifier: BSD-2-Clause */
/* cmsgpack - MessagePack as Redis's lua-cmsgpack 0.4.0 speaks it.
 *
 * The first byte of a value says what it is; numbers behind it are big-endian.  Both
 * directions know the same bytes, named here; extension types are known to neither.
 * Layer: vm/lib.
 */
#ifndef VM_LIB_CMSGPACK_H
#define VM_LIB_CMSGPACK_H

#include "vm/objects/table.h"

typedef enum {
  MSGPACK_FIXMAP = 0x80,   /* 1000xxxx: up to 15 pairs */
  MSGPACK_FIXARRAY = 0x90, /* 1001xxxx: up to 15 elements */
  MSGPACK_FIXSTR = 0xa0,   /* 101xxxxx: up to 31 bytes */
  MSGPACK_NIL = 0xc0,
  MSGPACK_FALSE = 0xc2,
  MSGPACK_TRUE = 0xc3,
  MSGPACK_FLOAT = 0xca,
  MSGPACK_DOUBLE = 0xcb,
  MSGPACK_UINT8 = 0xcc,
  MSGPACK_UINT16 = 0xcd,
  MSGPACK_UINT32 = 0xce,
  MSGPACK_UINT64 = 0xcf,
  MSGPACK_INT8 = 0xd0,
  MSGPACK_INT16 = 0xd1,
  MSGPACK_INT32 = 0xd2,
  MSGPACK_INT64 = 0xd3,
  MSGPACK_STR8 = 0xd9,
  MSGPACK_STR16 = 0xda,
  MSGPACK_STR32 = 0xdb,
  MSGPACK_ARRAY16 = 0xdc,
  MSGPACK_ARRAY32 = 0xdd,
  MSGPACK_MAP16 = 0xde,
  MSGPACK_MAP32 = 0xdf,
  MSGPACK_NEGATIVE = 0xe0  /* 111xxxxx: -32 to -1 */
} MsgpackByte;

/* Adds _NAME, _VERSION, _COPYRIGHT and _DESCRIPTION.  The functions must be there. */
void vm_cmsgpack_open(VM *vm, Table *library) MAY_RAISE(memory);

#endif
