/* SPDX-License-Identifier: BSD-2-Clause */
/* grant - finding rules about scripting. */
#include "tools/module/grant.h"

#include <string.h>
#include <strings.h>

#include "tools/module/acl.h"
#include "tools/module/route.h"

#define RULE "+" ROUTE_COMMAND

static bool is_due = true; /* users come from files, too */

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

void module_grant_notice(void) {
  is_due = true;
}

/* Reads "user NAME on ... +@scripting ..."; returns whether the rule is missing and
 * wanted. */
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
  }
  return needs && *ret_name_size != 0 && !module_acl_allows(line, size, ROUTE_COMMAND, NULL, NULL);
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
  if (!is_due) return;
  is_due = false;
  RedisReply *list = rm.Call(ctx, "ACL", "c", "LIST");
  if (list == NULL) return;
  for (size_t i = 0; i < rm.CallReplyLength(list); i++)
    complete(ctx, rm.CallReplyArrayElement(list, i));
  rm.FreeCallReply(list);
}
