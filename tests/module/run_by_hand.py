#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""run_by_hand - what somebody would try by hand at a server's prompt, on a stock server and on one with the module.

Wrong words, odd numbers, inline commands, encodings, other connections that look on, users with
all kinds of rules: byte for byte the same, but for what a test excuses by name.
"""
import glob
import os
import re
import subprocess
import sys
import time

from pair import Pair
from server import Server
from suite import main, test

LIBRARY = ("#!lua name=lib\nredis.register_function('f', function(keys, args) return redis.call('set', keys[1] or 'x', 1) end)\n"
           "redis.register_function{function_name='ro', callback=function(k) return redis.call('get', k[1]) end, flags={'no-writes'}}")
ONE = "e0e1f9fabfc9d4800c877a703b823ac0578ff8db"  # of "return 1"


def fresh_pair():
    """The two servers, and nothing left of what was before."""
    for server in Pair.get():
        for words in (["FLUSHALL"], ["SCRIPT", "FLUSH"], ["FUNCTION", "FLUSH"], ["CONFIG", "RESETSTAT"], ["ACL", "LOG", "RESET"]):
            server.command(*words)
    return Pair.get()


def agree(play, excused=()):
    """Plays on both servers; play(server) gives a list of (what, answer).  Returns the stock server's.

    What may differ is a function of `excused`: of both answers, whether it is what it says."""
    judge, ours = (play(server) for server in fresh_pair())
    assert len(judge) == len(ours), "%d answers, and %d" % (len(judge), len(ours))
    for (what, a), (_, b) in zip(judge, ours):
        if a != b:
            assert any(rule(a, b) for rule in excused), "%r\n  redis: %r\n  ours:  %r" % (what, a, b)
    return judge


def session(commands, resp=2):
    """One connection that sends one command after the other; bytes are sent as they are."""
    def play(server):
        answers = []
        with server.client() as client:
            client.command("HELLO", resp)
            for words in commands:
                if isinstance(words, bytes):
                    client.link.sendall(words)
                    answers.append((words, client.reply()))
                else:
                    answers.append((words, client.raw(*words)))
        return answers + [("the data", server.command("DEBUG", "DIGEST"))]
    return play


def evals(*scripts):
    return [["EVAL", script, "0"] for script in scripts]


# --- Words and numbers ---

@test
def wrong_words_and_wrong_numbers_of_words():
    agree(session(
        [["SCRIPT"] + rest for rest in (
            [], ["load"], ["load", "a", "b"], ["exists"], ["flush", "x"], ["flush", "sync", "x"], ["flush", "Async"], ["kill", "x"], ["kill"],
            ["debug"], ["debug", "x"], ["debug", "no"], ["DEBUG", "NO"], ["debug", "no", "x"], ["help", "x"], ["help"], ["foo"],
            ["foo|bar"], [""], ["a\r\nb"], ["x" * 300])] +
        [["FUNCTION"] + rest for rest in (
            [], ["load"], ["load", "a", "b", "c"], ["load", "replace"], ["load", "replace", "x", "y"], ["delete"], ["delete", "a", "b"],
            ["list", "x"], ["list", "withcode", "libraryname"], ["stats", "x"], ["kill"], ["kill", "x"], ["flush", "x"],
            ["flush", "sync", "x"], ["dump", "x"], ["restore"], ["restore", "x", "y", "z"], ["restore", "x", "y"], ["help", "x"],
            ["help"], ["foo"], ["a\r\nb"], ["x" * 300])] +
        [["SCRIPT|LOAD", "x"], ["FCALL"], ["FCALL", "f"], ["FCALL_RO"], ["FCALL_RO", "f"], ["FCALL", "", "0"], ["FCALL", "a\r\nb", "0"],
         ["FCALL", "nope", "abc"], ["EVAL"], ["EVAL", "x"], ["EVALSHA"], ["EVALSHA", "x"], ["EVAL_RO", "x"], ["EVALSHA_RO", "x"],
         ["eVaL", "return 1", "0"], ["EVAL ", "return 1", "0"], ["EVAL\0", "return 1", "0"]]))


@test
def numbers_of_keys_that_are_none():
    numbers = ["0", "1", "2", "3", "-1", "+1", " 1", "1 ", "01", "1e0", "0x1", "9223372036854775807", "9223372036854775808",
               "-9223372036854775808", "4294967296", "2147483648", "4294967297", "", "1\0"]
    agree(session([["EVAL", "return #KEYS", number, "a", "b"] for number in numbers] +
                  [["SCRIPT", "LOAD", "return 1"]] + [["EVALSHA", ONE, number, "a", "b"] for number in numbers] +
                  [["FUNCTION", "LOAD", LIBRARY]] + [["FCALL", "f", number, "a", "b"] for number in numbers]))


@test
def commands_typed_inline():
    agree(session([b"EVAL \"return 1\" 0\r\n", b"eval 'return KEYS' 2 a b\r\n", b"EVAL \"return ARGV\" 0 \"a\\x00b\" 'c d'\r\n",
                   b"EVAL return\\x201 0\n", b"SCRIPT LOAD 'return 7'\r\n", b"SCRIPT EXISTS " + ONE.encode() + b"\r\n"]))


@test
def many_and_large_arguments():
    value = "x" * (512 * 1024)
    agree(session([
        ["EVAL", "return {#KEYS,#ARGV,KEYS[1],KEYS[50000],ARGV[1],ARGV[50000]}", "50000"] + ["k%d" % i for i in range(50000)] + ["a"] * 50000,
        ["EVAL", "return #ARGV", "0"] + ["x"] * 100000, ["EVAL", "return {unpack(ARGV,1,7990)}", "0"] + ["x"] * 7990,
        ["EVAL", "return redis.call('rpush',KEYS[1],unpack(ARGV))", "1", "l"] + ["x"] * 7000,
        ["EVAL", "return redis.call('rpush',KEYS[1],unpack(ARGV))", "1", "l"] + ["x"] * 8000,
        ["EVAL", "return redis.call('lrange',KEYS[1],0,-1)", "1", "l"],
        ["EVAL", "redis.call('set',KEYS[1],ARGV[1]) return {#KEYS[1],redis.call('strlen',KEYS[1])}", "1", value, value],
        ["EVAL", "return redis.call('get',KEYS[1])", "1", value], ["EVAL", "return string.rep('a',1000000)", "0"],
        ["EVAL", "return {KEYS[1],redis.call('set',KEYS[1],ARGV[1])}", "1", bytes(range(256)), bytes(range(255, -1, -1))]]))


@test
def texts_that_are_no_scripts():
    agree(session([["EVAL", text, "0"] for text in (
        b"return '\xff\xfe\x80'", b"return 'a\0b'", b"\0", b"return 1\0 garbage", b"-- \0\nreturn 2", b"\xef\xbb\xbfreturn 1", b"\x1bLua",
        b"#!/usr/bin/lua\nreturn 1", b"# x\nreturn 1", b"", b" ", b"\r\nreturn 1\r\n")]))


@test
def what_the_server_says_of_its_own_commands():
    names = ["eval", "evalsha", "eval_ro", "evalsha_ro", "fcall", "fcall_ro", "script", "function", "script|load", "function|restore"]
    keys = [["EVAL", "x", "2", "a", "b", "c"], ["EVAL_RO", "x", "1", "a"], ["EVALSHA_RO", "x", "1", "a"], ["FCALL", "f", "1", "a"],
            ["FCALL_RO", "f", "1", "a"], ["EVAL", "x", "0"], ["EVAL", "x", "5", "a"], ["EVAL", "x"], ["EVAL", "x", "-1"], ["EVAL", "x", "y"],
            ["SCRIPT", "LOAD", "x"], ["FUNCTION", "LIST"]]
    commands = [["COMMAND", "INFO", name] for name in names] + [["COMMAND", "DOCS", name] for name in names]
    commands += [["COMMAND", how] + words for how in ("GETKEYS", "GETKEYSANDFLAGS") for words in keys]
    commands += [["COMMAND", "LIST", "FILTERBY", "PATTERN", pattern] for pattern in ("*eval*", "script*", "f*call*")]
    commands += [["COMMAND", "LIST", "FILTERBY", "ACLCAT", "scripting"], ["ACL", "CAT", "scripting"]]

    def play(server):
        # Sets and subcommands come in the order of a hash that is seeded at each start.
        return [(what, sorted(answer.split(b"\r\n"))) for what, answer in session(commands)(server)]
    agree(play)


# --- What is kept ---

@test
def values_are_kept_in_the_same_encodings():
    makes = ["'set','k',1", "'set','k','1'", "'set','k',12345", "'set','k',('x'):rep(44)", "'set','k',('x'):rep(45)", "'set','k','-5'",
             "'setex','k',100,'77'", "'psetex','k',100000,'77'", "'getset','k','88'", "'mset','k','99','j','5'", "'append','k','1'",
             "'set','k','1.5'", "'set','k',('9'):rep(21)", "'set','k',10000", "'incr','k'", "'setrange','k',2,'x'", "'setnx','k','5'",
             "'hset','k','f','5'", "'rpush','k',1,2,3", "'sadd','k',1,2,3", "'zadd','k',1,'a'", "'sadd','k','a'", "'xadd','k','1-1','a','b'",
             "'lpush','k',('x'):rep(5000)", "'pfadd','k','a'", "'bitfield','k','set','u8',0,5", "'msetnx','k',1,'k2','2'",
             "'incrbyfloat','k','1.5'", "'geoadd','k',1,2,'m'", "'set','k',1e17"]
    # So many words that they go to the server another way, and fewer.
    makes += ["'mset'," + ",".join("'%s','%d'" % ("k" if i == 0 else "j%d" % i, i) for i in range(count)) for count in (2, 3, 8, 9, 24, 25)]
    look = " return {redis.call('object','encoding','k'), redis.call('object','refcount','k'), redis.call('memory','usage','k')}"
    agree(session([words for make in makes for words in (["FLUSHALL"], ["EVAL", "redis.call(%s)%s" % (make, look), "0"],
                                                         ["OBJECT", "ENCODING", "k"], ["DUMP", "k"])]))


@test
def values_are_kept_so_after_a_quiet_while_too():
    def play(server):
        seen = []
        with server.client() as client:
            client.command("CONFIG", "SET", "hz", "100")
            for pause in (0, 0.5, 0.5):
                time.sleep(pause)
                seen.append((pause, client.raw("EVAL", "redis.call('set','k',12345,'keepttl') return redis.call('object','encoding','k')", "0")))
        return seen
    agree(play)


@test
def databases_that_scripts_select():
    agree(session([
        ["SELECT", "3"], *evals(
            "redis.call('set','x',1) redis.call('select',4) redis.call('set','y',1)", "redis.call('swapdb',3,4) return redis.call('keys','*')"),
        ["KEYS", "*"], *evals("redis.call('select',0) return redis.call('flushdb')"), ["KEYS", "*"], *evals(
            "redis.call('move','y',5) return redis.call('exists','y')", "redis.call('copy','x','z','db',7) redis.call('select',7) return redis.call('keys','*')",
            "redis.call('select',5) redis.pcall('nope') return 1", "redis.call('select',-1)", "redis.call('select','a')", "redis.call('select','+3')",
            "redis.call('select','03')", "return redis.call('select',15)"),
        ["DBSIZE"], ["FUNCTION", "LOAD", "#!lua name=s\nredis.register_function('s',function() redis.call('select',9) return redis.call('set','nine',1) end)"],
        ["FCALL", "s", "0"], ["DBSIZE"], ["SELECT", "9"], ["KEYS", "*"], *evals("redis.call('flushall') return redis.call('dbsize')")]))


@test
def time_stands_still_in_a_script():
    def play(server):
        with server.client() as client:
            answers = [client.raw("EVAL", "redis.call('set','e','v','px',5) for i=1,2000000 do end return redis.call('get','e')", "0")]
            time.sleep(0.02)
            answers.append(client.raw("GET", "e"))
            client.raw("SET", "p", "1", "PX", "1")
            time.sleep(0.01)
            answers.append(client.raw("EVAL", "return {redis.call('exists','p'),redis.call('ttl','p'),redis.call('get','p')}", "0"))
        return list(enumerate(answers))
    agree(play)


# --- Transactions ---

@test
def scripts_in_transactions():
    rounds = [
        [["EVAL", "return 1"]], [["EVAL", "x"], ["SET", "a", "1"]], [["EVAL", "syntax error", "0"], ["SET", "a", "1"]],
        [["EVAL", "return 1", "5"]], [["EVAL", "return 1", "-1"]], [["EVAL", "return 1", "x"]],
        [["EVAL_RO", "return redis.call('set','a',2)", "0"], ["EVAL_RO", "return redis.call('get','a')", "0"]], [["SCRIPT", "NOPE"]],
        [["SCRIPT", "KILL"], ["SCRIPT", "FLUSH"], ["SCRIPT", "EXISTS", "a"], ["SCRIPT", "HELP"]],
        [["FUNCTION", "LOAD", LIBRARY], ["FCALL", "f", "1", "x"], ["FUNCTION", "STATS"], ["FUNCTION", "DELETE", "lib"], ["FCALL", "f", "0"]],
        [["FUNCTION", "KILL"], ["FUNCTION", "NOPE"]], [["FUNCTION", "FLUSH"], ["FUNCTION", "DUMP"]], [["EVALSHA", "x" * 40, "0"], ["EVALSHA", "y", "0"]],
        [["EVAL", "redis.call('select',2) return 1", "0"], ["SET", "inwhich", "1"]],
        [["EVAL", "return redis.call('%s')" % word, "0"] for word in ("multi", "exec", "discard", "unwatch")],
        [["EVAL", "return 1", "0"], ["MULTI"], ["WATCH", "a"]], [["FCALL", "nope", "0"], ["FCALL", "nope", "x"]], [["FCALL"]], [["SCRIPT"]],
        [["EVAL", "return redis.call('blpop','x',0)", "0"]], [["EVAL", "return {err='A b'}", "0"], ["EVAL", "return redis.pcall('nope')", "0"]],
        [["EVAL", "#!lua flags=bad\nreturn 1", "0"]], [["EVAL", "#!lua flags=no-writes\nreturn redis.call('set','x',1)", "0"]]]
    agree(session([words for one in rounds for words in [["MULTI"], *one, ["EXEC"], ["DBSIZE"]]] +
                  [["MULTI"], ["EVAL", "return 1", "0"], ["RESET"], ["PING"]]))


@test
def scripts_that_touch_watched_keys():
    def play(server):
        answers = []
        with server.client() as one, server.client() as other:
            for body in ("redis.call('set','w',1)", "redis.call('get','w')", "redis.call('del','w')", "redis.call('set','other',1)",
                         "redis.call('flushall')", "redis.call('swapdb',0,1)", "redis.call('del','nope')", "redis.call('expire','w',100)"):
                for who in (one, other):
                    one.raw("SET", "w", "0")
                    one.raw("WATCH", "w")
                    who.raw("EVAL", body, "0")
                    one.raw("MULTI")
                    one.raw("PING")
                    answers.append((body, one.raw("EXEC")))
        return answers
    agree(play)


# --- Those who look on ---

def read_until(client, end):
    lines = []
    while not lines or end not in lines[-1]:
        lines.append(client.reply())
    return lines


@test
def notifications_come_in_the_same_order():
    scripts = ["redis.call('set','a',1,'px',100000) redis.call('lpush','l',1,2) redis.call('del','l') redis.call('expire','a',100) redis.call('rename','a','b')"
               " redis.call('xadd','x','1-1','a',1) redis.call('select',3) redis.call('set','z',1) redis.call('hset','h','a',1) redis.call('spop','nope') return 1",
               "redis.call('set','q',1) error('x')", "redis.call('publish','__keyx','hello')", "return redis.call('get','missing')"]

    def play(server):
        with server.client() as watch, server.client() as client:
            client.command("CONFIG", "SET", "notify-keyspace-events", "KEAm")
            watch.raw("PSUBSCRIBE", "__key*")
            for script in scripts:
                client.raw("EVAL", script, "0")
            client.raw("FUNCTION", "LOAD", LIBRARY)
            client.raw("FCALL", "f", "1", "k")
            client.raw("PUBLISH", "__key__", "the end")
            client.command("CONFIG", "SET", "notify-keyspace-events", "")
            return list(enumerate(read_until(watch, b"the end")))
    assert len(agree(play)) > 20


@test
def what_scripts_write_is_invalidated_for_those_who_track():
    def play(server):
        answers = []
        for mode in ([], ["BCAST"], ["BCAST", "PREFIX", "b:"], ["OPTIN"], ["NOLOOP"]):
            with server.client() as client, server.client() as other:
                client.command("HELLO", "3")
                client.raw("CLIENT", "TRACKING", "ON", *mode)
                client.raw("GET", "k")
                client.raw("EVAL_RO", "return redis.call('get',KEYS[1])", "1", "er")
                other.raw("EVAL", "redis.call('set','k',2) redis.call('set','e',2) redis.call('set','er',1) redis.call('set','b:1',1)", "0")
                other.raw("PING")
                answers.append((mode, sorted(read_until_echo(client))))
                other.raw("EVAL", "redis.call('flushall')", "0")
                other.raw("PING")
                answers.append((mode, sorted(read_until_echo(client))))
        return answers
    agree(play)


def read_until_echo(client):
    client.send("ECHO", "the end")
    return read_until(client, b"the end")


@test
def monitor_shows_every_command_that_clients_sent():
    """Who sent them is another matter: what a script does is shown as of nobody's, not of "lua"."""
    commands = [["EVAL", "redis.call('set',KEYS[1],ARGV[1]) return redis.call('get',KEYS[1])", "1", "k", "v"], ["SCRIPT", "LOAD", "return 1"],
                ["EVALSHA", ONE, "0"], ["FUNCTION", "LOAD", LIBRARY], ["FCALL", "f", "1", "k"], ["EVAL_RO", "return redis.call('get',KEYS[1])", "1", "k"],
                ["EVALSHA", "x" * 40, "0"], ["MULTI"], ["EVAL", "return 1", "0"], ["EXEC"]]

    def play(server):
        with server.client() as watch, server.client() as client:
            watch.raw("MONITOR")
            for words in commands:
                client.raw(*words)
            client.raw("ECHO", "the end")
            lines = read_until(watch, b"the end")
        return list(enumerate(re.sub(rb"^\+\S+ \[(\d+) [^\]]*\]", rb"[\1]", line) for line in lines))
    assert len(agree(play)) == 15


