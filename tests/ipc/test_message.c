/* SPDX-License-Identifier: BSD-2-Clause */
/* test_message - our codec against protobuf-c, and the tables against the schema.
 *
 * Random messages are made as protobuf-c structs inside the ranges of our
 * tables, packed by protobuf-c, and judged by the two laws of oracle.h; then the
 * bytes are mutated and judged again.
 */
#include <check.h>
#include <stdlib.h>

#include "tests/check_main.h"
#include "tests/ipc/oracle.h"
#include "tests/ipc/random.h"

static const MessageType types[] = {
#define MESSAGE(name, number, sender, state, next, max_bytes, meaning) MESSAGE_##name,
#include "proto/messages.def"
#undef MESSAGE
};
#define TYPE_COUNT (sizeof types / sizeof types[0])

/* --- Random protobuf-c messages --- */

static uint64_t pick_number(Random *random, uint64_t min, uint64_t max) {
  switch (random_below(random, 6)) {
    case 0: return min;
    case 1: return max;
    case 2: return min < max ? min + 1 : min;
    default: break;
  }
  uint64_t span = max - min;
  uint64_t wide = random_wide(random);
  return min + (span == UINT64_MAX ? wide : wide % (span + 1));
}

static ProtobufCBinaryData make_bytes(Random *random, uint64_t min, uint64_t max) {
  uint64_t most = max < 300 ? max : 300;
  if (random_below(random, 4) == 0) most = max < 3 ? max : 3;
  if (most < min) most = min;
  ProtobufCBinaryData data = {min + random_below(random, most - min + 1), NULL};
  if (data.len != 0) {
    data.data = malloc(data.len);
    random_fill(random, data.data, data.len);
  }
  return data;
}

static void fill_list(Random *random, const FieldRule *rule, ProtobufCMessage *message,
                      const ProtobufCFieldDescriptor *field) {
  uint64_t most = rule->max < 12 ? rule->max : 12;
  size_t count = (size_t)rule->min + random_below(random, most - (uint64_t)rule->min + 1);
  ProtobufCBinaryData *items = malloc((count + 1) * sizeof *items);
  for (size_t i = 0; i < count; i++) items[i] = make_bytes(random, 0, 200);
  if (count == 0) {
    free(items);
    items = NULL;
  }
  memcpy((char *)message + field->quantifier_offset, &count, sizeof count);
  memcpy((char *)message + field->offset, &items, sizeof items);
}

static ProtobufCMessage *make_message(Random *random, const MessageRule *rule,
                                      const ProtobufCMessageDescriptor *descriptor);

static void fill_number(Random *random, const FieldRule *rule, char *member, bool is_32) {
  uint64_t value;
  if (rule->kind == FIELD_INT64) {
    value = (uint64_t)rule->min + pick_number(random, 0, rule->max - (uint64_t)rule->min);
  } else {
    value = pick_number(random, (uint64_t)rule->min, rule->max);
  }
  memcpy(member, &value, is_32 ? 4 : 8);
}

static void fill_field(Random *random, const FieldRule *rule, ProtobufCMessage *message) {
  const ProtobufCFieldDescriptor *field = oracle_field(message, rule->number);
  ck_assert_ptr_nonnull(field);
  char *member = (char *)message + field->offset;
  switch ((FieldKind)rule->kind) {
    case FIELD_UINT32: fill_number(random, rule, member, true); return;
    case FIELD_UINT64:
    case FIELD_INT64: fill_number(random, rule, member, false); return;
    case FIELD_BYTES: {
      ProtobufCBinaryData data = make_bytes(random, (uint64_t)rule->min, rule->max);
      memcpy(member, &data, sizeof data);
      return;
    }
    case FIELD_LIST: fill_list(random, rule, message, field); return;
    case FIELD_MESSAGE: {
      ProtobufCMessage *sub = make_message(random, rule->sub, field->descriptor);
      memcpy(member, &sub, sizeof(ProtobufCMessage *));
      return;
    }
    case FIELD_COUNT_: break;
  }
  ck_abort_msg("a field of no kind");
}

static ProtobufCMessage *make_message(Random *random, const MessageRule *rule,
                                      const ProtobufCMessageDescriptor *descriptor) {
  ProtobufCMessage *message = malloc(descriptor->sizeof_message);
  protobuf_c_message_init(descriptor, message);
  for (unsigned i = 0; i < rule->count; i++) fill_field(random, &rule->fields[i], message);
  return message;
}

