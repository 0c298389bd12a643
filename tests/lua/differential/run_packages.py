#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""run_packages - installed Lua packages, loaded and used here and in lua5.1.

Every module below the folder is required (those that need a C library fail alike) and
shows what it exports; packages.lua then uses a few. The output must be the same.
"""
import argparse
import difflib
import os
import shlex
import shutil
import subprocess
import sys
import tempfile

from run_programs import DEFAULT_TOOL, split_command

HERE = os.path.dirname(os.path.abspath(__file__))
# Programs, and what looks at the machine it runs on.
PROGRAMS = ("busted.runner", "luacheck.main", "luacheck.check", "luarocks")


def module_names(folder):
    for path, folders, files in os.walk(folder):
        folders.sort()
        for file in sorted(files):
            if file.endswith(".lua"):
                name = os.path.relpath(os.path.join(path, file), folder)[:-4].replace("/", ".")
                name = name[:-5] if name.endswith(".init") else name
                if not name.startswith(PROGRAMS):
                    yield name


def output(command, program, folder):
    done = subprocess.run(split_command(command) + [program], cwd=folder, capture_output=True, stdin=subprocess.DEVNULL, timeout=300)
    return (done.stdout.decode("latin-1") + "exit %d\n" % done.returncode).split("\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--tool", default=DEFAULT_TOOL)
    parser.add_argument("--oracle", default="lua5.1")
    parser.add_argument("--folder", default="/usr/share/lua/5.1")
    parser.add_argument("--least", type=int, default=0, help="fail when fewer modules are found")
    options = parser.parse_args()
    for command in (options.tool, options.oracle):
        if not shutil.which(shlex.split(command)[0]):
            sys.exit("run_packages: no such tool: " + command)
    names = sorted(set(module_names(options.folder)))
    if len(names) < options.least:
        sys.exit("run_packages: %d modules in %s: tools/dev/install_packages.sh names the packages" % (len(names), options.folder))
    with tempfile.TemporaryDirectory(prefix="fspackages") as folder:
        program = os.path.join(folder, "packages.lua")
        with open(program, "w", encoding="utf-8") as out, open(os.path.join(HERE, "packages.lua"), encoding="utf-8") as body:
            out.write("names = {%s}\n%s" % (", ".join('"%s"' % n for n in names), body.read()))
        expected = output(options.oracle, program, options.folder)
        got = output(options.tool, program, options.folder)
    for line in list(difflib.unified_diff(expected, got, options.oracle, options.tool, lineterm="", n=0))[:40]:
        print(line[:500])
    working = sum("\ttrue\t" in line for line in expected)
    print("%d modules required, %d lines of %s say true: %s" % (
        len(names), working, options.oracle, "the same here" if expected == got else "DIFFERENT here"))
    return 0 if expected == got and working > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
