/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_import - bytes as lines of a ledger's export: a ledger that took all of them, or nothing.
 *
 * They are merged into a ledger in memory that has something already.  Whatever they say, what
 * was counted before is still there; and what was accepted is exported, and imported again, to
 * the same sums.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/merge.h"
#include "ledger/verify.h"

static const char own[] =
    "{\"schema\":\"ferrous.sandbox/v1\",\"table\":\"nodes\",\"node\":\"n1\",\"boot\":\"b1\",\"created\":1,\"passed_at\":1,"
    "\"admitted\":9,\"unaccounted\":0,\"damaged\":0,\"went_back\":0,\"horizon\":0}\n"
    "{\"schema\":\"ferrous.sandbox/v1\",\"table\":\"series\",\"node\":\"n1\",\"row\":1,\"tenant\":\"acme\",\"user\":\"u\","
    "\"script\":\"s\",\"kind\":\"script\",\"outcome\":\"ok\",\"cost_model\":2,\"retired\":1}\n"
    "{\"schema\":\"ferrous.sandbox/v1\",\"table\":\"usage\",\"node\":\"n1\",\"row\":1,\"second\":100,\"boot\":\"b1\",\"span\":1,"
    "\"runs\":5,\"cost\":50}\n";

static int64_t ask(Ledger *ledger, const char *sql) {
  LedgerError error;
  int64_t number = -1;
  if (!ledger_store_number(ledger, sql, 0, &number, &error)) __builtin_trap();
  return number;
}

static bool import(Ledger *ledger, const void *bytes, size_t size) {
  LedgerError error = {.text = ""};
  int64_t lines;
  if (size == 0) return false;
  FILE *file = fmemopen((void *)(uintptr_t)bytes, size, "r");
  if (file == NULL) __builtin_trap();
  bool is_good = ledger_import_read(ledger, file, &lines, &error);
  (void)fclose(file);
  if (!is_good && error.text[0] == '\0') __builtin_trap(); /* a refusal says why */
  return is_good;
}

/* To make the tables takes long: each ledger is opened once, and emptied. */
static Ledger *fresh(Ledger *ledger) {
  static const char empty[] = "DELETE FROM nodes; DELETE FROM series; DELETE FROM usage; DELETE FROM rejections;"
                              "DELETE FROM rejections_seen; DELETE FROM details; DELETE FROM folded";
  LedgerError error;
  if (ledger->db == NULL && !ledger_store_open(ledger, ":memory:", LEDGER_CREATE, &error)) abort();
  if (!ledger_store_run(ledger, empty, &error) || !import(ledger, own, sizeof own - 1)) __builtin_trap();
  return ledger;
}

/* What a ledger gives away, another takes, to the same sums. */
static void check_round_trip(Ledger *ledger) {
  static Ledger second;
  LedgerError error;
  char *text = NULL;
  size_t size = 0;
  FILE *file = open_memstream(&text, &size);
  if (file == NULL) abort();
  bool is_written = ledger_export_write(ledger, file, &error);
  if (fclose(file) != 0 || !is_written) __builtin_trap();
  Ledger *other = fresh(&second);
  if (import(other, text, size)) {
    static const char runs[] = "SELECT coalesce(sum(runs), 0) FROM usage", rows[] = "SELECT count(*) FROM series";
    if (ask(other, runs) != ask(ledger, runs) || ask(other, rows) != ask(ledger, rows)) __builtin_trap();
  }
  free(text);
}

static void ignore(void *context, const char *text) {
  (void)context;
  (void)text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const char runs[] = "SELECT coalesce(sum(runs), 0) FROM usage";
  static const char all[] = "SELECT (SELECT count(*) FROM usage) + (SELECT count(*) FROM series) * 1000"
                            " + (SELECT count(*) FROM nodes) * 1000000 + (SELECT count(*) FROM details) * 3"
                            " + (SELECT count(*) FROM rejections) * 7 + (SELECT count(*) FROM folded) * 11";
  static Ledger first;
  LedgerError error;
  VerifyResult result;
  static bool is_clean; /* what is refused changes nothing */
  Ledger *ledger = is_clean ? &first : fresh(&first);
  int64_t before = ask(ledger, runs), rows = ask(ledger, all);
  is_clean = !import(ledger, data, size);
  if (!is_clean) {
    if (ask(ledger, runs) < before) __builtin_trap();
    check_round_trip(ledger);
    if (!ledger_verify_run(ledger, ignore, NULL, &result, &error)) __builtin_trap();
  } else if (ask(ledger, runs) != before || ask(ledger, all) != rows) {
    __builtin_trap();
  }
  return 0;
}
