/* SPDX-License-Identifier: BSD-2-Clause */
/* period - civil days and months from nanoseconds, and when a count begins anew. */
#include "policy/quota/period.h"

#define SECOND_NS INT64_C(1000000000)
#define HOUR_NS (UINT64_C(3600) * 1000000000)
#define DAY_NS (INT64_C(86400) * SECOND_NS)

/* How near and how far apart two beginnings can be; an hour, or a day, for clocks that are
 * being set right. */
static const struct {
  uint64_t least, most;
} spans[] = {[PERIOD_DAY] = {23 * HOUR_NS, 25 * HOUR_NS},
             [PERIOD_MONTH] = {27 * 24 * HOUR_NS, 32 * 24 * HOUR_NS}};

/* --- The calendar --- */

static int64_t divide_down(int64_t a, int64_t b) {
  return a / b - (a % b != 0 && (a % b < 0) != (b < 0));
}

/* Months since year 0 of a day since 1970: years begin in March, so that the leap day is the
 * last of one; an era has 400 years. */
static int64_t month_of_day(int64_t day) {
  int64_t shifted = day + 719468;
  int64_t era = divide_down(shifted, 146097), in_era = shifted - era * 146097;
  int64_t year = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
  int64_t in_year = in_era - (365 * year + year / 4 - year / 100);
  int64_t from_march = (5 * in_year + 2) / 153;
  return (era * 400 + year) * 12 + from_march + 2;
}

/* The first day of a month, as days since 1970. */
static int64_t day_of_month(int64_t month) {
  int64_t shifted = month - 2; /* March of year 0 is 0 */
  int64_t years = divide_down(shifted, 12), from_march = shifted - years * 12;
  int64_t era = divide_down(years, 400), year = years - era * 400;
  int64_t in_era = year * 365 + year / 4 - year / 100 + (153 * from_march + 2) / 5;
  return era * 146097 + in_era - 719468;
}

int64_t policy_quota_number(PeriodKind kind, int64_t realtime_ns) {
  int64_t day = divide_down(realtime_ns, DAY_NS);
  return kind == PERIOD_DAY ? day : month_of_day(day);
}

int64_t policy_quota_end(PeriodKind kind, int64_t number) {
  int64_t most = INT64_MAX / DAY_NS, end;
  if (number > most || number < -most) return INT64_MAX; /* no such time */
  int64_t day = kind == PERIOD_DAY ? number + 1 : day_of_month(number + 1);
  return __builtin_mul_overflow(day, DAY_NS, &end) ? INT64_MAX : end;
}

/* --- Counts --- */

static void begin(Period *period, int64_t number, uint64_t now_ns, bool is_whole) {
  *period = (Period){.number = number, .began_ns = now_ns, .is_open = 1, .is_whole = is_whole};
}

void policy_quota_turn(Period *period, PeriodKind kind, Times now) {
  int64_t number = policy_quota_number(kind, now.realtime_ns);
  if (period->is_open == 0) {
    begin(period, number, now.monotonic_ns, false);
    return;
  }
  if (now.monotonic_ns < period->began_ns) policy_quota_mend_period(period, now);
  uint64_t elapsed = now.monotonic_ns - period->began_ns;
  bool is_near = period->is_whole != 0 && elapsed < spans[kind].least;
  if (elapsed >= spans[kind].most || (number > period->number && !is_near))
    begin(period, number, now.monotonic_ns, true);
}

uint64_t policy_quota_rest(const Period *period, PeriodKind kind, Times now) {
  uint64_t elapsed = now.monotonic_ns - period->began_ns;
  uint64_t most = elapsed < spans[kind].most ? spans[kind].most - elapsed : 0;
  uint64_t least = period->is_whole != 0 && elapsed < spans[kind].least ? spans[kind].least - elapsed : 0;
  int64_t end = policy_quota_end(kind, period->number), left = 0;
  if (end > now.realtime_ns && __builtin_sub_overflow(end, now.realtime_ns, &left)) left = INT64_MAX;
  uint64_t rest = (uint64_t)left > least ? (uint64_t)left : least;
  return rest < most ? rest : most;
}

void policy_quota_mend_period(Period *period, Times now) {
  period->is_open = period->is_open != 0;
  period->began_ns = now.monotonic_ns;
  period->is_whole = 0;
}
