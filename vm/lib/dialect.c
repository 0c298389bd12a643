/* SPDX-License-Identifier: BSD-2-Clause */
/* dialect - see dialect.h. */
#include "vm/lib/dialect.h"

#include "vm/lib/builtins.h"
#include "vm/lib/handler.h"

/* Valkey keeps the number of the Redis that it came from. */
#define REDIS_VERSION "7.2.4"
enum { REDIS_NUMBER = 0x00070204, VERSION_BYTES = 16 };

/* --- Words --- */

static const char *own_words(const char *text) {
#define DIALECT(redis, valkey) \
  if (strcmp(text, redis) == 0) return valkey;
#include "vm/lib/dialect.def"
#undef DIALECT
  return text;
}

/* Where "redis." is in a text, or its end. */
static const char *find_name(const char *text) {
  while (*text != '\0' && strncmp(text, "redis.", 6) != 0) text++;
  return text;
}

void vm_dialect_put(VM *vm, const char *text) {
  if (!dialect_is_valkey(vm)) {
    vm_buffer_put(vm, text, strlen(text));
    return;
  }
  const char *words = own_words(text), *name = find_name(words);
  vm_buffer_put(vm, words, (size_t)(name - words));
  if (*name == '\0') return;
  vm_buffer_put(vm, "server", 6);
  vm_buffer_put(vm, name + 5, strlen(name + 5));
}

size_t vm_dialect_write(const VM *vm, double n, char text[NUMBER_TEXT_MAX]) {
  return dialect_is_valkey(vm) ? vm_number_write_shortest(n, text) : vm_number_write_exact(n, text);
}

/* --- Names --- */

static const char *const constants[] = {"VALKEY_VERSION_NUM", "VALKEY_VERSION", "SERVER_NAME"};

const char *vm_dialect_constant(const VM *vm, size_t i) {
  return dialect_is_valkey(vm) && i < sizeof constants / sizeof *constants ? constants[i] : NULL;
}

static void put(VM *vm, Table *t, const char *name, Value v) {
  vm->run.pending[0] = v;
  *vm_table_slot_string(vm, t, vm_string_from(vm, name)) = v;
}

/* "9.1.2" of 0x00090102. */
static void write_version(uint32_t version, char text[VERSION_BYTES + NUMBER_TEXT_MAX]) {
  size_t at = 0;
  for (int shift = 16; shift >= 0; shift -= 8) {
    at += vm_number_write((double)(version >> shift & 255), text + at);
    text[at++] = '.';
  }
  text[at - 1] = '\0';
}

void vm_dialect_fill(VM *vm, Table *library) {
  char text[VERSION_BYTES + NUMBER_TEXT_MAX];
  if (!dialect_is_valkey(vm)) return;
  write_version(vm->valkey_version, text);
  put(vm, library, "REDIS_VERSION_NUM", value_of_int(REDIS_NUMBER));
  put(vm, library, "REDIS_VERSION", value_of_string(vm_string_from(vm, REDIS_VERSION)));
  put(vm, library, "VALKEY_VERSION_NUM", value_of_int((int32_t)vm->valkey_version));
  put(vm, library, "VALKEY_VERSION", value_of_string(vm_string_from(vm, text)));
  put(vm, library, "SERVER_NAME", value_of_string(vm_string_from(vm, "valkey")));
}

void vm_dialect_open(VM *vm, Table *globals) {
  if (!dialect_is_valkey(vm)) return;
  put(vm, globals, "server", vm_table_get_string(globals, vm_string_from(vm, "redis")));
  put(vm, globals, HANDLER_NAME_VALKEY, VALUE_TRUE); /* until there is one */
  Table *os = vm_table_new(vm, 0, 1);
  put(vm, globals, "os", value_of_table(os));
  put(vm, os, "clock", value_of_native(vm_native_closure(vm, BUILTIN__internal_clock, 0)));
}

/* --- os.clock --- */

/* A sealed worker has no clock: a unit of the budget counts as a nanosecond. */
int vm_dialect_clock(VM *vm, Value *args, int count) {
  (void)count;
  int64_t left = (int64_t)vm->run.budget_left + vm->run.remaining / (int64_t)sizeof(Word);
  return native_return(args, value_of_number((double)((int64_t)vm->run.budget - left) * 1e-9));
}
