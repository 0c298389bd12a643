/* SPDX-License-Identifier: BSD-2-Clause */
/* test_memory - what a worker maps, what a run leaves in it, and how much it keeps. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/check_main.h"
#include "served.h"
#include "sandbox/worker/relax.h"

#define SECRET "xyzzy-canary-4711-plugh"


/* The map of the worker, as root reads it; the stack and the rest alike. */
static size_t read_map(pid_t pid, char *text, size_t capacity) {
  char path[64];
  (void)snprintf(path, sizeof path, "/proc/%d/maps", pid);
  int fd = open(path, O_RDONLY);
  if (fd < 0) return 0;
  size_t have = 0;
  ssize_t n;
  while (have < capacity - 1 && (n = read(fd, text + have, capacity - 1 - have)) > 0) have += (size_t)n;
  close(fd);
  text[have] = '\0';
  return have;
}

START_TEST(nothing_is_mapped_by_the_hungriest_script) {
  static char before[65536], after[65536];
  static const char hungry[] =
      "local t = {} for i = 1, 20000 do t[i] = {i, tostring(i), function() return i end} end "
      "local s = string.rep('x', 100000) s = s .. s local c = {} "
      "for i = 1, 50 do c[i] = coroutine.wrap(function() coroutine.yield(i) end) c[i]() end "
      "local f = loadstring('return ' .. string.rep('1 + ', 2000) .. '1') "
      "local function deep(n) if n == 0 then return 0 end return 1 + deep(n - 1) end "
      "table.sort(t, function(a, b) return a[1] > b[1] end) "
      "return {f(), deep(5000), #s, cjson.encode({1, 2, 3})}";
  Served s;
  start(&s);
  size_t size = read_map(s.worker.pid, before, sizeof before);
  if (size == 0) printf("SKIP maps: reading them needs root\n");
  /* Without SIGSYS the run proves it; the maps show it. */
  expect(&s, hungry, "*4\r\n:2001\r\n:5000\r\n:200000\r\n$7\r\n[1,2,3]\r\n");
  if (size != 0) {
    /* It may have retired by now, having touched much. */
    if (read_map(s.worker.pid, after, sizeof after) != 0) ck_assert_str_eq(before, after);
  }
  (void)stop(&s);
}
END_TEST

/* Runs while the worker is still busy with its endless loop, so that the map is
 * that of a worker with a full heap. */
START_TEST(the_map_stays_the_same_while_the_heap_is_full) {
  static char before[65536], during[65536];
  Served s;
  LogMessage log;
  LimitMessage limit;
  start(&s);
  size_t size = read_map(s.worker.pid, before, sizeof before);
  RunMessage request = request_for("local t = {} for i = 1, 100000 do t[i] = {} end redis.log(3, 'full') while true do end");
  request.instructions = UINT64_C(1000000000000);
  run(&s, &request);
  receive(&s, MESSAGE_LOG, &log);
  if (size == 0) printf("SKIP maps: reading them needs root\n");
  else {
    ck_assert_uint_eq(read_map(s.worker.pid, during, sizeof during), size);
    ck_assert_str_eq(before, during);
  }
  ipc_stop_request(s.stop, STOP_KILLED, 0);
  receive(&s, MESSAGE_LIMIT, &limit);
  (void)stop(&s);
}
END_TEST

START_TEST(a_run_that_touched_much_retires_its_worker_after_the_answer) {
  Served s;
  Frame frame;
  start(&s);
  expect(&s, "local t = {} for i = 1, 60000 do t[i] = {i} end return #t", ":60000\r\n");
  ck_assert_int_eq(ipc_channel_receive(&s.channel, soon(), &frame), ST_CLOSED);
  ZygoteExited end = stop(&s);
  ck_assert(end.how == CLD_EXITED && end.status == WORKER_EXIT_DONE);
}
END_TEST

