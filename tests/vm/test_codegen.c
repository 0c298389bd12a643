/* SPDX-License-Identifier: BSD-2-Clause */
/* test_codegen - the code that sources become; registers and order are compared with
 * luac5.1 by compile_corpus.py, here are our forms, captures, tables and bounds. */
#include "tests/check_main.h"
#include "tests/vm/compiling.h"
#include "vm/config.h"

/* The instructions of a function, operands left out: "MOVE RETURN0 ". */
static const char *ops_of(const Module *module, uint32_t proto) {
  static char text[4096];
  size_t at = 0;
  const Proto *p = module_proto(module, proto);
  const Word *code = code_of(module, proto);
  text[0] = '\0';
  for (uint32_t pc = 0; pc < p->code_words; pc += 1u + vm_opcode_info[word_op(code[pc])].extra)
    at += (size_t)snprintf(text + at, sizeof text - at, "%s ", vm_opcode_info[word_op(code[pc])].name);
  return text;
}

static const struct {
  const char *source, *ops;
} form_rows[] = {
    {"local a, b = ... a = b.x", "VARARG GETFIELD RETURN0 "},
    {"local a, b = ... a = b[a]", "VARARG GETINDEX_R RETURN0 "},
    {"local a, b = ... a = b[1]", "VARARG GETINDEX_I RETURN0 "},
    {"local a, b = ... a = b[255]", "VARARG GETINDEX_I RETURN0 "},
    {"local a, b = ... a = b[256]", "VARARG GETINDEX_K RETURN0 "},
    {"local a, b = ... a = b[0]", "VARARG GETINDEX_K RETURN0 "},
    {"local a, b = ... a = b[-1]", "VARARG GETINDEX_K RETURN0 "},
    {"local a, b = ... a = b[1.5]", "VARARG GETINDEX_K RETURN0 "},
    {"local a, b = ... a = b[true]", "VARARG GETINDEX_K RETURN0 "},
    {"local a, b = ... a.x = b", "VARARG SETFIELD_R RETURN0 "},
    {"local a, b = ... a.x = 1", "VARARG SETFIELD_K RETURN0 "},
    {"local a, b = ... a[b] = b", "VARARG SETINDEX_RR RETURN0 "},
    {"local a, b = ... a[b] = nil", "VARARG SETINDEX_RK RETURN0 "},
    {"local a, b = ... a[2] = b", "VARARG SETINDEX_IR RETURN0 "},
    {"local a, b = ... a[2] = 3", "VARARG SETINDEX_KK RETURN0 "},
    {"local a, b = ... a[0.5] = b", "VARARG SETINDEX_KR RETURN0 "},
    {"local a, b = ... a = a + b", "VARARG ADD_RR RETURN0 "},
    {"local a, b = ... a = a - 1", "VARARG SUB_RK RETURN0 "},
    {"local a, b = ... a = 2 * a", "VARARG MUL_KR RETURN0 "},
    {"local a = 1 / 0", "ARITH_KK RETURN0 "},
    {"local a = '1' + 2", "ARITH_KK RETURN0 "},
    {"local a = 2 + 3 * 4 ^ 2 % 7", "LOADK RETURN0 "},
    {"local a = -0", "LOADK RETURN0 "},
    {"local a, b = ... if a == b then b() end", "VARARG NE_RR JMP MOVE CALL RETURN0 "},
    {"local a, b = ... if a ~= b then b() end", "VARARG EQ_RR JMP MOVE CALL RETURN0 "},
    {"local a, b = ... if a == 1 then b() end", "VARARG NE_RK JMP MOVE CALL RETURN0 "},
    {"local a, b = ... if nil == a then b() end", "VARARG NE_RK JMP MOVE CALL RETURN0 "},
    {"local a, b = ... if a < b then b() end", "VARARG NLT_RR JMP MOVE CALL RETURN0 "},
    {"local a, b = ... if not (a < 1) then b() end", "VARARG LT_RK JMP MOVE CALL RETURN0 "},
    {"local a, b = ... if a > 1 then b() end", "VARARG NLT_KR JMP MOVE CALL RETURN0 "},
    {"local a, b = ... if a >= b then b() end", "VARARG NLE_RR JMP MOVE CALL RETURN0 "},
    {"local a = ... if 1 < 2 then a() end", "VARARG CMP_KK JMP MOVE CALL RETURN0 "},
    {"local a = ... if a then a() end", "VARARG TEST_F JMP MOVE CALL RETURN0 "},
    {"local a = ... if not a then a() end", "VARARG TEST_T JMP MOVE CALL RETURN0 "},
    {"local a, b = ... a = a and b", "VARARG TEST_F JMP MOVE RETURN0 "},
    {"local a, b, c = ... c = a and b", "VARARG TESTSET_F JMP MOVE RETURN0 "},
    {"local a, b, c = ... c = a or b", "VARARG TESTSET_T JMP MOVE RETURN0 "},
    {"while true do end", "LOOP RETURN0 "},
    {"local a = ... a:b()", "VARARG SELF CALL RETURN0 "},
    {"local a = ... return a", "VARARG RETURN1 RETURN0 "},
    {"local a, b = ... return a, b", "VARARG MOVE MOVE RETURN RETURN0 "},
    {"return ...", "VARARG RETURNM RETURN0 "},
    {"local a = ... return a(1)", "VARARG MOVE LOADK TAILCALL RETURNM RETURN0 "},
    {"local a = ... return a(...)", "VARARG MOVE VARARG TAILCALLM RETURNM RETURN0 "},
    {"local a = ... a(...)", "VARARG MOVE VARARG CALLM RETURN0 "},
    {"local a = {1, 2}", "NEWTABLE LOADK LOADK SETLIST RETURN0 "},
    {"local a = {...}", "NEWTABLE VARARG SETLISTM RETURN0 "},
    {"for i = 1, 2 do end", "LOADK LOADK LOADK FORPREP FORLOOP RETURN0 "},
    {"local a for k in a do end", "LOADNIL MOVE LOADNIL JMP TFORLOOP LOOP RETURN0 "},
    {"local a, b a = nil", "LOADNIL LOADNIL RETURN0 "},
    {"local a = ... local b, c a = nil", "VARARG LOADNIL LOADNIL RETURN0 "},
};

