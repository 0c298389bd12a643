#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""run_tool - ferrous-vm: its commands, its options, what it prints and how it exits."""
import argparse
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))

MANY = "local t = {%s} far_global = 1.75 return t, far_global" % "".join("%d.25," % i for i in range(66000))
FUNCTIONS = "local f %s return f" % ("f = function() end " * 65600)
LONG_LOOP = "local x = 0 for i = 1, 2 do %s end return x" % ("x = x + 1 " * 40000)

# arguments, script (written to FILE), standard input, exit status, patterns of stdout, of stderr
CASES = [
    (["--help"], None, None, 0, ["^usage: ferrous-vm COMMAND", "disasm FILE", "trace FILE"], []),
    (["-h"], None, None, 0, ["^usage: "], []),
    ([], None, None, 2, [], ["^usage: "]),
    (["nothing"], None, None, 2, [], ["^usage: "]),
    (["run"], None, None, 2, [], ["no file is named"]),
    (["run", "--memory"], None, None, 2, [], ["unknown option or missing value: --memory"]),
    (["run", "--memory", "12x", "FILE"], "", None, 2, [], ["missing value: --memory"]),
    (["run", "--wrong", "FILE"], "", None, 2, [], ["unknown option or missing value: --wrong"]),
    (["run", "/no/such/file.lua"], None, None, 2, [], ["cannot read /no/such/file.lua: No such file"]),
    (["run", "FILE"], "print('hello', 1)", None, 0, ["^hello\t1\n$"], []),
    (["run", "FILE"], "#!/usr/bin/lua\nprint('line', 2)", None, 0, ["^line\t2\n$"], []),
    (["run", "-"], None, "print('from stdin')", 0, ["^from stdin\n$"], []),
    (["run", "FILE"], "error('wrong', 0)", None, 1, [], ["^ferrous-vm: wrong\n$"]),
    (["run", "FILE"], "x = = 1", None, 1, [], ["script.lua:1: unexpected symbol near '='"]),
    (["run", "--instructions", "1000", "FILE"], "while true do end", None, 3, [], ["limit: instructions, at @.*:1\n"]),
    (["run", "--memory", "1000000", "FILE"], "local t = {} while true do t[#t + 1] = {} end", None, 3, [], ["limit: memory"]),
    (["run", "--usage", "FILE"], "return 1", None, 0, [], [r"^instructions \d+\ncompile_units \d+\nmemory_peak_bytes \d+"]),
    (["run", "--redis", "FILE"], "return redis.call('GET', 'k')", None, 1, [], ["no data store is connected"]),
    (["run", "--redis", "FILE"], "redis.log(redis.LOG_WARNING, 'logged', 12) return cjson.encode({1})", None, 0, [], ["logged 12"]),
    (["run", "--redis", "FILE"], "print(1)", None, 1, [], ["nonexistent global variable 'print'"]),
    (["run", "--control-low", "FILE"], "print(#('x'):rep(100))", None, 0, ["^100\n$"], []),
    (["run", "--memory", "900000000000000", "FILE"], "", None, 70, [], ["cannot map"]),
    (["heap", "FILE"], "local t = {} for i = 1, 1000 do t[i] = {i} end", None, 0, ["heap: sound"], ["collections"]),
    (["trace", "FILE"], "local a = 1 local b = a + 2 return b", None, 0, [], [r"script.lua:1 +\d+ +LOADK .*B:number", "ADD_RK .*B:number  C:number", "RETURN1"]),
    (["disasm"], None, None, 2, [], ["usage: ferrous-vm disasm FILE"]),
    (["disasm", "/no/such/file.lua"], None, None, 2, [], ["cannot read"]),
    (["disasm", "FILE"], "x = = 1", None, 1, [], ["script.lua:1: unexpected symbol near '='"]),
    (["disasm", "FILE"], "local function f(a) return a + 1 end for i = 1, 3 do print(f(i)) end", None, 0, ["FORPREP", "FORLOOP", "ADD_RK", "CLOSURE"], []),
    (["disasm", "FILE"], "#!/bin/sh\nreturn 'text', 1.5, nil, true", None, 0, ["LOADK", "\"text\"|text"], []),
    (["disasm", "FILE"], MANY, None, 0, ["LOADKX", "SETGLOBALX", "GETGLOBALX", "far_global"], []),
    (["disasm", "FILE"], FUNCTIONS, None, 0, ["CLOSUREX"], []),
    (["disasm", "FILE"], LONG_LOOP, None, 0, ["FORLOOPX"], []),
]


def check(tool, folder, case):
    """What is wrong with one case, as a list of texts."""
    arguments, script, text, status, outs, errs = case
    path = os.path.join(folder, "script.lua")
    if script is not None:
        with open(path, "w", encoding="ascii") as file:
            file.write(script)
    command = [tool] + [path if word == "FILE" else word for word in arguments]
    done = subprocess.run(command, input=text or "", capture_output=True, text=True, timeout=120, check=False)
    faults = [] if done.returncode == status else ["exits with %d, expected %d" % (done.returncode, status)]
    for name, patterns, got in (("stdout", outs, done.stdout), ("stderr", errs, done.stderr)):
        faults += ["%s has no %r: %r" % (name, p, got[-300:]) for p in patterns if not re.search(p, got)]
    return faults


def check_operands(tool, folder):
    """`run --operands` appends what was executed."""
    path, out = os.path.join(folder, "script.lua"), os.path.join(folder, "operands")
    with open(path, "w", encoding="ascii") as file:
        file.write("local t = setmetatable({}, {__index = print}) local s = 'a' .. 1 return #s, t[1]")
    for _ in range(2):
        subprocess.run([tool, "run", "--operands", out, path], check=True, timeout=60, capture_output=True)
    with open(out, encoding="ascii") as file:
        lines = file.read().split("\n")
    faults = ["not noted twice: " + w for w in ("CONCAT - -", "LEN B string", "GETINDEX_I B metatable") if lines.count(w) != 2]
    done = subprocess.run([tool, "run", "--operands", "/no/such/folder/x", path], timeout=60, capture_output=True, check=False)
    return faults + ([] if done.returncode == 70 else ["an unwritable file exits with %d" % done.returncode])


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--tool", default=os.path.join(ROOT, "build", "release", "bin", "ferrous-vm"))
    options = parser.parse_args()
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        results = [(case[0], check(options.tool, folder, case)) for case in CASES]
        results.append((["run", "--operands"], check_operands(options.tool, folder)))
    for arguments, faults in results:
        if faults:
            failed += 1
            print("FAIL ferrous-vm %s\n  %s" % (" ".join(arguments), "\n  ".join(faults)))
    print("%d passed, %d failed" % (len(results) - failed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
