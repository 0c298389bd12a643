/* SPDX-License-Identifier: BSD-2-Clause */
/* link - asking a server: words in, a JSON object out.
 *
 * Through the control socket, or as `SANDBOX JSON word ...` through the server's own
 * port or socket; the answer is the same.  Each question has the time of --timeout,
 * five seconds without it.
 *
 * Layer: tools.
 */
#ifndef TOOLS_CTL_LINK_H
#define TOOLS_CTL_LINK_H

#include <jansson.h>

#include "tools/ctl/options.h"

typedef struct Link Link;

/* Connects and logs in; takes from the environment what the options leave open.  NULL
 * with the reason. */
Link *ctl_link_open(const Options *options, FsbError *ret_error);

/* Asks; the words end with NULL.  Returns the object under "data", to be given up with
 * json_decref(); NULL with the reason, which may be the server's. */
json_t *ctl_link_ask(Link *link, const char *const *words, FsbError *ret_error);

void ctl_link_close(Link *link);

/* Shorthand for an integer or a text of an object; 0 or "" when it is not there. */
uint64_t ctl_link_number(const json_t *object, const char *name);
const char *ctl_link_text(const json_t *object, const char *name);

#endif
