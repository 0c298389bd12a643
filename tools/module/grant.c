/* SPDX-License-Identifier: BSD-2-Clause */
/* grant - finding rules about scripting. */
#include "tools/module/grant.h"

#include <string.h>
#include <strings.h>

#include "tools/module/caller.h"
#include "tools/module/route.h"
#include "tools/module/state.h"

#define RULE "+" ROUTE_COMMAND

static RedisString *rule_word;
static bool has_new_users; /* an ACL file was, or may have been, read */

static bool begins(const char *word, size_t size, const char *text) {
  return size >= strlen(text) && strncasecmp(word, text, strlen(text)) == 0;
}

/* "+eval", "+function|list", "+@scripting". */
static bool is_about_scripts(const char *word, size_t size) {
  static const char *const names[] = {"eval", "fcall", "script", "function", "@scripting"};
  if (size < 2 || word[0] != '+') return false;
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    if (begins(word + 1, size - 1, names[i])) return true;
  return false;
}

static bool is_word(const RedisString *string, const char *text) {
  size_t size;
  const char *word = rm.StringPtrLen(string, &size);
  return size == strlen(text) && begins(word, size, text);
}

void module_grant_filter(RedisFilterCtx *filter, const RedisString *sub) {
  int argc = rm.CommandFilterArgsCount(filter);
  if (is_word(sub, "load")) has_new_users = true;
  if (!is_word(sub, "setuser")) return;
  for (int i = 3; i < argc; i++) {
    size_t size;
    const char *word = rm.StringPtrLen(rm.CommandFilterArgGet(filter, i), &size);
    if (!is_about_scripts(word, size)) continue;
    rm.RetainString(NULL, rule_word);
    (void)rm.CommandFilterArgInsert(filter, argc, rule_word);
    return;
  }
}

/* --- Users from files --- */

/* Reads "user NAME on ... +@scripting ..."; returns whether the rule is missing. */
static bool lacks_rule(const char *line, size_t size, const char **ret_name, size_t *ret_name_size) {
  bool needs = false;
  size_t number = 0;
  *ret_name_size = 0;
  for (size_t at = 0, end; at < size; at = end + 1, number++) {
    const char *space = memchr(line + at, ' ', size - at);
    end = space == NULL ? size : (size_t)(space - line);
    if (number == 1) {
      *ret_name = line + at;
      *ret_name_size = end - at;
    }
    if (is_about_scripts(line + at, end - at)) needs = true;
    if (begins(line + at, end - at, RULE)) return false;
  }
  return needs && *ret_name_size != 0;
}

static void complete(RedisCtx *ctx, RedisReply *line) {
  size_t size, name_size = 0;
  const char *name = NULL;
  const char *text = line == NULL ? NULL : rm.CallReplyStringPtr(line, &size);
  if (text == NULL || !lacks_rule(text, size, &name, &name_size)) return;
  RedisReply *reply = rm.Call(ctx, "ACL", "cbc", "SETUSER", name, name_size, RULE);
  if (reply != NULL) rm.FreeCallReply(reply);
}

void module_grant_tend(RedisCtx *ctx) {
  if (!has_new_users) return;
  has_new_users = false;
  module_caller_forget();
  RedisReply *list = rm.Call(ctx, "ACL", "c", "LIST");
  if (list == NULL) return;
  for (size_t i = 0; i < rm.CallReplyLength(list); i++)
    complete(ctx, rm.CallReplyArrayElement(list, i));
  rm.FreeCallReply(list);
}

void module_grant_begin(void) {
  rule_word = rm.CreateString(NULL, RULE, strlen(RULE));
  has_new_users = true;
}

void module_grant_end(void) {
  if (rule_word != NULL) rm.FreeString(NULL, rule_word);
  rule_word = NULL;
}
