/* SPDX-License-Identifier: BSD-2-Clause */
/* script - reading with a cap, and saying clearly why not. */
#include "tools/ctl/script.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "policy/codes.h"

#define CHUNK ((size_t)64 << 10)

static bool fail(FsbError *error, const char *path, int number) {
  error->code = number == ENOENT || number == ENOTDIR ? CODE_NOT_FOUND
                : number == EACCES                    ? CODE_PERMISSION
                                                      : CODE_USAGE;
  (void)snprintf(error->text, sizeof error->text, "cannot read the script %.200s: %s",
                 strcmp(path, "-") == 0 ? "from standard input" : path, strerror(number));
  return false;
}

static bool grow(Script *script, size_t *room) {
  if (script->size < *room) return true;
  size_t larger = *room == 0 ? CHUNK : *room * 2;
  char *data = realloc(script->data, larger);
  if (data == NULL) return false;
  script->data = data;
  *room = larger;
  return true;
}

static int read_all(int fd, uint64_t most, Script *script) {
  size_t room = 0;
  while (script->size <= most) {
    if (!grow(script, &room)) return ENOMEM;
    size_t want = room - script->size;
    if (want > most + 1 - script->size) want = (size_t)(most + 1 - script->size);
    ssize_t got = read(fd, script->data + script->size, want);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno;
    if (got == 0) return 0;
    script->size += (size_t)got;
  }
  return 0;
}

bool ctl_script_read(const char *path, uint64_t most, Script *ret_script, FsbError *ret_error) {
  bool is_stdin = strcmp(path, "-") == 0;
  struct stat info;
  *ret_script = (Script){NULL, 0};
  int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
  if (fd < 0) return fail(ret_error, path, errno);
  int number =
      fstat(fd, &info) == 0 && S_ISDIR(info.st_mode) ? EISDIR : read_all(fd, most, ret_script);
  if (!is_stdin) (void)close(fd);
  if (number == 0) return true;
  ctl_script_free(ret_script);
  return fail(ret_error, path, number);
}

void ctl_script_free(Script *script) {
  free(script->data);
  *script = (Script){NULL, 0};
}
