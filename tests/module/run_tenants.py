#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""run_tenants - tenants on a living server: who is who, what each may run, use and see."""
import json
import os
import re
import signal
import sys
import time

from server import Client, ReplyError, Server, free_port, kill_all, wait_for
from suite import main, test
from tenant_server import TenantServer

HEAD = "version: 1\n"
BOTH = HEAD + """
unmapped: reject
tenants:
  acme: {users: [ann, al]}
  globex: {users: ["glo*"]}
"""


def expect(value, wanted):
    assert value == wanted, "%r, not %r" % (value, wanted)


def expect_in(part, text):
    assert part in text, "%r is not in %r" % (part, text)


def pairs(values):
    return {values[i].decode(): values[i + 1] for i in range(0, len(values), 2)}


# --- Who is who ---

@test
def users_that_no_tenant_names_run_nothing_and_administrators_still_administer():
    with TenantServer(BOTH) as server:
        with server.user("ann") as ann, server.user("globert") as glo, server.user("eve") as eve:
            expect(ann.command("EVAL", "return 1", "0"), 1)
            expect(glo.command("EVAL", "return 2", "0"), 2)
            for words in (("EVAL", "return 1", "0"), ("EVALSHA", "0" * 40, "0"), ("SCRIPT", "LOAD", "return 1"),
                          ("FCALL", "f", "0"), ("FUNCTION", "LIST"), ("SCRIPT", "FLUSH")):
                expect("NOPERM user 'eve' belongs to no tenant of the sandbox's policy", eve.error(*words))
            expect(eve.command("SET", "x", "1"), b"OK")
            expect_in("NOTBUSY", eve.error("SCRIPT", "KILL"))
        assert server.command("SANDBOX", "STATUS")


@test
def without_a_policy_nobody_is_rejected():
    with TenantServer(BOTH) as server:
        with server.user("eve") as eve:
            expect_in("NOPERM", eve.error("EVAL", "return 1", "0"))
            server.command("CONFIG", "SET", "sandbox.policy", "")
            expect(eve.command("EVAL", "return 1", "0"), 1)
            server.command("CONFIG", "SET", "sandbox.policy", server.policy)
            expect_in("NOPERM", eve.error("EVAL", "return 1", "0"))


@test
def a_policy_with_problems_changes_nothing_and_names_them_all():
    with TenantServer(BOTH) as server, server.user("ann") as ann:
        with server.client() as admin:
            server.write(HEAD + "tenants:\n  acme: {users: [ann], nonsense: 1}\n  b: {limits: {memory: 1}}\n")
            error = admin.error("SANDBOX", "RELOAD")
            expect_in("CONFIG the policy stays as it was, 2 problems: ", error)
            expect_in("policy.yaml:3:", error)
            expect_in("policy.yaml:4:", error)
            expect_in("no such file", admin.error("CONFIG", "SET", "sandbox.policy", "/nowhere/p.yaml").lower())
        expect(ann.command("EVAL", "return 1", "0"), 1)
        expect(server.command("CONFIG", "GET", "sandbox.policy")[1].decode(), server.policy)


@test
def a_server_whose_policy_is_broken_does_not_start():
    server = TenantServer("tenants: [")
    server.launch()
    try:
        wait_for(lambda: server.process.poll() is not None, "the end of the server")
        expect_in("policy.yaml:", server.log())
    finally:
        server.stop()


@test
def a_reload_takes_effect_at_the_next_run():
    with TenantServer(BOTH) as server, server.user("eve") as eve, server.user("ann") as ann:
        expect_in("NOPERM", eve.error("EVAL", "return 1", "0"))
        answer = pairs(server.reload(BOTH.replace("al]", "al, eve]").replace("[ann, ", "[")))
        expect(answer["tenants"], 2)
        expect(eve.command("EVAL", "return 1", "0"), 1)
        expect_in("NOPERM", ann.error("EVAL", "return 1", "0"))


# --- Workers ---

def workers(server):
    """Those that serve somebody; spares come and go."""
    found = json.loads(server.command("SANDBOX", "JSON", "WORKERS"))["data"]["workers"]
    return {(w["zygote"], w["serial"]) for w in found if w["state"] == "assigned"}


