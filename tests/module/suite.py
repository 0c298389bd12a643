# SPDX-License-Identifier: BSD-2-Clause
"""suite - runs the functions of a test program that are marked with @test.

Their names are the sentences; each ends within TIMEOUT seconds or the program does.
"""
import argparse
import signal
import sys
import time
import traceback

TESTS = []
TIMEOUT = 600


def test(function):
    TESTS.append(function)
    return function


def main(doc):
    parser = argparse.ArgumentParser(description=doc.split("\n")[0])
    parser.add_argument("filter", nargs="*", help="only tests whose name contains one of these")
    options = parser.parse_args()
    chosen = [t for t in TESTS if not options.filter or any(f in t.__name__ for f in options.filter)]
    failed = 0
    for function in chosen:
        started = time.monotonic()
        signal.alarm(TIMEOUT)
        try:
            function()
            verdict = "ok  "
        except Exception:
            failed += 1
            verdict = "FAIL"
            traceback.print_exc(file=sys.stdout)
        signal.alarm(0)
        print("%s %s (%.2f s)" % (verdict, function.__name__, time.monotonic() - started), flush=True)
    print("%d passed, %d failed" % (len(chosen) - failed, failed))
    return 1 if failed or not chosen else 0
