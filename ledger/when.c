/* SPDX-License-Identifier: BSD-2-Clause */
/* when - no locale and no time zone: a report must not depend on who asks for it. */
#define _GNU_SOURCE
#include "ledger/when.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define DAY INT64_C(86400)
#define MOST INT64_C(100000000000) /* seconds: beyond the year 5000 */

static bool read_number(const char **at, int64_t *ret_number) {
  int64_t number = 0;
  const char *start = *at;
  while (**at >= '0' && **at <= '9' && number < MOST) number = number * 10 + (*(*at)++ - '0');
  *ret_number = number;
  return *at != start && number < MOST;
}

bool ledger_when_duration(const char *text, int64_t *ret_seconds) {
  static const struct {
    char letter;
    int64_t seconds;
  } units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', DAY}, {'w', 7 * DAY}};
  int64_t number;
  if (!read_number(&text, &number) || text[0] == '\0' || text[1] != '\0') return false;
  for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
    if (units[i].letter != text[0] || number > MOST / units[i].seconds) continue;
    *ret_seconds = number * units[i].seconds;
    return true;
  }
  return false;
}

/* The whole text must have been used up. */
static bool read_date(const char *text, const char *format, int64_t *ret_second) {
  struct tm parts = {.tm_mday = 1};
  const char *end = strptime(text, format, &parts);
  if (end == NULL || *end != '\0') return false;
  struct tm copy = parts;
  time_t second = timegm(&copy);
  *ret_second = second;
  return copy.tm_mday == parts.tm_mday && copy.tm_mon == parts.tm_mon; /* no 31st of February */
}

static int64_t first_of_month(int64_t now) {
  time_t second = (time_t)now;
  struct tm parts;
  if (gmtime_r(&second, &parts) == NULL) return 0;
  parts.tm_mday = 1;
  parts.tm_hour = parts.tm_min = parts.tm_sec = 0;
  return timegm(&parts);
}

bool ledger_when_moment(const char *text, int64_t now, int64_t *ret_second) {
  static const char *const formats[] = {"%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%MZ", "%Y-%m-%dT%H:%M:%S",
                                        "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S"};
  int64_t seconds;
  *ret_second = now;
  if (strcmp(text, "now") == 0) return true;
  *ret_second = strcmp(text, "today") == 0 ? now - now % DAY : first_of_month(now);
  if (strcmp(text, "today") == 0 || strcmp(text, "month") == 0) return true;
  if (text[0] == '@') {
    text++;
    return read_number(&text, ret_second) && *text == '\0';
  }
  if (ledger_when_duration(text, &seconds)) {
    *ret_second = now > seconds ? now - seconds : 0;
    return true;
  }
  for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
    if (read_date(text, formats[i], ret_second)) return true;
  return false;
}
