#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""run_programs - whole Lua programs: our VM must print what lua5.1 prints.

Runs every .lua file of the given folders (default: programs/ here and the
benchmark programs) under both and compares standard output byte for byte,
whether the program failed, and the first line of the error text without the
interpreter's name. Addresses (table: 0x...) are masked: they differ by design.
"""
import argparse
import concurrent.futures
import difflib
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
TESTS = os.path.dirname(os.path.dirname(HERE))
ROOT = os.path.dirname(TESTS)
DEFAULT_TOOL = os.path.join(ROOT, "build", "release", "bin", "ferrous-vm") + " run"
ADDRESS = re.compile(rb"\b(table|function|thread|userdata): (0x)?[0-9a-fA-F]+\b|\bbuiltin: [0-9a-fA-F]+\b")
PROGRAM_NAME = re.compile(rb"^[a-z0-9./_-]*(lua5\.1|ferrous-vm): ")


def run(command, path, timeout):
    """(output, failed, first error line) with addresses masked."""
    try:
        done = subprocess.run(command + [os.path.basename(path)], cwd=os.path.dirname(path) or ".",
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=timeout)
    except subprocess.TimeoutExpired as late:
        return late.stdout or b"", "timeout", b""
    error = done.stderr.split(b"\n")[0] if done.returncode else b""
    return ADDRESS.sub(rb"\1: ADDRESS", done.stdout), done.returncode != 0, \
        ADDRESS.sub(rb"\1: ADDRESS", PROGRAM_NAME.sub(b"", error))


def split_command(text):
    """Words of a command line; its program as an absolute path, for we run elsewhere."""
    words = shlex.split(text)
    return [os.path.abspath(words[0]) if os.sep in words[0] else words[0]] + words[1:]


def compare(path, options):
    wanted = run(split_command(options.oracle), path, options.timeout)
    got = run(split_command(options.tool), path, options.timeout)
    if wanted == got:
        return []
    faults = []
    if wanted[0] != got[0]:
        lines = [[repr(line)[2:-1] for line in side[0].split(b"\n")] for side in (wanted, got)]
        diff = list(difflib.unified_diff(*lines, "oracle", "ours", lineterm="", n=1))
        faults += [line[:300] for line in diff[:options.lines]] + (["..."] if len(diff) > options.lines else [])
    if wanted[1:] != got[1:]:
        faults += ["oracle ended: failed=%r %r" % (wanted[1], wanted[2][:300]), "ours ended:   failed=%r %r" % (got[1], got[2][:300])]
    return faults


def kept_folder(name):
    """A folder of this run alone for generated programs; what passes is removed from it."""
    return tempfile.mkdtemp(prefix=name + ".")


def drop_folder(folder):
    """Removes the folder unless a program that differs was kept in it."""
    if not os.listdir(folder):
        os.rmdir(folder)


def find_programs(options):
    folders = options.folders or [os.path.join(HERE, "programs"), os.path.join(TESTS, "bench", "programs")]
    found = []
    for folder in folders:
        if os.path.isfile(folder):
            found.append(os.path.abspath(folder))
        for base, _, names in sorted(os.walk(folder)):
            found += [os.path.join(os.path.abspath(base), n) for n in sorted(names) if n.endswith(".lua")]
    return [p for p in found if "(needs cjson)" not in open(p, encoding="latin-1").readline()]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folders", nargs="*", help="folders or files")
    parser.add_argument("--tool", default=DEFAULT_TOOL)
    parser.add_argument("--oracle", default="lua5.1")
    parser.add_argument("--filter", action="append")
    parser.add_argument("--lines", type=int, default=20, help="lines of difference to show")
    parser.add_argument("--timeout", type=float, default=60)
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    for command in (options.tool, options.oracle):
        if not shutil.which(shlex.split(command)[0]):
            sys.exit("run_programs: no such tool: " + command)
    programs = [p for p in find_programs(options) if not options.filter or any(f in p for f in options.filter)]
    if not programs:
        sys.exit("run_programs: no program found")
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for path, faults in zip(programs, pool.map(lambda p: compare(p, options), programs)):
            if faults:
                failed += 1
                print("FAIL %s\n  %s" % (os.path.relpath(path, ROOT), "\n  ".join(faults)), flush=True)
    print("%d passed, %d failed" % (len(programs) - failed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
