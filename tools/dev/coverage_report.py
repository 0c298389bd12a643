#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""coverage_report - what the tests executed, from llvm-cov's data.

Prints line coverage of each file and folder, and the raise sites of vm/: every call
of a function that raises an error (declared noreturn, or named raise_*, refuse_*)
must have been executed by some test. Fails when a folder is below its row of
coverage_thresholds.txt or a raise site that is not listed there was not executed.

  coverage_report.py export.json [--missing PREFIX]   PREFIX: also lists the lines of
                                                      these files that did not run
"""
import argparse
import bisect
import json
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
NORETURN = re.compile(r"__attribute__\(\(noreturn[^)]*\)\)\s*(?:static )?void (\w+)\(|"
                      r"static __attribute__\(\([^)]*noreturn[^)]*\)\)\s*void (\w+)\(")
RAISING = re.compile(r"\b((?:vm_\w+_|vm_)?(?:raise|refuse)(?:_\w+)?)\(")
COMMENT_OR_TEXT = re.compile(r'/\*.*?\*/|"(?:[^"\\\n]|\\.)*"', re.S)


class File:
    """One source file's segments: (line, column, count, has count, ...)."""

    def __init__(self, entry):
        self.name = os.path.relpath(entry["filename"], ROOT)
        self.lines, self.covered = (entry["summary"]["lines"][key] for key in ("count", "covered"))
        self.segments = entry["segments"]
        self.starts = [(s[0], s[1]) for s in self.segments]

    def count_at(self, line, column):
        """How often the code at a place ran; None where there is no code."""
        i = bisect.bisect_right(self.starts, (line, column)) - 1
        return self.segments[i][2] if i >= 0 and self.segments[i][3] else None

    def lines_not_run(self):
        """Numbers of lines whose every region has the count 0."""
        found, current, by_line = [], None, {}
        for segment in self.segments:
            by_line.setdefault(segment[0], []).append(segment)
        for line in range(1, self.segments[-1][0] + 1 if self.segments else 1):
            here = by_line.get(line, [])
            counts = [s[2] for s in here if s[3] and s[4] and not s[5]]
            wrapped = current[2] if current and current[3] and not current[5] else None
            if current is not None and current[3]:
                counts.append(current[2])
            if counts and max(counts) == 0 and (wrapped is not None or any(s[4] for s in here)):
                found.append(line)
            current = here[-1] if here else current
        return found


def source_of(name):
    """A file's text with comments and strings blanked, places kept."""
    with open(os.path.join(ROOT, name), encoding="utf-8") as file:
        return COMMENT_OR_TEXT.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), file.read())


def raise_sites(files):
    """[(File, line, column, function called)] of vm/."""
    sources = {f: source_of(f.name) for f in files if f.name.startswith("vm/")}
    raising = {name for text in sources.values() for pair in NORETURN.findall(text) for name in pair if name}
    raising |= {name for text in sources.values() for name in RAISING.findall(text)}
    # Headers that hold no code are not in the data.
    for folder, _, names in os.walk(os.path.join(ROOT, "vm")):
        for name in names:
            if name.endswith(".h"):
                text = source_of(os.path.relpath(os.path.join(folder, name), ROOT))
                raising |= {name for pair in NORETURN.findall(text) for name in pair if name}
    call = re.compile(r"\b(%s)\(" % "|".join(sorted(raising)))
    sites = []
    for file, text in sources.items():
        for number, line in enumerate(text.split("\n"), 1):
            if re.match(r"(static |void |const |int |bool |__attribute__)", line):
                continue  # a definition or declaration
            sites += [(file, number, m.start() + 1, m.group(1)) for m in call.finditer(line)]
    return sites


def read_thresholds(path):
    """({folder: percent}, {site: reason})"""
    folders, sites = {}, {}
    with open(path, encoding="utf-8") as file:
        for line in filter(None, (text.split("#")[0].strip() for text in file)):
            kind, name, rest = line.split(None, 2)
            if kind == "lines":
                folders[name] = float(rest)
            else:
                sites[name] = rest
    return folders, sites


def print_lines(files, thresholds):
    """Prints the table; returns the folders that are below their row."""
    for file in files:
        if file.lines:
            print("%-40s %5d of %5d lines %7.2f %%" % (file.name, file.covered, file.lines, 100 * file.covered / file.lines))
    low = []
    for folder, wanted in thresholds.items():
        inside = [f for f in files if f.name.startswith(folder)]
        lines, covered = sum(f.lines for f in inside), sum(f.covered for f in inside)
        percent = 100 * covered / lines if lines else 0
        print("total %-34s %5d of %5d lines %7.2f %% (at least %g)" % (folder, covered, lines, percent, wanted))
        if percent < wanted:
            low.append(folder)
    return low


def text_of(file, line):
    with open(os.path.join(ROOT, file.name), encoding="utf-8") as source:
        return source.read().split("\n")[line - 1].strip()


def print_raises(files, excused):
    """Prints the raise sites that no test executed; returns how many are unexcused."""
    sites = raise_sites(files)
    missing, used = [], set()
    for file, line, column, _ in sites:
        if file.count_at(line, column) in (0, None):
            text = text_of(file, line)
            reason = [name for name, why in excused.items() if name.split(":")[0] == file.name and why in text]
            used.update(reason)
            if not reason:
                missing.append((file.name, line, text))
    for place in missing:
        print("raise site not executed: %s:%d  %s" % place)
    for name in set(excused) - used:
        print("excused, but executed or gone: %s" % name)
    print("raise sites: %d of %d executed, %d excused, %d missing" % (
        len(sites) - len(missing) - len(used), len(sites), len(used), len(missing)))
    return len(missing) + len(set(excused) - used)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("export")
    parser.add_argument("--missing", metavar="PREFIX")
    parser.add_argument("--thresholds", default=os.path.join(HERE, "coverage_thresholds.txt"))
    options = parser.parse_args()
    with open(options.export, encoding="utf-8") as data:
        files = sorted((File(e) for e in json.load(data)["data"][0]["files"]), key=lambda f: f.name)
    folders, excused = read_thresholds(options.thresholds)
    low = print_lines(files, folders)
    for file in files:
        if options.missing is not None and file.name.startswith(options.missing):
            for line in file.lines_not_run():
                print("not run: %s:%d  %s" % (file.name, line, text_of(file, line)))
    unexecuted = print_raises(files, excused)
    for folder in low:
        print("below its threshold: %s" % folder)
    return 1 if low or unexecuted else 0


if __name__ == "__main__":
    sys.exit(main())
