/* SPDX-License-Identifier: BSD-2-Clause */
/* date - os.date: a time as text or as a table, in UTC and the C locale. */
#include "vm/full/message.h"
#include "vm/full/profile.h"
#include "vm/lib/builtins.h"

typedef struct {
  int64_t year;
  int month, day, hour, minute, second; /* month 0-11, day 1-31 */
  int weekday, yearday;                 /* from Sunday, from 0 */
  const char *zone; /* its name */
} Date;

static const char *const months[] = {"January", "February", "March",     "April",   "May",      "June",
                                     "July",    "August",   "September", "October", "November", "December"};
static const char *const days[] = {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};

static int64_t divide_down(int64_t a, int64_t b) { return a / b - (a % b < 0); }
static int64_t modulo(int64_t a, int64_t b) { return a - divide_down(a, b) * b; }
static bool is_leap(int64_t year) { return modulo(year, 4) == 0 && (modulo(year, 100) != 0 || modulo(year, 400) == 0); }

/* Years are counted from March, so that the leap day is their last. */
static Date date_of(int64_t time) {
  int64_t day = divide_down(time, 86400), rest = modulo(time, 86400);
  int64_t shifted = day + 719468; /* days since 0000-03-01 */
  int64_t era = divide_down(shifted, 146097), of_era = modulo(shifted, 146097);
  int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
  int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
  int64_t month = (5 * of_year + 2) / 153; /* from March */
  Date d = {.year = year + era * 400 + (month >= 10), .month = (int)((month + 2) % 12)};
  d.day = (int)(of_year - (153 * month + 2) / 5 + 1);
  d.hour = (int)(rest / 3600);
  d.minute = (int)(rest / 60 % 60);
  d.second = (int)(rest % 60);
  d.weekday = (int)modulo(day + 4, 7);
  d.yearday = (int)(month >= 10 ? of_year - 306 : of_year + 59 + is_leap(d.year));
  return d;
}

/* --- Text --- */

static void put_text(VM *vm, const char *text, size_t size) { vm_buffer_put(vm, text, size); }
static void put_word(VM *vm, const char *word) { put_text(vm, word, strlen(word)); }

static void put_padded(VM *vm, int64_t n, int width, char pad) {
  char text[24];
  size_t at = sizeof text;
  int64_t rest = n < 0 ? -n : n;
  do text[--at] = (char)('0' + rest % 10);
  while ((rest /= 10) > 0);
  while (sizeof text - at < (size_t)width) text[--at] = pad;
  if (n < 0) text[--at] = '-';
  put_text(vm, text + at, sizeof text - at);
}

/* The week of the year when weeks start on `first` (0: Sunday). */
static int week_of(const Date *d, int first) { return (d->yearday + 7 - (d->weekday - first + 7) % 7) / 7; }

/* Weeks of ISO 8601: from Monday; the one with the first Thursday is week 1. */
static int iso_week(const Date *d, int64_t *ret_year) {
  int monday_based = (d->weekday + 6) % 7;
  int week = (d->yearday - monday_based + 10) / 7;
  *ret_year = d->year;
  if (week == 0) {
    (*ret_year)--;
    int before = d->yearday + 365 + is_leap(*ret_year);
    return (before - monday_based + 10) / 7;
  }
  int length = 365 + is_leap(d->year);
  if (week == 53 && d->yearday - monday_based + 3 >= length) {
    (*ret_year)++;
    return 1;
  }
  return week;
}

/* The conversions that stand for others, and those that are constant. */
static const char *expansion(char c) {
  switch (c) {
    case 'c': return "%a %b %e %H:%M:%S %Y";
    case 'D':
    case 'x': return "%m/%d/%y";
    case 'F': return "%Y-%m-%d";
    case 'r': return "%I:%M:%S %p";
    case 'R': return "%H:%M";
    case 'T':
    case 'X': return "%H:%M:%S";
    case 'n': return "\n";
    case 't': return "\t";
    case 'z': return "+0000";
    default: return NULL;
  }
}

static bool put_name(VM *vm, const Date *d, char c) {
  switch (c) {
    case 'a': put_text(vm, days[d->weekday], 3); return true;
    case 'A': put_word(vm, days[d->weekday]); return true;
    case 'b':
    case 'h': put_text(vm, months[d->month], 3); return true;
    case 'B': put_word(vm, months[d->month]); return true;
    case 'p': put_word(vm, d->hour < 12 ? "AM" : "PM"); return true;
    case 'P': put_word(vm, d->hour < 12 ? "am" : "pm"); return true;
    case 'Z': put_word(vm, d->zone); return true;
    default: return false;
  }
}

