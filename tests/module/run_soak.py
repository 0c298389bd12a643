#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""run_soak - many scripts of many tenants, everybody killed at random, and a verdict.

  run_soak.py [--scripts 20000] [--tenants 1000] [--kill-every 400] [--seed N]

Each tenant has an ACL user of its own.  Its scripts write who it is into the heap, into globals
and into a key of its own, and return what they find there: a byte of another's is the end of
the test.  Workers, the zygote, the drain and the server are killed at random.  At the end
every admitted run must be in the ledger once, replies and sums must agree, and neither
descriptors, processes nor memory of the last server may have grown with the number of runs.
"""
import argparse
import os
import random
import signal
import sys
import time

from accounting import Accounted, Books
from run_growth import descendants, resident_kb, unreaped
from server import Closed, ReplyError, children_of

BATCH = 50
WARM_UP = 120  # batches: more than a pool keeps workers
# A full pool holds some forty workers, more or fewer as they are small or large, with three descriptors each; what every
# start of a worker lost would be a hundred and more.  The code cache and the clients' buffers fill.
SLACK = {"fds": 72, "processes": 24, "server_kb": 32768}

# What a script sees of others is what it returns; '' or its own name is right.
LEAK = ("local seen = tostring(rawget(_G, 'leak') or '') .. (redis.call('get', KEYS[1]) or '') "
        "pcall(rawset, _G, 'leak', ARGV[1]) local heap = ARGV[1]:rep(20) return seen")
MIXTURE = (
    (30, lambda name, i: ("EVAL", LEAK, "1", "k:" + name, name)),
    (20, lambda name, i: ("EVAL", "return redis.call('set', KEYS[1], ARGV[1])", "1", "k:" + name, name)),
    (10, lambda name, i: ("EVAL", "local s = 0 for i = 1, %d do s = s + i end return ARGV[1]" % (i % 300), "1", "k:" + name, name)),
    (5, lambda name, i: ("EVAL", "error(ARGV[1])", "0", name)),
    (2, lambda name, i: ("EVAL", "return (", "0")),
    (1, lambda name, i: ("EVAL", "local t = {} for i = 1, 1e9 do t[i] = ('x'):rep(1000) .. i end", "0")),
    (1, lambda name, i: ("EVAL", "while true do end", "0")),
)


class Tenants:
    """Users of a file, so that they are there after each restart; a policy where the module has one."""

    def __init__(self, folder, count):
        self.names = ["t%04d" % i for i in range(count)]
        self.acl = os.path.join(folder, "users.acl")
        with open(self.acl, "w") as text:
            text.write("user default on nopass ~* &* +@all\n")
            for name in self.names:
                text.write("user u%s on >p ~* &* +@all\n" % name)
        self.policy = os.path.join(folder, "policy.yaml")
        with open(self.policy, "w") as text:
            text.write("version: 1\nunmapped: staff\ndefaults:\n  limits: {instructions: 2m, memory: 4m}\n"
                       "tenants:\n  staff: {}\n")
            for name in self.names:
                text.write("  %s:\n    users: [u%s]\n" % (name, name))

    def use(self, server, with_policy):
        # The pool is full before growth is looked for.
        server.words += ["--aclfile", self.acl, "--sandbox.pool-memory", "12mb"]
        if with_policy:
            server.words += ["--sandbox.policy", self.policy]


class Soak:
    def __init__(self, bench, tenants, options):
        self.bench, self.tenants = bench, tenants
        self.random = random.Random(options.seed)
        self.kill_every = options.kill_every
        self.books = Books()
        self.kills = {"server": 0, "drain": 0, "zygote": 0, "worker": 0}
        self.makers = [make for weight, make in MIXTURE for _ in range(weight)]
        self.sent = self.leaks = 0
        self.first = None

    def batch(self):
        name = self.random.choice(self.tenants.names)
        try:
            with self.bench.server.client(timeout=60) as client:
                client.command("AUTH", "u" + name, "p")
                for _ in range(BATCH):
                    client.send(*self.random.choice(self.makers)(name, self.sent))
                    self.sent += 1
                if self.random.randrange(self.kill_every) < BATCH:
                    self.kill_somebody()
                self.read(client, name)
        except (OSError, Closed):
            pass
        if self.bench.server.process.poll() is not None:
            self.bench.server.process.wait()
            self.bench.server.start()

    def read(self, client, name):
        """As Books.reply(), and looks at what came back."""
        read = client.read

        def look():
            value = read()
            if isinstance(value, bytes) and value not in (b"", b"OK", name.encode()):
                self.leaks += 1
                print("LEAK to %s: %r" % (name, value))
            return value
        client.read = look
        self.books.reply(client, BATCH)

    def kill_somebody(self):
        victim = self.random.choice(("server", "drain", "zygote", "worker", "worker"))
        zygotes = self.bench.zygotes()
        pids = {"server": [self.bench.server.process.pid], "drain": [self.bench.drain_pid()], "zygote": zygotes,
                "worker": [pid for zygote in zygotes for pid in children_of(zygote)]}[victim]
        pids = [pid for pid in pids if pid > 0]
        if not pids:
            return
        time.sleep(self.random.random() * 0.02)
        try:
            os.kill(self.random.choice(pids), signal.SIGKILL)
            self.kills[victim] += 1
        except ProcessLookupError:
            return
        if victim == "server":
            self.bench.server.process.wait()
            self.first = None

    def sample(self):
        pid = self.bench.server.process.pid
        return {"fds": len(os.listdir("/proc/%d/fd" % pid)), "processes": len(descendants(pid)),
                "server_kb": resident_kb(pid)}

    def grown(self):
        """The last server after a warm-up, and after as many runs again, left alone."""
        self.kill_every = 10 ** 12
        for _ in range(WARM_UP):
            self.batch()
        before = self.sample()
        for _ in range(WARM_UP):
            self.batch()
        after = self.sample()
        print("the server: %r, then %r" % (before, after))
        wrong = [key for key in SLACK if after[key] > before[key] + SLACK[key]]
        return wrong + (["zombies"] if unreaped(self.bench.server) else [])


def has_policy(bench):
    return len(bench.server.command("CONFIG", "GET", "sandbox.policy")) == 2


def run(options):
    problems = []
    started = time.monotonic()
    with Accounted(sync=200, arguments=("limit=instructions=2000000", "limit=memory=4m")) as bench:
        tenants = Tenants(bench.folder, options.tenants)
        by_policy = has_policy(bench)
        if not by_policy:
            print("this module has no sandbox.policy: all users are one tenant")
        tenants.use(bench.server, by_policy)
        bench.restart(signal.SIGTERM)
        soak = Soak(bench, tenants, options)
        while soak.sent < options.scripts:
            soak.batch()
        problems += soak.grown()
        info, verdict = bench.close_books()
        try:
            soak.books.check(bench.outcomes())
        except AssertionError as error:
            problems.append("replies and ledger disagree: %s" % error)
        if soak.leaks:
            problems.append("%d bytes of one tenant at another" % soak.leaks)
        if info["sandbox_journal_admitted"] != info["sandbox_journal_counted"]:
            problems.append("admitted %(sandbox_journal_admitted)s, counted %(sandbox_journal_counted)s" % info)
        known = bench.ask("SELECT count(DISTINCT tenant) FROM series")[0][0]
        print("%d scripts of %d tenants in %d s; kills: %r" % (soak.sent, known, time.monotonic() - started, soak.kills))
        print("replies: %r, throttled %d, without reply %d" % (soak.books.replied, soak.books.throttled, soak.books.unknown))
        print(verdict)
    print("VERDICT: " + ("; ".join(problems) if problems else
                         "counted = admitted, sums = counters, nothing grew, nobody saw another's bytes"))
    return 1 if problems else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--scripts", type=int, default=20000)
    parser.add_argument("--tenants", type=int, default=1000)
    parser.add_argument("--kill-every", type=int, default=400, help="scripts between two kills, about")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    print("seed %d" % options.seed)
    return run(options)


if __name__ == "__main__":
    sys.exit(main())
