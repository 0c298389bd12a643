/* SPDX-License-Identifier: BSD-2-Clause */
/* acl - reading "+@all -@dangerous +eval" from left to right; the last word counts. */
#include "tools/module/acl.h"

#include <string.h>
#include <strings.h>

typedef struct {
  const char *command, *sub, *flags;
} Subject;

static bool is_text(const char *word, size_t size, const char *text) {
  return size == strlen(text) && strncasecmp(word, text, size) == 0;
}

/* "@all", "@scripting", "eval", "script|load". */
static bool is_about(const char *name, size_t size, const Subject *subject) {
  if (is_text(name, size, "@all")) return true;
  if (subject->flags != NULL) {
    if (is_text(name, size, "@scripting") || is_text(name, size, "@slow")) return true;
    if (is_text(name, size, "@write")) return strstr(subject->flags, " write") != NULL;
  }
  if (is_text(name, size, subject->command)) return true;
  const char *bar = memchr(name, '|', size);
  if (bar == NULL || subject->sub == NULL) return false;
  return is_text(name, (size_t)(bar - name), subject->command) &&
         is_text(bar + 1, size - (size_t)(bar - name) - 1, subject->sub);
}

static void apply(const char *word, size_t size, const Subject *subject, bool *allowed) {
  if (size < 2) return;
  if (is_text(word, size, "allcommands")) *allowed = true;
  if (is_text(word, size, "nocommands")) *allowed = false;
  if ((word[0] == '+' || word[0] == '-') && is_about(word + 1, size - 1, subject))
    *allowed = word[0] == '+';
}

bool module_acl_allows(const char *rules, size_t size, const char *command, const char *sub,
                       const char *flags) {
  const Subject subject = {command, sub, flags};
  bool allowed = false;
  for (size_t at = 0, end; at < size; at = end + 1) {
    for (end = at; end < size && rules[end] != ' ' && rules[end] != '(' && rules[end] != ')';) end++;
    apply(rules + at, end - at, &subject, &allowed);
    /* A selector begins or ends: it stands for itself. */
    bool is_edge = end < size && rules[end] != ' ';
    if (is_edge && allowed) return true;
    if (is_edge) allowed = false;
  }
  return allowed;
}
