/* SPDX-License-Identifier: BSD-2-Clause */
/* verify - questions to which a sound ledger answers with no rows. */
#include "ledger/verify.h"

#include <stdio.h>

typedef struct {
  Ledger *ledger;
  VerifyTell tell;
  void *context;
  VerifyResult *result;
  LedgerError *error;
} Verification;

/* Every row of the answer is a problem, told in its first column. */
static bool ask(Verification *v, const char *sql, const char *harmless) {
  sqlite3_stmt *s = ledger_store_prepare(v->ledger, sql, v->error);
  int step;
  if (s == NULL) return false;
  while ((step = sqlite3_step(s)) == SQLITE_ROW) {
    const char *text = (const char *)sqlite3_column_text(s, 0);
    if (harmless != NULL && text != NULL && sqlite3_stricmp(text, harmless) == 0) continue;
    v->result->problems++;
    v->tell(v->context, text == NULL ? "?" : text);
  }
  (void)sqlite3_finalize(s);
  return step == SQLITE_DONE || ledger_store_explain(v->ledger, v->error);
}

static const char *const questions[] = {
    "SELECT 'usage of node ' || node || ' row ' || row || ' belongs to no series' FROM usage"
    " WHERE NOT EXISTS (SELECT 1 FROM series AS s WHERE s.node = usage.node AND s.row = usage.row)"
    " GROUP BY node, row",
    "SELECT 'series of node ' || node || ' row ' || row || ' belongs to no node' FROM series"
    " WHERE node NOT IN (SELECT node FROM nodes)",
    "SELECT 'node ' || u.node || ' row ' || u.row || ': second ' || u.second || ' lies in a record of '"
    " || c.span || ' seconds, too' FROM usage AS u JOIN usage AS c USING (node, row, boot)"
    " WHERE c.span > u.span AND u.second >= c.second AND u.second < c.second + c.span",
    "SELECT 'node ' || f.node || ' row ' || f.row || ' was put into row ' || f.into_row || ', and is there, too' FROM"
    " folded AS f JOIN series AS s USING (node, row)",
    "SELECT 'node ' || f.node || ' row ' || f.row || ' was put into row ' || f.into_row || ', which is not there' FROM"
    " folded AS f LEFT JOIN series AS s ON s.node = f.node AND s.row = f.into_row WHERE s.row IS NULL",
    "SELECT 'node ' || node || ': more runs counted than admitted: ' || counted || ' of ' || admitted FROM"
    " (SELECT n.node, n.admitted, n.went_back, (SELECT coalesce(sum(runs), 0) FROM series AS s"
    " WHERE s.node = n.node) AS counted FROM nodes AS n) WHERE counted > admitted AND went_back = 0",
};

/* Sums of every field, and nothing negative. */
static bool ask_sums(Verification *v) {
  char sql[LEDGER_SQL_BYTES];
  for (unsigned i = 0; i < FIELD_COUNT_; i++) {
    const char *f = policy_journal_field_name((Field)i);
    (void)snprintf(sql, sizeof sql,
                   "SELECT 'node ' || s.node || ' row ' || s.row || ': %s add up to ' || coalesce(sum(u.%s), 0) ||"
                   " ', the series says ' || s.%s FROM series AS s LEFT JOIN usage AS u USING (node, row)"
                   " GROUP BY s.node, s.row HAVING coalesce(sum(u.%s), 0) <> s.%s OR min(u.%s) < 0",
                   f, f, f, f, f, f);
    if (!ask(v, sql, NULL)) return false;
  }
  return true;
}

static bool count_all(Verification *v) {
  VerifyResult *r = v->result;
  bool is_good = ledger_store_number(v->ledger, "SELECT count(*) FROM nodes", 0, &r->nodes, v->error) &&
                 ledger_store_number(v->ledger, "SELECT count(*) FROM series", 0, &r->series, v->error) &&
                 ledger_store_number(v->ledger, "SELECT count(*) FROM usage", 0, &r->records, v->error) &&
                 ledger_store_number(v->ledger, "SELECT coalesce(sum(admitted), 0) FROM nodes", 0, &r->admitted, v->error) &&
                 ledger_store_number(v->ledger, "SELECT coalesce(sum(unaccounted), 0) FROM nodes", 0, &r->unaccounted, v->error) &&
                 ledger_store_number(v->ledger, "SELECT coalesce(sum(runs), 0) FROM usage", 0, &r->counted, v->error);
  r->open = r->admitted - r->counted - r->unaccounted;
  return is_good;
}

bool ledger_verify_run(Ledger *ledger, VerifyTell tell, void *context, VerifyResult *ret_result,
                       LedgerError *ret_error) {
  Verification v = {ledger, tell, context, ret_result, ret_error};
  *ret_result = (VerifyResult){.nodes = 0};
  bool is_good = ledger_store_run(ledger, "BEGIN", ret_error) && ask(&v, "PRAGMA integrity_check", "ok");
  for (size_t i = 0; is_good && i < sizeof questions / sizeof questions[0]; i++) is_good = ask(&v, questions[i], NULL);
  is_good = is_good && ask_sums(&v) && count_all(&v);
  LedgerError ignored;
  (void)ledger_store_run(ledger, "COMMIT", &ignored);
  return is_good;
}
