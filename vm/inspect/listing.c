/* SPDX-License-Identifier: BSD-2-Clause */
/* listing - see the header. */
#include "vm/inspect/listing.h"

#include <string.h>

#include "vm/values/number.h"

void vm_listing_flush(Listing *l) {
  if (l->size > 0) l->sink(l->context, l->text, l->size);
  l->size = 0;
}

void vm_listing_bytes(Listing *l, const char *bytes, size_t size) {
  if (size > sizeof l->text - l->size) vm_listing_flush(l);
  if (size > sizeof l->text) {
    l->sink(l->context, bytes, size);
    return;
  }
  memcpy(l->text + l->size, bytes, size);
  l->size += size;
}

void vm_listing_text(Listing *l, const char *text) {
  vm_listing_bytes(l, text, strlen(text));
}

void vm_listing_padded(Listing *l, const char *text, size_t width) {
  vm_listing_text(l, text);
  for (size_t n = strlen(text); n < width; n++) vm_listing_text(l, " ");
}

void vm_listing_number(Listing *l, int64_t number) {
  char digits[24];
  size_t n = sizeof digits;
  uint64_t rest = number < 0 ? -(uint64_t)number : (uint64_t)number;
  do digits[--n] = (char)('0' + rest % 10);
  while ((rest /= 10) > 0);
  if (number < 0) digits[--n] = '-';
  vm_listing_bytes(l, digits + n, sizeof digits - n);
}

static void write_escape(Listing *l, unsigned char c) {
  static const char codes[] = "\a\b\f\n\r\t\v\"\\", letters[] = "abfnrtv\"\\";
  const char *found = memchr(codes, c, sizeof codes - 1);
  char text[4] = {'\\', (char)('0' + c / 100), (char)('0' + c / 10 % 10), (char)('0' + c % 10)};
  if (found) text[1] = letters[found - codes];
  vm_listing_bytes(l, text, found ? 2 : 4);
}

void vm_listing_quoted(Listing *l, const char *bytes, size_t size) {
  vm_listing_text(l, "\"");
  for (size_t i = 0; i < size; i++) {
    unsigned char c = (unsigned char)bytes[i];
    if (c < 32 || c > 126 || c == '"' || c == '\\')
      write_escape(l, c);
    else
      vm_listing_bytes(l, bytes + i, 1);
  }
  vm_listing_text(l, "\"");
}

void vm_listing_constant(Listing *l, const Module *module, const Proto *proto, uint32_t number) {
  const Constant *k = (const Constant *)module_at(module, proto->constants) + number;
  char text[NUMBER_TEXT_MAX];
  switch (k->kind) {
    case CONSTANT_NIL: vm_listing_text(l, "nil"); break;
    case CONSTANT_FALSE: vm_listing_text(l, "false"); break;
    case CONSTANT_TRUE: vm_listing_text(l, "true"); break;
    case CONSTANT_NUMBER: vm_listing_bytes(l, text, vm_number_write(k->as.number, text)); break;
    default: vm_listing_quoted(l, module_at(module, k->as.string.offset), k->as.string.length);
  }
}
