/* SPDX-License-Identifier: BSD-2-Clause */
/* host - a VM in this process, for developers: memory, host calls, whole runs. */
#ifndef TOOLS_VM_HOST_H
#define TOOLS_VM_HOST_H

#include "vm/vm.h"

typedef struct {
  VM *vm;
  VmConfig config;
} Host;

/* Maps the regions and opens a VM; prints why and returns false when that fails.
 * `control_low` maps control below 4 GiB too, inside what a corrupted handle can reach: it
 * exists to measure what keeping code and frames outside costs. */
bool vm_host_open(Host *host, VmProfile profile, size_t memory, bool control_low);

/* Runs until the script ends, serving its host calls.  Returns the last status:
 * VM_HOST_CALL when the script called os.exit. */
VmStatus vm_host_run(Host *host);

/* Reads a whole file ("-": standard input) into malloc'd memory; NULL with a message. */
char *vm_host_read_file(const char *path, size_t *ret_size);

/* Blanks a first line that starts with "#", as the reference skips it; lines keep their numbers. */
void vm_host_blank_first_line(char *text, size_t size);

#endif
