/* SPDX-License-Identifier: BSD-2-Clause */
/* The code cache: what it keeps, what it drops, and that no run can tell. */
#include "tests/check_main.h"
#include "tests/vm/machine.h"

#include "vm/run/state.h"

static Machine *machine;

static void open_machine(void) { machine = machine_open(VM_PROFILE_REDIS, (size_t)1 << 20); }
static void close_machine(void) { machine_close(machine); }

static CodeCache *cache(void) { return &machine->vm->code_cache; }

static const char program[] =
    "local t = {} for i = 1, 20 do t[i] = 'item' .. i end "
    "local function f(...) return select('#', ...) + 1.5 end "
    "return {table.concat(t, ','), f(1, 2), 'a long constant string that is not in the base'}";

START_TEST(a_text_joins_when_it_is_met_again) {
  machine_expect(machine, "return 'once'", "$once");
  ck_assert_uint_eq(cache()->count, 0);
  machine_expect(machine, "return 'once'", "$once");
  ck_assert_uint_eq(cache()->count, 1);
  ck_assert_uint_eq(cache()->hits, 0);
  machine_expect(machine, "return 'once'", "$once");
  ck_assert_uint_eq(cache()->hits, 1);
}
END_TEST

START_TEST(a_hit_costs_and_gives_what_compiling_does) {
  ck_assert_int_eq(machine_run(machine, program, MACHINE_UNLIMITED), VM_DONE);
  VmUsage first = machine->usage;
  char text[sizeof machine->text];
  memcpy(text, machine->text, sizeof text);
  uint64_t base = vm_state_hash(machine->vm);
  for (int i = 0; i < 3; i++) {
    ck_assert_int_eq(machine_run(machine, program, MACHINE_UNLIMITED), VM_DONE);
    ck_assert_mem_eq(&machine->usage, &first, sizeof first);
    ck_assert_str_eq(machine->text, text);
    ck_assert_uint_eq(vm_state_hash(machine->vm), base);
  }
  ck_assert_uint_eq(cache()->hits, 2);
}
END_TEST

/* --- Recalled by a key --- */

static VmBytes bytes_of(const char *text) { return (VmBytes){text, strlen(text)}; }

static void begin(uint64_t memory) {
  VmRequest request = {.instructions = MACHINE_UNLIMITED, .memory = memory, .resp = 2, .random_state = 1};
  vm_begin(machine->vm, &request);
}

static void compile_as(const char *key, const char *source) {
  begin(1 << 20);
  ck_assert(vm_compile_keyed(machine->vm, bytes_of(key), bytes_of(source), "@user_script"));
}

static void bring(const char *key, const char *source) {
  for (int i = 0; i < 2; i++) {
    compile_as(key, source);
    vm_rollback(machine->vm);
  }
}

static double finish_with_integer(void) {
  ck_assert_int_eq(vm_run(machine->vm, 1000000), VM_DONE);
  return value_number(machine->vm->run.result);
}

static void expect_recall(const char *key, double integer) {
  begin(1 << 20);
  ck_assert_int_eq(vm_recall(machine->vm, bytes_of(key), "@user_script"), VM_RECALL_FOUND);
  ck_assert_double_eq(finish_with_integer(), integer);
  vm_rollback(machine->vm);
}

static void expect_unknown(const char *key, const char *name) {
  begin(1 << 20);
  ck_assert_int_eq(vm_recall(machine->vm, bytes_of(key), name), VM_RECALL_UNKNOWN);
  vm_rollback(machine->vm);
}

START_TEST(a_kept_text_is_recalled_by_its_key_alone) {
  expect_unknown("one", "@user_script");
  bring("one", "return 1");
  bring("two", "return 2");
  expect_recall("one", 1);
  expect_recall("two", 2);
  expect_recall("one", 1);
  expect_unknown("three", "@user_script");
  expect_unknown("on", "@user_script");
  expect_unknown("one", "@another_name");
}
END_TEST

START_TEST(a_text_without_a_key_is_not_recalled_by_any) {
  for (int i = 0; i < 3; i++) machine_expect(machine, "return 'once'", "$once");
  expect_unknown("return 'once'", "@user_script");
}
END_TEST

START_TEST(the_last_text_of_a_key_is_the_one_that_is_recalled) {
  bring("key", "return 1");
  compile_as("key", "return 2");
  ck_assert_double_eq(finish_with_integer(), 2);
  vm_rollback(machine->vm);
  expect_recall("key", 2);
  ck_assert_uint_eq(cache()->count, 1);
}
END_TEST

