/* SPDX-License-Identifier: BSD-2-Clause */
/* open - making, finding, locking and mapping a journal's file.
 *
 * A new file is made whole under another name and then renamed, so no half-made one is
 * ever found.  Locks are fcntl's of the process (byte 0 the writer's, byte 1 the
 * drain's): they end with it and are not inherited by its children, as those of a
 * server that is saving would be.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "policy/journal/file.h"
#include "policy/journal/writer.h"

/* --- Making a file --- */

static uint32_t pick(uint32_t wanted, uint32_t otherwise) { return wanted == 0 ? otherwise : wanted; }

static Geometry geometry_of(const JournalOptions *options) {
  return (Geometry){.tenants = pick(options->tenants, 1024),
                    .rows_per_tenant = pick(options->rows_per_tenant, 128),
                    .slots = pick(options->slots, 64),
                    .details = pick(options->details, 4096)};
}

static bool fill_frame(HeaderFrame *frame, const JournalOptions *options) {
  memset(frame, 0, sizeof *frame);
  frame->geometry = geometry_of(options);
  frame->created = options->now;
  policy_journal_layout_seal(frame);
  if (getrandom(frame->node, sizeof frame->node, 0) != (ssize_t)sizeof frame->node) return false;
  policy_journal_layout_seal(frame);
  return true;
}

/* Blocks are taken now: a full disk must not become a SIGBUS later. */
static bool fill_file(int fd, const HeaderFrame *frame, size_t size) {
  int error = posix_fallocate(fd, 0, (off_t)size);
  if (error != 0) errno = error;
  return error == 0 && pwrite(fd, frame, sizeof *frame, 0) == (ssize_t)sizeof *frame && fsync(fd) == 0;
}

static bool create(const JournalOptions *options, JournalError *error) {
  HeaderFrame frame;
  char fresh[4096];
  size_t size = fill_frame(&frame, options) ? policy_journal_layout_size(&frame.geometry) : 0;
  if (size == 0) return policy_journal_file_refuse(error, options->path, "the sizes asked for are impossible");
  int length = snprintf(fresh, sizeof fresh, "%s.new-%d", options->path, (int)getpid());
  if (length < 0 || (size_t)length >= sizeof fresh)
    return policy_journal_file_refuse(error, options->path, "the path is too long");
  (void)unlink(fresh);
  int fd = open(fresh, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  bool is_done = fd >= 0 && fill_file(fd, &frame, size) &&
                 renameat2(AT_FDCWD, fresh, AT_FDCWD, options->path, RENAME_NOREPLACE) == 0;
  int reason = errno;
  if (fd >= 0) (void)close(fd);
  if (is_done || (fd >= 0 && reason == EEXIST)) {
    if (!is_done) (void)unlink(fresh); /* another was faster; the lock will tell */
    return true;
  }
  if (fd >= 0) (void)unlink(fresh);
  return policy_journal_file_refuse(error, options->path, strerror(reason));
}

/* --- Opening --- */

static bool open_file(Journal *journal, const JournalOptions *options, JournalError *error) {
  struct stat status;
  if (lstat(options->path, &status) != 0 && errno == ENOENT && !create(options, error)) return false;
  journal->fd = policy_journal_file_open(options->path, JOURNAL_LOCK_WRITER, error);
  return journal->fd >= 0 &&
         policy_journal_file_map(&journal->map, journal->fd, options->path, PROT_READ | PROT_WRITE, error);
}

static bool open_memory(Journal *journal, const JournalOptions *options, JournalError *error) {
  HeaderFrame frame;
  size_t size = fill_frame(&frame, options) ? policy_journal_layout_size(&frame.geometry) : 0;
  if (size == 0) return policy_journal_file_refuse(error, "memory", "the sizes asked for are impossible");
  void *base = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (base == MAP_FAILED) return policy_journal_file_refuse(error, "memory", strerror(errno));
  memcpy(base, &frame, sizeof frame);
  policy_journal_layout_map(&journal->map, base, size, &frame.geometry);
  return true;
}

/* The server's own children shall neither hold nor write it, dumps not contain it. */
static void keep_private(const JournalMap *map) {
  (void)madvise(map->base, map->size, MADV_DONTFORK);
  (void)madvise(map->base, map->size, MADV_DONTDUMP);
}

static void begin_boot(Journal *journal, const JournalOptions *options) {
  Header *header = journal->map.header;
  header->boot_at = options->now;
  header->cost_model = options->cost_model;
  header->pid = (uint32_t)getpid();
  if (getrandom(header->boot, sizeof header->boot, 0) != (ssize_t)sizeof header->boot)
    memcpy(header->boot, &options->now, sizeof options->now);
}

static bool set_up(Journal *journal, const JournalOptions *options, JournalError *error) {
  journal->details_per_second = pick(options->details_per_second, 20);
  journal->recycles_per_hour = pick(options->recycles_per_hour, 720);
  bool is_open = options->path == NULL ? open_memory(journal, options, error)
                                       : open_file(journal, options, error);
  if (!is_open) return false;
  journal->is_mapped = true;
  keep_private(&journal->map);
  policy_journal_recover_file(journal, options->path == NULL);
  journal->is_short = options->path != NULL && !policy_journal_reboot_notice(&journal->map, options->path, options->now);
  begin_boot(journal, options);
  if (!policy_journal_writer_prepare(journal))
    return policy_journal_file_refuse(error, options->path == NULL ? "memory" : options->path, "out of memory");
  policy_journal_recover_runs(journal, options->now);
  return true;
}

Journal *policy_journal_open(const JournalOptions *options, JournalError *ret_error) {
  Journal *journal = calloc(1, sizeof *journal);
  if (journal == NULL) {
    (void)policy_journal_file_refuse(ret_error, "journal", "out of memory");
    return NULL;
  }
  journal->fd = -1;
  if (set_up(journal, options, ret_error)) return journal;
  policy_journal_close(journal);
  return NULL;
}

void policy_journal_close(Journal *journal) {
  if (journal == NULL) return;
  policy_journal_writer_release(journal);
  if (journal->map.base != NULL) (void)munmap(journal->map.base, journal->map.size);
  if (journal->fd >= 0) (void)close(journal->fd);
  free(journal);
}