@test
def replies_that_a_client_does_not_want():
    def play(server):
        with server.client() as client:
            client.send("CLIENT", "REPLY", "SKIP")
            client.send("EVAL", "return redis.call('incr','n')", "0")
            client.send("CLIENT", "REPLY", "OFF")
            client.send("EVAL", "return redis.call('incr','n')", "0")
            client.send("FCALL", "nope", "0")
            client.send("CLIENT", "REPLY", "ON")
            return [("ON", client.reply()), ("GET", client.raw("GET", "n"))]
    agree(play)


# --- What is written down ---

EFFECTS = (
    "return redis.call('set','b',1)", "redis.call('set','b',1) redis.call('incr','b') return 1", "return redis.call('get','b')",
    "redis.call('set','c',1) error('x')", "redis.call('incr','b') return redis.call('lpush','b',1)",
    "redis.set_repl(redis.REPL_AOF) redis.call('set','d',1)", "redis.set_repl(redis.REPL_NONE) redis.call('set','e',1)",
    "redis.set_repl(redis.REPL_SLAVE) redis.call('set','f',1)",
    "redis.call('set','g',1) redis.set_repl(0) redis.call('set','h',1) redis.set_repl(3) redis.call('set','i',1)",
    "redis.call('select',3) redis.call('set','x',1) redis.call('select',0) redis.call('set','y',1)", "redis.call('select',3) return redis.call('get','x')",
    "redis.call('sadd','s','a') return redis.call('spop','s')", "redis.call('sadd','s','q','r') return #redis.call('spop','s',10)",
    "redis.call('set','px','1','px',100000) redis.call('expire','a',1000) redis.call('getex','a','persist')",
    "redis.call('set','gone','1') redis.call('del','gone','nope') redis.call('unlink','nope')", "redis.call('del','nope')", "redis.call('publish','ch','m')",
    "redis.call('pfadd','hll','a','b') return redis.call('pfcount','hll')", "redis.call('incrbyfloat','fl',1.5) redis.call('hincrbyfloat','hf','f',1.5)",
    "redis.call('xadd','st','1-1','a','b') redis.call('xgroup','create','st','g','0')",
    "redis.call('lpush','l1','a') redis.call('rpoplpush','l1','l2') redis.call('lmove','l2','l1','left','right') return redis.call('lmpop',1,'l1','left')",
    "redis.call('zadd','z',1,'a',2,'b') redis.call('zpopmin','z') return redis.call('bzpopmin','z',1)", "redis.call('rpush','n',3,1,2) redis.call('sort','n','store','sorted')",
    "redis.call('rename','y','yy')", "redis.call('set','k',1) redis.call('swapdb',0,1)", "redis.call('flushdb')",
    "redis.call('mset','m1',1,'m2',2) redis.call('setrange','sr',3,'abc') redis.call('bitop','and','bo','sr') redis.call('copy','m1','m3')",
    "redis.call('restore','rs',0,redis.call('dump','m1'))", "redis.call('geoadd','geo',1,2,'m') redis.call('geosearchstore','geo2','geo','fromlonlat',1,2,'byradius',10,'m')",
    "redis.call('expire','m1',-1)", "return redis.call('getdel','m2')", "redis.call('move','m3',5)", "for i=1,50 do redis.call('incr','loop') end",
    "redis.pcall('set','only') redis.call('set','after',1)", "redis.call('append','ap','x') redis.pcall('lpush','ap','y')")


