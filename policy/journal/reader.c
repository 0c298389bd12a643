/* SPDX-License-Identifier: BSD-2-Clause */
/* reader - copies, judged. */
#include "policy/journal/reader.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "policy/journal/file.h"

struct JournalReader {
  JournalMap map;
  int fd;
};

JournalReader *policy_journal_reader_open(const char *path, bool is_drain, JournalError *ret_error) {
  JournalReader *reader = calloc(1, sizeof *reader);
  if (reader == NULL) {
    (void)policy_journal_file_refuse(ret_error, path, "out of memory");
    return NULL;
  }
  reader->fd = policy_journal_file_open(path, is_drain ? JOURNAL_LOCK_DRAIN : JOURNAL_LOCK_NONE, ret_error);
  if (reader->fd >= 0 && policy_journal_file_map(&reader->map, reader->fd, path, PROT_READ, ret_error))
    return reader;
  policy_journal_reader_close(reader);
  return NULL;
}

void policy_journal_reader_close(JournalReader *reader) {
  if (reader == NULL) return;
  if (reader->map.base != NULL) (void)munmap(reader->map.base, reader->map.size);
  if (reader->fd >= 0) (void)close(reader->fd);
  free(reader);
}

void policy_journal_reader_info(const JournalReader *reader, JournalInfo *ret_info) {
  const Header *header = reader->map.header;
  *ret_info = (JournalInfo){
      .created = header->frame.created,
      .boot_at = header->boot_at,
      .pid = header->pid,
      .cost_model = header->cost_model,
      .tenants = reader->map.geometry.tenants,
      .rows = reader->map.row_count,
      .details = reader->map.geometry.details,
      .admitted = __atomic_load_n(&header->next_ticket, __ATOMIC_ACQUIRE) - 1,
      .damaged = header->damaged,
      .unaccounted = header->unaccounted,
      .next_detail = __atomic_load_n(&header->next_detail, __ATOMIC_ACQUIRE)};
  memcpy(ret_info->node, header->frame.node, JOURNAL_ID_BYTES);
  memcpy(ret_info->boot, header->boot, JOURNAL_ID_BYTES);
}

/* --- Rows --- */

static void spell_key(const RowKey *key, JournalRow *row) {
  row->tenant = key->tenant;
  row->outcome = key->outcome;
  row->cost_model = key->cost_model;
  row->kind = (ScriptKind)key->kind;
  row->user_size = key->user_size;
  row->script_size = key->script_size;
  memcpy(row->user, key->user, JOURNAL_NAME_BYTES);
  memcpy(row->script, key->script, JOURNAL_NAME_BYTES);
}

bool policy_journal_reader_has_news(const JournalReader *reader, uint32_t row) {
  const Row *at = &reader->map.rows[row];
  const Ack *ack = &reader->map.acks[row];
  if (__atomic_load_n(&at->state, __ATOMIC_RELAXED) == PLACE_FREE) return false;
  return __atomic_load_n(&at->id, __ATOMIC_RELAXED) != ack->id ||
         __atomic_load_n(&at->sums.amount[FIELD_RUNS], __ATOMIC_RELAXED) != ack->runs;
}

bool policy_journal_reader_row(const JournalReader *reader, uint32_t row, JournalRow *ret_row) {
  Row copy;
  if (row >= reader->map.row_count) return false;
  const Row *at = &reader->map.rows[row];
  if (!policy_journal_layout_copy(&copy, at, sizeof copy, &at->sequence)) return false;
  if (!policy_journal_layout_is_row(&copy, &reader->map.geometry)) return false;
  *ret_row = (JournalRow){.id = copy.id, .first_at = copy.sums.first_at, .last_at = copy.sums.last_at};
  spell_key(&copy.key, ret_row);
  memcpy(ret_row->amount, copy.sums.amount, sizeof ret_row->amount);
  return true;
}

uint64_t policy_journal_reader_acked(const JournalReader *reader, uint32_t row) {
  return __atomic_load_n(&reader->map.acks[row].id, __ATOMIC_ACQUIRE);
}

void policy_journal_reader_ack(JournalReader *reader, uint32_t row, uint64_t id, uint64_t runs) {
  Ack *ack = &reader->map.acks[row];
  __atomic_store_n(&ack->id, 0, __ATOMIC_RELAXED); /* never new runs beside an old id */
  __atomic_thread_fence(__ATOMIC_RELEASE);
  __atomic_store_n(&ack->runs, runs, __ATOMIC_RELAXED);
  __atomic_store_n(&ack->id, id, __ATOMIC_RELEASE);
}

/* --- Tenants: each counter moves by itself --- */

bool policy_journal_reader_tenant(const JournalReader *reader, uint32_t tenant, JournalTenant *ret_tenant) {
  if (tenant >= reader->map.geometry.tenants) return false;
  const Tenant *at = &reader->map.tenants[tenant];
  if (__atomic_load_n(&at->state, __ATOMIC_ACQUIRE) != PLACE_USED) return false;
  memcpy(ret_tenant->name, at->name, sizeof ret_tenant->name);
  if (!policy_journal_layout_is_name(ret_tenant->name)) return false;
  ret_tenant->admitted = __atomic_load_n(&at->admitted, __ATOMIC_RELAXED);
  ret_tenant->retired = __atomic_load_n(&at->retired, __ATOMIC_RELAXED);
  ret_tenant->details_dropped = __atomic_load_n(&at->details_dropped, __ATOMIC_RELAXED);
  for (size_t i = 0; i < REASON_COUNT_; i++)
    ret_tenant->rejected[i] = __atomic_load_n(&at->rejected[i], __ATOMIC_RELAXED);
  return true;
}

/* --- Details --- */

bool policy_journal_reader_detail(const JournalReader *reader, uint64_t number, JournalDetail *ret_detail) {
  Detail copy;
  const Detail *at = &reader->map.details[number % reader->map.geometry.details];
  _Static_assert(sizeof copy % 8 == 0, "copied by words");
  if (!policy_journal_layout_copy(&copy, at, sizeof copy, &at->sequence)) return false;
  bool is_sound = copy.number == number && copy.text_size <= JOURNAL_TEXT_BYTES &&
                  policy_journal_layout_is_key(&copy.key, &reader->map.geometry) &&
                  copy.check == policy_journal_layout_check_detail(&copy);
  if (!is_sound) return false;
  *ret_detail = (JournalDetail){.number = number, .ticket = copy.ticket, .at = copy.at, .text_size = copy.text_size};
  spell_key(&copy.key, &ret_detail->run);
  memcpy(ret_detail->run.amount, copy.amount, sizeof ret_detail->run.amount);
  memcpy(ret_detail->text, copy.text, sizeof copy.text);
  return true;
}

/* --- The drain's own page --- */

void policy_journal_reader_tell(JournalReader *reader, const JournalDrain *drain) {
  DrainPage *page = reader->map.drain;
  layout_begin(&page->sequence);
  page->drain = *drain;
  layout_end(&page->sequence);
}

void policy_journal_reader_told(const JournalReader *reader, JournalDrain *ret_drain) {
  const DrainPage *page = reader->map.drain;
  if (!policy_journal_layout_copy(ret_drain, &page->drain, sizeof *ret_drain, &page->sequence))
    *ret_drain = (JournalDrain){.pid = 0};
  ret_drain->text[sizeof ret_drain->text - 1] = '\0';
}
