#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""run_reference.py - docs/reference holds what `ferrous-sandboxctl doc` prints, and the tests that
docs/operations/faults.md names exist.

  run_reference.py [--write]     --write brings the documents up to date
"""
import difflib
import glob
import os
import re
import subprocess
import sys

ROOT = os.environ.get("FERROUS_SOURCE_DIR", os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..")))
TOOL = os.path.join(os.environ.get("FERROUS_BIN_DIR", "build/release/bin"), "ferrous-sandboxctl")
TOPICS = ("limits", "policy", "syscalls", "codes", "costs", "metrics", "bytecode")


def missing_tests():
    """Names in the last column of the list of faults that are no test's."""
    names = set()
    for path in glob.glob(os.path.join(ROOT, "tests", "**", "*.[cp]*"), recursive=True):
        if path.endswith((".c", ".py")):
            with open(path, encoding="utf-8", errors="replace") as file:
                names |= set(re.findall(r"START_TEST\((\w+)|^def (\w+)", file.read(), re.M))
    names = {name for pair in names for name in pair if name}
    with open(os.path.join(ROOT, "docs", "operations", "faults.md")) as file:
        cells = [line.rstrip().rstrip("|").rpartition(" | ")[2] for line in file if line.startswith("| ")]
    for named in re.findall(r"`([a-z0-9_.]+_[a-z0-9_.]+)`", " ".join(cells)):
        begin, _, end = named.partition("...")
        if not any(name == named or ("..." in named and name.startswith(begin) and name.endswith(end)) for name in names):
            yield named


def main():
    failed = 0
    for topic in TOPICS:
        path = os.path.join(ROOT, "docs", "reference", topic + ".md")
        printed = subprocess.run([TOOL, "doc", topic], capture_output=True, text=True, check=True).stdout
        if "--write" in sys.argv[1:]:
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w") as file:
                file.write(printed)
            continue
        with open(path) as file:
            written = file.read()
        if written != printed:
            failed += 1
            sys.stdout.writelines(difflib.unified_diff(written.splitlines(True), printed.splitlines(True),
                                                       path, "doc " + topic, n=0))
            print(f"{path} is out of date: run tests/ctl/run_reference.py --write")
    for name in missing_tests():
        failed += 1
        print(f"docs/operations/faults.md: there is no test {name}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
