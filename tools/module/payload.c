/* SPDX-License-Identifier: BSD-2-Clause */
/* payload - lengths, LZF and CRC64 as RDB files have them. */
#include "tools/module/payload.h"

#include <stdlib.h>
#include <string.h>

#define OPCODE_FUNCTION 245
#define OPCODE_FUNCTION_OLD 246
#define VERSION 10
#define FOOTER_BYTES 10
#define ENCODED_LZF 0xC3
/* No library is longer: the limit script_bytes is smaller. */
#define MOST_BYTES (UINT64_C(64) << 20)

/* The polynomial of Jones, reflected. */
static uint64_t crc64(const char *data, size_t size) {
  uint64_t crc = 0;
  for (size_t i = 0; i < size; i++) {
    crc ^= (uint8_t)data[i];
    for (int bit = 0; bit < 8; bit++)
      crc = (crc & 1) != 0 ? crc >> 1 ^ UINT64_C(0x95AC9329AC4BC9B5) : crc >> 1;
  }
  return crc;
}

/* --- Writing --- */

static void put(PayloadWriter *writer, const void *data, size_t size) {
  if (writer->room - writer->size < size) {
    size_t room = (writer->size + size) * 2;
    char *larger = writer->has_failed ? NULL : realloc(writer->data, room);
    if (larger == NULL) {
      writer->has_failed = true;
      return;
    }
    writer->data = larger;
    writer->room = room;
  }
  if (size != 0) memcpy(writer->data + writer->size, data, size);
  writer->size += size;
}

static void put_length(PayloadWriter *writer, size_t size) {
  uint8_t bytes[5] = {0x80, (uint8_t)(size >> 24), (uint8_t)(size >> 16), (uint8_t)(size >> 8),
                      (uint8_t)size};
  if (size < 64) {
    put(writer, &bytes[4], 1);
  } else if (size < 16384) {
    bytes[3] |= 0x40;
    put(writer, &bytes[3], 2);
  } else {
    put(writer, bytes, 5);
  }
}

void module_payload_put(PayloadWriter *writer, FsbBytes code) {
  const uint8_t opcode = OPCODE_FUNCTION;
  put(writer, &opcode, 1);
  put_length(writer, code.size);
  put(writer, code.data, code.size);
}

void module_payload_finish(PayloadWriter *writer) {
  const uint8_t version[2] = {VERSION, 0};
  uint8_t crc[8];
  put(writer, version, 2);
  uint64_t sum = crc64(writer->data, writer->size);
  for (int i = 0; i < 8; i++) crc[i] = (uint8_t)(sum >> (8 * i));
  put(writer, crc, 8);
}

/* --- Checking --- */

bool module_payload_is_whole(FsbBytes payload, unsigned newest_version) {
  if (payload.size < FOOTER_BYTES) return false;
  const uint8_t *footer = (const uint8_t *)payload.data + payload.size - FOOTER_BYTES;
  unsigned version = footer[0] | (unsigned)footer[1] << 8;
  uint64_t sum = 0;
  for (int i = 7; i >= 0; i--) sum = sum << 8 | footer[2 + i];
  return version <= newest_version && crc64(payload.data, payload.size - 8) == sum;
}

/* --- Reading --- */

PayloadReader module_payload_read(FsbBytes payload) {
  return (PayloadReader){{payload.data, payload.size - FOOTER_BYTES}};
}

static bool take(PayloadReader *reader, size_t size, const uint8_t **ret_bytes) {
  if (reader->rest.size < size) return false;
  *ret_bytes = (const uint8_t *)reader->rest.data;
  reader->rest.data += size;
  reader->rest.size -= size;
  return true;
}

/* Reads a length; false also for the encodings that no code has. */
static bool take_length(PayloadReader *reader, uint64_t *ret_length, bool *ret_is_lzf) {
  const uint8_t *bytes;
  *ret_is_lzf = false;
  if (!take(reader, 1, &bytes)) return false;
  uint8_t first = bytes[0];
  unsigned more = first >> 6 == 1 ? 1 : first == 0x80 ? 4 : first == 0x81 ? 8 : 0;
  if (first == ENCODED_LZF) {
    *ret_is_lzf = true;
    return true;
  }
  if (first >> 6 >= 2 && more == 0) return false;
  if (!take(reader, more, &bytes)) return false;
  *ret_length = first >> 6 < 2 ? first & 63 : 0;
  for (unsigned i = 0; i < more; i++) *ret_length = *ret_length << 8 | bytes[i];
  return *ret_length <= MOST_BYTES;
}

/* Copies byte by byte, as what is copied may be what is being written. */
static bool copy_back(char *out, size_t *used, size_t size, size_t distance, size_t count) {
  if (distance > *used || count > size - *used) return false;
  for (size_t i = 0; i < count; i++, ++*used) out[*used] = out[*used - distance];
  return true;
}

static bool decompress(const uint8_t *in, size_t in_size, char *out, size_t size) {
  size_t used = 0;
  for (size_t at = 0; at < in_size;) {
    unsigned control = in[at++];
    if (control < 32) {
      size_t count = control + 1;
      if (count > in_size - at || count > size - used) return false;
      memcpy(out + used, in + at, count);
      at += count;
      used += count;
      continue;
    }
    size_t count = control >> 5;
    if (count == 7) {
      if (at == in_size) return false;
      count += in[at++];
    }
    if (at == in_size) return false;
    size_t distance = ((size_t)(control & 31) << 8 | in[at++]) + 1;
    if (!copy_back(out, &used, size, distance, count + 2)) return false;
  }
  return used == size;
}

static char *take_compressed(PayloadReader *reader, size_t *ret_size) {
  uint64_t packed, size;
  bool is_lzf;
  const uint8_t *bytes;
  if (!take_length(reader, &packed, &is_lzf) || is_lzf) return NULL;
  if (!take_length(reader, &size, &is_lzf) || is_lzf) return NULL;
  if (!take(reader, packed, &bytes)) return NULL;
  char *code = malloc(size + 1);
  if (code != NULL && decompress(bytes, packed, code, size)) {
    *ret_size = size;
    return code;
  }
  free(code);
  return NULL;
}

static char *take_string(PayloadReader *reader, size_t *ret_size) {
  uint64_t size;
  bool is_lzf;
  const uint8_t *bytes;
  if (!take_length(reader, &size, &is_lzf)) return NULL;
  if (is_lzf) return take_compressed(reader, ret_size);
  if (!take(reader, size, &bytes)) return NULL;
  char *code = malloc(size + 1);
  if (code == NULL) return NULL;
  memcpy(code, bytes, size);
  *ret_size = size;
  return code;
}

bool module_payload_next(PayloadReader *reader, char **ret_code, size_t *ret_size,
                         const char **ret_error) {
  const uint8_t *opcode;
  *ret_error = NULL;
  if (!take(reader, 1, &opcode)) return false;
  if (*opcode == OPCODE_FUNCTION_OLD)
    *ret_error = "Pre-GA function format not supported";
  else if (*opcode != OPCODE_FUNCTION)
    *ret_error = "given type is not a function";
  else if ((*ret_code = take_string(reader, ret_size)) == NULL)
    *ret_error = "Failed loading library payload";
  return *ret_error == NULL;
}
