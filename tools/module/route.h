/* SPDX-License-Identifier: BSD-2-Clause */
/* route - which commands are taken over, and under which variant they run.
 *
 * A command goes: filter.c finds its route and writes `sandbox.run VARIANT` in
 * front of it; the server checks it and calls module_route_command(); that one
 * asks whether the caller may use the command itself, and calls its handler.
 */
#ifndef TOOLS_MODULE_ROUTE_H
#define TOOLS_MODULE_ROUTE_H

#include "tools/module/api.h"

typedef enum {
#define VARIANT(id, name, kind, keys, flags) VARIANT_##id,
#include "tools/module/variants.def"
#undef VARIANT
  VARIANT_COUNT_
} VariantId;

typedef enum { VARIANT_SCRIPT, VARIANT_CONTROL } VariantKind;
typedef enum { KEYS_NONE, KEYS_RW, KEYS_RO } VariantKeys;

typedef struct {
  const char *name;
  VariantKind kind;
  VariantKeys keys;
  const char *flags;
} Variant;

/* Answers a command; `argv` are its own words. */
typedef int (*RouteHandler)(RedisCtx *ctx, RedisString **argv, int argc);

typedef struct {
  const char *command; /* lower case */
  size_t size;         /* of the command */
  const char *sub;     /* NULL: none */
  int least, most;
  VariantId variant;
  RouteHandler handler;
} Route;

/* The words that the filter and the dispatcher put before and behind. */
#define ROUTE_COMMAND "sandbox.run"
#define ROUTE_WORDS 2

const Variant *module_route_variant(VariantId id);

/* Finds the route of a command, given its first words; NULL: it has none.  `sub`
 * may be NULL when argc is 1. */
const Route *module_route_find(const RedisString *command, const RedisString *sub, int argc);

/* Registers sandbox.run with a subcommand for each variant. */
bool module_route_register(RedisCtx *ctx);

#endif
