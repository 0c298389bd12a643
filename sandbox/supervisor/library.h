/* SPDX-License-Identifier: BSD-2-Clause */
/* library - a function library, as the supervisor knows it.
 *
 * It is source text with a number, and what a worker said that it registers.  Workers
 * are brought the text when one of its functions is called there for the first time.
 *
 * Layer: sandbox/supervisor.
 */
#ifndef SANDBOX_SUPERVISOR_LIBRARY_H
#define SANDBOX_SUPERVISOR_LIBRARY_H

#include "ipc/bytes.h"
#include "policy/limits.h"
#include "sandbox/ferrous_sandbox.h"

struct FsbLibrary {
  unsigned references;
  const FsbPool *pool; /* that loaded it; only compared */
  uint64_t number;     /* of the pool, never used again */
  Limits limits;       /* under which it was loaded, and will be in other workers */
  char *name;          /* heap */
  char *code;          /* heap; with its first line */
  size_t code_size;
  size_t body_at;      /* offset in the code of what is Lua */
  FsbFunction *functions; /* heap, and so are their texts */
  size_t function_count;
};

/* Makes a library out of its text and what a worker answered, which is a claim and is
 * checked.  On failure returns NULL with an error line, code first, in `ret_error`. */
FsbLibrary *supervisor_library_new(FsbBytes code, const char *name, size_t body_at,
                                   ByteView tokens, FsbError *ret_error);

/* Finds a function by its name, in any case; NULL: there is none. */
const FsbFunction *supervisor_library_find(const FsbLibrary *library, FsbBytes name);

#endif
