# SPDX-License-Identifier: BSD-2-Clause
"""redis_pair - a stock redis-server and one with the module, side by side, measured in turns.

The machine's speed changes from second to second, so nothing is measured on one server
alone: a round asks both, and every other round asks them in the other order.  Samples are
{"stock": [...], "module": [...]}, a value for each round.
"""
import json
import os
import re
import statistics
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "module"))
from server import BUILD, Server  # noqa: E402

KINDS = ("stock", "module")
PACE = os.path.join(BUILD, "tests", "bench", "bench_pace")
GETS = "for i=1,%d do redis.call('get',KEYS[1]) end return 1"
GET_COUNTS = (1, 10, 100)


class Pair:
    """Two servers with one key and the scripts of the cases."""

    def __init__(self, arguments=()):
        self.servers = {"stock": Server(module=False), "module": Server(arguments=arguments)}

    def __enter__(self):
        for server in self.servers.values():
            server.start()
            server.command("SET", "key", "x" * 32)
        self.digests = {count: [self.load(GETS % count)] for count in GET_COUNTS}
        return self

    def __exit__(self, *_):
        for server in self.servers.values():
            server.__exit__()

    def load(self, text):
        return {server.command("SCRIPT", "LOAD", text) for server in self.servers.values()}.pop().decode()

    def turns(self, rounds):
        for number in range(rounds):
            for kind in KINDS if number % 2 == 0 else KINDS[::-1]:
                yield kind, self.servers[kind]

    def sample(self, rounds, measure):
        """measure(server) on both, for `rounds` rounds."""
        samples = {kind: [] for kind in KINDS}
        for kind, server in self.turns(rounds):
            samples[kind].append(measure(server))
        return samples

    def cases(self):
        """(name, words of the command), from the lightest to the heaviest."""
        yield "EVAL return 1", ["EVAL", "return 1", "0"]
        for count in GET_COUNTS:
            yield "EVALSHA %d GET" % count, ["EVALSHA", self.digests[count][0], "1", "key"]


# --- Two ways to ask ---

def flood(server, clients, pipeline, requests, words):
    """Requests a second, each client sending again as soon as it is answered."""
    done = subprocess.run(["redis-benchmark", "-s", server.path, "-q", "-n", str(requests), "-c", str(clients),
                           "-P", str(pipeline)] + words, capture_output=True, text=True, check=True)
    return float(re.findall(r"([0-9.]+) requests per second", done.stdout.replace("\r", "\n"))[-1])


def flood_for(server, clients, pipeline, seconds, words):
    """The same for about `seconds`, whatever the server's speed."""
    first = flood(server, clients, pipeline, max(clients * pipeline, 500), words)
    return flood(server, clients, pipeline, max(int(first * seconds), 500), words)


def pace(server, rate, clients, seconds, words):
    """Quantiles of the latency at a rate that does not depend on the server, in us (bench_pace.c).
    None: the server did not keep up."""
    done = subprocess.run([PACE, server.path, "%.0f" % rate, str(clients), "%g" % seconds] + words,
                          capture_output=True, text=True)
    if done.returncode != 0:
        print("  " + done.stderr.strip(), flush=True)
        return None
    return json.loads(done.stdout)


# --- Processor time ---

def processor_ns(server):
    """What redis-server and all it started have used, every thread."""
    total = 0
    for pid in [server.process.pid] + server.workers():
        folder = "/proc/%d/task" % pid
        for task in os.listdir(folder):
            with open("%s/%s/schedstat" % (folder, task), encoding="ascii") as text:
                total += int(text.read().split()[0])
    return total


# --- Figures ---

def ratios(samples, part=lambda value: value):
    """module / stock of each round in which both have a value."""
    return [part(ours) / part(stock) for stock, ours in zip(samples["stock"], samples["module"])
            if stock is not None and ours is not None and part(stock) > 0]


def middle(values):
    return statistics.median(values) if values else None


def spread(values):
    """The middle half: (lower, upper) quartile."""
    ordered = sorted(values)
    return [ordered[len(ordered) // 4], ordered[-1 - len(ordered) // 4]] if ordered else None
