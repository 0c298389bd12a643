/* SPDX-License-Identifier: BSD-2-Clause */
/* api - looking up the server's functions; see api.h. */
#include "tools/module/api.h"

#include <stdio.h>

RedisApi module_api;

typedef int (*GetApi)(const char *name, void *ret_function);

/* Where each function goes, and whether it must be there. */
typedef struct {
  const char *name;
  size_t place;
  bool is_required;
} ApiRow;

static const ApiRow rows[] = {
#define REQUIRED true
#define OPTIONAL false
#define API(need, result, name, arguments) {#name, offsetof(RedisApi, name), need},
#include "tools/module/api.def"
#undef API
#undef REQUIRED
#undef OPTIONAL
};

static bool look_up(GetApi get, const char *prefix, const ApiRow *row) {
  char name[64];
  void *place = (char *)&module_api + row->place;
  (void)snprintf(name, sizeof name, "%s_%s", prefix, row->name);
  return get(name, place) == REDIS_OK;
}

const char *module_api_load(RedisCtx *ctx) {
  /* The first word of every context is the function that finds the others. */
  GetApi get;
  __builtin_memcpy(&get, ctx, sizeof get);
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
    if (!look_up(get, "RedisModule", &rows[i]) && !look_up(get, "ValkeyModule", &rows[i]) &&
        rows[i].is_required)
      return rows[i].name;
  return NULL;
}
