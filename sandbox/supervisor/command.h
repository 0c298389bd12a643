/* SPDX-License-Identifier: BSD-2-Clause */
/* command - what a server says about its commands, remembered.
 *
 * Redis checks a script's command before it runs it: does it exist, does the
 * number of arguments fit, is it allowed in scripts.  The same facts come from
 * COMMAND INFO, asked once per command and connection.  A server that does not
 * answer it (an ACL forbids it) is judged by noscript.def and by the texts of
 * its own errors.
 *
 * Layer: sandbox/supervisor.
 */
#ifndef SANDBOX_SUPERVISOR_COMMAND_H
#define SANDBOX_SUPERVISOR_COMMAND_H

#include "sandbox/ferrous_sandbox.h"
#include "sandbox/supervisor/link.h"

#define COMMAND_NAME_BYTES 64
#define COMMAND_SLOTS 1024

/* Command.flags. */
enum {
  COMMAND_KNOWN = 1,
  COMMAND_NOSCRIPT = 2,
  COMMAND_WRITE = 4,
  COMMAND_BLOCKING = 8,
  COMMAND_CONTAINER = 16 /* has subcommands, which are in the table too */
};

typedef struct {
  char name[COMMAND_NAME_BYTES]; /* lower case, "config|get"; empty: free slot */
  int arity;                     /* as COMMAND says: negative is at least; 0: not known */
  unsigned flags;
} Command;

typedef struct {
  size_t count;
  bool is_mute; /* the server does not answer COMMAND INFO */
  Command slots[COMMAND_SLOTS];
} CommandTable;

/* Finds a command, asking the server if need be.  A command nobody knows comes
 * back with flags 0.  Fails only as the link fails. */
__attribute__((warn_unused_result)) Status supervisor_command_find(CommandTable *table, Link *link,
                                                                   const FsbBytes *argv,
                                                                   size_t argc,
                                                                   LinkPatience patience,
                                                                   Command *ret_command);

/* Forgets everything: for a new connection. */
void supervisor_command_clear(CommandTable *table);

#endif
