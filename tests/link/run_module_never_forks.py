#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""run_module_never_forks.py - nothing in redis-server's process copies that process.

The module starts its zygote with clone(CLONE_VM | CLONE_VFORK), in one place, and its
drain with posix_spawn; it needs no other function that makes a process, and no database.

  run_module_never_forks.py COMPILER MODULE SUPERVISOR_ARCHIVE [--control]
"""
import os
import sys
import tempfile

import symbols

COMPILER = sys.argv[1]
COPIES = {"fork", "_Fork", "vfork", "__fork", "system", "popen", "daemon", "forkpty", "wordexp", "clone3"}
FOREIGN = ("sqlite3_", "vm_", "protobuf_c_", "MHD_")


def needed(path, *options):
    found = symbols.symbols_of(path, *options)
    return {name.split("@")[0] for name, is_defined in found.items() if not is_defined}


def faults_of(names, who):
    return [f"{who} needs {name}" for name in sorted(names) if name in COPIES or name.startswith(FOREIGN)]


def members_that_clone(archive):
    """The objects of the archive that call clone()."""
    found, member = set(), None
    for line in symbols.run("nm", "--undefined-only", archive).splitlines():
        if line.endswith(":"):
            member = line[:-1]
        elif line.split()[-1:] == ["clone"]:
            found.add(member)
    return found


def check():
    module, archive = sys.argv[2:4]
    cloning = members_that_clone(archive)
    problems = [] if cloning == {"spawn.c.o"} else [f"clone() is called by {sorted(cloning)}"]
    return problems + faults_of(needed(module, "-D"), os.path.basename(module))


def control():
    """Plants calls; every one must be found."""
    source = "int fork(void); int clone(void); int sqlite3_open(void); int planted(void) { return fork() + clone() + sqlite3_open(); }"
    with tempfile.TemporaryDirectory() as folder:
        archive = symbols.archive_of(COMPILER, folder, source)
        found = faults_of(needed(archive), "it"), members_that_clone(archive)
    wanted = (["it needs fork", "it needs sqlite3_open"], {"planted.o"})
    return [] if found == wanted else [f"planted three, found {found}"]


symbols.main_of(check, control)