/* Looks for the secret in every writable page of the worker. */
static int count_secrets(pid_t pid, bool tells_where) {
  static char map[65536], page[65536];
  char path[64], *save = NULL;
  int found = 0;
  if (read_map(pid, map, sizeof map) == 0) return -1;
  (void)snprintf(path, sizeof path, "/proc/%d/mem", pid);
  int fd = open(path, O_RDONLY);
  if (fd < 0) return -1;
  for (char *line = strtok_r(map, "\n", &save); line != NULL; line = strtok_r(NULL, "\n", &save)) {
    uint64_t begin, end;
    char protection[8];
    ck_assert_int_eq(sscanf(line, "%" SCNx64 "-%" SCNx64 " %7s", &begin, &end, protection), 3);
    if (protection[0] != 'r' || protection[1] != 'w') continue;
    if (end - begin > UINT64_C(1) << 32) continue; /* a sanitizer's shadow, terabytes of it */
    /* Pieces overlap, so that none is cut in two. */
    for (uint64_t at = begin; at < end; at += sizeof page - sizeof SECRET) {
      ssize_t n = pread(fd, page, end - at < sizeof page ? end - at : sizeof page, (off_t)at);
      for (char *p = page; n > 0 && (p = memmem(p, (size_t)(page + n - p), SECRET, sizeof SECRET - 1)) != NULL; p++) {
        if (tells_where) printf("  secret in %s at +%" PRIx64 "\n", line, at - begin + (uint64_t)(p - page));
        found++;
      }
    }
  }
  close(fd);
  return found;
}

/* What is too large for the small buffers goes through the large ones. */
START_TEST(large_frames_lists_and_results_arrive_whole_and_leave_nothing) {
  enum { MANY = 3000 };
  static ByteView secrets[MANY];
  static char bulk[100000 + 64];
  Served s;
  CallMessage call;
  start(&s);
  bool may_look = count_secrets(s.worker.pid, false) >= 0;
  if (!may_look) printf("SKIP secrets: reading another process's memory needs root\n");
  for (size_t i = 0; i < MANY; i++) secrets[i] = ipc_bytes_text(SECRET);
  int head = sprintf(bulk, "$%d\r\n", 100000);
  for (int i = 0; i < 100000; i++) bulk[head + i] = SECRET[i % (int)(sizeof SECRET - 1)];
  memcpy(bulk + head + 100000, "\r\n", 2);
  RunMessage request = request_for(
      "local v = redis.call('GET', KEYS[3000] .. string.rep(KEYS[1], 3000)) "
      "return {v == string.rep(ARGV[1], 5000):sub(1, 100000), #KEYS, #ARGV, KEYS[3000] == ARGV[1], v}");
  request.keys = (ByteList){.count = MANY, .items = secrets};
  request.args = (ByteList){.count = 1, .items = secrets};
  for (int i = 0; i < 2; i++) {
    run(&s, &request);
    receive(&s, MESSAGE_CALL, &call);
    ck_assert_uint_eq(call.argv.count, 2);
    answer(&s, &(ReplyMessage){.kind = REPLY_DATA, .data = ipc_bytes_view(bulk, (size_t)head + 100002)});
    ResultMessage result;
    receive(&s, MESSAGE_RESULT, &result);
    ck_assert_uint_gt(result.tokens.size, 100000);
    ck_assert_msg(memmem(result.tokens.data, result.tokens.size, SECRET, sizeof SECRET - 1) != NULL, "run %d", i);
    usleep(20000); /* the answer is sent before the rollback */
    if (may_look) ck_assert_int_eq(count_secrets(s.worker.pid, true), 0);
  }
  expect(&s, "return {#KEYS, 'short'}", "*2\r\n:0\r\n$5\r\nshort\r\n");
  (void)stop(&s);
}
END_TEST

START_TEST(a_result_is_cut_off_at_the_limit_and_not_at_the_small_buffer) {
  Served s;
  start(&s);
  RunMessage request = request_for("return string.rep('x', tonumber(ARGV[1]))");
  request.reply_bytes = 50000;
  ByteView most = ipc_bytes_text("49000"), more = ipc_bytes_text("50001");
  request.args = (ByteList){.count = 1, .items = &most};
  ResultMessage result;
  run(&s, &request);
  receive(&s, MESSAGE_RESULT, &result);
  ck_assert_uint_gt(result.tokens.size, 49000);
  request.args.items = &more;
  (void)expect_limit(&s, &request, LIMIT_ID_reply_bytes);
  request = request_for("local t = {} for i = 1, 200 do t = {t} end return {string.rep('x', 40000), t}");
  (void)expect_limit(&s, &request, LIMIT_ID_reply_depth);
  (void)stop(&s);
}
END_TEST