START_TEST(every_form_of_an_instruction_is_chosen_by_its_operands) {
  for (size_t i = 0; i < sizeof form_rows / sizeof *form_rows; i++) {
    const Module *module = compile_text(form_rows[i].source);
    ck_assert_ptr_nonnull(module);
    ck_assert_msg(strcmp(ops_of(module, 0), form_rows[i].ops) == 0, "%s: %s", form_rows[i].source, ops_of(module, 0));
  }
}
END_TEST

static Capture capture_of(const Module *module, uint32_t proto, uint32_t i) {
  return ((const Capture *)module_at(module, module_proto(module, proto)->captures))[i];
}

START_TEST(a_local_is_captured_by_value_when_nothing_assigns_it) {
  static const struct {
    const char *source;
    CaptureKind kind; /* of upvalue 0 of function 1 */
  } rows[] = {
      {"local a = 1 f = function() return a end", CAPTURE_VALUE},
      {"local a f = function() return a end", CAPTURE_VALUE},
      {"local a f = function() return a end a = 1", CAPTURE_REFERENCE},
      {"local a a = 1 f = function() return a end", CAPTURE_REFERENCE},
      {"local a f = function() a = 1 end", CAPTURE_REFERENCE},
      {"local a f = function() return function() a = 1 end end", CAPTURE_REFERENCE},
      {"local a f = function() return a end function a() end", CAPTURE_REFERENCE},
      {"local a f = function() return a end function a.b() end", CAPTURE_VALUE},
      {"local a f = function() return a end local b, c b, a = c", CAPTURE_REFERENCE},
      {"local a f = function() return a end a.x = 1 a[1], a[2] = 3", CAPTURE_VALUE},
      {"local a f = function() return a end do local a a = 1 end", CAPTURE_VALUE},
      {"local function a() return a end", CAPTURE_SELF},
      {"local function a() return a end a = 1", CAPTURE_REFERENCE},
      {"local a = function() return a, b end", (CaptureKind)99}, /* a global: no upvalue at all */
      {"local a a = function() return a end", CAPTURE_REFERENCE},
      {"for i = 1, 2 do f = function() return i end end", CAPTURE_VALUE},
      {"for i = 1, 2 do f = function() return i end i = 2 end", CAPTURE_REFERENCE},
      {"for k, v in f do g = function() return v end end", CAPTURE_VALUE},
      {"repeat local a until (function() return a end)()", CAPTURE_VALUE},
      {"while f do local a = 1 g = function() a = a + 1 end end", CAPTURE_REFERENCE},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    const Module *module = compile_text(rows[i].source);
    ck_assert_ptr_nonnull(module);
    if (rows[i].kind > CAPTURE_SELF) {
      ck_assert_uint_eq(module_proto(module, 1)->upvalue_count, 0);
      continue;
    }
    ck_assert_msg(capture_of(module, 1, 0).kind == rows[i].kind, "%s: %u", rows[i].source, capture_of(module, 1, 0).kind);
    bool reference = rows[i].kind == CAPTURE_REFERENCE;
    ck_assert(!(module_proto(module, 0)->flags & PROTO_HAS_REFERENCE) == !reference);
    ck_assert(has_op(module, 0, OP_RETURNC) == reference);
    ck_assert(!has_op(module, 1, reference ? OP_GETUPV : OP_GETUPR));
    if (!reference) ck_assert(!has_op(module, 0, OP_CLOSE));
  }
}
END_TEST