@test
def workers_of_users_whose_rules_changed_are_gone_soon():
    with TenantServer(BOTH) as server, server.user("ann") as ann, server.user("globert") as glo:
        for client in (ann, glo):
            client.command("EVAL", "return 1", "0")
        wait_for(lambda: len(workers(server)) == 2, "two workers")
        before = workers(server)
        server.command("ACL", "SETUSER", "ann", "-get")
        wait_for(lambda: len(before - workers(server)) == 1, "the end of ann's worker")
        ann.command("EVAL", "return 1", "0")
        wait_for(lambda: len(workers(server)) == 2, "a worker for ann")
        before = workers(server)
        server.command("ACL", "DELUSER", "ann")
        wait_for(lambda: len(before - workers(server)) == 1, "the end of a worker whose user is gone")
        before = workers(server)
        server.reload(BOTH.replace('"glo*"]', '"glo*"], limits: {memory: 8m}'))
        wait_for(lambda: len(before - workers(server)) == 1, "the end of a worker whose tenant changed")
        glo.command("EVAL", "return 1", "0")
        before = workers(server)
        expect(pairs(server.command("SANDBOX", "SUSPEND", "globex"))["suspended"], 1)
        wait_for(lambda: before - workers(server), "the end of a suspended tenant's worker")
        expect_in("THROTTLED tenant=globex resource=runs reason=suspended retry_after_ms=-1",
                  glo.error("EVAL", "return 1", "0"))
        server.command("SANDBOX", "RESUME", "globex")
        expect(glo.command("EVAL", "return 1", "0"), 1)


@test
def a_tenant_that_wants_it_has_a_process_for_every_script():
    fresh = BOTH.replace("[ann, al]", "[ann, al], isolation: script")
    with TenantServer(fresh) as server, server.user("ann") as ann, server.user("globert") as glo:
        serving = set()
        for _ in range(5):
            glo.command("EVAL", "return 1", "0")
            serving |= workers(server)
        expect(len(serving), 1)

        def ended():
            text = json.loads(server.command("SANDBOX", "JSON", "METRICS"))["data"]["text"]
            return int(re.search(r'worker_exits_total\{cause="retired"\} (\d+)', text).group(1))
        before = ended()
        numbers = {ann.command("EVAL", "return tostring(math.random())", "0") for _ in range(5)}
        wait_for(lambda: ended() >= before + 5, "the end of a worker for each script")
        expect(workers(server), serving)
        expect(len(numbers), 5)


PLANT = """
getmetatable('').__index = function(s, k) return 'planted' end
string.planted = 'planted'
_G.rawset(_G, 'planted', 'planted')
return 'done'
"""
LOOK = "return {tostring(rawget(_G, 'planted')), tostring(string.planted), tostring(('x').planted)}"
NOTHING = [b"nil", b"nil", b"nil"]
LIBRARY = """#!lua name=l
local seen = 0
local function count() seen = seen + 1 return seen end
redis.register_function('count', count)
"""


@test
def what_one_user_plants_in_a_worker_no_other_finds():
    with TenantServer(BOTH) as server, server.user("ann") as ann, server.user("al") as al, server.user("globert") as glo:
        planters = [PLANT, "string.planted = 'planted'", "rawset(_G, 'planted', 'planted')",
                    "getmetatable('').__index = function() return 'planted' end",
                    "local t = getmetatable('').__index t.planted = 'planted'",
                    "table.insert(KEYS, 'planted') redis.planted = 'planted'",
                    "coroutine.wrap(function() string.planted = 'planted' end)()"]
        for plant in planters:
            ann.raw("EVAL", plant, "0")
            for client in (ann, al, glo):
                expect(client.command("EVAL", LOOK, "0"), NOTHING)
        ann.command("FUNCTION", "LOAD", LIBRARY)
        for client in (ann, al, ann, al):
            expect(client.command("FCALL", "count", "0"), 1)
        for client in (ann, al, glo):
            expect(client.command("EVAL", LOOK, "0"), NOTHING)


# --- Scripts and libraries of their own ---

@test
def scripts_are_seen_by_the_tenant_that_brought_them():
    with TenantServer(BOTH) as server, server.user("ann") as ann, server.user("al") as al, server.user("globert") as glo:
        sha = ann.command("SCRIPT", "LOAD", "return 7")
        expect(al.command("EVALSHA", sha, "0"), 7)
        expect(glo.error("EVALSHA", sha, "0"), "NOSCRIPT No matching script. Please use EVAL.")
        expect(glo.command("SCRIPT", "EXISTS", sha), [0])
        glo.command("EVAL", "return 7", "0")
        expect(glo.command("SCRIPT", "EXISTS", sha), [1])
        glo.command("SCRIPT", "FLUSH")
        expect(glo.command("SCRIPT", "EXISTS", sha), [0])
        expect(ann.command("SCRIPT", "EXISTS", sha), [1])
        expect(al.command("EVALSHA", sha, "0"), 7)


