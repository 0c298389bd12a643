/* SPDX-License-Identifier: BSD-2-Clause */
/* guess - see guess.h. */
#include "sandbox/worker/guess.h"

#include <string.h>

static size_t set_of(uint64_t site) {
  _Static_assert(GUESS_ROWS / GUESS_SET == 32, "five bits");
  return (size_t)(site * UINT64_C(0x9e3779b97f4a7c15) >> 59) * GUESS_SET;
}

/* The row of a call, or GUESS_ROWS. */
static size_t row_of(const GuessTable *table, uint64_t site) {
  size_t first = set_of(site);
  for (size_t row = first; row < first + GUESS_SET; row++)
    if (table->rows[row].site == site && site != 0) return row;
  return GUESS_ROWS;
}

ByteView worker_guess_find(const GuessTable *table, uint64_t site) {
  size_t at = row_of(table, site);
  if (at == GUESS_ROWS) return ipc_bytes_view(NULL, 0);
  const GuessRow *row = &table->rows[at];
  return row->size != 0 && row->same >= row->habit ? ipc_bytes_view(row->bytes, row->size) : ipc_bytes_view(NULL, 0);
}

/* Takes the row that has not been used for longest. */
static GuessRow *settle(GuessTable *table, uint64_t site) {
  size_t first = set_of(site);
  GuessRow *row = &table->rows[first];
  for (size_t other = first + 1; other < first + GUESS_SET; other++)
    if (table->notes - table->rows[other].used > table->notes - row->used) row = &table->rows[other];
  *row = (GuessRow){.site = site, .habit = GUESS_HABIT};
  return row;
}

/* Digits of a number that says nothing of whom it belongs to. */
enum { FEW_DIGITS = 5 };

/* Returns the bytes of the line that begins here, with its end; 0: it is none, or too long. */
static size_t line_of(ByteView rest) {
  size_t most = rest.size < FEW_DIGITS + 4 ? rest.size : FEW_DIGITS + 4;
  for (size_t i = 1; i + 1 < most; i++)
    if (rest.data[i] == '\r' && rest.data[i + 1] == '\n') return i + 2;
  return 0;
}

/* Whether it is a sign or a digit, and then digits. */
static bool is_number(const uint8_t *at, size_t size) {
  bool is_one = size != 0 && size <= FEW_DIGITS && (at[0] == '-' || (at[0] >= '0' && at[0] <= '9'));
  for (size_t i = 1; i < size && is_one; i++) is_one = at[i] >= '0' && at[i] <= '9';
  return is_one;
}

/* Returns how far an element that says little reaches; 0: it says more. */
static size_t skip_plain(ByteView rest) {
  size_t head = line_of(rest);
  if (head == 0) return 0;
  if (rest.data[0] == '+') return head == 5 && memcmp(rest.data, "+OK", 3) == 0 ? head : 0;
  if (!is_number(rest.data + 1, head - 3)) return 0;
  if (rest.data[0] == ':' || rest.data[0] == '*' || (rest.data[0] == '$' && rest.data[1] == '-')) return head;
  size_t body = rest.data[0] == '$' ? line_of(ipc_bytes_view(rest.data + head, rest.size - head)) : 0;
  return body != 0 && is_number(rest.data + head, body - 2) ? head + body : 0;
}

static bool is_plain(ByteView answer) {
  if (answer.size > TAPE_GUESS_BYTES) return false;
  for (size_t at = 0, size; at < answer.size; at += size) {
    size = skip_plain(ipc_bytes_view(answer.data + at, answer.size - at));
    if (size == 0) return false;
  }
  return true;
}

static void learn(GuessRow *row, ByteView answer) {
  bool was_guessed = row->same >= row->habit;
  bool was_worth_it = row->same >= (GUESS_WORTH + 1) * row->habit;
  if (was_worth_it && row->habit > GUESS_HABIT) row->habit /= 2;
  else if (was_guessed && !was_worth_it && row->habit < GUESS_HABIT_MOST) row->habit *= 2;
  row->same = 0;
  row->size = is_plain(answer) ? (uint8_t)answer.size : 0;
  memcpy(row->bytes, answer.data, row->size);
}

void worker_guess_note(GuessTable *table, uint64_t site, ByteView answer) {
  if (site == 0) return;
  size_t at = row_of(table, site);
  GuessRow *row = at == GUESS_ROWS ? settle(table, site) : &table->rows[at];
  row->used = ++table->notes;
  bool is_same = row->size != 0 && ipc_bytes_is_equal(ipc_bytes_view(row->bytes, row->size), answer);
  if (!is_same) learn(row, answer);
  else if (row->same < UINT16_MAX) row->same++;
}
