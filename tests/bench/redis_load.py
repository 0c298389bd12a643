# SPDX-License-Identifier: BSD-2-Clause
"""redis_load - what clients get: throughput, latencies at equal load, plain GETs.

Throughput is redis-benchmark's: every client sends as soon as it is answered.  Latencies are
bench_pace's: both servers get the same requests at the same moments, at a rate below what
the slower of them can do, so that neither's figures are those of a queue that grows.  They are taken in
many short rounds, and the middle of the rounds' ratios counts: a host that takes a processor away for a
millisecond is in the p99.9 of the rounds that it hits, whoever is measured, and not in the others'.
"""
from redis_pair import KINDS, flood_for, middle, pace, ratios, spread

SHAPES = ((1, 1), (50, 1), (50, 16))  # clients, pipeline
QUANTILES = ("p50", "p99", "p999")
CLIENTS = 50
LOADS = (0.1, 0.4)  # parts of the rate that the slower server reaches in a flood
ROUND_SECONDS = 0.5


def throughput(pair, options):
    rows = []
    for name, words in pair.cases():
        for clients, pipeline in SHAPES:
            samples = pair.sample(options.rounds, lambda server: flood_for(server, clients, pipeline, options.seconds, words))
            rows.append({"case": name, "clients": clients, "pipeline": pipeline, "samples": samples,
                         "stock": max(samples["stock"]), "module": max(samples["module"]),
                         "ratio": max(samples["module"]) / max(samples["stock"]), "median_ratio": middle(ratios(samples))})
            print("  %-16s -c %-2d -P %-2d  stock %8.0f/s  module %8.0f/s  ratio %.2f (median of rounds %.2f)" % (
                name, clients, pipeline, rows[-1]["stock"], rows[-1]["module"], rows[-1]["ratio"], rows[-1]["median_ratio"]), flush=True)
    return rows


def latency_row(name, rate, samples):
    row = {"case": name, "rate": round(rate), "clients": CLIENTS, "samples": samples, "ratio": {}, "quartiles": {}}
    for kind in KINDS:
        row[kind] = {q: middle([s[q] for s in samples[kind] if s]) for q in QUANTILES}
    for q in QUANTILES:
        found = ratios(samples, lambda s, q=q: s[q])
        row["ratio"][q], row["quartiles"][q] = middle(found), spread(found)
    return row


def show_latency(row):
    def cells(values, form):
        return " / ".join(form % values[q] if values[q] is not None else "-" for q in QUANTILES)
    print("  %-16s %6d/s  stock %s us  module %s us  ratio %s, middle half of p99.9's %s" % (
        row["case"], row["rate"], cells(row["stock"], "%.0f"), cells(row["module"], "%.0f"), cells(row["ratio"], "%.2f"),
        " to ".join("%.2f" % value for value in row["quartiles"]["p999"] or [])), flush=True)


def latency(pair, options):
    """Each case at parts of the rate that the slower server reaches in a flood."""
    rows = []
    for name, words in pair.cases():
        floods = pair.sample(2, lambda server: flood_for(server, CLIENTS, 1, 0.2, words))
        for load in LOADS:
            rate = load * min(max(floods[kind]) for kind in KINDS)
            samples = pair.sample(options.latency_rounds, lambda server: pace(server, rate, CLIENTS, ROUND_SECONDS, words))
            rows.append(dict(latency_row(name, rate, samples), load=load))
            show_latency(rows[-1])
    return rows


def plain_get(pair, options):
    """GET beside a module with nothing to do."""
    words = ["GET", "key"]
    samples = pair.sample(options.get_rounds, lambda server: pace(server, options.get_rate, CLIENTS, ROUND_SECONDS, words))
    row = latency_row("plain GET", options.get_rate, samples)
    show_latency(row)
    print("  middle half of the p99 ratios of %d rounds: %.2f to %.2f" % ((options.get_rounds,) + tuple(row["quartiles"]["p99"])))
    return row