@test
def a_storm_of_scripts_pushes_out_nobody_elses():
    with TenantServer(BOTH) as server, server.user("ann") as ann, server.user("globert") as glo:
        server.command("CONFIG", "SET", "sandbox.script-cache-bytes", "200000")
        shas = []
        for i in range(50):
            text = "return %d" % i
            ann.command("EVAL", text, "0")
            shas.append(ann.command("SCRIPT", "LOAD", text) if i < 5 else None)
        for i in range(1500):
            glo.raw("EVAL", "return %d --%s" % (i, "x" * 200), "0")
        assert int(server.info()["sandbox_cached_script_bytes"]) <= 200000
        import hashlib
        for i in range(50):
            sha = hashlib.sha1(b"return %d" % i).hexdigest()
            expect(ann.command("EVALSHA", sha, "0"), i)
        # Nor does a storm of SCRIPT LOAD, which nothing pushes out again.
        refused = [glo.raw("SCRIPT", "LOAD", "return %d --%s" % (i, "y" * 500)) for i in range(100)][-1]
        expect_in("OOM", refused.decode())
        expect(ann.command("EVAL", "return 1", "0"), 1)
        expect_in(b"-OOM", refused)
        assert len(ann.command("SCRIPT", "LOAD", "return 'still room'")) == 40


@test
def libraries_belong_to_tenants_and_can_be_shared():
    shared = BOTH.replace("[ann, al]", "[ann, al], shared_with: [globex]")
    with TenantServer(BOTH) as server, server.user("ann") as ann, server.user("globert") as glo:
        text = "#!lua name=l\nredis.register_function('f', function() return '%s' end)"
        ann.command("FUNCTION", "LOAD", text % "acme")
        expect_in("Function not found", glo.error("FCALL", "f", "0"))
        expect(glo.command("FUNCTION", "LIST"), [])
        glo.command("FUNCTION", "LOAD", text % "globex")
        expect(ann.command("FCALL", "f", "0"), b"acme")
        expect(glo.command("FCALL", "f", "0"), b"globex")
        glo.command("FUNCTION", "FLUSH")
        expect(ann.command("FCALL", "f", "0"), b"acme")
        expect_in("Library not found", glo.error("FUNCTION", "DELETE", "l"))
        server.reload(shared)
        expect(glo.command("FCALL", "f", "0"), b"acme")
        expect(glo.command("FUNCTION", "LIST"), [])
        expect(len(ann.command("FUNCTION", "LIST")), 1)


@test
def libraries_from_before_the_policy_stay_everybodys():
    with TenantServer(BOTH) as server, server.user("ann") as ann, server.user("globert") as glo:
        server.command("CONFIG", "SET", "sandbox.policy", "")
        server.command("FUNCTION", "LOAD", "#!lua name=l\nredis.register_function('f', function() return 'common' end)")
        server.command("CONFIG", "SET", "sandbox.policy", server.policy)
        expect(ann.command("FCALL", "f", "0"), b"common")
        expect(glo.command("FUNCTION", "LIST"), [])
        expect_in("Library not found", glo.error("FUNCTION", "DELETE", "l"))


@test
def tenants_libraries_survive_in_files_and_reach_replicas():
    text = "#!lua name=l\nredis.register_function{function_name='r', callback=function() return '%s' end, flags={'no-writes'}}"
    with TenantServer(BOTH, "--appendonly", "yes", port=free_port()) as server:
        with TenantServer(BOTH, "--replicaof", "127.0.0.1 %d" % server.port, port=free_port()) as replica:
            with server.user("ann") as ann, server.user("globert") as glo:
                ann.command("FUNCTION", "LOAD", text % "acme")
                replica.wait_link()
                glo.command("FUNCTION", "LOAD", text % "globex")
                wait_for(lambda: replica.info()["sandbox_libraries"] == "2", "the libraries on the replica")
                expect(ann.command("FCALL", "r", "0"), b"acme")
                for name, wanted in (("ann", b"acme"), ("globert", b"globex")):
                    with replica.user(name) as reader:
                        expect(reader.command("FCALL_RO", "r", "0"), wanted)
        for _ in range(2):
            server.restart()
            with server.user("ann") as ann, server.user("globert") as glo:
                expect(ann.command("FCALL", "r", "0"), b"acme")
                expect(glo.command("FCALL", "r", "0"), b"globex")
            server.command("BGREWRITEAOF")
            wait_for(lambda: b"aof_rewrite_in_progress:0" in server.command("INFO", "persistence"), "the rewrite")


