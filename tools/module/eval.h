/* SPDX-License-Identifier: BSD-2-Clause */
/* eval - EVAL, EVALSHA and their read-only siblings.
 */
#ifndef TOOLS_MODULE_EVAL_H
#define TOOLS_MODULE_EVAL_H

#include "tools/module/api.h"
#include "tools/module/route.h"

/* Chooses the variant that says what the script's first line declares. `text` is
 * the script or its digest. */
VariantId module_eval_variant(const Route *route, const RedisString *command,
                              const RedisString *text);

/* The variant for a script with these FSB_SCRIPT_ flags, a shebang among them. */
VariantId module_eval_choose(unsigned flags, bool is_read_only);

int module_eval_call(RedisCtx *ctx, RedisString **argv, int argc);

/* Reads numkeys, as EVAL or as FCALL words what is wrong with it; false: has
 * replied.  `argv` is the command's; the keys begin at its fourth word. */
bool module_eval_keys(RedisCtx *ctx, RedisString **argv, int argc, const char *not_a_number,
                      size_t *ret_count);

#endif
