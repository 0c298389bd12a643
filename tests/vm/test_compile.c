/* SPDX-License-Identifier: BSD-2-Clause */
/* The compiler's memory: whatever room it is given, it finishes or says that memory ended. */
#include "tests/check_main.h"
#include "tests/vm/compiling.h"

/* Sources that ask for room in different places: trees, names, strings, errors, closures. */
static const char many_kinds[] =
    "local function f(a, b, ...) local t = {1, 2, x = a, [b] = ...} for k, v in pairs(t) do t[k] = v .. 'x' end "
    "while a do if b then break elseif a then a = nil else b = not b end end return function() return f, t, a end end return f(1)";

static const char *const sources[] = {
    "return 1",
    many_kinds,
    "local s = 'escaped \\n \\065' .. [[long\n string]] .. \"another\" return s, 0x10, 1.5e3",
    "local a <const> = 5",
    "return 'an unfinished string",
    "return [[unfinished",
    "x = = 1",
    "for i = 1, 10 do local a, b, c = i, i * 2, i .. '' g(a)(b)[c]:m(i) end",
    "return 12345678901234567890zzz",
    NULL, /* a module larger than all that leads to it: made below */
};

/* One text of many bytes. */
static const char *long_text(void) {
  static char source[150000];
  memset(source, 'x', sizeof source);
  memcpy(source, "return '", 8);
  memcpy(source + sizeof source - 2, "'", 2);
  return source;
}

enum { ENOUGH = 1 << 21, FINE = 8, COARSE = 4096 };

/* Compiles with `size` bytes of scratch; true when room was what was missing. */
static bool ends_in_memory(const char *source, size_t size) {
  const Module *module = NULL;
  Scratch part = {.base = scratch.base, .size = size};
  CompileError fault = {0};
  bool ok = vm_compile_source(source, strlen(source), "@user_script", 12, &part, &module, &fault);
  ck_assert(ok == (module != NULL));
  ck_assert_uint_le(part.peak, size);
  if (!ok) ck_assert(fault.memory || fault.text_size > 0);
  return !ok && fault.memory;
}

START_TEST(every_room_is_enough_or_said_to_be_too_small) {
  open_scratch(ENOUGH);
  const char *source = sources[_i] ? sources[_i] : long_text();
  ck_assert(!ends_in_memory(source, ENOUGH));
  size_t least = 0, step = strlen(source) > COARSE ? COARSE : FINE;
  /* Memory ends once and for all: below some size always, above it never. */
  for (size_t size = 0; size < ENOUGH; size += step) {
    bool missing = ends_in_memory(source, size);
    if (missing) least = size + step;
    else if (size > least + COARSE) step = COARSE;
  }
  ck_assert_uint_gt(least, 0);
  ck_assert_uint_le(least, compile_scratch(strlen(source)));
  ck_assert(!ends_in_memory(source, least));
  close_scratch();
}
END_TEST

START_TEST(a_source_too_large_to_count_is_refused) {
  open_scratch(ENOUGH);
  static const char nothing[1] = "";
  const Module *module = NULL;
  CompileError fault = {0};
  ck_assert(!vm_compile_source(nothing, (size_t)1 << 31, "@user_script", 12, &scratch, &module, &fault));
  ck_assert(fault.memory);
  close_scratch();
}
END_TEST

static Suite *make_suite(void) {
  Suite *suite = suite_create("vm/compile");
  TCase *tests = tcase_create("all");
  tcase_set_timeout(tests, 120);
  tcase_add_loop_test(tests, every_room_is_enough_or_said_to_be_too_small, 0, (int)(sizeof sources / sizeof *sources));
  tcase_add_test(tests, a_source_too_large_to_count_is_refused);
  suite_add_tcase(suite, tests);
  return suite;
}

CHECK_MAIN(make_suite)
