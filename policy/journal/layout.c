/* SPDX-License-Identifier: BSD-2-Clause */
/* layout - sizes, checksums and plausibility. */
#include "policy/journal/layout.h"

#include <stdio.h>
#include <string.h>

static const char magic[8] = {'F', 'S', 'B', 'J', 'R', 'N', 'L', '\n'};

/* --- Sizes --- */

static size_t round_up(size_t size) {
  return (size + JOURNAL_PAGE - 1) & ~(JOURNAL_PAGE - 1);
}

static bool is_possible(const Geometry *g) {
  return g->tenants >= 1 && g->tenants <= JOURNAL_MAX_TENANTS &&
         g->rows_per_tenant >= JOURNAL_LEAST_ROWS && g->rows_per_tenant <= JOURNAL_MAX_ROWS &&
         g->slots >= 1 && g->slots <= JOURNAL_MAX_SLOTS && g->details >= 1 &&
         g->details <= JOURNAL_MAX_DETAILS;
}

/* Where each region begins; the last entry is the end.  Caps keep this below 2^40. */
static void place_regions(const Geometry *g, size_t at[7]) {
  size_t rows = (size_t)g->tenants * g->rows_per_tenant;
  at[0] = 0;
  at[1] = JOURNAL_PAGE;
  at[2] = at[1] + round_up(JOURNAL_PAGE + rows * sizeof(Ack));
  at[3] = at[2] + round_up((size_t)g->tenants * sizeof(Tenant));
  at[4] = at[3] + round_up((size_t)g->slots * sizeof(Slot));
  at[5] = at[4] + round_up((size_t)g->details * sizeof(Detail));
  at[6] = at[5] + round_up(rows * sizeof(Row));
}

size_t policy_journal_layout_size(const Geometry *geometry) {
  size_t at[7];
  if (!is_possible(geometry)) return 0;
  place_regions(geometry, at);
  return at[6];
}

void policy_journal_layout_drain(const Geometry *geometry, size_t *ret_begin, size_t *ret_end) {
  size_t at[7];
  place_regions(geometry, at);
  *ret_begin = at[1];
  *ret_end = at[2];
}

void policy_journal_layout_map(JournalMap *map, void *base, size_t size, const Geometry *geometry) {
  size_t at[7];
  uint8_t *bytes = base;
  place_regions(geometry, at);
  *map = (JournalMap){.base = bytes, .size = size, .geometry = *geometry};
  map->header = base;
  map->drain = (void *)(bytes + at[1]);
  map->acks = (void *)(bytes + at[1] + JOURNAL_PAGE);
  map->tenants = (void *)(bytes + at[2]);
  map->slots = (void *)(bytes + at[3]);
  map->details = (void *)(bytes + at[4]);
  map->rows = (void *)(bytes + at[5]);
  map->row_count = geometry->tenants * geometry->rows_per_tenant;
}

/* --- Checksums: against damage, not against forgery --- */

static uint64_t mix(uint64_t h) {
  h ^= h >> 32;
  h *= UINT64_C(0xd6e8feb86659fd93);
  return h ^ (h >> 32);
}

static inline uint64_t add_word(uint64_t lane, const uint8_t *at) {
  uint64_t word;
  memcpy(&word, at, 8);
  lane = (lane ^ word) * UINT64_C(0x9e3779b97f4a7c15);
  return (lane << 29) | (lane >> 35);
}

/* Four independent chains, so that the multiplications overlap: this is most of what
 * accounting for a run costs. */
static uint64_t sum_words(const void *bytes, size_t size, uint64_t seed) {
  uint64_t a = seed + 1, b = seed + 2, c = seed + 3, d = seed + 4;
  const uint8_t *at = bytes;
  for (; size >= 32; size -= 32, at += 32) {
    a = add_word(a, at);
    b = add_word(b, at + 8);
    c = add_word(c, at + 16);
    d = add_word(d, at + 24);
  }
  for (; size >= 8; size -= 8, at += 8) a = add_word(a, at);
  return mix(a + 3 * mix(b + 5 * mix(c + 7 * mix(d))));
}

uint64_t policy_journal_layout_check_row(uint64_t id, const RowKey *key, const RowSums *sums) {
  uint64_t h = sum_words(key, sizeof *key, id);
  return sum_words(sums, offsetof(RowSums, check), h);
}

uint64_t policy_journal_layout_check_retired(uint32_t tenant, uint64_t retired) {
  return retired == 0 ? 0 : sum_words(&retired, sizeof retired, tenant);
}

uint64_t policy_journal_layout_check_detail(const Detail *detail) {
  const uint8_t *begin = (const uint8_t *)&detail->number;
  return sum_words(begin, offsetof(Detail, check) - offsetof(Detail, number), 1);
}

static uint64_t check_frame(const HeaderFrame *frame) {
  return sum_words(frame, offsetof(HeaderFrame, check), 2);
}

