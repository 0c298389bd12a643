/* SPDX-License-Identifier: BSD-2-Clause */
/* cjson - lua-cjson 2.1.0 as Redis carries it: settings and what its files share.
 *
 * The library's settings live in the run state, so that a rollback restores them.
 * cjson.new() gives functions that carry settings of their own: a table in their
 * first upvalue, whose first element is a string of the struct's bytes.
 * Layer: vm/lib.
 */
#ifndef VM_LIB_CJSON_H
#define VM_LIB_CJSON_H

#include <stddef.h>

#include "vm/objects/table.h"

typedef enum {
  CJSON_INVALID_REFUSE,
  CJSON_INVALID_ALLOW,
  CJSON_INVALID_NULL /* encode only */
} CjsonInvalid;

typedef struct {
  int32_t sparse_convert;    /* 1: an excessively sparse array becomes an object */
  int32_t sparse_ratio;      /* 0: no array is excessively sparse */
  int32_t sparse_safe;       /* arrays up to this size never are */
  int32_t encode_max_depth;
  int32_t decode_max_depth;
  int32_t encode_invalid;    /* CjsonInvalid */
  int32_t decode_invalid;    /* CjsonInvalid */
  int32_t number_precision;  /* significant digits: 1 to 14 */
  int32_t keep_buffer;       /* remembered, without effect */
} CjsonSettings;

/* The settings that every run starts with. */
CjsonSettings vm_cjson_defaults(void);

/* The settings of the running function; `args` and `count` are its own. */
CjsonSettings vm_cjson_settings(VM *vm, const Value *args);

/* Writes a finite number as "%.<precision>g" does, precision 1 to 14, no NUL; at most
 * NUMBER_TEXT_MAX bytes.  Returns how many. */
size_t vm_cjson_write_rounded(double n, int precision, char *text);

/* Reads what strtod would read at `text`, which ends with a NUL.
 * Returns where the number ends, or NULL when there is none. */
const char *vm_cjson_read_number(VM *vm, const char *text, double *ret_number) MAY_RAISE(memory);

/* Sets the defaults and adds null, _NAME and _VERSION.  The functions must be there. */
void vm_cjson_open(VM *vm, Table *library) MAY_RAISE(memory);

#endif
