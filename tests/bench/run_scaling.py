#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""run_scaling - what a cached script costs as everything around it grows.

  run_scaling.py [--only length cache tenants arena] [--rounds 7]     measures, writes results, draws
  run_scaling.py --plot RESULTS.json                                  only draws

A cost is the processor time of redis-server and its workers for one EVALSHA of a batch that was
sent at once, least of the rounds: a busy machine disturbs it little.
Results go to tests/bench/results/scaling-DATE.json, charts to docs/performance/*.svg.
"""
import argparse
import contextlib
import datetime
import hashlib
import json
import os
import sys
import tempfile

from redis_pair import HERE, KINDS, processor_ns
from run_bench import machine
from server import Server, encode
from svg_plot import Chart

BATCH = 500
STEADY = ["--sandbox.transport", "pipe"]  # with "auto" a batch costs what the mode costs that was chosen for it
CHARTS = os.path.join(HERE, "..", "..", "docs", "performance")
LENGTHS = (100, 1000, 10000, 100000)
CACHED = (10, 100, 1000, 10000, 100000)
TENANTS = (10, 100, 1000, 10000)
ARENAS_MIB = (1, 2, 4, 8, 16, 32, 64)
IN_USE = 50  # tenants that take turns, where several do


# --- Measuring ---

def batch_cost(server, client, commands):
    """Processor nanoseconds of one command of a batch, all of which must succeed."""
    request = b"".join(encode(words) for words in commands)
    began = processor_ns(server)
    client.link.sendall(request)
    replies = [client.reply() for _ in commands]
    took = processor_ns(server) - began
    bad = [reply for reply in replies if reply.startswith(b"-")]
    if bad:
        raise RuntimeError("%d of %d commands failed: %r" % (len(bad), len(replies), bad[0]))
    return took / len(commands)


def least_cost(server, client, commands, rounds):
    batch_cost(server, client, commands)  # into every cache
    return min(batch_cost(server, client, commands) for _ in range(rounds))


def evalsha(client, text):
    return ["EVALSHA", client.command("SCRIPT", "LOAD", text), "0"]


def as_user(server, name):
    client = server.client()
    client.command("AUTH", name, "x")
    return client


def load(client, texts):
    """Many scripts at once; their digests."""
    for start in range(0, len(texts), BATCH):
        piece = texts[start:start + BATCH]
        client.link.sendall(b"".join(encode(["SCRIPT", "LOAD", text]) for text in piece))
        for text in piece:
            reply = client.reply()
            if reply.startswith(b"-"):
                raise RuntimeError("SCRIPT LOAD: %r" % reply)
    return [hashlib.sha1(text.encode()).hexdigest() for text in texts]


# --- The experiments: {series: [(x, nanoseconds), ...]} ---

def long_text(size):
    """About `size` bytes of code that is not run, but has to be there."""
    line = "if KEYS[%d] then redis.call('set', KEYS[%d], ARGV[%d]) end\n"
    body, number = [], 1
    while sum(map(len, body)) + 60 < size - 10:
        body.append(line % (number, number, number))
        number += 1
    return "if KEYS[1] then\n" + "".join(body) + "end\nreturn 1" if body else "return 1"


def by_length(options):
    series = {kind: [] for kind in KINDS}
    with Server(module=False) as stock, Server(*STEADY) as ours:
        for kind, server in zip(KINDS, (stock, ours)):
            with server.client() as client:
                for size in LENGTHS:
                    words = evalsha(client, long_text(size))
                    series[kind].append((size, least_cost(server, client, [words] * BATCH, options.rounds)))
    return series


def by_cache(options):
    """One of many cached scripts again and again, and each of up to BATCH of them in turn."""
    series = {"one script, " + kind: [] for kind in KINDS}
    series.update({"500 in turn, " + kind: [] for kind in KINDS})
    cache = STEADY + ["--sandbox.script-cache-bytes", "512mb"]
    with Server(module=False) as stock, Server(*cache) as ours:
        for kind, server in zip(KINDS, (stock, ours)):
            with server.client(timeout=300) as client:
                digests = []
                for count in CACHED:
                    digests += load(client, ["return %d" % i for i in range(len(digests), count)])
                    one = [["EVALSHA", digests[count // 2], "0"]] * BATCH
                    step = max(count // BATCH, 1)
                    turn = [["EVALSHA", digests[i * step % count], "0"] for i in range(BATCH)]
                    series["one script, " + kind].append((count, least_cost(server, client, one, options.rounds)))
                    series["500 in turn, " + kind].append((count, least_cost(server, client, turn, options.rounds)))
    return series


@contextlib.contextmanager
def server_with(policy, users):
    """A server under a policy; its users have the password x."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "policy.yaml")
        with open(path, "w", encoding="utf-8") as text:
            text.write(policy)
        with Server(*STEADY, "--sandbox.policy", path) as server:
            for name in users:
                server.command("ACL", "SETUSER", name, "on", ">x", "~*", "&*", "+@all")
            yield server


def tenant_policy(count):
    rows = ["  t%d: {users: [u%d], limits: {memory: 4m}}" % (i, i) for i in range(count)]
    return "version: 1\nunmapped: reject\ntenants:\n  operator: {users: [default]}\n" + "\n".join(rows) + "\n"


def cost_with_tenants(count, rounds):
    """Of one tenant alone, and of up to IN_USE in turn (None below that)."""
    step = max(count // IN_USE, 1)
    users = ["u%d" % (i * step) for i in range(min(IN_USE, count))]
    with server_with(tenant_policy(count), users) as server, contextlib.ExitStack() as stack:
        clients = [stack.enter_context(as_user(server, name)) for name in users]
        words = [evalsha(client, "return 1") for client in clients]
        one = least_cost(server, clients[0], [words[0]] * BATCH, rounds)
        turns = [turn_cost(server, clients, words) for _ in range(rounds + 1)] if count >= IN_USE else []
    return one, min(turns, default=None)


def by_tenants(options):
    """Least of three servers each: on which core a server's workers sleep changes what waking them costs."""
    series = {"one tenant runs": [], "%d run in turn" % IN_USE: []}
    for count in TENANTS:
        tries = [cost_with_tenants(count, options.rounds) for _ in range(3)]
        for key, values in zip(series, zip(*tries)):
            if None not in values:
                series[key].append((count, min(values)))
    return series


def turn_cost(server, clients, words):
    """Ten scripts of each tenant, sent to all before any reply is read."""
    began = processor_ns(server)
    for client, line in zip(clients, words):
        client.link.sendall(encode(line) * 10)
    for client in clients:
        for _ in range(10):
            if client.reply().startswith(b"-"):
                raise RuntimeError("a tenant's script failed")
    return (processor_ns(server) - began) / (10 * len(clients))


def by_arena(options):
    series = {"return 1": [], "a table of 100": []}
    texts = {"return 1": "return 1", "a table of 100": "local t = {} for i = 1, 100 do t[i] = 'x' .. i end return #t"}
    for size in ARENAS_MIB:
        policy = "version: 1\nunmapped: reject\ntenants:\n  t: {users: [default], limits: {memory: %dm}}\n" % size
        with server_with(policy, []) as server, server.client() as client:
            for name, text in texts.items():
                words = evalsha(client, text)
                series[name].append((size, least_cost(server, client, [words] * BATCH, options.rounds)))
    return series


EXPERIMENTS = {
    "length": (by_length, "EVALSHA that skips its code, by the script's length", "bytes of the script"),
    "cache": (by_cache, "EVALSHA, by the number of cached scripts", "scripts in the cache"),
    "tenants": (by_tenants, "EVALSHA \"return 1\", by the number of configured tenants", "tenants in the policy"),
    "arena": (by_arena, "EVALSHA, by the memory limit", "memory limit, MiB"),
}


# --- Charts and text ---

def draw(results, folder):
    for name, (_, title, label) in EXPERIMENTS.items():
        if name not in results:
            continue
        series = [(key, [(x, y / 1000) for x, y in points]) for key, points in results[name].items() if points]
        path = os.path.join(folder, "scaling_%s.svg" % name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(Chart(title, label, "processor time, µs", series).svg())
        print("drawn: " + os.path.relpath(path))


def show(name, series):
    print(name + ":", flush=True)
    for key, points in series.items():
        growth = points[-1][1] / points[0][1] if points else 0
        print("  %-24s %s   last / first %.2f" % (key, "  ".join("%g: %.2f" % (x, y / 1000) for x, y in points), growth), flush=True)


def measure(options):
    results = {"date": datetime.datetime.now().strftime("%Y-%m-%d %H:%M"), "machine": machine(), "rounds": options.rounds,
               "load": open("/proc/loadavg", encoding="ascii").read().split()[0]}
    for name in options.only:
        results[name] = EXPERIMENTS[name][0](options)
        show(name, results[name])
    path = os.path.join(options.results, datetime.datetime.now().strftime("scaling-%Y-%m-%d-%H%M.json"))
    if not options.no_write:
        with open(path, "w", encoding="utf-8") as file:
            json.dump(results, file, indent=1, sort_keys=True)
            file.write("\n")
        print("written: " + path)
    return results


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--only", nargs="+", choices=sorted(EXPERIMENTS), default=list(EXPERIMENTS))
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--plot", metavar="FILE", help="draw these results, measure nothing")
    parser.add_argument("--charts", default=CHARTS, help="folder of the charts")
    parser.add_argument("--results", default=os.path.join(HERE, "results"))
    parser.add_argument("--no-write", action="store_true")
    options = parser.parse_args()
    if options.plot:
        with open(options.plot, encoding="utf-8") as file:
            results = json.load(file)
    else:
        if os.geteuid() == 0:
            os.setpriority(os.PRIO_PROCESS, 0, -20)
        results = measure(options)
    if options.plot or not options.no_write:
        draw(results, options.charts)


if __name__ == "__main__":
    sys.exit(main())
