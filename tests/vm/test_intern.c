/* SPDX-License-Identifier: BSD-2-Clause */
/* Strings as objects (objects/string.c): one for each text, compared by bytes, and the
 * order hash that the server's tables use. */
#include "tests/check_main.h"
#include "tests/vm/inside.h"
#include "vm/values/hash.h"

static void work_unique(VM *v) {
  static const char text[] = "two texts\0with a zero";
  for (size_t size = 0; size < sizeof text; size++) {
    String *s = vm_string_new(v, text, size);
    v->run.result = value_of_string(s);
    ck_assert_uint_eq(s->length, size);
    ck_assert_mem_eq(s->bytes, text, size);
    ck_assert_int_eq(s->bytes[size], 0);
    ck_assert_ptr_eq(vm_string_new(v, text, size), s);
  }
}

START_TEST(equal_bytes_are_one_object) { ck_assert_int_eq(inside_do(work_unique), EXIT_NONE); }
END_TEST

static void work_order(VM *v) {
  static const char *const sorted[] = {"", "A", "B", "a", "aa", "ab", "b", "\x80", "\xff"};
  String *strings[9];
  Table *keep = vm_table_new(v, 9, 0);
  v->run.result = value_of_table(keep);
  for (int i = 0; i < 9; i++) {
    strings[i] = vm_string_from(v, sorted[i]);
    table_array(keep)[i] = value_of_string(strings[i]);
  }
  for (int i = 0; i < 9; i++) {
    for (int j = 0; j < 9; j++) {
      int order = vm_string_compare(strings[i], strings[j]);
      ck_assert_int_eq((order > 0) - (order < 0), (i > j) - (i < j));
    }
  }
}

START_TEST(order_is_by_unsigned_bytes_then_length) { ck_assert_int_eq(inside_do(work_order), EXIT_NONE); }
END_TEST

/* h ^= (h << 5) + (h >> 2) + c over all bytes from the last, h starting as the length: the server's. */
static uint32_t reference_hash(const char *bytes, size_t size) {
  uint32_t h = (uint32_t)size;
  for (size_t i = size; i > 0; i--) h ^= (h << 5) + (h >> 2) + (uint8_t)bytes[i - 1];
  return h;
}

static void work_hash(VM *v) {
  char text[200];
  for (size_t size = 0; size < sizeof text; size++) {
    for (size_t i = 0; i < size; i++) text[i] = (char)(i * 37 + size);
    String *s = vm_string_new(v, text, size);
    ck_assert_uint_eq(string_order_hash(s), reference_hash(text, size));
    ck_assert_uint_eq(string_order_hash(s), reference_hash(text, size)); /* now from the object */
  }
}

START_TEST(the_order_hash_is_the_servers_over_all_bytes) { ck_assert_int_eq(inside_do(work_hash), EXIT_NONE); }
END_TEST

/* Texts of one length whose second 16 bytes are `block`, which a script could choose to make a
 * factor of the hash zero: what stood before must still count. */
static void check_block_forgets_nothing(VM *v, const char *block) {
  char text[48];
  memset(text, 'x', sizeof text);
  memcpy(text + 16, block, 16);
  uint32_t first = 0, same = 0;
  for (int i = 0; i < 100; i++) {
    text[i % 16]++;
    uint32_t hash = vm_string_chain_hash(v->heap.hash_seed, vm_string_new(v, text, sizeof text));
    if (i == 0) first = hash;
    else same += hash == first;
  }
  ck_assert_uint_eq(same, 0);
}

static void work_chains(VM *v) {
  const uint64_t constants[] = {HASH_K0, HASH_K1, HASH_K0 ^ HASH_K1, 0, UINT64_MAX};
  for (size_t i = 0; i < sizeof constants / sizeof *constants; i++) {
    for (size_t j = 0; j < sizeof constants / sizeof *constants; j++) {
      char block[16];
      memcpy(block, &constants[i], 8);
      memcpy(block + 8, &constants[j], 8);
      check_block_forgets_nothing(v, block);
    }
  }
}

START_TEST(no_block_of_a_text_hides_what_stands_before_it) { ck_assert_int_eq(inside_do(work_chains), EXIT_NONE); }
END_TEST

/* Texts of every length around the lanes' bounds that differ in one byte. */
static void work_lanes(VM *v) {
  char text[260];
  for (size_t size = 100; size < sizeof text; size++) {
    memset(text, 'x', size);
    v->run.result = value_of_string(vm_string_new(v, text, size));
    uint32_t plain = vm_string_chain_hash(v->heap.hash_seed, value_string(v->run.result));
    for (size_t at = 0; at < size; at++) {
      text[at] = 'y';
      ck_assert_uint_ne(vm_string_chain_hash(v->heap.hash_seed, vm_string_new(v, text, size)), plain);
      text[at] = 'x';
    }
  }
}

START_TEST(every_byte_of_a_long_text_counts_in_its_chain) { ck_assert_int_eq(inside_do(work_lanes), EXIT_NONE); }
END_TEST

static void work_many(VM *v) {
  char text[32];
  Table *t = vm_table_new(v, 20000, 0);
  v->run.result = value_of_table(t);
  for (int i = 0; i < 20000; i++) {
    table_array(t)[i] = value_of_string(vm_string_new(v, text, (size_t)snprintf(text, sizeof text, "string number %d", i)));
  }
  ck_assert_uint_ge(v->heap.state.intern_mask + 1, 4096); /* the chains' heads have grown */
  for (int i = 0; i < 20000; i++) {
    const String *s = vm_string_new(v, text, (size_t)snprintf(text, sizeof text, "string number %d", i));
    ck_assert_ptr_eq(s, value_string(table_array(t)[i]));
  }
}

START_TEST(the_table_of_strings_grows_and_finds_all) { ck_assert_int_eq(inside_do(work_many), EXIT_NONE); }
END_TEST

static void work_bytes(VM *v) {
  for (int i = 0; i < 256; i++) {
    char c = (char)i;
    const String *s = vm_string_new(v, &c, 1);
    ck_assert_uint_eq(v->heap.state.char_strings[i], (uint32_t)(uintptr_t)s);
  }
}

START_TEST(one_byte_strings_are_remembered) {
  ck_assert_int_eq(inside_do(work_bytes), EXIT_NONE);
  inside_begin(INSIDE_MEMORY);
  vm->heap.fail_after = 1;
  ck_assert_int_eq(inside_try(work_bytes), EXIT_LIMIT);
  ck_assert_ptr_null(vm_check_heap(vm));
  vm_rollback(vm);
}
END_TEST

INSIDE_SUITE("vm/intern", equal_bytes_are_one_object, order_is_by_unsigned_bytes_then_length,
             the_order_hash_is_the_servers_over_all_bytes, no_block_of_a_text_hides_what_stands_before_it,
             every_byte_of_a_long_text_counts_in_its_chain, the_table_of_strings_grows_and_finds_all,
             one_byte_strings_are_remembered)
