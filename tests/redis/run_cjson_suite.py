#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""run_cjson_suite - lua-cjson's own tests, as one script, in Redis and in our tool.

The tests are those of the Debian source package lua-cjson (tests/test.lua and its data),
fetched once into build/foreign with apt's own means and private lists. They expect files,
print, require and cjson.safe: the script begins with stand-ins for them. Passed are the
tests that print the same on both sides; how many of them cjson itself calls failed is told.
"""
import argparse
import glob
import os
import re
import subprocess
import sys
import tempfile

from run_differential import DEFAULT_TOOL, ROOT, Server

FOLDER = os.path.join(ROOT, "build", "foreign", "lua-cjson")
SOURCES = "deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian %s main\n"

HEAD = """local out = {}
local function print(...)
  local t = { ... }
  for i = 1, select('#', ...) do t[i] = tostring(t[i]) end
  out[#out + 1] = table.concat(t, '\\t')
end
local io = { write = print }
local os = { exit = function() end, setlocale = function() end }
local function utf8(i)
  local c, f = string.char, math.floor
  if i < 0x80 then return c(i) end
  if i < 0x800 then return c(0xC0 + f(i / 64), 0x80 + i % 64) end
  if i < 0x10000 then return c(0xE0 + f(i / 4096), 0x80 + f(i / 64) % 64, 0x80 + i % 64) end
  return c(0xF0 + f(i / 262144), 0x80 + f(i / 4096) % 64, 0x80 + f(i / 64) % 64, 0x80 + i % 64)
end
local function all_utf8()
  local t = {}
  for i = 0, 0x10FFFF do if i < 0xD800 or i > 0xDFFF then t[#t + 1] = utf8(i) end end
  return table.concat(t)
end
local files = { ['utf8.dat'] = all_utf8() }
local modules = { cjson = cjson }
local function require(name) return modules[name] end
local make_safe
function make_safe(library)
  local t = {}
  for k, v in pairs(library) do t[k] = v end
  for _, name in ipairs({ 'encode', 'decode' }) do
    t[name] = function(...)
      local r = { pcall(library[name], ...) }
      if r[1] then return unpack(r, 2) end
      return nil, r[2]
    end
  end
  t.new = function() return make_safe(library.new()) end
  return t
end
modules['cjson.safe'] = make_safe(cjson)
"""


def fetch():
    """The unpacked source package."""
    found = glob.glob(os.path.join(FOLDER, "lua-cjson-*", "tests", "test.lua"))
    if found:
        return os.path.dirname(os.path.dirname(found[0]))
    os.makedirs(os.path.join(FOLDER, "lists", "partial"), exist_ok=True)
    with open("/etc/os-release", encoding="utf-8") as file:
        suite = re.search(r"^VERSION_CODENAME=(\w+)", file.read(), re.M).group(1)
    with open(os.path.join(FOLDER, "sources.list"), "w", encoding="utf-8") as file:
        file.write(SOURCES % suite)
    apt = ["apt-get", "-qq", "-o", "Dir::Etc::sourcelist=" + os.path.join(FOLDER, "sources.list"),
           "-o", "Dir::Etc::sourceparts=/dev/null", "-o", "Dir::State::lists=" + os.path.join(FOLDER, "lists")]
    for words in (["update"], ["source", "lua-cjson"]):
        done = subprocess.run(apt + words, cwd=FOLDER, capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit("run_cjson_suite: apt-get %s: %s" % (words[0], done.stderr))
    return fetch()


def literal(data):
    return '"%s"' % "".join("\\%03d" % byte for byte in data)


def read(path):
    with open(path, encoding="latin-1") as file:
        return file.read()


def make_script(source):
    """The suite as one script that returns its lines."""
    util = read(os.path.join(source, "lua", "cjson", "util.lua"))
    util = re.sub(r"local function file_load.*?\nend\n",
                  "local function file_load(name) return files[name] or error('no file') end\n", util, flags=re.S)
    test = read(os.path.join(source, "tests", "test.lua")).replace("#!/usr/bin/env lua", "")
    test = re.sub(r"\nfunction (\w+)\(", r"\nlocal function \1(", test)
    data = sorted(glob.glob(os.path.join(source, "tests", "*.json")) + glob.glob(os.path.join(source, "tests", "*.dat")))
    lines = [HEAD]
    for path in data:
        with open(path, "rb") as file:
            lines.append("files['%s'] = %s\n" % (os.path.basename(path), literal(file.read())))
    lines.append("local arg = { %s }\n" % ", ".join("'%s'" % os.path.basename(p) for p in data if p.endswith(".json")))
    lines.append("modules['cjson.util'] = (function()\n%s\nend)()\ndo\n%s\nend\nreturn out\n" % (util, test))
    return "".join(lines)


def split_tests(output):
    """{number and name: everything printed about it}."""
    text = output.decode("latin-1")
    return {part.split("\n")[0].rsplit(":", 1)[0]: part for part in text.split("==> Test [")[1:]}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--tool", default=DEFAULT_TOOL)
    options = parser.parse_args()
    script = make_script(fetch())
    with tempfile.TemporaryDirectory(prefix="fscjson") as folder:
        path = os.path.join(folder, "suite.lua")
        with open(path, "w", encoding="latin-1") as file:
            file.write(script)
        server = Server(folder, "judge")
        sides = [["redis-cli", "-s", server.socket_path, "--raw", "--eval", path],
                 [options.tool, "run", "--raw", "--limit", "memory=512m", path]]
        judge, ours = [split_tests(subprocess.run(side, capture_output=True, timeout=250).stdout) for side in sides]
        server.stop()
    differing = sorted(name for name in judge if judge[name] != ours.get(name))
    for name in differing:
        print("FAIL [%s\n--- Redis\n%s--- ours\n%s" % (name, judge[name], ours.get(name, "nothing\n")))
    failed = sum(": FAIL" in part.split("\n")[0] for part in judge.values())
    print("%d tests, %d the same here as in Redis (%d of them cjson's tests call failed)" % (len(judge), len(judge) - len(differing), failed))
    return 1 if differing or len(judge) < 100 else 0


if __name__ == "__main__":
    sys.exit(main())
