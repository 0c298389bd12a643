/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_reply - arbitrary bytes as the reply of redis.call, returned by the script.
 *
 * What the machine takes, the supervisor's scanner must take too, as one whole reply;
 * two walks over the result must agree.  The heap is checked after each run.
 */
#include <stdint.h>

#include "ipc/resp.h"
#include "tests/fuzz/script.h"

static const char source[] = "redis.setresp(3) return redis.pcall('x')";

static bool add_token(void *context, const VmToken *token) {
  uint64_t *sum = context;
  *sum = *sum * 31 + (uint64_t)token->kind * 7 + (uint64_t)token->integer + token->bytes.size;
  for (size_t i = 0; i < token->bytes.size; i++) *sum = *sum * 31 + (uint8_t)token->bytes.data[i];
  return true;
}

static void check_walks(VM *vm) {
  uint64_t first = 1, second = 1;
  if (!vm_result(vm, add_token, &first) || !vm_result(vm, add_token, &second)) __builtin_trap();
  if (first != second) __builtin_trap();
}

static void check_scanner(const uint8_t *data, size_t size) {
  static RespScanner scanner;
  size_t used = 0;
  ipc_resp_scan_init(&scanner, NESTING_MAX_DEPTH, UINT64_MAX);
  Status status = ipc_resp_scan(&scanner, ipc_bytes_view(data, size), &used);
  if (status == ST_TOO_LARGE) return; /* depth: its cap is lower than the machine's */
  if (status != ST_OK || used != size) __builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  VM *vm = script_machine();
  if (script_begin(vm, source, (VmBytes){"", 0}) && vm_run(vm, SCRIPT_BUDGET) == VM_HOST_CALL) {
    if (vm_host_reply(vm, (VmBytes){(const char *)data, size})) {
      check_scanner(data, size);
      if (vm_run(vm, SCRIPT_BUDGET) == VM_DONE) check_walks(vm);
    }
  }
  script_end(vm);
  return 0;
}
