/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_struct - arbitrary formats: measured, packed, and unpacked from arbitrary bytes.
 *
 * The input up to its first newline is the format, the rest is the data.  What was
 * packed must unpack to its end, and have the size that was measured, if that can be.
 */
#include "tests/fuzz/script.h"

static const char source[] =
    "local f, data = ARGV[1]:match('^([^\\n]*)\\n?(.*)$') "
    "local v = {} for i = 1, 100 do v[i] = i % 3 == 0 and '12' or (i - 50) * 2^(i % 70) end "
    "pcall(struct.unpack, f, data) pcall(struct.unpack, f, data, #f % 7 - 1) "
    "local ok, s = pcall(struct.pack, f, unpack(v)) if not ok then return 0 end "
    "local measured, size = pcall(struct.size, f) if measured and size ~= #s then return 1 end "
    "local t = {pcall(struct.unpack, f, s)} "
    "return (not t[1] or t[#t] == #s + 1 or f:find('c0')) and 0 or 1";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  script_expect_zero(source, data, size, false);
  return 0;
}
