/* SPDX-License-Identifier: BSD-2-Clause */
/* redzone - telling AddressSanitizer which bytes of the arena are somebody's.
 *
 * In builds with it, every slot ends in bytes that nobody may touch, and so are free slots
 * and blocks; the allocator's fast paths are off, so that every slot passes by here.  In
 * all other builds this is nothing.  Layer: vm/memory.
 */
#ifndef VM_MEMORY_REDZONE_H
#define VM_MEMORY_REDZONE_H

#include <stddef.h>
#include <stdint.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define REDZONE_IS_ON 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define REDZONE_IS_ON 1
#endif

#ifdef REDZONE_IS_ON

#include <sanitizer/asan_interface.h>

enum { REDZONE_SIZE = 16 };

static inline void redzone_close(uint32_t address, size_t size) {
  __asan_poison_memory_region((void *)(uintptr_t)address, size);
}

static inline void redzone_open(uint32_t address, size_t size) {
  __asan_unpoison_memory_region((void *)(uintptr_t)address, size);
}

#define REDZONE_BLIND __attribute__((no_sanitize("address")))

#else

enum { REDZONE_SIZE = 0 };

static inline void redzone_close(uint32_t address, size_t size) {
  (void)address;
  (void)size;
}

static inline void redzone_open(uint32_t address, size_t size) {
  (void)address;
  (void)size;
}

#define REDZONE_BLIND

#endif
#endif
