#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""generate_cases - random scripts of redis.call, redis.pcall and the libraries for the differential run.

Each script sends random commands, right and wrong ones, to a few keys of every
type, passes replies on as arguments, builds nested results with numbers,
booleans, nils, status and error tables, and sometimes raises. The answers of
the commands used do not depend on time, addresses or a hash seed. Of eight scripts one is about
cjson (documents whole and damaged, decoded, walked and encoded again), one about cmsgpack, one about struct, one
about errors, one about results, one begins with a shebang line.
"""
import argparse
import os
import random

from generate_packing import MsgpackScript, StructScript
from generate_replies import ErrorScript, ReplyScript, ShebangScript

KEYS = ["s1", "s2", "l1", "h1", "z1", "set1", "missing", "n1"]
SEED = "SET s1 hello; SET n1 10; RPUSH l1 a b c; HSET h1 f1 v1 f2 2; ZADD z1 1 a 2.5 b; SADD set1 m"
WORDS = ["a", "b", "f1", "f2", "v", "10", "-1", "0", "1.5", "", "x y", "long" * 20, "nan", "inf", "99999999999999999999"]


class Script:
    """One random script."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.replies = 0

    def key(self):
        return self.random.choice(["'%s'" % self.random.choice(KEYS)] * 4 + ["KEYS[1]", "KEYS[2]"])

    def value(self):
        r = self.random
        kinds = ["'%s'" % r.choice(WORDS)] * 6 + ["ARGV[1]", "ARGV[2]", str(r.randrange(-5, 100)), "%d / %d" % (r.randrange(1, 50), r.choice([2, 3, 4, 7])),
                                                   "2^%d" % r.randrange(0, 70), "-0.0", "#KEYS"]
        if self.replies and r.randrange(3) == 0:
            return "show(r%d)" % r.randrange(1, self.replies + 1) if r.randrange(2) else "(type(r%d) == 'string' and r%d or 'other')" % ((r.randrange(1, self.replies + 1),) * 2)
        return r.choice(kinds)

    def command(self):
        r = self.random
        k, v = self.key, self.value
        shapes = [
            lambda: ["GET", k()], lambda: ["SET", k(), v()], lambda: ["SET", k(), v(), "'NX'"], lambda: ["SET", k(), v(), "'XX'", "'GET'"],
            lambda: ["INCR", k()], lambda: ["INCRBY", k(), v()], lambda: ["INCRBYFLOAT", k(), v()], lambda: ["APPEND", k(), v()],
            lambda: ["STRLEN", k()], lambda: ["GETRANGE", k(), v(), v()], lambda: ["SETRANGE", k(), str(r.randrange(6)), v()], lambda: ["MGET", k(), k(), k()],
            lambda: ["DEL", k()], lambda: ["EXISTS", k(), k()], lambda: ["TYPE", k()], lambda: ["RENAME", k(), k()], lambda: ["EXPIRE", k(), "1000"], lambda: ["PERSIST", k()],
            lambda: ["RPUSH", k(), v(), v()], lambda: ["LPUSH", k(), v()], lambda: ["LPOP", k()], lambda: ["RPOP", k(), "2"], lambda: ["LRANGE", k(), "0", "-1"],
            lambda: ["LLEN", k()], lambda: ["LINDEX", k(), v()], lambda: ["LSET", k(), v(), v()], lambda: ["LREM", k(), "0", v()], lambda: ["LINSERT", k(), "'BEFORE'", v(), v()],
            lambda: ["LMOVE", k(), k(), "'LEFT'", "'RIGHT'"], lambda: ["LPOS", k(), v()],
            lambda: ["HSET", k(), v(), v()], lambda: ["HGET", k(), v()], lambda: ["HGETALL", "'h1'"], lambda: ["HDEL", k(), v()], lambda: ["HINCRBY", k(), v(), v()], lambda: ["HMGET", k(), v(), v()],
            lambda: ["HLEN", k()], lambda: ["HEXISTS", k(), v()], lambda: ["HINCRBYFLOAT", k(), v(), "0.1"],
            lambda: ["ZADD", k(), v(), v()], lambda: ["ZADD", k(), "'GT'", "'CH'", "5", v()], lambda: ["ZSCORE", k(), v()], lambda: ["ZINCRBY", k(), v(), v()],
            lambda: ["ZRANGE", k(), "0", "-1", "'WITHSCORES'"], lambda: ["ZRANGEBYSCORE", k(), "'-inf'", v()], lambda: ["ZRANK", k(), v()], lambda: ["ZREM", k(), v()],
            lambda: ["ZPOPMIN", k()], lambda: ["ZCARD", k()], lambda: ["ZMSCORE", k(), v(), v()], lambda: ["ZCOUNT", k(), v(), v()],
            lambda: ["SADD", k(), v()], lambda: ["SISMEMBER", k(), v()], lambda: ["SMISMEMBER", k(), v(), v()], lambda: ["SCARD", k()], lambda: ["SREM", k(), v()],
            lambda: ["SMOVE", k(), k(), v()], lambda: ["SINTERCARD", "2", k(), k()],
            lambda: ["PING"], lambda: ["ECHO", v()], lambda: ["DBSIZE"], lambda: ["OBJECT", "'ENCODING'", k()], lambda: ["BITCOUNT", k()], lambda: ["SETBIT", k(), "7", "1"], lambda: ["GETBIT", k(), v()],
            lambda: ["NOSUCH", v()], lambda: ["GET"], lambda: ["SUBSCRIBE", "'c'"], lambda: ["SET", k(), v(), "'EX'", "'0'"], lambda: ["GETDEL", k()], lambda: ["COPY", k(), k(), "'REPLACE'"],
            lambda: ["GET", k(), "nil"], lambda: ["SET", k(), r.choice(["{}", "true", "nil"])],
        ]
        words = r.choice(shapes)()
        name = words[0] if r.randrange(4) else words[0].lower()
        return ", ".join(["'%s'" % name] + words[1:])

    def statement(self):
        r = self.random
        call = "redis.%s(%s)" % (r.choice(["pcall"] * 14 + ["call"]), self.command())
        self.replies += 1
        return "local r%d = %s" % (self.replies, call)

    def result(self, depth):
        r = self.random
        kind = r.randrange(14)
        if kind < 6 or depth > 3:
            return "r%d" % r.randrange(1, self.replies + 1)
        if kind == 6:
            return r.choice(["1", "3.7", "-2.5", "true", "false", "1e18", "nil", "2^53", "-0.9"])
        if kind == 7:
            return r.choice(["'text'", "''", "'a\\r\\nb'", "'\\0\\255'"])
        if kind == 8:
            return r.choice(["{ ok = 'DONE' }", "{ err = 'BAD thing' }", "redis.error_reply('E x')", "redis.status_reply('S')", "{ double = 1.5 }", "{ map = { a = 1 } }",
                             "{ set = { x = true } }", "{ big_number = '12' }", "{ err = 5 }"])
        if kind == 9:
            return "type(r%d)" % r.randrange(1, self.replies + 1)
        if kind == 10:
            n = r.randrange(1, self.replies + 1)
            return "(type(r%d) == 'table' and (r%d.err or r%d.ok or #r%d))" % (n, n, n, n)
        if kind == 11:
            return "cjson.encode({ %s })" % ", ".join("show(%s)" % self.result(4) for _ in range(r.randrange(1, 4)))
        return "{ %s }" % ", ".join(self.result(depth + 1) for _ in range(r.randrange(6)))

    def text(self):
        r = self.random
        lines = ["-- keys: %s %s" % (r.choice(KEYS), r.choice(KEYS)), "-- args: %s 7" % r.choice(["abc", "'two words'", "3"]), "-- seed: " + SEED,
                 "local function show(v) return type(v) == 'table' and 'table' or tostring(v) end"]
        if r.randrange(6) == 0:
            lines.append("redis.setresp(3)")
        lines += [self.statement() for _ in range(r.randrange(1, 14))]
        if r.randrange(10) == 0:
            lines.append(r.choice(["error('stop')", "error({ err = 'STOP here' })", "local x = r1.nothing.more", "return r1 .. r1", "error(redis.error_reply('RAISED x'))"]))
        else:
            lines.append("return %s" % self.result(0))
        return "\n".join(lines) + "\n"


