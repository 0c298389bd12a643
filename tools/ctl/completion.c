/* SPDX-License-Identifier: BSD-2-Clause */
/* completion - three small scripts with the tables filled in. */
#include "tools/ctl/completion.h"

#include <stdio.h>
#include <string.h>

#include "policy/codes.h"
#include "tools/ctl/run.h"
#include "tools/ctl/text.h"

/* --- Parts --- */

static void print_name(const OptionRow *row) {
  for (const char *at = row->name; *at != '\0'; at++) (void)putchar(*at == '_' ? '-' : *at);
}

static void print_options(unsigned bit, const char *before, const char *between) {
  bool is_first = true;
  for (size_t i = 0; ctl_options_row(i) != NULL; i++) {
    if ((ctl_options_row(i)->commands & bit) == 0) continue;
    (void)printf("%s%s", is_first ? "" : between, before);
    print_name(ctl_options_row(i));
    is_first = false;
  }
}

/* The words that an operand list such as "list|show NAME" begins with. */
static void print_words(const char *operands, const char *between) {
  size_t size = strcspn(operands, " ");
  bool is_choice = memchr(operands, '|', size) != NULL || (size != 0 && operands[0] == '[' && operands[1] >= 'a');
  if (!is_choice) return;
  for (size_t i = 0; i < size; i++) {
    if (operands[i] == '|') (void)fputs(between, stdout);
    else if (operands[i] != '[' && operands[i] != ']') (void)putchar(operands[i]);
  }
}

/* In single quotes of a shell. */
static void print_quoted(const char *text) {
  for (; *text != '\0'; text++) (void)fputs(*text == '\'' ? "'\\''" : (char[]){*text, '\0'}, stdout);
}

/* --- Shells --- */

static void print_bash(const CompletionCommand *commands, size_t count) {
  (void)puts("_ferrous_sandboxctl() {\n"
             "  local cur=${COMP_WORDS[COMP_CWORD]} words\n"
             "  if [ \"$COMP_CWORD\" -eq 1 ]; then");
  (void)fputs("    words='", stdout);
  for (size_t i = 0; i < count; i++) (void)printf("%s%s", i == 0 ? "" : " ", commands[i].name);
  (void)puts("'\n  else\n    case ${COMP_WORDS[1]} in");
  for (size_t i = 0; i < count; i++) {
    (void)printf("      %s) words='", commands[i].name);
    print_words(commands[i].operands, " ");
    (void)putchar(' ');
    print_options(commands[i].bit, "--", " ");
    (void)puts("' ;;");
  }
  (void)puts("    esac\n  fi\n"
             "  mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")\n"
             "}\n"
             "complete -o default -F _ferrous_sandboxctl ferrous-sandboxctl");
}

static void print_zsh(const CompletionCommand *commands, size_t count) {
  (void)puts("#compdef ferrous-sandboxctl\n_ferrous_sandboxctl() {\n  local -a words\n"
             "  if (( CURRENT == 2 )); then\n    words=(");
  for (size_t i = 0; i < count; i++) {
    (void)printf("      '%s:", commands[i].name);
    print_quoted(commands[i].summary);
    (void)puts("'");
  }
  (void)puts("    )\n    _describe command words\n    return\n  fi\n"
             "  local command=${${(z)BUFFER}[2]}\n  case $command in");
  for (size_t i = 0; i < count; i++) {
    (void)printf("    %s) compadd -- ", commands[i].name);
    print_words(commands[i].operands, " ");
    (void)putchar(' ');
    print_options(commands[i].bit, "--", " ");
    (void)puts(" ;;");
  }
  (void)puts("  esac\n  _files\n}\ncompdef _ferrous_sandboxctl ferrous-sandboxctl");
}

static void print_fish(const CompletionCommand *commands, size_t count) {
  for (size_t i = 0; i < count; i++) {
    (void)printf("complete -c ferrous-sandboxctl -n __fish_use_subcommand -a %s -d '", commands[i].name);
    print_quoted(commands[i].summary);
    (void)puts("'");
    (void)printf("complete -c ferrous-sandboxctl -n '__fish_seen_subcommand_from %s' -a '", commands[i].name);
    print_words(commands[i].operands, " ");
    (void)puts("'");
    for (size_t k = 0; ctl_options_row(k) != NULL; k++) {
      const OptionRow *row = ctl_options_row(k);
      if ((row->commands & commands[i].bit) == 0) continue;
      (void)printf("complete -c ferrous-sandboxctl -n '__fish_seen_subcommand_from %s' -l ", commands[i].name);
      print_name(row);
      if (row->letter != 0) (void)printf(" -s %c", row->letter);
      (void)printf("%s -d '", row->value != NULL ? " -r" : "");
      print_quoted(row->help);
      (void)puts("'");
    }
  }
}

int ctl_completion_print(const Options *options, const CompletionCommand *commands, size_t count) {
  static const struct {
    const char *shell;
    void (*print)(const CompletionCommand *commands, size_t count);
  } rows[] = {{"bash", print_bash}, {"zsh", print_zsh}, {"fish", print_fish}};
  const char *shell = options->operand_count == 1 ? options->operands[0] : "";
  FsbError error;
  for (size_t i = 0; i < 3; i++) {
    if (strcmp(rows[i].shell, shell) != 0) continue;
    rows[i].print(commands, count);
    return ctl_text_finish() ? 0 : fsb_code_exit_status(CODE_INTERNAL);
  }
  ctl_options_explain(&error, "completion takes: bash, zsh or fish");
  return ctl_run_fail(options, &error);
}
