/* SPDX-License-Identifier: BSD-2-Clause */
/* What a script finds under Valkey that it does not find under Redis. */
#include "tests/check_main.h"
#include "tests/vm/rows.h"

#define VALKEY UINT32_C(0x00090102)

static void expect_all(uint32_t version, const ScriptRow *rows, size_t count) {
  Machine *m = machine_open_as(VM_PROFILE_REDIS, (size_t)2 << 20, version);
  for (size_t i = 0; i < count; i++) machine_expect(m, rows[i].script, rows[i].expected);
  machine_close(m);
}

START_TEST(server_is_another_name_of_the_redis_table) {
  static const ScriptRow rows[] = {
      {"return server == redis and server.call == redis.call", ":1"},
      {"return {redis.REDIS_VERSION, redis.VALKEY_VERSION, server.SERVER_NAME}", "*3 $7.2.4 $9.1.2 $valkey"},
      {"return {redis.REDIS_VERSION_NUM, redis.VALKEY_VERSION_NUM}", "*2 :459268 :590082"},
      {"return __server__err__handler == __redis__err__handler", ":1"},
      {"return select(2, pcall(function() server.x = 1 end))", "$user_script:1: Attempt to modify a readonly table"},
      {"return select(2, pcall(function() os.x = 1 end))", "$user_script:1: Attempt to modify a readonly table"},
  };
  expect_all(VALKEY, rows, sizeof rows / sizeof *rows);
}
END_TEST

START_TEST(errors_speak_of_server) {
  static const ScriptRow rows[] = {
      {"return select(2, pcall(redis.call))", "$ERR Please specify at least one argument for this call"},
      {"return select(2, pcall(redis.call, {}))", "$ERR Command arguments must be strings or integers"},
      {"return select(2, pcall(redis.setresp))", "$ERR server.setresp() requires one argument."},
      {"return select(2, pcall(redis.set_repl))", "$ERR server.set_repl() requires one argument."},
      {"return select(2, pcall(redis.log, 1))", "$ERR server.log() requires two arguments or more."},
      {"return select(2, pcall(redis.log, 9, 'x'))", "$ERR Invalid log level."},
  };
  expect_all(VALKEY, rows, sizeof rows / sizeof *rows);
}
END_TEST

START_TEST(the_clock_is_the_budget_and_moves) {
  static const ScriptRow rows[] = {
      {"local t = os.clock() for i = 1, 1000 do end return os.clock() > t and os.clock() < 1", ":1"},
      {"local n = 0 for k in pairs(os) do n = n + 1 end return n", ":1"},
  };
  expect_all(VALKEY, rows, sizeof rows / sizeof *rows);
}
END_TEST

/* What Valkey 9.1 answered. */
START_TEST(tables_have_valkeys_order) {
  static const ScriptRow rows[] = {
      {"return cjson.encode({a=1,b=2,c=3,d=4,e=5,f=6,g=7,h=8})",
       "${\"a\":1,\"e\":5,\"h\":8,\"c\":3,\"d\":4,\"f\":6,\"g\":7,\"b\":2}"},
      {"return cjson.encode({name='Ada',tags={'x','y'},n=2})", "${\"name\":\"Ada\",\"n\":2,\"tags\":[\"x\",\"y\"]}"},
      {"local t = {} for i = 1, 20 do t['k' .. i] = i end local s = '' for k in pairs(t) do s = s .. k .. ' ' end return s",
       "$k3 k18 k6 k1 k20 k19 k9 k7 k17 k15 k16 k14 k2 k10 k11 k5 k8 k4 k12 k13 "},
      {"return redis.error_reply('x')", "-ERR x"},
      {"return {map = {a = 1}}", "%1 $a :1"},
  };
  expect_all(VALKEY, rows, sizeof rows / sizeof *rows);
}
END_TEST

START_TEST(under_redis_there_is_none_of_it) {
  static const ScriptRow rows[] = {
      {"return select(2, pcall(function() return server end))",
       "$user_script:1: Script attempted to access nonexistent global variable 'server'"},
      {"return select(2, pcall(function() return os end))",
       "$user_script:1: Script attempted to access nonexistent global variable 'os'"},
      {"return redis.VALKEY_VERSION", "_"},
      {"return select(2, pcall(redis.log, 9, 'x'))", "$ERR Invalid debug level."},
  };
  expect_all(0, rows, sizeof rows / sizeof *rows);
}
END_TEST

SUITE("vm/dialect", server_is_another_name_of_the_redis_table, errors_speak_of_server,
      the_clock_is_the_budget_and_moves, tables_have_valkeys_order, under_redis_there_is_none_of_it)
