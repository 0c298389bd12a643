#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""run_growth - many scripts of several users: nothing grows, whatever is killed meanwhile.

  run_growth.py [--runs 100000] [--kill-every 4000]

Four users run a mixture: calls, errors, broken texts, ever new texts, large replies, heaps
that cost a worker its life, limits.  Now and then a worker is killed, the zygote less often, and
a user's rules change.  After each twentieth of the runs descriptors, processes and resident
memory of redis-server and of every process below it are read; the highest of the second half
must not exceed the highest of the first by more than a slack that does not depend on
the number of runs.
"""
import argparse
import os
import random
import signal
import sys
import time

from server import ReplyError, Server, children_of, wait_for

USERS = ("default", "ann", "bob", "cy")
BATCH = 50
SAMPLES = 20
# What may come and go without being growth: allocator arenas, spare workers, buffers.
# Spares follow demand; each has a process and three descriptors.
SPARES = 8

SLACK = {"fds": 12 + 3 * SPARES, "processes": 4 + SPARES, "server_kb": 4096, "worker_kb": 2048}
MIXTURE = (
    (40, lambda i: ("EVAL", "return redis.call('set', KEYS[1], ARGV[1])", "1", "k%d" % (i % 50), str(i))),
    (40, lambda i: ("EVAL", "return {KEYS[1], redis.call('get', KEYS[1]), 'x', {1, 2}}", "1", "k%d" % (i % 50))),
    (20, lambda i: ("EVAL", "local s = 0 for i = 1, 200 do s = s + i end return s + %d" % i, "0")),
    (10, lambda i: ("EVAL", "return redis.error_reply('MY %s')" % ("x" * (i % 100)), "0")),
    (10, lambda i: ("EVAL", "error({err = 'thrown ' .. ARGV[1]})", "0", str(i))),
    (10, lambda i: ("EVAL", "return redis.call('lpush', 'k0', 1)", "0")),
    (5, lambda i: ("EVAL", "return (" + "(" * (i % 40), "0")),
    (5, lambda i: ("EVAL", "return ('x'):rep(tonumber(ARGV[1]))", "0", str(i % 60000))),
    (5, lambda i: ("EVALSHA", "%040x" % i, "0")),
    (2, lambda i: ("EVAL", "local t = {} for i = 1, 20000 do t[i] = 'x' .. i end return #t", "0")),
    (1, lambda i: ("EVAL", "local t = {} for i = 1, 1e9 do t[i] = ('x'):rep(1000) .. i end", "0")),
    (5, lambda i: ("SCRIPT", "EXISTS", "%040x" % i)),
)

# How the errors of the mixture begin, or what a killed worker brings.
KNOWN = ("MY ", "thrown", "WRONGTYPE", "NOSCRIPT", "LIMIT memory", "SANDBOX worker_crashed", "ERR Error compiling script")


# --- Observing ---

def status_of(pid):
    try:
        with open("/proc/%d/status" % pid) as text:
            return dict(line.rstrip("\n").split(":\t", 1) for line in text if ":\t" in line)
    except OSError:
        return {}


def resident_kb(pid):
    return int(status_of(pid).get("VmRSS", "0").split()[0])


def descendants(pid):
    found, queue = [], [pid]
    while queue:
        children = children_of(queue.pop())
        found += children
        queue += children
    return found


def unreaped(server):
    """Processes that ended and whom nobody has asked for."""
    seen = [(pid, status_of(pid)) for pid in descendants(server.process.pid)]
    return ["%s %d, child of %s" % (status.get("Name"), pid, status.get("PPid")) for pid, status in seen
            if status.get("State", "").startswith("Z")]


def sample(server):
    below = descendants(server.process.pid)
    return {
        "fds": len(os.listdir("/proc/%d/fd" % server.process.pid)),
        "processes": len(below),
        "server_kb": resident_kb(server.process.pid),
        "worker_kb": max([resident_kb(pid) for pid in below] or [0]),
    }


# --- Running ---

def make_users(server):
    clients = []
    for name in USERS:
        if name != "default":
            server.command("ACL", "SETUSER", name, "on", ">p", "~*", "+@all")
        client = server.client(timeout=120)
        if name != "default":
            client.command("AUTH", name, "p")
        clients.append(client)
    return clients


class Load:
    """The runs, and what they were answered: every reply must be one that the server may give."""

    def __init__(self, server, seed):
        self.server = server
        self.random = random.Random(seed)
        self.clients = make_users(server)
        self.makers = [make for weight, make in MIXTURE for _ in range(weight)]
        self.number = 0
        self.errors = {}

    def batch(self):
        client = self.clients[(self.number // BATCH) % len(self.clients)]
        for _ in range(BATCH):
            client.send(*self.random.choice(self.makers)(self.number))
            self.number += 1
        for _ in range(BATCH):
            try:
                client.read()
            except ReplyError as error:
                self.note(str(error))

    def note(self, text):
        kind = next((start for start in KNOWN if start in text), text)
        self.errors[kind] = self.errors.get(kind, 0) + 1

    def kill_worker(self):
        zygotes = children_of(self.server.process.pid)
        workers = [pid for zygote in zygotes for pid in children_of(zygote)]
        if workers:
            os.kill(self.random.choice(workers), signal.SIGKILL)

    def kill_zygote(self):
        zygotes = children_of(self.server.process.pid)
        if zygotes:
            os.kill(zygotes[0], signal.SIGKILL)
            wait_for(lambda: self.clients[0].raw("EVAL", "return 1", "0") == b":1\r\n", "a new zygote")

    def change_rules(self):
        self.server.command("ACL", "SETUSER", "bob", self.random.choice(("-ping", "+ping")))

    def disturb(self, turn):
        if turn % 7 == 6:
            self.kill_zygote()
        elif turn % 3 == 2:
            self.change_rules()
        else:
            self.kill_worker()


def run_all(server, runs, kill_every):
    load, samples, turn = Load(server, 1), [], 0
    step = max(BATCH, runs // SAMPLES)
    while load.number < runs:
        load.batch()
        if load.number // kill_every > turn:
            load.disturb(turn)
            turn += 1
        if load.number // step > len(samples):
            samples.append(sample(server))
    return load, samples, turn


# --- Judging ---

def judge_samples(samples):
    half = len(samples) // 2
    bad = []
    for name, slack in SLACK.items():
        early = max(one[name] for one in samples[:half])
        late = max(one[name] for one in samples[half:])
        print("%-10s first half up to %6d, second half up to %6d (slack %d)" % (name, early, late, slack))
        if late > early + slack:
            bad.append("%s grows: %s" % (name, [one[name] for one in samples]))
    return bad


def judge_end(server, load):
    bad = ["unexpected error: %s (%d times)" % one for one in load.errors.items() if one[0] not in KNOWN]
    if not server.alive():
        return bad + ["redis-server died"]
    deadline = time.monotonic() + 10
    while unreaped(server) and time.monotonic() < deadline:
        time.sleep(0.05)
    bad += ["not reaped: %s" % line for line in unreaped(server)]
    for name, client in zip(USERS, load.clients):
        client.raw("EVAL", "return 7", "0")  # may meet a worker that was killed just now
        answer = client.raw("EVAL", "return 7", "0")
        if answer != b":7\r\n":
            bad.append("scripts of %s run no more: %r" % (name, answer))
    return bad


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--runs", type=int, default=100000)
    parser.add_argument("--kill-every", type=int, default=4000)
    options = parser.parse_args()
    started = time.monotonic()
    with Server() as server:
        server.command("CONFIG", "SET", "sandbox.limit-memory", "8mb", "sandbox.script-cache-bytes", "1mb")
        load, samples, disturbed = run_all(server, options.runs, options.kill_every)
        bad = judge_samples(samples) + judge_end(server, load)
        info = server.info()
    print("%d runs in %.0f s, %d disturbances, %s cold starts, %s crashes; errors: %s" % (
        load.number, time.monotonic() - started, disturbed, info["sandbox_cold_starts"],
        info["sandbox_worker_crashes"], load.errors))
    for line in bad:
        print("FAIL " + line)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
