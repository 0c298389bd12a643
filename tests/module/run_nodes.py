#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""run_nodes - tenants on several servers, and on one that is killed: a cluster of three, a
replica whose policy is stricter than its master's, accounts that outlive kill -9."""
import json
import os
import signal
import subprocess
import sys

import suite
from accounting import CTL, Accounted
from run_states import slot_key
from run_tenants import HEAD, TenantServer, expect, expect_in, pairs
from server import ReplyError, free_port, wait_for
from suite import main, test

suite.TESTS.clear()  # those of run_tenants and run_states run by themselves


class Node(Accounted):
    """A server with a policy, a journal and a ledger; its users need no password."""

    def __init__(self, policy, *options, users=("ann", "bob"), **others):
        super().__init__(*options, **others)
        self.users = users
        path = os.path.join(self.folder, "policy.yaml")
        with open(path, "w") as text:
            text.write(policy)
        self.server.words += ["--sandbox.policy", path]

    def __enter__(self):
        super().__enter__()
        self.make_users()
        return self

    def make_users(self):
        for name in self.users:
            self.server.command("ACL", "SETUSER", name, "on", "nopass", "~*", "&*", "+@all")

    def kill(self):
        self.restart(signal.SIGKILL)
        self.make_users()

    def user(self, name):
        client = self.server.client()
        client.command("AUTH", name, "x")
        return client


def ask(client, count, key="k", text="return redis.call('incr', KEYS[1])"):
    """(runs that were let in, the last refusal)."""
    admitted, refusal = 0, ""
    for _ in range(count):
        try:
            client.command("EVAL", text, "1", key)
            admitted += 1
        except ReplyError as error:
            expect_in("THROTTLED", str(error))
            refusal = str(error)
    return admitted, refusal


def report(*ledgers, by="tenant"):
    """{group: runs} of all ledgers together."""
    done = subprocess.run([CTL, "usage", "report", "--json", "--by", by] + list(ledgers), capture_output=True, text=True, timeout=60)
    expect((done.returncode, done.stderr), (0, ""))
    rows = map(json.loads, done.stdout.splitlines())
    return {row[by]: row["runs"] for row in rows if row["runs"]}


# --- A cluster ---

