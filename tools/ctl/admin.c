/* SPDX-License-Identifier: BSD-2-Clause */
/* admin - questions and tables. */
#include "tools/ctl/admin.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "policy/codes.h"
#include "tools/ctl/json.h"
#include "tools/ctl/run.h"
#include "tools/ctl/table.h"
#include "tools/ctl/text.h"

#define COUNT_OF(array) (sizeof(array) / sizeof(array)[0])

/* --- Asking and printing --- */

static int finish(void) {
  return ctl_text_finish() ? 0 : fsb_code_exit_status(CODE_INTERNAL);
}

json_t *ctl_admin_ask(const Options *options, const char *const *words, int *ret_status) {
  FsbError error;
  Link *link = ctl_link_open(options, &error);
  json_t *data = link == NULL ? NULL : ctl_link_ask(link, words, &error);
  ctl_link_close(link);
  *ret_status = data == NULL ? ctl_run_fail(options, &error) : 0;
  return data;
}

int ctl_admin_print_json(const char *command, json_t *data) {
  json_t *line = json_object();
  (void)json_object_set_new(line, "schema", json_string(JSON_SCHEMA));
  (void)json_object_set_new(line, "command", json_string(command));
  (void)json_object_set_new(line, "data", data);
  bool is_done = json_dumpf(line, stdout, JSON_COMPACT) == 0;
  json_decref(line);
  (void)putchar('\n');
  return is_done ? finish() : fsb_code_exit_status(CODE_INTERNAL);
}

int ctl_admin_refuse_operands(const Options *options, const char *command) {
  FsbError error;
  if (options->operand_count == 0) return 0;
  ctl_options_explain(&error, "%s takes no '%.40s'", command, options->operands[0]);
  return ctl_run_fail(options, &error);
}

/* One question whose answer is a list under `member`. */
static int show_list(const Options *options, const char *const *words, const char *member,
                     const TableColumn *columns, size_t count, const char *none) {
  int status;
  json_t *data = ctl_admin_ask(options, words, &status);
  if (data == NULL) return status;
  if (options->json) return ctl_admin_print_json(words[0], data);
  ctl_table_print(stdout, json_object_get(data, member), columns, count,
                  ctl_table_is_coloured(options), none);
  json_decref(data);
  return finish();
}

static void print_texts(const json_t *list) {
  char text[TABLE_CELL_BYTES];
  for (size_t i = 0; i < json_array_size(list); i++) {
    (void)ctl_table_format(json_array_get(list, i), CELL_TEXT, 64, text);
    (void)printf("%s%s", i == 0 ? " " : ", ", text);
  }
  (void)putchar('\n');
}

/* An object as lines of name and value. */
static void print_members(const json_t *object, int indent) {
  const char *name;
  const json_t *value;
  char text[TABLE_CELL_BYTES];
  json_object_foreach((json_t *)(uintptr_t)object, name, value) {
    (void)printf("%*s%-22s", indent, "", name);
    if (json_is_object(value)) {
      (void)putchar('\n');
      print_members(value, indent + 2);
      continue;
    }
    if (json_is_array(value)) {
      print_texts(value);
      continue;
    }
    if (json_is_string(value)) (void)ctl_table_format(value, CELL_TEXT, TABLE_CELL_BYTES - 1, text);
    else if (json_is_boolean(value)) (void)snprintf(text, sizeof text, json_is_true(value) ? "yes" : "no");
    else if (strstr(name, "_ns") != NULL) (void)ctl_table_format(value, CELL_NS, 0, text);
    else if (strstr(name, "_seconds") != NULL) (void)ctl_table_format(value, CELL_SECONDS, 0, text);
    else if (strstr(name, "bytes") != NULL) (void)ctl_table_format(value, CELL_BYTES, 0, text);
    else (void)ctl_table_format(value, CELL_COUNT, 0, text);
    (void)printf(" %s\n", text);
  }
}

