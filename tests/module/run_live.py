#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""run_live - the module in a living server: users, kills, replicas, files, faults, growth."""
import json
import os
import signal
import subprocess
import sys
import time

from server import MODULE, ReplyError, Server, free_port, kill_all, wait_for
from suite import main, test

FOREVER = "while true do end"
BUSY = "BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE."


def expect(value, wanted):
    assert value == wanted, "%r, not %r" % (value, wanted)


def expect_in(part, text):
    assert part in text, "%r is not in %r" % (part, text)


# --- Users ---

@test
def workers_of_many_users_share_the_memory_of_the_pool():
    with Server() as server:
        def play():
            for i in range(12):
                with server.client() as client:
                    client.command("AUTH", "u%d" % i, "p")
                    expect(client.command("EVAL", "return 'u%d'" % i, "0"), b"u%d" % i)
        for i in range(12):
            server.command("ACL", "SETUSER", "u%d" % i, "on", ">p", "+@all", "~*")
        def assigned():
            workers = json.loads(server.command("SANDBOX", "JSON", "WORKERS"))["data"]["workers"]
            return [w["principal"] for w in workers if w["state"] == "assigned"]
        play()
        wait_for(lambda: len(assigned()) >= 12, "a worker for each user")
        server.command("CONFIG", "SET", "sandbox.pool-memory", "1mb")
        play()
        wait_for(lambda: 0 < len(assigned()) <= 5, "fewer workers")
        with server.client() as client:
            client.command("AUTH", "u11", "p")
            expect(client.command("EVAL", "return 1", "0"), 1)
        expect(server.command("CONFIG", "GET", "sandbox.pool-memory"), [b"sandbox.pool-memory", b"1048576"])


@test
def a_user_needs_eval_and_nothing_else_is_given_by_the_grant():
    with Server() as server:
        server.command("ACL", "SETUSER", "bob", "on", ">b", "+@scripting", "+set", "~x*")
        with server.client() as bob:
            bob.command("AUTH", "bob", "b")
            expect(bob.command("EVAL", "return redis.call('set','x1',1)", "1", "x1"), b"OK")
            expect_in("can't run this command", bob.error("EVAL", "return redis.call('get','x1')", "1", "x1"))
            expect_in("can't access at least one of the keys", bob.error("EVAL", "return redis.call('set','y',1)", "0"))
            expect_in("NOPERM this user has no permissions to access one of the keys", bob.error("EVAL", "return 1", "1", "y"))
            expect_in("NOPERM", bob.error("GET", "x1"))
            server.command("ACL", "SETUSER", "bob", "-eval")
            expect("NOPERM this user has no permissions to run the 'eval' command", bob.error("EVAL", "return 1", "0"))
            expect_in("NOSCRIPT", bob.error("EVALSHA", "0" * 40, "0"))
            server.command("ACL", "SETUSER", "bob", "-@all", "+sandbox.run", "+get")
            expect_in("NOPERM", bob.error("EVALSHA", "0" * 40, "0"))
            expect_in("NOPERM", bob.error("SANDBOX.RUN", "compat", "EVAL", "return 1", "0"))
            expect_in("NOPERM", bob.error("SCRIPT", "LOAD", "return 1"))


@test
def a_user_without_scripting_is_refused_as_by_redis():
    with Server() as server:
        server.command("ACL", "SETUSER", "eve", "on", ">e", "+@all", "-@scripting", "~*")
        with server.client() as eve:
            eve.command("AUTH", "eve", "e")
            expect("NOPERM this user has no permissions to run the 'eval' command", eve.error("EVAL", "return 1", "0"))
            expect("NOPERM this user has no permissions to run the 'script|load' command", eve.error("SCRIPT", "LOAD", "return 1"))


@test
def rules_in_selectors_count_as_with_redis_itself():
    rules = ["on", ">s", "+get", "~z*", "(~x* +eval +set)", "(~y* +@scripting +get)", "(~w* +set)"]
    commands = [["EVAL", "return redis.call('set', KEYS[1], 1)", "1", "x1"], ["EVAL", "return redis.call('get', KEYS[1])", "1", "x1"],
                ["EVAL", "return redis.call('get', KEYS[1])", "1", "y1"], ["EVAL", "return 1", "1", "w1"], ["EVAL", "return 1", "1", "z1"],
                ["EVAL", "return 1", "2", "x1", "y1"], ["EVAL", "return 1", "0"], ["EVAL_RO", "return redis.call('get', KEYS[1])", "1", "y1"],
                ["SCRIPT", "LOAD", "return 1"], ["FCALL", "f", "1", "x1"], ["FCALL", "f", "1", "y1"], ["GET", "x1"], ["SET", "w1", "1"]]
    answers = []
    for with_module in (False, True):
        with Server(module=with_module) as server, server.client() as client:
            server.command("ACL", "SETUSER", "sel", *rules)
            client.command("AUTH", "sel", "s")
            answers.append([client.raw(*words) for words in commands])
            if with_module:
                shown = server.command("ACL", "LIST")
                for i in range(5):
                    server.command("ACL", "SETUSER", "other%d" % i, "on", "+get")
                    client.raw(*commands[0])
                expect([line for line in server.command("ACL", "LIST") if b" sel " in line], [line for line in shown if b" sel " in line])
    for words, judge, ours in zip(commands, *answers):
        expect((words, ours), (words, judge))


