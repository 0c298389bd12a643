#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""run_admin - SANDBOX and the control socket: who may, what they answer, while scripts run."""
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
import time

from server import Server, children_of, kill_all, wait_for
from suite import main, test

FOREVER = "while true do end"
CALLS_FOREVER = "while true do redis.call('get','x') end"
SCHEMA = "ferrous.sandbox/v1"


def expect(value, wanted):
    assert value == wanted, "%r, not %r" % (value, wanted)


def expect_in(part, text):
    assert part in text, "%r is not in %r" % (part, text)


class Control:
    """A connection to the control socket."""

    def __init__(self, server, timeout=10):
        self.link = socket.socket(socket.AF_UNIX)
        self.link.settimeout(timeout)
        self.link.connect(control_path(server))
        self.stream = self.link.makefile("rb")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stream.close()
        self.link.close()

    def line(self):
        line = self.stream.readline()
        return json.loads(line) if line else None

    def ask(self, *words):
        """The whole answer."""
        request = {"schema": SCHEMA, "command": [str(w) for w in words]}
        self.link.sendall(json.dumps(request).encode() + b"\n")
        answer = self.line()
        expect(answer["schema"], SCHEMA)
        return answer

    def data(self, *words):
        answer = self.ask(*words)
        assert "data" in answer, answer
        return answer["data"]

    def error(self, *words):
        answer = self.ask(*words)
        assert "error" in answer, answer
        return answer["error"]


def control_path(server):
    return os.path.join(server.folder, "control")


def with_control(*options, **others):
    server = Server(*options, **others)
    server.words += ["--sandbox.control-socket", control_path(server)]
    return server


POLICY = """version: 1
unmapped: reject
tenants:
  acme: {users: [ann], daily: {invocations: 1000}}
  globex: {users: [bob], concurrency: 2}
"""


class TenantServer(Server):
    """A server with a policy; its users ann and bob need no password, `default` is an administrator of no tenant."""

    def start(self):
        super().start()
        for name in ("ann", "bob"):
            self.command("ACL", "SETUSER", name, "on", "nopass", "~*", "&*", "+@all")
        return self


def with_tenants(*options, policy=POLICY):
    server = TenantServer(*options)
    path = os.path.join(server.folder, "policy.yaml")
    with open(path, "w") as text:
        text.write(policy)
    server.words += ["--sandbox.control-socket", control_path(server), "--sandbox.policy", path]
    return server


def as_user(server, name):
    client = server.client(timeout=60)
    client.command("AUTH", name, "x")
    return client


class Background:
    """A command whose reply is awaited by another thread."""

    def __init__(self, server, *commands):
        self.replies = []
        self.client = server.client(timeout=60)
        self.thread = threading.Thread(target=self.run, args=(commands,))
        self.thread.start()

    def run(self, commands):
        for words in commands:
            self.replies.append(self.client.raw(*words))

    def wait(self):
        self.thread.join(60)
        assert not self.thread.is_alive(), "no reply"
        self.client.close()
        return self.replies


def running(control):
    return control.data("ps")["running"]


def wait_running(control):
    wait_for(lambda: running(control), "a run in ps")
    return running(control)[0]


# --- While the server is busy ---

@test
def ps_and_kill_work_while_a_script_holds_the_server():
    with with_control() as server, Control(server) as control:
        expect(running(control), [])
        job = Background(server, ("EVAL", FOREVER, "0"))
        run = wait_running(control)
        expect((run["tenant"], run["user"], run["state"], run["calls"]), ("default", "default", "computing", 0))
        expect(len(run["sha1"]), 40)
        time.sleep(0.05)
        assert running(control)[0]["elapsed_seconds"] > run["elapsed_seconds"]
        expect(control.error("kill", run["run"] + 1)["code"], "not_found")
        expect(control.data("kill", run["run"])["state"], "ending")
        expect_in(b"-ERR Script killed by user", job.wait()[0])
        expect(running(control), [])
        expect(control.data("usage", "default")["outcomes"], {"killed": 1})
        expect(control.data("status")["kills"], 1)
        kinds = [event["kind"] for event in control.data("events")["events"]]
        expect(kinds, ["start", "kill"])