/* Makes the one dependency between fields true: a Reply's kind picks one. */
static void make_consistent(MessageType type, ProtobufCMessage *message) {
  if (type != MESSAGE_REPLY) return;
  Fsb__Wire__Reply *reply = (Fsb__Wire__Reply *)message;
  bool wants_data = reply->kind == FSB__WIRE__REPLY_KIND__REPLY_KIND_DATA;
  bool wants_text = reply->kind == FSB__WIRE__REPLY_KIND__REPLY_KIND_REFUSED;
  ProtobufCBinaryData *wanted = wants_data ? &reply->data : wants_text ? &reply->text : NULL;
  ProtobufCBinaryData filled = {1, malloc(1)};
  filled.data[0] = '+';
  if (wanted != NULL && wanted->len == 0) {
    *wanted = filled;
  } else {
    free(filled.data);
  }
  if (!wants_data) {
    free(reply->data.data);
    reply->data = (ProtobufCBinaryData){0, NULL};
  }
  if (!wants_text) {
    free(reply->text.data);
    reply->text = (ProtobufCBinaryData){0, NULL};
  }
  bool wants_limit = reply->kind == FSB__WIRE__REPLY_KIND__REPLY_KIND_LIMIT;
  reply->limit = wants_limit ? (reply->limit != 0 ? reply->limit : 1) : 0;
}

typedef struct {
  uint8_t *data;
  size_t size;
} Packed;

static Packed make_packed(Random *random, MessageType type) {
  ProtobufCMessage *message = make_message(random, ipc_message_rule(type), oracle_descriptor(type));
  make_consistent(type, message);
  Packed packed = {NULL, protobuf_c_message_get_packed_size(message)};
  /* Room for two inserted copies of everything by mutate(). */
  packed.data = malloc(packed.size * 3 + 64);
  protobuf_c_message_pack(message, packed.data);
  protobuf_c_message_free_unpacked(message, NULL);
  return packed;
}

/* --- Mutations --- */

static void insert_at(Packed *packed, size_t at, const uint8_t *bytes, size_t size) {
  memmove(packed->data + at + size, packed->data + at, packed->size - at);
  memcpy(packed->data + at, bytes, size);
  packed->size += size;
}

static void mutate_bytes(Random *random, Packed *packed) {
  if (packed->size == 0) return;
  size_t at = random_below(random, packed->size);
  switch (random_below(random, 4)) {
    case 0: packed->data[at] = (uint8_t)random_next(random); break;
    case 1: packed->data[at] ^= (uint8_t)(1u << random_below(random, 8)); break;
    case 2: packed->data[at] = (uint8_t)(packed->data[at] + 1); break;
    default: packed->data[at] |= 0x80; break;
  }
}

static void mutate(Random *random, Packed *packed) {
  uint8_t bytes[16];
  size_t at = random_below(random, packed->size + 1);
  switch (random_below(random, 6)) {
    case 0: packed->size = at; break;
    case 1:
      if (at < packed->size) memmove(packed->data + at, packed->data + at + 1, --packed->size - at);
      break;
    case 2: /* a field of any number and wire type, perhaps again */
      bytes[0] = (uint8_t)random_next(random);
      bytes[1] = (uint8_t)random_below(random, 4);
      insert_at(packed, at, bytes, 2);
      break;
    case 3: { /* a stretch twice */
      size_t size = random_below(random, sizeof bytes);
      if (size > packed->size - at) size = packed->size - at;
      memcpy(bytes, packed->data + at, size);
      insert_at(packed, at, bytes, size);
      break;
    }
    default: mutate_bytes(random, packed); break;
  }
}

/* --- Tests --- */

static void check_judged(MessageType type, const Packed *packed, bool *ret_accepted) {
  const char *broken = oracle_judge(type, ipc_bytes_view(packed->data, packed->size), ret_accepted);
  ck_assert_msg(broken == NULL, "%s: %s", ipc_message_name(type), broken);
}

START_TEST(thousands_of_random_messages_agree_with_protobuf_c) {
  Random random = {1};
  for (unsigned round = 0; round < 9000; round++) {
    MessageType type = types[round % TYPE_COUNT];
    Packed packed = make_packed(&random, type);
    bool accepted;
    check_judged(type, &packed, &accepted);
    ck_assert_msg(accepted, "refused a %s made by protobuf-c", ipc_message_name(type));
    free(packed.data);
  }
}
END_TEST

