#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""run_messages - the words of every error, as lua5.1 says them.

The corpus is in messages/*.txt: a snippet on a line (\\n, \\r, \\0 and \\\\ stand for a
newline, a return, a NUL and a backslash), the expected outcome on the next one, behind
"--> ". Both the recorded outcome and a live lua5.1 judge; all snippets of a file run in
one process. values.txt, syntax.txt and traces.txt are written by hand, the other files
by --record, which also fills in the outcomes from lua5.1:

  operators.txt  every operation on every kind of variable with every type of value
  arguments.txt  every library function without arguments and with one of each type
                 as the first to third, as a function, a method, by another name

--wide adds calls with pairs of arguments, compared with lua5.1 alone. --ctl compares the
corpus through ferrous-sandboxctl with a redis-server of its own too.
"""
import argparse
import itertools
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
DEFAULT_TOOL = os.path.join(ROOT, "build", "release", "bin", "ferrous-vm") + " run"
CORPUS = os.path.join(HERE, "messages")
MARK = "--> "

HARNESS = r"""
package.path, package.cpath = "./?.lua", ""
for i = #package.loaders, 3, -1 do package.loaders[i] = nil end
local results = {}
local function show(v)
  local t = type(v)
  if t == "table" or t == "function" or t == "thread" or t == "userdata" then return t end
  return (tostring(v):gsub("0x%x+", "ADDRESS"):gsub("%S*harness.lua:%d+", "HARNESS"))
end
local function run(source, traced)
  local f, message = loadstring(source, "=s")
  if not f then return "syntax: " .. message end
  setfenv(f, setmetatable({}, { __index = _G }))
  local answer = traced and { xpcall(f, debug.traceback) } or { pcall(f) }
  if not answer[1] then return "error: " .. show(answer[2]) end
  local shown = {}
  for i = 2, table.maxn(answer) do shown[#shown + 1] = show(answer[i]) end
  return "ok: " .. table.concat(shown, ", ")
end
local escapes = { ["\n"] = "\\n", ["\r"] = "\\r", ["\0"] = "\\0", ["\\"] = "\\\\" }
for i, source in ipairs(snippets) do
  results[i] = run(source, traced):gsub("[%z\n\r\\]", escapes)
end
print("\nRESULTS")
print(table.concat(results, "\n"))
"""


def decode(text):
    out, at = [], 0
    escapes = {"n": "\n", "r": "\r", "0": "\0", "\\": "\\"}
    while at < len(text):
        if text[at] == "\\" and text[at + 1:at + 2] in escapes:
            out.append(escapes[text[at + 1]])
            at += 2
        else:
            out.append(text[at])
            at += 1
    return "".join(out)


def quote(source):
    return '"' + "".join(c if c.isascii() and (c.isalnum() or c in " _.,()=+-*") else "\\%03d" % b
                         for c, b in ((chr(b), b) for b in source.encode("utf-8", "surrogateescape"))) + '"'


def outcomes(command, snippets, traced):
    """What each snippet ends with under an interpreter."""
    with tempfile.TemporaryDirectory(prefix="fsmessages") as folder:
        path = os.path.join(folder, "harness.lua")
        with open(path, "w", encoding="ascii") as file:
            # One function would have too many constants.
            file.write("snippets = {}\n")
            for start in range(0, len(snippets), 1000):
                lines = ",\n".join(quote(decode(s)) for s in snippets[start:start + 1000])
                file.write(";(function(t) for i = 1, #t do snippets[#snippets + 1] = t[i] end end){\n%s}\n" % lines)
            file.write("traced = %s\n%s" % ("true" if traced else "false", HARNESS))
        done = subprocess.run(shlex.split(command) + [path], capture_output=True, stdin=subprocess.DEVNULL, timeout=600)
    text = done.stdout.decode("utf-8", "surrogateescape")
    _, mark, answers = text.rpartition("\nRESULTS\n")
    answers = answers.split("\n")[:-1]
    if not mark or len(answers) != len(snippets):
        sys.exit("run_messages: %s gave %d outcomes for %d snippets: exit %d, %s" % (
            command, len(answers), len(snippets), done.returncode, done.stderr.decode("utf-8", "replace")[-300:]))
    return answers


# --- In a script of the server --------------------------------------------------

# No setfenv there, no traces; what the server's generator or clock answers is left out.
NOT_IN_REDIS = ("random", "collectgarbage", "gcinfo", "string.dump", "os.")


def redis_script(snippets):
    body = HARNESS[HARNESS.index("local results"):HARNESS.index('print("\\nRESULTS")')]
    body = body.replace("  setfenv(f, setmetatable({}, { __index = _G }))\n", "").replace("traced and { xpcall(f, debug.traceback) } or ", "")
    items = ",\n".join(quote(decode(s)) for s in snippets)
    return "local traced, snippets = false, {%s}\n%sreturn table.concat(results, '\\n')\n" % (items, body)


def compare_in_redis(ctl, snippets, limit):
    snippets = [s for s in snippets if not any(word in s for word in NOT_IN_REDIS)]
    differing = 0
    with tempfile.TemporaryDirectory(prefix="fsmessages") as folder:
        socket, path = os.path.join(folder, "socket"), os.path.join(folder, "script.lua")
        server = subprocess.Popen(["redis-server", "--port", "0", "--unixsocket", socket, "--save", "", "--dir", folder],
                                  stdout=subprocess.DEVNULL)
        try:
            for _ in range(200):
                if os.path.exists(socket):
                    break
                time.sleep(0.05)
            for start in range(0, len(snippets), 200):
                part = snippets[start:start + 200]
                with open(path, "w", encoding="ascii") as file:
                    file.write(redis_script(part))
                answers = [subprocess.run(command, capture_output=True, timeout=120).stdout.decode("utf-8", "surrogateescape").split("\n")[:-1]
                           for command in (shlex.split(ctl) + ["run", path], ["redis-cli", "-s", socket, "--raw", "--eval", path])]
                if not len(answers[0]) == len(answers[1]) == len(part):
                    sys.exit("run_messages: %s and %s for %d snippets" % (answers[0][:2], answers[1][:2], len(part)))
                differing += judge("redis", part, *answers, limit)
        finally:
            server.kill()
            server.wait()
    return len(snippets), differing


# --- Generated snippets ---------------------------------------------------------

VALUES = ["nil", "true", "1", '"x"', "{}", "print", "coroutine.create(function() end)"]
# How a value comes to be operated on: what goes before, and the operand.
KINDS = [("local v = %s ", "v"), ("v = %s ", "v"), ("local v = %s return (function() ", "v"), ("local t = {v = %s} ", "t.v"),
         ("local t = {%s} ", "t[1]"), ("local t, k = {k = %s}, 'k' ", "t[k]"), ("local t = {a = {b = %s}} ", "t.a.b"),
         ("t = {v = %s} ", "t.v"), ("local t = {v = %s} return (function() ", "t.v"), ("local f = function() return %s end ", "f()"),
         ("return (function(v) ", "v"), ("return (function(...) ", "..."), ("local v = %s ", "(v)"),
         ("local t = {['a b'] = %s} ", "t['a b']"), ("local t = {[true] = %s} ", "t[true]")]
CLOSERS = {2: " end)()", 8: " end)()", 10: " end)(%s)", 11: " end)(%s)"}
OPERATIONS = ["return (%s).x", "return (%s)[1]", "return #%s", "return -%s", "return %s + 1", "return 1 - %s", "return %s * %s", "return 2 ^ %s",
              "return %s .. 'a'", "return 'a' .. %s", "return 'a' .. %s .. 'b'", "return %s < 1", "return 'a' <= %s", "return %s < %s",
              "for i = %s, 1 do end", "for i = 1, %s do end", "local r = (%s)()", "local r = (%s)(1, 2)", "return (%s):m()", "local r = (%s).x.y"]
PLAIN = {"v": ["v()", "v.x = 1", "v[1] = 1", "v:m()", "v.x.y = 1"], "t.v": ["t.v()", "t.v.x = 1", "t.v:m()", "t:v()"],
         "t[1]": ["t[1]()", "t[1].x = 1", "t[1]:m()"], "t[k]": ["t[k]()", "t[k][k] = 1"], "t.a.b": ["t.a.b()", "t.a:b()", "t.a.b.c = 1"],
         "f()": ["f()()", "f().x = 1", "f():m()"], "t['a b']": ["t['a b']()"], "t[true]": ["t[true]()"]}


def operator_snippets():
    for (number, (before, operand)), value in itertools.product(enumerate(KINDS), VALUES):
        head = before % value if "%s" in before else before
        closer = CLOSERS.get(number, "")
        tail = closer % value if "%s" in closer else closer
        for operation in OPERATIONS:
            if number in (3, 4, 5, 6, 12, 13, 14) and operation.startswith(("for", "return 2", "return 'a' <=")):
                continue
            yield head + operation.replace("%s", operand) + tail
        for statement in PLAIN.get(operand, []):
            yield head + statement + tail


LIBRARIES = {
    "": "assert error getmetatable ipairs load loadstring next pairs pcall rawequal rawget rawset select setmetatable tonumber tostring type unpack xpcall "
        "getfenv setfenv newproxy require module",
    "string": "byte char dump find format gfind gmatch gsub len lower match rep reverse sub upper",
    "table": "concat foreach foreachi getn insert maxn remove setn sort",
    "math": "abs acos asin atan atan2 ceil cos cosh deg exp floor fmod frexp ldexp log log10 max min mod modf pow rad randomseed sin sinh sqrt tan tanh",
    "coroutine": "create resume running status wrap yield",
    "debug": "getfenv getinfo getlocal getmetatable getupvalue setfenv setlocal setupvalue traceback",
    "io": "close lines open type write", "os": "difftime getenv setlocale",
}
# Outcomes that are not the same twice, or are listed in docs/reference/lua-differences.md.
UNSTABLE = ("string.dump(print", "string.dump(function", "debug.setmetatable", "os.date()", "os.date(nil", "os.getenv", "unpack(nil", "io.close()", "io.close(nil",
            "debug.getinfo(print", "debug.getlocal(1", "debug.setlocal(1", "debug.getupvalue(print", "newproxy(true", 'debug.traceback("x", {}, ', 'debug.traceback("x", print, ', "newproxy(nil", "newproxy()")
ARGUMENTS = ["nil", "true", "1", "-1.5", '"x"', '"10"', "{}", "print", "function() end"]


def functions():
    for library, names in LIBRARIES.items():
        for name in names.split():
            yield (library + "." if library else "") + name, name


def argument_snippets():
    for function, name in functions():
        calls = [""] + ARGUMENTS + ["%s, %s" % (a, b) for a in ('"x"', "{}") for b in ("nil", "{}", '"y"')]
        calls += ["%s, 1, %s" % (a, b) for a in ('"x"', "{}") for b in ("nil", "{}", '"y"')]
        for call in calls:
            yield "return %s(%s)" % (function, call)
        for call in ("", "nil", "{}", '"x"'):
            yield "local f = %s return f(%s)" % (function, call)
            yield "local o = {%s = %s} return o:%s(%s)" % (name, function, name, call)
            yield "local o = {%s = %s} return o.%s(%s)" % (name, function, name, call)
            yield "return pcall(%s%s)" % (function, call and ", " + call)
        yield "local up = %s return (function() return up({}, {}, {}) end)()" % function
        if function.startswith("string."):
            for call in ("", "nil", "{}", '"y"', "1, {}", '"y", {}', '"y", "z", {}'):
                yield 'return ("x"):%s(%s)' % (name, call)


def wide_snippets():
    for function, _ in functions():
        for pair in itertools.product(ARGUMENTS, ARGUMENTS):
            yield "return %s(%s)" % (function, ", ".join(pair))
        for triple in itertools.product(('"x"', "{}", "{3, 1, 2}"), ("1", '"."', "print", "{}"), ARGUMENTS):
            yield "return %s(%s)" % (function, ", ".join(triple))


def is_stable(snippet):
    call = snippet.replace("return ", "", 1)
    return not call.startswith(UNSTABLE)


GENERATED = {"operators.txt": operator_snippets, "arguments.txt": argument_snippets}


# --- The corpus -----------------------------------------------------------------

def read_corpus(path):
    """(snippets, outcomes); an outcome that is not recorded is None."""
    snippets, recorded = [], []
    with open(path, encoding="utf-8", errors="surrogateescape", newline="\n") as file:
        for line in file.read().split("\n"):
            if line.startswith(MARK):
                recorded[-1] = line[len(MARK):]
            elif line:
                snippets.append(line)
                recorded.append(None)
    return snippets, recorded


def record(oracle):
    for name in sorted(set(GENERATED) | {n for n in os.listdir(CORPUS) if n.endswith(".txt")}):
        path = os.path.join(CORPUS, name)
        if name in GENERATED:
            snippets = list(dict.fromkeys(filter(is_stable, GENERATED[name]())))
        else:
            snippets = read_corpus(path)[0]
        answers = outcomes(oracle, snippets, name == "traces.txt")
        with open(path, "w", encoding="utf-8", errors="surrogateescape", newline="\n") as file:
            for snippet, answer in zip(snippets, answers):
                file.write("%s\n%s%s\n" % (snippet, MARK, answer))


def judge(what, snippets, ours, expected, limit):
    wrong = [(s, a, b) for s, a, b in zip(snippets, ours, expected) if a != b]
    for snippet, a, b in wrong[:limit]:
        print("DIFFERS (%s) %s\n  expected %s\n  got      %s" % (what, snippet, b, a))
    return len(wrong)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--tool", default=DEFAULT_TOOL)
    parser.add_argument("--oracle", default="lua5.1")
    parser.add_argument("--ctl", help="ferrous-sandboxctl, to compare with redis-server")
    parser.add_argument("--record", action="store_true", help="write the generated files and the outcomes anew")
    parser.add_argument("--wide", action="store_true")
    parser.add_argument("--show", type=int, default=20, help="differences shown of each file")
    options = parser.parse_args()
    for command in (options.tool, options.oracle):
        if not shutil.which(shlex.split(command)[0]):
            sys.exit("run_messages: no such tool: " + command)
    if options.record:
        record(options.oracle)
        return 0
    total = differing = in_redis = 0
    corpus = []
    for name in sorted(n for n in os.listdir(CORPUS) if n.endswith(".txt")):
        snippets, recorded = read_corpus(os.path.join(CORPUS, name))
        ours = outcomes(options.tool, snippets, name == "traces.txt")
        oracle = outcomes(options.oracle, snippets, name == "traces.txt")
        total += len(snippets)
        corpus += snippets if name != "traces.txt" else []
        differing += judge(name, snippets, ours, recorded, options.show)
        differing += judge(name + ", recorded", snippets, oracle, recorded, options.show)
    if options.wide:
        snippets = list(filter(is_stable, wide_snippets()))
        total += len(snippets)
        differing += judge("wide", snippets, outcomes(options.tool, snippets, False), outcomes(options.oracle, snippets, False), options.show)
    if options.ctl:
        in_redis, wrong = compare_in_redis(options.ctl, corpus, options.show)
        differing += wrong
    print("%d snippets, %d of them in redis-server too, %d differ" % (total, in_redis, differing))
    return 1 if differing or not total else 0


if __name__ == "__main__":
    sys.exit(main())