def commands_of(data):
    """The commands of an append-only file, without moments and without what stands in front of a client's words."""
    found, at = [], 0
    while at < len(data):
        head, at = data[at:data.index(b"\r\n", at)], data.index(b"\r\n", at) + 2
        words = []
        for _ in range(int(head[1:])):
            size, at = int(data[at + 1:data.index(b"\r\n", at)]), data.index(b"\r\n", at) + 2
            words.append(re.sub(rb"^\d{13}$", b"(a moment)", data[at:at + size]))
            at += size + 2
        found.append(words[2:] if words[0] == b"sandbox.run" else words)
    return found


@test
def append_only_files_hold_the_same():
    commands = [*evals(*EFFECTS), ["MULTI"], ["SET", "mm", "1"], *evals("redis.call('incr','mm') redis.call('incr','mm')", "return redis.call('get','mm')"), ["EXEC"],
                ["MULTI"], *evals("return redis.call('incr','mm')"), ["EXEC"], ["MULTI"], *evals("return 1"), ["EXEC"], ["FUNCTION", "LOAD", LIBRARY],
                ["FCALL", "f", "1", "fk"], ["FCALL_RO", "ro", "1", "fk"], ["FUNCTION", "LOAD", "REPLACE", LIBRARY], ["FUNCTION", "DELETE", "lib"],
                ["MULTI"], ["FUNCTION", "LOAD", LIBRARY], ["FCALL", "f", "1", "fk2"], ["EXEC"], ["FUNCTION", "FLUSH", "ASYNC"], ["SCRIPT", "LOAD", "return 1"],
                *evals("#!lua flags=no-writes\nreturn redis.call('get','a')", "#!lua flags=allow-oom\nreturn redis.call('set','w',1)")]
    files = []
    for with_module in (False, True):
        with Server("--appendonly", "yes", "--appendfsync", "always", module=with_module) as server, server.client() as client:
            for words in commands:
                client.raw(*words)
            (path,) = glob.glob(os.path.join(server.folder, "appendonlydir", "*.incr.aof"))
            with open(path, "rb") as file:
                files.append(commands_of(file.read()))
    for judge, ours in zip(*files):
        assert judge == ours, "\n  redis: %r\n  ours:  %r" % (judge, ours)
    assert len(files[0]) == len(files[1]) > 100, [len(file) for file in files]


