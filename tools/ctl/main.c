/* SPDX-License-Identifier: BSD-2-Clause */
/* main - ferrous-sandboxctl: subcommands, help, exit status.
 *
 * A subcommand is a row of the table below: its name, the bit by which options
 * say that they know it, how it is written, what it does, its function.
 */
#include <stdio.h>
#include <string.h>

#include "policy/codes.h"
#include "policy/nearest.h"
#include "tools/ctl/admin.h"
#include "tools/ctl/completion.h"
#include "tools/ctl/doc.h"
#include "tools/ctl/doctor.h"
#include "tools/ctl/exporter.h"
#include "tools/ctl/json.h"
#include "tools/ctl/ledger.h"
#include "tools/ctl/options.h"
#include "tools/ctl/policy.h"
#include "tools/ctl/report.h"
#include "tools/ctl/run.h"
#include "tools/ctl/suggest.h"
#include "tools/ctl/text.h"
#include "tools/ctl/top.h"

static int print_version(const Options *options);
static int print_completion(const Options *options);

typedef struct {
  const char *name;
  unsigned bit;
  const char *operands;
  const char *summary;
  int (*run)(const Options *options);
} Subcommand;

static const Subcommand subcommands[] = {
    {"run", FOR_RUN, "FILE [key ...] [, arg ...]",
     "run a script, keys and arguments as redis-cli --eval takes them", ctl_run_file},
    {"eval", FOR_EVAL, "SCRIPT numkeys [key ...] [arg ...]",
     "run a script given as text, as the command EVAL", ctl_run_text},
    {"check", FOR_CHECK, "FILE", "compile a script, do not run it", ctl_run_check},
    {"doctor", FOR_DOCTOR, "", "show what this machine lets the sandbox do", ctl_doctor_examine},
    {"policy", FOR_POLICY, "check|show|diff|schema [FILE ...]",
     "check a policy file, show what tenants get, compare two", ctl_policy_run},
    {"status", FOR_STATUS, "", "show how a server's sandbox is doing", ctl_admin_status},
    {"top", FOR_TOP, "", "show what tenants use, second by second", ctl_top_show},
    {"ps", FOR_PS, "", "show the script that runs now", ctl_admin_ps},
    {"kill", FOR_KILL, "RUN", "end a run, inside MULTI too", ctl_admin_kill},
    {"tenant", FOR_TENANT, "list|show|get|set|suspend|resume ...",
     "show what tenants used, their rules; change, suspend them", ctl_admin_tenant},
    {"quota", FOR_QUOTA, "get|reset NAME", "show what is left of a tenant's rates and quotas",
     ctl_admin_quota},
    {"reload", FOR_RELOAD, "", "have the server read its policy again", ctl_admin_reload},
    {"slowlog", FOR_SLOWLOG, "", "show the scripts that took the most time", ctl_admin_slowlog},
    {"workers", FOR_WORKERS, "[list|recycle]", "show or replace the worker processes",
     ctl_admin_workers},
    {"events", FOR_EVENTS, "", "show what happened: limits, kills, crashes", ctl_admin_events},
    {"limits", FOR_LIMITS, "[show|suggest]", "show limits and what was used, suggest better ones",
     ctl_suggest_limits},
    {"metrics", FOR_METRICS, "[openmetrics|prometheus]", "print metrics, or serve them over HTTP",
     ctl_exporter_run},
    {"completion", FOR_COMPLETION, "bash|zsh|fish", "print a script for the shell",
     print_completion},
    {"usage", FOR_USAGE, "report LEDGER ...", "report what was used, from one server's ledger or several",
     ctl_report_usage},
    {"ledger", FOR_LEDGER, "verify|export|import|compact|upgrade LEDGER", "look after a ledger; status JOURNAL: after a journal",
     ctl_ledger_run},
    {"doc", FOR_DOC, "limits|policy|syscalls|codes|costs|metrics|bytecode",
     "print a reference, from the tables the program runs by", ctl_doc_print},
    {"version", FOR_VERSION, "", "show version and build", print_version},
};
#define SUBCOMMAND_COUNT (sizeof subcommands / sizeof subcommands[0])

