#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""run_metrics - that the numbers of metrics.def are those of what was done: calls, waits, exits, the ledger."""
import os
import re
import signal
import sys
import time

from run_admin import FOREVER, Control, as_user, expect, expect_in, wait_running, with_tenants
from server import children_of, wait_for
from suite import TESTS, main, test

TESTS.clear()  # those of run_admin came along


def with_books(**options):
    """Tenants acme (ann) and globex (bob), a journal, and a ledger that is filled every 20 ms."""
    server = with_tenants(**options)
    server.words += ["--sandbox.journal", os.path.join(server.folder, "journal"), "--sandbox.ledger",
                     os.path.join(server.folder, "ledger.db"), "--sandbox.ledger-sync", "20"]
    return server


def series(server):
    """{(name, labels): value} of every sample."""
    with Control(server) as control:
        text = control.data("metrics")["text"]
    found = {}
    for name, labels, value in re.findall(r"^([a-z_]+)(?:\{(.*)\})? (\S+)$", text, re.M):
        found[name, labels] = float(value)
    return found


def settled(server):
    """As after the next cron of the server, which pins up what other threads see: whoever is answered later
    than it was due, is answered after it."""
    time.sleep(0.25)
    server.command("PING")
    return series(server)


@test
def calls_are_counted_by_class_and_timed():
    with with_books() as server, as_user(server, "ann") as ann:
        ann.command("EVAL", "redis.call('set','a',1) redis.call('get','a') redis.call('get','a') redis.call('ping')"
                            " redis.pcall('nosuchthing') return 1", "0")
        found = settled(server)
        calls = {kind: found["ferrous_sandbox_redis_calls_total", 'tenant="acme",class="%s"' % kind]
                 for kind in ("read", "write", "other")}
        expect(calls, {"read": 2, "write": 1, "other": 2})
        name = "ferrous_sandbox_redis_call_duration_seconds"
        expect(found[name + "_count", ""], 5)
        expect(found[name + "_bucket", 'le="+Inf"'], 5)
        expect(found[name + "_sum", ""], found["ferrous_sandbox_host_wait_seconds_sum", ""])
        ends = [labels for n, labels in found if n == name + "_bucket"]
        expect(len(ends), 13)
        # A call that takes long is in a late bucket.
        ann.command("EVAL", "for i=1,30000 do redis.call('set','k'..i,i) end", "0")
        before = settled(server)[name + "_bucket", 'le="0.000262144"']
        ann.command("EVAL", "return #redis.call('keys','*')", "0")
        found = settled(server)
        expect(found[name + "_bucket", 'le="0.000262144"'], before)
        expect(found[name + "_count", ""], 5 + 30000 + 1)


@test
def the_run_in_flight_has_its_tenants_name():
    with with_books() as server, as_user(server, "bob") as bob, Control(server) as control:
        bob.command("EVAL", "return 1", "0")
        expect(series(server)["ferrous_sandbox_inflight", 'tenant="globex"'], 0)
        bob.send("EVAL", FOREVER, "0")
        run = wait_running(control)
        found = series(server)
        expect(found["ferrous_sandbox_inflight", 'tenant="globex"'], 1)
        expect(sum(value for (name, _), value in found.items() if name == "ferrous_sandbox_inflight"), 1)
        control.data("kill", run["run"])
        expect_in(b"killed", bob.reply())


@test
def a_refused_tenant_has_waited_until_it_is_let_in():
    policy = """version: 1
unmapped: reject
tenants:
  acme: {users: [ann], rates: {invocations: 1/s burst 1}}
  globex: {users: [bob]}
"""
    with with_books(policy=policy) as server, as_user(server, "ann") as ann:
        key = ("ferrous_sandbox_throttled_seconds_total", 'tenant="acme"')
        ann.command("EVAL", "return 1", "0")
        began = time.monotonic()
        expect_in("THROTTLED", ann.error("EVAL", "return 1", "0"))
        expect(series(server)[key], 0)
        time.sleep(0.3)
        expect_in("THROTTLED", ann.error("EVAL", "return 1", "0"))
        first = series(server)[key]
        assert 0.29 < first < time.monotonic() - began, first
        while b"THROTTLED" in ann.raw("EVAL", "return 1", "0"):
            time.sleep(0.05)
        took = time.monotonic() - began
        waited = series(server)[key]
        assert first < waited <= took, (waited, took)
        # Time in which nothing was refused does not count.
        time.sleep(1.2)
        ann.command("EVAL", "return 1", "0")
        expect(series(server)[key], waited)


