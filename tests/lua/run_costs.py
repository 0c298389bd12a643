#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""run_costs - a script costs the same number of instructions in every build.

Runs those scripts of tests/redis/cases that touch no data store through two
builds of ferrous-sandboxctl (run --json) and compares usage.instructions. Every
preset compares itself with release, so that compilers, sanitizers and stress
are all held to one number.
"""
import argparse
import concurrent.futures
import json
import os
import re
import shlex
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TESTS = os.path.dirname(HERE)
ROOT = os.path.dirname(TESTS)
CASES = os.path.join(TESTS, "redis", "cases")
# What reaches a data store, takes arguments, or is exempt from determinism.
LEFT_OUT = re.compile(r"redis\.p?call|^-- (keys|args|seed|fresh|runs)|collectgarbage|gcinfo|math\.random\(\)", re.M)

# Slow builds may take their time: instructions are what is compared.
TIMES = ["--limit", "cpu=600s", "--limit", "wall=600s", "--limit", "hold=600s"]


def find_scripts():
    found = []
    for name in sorted(os.listdir(CASES)):
        with open(os.path.join(CASES, name), encoding="latin-1") as file:
            if name.endswith(".lua") and not LEFT_OUT.search(file.read()):
                found.append(name)
    return found


def measure(command, name):
    """{"instructions": N, "cost_model": M} of one run, or a text that says what went wrong."""
    done = subprocess.run(command + ["run", "--json"] + TIMES + [os.path.join(CASES, name)],
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=300)
    try:
        usage = json.loads(done.stdout)["usage"]
        return int(usage["instructions"]), usage.get("cost_model")
    except (ValueError, KeyError, TypeError) as trouble:
        return "no usage in the answer (%s): %r %s" % (trouble, done.stdout[:120], done.stderr.decode("latin-1")[:200])


def measure_all(ctl, names, jobs):
    command = shlex.split(ctl)
    if not shutil.which(command[0]):
        sys.exit("run_costs: no such tool: %s (is that preset built?)" % command[0])
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        return list(pool.map(lambda name: measure(command, name), names))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--ctl", required=True, help="the build under test")
    parser.add_argument("--against", default=os.path.join(ROOT, "build", "release", "bin", "ferrous-sandboxctl"))
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    names = find_scripts()
    bad = 0
    for name, wanted, got in zip(names, measure_all(options.against, names, options.jobs),
                                 measure_all(options.ctl, names, options.jobs)):
        if isinstance(wanted, str) or wanted != got:
            bad += 1
            print("FAIL %s: (instructions, cost model) %s there, %s here" % (name, wanted, got))
    print("%d passed, %d failed" % (len(names) - bad, bad))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
