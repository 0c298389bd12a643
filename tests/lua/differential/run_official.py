#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""run_official - the official Lua 5.1 test files under our VM.

The files come with the Debian package golang-github-yuin-gopher-lua-dev; they
are not part of this project. Each is run by itself in a copy of the folder and
passes when it exits with 0. official_exceptions.txt names the files that are
expected to fail and the lines that are left out, each with its reason; a file
that fails and is not listed, and one that passes although it is listed, both
count as failures here.
"""
import argparse
import os
import shlex
import shutil
import subprocess
import sys
import tempfile

from run_programs import DEFAULT_TOOL, split_command

HERE = os.path.dirname(os.path.abspath(__file__))
PACKAGE = "/usr/share/gocode/src/github.com/yuin/gopher-lua/_lua5.1-tests"
# all.lua drives the others; main.lua tests the command line of `lua` itself, by processes.
NOT_RUN = {"all.lua", "main.lua"}
# How all.lua runs a file, where that is not by itself.
DRIVERS = {"big.lua": "local f = coroutine.wrap(assert(loadfile('big.lua'))) assert(f() == 'b') assert(f() == 'a')\n"}


def read_exceptions(path):
    """({file: reason}, [(file, first, last, new text)]) from the exceptions file."""
    whole, edits = {}, []
    with open(path, encoding="utf-8") as file:
        for line in file:
            if not line.strip() or line.startswith("#"):
                continue
            where, text, reason = (part.strip() for part in line.split("|"))
            name, _, lines = where.partition(":")
            if lines:
                first, _, last = lines.partition("-")
                edits.append((name, int(first), int(last or first), text))
            else:
                whole[name] = reason
    return whole, edits


def apply_edits(folder, edits):
    for name, first, last, text in edits:
        path = os.path.join(folder, name)
        with open(path, "rb") as file:
            lines = file.read().split(b"\n")
        lines[first - 1:last] = [text.encode()] + [b""] * (last - first)
        with open(path, "wb") as file:
            file.write(b"\n".join(lines))


def run_file(command, folder, name, timeout):
    """None when the file passes, otherwise the first words of what went wrong."""
    environment = dict(os.environ, LUA_PATH="?;./?.lua")
    if name in DRIVERS:
        driver = "drive_" + name
        with open(os.path.join(folder, driver), "w", encoding="utf-8") as file:
            file.write(DRIVERS[name])
        name = driver
    try:
        done = subprocess.run(command + [name], cwd=folder, env=environment, stdin=subprocess.DEVNULL,
                              capture_output=True, timeout=timeout)
    except subprocess.TimeoutExpired:
        return "still running after %g s" % timeout
    if done.returncode == 0:
        return None
    return "exit %d: %s" % (done.returncode, done.stderr.decode("latin-1").strip().split("\n")[0][:200])


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--tool", default=DEFAULT_TOOL)
    parser.add_argument("--folder", default=PACKAGE)
    parser.add_argument("--exceptions", default=os.path.join(HERE, "official_exceptions.txt"))
    parser.add_argument("--filter", action="append")
    parser.add_argument("--timeout", type=float, default=120)
    options = parser.parse_args()
    if not os.path.isdir(options.folder):
        sys.exit("run_official: no such folder: %s (package golang-github-yuin-gopher-lua-dev)" % options.folder)
    command = split_command(options.tool)
    if not shutil.which(command[0]):
        sys.exit("run_official: no such tool: " + shlex.split(options.tool)[0])
    exceptions, edits = read_exceptions(options.exceptions)
    passed = bad = expected = 0
    with tempfile.TemporaryDirectory(prefix="fsofficial") as folder:
        work = shutil.copytree(options.folder, os.path.join(folder, "tests"))
        apply_edits(work, edits)
        for name in sorted(n for n in os.listdir(options.folder) if n.endswith(".lua") and n not in NOT_RUN):
            if options.filter and not any(f in name for f in options.filter):
                continue
            trouble = run_file(command, work, name, options.timeout)
            if trouble and name in exceptions:
                expected += 1
                print("expected: %s fails: %s" % (name, exceptions[name]))
            elif trouble or name in exceptions:
                bad += 1
                print("FAIL %s: %s" % (name, trouble or "passes although listed: " + exceptions[name]))
            else:
                passed += 1
    print("%d passed, %d failed, %d expected to fail" % (passed, bad, expected))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