@test
def users_of_a_file_get_the_grant_too():
    with Server() as server:
        path = os.path.join(server.folder, "users")
        with open(path, "w") as text:
            text.write("user default on nopass ~* &* +@all\nuser carl on >c ~* -@all +eval\n")
        server.stop()
        server.words += ["--aclfile", path]
        server.start()
        with server.client() as carl:
            carl.command("AUTH", "carl", "c")
            wait_for(lambda: carl.raw("EVAL", "return 7", "0") == b":7\r\n", "the grant of a user from a file")


@test
def rules_hold_although_eval_is_renamed_away():
    names = ["EVAL", "EVALSHA", "EVAL_RO", "EVALSHA_RO", "SCRIPT"]
    with Server(*[word for name in names for word in ("--rename-command", name, "")]) as server:
        expect(server.command("EVAL", "return redis.call('set','a',1)", "0"), b"OK")
        server.command("ACL", "SETUSER", "ann", "on", ">a", "~*", "+eval", "+get")
        server.command("ACL", "SETUSER", "eve", "on", ">e", "~*", "+@all", "-eval")
        with server.client() as ann, server.client() as eve:
            ann.command("AUTH", "ann", "a")
            eve.command("AUTH", "eve", "e")
            expect(ann.command("EVAL", "return redis.call('get','a')", "0"), b"1")
            expect_in("NOPERM", ann.error("EVALSHA", "0" * 40, "0"))
            expect_in("NOPERM", eve.error("EVAL", "return 1", "0"))
            expect_in("NOSCRIPT", eve.error("EVALSHA", "0" * 40, "0"))


def assigned(server):
    """The workers that serve somebody; spares come and go."""
    workers = json.loads(server.command("SANDBOX", "JSON", "WORKERS"))["data"]["workers"]
    return {(w["zygote"], w["serial"]) for w in workers if w["state"] == "assigned"}


@test
def each_user_has_a_worker_and_a_change_of_rules_brings_another():
    with Server() as server:
        server.command("ACL", "SETUSER", "u", "on", ">u", "~*", "+@all")
        with server.client() as user:
            user.command("AUTH", "u", "u")
            server.command("EVAL", "return 1", "0")
            user.command("EVAL", "return 1", "0")
            before = assigned(server)
            expect(len(before), 2)
            user.command("EVAL", "return 2", "0")
            expect(assigned(server), before)
            server.command("ACL", "SETUSER", "u", "-get")
            user.command("EVAL", "return 1", "0")
            expect(len(assigned(server) - before), 1)  # else the old worker serves the new rules
            expect_in("can't run this command", user.error("EVAL", "return redis.call('get','x')", "0"))


@test
def without_a_policy_what_one_user_loads_another_finds():
    with Server() as server:
        for name in ("ann", "bob"):
            server.command("ACL", "SETUSER", name, "on", "nopass", "~*", "&*", "+@all")
        with server.client() as ann, server.client() as bob:
            ann.command("AUTH", "ann", "x")
            bob.command("AUTH", "bob", "x")
            loaded, seen = ann.command("SCRIPT", "LOAD", "return 'loaded'"), "return redis.sha1hex('return 7')"
            expect(bob.command("EVALSHA", loaded, "0"), b"loaded")
            ann.command("EVAL", "return 7", "0")
            expect(bob.command("EVALSHA", ann.command("EVAL", seen, "0"), "0"), 7)
            ann.command("FUNCTION", "LOAD", LIBRARY)
            expect(bob.command("FCALL", "f", "0", "x"), [1, b"x"])
            bob.command("SCRIPT", "FLUSH")
            bob.command("FUNCTION", "FLUSH")
            expect_in("NOSCRIPT", ann.error("EVALSHA", loaded, "0"))
            expect(ann.command("FUNCTION", "LIST"), [])


@test
def sandbox_run_cannot_be_abused():
    with Server() as server, server.client() as client:
        for words in (["compat"], ["nope", "EVAL", "return 1", "0"], ["busy", "EVAL", "return 1", "0"],
                      ["compat", "SCRIPT", "KILL"], ["cache", "SCRIPT", "KILL"], ["compat", "GET", "x"]):
            assert client.raw("SANDBOX.RUN", *words).startswith(b"-ERR"), words
        expect(client.command("SANDBOX.RUN", "read", "EVAL", "return 1", "0"), 1)
        expect_in("not allowed from script", client.error("EVAL", "return redis.call('sandbox.run','compat','EVAL','return 1',0)", "0"))


