#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""run_policy_apart.py - tenants, quotas and the readers of files are not where they do not belong.

Neither the worker, nor the supervisor's library, nor ferrous-vm has or needs a symbol of
policy/tenants, policy/quota, libyaml or SQLite; redis-server's module has none of SQLite.

  run_policy_apart.py COMPILER LIBRARY_DIR BIN_DIR [--control]
"""
import os
import sys
import tempfile

import symbols

COMPILER, LIBRARIES, PROGRAMS = sys.argv[1:4]
POLICY = ("policy_tenants_", "policy_quota_", "policy_journal_", "yaml_", "sqlite3_")
PARTS = ((os.path.join(PROGRAMS, "ferrous-sandbox-worker"), POLICY), (os.path.join(PROGRAMS, "ferrous-vm"), POLICY),
         (os.path.join(LIBRARIES, "libferrous_sandbox.so"), POLICY),
         (os.path.join(LIBRARIES, "ferrous_sandbox.so"), ("sqlite3_", "ledger_")))


def foreign(names, prefixes):
    return sorted(name for name in names if name.startswith(prefixes))


def check():
    problems = []
    for path, prefixes in PARTS:
        if os.path.exists(path):
            names = symbols.symbols_of(path)
            if not names:
                problems.append(f"{path} has no symbols to look at")
            problems += [f"{os.path.basename(path)} has {name}" for name in foreign(names, prefixes)]
    return problems


def control():
    """Plants one defined and one needed symbol; both must be found."""
    source = "void yaml_needed(void); void policy_tenants_defined(void) { yaml_needed(); }"
    with tempfile.TemporaryDirectory() as folder:
        found = foreign(symbols.joined([symbols.archive_of(COMPILER, folder, source)]), POLICY)
    return [] if found == ["policy_tenants_defined", "yaml_needed"] else [f"planted two symbols, found {found}"]


symbols.main_of(check, control)