@test
def nobody_speaks_for_a_master():
    with TenantServer(BOTH) as server, server.user("ann") as ann, server.client() as admin:
        for client in (ann, admin):
            expect_in("sandbox.run is what EVAL", client.error(
                "SANDBOX.RUN", "library-of", "globex", "FUNCTION", "LOAD", "#!lua name=x\nredis.register_function('x', print)"))


@test
def a_tenant_kills_what_is_its_own():
    with TenantServer(BOTH, "--busy-reply-threshold", "20") as server:
        with server.user("ann") as ann, server.user("al") as al, server.user("globert") as glo:
            ann.send("EVAL", "while true do end", "0")
            wait_for(lambda: glo.raw("PING").startswith(b"-BUSY"), "BUSY")
            expect(al.command("SCRIPT", "KILL"), b"OK")
            expect_in("killed by user", ann_error(ann))
            server.command("ACL", "SETUSER", "globert", "-config")
            ann.send("EVAL", "while true do end", "0")
            wait_for(lambda: glo.raw("PING").startswith(b"-BUSY"), "BUSY")
            expect("NOPERM the script that runs is another tenant's", glo.error("SCRIPT", "KILL"))
            with server.client() as admin:
                expect(admin.command("SCRIPT", "KILL"), b"OK")
            expect_in("killed by user", ann_error(ann))


def ann_error(client):
    try:
        return "no error but %r" % client.read()
    except ReplyError as error:
        return str(error)


# --- Limits and modes ---

@test
def each_tenant_has_limits_and_a_mode_of_its_own():
    policy = HEAD + """
tenants:
  acme: {users: [ann], limits: {instructions: 1000}}
  globex: {users: [globert], limits: {instructions: 1000}, mode: observe}
  free: {users: [eve]}
"""
    loop = "local n = 0 for i = 1, 100000 do n = n + i end return n"
    with TenantServer(policy) as server:
        with server.user("ann") as ann, server.user("globert") as glo, server.user("eve") as eve:
            expect_in("LIMIT instructions: script exceeded 1000 instructions", ann.error("EVAL", loop, "0"))
            expect(glo.command("EVAL", loop, "0"), 5000050000)
            expect(eve.command("EVAL", loop, "0"), 5000050000)
            expect(server.info()["sandbox_limits_observed"], "1")


@test
def which_scripts_may_run_is_the_policys_to_say():
    import hashlib
    listed = hashlib.sha1(b"return 'listed'").hexdigest()
    policy = HEAD + """
tenants:
  acme: {users: [ann], scripts: loaded}
  globex: {users: [globert], scripts: listed, listed_scripts: [%s]}
  free: {users: [eve]}
""" % listed
    with TenantServer(policy) as server:
        with server.user("ann") as ann, server.user("globert") as glo, server.user("eve") as eve:
            expect(eve.command("EVAL", "return 1", "0"), 1)
            expect("NOPERM tenant acme may only run scripts that were loaded before", ann.error("EVAL", "return 1", "0"))
            sha = ann.command("SCRIPT", "LOAD", "return 1")
            expect(ann.command("EVALSHA", sha, "0"), 1)
            ann.command("FUNCTION", "LOAD", "#!lua name=l\nredis.register_function('f', function() return 2 end)")
            expect(ann.command("FCALL", "f", "0"), 2)
            expect(glo.command("EVAL", "return 'listed'", "0"), b"listed")
            text = "NOPERM tenant globex may only run scripts that its policy lists"
            expect(text, glo.error("EVAL", "return 1", "0"))
            expect(text, glo.error("SCRIPT", "LOAD", "return 1"))
            expect(text, glo.error("FUNCTION", "LOAD", "#!lua name=l\nredis.register_function('f', function() return 2 end)"))


# --- Commands and keys ---

def call(client, *words):
    """What a script's redis.call of these words answers, or its error."""
    reply = client.raw("EVAL", "return redis.call(unpack(ARGV))", "0", *words)
    return reply


FENCED = HEAD + """
tenants:
  acme: {users: [ann], key_prefixes: ["a:", "{a}:"], keyless_commands: [publish, time, pubsub|numpat]}
  globex: {users: [globert], only_commands: [get, set, object], denied_commands: [object|freq]}
  strict: {users: [glora], undeclared_keys: false}
  free: {users: [eve]}
"""


