/* SPDX-License-Identifier: BSD-2-Clause */
/* doc - reference documents, printed from the tables that the program runs by.
 *
 * docs/reference holds what this prints; a test compares them, so neither can
 * drift from the other.  Layer: tools.
 */
#ifndef TOOLS_CTL_DOC_H
#define TOOLS_CTL_DOC_H

#include "tools/ctl/options.h"

/* doc TOPIC; returns the exit status. */
int ctl_doc_print(const Options *options);

/* Returns the i-th topic, or NULL past the end. */
const char *ctl_doc_topic(size_t i);

#endif
