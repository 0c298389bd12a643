#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""run_operands - is every instruction executed on every kind of value?

Runs the scripts below this folder with `ferrous-vm run --operands`, which notes for
each instruction what kinds of values its fields read, and compares with what
vm/opcodes.def asks for: each field that names a value (R, B, K, U) with each of
number, string, table, metatable (a table that has one) and nil. What cannot be is
in operands_impossible.txt; a row there that is executed after all is a failure too.
"""
import argparse
import concurrent.futures
import fnmatch
import glob
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "differential"))
from run_programs import split_command  # noqa: E402 (a folder beside this one)

ROOT = os.path.dirname(os.path.dirname(HERE))
ROW = re.compile(r"^OPCODE\((\w+), *(\w+), *(\w), (\w), (\w),", re.M)
KINDS = ("number", "string", "table", "metatable", "nil")
# Instructions that work on registers behind the one that A names (vm/run/trace.c).
THREE_REGISTERS = ("FORPREP", "TFORLOOP")
GLOBALS = ("GETGLOBAL", "GETGLOBALX", "SETGLOBAL", "SETGLOBALX")


def wanted_pairs():
    """{(opcode, field, kind): operand mode}; (opcode, "-", "-") is the opcode itself."""
    with open(os.path.join(ROOT, "vm", "opcodes.def"), encoding="ascii") as file:
        rows = ROW.findall(file.read())
    wanted = {}
    for name, _, *modes in rows:
        wanted[name, "-", "-"] = "-"
        fields = {letter: mode for letter, mode in zip("ABC", modes) if mode in "RBKU"}
        if name in THREE_REGISTERS:
            fields.update(B="R", C="R")
        wanted.update({(name, field, kind): mode for field, mode in fields.items() for kind in KINDS})
        if name in GLOBALS:
            wanted.update({(name, "C", kind): "environment" for kind in ("table", "metatable")})
    return wanted


def read_impossible(path, wanted):
    """{pair: reason}; patterns are expanded over what is wanted."""
    impossible, unused = {}, []
    with open(path, encoding="ascii") as file:
        lines = [line for line in map(str.strip, file) if line and not line.startswith("#")]
    for line in lines:
        opcodes, field, kinds, reason = line.split(None, 3)
        matched = [pair for pair, mode in wanted.items() if fnmatch.fnmatchcase(pair[0], opcodes)
                   and field in (pair[1], mode) and pair[2] in kinds.split(",")]
        impossible.update(dict.fromkeys(matched, reason))
        if not matched:
            unused.append(line)
    return impossible, unused


def run_script(tool, path, folder, number):
    """Runs one script; returns what it executed."""
    out = os.path.join(folder, str(number))
    command = tool + ["--operands", out, path]
    subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=300, cwd=HERE, check=False)
    if not os.path.exists(out):
        sys.exit("run_operands: nothing was noted by %s" % " ".join(command))
    with open(out, encoding="ascii") as file:
        return {tuple(line.split()) for line in file}


def executed_pairs(tool, jobs):
    paths = sorted(glob.glob(os.path.join(HERE, "*", "*.lua")))
    paths = [os.path.relpath(p, HERE) for p in paths if os.sep + "limits" + os.sep not in p]
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        found = pool.map(lambda job: run_script(tool, job[1], folder, job[0]), enumerate(paths))
        return set().union(*found), len(paths)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--tool", default=os.path.join(ROOT, "build", "release", "bin", "ferrous-vm") + " run")
    parser.add_argument("--impossible", default=os.path.join(HERE, "operands_impossible.txt"))
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    wanted = wanted_pairs()
    impossible, unused = read_impossible(options.impossible, wanted)
    executed, scripts = executed_pairs(split_command(options.tool), options.jobs)
    missing = sorted(set(wanted) - executed - set(impossible))
    wrong = sorted(executed & set(impossible))
    for pair in missing:
        print("not executed: %s %s %s" % pair)
    for pair in wrong:
        print("said to be impossible, but executed: %s %s %s (%s)" % (*pair, impossible[pair]))
    for line in unused:
        print("matches nothing: %s" % line)
    print("%d of %d pairs of opcode and operand kind executed by %d scripts, %d impossible, %d missing" % (
        len(executed & set(wanted)), len(wanted), scripts, len(impossible), len(missing)))
    return 1 if missing or wrong or unused else 0


if __name__ == "__main__":
    sys.exit(main())
