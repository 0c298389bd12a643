/* SPDX-License-Identifier: BSD-2-Clause */
/* ferrous-vm - the bare machine for developers: run, disasm, trace, heap.
 *
 * No seal, no supervisor, no data store: for looking at the machine, not for running
 * what is not trusted. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/vm/commands.h"

typedef int (*Command)(int argc, char **argv);

static const struct {
  const char *name;
  Command run;
  const char *help;
} commands[] = {
    {"run", vm_command_run, "run FILE [ARG...]   runs a file (-: standard input) with the full profile"},
    {"disasm", vm_command_disasm, "disasm FILE         prints the compiled code"},
    {"trace", vm_command_trace, "trace FILE          runs a file and prints every instruction on standard error"},
    {"heap", vm_command_heap, "heap FILE           runs a file, then checks and prints the heap"},
};

static void usage(FILE *to) {
  fputs("usage: ferrous-vm COMMAND [--instructions N] [--memory BYTES] [--redis] [--usage] [--operands OUT] FILE\n", to);
  for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) fprintf(to, "  %s\n", commands[i].help);
}

int main(int argc, char **argv) {
  if (argc >= 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
    usage(stdout);
    return 0;
  }
  for (size_t i = 0; argc >= 2 && i < sizeof commands / sizeof *commands; i++) {
    if (strcmp(argv[1], commands[i].name) == 0) return commands[i].run(argc - 1, argv + 1);
  }
  usage(stderr);
  return 2;
}
