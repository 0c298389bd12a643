#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""run_hardening.py - the programs carry what the build file asks for.

Read back from the files themselves: PIE, full RELRO, immediate binding, no
executable stack, CET notes; the worker is static and has no dynamic loader.

  run_hardening.py COMPILER PROGRAM... [--control]
"""
import os
import sys
import tempfile

import symbols

ARGUMENTS = [argument for argument in sys.argv[1:] if argument != "--control"]
COMPILER, PROGRAMS = ARGUMENTS[0], ARGUMENTS[1:]


def lacks(path):
    """What `path` does not have, as a list of words."""
    segments = symbols.run("readelf", "-Wl", path)
    dynamic = symbols.run("readelf", "-Wd", path)
    notes = symbols.run("readelf", "-Wn", path)
    header = symbols.run("readelf", "-Wh", path)
    stack = next((line for line in segments.splitlines() if "GNU_STACK" in line), "RWE")
    checks = {
        "PIE": "DYN (" in header,
        "RELRO": "GNU_RELRO" in segments,
        "BIND_NOW": "BIND_NOW" in dynamic or "Flags: NOW" in dynamic or " NOW " in dynamic,
        "non-executable stack": "RWE" not in stack,
    }
    if "X86-64" in header:
        checks["CET notes"] = "IBT" in notes and "SHSTK" in notes
    if os.path.basename(path) == "ferrous-sandbox-worker":
        checks["static"] = "INTERP" not in segments and "(NEEDED)" not in dynamic
    return [name for name, holds in checks.items() if not holds]


def check():
    return [f"{os.path.basename(path)} lacks {name}" for path in PROGRAMS for name in lacks(path)]


def control():
    """A program linked with everything switched off must lack everything."""
    with tempfile.TemporaryDirectory() as folder:
        source = os.path.join(folder, "soft.c")
        with open(source, "w", encoding="utf-8") as text:
            text.write("int main(void) { return 0; }\n")
        program = os.path.join(folder, "ferrous-sandbox-worker")
        symbols.run(COMPILER, "-fno-pie", "-no-pie", "-fcf-protection=none", "-Wl,-z,norelro",
                    "-Wl,-z,lazy", "-Wl,-z,execstack", source, "-o", program)
        found = lacks(program)
    wanted = ["PIE", "RELRO", "BIND_NOW", "non-executable stack", "CET notes", "static"]
    return [] if found == wanted else [f"a soft program should lack {wanted}, was found to lack {found}"]


symbols.main_of(check, control)
