#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""run_tests.py - builds every preset, runs its tests and the tree's own checks.

A stage that fails does not hide the later ones: all run, and the closing line
`N passed, N failed` counts every ctest test and every check.  The exit status
is 0 only when nothing failed.  A test that is skipped, or a preset in which no
test ran, counts as a failure: green means that everything was run.  What a
failing test said is printed again at the very end.

A test against live servers (LIVE) that fails beside others runs once more, by
itself: a machine that stood still for a second is no finding.  If it passes
then, the closing lines still name it, UNSTEADY, with what it said.

  run_tests.py [--nightly] [--preset NAME ...] [--label REGEX]
"""
import argparse
import glob
import os
import re
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

# Preset -> labels that are left out.  `nightly` tests run in test-all only;
# `release_only` marks what says nothing new under other flags.
EVERY_TIME = {
    "release": ["nightly"],
    "dev": ["nightly", "release_only"],
    "stress": ["nightly", "release_only"],
    "gcc": ["nightly", "release_only"],
}
# Folders that `make fuzz`, `make bench` and `make test-valkey` run; the last builds a server from its sources first.
ON_DEMAND = ("fuzz", "bench", "valkey")
FOLDERS = sorted(f for f in os.listdir(os.path.join(ROOT, "tests")) if os.path.isdir(os.path.join(ROOT, "tests", f)))
NIGHTLY = {
    "release": [],
    "dev": ["release_only"],
    "stress": ["release_only"],
    "gcc": ["release_only"],
    "aarch64": ["release_only"],
    # For what it costs and prints; traps that the checks set are not there.
    "unchecked": [f for f in FOLDERS if f != "lua"],
}

# Folders of tests that judge servers, replicas and clients by what they do within some seconds.
LIVE = {"apps", "module"}
LAST_WORDS = 20


class Totals:
    """What ran and what failed."""

    def __init__(self):
        self.passed = 0
        self.failed = 0
        self.failures = []
        self.unsteady = []

    def add(self, stage, passed, names):
        self.passed += passed
        self.failed += len(names)
        self.failures += [f"{stage}: {name}" for name in names]


def run_quietly(command, log):
    """Runs `command`, output into `log`; returns its exit status."""
    with open(log, "wb") as out:
        return subprocess.run(command, cwd=ROOT, stdout=out, stderr=subprocess.STDOUT,
                              check=False).returncode


def show(log, last=60):
    with open(log, errors="replace") as text:
        sys.stdout.writelines(text.readlines()[-last:])
    sys.stdout.flush()


def check_stage(totals, name, command):
    """One command that must exit with 0, counted as one test."""
    started = time.monotonic()
    log = os.path.join(ROOT, "build", f"{name.replace(' ', '-')}.log")
    status = run_quietly(command, log)
    if status != 0:
        show(log)
    report(totals, name, started, int(status == 0), [] if status == 0 else [f"exit status {status}"])
    return status == 0


def report(totals, stage, started, passed, names):
    seconds = time.monotonic() - started
    totals.add(stage, passed, names)
    print(f"{stage:<24} {passed:5} passed {len(names):4} failed {seconds:7.1f} s", flush=True)


def last_words(case):
    """What a test said beside its `ok` lines, indented, LAST_WORDS lines at most."""
    lines = (case.findtext("system-out") or "").splitlines()
    return "".join(f"\n    {line}" for line in [line for line in lines if not line.startswith("ok ")][-LAST_WORDS:])


def read_junit(path):
    """Returns ([names of tests that passed], {name of one that did not: (its case, what to say of it)})."""
    passed, bad = [], {}
    for case in ElementTree.parse(path).getroot().iter("testcase"):
        if case.get("status") == "run":
            passed.append(case.get("name"))
        else:
            bad[case.get("name")] = (case, f"{case.get('name')} ({case.get('status')}){last_words(case)}")
    return passed, bad


def silent_folders(names):
    """Folders of tests/ that have tests of which none is among `names`."""
    heard = {name.split(".")[0].split(" ")[0] for name in names}
    for folder in sorted(os.listdir(os.path.join(ROOT, "tests"))):
        has_tests = glob.glob(os.path.join(ROOT, "tests", folder, "test_*.c")) + glob.glob(
            os.path.join(ROOT, "tests", folder, "run_*"))
        if has_tests and folder not in heard and folder not in ON_DEMAND:
            yield f"tests/{folder}: nothing of it was run"


def run_again(totals, preset, cases):
    """Runs the live tests among `cases` by themselves; returns the names of those that pass now."""
    steady = []
    for name, (case, words) in cases.items():
        log = os.path.join(ROOT, "build", f"{preset}-{name}-again.log")
        alone = ["ctest", "--preset", preset, "-R", f"^{re.escape(name)}$"]
        if case.get("status") == "fail" and name.split(".")[0] in LIVE and run_quietly(alone, log) == 0:
            steady.append(name)
            totals.unsteady.append(f"{preset} tests: {words}")
    return steady


def ctest_stage(totals, preset, excluded, label):
    started = time.monotonic()
    stage = f"{preset} tests"
    junit = os.path.join(ROOT, "build", preset, "junit.xml")
    log = os.path.join(ROOT, "build", f"{preset}-tests.log")
    if os.path.exists(junit):
        os.unlink(junit)
    command = ["ctest", "--preset", preset, "--output-junit", junit]
    command += ["-j", str(os.cpu_count() or 1)]
    if excluded:
        command += ["-LE", "^(" + "|".join(excluded) + ")$"]
    if label:
        command += ["-L", label]
    status = run_quietly(command, log)
    passed, cases = read_junit(junit) if os.path.exists(junit) else ([], {})
    steady = run_again(totals, preset, cases)
    passed += steady
    bad = [words for name, (_, words) in cases.items() if name not in steady]
    if preset == "release" and not label:
        bad += silent_folders(passed + list(cases))
    if status != 0 and not bad and not steady:
        bad = [f"ctest exit status {status}"]
    elif not passed and not bad:
        bad = ["no test ran"]
    if bad:
        show(log, 200)
    report(totals, stage, started, len(passed), bad)


def run_presets(totals, presets, label):
    if "release" not in presets:  # what the others cost is compared with its programs
        check_stage(totals, "release build", ["tools/dev/build.sh", "release"])
    for preset, excluded in presets.items():
        built = check_stage(totals, f"{preset} build", ["tools/dev/build.sh", preset])
        if not built:
            continue
        if preset == "release":
            check_stage(totals, "names", [sys.executable, "tools/dev/check_names.py",
                                          "--build", "build/release"])
        ctest_stage(totals, preset, excluded, label)


def parse_arguments():
    parser = argparse.ArgumentParser(description="Builds all presets and runs everything.")
    parser.add_argument("--nightly", action="store_true", help="also what is marked nightly")
    parser.add_argument("--preset", action="append", help="only this preset (may be repeated)")
    parser.add_argument("--label", help="only tests whose label matches")
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    os.makedirs(os.path.join(ROOT, "build"), exist_ok=True)
    presets = NIGHTLY if arguments.nightly else EVERY_TIME
    if arguments.preset:
        unknown = [name for name in arguments.preset if name not in presets]
        if unknown:
            sys.exit(f"run_tests.py: unknown preset {unknown[0]}; there are: {', '.join(presets)}")
        presets = {name: presets[name] for name in arguments.preset}
    totals = Totals()
    started = time.monotonic()
    check_stage(totals, "layers", [sys.executable, "tools/dev/check_layers.py"])
    run_presets(totals, presets, arguments.label)
    if arguments.nightly:
        check_stage(totals, "fuzz", ["tools/dev/fuzz.sh"])
    for unsteady in totals.unsteady:
        print(f"UNSTEADY {unsteady}")
    for failure in totals.failures:
        print(f"FAILED {failure}")
    print(f"total {time.monotonic() - started:.0f} s")
    print(f"{totals.passed} passed, {totals.failed} failed")
    return 0 if totals.failed == 0 and totals.passed > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
