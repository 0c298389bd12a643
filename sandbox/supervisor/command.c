/* SPDX-License-Identifier: BSD-2-Clause */
/* command - the table and the reading of COMMAND INFO.
 *
 * The reply is a list of entries: name, arity, flags, ..., and as the tenth
 * element the entries of the subcommands.  It is walked flat, by depth: an entry
 * is an array at depth 1, or at depth 3 below that tenth element; its elements
 * are one deeper, its flags two.
 */
#include "sandbox/supervisor/command.h"

#include <string.h>

#include "policy/hash.h"

#define INFO_BYTES (UINT64_C(1) << 20)

#define FIELD_NAME 0
#define FIELD_ARITY 1
#define FIELD_FLAGS 2
#define FIELD_SUBCOMMANDS 9

/* --- The table --- */

static uint64_t hash_name(const char *name) {
  return policy_hash_add(POLICY_HASH_START, name, strlen(name));
}

/* The slot that holds the name, or the free one where it belongs. */
static Command *slot_of(CommandTable *table, const char *name) {
  size_t at = hash_name(name) % COMMAND_SLOTS;
  while (table->slots[at].name[0] != '\0' && strcmp(table->slots[at].name, name) != 0)
    at = (at + 1) % COMMAND_SLOTS;
  return &table->slots[at];
}

void supervisor_command_clear(CommandTable *table) {
  memset(table, 0, sizeof *table);
}

/* There is always a free slot, or a search would not end. */
static void insert(CommandTable *table, const Command *command) {
  Command *slot = slot_of(table, command->name);
  if (slot->name[0] == '\0' && table->count >= COMMAND_SLOTS - COMMAND_SLOTS / 4) return;
  if (slot->name[0] == '\0') table->count++;
  *slot = *command;
}

/* A script may make up any number of names: a table that fills starts anew, but
 * never between a command and its subcommands. */
static void make_room(CommandTable *table) {
  if (table->count < COMMAND_SLOTS / 2) return;
  memset(table->slots, 0, sizeof table->slots);
  table->count = 0;
}

/* --- Names --- */

static char lower(char c) {
  return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* "config|get" is how COMMAND INFO names a subcommand; a script says it in two words. */
static bool is_compound(const FsbBytes *name) { return memchr(name->data, '|', name->size) != NULL; }

/* Appends a name in lower case; false when no command can have it. */
static bool append_name(char *name, const char *text, size_t size) {
  size_t at = strlen(name);
  if (size == 0 || size >= COMMAND_NAME_BYTES - at || memchr(text, '\0', size) != NULL)
    return false;
  for (size_t i = 0; i < size; i++) name[at + i] = lower(text[i]);
  name[at + size] = '\0';
  return true;
}

/* --- COMMAND INFO --- */

typedef struct {
  CommandTable *table;
  const char *asked; /* the name under which the command is known here */
  Command found;
  Command entry; /* being read */
  uint32_t base; /* its depth; 0: none */
  int field;     /* of it */
  int top_field; /* of the entry at depth 1 */
} InfoWalk;

static unsigned flag_bit(ByteView name) {
  static const struct {
    const char *name;
    unsigned bit;
  } flags[] = {
      {"noscript", COMMAND_NOSCRIPT}, {"write", COMMAND_WRITE}, {"blocking", COMMAND_BLOCKING}};
  for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++)
    if (ipc_bytes_is_equal(name, ipc_bytes_text(flags[i].name))) return flags[i].bit;
  return 0;
}

static void finish_entry(InfoWalk *walk) {
  if (walk->base == 1) {
    walk->found = walk->entry;
    walk->found.name[0] = '\0';
    (void)append_name(walk->found.name, walk->asked, strlen(walk->asked));
  } else if (walk->base == 3 && walk->entry.name[0] != '\0') {
    insert(walk->table, &walk->entry);
  }
  walk->base = 0;
}

static void begin_entry(InfoWalk *walk, uint32_t depth) {
  finish_entry(walk);
  walk->entry = (Command){.flags = COMMAND_KNOWN};
  walk->base = depth;
  walk->field = -1;
}

static void read_field(InfoWalk *walk, const RespElement *element) {
  walk->field++;
  if (walk->base == 1) walk->top_field = walk->field;
  if (walk->field == FIELD_NAME) {
    walk->entry.name[0] = '\0';
    (void)append_name(walk->entry.name, (const char *)element->text.data, element->text.size);
  }
  if (walk->field == FIELD_ARITY) walk->entry.arity = (int)element->integer;
  if (walk->field == FIELD_SUBCOMMANDS && element->kind == RESP_ARRAY && element->count > 0)
    walk->entry.flags |= COMMAND_CONTAINER;
}