@test
def a_script_inside_a_transaction_can_be_killed_though_the_server_answers_nobody():
    with with_control() as server, Control(server) as control:
        job = Background(server, ("MULTI",), ("SET", "before", "1"), ("EVAL", CALLS_FOREVER, "0"),
                         ("SET", "after", "1"), ("EXEC",))
        run = wait_running(control)
        expect(run["in_multi"], True)
        for name in ("status", "metrics", "events", "workers", "tenants", "slowlog", "limits"):
            control.data(name)
        expect(control.data("kill", run["run"])["state"], "ending")
        reply = job.wait()[-1]
        # What stands before and behind it in the transaction is done, as with any error.
        assert reply.startswith(b"*3\r\n+OK\r\n-ERR Script killed by user"), reply
        assert reply.endswith(b"\r\n+OK\r\n"), reply
        expect(server.command("MGET", "before", "after"), [b"1", b"1"])
        expect(server.command("EVAL", "return 'next'", "0"), b"next")


@test
def the_command_at_hand_is_shown():
    with with_control() as server, Control(server) as control:
        server.command("DEBUG", "SET-ACTIVE-EXPIRE", "0")
        server.command("EVAL", "for i=1,100 do local t={} for j=1,1000 do t[2*j-1]='key:'..i..':'..j t[2*j]=j end redis.call('mset',unpack(t)) end", "0")
        job = Background(server, ("EVAL", "for i=1,100 do redis.call('keys','*x*y*z*') end return 1", "0"))
        seen = set()

        def is_seen():
            seen.update((run["last_command"], run["state"]) for run in running(control))
            return ("keys", "calling") in seen
        wait_for(is_seen, "a call of KEYS in ps")
        control.ask("kill", running(control)[0]["run"])
        job.wait()


@test
def a_script_that_wrote_is_killed_only_by_force():
    with with_control() as server, Control(server) as control:
        job = Background(server, ("EVAL", "redis.call('set','a',1) while true do end", "0"))
        wait_for(lambda: any(run["wrote"] for run in running(control)), "wrote")
        run = wait_running(control)
        error = control.error("kill", run["run"])
        expect(error["code"], "permission")
        expect_in("force", error["message"])
        expect(control.data("kill", run["run"], "force")["state"], "ending")
        expect_in(b"(wrote=1)", job.wait()[0])


@test
def sandbox_commands_answer_while_the_server_is_busy():
    with with_control("--busy-reply-threshold", "20") as server:
        job = Background(server, ("EVAL", FOREVER, "0"))
        with server.client() as client:
            wait_for(lambda: client.raw("PING").startswith(b"-BUSY"), "BUSY")
            answer = json.loads(client.command("SANDBOX", "JSON", "PS"))
            run = answer["data"]["running"][0]["run"]
            expect(client.command("SANDBOX", "PS")[2], b"running")
            client.command("SANDBOX", "METRICS")
            expect_in(b"state", client.command("SANDBOX", "KILL", run))
        expect_in(b"-ERR Script killed by user", job.wait()[0])


# --- Who may ---

@test
def the_file_is_for_its_owner_and_other_users_are_refused():
    with with_control() as server:
        expect(os.stat(control_path(server)).st_mode & 0o777, 0o600)
        if os.geteuid() != 0:
            print("skipped: another user cannot be had without root")
            return
        os.chmod(server.folder, 0o755)
        code = ("import socket,sys\ns=socket.socket(socket.AF_UNIX)\ns.settimeout(10)\ns.connect(sys.argv[1])\n"
                "s.sendall(b'ps\\n')\nsys.stdout.write(s.makefile().readline())")
        words = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", sys.executable, "-c", code,
                 control_path(server)]
        done = subprocess.run(words, capture_output=True, text=True)
        expect_in("PermissionError", done.stderr)
        os.chmod(control_path(server), 0o666)
        done = subprocess.run(words, capture_output=True, text=True)
        expect(json.loads(done.stdout)["error"]["code"], "permission")


