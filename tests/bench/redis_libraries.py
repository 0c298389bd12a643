# SPDX-License-Identifier: BSD-2-Clause
"""redis_libraries - cjson, cmsgpack, struct, bit and sha1hex against the server's own, inside the server.

One EVAL runs a function N times, another the same preparation and N times nothing; the difference
of their processor time, of redis-server and its workers, is the function's.  Least of the
rounds; a ratio above 1 means that the module is faster.  Before anything is measured both
servers must give the same result.
"""
from redis_pair import KINDS, processor_ns

SMALL = "local v = {id = 17, name = 'a user', score = 2.5, tags = {'x', 'y'}, on = true} "
LARGE = ("local v = {} for i = 1, 200 do v[i] = {id = i, name = 'user number ' .. i, score = i / 8, "
         "text = string.rep('line \\n', 4), tags = {'red', 'green', i}} end ")
BYTES = "local v = string.rep('%s', %d) "

# name, preparation (makes f and what it is given), what is repeated
CASES = (
    ("cjson.encode small", SMALL + "local f = cjson.encode ", "f(v)"),
    ("cjson.encode large", LARGE + "local f = cjson.encode ", "f(v)"),
    ("cjson.decode small", SMALL + "local f, s = cjson.decode, cjson.encode(v) ", "f(s)"),
    ("cjson.decode large", LARGE + "local f, s = cjson.decode, cjson.encode(v) ", "f(s)"),
    ("cmsgpack.pack small", SMALL + "local f = cmsgpack.pack ", "f(v)"),
    ("cmsgpack.pack large", LARGE + "local f = cmsgpack.pack ", "f(v)"),
    ("cmsgpack.unpack small", SMALL + "local f, s = cmsgpack.unpack, cmsgpack.pack(v) ", "f(s)"),
    ("cmsgpack.unpack large", LARGE + "local f, s = cmsgpack.unpack, cmsgpack.pack(v) ", "f(s)"),
    ("struct.pack small", "local f = struct.pack ", "f('<I4hd', 70000, -5, 2.5)"),
    ("struct.pack large", BYTES % ("x", 4000) + "local f, m = struct.pack, string.rep('I4', 40) .. 's' ",
     "f(m, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, v)"),
    ("struct.unpack small", "local f, s = struct.unpack, struct.pack('<I4hd', 70000, -5, 2.5) ", "f('<I4hd', s)"),
    ("struct.unpack large", BYTES % ("x", 4160) + "local f, m = struct.unpack, string.rep('I4', 40) .. 'c4000' ", "f(m, v)"),
    ("bit.band", "local f = bit.band ", "f(i, 255)"),
    ("bit.bxor, 3 arguments", "local f = bit.bxor ", "f(i, 12345, 255)"),
    ("bit.lshift", "local f = bit.lshift ", "f(i, 3)"),
    ("bit.tohex", "local f = bit.tohex ", "f(i)"),
    ("sha1hex small", BYTES % ("a", 16) + "local f = redis.sha1hex ", "f(v)"),
    ("sha1hex large", BYTES % ("a", 65536) + "local f = redis.sha1hex ", "f(v)"),
)
TARGET_NS = 20e6  # a measured script should take the stock server about this long
MOST = 2000000
# What the result is, whatever the order of a table's keys.
SAME = ("local function flat(x) if type(x) ~= 'table' then return type(x) .. ':' .. tostring(x) end local o = {} "
        "for k, e in pairs(x) do o[#o + 1] = flat(k) .. '=' .. flat(e) end table.sort(o) return '{' .. table.concat(o, ',') .. '}' end "
        "%s local i = 12345 return redis.sha1hex(flat({%s}))")


def looped(before, body, count):
    return "%s for i = 1, %d do %s end" % (before, count, body)


def cost(client, server, before, body, count):
    """Processor nanoseconds of one script with the loop."""
    began = processor_ns(server)
    reply = client.command("EVAL", looped(before, body, count), "0")
    assert reply is None, reply
    return processor_ns(server) - began


def count_for(client, server, before, body):
    """How many repetitions make a script of a good length."""
    count = 10
    while count < MOST:
        took = cost(client, server, before, body, count) - cost(client, server, before, "", count)
        if took > TARGET_NS / 20:
            return min(MOST, max(10, int(count * TARGET_NS / took)))
        count *= 4
    return MOST


def measure(pair, clients, case, rounds):
    name, before, body = case
    results = {clients[kind].command("EVAL", SAME % (before, body), "0") for kind in KINDS}
    if len(results) != 1:
        raise RuntimeError(name + ": the two servers' results differ")
    count = count_for(clients["stock"], pair.servers["stock"], before, body)
    # The same text twice: the first run brings it into the caches.
    for kind in KINDS:
        cost(clients[kind], pair.servers[kind], before, body, count)
    least = {kind: {"full": [], "empty": []} for kind in KINDS}
    for kind, server in pair.turns(rounds):
        least[kind]["full"].append(cost(clients[kind], server, before, body, count))
        least[kind]["empty"].append(cost(clients[kind], server, before, "", count))
    row = {"case": name, "count": count}
    for kind in KINDS:
        row[kind] = max((min(least[kind]["full"]) - min(least[kind]["empty"])) / count, 0.1)
    row["ratio"] = row["stock"] / row["module"]
    return row


def libraries(pair, options):
    rows = []
    with pair.servers["stock"].client() as stock, pair.servers["module"].client() as module:
        for case in CASES:
            if options.case and options.case not in case[0]:
                continue
            rows.append(measure(pair, {"stock": stock, "module": module}, case, options.library_rounds))
            print("  %-24s stock %9.1f ns  module %9.1f ns  ratio %5.2f" % (
                rows[-1]["case"], rows[-1]["stock"], rows[-1]["module"], rows[-1]["ratio"]), flush=True)
    return rows
