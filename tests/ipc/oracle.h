/* SPDX-License-Identifier: BSD-2-Clause */
/* oracle - protobuf-c as the judge of our codec.
 *
 * Works on any message through two descriptions of it, our MessageRule and
 * protobuf-c's descriptor, so that tests and fuzz targets need no code per
 * message.  The two laws (oracle_judge):
 *   1. what we accept, protobuf-c unpacks to the same values and packs to the
 *      same bytes, and so do we;
 *   2. what protobuf-c unpacks without unknown fields and packs to the same
 *      bytes, with every value in range, we accept.
 */
#ifndef TESTS_IPC_ORACLE_H
#define TESTS_IPC_ORACLE_H

#include <stdlib.h>

#include "ipc/message.h"
#include "proto/ferrous_sandbox.pb-c.h"

static inline const ProtobufCMessageDescriptor *oracle_descriptor(MessageType type) {
  switch (type) {
    case MESSAGE_RUN: return &fsb__wire__run__descriptor;
    case MESSAGE_REPLY: return &fsb__wire__reply__descriptor;
    case MESSAGE_HELLO: return &fsb__wire__hello__descriptor;
    case MESSAGE_CALL: return &fsb__wire__call__descriptor;
    case MESSAGE_POST: return &fsb__wire__post__descriptor;
    case MESSAGE_LOG: return &fsb__wire__log__descriptor;
    case MESSAGE_RESULT: return &fsb__wire__result__descriptor;
    case MESSAGE_ERROR: return &fsb__wire__error__descriptor;
    case MESSAGE_COMPILE_ERROR: return &fsb__wire__compile_error__descriptor;
    case MESSAGE_UNKNOWN: return &fsb__wire__unknown__descriptor;
    case MESSAGE_LIMIT: return &fsb__wire__limit__descriptor;
    case MESSAGE_TYPE_LIMIT_: break;
  }
  return NULL;
}

/* --- Reading a protobuf-c message through its descriptor --- */

static inline const ProtobufCFieldDescriptor *oracle_field(const ProtobufCMessage *message,
                                                           unsigned number) {
  return protobuf_c_message_descriptor_get_field(message->descriptor, number);
}

static inline const void *oracle_member(const ProtobufCMessage *message,
                                        const ProtobufCFieldDescriptor *field) {
  return (const char *)message + field->offset;
}

static inline uint64_t oracle_number(const ProtobufCMessage *message,
                                     const ProtobufCFieldDescriptor *field) {
  const void *member = oracle_member(message, field);
  switch (field->type) {
    case PROTOBUF_C_TYPE_UINT32: return *(const uint32_t *)member;
    case PROTOBUF_C_TYPE_ENUM: return (uint64_t)(int64_t) * (const int32_t *)member;
    default: return *(const uint64_t *)member;
  }
}

static inline ByteView oracle_bytes(const ProtobufCMessage *message,
                                    const ProtobufCFieldDescriptor *field) {
  const ProtobufCBinaryData *data = oracle_member(message, field);
  return ipc_bytes_view(data->data, data->len);
}

static inline size_t oracle_count(const ProtobufCMessage *message,
                                  const ProtobufCFieldDescriptor *field) {
  return *(const size_t *)(const void *)((const char *)message + field->quantifier_offset);
}

static inline ByteView oracle_element(const ProtobufCMessage *message,
                                      const ProtobufCFieldDescriptor *field, size_t index) {
  const ProtobufCBinaryData *items = *(ProtobufCBinaryData *const *)oracle_member(message, field);
  return ipc_bytes_view(items[index].data, items[index].len);
}

static inline const ProtobufCMessage *oracle_sub(const ProtobufCMessage *message,
                                                 const ProtobufCFieldDescriptor *field) {
  return *(ProtobufCMessage *const *)oracle_member(message, field);
}

/* --- Comparing --- */

static inline bool oracle_same_list(const ByteList *ours, const ProtobufCMessage *theirs,
                                    const ProtobufCFieldDescriptor *field) {
  if (ours->count != oracle_count(theirs, field)) return false;
  ByteListCursor cursor = ipc_codec_walk(ours);
  ByteView element;
  size_t index = 0;
  while (ipc_codec_next(&cursor, &element)) {
    if (!ipc_bytes_is_equal(element, oracle_element(theirs, field, index++))) return false;
  }
  return index == ours->count;
}

static inline bool oracle_same(const MessageRule *rule, const void *ours,
                               const ProtobufCMessage *theirs);

static inline bool oracle_same_field(const FieldRule *rule, const void *member,
                                     const ProtobufCMessage *theirs) {
  const ProtobufCFieldDescriptor *field = oracle_field(theirs, rule->number);
  if (field == NULL) return false;
  switch ((FieldKind)rule->kind) {
    case FIELD_UINT32: return *(const uint32_t *)member == oracle_number(theirs, field);
    case FIELD_UINT64:
    case FIELD_INT64: return *(const uint64_t *)member == oracle_number(theirs, field);
    case FIELD_BYTES:
      return ipc_bytes_is_equal(*(const ByteView *)member, oracle_bytes(theirs, field));
    case FIELD_LIST: return oracle_same_list(member, theirs, field);
    case FIELD_MESSAGE:
      return oracle_sub(theirs, field) != NULL &&
             oracle_same(rule->sub, member, oracle_sub(theirs, field));
    case FIELD_COUNT_: break;
  }
  return false;
}

