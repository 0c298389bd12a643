#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""bench_bullmq - BullMQ jobs a second, added and processed, with and without the module.

  bench_bullmq.py [--jobs 3000] [--rounds 5]

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


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--jobs", type=int, default=3000, help="a multiple of 50")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    modules = packages.install()
    with Server(port=free_port(), module=False) as stock, Server(port=free_port()) as sealed:
        seen = {"stock": [], "module": []}
        for _ in range(options.rounds):
            seen["stock"].append(measure(stock, modules, options.jobs))
            seen["module"].append(measure(sealed, modules, options.jobs))
    print("node %s, %s, %d jobs, %d rounds, load %.1f" % (
        packages.version_of("node"), packages.describe(["bullmq", "ioredis"]), options.jobs, options.rounds, os.getloadavg()[0]))
    for kind in KINDS:
        best = {name: max(one[kind] for one in rounds) for name, rounds in seen.items()}
        print("%-8s stock %6.0f jobs/s  module %6.0f jobs/s  ratio %.2f" % (
            kind, best["stock"], best["module"], best["module"] / best["stock"]))
    least = {name: min(one["cpu"] for one in rounds) * 1e6 for name, rounds in seen.items()}
    print("cpu      stock %6.0f us/job  module %6.0f us/job  ratio %.2f" % (
        least["stock"], least["module"], least["module"] / least["stock"]))


if __name__ == "__main__":
    main()
