/* SPDX-License-Identifier: BSD-2-Clause */
/* test_deadline - waiting ends at the moment it should; and the stop word. */
#include "ipc/deadline.h"

#include <poll.h>
#include <unistd.h>

#include "ipc/stop.h"
#include "tests/check_main.h"

START_TEST(never_is_never_over_and_the_past_is) {
  ck_assert(!ipc_deadline_is_over(DEADLINE_NEVER));
  ck_assert(ipc_deadline_is_over(0));
  ck_assert(ipc_deadline_is_over(ipc_deadline_now()));
  ck_assert(!ipc_deadline_is_over(ipc_deadline_now() + UINT64_C(60000000000)));
}
END_TEST

START_TEST(a_wait_ends_at_its_deadline_or_when_the_descriptor_is_ready) {
  int fds[2];
  ck_assert_int_eq(pipe(fds), 0);
  ck_assert_int_eq(ipc_deadline_poll(fds[0], POLLIN, 0), ST_TIMED_OUT);
  uint64_t deadline = ipc_deadline_now() + 20000000;
  ck_assert_int_eq(ipc_deadline_poll(fds[0], POLLIN, deadline), ST_TIMED_OUT);
  ck_assert_uint_ge(ipc_deadline_now(), deadline);
  ck_assert_int_eq(write(fds[1], "x", 1), 1);
  ck_assert_int_eq(ipc_deadline_poll(fds[0], POLLIN, 0), ST_OK);
  ck_assert_int_eq(ipc_deadline_poll(fds[0], POLLIN, DEADLINE_NEVER), ST_OK);
  close(fds[0]);
  ck_assert_int_eq(ipc_deadline_poll(fds[0], POLLIN, DEADLINE_NEVER), ST_IO);
  close(fds[1]);
}
END_TEST

START_TEST(the_stop_word_carries_reason_and_limit_until_it_is_cleared) {
  static _Alignas(STOP_PAGE_BYTES) StopPage page;
  ck_assert_uint_eq(ipc_stop_seen(&page), 0);
  for (uint32_t reason = STOP_KILLED; reason <= STOP_LIMIT; reason++) {
    for (uint32_t limit = 0; limit < 256; limit += 51) {
      ipc_stop_request(&page, (StopReason)reason, limit);
      uint32_t word = ipc_stop_seen(&page);
      ck_assert_uint_ne(word, 0);
      ck_assert_uint_eq(ipc_stop_reason(word), reason);
      ck_assert_uint_eq(ipc_stop_limit(word), limit);
    }
  }
  ipc_stop_clear(&page);
  ck_assert_uint_eq(ipc_stop_seen(&page), 0);
}
END_TEST

SUITE("ipc deadline", never_is_never_over_and_the_past_is,
      a_wait_ends_at_its_deadline_or_when_the_descriptor_is_ready,
      the_stop_word_carries_reason_and_limit_until_it_is_cleared)
