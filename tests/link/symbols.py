# SPDX-License-Identifier: BSD-2-Clause
"""symbols.py - what the link tests share: joining archives, reading symbols."""
import os
import re
import subprocess
import sys
import tempfile


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}\n{done.stderr}")
    return done.stdout


def joined(archives, helpers=()):
    """Links all members of `archives`, and of `helpers` what they need, into one
    relocatable object; returns {name: is defined} of its global symbols."""
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "joined.o")
        run("ld", "-r", "-o", out, "--whole-archive", *archives, "--no-whole-archive", *helpers)
        return symbols_of(out)


def symbols_of(path, *options):
    symbols = {}
    for line in run("nm", *options, path).splitlines():
        match = re.match(r"^[0-9a-f]* *([A-Za-z]) (\S+)$", line)
        if match:
            kind, name = match.groups()
            symbols[name] = kind not in "Uvw"
    return symbols


def archive_of(compiler, folder, source):
    """Compiles C text into an archive: the material of the negative controls."""
    stem = os.path.join(folder, "planted")
    with open(stem + ".c", "w", encoding="utf-8") as text:
        text.write(source)
    run(compiler, "-O0", "-fPIC", "-c", stem + ".c", "-o", stem + ".o")
    run("ar", "rcs", stem + ".a", stem + ".o")
    return stem + ".a"


def main_of(check, control):
    """Runs `check`, or `control` when --control is given; both return problems.
    The control passes only when the check would have failed."""
    problems = control() if "--control" in sys.argv else check()
    for problem in problems:
        print(problem)
    sys.exit(1 if problems else 0)
