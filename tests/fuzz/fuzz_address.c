/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_address - the small texts that people write: URIs and first lines of scripts. */
#include <stdint.h>
#include <string.h>

#include "sandbox/supervisor/shebang.h"
#include "sandbox/supervisor/uri.h"

static void try_uri(const char *text) {
  char error[URI_ERROR_BYTES];
  char shown[URI_FIELD_BYTES + 8];
  StoreUri uri;
  memset(error, 1, sizeof error);
  if (supervisor_uri_parse(text, &uri, error)) {
    if (!uri.is_unix && uri.port == 0) __builtin_trap();
    if (uri.is_unix && uri.host[0] != '/') __builtin_trap();
    supervisor_uri_show(&uri, shown);
  } else if (memchr(error, '\0', sizeof error) == NULL) {
    __builtin_trap();
  }
}

static void try_shebang(const uint8_t *data, size_t size) {
  char error[SHEBANG_ERROR_BYTES];
  Shebang shebang;
  memset(error, 1, sizeof error);
  if (!supervisor_shebang_split(ipc_bytes_view(data, size), &shebang, error)) {
    if (memchr(error, '\0', sizeof error) == NULL) __builtin_trap();
    return;
  }
  /* What is left is the end of the script, from a line end on. */
  if (shebang.body.size > size) __builtin_trap();
  if (size != 0 &&
      memcmp(shebang.body.data, data + size - shebang.body.size, shebang.body.size) != 0)
    __builtin_trap();
  if (shebang.is_present && (shebang.body.size == 0 || shebang.body.data[0] != '\n'))
    __builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  char text[600];
  size_t taken = size < sizeof text - 1 ? size : sizeof text - 1;
  if (taken != 0) memcpy(text, data, taken);
  text[taken] = '\0';
  try_uri(text);
  try_shebang(data, size);
  return 0;
}