@test
def sandbox_needs_the_permission_of_an_administrator():
    with with_control() as server:
        server.command("ACL", "SETUSER", "bob", "on", ">b", "+@all", "-config", "~*")
        with server.client() as bob:
            bob.command("AUTH", "bob", "b")
            for words in (("PS",), ("JSON", "PS"), ("KILL", "1"), ("METRICS",), ("TENANTS",), ("HELP",)):
                expect_in("NOPERM", bob.error("SANDBOX", *words))


# --- Bad visitors ---

@test
def bad_lines_get_an_error_and_good_ones_still_work():
    with with_control() as server, Control(server) as control:
        for line in (b"nonsense\n", b"{\n", b"{}\n", b"\n", b"kill\n", b"kill x\n", b"kill 1 2 3\n", b"ps extra\n",
                     b"\xff\xfe\n", b'{"command":["ps"],"x":1}\n', b"events since\n", b"tenants count x\n"):
            control.link.sendall(line)
            answer = control.line()
            assert answer["error"]["code"] in ("usage",), (line, answer)
        expect(control.data("ps")["running"], [])


@test
def an_oversized_line_is_answered_and_let_go():
    with with_control() as server, Control(server) as control:
        control.link.sendall(b"x" * 100000)
        expect(control.line()["error"]["code"], "usage")
        expect(control.line(), None)
        with Control(server) as other:
            other.data("ps")


@test
def half_a_line_is_let_go_and_a_half_closed_connection_is_answered():
    with with_control() as server, Control(server, timeout=60) as slow, Control(server) as half:
        slow.link.sendall(b"p")
        started = time.monotonic()
        half.link.sendall(b"ps\nstatus")
        half.link.shutdown(socket.SHUT_WR)
        expect(half.line()["command"], "ps")
        expect(half.line()["command"], "status")
        expect(half.line(), None)
        expect(slow.line(), None)
        assert 4 < time.monotonic() - started < 50


@test
def a_flood_of_connections_neither_stops_the_server_nor_the_socket():
    with with_control() as server:
        server.command("EVAL", "return 1", "0")
        with Control(server) as control:  # the spare that was taken is replaced first
            wait_for(lambda: len(control.data("workers")["workers"]) == 2, "a new spare")
        time.sleep(0.2)
        before = len(os.listdir("/proc/%d/fd" % server.process.pid))
        links = []
        for _ in range(300):
            link = socket.socket(socket.AF_UNIX)
            link.settimeout(10)
            wait_for(lambda: link.connect_ex(control_path(server)) == 0, "room in the queue")
            link.sendall(b"status\n" * 200)
            links.append(link)
        with Control(server) as control:
            control.data("ps")
            expect(server.command("EVAL", "return 1", "0"), 1)
            assert len(os.listdir("/proc/%d/fd" % server.process.pid)) <= before + 40
        for link in links:
            link.close()
        wait_for(lambda: len(os.listdir("/proc/%d/fd" % server.process.pid)) <= before, "descriptors to be closed")
        expect(server.alive(), True)


@test
def who_does_not_read_does_not_stop_others():
    with with_control() as server, Control(server) as deaf, Control(server) as other:
        deaf.link.sendall(b"metrics\n" * 500)
        for _ in range(20):
            other.data("ps")


@test
def the_thread_survives_a_lack_of_descriptors():
    with with_control() as server:
        pid = server.process.pid
        old = resource.prlimit(pid, resource.RLIMIT_NOFILE)
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (len(os.listdir("/proc/%d/fd" % pid)), old[1]))
        link = socket.socket(socket.AF_UNIX)
        link.connect(control_path(server))
        time.sleep(0.3)
        resource.prlimit(pid, resource.RLIMIT_NOFILE, old)
        link.settimeout(10)
        link.sendall(b"ps\n")
        expect(json.loads(link.makefile().readline())["command"], "ps")
        link.close()


# --- The thread and the file ---

def task_of(server, name):
    folder = "/proc/%d/task" % server.process.pid
    for task in os.listdir(folder):
        with open("%s/%s/status" % (folder, task)) as text:
            fields = dict(line.rstrip("\n").split(":\t", 1) for line in text if ":\t" in line)
        if fields["Name"] == name:
            return fields
    return None


