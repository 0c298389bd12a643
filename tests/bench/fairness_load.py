# SPDX-License-Identifier: BSD-2-Clause
"""fairness_load - the tenants of the fairness experiment: those who abuse, and the one that suffers.

Every abuser is a tenant of its own with the same policy, a `hosted` one but for what it may
call; it sends again as soon as it is allowed to.  The victim sends by the clock, not by the
reply: what waits in a queue behind a long run counts with its whole wait.
"""
import collections
import multiprocessing
import os
import select
import signal
import time

from server import encode

HOLD_MS, RATE_MS, BURST_MS = 50, 50, 200
ABUSERS = {
    "loop": "while true do end",
    "call_loop": "while true do redis.call('EXISTS', 'call_loop:x') end",
    "alloc": "local t = {} for i = 1, 1e9 do t[i] = string.rep('x', 1000) .. i end",
    "crash": "while true do end",  # its worker is killed in the middle
    "unique": None,                # a text of 20 KB that nobody has seen yet
    "keys": "return #redis.call('KEYS', '*')",
    "output": "local t = {} for i = 1, 20000 do t[i] = string.rep('x', 40) end return t",
    "log": "for i = 1, 1e6 do redis.log(redis.LOG_WARNING, string.rep('x', 500)) end",
    "short": "for i = 1, 2e6 do end",  # a few milliseconds: below what counts as long
}
CROWD = 20  # tenants with endless loops at once
GET_EVERY, EVAL_EVERY = 0.002, 0.010

TENANT = ("  %s: {users: ['%s'], limits: {hold: %dms, wall: 100ms, cpu: 80ms, memory: 16m, log_bytes: 64k}, "
          "rates: {hold: %dms/s burst %dms}, key_prefixes: ['%s:'], keyless_commands: [%s], log_rate: 4k/s}")


def names_of(mix):
    """The tenants of a mix: abusers with a number behind them where there are several."""
    return ["crowd%d" % i for i in range(CROWD)] if mix == ("crowd",) else list(mix)


def kind_of(name):
    return "loop" if name.startswith("crowd") else name


def policy_text(keyless):
    names = list(ABUSERS) + names_of(("crowd",)) + ["victim"]
    lines = ["version: 1", "unmapped: reject", "tenants:", "  operator: {users: [default]}"]
    for name in names:
        lines.append(TENANT % (name, name, HOLD_MS, RATE_MS, BURST_MS, name, keyless))
    return "\n".join(lines).replace("victim:'", "victim:', 'k'") + "\n"


def login(server, name):
    client = server.client()
    client.command("AUTH", name, name)
    return client


# --- The processor's order: server and victim before those who abuse ---

def put_first():
    """Whether this process, and what it starts, now runs before everything else of the machine."""
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(10))
        return True
    except OSError:
        return False


def put_behind():
    os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))


# --- Abusers ---

def abuse(server, name, depth, hammers, counts):
    """Sends for ever, `depth` commands at a time; counts admitted and refused."""
    put_behind()
    client = login(server, name)
    number = 0
    while True:
        text = ABUSERS[kind_of(name)]
        for _ in range(depth):
            number += 1
            client.send("EVAL", text or "local a%d = %d return a%d%s" % (number, os.getpid(), number, " " * 20000), "0")
        wait = 0
        for _ in range(depth):
            reply = client.reply()
            refused = reply.startswith(b"-THROTTLED")
            counts[1 if refused else 0] += 1
            if refused:
                wait = max(wait, int(reply.split(b"retry_after_ms=")[1].split()[0]))
        if wait and not hammers:
            time.sleep(wait / 1000)


def crash(server, name, counts):
    """Has its worker killed in the middle of a run, for ever."""
    put_behind()
    client, admin = login(server, name), server.client()
    while True:
        reply = client.raw("EVAL", "return 1", "0")  # so that there is a worker to be named
        refused = reply.startswith(b"-THROTTLED")
        counts[1 if refused else 0] += 1
        if refused:
            time.sleep(int(reply.split(b"retry_after_ms=")[1].split()[0]) / 1000)
            continue
        pids = pids_of(server, admin, name)
        client.send("EVAL", ABUSERS[name], "0")
        time.sleep(0.01)
        for pid in pids:
            kill(pid)
        counts[1 if client.reply().startswith(b"-THROTTLED") else 0] += 1


