#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""run_differential - every script of cases/ through redis-cli and through our tool.

Two private redis-servers are started per job, flushed and seeded alike before
each run. One side is `redis-cli --eval`, the judge; the other is our tool with
`run --redis`, or redis-cli again and a server with our module. Compared: standard output byte for byte (raw and --no-raw), the
exit code against what the judge answered, and the dataset (DEBUG DIGEST, and
which keys carry a time to live).

Directives at the head of a case (after a shebang line, if there is one):
  -- keys: a b          keys, split as a shell would
  -- args: 1 'two 2'    arguments, split as a shell would
  -- seed: SET x 1; RPUSH l a b     commands run before the script; quote a ';'
  -- config: maxmemory 1; ...       settings for the run, taken back after it
  -- user: +@all -incr ~a*          run as a user with these rules
  -- runs: 3            run the script that often on the same dataset
  -- fresh              restart both servers first (generator in its first state)
"""
import argparse
import concurrent.futures
import difflib
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

from generate_cases import KINDS, write_cases

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
DEFAULT_TOOL = os.path.join(ROOT, "build", "release", "bin", "ferrous-sandboxctl")
USER, PASSWORD = "tester", "secret"
MODES = {"raw": "--raw", "no-raw": "--no-raw"}


class Case:
    """One script with its directives."""

    def __init__(self, path):
        self.path = path
        self.name = os.path.splitext(os.path.basename(path))[0]
        self.keys, self.args, self.seed, self.config, self.user = [], [], [], [], []
        self.runs, self.fresh = 1, False
        self.read_directives()

    def read_directives(self):
        with open(self.path, "rb") as file:
            lines = file.read().decode("latin-1").split("\n")
        if lines[0].startswith("#!"):
            lines = lines[1:]
        for line in lines:
            if not line.startswith("-- "):
                break
            word, _, rest = line[3:].partition(":")
            self.take_directive(word.strip(), rest.strip())

    def take_directive(self, word, rest):
        if word == "keys":
            self.keys += shlex.split(rest)
        elif word == "args":
            self.args += shlex.split(rest)
        elif word == "seed":
            self.seed += split_commands(rest)
        elif word == "config":
            self.config += split_commands(rest)
        elif word == "user":
            self.user += shlex.split(rest)
        elif word == "runs":
            self.runs = int(rest)
        elif word == "fresh":
            self.fresh = True

    def tail(self):
        """KEYS and ARGV as redis-cli --eval wants them."""
        return self.keys + ([","] + self.args if self.args else [])


def split_commands(text):
    lexer = shlex.shlex(text, posix=True, punctuation_chars=";")
    lexer.whitespace_split = True
    lexer.commenters = ""
    commands, current = [], []
    for token in lexer:
        if token == ";":
            commands.append(current)
            current = []
        else:
            current.append(token)
    return [c for c in commands + [current] if c]


class Server:
    """A private redis-server on a Unix socket, spoken to directly."""

    def __init__(self, folder, name, options=(), program="redis-server"):
        self.program = program
        self.folder = os.path.join(folder, name)
        self.options = list(options)
        os.mkdir(self.folder)
        self.socket_path = os.path.join(self.folder, "s")
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            [self.program, "--save", "", "--appendonly", "no", "--port", "0",
             "--unixsocket", self.socket_path, "--dir", self.folder,
             "--enable-debug-command", "yes", "--loglevel", "warning"] + self.options,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 10
        while True:
            try:
                self.link = socket.socket(socket.AF_UNIX)
                self.link.connect(self.socket_path)
                break
            except OSError:
                self.link.close()
                if time.monotonic() > deadline or self.process.poll() is not None:
                    raise RuntimeError("redis-server does not start")
                time.sleep(0.005)
        self.stream = self.link.makefile("rb")
        self.used = False

    def stop(self):
        self.stream.close()
        self.link.close()
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        if os.path.exists(self.socket_path):
            os.unlink(self.socket_path)

    def restart(self):
        self.stop()
        self.start()

    def alive(self):
        return self.process.poll() is None

    def command(self, *words):
        parts = [w if isinstance(w, bytes) else str(w).encode("latin-1") for w in words]
        self.link.sendall(b"*%d\r\n" % len(parts) +
                          b"".join(b"$%d\r\n%s\r\n" % (len(p), p) for p in parts))
        return self.read_reply()

    def read_reply(self):
        line = self.stream.readline()
        if not line:
            raise ConnectionError("server closed the connection")
        kind, rest = line[:1], line[1:-2]
        if kind == b"-":
            raise RuntimeError("seed command failed: " + rest.decode("latin-1"))
        if kind == b":":
            return int(rest)
        if kind == b"$":
            return None if rest == b"-1" else self.stream.read(int(rest) + 2)[:-2]
        if kind == b"*":
            return None if rest == b"-1" else [self.read_reply() for _ in range(int(rest))]
        return rest

    def prepare(self, case):
        """Same start for both: no data, no cached script, a Lua state of its own."""
        if case.fresh or not self.alive():
            self.restart()
        self.command("FLUSHALL")
        self.command("SCRIPT", "FLUSH", "SYNC")
        for words in case.seed:
            self.command(*words)
        if case.user:
            self.command("ACL", "SETUSER", USER, "reset", "on", ">" + PASSWORD, *case.user)
        self.kept = [(name, self.command("CONFIG", "GET", name)[1]) for name, _ in case.config]
        for name, value in case.config:
            self.command("CONFIG", "SET", name, value)

    def take_back(self):
        """Undoes the settings of the case."""
        for name, value in self.kept:
            self.command("CONFIG", "SET", name, value)

    def dataset(self):
        digest = self.command("DEBUG", "DIGEST").decode()
        lines = ["digest " + digest]
        for key in sorted(self.command("KEYS", "*")):
            kept = "volatile" if self.command("PTTL", key) >= 0 else "persistent"
            lines.append("%s %s %s" % (self.command("TYPE", key).decode(), kept, key.decode("latin-1")))
        return lines


def run_side(command, server, case, timeout):
    """Runs the case; returns (stdout, exit code, stderr, dataset)."""
    server.prepare(case)
    output, errors, code = b"", b"", 0
    for _ in range(case.runs):
        try:
            done = subprocess.run(command + [case.path] + case.tail(), stdin=subprocess.DEVNULL,
                                  capture_output=True, timeout=timeout)
        except subprocess.TimeoutExpired as late:
            return (late.stdout or b""), "timeout", (late.stderr or b""), []
        output, errors, code = output + done.stdout, errors + done.stderr, done.returncode
    if not server.alive():
        return output, code, errors + b"(the server died)", []
    server.take_back()
    return output, code, errors, server.dataset()


def text_diff(judge, ours):
    def show(data):
        return [repr(line)[2:-1] for line in data.split(b"\n")]
    return "\n".join(difflib.unified_diff(show(judge), show(ours), "redis-cli", "ours", lineterm="", n=2))


class Job:
    """A pair of servers and the two command lines."""

    def __init__(self, options, folder, number):
        self.options = options
        self.judge = Server(folder, "judge%d" % number, program=options.server)
        extra = ["--loadmodule", options.module] if options.module else []
        self.ours = Server(folder, "ours%d" % number, extra, options.server)

    def close(self):
        self.judge.stop()
        self.ours.stop()

    def judge_command(self, server, case, flag):
        user = ["--user", USER, "--pass", PASSWORD, "--no-auth-warning"] if case.user else []
        return [self.options.cli, "-s", server.socket_path] + user + [flag, "--eval"]

    def our_command(self, case, flag):
        if self.options.self_check or self.options.module:
            return self.judge_command(self.ours, case, flag)
        user = "%s:%s@" % (USER, PASSWORD) if case.user else ""
        # The time allowed is the runner's: a build that checks everything is slow.
        times = ["--limit", "wall=300s", "--limit", "cpu=300s", "--limit", "hold=300s"]
        return (shlex.split(self.options.tool) + ["run", "--transport", self.options.transport] + times +
                ["--redis", "unix://" + user + self.ours.socket_path, flag])

    def run(self, case):
        """Empty list when the case passes, otherwise what differs."""
        faults, failed = [], False
        for mode in sorted(MODES):
            flag = MODES[mode]
            judge = run_side(self.judge_command(self.judge, case, flag), self.judge, case, self.options.timeout)
            ours = run_side(self.our_command(case, flag), self.ours, case, self.options.timeout)
            if self.options.show and mode == "no-raw":
                sys.stdout.write("== %s\n%s" % (case.name, judge[0].decode("latin-1")))
            if mode == "no-raw":
                failed = judge[0].split(b"\n")[-2 if judge[0].endswith(b"\n") else -1].startswith(b"(error)")
            faults += self.compare(mode, judge, ours, failed)
        return faults

    def compare(self, mode, judge, ours, failed):
        faults = []
        if b"the server died" in judge[2] or judge[1] == "timeout":
            faults.append("%s: redis itself fails here: %r" % (mode, judge[1:3]))
        elif judge[2]:
            faults.append("%s: redis-cli complains: %r" % (mode, judge[2]))
        if judge[0] != ours[0]:
            faults.append("%s output differs:\n%s" % (mode, text_diff(judge[0], ours[0])))
        if judge[3] != ours[3]:
            lines = difflib.unified_diff(judge[3], ours[3], "redis", "ours", lineterm="", n=0)
            faults.append("%s dataset differs:\n%s" % (mode, "\n".join(lines)))
        faults += self.compare_exit(mode, judge, ours, failed)
        if faults and ours[2]:
            faults.append("%s stderr: %s" % (mode, ours[2].decode("latin-1").strip()))
        return faults

    def compare_exit(self, mode, judge, ours, failed):
        if self.options.self_check or self.options.module:
            return [] if judge[1] == ours[1] else ["%s exit %r, %r" % (mode, judge[1], ours[1])]
        if mode == "no-raw":
            wanted = 1 if failed else 0
            return [] if ours[1] == wanted else ["%s exit code %r, expected %r" % (mode, ours[1], wanted)]
        return [] if ours[1] in (0, 1) else ["%s exit code %r" % (mode, ours[1])]


def find_cases(options):
    cases = []
    for folder in options.cases:
        for base, _, names in sorted(os.walk(folder)):
            cases += [Case(os.path.join(base, n)) for n in sorted(names) if n.endswith(".lua")]
    return [c for c in cases if not options.filter or any(f in c.name for f in options.filter)]


def read_exceptions(options):
    """{case: reason} from lines `case  reason`; none when redis-cli is on both sides."""
    found = {}
    if not options.self_check:
        with open(options.exceptions, encoding="utf-8") as file:
            for line in file:
                if line.strip() and not line.startswith("#"):
                    name, reason = line.split(None, 1)
                    found[name] = reason.strip()
    return found


def judge_case(case, faults, exceptions):
    """Prints what there is to say about one case; "passed", "failed" or "expected"."""
    if case.name in exceptions:
        if faults:
            print("expected: %s differs: %s" % (case.name, exceptions[case.name]), flush=True)
            return "expected"
        faults = ["passes although listed in exceptions.txt: " + exceptions[case.name]]
    if faults:
        print("FAIL %s\n%s\n" % (case.name, "\n".join(faults)), flush=True)
    return "failed" if faults else "passed"


def run_all(options, cases, folder):
    exceptions = read_exceptions(options)
    jobs = [Job(options, folder, n) for n in range(options.jobs)]
    free, lock, verdicts = list(jobs), threading.Lock(), {}

    def one(case):
        with lock:
            job = free.pop()
        try:
            faults = job.run(case)
        except Exception as trouble:                    # a lost server must fail its case, not the run
            faults = ["runner: %s: %s" % (type(trouble).__name__, trouble)]
        with lock:
            free.append(job)
            verdicts[case.name] = judge_case(case, faults, exceptions)
            if options.verbose and verdicts[case.name] == "passed":
                print("ok   %s" % case.name, flush=True)

    try:
        with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            list(pool.map(one, cases))
    finally:
        for job in jobs:
            job.close()
    return verdicts


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("cases", nargs="*", default=[os.path.join(HERE, "cases")])
    parser.add_argument("--tool", default=DEFAULT_TOOL, help="command line of ferrous-sandboxctl")
    parser.add_argument("--self-check", action="store_true", help="redis-cli on both sides: are the cases deterministic?")
    parser.add_argument("--module", help="redis-cli on both sides, one server with this module loaded")
    parser.add_argument("--server", default="redis-server", help="the server on both sides")
    parser.add_argument("--cli", default="redis-cli", help="its client")
    parser.add_argument("--exceptions", default=os.path.join(HERE, "exceptions.txt"),
                        help="file of cases that are expected to differ")
    parser.add_argument("--filter", action="append", help="only cases whose name contains this; repeatable")
    parser.add_argument("--generate", type=int, metavar="N", help="N random scripts instead (generate_cases)")
    parser.add_argument("--seed", type=int, default=1, help="number of the first random script")
    parser.add_argument("--kind", choices=sorted(KINDS), help="random scripts of one kind only")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--timeout", type=float, default=30)
    parser.add_argument("--transport", default="auto", help="how the tool talks to its worker: pipe, ring, auto")
    parser.add_argument("--show", action="store_true", help="print what redis-cli answers")
    parser.add_argument("-v", "--verbose", action="store_true")
    return parser.parse_args()


def main():
    options = parse_options()
    for need in (options.server, options.cli):
        if not shutil.which(need):
            sys.exit("run_differential: %s is not installed" % need)
    if not options.self_check and not options.module and not shutil.which(shlex.split(options.tool)[0]):
        sys.exit("run_differential: no such tool: %s" % options.tool)
    if options.generate:
        options.cases = [tempfile.mkdtemp(prefix="generated_cases.")]
        write_cases(options.cases[0], options.generate, options.seed, options.kind)
    cases = find_cases(options)
    if not cases:
        sys.exit("run_differential: no case matches")
    with tempfile.TemporaryDirectory(prefix="fsdiff") as folder:
        verdicts = run_all(options, cases, folder)
    failed = sorted(name for name, verdict in verdicts.items() if verdict == "failed")
    if failed:
        print("failed: %s%s" % (" ".join(failed), ", kept in " + options.cases[0] if options.generate else ""))
    elif options.generate:
        shutil.rmtree(options.cases[0])
    expected = sum(verdict == "expected" for verdict in verdicts.values())
    print("%d passed, %d failed%s" % (len(verdicts) - len(failed) - expected, len(failed),
                                      ", %d expected to differ" % expected if expected else ""))
    return 1 if failed or len(verdicts) != len(cases) else 0


if __name__ == "__main__":
    sys.exit(main())
