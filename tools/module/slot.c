/* SPDX-License-Identifier: BSD-2-Clause */
/* slot - CRC16 (XMODEM) of a key, or of what stands in its first braces. */
#include "tools/module/slot.h"

#include <string.h>

#define SLOTS 16384

static unsigned crc16(const char *data, size_t size) {
  unsigned crc = 0;
  for (size_t i = 0; i < size; i++) {
    crc ^= (unsigned)(uint8_t)data[i] << 8;
    for (int bit = 0; bit < 8; bit++) crc = (crc & 0x8000) != 0 ? crc << 1 ^ 0x1021 : crc << 1;
    crc &= 0xFFFF;
  }
  return crc;
}

int module_slot_of(const char *key, size_t size) {
  const char *open = size == 0 ? NULL : memchr(key, '{', size);
  if (open != NULL) {
    size_t left = size - (size_t)(open - key) - 1;
    const char *close = memchr(open + 1, '}', left);
    if (close != NULL && close != open + 1)
      return (int)(crc16(open + 1, (size_t)(close - open - 1)) % SLOTS);
  }
  return (int)(crc16(key, size) % SLOTS);
}

static int slot_of_string(const RedisString *string) {
  size_t size;
  const char *key = rm.StringPtrLen(string, &size);
  return module_slot_of(key, size);
}

RedisString *module_slot_odd_key(RedisCtx *ctx, RedisString **argv, size_t argc, int *slot) {
  int count = 0, first = -1;
  bool is_one = true;
  int *keys = rm.GetCommandKeys(ctx, argv, (int)argc, &count);
  if (keys == NULL) return NULL;
  for (int i = 0; i < count; i++) {
    int found = slot_of_string(argv[keys[i]]);
    if (first < 0) first = found;
    if (found != first) is_one = false;
  }
  RedisString *odd = NULL;
  if (count > 0 && is_one && *slot >= 0 && first != *slot) odd = argv[keys[0]];
  if (count > 0 && is_one && *slot < 0) *slot = first;
  rm.Free(keys);
  return odd;
}
