#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""run_ctl - ferrous-sandboxctl as a person uses it: good input, bad input, interrupts.

Each case runs the tool and checks the exit status, both streams, and that nothing
is left behind: this process is a subreaper, so an orphan of the tool becomes its
child; and no directory of a private server may remain.

  run_ctl.py [--tool PATH] [--filter WORD]
"""
import argparse
import ctypes
import glob
import json
import os
import pty
import re
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

TOOL = os.path.join(os.environ.get("FERROUS_BIN_DIR", "build/release/bin"), "ferrous-sandboxctl")
PR_SET_CHILD_SUBREAPER = 36
FOREVER = "while true do end"
# On a machine under load a script may compute for little of its time.
PATIENT = ["--limit", "wall=600s", "--limit", "cpu=600s", "--limit", "hold=600s"]
WAIT = 120
# A worker has 20 ms to say where it stood; on a busy machine it may not get to run.
PLACE = "at user_script:1|line unknown"


CASES = []


class Failure(Exception):
    pass


def case(function):
    """Marks a function as a test."""
    CASES.append(function)
    return function


def expect(condition, text):
    if not condition:
        raise Failure(text)


# --- Running ---------------------------------------------------------------

def tool(*args, stdin=b"", env=None, check_left=True, **options):
    """Runs the tool; returns (status, stdout, stderr) as bytes."""
    if isinstance(stdin, bytes):
        options["input"] = stdin
    else:
        options["stdin"] = stdin
    options.setdefault("stdout", subprocess.PIPE)
    done = subprocess.run([TOOL, *args], stderr=subprocess.PIPE, env=env, timeout=WAIT, check=False, **options)
    if check_left:
        expect_nothing_left()
    return done.returncode, done.stdout, done.stderr


def orphans():
    """Processes that the tool left: they have become our children."""
    found = []
    for path in glob.glob("/proc/self/task/*/children"):
        try:
            with open(path) as file:
                found += file.read().split()
        except OSError:
            pass
    names = []
    for pid in found:
        try:
            with open(f"/proc/{pid}/stat") as file:
                state = file.read().rsplit(")", 1)[1].split()[0]
            with open(f"/proc/{pid}/comm") as file:
                name = file.read().strip()
        except OSError:
            continue
        if state == "Z":
            os.waitpid(int(pid), os.WNOHANG)
        else:
            names.append(f"{name} ({pid})")
    return names


def expect_nothing_left(patience=30.0):
    """Children die with the tool, but the kernel may need a moment."""
    end = time.monotonic() + patience
    left = orphans()
    while left and time.monotonic() < end:
        time.sleep(0.01)
        left = orphans()
    expect(not left, f"left behind: {', '.join(left)}")
    nests = os.listdir(NESTS.name)
    expect(not nests, f"left behind: {nests}")


def expect_run(args, status, out=None, err="", stdin=b"", env=None):
    """`out` is exact (None: nothing), `err` a pattern for one line on stderr ("": nothing)."""
    got_status, got_out, got_err = tool(*args, stdin=stdin, env=env)
    shown = f"{args}: status {got_status}, stdout {got_out[:300]!r}, stderr {got_err[:500]!r}"
    expect(got_status == status, f"status {status} expected; {shown}")
    expect(got_out == (out or b""), f"stdout {out!r} expected; {shown}")
    if err == "":
        expect(got_err == b"", f"silence on stderr expected; {shown}")
    else:
        expect(got_err.count(b"\n") == 1, f"one line on stderr expected; {shown}")
        expect(got_err.startswith(b"ferrous-sandboxctl: "), f"the tool's name expected; {shown}")
        expect(re.search(err, got_err.decode("utf-8", "replace")), f"/{err}/ expected; {shown}")


# --- Helpers of cases ------------------------------------------------------

class Files:
    """Scripts in a directory that goes away."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="fsb-ctl-")

    def write(self, name, content):
        path = os.path.join(self.folder.name, name)
        with open(path, "wb") as file:
            file.write(content if isinstance(content, bytes) else content.encode())
        return path


FILES = Files()
# Where the tool makes the directories of its private servers: ours alone, as others
# may run the tool at the same time.
NESTS = tempfile.TemporaryDirectory(prefix="fsb-ctl-")
os.environ["TMPDIR"] = NESTS.name


