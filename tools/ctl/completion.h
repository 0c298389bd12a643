/* SPDX-License-Identifier: BSD-2-Clause */
/* completion - what a shell needs to complete our command line, from our own tables.
 *
 * Layer: tools.
 */
#ifndef TOOLS_CTL_COMPLETION_H
#define TOOLS_CTL_COMPLETION_H

#include "tools/ctl/options.h"

/* A subcommand, as main.c has it. */
typedef struct {
  const char *name;
  unsigned bit;
  const char *operands, *summary;
} CompletionCommand;

/* completion bash|zsh|fish: prints the shell's script. */
int ctl_completion_print(const Options *options, const CompletionCommand *commands, size_t count);

#endif
