/* SPDX-License-Identifier: BSD-2-Clause */
/* ledger - what people do with ledgers and journals. */
#include "tools/ctl/ledger.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ledger/compact.h"
#include "ledger/merge.h"
#include "ledger/verify.h"
#include "ledger/when.h"
#include "policy/codes.h"
#include "policy/journal/reader.h"
#include "tools/ctl/json.h"
#include "tools/ctl/run.h"
#include "tools/ctl/text.h"

#define KEEP_SECONDS (INT64_C(90) * 86400)

static int fail(const Options *options, Code code, const char *text) {
  FsbError error = {.code = (int)code};
  (void)snprintf(error.text, sizeof error.text, "%s", text);
  return ctl_run_fail(options, &error);
}

static int finish(Code code) {
  return ctl_text_finish() ? fsb_code_exit_status(code) : fsb_code_exit_status(CODE_INTERNAL);
}

/* --- verify --- */

static void tell(void *context, const char *text) {
  const Options *options = context;
  if (options->json) return;
  ctl_text_escape(stdout, (FsbBytes){text, strlen(text)});
  (void)putchar('\n');
}

static int verify(const Options *options, Ledger *ledger) {
  VerifyResult r;
  LedgerError error;
  Options copy = *options;
  if (!ledger_verify_run(ledger, tell, &copy, &r, &error)) return fail(options, CODE_INTERNAL, error.text);
  const char *verdict = r.problems == 0 ? "sound" : "damaged";
  if (options->json)
    (void)printf("{\"schema\":\"%s\",\"verdict\":\"%s\",\"problems\":%" PRId64 ",\"nodes\":%" PRId64
                 ",\"series\":%" PRId64 ",\"records\":%" PRId64 ",\"admitted\":%" PRId64 ",\"counted\":%" PRId64
                 ",\"unaccounted\":%" PRId64 ",\"open\":%" PRId64 "}\n",
                 JSON_SCHEMA, verdict, r.problems, r.nodes, r.series, r.records, r.admitted, r.counted,
                 r.unaccounted, r.open);
  else
    (void)printf("%s: %" PRId64 " nodes, %" PRId64 " series, %" PRId64 " records; %" PRId64 " admitted, %" PRId64
                 " counted, %" PRId64 " unaccounted for, %" PRId64 " open\n",
                 verdict, r.nodes, r.series, r.records, r.admitted, r.counted, r.unaccounted, r.open);
  return finish(r.problems == 0 ? CODE_OK : CODE_SCRIPT_ERROR);
}

/* --- export, import --- */

static int export_all(const Options *options, Ledger *ledger) {
  LedgerError error;
  if (!ledger_export_write(ledger, stdout, &error)) return fail(options, CODE_INTERNAL, error.text);
  return finish(CODE_OK);
}

static int import_all(const Options *options, Ledger *ledger) {
  LedgerError error;
  int64_t lines = 0;
  for (int i = 2; i < options->operand_count; i++) {
    const char *path = options->operands[i];
    bool is_stdin = strcmp(path, "-") == 0;
    FILE *from = is_stdin ? stdin : fopen(path, "re");
    if (from == NULL) {
      (void)snprintf(error.text, sizeof error.text, "%.200s: %s", path, strerror(errno));
      return fail(options, CODE_NOT_FOUND, error.text);
    }
    bool is_good = ledger_import_read(ledger, from, &lines, &error);
    if (!is_stdin) (void)fclose(from);
    if (!is_good) return fail(options, CODE_CONFIG, error.text);
    if (!options->json) (void)fprintf(stderr, "%s: %" PRId64 " lines\n", is_stdin ? "standard input" : "imported", lines);
  }
  return finish(CODE_OK);
}

/* --- compact --- */

static bool read_keep(const char *option, const char *text, int64_t otherwise, int64_t *ret, FsbError *error) {
  *ret = otherwise;
  if (text == NULL || ledger_when_duration(text, ret)) return true;
  ctl_options_explain(error, "%s: '%.40s' is no duration; write 90d or 36h", option, text);
  return false;
}

static int compact(const Options *options, Ledger *ledger) {
  CompactOrder order = {.now = (int64_t)time(NULL), .vacuum = true};
  CompactResult result;
  LedgerError problem;
  FsbError error;
  if (!read_keep("--keep", options->keep, KEEP_SECONDS, &order.keep_seconds, &error) ||
      !read_keep("--keep-hours", options->keep_hours, 0, &order.keep_hours, &error) ||
      !read_keep("--keep-scripts", options->keep_scripts, 0, &order.keep_scripts, &error))
    return ctl_run_fail(options, &error);
  if (!ledger_compact_run(ledger, &order, &result, &problem)) return fail(options, CODE_INTERNAL, problem.text);
  (void)printf(options->json ? "{\"before\":%" PRId64 ",\"after\":%" PRId64 ",\"details_dropped\":%" PRId64 ",\"series_folded\":%" PRId64 "}\n"
                             : "%" PRId64 " records before, %" PRId64 " after, %" PRId64 " details dropped, %" PRId64 " scripts put together\n",
               result.before, result.after, result.details, result.series);
  return finish(CODE_OK);
}

