#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""run_accounting_cost - what it costs that every run is written down: throughput of EVAL "return 1".

Three servers with the same policy stand side by side: two without a journal, one with a journal, a
ledger and its drain.  Every round asks each of them for a short while, in another order, and gives two ratios:
with a journal to without, and without to without, which shows what the method itself strays by.
The verdict is no, and so is the exit status, when the median of the first is below 1 - 3 %, and not within the
half of the second's rounds around its median.  Run as root, everything runs before the rest of the machine.
"""
import argparse
import contextlib
import itertools
import os
import sys
import tempfile

from redis_pair import flood_for, middle, spread  # finds the others' folder
from fairness_load import put_first
from server import Server

POLICY = """version: 1
unmapped: reject
tenants:
  acme: {users: [default], rates: {invocations: 10m/s burst 100m, hold: 1000ms/s burst 100s, cost: 1000g/s burst 1000g}}
"""
NAMES = ("journal", "none", "none again")
SHAPES = ((50, 16), (50, 1), (1, 1))  # clients, pipeline
BAR = 0.97


@contextlib.contextmanager
def servers():
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        policy = os.path.join(folder, "policy.yaml")
        with open(policy, "w", encoding="ascii") as text:
            text.write(POLICY)
        books = ["--sandbox.journal", os.path.join(folder, "journal"), "--sandbox.ledger", os.path.join(folder, "ledger.db")]
        yield {name: stack.enter_context(Server("--sandbox.policy", policy, "--sandbox.long-share", "100",
                                                *(books if name == "journal" else [])))
               for name in NAMES}


def measure(found, shape, options):
    """Ratios of all rounds: with a journal to without, and without to without."""
    orders = itertools.cycle(itertools.permutations(NAMES))
    costs, strays, best = [], [], {}
    for _, order in zip(range(options.rounds), orders):
        rates = {name: flood_for(found[name], *shape, options.seconds, ["EVAL", "return 1", "0"]) for name in order}
        costs.append(2 * rates["journal"] / (rates["none"] + rates["none again"]))
        strays.append(rates["none again"] / rates["none"])
        best = {name: max(rate, best.get(name, 0)) for name, rate in rates.items()}
    return costs, strays, best


def judge(costs, strays):
    return middle(costs) >= min(BAR, spread(strays)[0])


def show(shape, costs, strays, best):
    print("-c %-2d -P %-2d  best %7.0f/s with, %7.0f/s without   median of ratios %.3f (half of them %.3f to %.3f)   "
          "without to without %.3f (%.3f to %.3f)" % (shape + (best["journal"], max(best["none"], best["none again"]), middle(costs), *spread(costs),
                                                             middle(strays), *spread(strays))), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--rounds", type=int, default=48)
    parser.add_argument("--seconds", type=float, default=0.5, help="of each server in a round")
    options = parser.parse_args()
    if not put_first():
        print("not root: figures are those of everything that runs on this machine")
    print("load average %.1f, %d processors, %d rounds of %g s" % (os.getloadavg()[0], os.cpu_count(), options.rounds, options.seconds))
    verdicts = []
    with servers() as found:
        for shape in SHAPES:
            costs, strays, best = measure(found, shape, options)
            show(shape, costs, strays, best)
            verdicts.append(judge(costs, strays))
        # That it was counted is part of what is measured.
        counted = int(found["journal"].info()["sandbox_ledger_unexported"])
    print("verdict: %s (bar %.2f; not yet drained: %d)" % ("yes" if all(verdicts) else "no", BAR, counted))
    return 0 if all(verdicts) else 1


if __name__ == "__main__":
    sys.exit(main())
