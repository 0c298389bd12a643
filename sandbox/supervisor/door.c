/* SPDX-License-Identifier: BSD-2-Clause */
/* door - the small functions of ferrous_sandbox.h: version, codes, limits, seed. */
#include <stdlib.h>

#include "build_info.h"
#include "sandbox/supervisor/pool.h"
#include "sandbox/supervisor/sha1.h"
#include "sandbox/supervisor/shebang.h"

_Static_assert(FSB_SCRIPT_NO_WRITES == (int)SCRIPT_NO_WRITES &&
                   FSB_SCRIPT_ALLOW_OOM == (int)SCRIPT_ALLOW_OOM &&
                   FSB_SCRIPT_ALLOW_STALE == (int)SCRIPT_ALLOW_STALE &&
                   FSB_SCRIPT_NO_CLUSTER == (int)SCRIPT_NO_CLUSTER &&
                   FSB_SCRIPT_ALLOW_CROSS_SLOT == (int)SCRIPT_ALLOW_CROSS_SLOT,
               "the door's flags are the parser's");
_Static_assert(FSB_SHA1_BYTES == SHA1_HEX_BYTES, "one size of digests");

const char *fsb_version(void) {
  return FERROUS_VERSION;
}

const char *fsb_build_id(void) {
  return FERROUS_BUILD_ID;
}

const char *fsb_code_label(int code) {
  const CodeRow *row = policy_codes_find((uint32_t)code);
  return row == NULL ? "unknown" : row->label;
}

int fsb_code_exit_status(int code) {
  const CodeRow *row = policy_codes_find((uint32_t)code);
  return row == NULL ? policy_codes_find(CODE_INTERNAL)->exit_status : row->exit_status;
}

bool fsb_script_flags(FsbBytes source, unsigned *ret_flags, FsbError *ret_error) {
  char text[SHEBANG_ERROR_BYTES];
  Shebang shebang;
  if (!supervisor_shebang_split(ipc_bytes_view(source.data, source.size), &shebang, text)) {
    supervisor_pool_explain(ret_error, CODE_SCRIPT_ERROR, "ERR %s", text);
    return false;
  }
  *ret_flags = shebang.flags | (shebang.is_present ? (unsigned)FSB_SCRIPT_HAS_SHEBANG : 0);
  return true;
}

void fsb_script_sha1(FsbBytes source, char ret_sha1[FSB_SHA1_BYTES]) {
  supervisor_sha1_hex(source.data, source.size, ret_sha1);
}

FsbLimits *fsb_limits_new(void) {
  FsbLimits *limits = malloc(sizeof *limits);
  if (limits != NULL) limits->values = policy_limits_defaults();
  return limits;
}

bool fsb_limits_set(FsbLimits *limits, const char *text, FsbError *ret_error) {
  char detail[LIMITS_ERROR_BYTES];
  if (policy_limits_parse(&limits->values, text, detail) == ST_OK) return true;
  supervisor_pool_explain(ret_error, CODE_USAGE, "%s", detail);
  return false;
}

bool fsb_limits_get(const FsbLimits *limits, const char *name, uint64_t *ret_value) {
  const LimitRow *row = policy_limits_find(name, __builtin_strlen(name));
  if (row != NULL) *ret_value = policy_limits_get(&limits->values, row);
  return row != NULL;
}

void fsb_limits_free(FsbLimits *limits) {
  free(limits);
}

/* As srand48: the seed's 32 bits above a constant. */
uint64_t fsb_random_seed(uint64_t seed) {
  return (seed & UINT32_MAX) << 16 | UINT64_C(0x330E);
}
