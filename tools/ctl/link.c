/* SPDX-License-Identifier: BSD-2-Clause */
/* link - lines of JSON, or replies of RESP that hold such a line. */
#include "tools/ctl/link.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/codes.h"
#include "tools/ctl/json.h"
#include "tools/ctl/stream.h"

#define PATIENCE UINT64_C(5000000000)
/* A longer answer is none of ours. */
#define MOST_BYTES ((size_t)64 << 20)

struct Link {
  Stream *stream;
  bool is_control;
  uint64_t timeout;
  char *data; /* heap: what was received and not used yet */
  size_t size, room, used;
};

uint64_t ctl_link_number(const json_t *object, const char *name) {
  json_int_t number = json_integer_value(json_object_get(object, name));
  return number < 0 ? 0 : (uint64_t)number;
}

const char *ctl_link_text(const json_t *object, const char *name) {
  const char *text = json_string_value(json_object_get(object, name));
  return text == NULL ? "" : text;
}

/* --- Bytes --- */

static bool is_out_of_memory(FsbError *error) {
  error->code = CODE_INTERNAL;
  (void)snprintf(error->text, sizeof error->text, "out of memory");
  return false;
}

static bool receive_more(Link *link, uint64_t deadline, FsbError *error) {
  if (link->used != 0) {
    memmove(link->data, link->data + link->used, link->size - link->used);
    link->size -= link->used;
    link->used = 0;
  }
  if (link->size == link->room) {
    size_t room = link->room == 0 ? 16384 : link->room * 2;
    char *larger = room > MOST_BYTES ? NULL : realloc(link->data, room);
    if (larger == NULL) return is_out_of_memory(error);
    link->data = larger;
    link->room = room;
  }
  size_t got = ctl_stream_receive(link->stream, link->data + link->size, link->room - link->size,
                                  deadline, error);
  link->size += got;
  return got != 0;
}

/* Takes a line, its end not included; the bytes are good until the next call. */
static bool take_line(Link *link, uint64_t deadline, FsbBytes *ret_line, FsbError *error) {
  for (;;) {
    const char *start = link->data + link->used;
    const char *end = link->size == link->used ? NULL : memchr(start, '\n', link->size - link->used);
    if (end != NULL) {
      size_t size = (size_t)(end - start);
      link->used += size + 1;
      *ret_line = (FsbBytes){start, size != 0 && start[size - 1] == '\r' ? size - 1 : size};
      return true;
    }
    if (!receive_more(link, deadline, error)) return false;
  }
}

static bool take_bytes(Link *link, size_t size, uint64_t deadline, FsbBytes *ret_bytes,
                       FsbError *error) {
  if (size > MOST_BYTES) return is_out_of_memory(error);
  while (link->size - link->used < size + 2)
    if (!receive_more(link, deadline, error)) return false;
  *ret_bytes = (FsbBytes){link->data + link->used, size};
  link->used += size + 2;
  return true;
}

/* --- RESP --- */

static bool send_words(Link *link, const char *const *first, const char *const *words,
                       uint64_t deadline, FsbError *error) {
  char *text = NULL;
  size_t size = 0, count = 0;
  FILE *to = open_memstream(&text, &size);
  if (to == NULL) return is_out_of_memory(error);
  for (size_t i = 0; first[i] != NULL; i++) count++;
  for (size_t i = 0; words[i] != NULL; i++) count++;
  (void)fprintf(to, "*%zu\r\n", count);
  for (size_t i = 0; first[i] != NULL; i++)
    (void)fprintf(to, "$%zu\r\n%s\r\n", strlen(first[i]), first[i]);
  for (size_t i = 0; words[i] != NULL; i++)
    (void)fprintf(to, "$%zu\r\n%s\r\n", strlen(words[i]), words[i]);
  bool is_good = fclose(to) == 0 ? ctl_stream_send(link->stream, text, size, deadline, error)
                                 : is_out_of_memory(error);
  free(text);
  return is_good;
}

static bool refuse_error(FsbBytes line, FsbError *error) {
  static const struct {
    const char *prefix;
    Code code;
  } rows[] = {{"NOAUTH", CODE_PERMISSION},   {"WRONGPASS", CODE_PERMISSION},
              {"NOPERM", CODE_PERMISSION},   {"ERR AUTH", CODE_PERMISSION},
              {"ERR unknown command", CODE_CONFIG}};
  (void)snprintf(error->text, sizeof error->text, "%.*s", (int)line.size, line.data);
  error->code = CODE_UNAVAILABLE;
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
    if (strncmp(error->text, rows[i].prefix, strlen(rows[i].prefix)) == 0) error->code = rows[i].code;
  if (error->code == CODE_CONFIG)
    (void)snprintf(error->text, sizeof error->text,
                   "the server does not have the module ferrous_sandbox.so, or one too old");
  return false;
}

