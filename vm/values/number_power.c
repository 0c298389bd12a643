/* SPDX-License-Identifier: BSD-2-Clause */
/* number_power - a 64-bit integer times a power of ten, to 128 bits.
 *
 * 10^k = 10^(28 j) * 10^r with 0 <= r < 28.  The fine factor is exact in 64 bits;
 * the coarse one is cut off to 128, so it is short by less than one unit, and exact
 * for j = 0 and 1.  Two tables of 640 bytes together replace one of 11 KiB.
 *
 * Error, in units of the last bit of 128: coarse < 1, power < 3 after its product is
 * cut and shifted by at most one, result < 2 * (3 + 1) after the same.
 * Layer: vm/values.
 */
#include "vm/values/number_power.h"

#include "vm/config.h"

enum { COARSE_STEP = 28, COARSE_FIRST = -13, EXACT_POWER_MAX = 55 };

/* 10^r, shifted up until the top bit is set. */
static const uint64_t fine[COARSE_STEP] = {
    UINT64_C(0x8000000000000000), UINT64_C(0xa000000000000000), UINT64_C(0xc800000000000000),
    UINT64_C(0xfa00000000000000), UINT64_C(0x9c40000000000000), UINT64_C(0xc350000000000000),
    UINT64_C(0xf424000000000000), UINT64_C(0x9896800000000000), UINT64_C(0xbebc200000000000),
    UINT64_C(0xee6b280000000000), UINT64_C(0x9502f90000000000), UINT64_C(0xba43b74000000000),
    UINT64_C(0xe8d4a51000000000), UINT64_C(0x9184e72a00000000), UINT64_C(0xb5e620f480000000),
    UINT64_C(0xe35fa931a0000000), UINT64_C(0x8e1bc9bf04000000), UINT64_C(0xb1a2bc2ec5000000),
    UINT64_C(0xde0b6b3a76400000), UINT64_C(0x8ac7230489e80000), UINT64_C(0xad78ebc5ac620000),
    UINT64_C(0xd8d726b7177a8000), UINT64_C(0x878678326eac9000), UINT64_C(0xa968163f0a57b400),
    UINT64_C(0xd3c21bcecceda100), UINT64_C(0x84595161401484a0), UINT64_C(0xa56fa5b99019a5c8),
    UINT64_C(0xcecb8f27f4200f3a),
};

typedef struct {
  uint64_t high, low;
} Mantissa;

