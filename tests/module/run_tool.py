#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""run_tool - ferrous-sandboxctl and a living server: every command, every way to reach it, metrics as Prometheus reads them."""
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

from run_admin import FOREVER, SCHEMA, Background, Control, as_user, control_path, expect, expect_in, wait_running, with_control, with_tenants
from server import BUILD, Server, free_port, wait_for
from suite import TESTS, main, test

TESTS.clear()  # those of run_admin came along
ROOT = os.environ.get("FERROUS_SOURCE_DIR", os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..")))
# Another build's tool: tools/dev/coverage.sh has an instrumented one.
TOOL = os.environ.get("FERROUS_TOOL") or os.path.join(BUILD, "bin", "ferrous-sandboxctl")
PLAIN = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "LC_ALL": "C.UTF-8", "TERM": "xterm"}


def tool(*words, env=None, stdin=None, timeout=60):
    """Runs the tool; (status, stdout, stderr) as text."""
    done = subprocess.run([TOOL] + [str(word) for word in words], capture_output=True, text=True, timeout=timeout,
                          env=dict(PLAIN, **(env or {})), input=stdin)
    return done.returncode, done.stdout, done.stderr


def good(*words, **options):
    status, out, err = tool(*words, **options)
    assert status == 0, (words, status, out, err)
    return out


def data_of(*words, **options):
    answer = json.loads(good(*words, "--json", **options))
    expect(answer["schema"], SCHEMA)
    return answer["data"]


# --- Ways to reach a server ---

@test
def every_command_answers_by_socket_control_and_port():
    port = free_port()
    with with_control(port=port) as server:
        server.command("EVAL", "return redis.call('set','a',1)", "0")
        wait_for(lambda: data_of("status", "-s", server.path)["workers"] == 2, "a spare worker")
        ways = (["--control", control_path(server)], ["-s", server.path], ["-s", control_path(server)], ["-p", port],
                ["-h", "localhost", "-p", port])
        for name in (["ps"], ["tenant", "list"], ["tenant", "show", "default"], ["slowlog"], ["workers"], ["limits", "show"],
                     ["limits", "suggest"]):
            answers = [data_of(*name, *way) for way in ways]
            for answer in answers[1:]:
                expect(answer, answers[0])
            text = good(*name, *ways[0])
            assert text.endswith("\n") and "\x1b" not in text, text
        for way in ways:
            expect(data_of("status", *way)["runs"], 1)
        expect(data_of("ps", env={"FERROUS_SANDBOX_SOCKET": control_path(server)})["running"], [])
        # A server that is named wins over the environment.
        status, _, _ = tool("ps", "-p", "1", env={"FERROUS_SANDBOX_SOCKET": control_path(server)})
        expect(status, 69)


@test
def passwords_come_from_option_or_environment_and_are_checked():
    with Server() as server:
        server.command("CONFIG", "SET", "requirepass", "secret")
        expect(tool("ps", "-s", server.path)[0], 77)
        expect(tool("ps", "-s", server.path, "-a", "wrong")[0], 77)
        good("ps", "-s", server.path, "-a", "secret")
        good("ps", "-s", server.path, env={"REDISCLI_AUTH": "secret"})
        with server.client() as client:
            client.command("AUTH", "secret")
            client.command("ACL", "SETUSER", "bob", "on", ">b", "+@all", "-config", "~*")
        status, out, err = tool("ps", "-s", server.path, "--user", "bob", "-a", "b", "--json")
        expect(status, 77)
        expect(json.loads(out)["error"]["code"], "permission")
        expect(err, "")


def make_certificates(folder):
    def openssl(*words):
        subprocess.run(["openssl"] + list(words), cwd=folder, check=True, capture_output=True)
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.crt", "-days", "2", "-subj", "/CN=our ca")
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", "s.key", "-out", "s.csr", "-subj", "/CN=redis.test")
    with open(os.path.join(folder, "ext"), "w") as text:
        text.write("subjectAltName=DNS:redis.test,IP:127.0.0.1\n")
    openssl("x509", "-req", "-in", "s.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", "ext", "-out", "s.crt")


