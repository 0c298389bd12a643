/* SPDX-License-Identifier: BSD-2-Clause */
/* file - who may use a file, and whether it is one. */
#include "policy/journal/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

bool policy_journal_file_refuse(JournalError *error, const char *path, const char *text) {
  char copy[sizeof error->text];
  (void)snprintf(copy, sizeof copy, "%s", text); /* may be error->text itself */
  (void)snprintf(error->text, sizeof error->text, "journal %.120s: %.180s", path, copy);
  return false;
}

/* --- Opening --- */

static bool is_ours(int fd, const char *path, JournalError *error) {
  struct stat status;
  if (fstat(fd, &status) != 0) return policy_journal_file_refuse(error, path, strerror(errno));
  if (!S_ISREG(status.st_mode)) return policy_journal_file_refuse(error, path, "it is no regular file");
  if (status.st_uid != geteuid())
    return policy_journal_file_refuse(error, path, "it belongs to another user");
  if (status.st_nlink != 1) return policy_journal_file_refuse(error, path, "it has a second name");
  if ((status.st_mode & 022) == 0) return true;
  return policy_journal_file_refuse(error, path, "others may write it: chmod 600 it");
}

static bool take_lock(int fd, const char *path, JournalLock lock, JournalError *error) {
  struct flock range = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = (off_t)lock, .l_len = 1};
  struct flock holder = range;
  char text[96];
  if (lock == JOURNAL_LOCK_NONE || fcntl(fd, F_SETLK, &range) == 0) return true;
  if (errno != EACCES && errno != EAGAIN) return policy_journal_file_refuse(error, path, strerror(errno));
  if (fcntl(fd, F_GETLK, &holder) != 0) holder.l_pid = 0;
  (void)snprintf(text, sizeof text, "process %d is using it", (int)holder.l_pid);
  return policy_journal_file_refuse(error, path, text);
}

int policy_journal_file_open(const char *path, JournalLock lock, JournalError *ret_error) {
  int fd = open(path, O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0) {
    (void)policy_journal_file_refuse(ret_error, path, errno == ELOOP ? "it is a link" : strerror(errno));
    return -1;
  }
  if (is_ours(fd, path, ret_error) && take_lock(fd, path, lock, ret_error)) return fd;
  (void)close(fd);
  return -1;
}

/* --- Mapping --- */

static bool read_frame(int fd, const char *path, HeaderFrame *frame, size_t *ret_size, JournalError *error) {
  struct stat status;
  if (fstat(fd, &status) != 0) return policy_journal_file_refuse(error, path, strerror(errno));
  *ret_size = (size_t)status.st_size;
  if (*ret_size < JOURNAL_PAGE || pread(fd, frame, sizeof *frame, 0) != (ssize_t)sizeof *frame)
    return policy_journal_file_refuse(error, path, "it is too short for a journal");
  if (policy_journal_layout_judge(frame, *ret_size, error)) return true;
  return policy_journal_file_refuse(error, path, error->text);
}

bool policy_journal_file_map(JournalMap *map, int fd, const char *path, int protection,
                             JournalError *ret_error) {
  HeaderFrame frame;
  size_t size = 0, begin, end;
  if (!read_frame(fd, path, &frame, &size, ret_error)) return false;
  void *base = mmap(NULL, size, protection, MAP_SHARED, fd, 0);
  if (base == MAP_FAILED) return policy_journal_file_refuse(ret_error, path, strerror(errno));
  policy_journal_layout_drain(&frame.geometry, &begin, &end);
  if ((protection & PROT_WRITE) == 0 && mprotect((uint8_t *)base + begin, end - begin, PROT_READ | PROT_WRITE) != 0) {
    (void)munmap(base, size);
    return policy_journal_file_refuse(ret_error, path, strerror(errno));
  }
  policy_journal_layout_map(map, base, size, &frame.geometry);
  return true;
}