static int upgrade(const Options *options, Ledger *ledger) {
  (void)ledger; /* opening it did */
  if (!options->json) (void)printf("version %d\n", LEDGER_VERSION);
  return finish(CODE_OK);
}

/* --- status --- */

static void print_time(const char *label, int64_t ns) {
  char text[32] = "never";
  time_t second = (time_t)(ns / 1000000000);
  struct tm parts;
  if (ns > 0 && gmtime_r(&second, &parts) != NULL) (void)strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  (void)printf("%-22s %s\n", label, text);
}

static void print_journal(const JournalInfo *info, const JournalDrain *drain) {
  (void)printf("%-22s ", "node");
  for (size_t i = 0; i < sizeof info->node; i++) (void)printf("%02x", info->node[i]);
  (void)printf("\n%-22s %u\n%-22s %u of %u tenants\n", "writer process", info->pid, "rows", info->rows, info->tenants);
  print_time("made", info->created);
  print_time("opened", info->boot_at);
  (void)printf("%-22s %" PRIu64 "\n%-22s %" PRIu64 "\n%-22s %" PRIu64 "\n", "admitted", info->admitted, "damaged records",
               info->damaged, "unaccounted for", info->unaccounted);
  print_time("last drained", drain->passed_at);
  (void)printf("%-22s %u in a row%s", "failures of the drain", drain->failures, drain->failures == 0 ? "\n" : ": ");
  if (drain->failures == 0) return;
  ctl_text_escape(stdout, (FsbBytes){drain->text, strnlen(drain->text, sizeof drain->text)});
  (void)putchar('\n');
}

static void print_journal_json(const JournalInfo *info, const JournalDrain *drain) {
  (void)printf("{\"schema\":\"%s\",\"node\":\"", JSON_SCHEMA);
  for (size_t i = 0; i < sizeof info->node; i++) (void)printf("%02x", info->node[i]);
  (void)printf("\",\"writer\":%u,\"rows\":%u,\"tenants\":%u,\"admitted\":%" PRIu64 ",\"damaged\":%" PRIu64
               ",\"unaccounted\":%" PRIu64 ",\"drained_at\":%" PRId64 ",\"drain_failures\":%u}\n",
               info->pid, info->rows, info->tenants, info->admitted, info->damaged, info->unaccounted,
               drain->passed_at / 1000000000, drain->failures);
}

/* Of a journal; exit status 1 while its drain fails. */
static int show_status(const Options *options) {
  JournalError error;
  JournalInfo info;
  JournalDrain drain;
  JournalReader *reader = policy_journal_reader_open(options->operands[1], false, &error);
  if (reader == NULL) return fail(options, CODE_NOT_FOUND, error.text);
  policy_journal_reader_info(reader, &info);
  policy_journal_reader_told(reader, &drain);
  policy_journal_reader_close(reader);
  if (options->json)
    print_journal_json(&info, &drain);
  else
    print_journal(&info, &drain);
  return finish(drain.failures == 0 ? CODE_OK : CODE_SCRIPT_ERROR);
}

/* --- All --- */

static const struct {
  const char *name;
  LedgerMode mode;
  int least; /* operands, the name included */
  int most;
  int (*run)(const Options *options, Ledger *ledger);
} verbs[] = {{"verify", LEDGER_READ, 2, 2, verify},   {"export", LEDGER_READ, 2, 2, export_all},
             {"import", LEDGER_CREATE, 3, 10000, import_all}, {"compact", LEDGER_WRITE, 2, 2, compact},
             {"upgrade", LEDGER_WRITE, 2, 2, upgrade}};

int ctl_ledger_run(const Options *options) {
  const char *verb = options->operand_count == 0 ? "" : options->operands[0];
  LedgerError error;
  Ledger ledger;
  if (strcmp(verb, "status") == 0 && options->operand_count == 2) return show_status(options);
  for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
    if (strcmp(verbs[i].name, verb) != 0) continue;
    if (options->operand_count < verbs[i].least || options->operand_count > verbs[i].most) break;
    if (!ledger_store_open(&ledger, options->operands[1], verbs[i].mode, &error))
      return fail(options, CODE_NOT_FOUND, error.text);
    int status = verbs[i].run(options, &ledger);
    ledger_store_close(&ledger);
    return status;
  }
  return fail(options, CODE_USAGE,
              "ledger verify|export|compact|upgrade LEDGER, ledger import LEDGER FILE ..., ledger status JOURNAL");
}
