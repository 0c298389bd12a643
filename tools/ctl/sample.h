/* SPDX-License-Identifier: BSD-2-Clause */
/* sample - one look at a server, and what changed since the look before.
 *
 * Layer: tools.
 */
#ifndef TOOLS_CTL_SAMPLE_H
#define TOOLS_CTL_SAMPLE_H

#include "tools/ctl/link.h"
#include "tools/ctl/table.h"

typedef struct {
  uint64_t taken_at; /* CLOCK_MONOTONIC nanoseconds */
  json_t *status, *ps, *tenants;
} Sample;

/* Asks; false with the reason. */
bool ctl_sample_take(Link *link, Sample *ret_sample, FsbError *ret_error);

void ctl_sample_drop(Sample *sample);

/* Makes the rows of the picture: one object per tenant with what it used per second since
 * `before`, sorted by the column whose key is `sort`.  Owned by the caller. */
json_t *ctl_sample_rows(const Sample *before, const Sample *now, const char *sort);

/* The columns of such rows. */
const TableColumn *ctl_sample_columns(size_t *ret_count);

/* The i-th name by which rows can be sorted, and the key that chooses it; NULL past the end. */
const char *ctl_sample_sort(size_t i, char *ret_key);

/* Writes the two lines above the table, without line ends. */
void ctl_sample_head(const Sample *now, char first[160], char second[160]);

#endif