class FakeServer:
    """A server on a free port of 127.0.0.1 that answers with `script(connection)`."""

    def __init__(self, script):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.uri = f"redis://127.0.0.1:{self.listener.getsockname()[1]}"
        self.is_stuck = threading.Event()  # set by who leaves a command without an answer
        threading.Thread(target=self.serve, args=(script,), daemon=True).start()

    def serve(self, script):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=script, args=(connection,), daemon=True).start()

    def answer_then_hang(self, connection):
        """Knows no HELLO and no COMMAND INFO, and never answers anything else."""
        while True:
            got = connection.recv(65536)
            if not got:
                return
            if b"HELLO" in got or b"COMMAND" in got:
                connection.sendall(b"-ERR unknown command\r\n")
            else:
                self.is_stuck.set()


def stuck_server():
    server = FakeServer(lambda connection: server.answer_then_hang(connection))
    return server


def answer_garbage(connection):
    connection.recv(65536)
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")


def hang_up(connection):
    connection.recv(65536)
    connection.close()


# --- Cases: what works -----------------------------------------------------

@case
def a_script_from_a_file_runs():
    path = FILES.write("a.lua", "return {KEYS[1], KEYS[2] or 'none', ARGV[1], #ARGV}")
    expect_run(["run", path, "k", ",", "x", "y"], 0, b"k\nnone\nx\n2\n")
    expect_run(["run", "--no-raw", path, "k", "l", ",", "x"], 0, b'1) "k"\n2) "l"\n3) "x"\n4) (integer) 1\n')


@case
def keys_and_arguments_split_at_the_first_comma_alone():
    path = FILES.write("split.lua", "return {#KEYS, #ARGV, KEYS[1] or '', ARGV[1] or '', ARGV[2] or ''}")
    expect_run(["run", path], 0, b"0\n0\n\n\n\n")
    expect_run(["run", path, "a,b"], 0, b"1\n0\na,b\n\n\n")
    expect_run(["run", path, ",", ","], 0, b"0\n1\n\n,\n\n")
    expect_run(["run", path, "k", ",", "--raw", "-5"], 0, b"1\n2\nk\n--raw\n-5\n")
    expect_run(["run", path, "", ",", ""], 0, b"1\n1\n\n\n\n")


@case
def a_script_from_standard_input_runs():
    expect_run(["run", "-"], 0, b"2\n", stdin=b"return 1 + 1")
    expect_run(["run", "-", "k", ",", "v"], 0, b"kv\n", stdin=b"return KEYS[1] .. ARGV[1]")
    expect_run(["eval", "-", "1", "k"], 0, b"k\n", stdin=b"return KEYS[1]")
    expect_run(["check", "-"], 0, b"", stdin=b"return 1")


@case
def eval_counts_keys_as_eval_does():
    expect_run(["eval", "return {KEYS[1], ARGV[1]}", "1", "a", "b"], 0, b"a\nb\n")
    expect_run(["eval", "return #ARGV", "0", "a", "b"], 0, b"2\n")


@case
def any_bytes_pass():
    expect_run(["eval", "return ARGV[1]", "0", b"\xff\x01\xfe"], 0, b"\xff\x01\xfe\n")
    expect_run(["eval", "--no-raw", "return ARGV[1]", "0", b"\xff\n"], 0, b'"\\xff\\n"\n')


@case
def a_private_server_serves_and_vanishes():
    expect_run(["eval", "redis.call('SET', KEYS[1], 'v') return redis.call('GET', KEYS[1])", "1", "k"], 0, b"v\n")
    expect_run(["eval", "return redis.call('DBSIZE')", "0"], 0, b"0\n")


def wait_for_server(path, seconds=WAIT):
    """Returns when something accepts connections at the Unix socket."""
    for _ in range(int(seconds / 0.01)):
        with socket.socket(socket.AF_UNIX) as attempt:
            try:
                attempt.connect(path)
                return
            except OSError:
                time.sleep(0.01)
    raise AssertionError(f"no server at {path} after {seconds} s")


