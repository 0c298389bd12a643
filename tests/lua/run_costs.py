#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""run_costs - a script costs the same number of instructions in every build.

Runs those scripts of tests/redis/cases that touch no data store through
ferrous-sandboxctl run --json and compares usage.instructions with costs.txt.
Every preset runs this with the same file, so release, dev, stress and gcc are
compared with each other. The file's first line is the cost model: when prices
change on purpose, raise it in policy/costs.def and run with --update.
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


def find_scripts():
    found = []
    for name in sorted(os.listdir(CASES)):
        with open(os.path.join(CASES, name), encoding="latin-1") as file:
            if name.endswith(".lua") and not LEFT_OUT.search(file.read()):
                found.append(name)
    return found


def measure(command, name):
    """{"instructions": N, "cost_model": M} of one run, or a text that says what went wrong."""
    done = subprocess.run(command + ["run", "--json", os.path.join(CASES, name)], stdin=subprocess.DEVNULL,
                          capture_output=True, timeout=300)
    try:
        usage = json.loads(done.stdout)["usage"]
        return int(usage["instructions"]), usage.get("cost_model")
    except (ValueError, KeyError, TypeError) as trouble:
        return "no usage in the answer (%s): %r %s" % (trouble, done.stdout[:120], done.stderr.decode("latin-1")[:200])


def read_expected(path):
    expected, model = {}, None
    with open(path, encoding="ascii") as file:
        for line in file:
            name, number = line.split()
            if name == "cost_model":
                model = int(number)
            else:
                expected[name] = int(number)
    return expected, model


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--ctl", default=os.path.join(ROOT, "build", "release", "bin", "ferrous-sandboxctl"))
    parser.add_argument("--expected", default=os.path.join(HERE, "costs.txt"))
    parser.add_argument("--update", action="store_true", help="write what this build says")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    command = shlex.split(options.ctl)
    if not shutil.which(command[0]):
        sys.exit("run_costs: no such tool: " + command[0])
    names = find_scripts()
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        results = dict(zip(names, pool.map(lambda n: measure(command, n), names)))
    broken = {n: r for n, r in results.items() if isinstance(r, str)}
    for name, text in broken.items():
        print("FAIL %s: %s" % (name, text))
    if options.update and not broken:
        with open(options.expected, "w", encoding="ascii") as file:
            file.write("cost_model %d\n" % (next(iter(results.values()))[1] or 0))
            file.writelines("%s %d\n" % (n, results[n][0]) for n in names)
        print("written: %d scripts" % len(names))
        return 0
    expected, model = read_expected(options.expected)
    bad = len(broken)
    for name in sorted(set(names) | set(expected)):
        result = results.get(name)
        if isinstance(result, str):
            continue
        if result is None or expected.get(name) != result[0] or model != (result[1] or 0):
            bad += 1
            print("FAIL %s: expected %s under cost model %s, got %s" % (name, expected.get(name), model, result))
    print("%d passed, %d failed" % (len(names) - bad, bad))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
