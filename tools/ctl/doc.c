/* SPDX-License-Identifier: BSD-2-Clause */
/* doc - one function per table. */
#include "tools/ctl/doc.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/codes.h"
#include "policy/costs.h"
#include "policy/limits.h"
#include "policy/metrics.h"
#include "policy/nearest.h"
#include "policy/tenants/value.h"
#include "tools/ctl/run.h"
#include "tools/ctl/text.h"

/* Text inside a table cell. */
static void cell(const char *text) {
  for (; *text != '\0'; text++) {
    if (*text == '|') (void)putchar('\\');
    (void)putchar(*text);
  }
}

/* --- Limits --- */

static void print_value(LimitUnit unit, uint64_t value) {
  char text[32];
  policy_limits_format(unit, value, text, sizeof text);
  (void)printf("%s | ", text);
}

static void print_limit(const LimitRow *row) {
  (void)printf("| `%s` | %s | ", row->name, policy_limits_unit_name(row->unit));
  print_value(row->unit, row->default_value);
  print_value(row->unit, row->floor);
  print_value(row->unit, row->ceiling);
  (void)printf("%s | %s | ", policy_codes_find((uint32_t)row->code)->label,
               policy_limits_enforcer_name(row->enforced_by));
  cell(row->meaning);
  (void)puts(" |");
}

static void print_limits(void) {
  (void)puts(
      "# Limits\n\n"
      "Set one with `--limit NAME=VALUE`. Suffixes: `k`, `m`, `g` (also `kb`, `mb`, `gb`) are powers of 1024 "
      "for bytes, `k`, `m`, `g` of 1000\n"
      "for counts; times take `ns`, `us`, `ms`, `s`. A script that exceeds one ends with exit status 3 "
      "and an error\n"
      "that begins with `LIMIT` and the limit's name.\n\n"
      "| limit | unit | default | least | most | outcome | enforced by | meaning |\n"
      "|---|---|---|---|---|---|---|---|");
  for (size_t i = 0; policy_limits_row(i) != NULL; i++) print_limit(policy_limits_row(i));
}

/* --- Policies --- */

static const char *kind_text(const PolicyKeyRow *row) {
  switch (row->kind) {
    case KIND_LIMITS: return "map of limits";
    case KIND_RATES: return "map of rates";
    case KIND_AMOUNTS: return "map of amounts";
    case KIND_NUMBER: return "number";
    case KIND_TIME: return "time";
    case KIND_BYTE_RATE: return "rate";
    case KIND_FLAG: return "true or false";
    case KIND_CHOICE:
    case KIND_SWITCH: return row->words;
    case KIND_TEXTS: return "list of texts";
    case KIND_COMMANDS: return "list of commands";
    case KIND_DIGESTS: return "list of SHA1s";
    case KIND_STEPS: return "list of steps";
    case KIND_TENANTS: return "list of tenants";
    case KIND_NAME:
    case KIND_NAMES:
    case KIND_RULES:
    case KIND_MAP:
    case KIND_COUNT_: break;
  }
  return "";
}

/* What a server without a policy has; of maps, what most of their entries have. */
static void print_stock(const PolicyKeyRow *row) {
  TenantRules stock = policy_tenants_defaults("");
  TenantValue value;
  size_t i = 0;
  while (policy_tenants_value(&stock, i, &value) && value.row != row) i++;
  char *text = policy_tenants_value_text(&value);
  (void)printf("`%s` | ", row->kind == KIND_LIMITS ? "limits.md" : text == NULL ? "" : text);
  free(text);
}

static void print_key(const PolicyKeyRow *row) {
  (void)printf("| `%s` | ", row->name);
  cell(kind_text(row));
  (void)printf(" | ");
  print_stock(row);
  (void)printf("`%s` | ", row->example);
  cell(row->meaning);
  (void)puts(" |");
}

static void print_part(const PolicyPartRow *part) {
  (void)printf("| `%s` | %s | ", part->name,
               part->where == PART_TOP ? "the file" : part->where == PART_PLAN ? "plans, tenants" : "tenants");
  cell(part->meaning);
  (void)puts(" |");
}