@case
def a_named_server_is_used():
    with tempfile.TemporaryDirectory(prefix="fsb-ctl-") as folder:
        path = os.path.join(folder, "s.sock")
        server = subprocess.Popen(["redis-server", "--port", "0", "--unixsocket", path, "--save", "", "--requirepass", "s3cret-W0rd"],
                                  stdout=subprocess.DEVNULL, cwd=folder)
        try:
            wait_for_server(path)
            def run(uri, *words):
                return tool("eval", "--redis", uri, *words, check_left=False)
            expect(run(f"unix://:s3cret-W0rd@{path}?db=3", "return redis.call('SET','k','v')", "0")[:2] == (0, b"OK\n"), "SET")
            expect(run(f"unix://:s3cret-W0rd@{path}?db=3", "return redis.call('GET','k')", "0")[:2] == (0, b"v\n"), "GET in 3")
            expect(run(f"unix://:s3cret-W0rd@{path}", "return redis.call('GET','k')", "0")[:2] == (0, b"\n"), "GET in 0")
            status, out, err = run(f"unix://:bad@{path}", "return 1", "0")
            expect((status, out) == (69, b"") and b"refuses: WRONGPASS" in err, f"{status} {err}")
            status, out, err = run(f"unix://{path}", "return 1", "0")
            expect((status, out) == (69, b"") and b"refuses: NOAUTH" in err, f"{status} {err}")
            status, out, err = run(f"unix://:s3cret-W0rd@{path}?db=99", "return 1", "0")
            expect((status, out) == (69, b"") and b"out of range" in err, f"{status} {err}")
            expect(b"s3cret-W0rd" not in err, "the password is shown")
        finally:
            server.kill()
            server.wait()


@case
def without_a_server_installed_a_script_that_calls_nothing_runs():
    env = {"PATH": "/nowhere"}
    expect_run(["eval", "return 7", "0"], 0, b"7\n", env=env)
    expect_run(["eval", "return redis.call('GET', 'k')", "0"], 69, err="no redis-server is installed", env=env)


@case
def a_shebang_line_is_accepted():
    expect_run(["run", "-"], 0, b"1\n", stdin=b"#!lua flags=no-writes\nreturn 1")
    expect_run(["run", "-"], 1, b"ERR Unexpected engine in script shebang: #!js\n\n", stdin=b"#!js\nreturn 1")
    status, out, _ = tool("run", "-", stdin=b"#!lua flags=no-writes\nreturn redis.call('SET','k','v')")
    expect(status == 1 and out.startswith(b"ERR Write commands are not allowed from read-only scripts. script: "), out)
    expect(out.endswith(b", on @user_script:2.\n\n"), out)


@case
def the_generator_starts_as_in_redis_or_as_told():
    script = "return tostring(math.random())"
    expect_run(["eval", script, "0"], 0, b"0.39646477363839\n")
    expect_run(["eval", "--seed", "42", script, "0"], 0, b"0.74452500033403\n")
    expect_run(["eval", "--seed", "0x2a", script, "0"], 0, b"0.74452500033403\n")


@case
def errors_are_printed_as_redis_cli_prints_them():
    sha = b"ada89932db851ca262f39d814ce59006e53278cc"
    text = b"ERR user_script:1: x script: " + sha + b", on @user_script:1."
    expect_run(["eval", 'error("x")', "0"], 1, text + b"\n\n")
    expect_run(["eval", "--no-raw", 'error("x")', "0"], 1, b"(error) " + text + b"\n")
    expect_run(["eval", "return redis.error_reply('MY own')", "0"], 1, b"MY own\n\n")
    expect_run(["eval", "syntax error here", "0"], 1,
               b"ERR Error compiling script (new function): user_script:1: '=' expected near 'error'\n\n")


@case
def log_lines_go_to_standard_error_escaped():
    script = "redis.log(redis.LOG_WARNING, 'w\\27[2J') redis.log(redis.LOG_DEBUG, 'd') return 1"
    status, out, err = tool("eval", script, "0")
    expect((status, out, err) == (0, b"1\n", b"redis.log warning: w\\x1b[2J\n"), (status, out, err))
    err = tool("eval", "--log", "debug", script, "0")[2]
    expect(err == b"redis.log warning: w\\x1b[2J\nredis.log debug: d\n", err)
    expect(tool("eval", "--log", "none", script, "0")[2] == b"", "--log none")


@case
def usage_goes_to_standard_error():
    status, out, err = tool("eval", "--usage", "redis.call('SET','k','v') return 1", "0")
    expect((status, out) == (0, b"1\n"), (status, out))
    for word in (b"usage (cold start, wrote)", b"instructions", b"of 20g", b"memory peak", b"calls"):
        expect(word in err, f"{word} not in {err}")


