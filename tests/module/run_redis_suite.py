#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""run_redis_suite - Redis's own tests, against redis-server with the module loaded.

The tests come with `apt-get source redis` (below build/, once); the programs are the
installed ones.  Every test must pass, except those of suite_exceptions.txt, which must
fail: a line is a test's name, " | ", and the reason.  A test that does not run at all
counts as failed, so the names are compared with those of a run without the module.
"""
import argparse
import collections
import glob
import os
import re
import shutil
import subprocess
import sys

from server import BUILD, MODULE

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
SOURCES = os.path.join(ROOT, "build", "redis-source")
UNITS = ["unit/scripting", "unit/functions", "unit/acl", "unit/multi", "unit/expire", "unit/introspection", "unit/type/hash",
         "unit/type/incr", "unit/type/set", "unit/type/string"]
# In the nightly run, as they take most of a minute on each server.
TYPES = ["unit/type/" + name for name in ("list", "zset", "stream")]
# Of one run: minutes on a machine of its own, many more beside others.
SECONDS = "3000"
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
PASSED = re.compile(r"^\[ok\]: (.*) \(\d+ ms\)$")
FAILED = re.compile(r"^\[err\]: (.*) in tests/")


def source_options():
    """apt's own source lists, and a list of ours when those have no deb-src lines."""
    folder = os.path.join(SOURCES, "apt")
    os.makedirs(os.path.join(folder, "lists", "partial"), exist_ok=True)
    listing = os.path.join(folder, "sources.list")
    release = dict(line.strip().split("=", 1) for line in open("/etc/os-release") if "=" in line)
    suite = release.get("VERSION_CODENAME", "bookworm")
    with open(listing, "w") as out:
        out.write("deb-src http://deb.debian.org/debian %s main\n" % suite)
        out.write("deb-src http://deb.debian.org/debian-security %s-security main\n" % suite)
    return ["-o", "Dir::Etc::sourcelist=" + listing, "-o", "Dir::Etc::sourceparts=-",
            "-o", "Dir::State::lists=" + os.path.join(folder, "lists"), "-o", "APT::Sandbox::User="]


def version_of_server():
    text = subprocess.run(["redis-server", "--version"], capture_output=True, text=True, check=True).stdout
    return re.search(r"v=([0-9.]+)", text).group(1)


def fetch():
    """The folder with Redis's sources."""
    found = glob.glob(os.path.join(SOURCES, "redis-" + version_of_server()))
    if not found:
        options = source_options()
        subprocess.run(["apt-get", "-qq"] + options + ["update"], cwd=SOURCES, check=True)
        subprocess.run(["apt-get", "-qq"] + options + ["source", "redis"], cwd=SOURCES, check=True)
        found = glob.glob(os.path.join(SOURCES, "redis-[0-9]*[0-9]"))
    if not found:
        sys.exit("run_redis_suite: apt-get source redis left no folder")
    for name in ("server", "cli", "benchmark", "check-aof", "check-rdb", "sentinel"):
        link = os.path.join(found[0], "src", "redis-" + name)
        if not os.path.islink(link):
            os.symlink(shutil.which("redis-" + name) or "/usr/bin/redis-" + name, link)
    relax(found[0])
    return found[0]


# What in the suite knows nothing of modules: file, text, what to put there, why.
RELAXED = [
    ("unit/scripting.tcl", 'start_server {tags {"scripting external:skip"}} {\n    r script debug sync\n',
     'start_server {tags {"scripting external:skip"}} {\n    catch {r script debug sync}\n',
     "SCRIPT DEBUG is called outside of any test: its error would end the whole unit"),
    ("unit/scripting.tcl", "    catch {r script debug sync}\n    r eval {return 'hello'} 0\n",
     "    catch {r script debug sync}\n    catch {r eval {return 'hello'} 0}\n",
     "and so would that of the EVAL behind it, which is refused too"),
    ("support/util.tcl", '"|pgrep -P $pid"', '"|pgrep -P $pid redis"',
     "the child that saves is taken to be the only one: what was killed was the module's, and the test waited for ever")]


