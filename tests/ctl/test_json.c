/* SPDX-License-Identifier: BSD-2-Clause */
/* test_json - replies as JSON values. */
#define _GNU_SOURCE
#include <jansson.h>
#include <string.h>

#include "sandbox/supervisor/result.h"
#include "tests/check_main.h"
#include "tools/ctl/json.h"

static json_t *parsed(const char *reply, size_t size) {
  char *text = NULL;
  size_t text_size = 0;
  json_error_t error;
  FsbResult *result = supervisor_result_new(ipc_bytes_text("return 1"));
  result->code = CODE_OK;
  result->rendered[1] = malloc(size);
  memcpy(result->rendered[1], reply, size);
  result->rendered_size[1] = size;
  FILE *to = open_memstream(&text, &text_size);
  ck_assert(ctl_json_print_result(to, result));
  (void)fclose(to);
  ck_assert_msg(
      text[text_size - 1] == '\n' && memchr(text, '\n', text_size) == text + text_size - 1,
      "one line: %s", text);
  json_t *object = json_loads(text, JSON_ALLOW_NUL, &error);
  ck_assert_msg(object != NULL, "%s: %s", error.text, text);
  free(text);
  fsb_result_free(result);
  return object;
}

static void expect(const char *reply, size_t size, const char *want) {
  json_t *object = parsed(reply, size);
  char *got = json_dumps(json_object_get(object, "result"), JSON_ENCODE_ANY | JSON_COMPACT);
  ck_assert_str_eq(json_string_value(json_object_get(object, "schema")), "ferrous.sandbox/v1");
  ck_assert(json_is_object(json_object_get(object, "usage")));
  ck_assert_str_eq(got, want);
  free(got);
  json_decref(object);
}
#define EXPECT(reply, want) expect(reply, sizeof(reply) - 1, want)

START_TEST(every_kind_has_its_json) {
  EXPECT("_\r\n", "null");
  EXPECT("#t\r\n", "true");
  EXPECT("#f\r\n", "false");
  EXPECT(":-9223372036854775808\r\n", "-9223372036854775808");
  EXPECT(",1.5\r\n", "1.5");
  EXPECT(",inf\r\n", "\"inf\"");
  EXPECT(",-nan\r\n", "\"-nan\"");
  EXPECT("$3\r\na\"b\r\n", "\"a\\\"b\"");
  EXPECT("$3\r\na\0b\r\n", "\"a\\u0000b\"");
  EXPECT("+OK\r\n", "\"OK\"");
  EXPECT("(12345678901234567890\r\n", "\"12345678901234567890\"");
  EXPECT("=7\r\ntxt:abc\r\n", "\"abc\"");
  EXPECT("$2\r\n\xff\x00\r\n", "{\"base64\":\"/wA=\"}");
  EXPECT("$3\r\n\xff\xfe\xfd\r\n", "{\"base64\":\"//79\"}");
  EXPECT("$1\r\n\xff\r\n", "{\"base64\":\"/w==\"}");
}
END_TEST

START_TEST(aggregates_nest) {
  EXPECT("*0\r\n", "[]");
  EXPECT("%0\r\n", "{}");
  EXPECT("*2\r\n*1\r\n:1\r\n*0\r\n", "[[1],[]]");
  EXPECT("~1\r\n+a\r\n", "[\"a\"]");
  EXPECT("%2\r\n+a\r\n:1\r\n+b\r\n*1\r\n_\r\n", "{\"a\":1,\"b\":[null]}");
  EXPECT("%1\r\n:1\r\n%1\r\n+x\r\n+y\r\n", "{\"1\":{\"x\":\"y\"}}");
  EXPECT("%1\r\n*1\r\n:1\r\n:2\r\n", "[[[1],2]]");
  EXPECT("%2\r\n:1\r\n:2\r\n+1\r\n:3\r\n", "[[1,2],[\"1\",3]]");
  EXPECT("*2\r\n-E x\r\n:1\r\n", "[{\"error\":\"E x\"},1]");
}
END_TEST

START_TEST(an_error_as_result_is_an_error) {
  static const char reply[] = "-MY err\r\n";
  json_t *object = parsed(reply, sizeof reply - 1);
  json_t *error = json_object_get(object, "error");
  ck_assert_ptr_null(json_object_get(object, "result"));
  ck_assert_str_eq(json_string_value(json_object_get(error, "code")), "script_error");
  ck_assert_str_eq(json_string_value(json_object_get(error, "message")), "MY err");
  ck_assert(json_is_null(json_object_get(error, "line")));
  json_decref(object);
}
END_TEST

SUITE("ctl json", every_kind_has_its_json, aggregates_nest, an_error_as_result_is_an_error)
