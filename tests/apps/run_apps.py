#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""run_apps - unmodified applications, with a stock redis-server and with the module.

  run_apps.py APP [part of a scenario's name ...]

An APP is app_<name>.cjs here, or redlock: its own suite.  It runs twice, at the
same time, against two servers; what the scenarios saw must be equal, none may fail
on either, and the module must have run the scripts.  A scenario that fails on the stock
server too, as on a machine under load, is repeated, and the output says so.
"""
import json
import os
import subprocess
import sys

import packages

sys.path.insert(0, os.path.join(packages.HERE, "..", "module"))
from server import Server, free_port  # noqa: E402

PACKAGES = {
    "assorted": ["async-ratelimiter", "bottleneck", "rsmq", "@microfleet/ioredis-lock", "@sesamecare-oss/redlock", "node-resque", "ioredis"],
    "bee_queue": ["bee-queue", "redis"],
    "bull": ["bull"],
    "bullmq": ["bullmq", "ioredis"],
    "groupmq": ["groupmq", "ioredis"],
    "ioredis": ["ioredis"],
    "node_redis": ["redis-5"],
    "rate_limit_redis": ["rate-limit-redis", "express-rate-limit", "express", "ioredis"],
    "rate_limiter_flexible": ["rate-limiter-flexible", "ioredis", "redis"],
    "redis_semaphore": ["redis-semaphore", "ioredis"],
    "redlock": ["redlock", "mocha", "redis", "ioredis"],
}
SUITE_SIZE = {"redlock": 224}
SECONDS = 420
ATTEMPTS = 3


# --- Running ---

def environment(server, modules):
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("npm_", "NODE_"))}
    return dict(kept, APPS_PORT=str(server.port), NODE_PATH=modules, FORCE_COLOR="0")


def command_of(app, modules, words):
    if app != "redlock":
        return ["node", os.path.join(packages.HERE, "app_%s.cjs" % app)] + words
    return ["node", "--require", os.path.join(packages.HERE, "redirect.cjs"),
            os.path.join(modules, "mocha", "bin", "_mocha"), "--exit", "--reporter", "json",
            os.path.join(modules, "redlock", "test.js")]


def parse_suite(text):
    """mocha's report as {name of a test: what came of it}; equal names are numbered. None without a report."""
    if "{" not in text:
        return None
    report = json.loads(text[text.index("{"):])
    seen = {}
    for one in report["tests"]:
        name, count = one["fullTitle"], 2
        while name in seen:
            name, count = "%s (%d)" % (one["fullTitle"], count), count + 1
        error = one["err"].get("message")
        seen[name] = {"name": name, "failure": error} if error else {"name": name, "value": "passes"}
    return seen


def parse_lines(text):
    lines = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    return {line["name"]: line for line in lines}


def launch(server, app, modules, words):
    return subprocess.Popen(command_of(app, modules, words), cwd=packages.FOLDER, text=True,
                            env=environment(server, modules), stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def collect(process, app):
    try:
        text, _ = process.communicate(timeout=SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        text, _ = process.communicate()
        sys.exit("%s\napps: %s did not end within %d s" % (text[-3000:], app, SECONDS))
    seen = (parse_suite if app == "redlock" else parse_lines)(text)
    if not seen or (app != "redlock" and process.returncode != 0):
        sys.exit("%s\napps: %s ended with %s" % (text[-3000:], app, process.returncode))
    return seen


def run_both(servers, app, modules, words):
    running = [launch(server, app, modules, words) for server in servers]
    return [collect(process, app) for process in running]


# --- Judging ---

def complain(name, stock, ours):
    """The lines that say what is wrong with one scenario; none when nothing is."""
    if stock is None or ours is None:
        return ["seen on one server only"]
    failures = ["%s: %s" % (where, line["failure"])
                for where, line in (("stock server", stock), ("module", ours)) if "failure" in line]
    if failures:
        return failures
    if stock["value"] != ours["value"]:
        return ["stock server: %s" % json.dumps(stock["value"]), "module:       %s" % json.dumps(ours["value"])]
    return []


def judge(stock, ours):
    """{name: complaints} of all scenarios."""
    names = list(stock) + [name for name in ours if name not in stock]
    return {name: complain(name, stock.get(name), ours.get(name)) for name in names}


def is_machines_fault(name, stock):
    """Whether it fails on the stock server too: then the module is not what is wrong."""
    return "failure" in stock.get(name, {})


def repeat_late(servers, app, modules, stock, ours, verdicts):
    late = [name for name in verdicts if verdicts[name] and is_machines_fault(name, stock)]
    if not late:
        return False
    for name in late:
        print("again %s: %s" % (name, verdicts[name][0].splitlines()[0]))
    again = run_both(servers, app, modules, [] if app == "redlock" else late)
    for name in late:
        stock[name], ours[name] = (seen.get(name) for seen in again)
    return True


def show(verdicts, stock, ours):
    bad = 0
    for name, complaints in verdicts.items():
        bad += bool(complaints)
        times = "" if "ms" not in stock.get(name, {}) else " (%d ms, %d ms)" % (stock[name]["ms"], ours[name]["ms"])
        print("%s %s%s" % ("FAIL" if complaints else "ok  ", name, times))
        for line in complaints:
            print("     " + line.replace("\n", "\n     "))
    return bad


def check_module(server):
    """What the module itself says of the run; returns complaints."""
    info = server.info()
    print("module: %s runs, %s commands, %s limits exceeded, %s errors" % tuple(
        info.get("sandbox_" + name, "?") for name in ("runs", "redis_calls", "limits_exceeded", "errors")))
    bad = []
    if int(info["sandbox_runs"]) == 0:
        bad.append("the module ran no script")
    if int(info["sandbox_limits_exceeded"]) != 0:
        bad.append("an application met a limit")
    if not server.alive():
        bad.append("the server died")
    return bad


def test_app(app, words, modules):
    with Server(port=free_port(), module=False) as plain, Server(port=free_port()) as sealed:
        servers = (plain, sealed)
        stock, ours = run_both(servers, app, modules, words)
        verdicts = judge(stock, ours)
        for _ in range(ATTEMPTS - 1):
            if not repeat_late(servers, app, modules, stock, ours, verdicts):
                break
            verdicts = judge(stock, ours)
        bad = show(verdicts, stock, ours)
        complaints = check_module(sealed)
    if app in SUITE_SIZE and len(verdicts) != SUITE_SIZE[app]:
        complaints.append("%d tests, not %d" % (len(verdicts), SUITE_SIZE[app]))
    for line in complaints:
        print("FAIL " + line)
    print("%s: %d passed, %d failed" % (app, len(verdicts) - bad, bad + len(complaints)))
    return 1 if bad or complaints or not verdicts else 0


def main():
    if len(sys.argv) < 2 or sys.argv[1] not in PACKAGES:
        sys.exit("usage: run_apps.py APP [part of a name ...]; APP is one of " + ", ".join(sorted(PACKAGES)))
    app, words = sys.argv[1], sys.argv[2:]
    modules = packages.install()
    print("node %s, npm %s, %s" % (packages.version_of("node"), packages.version_of("npm"), packages.describe(PACKAGES[app])))
    print(packages.version_of("redis-server"))
    sys.stdout.flush()
    return test_app(app, words, modules)


if __name__ == "__main__":
    sys.exit(main())
