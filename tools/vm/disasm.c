/* SPDX-License-Identifier: BSD-2-Clause */
/* disasm - ferrous-vm disasm: the compiled code of a file. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/vm/commands.h"
#include "tools/vm/host.h"
#include "vm/compile/compile.h"
#include "vm/inspect/disasm.h"

enum { SCRATCH_PER_BYTE = 1024, SCRATCH_MIN = 1 << 20 };

static void write_out(void *context, const char *text, size_t size) { fwrite(text, 1, size, context); }

int vm_command_disasm(int argc, char **argv) {
  if (argc != 2) {
    fputs("usage: ferrous-vm disasm FILE\n", stderr);
    return 2;
  }
  size_t size;
  char *text = vm_host_read_file(argv[1], &size);
  if (text == NULL) return 2;
  vm_host_blank_first_line(text, size);
  size_t room = size * SCRATCH_PER_BYTE + SCRATCH_MIN;
  Scratch scratch = {.base = malloc(room), .size = room};
  char name[4200];
  int name_size = snprintf(name, sizeof name, "@%s", argv[1]);
  const Module *module;
  CompileError error;
  bool ok = scratch.base != NULL && vm_compile_source(text, size, name, (size_t)name_size, &scratch, &module, &error);
  if (ok) vm_disasm_write(module, write_out, stdout);
  else if (scratch.base != NULL) fprintf(stderr, "ferrous-vm: %.*s\n", (int)error.text_size, error.text);
  free(scratch.base);
  free(text);
  return ok ? 0 : 1;
}