def kill(pid):
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def pids_of(server, admin, name):
    """The tenant's workers; the server tells the number that each has where it was forked."""
    rows = [dict(zip(row[::2], row[1::2])) for row in admin.command("SANDBOX", "WORKERS")[1]]
    numbers = [row[b"pid"] for row in rows if row.get(b"principal") == ("%s/%s" % (name, name)).encode()]
    return [pid for pid in server.workers()[1:] if any(number in numbers for number in numbers_of(pid))]


def numbers_of(pid):
    """What a process is called in each namespace that knows it."""
    try:
        with open("/proc/%d/status" % pid) as text:
            return [int(word) for word in next(line for line in text if line.startswith("NSpid:")).split()[1:]]
    except (OSError, StopIteration):
        return []


class Abuse:
    """Processes that abuse while the `with` block runs."""

    def __init__(self, server, mix, connections=1, depth=1, hammers=False):
        self.names = names_of(mix)
        self.tallies, self.processes = [], []
        for name in self.names:
            for _ in range(1 if name == "crash" else connections):
                # Each has its own, without a lock: who is killed would keep that.
                self.tallies.append((name, multiprocessing.RawArray("Q", 2)))
                job = (crash, (server, name, self.tallies[-1][1])) if name == "crash" else (abuse, (server, name, depth, hammers, self.tallies[-1][1]))
                self.processes.append(multiprocessing.Process(target=job[0], args=job[1], daemon=True))

    def counts(self, name):
        """[admitted, refused] of a tenant."""
        return [sum(tally[i] for owner, tally in self.tallies if owner == name) for i in range(2)]

    def __enter__(self):
        for process in self.processes:
            process.start()
        return self

    def __exit__(self, *_):
        for process in self.processes:
            process.kill()
            process.join()


# --- The victim ---

def reason_of(error):
    """"hold: shed" of a refusal; of other errors what they begin with."""
    facts = dict(word.split("=", 1) for word in error.split() if "=" in word)
    return "%s: %s" % (facts["resource"], facts["reason"]) if "reason" in facts and "resource" in facts else error[:60]


class Pacer:
    """Sends a command by the clock, whether or not replies have come, as many clients would."""

    def __init__(self, client, words):
        self.link, self.packet = client.link, encode(words)
        self.waiting, self.rest = collections.deque(), b""
        self.latencies, self.refused = [], collections.Counter()

    def send(self, due):
        self.link.sendall(self.packet)
        self.waiting.append(due)

    def receive(self, wait):
        """Takes the replies that come within `wait` seconds: errors, and strings without line ends."""
        if not select.select([self.link], [], [], wait)[0]:
            return
        lines = (self.rest + self.link.recv(65536)).split(b"\r\n")
        now = time.monotonic()
        self.rest = lines.pop()
        if lines and lines[-1][:1] == b"$" and lines[-1] != b"$-1":
            self.rest = lines.pop() + b"\r\n" + self.rest
        for line in lines:
            if line[:1] == b"$" and line != b"$-1":
                continue
            if line[:1] == b"-":
                self.refused[reason_of(line.decode())] += 1
            self.latencies.append((now - self.waiting.popleft()) * 1000)


def suffer(server, words, every, seconds, results):
    """The latency of a command begins when it was due."""
    with login(server, "victim") as client:
        pacer = Pacer(client, words)
        due = time.monotonic()
        end = due + seconds
        while due < end or pacer.waiting:
            now = time.monotonic()
            if now >= due and due < end:
                pacer.send(due)
                due += every
            else:
                pacer.receive(max(0, due - now) if due < end else 10)
    results.put((sorted(pacer.latencies), pacer.refused))


def measure(server, seconds):
    """Latencies in ms, sorted, of GETs and of EVALs, and how many were refused for which reasons."""
    found = []
    kinds = ((("GET", "k"), GET_EVERY), (("EVAL", "return redis.call('GET', KEYS[1])", "1", "k"), EVAL_EVERY))
    queues = [multiprocessing.Queue() for _ in kinds]
    processes = [multiprocessing.Process(target=suffer, args=(server, words, every, seconds, queue))
                 for (words, every), queue in zip(kinds, queues)]
    for process in processes:
        process.start()
    for queue, process in zip(queues, processes):
        found.append(queue.get(timeout=seconds + 120))
        process.join()
    return found
