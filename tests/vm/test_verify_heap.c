/* SPDX-License-Identifier: BSD-2-Clause */
/* The heap verifier names each kind of damage, and finds nothing wrong with a sound heap. */
#include "tests/check_main.h"
#include "tests/vm/inside.h"

/* A run that has made one of everything; its table `t` is the result. */
static Table *run_everything(void) {
  static const char script[] =
      "local t = {1, 2, 3, k1 = 1, k2 = 2, k3 = 3, k4 = 4, k5 = 5, inner = {}} "
      "t.f = function() return t end t.co = coroutine.create(t.f) t.load = loadstring('return 1') "
      "t.meta = setmetatable({}, {__mode = 'k'}) return t";
  inside_begin(INSIDE_MEMORY);
  ck_assert_int_eq(inside_script(script), VM_DONE);
  ck_assert_ptr_null(vm_check_heap(vm));
  return value_table(vm->run.result);
}

static void expect_named(const char *damage) {
  const char *wrong = vm_check_heap(vm);
  ck_assert_msg(wrong != NULL && strcmp(wrong, damage) == 0, "found: %s", wrong ? wrong : "nothing");
}

static Node *node_of(Table *t, const char *key) {
  for (uint32_t i = 0; i < (uint32_t)1 << t->log_nodes; i++) {
    Node *n = &table_nodes(t)[i];
    if (value_is_string(n->key) && strcmp(value_string(n->key)->bytes, key) == 0) return n;
  }
  return NULL;
}

START_TEST(a_sound_heap_is_sound_whatever_lives_in_it) {
  run_everything();
  for (int i = 0; i < 3; i++) ck_assert_ptr_null(vm_check_heap(vm));
  vm_rollback(vm);
}
END_TEST

START_TEST(a_wrong_node_bound_is_named) {
  run_everything()->max_offset += sizeof(Node);
  expect_named("a table's node bound is not its size");
}
END_TEST

START_TEST(a_missing_bloom_bit_is_named) {
  run_everything()->bloom = 0;
  expect_named("a bloom bit is missing");
}
END_TEST

START_TEST(a_chain_that_leaves_its_table_is_named) {
  Table *t = run_everything();
  node_of(t, "k1")->next = t->nodes + (sizeof(Node) << t->log_nodes);
  expect_named("a chain leaves its table");
}
END_TEST

START_TEST(a_chain_that_is_a_cycle_is_named) {
  Table *t = run_everything();
  Node *n = node_of(t, "k1");
  n->next = (uint32_t)(uintptr_t)n;
  expect_named("a chain is a cycle");
}
END_TEST

START_TEST(a_closure_that_does_not_fit_its_function_is_named) {
  Table *t = run_everything();
  vm->run.functions[value_closure(node_of(t, "f")->value)->function].upvalue_count = 7;
  expect_named("a closure's upvalues do not match");
}
END_TEST

START_TEST(interned_strings_that_are_lost_or_too_many_are_named) {
  run_everything();
  vm->heap.state.intern_count++;
  expect_named("interned strings are missing");
  vm->heap.state.intern_count -= 2;
  expect_named("an intern chain is longer than the count");
}
END_TEST

INSIDE_SUITE("vm/verify_heap", a_sound_heap_is_sound_whatever_lives_in_it, a_wrong_node_bound_is_named,
             a_missing_bloom_bit_is_named, a_chain_that_leaves_its_table_is_named, a_chain_that_is_a_cycle_is_named,
             a_closure_that_does_not_fit_its_function_is_named, interned_strings_that_are_lost_or_too_many_are_named)
