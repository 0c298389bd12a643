/* SPDX-License-Identifier: BSD-2-Clause */
/* command - what the server says about its own commands.
 *
 * The module interface does not tell a command's flags, so COMMAND is asked when the module
 * is loaded, and COMMAND INFO once for each name that came later.
 */
#ifndef TOOLS_MODULE_COMMAND_H
#define TOOLS_MODULE_COMMAND_H

#include <string.h>
#include <strings.h>

#include "sandbox/ferrous_sandbox.h"
#include "tools/module/api.h"

enum {
  COMMAND_KNOWN = 1,
  COMMAND_WRITE = 2,
  COMMAND_NOSCRIPT = 4,
  COMMAND_CONTAINER = 8,
  COMMAND_MAY_REPLICATE = 16,
  COMMAND_STALE = 32, /* runs on a replica whatever the age of its data */
  COMMAND_READ = 64,  /* reads keys, and changes none */
  /* Commands that are told apart by name. */
  COMMAND_SELECT = 128,
  COMMAND_SORT = 256,       /* SORT and SORT_RO */
  COMMAND_READS_STREAMS = 512 /* XREAD and XREADGROUP */
};

/* Returns the flags of the command, or subcommand, that `argv` calls; 0 when the
 * server knows none of that name. */
unsigned module_command_flags(RedisCtx *ctx, const FsbBytes *argv, size_t argc);

/* Asks for all that there are. */
void module_command_learn(RedisCtx *ctx);

/* Forgets what was learnt, as another module may have come or gone. */
void module_command_forget(void);

/* Says whether a word of a command is `name`, whatever its case. */
static inline bool module_command_is(FsbBytes word, const char *name) {
  return word.size == strlen(name) && strncasecmp(word.data, name, word.size) == 0;
}

#endif
