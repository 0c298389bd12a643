/* SPDX-License-Identifier: BSD-2-Clause */
/* The redis library: what its functions answer and refuse, and what reaches the host. */
#include "tests/check_main.h"
#include "tests/vm/rows.h"

START_TEST(replies_are_made_and_errors_get_their_prefix) {
  static const ScriptRow rows[] = {
      {"return redis.status_reply('FINE')", "+FINE"},
      {"return redis.error_reply('MY words').err", "$MY words"},
      {"return redis.error_reply('words').err", "$ERR words"},
      {"return redis.error_reply('-MY words').err", "$MY words"},
      {"return redis.sha1hex('')", "$da39a3ee5e6b4b0d3255bfef95601890afd80709"},
      {"return redis.status_reply(1).err", "$ERR wrong number or type of arguments"},
      {"return redis.error_reply().err", "$ERR wrong number or type of arguments"},
      {"return select(2, pcall(redis.sha1hex))", "$ERR wrong number of arguments"},
  };
  ROWS_EXPECT(VM_PROFILE_REDIS, rows);
}
END_TEST

START_TEST(settings_are_checked_and_end_with_the_run) {
  static const ScriptRow rows[] = {
      {"redis.setresp(3) return {map = {a = 1}}", "%1 $a :1"},
      {"return true", ":1"},
  };
  Machine *m = machine_open(VM_PROFILE_REDIS, (size_t)2 << 20);
  for (int i = 0; i < 2; i++) machine_expect(m, rows[i].script, rows[i].expected);
  ck_assert_int_eq(machine_run(m, "redis.setresp(4)", MACHINE_UNLIMITED), VM_ERROR);
  ck_assert_int_eq(machine_run(m, "redis.setresp()", MACHINE_UNLIMITED), VM_ERROR);
  ck_assert_int_eq(machine_run(m, "redis.set_repl(redis.REPL_AOF)", MACHINE_UNLIMITED), VM_DONE);
  ck_assert_int_eq(machine_run(m, "redis.set_repl(8)", MACHINE_UNLIMITED), VM_ERROR);
  ck_assert_int_eq(machine_run(m, "redis.set_repl()", MACHINE_UNLIMITED), VM_ERROR);
  machine_expect(m, "return redis.replicate_commands()", ":1");
  machine_expect(m, "return redis.breakpoint()", "_");
  machine_close(m);
}
END_TEST

/* --- Host calls --- */

static char asked[512];

/* Runs until the first host call and says what it asks for; "" when there is none. */
static const char *first_call(const char *source) {
  Machine *m = machine_open(VM_PROFILE_REDIS, (size_t)2 << 20);
  VmRequest request = {.instructions = 100000, .memory = 1 << 20, .resp = 2};
  asked[0] = '\0';
  vm_begin(m->vm, &request);
  ck_assert(vm_compile(m->vm, (VmBytes){source, strlen(source)}, "@user_script"));
  VmStatus status;
  do status = vm_run(m->vm, 1000);
  while (status == VM_QUANTUM);
  if (status == VM_HOST_CALL) {
    const VmHostCall *call = vm_host_call(m->vm);
    size_t size = (size_t)snprintf(asked, sizeof asked, "%s", call->kind == VM_HOST_REDIS ? "redis" : "log");
    for (size_t i = 0; i < call->argc; i++) {
      size += (size_t)snprintf(asked + size, sizeof asked - size, " <%.*s>", (int)call->argv[i].size, call->argv[i].data);
    }
  }
  machine_close(m);
  return asked;
}

START_TEST(arguments_reach_the_host_as_the_server_writes_them) {
  ck_assert_str_eq(first_call("redis.call('SET', 'k', 1, 1.5, -0.1, 1e20, '')"),
                   "redis <SET> <k> <1> <1.5> <-0.10000000000000001> <1e+20> <>");
  ck_assert_str_eq(first_call("redis.pcall('GET', 12)"), "redis <GET> <12>");
  ck_assert_str_eq(first_call("redis.log(redis.LOG_NOTICE, 'a', 12, true, 'b', nil, 1.5)"), "log <a 12 b 1.5>");
  ck_assert_str_eq(first_call("return redis.sha1hex('x')"), "");
}
END_TEST

START_TEST(wrong_arguments_never_reach_it) {
  static const char *const scripts[] = {
      "redis.call()", "redis.call({})", "redis.call('GET', nil)", "redis.call('GET', true)", "redis.pcall('GET', {})",
      "redis.log(1)", "redis.log('x', 'y')", "redis.log(9, 'y')", "redis.log(-1, 'y')",
  };
  for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++) ck_assert_msg(*first_call(scripts[i]) == '\0', "%s", scripts[i]);
}
END_TEST

SUITE("vm/redis", replies_are_made_and_errors_get_their_prefix, settings_are_checked_and_end_with_the_run,
      arguments_reach_the_host_as_the_server_writes_them, wrong_arguments_never_reach_it)