static bool put_number(VM *vm, const Date *d, int64_t time, char c) {
  int64_t iso_year;
  int iso = iso_week(d, &iso_year);
  switch (c) {
    case 'C': put_padded(vm, divide_down(d->year, 100), 2, '0'); return true;
    case 'd': put_padded(vm, d->day, 2, '0'); return true;
    case 'e': put_padded(vm, d->day, 2, ' '); return true;
    case 'g': put_padded(vm, modulo(iso_year, 100), 2, '0'); return true;
    case 'G': put_padded(vm, iso_year, 1, '0'); return true;
    case 'H': put_padded(vm, d->hour, 2, '0'); return true;
    case 'I': put_padded(vm, (d->hour + 11) % 12 + 1, 2, '0'); return true;
    case 'j': put_padded(vm, d->yearday + 1, 3, '0'); return true;
    case 'k': put_padded(vm, d->hour, 2, ' '); return true;
    case 'l': put_padded(vm, (d->hour + 11) % 12 + 1, 2, ' '); return true;
    case 'm': put_padded(vm, d->month + 1, 2, '0'); return true;
    case 'M': put_padded(vm, d->minute, 2, '0'); return true;
    case 's': put_padded(vm, time, 1, '0'); return true;
    case 'S': put_padded(vm, d->second, 2, '0'); return true;
    case 'u': put_padded(vm, (d->weekday + 6) % 7 + 1, 1, '0'); return true;
    case 'U': put_padded(vm, week_of(d, 0), 2, '0'); return true;
    case 'V': put_padded(vm, iso, 2, '0'); return true;
    case 'w': put_padded(vm, d->weekday, 1, '0'); return true;
    case 'W': put_padded(vm, week_of(d, 1), 2, '0'); return true;
    case 'y': put_padded(vm, modulo(d->year, 100), 2, '0'); return true;
    case 'Y': put_padded(vm, d->year, 1, '0'); return true;
    default: return false;
  }
}

static void put_simple(VM *vm, const Date *d, int64_t time, char c) {
  if (put_name(vm, d, c) || put_number(vm, d, time, c)) return;
  if (c != '%') vm_buffer_put_byte(vm, '%');
  vm_buffer_put_byte(vm, c);
}

static void put_conversion(VM *vm, const Date *d, int64_t time, char c) {
  const char *text = expansion(c);
  if (text == NULL) {
    put_simple(vm, d, time, c);
    return;
  }
  for (; *text != 0; text++) {
    if (*text == '%') put_simple(vm, d, time, *++text);
    else vm_buffer_put_byte(vm, *text);
  }
}

/* Local time is UTC here, and is called so; what was asked for as UTC is called as C does. */
static int write_text(VM *vm, Value *slots, const char *format, int64_t time) {
  Date d = date_of(time);
  d.zone = *format == '!' ? "GMT" : "UTC";
  if (*format == '!') format++;
  vm_charge(vm, COST_STRING_BYTES, strlen(format));
  size_t mark = vm_buffer_open(vm);
  for (const char *p = format; *p != 0; p++) {
    if (*p != '%' || p[1] == 0) vm_buffer_put_byte(vm, *p);
    else put_conversion(vm, &d, time, *++p);
  }
  return native_return(slots, value_of_string(vm_buffer_string(vm, mark)));
}

/* --- Tables --- */

static int make_table(VM *vm, Value *slots, int64_t time) {
  Date d = date_of(time);
  const struct {
    const char *name;
    int64_t n;
  } fields[] = {{"sec", d.second},   {"min", d.minute}, {"hour", d.hour},        {"day", d.day},
                {"month", d.month + 1}, {"year", d.year}, {"wday", d.weekday + 1}, {"yday", d.yearday + 1}};
  slots[0] = value_of_table(vm_table_new(vm, 0, 9));
  for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
    Value n = value_of_int(fields[i].n);
    vm_profile_put(vm, slots[0], fields[i].name, &n);
  }
  Value no = VALUE_FALSE;
  vm_profile_put(vm, slots[0], "isdst", &no);
  return native_return(slots, slots[0]);
}

/* slots[0] is the host's when it is asked: the format waits in slots[2]. */
int vm_date_format(VM *vm, Frame *frame) {
  Value *slots = native_slots(frame);
  if (frame->step == 0) {
    const String *format = vm_native_opt_string(vm, slots, frame->count, 1, NULL);
    Value time = native_arg(slots, frame->count, 2);
    if (time != VALUE_NIL) time = value_of_number((double)vm_native_check_integer(vm, slots, frame->count, 2));
    slots[2] = format != NULL ? value_of_string(format) : value_of_string(vm_string_from(vm, "%c"));
    slots[0] = time;
    if (time == VALUE_NIL) {
      vm->run.host_call = (VmHostCall){.kind = VM_HOST_DATE, .resp = vm->run.resp};
      return vm_native_host(vm, frame, VM_HOST_DATE, 1);
    }
  }
  double asked = value_number(slots[0]);
  int64_t time = asked > -1e15 && asked < 1e15 ? (int64_t)asked : 0;
  const char *format = value_string(slots[2])->bytes;
  const char *rest = *format == '!' ? format + 1 : format;
  return strcmp(rest, "*t") == 0 ? make_table(vm, slots, time) : write_text(vm, slots, format, time);
}
