#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""run_reference.py - docs/reference holds what `ferrous-sandboxctl doc` prints.

  run_reference.py [--write]     --write brings the documents up to date
"""
import difflib
import os
import subprocess
import sys

ROOT = os.environ.get("FERROUS_SOURCE_DIR", os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..")))
TOOL = os.path.join(os.environ.get("FERROUS_BIN_DIR", "build/release/bin"), "ferrous-sandboxctl")
TOPICS = ("limits", "policy", "syscalls", "codes", "costs", "metrics", "bytecode")


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
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
