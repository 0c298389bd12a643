/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_json - arbitrary text through cjson.decode, and what it gives through encode.
 *
 * What was written from a decoded document must decode again to a document of the
 * same length.  The heap is checked after each run.
 */
#include "tests/fuzz/script.h"

static const char source[] =
    "cjson.encode_sparse_array(true) cjson.encode_invalid_numbers('null') "
    "local ok, v = pcall(cjson.decode, ARGV[1]) if not ok then return 0 end "
    "local ok, a = pcall(cjson.encode, v) if not ok then return 0 end "
    "local b = cjson.encode(cjson.decode(a)) return #a == #b and 0 or 1";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  script_expect_zero(source, data, size, false); /* what encode wrote, decode must read */
  return 0;
}