class JsonScript:
    """cjson: random documents, whole and damaged, decoded, walked and encoded again."""

    HEAD = """local function walk(v)
  if type(v) ~= 'table' then return type(v) .. ':' .. tostring(v) end
  local out = {}
  for k, x in pairs(v) do out[#out + 1] = type(k) .. ' ' .. tostring(k) .. '=' .. walk(x) end
  return '{' .. table.concat(out, ',') .. '}'
end
local out, json = {}, cjson
local function decode(text)
  local ok, v = pcall(json.decode, text)
  out[#out + 1] = ok and walk(v) or v
  if ok then local done, back = pcall(json.encode, v) out[#out + 1] = back end
end
local function encode(v) local ok, text = pcall(json.encode, v) out[#out + 1] = text end
local function setting(f, ...)
  local t = { pcall(f, ...) }
  for i = 1, #t do t[i] = tostring(t[i]) end
  out[#out + 1] = table.concat(t, ' ')
end
"""

    def __init__(self, seed):
        self.random = random.Random("json %d" % seed)

    def text_value(self, depth):
        r = self.random
        kind = r.randrange(9 if depth < 4 else 6)
        if kind < 2:
            return r.choice(["0", "1", "-1", "1.5", "1e3", "123456789012", "0.1", "1E-7", "-0", "1e400", "00", "0x1f", "+1", "1.", ".5", "nan", "Infinity", "99999999999999999999"])
        if kind < 4:
            return '"%s"' % "".join(r.choice(["a", "b", " ", "\\n", "\\u00e9", "\\u20ac", "\\ud83d\\ude00", "\\/", '\\"', "\\\\", "é", "\\ud800", "\\x", "\t"][:r.choice([4, 11, 14])]) for _ in range(r.randrange(8)))
        if kind < 6:
            return r.choice(["true", "false", "null", "{}", "[]", "nul", "True"][:r.choice([5, 5, 7])])
        space = r.choice(["", "", " ", "\n "])
        items = [self.text_value(depth + 1) for _ in range(r.randrange(6))]
        if kind == 6:
            return "[" + space + ("," + space).join(items) + "]"
        return "{" + (space + ",").join('"%s":%s%s' % (r.choice(["a", "b", "name", "id", "key" * 15, "1", ""]) + r.choice(["", "", "x", "2"]), space, i) for i in items) + "}"

    def document(self):
        r = self.random
        text = self.text_value(0)
        if r.randrange(4) == 0 and text:
            at = r.randrange(len(text))
            text = text[:at] + r.choice(["", ",", "}", "]", '"', "{", ":", " ", "x"]) + text[at + r.randrange(3):]
        return text

    def lua_value(self, depth):
        r = self.random
        kind = r.randrange(8 if depth < 4 else 5)
        if kind < 2:
            return r.choice(["1", "0.5", "-3", "1e15", "2^53", "1/3", "1e100", "0/0", "1/0", "-0.0", "100"][:r.choice([7, 11])])
        if kind < 4:
            return r.choice(["'a'", "'q\"b'", "'\\1\\127\\200/'", "''", "true", "false", "cjson.null", "nil"])
        if kind == 4:
            return r.choice(["{}", "{}", "function() end", "{ 1 }", "{ nil, 2 }", "{ [5] = 1 }", "{ [11] = 1 }", "{ [1.5] = 1 }", "{ [true] = 1 }"][:r.choice([1, 6, 9])])
        if kind < 7:
            return "{ %s }" % ", ".join(self.lua_value(depth + 1) for _ in range(r.randrange(6)))
        return "{ %s }" % ", ".join("%s = %s" % (r.choice(["a", "b", "name", "id", "['x y']", "[1]", "[2]", "['1']", "[10]", "k%d" % r.randrange(30)]), self.lua_value(depth + 1)) for _ in range(r.randrange(8)))

    def setting(self):
        """A call of one of the functions that set and show settings, right or wrong."""
        r = self.random
        numbers = ["0", "1", "2", "3", "5", "14", "15", "16", "1000", "-1", "2^31", "2.9", "'7'", "'x'", "nil", "true", "{}"]
        switches = ["true", "false", "'on'", "'off'", "'null'", "nil", "'maybe'", "1", "{}"]
        arguments = {"encode_sparse_array": [switches, numbers, numbers], "encode_max_depth": [numbers], "decode_max_depth": [numbers],
                     "encode_number_precision": [numbers], "encode_keep_buffer": [switches], "encode_invalid_numbers": [switches],
                     "decode_invalid_numbers": [switches]}
        name = r.choice(sorted(arguments))
        given = [r.choice(kind[:r.choice([5, len(kind)])]) for kind in arguments[name]][:r.randrange(4)]
        if r.randrange(12) == 0:
            given += ["1"] * 3
        return "setting(%s)" % ", ".join(["json.%s" % name] + given)

    def text(self):
        r = self.random
        lines = []
        for _ in range(r.randrange(5, 15)):
            if r.randrange(4) == 0:
                lines.append(self.setting())
            if r.randrange(30) == 0:
                lines.append("json = %s.new()" % r.choice(["json", "cjson"]))
            if r.randrange(2):
                lines.append("encode(%s)" % self.lua_value(0))
            else:
                lines.append("decode('%s')" % "".join(c if c.isascii() and c >= " " and c not in "'\\" else "".join("\\%03d" % b for b in c.encode()) for c in self.document()))
        return self.HEAD + "\n".join(lines) + "\nreturn out\n"


KINDS = {"error": ErrorScript, "json": JsonScript, "msgpack": MsgpackScript, "reply": ReplyScript, "script": Script,
         "shebang": ShebangScript, "struct": StructScript}
TURNS = ["json", "script", "msgpack", "error", "shebang", "reply", "struct", "script"]


def write_cases(folder, count, seed, kind=None):
    """Script number n is of the kind whose turn it is, or all are of one kind."""
    os.makedirs(folder, exist_ok=True)
    for number in range(seed, seed + count):
        make = KINDS[kind or TURNS[number % len(TURNS)]]
        with open(os.path.join(folder, "generated_%d.lua" % number), "w", encoding="utf-8", newline="") as file:
            file.write(make(number).text())


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder")
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kind", choices=sorted(KINDS))
    options = parser.parse_args()
    write_cases(options.folder, options.count, options.seed, options.kind)


if __name__ == "__main__":
    main()