@case
def check_compiles_and_runs_nothing():
    expect_run(["check", FILES.write("ok.lua", "redis.call('NOPE') error('x')")], 0, b"")
    status, out, _ = tool("check", FILES.write("bad.lua", "x = = 1"))
    expect(status == 1 and out.startswith(b"ERR Error compiling script (new function): user_script:1:"), out)


# --- Cases: JSON -----------------------------------------------------------

def run_json(*words):
    status, out, err = tool(*words)
    expect(out.count(b"\n") == 1 and err == b"", (out, err))
    answer = json.loads(out)
    expect(answer["schema"] == "ferrous.sandbox/v1", answer)
    return status, answer


USAGE_FIELDS = {"instructions", "compile_units", "cost_model", "memory_peak_bytes", "cpu_ns", "wait_cpu_ns", "wall_ns", "spawn_ns",
                "host_time_ns", "hold_ns", "calls", "call_bytes", "reply_bytes", "result_bytes", "log_bytes",
                "script_bytes", "arg_bytes", "random_state", "start_kind", "wrote", "claim_missing"}


@case
def json_has_one_object_for_every_ending():
    status, answer = run_json("eval", "--json", "return {1, 'a', false, {ok='x'}, {err='E y'}, {double=0.5}}", "0")
    expect(status == 0 and answer["result"] == [1, "a", None, "x", {"error": "E y"}, 0.5], answer)
    expect(set(answer["usage"]) == USAGE_FIELDS, answer)
    expect(answer["usage"]["instructions"] > 0 and answer["usage"]["wall_ns"] > 0, answer)
    status, answer = run_json("eval", "--json", "\n\nerror('boom')", "0")
    expect(status == 1 and "result" not in answer, answer)
    expect(answer["error"]["code"] == "script_error" and answer["error"]["line"] == 3, answer)
    expect(answer["error"]["source"] == "user_script", answer)
    expect(answer["error"]["message"].startswith("ERR user_script:3: boom script: "), answer)
    status, answer = run_json("eval", "--json", "x = = 1", "0")
    expect(status == 1 and answer["error"]["code"] == "compile_error" and answer["error"]["line"] == 1, answer)
    status, answer = run_json("eval", "--json", "--limit", "instructions=1000", "\n" + FOREVER, "0")
    expect(status == 3 and answer["error"]["code"] == "limit_instructions" and answer["error"]["line"] == 2, answer)
    status, answer = run_json("run", "--json", "/no/such/file")
    expect(status == 6 and answer["error"]["code"] == "not_found", answer)
    status, answer = run_json("run", "--json", "--limit", "memory=1", "x")
    expect(status == 2 and answer["error"]["code"] == "usage", answer)
    status, answer = run_json("doctor", "--json")
    expect(answer["sound"] is True and all(step["in_force"] for step in answer["steps"] if step["floor"]), answer)
    run_json("version", "--json")


@case
def json_writes_what_json_has_no_word_for():
    rows = {
        "redis.setresp(3) return {map = {[1.5] = 'x', y = {set = {z = true}}}}": {"1": "x", "y": ["z"]},
        "redis.setresp(3) return {double = 1/0}": "inf",
        "redis.setresp(3) return {big_number = '123456789012345678901234567890'}": "123456789012345678901234567890",
        "return {1, {2, {3}}, 'x'}": [1, [2, [3]], "x"],
        "return {ok = 'FINE'}": "FINE",
        "return '\\255\\254'": {"base64": "//4="},
        "return {err = 'E \\255'}": None,
    }
    for script, wanted in rows.items():
        status, answer = run_json("eval", "--json", script, "0")
        if wanted is not None:
            expect(status == 0 and answer["result"] == wanted, (script, answer))
        else:
            expect(status == 1 and "?" in json.dumps(answer), (script, answer))


# --- Cases: the report of the seal -------------------------------------------

def step_lines(text):
    """{name: "ok" | "weak" | "MISS"} of doctor's table, in its order."""
    return dict((name, word) for word, name in re.findall(r"^  (ok|weak|MISS) +(\w+) ", text, re.M))