@test
def the_thread_has_a_name_and_takes_no_signals():
    with with_control() as server:
        wait_for(lambda: task_of(server, "fsb-control") is not None, "the thread's name")
        fields = task_of(server, "fsb-control")
        blocked = int(fields["SigBlk"], 16)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGALRM, signal.SIGUSR1, signal.SIGCHLD):
            assert blocked >> (number - 1) & 1, number
        for number in (signal.SIGSEGV, signal.SIGBUS):
            assert not blocked >> (number - 1) & 1, number
    with Server() as server:
        expect(task_of(server, "fsb-control"), None)


def command_of(pid):
    try:
        with open("/proc/%d/cmdline" % pid) as text:
            return text.read()
    except OSError:
        return ""


def control_inodes(server):
    with open("/proc/net/unix") as text:
        return [line.split()[6] for line in text if line.rstrip().endswith(control_path(server))]


@test
def a_child_that_saves_has_no_part_of_the_socket():
    with with_control("--rdb-key-save-delay", "200000") as server, Control(server) as control:
        control.data("ps")
        server.command("EVAL", "for i=1,1000 do redis.call('set',i,i) end", "0")
        inodes = control_inodes(server)
        assert len(inodes) >= 2, inodes
        server.command("BGSAVE")
        children = []
        # It gives itself that name when it has got rid of what is not its own.
        wait_for(lambda: children.extend(p for p in children_of(server.process.pid) if "rdb" in command_of(p)) or children, "the child")
        expect(len(children), 1)
        links = []
        for fd in os.listdir("/proc/%d/fd" % children[0]):
            links.append(os.readlink("/proc/%d/fd/%s" % (children[0], fd)))
        for inode in inodes:
            assert "socket:[%s]" % inode not in links, (inode, links)
        assert not any("control.lock" in link for link in links), links
        control.data("ps")
        # The server is killed, its child lives: the path is free for the next.
        server.stop()
        assert os.path.exists("/proc/%d" % children[0])
        os.kill(children[0], signal.SIGSTOP)
        try:
            server.start()
            with Control(server) as again:
                again.data("ps")
        finally:
            os.kill(children[0], signal.SIGKILL)


@test
def a_shutdown_removes_the_file_and_a_killed_servers_file_is_taken_over():
    server = with_control()
    with server:
        server.stop()
        assert os.path.exists(control_path(server))
        server.start()
        with Control(server) as control:
            control.data("ps")
        server.stop(signal.SIGTERM)
        assert not os.path.exists(control_path(server))
        server.start()


@test
def two_servers_cannot_have_one_path():
    with with_control() as server:
        other = Server()
        with open(other.log_path, "w"):
            pass
        other.words += ["--sandbox.control-socket", control_path(server)]
        other.launch()
        expect(other.process.wait(60), 1)
        expect_in("another server uses it", other.log())
        with Control(server) as control:
            control.data("ps")


@test
def a_file_that_is_no_socket_is_left_alone():
    server = with_control()
    with open(control_path(server), "w") as text:
        text.write("precious")
    server.launch()
    expect(server.process.wait(60), 1)
    expect_in("no socket", server.log())
    with open(control_path(server)) as text:
        expect(text.read(), "precious")


@test
def the_path_cannot_be_changed_by_config_set():
    with with_control() as server, server.client() as client:
        expect(client.command("CONFIG", "GET", "sandbox.control-socket")[1].decode(), control_path(server))
        expect_in("immutable", client.error("CONFIG", "SET", "sandbox.control-socket", "/tmp/elsewhere"))


# --- What is told ---

@test
def the_socket_and_sandbox_tell_the_same():
    with with_control() as server, Control(server) as control, server.client() as client:
        client.command("EVAL", "return redis.call('set','a',ARGV[1])", "0", "x" * 100)
        client.raw("EVAL", "error('boom')", "0")
        for name in ("ps", "tenants", "slowlog", "limits", "events"):
            expect(json.loads(client.command("SANDBOX", "JSON", name)), control.ask(name))
        flat = client.command("SANDBOX", "USAGE", "default")
        usage = dict(zip(flat[0::2], flat[1::2]))
        expect(usage[b"calls"], 1)
        expect(control.data("usage", "default")["outcomes"], {"ok": 1, "script_error": 1})
        expect_in("nothing of tenant nobody", client.error("SANDBOX", "USAGE", "nobody"))


