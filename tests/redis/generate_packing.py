# SPDX-License-Identifier: BSD-2-Clause
"""generate_packing - random scripts about cmsgpack and struct for the differential run.

cmsgpack: random Lua values packed and unpacked again; well-formed MessagePack, damaged
MessagePack and plain noise unpacked with every function, offset and limit. struct:
random formats, right and wrong ones, packed with arguments that mostly fit, unpacked
from what was packed and from noise, and measured. Numbers are shown with 17 digits.
"""
import random
import struct

HEAD = """local out, ordered = {}, true
local function hex(s) return (string.gsub(s, '.', function(c) return string.format('%02x', string.byte(c)) end)) end
local function show(v)
  if type(v) == 'string' then return 's' .. hex(v) end
  if type(v) == 'number' then return v ~= v and tostring(v) or string.format('%.17g', v) end
  if type(v) ~= 'table' then return tostring(v) end
  local parts = {}
  for k, x in pairs(v) do parts[#parts + 1] = show(k) .. '=' .. show(x) end
  if not ordered then table.sort(parts) end
  return '{' .. table.concat(parts, ',') .. '}#' .. #v
end
local function put(ok, ...)
  if not ok then out[#out + 1] = 'error: ' .. tostring((...)) return end
  local parts = {}
  for i = 1, select('#', ...) do parts[i] = show((select(i, ...))) end
  out[#out + 1] = table.concat(parts, ' ')
end
local function unordered(...) ordered = false put(...) ordered = true end
"""


def literal(data):
    """Bytes as a Lua string literal."""
    return "'%s'" % "".join(chr(b) if 32 <= b < 127 and b not in (39, 92) else "\\%03d" % b for b in data)


class Packing:
    """What both kinds share: random numbers, strings and bytes."""

    def __init__(self, seed):
        self.random = random.Random("%s %d" % (type(self).__name__, seed))

    def number(self):
        r = self.random
        kind = r.randrange(8)
        if kind < 2:
            return str(r.randrange(-300, 300))
        if kind == 2:
            return "%s2^%d%s" % (r.choice(["", "-"]), r.randrange(0, 70), r.choice(["", "-1", "+1", "+0.5", "/3"]))
        if kind == 3:
            return r.choice(["0/0", "-(0/0)", "1/0", "-1/0", "-0.0", "0.1", "1e300", "-1e300", "5e-324", "2^-126", "2^127", "2^128", "3.4028234663852886e38",
                             "3.4028235677973366e38", "1.17549435e-38", "1e-45", "16777217", "9007199254740993", "9223372036854775807", "18446744073709551615"])
        if kind == 4:
            return repr(r.uniform(-1, 1) * 10 ** r.randrange(-20, 21))
        if kind == 5:
            return "%d/%d" % (r.randrange(-1000, 1000), r.choice([2, 4, 8, 16, 3, 7, 10]))
        if kind == 6:
            return str(r.choice([31, 32, 33, 127, 128, 129, 255, 256, 257, 32767, 32768, 65535, 65536, 2147483647, 2147483648, 4294967295, 4294967296, 2 ** 53]) * r.choice([1, -1]) + r.choice([0, 0, 1, -1]))
        return "'%s'" % r.choice(["12", "0x10", " 7 ", "1e3", "abc", ""])

    def noise(self, most):
        r = self.random
        return bytes(r.choice([r.randrange(256), 0, 0xc0, r.randrange(0x80, 0xa0)]) for _ in range(r.randrange(most)))

    def text(self):
        lines = [self.line() for _ in range(self.random.randrange(20, 60))]
        return HEAD + "\n".join(lines) + "\nreturn out\n"


