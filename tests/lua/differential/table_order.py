#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""table_order - random tables must iterate, measure and unpack as in Redis.

Writes scripts that build random tables (constructors with size hints, string
keys short and of 32 bytes and more, integers, floats, booleans, deletions also
during a traversal, growth and shrinking) and print for each one the order of
pairs, #, next, unpack and table.maxn. Compared line by line, a line a table:

  short   keys below 32 bytes only: lua5.1 is the judge
  long    all keys: a live redis-server is the judge (stock Lua skips bytes of
          long strings when it hashes, Redis does not)

Candidates: --tool (ferrous-vm run) and --ctl (ferrous-sandboxctl). With
--self-check, lua5.1 and Redis are compared with each other on the short set.
"""
import argparse
import os
import random
import shlex
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
BIN = os.path.join(ROOT, "build", "release", "bin")

# The reference finds a deleted string key again only while no collection has
# freed the string in between, and then uses the old place: with the collector
# running, its order depends on when that ran.
PRELUDE = """
collectgarbage('stop')
local out_ = {}
local function short(v)
  local s = tostring(v)
  if #s > 24 then s = s:sub(1, 8) .. '~' .. #s .. '~' .. s:sub(-12) end
  return type(v):sub(1, 1) .. s
end
local function dump(id, t)
  local line = { id, '#' .. #t, 'n' .. table.maxn(t), short((next(t))) }
  for k, v in pairs(t) do line[#line + 1] = short(k) .. '=' .. tostring(v) end
  line[#line + 1] = 'u'
  local n = #t
  if n > 0 and n < 200 then
    local u = { unpack(t) }
    line[#line + 1] = select('#', unpack(t)) .. ':' .. tostring(u[1]) .. ':' .. tostring(u[n])
  end
  out_[#out_ + 1] = table.concat(line, ' ')
end
"""


class Writer:
    """Random table scripts, the same for the same seed."""

    def __init__(self, seed, long_keys):
        self.random = random.Random(seed)
        self.long_keys = long_keys
        self.words = ["id", "name", "count", "x", "y", "z", "key", "value", "ttl", "user", "job", "state", "n", ""]

    def string_key(self):
        r = self.random
        kind = r.randrange(6 if self.long_keys else 4)
        if kind == 0:
            text = r.choice(self.words)
        elif kind == 1:
            text = "k%d" % r.randrange(60)
        elif kind == 2:
            text = "user:%d:%s" % (r.randrange(40), r.choice(self.words))
        elif kind == 3:
            text = "".join(r.choice("abcxyz0189_-.") for _ in range(r.randrange(1, 31)))
        else:
            text = self.long_key(kind)
        return "'%s'" % text

    def long_key(self, kind):
        """Keys that differ only where stock Lua does not look, and others."""
        r = self.random
        length = r.choice([32, 33, 40, 63, 64, 65, 100, 128, 200])
        if kind == 4:
            text = list("p" * length)
            text[r.randrange(length)] = r.choice("abc")
            return "".join(text)
        return "".join(r.choice("abcdefgh") for _ in range(length))

    def key(self):
        r = self.random
        kind = r.randrange(10)
        if kind < 4:
            return self.string_key()
        if kind < 7:
            return str(r.randrange(1, r.choice([5, 20, 70])))
        if kind == 7:
            return str(r.choice([-1, 1]) * r.randrange(0, 2 ** r.choice([4, 20, 40])))
        if kind == 8:
            return "%d / %d" % (r.randrange(-50, 50), r.choice([2, 3, 7, 8]))
        return r.choice(["true", "false", "0", "0.5", "1e15", "2^53", "-2^31", "1/0", "1e300"])

    def constructor(self):
        r = self.random
        items = []
        for _ in range(r.choice([0, 0, 0, 1, 2, 3, 4, 5, 8, 9, 17, 55])):
            kind = r.randrange(5)
            if kind < 2:
                items.append(str(r.randrange(100)))
            elif kind == 2:
                items.append(r.choice(["nil", "7", "false"]))
            elif kind == 3:
                items.append("[%s] = %d" % (self.key(), r.randrange(100)))
            else:
                items.append("[%s] = %d" % (self.string_key(), r.randrange(100)))
        if r.randrange(8) == 0:
            items.append("unpack({ 5, 6, 7 })")
        return "{ %s }" % ", ".join(items)

    def step(self):
        """One statement on t."""
        r = self.random
        kind = r.randrange(14)
        if kind < 6:
            return "t[%s] = %d" % (self.key(), r.randrange(1000))
        if kind == 6:
            return "t[%s] = nil" % self.key()
        if kind == 7:
            a = r.randrange(1, 30)
            return "for i = %d, %d do t[i] = i * 2 end" % (a, a + r.randrange(20))
        if kind == 8:
            a = r.randrange(1, 40)
            return "for i = %d, %d, -1 do t[i] = nil end" % (a, max(1, a - r.randrange(20)))
        if kind == 9:
            return "for i = %d, 1, -1 do t[i] = i end" % r.randrange(1, 20)
        if kind == 10:
            return "t[#t + 1] = %d" % r.randrange(100)
        if kind == 11:
            return "for k, v in pairs(t) do if type(v) == 'number' and v %% %d == 0 then t[k] = nil end end" % r.randrange(2, 5)
        if kind == 12:
            return r.choice(["table.insert(t, 1, 5)", "table.remove(t)", "table.insert(t, 9)", "table.remove(t, 1)"])
        return "for i = 1, %d do t['%s' .. i] = i end" % (r.choice([3, 8, 20]), r.choice(["a", "key", "field"]))

    def table(self, number):
        r = self.random
        lines = ["do local t = " + self.constructor()]
        for _ in range(r.choice([0, 1, 3, 6, 12, 25])):
            lines.append(self.step())
            if r.randrange(10) == 0:
                lines.append("dump('%d.', t)" % number)
        lines.append("dump('%d', t) end" % number)
        return "\n".join(lines)

    def script(self, first, count):
        return PRELUDE + "\n".join(self.table(n) for n in range(first, first + count)) + "\ncollectgarbage('restart')\n"


class LuaEngine:
    """An interpreter that has print."""

    def __init__(self, name, command):
        self.name, self.command = name, shlex.split(command)

    def lines(self, script, folder):
        path = os.path.join(folder, "order.lua")
        with open(path, "w", encoding="ascii") as file:
            file.write(script + "print(table.concat(out_, '\\n'))\n")
        return run_command(self.command + [path])


class EvalEngine:
    """redis-cli --eval or ferrous-sandboxctl run: the script returns its text."""

    def __init__(self, name, command):
        self.name, self.command = name, command

    def lines(self, script, folder):
        path = os.path.join(folder, "order.lua")
        with open(path, "w", encoding="ascii") as file:
            file.write(script + "return table.concat(out_, '\\n')\n")
        return run_command(self.command + [path])


def run_command(command):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=120)
    lines = done.stdout.decode("latin-1").rstrip("\n").split("\n")
    return lines + (["(stderr) " + done.stderr.decode("latin-1").strip()] if done.stderr else [])


def start_redis(folder):
    path = os.path.join(folder, "s")
    server = subprocess.Popen(["redis-server", "--save", "", "--port", "0", "--unixsocket", path, "--dir", folder],
                              stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 10
    while subprocess.run(["redis-cli", "-s", path, "PING"], capture_output=True).returncode:
        if time.monotonic() > deadline:
            sys.exit("table_order: redis-server does not start")
        time.sleep(0.02)
    return server, EvalEngine("redis", ["redis-cli", "-s", path, "--raw", "--eval"])


def compare(judge, engine, script, folder, options):
    """Number of tables that differ; prints the first few."""
    wanted, got = judge.lines(script, folder), engine.lines(script, folder)
    if wanted == got:
        return 0
    bad = [(w, g) for w, g in zip(wanted, got) if w != g]
    for w, g in bad[:options.show]:
        print("  %s: %s\n  %s: %s" % (judge.name, w[:400], engine.name, g[:400]))
    if len(wanted) != len(got):
        print("  %s printed %d lines, %s %d: %s" % (judge.name, len(wanted), engine.name, len(got), got[-1][:300]))
    return max(len(bad), abs(len(wanted) - len(got)))


def run_set(name, judge, engines, options, folder):
    failures = 0
    for engine in engines:
        different = 0
        for first in range(0, options.tables, options.batch):
            seed = "%s:%d:%d" % (name, options.seed, first)
            script = Writer(seed, name == "long").script(first, min(options.batch, options.tables - first))
            bad = compare(judge, engine, script, folder, options)
            if bad:
                kept = os.path.join(tempfile.gettempdir(), "table_order.%s.%d.%d.%d.lua" % (name, options.seed, first, os.getpid()))
                with open(kept, "w", encoding="ascii") as file:
                    file.write(script + "print(table.concat(out_, '\\n'))\n")
                print("%s, seed %s: %d lines differ; kept as %s" % (engine.name, seed, bad, kept), flush=True)
            different += bad
        print("%s tables, %s against %s: %d tables, %d lines differ" % (name, engine.name, judge.name, options.tables, different))
        failures += different
    return failures


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--tool", default=os.path.join(BIN, "ferrous-vm") + " run")
    parser.add_argument("--ctl", default=os.path.join(BIN, "ferrous-sandboxctl"))
    parser.add_argument("--self-check", action="store_true")
    parser.add_argument("--only", choices=["tool", "ctl"])
    parser.add_argument("--tables", type=int, default=3000)
    parser.add_argument("--batch", type=int, default=150, help="tables per script")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, default=3)
    parser.add_argument("--write", metavar="FILE", help="only write one script of the long set (with print) here")
    return parser.parse_args()


def candidates(options):
    engines = []
    if options.only != "ctl":
        engines.append(LuaEngine("ferrous-vm", options.tool))
    if options.only != "tool":
        engines.append(EvalEngine("ferrous-sandboxctl", shlex.split(options.ctl) + ["run", "--raw"]))
    for engine in engines:
        if not shutil.which(engine.command[0]):
            sys.exit("table_order: no such tool: " + engine.command[0])
    return engines


def main():
    options = parse_options()
    if options.write:
        with open(options.write, "w", encoding="ascii") as file:
            file.write(Writer("long:%d:0" % options.seed, True).script(0, options.batch))
            file.write("print(table.concat(out_, '\\n'))\n")
        return 0
    lua = LuaEngine("lua5.1", "lua5.1")
    with tempfile.TemporaryDirectory(prefix="fsorder") as folder:
        server, redis = start_redis(folder)
        try:
            if options.self_check:
                failures = run_set("short", lua, [redis], options, folder)
            else:
                engines = candidates(options)
                failures = run_set("short", lua, engines, options, folder)
                failures += run_set("long", redis, engines, options, folder)
        finally:
            server.kill()
            server.wait()
    print("%s" % ("passed" if not failures else "FAILED"))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
