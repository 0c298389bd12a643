# SPDX-License-Identifier: BSD-2-Clause
"""generate_replies - random results and errors for the differential run.

ReplyScript: a script that returns a random value, built of everything that has a meaning
on the way out (marker fields of right and wrong types, holes, odd numbers, control bytes),
with and without setresp(3). ShebangScript: a first line that is nearly right. ErrorScript: errors of every kind, raised in every kind of
place, caught in every way, and one that may reach the top. An error table without a text
never gets there: Redis 7.0.15 does not survive it.
"""
import random

TEXTS = ["'text'", "''", "'two words'", "'a\\r\\nb'", "'\\r\\n'", "'nul\\0byte'", "'-DASH x'", "'CODE message'", "'ERR '", "' lead'", "'tab\\t'", "'\\255\\254'", "'percent %s %d'", "('long '):rep(60)"]
NUMBERS = ["0", "-1", "3.99", "-3.99", "2^31", "2^53", "2^63", "-2^63", "1e300", "-1e300", "0/0", "1/0", "-1/0", "-0.0", "0.1", "1e15", "123456789012"]


class ReplyScript:
    """A script that returns a random value."""

    def __init__(self, seed):
        self.random = random.Random("reply %d" % seed)

    def scalar(self):
        r = self.random
        return r.choice([r.choice(TEXTS), r.choice(NUMBERS), r.choice(["true", "false", "nil", "cjson.null", "pairs", "coroutine.create(function() end)"])])

    def marker(self, depth):
        r = self.random
        name = r.choice(["err", "ok", "double", "big_number", "verbatim_string", "map", "set", "format", "string"])
        if name == "verbatim_string" and r.randrange(4):
            return "verbatim_string = { format = %s, string = %s }" % (r.choice(["'txt'", "'mkd'", "'t'", "''", "'toolong'", "5", "nil"]), r.choice(TEXTS + ["7", "nil"]))
        if name in ("map", "set") and r.randrange(4):
            return "%s = { %s }" % (name, self.members(depth + 1))
        return "%s = %s" % (name, r.choice([self.scalar(), r.choice(TEXTS), r.choice(NUMBERS), self.value(depth + 1)]))

    def members(self, depth):
        """At most one pair without a string key: the order of the others is settled, but not among kinds."""
        r = self.random
        return ", ".join("%s = %s" % (r.choice(["a", "b", "name", "['x y']", "[1]", "[2]", "[1.5]", "['']", "[true]", "k%d" % r.randrange(40)]), self.value(depth)) for _ in range(r.randrange(5)))

    def value(self, depth):
        r = self.random
        if depth > 3 or r.randrange(5) < 2:
            return self.scalar()
        parts = [self.value(depth + 1) for _ in range(r.randrange(4))]
        if r.randrange(2):
            parts += [self.marker(depth) for _ in range(r.choice([1, 1, 1, 2]))]
        if r.randrange(6) == 0:
            parts.append("[%s] = %s" % (r.choice(["2", "3", "5", "'extra'", "0", "-1"]), self.scalar()))
        return "{ %s }" % ", ".join(parts)

    def text(self):
        r = self.random
        head = r.choice(["", "redis.setresp(3)\n", "redis.setresp(2)\n"])
        return head + "return { %s }\n" % ", ".join(self.value(0) for _ in range(r.randrange(1, 8)))


