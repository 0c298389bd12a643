/* SPDX-License-Identifier: BSD-2-Clause */
/* Modules as text: every opcode that is emitted has its line, in both forms. */
#include "tests/check_main.h"
#include "tests/vm/compiling.h"

static char *listing;
static size_t listing_size, listing_room;

static void collect(void *context, const char *text, size_t size) {
  (void)context;
  if (listing_size + size + 1 > listing_room) listing = realloc(listing, listing_room = 2 * (listing_size + size + 1));
  memcpy(listing + listing_size, text, size);
  listing_size += size;
  listing[listing_size] = '\0';
}

static void write_both(const char *source, char **ret_own, char **ret_reference) {
  open_large_scratch();
  const Module *module = compile_text(source);
  ck_assert_msg(module != NULL, "%s", error.text);
  listing = NULL;
  listing_size = listing_room = 0;
  vm_disasm_write(module, collect, NULL);
  *ret_own = listing;
  listing = NULL;
  listing_size = listing_room = 0;
  vm_disasm_write_reference(module, collect, NULL);
  *ret_reference = listing;
  close_scratch();
}

static void expect_lines(const char *source, const char *const *own, const char *const *reference) {
  char *ours, *theirs;
  write_both(source, &ours, &theirs);
  for (; *own; own++) ck_assert_msg(strstr(ours, *own) != NULL, "%s is missing", *own);
  for (; *reference; reference++) ck_assert_msg(strstr(theirs, *reference) != NULL, "%s is missing", *reference);
  free(ours);
  free(theirs);
}

START_TEST(usual_code_is_listed) {
  static const char *const own[] = {"LOADK", "GETGLOBAL", "ADD_RK", "CONCAT", "FORPREP", "TFORLOOP", "CLOSURE", "SELF", "SETLIST", "\"text\"", NULL};
  static const char *const reference[] = {"LOADK", "GETGLOBAL", "ADD", "CONCAT", "FORPREP", "TFORLOOP", "CLOSURE", "SELF", "SETLIST", NULL};
  expect_lines("local a = 1 local b = a + 2 print(a .. 'text') for i = 1, 3 do a:m(i) end "
               "for k in pairs({1, 2}) do local function f() return k end f() end return -a, not b, #b, a == b, a < b, a and b",
               own, reference);
}
END_TEST

START_TEST(code_beyond_the_usual_fields_is_listed) {
  static const char *const own[] = {"LOADKX", "GETGLOBALX", "SETGLOBALX", "FORLOOPX", "CLOSUREX", NULL};
  static const char *const reference[] = {"LOADK", "GETGLOBAL", "SETGLOBAL", "FORLOOP", "CLOSURE", NULL};
  char *source = malloc((size_t)4 << 20);
  size_t size = (size_t)sprintf(source, "local t = {");
  for (int i = 0; i < 66000; i++) size += (size_t)sprintf(source + size, "%d.25,", i);
  size += (size_t)sprintf(source + size, "} far = 1.75 local x = far for i = 1, 2 do ");
  for (int i = 0; i < 40000; i++) size += (size_t)sprintf(source + size, "x = x + 1 ");
  size += (size_t)sprintf(source + size, "end ");
  for (int i = 0; i < 65600; i++) size += (size_t)sprintf(source + size, "x = function() end ");
  expect_lines(source, own, reference);
  free(source);
}
END_TEST

SUITE("vm/disasm", usual_code_is_listed, code_beyond_the_usual_fields_is_listed)