static int show_object(const Options *options, const char *const *words) {
  int status;
  json_t *data = ctl_admin_ask(options, words, &status);
  if (data == NULL) return status;
  if (options->json) return ctl_admin_print_json(words[0], data);
  print_members(data, 0);
  json_decref(data);
  return finish();
}

/* --- status, ps, kill, workers --- */

int ctl_admin_status(const Options *options) {
  static const char *const words[] = {"status", NULL};
  int status = ctl_admin_refuse_operands(options, "status");
  return status != 0 ? status : show_object(options, words);
}

int ctl_admin_ps(const Options *options) {
  static const char *const words[] = {"ps", NULL};
  static const TableColumn columns[] = {
      {"run", "RUN", CELL_COUNT, 0},          {"tenant", "TENANT", CELL_TEXT, 24},
      {"user", "USER", CELL_TEXT, 24},        {"script", "SCRIPT", CELL_TEXT, 40},
      {"elapsed_seconds", "ELAPSED", CELL_SECONDS, 0},
      {"calls", "CALLS", CELL_COUNT, 0},      {"state", "STATE", CELL_TEXT, 0},
      {"wrote", "WROTE", CELL_FLAG, 0},       {"in_multi", "MULTI", CELL_FLAG, 0},
      {"last_command", "LAST COMMAND", CELL_TEXT, 32}};
  int status = ctl_admin_refuse_operands(options, "ps");
  if (status != 0) return status;
  json_t *data = ctl_admin_ask(options, words, &status);
  if (data == NULL) return status;
  if (options->json) return ctl_admin_print_json("ps", data);
  json_t *runs = json_object_get(data, "running");
  for (size_t i = 0; i < json_array_size(runs); i++) {
    json_t *run = json_array_get(runs, i), *sha1 = json_object_get(run, "sha1");
    (void)json_object_set(run, "script", sha1 != NULL ? sha1 : json_object_get(run, "function"));
  }
  ctl_table_print(stdout, runs, columns, COUNT_OF(columns), ctl_table_is_coloured(options),
                  "nothing runs");
  json_decref(data);
  return finish();
}

int ctl_admin_kill(const Options *options) {
  FsbError error;
  int status;
  if (options->operand_count != 1) {
    ctl_options_explain(&error, "kill takes the number of a run, as ps shows it");
    return ctl_run_fail(options, &error);
  }
  const char *words[] = {"kill", options->operands[0], options->force ? "force" : NULL, NULL};
  json_t *data = ctl_admin_ask(options, words, &status);
  if (data == NULL) return status;
  if (options->json) return ctl_admin_print_json("kill", data);
  (void)printf("run %" PRIu64 " was told to end\n", ctl_link_number(data, "run"));
  json_decref(data);
  return finish();
}

int ctl_admin_workers(const Options *options) {
  static const TableColumn columns[] = {{"pid", "PID", CELL_COUNT, 0},
                                        {"zygote", "ZYGOTE", CELL_COUNT, 0},
                                        {"serial", "SERIAL", CELL_COUNT, 0},
                                        {"state", "STATE", CELL_TEXT, 0},
                                        {"libraries", "LIBRARIES", CELL_COUNT, 0},
                                        {"principal", "PRINCIPAL", CELL_TEXT, 0}};
  const char *verb = options->operand_count > 0 ? options->operands[0] : "list";
  const char *words[] = {"workers", verb, NULL};
  if (strcmp(verb, "list") == 0)
    return show_list(options, words, "workers", columns, COUNT_OF(columns), "no workers");
  return show_object(options, words);
}

/* --- slowlog and tenants --- */

static const char *count_text(uint64_t count, char text[24]) {
  (void)snprintf(text, 24, "%" PRIu64, count);
  return text;
}