@test
def keys_outside_a_tenants_prefixes_are_out_of_reach():
    with TenantServer(FENCED) as server, server.user("ann") as ann, server.user("eve") as eve:
        expect(call(ann, "SET", "a:1", "x"), b"+OK\r\n")
        expect(call(ann, "GET", "{a}:1"), b"$-1\r\n")
        outside = ["GET b", "SET b x", "MGET a:1 b", "RENAME a:1 b", "COPY a:1 b", "LMOVE a:1 b LEFT LEFT",
                   "SUNIONSTORE a:1 b", "ZUNIONSTORE a:1 2 a:2 b", "XREAD STREAMS a:1 b 0 0", "SORT a:1 STORE b",
                   "GEORADIUS a:1 0 0 1 m STORE b", "BITOP AND a:1 b", "OBJECT ENCODING b", "MEMORY USAGE b",
                   "PFMERGE a:1 b", "MIGRATE h 1 b 0 1", "LMPOP 2 a:1 b LEFT", "XGROUP CREATE b g 0 MKSTREAM"]
        for words in outside:
            name = words.split()[0].lower().encode()
            expect_in(b"-NOPERM a key of '%s' lies outside the key prefixes of tenant acme" % name, call(ann, *words.split()))
            assert b"NOPERM" not in call(eve, *words.split()), words


@test
def patterns_of_sort_do_not_reach_over_the_fence():
    with TenantServer(FENCED) as server, server.user("ann") as ann, server.user("eve") as eve:
        server.command("RPUSH", "a:l", "1", "2")
        server.command("SET", "secret_1", "s")
        server.command("SET", "a:w_1", "w")
        for words in (["BY", "secret_*"], ["GET", "secret_*"], ["BY", "nosort", "GET", "*"], ["GET", "secret_*->f"]):
            expect_in(b"NOPERM a pattern of 'sort' reaches beyond", call(ann, "SORT", "a:l", *words))
            assert b"NOPERM" not in call(eve, "SORT", "a:l", *words), words
        expect_in(b"w\r\n", call(ann, "SORT", "a:l", "BY", "nosort", "GET", "a:w_*"))
        expect_in(b"NOPERM", call(ann, "SORT_RO", "a:l", "GET", "secret_*"))


@test
def commands_without_keys_are_denied_unless_listed():
    with TenantServer(FENCED) as server, server.user("ann") as ann, server.user("eve") as eve:
        for words in ("KEYS *", "SCAN 0", "FLUSHALL", "FLUSHDB", "RANDOMKEY", "DBSIZE", "SELECT 1", "SWAPDB 0 1",
                      "INFO", "PUBSUB CHANNELS", "FUNCTION LIST"):
            name = words.split()[0].lower().encode()
            expect_in(b"-NOPERM '%s' names no key, and tenant acme is confined to its key prefixes" % name,
                      call(ann, *words.split()))
            assert not call(eve, *words.split()).startswith(b"-NOPERM"), words
        expect(call(ann, "PUBLISH", "c", "x"), b":0\r\n")
        assert call(ann, "TIME").startswith(b"*2")
        expect(call(ann, "PUBSUB", "NUMPAT"), b":0\r\n")


@test
def lists_of_commands_hold_for_names_and_subcommands_in_any_case():
    with TenantServer(FENCED) as server, server.user("globert") as glo, server.user("eve") as eve:
        expect(call(glo, "Set", "k", "v"), b"+OK\r\n")
        assert call(glo, "object", "Encoding", "k").startswith(b"$")
        for words, name in (("DEL k", b"del"), ("OBJECT FREQ k", b"object|freq"), ("oBjEcT fReQ k", b"object|freq"),
                            ("KEYS *", b"keys")):
            expect_in(b"-NOPERM scripts of tenant globex may not run '%s'" % name, call(glo, *words.split()))
            assert b"NOPERM" not in call(eve, *words.split()), words


@test
def keys_that_are_not_declared_can_be_forbidden():
    with TenantServer(FENCED) as server, server.user("glora") as glo, server.user("eve") as eve:
        script = "return redis.call('SET', ARGV[1], 'x')"
        expect(glo.command("EVAL", script, "2", "k1", "k2", "k2"), b"OK")
        expect_in("NOPERM a key of 'set' is not in KEYS, and scripts of tenant strict may use no other",
                  glo.error("EVAL", script, "2", "k1", "k2", "k3"))
        expect(eve.command("EVAL", script, "2", "k1", "k2", "k3"), b"OK")
        many = ["key%d" % i for i in range(2000)]
        expect(glo.command("EVAL", script, "2000", *many, "key1234"), b"OK")
        expect_in("NOPERM", glo.error("EVAL", script, "2000", *many, "key2000"))


