/* SPDX-License-Identifier: BSD-2-Clause */
/* options - reading words against the table. */
#include "tools/ctl/options.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/codes.h"
#include "policy/limits.h"
#include "policy/nearest.h"

#define LOG_NOTICE_LEVEL 2
#define NAME_BYTES 32

/* The macro's names have '_' where people write '-': one option so far. */
static const OptionRow rows[OPT_COUNT_] = {
#define OPTION(name_, letter_, value_, commands_, help_) \
  {.name = #name_, .letter = letter_, .value = value_, .commands = commands_, .help = help_},
#include "tools/ctl/options.def"
#undef OPTION
};

const OptionRow *ctl_options_row(size_t i) {
  return i < OPT_COUNT_ ? &rows[i] : NULL;
}

void ctl_options_explain(FsbError *error, const char *format, ...) {
  va_list arguments;
  error->code = CODE_USAGE;
  va_start(arguments, format);
  (void)vsnprintf(error->text, sizeof error->text, format, arguments);
  va_end(arguments);
}

/* --- Finding an option --- */

static bool is_same_name(const char *row, const char *word, size_t size) {
  if (strlen(row) != size) return false;
  for (size_t i = 0; i < size; i++)
    if ((row[i] == '_' ? '-' : row[i]) != word[i]) return false;
  return true;
}

static OptionId find_long(const char *word, size_t size) {
  for (unsigned i = 0; i < OPT_COUNT_; i++)
    if (is_same_name(rows[i].name, word, size)) return (OptionId)i;
  return OPT_COUNT_;
}

static OptionId find_short(char letter, unsigned command) {
  for (unsigned i = 0; i < OPT_COUNT_; i++)
    if (rows[i].letter != 0 && rows[i].letter == letter && (rows[i].commands & command) != 0)
      return (OptionId)i;
  return OPT_COUNT_;
}

static void explain_unknown(FsbError *error, const char *word, unsigned command) {
  Nearest nearest = policy_nearest_start(word);
  char name[NAME_BYTES];
  for (size_t i = 0; i < OPT_COUNT_; i++) {
    if ((rows[i].commands & command) == 0) continue;
    int size = snprintf(name, sizeof name, "--%s", rows[i].name);
    for (int k = 2; k < size; k++)
      if (name[k] == '_') name[k] = '-';
    policy_nearest_offer(&nearest, name);
  }
  const char *best = policy_nearest_best(&nearest);
  if (best[0] != '\0')
    ctl_options_explain(error, "unknown option %.60s; did you mean %s?", word, best);
  else
    ctl_options_explain(
        error, "unknown option %.60s (a key or argument that begins with '-' goes after --)", word);
}

/* --- Values --- */

static bool set_limit(Options *o, const char *value, FsbError *error) {
  return fsb_limits_set(o->limits, value, error);
}

static bool set_seed(Options *o, const char *value, FsbError *error) {
  char *end;
  errno = 0;
  unsigned long long seed = strtoull(value, &end, 0);
  if (errno != 0 || end == value || *end != '\0') {
    ctl_options_explain(error, "--seed: '%.40s' is not a whole number", value);
    return false;
  }
  o->has_seed = true;
  o->random_state = fsb_random_seed(seed);
  return true;
}

/* A time is written as the limits of time are, and has the range of `wall`. */
static bool set_time(uint64_t *time, const char *name, const char *value, FsbError *error) {
  char text[64];
  char detail[LIMITS_ERROR_BYTES];
  Limits limits = policy_limits_defaults();
  (void)snprintf(text, sizeof text, "wall=%.40s", value);
  Status status = policy_limits_parse(&limits, text, detail);
  if (status == ST_OK)
    *time = limits.wall;
  else if (status == ST_RANGE)
    ctl_options_explain(error, "--%s: %.40s is out of range; allowed are 1ms to 86400s", name,
                        value);
  else
    ctl_options_explain(error, "--%s: '%.40s' is not a time; write for example 500ms or 2s", name,
                        value);
  return status == ST_OK;
}

static bool set_log(Options *o, const char *value, FsbError *error) {
  static const char *const levels[] = {"debug", "verbose", "notice", "warning", "none"};
  for (int i = 0; i < 5; i++) {
    if (strcmp(levels[i], value) != 0) continue;
    o->log_level = i;
    return true;
  }
  ctl_options_explain(error, "--log: '%.40s' is none of debug, verbose, notice, warning, none",
                      value);
  return false;
}

static bool set_transport(Options *o, const char *value, FsbError *error) {
  static const char *const kinds[] = {
      [FSB_TRANSPORT_AUTO] = "auto", [FSB_TRANSPORT_PIPE] = "pipe", [FSB_TRANSPORT_RING] = "ring"};
  for (int i = 0; i < 3; i++) {
    if (strcmp(kinds[i], value) != 0) continue;
    o->transport = (FsbTransport)i;
    return true;
  }
  ctl_options_explain(error, "--transport: '%.40s' is none of auto, pipe, ring", value);
  return false;
}

static bool set_count(uint64_t *count, const char *name, const char *value, FsbError *error) {
  char *end;
  errno = 0;
  unsigned long long number = strtoull(value, &end, 10);
  if (errno != 0 || value[0] < '0' || value[0] > '9' || *end != '\0') {
    ctl_options_explain(error, "--%s: '%.40s' is not a whole number", name, value);
    return false;
  }
  *count = number;
  return true;
}

static bool set_color(Options *o, const char *value, FsbError *error) {
  static const char *const words[] = {"auto", "always", "never"};
  for (int i = 0; i < 3; i++) {
    if (strcmp(words[i], value) != 0) continue;
    o->color = (ColorWhen)i;
    return true;
  }
  ctl_options_explain(error, "--color: '%.40s' is none of auto, always, never", value);
  return false;
}

/* Events have numbers, usage has times. */
static bool set_since(Options *o, const char *value, FsbError *error) {
  o->since_text = value;
  o->has_since = true;
  return o->command == FOR_USAGE || set_count(&o->since, "since", value, error);
}

static bool apply(Options *o, OptionId id, const char *value, FsbError *error) {
  ServerOptions *server = &o->server;
  switch (id) {
    case OPT_host: server->host = value; return true;
    case OPT_port: server->port = value; return true;
    case OPT_socket: server->socket = value; return true;
    case OPT_user: server->user = value; return true;
    case OPT_pass: server->pass = value; return true;
    case OPT_tls: server->tls = true; return true;
    case OPT_cacert: server->cacert = value; return true;
    case OPT_cacertdir: server->cacertdir = value; return true;
    case OPT_cert: server->cert = value; return true;
    case OPT_key: server->key = value; return true;
    case OPT_sni: server->sni = value; return true;
    case OPT_insecure: server->insecure = true; return true;
    case OPT_control: server->control = value; return true;
    case OPT_color: return set_color(o, value, error);
    case OPT_sort: o->sort = value; return true;
    case OPT_batch: o->batch = true; return true;
    case OPT_iterations: return set_count(&o->iterations, "iterations", value, error);
    case OPT_delay: return set_time(&o->delay, "delay", value, error);
    case OPT_count: return set_count(&o->count, "count", value, error);
    case OPT_tenant: o->tenant = value; return true;
    case OPT_since: return set_since(o, value, error);
    case OPT_follow: o->follow = true; return true;
    case OPT_force: o->force = true; return true;
    case OPT_listen: o->listen = value; return true;
    case OPT_redis: o->redis = value; return true;
    case OPT_limit: return set_limit(o, value, error);
    case OPT_seed: return set_seed(o, value, error);
    case OPT_timeout: return set_time(&o->timeout, "timeout", value, error);
    case OPT_usage: o->usage = true; return true;
    case OPT_json: o->json = true; return true;
    case OPT_raw: o->form = FORM_RAW; return true;
    case OPT_no_raw: o->form = FORM_PRETTY; return true;
    case OPT_log: return set_log(o, value, error);
    case OPT_avoid: o->avoid = value; return true;
    case OPT_require: o->require = value; return true;
    case OPT_worker: o->worker = value; return true;
    case OPT_transport: return set_transport(o, value, error);
    case OPT_of_user: o->of_user = value; return true;
    case OPT_effective: o->effective = true; return true;
    case OPT_await_calls: o->await_calls = true; return true;
    case OPT_by: o->by = value; return true;
    case OPT_format: o->format = value; return true;
    case OPT_until: o->until = value; return true;
    case OPT_keep: o->keep = value; return true;
    case OPT_keep_hours: o->keep_hours = value; return true;
    case OPT_keep_scripts: o->keep_scripts = value; return true;
    case OPT_help: o->help = true; return true;
    case OPT_version: o->version = true; return true;
    case OPT_COUNT_: break;
  }
  return false;
}

/* --- Words --- */

typedef struct {
  int argc;
  char **argv;
  int at;
} Words;

/* Reads the option at words->at and its value. */
static bool take_option(Options *o, unsigned command, Words *words, FsbError *error) {
  char *word = words->argv[words->at++];
  const char *equals = strchr(word, '=');
  bool is_long = word[1] == '-';
  size_t size = is_long && equals != NULL ? (size_t)(equals - word) : is_long ? strlen(word) : 2;
  OptionId id = is_long ? find_long(word + 2, size - 2) : find_short(word[1], command);
  const char *value = is_long && equals != NULL ? equals + 1 : NULL;
  if (!is_long && word[2] != '\0') value = word + 2; /* -n1 */
  if (id == OPT_COUNT_ || (rows[id].commands & command) == 0) {
    explain_unknown(error, word, command);
    return false;
  }
  if (rows[id].value == NULL && value != NULL && is_long) {
    ctl_options_explain(error, "%.*s takes no value", (int)size, word);
    return false;
  }
  if (rows[id].value == NULL && value != NULL) { /* -bn1 is -b -n1 */
    word[1] = '-';
    words->argv[--words->at] = word + 1;
    value = NULL;
  }
  if (rows[id].value != NULL && value == NULL) {
    if (words->at == words->argc) {
      ctl_options_explain(error, "%s needs a value: %s", word, rows[id].value);
      return false;
    }
    value = words->argv[words->at++];
  }
  return apply(o, id, value, error);
}

/* Reads options up to the first word that is none; `*ret_ended`: by "--". */
static bool take_options(Options *o, unsigned command, Words *words, bool *ret_ended,
                         FsbError *error) {
  *ret_ended = false;
  while (words->at < words->argc) {
    const char *word = words->argv[words->at];
    if (word[0] != '-' || word[1] == '\0') return true;
    if (strcmp(word, "--") == 0) {
      words->at++;
      *ret_ended = true;
      return true;
    }
    if (!take_option(o, command, words, error)) return false;
  }
  return true;
}

/* After FILE, options may follow until the first key.  The operands are made one
 * stretch of argv by moving FILE behind those options. */
static bool take_late_options(Options *o, unsigned command, Words *words, FsbError *error) {
  char *file = words->argv[words->at++];
  bool ended;
  if (!take_options(o, command, words, &ended, error)) return false;
  words->argv[--words->at] = file;
  return true;
}

/* Options may stand anywhere: operands are moved together at the front of argv. */
static bool take_scattered(Options *o, unsigned command, Words *words, int *ret_count, FsbError *error) {
  bool ended = false;
  for (*ret_count = 0; words->at < words->argc;) {
    if (!ended && !take_options(o, command, words, &ended, error)) return false;
    if (words->at < words->argc) words->argv[(*ret_count)++] = words->argv[words->at++];
  }
  return true;
}

static bool start(Options *options, FsbError *error) {
  *options = (Options){.log_level = LOG_NOTICE_LEVEL, .limits = fsb_limits_new()};
  if (options->limits != NULL) return true;
  ctl_options_explain(error, "out of memory");
  error->code = CODE_INTERNAL;
  return false;
}

bool ctl_options_parse(Options *options, unsigned command, int argc, char **argv,
                       FsbError *ret_error) {
  Words words = {argc, argv, 0};
  bool ended;
  if (!start(options, ret_error)) return false;
  options->command = command;
  if ((command & (FOR_POLICY | FOR_USAGE | FOR_LEDGER | FOR_SERVER)) != 0) {
    options->operands = argv;
    return take_scattered(options, command, &words, &options->operand_count, ret_error);
  }
  if (!take_options(options, command, &words, &ended, ret_error)) return false;
  bool has_late = command != FOR_EVAL && !ended && words.at < argc;
  if (has_late && !take_late_options(options, command, &words, ret_error)) return false;
  options->operands = argv + words.at;
  options->operand_count = argc - words.at;
  return true;
}

void ctl_options_free(Options *options) {
  fsb_limits_free(options->limits);
  options->limits = NULL;
}
