/* SPDX-License-Identifier: BSD-2-Clause */
/* oracle - Lua 5.1 as distributed, started anew for every program at next to no cost.
 *
 * Its memory is one region with an allocator that only moves forward.  The state with its
 * libraries open is copied aside once and copied back before each program; leaving a
 * program in the middle, by longjmp, is therefore sound.
 */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

#include "tests/differential/outcome.h"

enum { MEMORY = 192 << 20, INSTRUCTIONS = 3000000 };

static struct {
  char *region, *image;
  size_t used, image_size;
  lua_State *state;
  jmp_buf out;
  Outcome *outcome;
} oracle;

static void *allocate(void *context, void *old, size_t old_size, size_t size) {
  (void)context;
  if (size <= old_size) return size ? old : NULL;
  size_t start = (oracle.used + 15) & ~(size_t)15;
  if (size > MEMORY - start) longjmp(oracle.out, 1);
  oracle.used = start + size;
  if (old != NULL) memcpy(oracle.region + start, old, old_size);
  return oracle.region + start;
}

static void stop(lua_State *L, lua_Debug *event) {
  (void)L;
  (void)event;
  longjmp(oracle.out, 1);
}

/* The reference's print, into the outcome. */
static int print_line(lua_State *L) {
  int n = lua_gettop(L);
  lua_getglobal(L, "tostring");
  for (int i = 1; i <= n; i++) {
    lua_pushvalue(L, -1);
    lua_pushvalue(L, i);
    lua_call(L, 1, 1);
    const char *s = lua_tostring(L, -1);
    if (s == NULL) return luaL_error(L, "'tostring' must return a string to 'print'");
    if (i > 1) outcome_put(oracle.outcome, "\t", 1);
    outcome_put(oracle.outcome, s, strlen(s)); /* it ends at a NUL, as fputs does */
    lua_pop(L, 1);
  }
  outcome_put(oracle.outcome, "\n", 1);
  return 0;
}

static void open_library(lua_CFunction open, const char *name) {
  lua_pushcfunction(oracle.state, open);
  lua_pushstring(oracle.state, name);
  lua_call(oracle.state, 1, 0);
}

void oracle_open(void) {
  oracle.region = mmap(NULL, MEMORY, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (oracle.region == MAP_FAILED || setjmp(oracle.out) != 0) abort();
  oracle.state = lua_newstate(allocate, NULL);
  lua_gc(oracle.state, LUA_GCSTOP, 0);
  open_library(luaopen_base, "");
  open_library(luaopen_table, LUA_TABLIBNAME);
  open_library(luaopen_string, LUA_STRLIBNAME);
  open_library(luaopen_math, LUA_MATHLIBNAME);
  lua_pushcfunction(oracle.state, print_line);
  lua_setglobal(oracle.state, "print");
  lua_sethook(oracle.state, stop, LUA_MASKCOUNT, INSTRUCTIONS);
  oracle.image_size = oracle.used;
  oracle.image = malloc(oracle.used);
  if (oracle.image == NULL) abort();
  memcpy(oracle.image, oracle.region, oracle.used);
}

/* Where a script stands in the reference's program: below two C calls. */
static int run_program(lua_State *L) {
  int status = lua_pcall(L, 0, 0, 0);
  lua_pushinteger(L, status);
  lua_insert(L, 1);
  return lua_gettop(L);
}

static void take_error(void) {
  size_t size;
  const char *s = lua_tolstring(oracle.state, -1, &size);
  oracle.outcome->kind = OUTCOME_ERROR;
  if (s != NULL) outcome_put(oracle.outcome, s, size);
}

void oracle_run(const char *text, size_t size, Outcome *o) {
  memcpy(oracle.region, oracle.image, oracle.image_size);
  oracle.used = oracle.image_size;
  oracle.outcome = o;
  o->size = 0;
  o->kind = OUTCOME_DONE;
  if (setjmp(oracle.out) != 0) {
    o->kind = OUTCOME_LIMIT;
    return;
  }
  lua_pushcfunction(oracle.state, run_program);
  if (luaL_loadbuffer(oracle.state, text, size, "@p") != 0) {
    take_error();
    o->kind = OUTCOME_COMPILE_ERROR;
    return;
  }
  if (lua_pcall(oracle.state, 1, LUA_MULTRET, 0) != 0) abort();
  if (lua_tointeger(oracle.state, 1) != 0) take_error();
}