def calm(client, *words):
    """The same where `hold` is short: a busy machine may let the script wait for so long."""
    while True:
        reply = call(client, *words)
        if b"LIMIT hold" not in reply:
            return reply


@test
def what_would_hold_the_server_too_long_is_not_begun():
    policy = HEAD + "tenants:\n  acme: {users: [ann], limits: {hold: 20ms}}\n  slow: {users: [eve], limits: {hold: 5s}}\n"
    policy += "  seen: {users: [glora], limits: {hold: 20ms}, mode: observe}\n"
    with TenantServer(policy) as server, server.user("ann") as ann, server.user("eve") as eve, server.user("glora") as glo:
        assert calm(ann, "KEYS", "*").startswith(b"*0")
        for i in range(10):
            server.command("MSET", *[word for k in range(10000) for word in ("key:%d:%d" % (i, k), "x")])
        for words in ("KEYS *", "KEYS none", "SCAN 0 COUNT 100000", "FLUSHDB", "flushall sync"):
            name = words.split()[0].lower().encode()
            expect_in(b"-NOPERM '%s' among 100000 keys would hold the server for longer than scripts of tenant acme may" % name,
                      calm(ann, *words.split()))
        assert calm(ann, "SCAN", "0", "COUNT", "100").startswith(b"*2")
        expect(ann.command("EVAL", "return redis.pcall('KEYS', '*').err:match('^NOPERM') and 1", "0"), 1)
        assert calm(eve, "KEYS", "none").startswith(b"*0")
        assert calm(glo, "SCAN", "0", "COUNT", "100000").startswith(b"*2")
        expect(pairs(server.command("SANDBOX", "QUOTA", "seen"))["denied_calls"], 1)


@test
def acl_check_cmd_tells_what_would_be_refused_and_pcall_sees_the_error():
    with TenantServer(FENCED) as server, server.user("ann") as ann:
        check = "return {redis.acl_check_cmd('GET', 'a:1'), redis.acl_check_cmd('GET', 'b'), redis.acl_check_cmd('KEYS', '*')}"
        expect(ann.command("EVAL", check, "0"), [1, None, None])
        expect_in(b"NOPERM", ann.command("EVAL", "return redis.pcall('GET', 'b').err", "0"))


@test
def where_a_tenant_is_observed_nothing_is_denied_but_counted():
    policy = FENCED.replace("[ann], ", "[ann], mode: observe, ")
    with TenantServer(policy) as server, server.user("ann") as ann:
        expect(call(ann, "SET", "b", "x"), b"+OK\r\n")
        expect(pairs(server.command("SANDBOX", "QUOTA", "acme"))["denied_calls"], 1)


# --- Rates and quotas ---

@test
def a_rate_refuses_early_and_says_when_to_come_again():
    policy = HEAD + "tenants:\n  acme: {users: [ann], rates: {invocations: 2/s burst 5}}\n  free: {users: [eve]}\n"
    with TenantServer(policy) as server, server.user("ann") as ann, server.user("eve") as eve:
        began = time.monotonic()
        for _ in range(50):
            ann.send("EVAL", "return 1", "0")
        replies = [ann.reply() for _ in range(50)]
        admitted = sum(reply == b":1\r\n" for reply in replies)
        assert 5 <= admitted <= 6 + 2 * (time.monotonic() - began), admitted
        last = next(reply for reply in replies[::-1] if reply != b":1\r\n").decode()
        expect_in("-THROTTLED tenant=acme resource=invocations reason=rate retry_after_ms=", last)
        wait = int(last.split("retry_after_ms=")[1].split()[0])
        assert 0 < wait <= 501, wait
        time.sleep(wait / 1000)
        expect(ann.command("EVAL", "return 1", "0"), 1)
        assert all(eve.raw("EVAL", "return 1", "0") == b":1\r\n" for _ in range(50))


@test
def a_daily_quota_ends_runs_and_tells_once_on_the_way():
    policy = HEAD + "tenants:\n  acme: {users: [ann], daily: {invocations: 10}, notify_percent: 50}\n"
    with TenantServer(policy) as server, server.user("ann") as ann:
        replies = [ann.raw("EVAL", "return 1", "0") for _ in range(20)]
        expect(replies.count(b":1\r\n"), 10)
        expect_in("resource=invocations reason=quota", replies[-1].decode())
        expect_in("limit=10 remaining=0", replies[-1].decode())
        expect(server.log().count("tenant acme used 50 % of its daily quota of invocations"), 1)
        expect(server.log().count("nothing more runs until it ends"), 1)
        server.command("SANDBOX", "QUOTA", "acme", "RESET")
        expect(ann.command("EVAL", "return 1", "0"), 1)