static void print_policy(void) {
  (void)puts(
      "# Keys of a policy file\n\n"
      "Where they stand, and what they are for, is in `docs/operations/policy.md`; "
      "`ferrous-sandboxctl policy check`\n"
      "finds what is wrong with a file. Numbers take the suffixes of limits; `/s` makes a rate.\n\n"
      "| part | of | meaning |\n"
      "|---|---|---|");
  for (size_t i = 0; policy_tenants_part(i) != NULL; i++) print_part(policy_tenants_part(i));
  (void)puts(
      "\nRules, in defaults, plans and tenants alike:\n\n"
      "| key | value | without it | example | meaning |\n"
      "|---|---|---|---|---|");
  for (size_t i = 0; policy_tenants_key(i) != NULL; i++) print_key(policy_tenants_key(i));
  (void)puts(
      "\nResources of `rates`, `daily` and `monthly`:\n\n"
      "| resource | unit | meaning |\n"
      "|---|---|---|");
  for (size_t i = 0; policy_quota_resource(i) != NULL; i++) {
    const ResourceRow *row = policy_quota_resource(i);
    (void)printf("| `%s` | %s | %s |\n", row->name, policy_limits_unit_name(row->unit), row->meaning);
  }
}

/* --- Outcomes --- */

static void print_code(const CodeRow *row) {
  (void)printf("| %d | `%s` | ", (int)row->code, row->label);
  if (row->prefix[0] != '\0')
    (void)printf("`%s` | ", row->prefix);
  else
    (void)printf("| ");
  (void)printf("%d | %s | %s | %s | ", row->exit_status, policy_codes_blame_name(row->blame),
               row->billable ? "yes" : "no", row->retry_safe ? "yes" : "no");
  cell(row->meaning);
  (void)puts(" |");
}

static void print_codes(void) {
  (void)puts(
      "# Outcomes\n\n"
      "Every run, and every request to run, ends in exactly one of these. `prefix` is the first "
      "word of the RESP\n"
      "error, `exit` the exit status of `ferrous-sandboxctl`, `retry` whether the same request may "
      "be repeated\n"
      "without harm when nothing was written.\n\n"
      "| number | outcome | prefix | exit | blame | billed | retry | meaning |\n"
      "|---|---|---|---|---|---|---|---|");
  for (size_t i = 0; policy_codes_row(i) != NULL; i++) print_code(policy_codes_row(i));
}

/* --- System calls --- */

