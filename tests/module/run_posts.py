#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""run_posts - random scripts whose calls are posted, awaited, and made by Redis's own Lua.

A script may throw replies away, use them, return them, catch errors, log, loop, fail anywhere.  It comes by
EVAL, EVAL_RO, as a function, or in a transaction, from a client of RESP2 or RESP3.  Three servers run each on the
same data: what the client gets and the dataset must be equal.
"""
import argparse
import random
import sys

from server import Server

KEYS = ["s", "n", "l", "h", "z", "missing"]


class Writer:
    """Makes statements; some fail on purpose: wrong types, unknown commands, wrong words."""

    def __init__(self, rng):
        self.rng = rng
        self.depth = 0

    def command(self):
        key = lambda: "'%s'" % self.rng.choice(KEYS)  # noqa: E731
        return self.rng.choice([
            lambda: "'set',%s,'v%d'" % (key(), self.rng.randrange(9)), lambda: "'get',%s" % key(),
            lambda: "'incr',%s" % key(), lambda: "'append',%s,x" % key(), lambda: "'rpush',%s,x,%d" % (key(), self.rng.randrange(9)),
            lambda: "'lpop',%s" % key(), lambda: "'hset',%s,'f',x" % key(), lambda: "'hgetall',%s" % key(),
            lambda: "'zadd',%s,%d,x" % (key(), self.rng.randrange(9)), lambda: "'del',%s" % key(), lambda: "'type',%s" % key(),
            lambda: "'exists',%s" % key(), lambda: "'lrange',%s,0,-1" % key(), lambda: "'select',0",
            lambda: "'mget','s',%s,'missing'" % key(), lambda: "'zrange',%s,0,-1,'withscores'" % key(), lambda: "'lpop',%s,2" % key(),
            lambda: "'incrby','n',9007199254740993", lambda: "'sort',%s,'by','nosort','get','*','get','#'" % key(),
        ] * 4 + [lambda: "'nosuch',1", lambda: "'get'", lambda: "'set',%s" % key(), lambda: "x", lambda: "'incrby',%s,'y'" % key(),
                 lambda: "'blpop',%s,0" % key(), lambda: "'get',{}"])()

    def call(self, names=("call", "call", "call", "pcall")):
        return "redis.%s(%s)" % (self.rng.choice(names), self.command())

    def statement(self):
        choice = self.rng.randrange(20)
        if choice < 9:
            return self.call()
        if choice < 12:
            return "x = tostring(x):sub(-5) .. shown(%s)" % self.call()
        if self.depth >= 3:
            return "x = x .. 'd'"
        self.depth += 1
        inner = self.block(1, 3)
        self.depth -= 1
        return ["for i = 1, %d do %s end" % (self.rng.randrange(4), inner),
                "if redis.call('exists', 's') == %d then %s end" % (self.rng.randrange(2), inner),
                "local function f() %s end f()" % inner,
                "x = x .. shown({pcall(function() %s end)})" % inner,
                "x = x .. shown({coroutine.resume(coroutine.create(function() %s end))})" % inner,
                "redis.log(redis.LOG_DEBUG, x) x = x .. math.random(9)",
                "table.foreach({1, 2}, function() %s end)" % inner,
                "if #x > 40 then %s end" % self.rng.choice(["error('long')", "error({err='MY long'})", "return x", "local y = nil + 1"])][choice - 12]

    def block(self, least, most):
        return "\n".join(self.statement() for _ in range(self.rng.randint(least, most)))

    def script(self):
        shown = ("local function shown(v) if type(v) ~= 'table' then return tostring(v) end local s = '' "
                 "for _, k in ipairs({1, 2, 'err', 'ok'}) do s = s .. shown_(v[k]) end return s end")
        head = "local shown_ = function(v) return type(v) == 'table' and 't' or tostring(v) end\n" + shown
        return head + "\nlocal x = 'x'\n" + self.block(1, 8) + "\n" + self.ending()

    def ending(self):
        if self.rng.randrange(2):
            return "return x"
        return self.rng.choice(ENDINGS) % self.call()


# What is done with the last call; not `error`: a table without `err` ends Redis 7.0.15 itself.
ENDINGS = ["return %s", "return %s", "local r = %s return r", "local function f() return %s end return f()",
           "local n = 0 local function f() n = n + 1 end local r = %s return r",
           "redis.setresp(3) return %s", "redis.setresp(3) redis.setresp(2) return %s", "return (%s)", "return {%s}",
           "local function f(n) if n == 0 then return %s end return f(n - 1) end return f(9)",
           "local function f() local r = %s return r end return f()", "local function f() return %s end return (f())",
           "return setmetatable({}, {__call = function() return %s end})()", "return setmetatable({}, {__index = function() return %s end}).x",
           "return pcall(function() return %s end)", "return select(2, pcall(function() return %s end))",
           "return xpcall(function() return %s end, function(e) return e end)", "return coroutine.wrap(function() return %s end)()",
           "return loadstring([[return %s]])()", "return loadstring([[\n\nreturn %s]], '@user_script')()",
           "return %s or 1", "return %s, 2", "return 2, %s", "local a, r = 2, %s return r", "local r, a = %s return r",
           "do local r = %s return r end", "while true do local r = %s return r end", "for i = 1, 2 do local r = %s if i == 2 then return r end end",
           "local r r = %s return r", "return assert(%s)", "return unpack({%s})", "local r = %s local q = r return r",
           "local r = %s local function f() return r end return r", "if x then return %s end return x"]

LIBRARY = "#!lua name=l\nredis.register_function('f', function()\n%s\nend)"


def way_of(rng):
    """How a script comes: the protocol, and what is sent; the script is asked for last."""
    resp = rng.choice((2, 2, 3))
    way = rng.choice(("eval", "eval", "eval", "read-only", "function", "transaction"))
    return resp, way


def send(client, way, script):
    if way == "function":
        return client.raw("FUNCTION", "LOAD", "REPLACE", LIBRARY % script), client.raw("FCALL", "f", "0")
    if way == "transaction":
        return [client.raw(*words) for words in (["MULTI"], ["GET", "n"], ["EVAL", script, "0"], ["INCR", "n"], ["EXEC"])]
    return [client.raw("EVAL" if way == "eval" else "EVAL_RO", script, "0")]


def play(server, script, way):
    with server.client() as client:
        for words in (["FLUSHALL"], ["SET", "n", "5"], ["RPUSH", "l", "a", "b"], ["SET", "s", "t"]):
            client.command(*words)
        if way[0] == 3:
            client.raw("HELLO", "3")
        # The state of math.random is the next script's, whatever became of this one.
        return send(client, way[1], script), client.command("DEBUG", "DIGEST"), client.raw("EVAL", "return tostring(math.random())", "0")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--count", type=int, default=1500)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    failed = errors = 0
    with Server(module=False) as stock, Server() as posting, Server() as waiting:
        waiting.command("CONFIG", "SET", "sandbox.await-calls", "yes")
        for number in range(options.count):
            rng = random.Random("%d/%d" % (options.seed, number))
            script, way = Writer(rng).script(), way_of(rng)
            judge, ours, slow = (play(server, script, way) for server in (stock, posting, waiting))
            errors += b"script: " in b"".join(judge[0])
            if judge == ours == slow:
                continue
            failed += 1
            print("seed %d/%d, %s in RESP%d\n%s\n  redis:  %r\n  posted: %r\n  awaited: %r" % (options.seed, number, way[1], way[0], script, judge, ours, slow))
        if not 0.05 < errors / options.count < 0.95:
            failed += 1
            print("%d of %d scripts end with an error: the scripts are no good" % (errors, options.count))
    print("%d passed, %d failed" % (options.count - failed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
