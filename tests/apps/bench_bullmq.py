#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""bench_bullmq - BullMQ jobs a second, added and processed, with and without the module.

  bench_bullmq.py [--jobs 3000] [--rounds 5]

Rounds alternate between the two servers; the best of each is shown, and the ratio.
"""
import argparse
import json
import os
import subprocess

import packages
from run_apps import environment
from server import Server, free_port

KINDS = ("add", "process")


def measure(server, modules, jobs):
    done = subprocess.run(["node", os.path.join(packages.HERE, "bench_bullmq.cjs"), str(jobs)], check=True, text=True,
                          stdout=subprocess.PIPE, env=environment(server, modules), timeout=600)
    return json.loads(done.stdout)


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


if __name__ == "__main__":
    main()