int ctl_admin_slowlog(const Options *options) {
  static const TableColumn columns[] = {
      {"tenant", "TENANT", CELL_TEXT, 24},   {"script", "SCRIPT", CELL_TEXT, 40},
      {"runs", "RUNS", CELL_COUNT, 0},       {"failures", "FAILED", CELL_COUNT, 0},
      {"wall_ns", "TIME", CELL_NS, 0},       {"longest_ns", "LONGEST", CELL_NS, 0},
      {"cpu_ns", "CPU", CELL_NS, 0},         {"host_time_ns", "STORE", CELL_NS, 0},
      {"calls", "CALLS", CELL_COUNT, 0},     {"instructions", "INSTRUCTIONS", CELL_COUNT, 0},
      {"last_outcome", "LAST OUTCOME", CELL_TEXT, 0}};
  char text[24];
  const char *words[6] = {"slowlog"};
  size_t used = 1;
  int status = ctl_admin_refuse_operands(options, "slowlog");
  if (status != 0) return status;
  if (options->tenant != NULL) {
    words[used++] = "tenant";
    words[used++] = options->tenant;
  }
  if (options->count != 0) {
    words[used++] = "count";
    words[used++] = count_text(options->count, text);
  }
  return show_list(options, words, "scripts", columns, COUNT_OF(columns), "nothing has run");
}

static int list_tenants(const Options *options) {
  static const TableColumn columns[] = {
      {"tenant", "TENANT", CELL_TEXT, 32},        {"runs", "RUNS", CELL_COUNT, 0},
      {"failures", "FAILED", CELL_COUNT, 0},      {"limits_exceeded", "LIMITS", CELL_COUNT, 0},
      {"rejections", "REJECTED", CELL_COUNT, 0},  {"wall_ns", "TIME", CELL_NS, 0},
      {"cpu_ns", "CPU", CELL_NS, 0},              {"host_time_ns", "STORE", CELL_NS, 0},
      {"calls", "CALLS", CELL_COUNT, 0},          {"instructions", "INSTRUCTIONS", CELL_COUNT, 0}};
  char text[24];
  const char *words[] = {"tenants", options->count == 0 ? NULL : "count",
                         count_text(options->count, text), NULL};
  return show_list(options, words, "tenants", columns, COUNT_OF(columns), "nothing has run");
}

int ctl_admin_tenant(const Options *options) {
  FsbError error;
  char *const *operands = options->operands;
  const char *verb = options->operand_count > 0 ? operands[0] : "list";
  const char *name = options->operand_count > 1 ? operands[1] : NULL;
  if (strcmp(verb, "list") == 0 && name == NULL) return list_tenants(options);
  if (strcmp(verb, "show") == 0 && options->operand_count == 2) {
    const char *words[] = {"usage", name, NULL};
    return show_object(options, words);
  }
  bool is_simple = strcmp(verb, "get") == 0 || strcmp(verb, "suspend") == 0 || strcmp(verb, "resume") == 0;
  if (is_simple && options->operand_count == 2) {
    const char *words[] = {"tenant", verb, name, NULL};
    return show_object(options, words);
  }
  if (strcmp(verb, "set") == 0 && options->operand_count == 4) {
    const char *words[] = {"tenant", verb, name, operands[2], operands[3], NULL};
    return show_object(options, words);
  }
  ctl_options_explain(&error, "tenant takes: list; show, get, suspend or resume NAME; set NAME RULE VALUE");
  return ctl_run_fail(options, &error);
}

int ctl_admin_quota(const Options *options) {
  FsbError error;
  const char *verb = options->operand_count > 0 ? options->operands[0] : "";
  bool is_reset = strcmp(verb, "reset") == 0;
  if (options->operand_count != 2 || (!is_reset && strcmp(verb, "get") != 0)) {
    ctl_options_explain(&error, "quota takes: get NAME, or reset NAME");
    return ctl_run_fail(options, &error);
  }
  const char *words[] = {"quota", options->operands[1], is_reset ? "reset" : NULL, NULL};
  return show_object(options, words);
}

