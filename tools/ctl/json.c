/* SPDX-License-Identifier: BSD-2-Clause */
/* json - building the objects. */
#include "tools/ctl/json.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- Strings --- */

static json_t *base64_of(FsbBytes bytes) {
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  size_t size = (bytes.size + 2) / 3 * 4;
  char *text = malloc(size + 1);
  if (text == NULL) return NULL;
  for (size_t i = 0, at = 0; i < bytes.size; i += 3, at += 4) {
    size_t left = bytes.size - i;
    uint32_t word = (uint32_t)(unsigned char)bytes.data[i] << 16;
    if (left > 1) word |= (uint32_t)(unsigned char)bytes.data[i + 1] << 8;
    if (left > 2) word |= (unsigned char)bytes.data[i + 2];
    text[at] = digits[word >> 18];
    text[at + 1] = digits[word >> 12 & 63];
    text[at + 2] = left > 1 ? digits[word >> 6 & 63] : '=';
    text[at + 3] = left > 2 ? digits[word & 63] : '=';
  }
  json_t *object = json_pack("{s:s#}", "base64", text, (int)size);
  free(text);
  return object;
}

/* jansson refuses what is not UTF-8; that is the test. */
static json_t *string_of(FsbBytes bytes) {
  json_t *string = json_stringn(bytes.size == 0 ? "" : bytes.data, bytes.size);
  return string != NULL ? string : base64_of(bytes);
}

/* For text that must be a string in any case: invalid bytes become '?'. */
static json_t *text_of(FsbBytes bytes) {
  json_t *string = json_stringn(bytes.size == 0 ? "" : bytes.data, bytes.size);
  if (string != NULL) return string;
  char *copy = malloc(bytes.size + 1);
  if (copy == NULL) return NULL;
  for (size_t i = 0; i < bytes.size; i++)
    copy[i] = (unsigned char)bytes.data[i] < 0x80 ? bytes.data[i] : '?';
  string = json_stringn(copy, bytes.size);
  free(copy);
  return string;
}

/* --- Values --- */

static json_t *double_of(FsbBytes text) {
  char number[64];
  if (text.size >= sizeof number) return string_of(text);
  memcpy(number, text.data, text.size);
  number[text.size] = '\0';
  double value = strtod(number, NULL);
  return isfinite(value) ? json_real(value) : string_of(text);
}

static json_t *scalar_of(const FsbElement *e) {
  switch (e->kind) {
    case FSB_NULL: return json_null();
    case FSB_BOOLEAN: return json_boolean(e->integer != 0);
    case FSB_INTEGER: return json_integer(e->integer);
    case FSB_DOUBLE: return double_of(e->text);
    case FSB_ERROR: return json_pack("{s:o}", "error", text_of(e->text));
    case FSB_BULK:
    case FSB_STATUS:
    case FSB_BIG_NUMBER:
    case FSB_VERBATIM: return string_of(e->text);
    case FSB_ARRAY:
    case FSB_MAP:
    case FSB_SET: return json_array();
  }
  return NULL;
}

/* The text of a map's key, in `number` when it is one; NULL when it is neither. */
static const char *key_text(const json_t *key, char number[32]) {
  if (json_is_integer(key))
    (void)snprintf(number, 32, "%lld", (long long)json_integer_value(key));
  else if (json_is_real(key))
    (void)snprintf(number, 32, "%.17g", json_real_value(key));
  else if (!json_is_string(key) || strlen(json_string_value(key)) != json_string_length(key))
    return NULL;
  else
    return json_string_value(key);
  return number;
}

/* Makes the object of a flat list of keys and values; NULL when it cannot be one. */
static json_t *object_of(json_t *flat) {
  json_t *object = json_object();
  char number[32];
  for (size_t i = 0; i + 1 < json_array_size(flat); i += 2) {
    const char *key = key_text(json_array_get(flat, i), number);
    bool is_new = key != NULL && json_object_get(object, key) == NULL;
    if (is_new && json_object_set(object, key, json_array_get(flat, i + 1)) == 0) continue;
    json_decref(object);
    return NULL;
  }
  return object;
}

static json_t *pairs_of(json_t *flat) {
  json_t *pairs = json_array();
  for (size_t i = 0; i + 1 < json_array_size(flat); i += 2)
    (void)json_array_append_new(
        pairs, json_pack("[O,O]", json_array_get(flat, i), json_array_get(flat, i + 1)));
  return pairs;
}

/* Turns the flat list of a map, which is complete, into its final form. */
static json_t *map_of(json_t *flat) {
  json_t *map = object_of(flat);
  if (map == NULL) map = pairs_of(flat);
  json_decref(flat);
  return map;
}

/* One open aggregate. */
typedef struct {
  json_t *list;
  uint64_t left;
  bool is_map;
} Level;

typedef struct {
  Level *levels; /* heap */
  size_t depth;
  size_t room;
  json_t *root;
} Builder;

static void put(Builder *b, json_t *value) {
  if (b->depth == 0) {
    b->root = value;
    return;
  }
  (void)json_array_append_new(b->levels[b->depth - 1].list, value);
  b->levels[b->depth - 1].left--;
}

/* Closes what is complete, from the inside out. */
static void close_levels(Builder *b) {
  while (b->depth != 0 && b->levels[b->depth - 1].left == 0) {
    Level level = b->levels[--b->depth];
    put(b, level.is_map ? map_of(level.list) : level.list);
  }
}

