#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""run_faults - what others do while a script runs, and what the machine refuses."""
import contextlib
import os
import resource
import shutil
import signal
import subprocess
import sys
import time

from run_live import BUSY, FOREVER, LIBRARY, Pair, busy, expect, expect_in, has_library
from server import BUILD, Server, kill_all, wait_for
from suite import TESTS, main, test
from unit_cage import EQ, Comparison, Filter, ALLOW, refuse

TESTS.clear()  # those of run_live are its own
WORKER = os.path.join(BUILD, "bin", "ferrous-sandbox-worker")
PR_SET_NO_NEW_PRIVS = 38


def is_alive(pid):
    """A process that has ended may wait for its new parent to hear of it."""
    try:
        with open("/proc/%d/stat" % pid) as text:
            return text.read().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


def are_gone(pids):
    return not any(is_alive(pid) for pid in pids)


def refusal_at_load(server):
    """The log of a server that must not start."""
    server.launch()
    wait_for(lambda: server.process.poll() is not None, "the end of the start")
    log = server.log()
    server.__exit__()
    return log


# --- While a script runs ---

COMMANDS = [["CLIENT", "KILL", "ID", "1"], ["FUNCTION", "FLUSH"], ["FUNCTION", "RESTORE", b"x"], ["FUNCTION", "LOAD", LIBRARY],
            ["FUNCTION", "DELETE", "lib"], ["FUNCTION", "LIST"], ["FUNCTION", "DUMP"], ["SCRIPT", "FLUSH"], ["SCRIPT", "LOAD", "return 1"],
            ["SCRIPT", "EXISTS", "x"], ["EVAL", "return 1", "0"], ["EVALSHA", "0" * 40, "0"], ["FCALL", "f", "0"], ["FLUSHALL"],
            ["REPLICAOF", "NO", "ONE"], ["REPLICAOF", "127.0.0.1", "1"], ["CONFIG", "SET", "maxmemory", "1"], ["CONFIG", "GET", "maxmemory"],
            ["ACL", "SETUSER", "default", "off"], ["MODULE", "LIST"], ["DEBUG", "RELOAD"], ["SAVE"], ["BGSAVE"], ["BGREWRITEAOF"],
            ["SHUTDOWN"], ["SHUTDOWN", "SAVE"], ["SHUTDOWN", "NOW"], ["SHUTDOWN", "ABORT"], ["FUNCTION", "KILL"], ["MULTI"],
            ["SET", "a", "1"], ["EXEC"], ["PING"], ["INFO"], ["HELLO", "2", "AUTH", "x", "y"], ["WATCH", "a"], ["UNWATCH"], ["RESET"]]


@test
def what_others_may_do_meanwhile_is_what_they_may_with_redis_itself():
    answers = []
    for with_module in (False, True):
        with Server(module=with_module) as server:
            server.command("FUNCTION", "LOAD", LIBRARY)
            runner = busy(server)
            with server.client() as other:
                answers.append([other.raw(*words) for words in COMMANDS])
                expect(other.command("SCRIPT", "KILL"), b"OK")
            assert runner.reply().startswith(b"-ERR Script killed")
            has_library(server)
            expect(server.command("CONFIG", "GET", "maxmemory"), [b"maxmemory", b"0"])
    for words, judge, ours in zip(COMMANDS, *answers):
        assert judge == ours, "%r\n  redis: %r\n  ours:  %r" % (words, judge, ours)


@test
def the_modules_own_settings_wait_too():
    with Server() as server:
        runner = busy(server)
        with server.client() as other:
            for words in (["CONFIG", "SET", "sandbox.mode", "off"], ["CONFIG", "SET", "sandbox.limit-wall", "1000000"],
                          ["SANDBOX", "SEAL"], ["SANDBOX", "EXPORT-FUNCTIONS"], ["SANDBOX.RUN", "compat", "EVAL", "return 1", "0"]):
                expect(other.error(*words), BUSY)
            other.command("SCRIPT", "KILL")
        runner.reply()
        expect(server.command("EVAL", "return 1", "0"), 1)


