#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""run_unit - redis-server with the module under the restrictions of its packaged systemd unit."""
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile

from server import BUILD, MODULE, Server, wait_for
from suite import main, test
from unit_cage import DROP_IN, UNIT, Cage

# A folder below the unit's ExecPaths, over which the build is shown as if installed.
PLACE = "/usr/lib/tmpfiles.d"


class CagedServer(Server):
    def __init__(self, *unit_files):
        super().__init__(module=False)
        self.cage = Cage(*unit_files)
        self.programs = os.path.join(self.folder, "installed")
        os.mkdir(self.programs)
        for path in (MODULE, os.path.join(BUILD, "bin", "ferrous-sandbox-worker"),
                     os.path.join(BUILD, "bin", "ferrous-sandbox-ledger")):
            shutil.copy(path, self.programs)
        self.words += ["--loadmodule", os.path.join(PLACE, os.path.basename(MODULE))]
        os.chown(self.folder, self.cage.user.pw_uid, self.cage.user.pw_gid)

    def put_on(self):
        self.cage.close_paths(self.programs, PLACE)
        self.cage.put_on()

    def launch(self):
        self.words[0] = shutil.which("redis-server")
        self.process = subprocess.Popen(self.words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL, preexec_fn=self.put_on)

    def seal(self):
        words = [word.decode() for word in self.command("SANDBOX", "SEAL")]
        return dict(zip(words[::2], words[1::2]))


def check_scripts(server):
    with server.client() as client:
        assert client.command("EVAL", "return redis.call('incr', KEYS[1])", "1", "n") == 1
        client.command("FUNCTION", "LOAD", "#!lua name=l\nredis.register_function('f', function() return 7 end)")
        assert client.command("FCALL", "f", "0") == 7
        for i in range(200):
            assert client.command("EVAL", "return redis.call('incr', 'n') + %d" % i, "0") == 2 + i + i
        assert client.error("EVAL", "local t = {} while true do t[#t + 1] = ('x'):rep(#t) end", "0").startswith("LIMIT ")
        assert client.command("EVAL", "return 1", "0") == 1
        assert client.command("BGSAVE") == b"Background saving started"


@test
def the_cage_bites():
    cage = Cage(UNIT)
    def run(code):
        done = subprocess.run(["/usr/bin/python3", "-c", code], preexec_fn=cage.put_on, capture_output=True, text=True,
                              check=False)
        return done.returncode, done.stdout.strip()
    assert run("print(1)") == (0, "1")
    assert run("import os; os.chroot('/')")[0] == -31, "chroot is not ended by SIGSYS"
    assert run("import ctypes; print(ctypes.CDLL(None).unshare(0x10000000))") == (0, "-1")
    assert run("import mmap; mmap.mmap(-1, 4096, prot=7)")[0] == 1
    assert run("import socket; socket.socket(16, 3, 0)")[0] == 1


@test
def nothing_but_the_units_paths_can_be_executed():
    cage = Cage(UNIT)
    def put_on():
        cage.close_paths("/tmp", PLACE)
        cage.put_on()
    for path, may in (("/bin/true", False), ("/usr/bin/redis-server", True)):
        try:
            subprocess.run([path, "--version"], preexec_fn=put_on, stdout=subprocess.DEVNULL, check=True)
            is_run = True
        except (PermissionError, subprocess.SubprocessError):
            is_run = False
        assert is_run == may, path


def states(server):
    """The seal's steps by state, printed."""
    seal = server.seal()
    print("    seal: " + " ".join("%s=%s" % pair for pair in seal.items()))
    return {name for name, state in seal.items() if state not in ("applied", "not needed")}


NAMESPACES = {"user_ns", "net_ns", "ipc_ns", "uts_ns", "mount_ns", "pid_ns", "empty_root"}


@test
def under_the_packaged_unit_scripts_run_sealed_without_namespaces():
    with CagedServer(UNIT) as server:
        check_scripts(server)
        missing = states(server)
        assert missing == NAMESPACES | {"bounding", "landlock"}, missing


@test
def under_the_packaged_unit_usage_is_accounted_for_and_drained():
    server = CagedServer(UNIT)
    journal, ledger = (os.path.join(server.folder, name) for name in ("journal", "ledger.db"))
    server.words += ["--sandbox.journal", journal, "--sandbox.ledger", ledger, "--sandbox.ledger-sync", "50"]
    with server:
        check_scripts(server)
        runs = int(server.info()["sandbox_journal_counted"])
        assert runs > 0

        def drained():
            with sqlite3.connect("file:%s?mode=ro" % ledger, uri=True) as db:
                return db.execute("SELECT sum(runs) FROM series").fetchone()[0] == runs
        wait_for(lambda: int(server.info()["sandbox_ledger_passes"]) > 0, "a pass of the drain")
        wait_for(drained, "all of it in the ledger")
        assert server.info()["sandbox_ledger_failures"] == "0"


@test
def where_namespaces_are_allowed_but_capset_kills_they_are_left_out():
    with tempfile.NamedTemporaryFile("w", suffix=".conf") as unit:
        unit.write("[Service]\nRestrictNamespaces=user pid net ipc uts mnt\n")
        unit.flush()
        with CagedServer(UNIT, unit.name) as server:
            check_scripts(server)
            assert states(server) == NAMESPACES | {"bounding", "landlock"}


@test
def under_the_unit_with_our_drop_in_they_have_namespaces_too():
    with CagedServer(UNIT, DROP_IN) as server:
        check_scripts(server)
        missing = states(server)
        assert not missing & NAMESPACES, missing


if __name__ == "__main__":
    if os.getuid() != 0:
        print("run_unit: not root: the unit's user and paths cannot be set up")
        sys.exit(1)
    sys.exit(main(__doc__))