class Cluster:
    """Three masters that share the slots in thirds, and a replica of the first."""

    def __init__(self, policy):
        self.ports = [str(free_port()) for _ in range(4)]
        self.nodes = [Node(policy, "--cluster-enabled", "yes", "--cluster-node-timeout", "15000", "--cluster-port", bus,
                           port=free_port()) for bus in self.ports]

    def __enter__(self):
        for number, node in enumerate(self.nodes):
            node.__enter__()
            if number < 3:
                node.server.command("CLUSTER", "ADDSLOTSRANGE", number * 16384 // 3, (number + 1) * 16384 // 3 - 1)
        first = self.nodes[0].server
        for node, bus in zip(self.nodes[1:], self.ports[1:]):
            first.command("CLUSTER", "MEET", "127.0.0.1", node.server.port, bus)
        self.wait_whole()
        replica = self.nodes[3].server
        replica.command("CLUSTER", "REPLICATE", first.command("CLUSTER", "MYID"))
        replica.wait_link()
        return self

    def wait_whole(self):
        for node in self.nodes:
            wait_for(lambda s=node.server: b"cluster_state:ok" in s.command("CLUSTER", "INFO")
                     and b"cluster_known_nodes:4" in s.command("CLUSTER", "INFO"), "the cluster", 60)

    def __exit__(self, *_):
        for node in self.nodes:
            node.__exit__()


def fail_over(replica):
    """The server gives up a handshake that takes five seconds: then it is asked again."""
    for _ in range(10):
        expect(replica.command("CLUSTER", "FAILOVER"), b"OK")
        try:
            wait_for(lambda: replica.info("replication")["role"] == "master", "the failover", 8)
            return
        except AssertionError as error:
            last = error
    raise last


@test
def each_node_of_a_cluster_enforces_for_itself_and_the_report_adds_up_what_all_counted():
    policy = HEAD + "tenants:\n  acme: {users: [ann], daily: {invocations: 5}}\n  globex: {users: [bob]}\n"
    with Cluster(policy) as cluster:
        masters, replica = cluster.nodes[:3], cluster.nodes[3]
        for part, node in enumerate(masters):
            with node.user("ann") as ann, node.user("bob") as bob:
                admitted, refusal = ask(ann, 8, slot_key(part))
                expect(admitted, 5)
                expect_in("tenant=acme resource=invocations reason=quota", refusal)
                expect(ask(bob, 4, slot_key(part))[0], 4)
                moved = ann.raw("EVAL", "return 1", "1", slot_key((part + 1) % 3))
                assert moved.startswith(b"-MOVED"), moved
        # A replica charges nobody; what it is when it takes over, it is from that moment on.
        expect(replica.server.info()["sandbox_journal_admitted"], "0")
        replica.server.catch_up(masters[0].server)
        fail_over(replica.server)
        with replica.user("ann") as ann:
            wait_for(lambda: ann.raw("EVAL_RO", "return 1", "1", slot_key(0)) == b":1\r\n", "the slots", 30)
            expect(ask(ann, 8, slot_key(0))[0], 4)
        for node in cluster.nodes:
            node.close_books()
        ledgers = [node.ledger for node in cluster.nodes]
        expect(report(*ledgers), {"acme": 20, "globex": 12})
        expect(sorted(report(*ledgers, by="node").values()), [5, 9, 9, 9])
        merged = os.path.join(cluster.nodes[0].folder, "merged.db")
        for _ in range(2):  # a second import of the same adds nothing
            for number, ledger in enumerate(ledgers):
                lines = os.path.join(cluster.nodes[0].folder, "export%d" % number)
                with open(lines, "w") as out:
                    subprocess.run([CTL, "ledger", "export", ledger], stdout=out, check=True, timeout=60)
                subprocess.run([CTL, "ledger", "import", merged, lines], check=True, timeout=60, stderr=subprocess.DEVNULL)
        expect(report(merged), {"acme": 20, "globex": 12})
        expect(report(merged, *ledgers), {"acme": 20, "globex": 12})


# --- A replica ---

@test
def what_the_master_loaded_arrives_although_the_replicas_policy_would_refuse_the_tenant():
    text = "#!lua name=l%d\nredis.register_function{function_name='f%d', callback=function() return %d end, flags={'no-writes'}}"
    strict = HEAD + "unmapped: reject\ntenants:\n  acme: {users: [ann], suspended: true, scripts: listed, listed_scripts: [%s], rates: {invocations: 1/s burst 1}}\n" % ("0" * 40)
    with TenantServer(HEAD + "tenants:\n  acme: {users: [ann]}\n", port=free_port()) as master:
        with TenantServer(strict, "--replicaof", "127.0.0.1 %d" % master.port, port=free_port()) as replica:
            with master.user("ann") as ann:
                ann.command("FUNCTION", "LOAD", text % (0, 0, 0))  # by snapshot or stream
                replica.wait_link()
                for i in range(1, 20):
                    ann.command("FUNCTION", "LOAD", text % (i, i, i))
                ann.command("FUNCTION", "DELETE", "l3")
                ann.command("EVAL", "return redis.call('set', KEYS[1], 'v')", "1", "k")
            wait_for(lambda: replica.command("GET", "k") == b"v", "the stream")
            expect(replica.info()["sandbox_libraries"], "19")
            replica.reload(HEAD + "tenants:\n  acme: {users: [ann]}\n")
            with replica.user("ann") as ann:
                expect([ann.command("FCALL_RO", "f%d" % i, "0") for i in (0, 1, 19)], [0, 1, 19])
            replica.reload(strict)
            replica.command("REPLICAOF", "NO", "ONE")
            with replica.user("ann") as ann:
                expect_in("NOPERM", ann.error("FCALL_RO", "f1", "0"))
                expect_in("NOPERM", ann.error("FUNCTION", "LOAD", text % (99, 99, 99)))


# --- Accounts ---

@test
def what_a_tenant_has_used_and_its_suspension_outlive_kill_9():
    policy = HEAD + "tenants:\n  acme: {users: [ann], daily: {invocations: 10}, monthly: {invocations: 12}}\n  globex: {users: [bob]}\n"
    with Node(policy) as node:
        admitted = 0
        for _ in range(3):
            with node.user("ann") as ann:
                admitted += ask(ann, 4)[0]
            node.kill()
        expect(admitted, 10)
        with node.user("ann") as ann:
            expect_in("reason=quota", ask(ann, 1)[1])
            expect(node.server.command("GET", "k"), None)  # the server kept no data: only the account survived
        node.server.command("SANDBOX", "SUSPEND", "globex")
        node.kill()
        with node.user("bob") as bob:
            expect_in("reason=suspended", ask(bob, 1)[1])
            node.server.command("SANDBOX", "RESUME", "globex")
            expect(ask(bob, 3)[0], 3)
        expect(pairs(node.server.command("SANDBOX", "QUOTA", "globex"))["suspended"], 0)
        node.kill()
        with node.user("bob") as bob:
            expect(ask(bob, 3)[0], 3)
        node.close_books()
        expect(report(node.ledger), {"acme": 10, "globex": 6})


if __name__ == "__main__":
    sys.exit(main(__doc__))