@test
def workers_that_end_are_counted_by_cause():
    with with_books() as server, as_user(server, "ann") as ann, Control(server) as control:
        def exits():
            return {labels[7:-1]: value for (name, labels), value in settled(server).items()
                    if name == "ferrous_sandbox_worker_exits_total"}
        ann.command("EVAL", "return 1", "0")
        start = exits()
        expect(set(start), {"retired", "killed", "exited", "signal", "violation", "unknown"})
        ann.send("EVAL", "return 1", "0")
        ann.reply()
        # In the middle of a run: whoever sent the signal.
        ann.send("EVAL", FOREVER, "0")
        wait_running(control)
        time.sleep(0.2)
        for zygote in zygotes_of(server):
            for pid in children_of(zygote):
                os.kill(pid, signal.SIGKILL)
        expect_in(b"worker_crashed", ann.reply())
        wait_for(lambda: exits()["killed"] == start["killed"] + 1, "the killed one to be told of")
        ann.command("EVAL", "return 1", "0")
        before = exits()
        control.data("tenant", "suspend", "acme")  # its worker ends
        wait_for(lambda: exits()["retired"] == before["retired"] + 1, "the retired one to be told of")
        expect(sum(exits().values()), sum(before.values()) + 1)


@test
def the_ledgers_commits_size_and_arrears_are_told():
    with with_books() as server, as_user(server, "ann") as ann:
        for i in range(50):
            ann.command("EVAL", "return %d" % i, "0")

        def unexported():
            return series(server).get(("ferrous_sandbox_ledger_unexported_records", ""), -1)
        wait_for(lambda: unexported() == 0, "the ledger to have all", 20)
        found = settled(server)
        assert found["ferrous_sandbox_ledger_fsync_seconds_count", ""] >= 1
        expect(found["ferrous_sandbox_ledger_fsync_seconds_bucket", 'le="+Inf"'], found["ferrous_sandbox_ledger_fsync_seconds_count", ""])
        assert found["ferrous_sandbox_ledger_fsync_seconds_sum", ""] > 0
        assert found["ferrous_sandbox_ledger_bytes", ""] >= os.path.getsize(os.path.join(server.folder, "ledger.db"))
        # While the drain stands still, runs gather in the journal.
        drains = [pid for pid in children_of(server.process.pid) if is_drain_of(server, pid)]
        expect(len(drains), 1)
        os.kill(drains[0], signal.SIGSTOP)
        try:
            for i in range(30):
                ann.command("EVAL", "return %d" % i, "0")
            found = settled(server)
            expect(found["ferrous_sandbox_ledger_unexported_records", ""], 30)
            expect(found["ferrous_sandbox_ledger_records_total", ""], 80)
        finally:
            os.kill(drains[0], signal.SIGCONT)
        wait_for(lambda: unexported() == 0, "the ledger to have all again", 20)
        expect(server.info()["sandbox_ledger_unexported"], "0")


def zygotes_of(server):
    return [pid for pid in children_of(server.process.pid) if not is_drain_of(server, pid)]


def is_drain_of(server, pid):
    try:
        with open("/proc/%d/cmdline" % pid, "rb") as text:
            words = text.read().split(b"\0")
        return words[0].endswith(b"ferrous-sandbox-ledger") and server.folder.encode() in b" ".join(words)
    except OSError:
        return False


@test
def without_a_ledger_nothing_is_said_of_one():
    with with_tenants() as server, as_user(server, "ann") as ann:
        ann.command("EVAL", "return 1", "0")
        names = {name for name, _ in settled(server)}
        assert "ferrous_sandbox_ledger_bytes" not in names
        assert "ferrous_sandbox_ledger_unexported_records" not in names
        assert "ferrous_sandbox_ledger_fsync_seconds_count" not in names


if __name__ == "__main__":
    sys.exit(main(__doc__))