@test
def events_are_numbered_and_can_be_followed():
    with with_control("--sandbox.limit-instructions", "10000") as server, Control(server) as control:
        last = control.data("events")["last"]
        server.command("ACL", "SETUSER", "ann", "on", ">a", "~*", "+@all")
        with server.client() as ann:
            ann.command("AUTH", "ann", "a")
            expect_in("LIMIT", ann.error("EVAL", FOREVER, "0"))
        answer = control.data("events", "since", last)
        expect([(event["kind"], event["user"]) for event in answer["events"]], [("limit", "ann")])
        expect_in("instructions", answer["events"][0]["text"])
        expect(control.data("events", "since", answer["last"])["events"], [])
        began = time.monotonic()
        with server.client() as client:
            for _ in range(200):
                client.raw("EVAL", FOREVER, "0")
        newest = control.data("events")["events"]
        assert len(newest) <= 10 + 5 * (time.monotonic() - began + 1), len(newest)
        expect(control.data("usage", "default")["outcomes"], {"limit_instructions": 201})


@test
def a_crash_is_an_event():
    with with_control() as server, Control(server) as control:
        job = Background(server, ("EVAL", FOREVER, "0"))
        wait_running(control)
        time.sleep(0.2)
        kill_all(server.workers()[1:])
        expect_in(b"worker_crashed", job.wait()[0])
        expect(control.data("events")["events"][-1]["kind"], "crash")


@test
def workers_are_listed_and_replaced():
    with with_control() as server, Control(server) as control:
        server.command("EVAL", "return 1", "0")
        wait_for(lambda: {w["state"] for w in control.data("workers")["workers"]} == {"assigned", "spare"}, "both kinds")
        before = {w["serial"] for w in control.data("workers")["workers"]}
        zygote = control.data("workers")["workers"][0]["zygote"]
        assert zygote in server.workers()
        expect(control.data("workers", "recycle")["state"], "recycling")
        wait_for(lambda: (lambda w: w and w[0]["zygote"] != zygote)(control.data("workers")["workers"]), "a new zygote")
        expect(server.command("EVAL", "return 2", "0"), 2)
        expect(control.data("events")["events"][-1]["kind"], "recycle")
        del before


@test
def names_that_are_no_text_stay_valid_json():
    with with_control() as server, Control(server) as control:
        name = b"\xff\x1b[31mred\"\\"
        server.command("ACL", "SETUSER", name, "on", ">b", "~*", "+@all")
        with server.client() as client:
            client.command("AUTH", name, "b")
            job = Background(server)
            client.send("EVAL", FOREVER, "0")
            run = wait_running(control)
            expect(run["user"], "\\xff\x1b[31mred\"\\")
            control.data("kill", run["run"])
            client.reply()
            job.wait()


# --- Tenants ---

@test
def tenants_are_shown_changed_suspended_and_resumed_through_the_socket():
    with with_tenants() as server, Control(server) as control, as_user(server, "ann") as ann:
        expect(ann.command("EVAL", "return 1", "0"), 1)
        rules = control.data("tenant", "get", "acme")
        expect((rules["tenant"], rules["users"], rules["rules"]["daily.invocations"]), ("acme", ["ann"], "1k"))
        rules = control.data("tenant", "set", "acme", "limits.instructions", "5000")
        expect(rules["rules"]["limits.instructions"], "5k")
        expect_in("LIMIT instructions", ann.error("EVAL", FOREVER, "0"))
        expect(control.data("tenant", "get", "globex")["rules"]["limits.instructions"], "20g")
        for words, code in ((("set", "acme", "limits.hold", "1us"), "usage"), (("set", "acme", "limits.x", "1"), "not_found"),
                            (("set", "acme", "limits.hold", "1s\n"), "usage"), (("get", "nobody"), "not_found"),
                            (("set", "acme", "shared_with", "[globex]"), "usage"), (("paint", "acme"), "usage")):
            expect(control.error("tenant", *words)["code"], code)
        control.data("tenant", "suspend", "acme")
        expect_in("THROTTLED", ann.error("EVAL", "return 1", "0"))
        control.data("tenant", "resume", "acme")
        expect(ann.command("EVAL", "return 1", "0"), 1)
        expect(control.data("quota", "acme")["resources"]["invocations"]["used_today"], 3)
        expect(control.data("quota", "acme", "reset")["resources"]["invocations"]["used_today"], 0)
        # The file's word is the last one.
        expect(control.data("reload")["tenants"], 2)
        expect(control.data("tenant", "get", "acme")["rules"]["limits.instructions"], "20g")
        kinds = [event["kind"] for event in control.data("events")["events"]]
        expect([kind for kind in kinds if kind != "start"],
               ["reload", "tenant", "limit", "tenant", "throttle", "tenant", "tenant", "reload"])
        expect(control.data("usage", "acme")["rejections"], {"suspended": 1})


