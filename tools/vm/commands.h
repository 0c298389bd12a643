/* SPDX-License-Identifier: BSD-2-Clause */
/* commands - what ferrous-vm can do; each takes its own argc and argv. */
#ifndef TOOLS_VM_COMMANDS_H
#define TOOLS_VM_COMMANDS_H

int vm_command_run(int argc, char **argv);
int vm_command_disasm(int argc, char **argv);
int vm_command_trace(int argc, char **argv);
int vm_command_heap(int argc, char **argv);

#endif
