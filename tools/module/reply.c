/* SPDX-License-Identifier: BSD-2-Clause */
/* reply - element by element, as the interface takes no finished protocol. */
#include "tools/module/reply.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/module/state.h"

#define SHORT_BYTES 512
#define VERSION_7_2 0x070200

typedef int (*TextReply)(RedisCtx *ctx, const char *text);

/* Calls `reply` with a terminated copy. */
static int with_text(RedisCtx *ctx, FsbBytes text, TextReply reply) {
  char small[SHORT_BYTES];
  char *copy = text.size < sizeof small ? small : malloc(text.size + 1);
  if (copy == NULL) return rm.ReplyWithError(ctx, "INTERNAL out of memory");
  if (text.size != 0) memcpy(copy, text.data, text.size);
  copy[text.size] = '\0';
  int status = reply(ctx, copy);
  if (copy != small) free(copy);
  return status;
}

int module_reply_error(RedisCtx *ctx, FsbBytes text) {
  return with_text(ctx, text, rm.ReplyWithError);
}

int module_reply_text(RedisCtx *ctx, const char *text) {
  return rm.ReplyWithStringBuffer(ctx, text, strlen(text));
}

int module_reply_coded(RedisCtx *ctx, const char *prefix, const char *text) {
  char line[SHORT_BYTES * 3];
  (void)snprintf(line, sizeof line, "%s %s", prefix[0] == '\0' ? "ERR" : prefix, text);
  return rm.ReplyWithError(ctx, line);
}

int module_reply_fail(RedisCtx *ctx, const char *format, ...) {
  char text[SHORT_BYTES] = "ERR ";
  va_list arguments;
  va_start(arguments, format);
  (void)vsnprintf(text + 4, sizeof text - 4, format, arguments);
  va_end(arguments);
  return rm.ReplyWithError(ctx, text);
}

static int put_double(RedisCtx *ctx, FsbBytes text) {
  char digits[64];
  (void)snprintf(digits, sizeof digits, "%.*s", (int)text.size, text.data);
  return rm.ReplyWithDouble(ctx, strtod(digits, NULL));
}

static int put_counted(RedisCtx *ctx, const char *text) {
  return rm.ReplyWithCustomErrorFormat(ctx, 0, "%s", text);
}

/* The error of a command that the script passes on; Redis 7.0 has no way to say so. */
static int put_error(RedisCtx *ctx, FsbBytes text, FsbBytes counted) {
  bool is_known = counted.size != 0 && text.size >= counted.size &&
                  memcmp(text.data, counted.data, counted.size) == 0;
  if (is_known && rm.ReplyWithCustomErrorFormat != NULL) return with_text(ctx, text, put_counted);
  return with_text(ctx, text, rm.ReplyWithError);
}

static int put(RedisCtx *ctx, const FsbElement *element, FsbBytes counted) {
  FsbBytes text = element->text;
  switch (element->kind) {
    case FSB_NULL: return rm.ReplyWithNull(ctx);
    case FSB_BOOLEAN: return rm.ReplyWithBool(ctx, element->integer != 0);
    case FSB_INTEGER: return rm.ReplyWithLongLong(ctx, element->integer);
    case FSB_DOUBLE: return put_double(ctx, text);
    case FSB_BULK: return rm.ReplyWithStringBuffer(ctx, text.data, text.size);
    case FSB_STATUS: return with_text(ctx, text, rm.ReplyWithSimpleString);
    case FSB_ERROR: return put_error(ctx, text, counted);
    case FSB_BIG_NUMBER: return rm.ReplyWithBigNumber(ctx, text.data, text.size);
    case FSB_VERBATIM:
      return rm.ReplyWithVerbatimStringType(ctx, text.data, text.size, element->format);
    case FSB_ARRAY: return rm.ReplyWithArray(ctx, (long)element->count);
    case FSB_MAP: return rm.ReplyWithMap(ctx, (long)element->count);
    case FSB_SET: return rm.ReplyWithSet(ctx, (long)element->count);
  }
  return REDIS_ERR;
}

static uint64_t count_inside(const FsbElement *element) {
  if (element->kind == FSB_MAP) return element->count * 2;
  return element->kind == FSB_ARRAY || element->kind == FSB_SET ? element->count : 0;
}

int module_reply_result(RedisCtx *ctx, FsbResult *result, FsbBytes counted) {
  FsbElement element;
  if (fsb_result_code(result) != 0) return put_error(ctx, fsb_result_error(result), counted);
  /* Given the kinds of the third protocol, a server makes of them what the client's has; since
   * 7.2 it writes doubles in digits of its own. */
  bool is_3 = module_state.server_version >= VERSION_7_2 || (rm.GetContextFlags(ctx) & REDIS_CTX_RESP3) != 0;
  FsbWalk *walk = fsb_walk_open(result, is_3 ? 3 : 2);
  if (walk == NULL) return rm.ReplyWithError(ctx, "INTERNAL out of memory");
  uint64_t left = 1;
  for (; fsb_walk_next(walk, &element); left += count_inside(&element) - 1) (void)put(ctx, &element, counted);
  fsb_walk_close(walk);
  /* A reply that ended too soon would leave the client waiting, or out of step. */
  for (; left != 0; left--) (void)rm.ReplyWithError(ctx, "INTERNAL the reply broke off");
  return REDIS_OK;
}