# --- Busy servers and kills ---

def busy(server, script=FOREVER, *tail):
    """A client whose script runs, once others are told so: after seconds on a machine under load."""
    server.command("CONFIG", "SET", "busy-reply-threshold", "20")
    if b"sandbox" in server.command("INFO", "modules"):
        server.command("CONFIG", "SET", *[word for name in ("wall", "cpu") for word in ("sandbox.limit-" + name, "600000000000")])
    runner = server.client()
    runner.send("EVAL", script, "0", *tail)
    with server.client() as other:
        wait_for(lambda: other.raw("PING") == b"-" + BUSY.encode() + b"\r\n", "BUSY")
    return runner


@test
def a_busy_server_says_so_and_script_kill_ends_it():
    with Server() as server:
        runner = busy(server)
        with server.client() as other:
            expect(other.error("EVAL", "return 1", "0"), BUSY)
            expect(other.error("SCRIPT", "LOAD", "return 1"), BUSY)
            expect(other.command("SCRIPT", "KILL"), b"OK")
        try:
            runner.read()
            raise AssertionError("no error")
        except ReplyError as error:
            expect_in("ERR Script killed by user with SCRIPT KILL... script: ", str(error))
            expect_in(", on @user_script:", str(error))
        expect(runner.command("EVAL", "return 3", "0"), 3)
        expect(server.command("PING"), b"PONG")


@test
def kill_survives_pcall_and_a_script_that_calls_all_the_time():
    for script in ("while true do pcall(function() while true do end end) end",
                   "while true do redis.call('ping') end", "while true do local pong = redis.call('ping') end",
                   "while true do pcall(function() while true do redis.call('ping') end end) end"):
        with Server() as server:
            runner = busy(server, script)
            begun = time.monotonic()
            server.command("SCRIPT", "KILL")
            try:
                runner.read()
                raise AssertionError("no error")
            except ReplyError as error:
                expect_in("Script killed by user", str(error))
            assert time.monotonic() - begun < 30, script  # its limits are ten minutes


@test
def a_script_that_wrote_is_killed_only_where_configured():
    with Server() as server:
        runner = busy(server, "redis.call('set','a',1) while true do end")
        with server.client() as other:
            expect_in("UNKILLABLE Sorry the script already executed write commands", other.error("SCRIPT", "KILL"))
        server.stop()
        runner.close()
    with Server("--maxmemory", "0") as server:
        server.command("CONFIG", "SET", "sandbox.kill-after-write", "yes")
        runner = busy(server, "redis.call('set','a',1) while true do end")
        server.command("SCRIPT", "KILL")
        try:
            runner.read()
            raise AssertionError("no error")
        except ReplyError as error:
            expect_in("(wrote=1)", str(error))
        expect(server.command("GET", "a"), b"1")


@test
def shutdown_nosave_ends_a_busy_server_and_every_process_of_it():
    with Server() as server:
        runner = busy(server)
        workers = server.workers()
        assert len(workers) >= 2
        with server.client() as other:
            other.send("SHUTDOWN", "NOSAVE")
            wait_for(lambda: not server.alive(), "the end of the server")
        wait_for(lambda: not any(os.path.exists("/proc/%d" % pid) for pid in workers), "the end of its workers")
        runner.close()


@test
def a_long_script_inside_a_transaction_ends_at_its_limit():
    with Server() as server:
        server.command("CONFIG", "SET", "busy-reply-threshold", "20", "sandbox.limit-wall", "300000000")
        with server.client() as client, server.client() as other:
            for words in (["MULTI"], ["EVAL", FOREVER, "0"], ["SET", "a", "1"], ["EXEC"]):
                client.send(*words)
            other.send("PING")
            replies = [client.reply() for _ in range(4)]
            expect_in(b"LIMIT wall", replies[3])
            expect_in(b"+OK", replies[3])
            expect(other.reply(), b"+PONG\r\n")


@test
def a_caller_that_leaves_while_its_script_runs_does_no_harm():
    with Server() as server:
        runner = busy(server)
        runner.close()
        server.command("SCRIPT", "KILL")
        wait_for(lambda: server.info().get("sandbox_running") == "0", "the end of the run")
        expect(server.command("EVAL", "return 1", "0"), 1)


# --- Limits ---

