/* SPDX-License-Identifier: BSD-2-Clause */
/* write - admission and end of a run, in stores whose order is the whole idea.
 *
 * Admission: the slot is filled, then becomes ARMED: with that store the run is admitted.
 * The counters that follow (next_ticket, the tenant's `admitted`) are in the slot, so
 * recovery can only bring them to where they would be.
 * End: the row as it will be is written into the slot with a checksum, then the slot
 * becomes COMMITTED: with that store the run has ended.  The row is overwritten by the
 * after-image, which may be done any number of times, and the slot becomes FREE.
 */
#include <string.h>

#include "policy/journal/writer.h"

/* --- Admission --- */

static void fill_key(Journal *journal, RowKey *key, const JournalOrder *order) {
  bool is_known = order->tenant < journal->map.geometry.tenants;
  memset(key, 0, sizeof *key);
  key->tenant = is_known ? order->tenant : JOURNAL_OTHER_TENANT;
  bool is_kind = order->kind >= KIND_SCRIPT && order->kind < KIND_OTHER;
  key->kind = (uint8_t)(is_kind ? order->kind : KIND_SCRIPT);
  key->cost_model = journal->map.header->cost_model;
  key->user_size = policy_journal_rows_name(key->user, order->user);
  key->script_size = policy_journal_rows_name(key->script, order->script);
}

bool policy_journal_admit(Journal *journal, const JournalOrder *order, JournalTicket *ret_ticket) {
  Header *header = journal->map.header;
  if (journal->free_slot_count == 0) {
    journal->unslotted++;
    return false;
  }
  uint32_t index = journal->free_slots[--journal->free_slot_count];
  Slot *slot = &journal->map.slots[index];
  fill_key(journal, &slot->key, order);
  Tenant *tenant = &journal->map.tenants[slot->key.tenant];
  slot->number = header->next_ticket;
  slot->admitted = tenant->admitted + 1;
  layout_publish(&slot->state, SLOT_ARMED);
  header->next_ticket = slot->number + 1;
  tenant->admitted = slot->admitted;
  *ret_ticket = (JournalTicket){slot->number, index};
  return true;
}

/* --- The end --- */

static void fill_after(const Row *row, Slot *slot, const JournalUsage *usage, int64_t now) {
  RowSums *after = &slot->after;
  const RowSums *before = &row->sums;
  after->first_at = before->first_at == 0 ? now : before->first_at;
  after->last_at = now > before->last_at ? now : before->last_at;
  after->amount[FIELD_RUNS] = before->amount[FIELD_RUNS] + 1;
  for (size_t i = FIELD_RUNS + 1; i < FIELD_COUNT_; i++)
    after->amount[i] = before->amount[i] + usage->amount[i];
  for (size_t i = FIELD_COUNT_; i < JOURNAL_FIELD_ROOM; i++) after->amount[i] = before->amount[i];
  after->check = policy_journal_layout_check_row(row->id, &row->key, after);
}

void policy_journal_writer_apply(Journal *journal, Slot *slot) {
  Row *row = &journal->map.rows[slot->row];
  layout_begin(&row->sequence);
  row->sums = slot->after;
  layout_end(&row->sequence);
  layout_publish(&slot->state, SLOT_FREE);
}

/* The slot's own key is left alone: should this process die now, the run is lost to it. */
void policy_journal_writer_commit(Journal *journal, Slot *slot, const RowKey *exact,
                                  const JournalUsage *usage, int64_t now) {
  RowKey key = *exact;
  Row *row = policy_journal_rows_take(journal, &key, now);
  slot->row = (uint32_t)(row - journal->map.rows);
  slot->row_id = row->id;
  fill_after(row, slot, usage, now);
  layout_publish(&slot->state, SLOT_COMMITTED);
  policy_journal_writer_apply(journal, slot);
  journal->counted++;
}

/* --- Details --- */

