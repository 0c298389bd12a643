/* SPDX-License-Identifier: BSD-2-Clause */
/* os - what the full profile has of the os library: time, asked of the host, and files
 * of the virtual folder.  os.date is in date.c. */
#include <math.h>

#include "vm/full/disk.h"
#include "vm/full/message.h"
#include "vm/lib/builtins.h"
#include "vm/lib/option.h"

enum { STEP_ANSWERED = 1 };

static int ask_host(VM *vm, Frame *frame, VmHostKind kind) {
  vm->run.host_call = (VmHostCall){.kind = kind, .resp = vm->run.resp};
  return vm_native_host(vm, frame, kind, STEP_ANSWERED);
}

int vm_os_clock(VM *vm, Frame *frame) {
  if (frame->step == STEP_ANSWERED) return native_return(native_slots(frame), native_slots(frame)[0]);
  return ask_host(vm, frame, VM_HOST_CLOCK);
}

int vm_os_difftime(VM *vm, Value *args, int count) {
  double earlier = trunc(vm_native_opt_number(vm, args, count, 2, 0)); /* looked at first, as in the reference */
  return native_return_number(args, trunc(vm_native_check_number(vm, args, count, 1)) - earlier);
}

int vm_os_getenv(VM *vm, Value *args, int count) {
  vm_native_check_string(vm, args, count, 1);
  return native_return(args, VALUE_NIL);
}

/* --- time --- */

/* A field of the date in `t`; `missing` below zero: it must be there. */
static int64_t date_field(VM *vm, const Table *t, const char *name, int missing) {
  double n;
  if (vm_native_to_number(vm_table_get_string(t, vm_string_from(vm, name)), &n)) return (int64_t)fmax(fmin(n, 1e9), -1e9);
  if (missing < 0) vm_native_error(vm, "field '%s' missing in date table", name);
  return missing;
}

static int64_t floor_divide(int64_t a, int64_t b) { return a / b - (a % b < 0); }

/* Days from 1970-01-01 to the first of a month; the month may be out of range. */
static int64_t days_before(int64_t year, int64_t month) {
  static const int16_t before_month[12] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
  year += floor_divide(month - 1, 12);
  int64_t index = (month - 1) - floor_divide(month - 1, 12) * 12;
  int64_t past = index < 2 ? year - 1 : year; /* years whose leap day has passed */
  return (year - 1970) * 365 + floor_divide(past, 4) - floor_divide(past, 100) + floor_divide(past, 400) - 477 +
         before_month[index];
}

static double date_seconds(VM *vm, const Table *t) {
  int64_t second = date_field(vm, t, "sec", 0), minute = date_field(vm, t, "min", 0);
  int64_t hour = date_field(vm, t, "hour", 12), day = date_field(vm, t, "day", -1);
  int64_t month = date_field(vm, t, "month", -1), year = date_field(vm, t, "year", -1);
  int64_t days = days_before(year, month) + day - 1;
  return (double)(((days * 24 + hour) * 60 + minute) * 60 + second);
}

int vm_os_time(VM *vm, Frame *frame) {
  Value *slots = native_slots(frame);
  if (frame->step == STEP_ANSWERED) return native_return(slots, slots[0]);
  if (value_is_nil(native_arg(slots, frame->count, 1))) return ask_host(vm, frame, VM_HOST_DATE);
  Table *t = vm_native_check_table(vm, slots, frame->count, 1);
  double seconds = date_seconds(vm, t);
  return native_return(slots, seconds == -1 ? VALUE_NIL : value_of_number(seconds)); /* C's mktime fails with -1 */
}

/* --- Files --- */

static int keep_name(VM *vm, Frame *frame, int number) {
  int at = frame->count + 1 + 3 * number;
  if (frame->step == 0) {
    String *name = vm_native_check_string(vm, native_slots(frame), frame->count, number);
    native_slots(frame)[at] = value_of_string(name);
  }
  return at;
}

int vm_os_remove(VM *vm, Frame *frame) {
  int at = keep_name(vm, frame, 1);
  DiskAnswer answer = vm_disk_look(vm, frame, at);
  if (answer == DISK_ASKS) return NATIVE_HOST;
  Value *slots = native_slots(frame);
  if (answer == DISK_ABSENT) return vm_disk_fail(vm, frame, value_string(slots[at]), frame->state[2]);
  slots[at + 1] = VALUE_FALSE;
  vm_disk_bind(vm, &slots[at], &slots[at + 1]);
  return native_return(slots, VALUE_TRUE);
}

int vm_os_rename(VM *vm, Frame *frame) {
  int from = keep_name(vm, frame, 1), to = keep_name(vm, frame, 2);
  DiskAnswer answer = vm_disk_look(vm, frame, from);
  if (answer == DISK_ASKS) return NATIVE_HOST;
  Value *slots = native_slots(frame);
  if (answer == DISK_ABSENT) return vm_disk_fail(vm, frame, value_string(slots[from]), frame->state[2]);
  vm_disk_bind(vm, &slots[to], &slots[from + 1]);
  slots[to + 1] = VALUE_FALSE;
  if (slots[to] != slots[from]) vm_disk_bind(vm, &slots[from], &slots[to + 1]);
  return native_return(slots, VALUE_TRUE);
}

/* "/tmp/lua_" and a number that no call has given before. */
int vm_os_tmpname(VM *vm, Value *args, int count) {
  (void)count;
  static const char digits[] = "0123456789abcdefghijklmnopqrstuv";
  args[0] = value_of_table(vm_table_new(vm, 0, 0));
  uint32_t serial = value_object(args[0])->serial;
  char name[] = "/tmp/lua_000000";
  for (size_t at = sizeof name - 2; serial != 0 && name[at] != '_'; serial >>= 5) name[at--] = digits[serial & 31];
  args[0] = value_of_string(vm_string_from(vm, name));
  args[1] = value_of_string(vm_string_new(vm, "", 0));
  args[2] = vm_userdata_new(vm, NODE_SLOTS);
  userdata_slots(args[2])[NODE_CONTENT] = args[1];
  vm_disk_bind(vm, &args[0], &args[2]);
  return native_return(args, args[0]);
}

/* --- The process --- */

int vm_os_execute(VM *vm, Value *args, int count) {
  if (native_arg(args, count, 1) == VALUE_NIL) return native_return_number(args, 0); /* no shell */
  vm_native_check_string(vm, args, count, 1);
  return native_return_number(args, -1);
}

int vm_os_exit(VM *vm, Frame *frame) {
  int32_t status = option_int(vm, native_slots(frame), frame->count, 1, 0);
  vm->run.host_call = (VmHostCall){.kind = VM_HOST_EXIT, .resp = vm->run.resp, .level = status};
  return vm_native_host(vm, frame, VM_HOST_EXIT, 0);
}

int vm_os_setlocale(VM *vm, Value *args, int count) {
  static const char *const categories[] = {"all", "collate", "ctype", "monetary", "numeric", "time", NULL};
  const String *locale = vm_native_opt_string(vm, args, count, 1, NULL);
  if (native_arg(args, count, 2) != VALUE_NIL) vm_option_check(vm, args, count, 2, categories);
  bool known = locale == NULL || locale->length == 0 || strcmp(locale->bytes, "C") == 0 || strcmp(locale->bytes, "POSIX") == 0;
  return native_return(args, known ? value_of_string(vm_string_from(vm, "C")) : VALUE_NIL);
}
