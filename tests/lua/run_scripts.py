#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""run_scripts - the script tests below this folder, expectations beside the lines.

  print(1 + 1)            -- expect: 2
  local x = nil + 1       -- expect error: attempt to perform arithmetic

Each `expect` is one line of output, in order. `expect error` ends the script:
standard error must contain the text and the exit code must not be 0. A script
with the line `-- args: WORDS` gets these words as its arguments. A script
with the line `-- redis-only` shows behaviour that stock Lua 5.1 does not have
and is left out when lua5.1 is the oracle (--oracle lua5.1 checks the
expectations themselves). The folder says which part is accused.

limits/ is different: each script there trips one limit, through ferrous-sandboxctl:

  -- limit: instructions=100000
  -- expect code: LIMIT_INSTRUCTIONS
"""
import argparse
import concurrent.futures
import json
import os
import re
import shlex
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
BIN = os.path.join(ROOT, "build", "release", "bin")
EXPECT = re.compile(r"--+ expect:(?: (.*))?$")
EXPECT_ERROR = re.compile(r"--+ expect error: (.*)$")
EXIT_LIMIT = 3


class Script:
    """A script and what its comments promise."""

    def __init__(self, path):
        self.path = path
        self.name = os.path.relpath(path, HERE)
        self.lines, self.error, self.redis_only = [], None, False
        self.limits, self.code, self.message, self.args = [], None, None, []
        with open(path, encoding="latin-1") as file:
            for number, line in enumerate(file, 1):
                self.read_line(number, line.rstrip("\n"))

    def read_line(self, number, line):
        if match := EXPECT.search(line):
            self.lines.append((number, match.group(1) or ""))
        elif match := EXPECT_ERROR.search(line):
            self.error = (number, match.group(1))
        elif line == "-- redis-only":
            self.redis_only = True
        elif line.startswith("-- limit: "):
            self.limits.append(line[10:].strip())
        elif line.startswith("-- expect code: "):
            self.code = line[16:].strip()
        elif line.startswith("-- expect message: "):
            self.message = line[19:].strip()
        elif line.startswith("-- args: "):
            self.args = shlex.split(line[9:])

    def checks(self):
        return len(self.lines) + (self.error is not None) + (self.code is not None) + (self.message is not None)


def run(command, timeout):
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=timeout, cwd=HERE)
    except subprocess.TimeoutExpired:
        return None, "", "still running after %g s" % timeout
    return done.returncode, done.stdout.decode("latin-1"), done.stderr.decode("latin-1")


def check_output(script, tool, timeout):
    """What is wrong, as a list of texts; one entry per failed check."""
    code, out, err = run(tool + [script.name] + script.args, timeout)
    faults, got = [], out.split("\n")
    if got and got[-1] == "":
        got.pop()
    for (number, wanted), line in zip(script.lines, got):
        if line != wanted:
            faults.append("line %d: expected %r, printed %r" % (number, wanted, line))
    for number, wanted in script.lines[len(got):]:
        faults.append("line %d: expected %r, printed nothing" % (number, wanted))
    for line in got[len(script.lines):]:
        faults.append("printed more than expected: %r" % line)
    return faults + check_end(script, code, err)


def check_end(script, code, err):
    if script.error is None:
        return [] if code == 0 else ["ended with %r: %s" % (code, err.strip()[-400:])]
    number, text = script.error
    if code in (0, None):
        return ["line %d: expected the error %r, ended with %r" % (number, text, code)]
    return [] if text in err else ["line %d: expected the error %r, got %r" % (number, text, err.strip()[-400:])]


def check_limit(script, tool, timeout):
    """A script of limits/ through ferrous-sandboxctl run --json."""
    options = [word for limit in script.limits for word in ("--limit", limit)]
    tail = [","] + script.args if script.args else []
    code, out, err = run(tool + ["run", "--json"] + options + [script.name] + tail, timeout)
    try:
        answer = json.loads(out)
    except ValueError:
        return ["no JSON answer: exit %r, %r, %s" % (code, out[:200], err.strip()[-300:])]
    error = answer.get("error") or {}
    faults = []
    if str(error.get("code")).upper() != script.code:
        faults.append("expected code %s, got %r" % (script.code, error or answer.get("result")))
    if script.message and script.message not in error.get("message", ""):
        faults.append("expected message %r, got %r" % (script.message, error.get("message")))
    if code != EXIT_LIMIT:
        faults.append("expected exit code %d, got %r" % (EXIT_LIMIT, code))
    return faults


def find_scripts(options):
    found = []
    for base, folders, names in os.walk(HERE):
        folders[:] = sorted(f for f in folders if f not in ("differential", "__pycache__"))
        found += [os.path.join(base, n) for n in sorted(names) if n.endswith(".lua")]
    scripts = [Script(p) for p in found]
    return [s for s in scripts if not options.filter or any(f in s.name for f in options.filter)]


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--tool", default=os.path.join(BIN, "ferrous-vm") + " run", help="command line that runs a script")
    parser.add_argument("--ctl", default=os.path.join(BIN, "ferrous-sandboxctl"), help="ferrous-sandboxctl, for limits/")
    parser.add_argument("--oracle", help="check the expectations with this interpreter, for example lua5.1")
    parser.add_argument("--skip-limits", action="store_true", help="leave limits/ out (said in the summary)")
    parser.add_argument("--filter", action="append", help="only scripts whose path contains this; repeatable")
    parser.add_argument("--timeout", type=float, default=60)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("-v", "--verbose", action="store_true")
    return parser.parse_args()


def split_command(text):
    """Words of a command line; its program as an absolute path, for we run elsewhere."""
    words = shlex.split(text)
    return [os.path.abspath(words[0]) if os.sep in words[0] else words[0]] + words[1:]


def is_limit(script):
    return script.name.startswith("limits" + os.sep)


def choose(options, scripts):
    """Scripts to run, and how many are left out for a reason that is said."""
    if options.oracle:
        kept = [s for s in scripts if not s.redis_only and not is_limit(s)]
    elif options.skip_limits:
        kept = [s for s in scripts if not is_limit(s)]
    else:
        kept = scripts
    return kept, len(scripts) - len(kept)


def main():
    options = parse_options()
    scripts, left_out = choose(options, find_scripts(options))
    tool, ctl = split_command(options.oracle or options.tool), split_command(options.ctl)
    for needed in {tool[0]} | ({ctl[0]} if any(map(is_limit, scripts)) else set()):
        if not shutil.which(needed):
            sys.exit("run_scripts: no such tool: %s" % needed)
    if not scripts:
        sys.exit("run_scripts: no script matches")

    def one(script):
        if script.checks() == 0:
            return script, ["the script promises nothing"]
        if is_limit(script):
            return script, check_limit(script, ctl, options.timeout)
        return script, check_output(script, tool, options.timeout)

    failed = checks = 0
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for script, faults in pool.map(one, scripts):
            checks += script.checks()
            failed += bool(faults)
            if faults:
                print("FAIL %s\n  %s" % (script.name, "\n  ".join(faults)))
            elif options.verbose:
                print("ok   %s" % script.name)
    print("%d passed, %d failed (%d checks%s)" % (
        len(scripts) - failed, failed, checks, ", %d scripts left out" % left_out if left_out else ""))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
