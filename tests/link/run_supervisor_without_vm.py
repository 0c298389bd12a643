#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""run_supervisor_without_vm.py - the trusted side contains no Lua.

Neither the supervisor's library, nor what it links, nor the tool built on it
defines or needs a symbol of the machine or of the worker.

  run_supervisor_without_vm.py COMPILER LIBRARY_DIR BIN_DIR [--control]
"""
import glob
import os
import sys
import tempfile

import symbols

COMPILER, LIBRARIES, PROGRAMS = sys.argv[1:4]
FOREIGN = ("vm_", "worker_")


def foreign(names):
    return sorted(name for name in names if name.startswith(FOREIGN))


def library(name):
    return os.path.join(LIBRARIES, f"lib{name}.a")


def check():
    parts = {"libferrous_sandbox.a": symbols.joined(
        [library("ferrous_sandbox"), library("ferrous_ipc"), library("ferrous_policy")])}
    shared = glob.glob(os.path.join(LIBRARIES, "libferrous_sandbox.so"))
    for path in shared + [os.path.join(PROGRAMS, "ferrous-sandboxctl")]:
        if os.path.exists(path):
            parts[os.path.basename(path)] = symbols.symbols_of(path)
    return [f"{part} has {name}" for part, names in parts.items() for name in foreign(names)]


def control():
    """Plants one defined and one needed symbol; both must be found."""
    source = "void vm_needed(void); void worker_defined(void) { vm_needed(); }"
    with tempfile.TemporaryDirectory() as folder:
        found = foreign(symbols.joined([symbols.archive_of(COMPILER, folder, source)]))
    return [] if found == ["vm_needed", "worker_defined"] else [f"planted two symbols, found {found}"]


symbols.main_of(check, control)
