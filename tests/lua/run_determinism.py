#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""run_determinism - a program costs, uses and prints the same, however often and wherever.

Runs the benchmark programs and the scripts below this folder through ferrous-vm with
--usage, --runs times, and compares instructions, peak memory, output and ending. With
--against, a build of the same sources by other means must give the same numbers (but for
memory with --any-memory: stress builds collect and grow at other moments). Programs that
ask for the time or the memory in use are left out: their answers may differ.
"""
import argparse
import concurrent.futures
import hashlib
import os
import re
import shlex
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "differential"))
from run_programs import split_command  # noqa: E402 (a folder beside this one)

TESTS = os.path.dirname(HERE)
ROOT = os.path.dirname(TESTS)
LEFT_OUT = re.compile(r"collectgarbage\(\s*['\"]count|gcinfo|os\.(clock|time|date)|__mode|\(needs cjson\)")
USAGE = re.compile(r"^(instructions|memory_peak_bytes|compile_units) (\d+)$", re.M)


def find_programs():
    found = []
    for folder in (os.path.join(TESTS, "bench", "programs"), HERE):
        for base, _, names in sorted(os.walk(folder)):
            for name in sorted(names):
                path = os.path.join(base, name)
                # limits/ is for programs that end by one, in ferrous-sandboxctl.
                if name.endswith(".lua") and not LEFT_OUT.search(open(path, encoding="latin-1").read()):
                    found.append(path)
    return found


def measure(tool, path, options):
    """(instructions, peak memory, compile units, digest of the output and of the ending)."""
    command = split_command(tool) + ["run", "--usage", "--instructions", str(options.instructions)]
    done = subprocess.run(command + [os.path.basename(path)], cwd=os.path.dirname(path), stdin=subprocess.DEVNULL,
                          capture_output=True, timeout=options.timeout, check=False)
    errors = done.stderr.decode("latin-1")
    numbers = {key: int(value) for key, value in USAGE.findall(errors)}
    if len(numbers) != 3:
        return "no usage (exit status %d): %s" % (done.returncode, errors[-200:])
    rest = "\n".join(line for line in errors.split("\n") if not re.match(r"^[a-z_]+ \d+$", line))
    text = done.stdout + b"\0" + rest.encode("latin-1") + b"\0" + str(done.returncode).encode()
    memory = 0 if options.any_memory else numbers["memory_peak_bytes"]
    return numbers["instructions"], memory, numbers["compile_units"], hashlib.sha256(text).hexdigest()[:16]


def compare(path, options):
    wanted = measure(options.against or options.tool, path, options)
    if isinstance(wanted, str):
        return wanted
    for i in range(options.runs):
        got = measure(options.tool, path, options)
        if got != wanted:
            return "run %d: %s, expected %s (instructions, memory, compile units, output)" % (i + 1, got, wanted)
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--tool", default=os.path.join(ROOT, "build", "release", "bin", "ferrous-vm"))
    parser.add_argument("--against", help="another build's ferrous-vm")
    parser.add_argument("--any-memory", action="store_true", help="peak memory may differ")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--instructions", type=int, default=3000000)
    parser.add_argument("--timeout", type=float, default=250)
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    for tool in (options.tool, options.against or options.tool):
        if not shutil.which(shlex.split(tool)[0]):
            sys.exit("run_determinism: no such tool: %s (is that preset built?)" % tool)
    programs = find_programs()
    bad = 0
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for path, fault in zip(programs, pool.map(lambda p: compare(p, options), programs)):
            if fault:
                bad += 1
                print("FAIL %s: %s" % (os.path.relpath(path, ROOT), fault), flush=True)
    print("%d passed, %d failed" % (len(programs) - bad, bad))
    return 1 if bad or not programs else 0


if __name__ == "__main__":
    sys.exit(main())