@test
def main_thread_time_is_charged_and_debts_are_waited_for():
    policy = HEAD + "tenants:\n  acme: {users: [ann], rates: {hold: 10ms/s burst 10ms}}\n"
    busy = "for i = 1, 3 do for k = 1, 10000000 do end end return 1"
    with TenantServer(policy, "--sandbox.long-share", "100") as server, server.user("ann") as ann:
        began = time.monotonic()
        expect(ann.command("EVAL", busy, "0"), 1)
        took = time.monotonic() - began
        error = ann.error("EVAL", "return 1", "0")
        expect_in("resource=hold reason=rate", error)
        wait = int(error.split("retry_after_ms=")[1].split()[0]) / 1000
        assert (took - 0.01) / 0.01 * 0.7 - 0.1 < wait < took / 0.01 + 0.1, (took, wait)


@test
def long_runs_of_tenants_leave_room_between_them_and_short_ones_run_there():
    # Long by far, and a pause of nineteen times that: nobody's machine is so fast, or so slow to send the next command.
    busy = "for i = 1, 50000000 do end return 1"
    rates = BOTH.replace("[ann, al]", "[ann, al], rates: {hold: 900ms/s burst 20s}")
    with TenantServer(rates) as server, server.user("ann") as ann, server.user("globert") as glo:
        glo.command("EVAL", "return 1", "0")
        server.command("CONFIG", "SET", "sandbox.long-share", "5")
        expect(ann.command("EVAL", busy, "0"), 1)
        expect_in("THROTTLED tenant=acme resource=hold reason=shed retry_after_ms=", ann.error("EVAL", "return 1", "0"))
        expect(glo.command("EVAL", "return 1", "0"), 1)
        server.command("CONFIG", "SET", "sandbox.long-share", "100")
        time.sleep(0.5)
        for _ in range(3):
            expect(ann.command("EVAL", busy, "0"), 1)
        server.command("CONFIG", "SET", "sandbox.long-share", "5")
        server.reload(BOTH)
        for _ in range(3):
            expect(ann.command("EVAL", busy, "0"), 1)


@test
def with_a_policy_hold_counts_from_the_command_on():
    policy = HEAD + "tenants:\n  acme: {users: [ann], limits: {hold: 20ms}}\n  rest: {users: [default]}\n"
    endless = "#!lua name=l\nwhile true do end"
    with TenantServer(policy, "--sandbox.limit-hold", "20000000", "--sandbox.limit-wall", "200000000") as server:
        with server.user("ann") as ann:
            expect_in("LIMIT hold", ann.error("EVAL", "while true do end", "0"))
            expect_in("LIMIT hold", ann.error("EVAL", "redis.call('GET', 'k') while true do end", "0"))
            expect_in("hold", ann.error("FUNCTION", "LOAD", endless))
            server.command("CONFIG", "SET", "sandbox.policy", "")
            # As Redis, which promises nobody how long others wait, but for our own limits.
            expect_in("LIMIT wall", ann.error("EVAL", "while true do end", "0"))
            expect_in("LIMIT hold", ann.error("EVAL", "redis.call('GET', 'k') while true do end", "0"))


@test
def a_pipeline_of_short_scripts_is_no_long_run_of_who_has_saved_its_burst():
    policy = HEAD + "tenants:\n  acme: {users: [ann], limits: {hold: 2s}, rates: {hold: 20ms/s burst 20s}}\n  rest: {users: [default]}\n"
    with TenantServer(policy) as server, server.user("ann") as ann:
        ann.command("EVAL", "return 1", "0")
        for _ in range(40):
            ann.send("EVAL", "for i = 1, 200000 do end", "0")
        expect([ann.reply() for _ in range(40)], [b"$-1\r\n"] * 40)


@test
def loading_scripts_and_libraries_is_charged_too():
    policy = HEAD + "tenants:\n  acme: {users: [ann], rates: {invocations: 1/s burst 3}}\n"
    library = "#!lua name=l%d\nredis.register_function('f%d', function() return 2 end)"
    with TenantServer(policy) as server, server.user("ann") as ann:
        for kind, texts in (("SCRIPT", ["return %d" % i for i in range(60)]), ("FUNCTION", [library % (i, i) for i in range(60)])):
            began = time.monotonic()
            for text in texts:
                ann.send(kind, "LOAD", text)
            admitted = sum(b"THROTTLED" not in ann.reply() for _ in texts)
            assert admitted <= 4 + time.monotonic() - began, (kind, admitted)


