/* SPDX-License-Identifier: BSD-2-Clause */
/* admit - whether a tenant's run may start, and its price when it has ended.
 *
 * Everything that makes a worker do something passes here: EVAL and FCALL, and the compiling
 * and loading of SCRIPT LOAD and FUNCTION LOAD.  What comes from a master or from a file is
 * never refused and never charged, and a replica charges nobody: each master does.
 */
#ifndef TOOLS_MODULE_ADMIT_H
#define TOOLS_MODULE_ADMIT_H

#include "policy/quota/admission.h"
#include "sandbox/ferrous_sandbox.h"
#include "tools/module/caller.h"

/* A run that was admitted, and is to be settled once. */
typedef struct {
  Tenant *tenant; /* NULL: nobody is charged */
  uint64_t began; /* CLOCK_MONOTONIC nanoseconds */
  uint64_t thread; /* what the server's thread had computed then, or a moment before */
} Admission;

/* Room for a refusal. */
#define ADMIT_TEXT_BYTES 384

/* Returns whether the caller's run may start; otherwise writes the error, code first. */
bool module_admit_run(RedisCtx *ctx, const Caller *caller, Admission *ret_admission,
                      char ret_text[ADMIT_TEXT_BYTES]);

/* Returns whether the tenant may run this text; otherwise writes the error.  `is_kept`: SCRIPT
 * LOAD or FUNCTION LOAD brings or brought it.  `sha1` may be NULL: it is computed if needed. */
bool module_admit_script(const Caller *caller, FsbBytes source, const char *sha1, bool is_kept,
                         char ret_text[ADMIT_TEXT_BYTES]);

/* Takes the price of what was admitted, and ended at `when`; what the rules say about workers that have run. */
void module_admit_settle(RedisCtx *ctx, const Admission *admission, const Caller *caller,
                         const FsbResult *result, Times when);

#endif