@case
def doctor_prints_every_step_in_order():
    status, out, err = tool("doctor")
    text = out.decode()
    expect(status == 0 and err == b"", (status, err))
    expect(text.startswith("ferrous-sandboxctl ") and "\nSteps of the seal, in order:\n" in text, text)
    _, answer = run_json("doctor", "--json")
    names = [step["step"] for step in answer["steps"]]
    words = step_lines(text)
    expect(list(words) == names, (words, names))
    expect(all((words[s["step"]] == "ok") == s["in_force"] for s in answer["steps"]), (words, answer))
    weak = sum(word == "weak" for word in words.values())
    expect(("Every step is in force." in text) == (weak == 0), text)
    expect("A script ran in a sealed worker.\nA private redis-server answered it.\n" in text, text)


@case
def doctor_says_what_is_weak_and_what_that_costs():
    shell = "echo 0 > /proc/sys/user/max_user_namespaces && exec \"$0\" doctor"
    done = subprocess.run(["unshare", "-U", "-r", "sh", "-c", shell, TOOL], capture_output=True, text=True, timeout=WAIT, check=False)
    if "unshare" in done.stderr or not done.stdout:
        print("skipped: no user namespace here to take namespaces away in: %s" % done.stderr.strip())
        return
    expect(done.returncode == 0, (done.returncode, done.stderr))
    words = step_lines(done.stdout)
    expect(words["user_ns"] == "weak" and words["filter"] == "ok", words)
    expect(re.search(r"the kernel said: .+\n +without it: .+", done.stdout), done.stdout)
    expect(re.search(r"Scripts run confined; \d+ optional steps? (is|are) not in force\.", done.stdout), done.stdout)


@case
def doctor_shows_a_step_that_is_avoided():
    status, out, _ = tool("doctor", "--avoid", "tsc")
    words = step_lines(out.decode())
    expect(status == 0 and words["tsc"] == "weak" and words["filter"] == "ok", out)
    expect(re.search(rb"weak tsc .*\[avoided\]", out), out)


@case
def doctor_does_without_a_redis_server():
    env = dict(os.environ, PATH="/no/such/folder")
    status, out, _ = tool("doctor", env=env)
    expect(status == 0 and b"No private redis-server: " in out, (status, out[-300:]))


@case
def where_proc_is_not_mounted_the_error_says_so():
    shell = "mount -t tmpfs none /proc && exec \"$0\" doctor"
    done = subprocess.run(["unshare", "-U", "-r", "-m", "sh", "-c", shell, TOOL], capture_output=True, text=True, timeout=WAIT, check=False)
    if "unshare" in done.stderr or "mount:" in done.stderr:
        print("skipped: no mount namespace here in which to cover /proc: %s" % done.stderr.strip())
        return
    # A sanitizer looks for leaks in /proc, and for its options, too: it ends the program with a status of its own.
    is_told = done.returncode == 78 or "LeakSanitizer has encountered a fatal error" in done.stderr
    expect(is_told and "and /proc is not mounted" in done.stderr, (done.returncode, done.stderr))


@case
def the_version_is_told_everywhere():
    for words in (["--version"], ["-V"], ["version"], ["run", "--version"], ["doctor", "-V"]):
        status, out, err = tool(*words)
        expect(status == 0 and out.startswith(b"ferrous-sandboxctl ") and err == b"", (words, out, err))


# --- Cases: limits ---------------------------------------------------------

LIMIT_SCRIPTS = {
    "instructions=1000": FOREVER,
    "memory=1m": "local t = {} while true do t[#t + 1] = ('x'):rep(100) end",
    "wall=30ms": FOREVER,
    "cpu=30ms": FOREVER,
    "calls=3": "while true do redis.call('PING') end",
    "host_time=2ms": "while true do redis.call('PING') end",
    "hold=20ms": "redis.call('PING') " + FOREVER,
    "script_bytes=5": "return 1",
    "arg_bytes=2": "return 1",
    "reply_bytes=64": "return ('x'):rep(65)",
    "log_bytes=3": "redis.log(3, 'four')",
    "reply_depth=2": "return {{{1}}}",
}


@case
def every_limit_ends_its_script_with_its_name():
    for limit, script in LIMIT_SCRIPTS.items():
        name = limit.split("=")[0]
        status, out, err = tool("eval", "--limit", limit, script, "0", "abc")
        shown = f"{limit}: {status} {out!r} {err!r}"
        expect(status == 3, shown)
        expect(out.startswith(f"LIMIT {name}: ".encode()), shown)
        expect(out.endswith(b"\n\n") and err == b"", shown)


