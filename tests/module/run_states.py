#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""run_states - scripts in a server that is out of memory, cannot save, has no replicas, is
stale, or is one of a cluster: the same commands to a stock server and to one with the module,
byte for byte."""
import os
import re
import sys

from server import PROGRAM, Server, free_port, wait_for
from suite import main, test

LIBRARY = """#!lua name=lib
local function set(keys, args) return redis.call('set', keys[1], args[1] or 'v') end
local function get(keys) return redis.call('get', keys[1]) end
redis.register_function('set', set)
redis.register_function{function_name='get', callback=get, flags={'no-writes'}}
redis.register_function{function_name='oom', callback=set, flags={'allow-oom'}}
redis.register_function{function_name='stale', callback=get, flags={'allow-stale', 'no-writes'}}
redis.register_function{function_name='free', callback=set, flags={'allow-oom', 'allow-stale'}}
redis.register_function{function_name='lone', callback=get, flags={'no-cluster', 'no-writes'}}
"""

BODIES = ["return 1", "return redis.call('get', KEYS[1])", "return redis.call('set', KEYS[1], 'v')",
          "return redis.pcall('set', KEYS[1], 'v')", "return redis.pcall('set', KEYS[1], 'v').err",
          "return select(2, pcall(redis.call, 'set', KEYS[1], 'v'))",
          "redis.pcall('del', KEYS[1]) return redis.pcall('set', KEYS[1], 'w')", "return redis.call('publish', 'c', 'x')",
          "return redis.call('ping')", "return redis.call('xread', 'block', 10, 'streams', KEYS[1], 0)"]
FLAGS = ["", "#!lua\n", "#!lua flags=no-writes\n", "#!lua flags=allow-oom\n", "#!lua flags=allow-stale\n",
         "#!lua flags=allow-oom,allow-stale\n", "#!lua flags=no-writes,allow-stale\n", "#!lua flags=no-cluster\n"]


def calls(key="k"):
    """Every body with every flag as EVAL and EVAL_RO, every function as FCALL and FCALL_RO, some in MULTI."""
    words = []
    for flags in FLAGS:
        for body in BODIES:
            words += [["EVAL", flags + body, "1", key], ["EVAL_RO", flags + body, "1", key]]
    for name in ("set", "get", "oom", "stale", "free", "lone"):
        words += [["FCALL", name, "1", key, "x"], ["FCALL_RO", name, "1", key, "x"]]
    words += [["MULTI"], ["SET", key, "y"], ["EVAL", BODIES[2], "1", key], ["EVAL", "#!lua\n" + BODIES[2], "1", key],
              ["EVAL", "#!lua flags=no-writes\n" + BODIES[1], "1", key], ["FCALL", "get", "1", key], ["EXEC"], ["GET", key],
              ["SCRIPT", "LOAD", "return 3"], ["EVALSHA", "bfbf458525d6a0b19200bfd6db3af481156b367b", "1", key], ["SCRIPT", "FLUSH"],
              ["FUNCTION", "LOAD", "REPLACE", LIBRARY], ["FUNCTION", "LIST", "LIBRARYNAME", "none"], ["FUNCTION", "DELETE", "nope"], ["FUNCTION", "STATS"]]
    return words


def play(server, commands, resp=2):
    with server.client() as client:
        client.command("HELLO", resp)
        return [client.raw(*words) for words in commands]


def same(stock, ours, commands, resp=2, least_errors=1):
    """How many replies were errors: none would mean that the state was not there."""
    judge, replies = play(stock, commands, resp), play(ours, commands, resp)
    for words, a, b in zip(commands, judge, replies):
        assert a == b, "%r\n  redis: %r\n  ours:  %r" % (words, a, b)
    errors = sum(reply.startswith(b"-") for reply in judge)
    assert errors >= least_errors, "only %d errors" % errors
    return errors


class Both:
    """A stock server and one with the module, alike, with the library loaded."""

    def __init__(self, *options, port=False):
        self.servers = [Server(*options, module=with_module, port=free_port() if port else 0) for with_module in (False, True)]

    def __enter__(self):
        for server in self.servers:
            server.start()
            server.command("FUNCTION", "LOAD", LIBRARY)
            server.command("SET", "k", "old")
        return self

    def __exit__(self, *_):
        for server in self.servers:
            server.__exit__()

    def each(self, *words):
        for server in self.servers:
            server.command(*words)

    def compare(self, *arguments, **options):
        return same(*self.servers, *arguments, **options)


# --- States of one server ---

@test
def in_good_order_everything_is_alike():
    with Both() as both:
        for resp in (2, 3):
            both.compare(calls(), resp=resp)


@test
def without_memory_the_same_is_refused():
    with Both() as both:
        both.each("CONFIG", "SET", "maxmemory", "1")
        both.compare(calls(), least_errors=60)


@test
def without_enough_replicas_the_same_is_refused():
    with Both() as both:
        both.each("CONFIG", "SET", "min-replicas-to-write", "1")
        both.compare(calls(), least_errors=60)


@test
def when_snapshots_fail_the_same_is_refused():
    with Both("--save", "3600 100000", "--enable-protected-configs", "yes") as both:
        for server in both.servers:
            os.makedirs(os.path.join(server.folder, "taken", "by a folder"))
            server.command("CONFIG", "SET", "dbfilename", "taken")
            server.command("BGSAVE")
            wait_for(lambda s=server: s.info("persistence")["rdb_last_bgsave_status"] == "err", "the failure")
        both.compare(calls(), least_errors=60)


@test
def a_stale_replica_refuses_the_same():
    with Both() as both:
        for serves in ("no", "yes"):
            both.each("CONFIG", "SET", "replica-serve-stale-data", serves)
            both.each("REPLICAOF", "127.0.0.1", "1")
            both.compare(calls(), least_errors=60)
            both.each("REPLICAOF", "NO", "ONE")


@test
def a_writable_replica_without_its_master_does_the_same():
    with Both("--replica-read-only", "no") as both:
        both.each("CONFIG", "SET", "replica-serve-stale-data", "no")
        both.each("REPLICAOF", "127.0.0.1", "1")
        both.compare(calls(), least_errors=60)


@test
def paused_clients_are_held_and_let_alike():
    with Both() as both:
        answers = []
        for server in both.servers:
            with server.client() as client, server.client() as other:
                other.command("CLIENT", "PAUSE", "60000", "WRITE")
                client.send("EVAL_RO", "return redis.call('get', KEYS[1])", "1", "k")
                client.send("EVAL", "#!lua flags=no-writes\nreturn redis.call('get', KEYS[1])", "1", "k")
                client.send("FCALL", "get", "1", "k")
                answers.append([client.reply() for _ in range(3)])
                client.send("EVAL", "return 5", "0")
                client.link.settimeout(0.3)
                try:
                    answers[-1].append(client.reply())
                except OSError:
                    answers[-1].append("held")
                other.command("CLIENT", "UNPAUSE")
        assert answers[0] == answers[1] and answers[0][-1] == "held", answers


# --- RESP3 ---

@test
def a_client_of_the_third_protocol_gets_the_same():
    scripts = ["redis.setresp(3) return redis.call('%s', %s)" % pair for pair in (
        ("hgetall", "'h'"), ("smembers", "'s'"), ("zscore", "'z','a'"), ("zrange", "'z',0,-1,'withscores'"), ("get", "'none'"),
        ("info", "'nosuch'"), ("zadd", "'z','incr',1.5,'a'"), ("hrandfield", "'h',2,'withvalues'"), ("config", "'get','x'"),
        ("lmpop", "1,'none','left'"), ("xread", "'streams','x',0"), ("function", "'list'"), ("lmpop", "2,'none','none2','right'"), ("acl", "'whoami'"), ("exists", "'h'"),
        ("geopos", "'g','nobody'"), ("memory", "'usage','h'"), ("command", "'getkeys','get','x'"), ("object", "'freq','h'"))]
    values = ["true", "false", "nil", "1", "1.5", "'x'", "{}", "{1,true,false,3}", "{double=1/3}", "{double=1/0}", "{big_number='123'}",
              "{map={a=1}}", "{map={}}", "{set={a=true}}", "{verbatim_string={format='txt',string='x'}}", "{ok='fine'}", "{err='MY error'}",
              "{map={a={map={b={set={c=true}}}}}}", "{verbatim_string={format='toolong',string=''}}", "{1,{double=-0.0},{map={x=false}}}"]
    commands = [["HSET", "h", "f", "v"], ["SADD", "s", "m"], ["ZADD", "z", "1.5", "a"], ["XADD", "x", "1-1", "f", "v"]]
    commands += [["EVAL", script, "0"] for script in scripts]
    commands += [["EVAL", script.replace("setresp(3)", "setresp(2)"), "0"] for script in scripts]
    for value in values:
        commands += [["EVAL", "return " + value, "0"], ["EVAL", "redis.setresp(3) return " + value, "0"]]
    commands += [["MULTI"], ["EVAL", "redis.setresp(3) return redis.call('hgetall', 'h')", "0"], ["EVAL", "return {err='E x'}", "0"], ["EXEC"]]
    with Both() as both:
        for resp in (2, 3):
            both.compare(commands, resp=resp)


# --- A cluster ---

class Cluster:
    """Three masters that share the slots in thirds."""

    def __init__(self, with_module):
        self.nodes = [Server("--cluster-enabled", "yes", "--cluster-node-timeout", "3000", "--cluster-port", str(free_port()),
                             module=with_module, port=free_port()) for _ in range(3)]

    def __enter__(self):
        for number, node in enumerate(self.nodes):
            node.start()
            node.command("CLUSTER", "ADDSLOTSRANGE", number * 16384 // 3, (number + 1) * 16384 // 3 - 1)
        for node in self.nodes[1:]:
            bus = node.words[node.words.index("--cluster-port") + 1]
            self.nodes[0].command("CLUSTER", "MEET", "127.0.0.1", node.port, bus)
        for node in self.nodes:
            wait_for(lambda n=node: b"cluster_state:ok" in n.command("CLUSTER", "INFO")
                     and b"cluster_known_nodes:3" in n.command("CLUSTER", "INFO"), "the cluster", 30)
            node.command("FUNCTION", "LOAD", LIBRARY)
        return self

    def __exit__(self, *_):
        for node in self.nodes:
            node.__exit__()

    def play(self, commands):
        """Every node's replies; the nodes are called by number, not by port."""
        found = []
        for node in self.nodes:
            for reply in play(node, commands):
                for number, other in enumerate(self.nodes):
                    reply = reply.replace(b":%d" % other.port, b":node%d" % number)
                found.append(reply)
        return found


