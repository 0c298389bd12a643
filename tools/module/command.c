/* SPDX-License-Identifier: BSD-2-Clause */
/* command - a table of names, filled from COMMAND INFO. */
#include "tools/module/command.h"

#include <stdint.h>
#include <string.h>

#define NAME_BYTES 64
#define SLOTS 2048
#define MOST_NAMES 1024

typedef struct {
  char name[NAME_BYTES]; /* lower case, a subcommand behind a bar; empty: free */
  unsigned flags;
} Entry;

static Entry table[SLOTS];
static size_t count;

/* Names as scripts spelled them lately, which is most often always the same. */
#define RECENT 64
#define RECENT_BYTES 24

typedef struct {
  unsigned flags; /* 0: free */
  uint8_t size;
  char name[RECENT_BYTES];
} Recent;

static Recent recent[RECENT];

void module_command_forget(void) {
  memset(table, 0, sizeof table);
  memset(recent, 0, sizeof recent);
  count = 0;
}

static Entry *slot_of(const char *name) {
  uint32_t hash = 2166136261u;
  for (const char *at = name; *at != '\0'; at++) hash = (hash ^ (uint8_t)*at) * 16777619u;
  size_t slot = hash % SLOTS;
  while (table[slot].name[0] != '\0' && strcmp(table[slot].name, name) != 0)
    slot = (slot + 1) % SLOTS;
  return &table[slot];
}

