/* SPDX-License-Identifier: BSD-2-Clause */
/* options - the command line, from one table.
 *
 * Options stand before the operands; in `run`, as in redis-cli --eval, also
 * between FILE and the first key, and in `policy`, `usage`, `ledger` and where a server is
 * asked anywhere.  "--" ends them.  From the first operand on (eval: from SCRIPT on) every
 * word is taken as it is, so keys and arguments may begin with '-'.
 *
 * Layer: tools.
 */
#ifndef TOOLS_CTL_OPTIONS_H
#define TOOLS_CTL_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sandbox/ferrous_sandbox.h"

/* which subcommands know an option. */
enum {
  FOR_RUN = 1,
  FOR_EVAL = 2,
  FOR_CHECK = 4,
  FOR_DOCTOR = 8,
  FOR_DOC = 16,
  FOR_VERSION = 32,
  FOR_POLICY = 64,
  FOR_USAGE = 1 << 7,
  FOR_LEDGER = 1 << 8,
  FOR_STATUS = 1 << 10,
  FOR_TOP = 1 << 11,
  FOR_PS = 1 << 12,
  FOR_KILL = 1 << 13,
  FOR_TENANT = 1 << 14,
  FOR_QUOTA = 1 << 15,
  FOR_WORKERS = 1 << 16,
  FOR_EVENTS = 1 << 17,
  FOR_SLOWLOG = 1 << 18,
  FOR_LIMITS = 1 << 19,
  FOR_METRICS = 1 << 20,
  FOR_RELOAD = 1 << 21,
  FOR_COMPLETION = 1 << 22,
  FOR_SERVER = (1 << 22) - (1 << 10), /* those that talk to a server */
  FOR_ALL = (1 << 23) - 1
};

typedef enum {
#define OPTION(name, letter, value, commands, help) OPT_##name,
#include "tools/ctl/options.def"
#undef OPTION
  OPT_COUNT_
} OptionId;

typedef struct {
  const char *name; /* "no-raw" */
  char letter;
  const char *value;
  unsigned commands;
  const char *help;
} OptionRow;

typedef enum { FORM_AUTO, FORM_RAW, FORM_PRETTY } ReplyForm;

/* How to reach a server, for the commands of FOR_SERVER. */
typedef struct {
  const char *host, *port, *socket, *user, *pass;
  const char *cacert, *cacertdir, *cert, *key, *sni;
  const char *control; /* not NULL: by the control socket */
  bool tls, insecure;
} ServerOptions;

typedef enum { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER } ColorWhen;

/* What the command line says. */
typedef struct {
  ServerOptions server;
  ColorWhen color;
  const char *sort, *listen;
  uint64_t iterations, count, since, delay; /* 0: not given; delay in nanoseconds */
  bool has_since, batch, follow, force;
  const char *redis;
  const char *require, *avoid;
  const char *worker;
  FsbTransport transport;
  FsbLimits *limits; /* owned; the defaults as changed by --limit */
  bool has_seed;
  uint64_t random_state;
  uint64_t timeout; /* nanoseconds; 0: none */
  int log_level;    /* least level shown; 4: none */
  ReplyForm form;
  const char *tenant;
  const char *of_user;
  bool effective;
  bool await_calls;
  unsigned command; /* FOR_ bit */
  const char *by, *format, *since_text, *until, *keep, *keep_hours, *keep_scripts; /* NULL: not given */
  bool usage;
  bool json;
  bool help;
  bool version;
  char **operands; /* into argv */
  int operand_count;
} Options;

/* Reads the words after the subcommand.  On failure writes one line. */
bool ctl_options_parse(Options *options, unsigned command, int argc, char **argv,
                       FsbError *ret_error);

void ctl_options_free(Options *options);

/* Returns the i-th row, or NULL past the end. */
const OptionRow *ctl_options_row(size_t i);

/* Writes an error of the command line, exit status 2 unless told otherwise. */
void ctl_options_explain(FsbError *error, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
