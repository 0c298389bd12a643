#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""run_guesses - random scripts run again and again, until their calls' answers are guessed, and the data changes.

Each script of run_posts is run some dozen times on the same data, and now and then on other: Redis's own Lua and
the module must tell the client the same, and leave the same dataset, each time.
"""
import argparse
import random
import sys

from run_posts import Writer
from server import Server

CHANGES = (["SET", "n", "nan"], ["DEL", "l"], ["SET", "z", "1"], ["HSET", "h", "f", "1"], ["RPUSH", "missing", "1"], ["DEL", "s"],
           ["SADD", "n2", "x"], ["INCRBY", "n", "1000"], ["ZADD", "z", "1", "x"], ["RPUSH", "l", "c", "d"])


class Asker(Writer):
    """More that asks and acts on the answer than is thrown away."""

    def statement(self):
        if self.rng.randrange(3):
            return super().statement()
        return self.rng.choice(["if redis.call('exists', %s) == 1 then x = x .. 'e' else redis.call('incr', 'c') end",
                                "if redis.call('llen', 'l') > 1 then redis.call('lpop', 'l') redis.log(redis.LOG_DEBUG, 'popped') end --%s",
                                "for i = 1, 3 do x = x .. tostring(redis.call('hget', 'h', %s)) end",
                                "if not redis.call('hmget', 'h', 'f', %s)[1] then redis.call('append', 's', 'y') end",
                                "x = x .. #redis.call('zrange', 'z', 0, -1) --%s",
                                "local v = redis.pcall('incr', %s) if type(v) == 'table' then x = x .. v.err:sub(1, 3) end"]
                               ) % ("'%s'" % self.rng.choice(["s", "n", "l", "missing"])) + "\n"


def play(server, client, script, change):
    for words in (["FLUSHALL"], ["SET", "n", "5"], ["RPUSH", "l", "a", "b"], ["SET", "s", "t"]) + ((change,) if change else ()):
        client.command(*words)
    return client.raw("EVAL", script, "0"), server.command("DEBUG", "DIGEST")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--runs", type=int, default=30, help="of each script")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    failed = 0
    with Server(module=False) as stock, Server() as ours, stock.client() as judge, ours.client() as client:
        for number in range(options.count):
            rng = random.Random("%d/%d" % (options.seed, number))
            script = Asker(rng).script()
            for run in range(options.runs):
                change = rng.choice(CHANGES) if run > 12 and rng.randrange(4) == 0 else None
                wanted, got = play(stock, judge, script, change), play(ours, client, script, change)
                if wanted != got:
                    failed += 1
                    print("seed %d/%d run %d, changed %s\n%s\n  redis: %r\n  ours:  %r" % (options.seed, number, run, change, script, wanted, got))
                    break
        info = ours.info("sandbox")
        guesses, replays = int(info["sandbox_guessed_replies"]), int(info["sandbox_replays"])
    print("%d replies guessed, %d runs played again" % (guesses, replays))
    if guesses < 20 * options.count or replays < options.count / 10:
        failed += 1
        print("too few: the scripts are no good")
    print("%d passed, %d failed" % (options.count - failed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
