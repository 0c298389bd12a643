#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""run_bench - our VM beside lua5.1, luajit -joff and Redis's own Lua.

Every program of programs/ (with --set second: of second/, small programs of
ordinary kinds that judge what was tuned by the first) is run by every engine, in
turn, pinned to one core; the CPU seconds of each process are the measure (for
Redis: what the server itself says it used for one EVAL). A program prints a checksum: an engine whose
output differs from lua5.1's is not measured but reported, and the exit code
tells. Ratios are peer / ours of the minima: above 1 means that we are faster.
"""
import argparse
import datetime
import json
import math
import os
import platform
import re
import shlex
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
SETS = {"first": "programs", "second": "second"}
DEFAULT_TOOL = os.path.join(ROOT, "build", "release", "bin", "ferrous-vm") + " run"

GROUPS = {
    "interpreter": """closures constraints coroutine_ring fannkuch fib heap_sort mandelbrot matmul methods
        nbody queens scheduler sieve spectral_norm""".split(),
    "library": """binary_trees eval_scripts iterate json patterns pcall sort_comparator sort_numbers
        string_build string_format string_scan table_ops varargs""".split(),
    "redis libraries": "cjson cjson_small cjson_large cmsgpack struct digests bits".split(),
    "compile": ["compile"],
}


class Process:
    """An engine that is a program: one process per run."""

    def __init__(self, name, command):
        self.name, self.command = name, shlex.split(command)

    def runs(self, program):
        return self.name == "ferrous" or not needs(program, "cjson")

    def measure(self, program, timeout):
        """(CPU seconds, output) of one run; the output is None when it failed."""
        with tempfile.TemporaryFile() as out:
            child = subprocess.Popen(self.command + [program], stdin=subprocess.DEVNULL,
                                     stdout=out, stderr=subprocess.STDOUT)
            deadline = time.monotonic() + timeout
            while True:
                pid, status, usage = os.wait4(child.pid, os.WNOHANG)
                if pid:
                    break
                if time.monotonic() > deadline:
                    child.kill()
                    _, status, usage = os.wait4(child.pid, 0)
                    break
                time.sleep(0.002)
            child.returncode = os.waitstatus_to_exitcode(status)
            out.seek(0)
            text = out.read()
        return usage.ru_utime + usage.ru_stime, text if child.returncode == 0 else None, text

    def close(self):
        pass


class Redis:
    """Redis's own Lua: one EVAL on a private server, print collected."""

    WRAP = ("local out_ = {} local function print(...) local n = select('#', ...) local t = { ... } "
            "for i = 1, n do t[i] = tostring(t[i]) end out_[#out_ + 1] = table.concat(t, '\\t') .. '\\n' end ")

    def __init__(self):
        self.name = "redis"
        self.folder = tempfile.mkdtemp(prefix="fsbench")
        path = os.path.join(self.folder, "s")
        self.server = subprocess.Popen(["redis-server", "--save", "", "--port", "0", "--unixsocket", path,
                                        "--dir", self.folder, "--busy-reply-threshold", "0"],
                                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        self.link = socket.socket(socket.AF_UNIX)
        deadline = time.monotonic() + 10
        while self.link.connect_ex(path):
            if time.monotonic() > deadline:
                raise RuntimeError("redis-server does not start")
            time.sleep(0.01)
        self.stream = self.link.makefile("rb")

    def runs(self, program):
        return not needs(program, "setfenv")

    def command(self, *words):
        """A bulk reply's bytes; any other reply raises with its text."""
        parts = [w if isinstance(w, bytes) else w.encode() for w in words]
        self.link.sendall(b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(p), p) for p in parts))
        line = self.stream.readline()
        if line[:1] == b"$":
            return self.stream.read(int(line[1:]) + 2)[:-2]
        if line[:1] == b"-":
            raise RuntimeError(line.decode("latin-1"))
        return line

    def used_cpu(self):
        info = self.command("INFO", "cpu").decode()
        return sum(float(re.search(key + r":([0-9.]+)", info).group(1)) for key in ("used_cpu_user", "used_cpu_sys"))

    def measure(self, program, timeout):
        with open(program, encoding="utf-8") as file:
            source = self.WRAP + file.read() + "\nreturn table.concat(out_)"
        self.command("SCRIPT", "FLUSH", "SYNC")
        before = self.used_cpu()
        try:
            output = text = self.command("EVAL", source, "0")
        except RuntimeError as error:
            output, text = None, str(error).encode("latin-1")
        return self.used_cpu() - before, output, text

    def close(self):
        self.server.kill()
        self.server.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def needs(program, what):
    """Whether the first line says so."""
    with open(program, encoding="utf-8") as file:
        return "(needs %s)" % what in file.readline()


