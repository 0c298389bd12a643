/* SPDX-License-Identifier: BSD-2-Clause */
/* library - see library.h. */
#include "sandbox/supervisor/library.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ipc/token.h"
#include "policy/script_flags.h"
#include "sandbox/supervisor/pool.h"

enum {
#define SCRIPT_FLAG(name, bit, text) ALL_##name = (bit),
#include "policy/script_flags.def"
#undef SCRIPT_FLAG
  ALL_FLAGS = ALL_NO_WRITES | ALL_ALLOW_OOM | ALL_ALLOW_STALE | ALL_NO_CLUSTER | ALL_ALLOW_CROSS_SLOT
};

static char *copy(ByteView view) {
  char *text = malloc(view.size + 1);
  if (text == NULL) return NULL;
  if (view.size != 0) memcpy(text, view.data, view.size);
  text[view.size] = '\0';
  return text;
}

/* --- What the worker says --- */

static bool is_name(ByteView name) {
  for (size_t i = 0; i < name.size; i++)
    if (!isalnum(name.data[i]) && name.data[i] != '_') return false;
  return name.size != 0;
}

static bool is_new(const FsbLibrary *library, ByteView name) {
  for (size_t i = 0; i < library->function_count; i++) {
    FsbBytes known = library->functions[i].name;
    if (known.size == name.size && strncasecmp(known.data, (const char *)name.data, name.size) == 0)
      return false;
  }
  return true;
}

static bool read_kind(ByteView *tokens, TokenKind kind, Token *ret_token) {
  return ipc_token_next(tokens, ret_token) == ST_OK && ret_token->kind == kind;
}

/* Reads [name, description or null, flags]. */
static bool read_function(ByteView *tokens, FsbLibrary *library) {
  Token head, name, description, flags;
  FsbFunction *f = &library->functions[library->function_count];
  if (!read_kind(tokens, TOKEN_ARRAY, &head) || head.count != 3) return false;
  if (!read_kind(tokens, TOKEN_BULK, &name) || !is_name(name.text) || !is_new(library, name.text))
    return false;
  if (ipc_token_next(tokens, &description) != ST_OK) return false;
  if (description.kind != TOKEN_BULK && description.kind != TOKEN_NULL) return false;
  if (!read_kind(tokens, TOKEN_INTEGER, &flags) || (flags.integer & ~(int64_t)ALL_FLAGS) != 0)
    return false;
  *f = (FsbFunction){.has_description = description.kind == TOKEN_BULK, .flags = (unsigned)flags.integer};
  f->name = (FsbBytes){copy(name.text), name.text.size};
  if (f->has_description) f->description = (FsbBytes){copy(description.text), description.text.size};
  library->function_count++;
  return f->name.data != NULL && (!f->has_description || f->description.data != NULL);
}

static bool read_functions(ByteView tokens, FsbLibrary *library, FsbError *error) {
  Token list;
  if (!read_kind(&tokens, TOKEN_ARRAY, &list) || list.count > tokens.size) list.count = UINT32_MAX;
  if (list.count == 0) {
    supervisor_pool_explain(error, CODE_SCRIPT_ERROR, "ERR No functions registered");
    return false;
  }
  if (list.count != UINT32_MAX) library->functions = calloc(list.count, sizeof *library->functions);
  for (uint32_t i = 0; library->functions != NULL && i < list.count; i++)
    if (!read_function(&tokens, library)) break;
  if (library->functions != NULL && library->function_count == list.count) return true;
  supervisor_pool_explain(error, CODE_PROTOCOL_VIOLATION, "a list of functions that is none");
  return false;
}

/* --- Life --- */

FsbLibrary *supervisor_library_new(FsbBytes code, const char *name, size_t body_at,
                                   ByteView tokens, FsbError *ret_error) {
  FsbLibrary *library = calloc(1, sizeof *library);
  if (library != NULL) {
    library->references = 1;
    library->name = strdup(name);
    library->code = copy(ipc_bytes_view(code.data, code.size));
    library->code_size = code.size;
    library->body_at = body_at;
  }
  if (library == NULL || library->name == NULL || library->code == NULL) {
    supervisor_pool_explain(ret_error, CODE_INTERNAL, "out of memory");
  } else if (read_functions(tokens, library, ret_error)) {
    return library;
  }
  fsb_library_unref(library);
  return NULL;
}

FsbLibrary *fsb_library_ref(FsbLibrary *library) {
  library->references++;
  return library;
}

void fsb_library_unref(FsbLibrary *library) {
  if (library == NULL || --library->references != 0) return;
  for (size_t i = 0; i < library->function_count; i++) {
    free((char *)library->functions[i].name.data);
    free((char *)library->functions[i].description.data);
  }
  free(library->functions);
  free(library->name);
  free(library->code);
  free(library);
}

/* --- Reading --- */

const char *fsb_library_name(const FsbLibrary *library) {
  return library->name;
}

FsbBytes fsb_library_code(const FsbLibrary *library) {
  return (FsbBytes){library->code, library->code_size};
}

bool fsb_library_function(const FsbLibrary *library, size_t i, FsbFunction *ret_function) {
  if (i >= library->function_count) return false;
  *ret_function = library->functions[i];
  return true;
}