@test
def limits_end_scripts_and_can_be_set():
    with Server() as server, server.client() as client:
        client.command("CONFIG", "SET", "sandbox.limit-instructions", "100000")
        expect_in("LIMIT instructions: script exceeded 100000 instructions, at user_script:1", client.error("EVAL", FOREVER, "0"))
        client.command("CONFIG", "SET", "sandbox.limit-memory", "2mb", "sandbox.limit-instructions", "1000000000")
        expect_in("LIMIT memory", client.error("EVAL", "local s=('x'):rep(1000) local t={} for i=1,1e5 do t[i]=s..i end", "0"))
        client.command("CONFIG", "SET", "sandbox.limit-calls", "3")
        expect_in("LIMIT calls", client.error("EVAL", "for i=1,9 do redis.call('ping') end", "0"))
        expect(int(server.info()["sandbox_limits_exceeded"]), 3)
        expect_in("argument must be between", client.error("CONFIG", "SET", "sandbox.limit-memory", "1"))


@test
def observing_only_reports():
    with Server() as server, server.client() as client:
        client.command("CONFIG", "SET", "sandbox.mode", "observe", "sandbox.limit-calls", "3")
        expect(client.command("EVAL", "for i=1,9 do redis.call('ping') end return 'done'", "0"), b"done")
        expect(server.info()["sandbox_limits_observed"], "1")
        expect_in("used 9 of calls, more than 3", server.log())


@test
def turned_off_redis_runs_scripts_itself():
    with Server() as server, server.client() as client:
        client.command("CONFIG", "SET", "sandbox.mode", "off")
        expect(client.command("EVAL", "return 1", "0"), 1)
        expect(server.info()["sandbox_runs"], "0")
        client.command("CONFIG", "SET", "sandbox.mode", "enforce")
        expect(client.command("EVAL", "return 1", "0"), 1)
        expect(server.info()["sandbox_runs"], "1")
        expect_in("must be one of the following: off, observe, enforce", client.error("CONFIG", "SET", "sandbox.mode", "maybe"))


@test
def the_cache_forgets_what_eval_brought_and_keeps_what_was_loaded():
    with Server() as server, server.client() as client:
        client.command("CONFIG", "SET", "sandbox.script-cache-bytes", "65536")
        kept = client.command("SCRIPT", "LOAD", "return 'kept'")
        first = client.command("EVAL", "return redis.sha1hex('return 0')", "0")
        client.command("EVAL", "return 0", "0")
        for i in range(2000):
            client.command("EVAL", "return %d" % i, "0")
        info = server.info()
        assert int(info["sandbox_cached_script_bytes"]) <= 65536, info
        expect(client.command("SCRIPT", "EXISTS", kept, first), [1, 0])
        expect(client.command("EVALSHA", kept, "0"), b"kept")


@test
def texts_of_one_size_with_the_same_ends_are_told_apart():
    texts = ["return 12345678 + %d -- and the same end" % i for i in range(10, 40)]
    with Server() as server, server.client() as client:
        for _ in range(3):
            for i, text in enumerate(texts, 10):
                expect(client.command("EVAL", text, "0"), 12345678 + i)
        for text in texts[:3]:
            client.command("EVAL", text, "0")
            client.command("SCRIPT", "FLUSH")
            expect(client.command("SCRIPT", "EXISTS", client.command("EVAL", "return redis.sha1hex(ARGV[1])", "0", text)), [0])
            expect(client.command("EVAL", text, "0"), client.command("EVAL", text, "0"))
            expect(client.command("SCRIPT", "EXISTS", client.command("EVAL", "return redis.sha1hex(ARGV[1])", "0", text)), [1])
        for text in texts:  # The same text is a script of no flags here and of flags there.
            expect(client.command("EVAL", "#!lua flags=no-writes\n" + text, "0"), client.command("EVAL", text, "0"))
        for _ in range(2):
            expect_in("Write commands are not allowed", client.error("EVAL", "#!lua flags=no-writes\nreturn redis.call('SET', 'a', 1)", "0"))
            expect_in("Write commands are not allowed", client.error("EVAL_RO", "return redis.call('SET', 'a', 1)", "0"))
            expect(client.command("EVAL", "return redis.call('SET', 'a', 1)", "0"), b"OK")


@test
def what_a_script_logs_is_escaped():
    with Server() as server, server.client() as client:
        client.command("EVAL", "redis.log(redis.LOG_WARNING, 'a\\nb\\27[31m \\200 \\195\\164')", "0")
        expect_in("script: a\\x0ab\\x1b[31m \\xc8 \u00e4", server.log())


# --- Replication and files ---

class Pair:
    def __init__(self):
        self.master = Server("--repl-diskless-sync-delay", "0", port=free_port())
        self.replica = Server(port=free_port())

    def __enter__(self):
        self.master.start()
        self.replica.start()
        self.replica.command("REPLICAOF", "127.0.0.1", self.master.port)
        self.replica.wait_link()
        return self

    def __exit__(self, *_):
        self.replica.__exit__()
        self.master.__exit__()

    def settle(self):
        self.replica.catch_up(self.master)

    def expect_equal(self):
        self.settle()
        expect(self.replica.command("DEBUG", "DIGEST"), self.master.command("DEBUG", "DIGEST"))