@case
def no_script_can_catch_a_limit():
    script = "while true do pcall(function() while true do end end) end"
    status, out, _ = tool("eval", "--limit", "instructions=100000", script, "0")
    expect(status == 3 and out.startswith(b"LIMIT instructions: "), (status, out))


@case
def a_write_before_a_limit_is_told():
    status, out, _ = tool("eval", "--limit", "instructions=5000", "redis.call('SET','k','v') " + FOREVER, "0")
    expect(status == 3 and out.endswith(b"(wrote=1)\n\n"), (status, out))


@case
def the_tools_own_timeout_is_another_exit_status():
    expect_run(["eval", "--timeout", "50ms", FOREVER, "0"], 124, err=f"TIMEOUT .* 50ms ran out, ({PLACE})")


# --- Cases: bad input ------------------------------------------------------

@case
def bad_input_gets_one_line_and_its_exit_status():
    junk = FILES.write("junk.bin", bytes(range(256)) * 40)
    big = FILES.write("big.lua", b"-" * (100 << 20))
    table = [
        ([], 2, "no command"),
        (["rnu"], 2, "did you mean 'run'"),
        (["frobnicate"], 2, "unknown command 'frobnicate'"),
        (["run"], 2, "no script"),
        (["run", "--jsn", "x"], 2, "did you mean --json"),
        (["run", "/no/such/file.lua"], 6, "/no/such/file.lua: No such file"),
        (["run", FILES.folder.name], 2, "Is a directory"),
        (["run", "--limit", "memory=1", junk], 2, "limit memory: 1 is out of range; allowed are 512k to 512m"),
        (["run", "--limit", "nope=1", junk], 2, "unknown limit 'nope'"),
        (["run", "--limit", "wall=soon", junk], 2, "'soon' is not a time"),
        (["run", "--limit", "wall=1h", junk], 2, "'1h' is not a time"),
        (["run", "--seed", "abc", junk], 2, "--seed"),
        (["run", "--timeout", "x", junk], 2, "--timeout"),
        (["run", "--redis", "nonsense", "-"], 2, "--redis: it begins neither"),
        (["run", "--redis", "redis://h:99999", "-"], 2, "port"),
        (["run", "--redis", "redis://127.0.0.1:1", "-"], 69, "cannot connect to 127.0.0.1:1: Connection refused"),
        (["run", "--redis", "unix:///no/such.sock", "-"], 69, "cannot connect to /no/such.sock: No such file"),
        (["run", "--require", "nonsense", "-"], 78, "'nonsense' is no step"),
        (["run", "--avoid", "landlok", "-"], 78, "'landlok' is no step"),
        (["doctor", "--avoid", "filter"], 78, "step 'filter' of the seal cannot be avoided: nothing runs without it"),
        (["run", "--worker", "/no/worker", "-"], 78, "cannot open the worker program /no/worker"),
        (["run", "--worker", "/bin/true", "-"], 70, "does not start"),
        (["eval", "return 1"], 2, "eval SCRIPT numkeys"),
        (["eval", "return 1", "x"], 2, "value is not an integer or out of range"),
        (["eval", "return 1", "2", "a"], 2, "Number of keys can't be greater than number of args"),
        (["eval", "return 1", "-1"], 2, "Number of keys can't be negative"),
        (["check"], 2, "check FILE"),
        (["doc"], 2, "name one topic"),
        (["doc", "limts"], 2, "did you mean limits"),
        (["doctor", "x"], 2, "takes no operand"),
        (["run", "\x1b[2J"], 6, r"\\x1b\[2J"),
    ]
    for args, status, pattern in table:
        expect_run(args, status, err=pattern)
    status, out, err = tool("run", junk)
    expect(status == 1 and out.startswith(b"ERR Error compiling script") and err == b"", (status, out, err))
    expect_run(["run", big], 3, b"LIMIT script_bytes: the script is longer than 1048576 bytes\n\n")
    expect_run(["run", FILES.write("empty.lua", "")], 0, b"\n")
    expect_run(["run", FILES.write("luac.lua", b"\x1bLua\x51\0\1")], 1,
               b"ERR Error compiling script (new function): user_script:1: unexpected symbol near 'char(27)'\n\n")