int ctl_admin_reload(const Options *options) {
  static const char *const words[] = {"reload", NULL};
  int status = ctl_admin_refuse_operands(options, "reload");
  return status != 0 ? status : show_object(options, words);
}

/* --- events --- */

static void print_event(const json_t *event) {
  char moment[TABLE_CELL_BYTES], tenant[TABLE_CELL_BYTES], text[TABLE_CELL_BYTES];
  char user[TABLE_CELL_BYTES];
  uint64_t omitted = ctl_link_number(event, "omitted");
  (void)ctl_table_format(json_object_get(event, "time_ms"), CELL_MOMENT, 0, moment);
  (void)ctl_table_format(json_object_get(event, "tenant"), CELL_TEXT, 24, tenant);
  (void)ctl_table_format(json_object_get(event, "user"), CELL_TEXT, 24, user);
  (void)ctl_table_format(json_object_get(event, "text"), CELL_TEXT, 200, text);
  (void)printf("%6" PRIu64 " %s %-9s %s%s%s%s%s", ctl_link_number(event, "number"), moment,
               ctl_link_text(event, "kind"), tenant, tenant[0] == '\0' ? "" : "/", user,
               tenant[0] == '\0' && user[0] == '\0' ? "" : " ", text);
  if (omitted != 0) (void)printf(" (and %" PRIu64 " before it)", omitted);
  (void)putchar('\n');
}

static bool print_events(const Options *options, json_t *data) {
  const json_t *events = json_object_get(data, "events");
  uint64_t lost = ctl_link_number(data, "lost");
  if (lost != 0) ctl_text_complain("%" PRIu64 " events are gone", lost);
  for (size_t i = 0; i < json_array_size(events); i++) {
    json_t *event = json_array_get(events, i);
    if (!options->json)
      print_event(event);
    else if (ctl_admin_print_json("event", json_incref(event)) != 0)
      return false;
  }
  return ctl_text_finish();
}

static volatile sig_atomic_t is_interrupted;

static void on_interrupt(int number) {
  (void)number;
  is_interrupted = 1;
}

static void pause_for(uint64_t delay) {
  const struct timespec time = {.tv_sec = (time_t)(delay / UINT64_C(1000000000)),
                                .tv_nsec = (long)(delay % UINT64_C(1000000000))};
  (void)nanosleep(&time, NULL);
}

static int follow(const Options *options, Link *link) {
  char since[24], count[24];
  const char *words[] = {"events", "count", count_text(options->count == 0 ? 10 : options->count, count),
                         options->has_since ? "since" : NULL, count_text(options->since, since), NULL};
  FsbError error;
  while (is_interrupted == 0) {
    json_t *data = ctl_link_ask(link, words, &error);
    if (data == NULL) return ctl_run_fail(options, &error);
    uint64_t last = ctl_link_number(data, "last");
    bool is_out = print_events(options, data);
    bool has_more = last < ctl_link_number(data, "newest");
    json_decref(data);
    if (!is_out) return fsb_code_exit_status(CODE_INTERNAL);
    if (!options->follow) return 0;
    words[2] = "1000";
    words[3] = "since";
    words[4] = count_text(last, since);
    if (!has_more) pause_for(options->delay != 0 ? options->delay : UINT64_C(250000000));
  }
  return fsb_code_exit_status(CODE_CANCELLED);
}

int ctl_admin_events(const Options *options) {
  const struct sigaction action = {.sa_handler = on_interrupt};
  FsbError error;
  int status = ctl_admin_refuse_operands(options, "events");
  if (status != 0) return status;
  Link *link = ctl_link_open(options, &error);
  if (link == NULL) return ctl_run_fail(options, &error);
  if (options->follow) (void)sigaction(SIGINT, &action, NULL);
  status = follow(options, link);
  ctl_link_close(link);
  return status;
}