/* Takes a reply that is a line or a bulk string. */
static bool take_reply(Link *link, uint64_t deadline, FsbBytes *ret_text, FsbError *error) {
  FsbBytes line;
  if (!take_line(link, deadline, &line, error)) return false;
  if (line.size != 0 && line.data[0] == '+') {
    *ret_text = (FsbBytes){line.data + 1, line.size - 1};
    return true;
  }
  if (line.size > 1 && line.data[0] == '$' && line.data[1] != '-')
    return take_bytes(link, (size_t)strtoull(line.data + 1, NULL, 10), deadline, ret_text, error);
  if (line.size != 0 && line.data[0] == '-')
    return refuse_error((FsbBytes){line.data + 1, line.size - 1}, error);
  error->code = CODE_UNAVAILABLE;
  (void)snprintf(error->text, sizeof error->text, "that is no Redis or Valkey server");
  return false;
}

static bool log_in(Link *link, const ServerOptions *options, uint64_t deadline, FsbError *error) {
  const char *pass = options->pass != NULL ? options->pass : getenv("REDISCLI_AUTH");
  const char *first[] = {"AUTH", options->user, pass, NULL};
  const char *words[] = {"AUTH", pass, NULL}, *none[] = {NULL};
  FsbBytes reply;
  if (pass == NULL) return true;
  return send_words(link, options->user != NULL ? first : words, none, deadline, error) &&
         take_reply(link, deadline, &reply, error);
}

/* Whether the socket of -s is the control socket, which answers everything with an object. */
static bool answers_with_objects(Link *link, uint64_t deadline, bool *ret_is_good, FsbError *error) {
  FsbBytes line = {NULL, 0};
  *ret_is_good = ctl_stream_send(link->stream, "PING\r\n", 6, deadline, error) && take_line(link, deadline, &line, error);
  return line.size != 0 && line.data[0] == '{';
}

/* --- Asking --- */

static bool send_line(Link *link, const char *const *words, uint64_t deadline, FsbError *error) {
  json_t *list = json_array(), *request = json_object();
  for (size_t i = 0; words[i] != NULL; i++) (void)json_array_append_new(list, json_string(words[i]));
  (void)json_object_set_new(request, "schema", json_string(JSON_SCHEMA));
  (void)json_object_set_new(request, "command", list);
  char *text = json_dumps(request, JSON_COMPACT);
  bool is_good = text == NULL ? is_out_of_memory(error)
                              : ctl_stream_send(link->stream, text, strlen(text), deadline, error) &&
                                    ctl_stream_send(link->stream, "\n", 1, deadline, error);
  free(text);
  json_decref(request);
  return is_good;
}

/* Takes the answer apart: its data, or its error. */
static json_t *take_data(FsbBytes line, FsbError *error) {
  json_t *answer = json_loadb(line.data, line.size, JSON_ALLOW_NUL, NULL);
  const json_t *problem = json_object_get(answer, "error");
  json_t *data = json_incref(json_object_get(answer, "data"));
  if (data == NULL) {
    const CodeRow *row = policy_codes_by_label(ctl_link_text(problem, "code"));
    error->code = row == NULL ? CODE_INTERNAL : (int)row->code;
    (void)snprintf(error->text, sizeof error->text, "%s",
                   problem == NULL ? "the answer is none of this tool's" : ctl_link_text(problem, "message"));
  }
  json_decref(answer);
  return data;
}

json_t *ctl_link_ask(Link *link, const char *const *words, FsbError *ret_error) {
  static const char *const first[] = {"SANDBOX", "JSON", NULL};
  uint64_t deadline = ctl_stream_now() + link->timeout;
  FsbBytes line;
  bool is_good = link->is_control ? send_line(link, words, deadline, ret_error) &&
                                        take_line(link, deadline, &line, ret_error)
                                  : send_words(link, first, words, deadline, ret_error) &&
                                        take_reply(link, deadline, &line, ret_error);
  return is_good ? take_data(line, ret_error) : NULL;
}

/* What was said wins over the environment, and a server that was named over a socket that
 * the environment names. */
static ServerOptions complete(const ServerOptions *given) {
  ServerOptions options = *given;
  bool is_named = options.host != NULL || options.port != NULL || options.socket != NULL;
  const char *control = getenv("FERROUS_SANDBOX_SOCKET");
  if (options.control == NULL && !is_named && control != NULL && control[0] != '\0')
    options.control = control;
  return options;
}

Link *ctl_link_open(const Options *options, FsbError *ret_error) {
  ServerOptions server = complete(&options->server);
  Link *link = calloc(1, sizeof *link);
  if (link == NULL) {
    (void)is_out_of_memory(ret_error);
    return NULL;
  }
  link->timeout = options->timeout != 0 ? options->timeout : PATIENCE;
  link->is_control = server.control != NULL;
  uint64_t deadline = ctl_stream_now() + link->timeout;
  link->stream = ctl_stream_open(&server, deadline, ret_error);
  bool is_good = link->stream != NULL;
  if (is_good && !link->is_control && server.socket != NULL)
    link->is_control = answers_with_objects(link, deadline, &is_good, ret_error);
  if (is_good && (link->is_control || log_in(link, &server, deadline, ret_error))) return link;
  ctl_link_close(link);
  return NULL;
}

void ctl_link_close(Link *link) {
  if (link == NULL) return;
  ctl_stream_close(link->stream);
  free(link->data);
  free(link);
}
