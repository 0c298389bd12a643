/* SPDX-License-Identifier: BSD-2-Clause */
/* test_tally - sums per tenant and script, and events with their ration. */
#include <stdio.h>
#include <string.h>

#include "tests/check_main.h"
#include "tools/module/event.h"
#include "tools/module/tally.h"
#include "tools/module/throttle.h"

static FsbUsage usage_of(uint64_t wall_ns) {
  return (FsbUsage){.size = sizeof(FsbUsage),
                    .instructions = 10,
                    .wall_ns = wall_ns,
                    .memory_peak_bytes = 8192,
                    .start_kind = FSB_START_WARM};
}

START_TEST(sums_and_peaks_are_per_tenant) {
  FsbUsage small = usage_of(1000), large = usage_of(9000);
  module_tally_run("acme", "a", CODE_OK, &large, 0, 0);
  module_tally_run("acme", "b", CODE_LIMIT_MEMORY, &small, 0, 0);
  module_tally_run("beta", "a", CODE_OK, &small, 0, 0);
  module_tally_reject("beta", REJECT_RATE);
  const TenantTally *acme = module_tally_find("acme"), *beta = module_tally_find("beta");
  ck_assert_ptr_nonnull(acme);
  ck_assert_uint_eq(tally_get(&acme->outcomes[CODE_OK]), 1);
  ck_assert_uint_eq(tally_get(&acme->outcomes[CODE_LIMIT_MEMORY]), 1);
  ck_assert_uint_eq(tally_get(&acme->amounts[AMOUNT_WALL_NS]), 10000);
  ck_assert_uint_eq(tally_get(&acme->amounts[AMOUNT_INSTRUCTIONS]), 20);
  ck_assert_uint_eq(tally_get(&acme->peaks[LIMIT_ID_wall]), 9000);
  ck_assert_uint_eq(tally_get(&beta->rejects[REJECT_RATE]), 1);
  ck_assert_ptr_null(module_tally_find("nobody"));
  module_tally_fini();
  ck_assert_ptr_null(module_tally_tenant(0));
}
END_TEST

START_TEST(tenants_beyond_the_table_share_the_first_row) {
  FsbUsage usage = usage_of(1);
  char name[32];
  for (int i = 0; i < TALLY_TENANTS + 500; i++) {
    (void)snprintf(name, sizeof name, "t%d", i);
    module_tally_run(name, "s", CODE_OK, &usage, 0, 0);
  }
  ck_assert_str_eq(module_tally_tenant(0)->name, "_other");
  ck_assert_uint_eq(tally_get(&module_tally_tenant(0)->outcomes[CODE_OK]), 501);
  ck_assert_ptr_null(module_tally_tenant(TALLY_TENANTS));
  uint64_t sum = 0;
  for (size_t i = 0; module_tally_tenant(i) != NULL; i++)
    sum += tally_get(&module_tally_tenant(i)->outcomes[CODE_OK]);
  ck_assert_uint_eq(sum, TALLY_TENANTS + 500);
  module_tally_fini();
}
END_TEST

/* However many texts are seen once, those that take the time stay in the list. */
START_TEST(heavy_scripts_survive_a_storm_of_light_ones) {
  FsbUsage heavy = usage_of(1000000), light = usage_of(10);
  char name[32];
  for (int i = 0; i < 20000; i++) {
    (void)snprintf(name, sizeof name, "unique %d", i);
    module_tally_run("storm", name, CODE_OK, &light, 0, 0);
    if (i % 100 == 0) module_tally_run("acme", "heavy", CODE_OK, &heavy, 0, 0);
  }
  ScriptTally row;
  bool is_found = false;
  for (size_t i = 0; module_tally_script(i, &row); i++) {
    if (strcmp(row.script, "heavy") != 0) continue;
    is_found = true;
    ck_assert_uint_eq(row.runs, 200);
    ck_assert_uint_eq(row.wall_ns - row.error_ns, 200 * UINT64_C(1000000));
  }
  ck_assert(is_found);
  module_tally_fini();
}
END_TEST

START_TEST(histograms_count_every_run_once) {
  static const uint64_t times[] = {1, 50000, 50001, 999999, UINT64_C(20000000000)};
  uint64_t count = 0;
  for (size_t i = 0; i < 5; i++) {
    FsbUsage usage = usage_of(times[i]);
    module_tally_run("acme", "a", CODE_OK, &usage, 0, 0);
  }
  const Histogram *histogram = &module_tally_totals()->histograms[HISTOGRAM_WALL];
  for (size_t i = 0; i < TALLY_BUCKETS; i++) count += tally_get(&histogram->buckets[i]);
  ck_assert_uint_eq(count, 5);
  ck_assert_uint_eq(tally_get(&histogram->buckets[0]), 2);
  ck_assert_uint_eq(tally_get(&histogram->buckets[1]), 1);
  ck_assert_uint_eq(tally_get(&histogram->buckets[TALLY_BUCKETS - 1]), 1);
  for (unsigned id = 0; id < HISTOGRAM_COUNT_; id++) {
    size_t buckets;
    const uint64_t *bounds = module_tally_bounds((HistogramId)id, &buckets);
    ck_assert_uint_le(buckets, TALLY_BUCKETS);
    for (size_t i = 1; i < buckets - 1; i++) ck_assert_uint_gt(bounds[i], bounds[i - 1]);
  }
  module_tally_fini();
}
END_TEST

