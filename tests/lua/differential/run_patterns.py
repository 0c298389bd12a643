#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""run_patterns - random patterns and string calls, compared with lua5.1.

Well-formed patterns built from items (classes, sets, quantifiers, captures,
back references, %b, %f, anchors) and damaged ones go through find, match,
gmatch and gsub with string, table and function replacements; sub, byte, rep,
format %q and %s, table.concat and sort of the pieces. Results, captures,
positions and error messages must agree.
"""
import random
import sys

import generated

CLASSES = "acdlpsuwxzACDLPSUWXZ"
LETTERS = "aab bc1 2.-_(X)%[]"


class Patterns:
    """Random subjects, patterns and calls."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def subject(self):
        r = self.random
        kind = r.randrange(5)
        if kind == 0:
            return "".join(r.choice("ab") for _ in range(r.randrange(0, 30)))
        if kind == 1:
            return "".join(r.choice(LETTERS + "\n\0\x7f\xe9") for _ in range(r.randrange(0, 40)))
        if kind == 2:
            return r.choice(["key=value, k2 = v2", "2024-05-06T07:08:09", "f(a(b)c)(d)", "THE (quick) fox", "user:1000:name", "", "aaa", "  trim  ", "[x][y]"])
        if kind == 3:
            return " ".join(r.choice(["one", "two", "x1", "42", "a.b"]) for _ in range(r.randrange(1, 8)))
        return r.choice(["ab", "a", "(", "%"]) * r.randrange(0, 20)

    def set_item(self):
        r = self.random
        parts = []
        for _ in range(r.randrange(1, 4)):
            parts.append(r.choice(["a", "b", "a-c", "0-9", "%a", "%s", "%d", "%]", "%-", ".", "_", "]", "^", "-", "z-a", "%w-"]))
        return "[%s%s]" % (r.choice(["", "", "^"]), "".join(parts))

    def item(self, depth):
        r = self.random
        kind = r.randrange(16)
        if kind < 4:
            single = r.choice(["a", "b", "1", "x", " ", "=", ":"])
        elif kind < 7:
            single = "%" + r.choice(CLASSES)
        elif kind == 7:
            single = "."
        elif kind < 10:
            single = self.set_item()
        elif kind == 10:
            return r.choice(["%b()", "%bxy", "%bab", "%b[]", "%f[%a]", "%f[^%w]", "%f[a]"])
        elif kind == 11:
            return "%" + r.choice("123")
        elif kind == 12:
            return "()"
        elif kind == 13 and depth < 3:
            return "(%s)" % self.sequence(depth + 1)
        else:
            single = "%" + r.choice(".-+*?[]()^$%")
        return single + r.choice(["", "", "", "*", "+", "-", "?"])

    def sequence(self, depth):
        return "".join(self.item(depth) for _ in range(self.random.randrange(1, 5)))

    def pattern(self):
        r = self.random
        text = r.choice(["", "", "^"]) + self.sequence(0) + r.choice(["", "", "$"])
        if r.randrange(8) == 0 and text:
            at = r.randrange(len(text))
            text = text[:at] + r.choice(["", "%", "[", "]", "(", ")", "^", "$", "*"]) + text[at + r.randrange(2):]
        return text

    def replacement(self):
        r = self.random
        return r.choice(["'x'", "'%0'", "'%1'", "'<%0>'", "'%2%1'", "''", "'%%'", "'%9'", "{ a = 'A', b = 1, ['1'] = false }",
                         "function(...) return select('#', ...) end", "function(a, b) return b end", "string.upper", "function() return nil end", "function() return {} end"])

    def call(self):
        r = self.random
        s, p = quote(self.subject()), quote(self.pattern())
        start = r.choice(["", "", ", %d" % r.randrange(-6, 12)])
        kind = r.randrange(12)
        if kind < 3:
            return "string.find, %s, %s%s" % (s, p, start)
        if kind < 5:
            return "string.match, %s, %s%s" % (s, p, start)
        if kind == 5:
            return "string.find, %s, %s, %d, true" % (s, quote(self.subject()[:3]), r.randrange(-4, 8))
        if kind < 9:
            return "string.gsub, %s, %s, %s%s" % (s, p, self.replacement(), r.choice(["", "", ", %d" % r.randrange(0, 4)]))
        if kind == 9:
            return "all, %s, %s" % (s, p)
        return r.choice(["string.sub, %s, %d, %d" % (s, r.randrange(-8, 9), r.randrange(-8, 9)), "string.byte, %s, %d, %d" % (s, r.randrange(-5, 6), r.randrange(-5, 6)),
                         "string.format, '%%q|%%s|%%.3s', %s, %s, %s" % (s, s, s), "string.rep, %s, %d" % (s, r.randrange(-1, 5)), "pieces, %s, %s" % (s, p)])

    def program(self, count):
        return PRELUDE + "\n".join("p(%d, %s)" % (n, self.call()) for n in range(count)) + "\n"


PRELUDE = """\
local function p(n, ...)
  local t = { n }
  local function keep(...)
    for i = 1, select('#', ...) do
      t[#t + 1] = tostring((select(i, ...))):gsub('[%c\\128-\\255]', function(c) return '\\\\' .. c:byte() end)
    end
  end
  keep(pcall(...))
  print(table.concat(t, '|'))
end
local function all(s, pattern)
  local out = {}
  for a, b in string.gmatch(s, pattern) do
    out[#out + 1] = tostring(a) .. ',' .. tostring(b)
    if #out > 60 then break end
  end
  return table.concat(out, ' ')
end
local function pieces(s, pattern)
  local out = {}
  for a in string.gmatch(s, pattern) do out[#out + 1] = tostring(a) end
  table.sort(out)
  return table.concat(out, '/')
end
"""


def quote(text):
    return "'%s'" % "".join(c if 32 <= ord(c) < 127 and c not in "'\\" else "\\%03d" % ord(c) for c in text)


if __name__ == "__main__":
    sys.exit(generated.run("patterns", __doc__, "calls", lambda seed, count: Patterns(seed).program(count)))