START_TEST(an_upvalue_of_the_enclosing_function_is_passed_on) {
  const Module *m = compile_text("local a, b f = function() return function() a = b return a end end");
  Capture first = capture_of(m, 2, 0), second = capture_of(m, 2, 1);
  ck_assert_int_eq(first.kind, CAPTURE_UPVALUE);
  ck_assert_int_eq(first.index, 0);
  ck_assert_int_eq(second.kind, CAPTURE_UPVALUE);
  ck_assert_int_eq(second.index, 1);
  ck_assert_str_eq(ops_of(m, 2), "GETUPV SETUPR GETUPR RETURN1 RETURN0 ");
  ck_assert_uint_eq(module_proto(m, 2)->parent, 1);
  ck_assert_uint_eq(module_proto(m, 1)->flags, 0);
}
END_TEST

START_TEST(blocks_close_only_what_is_captured_by_reference) {
  const Module *m = compile_text("while f do local a = 1 g = function() return a end end");
  ck_assert(!has_op(m, 0, OP_CLOSE));
  m = compile_text("while f do local a = 1 g = function() a = 2 end if f then break end end");
  ck_assert(has_op(m, 0, OP_CLOSE));
  m = compile_text("do local a = 1 g = function() a = 2 end end do local b g = function() return b end end");
  ck_assert_str_eq(ops_of(m, 0), "LOADK CLOSURE SETGLOBAL CLOSE LOADNIL CLOSURE SETGLOBAL RETURNC ");
}
END_TEST

START_TEST(functions_know_their_parameters_and_arg) {
  const Module *m = compile_text("function f(a, b) end function g(a, ...) end function h(...) return ... end");
  ck_assert_uint_eq(module_proto(m, 0)->flags, PROTO_VARARG);
  ck_assert_uint_eq(module_proto(m, 1)->parameter_count, 2);
  ck_assert_uint_eq(module_proto(m, 1)->flags, 0);
  ck_assert_uint_eq(module_proto(m, 2)->parameter_count, 1);
  ck_assert_uint_eq(module_proto(m, 2)->flags, PROTO_VARARG | PROTO_NEEDS_ARG);
  ck_assert_uint_eq(module_proto(m, 3)->parameter_count, 0);
  ck_assert_uint_eq(module_proto(m, 3)->flags, PROTO_VARARG);
}
END_TEST