# --- redis-cli ---

@test
def a_script_that_was_to_be_debugged_is_not_run():
    with Server() as server:
        path = os.path.join(server.folder, "script.lua")
        with open(path, "w") as file:
            file.write("return redis.call('set', KEYS[1], ARGV[1])")
        for words in (["--ldb"], ["--ldb-sync-mode"]):
            cli = subprocess.run(["redis-cli", "-s", server.path, *words, "--eval", path, "k", ",", "v"], input=b"quit\n", capture_output=True, timeout=20, check=False)
            assert b"SCRIPT DEBUG is not available" in cli.stdout, cli.stdout
            assert server.command("EXISTS", "k") == 0
        with server.client() as client, server.client() as other:
            client.error("SCRIPT", "DEBUG", "YES")
            assert other.command("EVAL", "return 1", "0") == 1
            assert "not run" in client.error("EVAL", "return 1", "0")
            assert client.command("EVAL", "return 1", "0") == 1
            client.error("SCRIPT", "DEBUG", "SYNC")
            assert client.command("SCRIPT", "DEBUG", "NO") == b"OK"
            assert client.command("EVAL", "return 1", "0") == 1


# --- Users ---

RULES = (["+@all", "~*"], ["+@scripting", "~*"], ["+eval", "~*"], ["-@all", "+eval", "+get", "~k"], ["+@all", "-@scripting", "~*"], ["+@all", "-eval", "~*"],
         ["+@all", "-script", "~*"], ["+@all", "-script|flush", "~*"], ["+script|load", "+evalsha", "~*"], ["+script", "~*"],
         ["+function|list", "+fcall", "~*"], ["+function", "~*"], ["+@all", "~k"], ["+@all", "%R~k"], ["+@all", "%W~k"], ["+@all", "~k", "&x"],
         ["allcommands", "-get", "allkeys"], ["+@read", "+eval", "~*"], ["+@write", "+eval", "+eval_ro", "~*"], ["+@all", "nokeys"],
         ["+@all", "~*", "resetchannels"], ["+@all", "~*", "&*"], ["-@all"], ["+eval", "+evalsha", "+@read", "-get", "~*"],
         ["~k", "+@all", "(~other +get +eval)"], ["+@dangerous", "~*"], ["+@slow", "~*"], ["+@write", "~*"], ["+@slow", "-@scripting", "~*"],
         ["+@all", "-@dangerous", "~*"], ["+@all", "-@slow", "~*"])
