/* SPDX-License-Identifier: BSD-2-Clause */
/* grant - finding rules about scripting. */
#include "tools/module/grant.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "tools/module/acl.h"
#include "tools/module/route.h"

#define RULE "+" ROUTE_COMMAND

static bool is_due = true; /* users come from files, too */

static bool begins(const char *word, size_t size, const char *text) {
  return size >= strlen(text) && strncasecmp(word, text, strlen(text)) == 0;
}

/* "+eval", "+function|list", "+@scripting", and the other categories of these commands. */
static bool is_about_scripts(const char *word, size_t size) {
  static const char *const names[] = {"eval",     "fcall", "script", "function",
                                      "@scripting", "@slow", "@write"};
  if (size < 2 || word[0] != '+') return false;
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    if (begins(word + 1, size - 1, names[i])) return true;
  return false;
}

void module_grant_notice(void) {
  is_due = true;
}

/* Reads "user NAME on ... +@scripting ..."; returns whether the rule is missing and
 * wanted. */
static bool lacks_rule(const char *line, size_t size, const char **ret_name, size_t *ret_name_size) {
  bool needs = false;
  size_t number = 0;
  const char *selectors = memchr(line, '(', size);
  const size_t root = selectors == NULL ? size : (size_t)(selectors - line);
  *ret_name_size = 0;
  for (size_t at = 0, end; at < root; at = end + 1, number++) {
    const char *space = memchr(line + at, ' ', root - at);
    end = space == NULL ? root : (size_t)(space - line);
    if (number == 1) {
      *ret_name = line + at;
      *ret_name_size = end - at;
    }
    if (is_about_scripts(line + at, end - at)) needs = true;
  }
  return needs && *ret_name_size != 0 && !module_acl_allows(line, root, ROUTE_COMMAND, NULL, NULL);
}

/* --- Selectors: "(~x* -@all +eval)" --- */

/* Finds the next one behind `*at`, without its brackets. */
static bool next_selector(const char *line, size_t size, size_t *at, const char **ret_text,
                          size_t *ret_size) {
  const char *open = *at >= size ? NULL : memchr(line + *at, '(', size - *at);
  if (open == NULL) return false;
  size_t start = (size_t)(open - line) + 1;
  const char *close = memchr(line + start, ')', size - start);
  if (close == NULL) return false;
  *ret_text = line + start;
  *ret_size = (size_t)(close - line) - start;
  *at = (size_t)(close - line) + 1;
  return true;
}

static bool is_selector_about_scripts(const char *text, size_t size) {
  for (size_t at = 0, end; at < size; at = end + 1) {
    const char *space = memchr(text + at, ' ', size - at);
    end = space == NULL ? size : (size_t)(space - text);
    if (is_about_scripts(text + at, end - at)) return true;
  }
  return false;
}

/* Whether the line has a selector that is this one and the rule. */
static bool has_completed(const char *line, size_t size, const char *text, size_t text_size) {
  const char *other;
  size_t other_size, at = 0;
  const size_t rule = strlen(" " RULE);
  while (next_selector(line, size, &at, &other, &other_size))
    if (other_size == text_size + rule && memcmp(other, text, text_size) == 0 &&
        memcmp(other + text_size, " " RULE, rule) == 0)
      return true;
  return false;
}

/* A selector cannot be changed, but one more can be added. */
static void add_selector(RedisCtx *ctx, const char *name, size_t name_size, const char *text,
                         size_t size) {
  const size_t rule = strlen(" " RULE ")");
  char *words = malloc(size + rule + 1);
  if (words == NULL) return;
  words[0] = '(';
  memcpy(words + 1, text, size);
  memcpy(words + 1 + size, " " RULE ")", rule);
  RedisReply *reply =
      rm.Call(ctx, "ACL", "cbb", "SETUSER", name, name_size, words, size + rule + 1);
  if (reply != NULL) rm.FreeCallReply(reply);
  free(words);
}

/* At most as many as there are: a server that shows rules otherwise than they were given
 * must not make them grow. */
static void complete_selectors(RedisCtx *ctx, const char *line, size_t size, const char *name,
                               size_t name_size) {
  const char *text;
  size_t text_size, at = 0, lacking = 0, having = 0;
  while (next_selector(line, size, &at, &text, &text_size)) {
    bool has_rule = module_acl_allows(text, text_size, ROUTE_COMMAND, NULL, NULL);
    if (has_rule) having++;
    if (!has_rule && is_selector_about_scripts(text, text_size)) lacking++;
  }
  at = 0;
  while (having < lacking && next_selector(line, size, &at, &text, &text_size)) {
    if (!is_selector_about_scripts(text, text_size) ||
        module_acl_allows(text, text_size, ROUTE_COMMAND, NULL, NULL) ||
        has_completed(line, size, text, text_size))
      continue;
    add_selector(ctx, name, name_size, text, text_size);
    having++;
  }
}

static void complete(RedisCtx *ctx, RedisReply *line) {
  size_t size, name_size = 0;
  const char *name = NULL;
  const char *text = line == NULL ? NULL : rm.CallReplyStringPtr(line, &size);
  if (text == NULL) return;
  bool lacks = lacks_rule(text, size, &name, &name_size);
  if (name_size == 0) return;
  complete_selectors(ctx, text, size, name, name_size);
  if (!lacks) return;
  RedisReply *reply = rm.Call(ctx, "ACL", "cbc", "SETUSER", name, name_size, RULE);
  if (reply != NULL) rm.FreeCallReply(reply);
}

void module_grant_tend(RedisCtx *ctx) {
  if (!is_due) return;
  is_due = false;
  RedisReply *list = rm.Call(ctx, "ACL", "c", "LIST");
  if (list == NULL) return;
  for (size_t i = 0; i < rm.CallReplyLength(list); i++)
    complete(ctx, rm.CallReplyArrayElement(list, i));
  rm.FreeCallReply(list);
}
