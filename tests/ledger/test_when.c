/* SPDX-License-Identifier: BSD-2-Clause */
/* test_when - moments and durations, as people write and mistype them. */
#include "ledger/when.h"
#include "tests/check_main.h"

#define NOW INT64_C(1795386073) /* 2026-11-22T22:21:13Z */

START_TEST(moments_are_read_in_utc) {
  static const struct {
    const char *text;
    int64_t second;
  } good[] = {{"now", NOW},
              {"today", 1795305600},
              {"month", 1793491200},
              {"@0", 0},
              {"@1795386073", NOW},
              {"1h", NOW - 3600},
              {"7d", NOW - 604800},
              {"2w", NOW - 1209600},
              {"2026-11-22", 1795305600},
              {"2026-11-22T10:30", 1795343400},
              {"2026-11-22T10:30Z", 1795343400},
              {"2026-11-22 10:30:05", 1795343405},
              {"2026-11-22T10:30:05Z", 1795343405},
              {"2024-02-29", 1709164800}};
  for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
    int64_t second;
    ck_assert_msg(ledger_when_moment(good[i].text, NOW, &second), "%s", good[i].text);
    ck_assert_msg(second == good[i].second, "%s: %ld", good[i].text, (long)second);
  }
}
END_TEST

START_TEST(what_is_no_moment_is_refused) {
  static const char *const bad[] = {"", "yesterday", "2026-13-01", "2026-02-30", "2026-11-22T", "2026-11-22x", "@",
                                    "@1x", "@99999999999999999999", "7", "7y", "d", "-1d", "99999999999w", "2026-11-22T25:00"};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    int64_t second;
    ck_assert_msg(!ledger_when_moment(bad[i], NOW, &second), "%s", bad[i]);
  }
}
END_TEST

START_TEST(durations_have_a_unit_and_fit) {
  int64_t seconds;
  ck_assert(ledger_when_duration("0s", &seconds) && seconds == 0);
  ck_assert(ledger_when_duration("90d", &seconds) && seconds == 7776000);
  ck_assert(ledger_when_duration("15m", &seconds) && seconds == 900);
  ck_assert(!ledger_when_duration("90", &seconds));
  ck_assert(!ledger_when_duration("90dd", &seconds));
  ck_assert(!ledger_when_duration("1.5h", &seconds));
}
END_TEST

SUITE("ledger when", moments_are_read_in_utc, what_is_no_moment_is_refused, durations_have_a_unit_and_fit)
