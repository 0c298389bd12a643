/* SPDX-License-Identifier: BSD-2-Clause */
/* kept - which script texts a worker has by now, so that their keys do for them.
 *
 * A worker keeps a text that it meets for the second time (vm/run/code_cache.h), as long
 * as it has room.  So this is a guess, from what was sent; a worker that does not have the
 * text says so, and is sent it.  Only texts are noted that it pays to leave out.
 *
 * Layer: sandbox/supervisor.
 */
#ifndef SANDBOX_SUPERVISOR_KEPT_H
#define SANDBOX_SUPERVISOR_KEPT_H

#include <stdbool.h>

#include "ipc/bytes.h"

/* Shorter texts cost less than the look-up, nearly. */
#define KEPT_LEAST 512

typedef struct KeptTexts KeptTexts; /* heap; NULL: none is known */

/* Whether the worker can be asked for the text that is called `key`, of at least 8 bytes. */
bool supervisor_kept_has(KeptTexts *kept, ByteView key);

/* Notes that the text was sent and was run.  Without memory it is not. */
void supervisor_kept_note(KeptTexts **kept, ByteView key);

/* Notes that the worker does not have it. */
void supervisor_kept_forget(KeptTexts *kept, ByteView key);

#endif