TRIED = [*evals("return 1", "return redis.call('publish','c','m')", "return redis.pcall('get','other')", "return redis.call('get','other')",
                "return {redis.acl_check_cmd('get','k'),redis.acl_check_cmd('set','k',1),redis.acl_check_cmd('publish','c','x')}"),
         ["EVAL", "return redis.call('get',KEYS[1])", "1", "k"], ["EVAL", "return redis.call('set',KEYS[1],1)", "1", "k"], ["EVAL_RO", "return 1", "0"],
         ["EVALSHA", "x" * 40, "0"], ["SCRIPT", "EXISTS", "x"], ["SCRIPT", "LOAD", "return 1"], ["FUNCTION", "LIST"], ["FUNCTION", "STATS"],
         ["FUNCTION", "LOAD", "REPLACE", LIBRARY], ["FUNCTION", "DELETE", "nope"], ["FCALL", "nope", "0"], ["FCALL_RO", "nope", "1", "k"], ["SCRIPT", "FLUSH"],
         ["SCRIPT", "KILL"], ["FUNCTION", "FLUSH"], ["FUNCTION", "KILL"], ["SCRIPT"], ["SCRIPT", "NOPE"], ["FUNCTION", "NOPE"], ["EVAL", "x"],
         ["EVAL", "return 1", "x"], ["MULTI"], ["EVAL", "return 1", "0"], ["EXEC"]]