def slot_key(slot_part):
    """A key of each third, by trial: a, b and c have the slots 15495, 3300 and 7365."""
    return {0: "b", 1: "c", 2: "a"}[slot_part]


def cluster_commands():
    commands = []
    both = "return {redis.pcall('get', ARGV[1]), redis.pcall('get', ARGV[2])}"
    write = "return {redis.pcall('set', ARGV[1], 1), redis.pcall('set', ARGV[2], 2)}"
    for part in range(3):
        key = slot_key(part)
        commands += calls(key)
        commands += [["EVAL", "return 1", "2", key, slot_key((part + 1) % 3)], ["EVAL", "return #KEYS", "2", key, "{%s}x" % key],
                     ["EVALSHA", "0" * 40, "1", key], ["EVALSHA_RO", "0" * 40, "1", key], ["FCALL", "nosuch", "1", key]]
    for flags in ("", "#!lua\n", "#!lua flags=allow-cross-slot-keys\n", "#!lua flags=no-cluster\n", "#!lua flags=no-writes\n"):
        for one, other in (("b", "{b}x"), ("b", "c"), ("b", "{3}"), ("c", "a"), ("a", "b")):
            for body in (both, write):
                commands += [["EVAL", flags + body, "0", one, other], ["EVAL", flags + body, "1", one, one, other]]
        commands += [["EVAL", flags + "return redis.call('mget', ARGV[1], ARGV[2])", "0", "b", "{3}"],
                     ["EVAL", flags + "return redis.call('select', 1)", "0"], ["EVAL", flags + "return redis.call('dbsize')", "0"]]
    commands += [["ASKING"], ["EVAL", "return redis.call('get', KEYS[1])", "1", "a"], ["READONLY"], ["EVAL_RO", "return 1", "1", "a"],
                 ["READWRITE"], ["CLUSTER", "KEYSLOT", "a"]]
    return commands