@test
def libraries_that_the_master_changes_meanwhile_arrive_when_the_script_is_over():
    with Pair() as pair:
        pair.master.command("FUNCTION", "LOAD", LIBRARY)
        pair.settle()
        pair.replica.command("FCALL", "f", "0", "x")
        pair.replica.command("CONFIG", "SET", "busy-reply-threshold", "20")
        with pair.replica.client() as runner, pair.replica.client() as other:
            runner.send("EVAL", FOREVER, "0")
            wait_for(lambda: b"BUSY" in other.raw("PING"), "BUSY")
            pair.master.command("FUNCTION", "FLUSH")
            pair.master.command("FUNCTION", "LOAD", LIBRARY)
            pair.master.command("SET", "a", "after")
            time.sleep(0.3)
            expect(other.command("SCRIPT", "KILL"), b"OK")
            assert b"Script killed" in runner.reply()
        pair.expect_equal()
        has_library(pair.replica)


@test
def a_function_goes_on_although_its_library_is_replaced_by_the_master():
    spin = "#!lua name=lib\nredis.register_function{function_name='f', flags={'no-writes'}, callback=function(k, a)" \
           " local n = 0 for i = 1, 6e8 do n = n + i end return {1, a[1]} end}"
    with Pair() as pair:
        pair.master.command("FUNCTION", "LOAD", spin)
        pair.settle()
        pair.replica.command("CONFIG", "SET", "busy-reply-threshold", "10", "sandbox.limit-wall", "600000000000", "sandbox.limit-cpu", "600000000000")
        with pair.replica.client(timeout=300) as runner, pair.replica.client() as other:
            runner.send("FCALL", "f", "0", "x")
            wait_for(lambda: b"BUSY" in other.raw("PING"), "the function to run")
            pair.master.command("FUNCTION", "LOAD", "REPLACE", LIBRARY)
            expect(runner.read(), [1, b"x"])
        pair.settle()
        has_library(pair.replica)


# --- Ends of the server ---

@test
def a_signal_to_end_ends_a_busy_server_when_its_script_is_over():
    for number in (signal.SIGTERM, signal.SIGINT):
        with Server() as server:
            runner = busy(server)
            workers = server.workers()
            with server.client() as other:
                server.process.send_signal(number)
                expect(other.error("PING"), BUSY)
                expect(other.command("SCRIPT", "KILL"), b"OK")
            wait_for(lambda: not server.alive(), "the end of the server")
            expect(server.process.returncode, 0)
            wait_for(lambda: are_gone(workers), "the end of its workers")
            runner.close()


def saving(server):
    """A slow snapshot is under way: its process, and the module's."""
    server.command("CONFIG", "SET", "rdb-key-save-delay", "3000000")
    server.command("BGSAVE")
    program = os.readlink("/proc/%d/exe" % server.process.pid)
    wait_for(lambda: server.info("persistence")["rdb_bgsave_in_progress"] == "1", "the snapshot")
    savers = [pid for pid in server.workers() if os.readlink("/proc/%d/exe" % pid) == program]
    workers = [pid for pid in server.workers() if pid not in savers]
    assert len(savers) == 1 and len(workers) >= 2, (savers, workers)
    return savers[0], workers


@test
def nothing_outlives_a_server_that_is_killed_while_it_saves():
    with Server("--save", "3600 1", "--appendonly", "yes", "--appendfsync", "always") as server:
        server.command("FUNCTION", "LOAD", LIBRARY)
        for i in range(20):
            server.command("EVAL", "return redis.call('set', KEYS[1], 1)", "1", "k%d" % i)
        # The saving child has inherited whatever the server had open.
        saver, workers = saving(server)
        server.stop()
        wait_for(lambda: are_gone(workers), "the end of the workers")
        assert not are_gone([saver]), "the child had ended already: nothing is shown"
        os.kill(saver, signal.SIGKILL)
        server.start()
        has_library(server)
        expect(server.command("DBSIZE"), 20)


