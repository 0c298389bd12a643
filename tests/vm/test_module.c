/* SPDX-License-Identifier: BSD-2-Clause */
/* Modules: compiled code becomes records that closures name, or leaves nothing behind. */
#include "tests/check_main.h"
#include "tests/vm/inside.h"

static const char loads[] =
    "local t = {} for i = 1, 60 do t[i] = assert(loadstring('local a, b = ... return function() return a + ' .. i .. ' end')) end "
    "local sum = 0 for i = 1, 60 do sum = sum + t[i](i)() end return sum";

static uint32_t living_modules(void) {
  uint32_t count = 0;
  for (uint32_t i = 0; i < vm->run.module_count; i++) count += vm->run.modules[i].module != NULL;
  return count;
}

static CodeText text_of(const char *source) { return (CodeText){.source = source, .size = strlen(source), .name = "=t", .name_size = 2}; }

static int64_t record;
static const char *source;
static void work_compile(VM *v) {
  Value error = VALUE_NIL;
  const CodeText text = text_of(source);
  record = vm_module_compile(v, &text, &error);
  v->run.result = record < 0 ? error : vm_module_closure(v, (uint32_t)record, v->run.globals);
}

START_TEST(records_hold_code_constants_and_counts) {
  inside_begin(INSIDE_MEMORY);
  source = "local up = 1 up = 2 local function f(a, b) return 'text', 1.5, up, a end return f";
  ck_assert_int_eq(inside_try(work_compile), EXIT_NONE);
  const ModuleRecord *r = &vm->run.modules[record];
  ck_assert_uint_eq(r->module->proto_count, 2);
  const Function *main_function = &vm->run.functions[r->first_function], *f = main_function + 1;
  ck_assert_uint_eq(main_function->upvalue_count, 0);
  ck_assert_uint_eq(f->upvalue_count, 1);
  ck_assert_uint_eq(f->parameter_count, 2);
  ck_assert_uint_eq(f->module, (uint32_t)record);
  ck_assert_uint_eq(f->first_function, r->first_function);
  ck_assert_str_eq(value_string(f->constants[0])->bytes, "text");
  ck_assert(f->constants[1] == value_of_number(1.5));
  ck_assert_uint_eq(value_closure(vm->run.result)->function, r->first_function);
  vm_rollback(vm);
  ck_assert_uint_eq(vm->run.module_count, 0);
}
END_TEST

START_TEST(a_source_that_is_wrong_gives_a_message_and_no_record) {
  inside_begin(INSIDE_MEMORY);
  source = "return = 1";
  ck_assert_int_eq(inside_try(work_compile), EXIT_NONE);
  ck_assert_int_eq(record, -1);
  ck_assert_str_eq(value_string(vm->run.result)->bytes, "t:1: unexpected symbol near '='");
  ck_assert_uint_eq(living_modules(), 0);
  vm_rollback(vm);
}
END_TEST

START_TEST(a_module_goes_with_its_last_closure_and_its_record_is_used_again) {
  inside_begin(INSIDE_MEMORY);
  for (int i = 0; i < 100; i++) {
    source = "return function() return 1 end";
    ck_assert_int_eq(inside_try(work_compile), EXIT_NONE);
    vm->run.result = VALUE_NIL;
    vm_gc_collect(vm);
    ck_assert_uint_eq(living_modules(), 0);
  }
  ck_assert_uint_le(vm->run.module_count, 2);
  ck_assert_uint_le(vm->run.function_count, 4);
  vm_rollback(vm);
}
END_TEST

START_TEST(a_full_control_region_ends_loading_with_the_memory_limit) {
  size_t size = vm->heap.control.size;
  uint64_t base = vm_state_hash(vm);
  bool finished = false;
  for (size_t room = 0; !finished; room += 1984) {
    inside_begin(INSIDE_MEMORY);
    vm->heap.control.size = vm->heap.control.top + room;
    VmStatus status = inside_script(loads);
    finished = status == VM_DONE;
    if (!finished) ck_assert_int_ne(status, VM_HOST_CALL);
    vm->heap.control.size = size;
    ck_assert_ptr_null(vm_check_heap(vm));
    vm_rollback(vm);
    ck_assert_uint_eq(vm_state_hash(vm), base);
    ck_assert_uint_lt(room, (size_t)4 << 20);
  }
}
END_TEST

/* So many records that their tables need more room than compiling does. */
static const char many_loads[] =
    "local t = {} for i = 1, 2000 do t[i] = assert(loadstring('return function() end')) end return #t";

START_TEST(record_tables_that_cannot_grow_end_the_run) {
  size_t size = vm->heap.control.size;
  inside_begin(INSIDE_MEMORY);
  ck_assert_int_eq(inside_script(many_loads), VM_DONE);
  size_t needed = vm->heap.control.top - vm->heap.control.floor;
  vm_rollback(vm);
  int ended = 0;
  for (size_t room = 0; room < needed; room += needed / (FERROUS_STRESS ? 20 : 100)) {
    inside_begin(INSIDE_MEMORY);
    vm->heap.control.size = vm->heap.control.floor + room;
    VmStatus status = inside_script(many_loads);
    ended += status != VM_DONE;
    vm->heap.control.size = size;
    ck_assert_ptr_null(vm_check_heap(vm));
    vm_rollback(vm);
  }
  ck_assert_int_gt(ended, 5);
}
END_TEST

START_TEST(a_cached_script_wants_room_too) {
  static const char script[] = "local f = function(a) return a .. 'a text', 1.5, 2.5, 3.5 end return f('x')";
  for (int i = 0; i < 3; i++) { /* known from the second time on: nothing is compiled any more */
    inside_begin(INSIDE_MEMORY);
    ck_assert_int_eq(inside_script(script), VM_DONE);
    vm_rollback(vm);
  }
  size_t size = vm->heap.control.size;
  bool finished = false;
  for (size_t room = 0; !finished; room += 64) {
    inside_begin(INSIDE_MEMORY);
    vm->heap.control.size = vm->heap.control.top + room;
    finished = inside_script(script) == VM_DONE;
    vm->heap.control.size = size;
    if (!finished) ck_assert_int_eq(vm_ending(vm)->kind, VM_LIMIT_MEMORY);
    ck_assert_ptr_null(vm_check_heap(vm));
    vm_rollback(vm);
    ck_assert_uint_lt(room, 1 << 20);
  }
}
END_TEST

INSIDE_SUITE("vm/module", records_hold_code_constants_and_counts, a_source_that_is_wrong_gives_a_message_and_no_record,
             a_module_goes_with_its_last_closure_and_its_record_is_used_again,
             a_full_control_region_ends_loading_with_the_memory_limit,
             record_tables_that_cannot_grow_end_the_run, a_cached_script_wants_room_too)