@test
def in_a_cluster_scripts_are_redirected_and_refused_alike():
    commands = cluster_commands()
    with Cluster(False) as stock, Cluster(True) as ours:
        judge, replies = stock.play(commands), ours.play(commands)
        for number, (a, b) in enumerate(zip(judge, replies)):
            assert a == b, "node %d, %r\n  redis: %r\n  ours:  %r" % (number // len(commands), commands[number % len(commands)], a, b)
        text = b"".join(judge)
        words = [b"-MOVED ", b"-CROSSSLOT ", b"no-cluster", b"non local key", b"-NOSCRIPT "]
        for word in words + ([b"do not hash to the same slot"] if PROGRAM == "redis-server" else []):
            assert word in text, word
        print("    %d replies, %d of them errors" % (len(judge), sum(reply.startswith(b"-") for reply in judge)))


@test
def a_slot_on_its_way_is_asked_for_alike():
    def migrate(cluster):
        source, target = cluster.nodes[2], cluster.nodes[0]  # a is on the last
        ids = [node.command("CLUSTER", "MYID") for node in (source, target)]
        source.command("SET", "a", "1")
        target.command("CLUSTER", "SETSLOT", "15495", "IMPORTING", ids[0])
        source.command("CLUSTER", "SETSLOT", "15495", "MIGRATING", ids[1])
    get = "return redis.call('get', KEYS[1])"
    commands = [["EVAL", get, "1", "a"], ["EVAL", get, "1", "{a}gone"], ["EVAL", "return redis.pcall('get', ARGV[1])", "0", "{a}gone"],
                ["EVAL", "return redis.pcall('mget', KEYS[1], ARGV[1])", "1", "a", "{a}gone"], ["FCALL", "get", "1", "{a}gone"],
                ["ASKING"], ["EVAL", get, "1", "{a}gone"], ["ASKING"], ["FCALL", "get", "1", "a"], ["EVAL", get, "1", "a"]]
    with Cluster(False) as stock, Cluster(True) as ours:
        answers = []
        for cluster in (stock, ours):
            migrate(cluster)
            answers.append(cluster.play(commands))
        assert answers[0] == answers[1], "\n".join("%r\n  redis: %r\n  ours:  %r" % three for three in zip(commands * 3, *answers))
        assert any(re.match(rb"-ASK 15495 ", reply) for reply in answers[0]), answers[0]


@test
def a_cluster_that_is_down_refuses_alike():
    def stop(cluster):
        cluster.nodes[1].stop()
        for node in (cluster.nodes[0], cluster.nodes[2]):
            wait_for(lambda n=node: b"cluster_state:fail" in n.command("CLUSTER", "INFO"), "the failure", 60)
    commands = [["EVAL", "return 1", "0"], ["EVAL", "return 1", "1", "b"], ["EVAL", "return redis.pcall('get', ARGV[1])", "0", "b"],
                ["EVAL_RO", "return redis.pcall('get', KEYS[1])", "1", "b"], ["FCALL", "get", "1", "b"], ["SCRIPT", "LOAD", "return 1"],
                ["EVAL", "return redis.pcall('set', ARGV[1], 1)", "0", "b"], ["EVAL", "return redis.pcall('ping')", "0"]]
    with Cluster(False) as stock, Cluster(True) as ours:
        for cluster in (stock, ours):
            stop(cluster)
        for allows in ("no", "yes"):
            for cluster in (stock, ours):
                cluster.nodes[0].command("CONFIG", "SET", "cluster-allow-reads-when-down", allows)
            same(stock.nodes[0], ours.nodes[0], commands)


if __name__ == "__main__":
    sys.exit(main(__doc__))
