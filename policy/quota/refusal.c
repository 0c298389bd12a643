/* SPDX-License-Identifier: BSD-2-Clause */
/* refusal - what a client is told that has to come again later. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "policy/codes.h"
#include "policy/quota/admission.h"

static const char *const names[] = {
#define REASON(name, text, meaning) text,
#include "policy/quota/reasons.def"
#undef REASON
};

const char *policy_quota_reason_name(RefusalReason reason) {
  return (unsigned)reason < REASON_COUNT ? names[reason] : "unknown";
}

/* What is not about a resource is about runs. */
static const char *subject_of(const Refusal *refusal) {
  const ResourceRow *row = policy_quota_resource((size_t)refusal->resource);
  bool is_of_resource = refusal->limit != 0 && refusal->reason != REASON_CONCURRENCY;
  return is_of_resource && row != NULL ? row->name : "runs";
}

size_t policy_quota_write_refusal(const Refusal *refusal, const char *tenant, char *buffer,
                                  size_t capacity) {
  char detail[QUOTA_REFUSAL_BYTES];
  (void)snprintf(detail, sizeof detail,
                 "tenant=%s resource=%s reason=%s retry_after_ms=%" PRId64 " limit=%" PRIu64
                 " remaining=%" PRIu64,
                 tenant, subject_of(refusal), policy_quota_reason_name(refusal->reason),
                 refusal->retry_after_ms, refusal->limit, refusal->remaining);
  CodeFacts facts = {.detail = detail, .detail_bytes = strlen(detail)};
  return policy_codes_write(CODE_THROTTLED, &facts, buffer, capacity);
}
