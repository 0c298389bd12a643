/* SPDX-License-Identifier: BSD-2-Clause */
/* admin - the commands that ask a running server: one question, one table.
 *
 * Layer: tools.
 */
#ifndef TOOLS_CTL_ADMIN_H
#define TOOLS_CTL_ADMIN_H

#include <jansson.h>

#include "tools/ctl/link.h"
#include "tools/ctl/options.h"

int ctl_admin_status(const Options *options);
int ctl_admin_ps(const Options *options);
int ctl_admin_kill(const Options *options);
int ctl_admin_workers(const Options *options);
int ctl_admin_events(const Options *options);
int ctl_admin_slowlog(const Options *options);
int ctl_admin_tenant(const Options *options);
int ctl_admin_quota(const Options *options);
int ctl_admin_reload(const Options *options);

/* Prints what a command found, as one line of JSON; takes `data`. */
int ctl_admin_print_json(const char *command, json_t *data);

/* Refuses operands; returns the exit status, 0 when there are none. */
int ctl_admin_refuse_operands(const Options *options, const char *command);

/* Connects, asks and disconnects; NULL with `*ret_status` the exit status, reported. */
json_t *ctl_admin_ask(const Options *options, const char *const *words, int *ret_status);

#endif