@test
def tls_checks_the_certificate():
    folder = tempfile.mkdtemp(prefix="fstls")
    make_certificates(folder)
    port = free_port()
    files = {name: os.path.join(folder, name) for name in ("ca.crt", "s.crt", "s.key")}
    try:
        with Server("--tls-port", str(port), "--tls-cert-file", files["s.crt"], "--tls-key-file", files["s.key"],
                    "--tls-ca-cert-file", files["ca.crt"]) as server:
            cert = ["--cert", files["s.crt"], "--key", files["s.key"]]
            reach = ["-p", port, "--tls"]
            good("ps", *reach, "--cacert", files["ca.crt"], *cert)
            good("ps", *reach, "--cacert", files["ca.crt"], "--sni", "redis.test", *cert)
            good("ps", *reach, "--insecure", *cert)
            for words in (cert, ["--cacert", files["ca.crt"], "--sni", "other.test"] + cert):
                status, _, err = tool("ps", *reach, *words)
                expect(status, 69)
                expect_in("certificate", err)
            expect(tool("ps", *reach, "--cacert", files["ca.crt"], "--timeout", "3s")[0], 69)  # the server wants ours
            expect(tool("ps", "-p", port, "--timeout", "2s")[0], 69)
            expect(server.alive(), True)
    finally:
        shutil.rmtree(folder)


@test
def what_cannot_be_reached_is_said_and_has_its_status():
    for words in (["-p", "1"], ["-s", "/nonexistent/s"], ["--control", "/nonexistent/c"], ["-h", "no.such.host.invalid"]):
        status, out, err = tool("ps", *words)
        expect((status, out), (69, ""))
        assert err.startswith("ferrous-sandboxctl: "), err
    with Server(module=False) as server:
        status, _, err = tool("ps", "-s", server.path)
        expect(status, 78)
        expect_in("module", err)
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(1)
        started = time.monotonic()
        status, _, err = tool("ps", "-p", deaf.getsockname()[1], "--timeout", "500ms")
        expect(status, 69)
        expect_in("--control", err)
        assert time.monotonic() - started < 5


