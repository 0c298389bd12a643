/* SPDX-License-Identifier: BSD-2-Clause */
/* uri - reading one, part by part. */
#include "sandbox/supervisor/uri.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The URI itself is not shown: it may hold a password. */
static bool fail(char *error, const char *what) {
  (void)snprintf(error, URI_ERROR_BYTES,
                 "%s; write redis://[[user:]password@]host[:port][/db] or unix:///path[?db=N]",
                 what);
  return false;
}

static int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/* Copies [from, to) with %XX decoded; no NUL may come out. */
static bool decode(const char *from, const char *to, char *field) {
  size_t size = 0;
  while (from < to) {
    char c = *from++;
    if (c == '%') {
      if (to - from < 2 || hex_value(from[0]) < 0 || hex_value(from[1]) < 0) return false;
      c = (char)(hex_value(from[0]) * 16 + hex_value(from[1]));
      from += 2;
    }
    if (c == '\0' || size == URI_FIELD_BYTES - 1) return false;
    field[size++] = c;
  }
  field[size] = '\0';
  return true;
}

static bool read_number(const char *from, const char *to, uint32_t most, uint32_t *ret) {
  uint64_t value = 0;
  if (from == to) return false;
  for (; from < to; from++) {
    if (*from < '0' || *from > '9') return false;
    value = value * 10 + (uint64_t)(*from - '0');
    if (value > most) return false;
  }
  *ret = (uint32_t)value;
  return true;
}

/* Reads "[[user:]password@]" and moves past it. */
static bool read_credentials(const char **at, const char *end, StoreUri *uri) {
  const char *mark = NULL;
  for (const char *p = *at; p < end; p++)
    if (*p == '@') mark = p;
  if (mark == NULL) return true;
  const char *colon = memchr(*at, ':', (size_t)(mark - *at));
  if (colon != NULL && !decode(*at, colon, uri->user)) return false;
  if (!decode(colon == NULL ? *at : colon + 1, mark, uri->password)) return false;
  uri->has_password = true;
  *at = mark + 1;
  return true;
}

/* Reads "host[:port]" or "[v6][:port]". */
static bool read_address(const char *at, const char *end, StoreUri *uri, char *error) {
  const char *host_end = end;
  const char *port = NULL;
  uint32_t number = 6379;
  if (at < end && *at == '[') {
    host_end = memchr(at, ']', (size_t)(end - at));
    if (host_end == NULL) return fail(error, "the host has a '[' without ']'");
    at++;
    port = host_end + 1;
  } else {
    port = memchr(at, ':', (size_t)(end - at));
    if (port != NULL) host_end = port;
  }
  if (port != NULL && port < end) {
    if (*port != ':' || !read_number(port + 1, end, 65535, &number) || number == 0)
      return fail(error, "the port is no number from 1 to 65535");
  }
  if (!decode(at, host_end, uri->host)) return fail(error, "the host is not valid");
  if (uri->host[0] == '\0') (void)snprintf(uri->host, sizeof uri->host, "127.0.0.1");
  uri->port = (uint16_t)number;
  return true;
}

static bool read_db(const char *from, const char *to, StoreUri *uri, char *error) {
  if (from == to) return true;
  return read_number(from, to, INT32_MAX, &uri->db) || fail(error, "the database is no number");
}

static bool parse_tcp(const char *at, StoreUri *uri, char *error) {
  const char *end = at + strlen(at);
  const char *slash = strchr(at, '/');
  const char *authority_end = slash == NULL ? end : slash;
  if (!read_credentials(&at, authority_end, uri))
    return fail(error, "user or password is not valid");
  if (!read_address(at, authority_end, uri, error)) return false;
  return slash == NULL || read_db(slash + 1, end, uri, error);
}

static bool parse_unix(const char *at, StoreUri *uri, char *error) {
  const char *slash = strchr(at, '/');
  const char *query = strchr(at, '?');
  const char *end = query == NULL ? at + strlen(at) : query;
  uri->is_unix = true;
  if (slash == NULL || slash > end) return fail(error, "the socket's path does not begin with '/'");
  const char *path = at;
  if (!read_credentials(&path, slash, uri) || path != slash)
    return fail(error, "user or password is not valid");
  if (!decode(path, end, uri->host)) return fail(error, "the socket's path is not valid");
  if (query == NULL) return true;
  if (strncmp(query, "?db=", 4) != 0) return fail(error, "the only option of a socket is ?db=N");
  return read_db(query + 4, query + strlen(query), uri, error);
}

bool supervisor_uri_parse(const char *text, StoreUri *ret_uri, char ret_error[URI_ERROR_BYTES]) {
  *ret_uri = (StoreUri){.port = 0};
  if (strncmp(text, "redis://", 8) == 0) return parse_tcp(text + 8, ret_uri, ret_error);
  if (strncmp(text, "unix://", 7) == 0) return parse_unix(text + 7, ret_uri, ret_error);
  if (strncmp(text, "rediss://", 9) == 0)
    return fail(ret_error, "TLS (rediss://) is not supported");
  return fail(ret_error, "it begins neither with redis:// nor with unix://");
}

void supervisor_uri_show(const StoreUri *uri, char ret_text[URI_FIELD_BYTES + 8]) {
  if (uri->is_unix)
    (void)snprintf(ret_text, URI_FIELD_BYTES + 8, "%s", uri->host);
  else
    (void)snprintf(ret_text, URI_FIELD_BYTES + 8, "%s:%u", uri->host, uri->port);
}