START_TEST(constants_carry_redis_order_hash_and_their_bytes) {
  const Module *m = compile_text("return 'a', 'hello world', '', 'a', 1.5, 'x\\0y'");
  const Constant *k = constants_of(m, 0);
  ck_assert_uint_eq(module_proto(m, 0)->constant_count, 5);
  static const struct {
    const char *bytes;
    uint32_t length;
  } strings[] = {{"a", 1}, {"hello world", 11}, {"", 0}};
  for (int i = 0; i < 3; i++) {
    uint32_t h = strings[i].length;
    for (uint32_t n = h; n > 0; n--) h ^= (h << 5) + (h >> 2) + (unsigned char)strings[i].bytes[n - 1];
    ck_assert_uint_eq(k[i].kind, CONSTANT_STRING);
    ck_assert_uint_eq(k[i].order_hash, h);
    ck_assert_uint_eq(k[i].as.string.length, strings[i].length);
    ck_assert_str_eq(module_at(m, k[i].as.string.offset), strings[i].bytes);
  }
  ck_assert(k[3].kind == CONSTANT_NUMBER && k[3].as.number == 1.5);
  ck_assert_uint_eq(k[4].as.string.length, 3);
  ck_assert_mem_eq(module_at(m, k[4].as.string.offset), "x\0y", 4);
  ck_assert_uint_eq(m->constant_total, 5);
}
END_TEST

START_TEST(zero_and_minus_zero_share_a_constant_as_in_the_reference) {
  const Module *m = compile_text("return 0, -0");
  ck_assert_uint_eq(module_proto(m, 0)->constant_count, 1);
  ck_assert(!__builtin_signbit(constants_of(m, 0)[0].as.number));
  m = compile_text("return -0, 0");
  ck_assert(__builtin_signbit(constants_of(m, 0)[0].as.number));
}
END_TEST

START_TEST(each_word_has_the_line_of_its_instruction) {
  const Module *m = compile_text("f(\n1,\n2)\nlocal a = \nb.\nc");
  const Proto *p = module_proto(m, 0);
  const uint32_t *lines = module_at(m, p->lines);
  static const uint32_t want[] = {1, 1, 2, 3, 1, 1, 5, 5, 6, 6, 6};
  ck_assert_uint_eq(p->code_words, sizeof want / sizeof *want);
  for (uint32_t i = 0; i < p->code_words; i++) ck_assert_msg(lines[i] == want[i], "word %u: %u", i, lines[i]);
}
END_TEST

START_TEST(locals_live_from_their_declaration_to_the_end_of_their_block) {
  const Module *m = compile_text("local a = 1 do local b = 2 end local c = 3");
  const LocalInfo *locals = module_at(m, module_proto(m, 0)->locals);
  static const struct {
    const char *name;
    uint32_t start, end;
  } want[] = {{"a", 1, 3}, {"b", 2, 2}, {"c", 3, 3}};
  ck_assert_uint_eq(module_proto(m, 0)->local_count, 3);
  for (int i = 0; i < 3; i++) {
    ck_assert_str_eq(module_at(m, locals[i].name.offset), want[i].name);
    ck_assert_uint_eq(locals[i].start_pc, want[i].start);
    ck_assert_uint_eq(locals[i].end_pc, want[i].end);
  }
}
END_TEST

