#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""run_fairness - what a victim notices of tenants that abuse the server, and what those get.

For every mix of abusers: the victim's latencies alone and beside them, the bound (alone + the limit
`hold`), and each abuser's time of the server's thread against its bucket (rate * time + burst + the
run that overdrew it). The verdict of a mix is no when the p99 of a GET or of the victim's EVAL exceeds its bound,
an abuser got more than its bucket, or something of the victim's was refused; so is the exit status.
Run as root, server, workers and victim run before everything else of the machine (SCHED_FIFO).
"""
import argparse
import json
import os
import random
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "module"))
import fairness_load as load  # noqa: E402
import fairness_plot  # noqa: E402
from server import Server  # noqa: E402

EVERYONE = tuple(load.ABUSERS)
# name: (abusers, KEYS is listed for them, arguments of Abuse)
MIXES = {name: ((name,), False, {}) for name in EVERYONE}
MIXES.update({
    "all": (EVERYONE, False, {}),
    "all, not waiting": (EVERYONE, False, {"hammers": True}),
    "all, 3 pipes of 8": (EVERYONE, False, {"connections": 3, "depth": 8}),
    "short, 6 pipes of 8": (("short",), False, {"connections": 6, "depth": 8}),
    "20 tenants of loops": (("crowd",), False, {}),
    "KEYS allowed": (("keys",), True, {}),
})


def random_mixes(count, seed):
    """Any mix: abusers, connections and commands in flight drawn by lot."""
    draw = random.Random(seed)
    mixes = {}
    for number in range(count):
        abusers = tuple(name for name in EVERYONE if draw.random() < 0.5) or ("loop",)
        shape = {"connections": draw.randint(1, 4), "depth": draw.randint(1, 12), "hammers": draw.random() < 0.5}
        keys = "keys" in abusers and draw.random() < 0.5
        print("drawn %d: %s, %r%s" % (number + 1, " ".join(abusers), shape, ", KEYS allowed" if keys else ""))
        mixes["drawn %d" % (number + 1)] = (abusers, keys, shape)
    return mixes


def quantile(values, part):
    return values[min(int(len(values) * part), len(values) - 1)] if values else float("nan")


def used_hold(server, name):
    def find(values, key):
        return values[values.index(key) + 1]
    return find(find(find(server.command("SANDBOX", "QUOTA", name), b"resources"), b"hold"), b"used_today") / 1e6


def latencies(solo, mixed):
    p50, p99 = quantile(solo, 0.5), quantile(solo, 0.99)
    return {"solo_p50": p50, "solo_p99": p99, "mixed_p50": quantile(mixed, 0.5), "mixed_p99": quantile(mixed, 0.99),
            "mixed_most": mixed[-1], "bound": p99 + load.HOLD_MS}


def overdrawn(name, share, took, longest):
    """The sentence about a share beyond the bucket and the run that overdrew it; None: it is not."""
    allowed = load.RATE_MS * took + load.BURST_MS + max(load.HOLD_MS * 1.1, longest)
    return "%s held the thread for %.0f ms of %.0f" % (name, share, allowed) if share > allowed else None


def run_mix(server, mix, options):
    abusers, _, arguments = MIXES[mix]
    solo = load.measure(server, options.seconds / 2)
    before = {name: used_hold(server, name) for name in load.names_of(abusers)}
    began = time.monotonic()
    with load.Abuse(server, abusers, **arguments) as abuse:
        mixed = load.measure(server, options.seconds)
        shares = {name: used_hold(server, name) - before[name] for name in before}
        took = time.monotonic() - began
    row = {"mix": mix, "GET": latencies(solo[0][0], mixed[0][0]), "EVAL": latencies(solo[1][0], mixed[1][0]),
           "refused": dict(mixed[0][1] + mixed[1][1]), "seconds": took, "load": os.getloadavg()[0],
           "shares": {name: [share / took] + abuse.counts(name) for name, share in shares.items()}}
    longest = row["GET"]["mixed_most"]  # who waits for it notices how long it is
    row["problems"] = [text for text in (overdrawn(name, share, took, longest) for name, share in shares.items()) if text]
    row["problems"] += ["p99 of %s" % kind for kind in ("GET", "EVAL") if row[kind]["mixed_p99"] > row[kind]["bound"]]
    if row["refused"]:
        row["problems"].append("of the victim's commands were refused: %r" % row["refused"])
    return row


def show(row):
    for kind in ("GET", "EVAL"):
        print("%-20s %-5s %8.2f %8.2f %8.2f %8.2f %8.2f %8.2f" % (
            (row["mix"] if kind == "GET" else "", kind) + tuple(row[kind][part] for part in (
                "solo_p50", "solo_p99", "mixed_p50", "mixed_p99", "bound", "mixed_most"))))
    crowded = len(row["shares"]) > 10
    shown = [max(row["shares"].items(), key=lambda item: item[1][0])] if crowded else row["shares"].items()
    print("%20s %s%s" % ("", "the most: " if crowded else "", ", ".join(
        "%s %.1f ms/s (%d, refused %d)" % ((name,) + tuple(facts)) for name, facts in shown)))
    verdict = "no: " + "; ".join(row["problems"]) if row["problems"] else "yes"
    print("%20s %s" % ("", verdict), flush=True)


def run_all(names, options):
    rows = []
    print("p50 and p99 in ms, alone and beside; bound: alone + %d; share against %d ms/s and a burst of %d" % (
        load.HOLD_MS, load.RATE_MS, load.BURST_MS))
    print("%-20s %-5s %8s %8s %8s %8s %8s %8s" % ("mix", "", "p50", "p99", "p50", "p99", "bound", "most"))
    for name in names:
        # A server of its own for each: buckets are full, nobody is known.
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "policy.yaml")
            with open(path, "w") as text:
                text.write(load.policy_text("keys" if MIXES[name][1] else ""))
            with Server("--sandbox.policy", path, "--sandbox.long-share", options.long_share) as server:
                prepare(server, options)
                rows.append(run_mix(server, name, options))
        show(rows[-1])
    return rows


def prepare(server, options):
    for name in list(load.ABUSERS) + load.names_of(("crowd",)) + ["victim"]:
        server.command("ACL", "SETUSER", name, "on", ">" + name, "~*", "&*", "+@all")
    with server.client(timeout=300) as admin:
        admin.command("DEBUG", "POPULATE", str(options.keys))
    server.command("SET", "k", "v")
    load.measure(server, 0.5)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seconds", type=float, default=10, help="for each mix")
    parser.add_argument("--keys", type=int, default=1000000, help="in the data set")
    parser.add_argument("--only", help="mixes, separated by semicolons: " + "; ".join(MIXES))
    parser.add_argument("--drawn", type=int, default=0, metavar="N", help="instead of these, N mixes drawn by lot")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="of the lot")
    parser.add_argument("--long-share", default="50", help="sandbox.long-share: 100 lets long runs stand in a row")
    parser.add_argument("--json", metavar="FILE", help="write the rows")
    parser.add_argument("--plot", metavar="FILE", help="draw them as SVG")
    parser.add_argument("--draw", metavar="FILE", help="measure nothing: draw the rows of FILE")
    options = parser.parse_args()
    if options.draw:
        with open(options.draw) as text:
            rows = json.load(text)
    else:
        if not load.put_first():
            print("not root: figures are those of everything that runs on this machine")
        print("load average %.1f, %d processors, seed %d" % (os.getloadavg()[0], os.cpu_count(), options.seed))
        drawn = random_mixes(options.drawn, options.seed)
        MIXES.update(drawn)
        rows = run_all(options.only.split(";") if options.only else list(drawn or MIXES), options)
    if options.json:
        with open(options.json, "w") as text:
            json.dump(rows, text, indent=1)
    if options.plot:
        with open(options.plot, "w") as text:
            text.write(fairness_plot.svg(rows, load.HOLD_MS))
    bad = [row["mix"] for row in rows if row["problems"]]
    print("verdict: " + ("no: " + ", ".join(bad) if bad else "yes, under every mix"))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
