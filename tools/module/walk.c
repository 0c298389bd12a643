/* SPDX-License-Identifier: BSD-2-Clause */
/* walk - the rows of walks.def, applied to a call. */
#include "tools/module/walk.h"

#include "tools/module/command.h"

typedef enum { ALWAYS, UNLESS_ASYNC, COUNT } How;

typedef struct {
  const char *command;
  How how;
  uint64_t ns;
} Walk;

static const Walk walks[] = {
#define WALK(command, how, ns) {command, how, ns},
#include "tools/module/walks.def"
#undef WALK
};

/* What cannot be read as a number the server refuses. */
static uint64_t number_of(FsbBytes word) {
  uint64_t number = 0;
  for (size_t i = 0; i < word.size; i++) {
    if (word.data[i] < '0' || word.data[i] > '9' || number > UINT32_MAX) return i == 0 ? 0 : number;
    number = number * 10 + (uint64_t)(word.data[i] - '0');
  }
  return number;
}

/* The last COUNT counts, as for the server. */
static uint64_t count_of(const FsbCall *call) {
  uint64_t count = 0;
  for (size_t i = 2; i + 1 < call->argc; i += 2)
    if (module_command_is(call->argv[i], "count")) count = number_of(call->argv[i + 1]);
  return count;
}

/* How many keys the call looks at. */
static uint64_t keys_of(const Walk *walk, const FsbCall *call, uint64_t keys) {
  switch (walk->how) {
    case ALWAYS: return keys;
    case UNLESS_ASYNC: return call->argc > 1 && module_command_is(call->argv[1], "async") ? 0 : keys;
    case COUNT: {
      uint64_t count = count_of(call);
      return count < keys ? count : keys;
    }
  }
  return keys;
}

uint64_t module_walk_estimate(const FsbCall *call, uint64_t keys) {
  for (size_t i = 0; i < sizeof walks / sizeof walks[0]; i++)
    if (module_command_is(call->argv[0], walks[i].command)) return keys_of(&walks[i], call, keys) * walks[i].ns;
  return 0;
}
