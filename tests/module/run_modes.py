#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""run_modes - a tenant whose mode is off beside one that is sealed: the server's own Lua answers it,
with everything that a server does about a script: replicas, files, transactions, rights, kills."""
import sys
import threading

from server import Server, free_port, wait_for
from suite import main, test
from tenant_server import TenantServer

POLICY = """version: 1
tenants:
  legacy: {users: [ann, al], mode: off, limits: {instructions: 1000}, rates: {invocations: 1/s burst 1}}
  sealed: {users: [globert], limits: {instructions: 1000}}
  operator: {users: [default]}
"""
LONG = "local n = 0 for i = 1, 100000 do n = n + 1 end return n"
LIBRARY = "#!lua name=%s\nredis.register_function('%s', function(keys) return redis.call('INCR', keys[1]) end)"


def expect(value, wanted):
    assert value == wanted, "%r, not %r" % (value, wanted)


def expect_in(part, text):
    assert part in text, "%r is not in %r" % (part, text)


def runs(server):
    return int(server.info()["sandbox_runs"])


class Pair:
    """A master with an append-only file, and a replica."""

    def __enter__(self):
        self.master = TenantServer(POLICY, "--appendonly", "yes", "--appendfsync", "always", "--repl-diskless-sync-delay", "0", port=free_port()).__enter__()
        self.replica = TenantServer(POLICY, "--replicaof", "127.0.0.1 %d" % self.master.port, port=free_port()).__enter__()
        return self.master, self.replica

    def __exit__(self, *_):
        self.replica.__exit__(*_)
        self.master.__exit__(*_)


# --- Who runs it ---

@test
def the_servers_own_lua_answers_one_tenant_and_a_worker_the_other():
    with TenantServer(POLICY) as server, server.user("ann") as ann, server.user("globert") as glo:
        before = runs(server)
        for _ in range(3):  # no rate, no limit
            expect(ann.command("EVAL", LONG, "0"), 100000)
        expect(runs(server), before)
        expect_in("LIMIT instructions", glo.error("EVAL", LONG, "0"))
        expect(runs(server), before + 1)
        server.reload(POLICY.replace("mode: off", "mode: enforce"))
        expect_in("LIMIT instructions", ann.error("EVAL", LONG, "0"))
        server.reload(POLICY)
        expect(ann.command("EVAL", LONG, "0"), 100000)


@test
def replies_are_those_of_redis_in_both_protocols():
    cases = ("return {1, 2, {3, 'x'}, false}", "return redis.status_reply('FINE')", "return redis.error_reply('MINE no')",
             "redis.setresp(3) return {map={a=1}}", "return redis.call('NOSUCH')", "return nil .. 1", "return {double=3.5}")
    with TenantServer(POLICY) as server, Server(module=False) as stock, server.user("ann") as ann, stock.client() as own:
        for protocol in ("2", "3"):
            ann.raw("HELLO", protocol)
            own.raw("HELLO", protocol)
            for case in cases:
                expect(ann.raw("EVAL", case, "0"), own.raw("EVAL", case, "0"))
        for words in (("EVALSHA", "0" * 40, "0"), ("EVALSHA", "short", "0"), ("EVAL", "return 1", "x"), ("EVAL", "retur", "0"),
                      ("EVAL_RO", "return redis.call('SET', KEYS[1], 1)", "1", "k")):
            expect(ann.raw(*words), own.raw(*words))


@test
def scripts_that_were_loaded_are_in_the_servers_own_cache():
    with TenantServer(POLICY) as server, server.user("ann") as ann, server.user("globert") as glo:
        sha1 = ann.command("SCRIPT", "LOAD", "return 7")
        expect(ann.command("EVALSHA", sha1, "0"), 7)
        expect(ann.command("SCRIPT", "EXISTS", sha1), [1])
        expect(glo.command("SCRIPT", "EXISTS", sha1), [0])
        expect_in("NOSCRIPT", glo.error("EVALSHA", sha1, "0"))
        expect(ann.command("SCRIPT", "FLUSH"), b"OK")
        expect_in("NOSCRIPT", ann.error("EVALSHA", sha1, "0"))


@test
def rights_of_the_user_hold_inside_the_script():
    with TenantServer(POLICY) as server, server.user("ann") as ann:
        server.command("ACL", "SETUSER", "ann", "resetkeys", "~mine:*", "-flushall")
        for command in ("'FLUSHALL'", "'GET', 'other'"):
            expect_in("The user executing the script can't", ann.error("EVAL", "return redis.call(%s)" % command, "0"))
        expect_in("NOPERM", ann.error("EVAL", "return 1", "1", "other"))
        expect(ann.command("EVAL", "return redis.call('SET', KEYS[1], 1)", "1", "mine:x"), b"OK")
        server.command("ACL", "SETUSER", "ann", "-eval")
        expect_in("NOPERM", ann.error("EVAL", "return 1", "0"))


@test
def a_tenant_that_is_suspended_runs_nothing_even_unsealed():
    with TenantServer(POLICY) as server, server.user("ann") as ann:
        server.command("SANDBOX", "SUSPEND", "legacy")
        expect_in("THROTTLED tenant=legacy", ann.error("EVAL", "return 1", "0"))
        server.command("SANDBOX", "RESUME", "legacy")
        expect(ann.command("EVAL", "return 1", "0"), 1)


# --- Effects ---

@test
def effects_reach_replicas_and_files_once_and_whole():
    with Pair() as (master, replica), master.user("ann") as ann:
        replica.catch_up(master)
        for _ in range(3):
            ann.command("EVAL", "redis.call('INCR', KEYS[1]) redis.call('LPUSH', KEYS[2], ARGV[1]) "
                        "return redis.call('EXPIRE', KEYS[1], 1000)", "2", "n", "list", "x")
        ann.command("MULTI")
        ann.command("EVAL", "return redis.call('INCR', 'n')", "0")
        ann.command("INCR", "n")
        ann.command("EXEC")
        ann.error("EVAL", "redis.call('INCR', 'n') error('late')", "0")
        replica.catch_up(master)
        for server in (master, replica):
            expect(server.command("GET", "n"), b"6")
            expect(server.command("LLEN", "list"), 3)
            assert server.command("TTL", "n") > 900
        master.restart()
        expect(master.command("GET", "n"), b"6")
        expect(master.command("LLEN", "list"), 3)


@test
def what_a_script_keeps_from_replicas_stays_from_them():
    with Pair() as (master, replica), master.user("ann") as ann:
        replica.catch_up(master)
        ann.command("EVAL", "redis.set_repl(redis.REPL_AOF) redis.call('SET', 'here', 1) "
                    "redis.set_repl(redis.REPL_ALL) redis.call('SET', 'all', 1)", "0")
        replica.catch_up(master)
        expect(replica.command("MGET", "here", "all"), [None, b"1"])


@test
def libraries_of_the_server_reach_replicas_and_files_and_stay_the_servers():
    with Pair() as (master, replica), master.user("ann") as ann, master.user("globert") as glo:
        replica.catch_up(master)
        expect(ann.command("FUNCTION", "LOAD", LIBRARY % ("one", "count")), b"one")
        expect(ann.command("FCALL", "count", "1", "n"), 1)
        expect_in("Function not found", glo.error("FCALL", "count", "1", "n"))
        replica.catch_up(master)
        expect(replica.command("GET", "n"), b"1")
        with replica.user("ann") as reader:
            expect(len(reader.command("FUNCTION", "LIST")), 1)
            expect_in("READONLY", reader.error("FCALL", "count", "1", "n"))
        expect(replica.info()["sandbox_libraries"], "0")
        for _ in range(2):
            master.restart()
            with master.user("ann") as again:
                assert again.command("FCALL", "count", "1", "n") > 1
            master.command("BGREWRITEAOF")
            wait_for(lambda: b"aof_rewrite_in_progress:0" in master.command("INFO", "persistence"), "the rewrite")
        with master.user("ann") as again:
            expect(again.command("FUNCTION", "DELETE", "one"), b"OK")
        replica.catch_up(master)
        with replica.user("ann") as reader:
            expect(reader.command("FUNCTION", "LIST"), [])


@test
def nobody_speaks_of_the_servers_libraries_for_a_master():
    with TenantServer(POLICY) as server, server.user("ann") as ann:
        expect_in("sandbox.run is what EVAL", ann.error("SANDBOX.RUN", "native", "FUNCTION", "LOAD", LIBRARY % ("x", "x")))
        expect_in("sandbox.run is what EVAL", ann.error("SANDBOX.RUN", "native", "EVAL", "return 1", "0"))


# --- Ending it ---

@test
def an_endless_script_is_killed_as_redis_kills_it():
    with TenantServer(POLICY, "--busy-reply-threshold", "50") as server, server.user("ann") as ann, \
            server.user("al") as al, server.user("globert") as glo:
        failure = []
        thread = threading.Thread(target=lambda: failure.append(ann.error("EVAL", "while true do end", "0")))
        thread.start()
        wait_for(lambda: glo.raw("PING").startswith(b"-BUSY"), "BUSY")
        assert glo.raw("EVAL", "return 1", "0").startswith(b"-BUSY")
        expect(al.command("SCRIPT", "KILL"), b"OK")
        thread.join(20)
        expect_in("Script killed by user", failure[0])
        expect(glo.command("EVAL", "return 1", "0"), 1)
        expect_in("NOTBUSY", al.error("SCRIPT", "KILL"))


if __name__ == "__main__":
    sys.exit(main(__doc__))
