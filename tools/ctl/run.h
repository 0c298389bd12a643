/* SPDX-License-Identifier: BSD-2-Clause */
/* run - the subcommands that hand a script to the sandbox: run, eval, check.
 *
 * Each returns the exit status.  Layer: tools.
 */
#ifndef TOOLS_CTL_RUN_H
#define TOOLS_CTL_RUN_H

#include "tools/ctl/options.h"

/* run FILE [key ...] [, arg ...] */
int ctl_run_file(const Options *options);

/* eval SCRIPT numkeys [key ...] [arg ...] */
int ctl_run_text(const Options *options);

/* check FILE */
int ctl_run_check(const Options *options);

/* Reports an error that no run led to, in the form that was asked for; returns
 * its exit status. */
int ctl_run_fail(const Options *options, const FsbError *error);

/* Opens a pool as the options say; NULL with the reason. */
FsbPool *ctl_run_open_pool(const Options *options, FsbError *ret_error);

#endif
