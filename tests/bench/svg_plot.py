# SPDX-License-Identifier: BSD-2-Clause
"""svg_plot - line charts as SVG text, without any package.

A Chart has a logarithmic x axis and a linear y axis from zero (so that flat looks flat), or a
logarithmic one.  Series are (label, [(x, y), ...]).  The same input gives the same bytes.
"""
import math
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 640, 360
LEFT, RIGHT, TOP, BOTTOM = 64, 16, 40, 52
COLOURS = ("#0b6e99", "#c0392b", "#1e8449", "#8e5fb0", "#b7791f")
STEPS = (1, 2, 2.5, 5, 10)


def nice_ticks(most, wanted=5):
    """Round numbers from 0 to the first one at or above `most`."""
    raw = most / wanted
    power = 10 ** math.floor(math.log10(raw))
    step = next(s * power for s in STEPS if s * power >= raw * 0.999)
    return [i * step for i in range(int(math.ceil(most / step * 0.999)) + 1)]


def powers(low, high):
    return [10.0 ** p for p in range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)]


def short(value):
    for size, suffix in ((1e6, "M"), (1e3, "k")):
        if value >= size:
            return "%g%s" % (value / size, suffix)
    return "%g" % value


class Chart:
    def __init__(self, title, x_label, y_label, series, log_y=False):
        self.title, self.x_label, self.y_label, self.series, self.log_y = title, x_label, y_label, series, log_y
        xs = [x for _, points in series for x, _ in points]
        ys = [y for _, points in series for _, y in points]
        self.x_range = (math.log10(min(xs)), math.log10(max(xs)))
        self.y_ticks = powers(min(ys), max(ys)) if log_y else nice_ticks(max(ys))
        self.x_ticks = sorted(set(xs))

    def place_x(self, x):
        low, high = self.x_range
        part = (math.log10(x) - low) / (high - low) if high > low else 0.5
        return LEFT + part * (WIDTH - LEFT - RIGHT)

    def place_y(self, y):
        if self.log_y:
            low, high = math.log10(self.y_ticks[0]), math.log10(self.y_ticks[-1])
            part = (math.log10(y) - low) / (high - low)
        else:
            part = y / self.y_ticks[-1]
        return HEIGHT - BOTTOM - part * (HEIGHT - TOP - BOTTOM)

    def axes(self):
        for y in self.y_ticks:
            at = self.place_y(y)
            yield "<line x1='%d' x2='%d' y1='%.1f' y2='%.1f' stroke='#ddd'/>" % (LEFT, WIDTH - RIGHT, at, at)
            yield text(LEFT - 6, at + 4, short(y), "end")
        for x in self.x_ticks:
            at = self.place_x(x)
            yield "<line x1='%.1f' x2='%.1f' y1='%d' y2='%d' stroke='#eee'/>" % (at, at, TOP, HEIGHT - BOTTOM)
            yield text(at, HEIGHT - BOTTOM + 16, short(x), "middle")
        yield text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 14, self.x_label, "middle")
        yield "<g transform='rotate(-90 16 %d)'>%s</g>" % (HEIGHT // 2, text(16, HEIGHT / 2, self.y_label, "middle"))
        yield "<g font-weight='bold'>%s</g>" % text(LEFT, 22, self.title, "start")

    def lines(self):
        for number, (label, points) in enumerate(self.series):
            colour = COLOURS[number % len(COLOURS)]
            places = [(self.place_x(x), self.place_y(y)) for x, y in sorted(points)]
            yield "<polyline fill='none' stroke='%s' stroke-width='2' points='%s'/>" % (
                colour, " ".join("%.1f,%.1f" % place for place in places))
            for x, y in places:
                yield "<circle cx='%.1f' cy='%.1f' r='3' fill='%s'/>" % (x, y, colour)
            yield "<g fill='%s'>%s</g>" % (colour, text(WIDTH - RIGHT, TOP - 4 + 15 * number, label, "end"))

    def svg(self):
        head = ("<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 %d %d' width='%d' height='%d' "
                "font-family='sans-serif' font-size='12'>" % (WIDTH, HEIGHT, WIDTH, HEIGHT))
        ground = "<rect width='%d' height='%d' fill='white'/>" % (WIDTH, HEIGHT)
        return "\n".join([head, ground, *self.axes(), *self.lines(), "</svg>"]) + "\n"


def text(x, y, words, anchor):
    return "<text x='%.1f' y='%.1f' text-anchor='%s'>%s</text>" % (x, y, anchor, escape(words))
