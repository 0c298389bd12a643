/* SPDX-License-Identifier: BSD-2-Clause */
/* result - keeping, rendering and walking an outcome. */
#include "sandbox/supervisor/result.h"

#include <stdlib.h>
#include <string.h>

#include "ipc/resp.h"
#include "ipc/token.h"

static const char no_memory_text[] = "INTERNAL out of memory";

static const FsbResult no_memory = {.code = CODE_INTERNAL,
                                    .error = (char *)no_memory_text,
                                    .error_size = sizeof no_memory_text - 1,
                                    .usage = {.size = sizeof(FsbUsage)}};

static FsbResult *make(void) {
  FsbResult *result = calloc(1, sizeof *result);
  if (result == NULL) return NULL;
  result->code = CODE_INTERNAL;
  result->usage.size = sizeof result->usage;
  result->usage.is_claim_missing = true;
  return result;
}

FsbResult *supervisor_result_new_known(ByteView source, const char *sha1) {
  FsbResult *result = make();
  if (result == NULL) return (FsbResult *)&no_memory;
  result->usage.script_bytes = source.size;
  memcpy(result->sha1, sha1, SHA1_HEX_BYTES - 1);
  return result;
}

FsbResult *supervisor_result_new(ByteView source) {
  char sha1[SHA1_HEX_BYTES];
  supervisor_sha1_hex(source.data, source.size, sha1);
  return supervisor_result_new_known(source, sha1);
}

FsbResult *supervisor_result_new_function(ByteView name) {
  FsbResult *result = make();
  if (result == NULL) return (FsbResult *)&no_memory;
  result->name = strndup((const char *)name.data, name.size);
  if (result->name != NULL) return result;
  free(result);
  return (FsbResult *)&no_memory;
}

bool supervisor_result_is_constant(const FsbResult *result) {
  return result == &no_memory;
}

/* --- Keeping --- */

static void *copy_view(ByteView view, size_t *ret_size) {
  uint8_t *copy = malloc(view.size + 1);
  if (copy == NULL) return NULL;
  if (view.size != 0) memcpy(copy, view.data, view.size);
  copy[view.size] = '\0';
  *ret_size = view.size;
  return copy;
}

static bool keep(FsbResult *result, const Outcome *outcome) {
  if (outcome->code == CODE_OK) {
    result->tokens = copy_view(outcome->tokens, &result->token_size);
    return result->tokens != NULL;
  }
  const char *name = result->name == NULL ? result->sha1 : result->name;
  result->error = supervisor_outcome_text(outcome, name, &result->error_size);
  if (outcome->report.size != 0) result->report = copy_view(outcome->report, &result->report_size);
  return result->error != NULL;
}

void supervisor_result_set(FsbResult *result, const Outcome *outcome) {
  if (supervisor_result_is_constant(result)) return;
  result->code = outcome->code;
  supervisor_outcome_chunk(outcome, result->chunk);
  result->line = outcome->line;
  if (keep(result, outcome)) return;
  result->code = CODE_INTERNAL;
  result->error = (char *)no_memory_text;
  result->error_size = sizeof no_memory_text - 1;
}

void supervisor_result_fail(FsbResult *result, Code code, const char *detail) {
  Outcome outcome = {.code = code, .text = ipc_bytes_text(detail)};
  supervisor_result_set(result, &outcome);
}

void fsb_result_free(FsbResult *result) {
  if (result == NULL || supervisor_result_is_constant(result)) return;
  if (result->error != no_memory_text) free(result->error);
  free(result->tokens);
  free(result->report);
  free(result->name);
  free(result->rendered[0]);
  free(result->rendered[1]);
  free(result);
}

/* --- Reading --- */

int fsb_result_code(const FsbResult *result) {
  return (int)result->code;
}

FsbBytes fsb_result_error(const FsbResult *result) {
  return (FsbBytes){result->error, result->error_size};
}

FsbBytes fsb_result_chunk(const FsbResult *result) {
  return (FsbBytes){result->chunk, strlen(result->chunk)};
}

int64_t fsb_result_line(const FsbResult *result) {
  return result->line > 0 ? result->line : 0;
}

FsbBytes fsb_result_report(const FsbResult *result) {
  return (FsbBytes){result->report, result->report_size};
}