class MsgpackScript(Packing):
    """One script about cmsgpack."""

    def value(self, depth):
        r = self.random
        kind = r.randrange(12 if depth < 4 else 8)
        if kind < 4:
            return self.number()
        if kind < 6:
            return r.choice(["'a'", "''", "'\\0\\255'", "('x'):rep(%d)" % r.choice([31, 32, 255, 256, 65535, 65536])] + ["'word%d'" % r.randrange(50)] * 4)
        if kind == 6:
            return r.choice(["true", "false", "nil", "cjson.null", "print", "function() end", "coroutine.create(function() end)"][:r.choice([3, 4, 4, 7])]).replace("print", "pairs")
        if kind == 7:
            return r.choice(["{}", "{ nil }", "{ 1, nil, 3 }", "{ [0] = 1 }", "{ [1] = 1, [2] = 2, [3] = 3 }", "{ [1.5] = 1 }", "{ [-1] = 1 }", "{ [2^31] = 1 }", "{ [true] = false }", "{ [{}] = {} }",
                             "setmetatable({ 1 }, { __index = function() return 5 end })", "(function() local t = {} for i = 1, %d do t[i] = i end return t end)()" % r.choice([15, 16, 17, 300]),
                             "(function() local t = {} for i = 1, %d do t['k' .. i] = i end return t end)()" % r.choice([15, 16, 17, 300]),
                             "(function() local t = {} for i = 1, %d do t = { t } end return t end)()" % r.randrange(10, 22), "(function() local t = {} for i = 1, %d do t = { k = t } end return t end)()" % r.randrange(10, 22),
                             "(function() local t = {} t[1] = 1 t.x = t return t end)()"])
        if kind < 10:
            return "{ %s }" % ", ".join(self.value(depth + 1) for _ in range(r.randrange(6)))
        return "{ %s }" % ", ".join("[%s] = %s" % (r.choice(["'a'", "'b'", "'name'", "'id%d'" % r.randrange(30), str(r.randrange(-2, 6)), "1.5", "true"]), self.value(depth + 1)) for _ in range(r.randrange(6)))

    def packed(self, depth):
        """Well-formed MessagePack, not only in the forms that pack chooses."""
        r = self.random
        kind = r.randrange(9 if depth < 4 else 6)
        if kind == 0:
            return bytes([r.choice([r.randrange(0x80), r.randrange(0xe0, 0x100), 0xc0, 0xc2, 0xc3])])
        if kind == 1:
            code, size = r.choice([(0xcc, 1), (0xcd, 2), (0xce, 4), (0xcf, 8), (0xd0, 1), (0xd1, 2), (0xd2, 4), (0xd3, 8), (0xca, 4), (0xcb, 8)])
            return bytes([code]) + bytes(r.choice([0, 255, 127, 128, r.randrange(256)]) for _ in range(size))
        if kind == 2:
            return b"\xcb" + struct.pack(">d", r.choice([0.0, -0.0, 1.5, 1e300, float("nan"), -float("inf"), r.random()]))
        if kind < 6:
            body = self.noise(8)
            header = [lambda n: bytes([0xa0 + n]), lambda n: b"\xd9" + bytes([n]), lambda n: b"\xda" + struct.pack(">H", n), lambda n: b"\xdb" + struct.pack(">I", n)]
            return r.choice(header)(len(body)) + body
        count = r.randrange(5)
        if kind < 8:
            header = r.choice([bytes([0x90 + count]), b"\xdc" + struct.pack(">H", count), b"\xdd" + struct.pack(">I", count)])
            return header + b"".join(self.packed(depth + 1) for _ in range(count))
        header = r.choice([bytes([0x80 + count]), b"\xde" + struct.pack(">H", count), b"\xdf" + struct.pack(">I", count)])
        return header + b"".join(self.packed(4) + self.packed(depth + 1) for _ in range(count))

    def bytes(self):
        """Bytes to unpack, and the function that shows the result."""
        r = self.random
        kind = r.randrange(6)
        if kind == 0:
            return self.noise(20), "unordered"
        data = b"".join(self.packed(0) for _ in range(r.randrange(1, 4)))
        if kind == 1:
            return data[:r.randrange(len(data) + 1)], "put"
        if kind == 2:
            at = r.randrange(len(data))
            return data[:at] + self.noise(3) + data[at + r.randrange(3):], "unordered"
        return data, "put"

    def line(self):
        r = self.random
        kind = r.randrange(7)
        if kind < 2:
            return "put(pcall(cmsgpack.pack, %s))" % ", ".join(self.value(0) for _ in range(r.randrange(1, 4)))
        if kind == 2:
            return "put(pcall(function() return cmsgpack.unpack(cmsgpack.pack(%s)) end))" % self.value(0)
        data, put = self.bytes()
        if kind == 3:
            return "%s(pcall(cmsgpack.unpack, %s))" % (put, literal(data))
        # From the middle on anything may be a key.
        offset = r.choice(["", ", %d" % r.randrange(len(data) + 2), ", " + self.number()][:r.choice([1, 2, 2, 3])])
        if kind == 4:
            return "unordered(pcall(cmsgpack.unpack_one, %s%s))" % (literal(data), offset)
        limit = r.choice(["0", "1", "2", "3", "100", "-1", self.number()][:r.choice([5, 5, 7])])
        return "unordered(pcall(cmsgpack.unpack_limit, %s, %s%s))" % (literal(data), limit, offset)


class StructScript(Packing):
    """One script about struct."""

    def option(self):
        r = self.random
        kind = r.randrange(20)
        if kind < 8:
            return r.choice("bBhHlLTiIfdx")
        if kind < 11:
            return r.choice("iI") + str(r.randrange(1, 10))
        if kind == 11:
            return r.choice("iI") + str(r.choice([0, 10, 15, 16, 17, 24, 31, 32, 33, 99, 2147483647, 2147483648, 99999999999]))
        if kind < 14:
            return r.choice(["s", "s", "c", "c0", "c1", "c3", "c5", "c20"])
        if kind < 18:
            return r.choice([">", "<", "!", "!1", "!2", "!4", "!8", "!16", " "])
        if kind == 18:
            return r.choice(["!0", "!3", "!6", "!1073741824", "!2147483648", "z", "k", "1", "#", "=", "@", "_"])
        return r.choice(["Bc0", "sc0", "i1c0", "!4 b i3", "!8 bd", "!8 bI5", "!2 bl"])

    def format(self):
        return "".join(self.option() for _ in range(self.random.randrange(1, 7)))

    def argument(self, letter):
        r = self.random
        if r.randrange(12) == 0:
            return r.choice(["nil", "true", "{}", "'7'", "'x'"])
        if letter in "sc":
            return r.choice(["'hello'", "''", "'a\\0b'", "('x'):rep(25)", "12"])
        return self.number()

    def arguments(self, text):
        r = self.random
        found = [self.argument(letter) for letter in text if letter in "bBhHlLTiIfdsc"]
        return found[:-1] if found and r.randrange(10) == 0 else found + [self.number()] * (r.randrange(10) == 0)

    def line(self):
        r = self.random
        kind, text = r.randrange(6), self.format()
        quoted = "'%s'" % text
        if kind == 0:
            return "put(pcall(struct.size, %s))" % quoted
        if kind < 3:
            return "put(pcall(struct.pack, %s))" % ", ".join([quoted] + self.arguments(text))
        if kind == 3:
            packed = "struct.pack(%s)" % ", ".join([quoted] + self.arguments(text))
            return "put(pcall(function() return struct.unpack(%s, %s) end))" % (quoted, packed)
        place = r.choice(["", ", 1", ", %d" % r.randrange(12), ", " + self.number()][:r.choice([1, 3, 4])])
        return "put(pcall(struct.unpack, %s, %s%s))" % (quoted, literal(self.noise(80)), place)