/* Appends in lower case; false when no command can be called so. */
static bool append(char *name, FsbBytes word) {
  size_t at = strlen(name);
  if (word.size == 0 || word.size >= NAME_BYTES - at) return false;
  for (size_t i = 0; i < word.size; i++) {
    char c = word.data[i];
    if (c == '\0') return false;
    name[at + i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
  }
  name[at + word.size] = '\0';
  return true;
}

/* --- Asking the server --- */

/* What the server does not say. */
static unsigned flags_of_name(const char *name) {
  static const struct {
    const char *name;
    unsigned flags;
  } rows[] = {{"pfcount", COMMAND_MAY_REPLICATE},     {"publish", COMMAND_MAY_REPLICATE},
              {"spublish", COMMAND_MAY_REPLICATE},    {"select", COMMAND_SELECT},
              {"sort", COMMAND_SORT},                 {"sort_ro", COMMAND_SORT},
              {"xread", COMMAND_READS_STREAMS},       {"xreadgroup", COMMAND_READS_STREAMS}};
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
    if (strcmp(name, rows[i].name) == 0) return rows[i].flags;
  return 0;
}

static unsigned flag_of(RedisReply *reply) {
  size_t size;
  const char *text = rm.CallReplyStringPtr(reply, &size);
  if (text == NULL) return 0;
  FsbBytes word = {text, size};
  if (module_command_is(word, "write")) return COMMAND_WRITE;
  if (module_command_is(word, "readonly")) return COMMAND_READ;
  if (module_command_is(word, "stale")) return COMMAND_STALE;
  return module_command_is(word, "noscript") ? COMMAND_NOSCRIPT : 0;
}

/* Reads [name, arity, [flag, ...], ..., [subcommand, ...]]. */
static unsigned read_entry(RedisReply *entry, const char *name) {
  unsigned flags = COMMAND_KNOWN;
  if (entry == NULL || rm.CallReplyType(entry) != REDIS_REPLY_ARRAY) return 0;
  if (rm.CallReplyLength(entry) < 3) return 0;
  RedisReply *list = rm.CallReplyArrayElement(entry, 2);
  for (size_t i = 0; i < rm.CallReplyLength(list); i++)
    flags |= flag_of(rm.CallReplyArrayElement(list, i));
  if (rm.CallReplyLength(entry) > 9 && rm.CallReplyLength(rm.CallReplyArrayElement(entry, 9)) > 0)
    flags |= COMMAND_CONTAINER;
  return flags | flags_of_name(name);
}

static unsigned ask(RedisCtx *ctx, const char *name) {
  unsigned flags = 0;
  RedisReply *reply = rm.Call(ctx, "COMMAND", "cc", "INFO", name);
  if (reply == NULL) return COMMAND_KNOWN | COMMAND_WRITE | flags_of_name(name); /* renamed: nothing is known */
  if (rm.CallReplyType(reply) == REDIS_REPLY_ARRAY && rm.CallReplyLength(reply) == 1)
    flags = read_entry(rm.CallReplyArrayElement(reply, 0), name);
  rm.FreeCallReply(reply);
  return flags;
}

static void keep(const char *name, unsigned flags) {
  Entry *entry = slot_of(name);
  if (flags == 0 || count >= MOST_NAMES || entry->name[0] != '\0') return;
  memcpy(entry->name, name, strlen(name) + 1);
  entry->flags = flags;
  count++;
}

/* Names that do not exist are not kept: a script can make up any number of them. */
static unsigned find(RedisCtx *ctx, const char *name) {
  const Entry *entry = slot_of(name);
  if (entry->name[0] != '\0') return entry->flags;
  unsigned flags = ask(ctx, name);
  keep(name, flags);
  return flags;
}

static void learn_entry(RedisReply *entry) {
  char name[NAME_BYTES] = "";
  FsbBytes word;
  if (entry == NULL || rm.CallReplyType(entry) != REDIS_REPLY_ARRAY || rm.CallReplyLength(entry) == 0) return;
  word.data = rm.CallReplyStringPtr(rm.CallReplyArrayElement(entry, 0), &word.size);
  if (word.data != NULL && append(name, word)) keep(name, read_entry(entry, name));
}

void module_command_learn(RedisCtx *ctx) {
  RedisReply *list = rm.Call(ctx, "COMMAND", "");
  if (list == NULL) return;
  for (size_t i = 0; i < rm.CallReplyLength(list); i++) {
    RedisReply *entry = rm.CallReplyArrayElement(list, i);
    RedisReply *subs = rm.CallReplyLength(entry) > 9 ? rm.CallReplyArrayElement(entry, 9) : NULL;
    learn_entry(entry);
    for (size_t j = 0; subs != NULL && j < rm.CallReplyLength(subs); j++)
      learn_entry(rm.CallReplyArrayElement(subs, j));
  }
  rm.FreeCallReply(list);
}

/* The place of a name among the recent ones; NULL: too long for them. */
static Recent *recent_of(FsbBytes name) {
  if (name.size == 0 || name.size > RECENT_BYTES) return NULL;
  unsigned first = (uint8_t)name.data[0], last = (uint8_t)name.data[name.size - 1];
  return &recent[(first * 5 + last + (unsigned)name.size * 11) % RECENT];
}

static bool is_same(const Recent *known, FsbBytes name) {
  return known->flags != 0 && known->size == name.size && memcmp(known->name, name.data, name.size) == 0;
}

/* Likewise of the first word alone. */
static unsigned find_first(RedisCtx *ctx, FsbBytes word) {
  char name[NAME_BYTES] = "";
  Recent *known = recent_of(word);
  if (known != NULL && is_same(known, word)) return known->flags;
  unsigned flags = append(name, word) ? find(ctx, name) : 0;
  if (known == NULL || flags == 0) return flags;
  *known = (Recent){.flags = flags, .size = (uint8_t)word.size};
  memcpy(known->name, word.data, word.size);
  return flags;
}

unsigned module_command_flags(RedisCtx *ctx, const FsbBytes *argv, size_t argc) {
  char name[NAME_BYTES] = "";
  unsigned flags = find_first(ctx, argv[0]);
  if ((flags & COMMAND_CONTAINER) == 0 || argc < 2) return flags;
  bool has_sub = append(name, argv[0]) && append(name, (FsbBytes){"|", 1}) && append(name, argv[1]);
  return has_sub ? find(ctx, name) : 0;
}
