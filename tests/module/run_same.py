#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""run_same - the same commands to a stock server and to one with the module, byte for byte.

Every group runs on a fresh connection after FLUSHALL, SCRIPT FLUSH and FUNCTION FLUSH;
all its commands are sent at once and every reply compared.  Afterwards both datasets must be equal.
"""
import sys

from pair import Pair
from server import Server
from suite import main, test

SHA = {"return 5": b"4ca238f611c9d0ae4e9a75a5dbac22aedc379801"}


def play(server, commands, resp):
    with server.client() as client:
        for words in (["FLUSHALL"], ["SCRIPT", "FLUSH"], ["FUNCTION", "FLUSH"]):
            client.command(*words)
    with server.client() as client:
        client.command("HELLO", resp)
        for words in commands:
            client.send(*words)
        replies = [client.reply() for _ in commands]
    return replies, server.command("DEBUG", "DIGEST")


def same(*commands, resp=2):
    judge, ours = (play(server, commands, resp) for server in Pair.get())
    for words, a, b in zip(commands, judge[0], ours[0]):
        assert a == b, "%r\n  redis: %r\n  ours:  %r" % (words, a, b)
    assert judge[1] == ours[1], "the datasets differ"


def evals(*scripts):
    return [["EVAL", script, "0"] for script in scripts]


@test
def values_are_converted_alike():
    same(*evals("return 1", "return 1.9", "return -1.9", "return 'a'", "return ''", "return true", "return false",
                "return nil", "return {}", "return {1,2,{3,'x',{}}}", "return {1,nil,3}", "return {ok='fine'}",
                "return {err='MY error'}", "return {err='a\\r\\nb'}", "return {ok='a\\nb'}", "return {double=1.5}",
                "return {map={a=1}}", "return {set={a=true}}", "return {big_number='123'}",
                "return {verbatim_string={string='x',format='txt'}}", "return redis.status_reply('x')",
                "return redis.error_reply('x y')", "return {{err='inside'},1}", "return function() end", "return"))


@test
def values_are_converted_alike_for_resp3():
    same(*evals(
        "return 1", "return true", "return nil", "return {double=1.5}", "return {double=1/3}", "return {double=1/0}",
        "return {double=-1/0}", "return {map={a=1}}", "return {set={a=true}}", "return {big_number='123'}",
        "return {verbatim_string={string='x',format='txt'}}", "return {1,{map={x={2}}}}", "return {big_number='1\\r\\n2'}",
        "return {big_number='no number'}", "return {{big_number=''},1}", "return {double=0/0}", "return {double=-(0/0)}", "return {err='E x'}",
        "redis.setresp(3) return true", "redis.setresp(3) return {false,true}",
        "redis.setresp(3) redis.call('hset','h','f','v') return redis.call('hgetall','h')",
        "redis.call('sadd','s','a') redis.setresp(3) return redis.call('smembers','s')",
        "redis.setresp(3) redis.call('zadd','z',1.5,'a') return redis.call('zscore','z','a')",
        "redis.setresp(3) return redis.call('get','none')", "return redis.call('get','none')"))



@test
def replies_of_commands_are_converted_alike():
    same(["SET", "k", "v"], ["RPUSH", "l", "a", "b"], ["HSET", "h", "f", "1"], *evals(
        "return redis.call('get','k')", "return redis.call('lrange','l',0,-1)", "return redis.call('hgetall','h')",
        "return redis.call('incr','n')", "return redis.call('set','k','w')", "return redis.call('get','none')",
        "return redis.call('lpop','none',2)", "return redis.pcall('incr','k')", "return redis.call('incr','k')",
        "return redis.call('exists','k','l','h')", "return type(redis.call('get','none'))",
        "return redis.call('setex','t',100,'x')", "return redis.call('ping')", "return redis.call('echo','a\\0b')",
        "return redis.call('dbsize')", "return {redis.call('type','l'), redis.call('ttl','k')}",
        "redis.call('sadd','u','c','a','b') return redis.call('sort','u','by','nosort')", "return redis.call('sort','u','by','_','get','#','get','x_*')",
        "return redis.call('sort','u','by','_','limit',1,1,'desc')", "return redis.call('sort','l','by','nosort')",
        "return redis.call('sort','u','by','_','store','w')", "return redis.call('sort_ro','u','by','_')", "return redis.pcall('sort','u','by')"))


@test
def errors_have_the_same_words():
    same(*evals("return redis.call('nope')", "return redis.call('get')", "return redis.call('eval','return 1',0)",
                "return redis.call('subscribe','x')", "return redis.call('config')", "return redis.call('config','get','port')",
                "return redis.call('object','foo')", "return redis.call('')", "return redis.call('ge\\0t','x')",
                "return redis.call()", "return redis.call(nil)", "error('x')", "error({err='MY x'})", "error('x',0)", "retur",
                "return x", "x=1", "return redis.pcall('nope')", "return redis.pcall('get')",
                "return redis.call('xread','block',10,'streams','s','0')", "return redis.call('xread','streams','s','0')",
                "return redis.call('multi')", "return redis.call('script','load','x')", "return redis.call('shutdown')",
                "return redis.call('blpop','l',1)", "return redis.call('wait',0,0)", "return redis.call('set','a')",
                "local ok, e = pcall(redis.call,'nope') return e", "return redis.call('mset','a')"))


@test
def numbers_of_keys_are_read_alike():
    same(["EVAL", "return KEYS", "2", "a", "b", "c"], ["EVAL", "return ARGV", "2", "a", "b", "c"],
         ["EVAL", "return 1", "3", "a"], ["EVAL", "return 1", "-1"], ["EVAL", "return 1", "x"], ["EVAL", "return 1", "1.5"],
         ["EVAL", "return 1", "99999999999999999999"], ["EVAL", "return 1"], ["EVAL"], ["EVALSHA", "abc", "x"],
         ["EVALSHA", "a" * 40, "x"], ["EVALSHA", "a" * 40, "0"], ["EVALSHA", "a" * 40], ["EVAL_RO", "return 1", "0"],
         ["EVAL_RO", "return 1", "9"], ["EVALSHA_RO", "b" * 40, "0"])


@test
def the_script_cache_answers_alike():
    sha = SHA["return 5"]
    same(["SCRIPT", "EXISTS", sha, "x"], ["SCRIPT", "LOAD", "return 5"], ["SCRIPT", "EXISTS", sha, sha.upper(), b"0" * 40],
         ["EVALSHA", sha, "0"], ["EVALSHA", sha.upper(), "0"], ["EVALSHA_RO", sha, "0"], ["SCRIPT", "FLUSH"],
         ["EVALSHA", sha, "0"], ["EVAL", "return 5", "0"], ["EVALSHA", sha, "0"], ["SCRIPT", "FLUSH", "ASYNC"],
         ["SCRIPT", "EXISTS", sha], ["SCRIPT", "FLUSH", "NOW"], ["SCRIPT", "LOAD", "retur"], ["SCRIPT", "LOAD", "#!lua x\nreturn 1"],
         ["SCRIPT", "LOAD"], ["SCRIPT"], ["SCRIPT", "NOPE"], ["SCRIPT", "EXISTS"], ["SCRIPT", "KILL"], ["SCRIPT", "KILL", "x"],
         ["SCRIPT", "HELP"], ["SCRIPT", "SHOW", sha], ["SCRIPT", "FLUSH", "SYNC", "SYNC"])


@test
def shebang_lines_are_read_alike():
    lines = ["#!lua", "#!lua flags=", "#!lua flags=no-writes", "#!lua flags=allow-oom,no-writes", "#!lua flags=no-cluster",
             "#!lua flags=allow-stale,allow-cross-slot-keys", "#!lua flags=nope", "#!lua flags=a,", "#!lua name=x", "#!js",
             "#!", "#!lua 'x", "#!lua \"flags=no-writes\"", "#!LUA"]
    same(*[["EVAL", line + "\nreturn redis.call('set','k',1)", "1", "k"] for line in lines],
         *[["EVAL_RO", line + "\nreturn redis.call('get','k')", "1", "k"] for line in lines],
         ["EVAL", "#!lua", "0"], ["EVAL", " #!lua\nreturn 1", "0"])


@test
def read_only_scripts_cannot_write():
    same(["SET", "k", "v"], ["EVAL_RO", "return redis.call('get','k')", "1", "k"], ["EVAL_RO", "return redis.call('set','k',1)", "1", "k"],
         ["EVAL_RO", "return redis.call('publish','c','m')", "0"], ["EVAL_RO", "return redis.call('pfcount','k2')", "0"],
         ["EVAL", "#!lua flags=no-writes\nreturn redis.call('publish','c','m')", "0"],
         ["EVAL", "#!lua flags=no-writes\nreturn redis.pcall('del','k')", "0"], ["EVAL_RO", "#!lua\nreturn 1", "0"],
         ["EVAL_RO", "#!lua flags=no-writes\nreturn 1", "0"])


@test
def transactions_hold_scripts():
    sha = SHA["return 5"]
    same(["MULTI"], ["SET", "a", "1"], ["EVAL", "return redis.call('incr',KEYS[1])", "1", "a"], ["SCRIPT", "LOAD", "return 5"],
         ["EVALSHA", sha, "0"], ["GET", "a"], ["EXEC"], ["MULTI"], ["EVAL", "error('x')", "0"], ["INCR", "a"], ["EXEC"],
         ["MULTI"], ["EVAL"], ["EXEC"], ["MULTI"], ["EVAL", "return redis.call('get','a')", "0"], ["DISCARD"],
         ["WATCH", "a"], ["EVAL", "return redis.call('set','a','9')", "0"], ["MULTI"], ["GET", "a"], ["EXEC"])


@test
def a_scripts_database_is_its_own():
    same(["EVAL", "redis.call('select',5) redis.call('set','x','5') return redis.call('get','x')", "0"], ["GET", "x"],
         ["SELECT", "5"], ["GET", "x"], ["EVAL", "redis.call('select','99') return 1", "0"], ["GET", "x"],
         ["EVAL", "redis.call('select',2) error('x')", "0"], ["GET", "x"],
         ["EVAL", "return redis.call('get','x')", "0"], ["MULTI"], ["EVAL", "redis.call('select',3) redis.call('set','y',1)", "0"],
         ["SET", "z", "1"], ["EXEC"], ["GET", "z"], ["SELECT", "3"], ["GET", "y"])


@test
def memory_that_ran_out_refuses_alike():
    same(["CONFIG", "SET", "maxmemory", "1"], ["EVAL", "return redis.call('set','x','1')", "1", "x"],
         ["EVAL", "return redis.call('get','x')", "1", "x"], ["EVAL", "redis.call('del','x') return redis.call('set','x','1')", "1", "x"],
         ["EVAL", "#!lua\nreturn 1", "0"], ["EVAL", "#!lua flags=allow-oom\nreturn redis.call('set','x','2')", "1", "x"],
         ["EVAL", "#!lua flags=no-writes\nreturn redis.call('get','x')", "1", "x"], ["EVAL_RO", "return redis.call('get','x')", "1", "x"],
         ["SCRIPT", "LOAD", "#!lua\nreturn 1"], ["MULTI"], ["EVAL", "#!lua\nreturn 1", "0"], ["EXEC"],
         ["CONFIG", "SET", "maxmemory", "0"], ["EVAL", "#!lua\nreturn 1", "0"])


@test
def keys_of_a_script_are_found_alike():
    same(["COMMAND", "GETKEYS", "EVAL", "return 1", "2", "a", "b", "c"], ["COMMAND", "GETKEYS", "EVALSHA", "x", "1", "k"],
         ["COMMAND", "INFO", "eval"], ["COMMAND", "GETKEYS", "FCALL", "f", "1", "k"])


@test
def libraries_behave_alike():
    same(*evals("return cjson.encode({1,2,{a='b'}})", "return cjson.decode('[1,{\"a\":null}]')[1]", "return bit.tohex(255)",
                "return redis.sha1hex('')", "return {math.random(1000),math.random(1000)}", "math.randomseed(7) return math.random(1000)",
                "return string.format('%5.2f|%s', 3.14159, 'x')", "return redis.REDIS_VERSION", "return {redis.LOG_DEBUG, redis.REPL_ALL}",
                "return table.concat({1,2,3},',')", "return #ARGV", "return tostring(1e15)"))


LIBRARY = "#!lua name=lib\nredis.register_function('f', function(keys, args) return {keys, args} end)"
NATIVE = "#!lua name=native\nredis.register_function('log', redis.log)"
FLAGS = ("#!lua name=flags\nredis.register_function{function_name='ro', callback=function(k) return redis.call('get',k[1]) end,"
         " flags={'no-writes'}, description='reads'}\nredis.register_function{function_name='rw', callback=function(k)"
         " return redis.call('set',k[1],1) end}\nredis.register_function{function_name='oom', callback=function() return 1 end,"
         " flags={'allow-oom','allow-stale'}}")


@test
def functions_are_loaded_and_called_alike():
    same(["FUNCTION", "LOAD", LIBRARY], ["FUNCTION", "LOAD", LIBRARY], ["FUNCTION", "LOAD", "REPLACE", LIBRARY],
         ["FCALL", "f", "1", "k", "a"], ["FCALL", "F", "0"], ["FCALL_RO", "f", "0"], ["FCALL", "g", "0"], ["FCALL", "g", "x"],
         ["FCALL", "f", "x"], ["FCALL", "f", "2", "a"], ["FCALL", "f", "-1"], ["FCALL", "f"], ["FCALL_RO", "g", "0"],
         ["FUNCTION", "LIST"], ["FUNCTION", "LIST", "WITHCODE"], ["FUNCTION", "LIST", "LIBRARYNAME", "L*"],
         ["FUNCTION", "LIST", "LIBRARYNAME", "x*", "WITHCODE"], ["FUNCTION", "LIST", "LIBRARYNAME"], ["FUNCTION", "LIST", "NOPE"],
         ["FUNCTION", "LIST", "WITHCODE", "WITHCODE"], ["FUNCTION", "STATS"], ["FUNCTION", "DELETE", "nope"],
         ["FUNCTION", "DELETE", "lib"], ["FCALL", "f", "0"], ["FUNCTION", "STATS"], ["FUNCTION", "KILL"], ["FUNCTION", "FLUSH"],
         ["FUNCTION", "FLUSH", "ASYNC"], ["FUNCTION", "FLUSH", "NOW"], ["FUNCTION", "FLUSH", "SYNC", "SYNC"], ["FUNCTION"],
         ["FUNCTION", "NOPE"], ["FUNCTION", "HELP"], ["FUNCTION", "LOAD"], ["FUNCTION", "LOAD", "NOPE", LIBRARY], ["FUNCTION", "DELETE"],
         ["FUNCTION", "DUMP", "x"], ["FUNCTION", "STATS", "x"],
         ["FUNCTION", "LOAD", NATIVE], ["FCALL", "log", "0"], ["FCALL", "log", "1", "3", "x"], ["FUNCTION", "FLUSH"])


@test
def flags_of_functions_hold_alike():
    same(["FUNCTION", "LOAD", FLAGS], ["SET", "k", "v"], ["FCALL", "ro", "1", "k"], ["FCALL_RO", "ro", "1", "k"], ["FCALL", "rw", "1", "k"],
         ["FCALL_RO", "rw", "1", "k"], ["FCALL", "oom", "0"], ["CONFIG", "SET", "maxmemory", "1"], ["FCALL", "ro", "1", "k"],
         ["FCALL", "rw", "1", "k"], ["FCALL", "oom", "0"], ["FUNCTION", "LOAD", LIBRARY], ["FUNCTION", "STATS"], ["MULTI"],
         ["FCALL", "rw", "1", "k"], ["EXEC"], ["CONFIG", "SET", "maxmemory", "0"], ["MULTI"], ["FCALL", "rw", "1", "k"],
         ["FUNCTION", "DELETE", "flags"], ["FCALL", "rw", "1", "k"], ["EXEC"])


@test
def libraries_that_are_none_are_refused_alike():
    body = "\nredis.register_function('f', function() return 1 end)"
    heads = ["", "#!", "#!lua", "#!lua name=", "#!lua name=a-b", "#!lua nam=x", "#!lua name=x name=y", "#!js name=x", "#!LUA name=x",
             "#!lua name=x engine=y", "#!lua name='x y'"]
    bodies = ["", "\n", "\nretur", "\nredis.register_function()", "\nredis.register_function('f')", "\nredis.call('get','x')",
              "\nreturn redis.nope", "\nx=1", "\nerror('x')", "\nlocal t = math.random()", "\nredis.register_function('a b', function() end)",
              "\nredis.register_function{function_name='f', callback=function() end, flags={'nope'}}",
              "\nredis.register_function('f', function() end) redis.register_function('f', function() end)"]
    commands = [["FUNCTION", "LOAD", head + body] for head in heads] + [["FUNCTION", "FLUSH"]]
    commands += [["FUNCTION", "LOAD", "#!lua name=x" + text] for text in bodies]
    same(*commands, ["FUNCTION", "LOAD", LIBRARY], ["FUNCTION", "LOAD", "#!lua name=other" + body])


@test
def errors_of_functions_have_the_same_words():
    code = ("#!lua name=e\nlocal function reg(n, f) redis.register_function(n, f) end\nreg('a', function() error('x') end)\n"
            "reg('b', function() return redis.call('nope') end)\nreg('c', function() return {err='MY x'} end)\n"
            "reg('d', function() return redis.pcall('get') end)\nreg('g', function() return x.y end)\n"
            "reg('h', function() return redis.register_function end)\nreg('i', function() redis.setresp(3) return {map={a=1}} end)")
    same(["FUNCTION", "LOAD", code], *[["FCALL", name, "0"] for name in "abcdghi"], ["FUNCTION", "STATS"])
    same(["FUNCTION", "LOAD", code], *[["FCALL", name, "0"] for name in "abcdghi"], ["FUNCTION", "STATS"],
         ["FUNCTION", "LIST", "LIBRARYNAME", "nope"], resp=3)


@test
def payloads_go_both_ways():
    judge, ours = Pair.get()
    big = LIBRARY + "\n-- " + "compressible " * 200
    for source, target in ((judge, ours), (ours, judge)):
        for server in (judge, ours):
            server.command("FUNCTION", "FLUSH")
        source.command("FUNCTION", "LOAD", big)
        source.command("FUNCTION", "LOAD", FLAGS)
        payload = source.command("FUNCTION", "DUMP")
        assert target.command("FUNCTION", "RESTORE", payload) == b"OK"
        assert target.command("FCALL", "f", "1", "k") == [[b"k"], []]
        names = [sorted(str(entry) for entry in server.command("FUNCTION", "LIST", "WITHCODE")) for server in (source, target)]
        assert len(names[0]) == len(names[1]) == 2
    payload = judge.command("FUNCTION", "DUMP")
    same(["FUNCTION", "RESTORE", payload], ["FUNCTION", "RESTORE", payload, "REPLACE"], ["FUNCTION", "RESTORE", payload, "FLUSH"],
         ["FUNCTION", "RESTORE", payload, "NOPE"], ["FUNCTION", "RESTORE", payload[:-1] + b"x"], ["FUNCTION", "RESTORE", "x"],
         ["FUNCTION", "RESTORE", b"\x00" + payload[1:]], ["FUNCTION", "RESTORE", payload, "FLUSH", "x"], ["FUNCTION", "STATS"])


if __name__ == "__main__":
    try:
        status = main(__doc__)
    finally:
        Pair.stop()
    sys.exit(status)
