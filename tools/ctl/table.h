/* SPDX-License-Identifier: BSD-2-Clause */
/* table - an array of JSON objects as columns for a person.
 *
 * Every text is escaped; numbers get units and stand at the right.  The head is bold on
 * a terminal, unless --color or NO_COLOR says otherwise.
 *
 * Layer: tools.
 */
#ifndef TOOLS_CTL_TABLE_H
#define TOOLS_CTL_TABLE_H

#include <jansson.h>
#include <stdio.h>

#include "tools/ctl/options.h"

typedef enum {
  CELL_TEXT,
  CELL_COUNT,   /* 12345 */
  CELL_BYTES,   /* 1.5 MiB */
  CELL_NS,      /* 1.5 ms, from nanoseconds */
  CELL_SECONDS, /* the same, from seconds */
  CELL_MOMENT,  /* 21:04:59.123, from milliseconds since 1970, local time */
  CELL_FLAG     /* yes, or nothing */
} CellKind;

typedef struct {
  const char *name; /* of the member */
  const char *head;
  CellKind kind;
  int most; /* widest text; 0: 48 */
} TableColumn;

#define TABLE_CELL_BYTES 256

/* Prints rows and a head; without rows, what `none` says, if it is not NULL. */
void ctl_table_print(FILE *to, const json_t *rows, const TableColumn *columns, size_t count,
                     bool bold, const char *none);

/* Writes one value as the table shows it; returns whether it stands at the right. */
bool ctl_table_format(const json_t *value, CellKind kind, int most, char ret_text[TABLE_CELL_BYTES]);

/* Whether standard output shall be coloured. */
bool ctl_table_is_coloured(const Options *options);

#endif
