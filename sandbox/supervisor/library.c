/* SPDX-License-Identifier: BSD-2-Clause */
/* library - see library.h. */
#include "sandbox/supervisor/library.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ipc/token.h"
#include "sandbox/supervisor/pool.h"
#include "sandbox/supervisor/shebang.h"

enum {
  ALL_FLAGS = 0
#define SCRIPT_FLAG(name, bit, text) | (bit)
#include "policy/script_flags.def"
#undef SCRIPT_FLAG
};

static char *copy(ByteView view) {
  char *text = malloc(view.size + 1);
  if (text == NULL) return NULL;
  if (view.size != 0) memcpy(text, view.data, view.size);
  text[view.size] = '\0';
  return text;
}

/* --- What the worker says --- */

const FsbFunction *supervisor_library_find(const FsbLibrary *library, FsbBytes name) {
  for (size_t i = 0; i < library->function_count; i++) {
    const FsbFunction *f = &library->functions[i];
    if (f->name.size == name.size && strncasecmp(f->name.data, name.data, name.size) == 0) return f;
  }
  return NULL;
}

/* Whether a function may be added under this name. */
static bool is_fit(const FsbLibrary *library, ByteView name) {
  return supervisor_shebang_is_name(name) &&
         supervisor_library_find(library, (FsbBytes){(const char *)name.data, name.size}) == NULL;
}

static bool read_kind(ByteView *tokens, TokenKind kind, Token *ret_token) {
  return ipc_token_next(tokens, ret_token) == ST_OK && ret_token->kind == kind;
}

/* Reads [name, description or null, flags]. */
static bool read_function(ByteView *tokens, FsbLibrary *library) {
  Token head, name, description, flags;
  FsbFunction *f = &library->functions[library->function_count];
  if (!read_kind(tokens, TOKEN_ARRAY, &head) || head.count != 3) return false;
  if (!read_kind(tokens, TOKEN_BULK, &name) || !is_fit(library, name.text)) return false;
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
