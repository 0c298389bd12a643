/* SPDX-License-Identifier: BSD-2-Clause */
/* uri - where a data store is, as a person writes it.
 *
 *     redis://[[user:]password@]host[:port][/db]
 *     unix://[[user:]password@]/path[?db=N]
 *
 * Layer: sandbox/supervisor.  Pure.
 */
#ifndef SANDBOX_SUPERVISOR_URI_H
#define SANDBOX_SUPERVISOR_URI_H

#include <stdbool.h>
#include <stdint.h>

#define URI_FIELD_BYTES 256

typedef struct {
  bool is_unix;
  char host[URI_FIELD_BYTES]; /* or the socket's path */
  uint16_t port;
  char user[URI_FIELD_BYTES]; /* empty: the default user */
  char password[URI_FIELD_BYTES];
  bool has_password;
  uint32_t db;
} StoreUri;

#define URI_ERROR_BYTES 320

/* Reads a URI.  On failure writes one line, without any password, that says what
 * is wrong with it. */
bool supervisor_uri_parse(const char *text, StoreUri *ret_uri, char ret_error[URI_ERROR_BYTES]);

/* Writes the address for messages: "127.0.0.1:6379" or the path. */
void supervisor_uri_show(const StoreUri *uri, char ret_text[URI_FIELD_BYTES + 8]);

#endif
