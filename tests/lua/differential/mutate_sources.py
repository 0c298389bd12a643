#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""mutate_sources - broken programs must be refused with lua5.1's words.

Takes real sources, damages them token by token (drop, double, swap, replace,
cut off, glue) and compiles each with loadstring under lua5.1 and under our VM:
both must accept the same texts and give the same message, line number
included. The texts travel inside one driver program for a batch of mutants.
"""
import argparse
import os
import random
import re
import shlex
import shutil
import sys

from run_programs import DEFAULT_TOOL, compare, drop_folder, kept_folder

HERE = os.path.dirname(os.path.abspath(__file__))
TESTS = os.path.dirname(os.path.dirname(HERE))
ROOT = os.path.dirname(TESTS)
TOKEN = re.compile(r"--\[\[.*?\]\]|--[^\n]*|\[(=*)\[.*?\]\1\]|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'"
                   r"|[A-Za-z_]\w*|0[xX][0-9a-fA-F]+|\d+\.?\d*(?:[eE][+-]?\d+)?|\.\.\.|\.\.|[=~<>]=|\s+|.", re.S)
SPARE = """and break do else elseif end false for function if in local nil not or repeat return then true until while
    + - * / % ^ # == ~= <= >= < > = ( ) { } [ ] ; : , . .. ... x y 1 0x1 1e5 'str' "two" [[long]] [==[ ]==] -- --[[
    1..2 3x 0xg 1e 'open "open \\ @ $ ! & | ~ :: goto""".split()

# Stock Lua refuses [[ inside [[ ]], Redis and we do not: such mutants are left out.
NESTED_LONG = re.compile(r"\[\[(?:(?!\]\]).)*\[\[", re.S)


def read_sources(folders):
    texts = []
    for folder in folders:
        for base, _, names in sorted(os.walk(folder)):
            for name in sorted(names):
                if name.endswith(".lua"):
                    with open(os.path.join(base, name), encoding="latin-1") as file:
                        texts.append(file.read())
    return texts


def mutate(r, text):
    """A window of the text with one to three faults in it."""
    lines = text.split("\n")
    first = r.randrange(len(lines))
    tokens = [m.group(0) for m in TOKEN.finditer("\n".join(lines[first:first + r.randrange(1, 12)]))]
    for _ in range(r.choice([1, 1, 1, 2, 3])):
        if not tokens:
            break
        at, kind = r.randrange(len(tokens)), r.randrange(8)
        if kind == 0:
            del tokens[at]
        elif kind == 1:
            tokens.insert(at, tokens[at])
        elif kind == 2:
            other = r.randrange(len(tokens))
            tokens[at], tokens[other] = tokens[other], tokens[at]
        elif kind in (3, 4):
            tokens[at] = " %s " % r.choice(SPARE)
        elif kind == 5:
            tokens.insert(at, " %s " % r.choice(SPARE))
        elif kind == 6:
            tokens = tokens[:at]
        else:
            tokens[at] = tokens[at][:r.randrange(len(tokens[at]) + 1)]
    result = "".join(tokens)
    return mutate(r, text) if NESTED_LONG.search(result) else result


def quote(text):
    out = []
    for byte in text.encode("latin-1"):
        out.append(chr(byte) if 32 <= byte < 127 and byte not in (34, 92) else "\\%03d" % byte)
    return '"%s"' % "".join(out)


def driver(mutants):
    lines = ["local function try(number, text)", "  local f, e = loadstring(text, '=s')",
             "  print(number, f and 'compiles' or e)", "end"]
    lines += ["try(%d, %s)" % (i, quote(text)) for i, text in enumerate(mutants)]
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--tool", default=DEFAULT_TOOL)
    parser.add_argument("--oracle", default="lua5.1")
    parser.add_argument("--sources", nargs="*", default=[os.path.join(TESTS, "bench", "programs"), os.path.join(TESTS, "lua"),
                                                         os.path.join(ROOT, "examples")])
    parser.add_argument("--whole", action="store_true", help="compile the sources as they are, undamaged")
    parser.add_argument("--count", type=int, default=4000)
    parser.add_argument("--batch", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--lines", type=int, default=12)
    parser.add_argument("--timeout", type=float, default=60)
    options = parser.parse_args()
    for command in (options.tool, options.oracle):
        if not shutil.which(shlex.split(command)[0]):
            sys.exit("mutate_sources: no such tool: " + command)
    texts, failed = read_sources(options.sources), 0
    if not texts:
        sys.exit("mutate_sources: no sources in " + " ".join(options.sources))
    kept = kept_folder("mutated_sources")
    if options.whole:
        options.count, options.batch = len(texts), 1
    for first in range(0, options.count, options.batch):
        r = random.Random("%d:%d" % (options.seed, first))
        path = os.path.join(kept, "m%d_%d.lua" % (options.seed, first))
        with open(path, "w", encoding="latin-1") as file:
            file.write(driver([texts[first]] if options.whole else [mutate(r, r.choice(texts)) for _ in range(options.batch)]))
        faults = compare(path, options)
        if faults:
            failed += 1
            print("FAIL %s\n  %s" % (path, "\n  ".join(faults)), flush=True)
        else:
            os.unlink(path)
    drop_folder(kept)
    batches = (options.count + options.batch - 1) // options.batch
    print("%d mutants: %d batches passed, %d failed" % (options.count, batches - failed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
