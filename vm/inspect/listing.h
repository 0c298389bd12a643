/* SPDX-License-Identifier: BSD-2-Clause */
/* listing - text put together in small pieces, for the writers of this folder. */
#ifndef VM_INSPECT_LISTING_H
#define VM_INSPECT_LISTING_H

#include <stdint.h>

#include "vm/compile/module.h"
#include "vm/inspect/disasm.h"

typedef struct {
  DisasmSink sink;
  void *context;
  size_t size; /* bytes waiting in `text` */
  char text[512];
} Listing;

void vm_listing_flush(Listing *l);
void vm_listing_bytes(Listing *l, const char *bytes, size_t size);
void vm_listing_text(Listing *l, const char *text);
void vm_listing_number(Listing *l, int64_t number);

/* Text in at least `width` columns. */
void vm_listing_padded(Listing *l, const char *text, size_t width);

/* A string in quotes, escaped as luac does. */
void vm_listing_quoted(Listing *l, const char *bytes, size_t size);

/* A constant of a function. */
void vm_listing_constant(Listing *l, const Module *module, const Proto *proto, uint32_t number);

#endif
