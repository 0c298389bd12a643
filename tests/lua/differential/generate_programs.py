#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""generate_programs - random Lua programs, lua5.1 and our VM side by side.

A program is a list of functions of random statements (locals, closures over
them, loops that end, tables, strings, varargs, metatables, coroutines, pcall)
called under pcall; results and error messages are printed, so that wrong code,
wrong variable names in messages and wrong line numbers all show. Expressions
are mostly well typed; one in sixty is not. The same seed gives the same
program; a program that differs is kept in the temporary folder and named.
"""
import argparse
import concurrent.futures
import os
import random
import shlex
import shutil
import sys

from run_programs import DEFAULT_TOOL, compare, drop_folder, kept_folder

PRELUDE = """\
local function show(...)
  local t = {}
  for i = 1, select('#', ...) do
    local v = (select(i, ...))
    local kind = type(v)
    if kind == 'number' or kind == 'string' or kind == 'boolean' or kind == 'nil' then t[i] = tostring(v) else t[i] = kind end
  end
  print(table.concat(t, ' '))
end
local plain_tostring = tostring
local function tostring(...)
  local v = ...
  local kind = type(v)
  if kind == 'table' or kind == 'function' or kind == 'thread' then return kind end
  return plain_tostring(...)
end
local function try(name, f, ...) show(name, pcall(f, ...)) end
local function id(...) return ... end
local function two() return 1, 2 end
local function none() end
local box = setmetatable({}, {
  __add = function(a, b) return 'add' end, __sub = function() return 7 end, __concat = function() return 'cat' end,
  __call = function(self, ...) return select('#', ...) end, __index = function(t, k) return k end,
  __lt = function() return true end, __le = function() return false end, __unm = function() return 3 end,
})
glob = 5
"""


class Program:
    """One random program."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.scopes = [[]]            # names in scope, with the kind of value they hold
        self.lines, self.depth, self.names = [], 0, 0
        self.in_vararg, self.loops, self.budget = False, 0, 0

    # -- names ---------------------------------------------------------------

    def fresh(self, kind):
        self.names += 1
        return "%s%d" % ({"n": "num", "s": "str", "t": "tab", "b": "flag", "f": "fun"}[kind], self.names)

    def declare(self, name, kind):
        self.scopes[-1].append((name, kind))

    def visible(self, kind):
        return [n for scope in self.scopes for n, k in scope if k == kind]

    def emit(self, text):
        self.lines.append("  " * self.depth + text)

    # -- expressions ---------------------------------------------------------

    def expression(self, kind, depth=0):
        r = self.random
        if r.randrange(60) == 0 and depth:
            kind = r.choice("nstb")
        makers = {"n": self.number, "s": self.string, "t": self.table, "b": self.boolean, "f": self.function}
        return makers[kind](depth)

    def leaf(self, kind, constants):
        names = self.visible(kind)
        if names and self.random.randrange(3):
            return self.random.choice(names)
        return self.random.choice(constants)

    def sure(self, text):
        """Most of what may not be a number is made one."""
        return "(tonumber((%s)) or %d)" % (text, self.random.randrange(5)) if self.random.randrange(12) else text

    def number(self, depth):
        r = self.random
        if depth > 3 or r.randrange(3) == 0:
            return self.leaf("n", ["0", "1", "2", "3", "7", "10", "0.5", "-1", "100", "2^31", "1e15", "glob", "0x1F"])
        choice = r.randrange(16)
        a, b = (lambda: self.expression("n", depth + 1)), (lambda: self.expression("n", depth + 1))
        if choice < 6:
            return "(%s %s %s)" % (a(), r.choice(["+", "-", "*", "/", "%", "+", "-"]), b())
        if choice == 6:
            return "-(%s)" % a()
        if choice == 7:
            return "#%s" % self.expression(r.choice("st"), depth + 1)
        if choice == 8:
            return "(%s and %s or %s)" % (self.expression("b", depth + 1), a(), b())
        if choice == 9:
            return "math.%s(%s)" % (r.choice(["floor", "ceil", "abs"]), a())
        if choice == 10:
            return "select('#', %s)" % self.arguments(depth)
        if choice == 11:
            return self.sure(self.expression("s", depth + 1))
        if choice == 12:
            return self.sure("(%s)[ %s ]" % (self.expression("t", depth + 1), a()))
        if choice == 13:
            return self.sure("(%s)(%s)" % (self.expression("f", depth + 1), self.arguments(depth)))
        if choice == 14:
            return "id(%s, %s)" % (a(), b())
        return "%s .. %s" % (a(), b()) if r.randrange(4) == 0 else "math.max(%s, %s)" % (a(), b())

    def string(self, depth):
        r = self.random
        if depth > 3 or r.randrange(3) == 0:
            return self.leaf("s", ["'a'", "'hello'", "''", "'12'", "'x y'", '"q\\"q"', "[[long]]", "'\\65\\1'", "'0x10'"])
        choice = r.randrange(9)
        if choice < 3:
            return "(%s .. %s)" % (self.expression("s", depth + 1), self.expression(r.choice("sn"), depth + 1))
        if choice == 3:
            return "(%s):sub(%s, %s)" % (self.expression("s", depth + 1), self.leaf("n", ["1", "2", "-2"]), r.choice(["2", "3", "-1"]))
        if choice == 4:
            return "string.%s(%s)" % (r.choice(["upper", "lower", "reverse"]), self.expression("s", depth + 1))
        if choice == 5:
            return "tostring((%s))" % self.expression(r.choice("nsb"), depth + 1)
        if choice == 6:
            return "(%s):gsub(%s, %s)" % (self.expression("s", depth + 1), r.choice(["'%a'", "'l'", "'.'", "'(%w)'"]), r.choice(["'x'", "'<%0'", "'%1'", "{ a = 'b' }"]))
        if choice == 7:
            return "type(%s)" % self.expression(r.choice("nstbf"), depth + 1)
        return "string.format(%s, %s)" % (r.choice(["'%d'", "'%5.1f'", "'%x'"]), self.expression("n", depth + 1)) if r.randrange(2) else \
            "string.format(%s, %s)" % (r.choice(["'%s'", "'%q'", "'%.3s'"]), self.expression("s", depth + 1))

    def table(self, depth):
        r = self.random
        if depth > 2 or r.randrange(3) == 0:
            return self.leaf("t", ["{}", "{ 1, 2, 3 }", "{ x = 1 }", "box", "{ 5, nil, 7 }"])
        items = []
        for _ in range(r.randrange(6)):
            choice = r.randrange(4)
            if choice < 2:
                items.append(self.expression(r.choice("nsb"), depth + 1))
            elif choice == 2:
                items.append("%s = %s" % (r.choice(["x", "y", "name"]), self.expression(r.choice("nst"), depth + 1)))
            else:
                items.append("[%s] = %s" % (r.choice(["1", "2", "'k'", "true", "10", "1.5"]), self.expression(r.choice("ns"), depth + 1)))
        if r.randrange(4) == 0:
            items.append(r.choice(["two()", "id(1, nil, 3)", "none()", "..." if self.in_vararg else "two()", "(two())"]))
        return "{ %s }" % ", ".join(items)

    def boolean(self, depth):
        r = self.random
        if depth > 3 or r.randrange(4) == 0:
            return self.leaf("b", ["true", "false", "nil"])
        choice = r.randrange(8)
        if choice < 3:
            kind = r.choice("nns")
            return "(%s %s %s)" % (self.expression(kind, depth + 1), r.choice(["<", "<=", ">", ">="]), self.expression(kind, depth + 1))
        if choice == 3:
            return "(%s %s %s)" % (self.expression(r.choice("nsb"), depth + 1), r.choice(["==", "~="]), self.expression(r.choice("nsb"), depth + 1))
        if choice == 4:
            return "not %s" % self.expression(r.choice("bnt"), depth + 1)
        if choice == 5:
            return "(%s and %s)" % (self.expression("b", depth + 1), self.expression("b", depth + 1))
        if choice == 6:
            return "(%s or %s)" % (self.expression("b", depth + 1), self.expression("b", depth + 1))
        return "(%s):find(%s) ~= nil" % (self.expression("s", depth + 1), r.choice(["'a'", "'%d'", "'l+'"]))

    def function(self, depth):
        r = self.random
        names = self.visible("f")
        if names and r.randrange(3):
            return r.choice(names)
        if depth > 2:
            return r.choice(["id", "two", "none", "tostring", "type"])
        kept = self.in_vararg
        self.in_vararg = r.randrange(3) == 0
        body = "function(%s) return %s end" % ("..." if self.in_vararg else "p, q", ", ".join(
            self.expression(r.choice("nsb"), depth + 2) for _ in range(r.randrange(1, 3))))
        self.in_vararg = kept
        return body

    def arguments(self, depth):
        r = self.random
        parts = [self.expression(r.choice("nsbt"), depth + 2) for _ in range(r.randrange(3))]
        if r.randrange(4) == 0:
            parts.append("..." if self.in_vararg else "two()")
        return ", ".join(parts) or "nil"

    # -- statements ----------------------------------------------------------

    def block(self, count):
        self.scopes.append([])
        self.depth += 1
        for _ in range(count):
            self.statement()
        self.depth -= 1
        self.scopes.pop()

    def statement(self):
        self.budget -= 1
        if self.budget < 0 or self.depth > 5:
            return self.local_statement()
        chooser = self.random.randrange(20)
        table = [self.local_statement] * 5 + [self.assign] * 4 + [self.if_statement] * 2 + [
            self.for_statement, self.for_in, self.while_statement, self.local_function, self.do_block,
            self.show_statement, self.table_store, self.call_statement, self.try_statement]
        return table[min(chooser, len(table) - 1)]()

    def local_statement(self):
        r = self.random
        if r.randrange(6) == 0:
            kinds = ["n"] * r.randrange(2, 4)
            names = [self.fresh(k) for k in kinds]
            values = [self.expression(k) for k in kinds[:r.randrange(1, len(kinds) + 1)]]
            if len(values) < len(kinds):
                values[-1] = r.choice(["two()", "id(4, 5, 6)", "id(7, 8)"])
            self.emit("local %s = %s" % (", ".join(names), ", ".join(values)))
            for name, kind in zip(names, kinds):
                self.declare(name, kind)
            return
        kind = r.choice("nnsstbf")
        name = self.fresh(kind)
        self.emit("local %s = %s" % (name, self.expression(kind)))
        self.declare(name, kind)

    def assign(self):
        r = self.random
        kind = r.choice("nnssb")
        names = self.visible(kind)
        if not names:
            return self.local_statement()
        if len(names) > 1 and r.randrange(4) == 0:
            a, b = r.sample(names, 2)
            return self.emit("%s, %s = %s, %s" % (a, b, r.choice([b, self.expression(kind)]), a))
        return self.emit("%s = %s" % (r.choice(names), self.expression(kind)))

    def table_store(self):
        r = self.random
        target = self.leaf("t", ["box"])
        if target == "box":
            return self.local_statement()
        key = r.choice([".x", ".name", "[ %s ]" % self.expression("n", 2), "[ %s ]" % self.expression("s", 2), "[#%s + 1]" % target])
        return self.emit("%s%s = %s" % (target, key, self.expression(r.choice("nsb"))))

    def if_statement(self):
        r = self.random
        self.emit("if %s then" % self.expression("b"))
        self.block(r.randrange(1, 4))
        if r.randrange(3) == 0:
            self.emit("elseif %s then" % self.expression("b"))
            self.block(r.randrange(1, 3))
        if r.randrange(2):
            self.emit("else")
            self.block(r.randrange(1, 3))
        self.emit("end")

    def for_statement(self):
        r = self.random
        name = self.fresh("n")
        self.emit("for %s = %s do" % (name, r.choice(["1, 3", "3, 1, -1", "0, 1, 0.5", "1, 0", "#%s, 4" % self.leaf("s", ["'ab'"])])))
        self.loop_body(name, "n")

    def for_in(self):
        r = self.random
        key, value = self.fresh("n"), self.fresh("n")
        source = r.choice(["ipairs({ 4, 5, 6 })", "pairs({ 7, 8 })", "ipairs({ %s, 2 })" % self.expression("n", 2), "ipairs(id({ 1 }))"])
        self.emit("for %s, %s in %s do" % (key, value, source))
        self.loop_body(value, "n")

    def while_statement(self):
        r = self.random
        counter = self.fresh("n")
        self.emit("local %s = 0" % counter)
        if r.randrange(2):
            self.emit("while %s < 3 and (%s or true) do" % (counter, self.expression("b", 2)))
            self.emit("  %s = %s + 1" % (counter, counter))
            self.loop_body(None, None)
        else:
            self.emit("repeat")
            self.emit("  %s = %s + 1" % (counter, counter))
            self.loops += 1
            self.block(r.randrange(1, 3))
            self.loops -= 1
            self.emit("until %s >= 3 or %s" % (counter, self.expression("b", 2)))

    def loop_body(self, name, kind):
        r = self.random
        self.scopes.append([(name, kind)] if name else [])
        self.loops += 1
        self.block(r.randrange(1, 4))
        if r.randrange(4) == 0:
            self.emit("  if %s then break end" % self.expression("b", 2))
        self.loops -= 1
        self.scopes.pop()
        self.emit("end")

    def local_function(self):
        r = self.random
        name = self.fresh("f")
        kept, self.in_vararg = self.in_vararg, r.randrange(3) == 0
        parameters = [self.fresh(k) for k in ("n", "s")[:r.randrange(3)]]
        self.emit("local function %s(%s)" % (name, ", ".join(parameters + (["..."] if self.in_vararg else []))))
        self.scopes.append([(p, "n" if p.startswith("num") else "s") for p in parameters])
        self.block(r.randrange(1, 4))
        self.emit("  return %s" % ", ".join(self.expression(r.choice("nsb")) for _ in range(r.randrange(1, 3))))
        self.scopes.pop()
        self.in_vararg = kept
        self.emit("end")
        self.declare(name, "f")

    def do_block(self):
        self.emit("do")
        self.block(self.random.randrange(1, 4))
        self.emit("end")

    def show_statement(self):
        self.emit("show(%s)" % ", ".join(self.expression(self.random.choice("nsbt")) for _ in range(self.random.randrange(1, 4))))

    def call_statement(self):
        self.emit("%s(%s)" % (self.leaf("f", ["id", "none", "box"]), self.arguments(1)))

    def try_statement(self):
        r = self.random
        choice = r.randrange(3)
        if choice == 0:
            self.emit("try('inner', %s, %s)" % (self.expression("f"), self.arguments(1)))
        elif choice == 1:
            self.emit("try('error', error, %s)" % self.expression("s", 2))
        else:
            self.emit("show('co', coroutine.resume(coroutine.create(function(...)")
            kept, self.in_vararg = self.in_vararg, True
            self.block(r.randrange(1, 3))
            self.emit("  coroutine.yield(%s)" % self.arguments(1))
            self.in_vararg = kept
            self.emit("end), %s))" % self.arguments(1))

    def top_level_local(self, kind):
        """Nothing here may fail: it would end the program before its last function."""
        name = self.fresh(kind)
        self.emit("local %s = %s" % (name, {"n": "glob", "s": "'top'", "t": "{ 1, 2, x = 'x' }"}[kind]))
        self.declare(name, kind)

    # -- the whole -----------------------------------------------------------

    def text(self):
        r = self.random
        for number in range(r.randrange(3, 9)):
            self.budget = 30
            self.in_vararg = r.randrange(3) == 0
            self.emit("try('f%d', function(%s)" % (number, "..." if self.in_vararg else ""))
            self.block(r.randrange(3, 10))
            self.emit("  return %s" % ", ".join(self.expression(r.choice("nsbt")) for _ in range(r.randrange(1, 4))))
            self.emit("end, 1, 'two', nil)")
            self.top_level_local(r.choice("nst"))
        return PRELUDE + "\n".join(self.lines) + "\n"


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--tool", default=DEFAULT_TOOL)
    parser.add_argument("--oracle", default="lua5.1")
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1, help="first seed")
    parser.add_argument("--lines", type=int, default=8)
    parser.add_argument("--timeout", type=float, default=20)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--print", action="store_true", help="print the program of --seed and stop")
    return parser.parse_args()


def main():
    options = parse_options()
    if options.print:
        sys.stdout.write(Program(options.seed).text())
        return 0
    for command in (options.tool, options.oracle):
        if not shutil.which(shlex.split(command)[0]):
            sys.exit("generate_programs: no such tool: " + command)
    kept = kept_folder("generated_programs")

    def one(seed):
        path = os.path.join(kept, "p%d.lua" % seed)
        with open(path, "w", encoding="latin-1") as file:
            file.write(Program(seed).text())
        faults = compare(path, options)
        if not faults:
            os.unlink(path)
        return path, faults

    failed = 0
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for path, faults in pool.map(one, range(options.seed, options.seed + options.count)):
            if faults:
                failed += 1
                print("FAIL %s\n  %s" % (path, "\n  ".join(faults)), flush=True)
    drop_folder(kept)
    print("%d passed, %d failed" % (options.count - failed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