static void print_syscalls(void) {
  (void)puts(
      "# System calls of a sealed worker\n\n"
      "Everything that is not listed kills the worker's process at once (SIGSYS), as does every "
      "call of another\n"
      "architecture's numbering. Conditions of one call must all hold; both halves of an argument "
      "are compared.\n\n"
      "| call | condition | why |\n"
      "|---|---|---|");
#define ALLOW(phase, name, why) (void)puts("| `" #name "` | none | " why " |");
#define ALLOW_IF(phase, name, arg, mask, value, why) \
  (void)puts("| `" #name "` | `(args[" #arg "] & " #mask ") == " #value "` | " why " |");
#include "policy/syscalls.def"
#undef ALLOW
#undef ALLOW_IF
}

/* --- Costs --- */

static void print_costs(void) {
  (void)printf("# Costs, model %d\n\n", COST_MODEL);
  (void)puts(
      "The instruction budget counts words of executed code; library work is charged before it is "
      "done at these\n"
      "rates, in units of that budget, rounded up.\n\n"
      "| charge | units | per | meaning |\n"
      "|---|---|---|---|");
#define COST(name, numerator, denominator, amount, meaning) \
  (void)printf("| `%s` | %d | %d %s | %s |\n", #name, numerator, denominator, amount, meaning);
#include "policy/costs.def"
#undef COST
}

/* --- Metrics --- */

static void print_metrics(void) {
  (void)printf(
      "# Metrics\n\n"
      "`ferrous-sandboxctl metrics` prints them, `--listen` serves them, docs/operations/admin.md says how. The "
      "`tenant` label\n"
      "has at most %d values, those of the tenants that took the most time; the others are together `_other`.\n\n"
      "| metric | type | unit | labels | meaning |\n"
      "|---|---|---|---|---|\n",
      METRIC_MOST_TENANTS);
  for (size_t i = 0; policy_metrics_row(i) != NULL; i++) {
    const MetricRow *row = policy_metrics_row(i);
    (void)printf("| `%s` | %s | %s | %s | ", row->name, policy_metrics_type_name(row->type), row->unit,
                 row->labels);
    cell(row->help);
    (void)puts(" |");
  }
}

/* --- Instructions --- */

static void print_operand(const char *use) {
  static const struct {
    char letter;
    const char *text;
  } uses[] = {{'W', "written"}, {'R', "read"},   {'B', "both"},     {'K', "constant"},
              {'U', "upvalue"}, {'I', "number"}, {'P', "function"}, {'N', "-"}};
  for (size_t i = 0; i < sizeof uses / sizeof uses[0]; i++)
    if (uses[i].letter == use[0]) (void)printf("%s | ", uses[i].text);
}

typedef struct {
  const char *name, *format, *uses[3], *extra, *flags, *meaning;
} OpcodeRow;

static void print_opcode(size_t number, const OpcodeRow *row) {
  (void)printf("| %zu | `%s` | %s | ", number, row->name, row->format);
  for (int i = 0; i < 3; i++) print_operand(row->uses[i]);
  (void)printf("%s | %s | ", row->extra, strcmp(row->flags, "0") == 0 ? "" : row->flags);
  cell(row->meaning);
  (void)puts(" |");
}

static void print_bytecode(void) {
  static const OpcodeRow rows[] = {
#define OPCODE(name, format, a, b, c, extra, flags, meaning) \
  {#name, #format, {#a, #b, #c}, #extra, #flags, meaning},
#include "vm/opcodes.def"
#undef OPCODE
  };
  (void)puts(
      "# Instructions of the machine\n\n"
      "Words of 32 bits, operation in the low byte; formats ABC, AD (D is 16 bits) and J (24 "
      "bits). A, B and C say\n"
      "what the field names; `words` follow the instruction and count one unit each.\n\n"
      "| number | name | format | A | B | C | words | flags | meaning |\n"
      "|---|---|---|---|---|---|---|---|---|");
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) print_opcode(i, &rows[i]);
}

/* --- Topics --- */

static const struct {
  const char *name;
  void (*print)(void);
} topics[] = {{"limits", print_limits},
              {"policy", print_policy},
              {"syscalls", print_syscalls},
              {"codes", print_codes},
              {"costs", print_costs},
              {"metrics", print_metrics},
              {"bytecode", print_bytecode}};
#define TOPIC_COUNT (sizeof topics / sizeof topics[0])

const char *ctl_doc_topic(size_t i) {
  return i < TOPIC_COUNT ? topics[i].name : NULL;
}

static int refuse(const Options *options, const char *word) {
  Nearest nearest = policy_nearest_start(word);
  FsbError error;
  for (size_t i = 0; i < TOPIC_COUNT; i++) policy_nearest_offer(&nearest, topics[i].name);
  const char *best = policy_nearest_best(&nearest);
  ctl_options_explain(
      &error, "doc: no topic '%.40s'%s%s%s; topics are limits, policy, syscalls, codes, costs, metrics, bytecode",
      word, best[0] == '\0' ? "" : " (did you mean ", best, best[0] == '\0' ? "" : "?)");
  return ctl_run_fail(options, &error);
}

int ctl_doc_print(const Options *options) {
  FsbError error;
  if (options->operand_count != 1) {
    ctl_options_explain(&error, "doc: name one topic: limits, policy, syscalls, codes, costs, metrics or bytecode");
    return ctl_run_fail(options, &error);
  }
  for (size_t i = 0; i < TOPIC_COUNT; i++) {
    if (strcmp(topics[i].name, options->operands[0]) != 0) continue;
    topics[i].print();
    return ctl_text_finish() ? 0 : fsb_code_exit_status(CODE_INTERNAL);
  }
  return refuse(options, options->operands[0]);
}