@case
def a_server_that_misbehaves_is_named():
    expect_run(["run", "--redis", FakeServer(answer_garbage).uri, "-"], 69, err="malformed", stdin=b"return 1")
    expect_run(["run", "--redis", FakeServer(hang_up).uri, "-"], 69, err="closed the connection", stdin=b"return 1")
    status, out, err = tool("run", "--redis", stuck_server().uri, "--limit", "host_time=100ms", "-",
                            stdin=b"return redis.call('GET', 'k')")
    expect(status == 3 and out.startswith(b"LIMIT host_time: script exceeded 100ms of data store time"), (status, out, err))


@case
def a_server_that_says_nothing_is_waited_for_only_so_long():
    began = time.monotonic()
    expect_run(["run", "--redis", FakeServer(lambda connection: connection.recv(1) and time.sleep(60)).uri, "--timeout",
                "200ms", "-"], 124, err="deadline passed|timed out", stdin=b"return 1")
    expect(time.monotonic() - began < 30, "slow to give up")


@case
def an_unreadable_script_is_a_matter_of_permission():
    path = FILES.write("secret.lua", "return 1")
    os.chmod(path, 0)
    if os.access(path, os.R_OK):
        return  # root reads everything; nothing to test
    expect_run(["run", path], 77, err="Permission denied")


# --- Cases: standard output ------------------------------------------------