def names_the_inner_command(stock, ours):
    """Who may use no command of scripting at all is refused by the server, which knows only sandbox.run."""
    begin = b"-NOPERM this user has no permissions to run the '"
    return stock.startswith(begin) and ours.startswith(begin + b"sandbox.run|")


def is_refused_later(stock, ours):
    """In a transaction a user that may use sandbox.run, but not EVAL, is refused by EXEC."""
    late = b"*1\r\n-NOPERM this user has no permissions to run the 'eval' command\r\n"
    return (stock.startswith(b"-NOPERM ") and ours == b"+QUEUED\r\n") or (stock.startswith(b"-EXECABORT ") and ours == late)


@test
def users_of_all_kinds_may_and_may_not_alike():
    def play(server):
        answers = []
        with server.client() as admin, server.client() as client:
            for rules in RULES:
                admin.raw("ACL", "DELUSER", "u")
                answers.append((rules, admin.raw("ACL", "SETUSER", "u", "on", ">p", *rules)))
                answers.append((rules, client.raw("AUTH", "u", "p")))
                answers += [((rules, words), client.raw(*words)) for words in TRIED]
                client.raw("RESET")
        return answers
    judge = agree(play, excused=[names_the_inner_command, is_refused_later])
    assert sum(answer.startswith(b"-NOPERM") for _, answer in judge) > 100


@test
def refusals_are_logged_with_the_same_names():
    def play(server):
        with server.client() as admin, server.client() as client:
            admin.raw("ACL", "SETUSER", "v", "on", ">p", "+eval", "+get", "~k")
            client.raw("AUTH", "v", "p")
            for words in (["EVAL", "return redis.call('set','k',1)", "0"], ["EVAL", "return redis.call('get','zz')", "0"], ["EVAL_RO", "return 1", "0"],
                          ["FCALL", "f", "0"], ["SCRIPT", "LOAD", "x"], ["FUNCTION", "DELETE", "x"], ["EVAL", "return redis.pcall('publish','c','x')", "0"]):
                client.raw(*words)
            entries = [dict(zip(entry[::2], entry[1::2])) for entry in admin.command("ACL", "LOG")]
            return [("entry", tuple(entry[name] for name in (b"reason", b"object", b"username", b"count"))) for entry in entries]
    assert len(agree(play)) == 7


if __name__ == "__main__":
    try:
        status = main(__doc__)
    finally:
        Pair.stop()
    sys.exit(status)