/* --- Help --- */

#define HELP_WIDTH 96
#define HELP_INDENT 26

static const char *const examples =
    "  ferrous-sandboxctl run examples/rate_limiter.lua rate:user:42 , 5 10000\n"
    "  ferrous-sandboxctl run --redis redis://127.0.0.1:6379 script.lua key1 key2 , arg1\n"
    "  ferrous-sandboxctl eval 'return redis.call(\"INCR\", KEYS[1])' 1 counter\n"
    "  echo 'return 1 + 1' | ferrous-sandboxctl run -\n"
    "  ferrous-sandboxctl run --limit instructions=100000 --usage examples/forever.lua\n"
    "  ferrous-sandboxctl run --json script.lua | jq .usage\n"
    "  ferrous-sandboxctl policy check /etc/ferrous-sandbox/policy.yaml\n"
    "  ferrous-sandboxctl policy show --effective --tenant acme policy.yaml\n"
    "  ferrous-sandboxctl policy diff old.yaml new.yaml\n"
    "  ferrous-sandboxctl top --control /run/redis/ferrous-sandbox.sock\n"
    "  ferrous-sandboxctl ps -h 10.0.0.5 --tls --cacert ca.pem --user admin\n"
    "  ferrous-sandboxctl kill 4711 --force --control /run/redis/ferrous-sandbox.sock\n"
    "  ferrous-sandboxctl tenant set acme limits.hold 20ms\n"
    "  ferrous-sandboxctl events --follow --json\n"
    "  ferrous-sandboxctl metrics --listen 127.0.0.1:9777\n"
    "  ferrous-sandboxctl usage report --by tenant --since month ledger.db\n"
    "  ferrous-sandboxctl usage report --by script --tenant acme --format csv ledger.db\n"
    "  ferrous-sandboxctl ledger verify ledger.db\n"
    "  ferrous-sandboxctl ledger compact --keep 90d ledger.db\n";

static const char *const statuses =
    "  0 ok   1 script error   2 usage   3 limit exceeded   4 throttled   5 sandbox violation or\n"
    "  worker crash   6 not found   69 server unavailable   70 internal   77 permission   78 "
    "config\n"
    "  124 --timeout   130 interrupted\n";

/* Prints words in lines of HELP_WIDTH, indented behind what stands there already. */
static void print_wrapped(const char *text, int indent) {
  int column = indent;
  while (*text != '\0') {
    int size = (int)strcspn(text, " ");
    if (column > indent && column + 1 + size > HELP_WIDTH) {
      (void)printf("\n%*s", indent, "");
      column = indent;
    }
    (void)printf("%s%.*s", column > indent ? " " : "", size, text);
    column += size + (column > indent ? 1 : 0);
    text += size;
    while (*text == ' ') text++;
  }
  (void)putchar('\n');
}

static void print_option(const OptionRow *row) {
  char name[64];
  char letter[8] = "    ";
  int size = snprintf(name, sizeof name, "--%s", row->name);
  for (int i = 2; i < size; i++)
    if (name[i] == '_') name[i] = '-';
  if (row->value != NULL)
    (void)snprintf(name + size, sizeof name - (size_t)size, " %s", row->value);
  if (row->letter != 0) (void)snprintf(letter, sizeof letter, "-%c, ", row->letter);
  (void)printf("  %s%-20s", letter, name);
  print_wrapped(row->help, HELP_INDENT);
}

static void print_options(unsigned bits) {
  (void)puts("Options");
  for (size_t i = 0; ctl_options_row(i) != NULL; i++)
    if ((ctl_options_row(i)->commands & bits) != 0) print_option(ctl_options_row(i));
}