static inline bool oracle_same(const MessageRule *rule, const void *ours,
                               const ProtobufCMessage *theirs) {
  for (unsigned i = 0; i < rule->count; i++) {
    const FieldRule *field = &rule->fields[i];
    if (!oracle_same_field(field, (const char *)ours + field->offset, theirs)) return false;
  }
  return true;
}

/* --- Ranges --- */

static inline bool oracle_in_range(const MessageRule *rule, const ProtobufCMessage *theirs);

static inline bool oracle_field_in_range(const FieldRule *rule, const ProtobufCMessage *theirs) {
  const ProtobufCFieldDescriptor *field = oracle_field(theirs, rule->number);
  uint64_t value = 0;
  switch ((FieldKind)rule->kind) {
    case FIELD_INT64: {
      int64_t number = (int64_t)oracle_number(theirs, field);
      return number >= rule->min && number <= (int64_t)rule->max;
    }
    case FIELD_UINT32:
    case FIELD_UINT64: value = oracle_number(theirs, field); break;
    case FIELD_BYTES: value = oracle_bytes(theirs, field).size; break;
    case FIELD_LIST: value = oracle_count(theirs, field); break;
    case FIELD_MESSAGE:
      return oracle_sub(theirs, field) != NULL &&
             oracle_in_range(rule->sub, oracle_sub(theirs, field));
    case FIELD_COUNT_: return false;
  }
  return value >= (uint64_t)rule->min && value <= rule->max;
}

static inline bool oracle_in_range(const MessageRule *rule, const ProtobufCMessage *theirs) {
  if (theirs->n_unknown_fields != 0) return false;
  for (unsigned i = 0; i < rule->count; i++) {
    if (!oracle_field_in_range(&rule->fields[i], theirs)) return false;
  }
  return true;
}

/* The one rule across fields: a Reply holds what its kind names and no more. */
static inline bool oracle_is_consistent(MessageType type, const ProtobufCMessage *theirs) {
  if (type != MESSAGE_REPLY) return true;
  const Fsb__Wire__Reply *reply = (const Fsb__Wire__Reply *)theirs;
  bool has_data = reply->data.len != 0, has_text = reply->text.len != 0;
  switch (reply->kind) {
    case FSB__WIRE__REPLY_KIND__REPLY_KIND_DATA: return has_data && !has_text && !reply->limit;
    case FSB__WIRE__REPLY_KIND__REPLY_KIND_REFUSED: return !has_data && has_text && !reply->limit;
    case FSB__WIRE__REPLY_KIND__REPLY_KIND_LIMIT: return !has_data && !has_text && reply->limit;
    case FSB__WIRE__REPLY_KIND__REPLY_KIND_STOPPED: return !has_data && !has_text && !reply->limit;
    default: return false;
  }
}

/* --- The laws --- */

static inline bool oracle_packs_to(const ProtobufCMessage *theirs, ByteView bytes) {
  size_t size = protobuf_c_message_get_packed_size(theirs);
  if (size != bytes.size) return false;
  uint8_t *packed = malloc(size + 1);
  bool is_same = packed != NULL && protobuf_c_message_pack(theirs, packed) == size &&
                 (size == 0 || memcmp(packed, bytes.data, size) == 0);
  free(packed);
  return is_same;
}

static inline bool oracle_we_encode_to(MessageType type, const void *ours, ByteView bytes) {
  uint8_t *packed = malloc(bytes.size + 1);
  if (packed == NULL) return false;
  ByteWriter writer = ipc_bytes_writer(packed, bytes.size);
  Status status = ipc_message_encode(type, ours, &writer);
  bool is_same = status == ST_OK && ipc_bytes_is_equal(ipc_bytes_written(&writer), bytes);
  free(packed);
  return is_same;
}

/* NULL when both laws hold for these bytes, else which was broken.
 * `*ret_accepted` says whether we accept them. */
static inline const char *oracle_judge(MessageType type, ByteView bytes, bool *ret_accepted) {
  AnyMessage ours;
  const MessageRule *rule = ipc_message_rule(type);
  bool accepted = ipc_message_decode(type, bytes, &ours) == ST_OK;
  if (ret_accepted != NULL) *ret_accepted = accepted;
  ProtobufCMessage *theirs =
      protobuf_c_message_unpack(oracle_descriptor(type), NULL, bytes.size, bytes.data);
  const char *broken = NULL;
  if (accepted) {
    if (theirs == NULL) {
      broken = "accepted what protobuf-c refuses";
    } else if (!oracle_same(rule, &ours, theirs)) {
      broken = "decoded other values than protobuf-c";
    } else if (!oracle_packs_to(theirs, bytes)) {
      broken = "accepted what protobuf-c packs differently";
    } else if (!oracle_we_encode_to(type, &ours, bytes)) {
      broken = "encoded an accepted message differently";
    }
  } else if (theirs != NULL && oracle_packs_to(theirs, bytes) && oracle_in_range(rule, theirs) &&
             oracle_is_consistent(type, theirs)) {
    broken = "refused a canonical message";
  }
  if (theirs != NULL) protobuf_c_message_free_unpacked(theirs, NULL);
  return broken;
}

#endif
