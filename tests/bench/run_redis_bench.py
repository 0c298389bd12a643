#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""run_redis_bench - the module against a stock redis-server, in one run, in turns.

  run_redis_bench.py [--only throughput latency get libraries bullmq] [--rounds 5] [--no-write]

Prints every figure beside the bar it has to reach, if there is one, and writes both to
tests/bench/results/redis-DATE.json and .md.  The load average stands in the head: on a machine that does
other work ratios of one run say something, absolute times do not.  As root it comes before that other work: with
the highest nice value, and where latencies are measured in the real-time class SCHED_RR, since a nice task that is
awakened still waits some ms for another's slice. (Throughput is not measured in that class: it
places tasks on the processors in its own way.)  --as-is asks for nothing.
"""
import argparse
import datetime
import json
import os
import subprocess
import sys

from redis_pair import HERE, KINDS, Pair
import redis_libraries
import redis_load
from run_bench import machine, show_cell

SECTIONS = ("throughput", "latency", "get", "libraries", "bullmq")

# what, where its value is, the bar, whether more is better
BARS = (
    ("EVAL return 1, 50 clients, -P 16: throughput, module / stock",
     lambda r: pick(r, "throughput", case="EVAL return 1", clients=50, pipeline=16)["ratio"], 0.15, True),
    ("EVALSHA 10 GET: p99.9 at 0.1 of the module's flood, module / stock",
     lambda r: pick(r, "latency", case="EVALSHA 10 GET", load=0.1)["ratio"]["p999"], 2.0, False),
    ("EVALSHA 10 GET: p99.9 at 0.4 of it, module / stock",
     lambda r: pick(r, "latency", case="EVALSHA 10 GET", load=0.4)["ratio"]["p999"], 2.0, False),
    ("plain GET: p99, module loaded and idle / stock", lambda r: r["get"]["ratio"]["p99"], 1.03, False),
    ("slowest library function, stock's time / module's", lambda r: min(row["ratio"] for row in r["libraries"]), 1.5, True),
    ("BullMQ, jobs added: module / stock", lambda r: r["bullmq"]["add"]["ratio"], 0.5, True),
    ("BullMQ, jobs processed: module / stock", lambda r: r["bullmq"]["process"]["ratio"], 0.5, True),
)


def pick(results, section, **wanted):
    return next(row for row in results[section] if all(row[key] == value for key, value in wanted.items()))


def judged(results):
    """[what, value, bar, whether it holds] for the bars whose section was run."""
    rows = []
    for what, find, bar, more in BARS:
        try:
            value = find(results)
        except (KeyError, StopIteration):
            continue
        rows.append((what, value, "%s %g" % (">=" if more else "<=", bar), value >= bar if more else value <= bar))
    return rows


# --- Text ---

def table(head, rows):
    return "\n".join("| " + " | ".join(cells) + " |" for cells in [head, ["---"] * len(head)] + rows) + "\n"


def throughput_text(rows):
    return table(["case", "clients", "pipeline", "stock /s", "module /s", "ratio"],
                 [[r["case"], str(r["clients"]), str(r["pipeline"]), "%.0f" % r["stock"], "%.0f" % r["module"], "%.2f" % r["ratio"]] for r in rows])


def latency_text(rows):
    def cells(values, form):
        return " / ".join(show_cell(values[q], form) for q in redis_load.QUANTILES)
    return table(["case", "requests /s", "stock p50 / p99 / p99.9, us", "module, us", "ratio"],
                 [[r["case"], str(r["rate"]), cells(r["stock"], "%.0f"), cells(r["module"], "%.0f"), cells(r["ratio"], "%.2f")] for r in rows])


def libraries_text(rows):
    return table(["function", "stock, ns", "module, ns", "stock / module"],
                 [[r["case"], "%.0f" % r["stock"], "%.0f" % r["module"], "%.2f" % r["ratio"]] for r in rows])


def bullmq_text(found):
    return table(["", "stock", "module", "ratio"],
                 [[what, "%.0f" % row["stock"], "%.0f" % row["module"], "%.2f" % row["ratio"]] for what, row in found.items()])


def get_text(row):
    return latency_text([row])


TEXTS = {"throughput": throughput_text, "latency": latency_text, "get": get_text,
         "libraries": libraries_text, "bullmq": bullmq_text}


def markdown(results):
    parts = ["%(date)s; %(cpu)s, %(cores)d cores; load average %(load)s; %(rounds)d rounds%(without)s\n" % dict(results["machine"], **results,
             without="; without the seal's " + results["avoid"] if results["avoid"] else "")]
    parts += ["## %s\n\n%s" % (section, TEXTS[section](results[section])) for section in SECTIONS if section in results]
    parts.append("## Bars\n\n" + table(["what", "value", "bar", "holds"],
                 [[what, "%.2f" % value, bar, "yes" if holds else "**no**"] for what, value, bar, holds in judged(results)]))
    return "\n".join(parts)


# --- The run ---

def bullmq(options):
    """tests/apps/bench_bullmq.py has its own servers and its own rounds."""
    done = subprocess.run([sys.executable, os.path.join(HERE, "..", "apps", "bench_bullmq.py"), "--json",
                           "--rounds", str(options.rounds)] + ["--argument=" + word for word in arguments_of(options)], stdout=subprocess.PIPE, text=True, check=True)
    found = json.loads(done.stdout)
    for what, row in found.items():
        print("  %-8s stock %8.0f  module %8.0f  ratio %.2f" % (what, row["stock"], row["module"], row["ratio"]))
    return found  # cpu: microseconds of redis-server and its workers, a job


def arguments_of(options):
    return ["avoid=" + options.avoid] if options.avoid else []


def measure(options):
    results = {"date": datetime.datetime.now().strftime("%Y-%m-%d %H:%M"), "machine": machine(),
               "load": open("/proc/loadavg", encoding="ascii").read().split()[0], "rounds": options.rounds, "as_is": options.as_is,
               "avoid": options.avoid}
    steps = {"throughput": redis_load.throughput, "latency": redis_load.latency, "get": redis_load.plain_get,
             "libraries": redis_libraries.libraries}
    for section in options.only:
        print("%s:" % section, flush=True)
        schedule(section, options)
        if section == "bullmq":
            results[section] = bullmq(options)
            continue
        with Pair(arguments_of(options)) as pair:
            results[section] = steps[section](pair, options)
            if not all(pair.servers[kind].alive() for kind in KINDS):
                sys.exit("run_redis_bench: a server did not survive: %s" % section)
    return results


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--only", nargs="+", choices=SECTIONS, default=list(SECTIONS[:4]), help="default: all but bullmq")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.4, help="of a measurement")
    parser.add_argument("--latency-rounds", type=int, default=21)
    parser.add_argument("--get-rounds", type=int, default=41)
    parser.add_argument("--get-rate", type=float, default=20000, help="plain GETs a second")
    parser.add_argument("--library-rounds", type=int, default=7)
    parser.add_argument("--case", help="only library functions whose name contains this")
    parser.add_argument("--avoid", help="steps of the seal that the module shall not take; default: it takes all")
    parser.add_argument("--as-is", action="store_true", help="keep the priority that this was started with")
    parser.add_argument("--results", default=os.path.join(HERE, "results"))
    parser.add_argument("--no-write", action="store_true")
    return parser.parse_args()


def schedule(section, options):
    """What is started from now on comes before the machine's other work, where that is allowed."""
    if options.as_is:
        return
    realtime = section in ("latency", "get")
    try:
        os.sched_setscheduler(0, os.SCHED_RR if realtime else os.SCHED_OTHER, os.sched_param(10 if realtime else 0))
        os.setpriority(os.PRIO_PROCESS, 0, -20)
    except PermissionError:
        print("run_redis_bench: no right to come first; other work will be in the figures", file=sys.stderr)


def main():
    options = parse_options()
    results = measure(options)
    text = markdown(results)
    print("\n" + text)
    if not options.no_write:
        stem = os.path.join(options.results, datetime.datetime.now().strftime("redis-%Y-%m-%d-%H%M"))
        with open(stem + ".json", "w", encoding="utf-8") as file:
            json.dump(results, file, indent=1, sort_keys=True)
            file.write("\n")
        with open(stem + ".md", "w", encoding="utf-8") as file:
            file.write(text)
        print("written: %s.json and .md" % stem)


if __name__ == "__main__":
    main()