static int print_help(void) {
  (void)printf(
      "ferrous-sandboxctl - run Redis Lua scripts sealed, metered and "
      "stopped\n\nExamples\n%s\nCommands\n",
      examples);
  for (size_t i = 0; i < SUBCOMMAND_COUNT; i++)
    (void)printf("  %-10s %-37s %s\n", subcommands[i].name, subcommands[i].operands,
                 subcommands[i].summary);
  (void)printf(
      "\n`ferrous-sandboxctl COMMAND --help` shows the options of a command.\n\nExit status\n%s",
      statuses);
  return ctl_text_finish() ? 0 : fsb_code_exit_status(CODE_INTERNAL);
}

static void print_matching_examples(const char *name) {
  const char *line = examples;
  while (*line != '\0') {
    const char *end = strchr(line, '\n');
    const char *found = strstr(line, name);
    if (found != NULL && found < end) (void)printf("%.*s\n", (int)(end - line), line);
    line = end + 1;
  }
}

static int print_command_help(const Subcommand *command) {
  char name[64];
  (void)snprintf(name, sizeof name, "ferrous-sandboxctl %s ", command->name);
  print_matching_examples(name);
  (void)printf("\nferrous-sandboxctl %s [option ...] %s\n  %s\n\n", command->name,
               command->operands, command->summary);
  print_options(command->bit);
  (void)printf("\nExit status\n%s", statuses);
  return ctl_text_finish() ? 0 : fsb_code_exit_status(CODE_INTERNAL);
}

static int print_version(const Options *options) {
  if (options->json)
    (void)ctl_json_print_version(stdout);
  else
    (void)printf("ferrous-sandboxctl %s (build %s)\n", fsb_version(), fsb_build_id());
  return ctl_text_finish() ? 0 : fsb_code_exit_status(CODE_INTERNAL);
}

static int print_completion(const Options *options) {
  CompletionCommand commands[SUBCOMMAND_COUNT];
  for (size_t i = 0; i < SUBCOMMAND_COUNT; i++)
    commands[i] = (CompletionCommand){subcommands[i].name, subcommands[i].bit,
                                      subcommands[i].operands, subcommands[i].summary};
  return ctl_completion_print(options, commands, SUBCOMMAND_COUNT);
}

/* --- Dispatch --- */

static const Subcommand *find_subcommand(const char *word) {
  for (size_t i = 0; i < SUBCOMMAND_COUNT; i++)
    if (strcmp(subcommands[i].name, word) == 0) return &subcommands[i];
  return NULL;
}

static int refuse_word(const char *word) {
  Nearest nearest = policy_nearest_start(word);
  for (size_t i = 0; i < SUBCOMMAND_COUNT; i++) policy_nearest_offer(&nearest, subcommands[i].name);
  const char *best = policy_nearest_best(&nearest);
  if (best[0] != '\0')
    ctl_text_complain("unknown command '%.60s'; did you mean '%s'?", word, best);
  else
    ctl_text_complain("unknown command '%.60s'; ferrous-sandboxctl --help lists them", word);
  return fsb_code_exit_status(CODE_USAGE);
}

static int run_subcommand(const Subcommand *command, int argc, char **argv) {
  Options options;
  FsbError error;
  int status;
  if (!ctl_options_parse(&options, command->bit, argc, argv, &error))
    status = ctl_run_fail(&options, &error);
  else if (options.help)
    status = print_command_help(command);
  else if (options.version)
    status = print_version(&options);
  else
    status = command->run(&options);
  ctl_options_free(&options);
  return status;
}

int main(int argc, char **argv) {
  ctl_text_reserve();
  if (argc < 2) {
    ctl_text_complain("no command; ferrous-sandboxctl --help shows examples");
    return fsb_code_exit_status(CODE_USAGE);
  }
  const char *word = argv[1];
  if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0)
    return print_help();
  if (strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0) word = "version";
  const Subcommand *command = find_subcommand(word);
  return command == NULL ? refuse_word(word) : run_subcommand(command, argc - 2, argv + 2);
}
