/* SPDX-License-Identifier: BSD-2-Clause */
/* status.c - the phrases of Status, and the way from errno to it. */
#include "policy/status.h"

#include <errno.h>

const char *policy_status_text(Status status) {
  switch (status) {
#define STATUS(name, text) \
  case ST_##name: return text;
#include "policy/status.def"
#undef STATUS
    case ST_COUNT_: break;
  }
  return "unknown status";
}

Status policy_status_from_errno(int error) {
  switch (error) {
    case EINTR: return ST_INTERRUPTED;
    case EAGAIN: return ST_WOULD_BLOCK;
    case ETIMEDOUT: return ST_TIMED_OUT;
    case ENOMEM: return ST_NO_MEMORY;
    case EMFILE:
    case ENFILE: return ST_NO_DESCRIPTORS;
    case ENOENT: return ST_NOT_FOUND;
    case EPERM:
    case EACCES: return ST_PERMISSION;
    case ENOSYS:
    case EOPNOTSUPP: return ST_UNSUPPORTED;
    case EPIPE:
    case ECONNRESET: return ST_CLOSED;
    case ESRCH:
    case ECHILD: return ST_DIED;
    case ECONNREFUSED:
    case EHOSTUNREACH: return ST_UNAVAILABLE;
    case EINVAL: return ST_INVALID;
    case EIO: return ST_IO;
    default: return ST_SYSTEM;
  }
}
