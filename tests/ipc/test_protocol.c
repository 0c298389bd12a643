/* SPDX-License-Identifier: BSD-2-Clause */
/* test_protocol - the state table, tried in full. */
#include "ipc/protocol.h"
#include "tests/ipc/random.h"
#include "tests/check_main.h"

typedef struct {
  MessageType type;
  WireRole sender;
  WireState state;
  WireState next;
  uint32_t max_bytes;
} Row;

static const Row rows[] = {
#define MESSAGE(name, number, sender, state, next, max_bytes, meaning) \
  {MESSAGE_##name, WIRE_##sender, WIRE_##state, WIRE_##next, max_bytes},
#include "proto/messages.def"
#undef MESSAGE
};
#define ROW_COUNT (sizeof rows / sizeof rows[0])

static const Row *row_of(unsigned type) {
  for (size_t i = 0; i < ROW_COUNT; i++) {
    if (rows[i].type == type) return &rows[i];
  }
  return NULL;
}

static Protocol in_state(WireRole role, WireState state) {
  Protocol protocol;
  ipc_protocol_init(&protocol, role);
  protocol.state = state;
  protocol.generation = 7;
  protocol.sent = 3;
  protocol.received = 4;
  return protocol;
}

/* The header that is right in that state for that type. */
static FrameHeader right_header(const Protocol *protocol, unsigned type) {
  bool is_run = type == MESSAGE_RUN;
  FrameHeader header = {.length = 1,
                        .version = FRAME_VERSION,
                        .type = (uint16_t)type,
                        .generation = protocol->generation + (is_run ? 1 : 0),
                        .sequence = is_run ? 0 : protocol->received};
  return header;
}

START_TEST(a_frame_is_received_only_where_its_row_permits_it) {
  for (int role = WIRE_SUPERVISOR; role <= WIRE_WORKER; role++) {
    for (int state = 0; state < WIRE_STATE_COUNT_; state++) {
      for (unsigned type = 0; type < 70; type++) {
        Protocol protocol = in_state((WireRole)role, (WireState)state);
        FrameHeader header = right_header(&protocol, type);
        const Row *row = row_of(type);
        bool is_permitted = row != NULL && (int)row->sender != role && (int)row->state == state;
        Status status = ipc_protocol_check(&protocol, &header);
        ck_assert_msg((status == ST_OK) == is_permitted, "role %d, type %u in %s: %s", role, type,
                      ipc_protocol_state_name((WireState)state), policy_status_text(status));
        if (is_permitted) {
          ipc_protocol_accept(&protocol, &header);
          ck_assert_int_eq(protocol.state, row->next);
        } else {
          ck_assert_int_eq(protocol.state, WIRE_BROKEN);
          ck_assert(ipc_protocol_is_violation(status));
        }
      }
    }
  }
}
END_TEST

START_TEST(a_frame_is_sent_only_where_its_row_permits_it) {
  for (int role = WIRE_SUPERVISOR; role <= WIRE_WORKER; role++) {
    for (int state = 0; state < WIRE_STATE_COUNT_; state++) {
      for (unsigned type = 0; type < 70; type++) {
        Protocol protocol = in_state((WireRole)role, (WireState)state);
        const Row *row = row_of(type);
        bool is_permitted = row != NULL && (int)row->sender == role && (int)row->state == state;
        FrameHeader header;
        Status status = ipc_protocol_send(&protocol, (MessageType)type, 0, &header);
        ck_assert_int_eq(status == ST_OK, is_permitted);
        ck_assert_int_eq(protocol.state, is_permitted ? (int)row->next : state);
      }
    }
  }
}
END_TEST

START_TEST(version_generation_sequence_and_length_must_be_right) {
  for (int field = 0; field < 5; field++) {
    Protocol protocol = in_state(WIRE_SUPERVISOR, WIRE_RUNNING);
    FrameHeader header = right_header(&protocol, MESSAGE_LOG);
    if (field == 0) header.version++;
    if (field == 1) header.generation--; /* a leftover of the run before */
    if (field == 2) header.sequence--;   /* a replay */
    if (field == 3) header.sequence++;   /* a gap */
    if (field == 4) header.length = row_of(MESSAGE_LOG)->max_bytes + 1;
    Status status = ipc_protocol_check(&protocol, &header);
    ck_assert_int_eq(status, field == 4 ? ST_TOO_LARGE : ST_PROTOCOL);
    /* Broken for good: even the right header is refused now. */
    header = right_header(&protocol, MESSAGE_LOG);
    ck_assert_int_ne(ipc_protocol_check(&protocol, &header), ST_OK);
  }
}
END_TEST

START_TEST(the_cap_is_inclusive_and_can_only_be_lowered) {
  for (size_t i = 0; i < ROW_COUNT; i++) {
    Protocol protocol = in_state((WireRole)!rows[i].sender, rows[i].state);
    ipc_protocol_set_cap(&protocol, rows[i].type, UINT64_MAX);
    ck_assert_uint_eq(protocol.max_bytes[rows[i].type], rows[i].max_bytes);
    ipc_protocol_set_cap(&protocol, rows[i].type, 100);
    FrameHeader header = right_header(&protocol, rows[i].type);
    header.length = 100;
    ck_assert_int_eq(ipc_protocol_check(&protocol, &header), ST_OK);
    header.length = 101;
    ck_assert_int_eq(ipc_protocol_check(&protocol, &header), ST_TOO_LARGE);
  }
}
END_TEST

START_TEST(a_frame_above_its_cap_is_not_sent_and_another_may_be) {
  Protocol protocol = in_state(WIRE_WORKER, WIRE_RUNNING);
  FrameHeader header;
  ck_assert_int_eq(ipc_protocol_send(&protocol, MESSAGE_LOG, 65537, &header), ST_NO_ROOM);
  ck_assert_int_eq(ipc_protocol_send(&protocol, MESSAGE_LOG, 65536, &header), ST_OK);
  ck_assert_uint_eq(header.sequence, 3);
}
END_TEST

/* Both ends, run against each other by a random but permitted conversation. */
START_TEST(two_ends_agree_over_a_long_conversation) {
  Random random = {11};
  Protocol ends[2];
  ipc_protocol_init(&ends[0], WIRE_SUPERVISOR);
  ipc_protocol_init(&ends[1], WIRE_WORKER);
  unsigned sent = 0;
  while (sent < 5000) {
    const Row *row = &rows[random_below(&random, ROW_COUNT)];
    if (row->state != ends[0].state) continue;
    Protocol *from = &ends[row->sender], *to = &ends[!row->sender];
    FrameHeader header;
    ck_assert_int_eq(ipc_protocol_send(from, row->type, 5, &header), ST_OK);
    ck_assert_int_eq(ipc_protocol_check(to, &header), ST_OK);
    ipc_protocol_accept(to, &header);
    ck_assert_int_eq(ends[0].state, ends[1].state);
    ck_assert_uint_eq(ends[0].generation, ends[1].generation);
    sent++;
  }
  ck_assert_uint_gt(ends[0].generation, 100);
}
END_TEST

START_TEST(a_result_before_a_run_and_a_call_after_a_result_are_violations) {
  Protocol protocol = in_state(WIRE_SUPERVISOR, WIRE_IDLE);
  FrameHeader header = right_header(&protocol, MESSAGE_RESULT);
  ck_assert_int_eq(ipc_protocol_check(&protocol, &header), ST_STATE);
  protocol = in_state(WIRE_SUPERVISOR, WIRE_RUNNING);
  header = right_header(&protocol, MESSAGE_RESULT);
  ck_assert_int_eq(ipc_protocol_check(&protocol, &header), ST_OK);
  ipc_protocol_accept(&protocol, &header);
  header = right_header(&protocol, MESSAGE_CALL);
  ck_assert_int_eq(ipc_protocol_check(&protocol, &header), ST_STATE);
}
END_TEST

START_TEST(every_state_has_a_name_of_its_own) {
  for (int a = 0; a < WIRE_STATE_COUNT_; a++) {
    ck_assert_str_ne(ipc_protocol_state_name((WireState)a), "?");
    for (int b = 0; b < a; b++) {
      ck_assert_str_ne(ipc_protocol_state_name((WireState)a),
                       ipc_protocol_state_name((WireState)b));
    }
  }
}
END_TEST

SUITE("ipc protocol", every_state_has_a_name_of_its_own,
      a_frame_is_received_only_where_its_row_permits_it,
      a_frame_is_sent_only_where_its_row_permits_it,
      version_generation_sequence_and_length_must_be_right,
      the_cap_is_inclusive_and_can_only_be_lowered,
      a_frame_above_its_cap_is_not_sent_and_another_may_be, two_ends_agree_over_a_long_conversation,
      a_result_before_a_run_and_a_call_after_a_result_are_violations)
