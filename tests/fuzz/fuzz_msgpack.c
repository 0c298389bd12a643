/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_msgpack - arbitrary bytes through cmsgpack.unpack, and what it gives through pack.
 *
 * What was packed and unpacked once packs to the same number of bytes ever after.  The
 * first byte chooses offset and limit of other readings.  The heap is checked after each
 * run.
 */
#include "tests/fuzz/script.h"

/* The first turn loses levels below the sixteenth, elements that are nil and a NaN's
 * payload; it may raise, where a key was lost. */
static const char source[] =
    "local s, first = ARGV[1], (ARGV[1]:byte() or 0) "
    "pcall(cmsgpack.unpack_limit, s, first % 16, math.floor(first / 16)) pcall(cmsgpack.unpack_one, s, first) "
    "local t = {pcall(cmsgpack.unpack, s)} if not t[1] then return 0 end t[1] = 7 "
    "local function again(s) return cmsgpack.pack(cmsgpack.unpack(s)) end "
    "local a = again(cmsgpack.pack(t)) return #a == #again(a) and 0 or 1";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  script_expect_zero(source, data, size, true);
  return 0;
}