const char *fsb_result_sha1(const FsbResult *result) {
  return result->sha1;
}

const FsbUsage *fsb_result_usage(const FsbResult *result) {
  return &result->usage;
}

/* --- Rendering --- */

static bool render(const FsbResult *result, uint32_t resp, ByteWriter *writer) {
  if (result->code == CODE_OK) {
    Status status =
        ipc_token_render(ipc_bytes_view(result->tokens, result->token_size), resp, writer);
    return status == ST_OK || status == ST_NO_ROOM;
  }
  ipc_token_render_error(writer, ipc_bytes_view(result->error, result->error_size));
  return true;
}

static bool render_into(FsbResult *result, uint32_t resp, size_t slot) {
  ByteWriter measure = ipc_bytes_writer(NULL, 0);
  if (!render(result, resp, &measure)) return false;
  uint8_t *bytes = malloc(measure.used + 1);
  if (bytes == NULL) return false;
  ByteWriter writer = ipc_bytes_writer(bytes, measure.used);
  if (!render(result, resp, &writer) || !ipc_bytes_fits(&writer)) {
    free(bytes);
    return false;
  }
  result->rendered[slot] = (char *)bytes;
  result->rendered_size[slot] = measure.used;
  return true;
}

bool fsb_result_reply(FsbResult *result, int resp, FsbBytes *ret_bytes) {
  size_t slot = resp == 3 ? 1 : 0;
  if (supervisor_result_is_constant(result)) return false;
  if (result->rendered[slot] == NULL && !render_into(result, slot == 1 ? 3 : 2, slot)) return false;
  *ret_bytes = (FsbBytes){result->rendered[slot], result->rendered_size[slot]};
  return true;
}

/* --- Walking --- */

struct FsbWalk {
  RespReader reader;
  uint32_t left[]; /* as deep as the reply can be: more would be too large for what allocators have at hand */
};

/* The head of an aggregate takes four bytes at least. */
static uint32_t most_depth(FsbBytes reply) {
  size_t most = reply.size / 4 + 1;
  return most < NESTING_MAX_DEPTH ? (uint32_t)most : NESTING_MAX_DEPTH;
}

FsbWalk *fsb_walk_open(FsbResult *result, int resp) {
  FsbBytes reply;
  if (!fsb_result_reply(result, resp, &reply)) return NULL;
  uint32_t depth = most_depth(reply);
  FsbWalk *walk = malloc(sizeof *walk + depth * sizeof walk->left[0]);
  if (walk == NULL) return NULL;
  ipc_resp_read_init(&walk->reader, ipc_bytes_view(reply.data, reply.size), walk->left, depth);
  walk->reader.takes_any_number = true;
  return walk;
}

static FsbKind kind_of(RespKind kind) {
  switch (kind) {
    case RESP_STATUS: return FSB_STATUS;
    case RESP_ERROR:
    case RESP_BULK_ERROR: return FSB_ERROR;
    case RESP_INTEGER: return FSB_INTEGER;
    case RESP_BULK: return FSB_BULK;
    case RESP_BOOLEAN: return FSB_BOOLEAN;
    case RESP_DOUBLE: return FSB_DOUBLE;
    case RESP_BIG_NUMBER: return FSB_BIG_NUMBER;
    case RESP_VERBATIM: return FSB_VERBATIM;
    case RESP_ARRAY:
    case RESP_PUSH: return FSB_ARRAY;
    case RESP_MAP:
    case RESP_ATTRIBUTE: return FSB_MAP;
    case RESP_SET: return FSB_SET;
    case RESP_NULL:
    case RESP_KIND_COUNT_: break;
  }
  return FSB_NULL;
}

bool fsb_walk_next(FsbWalk *walk, FsbElement *ret_element) {
  RespElement element;
  if (ipc_resp_read(&walk->reader, &element) != ST_OK) return false;
  *ret_element = (FsbElement){.kind = kind_of(element.kind),
                              .integer = element.integer,
                              .count = element.count,
                              .text = {(const char *)element.text.data, element.text.size}};
  if (element.kind == RESP_VERBATIM) memcpy(ret_element->format, element.format, 3);
  return true;
}

void fsb_walk_close(FsbWalk *walk) {
  free(walk);
}
