/* SPDX-License-Identifier: BSD-2-Clause */
/* protocol - see protocol.h: the table of messages.def at work. */
#include "ipc/protocol.h"

typedef struct {
  bool is_known;
  WireRole sender;
  WireState state;
  WireState next;
  uint32_t max_bytes;
} Permission;

static const Permission permissions[MESSAGE_TYPE_LIMIT_] = {
#define MESSAGE(name, number, sender, state, next, max_bytes, meaning) \
  [number] = {true, WIRE_##sender, WIRE_##state, WIRE_##next, max_bytes},
#include "proto/messages.def"
#undef MESSAGE
};

void ipc_protocol_init(Protocol *protocol, WireRole role) {
  *protocol = (Protocol){.role = role, .state = WIRE_STARTING};
  for (unsigned i = 0; i < MESSAGE_TYPE_LIMIT_; i++)
    protocol->max_bytes[i] = permissions[i].max_bytes;
}

void ipc_protocol_set_cap(Protocol *protocol, MessageType type, uint64_t max_bytes) {
  if ((unsigned)type >= MESSAGE_TYPE_LIMIT_) return;
  uint32_t ceiling = permissions[type].max_bytes;
  protocol->max_bytes[type] = max_bytes < ceiling ? (uint32_t)max_bytes : ceiling;
}

/* A RUN begins the next generation and counts both directions anew. */
static void begin_generation(Protocol *protocol) {
  protocol->generation++;
  protocol->sent = 0;
  protocol->received = 0;
}

Status ipc_protocol_send(Protocol *protocol, MessageType type, size_t length,
                         FrameHeader *ret_header) {
  if ((unsigned)type >= MESSAGE_TYPE_LIMIT_) return ST_PROTOCOL;
  const Permission *permission = &permissions[type];
  if (!permission->is_known) return ST_PROTOCOL;
  if (permission->sender != protocol->role || permission->state != protocol->state) return ST_STATE;
  if (length > protocol->max_bytes[type]) return ST_NO_ROOM;
  if (type == MESSAGE_RUN) begin_generation(protocol);
  ret_header->length = (uint32_t)length;
  ret_header->version = FRAME_VERSION;
  ret_header->type = (uint16_t)type;
  ret_header->generation = protocol->generation;
  ret_header->sequence = protocol->sent++;
  protocol->state = permission->next;
  return ST_OK;
}

static Status judge_header(const Protocol *protocol, const FrameHeader *header) {
  if (header->version != FRAME_VERSION) return ST_PROTOCOL;
  if (header->type >= MESSAGE_TYPE_LIMIT_) return ST_PROTOCOL;
  const Permission *permission = &permissions[header->type];
  if (!permission->is_known) return ST_PROTOCOL;
  if (permission->sender == protocol->role || permission->state != protocol->state) return ST_STATE;
  bool is_run = header->type == MESSAGE_RUN;
  uint32_t generation = protocol->generation + (is_run ? 1 : 0);
  uint32_t sequence = is_run ? 0 : protocol->received;
  if (header->generation != generation || header->sequence != sequence) return ST_PROTOCOL;
  if (header->length > protocol->max_bytes[header->type]) return ST_TOO_LARGE;
  return ST_OK;
}

Status ipc_protocol_check(Protocol *protocol, const FrameHeader *header) {
  Status status = judge_header(protocol, header);
  if (status != ST_OK) ipc_protocol_break(protocol);
  return status;
}

void ipc_protocol_accept(Protocol *protocol, const FrameHeader *header) {
  if (header->type == MESSAGE_RUN) begin_generation(protocol);
  protocol->received++;
  protocol->state = permissions[header->type].next;
}

const char *ipc_protocol_state_name(WireState state) {
  switch (state) {
    case WIRE_STARTING: return "STARTING";
    case WIRE_IDLE: return "IDLE";
    case WIRE_RUNNING: return "RUNNING";
    case WIRE_CALLING: return "CALLING";
    case WIRE_BROKEN: return "BROKEN";
    case WIRE_STATE_COUNT_: break;
  }
  return "?";
}
