#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""run_soak - long random runs of soak/*.lua, here and in lua5.1, line by line.

The programs draw their own random numbers (Lehmer's generator, exact in doubles), so a
seed makes the same run everywhere and nothing has to be generated outside.

  numbers   of every magnitude and texts of every shape through tostring, tonumber,
            the lexer, string.format, arithmetic and comparison
  tables    operations on tables with holes and odd keys: order, length, next while
            assigning, insert, remove, sort, concat, maxn, foreach, unpack
"""
import argparse
import os
import shlex
import shutil
import subprocess
import sys
import tempfile

from run_programs import DEFAULT_TOOL

HERE = os.path.dirname(os.path.abspath(__file__))
PIECE = 20000  # iterations of a run: its output is held in memory


def run(command, path):
    done = subprocess.run(shlex.split(command) + [path], capture_output=True, stdin=subprocess.DEVNULL, timeout=900)
    return done.stdout + b"exit %d %s\n" % (done.returncode, done.stderr.split(b":", 1)[-1][:300])


def compare(options, program, seed, count):
    """Lines that differ between the two."""
    with tempfile.TemporaryDirectory(prefix="fssoak") as folder:
        path = os.path.join(folder, "soak.lua")
        with open(path, "w", encoding="utf-8") as out, open(program, encoding="utf-8") as body:
            out.write("local seed, count = %d, %d " % (seed, count) + body.read())
        expected, got = run(options.oracle, path), run(options.tool, path)
    if expected == got:
        return 0
    pairs = zip(expected.split(b"\n"), got.split(b"\n"))
    different = [(number, a, b) for number, (a, b) in enumerate(pairs, 1) if a != b]
    for number, a, b in different[:options.show]:
        print("seed %d, count %d, line %d\n  %s: %r\n  here: %r" % (seed, count, number, options.oracle, a[:400], b[:400]))
    return max(1, len(different))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("program", choices=sorted(n[:-4] for n in os.listdir(os.path.join(HERE, "soak"))))
    parser.add_argument("--tool", default=DEFAULT_TOOL)
    parser.add_argument("--oracle", default="lua5.1")
    parser.add_argument("--count", type=int, default=20000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, default=5)
    options = parser.parse_args()
    for command in (options.tool, options.oracle):
        if not shutil.which(shlex.split(command)[0]):
            sys.exit("run_soak: no such tool: " + command)
    program = os.path.join(HERE, "soak", options.program + ".lua")
    done = different = 0
    while done < options.count and different < 50:
        piece = min(PIECE, options.count - done)
        different += compare(options, program, options.seed * 7919 + done + 1, piece)
        done += piece
    print("%s: %d iterations, %d lines differ" % (options.program, done, different))
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