START_TEST(operands_that_outgrow_their_field_take_a_word) {
  char *text = malloc(70000 * 40);
  size_t at = 0;
  for (int i = 0; i < 66000; i++) at += (size_t)sprintf(text + at, "x='s%d' ", i);
  at += (size_t)sprintf(text + at, "late = later return {function() end, 'last', a:b()}");
  const Module *m = compile_bytes(text, at);
  ck_assert_ptr_nonnull(m);
  ck_assert(has_op(m, 0, OP_LOADKX) && has_op(m, 0, OP_GETGLOBALX) && has_op(m, 0, OP_SETGLOBALX) && has_op(m, 0, OP_SELF_R));
  at = (size_t)sprintf(text, "return {");
  for (int i = 0; i < 66000; i++) at += (size_t)sprintf(text + at, "function() end,");
  at += (size_t)sprintf(text + at, "}");
  m = compile_bytes(text, at);
  ck_assert_ptr_nonnull(m);
  ck_assert(has_op(m, 0, OP_CLOSUREX));
  free(text);
  text = repeat("for i = 1, 2 do ", "f(i) ", 9000, "end");
  ck_assert(has_op(compile_text(text), 0, OP_FORLOOPX));
  free(text);
}
END_TEST

START_TEST(a_module_is_the_same_wherever_it_is_compiled) {
  static const char source[] = "local a = {1, x = 'y'} local function f(...) a = ... return f end return f, 0.5, 'z'";
  const Module *m = compile_text(source);
  Module *copy = malloc(m->size);
  memcpy(copy, m, m->size);
  char *other = malloc(1 << 20);
  for (size_t shift = 16; shift <= 4096; shift += 816) {
    Scratch moved = {.base = other + shift, .size = (1 << 20) - shift};
    const Module *again = NULL;
    memset(other, (int)shift, 1 << 20);
    ck_assert(vm_compile_source(source, sizeof source - 1, "@user_script", 12, &moved, &again, &error));
    ck_assert_uint_eq(again->size, copy->size);
    ck_assert_mem_eq(again, copy, copy->size);
  }
  ck_assert_uint_eq(copy->compile_units, (sizeof source - 1) * COMPILE_UNITS_PER_BYTE);
  ck_assert_str_eq(module_at(copy, copy->chunk_name.offset), "@user_script");
  free(other);
  free(copy);
}
END_TEST

START_TEST(scratch_is_linear_in_the_source) {
  static const struct {
    const char *head, *unit, *tail;
  } rows[] = {
      {"", "f()", ""},          {"", "a=b;", ""},       {"x={", "{},", "}"},          {"x={", "1,", "}"},
      {"return a", ".b", ""},   {"a", ":b()", ""},      {"a", ":b''", ""},            {"return a", "+a", ""},
      {"return a", " or a", ""}, {"return ", "a<b or ", "a"}, {"x={", "function()end,", "}"}, {"", "do local a end ", ""},
      {"x=a<a", "==a<a", ""},   {"x={", "a<a,", "}"},   {"x=f", "{}", ""},            {"x=f", "''", ""},
      {"", "f()\n", ""},        {"", "a=a+a\n", ""},    {"return a", "[a]", ""},      {"x={", "a=a,", "}"},
      {"", "x=function()a=a end ", ""}, {"", "a\n=\nb\n", ""}, {"return '", "\\n", "'"}, {"", "x=[[\r\n]]", ""},
      {"x=1", "<-a+1", ""},     {"", "f''", ""},        {"local a ", "x=function()return a end ", ""},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    size_t count = 30000 / strlen(rows[i].unit);
    char *text = repeat(rows[i].head, rows[i].unit, count, rows[i].tail);
    size_t size = strlen(text);
    open_scratch(COMPILE_SCRATCH_CONSTANT + size * COMPILE_SCRATCH_PER_BYTE);
    ck_assert_msg(compile_bytes(text, size) != NULL, "%s: %s", rows[i].unit, error.text);
    free(text);
  }
}
END_TEST

