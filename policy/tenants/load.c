/* SPDX-License-Identifier: BSD-2-Clause */
/* load - reads the file whole, bounded, then parses it. */
#include "policy/tenants/load.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Reads until the end, at most one byte more than a policy may have. */
static Status read_all(int fd, char *text, size_t *ret_size) {
  size_t size = 0;
  while (size <= TENANTS_FILE_MOST) {
    ssize_t got = read(fd, text + size, TENANTS_FILE_MOST + 1 - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return ST_IO;
    if (got == 0) break;
    size += (size_t)got;
  }
  *ret_size = size;
  return ST_OK;
}

/* A file only: a FIFO would be waited for. */
static Status open_file(const char *path, int *ret_fd) {
  struct stat about;
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0) return policy_status_from_errno(errno);
  if (fstat(fd, &about) == 0 && S_ISREG(about.st_mode)) {
    *ret_fd = fd;
    return ST_OK;
  }
  (void)close(fd);
  errno = S_ISDIR(about.st_mode) ? EISDIR : EINVAL;
  return ST_INVALID;
}

Status policy_tenants_load(const char *path, TenantProblems *problems, TenantPolicy **ret_policy) {
  int fd = -1;
  size_t size = 0;
  if (problems->file == NULL) problems->file = path;
  Status s = open_file(path, &fd);
  char *text = s == ST_OK ? malloc(TENANTS_FILE_MOST + 1) : NULL;
  if (s == ST_OK) s = text == NULL ? ST_NO_MEMORY : read_all(fd, text, &size);
  if (s != ST_OK)
    policy_tenants_complain(problems, 0, 0, "cannot be read: %s",
                            s == ST_INVALID && errno == EINVAL ? "not a file" : strerror(errno));
  if (fd >= 0) (void)close(fd);
  if (s == ST_OK) s = policy_tenants_parse(text, size, problems, ret_policy);
  free(text);
  return s;
}
