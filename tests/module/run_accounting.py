#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""run_accounting - every admitted run is in the ledger once, whoever is killed meanwhile."""
import csv
import io
import json
import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
import time

from accounting import CTL, Accounted, Books, command_of, lives
from server import Closed, Server, children_of, free_port, wait_for
from suite import main, test

MIXTURE = (("EVAL", "return 1", "0"), ("EVAL", "return redis.call('set', KEYS[1], 'x')", "1", "k"),
           ("EVAL", "error('boom')", "0"), ("EVAL", "return (", "0"), ("EVAL", "while true do end", "0"),
           ("EVAL", "local t = {} for i = 1, 1e9 do t[i] = ('x'):rep(1000) .. i end", "0"),
           ("EVALSHA", "0" * 40, "0"), ("EVAL", "return redis.call('get', KEYS[1])", "1", "k"))
LIMITS = ("limit=instructions=2000000", "limit=memory=4m")


ROOT = os.environ.get("FERROUS_SOURCE_DIR", os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..")))


def expect(value, wanted):
    assert value == wanted, "%r, not %r" % (value, wanted)


def ctl(*words):
    done = subprocess.run([CTL] + list(words), capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout, done.stderr


# --- Counting ---

@test
def every_outcome_is_counted_once_and_replies_agree_with_the_ledger():
    books = Books()
    with Accounted(arguments=LIMITS) as bench:
        with bench.server.client() as client:
            for words in MIXTURE * 5:
                client.send(*words)
            assert books.reply(client, 5 * len(MIXTURE))
            client.command("SCRIPT", "LOAD", "return 'kept'")
            client.command("FUNCTION", "LOAD", "#!lua name=lib\nredis.register_function('f', function() return 7 end)")
            expect(client.command("FCALL", "f", "0"), 7)
        books.replied["ok"] += 3
        info, verdict = bench.close_books()
        books.check(bench.outcomes())
        expect(bench.outcomes(), {"ok": 18, "script_error": 5, "compile_error": 5, "limit_instructions": 5, "limit_memory": 5})
        expect(info["sandbox_journal_admitted"], info["sandbox_journal_counted"])
        expect(dict(bench.ask("SELECT kind, sum(runs) FROM series GROUP BY kind")),
               {"script": 35, "compile": 1, "load": 1, "function": 1})
        expect(bench.ask("SELECT count(*) FROM details")[0][0], 20)
        expect(bench.ask("SELECT sum(divergent), sum(unclaimed) FROM series")[0], (0, 0))
        expect(bench.ask("SELECT sum(cpu_ns) > 0 AND min(wall_ns) > 0 FROM series WHERE outcome = 'ok'")[0][0], 1)
        print("  " + verdict)


@test
def a_run_that_the_server_does_not_survive_counts_as_lost():
    with Accounted() as bench:
        with bench.server.client() as client:
            client.send("EVAL", "while true do end", "0")
            wait_for(lambda: bench.server.process is not None and journal_in_flight(bench) == 1, "the run")
            bench.restart()
        assert "they count as lost" in bench.server.log()
        expect(bench.server.info()["sandbox_journal_lost"], "1")
        _, verdict = bench.close_books()
        expect(bench.outcomes(), {"lost_supervisor_restart": 1})
        status, out, _ = ctl("usage", "report", "--json", "--by", "outcome", bench.ledger)
        expect(status, 0)
        row = json.loads(out)
        expect((row["runs"], row["billable_runs"], row["billed_cost"]), (1, 0, 0))
        print("  " + verdict)


def journal_in_flight(bench):
    """As `ledger status` sees it: admitted, and in no row yet."""
    status, out, _ = ctl("ledger", "status", "--json", bench.journal)
    return json.loads(out)["admitted"] if status == 0 else 0


@test
def whoever_is_killed_at_random_every_admitted_run_is_counted_once():
    rng, books, kills = random.Random(5), Books(), {"server": 0, "drain": 0, "zygote": 0, "worker": 0}
    with Accounted(sync=20, arguments=LIMITS) as bench:
        started = time.monotonic()
        # A slow machine needs longer until each has had its turn.
        while time.monotonic() < started + 25 or (min(kills.values()) == 0 and time.monotonic() < started + 300):
            try:
                with bench.server.client() as client:
                    for _ in range(rng.randrange(1, 4)):
                        batch = [rng.choice(MIXTURE) for _ in range(20)]
                        for words in batch:
                            client.send(*words)
                        kill_somebody(rng, bench, kills)
                        if not books.reply(client, len(batch)):
                            break
            except (OSError, Closed):
                pass
            if bench.server.process.poll() is not None:
                bench.server.process.wait()
                bench.server.start()
        _, verdict = bench.close_books()
        books.check(bench.outcomes())
        assert min(kills.values()) > 0, kills
        print("  kills: %r; %d replies, %d without; %s" % (kills, sum(books.replied.values()), books.unknown, verdict))


def kill_somebody(rng, bench, kills):
    victim = rng.choice(("server", "drain", "drain", "zygote", "worker", "worker", None, None, None))
    pids = {"server": [bench.server.process.pid], "drain": [bench.drain_pid()], "zygote": bench.zygotes()[:1]}
    if victim == "worker":
        pids[victim] = [pid for zygote in bench.zygotes() for pid in children_of(zygote)]
    for pid in (pids.get(victim) or [])[:1]:
        if pid > 0:
            time.sleep(rng.random() * 0.01)
            try:
                os.kill(pid, signal.SIGKILL)
                kills[victim] += 1
            except ProcessLookupError:
                pass
    if victim == "server":
        bench.server.process.wait()


# --- The drain ---

@test
def the_drain_is_started_again_and_ends_with_the_server_even_while_it_saves():
    with Accounted("--enable-debug-command", "yes") as bench:
        first = bench.drain_pid()
        assert first > 0
        fds = sorted(os.listdir("/proc/%d/fd" % first), key=int)
        names = [os.readlink("/proc/%d/fd/%s" % (first, fd)) for fd in fds]
        assert not any("socket" in name for name in names), names
        os.kill(first, signal.SIGKILL)
        wait_for(lambda: bench.drain_pid() not in (0, first), "a new drain", 60)
        with bench.server.client() as client:
            client.command("DEBUG", "POPULATE", "200000")
            client.command("CONFIG", "SET", "rdb-key-save-delay", "1000")
            client.command("BGSAVE")
            expect(client.command("EVAL", "return 1", "0"), 1)
        saver = [pid for pid in children_of(bench.server.process.pid) if "redis" in command_of(pid)]
        second = bench.drain_pid()
        bench.server.stop()
        wait_for(lambda: not lives(second), "the end of the drain", 60)
        bench.server.start()  # the saving child of the old one holds nothing of the journal
        expect(bench.server.info()["sandbox_journal_counted"], "1")
        for pid in saver:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass


@test
def a_ledger_that_cannot_be_written_is_reported_and_nothing_is_lost():
    with Accounted() as bench:
        wait_for(lambda: int(bench.server.info()["sandbox_ledger_passes"]) > 0, "a pass")
        hold = sqlite3.connect(bench.ledger, isolation_level=None)
        hold.execute("BEGIN IMMEDIATE")
        with bench.server.client() as client:
            for i in range(200):
                client.command("EVAL", "return %d" % i, "0")
        wait_for(lambda: int(bench.server.info()["sandbox_ledger_failures"]) > 0, "a failure", 60)
        wait_for(lambda: "the ledger cannot be written" in bench.server.log(), "a line in the log", 60)
        status, out, _ = ctl("ledger", "status", bench.journal)
        expect(status, 1)
        assert "locked" in out, out
        hold.execute("ROLLBACK")
        hold.close()
        wait_for(lambda: "the ledger is written again" in bench.server.log(), "the end of it", 60)
        bench.close_books()
        expect(bench.outcomes(), {"ok": 200})


# --- Files ---

@test
def journals_that_cannot_be_used_keep_the_module_from_loading_and_say_why():
    with Accounted() as bench:
        second = Server("--sandbox.journal", bench.journal)
        at = second.words.index("--sandbox.journal")
        second.words = second.words[:at] + second.words[at + 2:] + ["--sandbox.journal", bench.journal]
        second.launch()
        expect(second.process.wait(60) != 0, True)
        assert "is using it" in second.log(), second.log()
        bench.server.stop()
        bench.settle()
        with open(bench.journal, "r+b") as file:
            file.write(b"garbage!")
        bench.server.launch()
        expect(bench.server.process.wait(60) != 0, True)
        assert "it is no journal" in bench.server.log()
        os.unlink(bench.journal)
        os.symlink("/etc/passwd", bench.journal)
        bench.server.launch()
        expect(bench.server.process.wait(60) != 0, True)
        assert "it is a link" in bench.server.log()
        os.unlink(bench.journal)
        bench.server.start()


# --- Reports ---

@test
def reports_agree_in_every_format_and_escape_what_tenants_wrote():
    with Accounted() as bench:
        name = b"ev\x1b[31mil\"u\xff"
        with bench.server.client() as client:
            client.command("ACL", "SETUSER", name, "on", ">p", "~*", "+@all")
            client.command("AUTH", name, "p")
            for _ in range(3):
                client.command("EVAL", "return 1", "0")
        bench.close_books()
        outs = {}
        for form in ("table", "json", "csv", "openmetrics"):
            status, outs[form], errors = ctl("usage", "report", "--by", "user", "--format", form, "--since", "1h", bench.ledger)
            expect((status, errors), (0, ""))
            if form != "json":
                assert "\x1b" not in outs[form], outs[form]
        expect(json.loads(outs["json"])["user"], {"escaped": "ev\\x1b[31mil\"u\\xff"})
        rows = list(csv.DictReader(io.StringIO(outs["csv"], newline="")))
        expect([row["runs"] for row in rows], ["3"])
        with open(os.path.join(ROOT, "policy", "journal", "fields.def")) as text:
            fields = re.findall(r"^FIELD\(\w+,\s+(\w+),", text.read(), re.M)
        assert len(fields) >= 22, fields
        assert set(fields) <= set(rows[0]) and set(fields) <= set(json.loads(outs["json"])), fields
        for field in fields:
            assert "ferrous_sandbox_usage_" + field in outs["openmetrics"] or field == "runs", field
        assert 'ferrous_sandbox_usage_runs_total{tenant="default",user="' in outs["openmetrics"]
        assert outs["openmetrics"].endswith("# EOF\n")
        expect(ctl("usage", "report", "--until", "1h", "--json", bench.ledger), (0, "", ""))
        expect(ctl("usage", "report", "--by", "moon", bench.ledger)[0], 2)
        expect(ctl("usage", "report", "--since", "yesterday-ish", bench.ledger)[0], 2)
        expect(ctl("usage", "report", "/nowhere.db")[0], 6)
        expect(ctl("ledger", "verify", "/nowhere.db")[0], 6)


@test
def exports_are_imported_and_merged_without_counting_twice():
    with Accounted() as one, Accounted() as two:
        for bench in (one, two):
            with bench.server.client() as client:
                for _ in range(10):
                    client.command("EVAL", "return 1", "0")
            bench.close_books()
        exported = os.path.join(one.folder, "export.jsonl")
        merged = os.path.join(one.folder, "merged.db")
        for bench in (one, two, one):
            with open(exported, "w") as to:
                subprocess.run([CTL, "ledger", "export", bench.ledger], stdout=to, check=True, timeout=60)
            expect(ctl("ledger", "import", merged, exported)[0], 0)
        for ledgers in ((merged,), (one.ledger, two.ledger), (merged, one.ledger, two.ledger)):
            status, out, errors = ctl("usage", "report", "--json", *ledgers)
            expect((status, errors), (0, ""))
            expect(json.loads(out)["runs"], 20)
        status, out, _ = ctl("ledger", "compact", "--keep", "0s", merged)
        expect(status, 0)
        expect(ctl("ledger", "verify", merged)[0], 0)


# --- Several servers ---

@test
def master_replica_and_failover_each_keep_their_own_books_and_the_report_adds_them_up():
    port = free_port()
    with Accounted(port=port) as master, Accounted("--replicaof", "127.0.0.1 %d" % port, port=free_port()) as replica:
        replica.server.wait_link()
        with master.server.client() as client, replica.server.client() as reader:
            for i in range(10):
                client.command("EVAL", "return redis.call('set', KEYS[1], ARGV[1])", "1", "k", str(i))
            wait_for(lambda: reader.command("GET", "k") == b"9", "the replica")
            expect(replica.server.info()["sandbox_journal_admitted"], "0")  # effects came, no runs
            for _ in range(5):
                expect(reader.command("EVAL_RO", "return redis.call('get', KEYS[1])", "1", "k"), b"9")
            master.drain_pid()
            master.server.stop()
            reader.command("REPLICAOF", "NO", "ONE")
            for i in range(7):
                expect(reader.command("EVAL", "return redis.call('set', KEYS[1], 'new')", "1", "k"), b"OK")
        master.close_books()
        replica.close_books()
        expect((master.outcomes(), replica.outcomes()), ({"ok": 10}, {"ok": 12}))
        status, out, errors = ctl("usage", "report", "--json", "--by", "node", master.ledger, replica.ledger)
        expect((status, errors), (0, ""))
        expect(sorted(json.loads(line)["runs"] for line in out.splitlines()), [10, 12])


if __name__ == "__main__":
    sys.exit(main(__doc__))