/* Each function has its own list of what it captures, and those between it and the owner have it, too. */
START_TEST(scratch_suffices_for_functions_in_functions_that_capture_all_they_may) {
  enum { DEPTH = 90, BLOCKS = 40 };
  char names[400] = "a0", *opened = repeat("", "function()return ", DEPTH, ""), *closed = repeat("", " end", DEPTH, "");
  for (int i = 1; i < LIMIT_UPVALUES; i++) {
    size_t used = strlen(names);
    snprintf(names + used, sizeof names - used, ",a%d", i);
  }
  size_t room = strlen(opened) + strlen(closed) + 2 * sizeof names;
  char *block = malloc(room);
  ck_assert_ptr_nonnull(block);
  snprintf(block, room, "do local %s;x=%s{%s}%s end ", names, opened, names, closed);
  char *text = repeat("", block, BLOCKS, "");
  size_t size = strlen(text);
  open_scratch(compile_scratch(size));
  ck_assert_msg(compile_bytes(text, size) != NULL, "%s", error.text);
  free(opened);
  free(closed);
  free(block);
  free(text);
}
END_TEST

START_TEST(nothing_is_left_behind_the_peak) {
  static const char source[] = "local secret = 'canary' return function() return secret .. 'canary' end";
  ck_assert_ptr_nonnull(compile_bytes(source, sizeof source - 1));
  size_t i = scratch.peak;
  while (i < scratch.size && scratch.base[i] == 0) i++;
  ck_assert_uint_eq(i, scratch.size);
}
END_TEST

static void count_text(void *context, const char *text, size_t size) {
  (void)text;
  *(size_t *)context += size;
}

START_TEST(listings_cover_every_instruction_form) {
  const Module *m = compile_text(
      "local a, b = {1, x = 'y\\n\\1'}, ... for i = 1, 2 do a[i] = -i .. 'x' end for k in b do a.k = not k end "
      "local function f(...) a = #... return f(1 / 0, '1' + 2, 1 < 2) end return a:m(f, ...), 300 == b, b[300]");
  size_t plain = 0, reference = 0;
  ck_assert_ptr_nonnull(m);
  vm_disasm_write(m, count_text, &plain);
  vm_disasm_write_reference(m, count_text, &reference);
  ck_assert_uint_gt(plain, 1000);
  ck_assert_uint_gt(reference, 800);
}
END_TEST

static Suite *make_suite(void) {
  Suite *suite = suite_create("codegen");
  TCase *c = tcase_create("codegen");
  tcase_add_checked_fixture(c, open_large_scratch, close_scratch);
  tcase_set_timeout(c, 60);
  tcase_add_test(c, every_form_of_an_instruction_is_chosen_by_its_operands);
  tcase_add_test(c, a_local_is_captured_by_value_when_nothing_assigns_it);
  tcase_add_test(c, an_upvalue_of_the_enclosing_function_is_passed_on);
  tcase_add_test(c, blocks_close_only_what_is_captured_by_reference);
  tcase_add_test(c, functions_know_their_parameters_and_arg);
  tcase_add_test(c, constants_carry_redis_order_hash_and_their_bytes);
  tcase_add_test(c, zero_and_minus_zero_share_a_constant_as_in_the_reference);
  tcase_add_test(c, each_word_has_the_line_of_its_instruction);
  tcase_add_test(c, locals_live_from_their_declaration_to_the_end_of_their_block);
  tcase_add_test(c, operands_that_outgrow_their_field_take_a_word);
  tcase_add_test(c, a_module_is_the_same_wherever_it_is_compiled);
  tcase_add_test(c, scratch_is_linear_in_the_source);
  tcase_add_test(c, scratch_suffices_for_functions_in_functions_that_capture_all_they_may);
  tcase_add_test(c, nothing_is_left_behind_the_peak);
  tcase_add_test(c, listings_cover_every_instruction_form);
  suite_add_tcase(suite, c);
  return suite;
}

CHECK_MAIN(make_suite)