void policy_journal_layout_seal(HeaderFrame *frame) {
  memcpy(frame->magic, magic, sizeof magic);
  frame->version = JOURNAL_VERSION;
  frame->header_bytes = sizeof(Header);
  frame->row_bytes = sizeof(Row);
  frame->tenant_bytes = sizeof(Tenant);
  frame->check = check_frame(frame);
}

/* --- Plausibility --- */

static bool refuse(JournalError *error, const char *text) {
  (void)snprintf(error->text, sizeof error->text, "%s", text);
  return false;
}

bool policy_journal_layout_judge(const HeaderFrame *frame, size_t size, JournalError *ret_error) {
  if (memcmp(frame->magic, magic, sizeof magic) != 0) return refuse(ret_error, "it is no journal");
  if (frame->version != JOURNAL_VERSION) {
    (void)snprintf(ret_error->text, sizeof ret_error->text,
                   "it has version %u, this program knows version %d: drain it with the release "
                   "that wrote it, then move it away",
                   frame->version, JOURNAL_VERSION);
    return false;
  }
  if (frame->check != check_frame(frame) || frame->header_bytes != sizeof(Header) ||
      frame->row_bytes != sizeof(Row) || frame->tenant_bytes != sizeof(Tenant))
    return refuse(ret_error, "its header is damaged");
  size_t wanted = policy_journal_layout_size(&frame->geometry);
  if (wanted == 0) return refuse(ret_error, "its header names impossible sizes");
  if (wanted == size) return true;
  (void)snprintf(ret_error->text, sizeof ret_error->text, "it has %zu bytes where its header says %zu",
                 size, wanted);
  return false;
}

static bool is_name_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '.' || c == '-';
}

bool policy_journal_layout_is_name(const char *name) {
  size_t size = 0;
  while (size < JOURNAL_NAME_BYTES && is_name_byte(name[size])) size++;
  return size > 0 && size < JOURNAL_NAME_BYTES && name[size] == '\0';
}

bool policy_journal_layout_is_key(const RowKey *key, const Geometry *geometry) {
  return key->tenant < geometry->tenants && key->outcome < JOURNAL_OUTCOME_ROOM && key->kind >= KIND_SCRIPT &&
         key->kind < KIND_COUNT_ && key->user_size <= JOURNAL_NAME_BYTES &&
         key->script_size <= JOURNAL_NAME_BYTES;
}

bool policy_journal_layout_is_row(const Row *row, const Geometry *geometry) {
  return row->state == PLACE_USED && row->id != 0 &&
         policy_journal_layout_is_key(&row->key, geometry) &&
         row->sums.check == policy_journal_layout_check_row(row->id, &row->key, &row->sums);
}

/* --- Reading what may change --- */

#define ATTEMPTS 64

bool policy_journal_layout_copy(void *to, const void *from, size_t size, const uint64_t *sequence) {
  for (int i = 0; i < ATTEMPTS; i++) {
    uint64_t before = __atomic_load_n(sequence, __ATOMIC_ACQUIRE);
    if ((before & 1) != 0) continue;
    for (size_t k = 0; k + 8 <= size; k += 8) {
      uint64_t word = __atomic_load_n((const uint64_t *)((const uint8_t *)from + k), __ATOMIC_RELAXED);
      memcpy((uint8_t *)to + k, &word, 8);
    }
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
    if (__atomic_load_n(sequence, __ATOMIC_RELAXED) == before) return true;
  }
  return false;
}

/* --- Names --- */

static const struct {
  const char *name, *unit, *meaning;
} fields[FIELD_COUNT_] = {
#define FIELD(NAME, name, unit, meaning) {#name, #unit, meaning},
#include "policy/journal/fields.def"
#undef FIELD
};

const char *policy_journal_field_name(Field field) {
  return field < FIELD_COUNT_ ? fields[field].name : NULL;
}
const char *policy_journal_field_unit(Field field) {
  return field < FIELD_COUNT_ ? fields[field].unit : NULL;
}
const char *policy_journal_field_meaning(Field field) {
  return field < FIELD_COUNT_ ? fields[field].meaning : NULL;
}

const char *policy_journal_reason_name(Reason reason) {
  static const char *const names[REASON_COUNT_] = {
#define REASON(NAME, name, meaning) #name,
#include "policy/journal/reasons.def"
#undef REASON
  };
  return reason < REASON_COUNT_ ? names[reason] : NULL;
}

const char *policy_journal_kind_name(ScriptKind kind) {
  static const char *const names[KIND_COUNT_] = {[KIND_SCRIPT] = "script", [KIND_FUNCTION] = "function",
                                                 [KIND_LOAD] = "load", [KIND_COMPILE] = "compile",
                                                 [KIND_OTHER] = "other"};
  return (unsigned)kind < KIND_COUNT_ ? names[kind] : NULL;
}
