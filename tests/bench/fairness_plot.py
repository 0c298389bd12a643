# SPDX-License-Identifier: BSD-2-Clause
"""fairness_plot - the victim's p99 under every mix, beside what it may be: one row for each mix."""
import math
from xml.sax.saxutils import escape

WIDTH, LEFT, RIGHT, TOP, ROW = 720, 190, 20, 56, 22
LEAST, MOST = 0.05, 1000.0
KINDS = (("GET", "#0b6e99"), ("EVAL", "#c0392b"))


def place(ms):
    part = math.log10(max(ms, LEAST) / LEAST) / math.log10(MOST / LEAST)
    return LEFT + part * (WIDTH - LEFT - RIGHT)


def words(x, y, text, anchor="start"):
    return "<text x='%.1f' y='%.1f' text-anchor='%s'>%s</text>" % (x, y, anchor, escape(text))


def row_of(y, row):
    yield words(LEFT - 8, y + 4, row["mix"], "end")
    for shift, (kind, colour) in zip((-4, 4), KINDS):
        facts = row[kind]
        solo, mixed, bound = place(facts["solo_p99"]), place(facts["mixed_p99"]), place(facts["bound"])
        yield "<line x1='%.1f' x2='%.1f' y1='%d' y2='%d' stroke='%s'/>" % (solo, mixed, y + shift, y + shift, colour)
        yield "<circle cx='%.1f' cy='%d' r='3' fill='white' stroke='%s'/>" % (solo, y + shift, colour)
        yield "<circle cx='%.1f' cy='%d' r='3.5' fill='%s'/>" % (mixed, y + shift, colour)
        yield "<line x1='%.1f' x2='%.1f' y1='%d' y2='%d' stroke='#222' stroke-width='2'/>" % (bound, bound, y + shift - 4, y + shift + 4)


def svg(rows, hold):
    """Returns the plot of rows {"mix", "GET": {"solo_p99", "mixed_p99", "bound"}, "EVAL": ...}, in ms."""
    height = TOP + ROW * len(rows) + 46
    parts = ["<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 %d %d' width='%d' height='%d' font-family='sans-serif' "
             "font-size='12'>" % (WIDTH, height, WIDTH, height), "<rect width='%d' height='%d' fill='white'/>" % (WIDTH, height),
             "<g font-weight='bold'>%s</g>" % words(16, 20, "p99 of a victim beside abusers; bar: alone + hold (%d ms)" % hold)]
    for number, (kind, colour) in enumerate(KINDS):
        parts.append("<g fill='%s'>%s</g>" % (colour, words(16 + 130 * number, 38, "%s: o alone, ● beside" % kind)))
    bottom = TOP + ROW * len(rows)
    for power in range(-1, 4):
        x = place(10.0 ** power)
        parts.append("<line x1='%.1f' x2='%.1f' y1='%d' y2='%d' stroke='#ddd'/>" % (x, x, TOP - 8, bottom))
        parts.append(words(x, bottom + 16, "%g" % 10.0 ** power, "middle"))
    parts.append(words((LEFT + WIDTH - RIGHT) / 2, bottom + 36, "ms", "middle"))
    for number, row in enumerate(rows):
        parts += row_of(TOP + ROW * number + 4, row)
    return "\n".join(parts + ["</svg>"]) + "\n"
