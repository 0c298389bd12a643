#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""check_names.py - the name is the address, and nothing grows too long.

Names are read from the object files of a build, so macros cannot hide any:
  * an exported symbol of <folder>/<stem>.c is <folder>_<stem>_..., where a stem
    counts up to its first `_` and a plural may lose its s (codes.c: policy_code_text);
    the stem may also be that of the header which declares it (call.h, stack.c: vm_call_...);
    everything in vm/ starts with vm_, whichever folder inside it is in
    what lies in a folder inside policy/ starts with policy_<folder>_
  * door functions are declared in the door: vm_... in vm/vm.h, fsb_... in
    sandbox/ferrous_sandbox.h
  * no object file has writable data, except the tools' option structs
    and the list that fork handlers walk
Sizes are read from the sources by ctags: functions up to 60 lines, files up to
700, the interpreter's handlers (vm/run/exec*.c) exempt from the former.

  check_names.py --build DIR [--report]     --report adds the distribution of sizes
"""
import argparse
import glob
import os
import re
import subprocess
import sys

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
FUNCTION_LINES = 60
FILE_LINES = 700
SOURCES = ("policy", "ledger", "ipc", "vm", "sandbox", "tools")
LONG_FUNCTIONS = re.compile(r"^vm/run/exec[a-z_]*\.(c|h|inc)$")
DOORS = {"vm_": "vm/vm.h", "fsb_": "sandbox/ferrous_sandbox.h"}
TARGETS = ("ferrous_policy", "ferrous_quota", "ferrous_tenants", "ferrous_journal", "ferrous_ledger", "ferrous-sandbox-ledger",
           "ferrous_ipc", "ferrous_vm", "ferrous_vm_full", "ferrous_worker", "ferrous_sandbox",
           "ferrous-sandboxctl", "ferrous-vm", "ferrous-sandbox-worker", "ferrous-module")

# Symbols whose name is fixed by somebody else.
FIXED = {
    "main": "the C language",
    "RedisModule_OnLoad": "looked up by redis-server",
    "RedisModule_OnUnload": "looked up by redis-server",
    "__stack_chk_fail": "called by compiled code; ours neither prints nor aborts",
    "__stack_chk_guard": "read by compiled code",
    "__chk_fail": "FORTIFY's ending; the C library's would use stdio",
    "__fortify_fail": "the same, with a text",
    "__assert_fail": "assert's ending; the C library's would use stdio",
}
# Folders in which a program may keep its options in one struct.
# Handlers of pthread_atfork(3) get no argument: fork_guard.c has the library's one global list.
MAY_HAVE_DATA = ("tools/", "sandbox/supervisor/fork_guard.c")


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"check_names.py: {' '.join(command[:2])}: {done.stderr.strip()}")
    return done.stdout


def object_files(build):
    """Yields (source path below the root, object file)."""
    for target in TARGETS:
        top = os.path.join(build, "CMakeFiles", target + ".dir")
        for path in sorted(glob.glob(os.path.join(top, "**", "*.c.o"), recursive=True)):
            source = os.path.relpath(path, top)[:-2]
            if os.path.exists(os.path.join(ROOT, source)):
                yield source, path


def symbols_of(path):
    """Yields (name, is global, section) for what an object file defines."""
    for line in run("objdump", "-t", path).splitlines():
        match = re.match(r"^[0-9a-f]+ (.{7}) (\S+)\s+[0-9a-f]+ (?:\.hidden |\.internal |\.protected )?(\S+)$", line)
        if match and match.group(2) not in ("*UND*", "*ABS*"):
            flags = match.group(1)
            if flags[6] in "FO":
                yield match.group(3), flags[0] in "gu", match.group(2)


def stem_forms(source):
    stem = os.path.basename(source)[:-2].split("_")[0]
    forms = {stem, stem + "s"}
    if stem.endswith("s"):
        forms.add(stem[:-1])
    if stem.endswith("ies"):
        forms.add(stem[:-3] + "y")
    return forms


def prefixes_of(source):
    parts = source.split("/")
    if parts[0] == "policy" and len(parts) == 3:
        return [f"policy_{parts[1]}"]
    folder = "vm" if parts[0] == "vm" else parts[-2]
    return [f"{folder}_{form}" for form in stem_forms(source)]


def read_doors():
    doors = {}
    for prefix, path in DOORS.items():
        full = os.path.join(ROOT, path)
        text = open(full, encoding="utf-8").read() if os.path.exists(full) else ""
        doors[prefix] = set(re.findall(r"\b(" + prefix + r"[a-z0-9_]+)\s*\(", text))
    return doors


def read_declarations():
    """Returns {function: header that declares it} for the headers of ours."""
    declared = {}
    for path in source_files():
        if path.endswith(".h") and not path.startswith("tests/"):
            with open(os.path.join(ROOT, path), errors="replace") as text:
                for name in re.findall(r"\b([a-z][a-z0-9_]+)\s*[\[(]", text.read()):
                    declared.setdefault(name, set()).add(path)
    return declared


def name_problem(source, name, doors, declared):
    if name in FIXED or any(name in names for names in doors.values()):
        return None
    folder = os.path.dirname(source).split("/")[0]
    headers = [path for path in declared.get(name, ()) if path.startswith(folder + "/")]
    prefixes = {prefix for path in [source] + headers for prefix in prefixes_of(path)}
    if any(name == prefix or name.startswith(prefix + "_") for prefix in prefixes):
        return None
    return f"{source}: {name} should start with {' or '.join(sorted(p + '_' for p in prefixes))}"


def check_symbols(build, problems):
    doors = read_doors()
    declared = read_declarations()
    count = 0
    for source, path in object_files(build):
        for name, exported, section in symbols_of(path):
            if exported:
                count += 1
                problem = name_problem(source, name, doors, declared)
                if problem:
                    problems.append(problem)
            mutable = re.match(r"^(\.data|\.bss)(\.(?!rel\.ro)|$)", section) or section == "*COM*"
            if mutable and not source.startswith(MAY_HAVE_DATA):
                problems.append(f"{source}: {name} is writable data in {section}")
    return count


def source_files():
    for top in SOURCES + ("tests",):
        for folder, _, names in os.walk(os.path.join(ROOT, top)):
            for name in sorted(names):
                if name.endswith((".c", ".h", ".inc")):
                    yield os.path.relpath(os.path.join(folder, name), ROOT)


def function_sizes(files):
    """Yields (file, function, lines)."""
    if not files:
        return
    out = subprocess.run(
        ["ctags", "-x", "--_xformat=%{input}\t%{name}\t%{line}\t%{end}", "--kinds-C=f",
         "--language-force=C", "--fields=+ne", "-L", "-"],
        input="\n".join(files), capture_output=True, text=True, cwd=ROOT, check=True).stdout
    for line in out.splitlines():
        fields = line.split("\t")
        if len(fields) == 4 and fields[3].isdigit():
            yield fields[0], fields[1], int(fields[3]) - int(fields[2]) + 1


def check_sizes(problems):
    files = list(source_files())
    sizes = []
    for path in files:
        with open(os.path.join(ROOT, path), errors="replace") as text:
            lines = sum(1 for _ in text)
        sizes.append(lines)
        if lines > FILE_LINES:
            problems.append(f"{path}: {lines} lines; split it ({FILE_LINES} at most)")
    functions = []
    for path, name, lines in function_sizes(files):
        functions.append(lines)
        if lines > FUNCTION_LINES and not LONG_FUNCTIONS.match(path):
            problems.append(f"{path}: {name} has {lines} lines; split it ({FUNCTION_LINES} at most)")
    return sizes, functions


def print_distribution(what, values):
    if values:
        values = sorted(values)
        at = lambda share: values[min(len(values) - 1, int(share * len(values)))]
        print(f"{what}: {len(values)}, median {at(.5)}, p90 {at(.9)}, p95 {at(.95)}, "
              f"longest {values[-1]} lines")


def main():
    parser = argparse.ArgumentParser(description="Checks exported names and sizes.")
    parser.add_argument("--build", required=True, help="a release build directory")
    parser.add_argument("--report", action="store_true")
    arguments = parser.parse_args()
    problems = []
    symbols = check_symbols(arguments.build, problems)
    if symbols == 0:
        sys.exit(f"check_names.py: no object files of ours in {arguments.build}: build it first")
    sizes, functions = check_sizes(problems)
    if arguments.report:
        print_distribution("files", sizes)
        print_distribution("functions", functions)
    for problem in problems:
        print(problem)
    print(f"names: {symbols} exported symbols, {len(functions)} functions, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