def relax(folder):
    for name, text, other, _ in RELAXED:
        path = os.path.join(folder, "tests", *name.split("/"))
        with open(path, encoding="utf-8") as file:
            content = file.read()
        if text in content:
            with open(path, "w", encoding="utf-8") as file:
                file.write(content.replace(text, other))
        elif other not in content:
            sys.exit("run_redis_suite: %s has not what is to be relaxed" % name)


def run_suite(folder, units, port, with_module, log, tool="./runtest"):
    command = [tool, "--baseport", str(port), "--clients", "1", "--durable"]
    if with_module:
        # A machine under load must not make scripts meet the limit of time.
        command += ["--config", "loadmodule", MODULE, "--config", "sandbox.limit-hold", "60000000000",
                    "--config", "sandbox.limit-wall", "60000000000"]
    for unit in units:
        command += ["--single", unit]
    with open(log, "wb") as out:
        subprocess.run(["timeout", "-k", "5", SECONDS] + command, cwd=folder, stdout=out, stderr=subprocess.STDOUT,
                       stdin=subprocess.DEVNULL, check=False)
    with open(log, errors="replace") as text:
        lines = [COLOUR.sub("", line.rstrip("\n")) for line in text]
    passed = collections.Counter(m.group(1) for m in map(PASSED.match, lines) if m)
    failed = collections.Counter(m.group(1) for m in map(FAILED.match, lines) if m)
    return passed, failed


def read_exceptions(path=os.path.join(HERE, "suite_exceptions.txt")):
    found = {}
    with open(path, encoding="utf-8") as file:
        for line in file:
            if line.strip() and not line.startswith("#"):
                name, reason = line.rstrip("\n").rsplit(" | ", 1)
                found[name] = reason
    return found


def judge(stock, ours, exceptions):
    """Yields what is wrong."""
    wanted = stock[0]
    for name in sorted(wanted):
        missing = wanted[name] - ours[0][name]
        if missing > 0 and name not in exceptions:
            yield "%s: %s" % ("failed" if ours[1][name] else "did not run", name)
        elif missing <= 0 and name in exceptions:
            yield "passes although listed: " + name
    for name in sorted(set(exceptions) - set(wanted)):
        yield "listed but unknown: " + name


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--unit", action="append", help="instead of the usual ones")
    parser.add_argument("--types", action="store_true", help="the units about data types instead")
    parser.add_argument("--port", type=int, default=24100)
    parser.add_argument("--show", action="store_true", help="list what fails, judge nothing")
    options = parser.parse_args()
    units = options.unit or (TYPES if options.types else UNITS)
    folder = fetch()
    logs = [os.path.join(BUILD, "redis_suite_%s.log" % name) for name in ("stock", "module")]
    stock = run_suite(folder, units, options.port, False, logs[0])
    ours = run_suite(folder, units, options.port + 1000, True, logs[1])
    total, passed = sum(stock[0].values()), sum((stock[0] & ours[0]).values())
    print("%s: stock %d passed, %d failed; with the module %d of them pass"
          % (" ".join(units), total, sum(stock[1].values()), passed))
    if options.show:
        for name, count in sorted((stock[0] - ours[0]).items()):
            print("  %d x %s%s" % (count, name, "" if ours[1][name] else " (did not run)"))
        return 0
    exceptions = read_exceptions()
    if units is not UNITS:
        exceptions = {name: reason for name, reason in exceptions.items() if name in stock[0]}
    problems = list(judge(stock, ours, exceptions))
    for problem in problems:
        print(problem)
    print("%d exceptions; logs: %s" % (len(exceptions), " ".join(logs)))
    return 1 if problems or total < 100 else 0


if __name__ == "__main__":
    sys.exit(main())