static bool may_detail(Journal *journal, uint32_t tenant, int64_t now) {
  TenantMemory *memory = &journal->memory[tenant];
  int64_t second = now / 1000000000;
  if (memory->detail_second != second) {
    memory->detail_second = second;
    memory->details_in_second = 0;
  }
  if (memory->details_in_second++ < journal->details_per_second) return true;
  journal->map.tenants[tenant].details_dropped++;
  return false;
}

static void fill_text(Detail *detail, JournalBytes text) {
  size_t size = text.size < JOURNAL_TEXT_BYTES ? text.size : JOURNAL_TEXT_BYTES;
  memset(detail->text, 0, sizeof detail->text);
  if (size > 0) memcpy(detail->text, text.data, size);
  detail->text_size = (uint32_t)size;
}

static void add_detail(Journal *journal, const RowKey *key, uint64_t ticket, const JournalUsage *usage,
                       const JournalEnd *end) {
  Header *header = journal->map.header;
  if (!may_detail(journal, key->tenant, end->now)) return;
  uint64_t number = header->next_detail;
  Detail *detail = &journal->map.details[number % journal->map.geometry.details];
  layout_begin(&detail->sequence);
  header->next_detail = number + 1;
  detail->number = number;
  detail->ticket = ticket;
  detail->at = end->now;
  detail->key = *key;
  memset(detail->amount, 0, sizeof detail->amount);
  memcpy(detail->amount, usage->amount, sizeof usage->amount);
  detail->amount[FIELD_RUNS] = 1;
  detail->unused = 0;
  fill_text(detail, end->text);
  detail->check = policy_journal_layout_check_detail(detail);
  layout_end(&detail->sequence);
}

static Slot *find_slot(Journal *journal, JournalTicket ticket) {
  if (ticket.number == 0 || ticket.slot >= journal->map.geometry.slots) return NULL;
  Slot *slot = &journal->map.slots[ticket.slot];
  return slot->state == SLOT_ARMED && slot->number == ticket.number ? slot : NULL;
}

bool policy_journal_finish(Journal *journal, JournalTicket ticket, Code outcome,
                           const JournalUsage *usage, const JournalEnd *end) {
  Slot *slot = find_slot(journal, ticket);
  if (slot == NULL) return false;
  RowKey exact = slot->key; /* a detail names what a folded row does not */
  if (end->script.size > 0) exact.script_size = policy_journal_rows_name(exact.script, end->script);
  exact.outcome = (uint16_t)((unsigned)outcome < CODE_COUNT_ ? outcome : CODE_INTERNAL);
  policy_journal_writer_commit(journal, slot, &exact, usage, end->now);
  journal->free_slots[journal->free_slot_count++] = ticket.slot;
  if (end->has_detail) add_detail(journal, &exact, ticket.number, usage, end);
  return true;
}

void policy_journal_reject(Journal *journal, uint32_t tenant, Reason reason) {
  if (tenant >= journal->map.geometry.tenants) tenant = JOURNAL_OTHER_TENANT;
  if ((unsigned)reason < REASON_COUNT_) journal->map.tenants[tenant].rejected[reason]++;
}

/* --- Totals --- */

void policy_journal_totals(const Journal *journal, JournalTotals *ret_totals) {
  const Header *header = journal->map.header;
  *ret_totals = (JournalTotals){
      .admitted = header->next_ticket - 1,
      .counted = journal->counted,
      .in_flight = journal->map.geometry.slots - journal->free_slot_count,
      .lost = journal->lost,
      .damaged = header->damaged,
      .unaccounted = header->unaccounted,
      .folded = journal->folded,
      .unslotted = journal->unslotted,
      .recycled = journal->recycled,
      .is_short = journal->is_short};
}

void policy_journal_drain(const Journal *journal, JournalDrain *ret_drain) {
  const DrainPage *page = journal->map.drain;
  _Static_assert(sizeof *ret_drain % 8 == 0, "copied by words");
  if (!policy_journal_layout_copy(ret_drain, &page->drain, sizeof *ret_drain, &page->sequence))
    *ret_drain = (JournalDrain){.pid = 0};
  ret_drain->text[sizeof ret_drain->text - 1] = '\0';
}
