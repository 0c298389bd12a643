/* SPDX-License-Identifier: BSD-2-Clause */
/* file - opening, locking and mapping, for the writer and for the reader.
 *
 * Layer: policy/journal, inside.
 */
#ifndef POLICY_JOURNAL_FILE_H
#define POLICY_JOURNAL_FILE_H

#include "policy/journal/layout.h"

/* Byte of the file that the process locks. */
typedef enum { JOURNAL_LOCK_WRITER, JOURNAL_LOCK_DRAIN, JOURNAL_LOCK_NONE } JournalLock;

/* Opens what must be a regular file of ours, not a link, and locks it.  Returns -1 with
 * the reason. */
int policy_journal_file_open(const char *path, JournalLock lock, JournalError *ret_error);

/* Judges and maps it. */
bool policy_journal_file_map(JournalMap *map, int fd, const char *path, int protection,
                             JournalError *ret_error);

/* Writes "journal PATH: TEXT"; returns false. */
bool policy_journal_file_refuse(JournalError *error, const char *path, const char *text);

#endif
