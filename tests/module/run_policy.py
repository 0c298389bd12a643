#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""run_policy - the shipped policy on a living server, and one policy taking the place of another
while scripts run."""
import os
import signal
import sys
import threading
import time

import suite
from run_tenants import HEAD, TenantServer, expect, expect_in
from server import ReplyError, Server, wait_for
from suite import main, test

suite.TESTS.clear()  # those of run_tenants run by themselves

ROOT = os.environ.get("FERROUS_SOURCE_DIR", os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..")))
HOSTED = os.path.join(ROOT, "packaging", "policies", "hosted.yaml")
CUSTOMERS = """
  acme: {plan: standard, users: [ann, al]}
  globex: {plan: free, users: ["glo*"]}
"""


def hosted():
    with open(HOSTED) as text:
        return text.read() + CUSTOMERS


def patient(server, client, *words):
    """The reply to a short script on a machine that has time for it: one that has none lets the script wait until
    `hold` ends it, and bills what was held."""
    while True:
        reply = client.raw(*words)
        if not any(part in reply for part in (b"LIMIT hold", b"reason=shed", b"resource=hold reason=rate")):
            return reply
        for tenant in ("acme", "globex"):
            server.command("SANDBOX", "QUOTA", tenant, "RESET")


# --- The shipped policy ---

@test
def the_shipped_policy_fences_customers_in_and_lets_the_operator_work():
    with TenantServer(hosted()) as server:
        with server.user("ann") as ann, server.user("globert") as glo, server.user("eve") as eve:
            write = "return redis.call('SET', KEYS[1], ARGV[1])"
            for client, words, wanted in ((ann, (write, "1", "acme:k", "v"), b"+OK"), (ann, (write, "1", "{acme}:k", "v"), b"+OK"),
                                          (glo, (write, "1", "globex:k", "v"), b"+OK"), (ann, (write, "1", "globex:k", "stolen"), b"-NOPERM"),
                                          (glo, ("return redis.call('GET', 'acme:k')", "0"), b"-NOPERM"),
                                          (ann, ("return redis.call('KEYS', '*')", "0"), b"-NOPERM"),
                                          (ann, ("return redis.call('PUBLISH', 'c', 'm')", "0"), b"-NOPERM"),
                                          (ann, ("return redis.call('TIME')", "0"), b"*2")):
                reply = patient(server, client, "EVAL", *words)
                assert reply.startswith(wanted), (words, reply)
            expect("NOPERM user 'eve' belongs to no tenant of the sandbox's policy", eve.error("EVAL", "return 1", "0"))
        expect(server.command("GET", "globex:k"), b"v")
        with server.client() as admin:
            keys = patient(server, admin, "EVAL", "local keys = redis.call('KEYS', '*') table.sort(keys) return table.concat(keys, ' ')", "0")
        expect_in(b"acme:k globex:k {acme}:k", keys)


@test
def under_the_shipped_policy_a_loop_ends_by_one_of_its_limits():
    with TenantServer(hosted()) as server:
        with server.user("ann") as ann:
            for script in ("while true do end", "while true do redis.call('GET', 'acme:x') end", "local s = 'x' while true do s = s .. s end"):
                text = "THROTTLED"
                while "THROTTLED" in text:  # a long run before may have to be rested from, or paid for
                    began = time.monotonic()
                    text = ann.error("EVAL", script, "0")
                    server.command("SANDBOX", "QUOTA", "acme", "RESET")
                expect_in("LIMIT ", text)
                # The machine may be busy with others: what is bounded is the order of magnitude.
                spent = time.monotonic() - began
                assert spent < 20, "%s took %.3f s" % (script, spent)


@test
def under_the_shipped_policy_a_free_plan_is_throttled_and_others_are_not():
    with TenantServer(hosted()) as server:
        with server.user("globert") as glo, server.user("ann") as ann:
            refused = None
            for _ in range(400):
                reply = glo.raw("EVAL", "for i = 1, 1e6 do end return 1", "0").decode()
                if "reason=shed" in reply:  # after a run that a busy machine made a long one
                    time.sleep(0.05)
                elif reply.startswith("-THROTTLED"):
                    refused = reply
                    break
            assert refused is not None, "400 runs of a million instructions were let in"
            expect_in("THROTTLED tenant=globex resource=", refused)
            expect_in("retry_after_ms=", refused)
            with server.client() as admin:
                for client in (ann, admin):
                    expect(patient(server, client, "EVAL", "return 1", "0"), b":1\r\n")


# --- One policy in the place of another ---

EITHER = HEAD + """
tenants:
  acme: {users: [ann, al, eve], key_prefixes: ["%s:"], denied_commands: [%s], limits: {calls: %d, hold: 60s, wall: 60s}}
  operator: {users: [default]}