def in_shell(command):
    done = subprocess.run(["bash", "-c", command.replace("TOOL", TOOL)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=WAIT, check=False)
    expect_nothing_left()
    return done.returncode, done.stdout, done.stderr


@case
def output_that_does_not_get_out_is_an_error():
    for command, pattern in (("TOOL eval 'return 1' 0 >&-", b"standard output is closed; nothing was run"),
                             ("TOOL eval 'return 1' 0 >/dev/full", b"No space left"),
                             ("TOOL eval 'return (\"x\"):rep(1000000)' 0 >/dev/full", b"No space left"),
                             ("TOOL version >&-", b"cannot write to standard output"),
                             ("TOOL doc codes >/dev/full", b"No space left")):
        status, _, err = in_shell(command)
        expect(status == 70 and pattern in err and err.count(b"\n") == 1, (command, status, err))
    status, _, err = in_shell("set -o pipefail; TOOL eval 'return (\"x\"):rep(10000000)' 0 | head -c 1")
    expect(status == 70 and b"Broken pipe" in err and err.count(b"\n") == 1, (status, err))


@case
def few_descriptors_are_enough_and_too_few_are_explained():
    status, out, err = in_shell("ulimit -n 64; TOOL eval 'return redis.call(\"PING\")' 0")
    expect((status, out, err) == (0, b"PONG\n", b""), (status, out, err))
    for limit in (4, 5, 6, 8, 12, 16):
        status, out, err = in_shell(f"ulimit -n {limit}; TOOL eval 'return 1' 0")
        expect(status in (70, 78) and out == b"", (limit, status, out, err))
        expect(re.fullmatch(rb"ferrous-sandboxctl: \S.*\n", err), (limit, status, out, err))


@case
def closed_standard_input_is_no_trouble_unless_it_is_read():
    expect(in_shell("TOOL eval 'return 1' 0 <&-")[:2] == (0, b"1\n"), "closed stdin")
    status, _, err = in_shell("TOOL run - <&-")
    expect(status == 2 and b"from standard input" in err, (status, err))


def on_terminal(*args):
    """Runs the tool with a terminal as standard output; returns what it shows."""
    pid, fd = pty.fork()
    if pid == 0:
        os.execv(TOOL, [TOOL, *args])
    shown = b""
    while select.select([fd], [], [], WAIT)[0]:
        try:
            data = os.read(fd, 65536)
        except OSError:
            break
        if not data:
            break
        shown += data
    os.waitpid(pid, 0)
    os.close(fd)
    expect_nothing_left()
    return shown.replace(b"\r\n", b"\n")


@case
def a_terminal_gets_the_pretty_form_without_control_bytes():
    expect(on_terminal("eval", "return {1,'a'}", "0") == b'1) (integer) 1\n2) "a"\n', "pretty on a terminal")
    expect(on_terminal("eval", "--raw", "return {1,'a'}", "0") == b"1\na\n", "raw when told")
    shown = on_terminal("eval", "return {err='E \\27[2J'}", "0")
    expect(shown == b"(error) E \\x1b[2J\n", shown)


# --- Cases: interrupts -----------------------------------------------------

def start(*args):
    process = subprocess.Popen([TOOL, *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return process


def finish(process):
    out, err = process.communicate(timeout=WAIT)
    return process.returncode, out, err


@case
def an_interrupt_ends_a_busy_script():
    for number in (signal.SIGINT, signal.SIGTERM):
        process = start("eval", *PATIENT, "redis.call('SET','k','v') " + FOREVER, "0")
        wait_until_busy(process)
        process.send_signal(number)
        status, out, err = finish(process)
        expect(status == 130 and out == b"", (status, out))
        expect(re.search(rf"CANCELLED .*, ({PLACE}) \(wrote=1\)".encode(), err), err)
        expect_nothing_left()


@case
def an_interrupt_ends_a_wait_for_a_stuck_server():
    server = stuck_server()
    process = start("eval", "--redis", server.uri, "return redis.call('GET','k')", "0")
    expect(server.is_stuck.wait(WAIT), "the script's call never came")
    process.send_signal(signal.SIGINT)
    status, out, err = finish(process)
    expect(status == 130 and out == b"" and b"CANCELLED" in err, (status, out, err))
    expect_nothing_left()


@case
def even_a_killed_tool_leaves_nothing_behind():
    process = start("eval", *PATIENT, "redis.call('SET','k','v') " + FOREVER, "0")
    wait_until_busy(process)
    process.kill()
    finish(process)
    expect_nothing_left()


@case
def a_killed_worker_or_zygote_is_reported():
    for victim in (-1, 0):
        process = start("eval", *PATIENT, FOREVER, "0")
        victims = wait_until_busy(process)
        expect(len(victims) >= 2, f"zygote and worker expected: {victims}")
        os.kill(victims[victim], signal.SIGKILL)
        status, out, err = finish(process)
        expect(status == 5 and out == b"" and b"worker_crashed" in err, (status, out, err))
        expect_nothing_left()


def descendants(pid):
    found, queue = [], [pid]
    while queue:
        for path in glob.glob(f"/proc/{queue.pop()}/task/*/children"):
            try:
                with open(path) as file:
                    children = [int(word) for word in file.read().split()]
            except OSError:
                continue  # it has ended
            found += children
            queue += children
    return found


def seconds_of(pid):
    """Processor time of a process that is no server; 0 when it is gone."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            name, fields = file.read().rsplit(")", 1)
    except OSError:
        return 0
    ticks = sum(int(field) for field in fields.split()[11:13])
    return 0 if "redis" in name else ticks / os.sysconf("SC_CLK_TCK")


def wait_until_busy(process):
    """Waits until a script computes; returns the processes below. It takes longer than a retry would be made for."""
    until = time.monotonic() + WAIT
    while time.monotonic() < until:
        found = descendants(process.pid)
        if any(seconds_of(pid) >= 0.2 for pid in found):
            return found
        time.sleep(0.02)
    return expect(False, f"no script computes: {process.poll()}")


# --- Help ------------------------------------------------------------------

@case
def help_begins_with_examples():
    status, out, err = tool("--help")
    expect(status == 0 and err == b"", (status, err))
    expect(out.index(b"Examples") < out.index(b"Commands"), out)
    for command in ("run", "eval", "check", "doctor", "doc", "version"):
        status, out, _ = tool(command, "--help")
        expect(status == 0 and f"ferrous-sandboxctl {command} ".encode() in out, (command, out))


def main():
    global TOOL
    parser = argparse.ArgumentParser()
    parser.add_argument("--tool", default=TOOL)
    parser.add_argument("--filter", default="")
    options = parser.parse_args()
    TOOL = os.path.abspath(options.tool)
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    failed = 0
    chosen = [one for one in CASES if options.filter in one.__name__]
    for chosen_case in chosen:
        try:
            chosen_case()
        except (Failure, subprocess.TimeoutExpired) as failure:
            failed += 1
            print(f"FAIL {chosen_case.__name__}\n     {failure}")
        else:
            print(f"ok   {chosen_case.__name__}")
    print(f"{len(chosen) - failed} passed, {failed} failed")
    return 1 if failed or not chosen else 0


if __name__ == "__main__":
    sys.exit(main())