static void read_element(InfoWalk *walk, const RespElement *element) {
  bool is_entry =
      element->kind == RESP_ARRAY &&
      (element->depth == 1 || (element->depth == 3 && walk->top_field == FIELD_SUBCOMMANDS));
  if (is_entry)
    begin_entry(walk, element->depth);
  else if (walk->base != 0 && element->depth == walk->base + 1)
    read_field(walk, element);
  else if (walk->base != 0 && element->depth == walk->base + 2 && walk->field == FIELD_FLAGS)
    walk->entry.flags |= flag_bit(element->text);
}

/* Reads the reply; `ret_found` has flags 0 when the command does not exist. */
static Status read_info(CommandTable *table, const char *asked, ByteView reply,
                        Command *ret_found) {
  enum { DEEPEST = 16 };
  uint32_t left[DEEPEST];
  RespReader reader;
  RespElement element;
  InfoWalk walk = {.table = table, .asked = asked, .top_field = -1};
  Status status;
  if (reply.size == 0 || reply.data[0] == '-') return ST_UNSUPPORTED;
  ipc_resp_read_init(&reader, reply, left, DEEPEST);
  while ((status = ipc_resp_read(&reader, &element)) == ST_OK) read_element(&walk, &element);
  if (status != ST_NOT_FOUND) return ST_INVALID;
  finish_entry(&walk);
  if (walk.found.flags == 0) (void)append_name(walk.found.name, asked, strlen(asked));
  *ret_found = walk.found;
  return ST_OK;
}

static Status ask(CommandTable *table, Link *link, const char *name, LinkPatience patience,
                  Command *ret_command) {
  ByteView reply;
  patience.max_bytes = INFO_BYTES;
  make_room(table);
  supervisor_link_say(link, "COMMAND", "INFO", name, NULL);
  Status status = supervisor_link_flush(link, patience);
  if (status == ST_OK) status = supervisor_link_receive(link, patience, &reply);
  if (status != ST_OK) return status;
  status = read_info(table, name, reply, ret_command);
  if (status == ST_OK) insert(table, ret_command);
  return status;
}

/* --- Without the server's help --- */

static bool is_noscript(const char *name) {
  static const char *const names[] = {
#define NOSCRIPT(name) name,
#include "sandbox/supervisor/noscript.def"
#undef NOSCRIPT
  };
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    if (strcmp(names[i], name) == 0) return true;
  return false;
}

/* What cannot be known is assumed the careful way: it may write, and MULTI does
 * no harm to a command that does not block. */
static Command assume(const char *name, const FsbBytes *argv, size_t argc) {
  Command command = {.flags = COMMAND_KNOWN | COMMAND_WRITE | COMMAND_BLOCKING};
  char full[COMMAND_NAME_BYTES] = "";
  bool has_sub = append_name(full, name, strlen(name)) && append_name(full, "|", 1) && argc > 1 &&
                 append_name(full, argv[1].data, argv[1].size);
  if (is_noscript(name) || (has_sub && is_noscript(full))) command.flags |= COMMAND_NOSCRIPT;
  return command;
}

/* --- Finding --- */

static Status find_plain(CommandTable *table, Link *link, const char *name, LinkPatience patience,
                         Command *ret_command) {
  const Command *slot = slot_of(table, name);
  if (slot->name[0] != '\0') {
    *ret_command = *slot;
    return ST_OK;
  }
  return ask(table, link, name, patience, ret_command);
}

Status supervisor_command_find(CommandTable *table, Link *link, const FsbBytes *argv, size_t argc,
                               LinkPatience patience, Command *ret_command) {
  char name[COMMAND_NAME_BYTES] = "";
  *ret_command = (Command){.flags = 0};
  if (!append_name(name, argv[0].data, argv[0].size) || is_compound(&argv[0])) return ST_OK;
  Status status =
      table->is_mute ? ST_UNSUPPORTED : find_plain(table, link, name, patience, ret_command);
  if (status == ST_UNSUPPORTED) {
    table->is_mute = true;
    *ret_command = assume(name, argv, argc);
    return ST_OK;
  }
  if (status != ST_OK || argc < 2 || (ret_command->flags & COMMAND_CONTAINER) == 0) return status;
  *ret_command = (Command){.flags = 0};
  if (append_name(name, "|", 1) && append_name(name, argv[1].data, argv[1].size))
    *ret_command = *slot_of(table, name);
  return ST_OK;
}