@test
def crashes_in_a_row_make_the_tenant_wait_and_nobody_else():
    with TenantServer(BOTH) as server, server.user("ann") as ann, server.user("globert") as glo:
        glo.command("EVAL", "return 1", "0")
        # Each crash in a row doubles the wait; the first may be over before a busy machine has sent the next command.
        for _ in range(8):
            ann.send("EVAL", "while true do end", "0")
            burning = []
            wait_for(lambda: burning.extend(pid for pid in server.workers()[1:] if ticks_of(pid) >= 5) or burning, "a worker that computes")
            kill_all(burning)
            expect_in("worker_crashed", ann_error(ann))
            reply = ann.raw("EVAL", "error('begun')", "0").decode()
            if reply.startswith("-THROTTLED"):
                break
        expect_in("THROTTLED tenant=acme resource=runs reason=crash_backoff", reply)
        expect(glo.command("EVAL", "return 1", "0"), 1)
        time.sleep(int(reply.split("retry_after_ms=")[1].split()[0]) / 1000)
        expect(ann.command("EVAL", "return 1", "0"), 1)


def ticks_of(pid):
    """User time; of one that has ended, none."""
    try:
        with open("/proc/%d/stat" % pid) as text:
            return int(text.read().rsplit(")", 1)[1].split()[11])
    except OSError:
        return 0


@test
def a_replica_charges_nobody():
    policy = HEAD + "tenants:\n  acme: {users: [ann], daily: {invocations: 3}}\n"
    with TenantServer(policy, port=free_port()) as server:
        with TenantServer(policy, "--replicaof", "127.0.0.1 %d" % server.port, port=free_port()) as replica:
            replica.wait_link()
            with replica.user("ann") as reader, server.user("ann") as ann:
                for _ in range(10):
                    expect(reader.command("EVAL_RO", "return 1", "0"), 1)
                expect([ann.raw("EVAL", "return 1", "0")[:1] for _ in range(4)], [b":", b":", b":", b"-"])
            replica.command("REPLICAOF", "NO", "ONE")
            with replica.user("ann") as ann:
                expect([ann.raw("EVAL", "return 1", "0")[:1] for _ in range(4)], [b":", b":", b":", b"-"])


@test
def what_a_tenant_logs_is_rationed_for_it_alone():
    policy = HEAD + "tenants:\n  acme: {users: [ann], log_rate: 1k/s}\n  free: {users: [eve]}\n"
    flood = "for i = 1, 200 do redis.log(redis.LOG_WARNING, ARGV[1] .. string.rep('x', 50)) end"
    with TenantServer(policy) as server, server.user("ann") as ann, server.user("eve") as eve:
        ann.command("EVAL", flood, "0", "noise")
        eve.command("EVAL", "redis.log(redis.LOG_WARNING, 'signal')", "0")
        log = server.log()
        assert log.count("script of acme: noise") < 60, log.count("noise")
        expect(log.count("script of free: signal"), 1)
        assert pairs(server.command("SANDBOX", "QUOTA", "acme"))["dropped_log_lines"] > 100


@test
def ten_thousand_tenants_cost_a_run_nothing():
    policy = HEAD + "tenants:\n" + "".join("  t%d: {users: [u%d]}\n" % (i, i) for i in range(10000)) + \
        "  acme: {users: [ann]}\n"
    with TenantServer(policy) as many, TenantServer(BOTH) as few:
        seconds = {}
        for _ in range(3):
            for name, server in (("many", many), ("few", few)):
                with server.user("ann") as ann:
                    ann.command("EVAL", "return 1", "0")
                    began = time.process_time(), cpu_of(server)
                    for _ in range(2000):
                        ann.command("EVAL", "return 1", "0")
                    spent = cpu_of(server) - began[1]
                    seconds[name] = min(spent, seconds.get(name, spent))
        # Whatever looked at each of the tenants would take five times as long.
        assert seconds["many"] < seconds["few"] * 3 + 0.02, seconds
        began = cpu_of(many)
        many.command("SANDBOX", "RELOAD")
        assert cpu_of(many) - began < 5


def cpu_of(server):
    with open("/proc/%d/stat" % server.process.pid) as text:
        fields = text.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    sys.exit(main(__doc__))