START_TEST(calls_are_counted_by_class_and_by_duration) {
  FsbUsage usage = usage_of(1000);
  size_t buckets;
  usage.calls = 10;
  usage.host_time_ns = 5000;
  for (size_t i = 0; i < 10; i++) usage.call_times[spread_bucket(i == 9 ? 3000 : 200)]++;
  module_tally_run("acme", "a", CODE_OK, &usage, 6, 3);
  const TenantTally *row = module_tally_find("acme");
  ck_assert_uint_eq(tally_get(&row->calls[CLASS_READ]), 6);
  ck_assert_uint_eq(tally_get(&row->calls[CLASS_WRITE]), 3);
  ck_assert_uint_eq(tally_get(&row->calls[CLASS_OTHER]), 1);
  const Histogram *histogram = &module_tally_totals()->histograms[HISTOGRAM_CALL];
  const uint64_t *bounds = module_tally_bounds(HISTOGRAM_CALL, &buckets);
  ck_assert_uint_eq(buckets, SPREAD_BUCKETS);
  for (size_t i = 0; i < buckets - 1; i++) ck_assert_uint_eq(bounds[i], spread_end(i));
  ck_assert_uint_eq(tally_get(&histogram->buckets[0]), 9);
  ck_assert_uint_eq(tally_get(&histogram->buckets[2]), 1);
  ck_assert_uint_eq(tally_get(&histogram->sum), 5000);
  module_tally_fini();
}
END_TEST

/* Refused at 100 for 1 ms, again half a millisecond later, let in after a whole one. */
START_TEST(the_time_of_waiting_is_that_between_requests) {
  Throttle throttle = {0};
  ck_assert_uint_eq(throttle_next(&throttle, 100), 0);
  throttle_refuse(&throttle, 100, 1);
  ck_assert_uint_eq(throttle_next(&throttle, 500100), 500000);
  throttle_refuse(&throttle, 500100, 1);
  ck_assert_uint_eq(throttle_next(&throttle, 1000100), 500000);
  ck_assert_uint_eq(throttle_next(&throttle, 9000000), 0);
}
END_TEST

START_TEST(who_goes_away_waits_only_as_long_as_it_was_told) {
  Throttle throttle = {0};
  throttle_refuse(&throttle, 1, 2);
  ck_assert_uint_eq(throttle_next(&throttle, UINT64_C(1000000000)), 2000000);
  throttle_refuse(&throttle, 5, -1); /* waiting does not help: suspended */
  ck_assert_uint_eq(throttle_next(&throttle, UINT64_C(3600000000005)), UINT64_C(3600000000000));
  throttle_refuse(&throttle, UINT64_MAX - 1, INT64_MAX); /* at the end of time */
  ck_assert_uint_eq(throttle_next(&throttle, 7), 0);     /* and a clock that went back */
}
END_TEST

START_TEST(events_are_numbered_and_one_tenant_cannot_wash_them_away) {
  Event event;
  uint64_t before = module_event_newest();
  module_event_add(&(EventFacts){.kind = EVENT_KILL, .tenant = "victim", .text = "once"});
  for (int i = 0; i < 100000; i++)
    module_event_add(&(EventFacts){.kind = EVENT_LIMIT, .tenant = "abuser", .text = "again"});
  ck_assert(module_event_read(before + 1, &event));
  ck_assert_str_eq(event.tenant, "victim");
  ck_assert_uint_eq(module_event_count(EVENT_LIMIT), 100000);
  ck_assert_uint_lt(module_event_newest() - before, 1 + EVENT_MOST * 20);
  ck_assert(!module_event_read(module_event_newest() + 1, &event));
  ck_assert(!module_event_read(0, &event));
}
END_TEST

START_TEST(old_events_are_gone_and_known_to_be) {
  Event event;
  char name[32];
  for (int i = 0; i < EVENT_SLOTS * 2; i++) {
    (void)snprintf(name, sizeof name, "tenant %d", i);
    module_event_add(&(EventFacts){.kind = EVENT_LIMIT, .tenant = name});
  }
  ck_assert(!module_event_read(1, &event));
  ck_assert(module_event_read(module_event_newest(), &event));
}
END_TEST

SUITE("module tally", sums_and_peaks_are_per_tenant, tenants_beyond_the_table_share_the_first_row,
      heavy_scripts_survive_a_storm_of_light_ones, histograms_count_every_run_once, calls_are_counted_by_class_and_by_duration,
      the_time_of_waiting_is_that_between_requests, who_goes_away_waits_only_as_long_as_it_was_told,
      events_are_numbered_and_one_tenant_cannot_wash_them_away, old_events_are_gone_and_known_to_be)