@test
def effects_reach_the_replica_as_one_transaction():
    with Pair() as pair:
        with pair.replica.client() as watch:
            watch.command("MONITOR")
            pair.master.command("EVAL", "redis.call('set','a',1) redis.call('select',3) redis.call('incr','b') return redis.call('lpush','l','x')", "0")
            lines = []
            while not lines or b'"exec"' not in lines[-1].lower():
                lines.append(watch.line())
        text = b"".join(line for line in lines if b"ping" not in line.lower()).lower()
        for word in (b'"multi"', b'"set" "a"', b'"incr" "b"', b'"lpush" "l"', b'"exec"'):
            expect_in(word, text)
        assert b"eval" not in text and b"sandbox" not in text, text
        pair.master.command("EVAL", "math.randomseed(1) for i=1,50 do redis.call('zadd','z',math.random(),i) end redis.call('expire','z',1000)", "0")
        pair.master.command("EVAL", "return redis.call('spop','none')", "0")
        pair.expect_equal()


@test
def a_replica_refuses_scripts_that_write():
    with Pair() as pair:
        pair.master.command("SET", "a", "1")
        pair.settle()
        with pair.replica.client() as client:
            expect(client.command("EVAL", "return redis.call('get','a')", "0"), b"1")
            expect_in("READONLY You can't write against a read only replica.", client.error("EVAL", "return redis.call('set','a','2')", "0"))
            expect_in("READONLY", client.error("EVAL", "#!lua\nreturn 1", "0"))
            expect(client.command("EVAL", "#!lua flags=no-writes\nreturn redis.call('get','a')", "0"), b"1")
        pair.expect_equal()


@test
def too_few_replicas_refuse_writes():
    with Server("--min-replicas-to-write", "1") as server, server.client() as client:
        expect_in("NOREPLICAS Not enough good replicas to write.", client.error("EVAL", "return redis.call('set','a',1)", "0"))
        expect(client.command("EVAL", "return redis.call('get','a')", "0"), None)
        expect_in("NOREPLICAS", client.error("EVAL", "#!lua\nreturn 1", "0"))


@test
def an_append_only_file_brings_everything_back():
    with Server("--appendonly", "yes", "--appendfsync", "always") as server:
        server.command("EVAL", "redis.call('set','a',1) redis.call('rpush','l','x','y') for i=1,20 do redis.call('incr','n') end", "0")
        server.command("EVAL", "redis.call('select',2) redis.call('set','b',2)", "0")
        digest = server.command("DEBUG", "DIGEST")
        server.restart()
        expect(server.command("DEBUG", "DIGEST"), digest)
        server.command("EVAL", "return redis.call('set','c',3)", "0")
        server.command("BGREWRITEAOF")
        wait_for(lambda: server.info("persistence")["aof_rewrite_in_progress"] == "0"
                 and server.info("persistence")["aof_rewrite_scheduled"] == "0", "the rewrite")
        digest = server.command("DEBUG", "DIGEST")
        server.restart()
        expect(server.command("DEBUG", "DIGEST"), digest)


@test
def an_append_only_file_with_eval_in_it_is_refused_where_eval_is_renamed():
    with Server("--appendonly", "yes", "--rename-command", "EVAL", "", "--aof-use-rdb-preamble", "no") as server:
        server.command("SET", "a", "1")
        server.stop()
        folder = os.path.join(server.folder, "appendonlydir")
        name = next(n for n in os.listdir(folder) if n.endswith(".incr.aof"))
        with open(os.path.join(folder, name), "ab") as out:
            out.write(b"*3\r\n$4\r\nEVAL\r\n$8\r\nreturn 1\r\n$1\r\n0\r\n")
        server.launch()
        wait_for(lambda: not server.alive(), "the refusal of the file")
        expect_in("Unknown command 'EVAL' reading the append only file", server.log())


# --- Functions in files and replicas ---

LIBRARY = ("#!lua name=lib\nlocal n = 0\nredis.register_function{function_name='f', flags={'no-writes'},"
           " callback=function(keys, args) n = n + 1 return {n, args[1]} end}")


def has_library(server):
    with server.client() as client:
        expect(client.command("FCALL", "f", "0", "x"), [1, b"x"])
        expect(len(client.command("FUNCTION", "LIST")), 1)


@test
def libraries_survive_in_a_snapshot():
    with Server("--save", "3600 1") as server:
        server.command("FUNCTION", "LOAD", LIBRARY)
        server.command("SET", "a", "1")
        server.command("SAVE")
        server.restart()
        has_library(server)
        server.command("BGSAVE")
        wait_for(lambda: server.info("persistence")["rdb_bgsave_in_progress"] == "0", "the snapshot")
        server.restart()
        has_library(server)
        server.command("FUNCTION", "FLUSH")
        server.command("SAVE")
        server.restart()
        expect(server.command("FUNCTION", "LIST"), [])
        server.command("FUNCTION", "LOAD", LIBRARY)
        server.command("DEBUG", "RELOAD")
        has_library(server)