/* 10^(28 j), the first 128 bits. */
static const Mantissa coarse[] = {
    {UINT64_C(0xe1afa13afbd14d6d), UINT64_C(0x82189c09a3a1ec21)}, /* 10^-364 */
    {UINT64_C(0xe3e27a444d8d98b7), UINT64_C(0xfd1b1b2308169b25)}, /* 10^-336 */
    {UINT64_C(0xe61acf033d1a45df), UINT64_C(0x6fb92487298e33bd)}, /* 10^-308 */
    {UINT64_C(0xe858ad248f5c22c9), UINT64_C(0xd1b3400f8f9cff68)}, /* 10^-280 */
    {UINT64_C(0xea9c227723ee8bcb), UINT64_C(0x465e15a979c1cadc)}, /* 10^-252 */
    {UINT64_C(0xece53cec4a314ebd), UINT64_C(0xa4f8bf5635246428)}, /* 10^-224 */
    {UINT64_C(0xef340a98172aace4), UINT64_C(0x86fb897116c87c34)}, /* 10^-196 */
    {UINT64_C(0xf18899b1bc3f8ca1), UINT64_C(0xdc44e6c3cb279ac1)}, /* 10^-168 */
    {UINT64_C(0xf3e2f893dec3f126), UINT64_C(0x5a89dba3c3efccfa)}, /* 10^-140 */
    {UINT64_C(0xf64335bcf065d37d), UINT64_C(0x4d4617b5ff4a16d5)}, /* 10^-112 */
    {UINT64_C(0xf8a95fcf88747d94), UINT64_C(0x75a44c6397ce912a)}, /* 10^-84 */
    {UINT64_C(0xfb158592be068d2e), UINT64_C(0xeed6e2f0f0d56712)}, /* 10^-56 */
    {UINT64_C(0xfd87b5f28300ca0d), UINT64_C(0x8bca9d6e188853fc)}, /* 10^-28 */
    {UINT64_C(0x8000000000000000), UINT64_C(0x0000000000000000)}, /* 10^0 */
    {UINT64_C(0x813f3978f8940984), UINT64_C(0x4000000000000000)}, /* 10^28 */
    {UINT64_C(0x82818f1281ed449f), UINT64_C(0xbff8f10e7a8921a4)}, /* 10^56 */
    {UINT64_C(0x83c7088e1aab65db), UINT64_C(0x792667c6da79e0fa)}, /* 10^84 */
    {UINT64_C(0x850fadc09923329e), UINT64_C(0x03e2cf6bc604ddb0)}, /* 10^112 */
    {UINT64_C(0x865b86925b9bc5c2), UINT64_C(0x0b8a2392ba45a9b2)}, /* 10^140 */
    {UINT64_C(0x87aa9aff79042286), UINT64_C(0x90fb44d2f05d0842)}, /* 10^168 */
    {UINT64_C(0x88fcf317f22241e2), UINT64_C(0x441fece3bdf81f03)}, /* 10^196 */
    {UINT64_C(0x8a5296ffe33cc92f), UINT64_C(0x82bd6b70d99aaa6f)}, /* 10^224 */
    {UINT64_C(0x8bab8eefb6409c1a), UINT64_C(0x1ad089b6c2f7548e)}, /* 10^252 */
    {UINT64_C(0x8d07e33455637eb2), UINT64_C(0xdb0b487b6423e1e8)}, /* 10^280 */
    {UINT64_C(0x8e679c2f5e44ff8f), UINT64_C(0x570f09eaa7ea7648)}, /* 10^308 */
    {UINT64_C(0x8fcac257558ee4e6), UINT64_C(0x213a4f0aa5e8a7b1)}, /* 10^336 */
};

/* floor(log2(10^k)) for every k of the tables. */
static int power_exponent(int k) {
  return (int)(((int64_t)k * 217706) >> 16);
}

/* The top 128 bits of the 192-bit product, normalised; what is below goes to `rest`.
 * Returns how far it was shifted up: 0 or 1. */
static int multiply(Mantissa a, uint64_t b, Mantissa *ret_top, uint64_t *ret_rest) {
  Wide low = (Wide)a.low * b;
  Wide top = (Wide)a.high * b + (uint64_t)(low >> 64);
  uint64_t rest = (uint64_t)low;
  int shift = (top >> 127) == 0;
  if (shift) {
    top = top << 1 | rest >> 63;
    rest <<= 1;
  }
  *ret_top = (Mantissa){(uint64_t)(top >> 64), (uint64_t)top};
  *ret_rest = rest;
  return shift;
}

Scaled vm_number_power_scale(uint64_t m, int power) {
  VM_ASSERT(power >= NUMBER_POWER_MIN && power <= NUMBER_POWER_MAX);
  int j = (power + COARSE_STEP * -COARSE_FIRST) / COARSE_STEP;
  int r = power - (j + COARSE_FIRST) * COARSE_STEP;
  Mantissa ten, top;
  uint64_t rest;
  (void)multiply(coarse[j], fine[r], &ten, &rest);
  int shift = multiply(ten, m, &top, &rest);
  return (Scaled){.top = (Wide)top.high << 64 | top.low,
                  .rest = rest,
                  .exponent = power_exponent(power) - 127 + 64 - shift,
                  .exact = power >= 0 && power <= EXACT_POWER_MAX};
}