def pin(core):
    """This process and all it starts stay on one core."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {core})


def make_engines(options):
    engines = []
    for name, command in (("lua5.1", "lua5.1"), ("luajit -joff", "luajit -joff")):
        if shutil.which(command.split()[0]) and name not in options.without:
            engines.append(Process(name, command))
    if "redis" not in options.without and shutil.which("redis-server"):
        engines.append(Redis())
    if shutil.which(shlex.split(options.tool)[0]):
        engines.append(Process("ferrous", options.tool))
    elif not options.peers_only:
        sys.exit("run_bench: no such tool: %s (build release first, or --peers-only)" % options.tool)
    return engines


def reference_output(engines, path, options):
    """What the checksum must be: lua5.1's word, or Redis's for programs with its libraries."""
    for engine in engines:
        if engine.name in ("lua5.1", "redis") and engine.runs(path):
            _, output, text = engine.measure(path, options.timeout)
            if output is None:
                sys.exit("run_bench: %s fails under %s: %r" % (path, engine.name, text[:300]))
            return output
    return None


def measure_program(engines, path, options):
    """{engine: [seconds, ...]} and the list of engines that gave a wrong answer."""
    wanted = reference_output(engines, path, options)
    times, wrong = {e.name: [] for e in engines if e.runs(path)}, {}
    for _ in range(options.rounds):
        for engine in engines:
            if engine.name not in times or engine.name in wrong:
                continue
            seconds, output, text = engine.measure(path, options.timeout)
            if wanted is not None and output != wanted:
                wrong[engine.name] = text[-300:].decode("latin-1")
            else:
                times[engine.name].append(seconds)
    return times, wrong


def summarise(times):
    return {name: {"min": min(t), "median": statistics.median(t), "rounds": len(t)} for name, t in times.items() if t}


def geometric_mean(values):
    return math.exp(sum(map(math.log, values)) / len(values)) if values else None


def ratio(row, peer, against, what):
    if peer in row and against in row:
        return row[peer][what] / max(row[against][what], 1e-9)
    return None


def means(table, against, what):
    """{group: {peer: geometric mean of peer / against}}."""
    grouped = [n for names in GROUPS.values() for n in names]
    groups = dict(GROUPS, all=grouped if any(n in grouped for n in table) else list(table))
    result = {}
    for group, names in groups.items():
        if not any(n in table for n in names):
            continue
        result[group] = {}
        for peer in ("lua5.1", "luajit -joff", "redis", "ferrous"):
            ratios = [ratio(table[n], peer, against, what) for n in names if n in table]
            ratios = [r for r in ratios if r]
            if ratios:
                result[group][peer] = geometric_mean(ratios)
    return result


def show_cell(value, form):
    return form % value if value is not None else "-"


def markdown(table, against, peers):
    head = ["program"] + ["%s s (min)" % p for p in peers + [against]]
    head += ["%s / %s" % (p, against) for p in peers] + ["median ratio to " + p for p in peers[:1]]
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for name in sorted(table):
        row = table[name]
        cells = [name] + [show_cell(row.get(p, {}).get("min"), "%.3f") for p in peers + [against]]
        cells += [show_cell(ratio(row, p, against, "min"), "%.2f") for p in peers]
        cells += [show_cell(ratio(row, p, against, "median"), "%.2f") for p in peers[:1]]
        lines.append("| " + " | ".join(cells) + " |")
    for group, values in sorted(means(table, against, "min").items()):
        cells = ["**geometric mean, %s**" % group] + [""] * (len(peers) + 1)
        cells += [show_cell(values.get(p), "%.2f") for p in peers] + [""]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def machine():
    model = "unknown"
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            model = re.search(r"model name\s*:\s*(.*)", file.read()).group(1)
    except (OSError, AttributeError):
        pass
    return {"cpu": model, "cores": os.cpu_count(), "system": platform.platform()}


def write_results(options, table, wrong, text, against):
    os.makedirs(options.results, exist_ok=True)
    stamp = datetime.datetime.now().strftime("%Y-%m-%d-%H%M")
    stem = os.path.join(options.results, stamp if options.set == "first" else options.set + "-" + stamp)
    with open(stem + ".json", "w", encoding="utf-8") as file:
        json.dump({"machine": machine(), "rounds": options.rounds, "programs": table, "wrong": wrong,
                   "means": means(table, against, "min"), "against": against}, file, indent=1, sort_keys=True)
        file.write("\n")
    with open(stem + ".md", "w", encoding="utf-8") as file:
        file.write("CPU seconds; %s; %d rounds\n\n%s\n" % (machine()["cpu"], options.rounds, text))
    print("written: %s.json and .md" % stem)


def bench(options):
    engines = make_engines(options)
    pin(options.core)
    table, wrong = {}, {}
    try:
        for file in sorted(os.listdir(options.folder)):
            name = os.path.splitext(file)[0]
            if options.programs and not any(p in name for p in options.programs):
                continue
            times, faults = measure_program(engines, os.path.join(options.folder, file), options)
            table[name] = summarise(times)
            for engine, text in faults.items():
                wrong.setdefault(name, {})[engine] = text
                print("WRONG %s under %s: %s" % (name, engine, text.strip()), flush=True)
            print("%-16s %s" % (name, "  ".join("%s %.3f" % (e, v["min"]) for e, v in table[name].items())), flush=True)
    finally:
        for engine in engines:
            engine.close()
    against = "ferrous" if any(e.name == "ferrous" for e in engines) else "lua5.1"
    peers = [e.name for e in engines if e.name != against]
    text = markdown(table, against, peers)
    print("\n" + text)
    if not options.no_write:
        write_results(options, table, wrong, text, against)
    return 1 if wrong else 0


def callgrind(options):
    """Instruction counts, repeatable where seconds are not."""
    path = os.path.join(options.folder, options.callgrind + ".lua")
    for command in (options.tool, "lua5.1"):
        out = os.path.join(tempfile.gettempdir(), "callgrind.%s.%d" % (options.callgrind, os.getpid()))
        done = subprocess.run(["valgrind", "--tool=callgrind", "--callgrind-out-file=" + out] + shlex.split(command) + [path],
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        found = re.search(r"Collected : (\d+)", done.stderr)
        print("%-40s %s instructions, profile in %s" % (command, found.group(1) if found else "no", out))
    return 0


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--tool", default=DEFAULT_TOOL, help="command line that runs a file in our VM")
    parser.add_argument("--set", choices=sorted(SETS), default="first", help="which programs")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="two rounds, nothing written")
    parser.add_argument("--programs", nargs="*", help="only programs whose name contains one of these")
    parser.add_argument("--without", nargs="*", default=[], help="leave out lua5.1, 'luajit -joff' or redis")
    parser.add_argument("--peers-only", action="store_true", help="run without our VM when it is not built")
    parser.add_argument("--core", type=int, default=max(os.sched_getaffinity(0)))
    parser.add_argument("--timeout", type=float, default=120)
    parser.add_argument("--results", default=os.path.join(HERE, "results"))
    parser.add_argument("--no-write", action="store_true")
    parser.add_argument("--callgrind", metavar="PROGRAM", help="count instructions of one program instead")
    options = parser.parse_args()
    options.folder = os.path.join(HERE, SETS[options.set])
    if options.quick:
        options.rounds, options.no_write = 2, True
    return options


def main():
    options = parse_options()
    return callgrind(options) if options.callgrind else bench(options)


if __name__ == "__main__":
    sys.exit(main())
