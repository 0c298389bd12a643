/* SPDX-License-Identifier: BSD-2-Clause */
/* string - see string.h. */
#include "vm/objects/string.h"

#include "vm/memory/charge.h"
#include "vm/memory/heap.h"
#include "vm/values/hash.h"

static inline uint32_t folded(uint64_t h) { return (uint32_t)(h ^ h >> 32); }

static uint32_t private_hash(uint64_t seed, const char *p, size_t size) { return folded(hash_bytes(seed, p, size)); }

uint32_t vm_string_chain_hash(uint64_t seed, const String *s) {
  return private_hash(seed, s->bytes, s->length);
}

/* --- The order of tables --- */

static uint32_t rotate(uint32_t n, int bits) { return n << bits | n >> (32 - bits); }

static uint32_t murmur_part(uint32_t part) { return rotate(part * UINT32_C(0xcc9e2d51), 15) * UINT32_C(0x1b873593); }

/* MurmurHash3 for 32 bits, seeded with the length. */
static uint32_t murmur_hash(const uint8_t *p, size_t size) {
  uint32_t h = (uint32_t)size, part = 0;
  size_t whole = size & ~(size_t)3;
  for (size_t i = 0; i < whole; i += 4) {
    memcpy(&part, p + i, 4);
    h = rotate(h ^ murmur_part(part), 13) * 5 + UINT32_C(0xe6546b64);
  }
  part = 0;
  for (size_t i = size; i > whole; i--) part = part << 8 | p[i - 1];
  if (size != whole) h ^= murmur_part(part);
  h ^= (uint32_t)size;
  h = (h ^ h >> 16) * UINT32_C(0x85ebca6b);
  h = (h ^ h >> 13) * UINT32_C(0xc2b2ae35);
  return h ^ h >> 16;
}

uint32_t vm_string_order_hash(uint32_t order, const void *bytes, size_t size) {
  const uint8_t *p = bytes;
  if (order == ORDER_VALKEY) return murmur_hash(p, size);
  uint32_t h = (uint32_t)size;
  for (size_t i = size; i > 0; i--) h ^= (h << 5) + (h >> 2) + p[i - 1];
  return h;
}

uint32_t vm_string_hash_slow(String *s) {
  s->order_hash = vm_string_order_hash(s->order_hash, s->bytes, s->length);
  s->header.flags |= STRING_HASHED;
  return s->order_hash;
}

/* --- Interning --- */

static void relink(Heap *heap, uint32_t *heads, uint32_t mask) {
  HeapState *state = &heap->state;
  uint32_t left = state->intern_count;
  for (uint32_t i = 0; i <= state->intern_mask; i++) {
    uint32_t next;
    for (uint32_t a = state->intern_heads[i]; a != 0; a = next) {
      String *s = (String *)(uintptr_t)a;
      VM_ASSERT(left-- > 0);
      next = s->next;
      uint32_t *head = &heads[private_hash(heap->hash_seed, s->bytes, s->length) & mask];
      s->next = *head;
      *head = a;
    }
  }
}

/* Doubles the heads; stays as it is when control has no room. */
static RARELY void grow_heads(Heap *heap) {
  HeapState *state = &heap->state;
  uint32_t count = (state->intern_mask + 1) * 2;
  uint32_t *heads = vm_control_take(&heap->control, sizeof(uint32_t) * (size_t)count);
  if (heads == NULL) return;
  memset(heads, 0, sizeof(uint32_t) * (size_t)count);
  relink(heap, heads, count - 1);
  if ((char *)state->intern_heads >= heap->control.base + heap->control.floor) {
    vm_control_give(&heap->control, state->intern_heads, sizeof(uint32_t) * (size_t)(count / 2));
  }
  state->intern_heads = heads;
  state->intern_mask = count - 1;
}

static uint32_t string_size(size_t length) {
  VM_ASSERT(length <= UINT32_MAX / 2); /* the bytes are in memory already, under its limit */
  return (uint32_t)(offsetof(String, bytes) + length + 1);
}

static void *take_fast(VM *vm, uint32_t total) {
  if (UNLIKELY(total > SMALL_MAX || heap_of(vm)->state.building_base)) return NULL;
  uint32_t class_index = vm_heap_class_of[(total + GRANULE - 1) / GRANULE];
  return heap_take_fast(vm, KIND_STRING, class_index, vm_heap_class_size[class_index]);
}

/* memcmp that is no call for short texts. */
static inline bool same_bytes(const char *a, const char *b, size_t size) {
  if (size > 16) return memcmp(a, b, size) == 0;
  if (size > 8) return hash_load(a) == hash_load(b) && hash_load(a + size - 8) == hash_load(b + size - 8);
  return hash_load_tail(a, size) == hash_load_tail(b, size);
}

static String *find(const Heap *heap, uint32_t hash, const void *bytes, size_t size) {
  uint32_t steps = 0;
  for (uint32_t a = heap->state.intern_heads[hash & heap->state.intern_mask]; a != 0;) {
    String *s = (String *)(uintptr_t)a;
    VM_ASSERT(++steps < CHAIN_MAX);
    if (s->length == size && same_bytes(s->bytes, bytes, size)) return s;
    a = s->next;
  }
  return NULL;
}

static inline String *link_string(Heap *heap, String *s, uint32_t hash) {
  uint32_t index = hash & heap->state.intern_mask;
  uint32_t *head = &heap->state.intern_heads[index];
  heap_note_head(&heap->state, index);
  s->next = *head;
  *head = (uint32_t)(uintptr_t)s;
  if (UNLIKELY(++heap->state.intern_count > heap->state.intern_mask + 1)) grow_heads(heap);
  return s;
}

