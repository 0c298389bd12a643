#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""run_module_bench - scripts through redis-benchmark, with and without the module.

Two servers side by side, each case on both in turn for --rounds rounds; the best
rate of each is shown, and their ratio.  Says nothing on a machine that does other work.
"""
import argparse
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "module"))
from server import Server  # noqa: E402

GETS = "for i=1,%d do redis.call('get',KEYS[1]) end return 1"


def cases(server):
    yield "EVAL return 1", ["EVAL", "return 1", "0"]
    for count in (1, 10, 100):
        yield "EVALSHA %d GET" % count, ["EVALSHA", server.command("SCRIPT", "LOAD", GETS % count).decode(), "1", "key"]


def rate(server, clients, pipeline, requests, words):
    done = subprocess.run(["redis-benchmark", "-s", server.path, "-q", "-n", str(requests), "-c", str(clients),
                           "-P", str(pipeline)] + words, capture_output=True, text=True, check=True)
    return float(re.findall(r"([0-9.]+) requests per second", done.stdout.replace("\r", "\n"))[-1])


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--requests", type=int, default=20000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    print("load average: %s" % open("/proc/loadavg").read().split()[0])
    print("%-16s %7s %9s %12s %12s %7s" % ("case", "clients", "pipeline", "stock /s", "module /s", "ratio"))
    with Server(module=False) as stock, Server() as ours:
        list(cases(stock))  # loads the scripts there, too
        for name, words in list(cases(ours)):
            for clients, pipeline in ((1, 1), (50, 1), (50, 16)):
                requests = max(options.requests // (100 if "100" in name else 1), 200)
                best = [max(rate(server, clients, pipeline, requests, words) for _ in range(options.rounds))
                        for server in (stock, ours)]
                print("%-16s %7d %9d %12.0f %12.0f %7.2f" % (name, clients, pipeline, best[0], best[1], best[1] / best[0]),
                      flush=True)


if __name__ == "__main__":
    main()