def names_of_descriptors(pid):
    """What a process has open, but for what it closes while we look."""
    names = []
    for fd in os.listdir("/proc/%d/fd" % pid):
        with contextlib.suppress(FileNotFoundError):
            names.append(os.readlink("/proc/%d/fd/%s" % (pid, fd)))
    return names


@test
def a_saving_child_holds_no_descriptor_of_the_workers():
    with Server("--save", "3600 1") as server:
        server.command("EVAL", "return redis.call('set', 'k', 1)", "0")
        saver, workers = saving(server)
        assert any("pidfd" in name for name in names_of_descriptors(server.process.pid))
        # Pipes and sockets carry their number; the server has some of its own that the child shall have.
        ours = {name for pid in workers for name in names_of_descriptors(pid)}
        def inherited():
            return [name for name in names_of_descriptors(saver) if "pidfd" in name or name in ours - {"/dev/null"}]
        assert any(name.startswith("pipe:") for name in ours)
        # It closes them itself, as the first thing that it does; a busy machine may let it wait.
        wait_for(lambda: not inherited(), "the child to close %s" % inherited())
        os.kill(saver, signal.SIGKILL)


# --- What runs out ---

@test
def out_of_descriptors_the_client_is_told_and_later_scripts_run():
    with Server() as server, server.client() as client:
        pid = server.process.pid
        expect(client.command("EVAL", "return 1", "0"), 1)
        client.command("ACL", "SETUSER", "new", "on", "nopass", "+@all", "~*")
        with server.client() as new:
            new.command("AUTH", "new", "x")
            soft, hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)
            for run in range(3):  # the first may still get the spare that is waiting
                used = max(int(fd) for fd in os.listdir("/proc/%d/fd" % pid))
                resource.prlimit(pid, resource.RLIMIT_NOFILE, (used + 1, hard))
                kill_all(server.workers()[1:])
                time.sleep(0.05)
                reply = new.raw("EVAL", "return %d" % run, "0")
                assert reply.startswith((b":", b"-SANDBOX", b"-INTERNAL", b"-UNAVAILABLE")), reply
            assert reply.startswith(b"-"), reply
            assert b"no file descriptors left of the %d that it may open (RLIMIT_NOFILE)" % (used + 1) in reply or b"Too many open files" in reply, reply
            print("    told: " + reply.decode().strip())
            expect(client.raw("SET", "a", "1"), b"+OK\r\n")
            resource.prlimit(pid, resource.RLIMIT_NOFILE, (soft, hard))
            wait_for(lambda: new.raw("EVAL", "return 7", "0") == b":7\r\n", "a worker")
            expect(client.command("EVAL", "return 8", "0"), 8)


@test
def more_than_a_pipe_holds_goes_through_both_ways():
    big = b"x" * (8 << 20)
    with Server() as server, server.client() as client:
        expect(client.command("EVAL", "return #ARGV[1]", "0", big), len(big))
        expect(client.command("EVAL", "redis.call('set', KEYS[1], ARGV[1]) return redis.call('get', KEYS[1])", "1", "k", big), big)
        expect(client.command("EVAL", "return ('y'):rep(tonumber(ARGV[1]))", "0", str(len(big))), b"y" * len(big))


@test
def a_worker_that_does_not_read_ends_the_run_at_its_limit():
    with Server() as server, server.client() as client:
        expect(client.command("EVAL", "return 1", "0"), 1)
        client.command("CONFIG", "SET", "sandbox.limit-wall", "300000000")
        for pid in server.workers()[1:]:
            os.kill(pid, signal.SIGSTOP)
        begun = time.monotonic()
        reply = client.raw("EVAL", "return #ARGV[1]", "0", b"x" * (4 << 20))
        assert reply.startswith(b"-LIMIT wall"), reply[:200]
        assert time.monotonic() - begun < 20
        expect(client.command("EVAL", "return 2", "0"), 2)