START_TEST(mutated_messages_are_judged_as_protobuf_c_does) {
  Random random = {2};
  unsigned accepted_count = 0, refused_count = 0;
  for (unsigned round = 0; round < 60000; round++) {
    MessageType type = types[round % TYPE_COUNT];
    Packed packed = make_packed(&random, type);
    for (uint64_t n = 1 + random_below(&random, 3); n != 0; n--) mutate(&random, &packed);
    bool accepted;
    check_judged(type, &packed, &accepted);
    *(accepted ? &accepted_count : &refused_count) += 1;
    free(packed.data);
  }
  /* Otherwise the mutations do not explore the border. */
  ck_assert_uint_gt(accepted_count, 2000);
  ck_assert_uint_gt(refused_count, 20000);
}
END_TEST

START_TEST(a_message_of_one_type_is_judged_right_as_any_other_type) {
  Random random = {3};
  for (unsigned round = 0; round < 9000; round++) {
    Packed packed = make_packed(&random, types[random_below(&random, TYPE_COUNT)]);
    check_judged(types[round % TYPE_COUNT], &packed, NULL);
    free(packed.data);
  }
}
END_TEST

START_TEST(every_truncation_is_judged_right_and_most_are_refused) {
  Random random = {4};
  for (unsigned round = 0; round < 200; round++) {
    MessageType type = types[round % TYPE_COUNT];
    Packed packed = make_packed(&random, type);
    for (size_t whole = packed.size; packed.size-- > 0;) {
      check_judged(type, &packed, NULL);
      ck_assert_uint_lt(packed.size, whole);
      if (packed.size == 0) break;
    }
    free(packed.data);
  }
}
END_TEST

static bool is_same_kind(const FieldRule *rule, const ProtobufCFieldDescriptor *field) {
  bool is_list = field->label == PROTOBUF_C_LABEL_REPEATED;
  switch ((FieldKind)rule->kind) {
    case FIELD_UINT32:
      return (field->type == PROTOBUF_C_TYPE_UINT32 || field->type == PROTOBUF_C_TYPE_ENUM) &&
             !is_list;
    case FIELD_UINT64: return field->type == PROTOBUF_C_TYPE_UINT64 && !is_list;
    case FIELD_INT64: return field->type == PROTOBUF_C_TYPE_INT64 && !is_list;
    case FIELD_BYTES: return field->type == PROTOBUF_C_TYPE_BYTES && !is_list;
    case FIELD_LIST: return field->type == PROTOBUF_C_TYPE_BYTES && is_list;
    case FIELD_MESSAGE: return field->type == PROTOBUF_C_TYPE_MESSAGE && !is_list;
    case FIELD_COUNT_: break;
  }
  return false;
}

static void compare_table(const MessageRule *rule, const ProtobufCMessageDescriptor *descriptor) {
  ck_assert_str_eq(rule->name, descriptor->short_name);
  ck_assert_uint_eq(rule->count, descriptor->n_fields);
  for (unsigned i = 0; i < rule->count; i++) {
    const FieldRule *field = &rule->fields[i];
    bool is_repeated = field->kind == FIELD_LIST || field->kind == FIELD_MESSAGE;
    ck_assert_uint_le(field->number, is_repeated ? 15 : 31);
    if (i != 0) ck_assert_uint_gt(field->number, rule->fields[i - 1].number);
    const ProtobufCFieldDescriptor *theirs =
        protobuf_c_message_descriptor_get_field(descriptor, field->number);
    ck_assert_msg(theirs != NULL && is_same_kind(field, theirs), "%s field %u", rule->name,
                  field->number);
    if (field->kind == FIELD_MESSAGE) compare_table(field->sub, theirs->descriptor);
  }
}

START_TEST(the_field_tables_are_those_of_the_schema) {
  for (size_t i = 0; i < TYPE_COUNT; i++) {
    ck_assert_ptr_nonnull(ipc_message_rule(types[i]));
    compare_table(ipc_message_rule(types[i]), oracle_descriptor(types[i]));
  }
}
END_TEST

