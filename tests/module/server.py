# SPDX-License-Identifier: BSD-2-Clause
"""server - redis-servers of our own, with and without the module, and a plain client.

A Server listens on a Unix socket (and on a TCP port when it shall replicate), in a
folder of its own, and dies with its `with` block.  A Client speaks RESP by hand, so
that a test sees the very bytes: reply() gives them, command() reads them.
"""
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time

BUILD = os.environ.get("FERROUS_BUILD_DIR") or os.path.join(
    os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))), "build", "release")
MODULE = os.path.join(BUILD, "lib", "ferrous_sandbox.so")
# The server of both kinds: redis-server, or a Valkey for tests/valkey.
PROGRAM = os.environ.get("FERROUS_SERVER", "redis-server")


class ReplyError(Exception):
    """An error reply, without its '-'."""


class Closed(Exception):
    """The server closed the connection."""


def encode(words):
    parts = [w if isinstance(w, bytes) else str(w).encode() for w in words]
    return b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(p), p) for p in parts)


class Client:
    def __init__(self, path, timeout=30):
        self.link = socket.socket(socket.AF_UNIX)
        self.link.settimeout(timeout)
        self.link.connect(path)
        self.stream = self.link.makefile("rb")

    def close(self):
        self.stream.close()
        self.link.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def send(self, *words):
        self.link.sendall(encode(words))

    def line(self):
        line = self.stream.readline()
        if not line.endswith(b"\r\n"):
            raise Closed()
        return line

    def reply(self):
        """The bytes of one reply, whatever it is."""
        line = self.line()
        kind = line[:1]
        if kind in b"$=!" and line[1:2] != b"-":
            return line + self.stream.read(int(line[1:]) + 2)
        if kind in b"*~>%|" and line[1:2] != b"-":
            count = int(line[1:]) * (2 if kind in b"%|" else 1)
            return line + b"".join(self.reply() for _ in range(count))
        return line

    def raw(self, *words):
        self.send(*words)
        return self.reply()

    def read(self):
        """One reply as Python values; an error reply is raised."""
        line = self.line()
        kind, rest = line[:1], line[1:-2]
        if kind == b"-":
            raise ReplyError(rest.decode("latin-1"))
        if kind == b":":
            return int(rest)
        if kind in b"$=":
            return None if rest == b"-1" else self.stream.read(int(rest) + 2)[:-2]
        if kind in b"*~>":
            return None if rest == b"-1" else [self.element() for _ in range(int(rest))]
        if kind == b"%":
            return {self.element(): self.element() for _ in range(int(rest))}
        if kind == b"_":
            return None
        if kind == b"#":
            return rest == b"t"
        if kind == b",":
            return float(rest)
        return rest

    def element(self):
        try:
            return self.read()
        except ReplyError as error:
            return error

    def command(self, *words):
        self.send(*words)
        return self.read()

    def error(self, *words):
        """The error with which a command must end."""
        try:
            value = self.command(*words)
        except ReplyError as error:
            return str(error)
        raise AssertionError("%r answered %r, not an error" % (words, value))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    def __init__(self, *options, module=True, arguments=(), port=0, folder=None):
        self.folder = folder or tempfile.mkdtemp(prefix="fsmodule")
        self.keeps_folder = folder is not None
        self.path = os.path.join(self.folder, "s")
        self.log_path = os.path.join(self.folder, "log")
        self.port = port
        self.words = [PROGRAM, "--port", str(port), "--unixsocket", self.path, "--dir", self.folder,
                      "--enable-debug-command", "yes", "--logfile", self.log_path]
        if "--save" not in options:
            self.words += ["--save", ""]
        self.words += list(options)
        if module:
            self.words += ["--loadmodule", MODULE] + list(arguments)
        self.process = None

    def launch(self):
        self.process = subprocess.Popen(self.words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=(open(os.environ["SRVERR"],"ab") if "SRVERR" in os.environ else subprocess.DEVNULL))

    def start(self):
        self.launch()
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                with Client(self.path) as client:
                    if client.raw("PING").startswith(b"+PONG"):
                        return self
            except (OSError, Closed):
                pass
            time.sleep(0.01)
        self.stop()  # nobody else will
        raise RuntimeError("redis-server does not start:\n" + self.log())

    def stop(self, number=signal.SIGKILL):
        if self.process is not None:
            self.process.send_signal(number)
            self.process.wait()
            self.process = None

    def restart(self, number=signal.SIGKILL):
        self.stop(number)
        return self.start()

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()
        if not self.keeps_folder:
            shutil.rmtree(self.folder, ignore_errors=True)

    def client(self, timeout=30):
        return Client(self.path, timeout)

    def command(self, *words):
        with self.client() as client:
            return client.command(*words)

    def log(self):
        try:
            with open(self.log_path, encoding="utf-8", errors="replace") as text:
                return text.read()
        except OSError:
            return ""

    def alive(self):
        return self.process.poll() is None

    def info(self, section="sandbox"):
        text = self.command("INFO", section).decode()
        return dict(line.split(":", 1) for line in text.splitlines() if ":" in line)

    def wait_link(self):
        """Waits until this replica is linked to its master."""
        wait_for(lambda: self.info("replication").get("master_link_status") == "up", "the link")

    def catch_up(self, master):
        """Waits until this replica has all that the master has said; WAIT would speak of its own client's writes only."""
        self.wait_link()
        said = int(master.info("replication")["master_repl_offset"])
        wait_for(lambda: int(self.info("replication")["slave_repl_offset"]) >= said, "the master's stream")

    def workers(self):
        """Process ids of what the module started, the zygote first."""
        zygotes = children_of(self.process.pid)
        return zygotes + [pid for zygote in zygotes for pid in children_of(zygote)]


def kill_all(pids, number=signal.SIGKILL):
    """Those that have ended meanwhile are no fault."""
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            pass


def children_of(pid):
    try:
        with open("/proc/%d/task/%d/children" % (pid, pid)) as text:
            return [int(word) for word in text.read().split()]
    except OSError:
        return []


def wait_for(condition, what, seconds=30):
    """Asks again and again; a server that is still busy with a script says so, and that is no answer."""
    def holds():
        try:
            return condition()
        except ReplyError as error:
            if not str(error).startswith("BUSY"):
                raise
            return False
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "never came: " + what
        time.sleep(0.01)