START_TEST(one_text_under_two_keys_is_kept_for_both) {
  bring("a", "return 7");
  bring("b", "return 7");
  expect_recall("a", 7);
  expect_recall("b", 7);
}
END_TEST

START_TEST(a_text_that_does_not_compile_is_not_kept) {
  for (int i = 0; i < 3; i++) {
    begin(1 << 20);
    ck_assert(!vm_compile_keyed(machine->vm, bytes_of("bad"), bytes_of("return ("), "@user_script"));
    vm_rollback(machine->vm);
  }
  expect_unknown("bad", "@user_script");
}
END_TEST

START_TEST(a_recall_costs_and_leaves_what_compiling_does) {
  VmUsage compiled, recalled;
  uint64_t base = vm_state_hash(machine->vm);
  for (int i = 0; i < 2; i++) {
    compile_as("key", program);
    ck_assert_int_eq(vm_run(machine->vm, 1000000), VM_DONE);
    vm_usage(machine->vm, &compiled);
    vm_rollback(machine->vm);
  }
  begin(1 << 20);
  ck_assert_int_eq(vm_recall(machine->vm, bytes_of("key"), "@user_script"), VM_RECALL_FOUND);
  ck_assert_int_eq(vm_run(machine->vm, 1000000), VM_DONE);
  vm_usage(machine->vm, &recalled);
  ck_assert_mem_eq(&recalled, &compiled, sizeof compiled);
  vm_rollback(machine->vm);
  ck_assert_uint_eq(vm_state_hash(machine->vm), base);
}
END_TEST

/* As the worker does it: what is not recalled is compiled in another transaction. */
static bool recall_or_compile(uint64_t limit) {
  begin(limit);
  VmRecall found = vm_recall(machine->vm, bytes_of("key"), "@user_script");
  if (found != VM_RECALL_UNKNOWN) return found == VM_RECALL_FOUND;
  vm_rollback(machine->vm);
  begin(limit);
  return vm_compile_keyed(machine->vm, bytes_of("key"), bytes_of(program), "@user_script");
}

static bool compile_anew(uint64_t limit) {
  begin(limit);
  return vm_compile(machine->vm, bytes_of(program), "@user_script");
}

/* Gives how `program` ends under every memory limit, as text. */
static void end_under_limits(bool (*prepare)(uint64_t limit), char *ret_ends, size_t size) {
  size_t count = 0;
  for (uint64_t limit = 4096; limit < 128 * 1024 && count + 1 < size; limit += 512) {
    VmStatus status = VM_QUANTUM;
    bool compiled = prepare(limit);
    while (status == VM_QUANTUM) status = vm_run(machine->vm, 1000);
    vm_rollback(machine->vm);
    ret_ends[count++] = (char)('A' + (int)status * 2 + compiled);
  }
  ret_ends[count] = '\0';
}

START_TEST(a_recall_fails_where_compiling_would) {
  static char fresh[512], recalled[512];
  cache()->bytes = NULL; /* without a cache */
  end_under_limits(compile_anew, fresh, sizeof fresh);
  close_machine();
  open_machine();
  bring("key", program);
  uint64_t hits = cache()->hits;
  end_under_limits(recall_or_compile, recalled, sizeof recalled);
  ck_assert_uint_gt(cache()->hits, hits + 10);
  ck_assert_str_eq(fresh, recalled);
}
END_TEST

/* --- Under limits --- */

START_TEST(a_hit_fails_where_compiling_would) {
  static char fresh[512], cached[512];
  cache()->bytes = NULL; /* without a cache */
  end_under_limits(compile_anew, fresh, sizeof fresh);
  close_machine();
  open_machine();
  for (int i = 0; i < 2; i++) machine_run(machine, program, MACHINE_UNLIMITED);
  end_under_limits(compile_anew, cached, sizeof cached);
  ck_assert_uint_gt(cache()->hits, 10);
  ck_assert_str_eq(fresh, cached);
  ck_assert_ptr_nonnull(strchr(fresh, 'A' + VM_LIMIT * 2));
  ck_assert_ptr_nonnull(strchr(fresh, 'A' + VM_DONE * 2 + 1));
}
END_TEST

