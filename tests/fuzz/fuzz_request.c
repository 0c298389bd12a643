/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_request - a line of the control socket: words inside the line, or a reason.
 *
 * What was understood is written as JSON by answer.c and must be understood as the same
 * words again, but for bytes that are no UTF-8, which JSON cannot hold.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tools/module/answer.h"
#include "tools/module/request.h"

static char line[1 << 16], again[1 << 20];

static bool is_plain(FsbBytes word) {
  for (size_t i = 0; i < word.size; i++)
    if ((unsigned char)word.data[i] >= 0x80) return false;
  return true;
}

static size_t write_request(const Request *request) {
  static const char head[] = "{\"command\":";
  Answer words = {.data = NULL}, json = {.data = NULL};
  module_answer_append(&json, head, sizeof head - 1);
  module_answer_list(&words, NULL);
  for (size_t i = 0; i < request->count; i++) module_answer_bytes(&words, NULL, request->words[i]);
  module_answer_end(&words);
  if (!module_answer_json(&words, &json)) __builtin_trap();
  module_answer_append(&json, "}", 1);
  if (json.size > sizeof again) __builtin_trap();
  memcpy(again, json.data, json.size);
  size_t size = json.size;
  module_answer_fini(&words);
  module_answer_fini(&json);
  return size;
}

static void check_again(const Request *request) {
  Request second;
  if (module_request_parse(again, write_request(request), &second) != NULL) __builtin_trap();
  if (second.count != request->count) __builtin_trap();
  for (size_t i = 0; i < request->count; i++) {
    FsbBytes a = request->words[i], b = second.words[i];
    if (is_plain(a) && (a.size != b.size || (a.size != 0 && memcmp(a.data, b.data, a.size) != 0))) __builtin_trap();
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  Request request;
  if (size > sizeof line) return 0;
  memcpy(line, data, size);
  if (module_request_parse(line, size, &request) != NULL) return 0;
  if (request.count == 0 || request.count > REQUEST_WORDS) __builtin_trap();
  for (size_t i = 0; i < request.count; i++)
    if (request.words[i].data < line || request.words[i].data + request.words[i].size > line + size) __builtin_trap();
  check_again(&request);
  return 0;
}
