#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""run_numbers - arithmetic, number texts and formats, bit for bit as lua5.1 does them.

Random doubles of every magnitude, with the borders of formats and integers over
represented, go through arithmetic, comparison, tostring, tonumber, concat,
string.format with random specifications, numeric for, bases, and table keys.
"""
import random
import struct
import sys

import generated

BORDERS = [0.0, 1.0, -1.0, 0.5, 1e14, 1e15, 1e16, 99999999999999.0, 999999999999999.0, 2.0 ** 31, 2.0 ** 32, 2.0 ** 53, 2.0 ** 63,
           2.0 ** 64, 5e-324, 2.2250738585072014e-308, 1.7976931348623157e308, 0.1, 1 / 3, 1e100, 1e-100, 123456789012345.0, 9.5, 99.5, 0.00001, 0.0001]


class Numbers:
    """Random literals and texts."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def double(self):
        r = self.random
        kind = r.randrange(8)
        if kind == 0:
            value = r.choice(BORDERS) * r.choice([1, -1])
        elif kind == 1:
            value = float(r.randrange(-10 ** r.randrange(1, 18), 10 ** r.randrange(1, 18)))
        elif kind == 2:
            value = r.randrange(-10 ** 6, 10 ** 6) / 10 ** r.randrange(1, 8)
        elif kind == 3:
            value = struct.unpack("<d", struct.pack("<Q", r.getrandbits(64)))[0]
        elif kind == 4:
            value = r.uniform(-1, 1) * 10.0 ** r.randrange(-20, 20)
        elif kind == 5:
            value = r.choice(BORDERS) + r.choice([-1, 1]) * r.choice([0, 1, 0.5, 1e-9])
        elif kind == 6:
            value = float(2 ** r.randrange(0, 70) + r.choice([-1, 0, 1]))
        else:
            value = r.randrange(-20, 21) * 1.0
        if value != value or value in (float("inf"), float("-inf")):
            return r.choice(["1/0", "-1/0"])
        return "%r" % value if r.randrange(3) else "%.17g" % value

    def text(self):
        """Something that tonumber may or may not take."""
        r = self.random
        shapes = [lambda: self.double(), lambda: " %s " % self.double(), lambda: "0x%x" % r.getrandbits(r.choice([4, 16, 31, 33, 53])), lambda: "%de%d" % (r.randrange(1000), r.randrange(-400, 400)),
                  lambda: "".join(r.choice("0123456789.eE+-x ") for _ in range(r.randrange(1, 9))), lambda: str(r.getrandbits(r.choice([8, 64, 200]))),
                  lambda: "%d.%d" % (r.getrandbits(40), r.getrandbits(60)), lambda: "0.%s%d" % ("0" * r.randrange(30), r.getrandbits(50)), lambda: r.choice(["inf", "nan", "-inf", "infinity", "0x", "", " ", "1_0", "1e", ".5", "5.", ".", "1.e5", "0x.8p1", "1f", "١"])]
        return r.choice(shapes)()

    def specification(self):
        r = self.random
        flags = "".join(f for f in "-+ #0" if r.randrange(6) == 0)
        width = r.choice(["", "", str(r.randrange(1, 30))])
        precision = r.choice(["", "", ".%d" % r.randrange(0, 25), "."])
        return "%" + flags + width + precision + r.choice("deEfgGixXou")

    def line(self, number):
        r = self.random
        a, b = "(%s)" % self.double(), "(%s)" % self.double()
        kind = r.randrange(12)
        if kind < 3:
            return "p(%d, %s, %s .. '', -%s)" % (number, a, a, a)
        if kind == 3:
            return "p(%d, %s %s %s)" % (number, a, r.choice("+-*/%"), b)
        if kind == 4:
            return "p(%d, %s < %s, %s <= %s, %s == %s)" % (number, a, b, a, b, a, b)
        if kind < 7:
            spec = self.specification()
            value = a if spec[-1] in "eEfgG" else "(%d)" % r.randrange(-2 ** r.choice([8, 31, 52]), 2 ** r.choice([8, 31, 52])) if spec[-1] in "di" else "(%d)" % r.randrange(2 ** r.choice([8, 31, 52]))
            return "p(%d, pcall(string.format, '%s', %s))" % (number, spec, value)
        if kind < 9:
            return "p(%d, tonumber('%s'))" % (number, self.text())
        if kind == 9:
            digits = "".join(r.choice("0123456789abczZ-") for _ in range(r.randrange(1, 14)))
            return "p(%d, tonumber('%s', %d))" % (number, digits, r.randrange(2, 37))
        if kind == 10:
            return "p(%d, math.floor(%s), math.ceil(%s), math.abs(%s), math.modf(%s))" % (number, a, a, a, a)
        return "p(%d, math.fmod(%s, %s), math.frexp(%s), ({ [%s] = 1 })[%s], %s ^ %d)" % (number, a, b, a, a, a, a, r.randrange(-3, 4))

    def program(self, count):
        prelude = ("local function p(n, ...)\n  local t = { n }\n  for i = 1, select('#', ...) do\n    local v = (select(i, ...))\n"
                   "    t[#t + 1] = type(v) == 'number' and tostring(v) .. '=' .. string.format('%.17g', v) or tostring(v)\n  end\n  print(table.concat(t, ' '))\nend\n")
        return prelude + "\n".join(self.line(n) for n in range(count)) + "\n"


if __name__ == "__main__":
    sys.exit(generated.run("numbers", __doc__, "lines", lambda seed, count: Numbers(seed).program(count), encoding="utf-8"))