class ErrorScript:
    """Errors, caught and not."""

    HEAD = """local out = {}
local function fields(v)
  if type(v) ~= 'table' then return type(v) .. ' ' .. tostring(v) end
  local names = {}
  for k, x in pairs(v) do names[#names + 1] = tostring(k) .. '=' .. (type(x) == 'table' and 'table' or tostring(x)) end
  table.sort(names)
  return '{' .. table.concat(names, ' ') .. '}'
end
local function put(...)
  local t = {}
  for i = 1, select('#', ...) do t[i] = fields((select(i, ...))) end
  out[#out + 1] = table.concat(t, ' | ')
end
"""

    def __init__(self, seed):
        self.random = random.Random("error %d" % seed)

    def error(self, safe):
        """An expression or call that raises; `safe`: what Redis survives at the top."""
        r = self.random
        kinds = ["error(%s)" % r.choice(TEXTS), "error(%s, %s)" % (r.choice(TEXTS), r.choice(["0", "1", "2", "3", "-1", "99"])), "error(%s)" % r.choice(NUMBERS),
                 "error(%s)" % r.choice(["nil", "true", ""]),
                 "error({ err = %s })" % r.choice(TEXTS + NUMBERS[:6]), "error({ err = %s, extra = 1, line = 77, source = 'mine' })" % r.choice(TEXTS),
                 "error({ err = %s, ignore_error_stats_update = %s })" % (r.choice(TEXTS), r.choice(["true", "false", "1"])),
                 "error(redis.error_reply(%s))" % r.choice(TEXTS), "redis.call(%s)" % r.choice(["", "'nosuch'", "'get'", "'get', {}", "nil", "'subscribe', 'x'", "'lpush', 's', 1", "'incr', 's'", "'config', 'nosuch'"]),
                 "assert(%s)" % r.choice(["false", "nil, 'message'", "false, { err = 'from assert' }", "redis.pcall('nosuch').nothing"]), "redis.setresp(%s)" % r.choice(["1", "", "'x'"]), "redis.log()",
                 "nothing", "nothing()", "_G.x = 1", "redis.x = 1", "string.rep()", "('x'):bad()", "setmetatable(1, 2)", "cjson.decode('{')", "cmsgpack.unpack('\\193')", "struct.pack('z')", "table.concat({ {} })",
                 "tostring()", "loadstring('x x')()", "loadstring('error(1)', '=chunk')()", "coroutine.wrap(function() error('inside') end)()", "coroutine.yield()", "redis.sha1hex()", "string.format('%d', 'x')"]
        if not safe:
            kinds += ["error({})", "error({ ok = 'x' })", "error({ err = {} })", "error({ err = true })", "error(setmetatable({}, { __tostring = function() return 'shown' end }))"]
        return r.choice(kinds)

    def place(self, statement):
        """The statement in a function, a coroutine, a metamethod, ..."""
        r = self.random
        return r.choice(["%s", "%s", "(function() %s end)()", "(function() local a = 1; %s; return a end)()", "table.foreach({ 1 }, function() %s end)", "table.sort({ 3, 1, 2 }, function() %s end)",
                         "string.gsub('abc', '.', function() %s end)", "coroutine.wrap(function() %s end)()", "local _ = setmetatable({}, { __index = function() %s end }).x", "local _ = setmetatable({}, { __add = function() %s end }) + 1",
                         "for _ in function() %s end do end", "loadstring([=[%s]=])()", "load(function() %s end)"]) % statement

    def caught(self):
        r = self.random
        statement = self.place(self.error(False))
        function = "function() %s end" % statement
        return r.choice(["put(pcall(%s))", "put(pcall(%s))", "put(xpcall(%s, function(e) return e end))", "put(xpcall(%s, function(e) return fields(e) end))", "put(xpcall(%s, function(e) error('again') end))",
                         "put(coroutine.resume(coroutine.create(%s)))", "put(pcall(pcall, %s))", "put(pcall(coroutine.wrap(%s)))"]) % function

    def text(self):
        r = self.random
        lines = ["-- seed: SET s text"] + [self.HEAD] + [self.caught() for _ in range(r.randrange(5, 20))]
        if r.randrange(3):
            lines.append(self.place(self.error(True)))
        return "\n".join(lines) + "\nreturn out\n"


class ShebangScript:
    """A script with a first line of random engine, options, flags and layout."""

    def __init__(self, seed):
        self.random = random.Random("shebang %d" % seed)

    def flags(self):
        r = self.random
        names = ["no-writes", "allow-oom", "allow-stale", "no-cluster", "allow-cross-slot-keys"]
        odd = ["", "No-Writes", "nowrites", " no-writes", "no-writes ", "x", "no-writes=1", "'no-writes'"]
        return ",".join(r.choice(names * 3 + odd) for _ in range(r.randrange(4)))

    def line(self):
        r = self.random
        engine = r.choice(["lua"] * 8 + ["LUA", "Lua", "js", "", " lua", "lua5.1", "/bin/lua", "lua,", "'lua'", '"lua"', '"lua'])
        words = [engine]
        for _ in range(r.choice([0, 1, 1, 1, 2, 3])):
            words.append(r.choice(["flags=%s"] * 6 + ["FLAGS=%s", "flag=%s", "flags =%s", "flags", "name=%s", '"flags=%s"', "'flags=%s'", "\"flags=%s", "=%s", "%s"]).replace("%s", self.flags()))
        text = "#!" + r.choice([" ", " ", " ", "  ", "\t"]).join(words) + r.choice(["", "", "", " ", "\r", "\t", "\0", "\\", "\\n"])
        return r.choice(["", "", "", "", "", "", "", " ", "\n", "\ufeff"]) + text

    def text(self):
        r = self.random
        body = r.choice(["return 1", "return redis.pcall('set', 'a', 1)", "return redis.call('set', 'a', 1)", "return redis.call('get', 'a')", "error('x')", "x =", "return { redis.pcall('publish', 'c', 'x'), redis.acl_check_cmd('set', 'a', 1) }", ""])
        return self.line() + r.choice(["\n"] * 9 + [""]) + body + r.choice(["\n", ""])
