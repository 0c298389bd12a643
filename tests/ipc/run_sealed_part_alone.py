#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""run_sealed_part_alone.py - the worker's half of ipc/ needs memory functions only.

No allocation, no stdio, no libc wrapper of a system call, no errno: the sealed
worker could not use them.  As a control, the supervisor's half must be caught.

  run_sealed_part_alone.py LIBRARY_DIR
"""
import os
import re
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "link"))
import symbols  # noqa: E402  (its folder had to be added first)

ARCHIVE = os.path.join(os.path.abspath(sys.argv[1]), "libferrous_ipc.a")
SEALED = ("codec", "message", "protocol", "frame", "token", "ring", "sealed")
SUPERVISOR = SEALED + ("channel", "deadline", "spin")
ALLOWED = re.compile(r"^(mem(cpy|move|set|cmp|chr)|strlen|__mem(cpy|move|set)_chk"
                     r"|__stack_chk_fail|_GLOBAL_OFFSET_TABLE_)$")


def strangers(stems):
    with tempfile.TemporaryDirectory() as folder:
        members = [stem + ".c.o" for stem in stems]
        symbols.run("ar", "x", "--output", folder, ARCHIVE, *members)
        out = os.path.join(folder, "joined.o")
        symbols.run("ld", "-r", "-o", out, *(os.path.join(folder, member) for member in members))
        needed = symbols.symbols_of(out)
    return {name for name, defined in needed.items() if not defined and not ALLOWED.match(name)}


def problems():
    found = [f"the sealed part needs {name}" for name in sorted(strangers(SEALED))]
    missed = {"malloc", "read", "write", "ppoll", "__errno_location"} - strangers(SUPERVISOR)
    return found + [f"control: {name} was not found in the supervisor's part" for name in sorted(missed)]


if __name__ == "__main__":
    text = problems()
    print("\n".join(text) or "the sealed part of ipc/ stands alone")
    sys.exit(1 if text else 0)
