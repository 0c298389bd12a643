#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""bench_bullmq - BullMQ jobs a second, added and processed, with and without the module.

  bench_bullmq.py [--jobs 3000] [--rounds 5] [--json]

Rounds alternate between the two servers; the best of each is shown, and the ratio.  The
last line is processor time of redis-server and its workers for one job, added and
processed: on a shared machine the steadier figure, since others' work is not in it.
"""
import argparse
import json
import os
import subprocess

import packages
from run_apps import environment
from server import Server, free_port

KINDS = ("add", "process")
TICK = os.sysconf("SC_CLK_TCK")


def processor_seconds(server):
    """What redis-server and everything it started has used; workers that ended are not in it."""
    total = 0
    for pid in [server.process.pid] + server.workers():
        with open("/proc/%d/stat" % pid) as text:
            fields = text.read().rsplit(")", 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICK


def measure(server, modules, jobs):
    before = processor_seconds(server)
    done = subprocess.run(["node", os.path.join(packages.HERE, "bench_bullmq.cjs"), str(jobs)], check=True, text=True,
                          stdout=subprocess.PIPE, env=environment(server, modules), timeout=600)
    return dict(json.loads(done.stdout), cpu=(processor_seconds(server) - before) / jobs)


def compare(seen):
    """The best of each server's rounds: {what: {stock, module, ratio}}."""
    best = {}
    for what in KINDS + ("cpu",):
        pick, scale = (min, 1e6) if what == "cpu" else (max, 1)
        row = {name: pick(one[what] for one in rounds) * scale for name, rounds in seen.items()}
        best[what] = dict(row, ratio=row["module"] / row["stock"])
    return best


def show(best):
    for what, row in best.items():
        unit = "us/job" if what == "cpu" else "jobs/s"
        print("%-8s stock %6.0f %s  module %6.0f %s  ratio %.2f" % (what, row["stock"], unit, row["module"], unit, row["ratio"]))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--jobs", type=int, default=3000, help="a multiple of 50")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--argument", action="append", default=[], help="of the module, for example avoid=tsc")
    parser.add_argument("--json", action="store_true", help="only the figures, as one JSON object")
    options = parser.parse_args()
    modules = packages.install()
    with Server(port=free_port(), module=False) as stock, Server(port=free_port(), arguments=options.argument) as sealed:
        seen = {"stock": [], "module": []}
        for _ in range(options.rounds):
            seen["stock"].append(measure(stock, modules, options.jobs))
            seen["module"].append(measure(sealed, modules, options.jobs))
    best = compare(seen)
    if options.json:
        print(json.dumps(best))
        return
    print("node %s, %s, %d jobs, %d rounds, load %.1f" % (
        packages.version_of("node"), packages.describe(["bullmq", "ioredis"]), options.jobs, options.rounds, os.getloadavg()[0]))
    show(best)


if __name__ == "__main__":
    main()
