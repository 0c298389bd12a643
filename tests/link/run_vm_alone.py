#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""run_vm_alone.py - the machine needs memory functions, libm and nothing else.

No malloc, no stdio, no system call, no abort: whatever a script makes the
machine do, it does inside its two regions.  The functions of the full profile
(vm/full/) are weak references here, and the worker contains none of them.

  run_vm_alone.py COMPILER LIBRARY_DIR [--control]
"""
import os
import re
import sys
import tempfile

import symbols

COMPILER, LIBRARIES = sys.argv[1:3]

# Compiled code may call these for a copy, a comparison or a failed check.
ALLOWED = re.compile(
    r"^(mem(cpy|move|set|cmp|chr|rchr)|bcmp|str(n?len|n?cmp|chr)|__mem(cpy|move|set)_chk|__stack_chk_fail"
    r"|_GLOBAL_OFFSET_TABLE_)$")


def libm_functions():
    path = symbols.run(COMPILER, "-print-file-name=libm.so.6").strip()
    return {name.split("@")[0] for name, defined in symbols.symbols_of(path, "-D").items() if defined}


def full_profile_functions():
    """The functions of the FULL rows of builtins.def, and what opens their libraries."""
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "vm", "builtins.def")
    with open(path, encoding="utf-8") as rows:
        return set(re.findall(r"^BUILTIN\(\w+, \w+, (\w+), \w+, FULL,", rows.read(), re.M)) | {"vm_profile_open", "vm_arguments_push"}


def strangers(archives, helpers=()):
    """The undefined symbols that a machine alone must not have."""
    libm = libm_functions()
    return sorted(name for name, defined in symbols.joined(archives, helpers).items()
                  if not defined and not ALLOWED.match(name) and name not in libm)


def check():
    vm = os.path.join(LIBRARIES, "libferrous_vm.a")
    policy = os.path.join(LIBRARIES, "libferrous_policy.a")
    helpers = [policy] if os.path.exists(policy) else []
    full = full_profile_functions()
    problems = [f"vm needs {name}" for name in strangers([vm], helpers) if name not in full]
    if len(full) < 2:
        problems.append("builtins.def has no row of the full profile: is its form another?")
    worker = os.path.join(LIBRARIES, "..", "bin", "ferrous-sandbox-worker")
    if not os.path.exists(worker):
        return problems
    inside = {name for name, defined in symbols.symbols_of(worker).items() if defined}
    if not any(name.startswith("vm_") for name in inside):
        problems.append("the worker shows no symbols: nothing can be proved of it")
    return problems + [f"the worker contains {name} of the full profile" for name in sorted(full & inside)]


FORBIDDEN = ("malloc", "calloc", "realloc", "free", "printf", "write", "syscall", "abort",
             "__assert_fail", "longjmp")


def control():
    """Plants a call to each forbidden function; every one must be found."""
    calls = "\n".join(f"void {name}(void); void vm_x_{name}(void) {{ {name}(); }}" for name in FORBIDDEN)
    harmless = "double sin(double); double vm_y(double x) { return sin(x); }"
    with tempfile.TemporaryDirectory() as folder:
        source = "#pragma GCC diagnostic ignored \"-Wbuiltin-declaration-mismatch\"\n" + calls + "\n" + harmless
        found = strangers([symbols.archive_of(COMPILER, folder, source)])
    if found != sorted(FORBIDDEN):
        return [f"planted {sorted(FORBIDDEN)}, found {found}"]
    return []


symbols.main_of(check, control)