@test
def libraries_survive_in_an_append_only_file():
    with Server("--appendonly", "yes", "--appendfsync", "always") as server:
        server.command("FUNCTION", "LOAD", LIBRARY)
        server.restart()
        has_library(server)
        server.command("BGREWRITEAOF")
        wait_for(lambda: server.info("persistence")["aof_rewrite_in_progress"] == "0"
                 and server.info("persistence")["aof_rewrite_scheduled"] == "0", "the rewrite")
        server.restart()
        has_library(server)
        server.command("FUNCTION", "DELETE", "lib")
        server.restart()
        expect(server.command("FUNCTION", "LIST"), [])


@test
def libraries_reach_replicas_by_stream_and_by_snapshot():
    with Pair() as pair:
        pair.master.command("FUNCTION", "LOAD", LIBRARY)
        pair.settle()
        has_library(pair.replica)
        with pair.replica.client() as client:
            expect_in("READONLY", client.error("FUNCTION", "FLUSH"))
        payload = pair.master.command("FUNCTION", "DUMP")
        pair.master.command("FUNCTION", "FLUSH")
        pair.settle()
        expect(pair.replica.command("FUNCTION", "LIST"), [])
        pair.replica.command("REPLICAOF", "NO", "ONE")
        pair.master.command("FUNCTION", "RESTORE", payload)
        pair.replica.command("FUNCTION", "LOAD", LIBRARY.replace("lib", "own").replace("'f'", "'g'"))
        pair.replica.command("REPLICAOF", "127.0.0.1", pair.master.port)
        pair.replica.wait_link()
        has_library(pair.replica)


@test
def a_busy_function_is_killed_by_function_kill_only():
    with Server() as server:
        server.command("FUNCTION", "LOAD", "#!lua name=l\nredis.register_function('spin', function() while true do end end)")
        server.command("CONFIG", "SET", "busy-reply-threshold", "20")
        text = BUSY.replace("SCRIPT KILL", "FUNCTION KILL")
        with server.client() as runner, server.client() as other:
            runner.send("FCALL", "spin", "1", "k", "arg")
            wait_for(lambda: other.raw("PING") == b"-" + text.encode() + b"\r\n", "BUSY")
            expect(other.error("SCRIPT", "KILL"), text)
            stats = other.command("FUNCTION", "STATS")
            expect(stats[1][:4], [b"name", b"spin", b"command", [b"FCALL", b"spin", b"1", b"k", b"arg"]])
            expect(other.command("FUNCTION", "KILL"), b"OK")
            try:
                runner.read()
                raise AssertionError("no error")
            except ReplyError as error:
                # Line 0 is not known: a worker that is late to say where it stood is killed.
                assert str(error) in ["ERR Script killed by user with SCRIPT KILL... script: spin, on @user_function:%d." % line
                                      for line in (2, 0)], str(error)
    with Server() as server:
        runner = busy(server)
        with server.client() as other:
            expect(other.error("FUNCTION", "STATS"), BUSY)
            expect(other.error("FUNCTION", "KILL"), BUSY)
        runner.close()


@test
def a_library_that_runs_for_ever_is_not_loaded():
    with Server() as server, server.client() as client:
        expect("ERR Error registering functions: ERR FUNCTION LOAD timeout",
               client.error("FUNCTION", "LOAD", "#!lua name=l\nwhile true do end"))
        expect(client.command("EVAL", "return 1", "0"), 1)


@test
def a_full_synchronisation_while_a_script_runs_does_no_harm():
    with Server("--repl-diskless-sync-delay", "4", port=free_port()) as master, Server(port=free_port()) as replica:
        master.command("FUNCTION", "LOAD", LIBRARY)
        master.command("SET", "a", "1")
        replica.command("FUNCTION", "LOAD", LIBRARY.replace("lib", "own").replace("'f'", "'g'"))
        replica.command("CONFIG", "SET", "busy-reply-threshold", "20")
        with replica.client() as runner, replica.client() as other:
            other.send("REPLICAOF", "127.0.0.1", master.port)
            expect(other.read(), b"OK")
            wait_for(lambda: "artial resynchronization" in replica.log(), "the synchronisation")
            runner.send("FCALL", "g", "0", "x")
            expect(runner.read(), [1, b"x"])
            runner.send("EVAL", FOREVER, "0")
            wait_for(lambda: b"BUSY" in other.raw("PING"), "BUSY")
            # The data comes after four seconds: a server that takes it now must not load libraries yet.
            time.sleep(5)
            expect(other.command("SCRIPT", "KILL"), b"OK")
            assert b"Script killed" in runner.reply()
        wait_for(lambda: replica.info().get("sandbox_libraries") == "1", "the library")
        has_library(replica)
        expect(replica.command("GET", "a"), b"1")