"""
FIRST, SECOND = EITHER % ("a", "incr", 100), EITHER % ("b", "append", 200)
# What a run sees of its rules, at its beginning, in the middle and at its end.
LOOK = """
local seen = {}
for i = 1, 20 do
  local key = redis.pcall('SET', 'a:k', '1').ok and 'a' or 'b'
  if (redis.pcall('SET', 'b:k', '1').ok and 'b' or 'a') ~= key then key = 'both' end
  local command = redis.pcall('APPEND', key .. ':s', 'x')
  seen[i] = key .. (type(command) == 'table' and '-' or '+')
end
for i = 2, 20 do if seen[i] ~= seen[1] then return seen[1] .. ' then ' .. seen[i] end end
return seen[1]
"""


@test
def a_run_sees_one_policy_from_its_beginning_to_its_end():
    with TenantServer(FIRST) as server:
        seen, failures, done = set(), [], threading.Event()

        def run(name):
            with server.user(name) as client:
                while not done.is_set():
                    try:
                        answer = client.command("EVAL", LOOK, "0").decode()
                    except ReplyError as error:
                        answer = str(error)
                    seen.add(answer)
                    if answer not in ("a+", "b-"):
                        failures.append(answer)

        threads = [threading.Thread(target=run, args=(name,)) for name in ("ann", "al", "eve")]
        for thread in threads:
            thread.start()
        try:
            for i in range(30):
                server.reload(SECOND if i % 2 == 0 else FIRST)
                if i % 10 == 9:
                    server.write("tenants: {acme: {users: [nobody]}}")
                    with server.client() as admin:
                        expect_in("the policy stays as it was", admin.error("SANDBOX", "RELOAD"))
        finally:
            done.set()
            for thread in threads:
                thread.join()
        expect(failures[:3], [])
        expect(seen, {"a+", "b-"})


@test
def a_file_that_is_refused_leaves_every_rule_in_force():
    with TenantServer(FIRST) as server, server.user("ann") as ann:
        expect(ann.command("EVAL", LOOK, "0"), b"a+")
        workers = server.workers()
        for broken in ("", "version: 2", SECOND + "  acme: {}\n", SECOND.replace("limits:", "limit:"), SECOND + "\t\n",
                       SECOND.replace("acme:", "acme: &x", 1), "x" * 17000000):
            server.write(broken)
            with server.client() as admin:
                expect_in("the policy stays as it was", admin.error("SANDBOX", "RELOAD"))
            expect(ann.command("EVAL", LOOK, "0"), b"a+")
        assert set(workers) <= set(server.workers()), "a refused file ended workers"
        os.unlink(server.policy)
        with server.client() as admin:
            expect_in("No such file", admin.error("SANDBOX", "RELOAD"))
        expect(ann.command("EVAL", LOOK, "0"), b"a+")


@test
def a_hangup_reads_the_policy_again_or_says_what_is_wrong_with_it():
    with TenantServer(FIRST) as server, server.user("ann") as ann:
        expect(ann.command("EVAL", LOOK, "0"), b"a+")
        server.write(SECOND)
        os.kill(server.process.pid, signal.SIGHUP)
        wait_for(lambda: ann.command("EVAL", LOOK, "0") == b"b-", "the second policy")
        server.write(FIRST + "\t\n")
        os.kill(server.process.pid, signal.SIGHUP)
        wait_for(lambda: "SIGHUP: the policy stays as it was" in server.log(), "the refusal")
        expect(ann.command("EVAL", LOOK, "0"), b"b-")
    with Server() as server:  # no policy to be read
        os.kill(server.process.pid, signal.SIGHUP)
        time.sleep(0.3)
        expect(server.command("EVAL", "return 1", "0"), 1)


@test
def a_hangup_waits_for_the_script_that_runs():
    with TenantServer(FIRST, "--busy-reply-threshold", "50") as server, server.user("ann") as ann:
        ann.send("EVAL", "for i = 1, 60 do for j = 1, 1e7 do end redis.call('GET', 'a:k') end return 'whole'", "0")
        with server.client() as other:
            wait_for(lambda: other.raw("PING").startswith(b"-BUSY"), "the script to run")
        server.write(SECOND)
        os.kill(server.process.pid, signal.SIGHUP)
        expect(ann.reply(), b"$5\r\nwhole\r\n")
        wait_for(lambda: ann.command("EVAL", LOOK, "0") == b"b-", "the second policy")


@test
def a_script_that_runs_keeps_the_rules_it_began_with():
    slow = EITHER % ("a", "incr", 1000000)
    script = "redis.call('SET', 'a:started', '1') for i = 1, 60 do for j = 1, 1e7 do end redis.call('GET', 'a:k') end return 'whole'"
    with TenantServer(slow, "--busy-reply-threshold", "50") as server, server.user("ann") as ann:
        answers = []

        def run():
            try:
                answers.append(ann.command("EVAL", script, "0"))
            except ReplyError as error:
                answers.append(str(error))

        thread = threading.Thread(target=run)
        thread.start()
        with server.client() as other:
            wait_for(lambda: answers or other.raw("PING").startswith(b"-BUSY"), "the script to run")
        server.write(EITHER % ("b", "append", 1))
        with server.client() as admin:
            early = None
            while thread.is_alive() and early is None:
                try:
                    admin.command("SANDBOX", "RELOAD")
                    early = "reloaded" if not answers and thread.is_alive() else None
                    break
                except ReplyError as error:
                    early = str(error)
            thread.join()
            # Whatever the reload was told in the meantime, the run had all its calls and keys.
            expect(answers, [b"whole"])
            if early is not None and early != "reloaded":
                assert "BUSY" in early or "a script is running" in early, early
            print("     a reload meanwhile: %s" % early)
            admin.command("SANDBOX", "RELOAD")
        expect_in("NOPERM", ann.error("EVAL", "return redis.call('GET', 'a:k')", "0"))


@test
def tenants_removed_suspended_and_edited_by_several_at_once_end_as_the_file_says():
    with TenantServer(FIRST) as server:
        done, odd = threading.Event(), []

        def repeat(client, *commands):
            with client:
                while not done.is_set():
                    for words in commands:
                        try:
                            client.command(*words)
                        except ReplyError as error:
                            if not any(word in str(error) for word in ("NOPERM", "THROTTLED", "BUSY", "NOTFOUND", "tenant")):
                                odd.append(str(error))

        jobs = [(server.user(name), ("EVAL", "return redis.pcall('SET', 'a:k', '1')", "0")) for name in ("ann", "al", "eve")]
        jobs += [(server.client(), ("SANDBOX", "JSON", "tenant", "set", "acme", "limits.calls", str(50 + i)),
                  ("SANDBOX", "JSON", "tenant", "set", "acme", "concurrency", str(3 + i))) for i in range(2)]
        jobs += [(server.client(), ("SANDBOX", "SUSPEND", "acme"), ("SANDBOX", "RESUME", "acme"))]
        threads = [threading.Thread(target=repeat, args=job) for job in jobs]
        for thread in threads:
            thread.start()
        try:
            for i in range(40):
                server.reload(FIRST if i % 2 else HEAD + "tenants: {operator: {users: [default]}}\n")
        finally:
            done.set()
            for thread in threads:
                thread.join()
        expect(odd[:3], [])
        expect(server.alive(), True)
        server.command("SANDBOX", "RESUME", "acme")
        server.reload(FIRST)
        with server.user("ann") as ann:
            expect(ann.command("EVAL", LOOK, "0"), b"a+")
        expect_in(b'"limits.calls":"100"', server.command("SANDBOX", "JSON", "tenant", "get", "acme"))
        info = server.info()
        expect((info["sandbox_journal_admitted"], info["sandbox_journal_in_flight"]), (info["sandbox_journal_counted"], "0"))


if __name__ == "__main__":
    sys.exit(main(__doc__))
