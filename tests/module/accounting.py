# SPDX-License-Identifier: BSD-2-Clause
"""accounting - a server that keeps books, what its clients know of it, and the final sum.

Books.admit() is told what was sent and Books.reply() what was answered.  A server that is
killed leaves at most one request of each connection of which nobody knows whether it
was admitted; everything else must be in the ledger once, under its outcome.
"""
import os
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time

from server import BUILD, Closed, ReplyError, Server, children_of, wait_for

CTL = os.environ.get("FERROUS_TOOL") or os.path.join(BUILD, "bin", "ferrous-sandboxctl")
LEDGER = os.path.join(BUILD, "bin", "ferrous-sandbox-ledger")

# How an error's text tells the outcome; what is not here is script_error.
ERRORS = (("ERR Error compiling", "compile_error"), ("LIMIT instructions", "limit_instructions"),
          ("LIMIT memory", "limit_memory"), ("LIMIT calls", "limit_calls"), ("LIMIT wall", "limit_wall"),
          ("LIMIT reply_bytes", "limit_reply_bytes"), ("SANDBOX worker_crashed", "worker_crashed"),
          ("ERR Script killed by user", "killed"))


class Accounted:
    """A server with a journal and a ledger in a folder that outlives it."""

    def __init__(self, *options, sync=50, arguments=(), port=0):
        self.folder = tempfile.mkdtemp(prefix="fsaccount")
        self.journal = os.path.join(self.folder, "journal")
        self.ledger = os.path.join(self.folder, "ledger.db")
        self.server = Server(*options, "--sandbox.journal", self.journal, "--sandbox.ledger", self.ledger,
                             "--sandbox.ledger-sync", str(sync), folder=self.folder, arguments=arguments, port=port)
        # Settings of a module come after the line that loads it.
        words, at = self.server.words, self.server.words.index("--sandbox.journal")
        settings = words[at:at + 6]
        self.server.words = words[:at] + words[at + 6:] + settings
        self.drains = set()

    def __enter__(self):
        self.server.start()
        return self

    def __exit__(self, *_):
        self.server.stop()
        self.settle()
        shutil.rmtree(self.folder, ignore_errors=True)

    def drain_pid(self):
        if self.server.process is None:
            return 0
        found = [pid for pid in children_of(self.server.process.pid) if "ferrous-sandbox-ledger" in command_of(pid)]
        self.drains.update((pid, started_at(pid)) for pid in found)
        return found[0] if found else 0

    def zygotes(self):
        return [pid for pid in children_of(self.server.process.pid) if "ferrous-sandbox-ledger" not in command_of(pid)]

    def restart(self, number=signal.SIGKILL):
        self.drain_pid()
        self.server.restart(number)

    def settle(self):
        """Waits until no drain of ours is left."""
        wait_for(lambda: not any(lives(*drain) for drain in self.drains), "the end of the drains", 30)
        self.drains.clear()

    def close_books(self):
        """Kills the server, opens the journal once more, drains it, and returns the ledger's verdict."""
        self.drain_pid()
        self.server.stop()
        self.settle()
        self.server.start()  # what was in flight becomes lost
        self.drain_pid()
        info = self.server.info()
        self.server.stop(signal.SIGTERM)
        self.settle()
        wait_for(self.drain_once, "a pass of our own", 20)
        verdict = subprocess.run([CTL, "ledger", "verify", self.ledger], capture_output=True, text=True, timeout=300)
        assert verdict.returncode == 0, verdict.stdout + verdict.stderr
        assert verdict.stdout.rstrip().endswith("0 unaccounted for, 0 open"), verdict.stdout
        return info, verdict.stdout.strip()

    def drain_once(self):
        """False while the server's own drain, which may be finishing, has the journal."""
        done = subprocess.run([LEDGER, "drain", "--once", self.journal, self.ledger], capture_output=True, timeout=60)
        assert done.returncode in (0, 69), done
        return done.returncode == 0

    def outcomes(self):
        with sqlite3.connect("file:%s?mode=ro" % self.ledger, uri=True) as db:
            return dict(db.execute("SELECT outcome, sum(runs) FROM series GROUP BY outcome"))

    def ask(self, sql):
        with sqlite3.connect("file:%s?mode=ro" % self.ledger, uri=True) as db:
            return db.execute(sql).fetchall()


def stat_of(pid):
    """What the kernel says of a process, from its state on; [] when it is gone."""
    try:
        with open("/proc/%d/stat" % pid) as text:
            return text.read().rpartition(")")[2].split()
    except OSError:
        return []


def started_at(pid):
    return "".join(stat_of(pid)[19:20])


def lives(pid, started=None):
    """Until it is a zombie a process may hold locks, even when its command line is gone.  In a long test
    its number may be another's by then."""
    found = stat_of(pid)
    return found != [] and found[0] not in "ZX" and started in (None, found[19])


def command_of(pid):
    try:
        with open("/proc/%d/cmdline" % pid, "rb") as text:
            return text.read().replace(b"\0", b" ").decode("latin-1")
    except OSError:
        return ""


class Books:
    """What the clients know."""

    def __init__(self):
        self.replied = {}  # outcome -> replies that say so
        self.unknown = 0   # sent, and the connection was lost before the reply
        self.throttled = 0

    def reply(self, client, sent):
        """Reads the replies to `sent` requests; False when the connection was lost."""
        for i in range(sent):
            try:
                client.read()
                outcome = "ok"
            except ReplyError as error:
                outcome = self.outcome_of(str(error))
            except (Closed, OSError):
                self.unknown += sent - i
                return False
            if outcome == "throttled":
                self.throttled += 1
            elif outcome:
                self.replied[outcome] = self.replied.get(outcome, 0) + 1
        return True

    @staticmethod
    def outcome_of(text):
        if text.startswith("NOSCRIPT"):
            return None  # nothing was admitted
        if text.startswith("THROTTLED"):
            return "throttled"
        return next((outcome for start, outcome in ERRORS if text.startswith(start)), "script_error")

    def check(self, outcomes):
        """Every reply is in the ledger; what else is there was in flight when a server was killed."""
        total = sum(outcomes.values())
        replies = sum(self.replied.values())
        assert replies <= total <= replies + self.unknown, (replies, self.unknown, outcomes)
        for outcome, count in self.replied.items():
            assert outcomes.get(outcome, 0) >= count, (outcome, count, outcomes)
        surplus = sum(count - self.replied.get(outcome, 0) for outcome, count in outcomes.items())
        assert surplus <= self.unknown, (surplus, self.unknown, outcomes, self.replied)