@test
def a_transaction_with_a_library_is_replicated_as_it_was():
    with Pair() as pair:
        with pair.master.client() as client:
            for words in (["MULTI"], ["SET", "a", "1"], ["FUNCTION", "LOAD", LIBRARY], ["FCALL", "f", "0", "y"], ["EXEC"]):
                client.command(*words)
        pair.expect_equal()
        has_library(pair.replica)


def restart_with_stock_library(server, library):
    """The module starts on a file with a library that the server's own Lua has loaded."""
    server.stop()
    loading, server.words = server.words, server.words[:server.words.index("--loadmodule")]
    server.start()
    server.command("FUNCTION", "LOAD", library)
    server.command("SAVE")
    server.stop()
    server.words = loading
    server.start()


@test
def libraries_of_the_servers_own_lua_are_taken_over_and_can_be_given_back():
    with Server("--save", "3600 1") as server:
        restart_with_stock_library(server, LIBRARY)
        wait_for(lambda: server.info()["sandbox_libraries"] == "1", "the library")
        has_library(server)
        expect_in("1 function libraries taken over from the server's own Lua", server.log())
        server.command("CONFIG", "SET", "sandbox.mode", "off")
        expect(server.command("FUNCTION", "LIST"), [])
        expect(server.command("SANDBOX", "EXPORT-FUNCTIONS"), 1)
        has_library(server)
        expect(server.command("SANDBOX", "IMPORT-FUNCTIONS"), 1)
        expect(server.command("FUNCTION", "LIST"), [])


@test
def libraries_of_an_append_only_file_are_taken_over_too():
    for preamble in ("no", "yes"):
        with Server("--appendonly", "yes", "--appendfsync", "always", "--aof-use-rdb-preamble", preamble, module=False) as server:
            server.command("FUNCTION", "LOAD", LIBRARY)
            if preamble == "yes":  # then the library is in the file's RDB part, not in its commands
                server.command("BGREWRITEAOF")
                wait_for(lambda: server.info("persistence")["aof_rewrite_in_progress"] == "0"
                         and server.info("persistence")["aof_rewrite_scheduled"] == "0", "the rewrite")
            server.stop()
            server.words += ["--loadmodule", MODULE]
            server.start()
            wait_for(lambda: server.info()["sandbox_libraries"] == "1", "the library")
            has_library(server)
            expect_in("1 function libraries taken over from the server's own Lua", server.log())
            for _ in range(2):
                server.restart()
                wait_for(lambda: server.info()["sandbox_libraries"] == "1", "the library")
                has_library(server)
                expect(server.info()["sandbox_libraries_left"], "0")
            server.command("CONFIG", "SET", "sandbox.mode", "off")
            expect(server.command("FUNCTION", "LIST"), [])


def doctor(server):
    tool = os.path.join(os.path.dirname(os.path.dirname(MODULE)), "bin", "ferrous-sandboxctl")
    return subprocess.run([tool, "doctor", "--socket", server.path], capture_output=True, text=True, timeout=60).stdout


@test
def a_library_that_cannot_be_taken_over_is_told_of_while_it_stays():
    big = "#!lua name=big\nlocal t = {} for i = 1, 300000 do t[i] = i end redis.register_function('big', function() return t[1] end)"
    with Server("--save", "3600 1") as server:
        restart_with_stock_library(server, big)
        wait_for(lambda: server.info()["sandbox_libraries_left"] == "1", "the library that stays")
        expect_in("a library stays with the server's own Lua: ", server.log())
        expect_in("still holds 1 function libraries", doctor(server))
        server.command("CONFIG", "SET", "sandbox.limit-base-bytes", str(8 << 20))
        expect(server.command("SANDBOX", "IMPORT-FUNCTIONS"), 1)
        expect(server.info()["sandbox_libraries_left"], "0")
        wait_for(lambda: "holds no function library" in doctor(server), "the end of the warning")
        expect(server.command("FCALL", "big", "0"), 1)


@test
def administrators_have_commands_that_others_have_not():
    with Server() as server, server.client() as client:
        expect_in(b"SANDBOX <subcommand>", client.command("SANDBOX", "HELP")[0])
        seal = client.command("SANDBOX", "SEAL")
        expect(seal[seal.index(b"filter") + 1], b"applied")
        client.command("ACL", "SETUSER", "u", "on", "nopass", "~*", "+@all", "-config")
        client.command("AUTH", "u", "x")
        expect_in("NOPERM", client.error("SANDBOX", "EXPORT-FUNCTIONS"))
        expect_in("not allowed from script", client.error("EVAL", "return redis.call('sandbox','help')", "0"))


# --- Faults ---