static bool open_level(Builder *b, const FsbElement *e) {
  if (b->depth == b->room) {
    size_t room = b->room == 0 ? 64 : b->room * 2;
    Level *levels = realloc(b->levels, room * sizeof *levels);
    if (levels == NULL) return false;
    b->levels = levels;
    b->room = room;
  }
  bool is_map = e->kind == FSB_MAP;
  b->levels[b->depth++] = (Level){json_array(), is_map ? 2 * e->count : e->count, is_map};
  return true;
}

static bool is_aggregate(FsbKind kind) {
  return kind == FSB_ARRAY || kind == FSB_MAP || kind == FSB_SET;
}

static json_t *value_of(FsbResult *result) {
  Builder builder = {.root = NULL};
  FsbElement element;
  bool is_fine = true;
  FsbWalk *walk = fsb_walk_open(result, 3);
  while (walk != NULL && is_fine && fsb_walk_next(walk, &element)) {
    if (is_aggregate(element.kind))
      is_fine = open_level(&builder, &element);
    else
      put(&builder, scalar_of(&element));
    close_levels(&builder);
  }
  fsb_walk_close(walk);
  free(builder.levels);
  return builder.root;
}

/* --- Objects --- */

static json_t *usage_of(const FsbUsage *u) {
  static const char *const starts[] = {"none", "cold", "warm", "spare"};
  json_t *usage = json_object();
#define PUT(field) (void)json_object_set_new(usage, #field, json_integer((json_int_t)u->field))
  PUT(instructions);
  PUT(compile_units);
  PUT(cost_model);
  PUT(memory_peak_bytes);
  PUT(cpu_ns);
  PUT(wait_cpu_ns);
  PUT(wall_ns);
  PUT(spawn_ns);
  PUT(host_time_ns);
  PUT(hold_ns);
  PUT(calls);
  PUT(call_bytes);
  PUT(reply_bytes);
  PUT(result_bytes);
  PUT(log_bytes);
  PUT(script_bytes);
  PUT(arg_bytes);
  PUT(random_state);
#undef PUT
  (void)json_object_set_new(usage, "start_kind", json_string(starts[u->start_kind]));
  (void)json_object_set_new(usage, "wrote", json_boolean(u->wrote));
  (void)json_object_set_new(usage, "claim_missing", json_boolean(u->is_claim_missing));
  return usage;
}

static json_t *error_object(const char *code, FsbBytes message, FsbBytes chunk, int64_t line) {
  json_t *error = json_object();
  (void)json_object_set_new(error, "code", json_string(code));
  (void)json_object_set_new(error, "message", text_of(message));
  (void)json_object_set_new(error, "source", chunk.size == 0 ? json_null() : text_of(chunk));
  (void)json_object_set_new(error, "line", line == 0 ? json_null() : json_integer(line));
  return error;
}

static bool print(FILE *to, json_t *object) {
  bool is_fine = object != NULL && json_dumpf(object, to, JSON_COMPACT) == 0;
  json_decref(object);
  (void)putc('\n', to);
  return is_fine;
}

/* The error line of a run, or of a script that returned an error; false: none. */
static bool find_error(FsbResult *result, const char **ret_code, FsbBytes *ret_message) {
  FsbElement element;
  bool is_error = fsb_result_code(result) != 0;
  *ret_code = fsb_code_label(fsb_result_code(result));
  *ret_message = fsb_result_error(result);
  if (is_error) return true;
  FsbWalk *walk = fsb_walk_open(result, 3);
  is_error = walk != NULL && fsb_walk_next(walk, &element) && element.kind == FSB_ERROR;
  *ret_code = "script_error";
  if (is_error) *ret_message = element.text;
  fsb_walk_close(walk);
  return is_error;
}

bool ctl_json_print_result(FILE *to, FsbResult *result) {
  const char *code;
  FsbBytes message;
  json_t *object = json_pack("{s:s,s:s}", "schema", JSON_SCHEMA, "sha1", fsb_result_sha1(result));
  if (find_error(result, &code, &message))
    (void)json_object_set_new(
        object, "error",
        error_object(code, message, fsb_result_chunk(result), fsb_result_line(result)));
  else
    (void)json_object_set_new(object, "result", value_of(result));
  (void)json_object_set_new(object, "usage", usage_of(fsb_result_usage(result)));
  return print(to, object);
}

bool ctl_json_print_error(FILE *to, const FsbError *error) {
  FsbBytes message = {error->text, strlen(error->text)};
  json_t *object =
      json_pack("{s:s,s:o}", "schema", JSON_SCHEMA, "error",
                error_object(fsb_code_label(error->code), message, (FsbBytes){NULL, 0}, 0));
  return print(to, object);
}

bool ctl_json_print_health(FILE *to, const FsbPool *pool, const Health *health) {
  json_t *steps = json_array();
  FsbStep step;
  for (size_t i = 0; fsb_pool_step(pool, i, &step); i++)
    (void)json_array_append_new(
        steps, json_pack("{s:s,s:s,s:b,s:b,s:i,s:s,s:s}", "step", step.name, "state", step.state,
                         "floor", step.is_floor, "in_force", step.in_force, "error", step.error,
                         "what", step.what, "lack", step.lack));
  json_t *object = json_pack("{s:s,s:b,s:b,s:b,s:s,s:o}", "schema", JSON_SCHEMA, "sound",
                             health->is_sound, "script_runs", health->runs, "private_server",
                             health->serves, "private_server_error", health->server_error, "steps",
                             steps);
  if (health->has_server)
    (void)json_object_set_new(object, "libraries_left", json_integer((json_int_t)health->libraries_left));
  return print(to, object);
}

bool ctl_json_print_version(FILE *to) {
  return print(to, json_pack("{s:s,s:s,s:s}", "schema", JSON_SCHEMA, "version", fsb_version(),
                             "build_id", fsb_build_id()));
}
