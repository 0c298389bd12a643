/* SPDX-License-Identifier: BSD-2-Clause */
/* sort - reading the options of SORT and SORT_RO. */
#include "tools/module/sort.h"

#include <string.h>

#include "tools/module/command.h"

static FsbBytes bytes_of(const RedisString *string) {
  FsbBytes bytes;
  bytes.data = rm.StringPtrLen(string, &bytes.size);
  return bytes;
}

static bool is_word(const RedisString *string, const char *word) {
  return module_command_is(bytes_of(string), word);
}

/* Where BY stands with a pattern that no element changes; 0: nowhere.  With STORE the
 * server sorts anyway. */
static size_t find_constant(RedisString **argv, size_t argc) {
  size_t found = 0;
  for (size_t i = 2; i < argc; i++) {
    bool has_value = is_word(argv[i], "by") || is_word(argv[i], "get") || is_word(argv[i], "store");
    if (is_word(argv[i], "store")) return 0;
    if (is_word(argv[i], "by") && i + 1 < argc) {
      FsbBytes pattern = bytes_of(argv[i + 1]);
      found = memchr(pattern.data, '*', pattern.size) == NULL ? i : 0;
    }
    if (is_word(argv[i], "limit")) i += 2;
    if (has_value) i++;
  }
  return found;
}

static bool is_set(RedisCtx *ctx, RedisString *key) {
  size_t size;
  RedisReply *reply = rm.Call(ctx, "TYPE", "s", key);
  if (reply == NULL) return false;
  const char *type = rm.CallReplyStringPtr(reply, &size);
  bool is_one = type != NULL && size == 3 && memcmp(type, "set", 3) == 0;
  rm.FreeCallReply(reply);
  return is_one;
}

size_t module_sort_settle(RedisCtx *ctx, RedisString **argv, size_t argc) {
  if (argc < 4 || !(is_word(argv[0], "sort") || is_word(argv[0], "sort_ro"))) return argc;
  size_t by = find_constant(argv, argc);
  if (by == 0 || !is_set(ctx, argv[1])) return argc;
  rm.FreeString(NULL, argv[by]);
  rm.FreeString(NULL, argv[by + 1]);
  memmove(argv + by, argv + by + 2, (argc - by - 2) * sizeof *argv);
  argv[argc - 2] = rm.CreateString(NULL, "ALPHA", 5);
  return argc - 1;
}