@test
def a_worker_killed_in_mid_run_is_an_error_and_the_next_script_works():
    for script, wrote in (("while true do end", False), ("redis.call('set','a',1) while true do end", True)):
        with Server() as server:
            runner = busy(server, script)
            kill_all(server.workers()[1:])
            try:
                runner.read()
                raise AssertionError("no error")
            except ReplyError as error:
                expect_in("SANDBOX worker_crashed", str(error))
                assert ("(wrote=1)" in str(error)) == wrote, str(error)
            expect(server.command("EVAL", "return 4", "0"), 4)


@test
def a_zygote_killed_is_started_again():
    with Server() as server, server.client() as client:
        expect(client.command("EVAL", "return 1", "0"), 1)
        os.kill(server.workers()[0], signal.SIGKILL)

        def works():
            return client.raw("EVAL", "return 1", "0") == b":1\r\n"
        wait_for(works, "a new zygote")


@test
def no_process_outlives_the_server_however_it_ends():
    for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGSEGV):
        with Server() as server:
            server.command("EVAL", "return 1", "0")
            workers = server.workers()
            assert len(workers) >= 2
            server.stop(number)
            wait_for(lambda: not any(os.path.exists("/proc/%d" % pid) for pid in workers), "the end of all")


@test
def workers_have_no_descriptor_but_their_two_pipes():
    with Server(port=free_port()) as server:
        server.command("EVAL", "return 1", "0")

        def has_only_pipes(pid):
            try:
                fds = {name: os.readlink("/proc/%d/fd/%s" % (pid, name)) for name in os.listdir("/proc/%d/fd" % pid)}
            except OSError:
                return False  # it closes them just now
            return sorted(fds) == ["0", "1"] and all(target.startswith("pipe:") for target in fds.values())
        # A spare that is being sealed has some left for a moment.
        wait_for(lambda: len(server.workers()) == 3 and all(map(has_only_pipes, server.workers()[1:])), "workers without other descriptors")
        zygote = server.workers()[0]
        targets = [os.readlink("/proc/%d/fd/%s" % (zygote, name)) for name in os.listdir("/proc/%d/fd" % zygote)]
        assert sum(target.startswith("socket:") for target in targets) == 1, targets
        assert not any(target.startswith("pipe:") or server.folder in target for target in targets), targets


@test
def a_missing_worker_program_ends_the_load_with_a_clear_line():
    server = Server(arguments=["worker=/nonexistent/worker"])
    server.launch()
    wait_for(lambda: server.process.poll() is not None, "the end of the start")
    expect_in("scripts cannot be run sealed: cannot open the worker program /nonexistent/worker", server.log())
    server.__exit__()


@test
def wrong_arguments_end_the_load_with_a_clear_line():
    server = Server(arguments=["limit=memory=banana"])
    server.launch()
    wait_for(lambda: server.process.poll() is not None, "the end of the start")
    expect_in("memory", server.log())
    server.__exit__()


@test
def unloading_is_refused_as_files_may_hold_libraries():
    with Server("--enable-module-command", "yes") as server, server.client() as client:
        expect(client.command("EVAL", "return 1", "0"), 1)
        expect_in("exports one or more module-side data types", client.error("MODULE", "UNLOAD", "sandbox"))
        expect(client.command("EVAL", "return 3", "0"), 3)


@test
def loading_into_a_running_server_works():
    with Server("--enable-module-command", "yes", module=False) as server, server.client() as client:
        sha = client.command("SCRIPT", "LOAD", "return 'from the server itself'")
        expect(client.command("MODULE", "LOAD", MODULE), b"OK")
        expect_in("NOSCRIPT", client.error("EVALSHA", sha, "0"))
        expect(client.command("EVAL", "return 3", "0"), 3)
        expect(server.info()["sandbox_runs"], "1")


def resident(pid):
    with open("/proc/%d/status" % pid) as text:
        return next(int(line.split()[1]) for line in text if line.startswith("VmRSS"))


@test
def neither_memory_nor_descriptors_grow():
    with Server() as server, server.client() as client:
        def burst(count):
            for start in range(0, count, 100):
                for i in range(100):
                    client.send("EVAL", "return {ARGV[1], redis.call('set',KEYS[1],ARGV[1])}", "1", "k%d" % (i % 10), str(start + i))
                for _ in range(100):
                    client.reply()
        burst(5000)
        wait_for(lambda: len(server.workers()) == 3, "a spare in place of the worker that was taken")
        client.command("PING")  # its descriptors are there
        before, fds = resident(server.process.pid), len(os.listdir("/proc/%d/fd" % server.process.pid))
        burst(int(os.environ.get("FERROUS_GROWTH_RUNS", "30000")))
        after = resident(server.process.pid)
        assert after - before < 3000, "%d kB more" % (after - before)
        wait_for(lambda: len(os.listdir("/proc/%d/fd" % server.process.pid)) <= fds, "no more descriptors than before")


if __name__ == "__main__":
    sys.exit(main(__doc__))
