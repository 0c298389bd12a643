#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""check_layers.py - includes only go down, and headers never in a circle.

    tools > sandbox/supervisor | sandbox/worker > ipc | vm > policy > proto

LAYERS says for each folder what it may include besides itself; VM_ORDER does
the same for the folders inside vm/.  A rule that does not hold, an include
that is not root-relative or names no file, and a cycle of headers are printed
as file:line, and the exit status is 1.

  check_layers.py [--root DIR] [--graph]     --graph prints the folder graph
"""
import argparse
import collections
import os
import re
import sys

FOLDERS = ("proto", "policy", "ledger", "ipc", "vm", "sandbox", "tools")
GENERATED = re.compile(r"^(build_info\.h|proto/[a-z_]+\.pb-c\.h)$")
INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"')

# Folder -> patterns it may include besides its own files.  A whole layer below
# is open; of the VM and of the supervisor only the door is.
VM_DOOR = r"vm/[a-z_]+\.(h|def)"
SUPERVISOR_DOOR = r"sandbox/(ferrous_sandbox\.h|[a-z_]+\.def)"
# What the supervisor and the zygote say to each other, known to both.
SANDBOX_SHARED = r"sandbox/[a-z_]+\.(h|def)"
FACTS = r"(policy/[a-z_]+\.(h|def)|proto/[a-z_]+\.def)"
# Tenants, quotas and journals: for what is never confined.
POLICY_PARTS = r"policy/[a-z]+/.*"
LEDGER_DOOR = r"ledger/[a-z_]+\.h"
LAYERS = {
    "proto": [],
    "policy": [r"proto/[a-z_]+\.def"],
    "policy/tenants": [r"policy/[a-z_]+\.(h|def)", r"policy/quota/.*", r"sandbox/seal_steps\.def"],
    "policy/journal": [r"policy/[a-z_]+\.(h|def)"],
    "ipc": [FACTS],
    "vm": [FACTS],
    "sandbox": [FACTS],
    "sandbox/supervisor": [FACTS, r"ipc/.*", SANDBOX_SHARED],
    "sandbox/worker": [FACTS, r"ipc/.*", VM_DOOR, SANDBOX_SHARED],
    "ledger": [FACTS, POLICY_PARTS],
    "tools/ledger": [FACTS, POLICY_PARTS, LEDGER_DOOR],
    "tools/ctl": [FACTS, POLICY_PARTS, LEDGER_DOOR, SUPERVISOR_DOOR, r"ipc/resp\.h", r"vm/opcodes\.def"],
    "tools/module": [FACTS, SUPERVISOR_DOOR, r"ipc/resp\.h", POLICY_PARTS],
    "tools/vm": [FACTS, VM_DOOR, r"vm/inspect/.*", r"vm/full/arguments\.h", r"vm/compile/compile\.h"],
    "tools/dev": [FACTS, r"ipc/.*", r"vm/.*"],
}
# The trusted side never sees protobuf-c or a Lua parser; build facts are open to all but vm.
BUILD_INFO_USERS = ("sandbox", "tools")

# Inside vm/: a folder may include itself and what stands to its left.  Tables
# of facts (*.def) and vm/config.h are below everything.
DOOR = "vm/vm.h"
# Declared above, implemented in run/: the door, and what natives may use.
KEPT_BY_RUN = (DOOR, "vm/lib/native.h")
VM_ORDER = ("values", "memory", "objects", "compile", "run", "door", "lib", "full", "inspect")
# The knot: the only files of vm/run/ that may use each other in a circle (vm/README.md).
VM_KNOT = {"gc", "call", "direct", "exec", "slow", "meta", "error", "debug", "coroutine", "stack", "hook"}


def read_includes(root):
    """Returns {file: [(line number, included name), ...]} for every source file."""
    includes = {}
    for top in FOLDERS:
        for folder, _, names in os.walk(os.path.join(root, top)):
            for name in sorted(names):
                if name.endswith((".c", ".h", ".inc", ".def")):
                    path = os.path.relpath(os.path.join(folder, name), root)
                    includes[path] = list(scan_file(os.path.join(root, path)))
    return includes


def scan_file(path):
    with open(path, errors="replace") as text:
        for number, line in enumerate(text, 1):
            match = INCLUDE.match(line)
            if match:
                yield number, match.group(1)


def layer_of(path):
    """The longest folder of LAYERS that `path` lies in."""
    folder = os.path.dirname(path)
    while folder and folder not in LAYERS:
        folder = os.path.dirname(folder)
    return folder


def vm_rank(path):
    """Position of a vm/ file in VM_ORDER; -1 for what is below everything."""
    parts = path.split("/")
    if path.endswith(".def") or path == "vm/config.h":
        return -1
    if len(parts) == 2 and path.endswith(".c"):
        return len(VM_ORDER)  # behind the door everything is put together
    return VM_ORDER.index(parts[1] if len(parts) > 2 else "door")


def judge(path, target, root):
    """Returns what is wrong with `path` including `target`, or None."""
    if GENERATED.match(target):
        if target == "build_info.h" and path.startswith(BUILD_INFO_USERS):
            return None
        return f"{target} is not for this layer"
    if not os.path.isfile(os.path.join(root, target)):
        return f'"{target}" is not a file below the root (includes are root-relative)'
    layer, target_layer = layer_of(path), layer_of(target)
    if not layer:
        return f"folder {os.path.dirname(path)} has no row in LAYERS"
    if layer == "vm" and target_layer == "vm":
        return judge_inside_vm(path, target)
    if layer == target_layer:
        return None
    if any(re.fullmatch(pattern, target) for pattern in LAYERS[layer]):
        return None
    return f"{layer} must not include {target}"


def judge_inside_vm(path, target):
    rank, target_rank = vm_rank(path), vm_rank(target)
    if target in KEPT_BY_RUN:
        target_rank = VM_ORDER.index("run")
    if path == DOOR:
        rank = -1  # whoever includes it must not get the inside with it
    if target_rank <= rank:
        return None
    return f"vm/{VM_ORDER[rank] if rank >= 0 else 'facts'} must not include {target}: it is higher"


def find_cycle(graph):
    """Returns one cycle of `graph` as a list of nodes, or None.  No recursion:
    the path of the walk is an explicit stack."""
    done = set()
    for start in sorted(graph):
        stack, on_path = [(start, iter(graph[start]))], {start}
        while stack:
            node, edges = stack[-1]
            step = next((edge for edge in edges if edge not in done), None)
            if step is None:
                stack.pop()
                on_path.discard(node)
                done.add(node)
            elif step in on_path:
                path = [entry[0] for entry in stack]
                return path[path.index(step):] + [step]
            else:
                stack.append((step, iter(graph.get(step, ()))))
                on_path.add(step)
    return None


def find_knotted(includes, folder):
    """Modules of `folder` (a .c and its .h are one) that reach themselves by includes."""
    uses = collections.defaultdict(set)
    for path, lines in includes.items():
        module = path.rsplit(".", 1)[0]
        uses[module] |= {target.rsplit(".", 1)[0] for _, target in lines
                         if target.startswith(folder) and target.endswith(".h")} - {module}
    for module in sorted(name for name in uses if name.startswith(folder)):
        reached, todo = set(), list(uses[module])
        while todo:
            step = todo.pop()
            if step not in reached:
                reached.add(step)
                todo += uses.get(step, ())
        if module in reached:
            yield module


def check(root):
    includes = read_includes(root)
    problems = []
    headers = collections.defaultdict(list)
    for path, lines in includes.items():
        for number, target in lines:
            problem = judge(path, target, root)
            if problem:
                problems.append(f"{path}:{number}: {problem}")
            if path.endswith(".h") and target.endswith(".h"):
                headers[path].append(target)
    cycle = find_cycle(dict(headers))
    if cycle:
        problems.append("headers include each other: " + " -> ".join(cycle))
    for module in find_knotted(includes, "vm/run/"):
        if os.path.basename(module).split("_")[0] not in VM_KNOT:
            problems.append(f"{module}.c: uses a file that uses it, and is not of the named knot")
    return includes, problems


def print_graph(includes):
    edges = collections.Counter()
    for path, lines in includes.items():
        for _, target in lines:
            pair = (os.path.dirname(path), os.path.dirname(target) or ".")
            if pair[0] != pair[1]:
                edges[pair] += 1
    for (source, target), count in sorted(edges.items()):
        print(f"{source:20} -> {target:20} {count}")


def main():
    parser = argparse.ArgumentParser(description="Checks the direction of includes.")
    parser.add_argument("--root", default=os.path.join(os.path.dirname(__file__), "..", ".."))
    parser.add_argument("--graph", action="store_true", help="print which folder includes which")
    arguments = parser.parse_args()
    root = os.path.abspath(arguments.root)
    includes, problems = check(root)
    if not includes:
        sys.exit(f"check_layers.py: no sources below {root}")
    if arguments.graph:
        print_graph(includes)
    for problem in problems:
        print(problem)
    print(f"layers: {len(includes)} files, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