# --- What is missing at the start ---

@test
def a_worker_program_that_cannot_be_executed_ends_the_load():
    server = Server()
    program = os.path.join(server.folder, "worker")
    shutil.copy(WORKER, program)
    os.chmod(program, 0o644)
    server.words.append("worker=" + program)
    expect_in("scripts cannot be run sealed: cannot open the worker program %s: Permission denied" % program, refusal_at_load(server))


@test
def a_program_that_is_no_worker_ends_the_load():
    log = refusal_at_load(Server(arguments=["worker=/bin/true"]))
    expect_in("scripts cannot be run sealed: the worker program does not start", log)


@test
def a_seal_that_the_kernel_refuses_ends_the_load():
    class Refused(Server):
        def launch(self):
            rules = Filter(ALLOW)
            rules.rule(refuse(1), "prctl", Comparison(0, EQ, PR_SET_NO_NEW_PRIVS, 0))
            self.process = subprocess.Popen(self.words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                            stderr=subprocess.DEVNULL, preexec_fn=rules.load)
    log = refusal_at_load(Refused())
    expect_in("scripts cannot be run sealed: no_new_privs is not available", log)


@test
def a_step_that_is_refused_keeps_the_tenants_out_that_require_it_and_nobody_else():
    class WithoutLandlock(Server):
        def launch(self):
            rules = Filter(ALLOW)
            rules.rule(refuse(38), "landlock_create_ruleset")
            self.process = subprocess.Popen(self.words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                            stderr=subprocess.DEVNULL, preexec_fn=rules.load)
    for kind, answers in ((WithoutLandlock, "-"), (Server, ":")):
        server = kind()
        path = os.path.join(server.folder, "policy.yaml")
        with open(path, "w") as text:
            text.write("version: 1\ntenants:\n  strict: {users: [ann], require: [landlock]}\n  free: {users: [bob]}\n")
        server.words += ["--sandbox.policy", path]
        with server:
            for name, wanted in (("ann", answers), ("bob", ":")):
                server.command("ACL", "SETUSER", name, "on", "nopass", "~*", "+@all")
                with server.client() as client:
                    client.command("AUTH", name, "x")
                    reply = client.raw("EVAL", "return 1", "0").decode()
                    expect(reply[:1], wanted)
                    if wanted == "-":
                        expect_in("step landlock, which tenant strict requires, is not in force", reply)


@test
def a_step_that_is_avoided_is_told_and_keeps_out_who_requires_it():
    server = Server(arguments=["avoid=tsc"])
    path = os.path.join(server.folder, "policy.yaml")
    with open(path, "w") as text:
        text.write("version: 1\ntenants:\n  strict: {users: [ann], require: [tsc]}\n  free: {users: [default]}\n")
    server.words += ["--sandbox.policy", path]
    with server, server.client() as client:
        seal = client.command("SANDBOX", "SEAL")
        states = dict(zip(seal[::2], seal[1::2]))
        expect(states[b"tsc"], b"avoided")
        expect(states[b"filter"], b"applied")
        expect_in("step tsc of the seal is not taken, as asked for: a fine clock for timing attacks", server.log())
        expect(client.command("EVAL", "return 1", "0"), 1)
        client.command("ACL", "SETUSER", "ann", "on", "nopass", "~*", "+@all")
        client.command("AUTH", "ann", "x")
        expect_in("step tsc, which tenant strict requires, is not in force", client.raw("EVAL", "return 1", "0").decode())


@test
def a_step_that_nothing_runs_without_cannot_be_avoided():
    log = refusal_at_load(Server(arguments=["avoid=tsc,filter"]))
    expect_in("step 'filter' of the seal cannot be avoided: nothing runs without it", log)


if __name__ == "__main__":
    sys.exit(main(__doc__))