START_TEST(flags_and_kinds_are_those_of_the_schema) {
  ck_assert_int_eq(REPLY_DATA, FSB__WIRE__REPLY_KIND__REPLY_KIND_DATA);
  ck_assert_int_eq(REPLY_REFUSED, FSB__WIRE__REPLY_KIND__REPLY_KIND_REFUSED);
  ck_assert_int_eq(REPLY_LIMIT, FSB__WIRE__REPLY_KIND__REPLY_KIND_LIMIT);
  ck_assert_int_eq(REPLY_STOPPED, FSB__WIRE__REPLY_KIND__REPLY_KIND_STOPPED);
  ck_assert_int_eq(RUN_READ_ONLY, FSB__WIRE__RUN_FLAG__RUN_FLAG_READ_ONLY);
  ck_assert_int_eq(RUN_COMPILE_ONLY, FSB__WIRE__RUN_FLAG__RUN_FLAG_COMPILE_ONLY);
  ck_assert_int_eq(CALL_PCALL, FSB__WIRE__CALL_FLAG__CALL_FLAG_PCALL);
  ck_assert_int_eq(CALL_ACL_CHECK, FSB__WIRE__CALL_FLAG__CALL_FLAG_ACL_CHECK);
  ck_assert_int_eq(CALL_VALUE, FSB__WIRE__CALL_FLAG__CALL_FLAG_VALUE);
  ck_assert_int_eq(RUN_MAY_POST, FSB__WIRE__RUN_FLAG__RUN_FLAG_MAY_POST);
  ck_assert_int_eq(RUN_APART, FSB__WIRE__RUN_FLAG__RUN_FLAG_APART);
  ck_assert_int_eq(RUN_MAY_GUESS, FSB__WIRE__RUN_FLAG__RUN_FLAG_MAY_GUESS);
  ck_assert_int_eq(RUN_BY_RING, FSB__WIRE__RUN_FLAG__RUN_FLAG_BY_RING);
  ck_assert_int_eq(ERROR_IGNORE_STATS, FSB__WIRE__ERROR_FLAG__ERROR_FLAG_IGNORE_STATS);
  ck_assert_int_eq(HELLO_HANDLE_CHECKS, FSB__WIRE__HELLO_FEATURE__HELLO_FEATURE_HANDLE_CHECKS);
  ck_assert_int_eq(HELLO_SANITIZER, FSB__WIRE__HELLO_FEATURE__HELLO_FEATURE_SANITIZER);
  ck_assert_int_eq(HELLO_STRESS, FSB__WIRE__HELLO_FEATURE__HELLO_FEATURE_STRESS);
}
END_TEST

START_TEST(a_streamed_call_has_the_bytes_of_an_encoded_one) {
  ByteView argv[] = {ipc_bytes_text("SET"), ipc_bytes_text("key"), ipc_bytes_text("")};
  CallMessage call = {
      .argv = {.count = 3, .items = argv}, .resp = 3, .flags = CALL_PCALL, .replicate = 3};
  uint8_t at_once[64], streamed[64];
  ByteWriter a = ipc_bytes_writer(at_once, sizeof at_once);
  ByteWriter b = ipc_bytes_writer(streamed, sizeof streamed);
  ck_assert_int_eq(ipc_message_encode(MESSAGE_CALL, &call, &a), ST_OK);
  for (int i = 0; i < 3; i++) ipc_message_put_arg(&b, argv[i]);
  ck_assert_int_eq(ipc_message_end_call(&b, MESSAGE_CALL, &call), ST_OK);
  ck_assert(ipc_bytes_is_equal(ipc_bytes_written(&a), ipc_bytes_written(&b)));
}
END_TEST

START_TEST(golden_frames_do_not_change) {
  ByteView argv[] = {ipc_bytes_text("GET"), ipc_bytes_text("k\0x")};
  argv[1].size = 3;
  CallMessage call = {.argv = {.count = 2, .items = argv}, .resp = 2, .replicate = 3};
  static const uint8_t golden[] = {0x0a, 3, 'G', 'E', 'T', 0x0a, 3, 'k', 0, 'x', 0x10, 2, 0x20, 3};
  uint8_t out[64];
  ByteWriter writer = ipc_bytes_writer(out, sizeof out);
  ck_assert_int_eq(ipc_message_encode(MESSAGE_CALL, &call, &writer), ST_OK);
  ck_assert(ipc_bytes_is_equal(ipc_bytes_written(&writer), ipc_bytes_view(golden, sizeof golden)));

  ErrorMessage error = {.text = ipc_bytes_text("ERR x"), .line = -1, .usage.instructions = 300};
  static const uint8_t golden_error[] = {0x0a, 5,    'E',  'R',  'R',  ' ',  'x',  0x18,
                                         0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                         0xff, 0x01, 0x2a, 3,    0x08, 0xac, 0x02};
  writer = ipc_bytes_writer(out, sizeof out);
  ck_assert_int_eq(ipc_message_encode(MESSAGE_ERROR, &error, &writer), ST_OK);
  ck_assert(ipc_bytes_is_equal(ipc_bytes_written(&writer),
                               ipc_bytes_view(golden_error, sizeof golden_error)));
}
END_TEST