START_TEST(no_byte_of_a_run_is_left_in_the_memory_of_the_worker) {
  Served s;
  CallMessage call;
  LogMessage log;
  const ByteView secret = ipc_bytes_text(SECRET);
  start(&s);
  if (count_secrets(s.worker.pid, false) < 0) {
    printf("SKIP secrets: reading another process's memory needs root\n");
    (void)stop(&s);
    return;
  }
  RunMessage request = request_for(
      "local a = '" SECRET "' .. KEYS[1] .. ARGV[1] local v = redis.call('GET', KEYS[1]) redis.log(3, v) "
      "local t = {} for i = 1, 50 do t[v .. i] = a .. i end local f = loadstring('return \"" SECRET "\"') "
      "return {a, v, f(), t, cjson.encode({v}), string.format('%s', v)}");
  request.keys = (ByteList){.count = 1, .items = &secret};
  request.args = (ByteList){.count = 1, .items = &secret};
  run(&s, &request);
  receive(&s, MESSAGE_CALL, &call);
  int during = count_secrets(s.worker.pid, false);
  ck_assert_msg(during > 0, "the search finds nothing, not even while the script runs");
  answer(&s, &(ReplyMessage){.kind = REPLY_DATA, .data = ipc_bytes_text("$23\r\n" SECRET "\r\n")});
  receive(&s, MESSAGE_LOG, &log);
  ResultMessage result;
  receive(&s, MESSAGE_RESULT, &result);
  usleep(20000); /* the answer is sent before the rollback */
  ck_assert_int_eq(count_secrets(s.worker.pid, true), 0);
  (void)stop(&s);
}
END_TEST

START_TEST(an_idle_worker_is_small) {
  Served s;
  char path[64], line[256];
  uint64_t kib = 0, private_kib = 0;
  start(&s);
  expect(&s, "return redis.sha1hex('')", "$40\r\nda39a3ee5e6b4b0d3255bfef95601890afd80709\r\n");
  (void)snprintf(path, sizeof path, "/proc/%d/smaps_rollup", s.worker.pid);
  FILE *file = fopen(path, "r");
  if (file == NULL) printf("SKIP size: reading smaps needs root\n");
  while (file != NULL && fgets(line, sizeof line, file) != NULL)
    if (sscanf(line, "Private_%*[a-zA-Z]: %" SCNu64, &kib) == 1) private_kib += kib;
  if (file != NULL) fclose(file);
  printf("private memory of an idle worker: %" PRIu64 " KiB\n", private_kib);
  if (!RELAX_FOR_ASAN) ck_assert_uint_le(private_kib, 300);
  (void)stop(&s);
}
END_TEST

static Suite *make_suite(void) {
  Suite *suite = suite_create("worker/memory");
  TCase *tc = tcase_create("memory");
  tcase_set_timeout(tc, 180);
  tcase_add_test(tc, nothing_is_mapped_by_the_hungriest_script);
  tcase_add_test(tc, the_map_stays_the_same_while_the_heap_is_full);
  tcase_add_test(tc, a_run_that_touched_much_retires_its_worker_after_the_answer);
  tcase_add_test(tc, no_byte_of_a_run_is_left_in_the_memory_of_the_worker);
  tcase_add_test(tc, large_frames_lists_and_results_arrive_whole_and_leave_nothing);
  tcase_add_test(tc, a_result_is_cut_off_at_the_limit_and_not_at_the_small_buffer);
  tcase_add_test(tc, an_idle_worker_is_small);
  suite_add_tcase(suite, tc);
  return suite;
}

CHECK_MAIN(make_suite)
