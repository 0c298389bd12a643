#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""run_layers_control.py - check_layers.py finds what it is there to find.

Each case is a tree of a few files with one fault; the checker must name the
file, and must be content once the fault is gone.
"""
import os
import subprocess
import sys
import tempfile

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
CHECKER = os.path.join(ROOT, "tools", "dev", "check_layers.py")
GOOD = {
    "policy/codes.h": "",
    "ipc/frame.h": '#include "policy/codes.h"\n',
    "vm/vm.h": "",
    "vm/values/value.h": "",
    "vm/objects/table.h": '#include "vm/values/value.h"\n',
    "vm/run/gc.h": "",
    "vm/run/frame.h": "",
    "vm/run/gc.c": '#include "vm/objects/table.h"\n#include "vm/run/frame.h"\n',
    "sandbox/ferrous_sandbox.h": "",
    "sandbox/supervisor/pool.c": '#include "sandbox/ferrous_sandbox.h"\n#include "ipc/frame.h"\n',
    "sandbox/worker/main.c": '#include "vm/vm.h"\n#include "ipc/frame.h"\n',
    "tools/ctl/main.c": '#include "sandbox/ferrous_sandbox.h"\n',
}
FAULTS = {
    "the supervisor includes the machine": ("sandbox/supervisor/pool.c", '#include "vm/vm.h"\n'),
    "the worker reaches behind the door": ("sandbox/worker/main.c", '#include "vm/objects/table.h"\n'),
    "the wire includes the machine": ("ipc/frame.h", '#include "vm/vm.h"\n'),
    "the machine includes the wire": ("vm/objects/table.h", '#include "ipc/frame.h"\n'),
    "policy includes the wire": ("policy/codes.h", '#include "ipc/frame.h"\n'),
    "the tool reaches behind the door": ("tools/ctl/main.c", '#include "sandbox/worker/main.h"\n'),
    "a lower folder includes a higher one": ("vm/values/value.h", '#include "vm/objects/table.h"\n'),
    "memory calls up": ("vm/memory/heap.c", '#include "vm/run/gc.h"\n'),
    "a file outside the knot joins a circle": ("vm/run/frame.c", '#include "vm/run/gc.h"\n'),
    "an include is not root-relative": ("ipc/frame.h", '#include "codes.h"\n'),
    "a header includes itself in a circle": ("policy/codes.h", '#include "policy/other.h"\n'),
}


def run_on(files):
    with tempfile.TemporaryDirectory() as root:
        for path, text in files.items():
            full = os.path.join(root, path)
            os.makedirs(os.path.dirname(full), exist_ok=True)
            with open(full, "w", encoding="utf-8") as out:
                out.write(text)
        return subprocess.run([sys.executable, CHECKER, "--root", root],
                              capture_output=True, text=True, check=False)


def main():
    problems = []
    good = run_on(GOOD)
    if good.returncode != 0:
        problems.append(f"a good tree was refused: {good.stdout}")
    for name, (path, line) in FAULTS.items():
        files = dict(GOOD)
        files[path] = files.get(path, "") + line
        if "circle" in name:
            files["policy/other.h"] = '#include "policy/codes.h"\n'
        done = run_on(files)
        if done.returncode != 1 or path not in done.stdout:
            problems.append(f"not found: {name} (exit {done.returncode})\n{done.stdout}{done.stderr}")
    print("\n".join(problems) or f"{len(FAULTS)} faults found")
    return 1 if problems else 0


sys.exit(main())