START_TEST(texts_and_names_are_compared_byte_for_byte) {
  CodeCache *c = cache();
  static const char source[] = "return 1";
  VmRequest request = {.instructions = 1000, .memory = 1 << 20, .resp = 2};
  for (int i = 0; i < 4; i++) {
    vm_begin(machine->vm, &request);
    ck_assert(vm_compile(machine->vm, (VmBytes){source, 8}, i < 3 ? "@one" : "@two"));
    vm_rollback(machine->vm);
  }
  ck_assert_uint_eq(c->hits, 1);
  ck_assert_uint_eq(c->count, 2);
  /* Another text that happens to have the same hash is not the same text. */
  CodeText other = {.source = "return 2", .size = 8, .name = "@one", .name_size = 4};
  ck_assert_ptr_null(vm_code_cache_find(c, c->slots[0].hash, &other));
  CodeText same = {.source = "return 1", .size = 8, .name = "@one", .name_size = 4};
  ck_assert_ptr_nonnull(vm_code_cache_find(c, c->slots[0].hash, &same));
}
END_TEST

/* A program of its own for every number, long enough that a few hundred fill the cache. */
static void run_numbered(int number, int lines) {
  static char source[65536];
  char expected[32];
  int size = snprintf(source, sizeof source, "local x = %d\n", number);
  for (int i = 0; i < lines; i++) size += snprintf(source + size, sizeof source - (size_t)size, "x = x + %d x = x - %d\n", i, i);
  snprintf(source + size, sizeof source - (size_t)size, "return x");
  snprintf(expected, sizeof expected, ":%d", number);
  machine_expect(machine, source, expected);
}

START_TEST(the_least_recently_used_go_first_and_the_rest_stays_whole) {
  for (int i = 0; i < 400; i++) {
    run_numbered(i, 100);
    run_numbered(i, 100);
    run_numbered(0, 100); /* the first is used all the time */
    ck_assert_uint_le(cache()->used, CODE_CACHE_BYTES);
    ck_assert_uint_le(cache()->count, CODE_CACHE_SLOTS);
  }
  uint64_t hits = cache()->hits;
  run_numbered(0, 100);
  run_numbered(399, 100);
  ck_assert_uint_eq(cache()->hits, hits + 2);
  run_numbered(1, 100);
  ck_assert_uint_eq(cache()->hits, hits + 2);
  /* Every entry still gives what its text says. */
  for (int i = 395; i < 400; i++) run_numbered(i, 100);
  ck_assert_uint_eq(cache()->hits, hits + 7);
}
END_TEST

START_TEST(many_small_texts_are_bounded_by_number) {
  for (int i = 0; i < 3 * CODE_CACHE_SLOTS; i++) {
    run_numbered(i, 0);
    run_numbered(i, 0);
  }
  ck_assert_uint_le(cache()->count, CODE_CACHE_SLOTS);
  ck_assert_uint_gt(cache()->count, CODE_CACHE_SLOTS / 2);
}
END_TEST

START_TEST(what_runs_once_leaves_no_byte_behind) {
  machine_expect(machine, "return 'XYZZY-once'", "$XYZZY-once");
  const char *region = machine->config.control;
  for (size_t i = 0; i + 5 < CODE_CACHE_BYTES + ((size_t)4 << 20); i++) ck_assert(memcmp(region + i, "XYZZY", 5) != 0);
}
END_TEST

static Suite *make_suite(void) {
  Suite *suite = suite_create("code_cache");
  TCase *tcase = tcase_create("code_cache");
  tcase_add_checked_fixture(tcase, open_machine, close_machine);
  tcase_set_timeout(tcase, 120);
  tcase_add_test(tcase, a_text_joins_when_it_is_met_again);
  tcase_add_test(tcase, a_hit_costs_and_gives_what_compiling_does);
  tcase_add_test(tcase, a_kept_text_is_recalled_by_its_key_alone);
  tcase_add_test(tcase, a_text_without_a_key_is_not_recalled_by_any);
  tcase_add_test(tcase, the_last_text_of_a_key_is_the_one_that_is_recalled);
  tcase_add_test(tcase, one_text_under_two_keys_is_kept_for_both);
  tcase_add_test(tcase, a_text_that_does_not_compile_is_not_kept);
  tcase_add_test(tcase, a_recall_costs_and_leaves_what_compiling_does);
  tcase_add_test(tcase, a_recall_fails_where_compiling_would);
  tcase_add_test(tcase, a_hit_fails_where_compiling_would);
  tcase_add_test(tcase, texts_and_names_are_compared_byte_for_byte);
  tcase_add_test(tcase, the_least_recently_used_go_first_and_the_rest_stays_whole);
  tcase_add_test(tcase, many_small_texts_are_bounded_by_number);
  tcase_add_test(tcase, what_runs_once_leaves_no_byte_behind);
  suite_add_tcase(suite, tcase);
  return suite;
}

CHECK_MAIN(make_suite)
