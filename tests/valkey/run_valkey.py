#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""run_valkey - Valkey's own tests and our cases, with its Lua and with the module as engine.

Every test must end as it does with Valkey's own Lua, except those of suite_exceptions.txt
(name | reason), which must fail, and the cases of case_exceptions.txt, which must differ.
"""
import argparse
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
for beside in ("module", "redis"):
    sys.path.insert(0, os.path.join(os.path.dirname(HERE), beside))

import run_redis_suite  # noqa: E402
import source  # noqa: E402
from server import BUILD, MODULE  # noqa: E402

UNITS = {"./runtest": ["unit/scripting", "unit/functions"],
         "./runtest-moduleapi": ["unit/moduleapi/scriptingengine"]}


def run_units(folder, tool, units, port):
    """[(passed, failed)] of stock and of ours."""
    found = []
    for name, with_module in (("stock", False), ("module", True)):
        log = os.path.join(BUILD, "valkey_%s_%s.log" % (tool.split("-")[-1].strip("./"), name))
        found.append(run_redis_suite.run_suite(folder, units, port, with_module, log, tool))
    stock, ours = found
    print("valkey %s: stock %d passed, %d failed; with the module %d of them pass"
          % (" ".join(units), sum(stock[0].values()), sum(stock[1].values()), sum((stock[0] & ours[0]).values())), flush=True)
    return found


def run_suites(folder, port):
    exceptions = run_redis_suite.read_exceptions(os.path.join(HERE, "suite_exceptions.txt"))
    problems, seen = [], set()
    for number, (tool, units) in enumerate(UNITS.items()):
        stock, ours = run_units(folder, tool, units, port + 1000 * number)
        here = {name: reason for name, reason in exceptions.items() if name in stock[0]}
        seen |= set(here)
        problems += run_redis_suite.judge(stock, ours, here)
        if not stock[0]:
            problems.append("no test ran of " + " ".join(units))
    problems += ["listed but unknown: " + name for name in sorted(set(exceptions) - seen)]
    for problem in problems:
        print(problem)
    print("valkey suites: %d exceptions, %d problems" % (len(exceptions), len(problems)), flush=True)
    return not problems


def run_cases(folder):
    program = os.path.join(os.path.dirname(HERE), "redis", "run_differential.py")
    words = [sys.executable, program, "--module", os.path.abspath(MODULE), "--server", source.program(folder, "server"),
             "--cli", source.program(folder, "cli"), "--exceptions", os.path.join(HERE, "case_exceptions.txt"),
             "--timeout", "120"]
    print("valkey: the cases of tests/redis", flush=True)
    return subprocess.run(words, stdin=subprocess.DEVNULL, check=False).returncode == 0


def run_comparisons(folder):
    """The same commands to a stock Valkey and to one with the module, byte for byte; the engine alive."""
    is_good = True
    for name in ("module/run_same.py", "module/run_states.py", "valkey/run_engine.py"):
        print("valkey: tests/" + name, flush=True)
        program = os.path.join(os.path.dirname(HERE), *name.split("/"))
        environment = dict(os.environ, FERROUS_SERVER=source.program(folder, "server"))
        done = subprocess.run([sys.executable, program], stdin=subprocess.DEVNULL, env=environment, check=False)
        is_good = done.returncode == 0 and is_good
    return is_good


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--port", type=int, default=29100)
    parser.add_argument("part", nargs="*", default=["suites", "cases", "comparisons"],
                        help="suites, cases, comparisons; all unless given")
    options = parser.parse_args()
    folder = source.built()
    version = subprocess.run([source.program(folder, "server"), "--version"], capture_output=True, text=True, check=True)
    print(version.stdout.strip(), flush=True)
    is_good = True
    if "suites" in options.part:
        is_good = run_suites(folder, options.port)
    if "cases" in options.part:
        is_good = run_cases(folder) and is_good
    if "comparisons" in options.part:
        is_good = run_comparisons(folder) and is_good
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