START_TEST(encoding_refuses_what_decoding_would_refuse) {
  uint8_t out[64];
  ByteWriter writer = ipc_bytes_writer(out, sizeof out);
  CallMessage call = {.resp = 2};
  ck_assert_int_eq(ipc_message_encode(MESSAGE_CALL, &call, &writer), ST_RANGE);
  ByteView word = ipc_bytes_text("GET");
  call = (CallMessage){.argv = {.count = 1, .items = &word}, .resp = 2, .flags = CALL_VALUE};
  ck_assert_int_eq(ipc_message_encode(MESSAGE_CALL, &call, &writer), ST_RANGE);
  ReplyMessage reply = {.kind = REPLY_DATA, .text = ipc_bytes_text("ERR no")};
  ck_assert_int_eq(ipc_message_encode(MESSAGE_REPLY, &reply, &writer), ST_INVALID);
  LogMessage log = {.level = 4};
  ck_assert_int_eq(ipc_message_encode(MESSAGE_LOG, &log, &writer), ST_RANGE);
  ck_assert_int_eq(ipc_message_encode((MessageType)5, &log, &writer), ST_PROTOCOL);
}
END_TEST

START_TEST(a_message_that_does_not_fit_says_how_much_it_needs) {
  Random random = {5};
  for (unsigned round = 0; round < 900; round++) {
    MessageType type = types[round % TYPE_COUNT];
    Packed packed = make_packed(&random, type);
    AnyMessage message;
    ck_assert_int_eq(ipc_message_decode(type, ipc_bytes_view(packed.data, packed.size), &message),
                     ST_OK);
    uint8_t *out = malloc(packed.size + 1);
    for (size_t capacity = 0; capacity < packed.size; capacity++) {
      out[capacity] = 0x5a;
      ByteWriter writer = ipc_bytes_writer(out, capacity);
      ck_assert_int_eq(ipc_message_encode(type, &message, &writer), ST_NO_ROOM);
      ck_assert_uint_eq(writer.used, packed.size);
      ck_assert_uint_eq(out[capacity], 0x5a);
    }
    free(out);
    free(packed.data);
  }
}
END_TEST

START_TEST(a_refused_message_leaves_no_view_into_the_frame) {
  static const uint8_t bytes[] = {0x0a, 1, 'x', 0x12, 5};
  LogMessage log;
  memset(&log, 0xff, sizeof log);
  ErrorMessage error;
  memset(&error, 0xff, sizeof error);
  ck_assert_int_ne(ipc_message_decode(MESSAGE_ERROR, ipc_bytes_view(bytes, 5), &error), ST_OK);
  ck_assert_ptr_null(error.text.data);
  ck_assert_int_ne(ipc_message_decode(MESSAGE_LOG, ipc_bytes_view(bytes, 5), &log), ST_OK);
  ck_assert_ptr_null(log.text.data);
}
END_TEST

START_TEST(unknown_types_have_no_rule_and_no_name) {
  for (int number = -1; number < 40; number++) {
    bool is_known = false;
    for (size_t i = 0; i < TYPE_COUNT; i++) is_known |= (int)types[i] == number;
    ck_assert_int_eq(ipc_message_rule((MessageType)number) != NULL, is_known);
    ck_assert_int_eq(ipc_message_name((MessageType)number)[0] != '?', is_known);
  }
}
END_TEST

static Suite *make_suite(void) {
  Suite *suite = suite_create("ipc message");
  TCase *tests = tcase_create("message");
  tcase_set_timeout(tests, 120);
  tcase_add_test(tests, thousands_of_random_messages_agree_with_protobuf_c);
  tcase_add_test(tests, mutated_messages_are_judged_as_protobuf_c_does);
  tcase_add_test(tests, a_message_of_one_type_is_judged_right_as_any_other_type);
  tcase_add_test(tests, every_truncation_is_judged_right_and_most_are_refused);
  tcase_add_test(tests, the_field_tables_are_those_of_the_schema);
  tcase_add_test(tests, flags_and_kinds_are_those_of_the_schema);
  tcase_add_test(tests, a_streamed_call_has_the_bytes_of_an_encoded_one);
  tcase_add_test(tests, golden_frames_do_not_change);
  tcase_add_test(tests, encoding_refuses_what_decoding_would_refuse);
  tcase_add_test(tests, a_message_that_does_not_fit_says_how_much_it_needs);
  tcase_add_test(tests, a_refused_message_leaves_no_view_into_the_frame);
  tcase_add_test(tests, unknown_types_have_no_rule_and_no_name);
  suite_add_tcase(suite, tests);
  return suite;
}

CHECK_MAIN(make_suite)