/* Fills a fresh slot and links it. */
static String *finish(Heap *heap, String *s, uint32_t hash, const void *bytes, size_t size) {
  s->length = (uint32_t)size;
  s->order_hash = heap->string_order;
  memcpy(s->bytes, bytes, size);
  s->bytes[size] = 0;
  return link_string(heap, s, hash);
}

String *vm_string_blank(VM *vm, size_t size) {
  vm_heap_reserve(vm, (uint64_t)size + sizeof(String) + 1); /* a size beyond every limit ends here */
  String *s = vm_heap_take(vm, KIND_STRING, string_size(size));
  if (s == NULL) vm_error_memory(vm);
  s->length = (uint32_t)size;
  s->order_hash = heap_of(vm)->string_order;
  s->bytes[size] = 0;
  return s;
}

/* A blank that is not needed is in no chain: the next sweep takes it. */
String *vm_string_finish(VM *vm, String *blank, size_t size) {
  Heap *heap = heap_of(vm);
  uint32_t hash = private_hash(heap->hash_seed, blank->bytes, size);
  String *s = find(heap, hash, blank->bytes, size);
  return s != NULL ? s : link_string(heap, blank, hash);
}

String *vm_string_intern(VM *vm, const void *bytes, size_t size) {
  Heap *heap = heap_of(vm);
  uint32_t hash = private_hash(heap->hash_seed, bytes, size);
  String *s = find(heap, hash, bytes, size);
  if (s != NULL) return s;
  uint32_t total = string_size(size);
  s = take_fast(vm, total);
  if (s == NULL) s = vm_heap_take(vm, KIND_STRING, total);
  if (s == NULL) vm_error_memory(vm);
  return finish(heap, s, hash, bytes, size);
}

/* A slot for a string of `total` bytes, header included; a collection point. */
static RARELY String *take_slowly(VM *vm, uint32_t total) {
  vm_heap_reserve(vm, total);
  String *s = vm_heap_take(vm, KIND_STRING, total);
  if (s == NULL) vm_error_memory(vm);
  return s;
}

static inline String *take_string(VM *vm, uint32_t total) {
  String *s = FERROUS_STRESS ? NULL : take_fast(vm, total);
  return LIKELY(s != NULL) ? s : take_slowly(vm, total);
}

static RARELY String *first_char_string(VM *vm, const uint8_t *byte) {
  vm_heap_reserve(vm, sizeof(String) + 2);
  String *s = vm_string_intern(vm, byte, 1);
  heap_of(vm)->state.char_strings[*byte] = (uint32_t)(uintptr_t)s;
  return s;
}

static inline bool same_words(HashWords a, HashWords b) { return a.low == b.low && a.high == b.high; }

/* Writes a text of 2 to SHORT bytes that the words hold. */
static inline void put_words(char *to, HashWords words, size_t size) {
  uint32_t low = (uint32_t)words.low, high = (uint32_t)(words.low >> 32);
  if (size > 8) {
    memcpy(to, &words.low, 8);
    memcpy(to + size - 8, &words.high, 8);
  } else if (size >= 4) {
    memcpy(to, &low, 4);
    memcpy(to + size - 4, &high, 4);
  } else {
    to[0] = (char)(low >> 16);
    to[1] = (char)(low >> 8);
    to[size - 1] = (char)low;
  }
}

enum { SHORT = 16 }; /* bytes that two words hold */

/* A text of 2 to SHORT bytes is read once, and hashed, looked for and written from registers. */
static inline String *new_short(VM *vm, const char *bytes, size_t size) {
  Heap *heap = heap_of(vm);
  HashWords words = hash_words(bytes, size);
  uint32_t hash = folded(hash_of_words(heap->hash_seed, words, size)), steps = 0;
  for (uint32_t a = heap->state.intern_heads[hash & heap->state.intern_mask]; a != 0;) {
    String *s = (String *)(uintptr_t)a;
    VM_ASSERT(++steps < CHAIN_MAX);
    if (s->length == size && same_words(hash_words(s->bytes, size), words)) return s;
    a = s->next;
  }
  String *s = take_string(vm, string_size(size));
  s->length = (uint32_t)size;
  s->order_hash = heap->string_order;
  put_words(s->bytes, words, size);
  s->bytes[size] = 0;
  return link_string(heap, s, hash);
}

static __attribute__((noinline)) String *new_long(VM *vm, const void *bytes, size_t size) {
  Heap *heap = heap_of(vm);
  uint32_t hash = private_hash(heap->hash_seed, bytes, size);
  String *s = find(heap, hash, bytes, size);
  return s != NULL ? s : finish(heap, take_string(vm, string_size(size)), hash, bytes, size);
}

String *vm_string_new(VM *vm, const void *bytes, size_t size) {
  if (size - 2 <= SHORT - 2) return new_short(vm, bytes, size);
  if (size != 1) return new_long(vm, bytes, size);
  uint32_t cached = heap_of(vm)->state.char_strings[*(const uint8_t *)bytes];
  return LIKELY(cached != 0) ? (String *)(uintptr_t)cached : first_char_string(vm, bytes);
}

String *vm_string_from(VM *vm, const char *text) { return vm_string_new(vm, text, strlen(text)); }

int vm_string_compare(const String *a, const String *b) {
  size_t shorter = a->length < b->length ? a->length : b->length;
  if (shorter <= STRING_NEAR) return string_compare_near(a, b, shorter);
  int order = memcmp(a->bytes, b->bytes, shorter);
  if (order != 0) return order;
  return (a->length > b->length) - (a->length < b->length);
}
