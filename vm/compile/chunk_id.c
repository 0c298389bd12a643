/* SPDX-License-Identifier: BSD-2-Clause */
/* chunk_id - see the header.  The rules are the reference's, truncation included:
 * a file name loses its beginning, source text its end and all but the first line. */
#include "vm/compile/chunk_id.h"

#include <stdbool.h>
#include <string.h>

#include "vm/config.h"

static size_t append(char *text, size_t at, const char *bytes, size_t size) {
  memcpy(text + at, bytes, size);
  text[at + size] = '\0';
  return at + size;
}

static size_t write_file_name(const char *name, size_t size, char *text, size_t room) {
  size_t most = room - sizeof " '...' ";
  if (size <= most) return append(text, 0, name, size);
  size_t at = append(text, 0, "...", 3);
  return append(text, at, name + (size - most), most);
}

static size_t first_line(const char *name, size_t size) {
  size_t n = 0;
  while (n < size && name[n] != '\n' && name[n] != '\r') n++;
  return n;
}

static size_t write_source(const char *name, size_t size, char *text, size_t room) {
  size_t most = room - sizeof " [string \"...\"] ";
  size_t shown = first_line(name, size < most ? size : most);
  size_t at = append(text, 0, "[string \"", 9);
  at = append(text, at, name, shown);
  if (shown < size) at = append(text, at, "...", 3);
  return append(text, at, "\"]", 2);
}

size_t vm_chunk_id_write(const char *name, size_t size, char *text, size_t room) {
  VM_ASSERT(room >= 32);
  /* Only of a file's name the end is shown; source text may be long, and nobody pays for looking at it. */
  bool is_file = size > 0 && name[0] == '@';
  const char *nul = memchr(name, '\0', is_file || size < room ? size : room);
  if (nul) size = (size_t)(nul - name);
  if (size > 0 && name[0] == '=') {
    size_t shown = size - 1 < room - 1 ? size - 1 : room - 1;
    return append(text, 0, name + 1, shown);
  }
  if (is_file) return write_file_name(name + 1, size - 1, text, room);
  return write_source(name, size, text, room);
}