@test
def what_only_the_main_thread_can_do_is_done_or_said_not_to_be():
    with with_tenants() as server, Control(server, timeout=60) as control, as_user(server, "ann") as ann:
        server.command("CONFIG", "SET", "sandbox.limit-wall", "600000000000", "sandbox.limit-cpu", "600000000000")
        ann.send("EVAL", FOREVER, "0")
        run = wait_running(control)
        started = time.monotonic()
        error = control.error("tenant", "suspend", "acme")
        assert 2.5 < time.monotonic() - started < 40
        expect(error["code"], "unavailable")
        expect_in("run %d of tenant acme holds the server; nothing was done" % run["run"], error["message"])
        # Several ask at once, one leaves without waiting, and the socket answers others meanwhile.
        left = Control(server)
        left.link.sendall(b"tenant suspend acme\n")
        others = [Control(server) for _ in range(3)]
        for other in others:
            other.link.sendall(b"quota globex\nps\n")
        time.sleep(0.2)
        left.__exit__()
        control.data("kill", run["run"])
        expect_in(b"killed", ann.reply())
        for other in others:
            expect(other.line()["data"]["tenant"], "globex")
            expect(other.line()["command"], "ps")
            other.__exit__()
        time.sleep(0.3)
        expect(ann.command("EVAL", "return 1", "0"), 1)
        expect(control.data("quota", "acme")["suspended"], False)


@test
def a_half_closed_connection_gets_the_answer_to_its_errand():
    with with_tenants() as server, Control(server) as control:
        control.link.sendall(b"quota acme\nquota globex")
        control.link.shutdown(socket.SHUT_WR)
        expect(control.line()["data"]["tenant"], "acme")
        expect(control.line()["data"]["tenant"], "globex")
        expect(control.line(), None)


@test
def ps_and_workers_name_tenant_and_user():
    with with_tenants() as server, Control(server) as control, as_user(server, "bob") as bob:
        bob.send("EVAL", FOREVER, "0")
        run = wait_running(control)
        expect((run["tenant"], run["user"]), ("globex", "bob"))
        control.data("kill", run["run"])
        bob.reply()
        wait_for(lambda: "globex" in " ".join(w["principal"] for w in control.data("workers")["workers"]), "globex's worker")


@test
def a_full_quota_is_an_event_and_a_metric():
    policy = POLICY.replace("1000}", "4}, notify_percent: 50")
    with with_tenants(policy=policy) as server, Control(server) as control, as_user(server, "ann") as ann:
        for _ in range(4):
            ann.command("EVAL", "return 1", "0")
        expect_in("THROTTLED", ann.error("EVAL", "return 1", "0"))
        kinds = [event["kind"] for event in control.data("events")["events"]]
        assert "quota" in kinds and "throttle" in kinds, kinds
        text = control.data("metrics")["text"]
        expect_in('ferrous_sandbox_quota_limit{tenant="acme",resource="invocations",period="day"} 4\n', text)
        expect_in('ferrous_sandbox_quota_used_ratio{tenant="acme",resource="invocations",period="day"} 1\n', text)
        expect_in('ferrous_sandbox_rejections_total{tenant="acme",reason="quota"} 1\n', text)
        assert 'tenant="globex",resource' not in text
        info = server.info()
        expect((info["sandbox_rejections"], info["sandbox_tenants"]), ("1", "1"))


if __name__ == "__main__":
    sys.exit(main(__doc__))