@test
def a_server_that_talks_nonsense_is_not_believed():
    for answer in (b"HTTP/1.1 400 Bad Request\r\n\r\n", b"$99999999999\r\n", b"$-1\r\n", b"+{}\r\n", b"+[1]\r\n", b"$3\r\nabc", b"*1\r\n:1\r\n",
                   b"+{\"data\":[]}\r\n", b"\x00\x00\r\n", b"+" + b"[" * 5000 + b"\r\n"):
        with socket.socket() as fake:
            fake.bind(("127.0.0.1", 0))
            fake.listen(1)
            child = subprocess.Popen([TOOL, "ps", "-p", str(fake.getsockname()[1]), "--timeout", "2s"], env=PLAIN,
                                     stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            link, _ = fake.accept()
            link.sendall(answer)
            link.close()
            out, err = child.communicate(timeout=30)
            assert child.returncode in (0, 69, 70), (answer, child.returncode, out, err)


# --- Commands ---

@test
def a_busy_server_is_seen_and_its_run_killed():
    with with_control() as server, Control(server) as control:
        by_control = ["--control", control_path(server)]
        job = Background(server, ("MULTI",), ("EVAL", FOREVER, "0"), ("EXEC",))
        run = wait_running(control)["run"]
        text = good("ps", *by_control)
        expect_in("computing", text)
        expect_in("MULTI", text)
        expect(tool("ps", "-s", server.path, "--timeout", "300ms")[0], 69)
        expect(tool("kill", run + 1, *by_control)[0], 6)
        expect(tool("kill", "x", *by_control)[0], 2)
        expect(tool("kill", *by_control)[0], 2)
        expect_in("run %d was told to end" % run, good("kill", run, *by_control))
        expect_in(b"killed by user", job.wait()[-1])
        job = Background(server, ("EVAL", "redis.call('set','a',1) " + FOREVER, "0"))
        wait_for(lambda: any(run["wrote"] for run in data_of("ps", *by_control)["running"]), "a write")
        run = data_of("ps", *by_control)["running"][0]["run"]
        expect(tool("kill", run, *by_control)[0], 77)
        good("kill", run, "--force", *by_control)
        job.wait()


@test
def words_and_options_that_are_wrong_are_named():
    for words, part in ((["ps", "x"], "ps takes no 'x'"), (["pss"], "did you mean 'ps'"), (["top", "--sort", "x"], "none of time"),
                        (["ps", "--colour"], "did you mean --color"), (["limits", "x"], "show, or suggest"), (["tenant", "x"], "list; show, get"),
                        (["completion"], "bash, zsh or fish"), (["events", "--count", "-1"], "whole number"), (["ps", "-x"], "unknown option -x"),
                        (["metrics", "--listen", "nonsense"], "HOST:PORT"), (["metrics", "a", "b"], "metrics takes")):
        status, out, err = tool(*words)
        expect((status, out), (2, ""))
        expect_in(part, err)


@test
def bytes_of_tenants_are_escaped_before_a_terminal():
    with with_control() as server, Control(server) as control:
        name = b"evil\x1b]0;title\x07\xff"
        server.command("ACL", "SETUSER", name, "on", ">b", "~*", "+@all")
        with server.client() as client:
            client.command("AUTH", name, "b")
            client.send("EVAL", "redis.pcall('\x1b[2J') " + FOREVER, "0")
            run = wait_running(control)["run"]
            for words in (["ps"], ["events"], ["slowlog"], ["top", "-bn1", "-d", "100ms"]):
                out = good(*words, "--control", control_path(server), "--color", "never")
                assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", out), repr(out)
            expect_in("\\x1b]0;title", good("ps", "--control", control_path(server)))
            control.data("kill", run)
            client.reply()
        out = good("events", "--control", control_path(server))
        assert "\x1b" not in out and "\\x1b" in out, repr(out)


@test
def colour_is_for_terminals_and_who_asks_for_it():
    with with_control() as server:
        server.command("EVAL", "return 1", "0")
        by_control = ["--control", control_path(server)]
        assert "\x1b" not in good("tenant", *by_control)
        assert "\x1b[1m" in good("tenant", "--color", "always", *by_control)
        for env, bold in (({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)):
            out = subprocess.run(["script", "-qec", " ".join([TOOL, "tenant"] + by_control), "/dev/null"], capture_output=True,
                                 env=dict(PLAIN, **env), stdin=subprocess.DEVNULL).stdout
            expect(b"\x1b[1m" in out, bold)


@test
def events_can_be_followed_as_json_lines():
    with with_control("--sandbox.limit-instructions", "10000") as server:
        by_control = ["--control", control_path(server)]
        child = subprocess.Popen([TOOL, "events", "--follow", "--json", "--delay", "50ms"] + by_control, env=PLAIN, stdout=subprocess.PIPE, text=True)
        expect(json.loads(child.stdout.readline())["data"]["kind"], "start")
        with server.client() as client:
            for i in range(3):
                client.raw("EVAL", FOREVER, "0")
                event = json.loads(child.stdout.readline())["data"]
                expect((event["kind"], event["number"]), ("limit", i + 2))
        child.send_signal(signal.SIGINT)
        expect(child.wait(60), 130)
        child.stdout.close()
        lines = good("events", "--since", "2", *by_control).splitlines()
        expect(len(lines), 2)
        child = subprocess.Popen([TOOL, "events", "--follow", "--delay", "50ms"] + by_control, env=PLAIN, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        time.sleep(0.3)
        server.stop()
        expect(child.wait(60), 69)
        child.stderr.close()


@test
def limits_are_suggested_from_what_was_seen():
    with with_control() as server:
        by_control = ["--control", control_path(server)]
        with server.client() as client:
            for _ in range(1000):
                client.command("EVAL", "local s=0 for i=1,1000 do s=s+i end redis.call('set','a',1) return s", "0")
            client.command("CONFIG", "SET", "sandbox.limit-calls", "3")
            client.error("EVAL", "for i=1,10 do redis.call('get','a') end", "0")
        time.sleep(0.3)  # settings are shown from the next cron on: who is answered after that, is answered after it
        server.command("PING")
        rows = {row["limit"]: row for row in data_of("limits", "suggest", *by_control)["limits"]}
        calls = rows["calls"]
        expect((calls["value"], calls["times_met"], calls["suggestion"]), (3, 1, 6))
        instructions = rows["instructions"]
        assert 2 * instructions["most_used"] <= instructions["suggestion"] <= 10 * instructions["most_used"], instructions
        # What is suggested can be set, and the same scripts run.
        with server.client() as client:
            for name in ("instructions", "memory", "calls"):
                client.command("CONFIG", "SET", "sandbox.limit-" + name, rows[name]["suggestion"])
            client.command("EVAL", "local s=0 for i=1,1000 do s=s+i end redis.call('set','a',1) return s", "0")


@test
def completions_are_valid_scripts_that_know_every_command():
    commands = re.findall(r"^  ([a-z]+) ", good("--help").split("Commands\n")[1].split("\n\n")[0], re.M)
    assert {"top", "ps", "kill", "run", "metrics"} <= set(commands), commands
    for shell in ("bash", "zsh", "fish"):
        text = good("completion", shell)
        for name in commands:
            assert re.search(r"\b%s\b" % name, text), (shell, name)
        if shutil.which(shell) is None:
            raise AssertionError(shell + " is not installed: tools/dev/install_packages.sh test")
        subprocess.run([shell, "-n"], input=text, text=True, check=True, timeout=20)
    probe = "COMP_WORDS=(ferrous-sandboxctl %s); COMP_CWORD=%d; _ferrous_sandboxctl; echo ${COMPREPLY[@]}"
    for words, count, wanted in (("ki", 1, "kill"), ("workers rec", 2, "recycle"), ("kill --for", 2, "--force"), ("completion z", 2, "zsh")):
        out = subprocess.run(["bash", "-c", good("completion", "bash") + probe % (words, count)], capture_output=True, text=True, timeout=20).stdout
        expect(out.split(), [wanted])


@test
def tenants_and_quotas_are_managed_with_the_tool():
    with with_tenants() as server, as_user(server, "ann") as ann:
        for way in (["--control", control_path(server)], ["-s", server.path]):
            expect(ann.command("EVAL", "return 1", "0"), 1)
            expect(data_of("tenant", "get", "acme", *way)["users"], ["ann"])
            expect_in("daily.invocations      1k", good("tenant", "get", "acme", *way))
            expect(data_of("tenant", "set", "acme", "concurrency", "7", *way)["rules"]["concurrency"], "7")
            status, _, err = tool("tenant", "set", "acme", "concurrency", "many", *way)
            expect(status, 2)
            expect_in("many", err)
            good("tenant", "suspend", "acme", *way)
            expect_in("THROTTLED", ann.error("EVAL", "return 1", "0"))
            good("tenant", "resume", "acme", *way)
            assert data_of("quota", "get", "acme", *way)["resources"]["invocations"]["used_today"] >= 1
            expect(data_of("quota", "reset", "acme", *way)["resources"]["invocations"]["used_today"], 0)
            expect_in("left_today", good("quota", "get", "acme", *way))
            expect(tool("tenant", "get", "nobody", *way)[0], 6)
            expect(tool("quota", "get", "nobody", *way)[0], 6)
            expect(data_of("reload", *way)["tenants"], 2)
            with open(os.path.join(server.folder, "policy.yaml"), "a") as text:
                text.write("wrong: [\n")
            status, _, err = tool("reload", *way)
            expect(status, 78)
            expect_in("policy.yaml:", err)
            with open(os.path.join(server.folder, "policy.yaml")) as text:
                whole = text.read()
            with open(os.path.join(server.folder, "policy.yaml"), "w") as text:
                text.write(whole.replace("wrong: [\n", ""))
    expect(tool("quota", "get")[0], 2)
    expect(tool("tenant", "set", "acme")[0], 2)


# --- top ---

@test
def top_prints_rates_in_batch_mode():
    with with_control() as server, server.client() as client:
        by_control = ["--control", control_path(server)]
        child = subprocess.Popen([TOOL, "top", "-b", "-n2", "-d", "400ms"] + by_control, env=PLAIN, stdout=subprocess.PIPE, text=True)
        while child.poll() is None:
            client.command("EVAL", "return redis.call('get','x')", "0")
        out = child.stdout.read()
        child.stdout.close()
        expect(child.returncode, 0)
        expect(out.count("TENANT"), 2)
        rows = [line.split() for line in out.splitlines() if line.startswith("default")]
        expect(len(rows), 2)
        assert all(float(row[1]) > 1 and float(row[8]) > 1 for row in rows), rows
        answer = json.loads(good("top", "-n", "1", "-d", "100ms", "--json", *by_control))
        expect(answer["command"], "top")
        expect(answer["data"]["tenants"][0]["tenant"], "default")


def screen(name):
    return subprocess.run(["tmux", "-L", name, "capture-pane", "-p"], capture_output=True, text=True).stdout


@test
def top_fills_the_screen_takes_keys_and_follows_the_window():
    name = "fstop%d" % os.getpid()
    with with_control() as server, server.client() as client:
        for tenant_runs in range(20):
            client.command("EVAL", "return %d" % tenant_runs, "0")
        line = "%s top -d 200ms --control %s; echo status $?; sleep 60" % (TOOL, control_path(server))
        subprocess.run(["tmux", "-L", name, "-f", "/dev/null", "new-session", "-d", "-x", "100", "-y", "20", line], check=True,
                       env=dict(os.environ, LC_ALL="C.UTF-8"))
        try:
            wait_for(lambda: "default" in screen(name), "the table")
            expect_in("nothing runs", screen(name))
            expect_in("RUNS/s", screen(name))
            client.send("EVAL", FOREVER, "0")
            wait_for(lambda: "computing" in screen(name), "the run")
            with Control(server) as control:
                control.data("kill", wait_running(control)["run"])
            client.reply()
            subprocess.run(["tmux", "-L", name, "resize-window", "-x", "60", "-y", "10"], check=True)
            wait_for(lambda: "default" in screen(name) and len(screen(name).splitlines()[0]) <= 60, "the smaller window")
            subprocess.run(["tmux", "-L", name, "send-keys", "n"], check=True)
            server.stop()
            wait_for(lambda: "cannot connect" in screen(name), "the loss of the server")
            server.start()
            wait_for(lambda: "nothing runs" in screen(name), "its return")
            subprocess.run(["tmux", "-L", name, "send-keys", "q"], check=True)
            wait_for(lambda: "status 0" in screen(name), "the end")
        finally:
            subprocess.run(["tmux", "-L", name, "kill-server"])


# --- Metrics ---

def busy_server(server):
    server.command("CONFIG", "SET", "sandbox.limit-instructions", "100000")
    with server.client() as client:
        for _ in range(10):
            client.command("EVAL", "return redis.call('set','a',ARGV[1])", "0", "x" * 50)
        client.raw("EVAL", FOREVER, "0")
        client.raw("EVAL", "error('boom')", "0")


def promtool(*words, text=None):
    done = subprocess.run(["promtool"] + list(words), input=text, capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout + done.stderr


@test
def promtool_finds_nothing_wrong_with_the_metrics():
    with with_control() as server:
        busy_server(server)
        text = good("metrics", "prometheus", "--control", control_path(server))
        expect(promtool("check", "metrics", text=text), (0, ""))
        expect_in('ferrous_sandbox_invocations_total{tenant="default",outcome="ok"} 10\n', text)
        expect_in('ferrous_sandbox_invocations_total{tenant="default",outcome="limit_instructions"} 1\n', text)
        # The check can fail.
        assert promtool("check", "metrics", text="# TYPE a counter\na 1\n")[0] != 0


def families(text):
    """Name of each family with its type, in order, of the OpenMetrics text."""
    return re.findall(r"^# TYPE (\S+) (\S+)$", text, re.M)


def table_rows():
    with open(os.path.join(ROOT, "policy", "metrics.def")) as text:
        return re.findall(r'^METRIC\(\w+,\s+"(\w+)",\s+(\w+),\s+"(\w*)",\s+"([\w,]*)"', text.read(), re.M)


@test
def open_metrics_text_is_well_formed():
    with with_control() as server:
        busy_server(server)
        text = good("metrics", "--control", control_path(server))
        assert text.endswith("# EOF\n")
        expect([(name + ("_total" if kind == "counter" else ""), kind.upper()) for name, kind in families(text)],
               [(row[0], row[1]) for row in table_rows()])
        labels = {row[0]: set(filter(None, row[3].split(","))) for row in table_rows()}
        seen, family = set(), None
        for line in text.splitlines()[:-1]:
            if line.startswith("# TYPE"):
                family = line.split()[2]
            if line.startswith("#"):
                continue
            match = re.fullmatch(r'([a-z_]+)(?:\{((?:[a-z]+="(?:[^"\\\n]|\\.)*",?)*)\})? (\S+)', line)
            assert match, line
            assert match.group(1).startswith(family), (family, line)
            assert (match.group(1), match.group(2)) not in seen, line
            seen.add((match.group(1), match.group(2)))
            float(match.group(3))
            name = re.sub(r"_(bucket|count|sum)$", "", match.group(1))
            expect(set(re.findall(r'([a-z]+)="', match.group(2) or "")) - {"le"}, labels[name])
        for name, _, unit, _ in table_rows():
            assert unit == "" or re.sub("_total$", "", name).endswith(unit), name
        buckets = [int(n) for n in re.findall(r'^ferrous_sandbox_invocation_duration_seconds_bucket\{.*\} (\d+)$', text, re.M)]
        expect(buckets, sorted(buckets))
        expect(buckets[-1], 12)


@test
def sums_over_tenants_are_the_counters_of_info():
    with with_control() as server:
        busy_server(server)
        text = good("metrics", "--control", control_path(server))
        total = sum(int(n) for n in re.findall(r"^ferrous_sandbox_invocations_total\{.*\} (\d+)$", text, re.M))
        info = server.info()
        expect(total, int(info["sandbox_runs"]))
        expect(sum(int(float(n)) for n in re.findall(r"^ferrous_sandbox_redis_calls_total\{.*\} (\S+)$", text, re.M)), int(info["sandbox_redis_calls"]))


@test
def metrics_name_a_hundred_tenants_and_add_up_the_others():
    count = 130
    rows = "".join("  t%03d: {users: [u%03d]}\n" % (i, i) for i in range(count))
    with with_tenants(policy="version: 1\nunmapped: reject\ntenants:\n" + rows) as server:
        for i in range(count):
            server.command("ACL", "SETUSER", "u%03d" % i, "on", "nopass", "~*", "+@all")
            with as_user(server, "u%03d" % i) as client:
                # The heaviest ten have names of their own, whoever else has.
                client.command("EVAL", "local n = 0 for i = 1, ARGV[1] do n = n + 1 end return 1", "0", "30000000" if i % 13 == 0 else "1")
        text = good("metrics", "--control", control_path(server))
        found = dict(re.findall(r'^ferrous_sandbox_invocations_total\{tenant="([^"]*)",outcome="ok"\} (\d+)$', text, re.M))
        expect((len(found), found["_other"]), (101, str(count - 100)))
        expect(sum(map(int, found.values())), count)
        assert all("t%03d" % i in found for i in range(0, count, 13)), sorted(found)
        for name in ("cpu_seconds_total", "instructions_total", "wall_seconds_total"):
            expect(len(re.findall(r'^ferrous_sandbox_%s\{tenant="' % name, text, re.M)), 101)


def fetch(port, path="/metrics", accept=None):
    request = urllib.request.Request("http://127.0.0.1:%d%s" % (port, path), headers={"Accept": accept} if accept else {})
    with urllib.request.urlopen(request, timeout=10) as reply:
        return reply.headers["Content-Type"], reply.read().decode()


class Exporter:
    def __init__(self, server):
        self.port = free_port()
        self.child = subprocess.Popen([TOOL, "metrics", "--listen", "127.0.0.1:%d" % self.port, "--control", control_path(server)],
                                      env=PLAIN, stderr=subprocess.DEVNULL)

    def __enter__(self):
        wait_for(self.is_up, "the exporter")
        return self

    def is_up(self):
        try:
            fetch(self.port, "/")
            return True
        except OSError:
            return False

    def __exit__(self, *_):
        self.child.kill()
        self.child.wait()


@test
def metrics_are_served_over_http_in_both_formats():
    with with_control() as server, Exporter(server) as exporter:
        busy_server(server)
        kind, text = fetch(exporter.port)
        assert kind.startswith("text/plain; version=0.0.4"), kind
        expect(promtool("check", "metrics", text=text), (0, ""))
        kind, text = fetch(exporter.port, accept="application/openmetrics-text; version=1.0.0")
        assert kind.startswith("application/openmetrics-text"), kind
        assert text.endswith("# EOF\n")
        for path, wanted in (("/nothing", 404), ("/metrics/..", 404)):
            try:
                fetch(exporter.port, path)
                raise AssertionError(path)
            except urllib.error.HTTPError as error:
                expect(error.code, wanted)
        server.command("CONFIG", "SET", "sandbox.limit-instructions", "20000000000")
        job = Background(server, ("MULTI",), ("EVAL", "while true do redis.call('get','x') end", "0"), ("EXEC",))
        with Control(server) as control:
            run = wait_running(control)["run"]
            expect_in('\nferrous_sandbox_inflight{tenant="default"} 1\n', fetch(exporter.port)[1])
            control.data("kill", run)
        job.wait()
        server.stop()
        try:
            fetch(exporter.port)
            raise AssertionError("served without a server")
        except urllib.error.HTTPError as error:
            expect(error.code, 503)
        server.start()
        fetch(exporter.port)
        exporter.child.send_signal(signal.SIGTERM)
        expect(exporter.child.wait(60), 0)


PROMETHEUS = """
global: {scrape_interval: 1s, evaluation_interval: 1s}
rule_files: ['%s']
scrape_configs:
  - job_name: ferrous-sandbox
    static_configs: [{targets: ['127.0.0.1:%d']}]
"""


def ask_prometheus(port, path):
    try:
        with urllib.request.urlopen("http://127.0.0.1:%d/api/v1/%s" % (port, path), timeout=30) as reply:
            return json.load(reply)["data"]
    except OSError:
        return None


def dashboard():
    with open(os.path.join(ROOT, "packaging", "grafana", "ferrous-sandbox.json")) as text:
        return json.load(text)


def expressions():
    """Every query of the dashboard, with what Grafana fills in."""
    for panel in dashboard()["panels"]:
        for target in panel["targets"]:
            yield target["expr"].replace("$__rate_interval", "1m").replace("$instance", ".*").replace("$tenant", ".*")


RULES = os.path.join(ROOT, "packaging", "prometheus", "ferrous-sandbox.rules.yml")


@test
def prometheus_scrapes_us_loads_the_rules_and_answers_the_dashboards_queries():
    folder = tempfile.mkdtemp(prefix="fsprom")
    port = free_port()
    with with_control() as server, Exporter(server) as exporter:
        busy_server(server)
        with open(os.path.join(folder, "p.yml"), "w") as text:
            text.write(PROMETHEUS % (RULES, exporter.port))
        child = subprocess.Popen(["prometheus", "--config.file=" + os.path.join(folder, "p.yml"), "--storage.tsdb.path=" + folder,
                                  "--web.listen-address=127.0.0.1:%d" % port], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            def is_scraped():
                found = ask_prometheus(port, "query?query=" + urllib.request.quote('up{job="ferrous-sandbox"} == 1'))
                return found is not None and len(found["result"]) == 1
            wait_for(is_scraped, "a scrape", 120)
            found = ask_prometheus(port, "query?query=" + urllib.request.quote('sum(ferrous_sandbox_invocations_total{outcome="ok"})'))
            expect(found["result"][0]["value"][1], "10")
            rules = ask_prometheus(port, "rules")["groups"][0]["rules"]
            wait_for(lambda: all(rule["health"] == "ok" for rule in ask_prometheus(port, "rules")["groups"][0]["rules"]), "the rules", 120)
            assert len(rules) >= 9
            for expression in expressions():
                assert ask_prometheus(port, "query?query=" + urllib.request.quote(expression)) is not None, expression
        finally:
            child.kill()
            child.wait()
            shutil.rmtree(folder, ignore_errors=True)


@test
def rules_and_dashboard_speak_of_our_metrics_only():
    status, out = promtool("check", "rules", RULES)
    assert status == 0, out
    names = set()
    for name, kind, _, _ in table_rows():
        names |= {name + "_bucket", name + "_sum", name + "_count"} if kind == "HISTOGRAM" else {name}
    with open(RULES) as text:
        rules = re.findall(r"^\s+expr: (.*)$", text.read(), re.M)
    for expression in list(expressions()) + rules:
        used = set(re.findall(r"\b(?:ferrous_sandbox|process)_\w+", expression))
        assert used or "up{" in expression, expression
        assert used <= names, (used - names, expression)
    for variable in dashboard()["templating"]["list"][1:]:
        assert re.match(r"label_values\((\w+),", variable["query"]["query"]).group(1) in names
    identifiers = [panel["id"] for panel in dashboard()["panels"]]
    expect(len(identifiers), len(set(identifiers)))


if __name__ == "__main__":
    sys.exit(main(__doc__))
