/* SPDX-License-Identifier: BSD-2-Clause */
/* program - found by where this code was loaded from. */
#define _GNU_SOURCE
#include "tools/module/program.h"

#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Puts `folder` and `name` in the place of the last component of `module`. */
static bool is_beside(const char *module, const char *folder, const char *name, char path[PATH_MAX]) {
  const char *slash = strrchr(module, '/');
  int length = slash == NULL ? 0 : (int)(slash - module);
  int size = snprintf(path, PATH_MAX, "%.*s/%s%s", length, module, folder, name);
  return size > 0 && size < PATH_MAX && access(path, X_OK) == 0;
}

bool module_program_find(const char *name, char ret_path[PATH_MAX]) {
  Dl_info where;
  if (dladdr((const void *)(uintptr_t)module_program_find, &where) != 0 &&
      (is_beside(where.dli_fname, "", name, ret_path) || is_beside(where.dli_fname, "../bin/", name, ret_path)))
    return true;
  ret_path[0] = '\0';
  return false;
}
