# SPDX-License-Identifier: BSD-2-Clause
"""generated - runs generated programs here and in lua5.1; what differs is kept and named."""
import argparse
import os
import shlex
import shutil
import sys

from run_programs import DEFAULT_TOOL, compare, drop_folder, kept_folder


def parse_options(description, unit):
    parser = argparse.ArgumentParser(description=description.split("\n")[0])
    parser.add_argument("--tool", default=DEFAULT_TOOL)
    parser.add_argument("--oracle", default="lua5.1")
    parser.add_argument("--programs", type=int, default=20)
    parser.add_argument("--count", type=int, default=1000, help="%s in each program" % unit)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--lines", type=int, default=12)
    parser.add_argument("--timeout", type=float, default=60)
    return parser.parse_args()


def run(name, description, unit, make_program, encoding="latin-1"):
    """`make_program(seed, count)` gives a program's text; returns the exit status."""
    options = parse_options(description, unit)
    for command in (options.tool, options.oracle):
        if not shutil.which(shlex.split(command)[0]):
            sys.exit("run_%s: no such tool: %s" % (name, command))
    failed, kept = 0, kept_folder(name)
    for seed in range(options.seed, options.seed + options.programs):
        path = os.path.join(kept, "%s_%d.lua" % (name, seed))
        with open(path, "w", encoding=encoding) as file:
            file.write(make_program(seed, options.count))
        faults = compare(path, options)
        if faults:
            failed += 1
            print("FAIL %s\n  %s" % (path, "\n  ".join(faults)), flush=True)
        else:
            os.unlink(path)
    drop_folder(kept)
    print("%d passed, %d failed" % (options.programs - failed, failed))
    return 1 if failed else 0
