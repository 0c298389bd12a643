/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_json - arbitrary text through cjson.decode, and what it gives through encode.
 *
 * What was written from a decoded document must decode again to a document of the
 * same length.  The heap is checked after each run.
 */
#include <stdint.h>

#include "tests/fuzz/script.h"

static const char source[] =
    "cjson.encode_sparse_array(true) cjson.encode_invalid_numbers('null') "
    "local ok, v = pcall(cjson.decode, ARGV[1]) if not ok then return 0 end "
    "local ok, a = pcall(cjson.encode, v) if not ok then return 0 end "
    "local b = cjson.encode(cjson.decode(a)) return #a == #b and 0 or 1";

static bool must_be_zero(void *context, const VmToken *token) {
  (void)context;
  if (token->kind != VM_TOKEN_INTEGER || token->integer != 0) __builtin_trap();
  return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  VM *vm = script_machine();
  if (script_begin(vm, source, (VmBytes){(const char *)data, size})) {
    VmStatus status = vm_run(vm, SCRIPT_BUDGET);
    if (status == VM_ERROR) __builtin_trap(); /* what encode wrote, decode must read */
    if (status == VM_DONE) vm_result(vm, must_be_zero, NULL);
  }
  script_end(vm);
  return 0;
}
