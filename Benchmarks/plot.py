"""Growth plots as SVG, by hand: two panels side by side, time and memory."""

import math

PANEL, HEIGHT, MARGIN = 400, 300, 60
INK, GRID, LINE = "#333", "#ddd", "#1f5fa8"
STYLE = "font-family='sans-serif' font-size='12'"


def ticks(low, high, logarithmic):
    """Readable positions between low and high: powers of ten (with 2 and 5), or round steps."""
    if logarithmic:
        exponents = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
        found = [m * 10.0**e for e in exponents for m in (1, 2, 5)]
        found = [t for t in found if low * 0.999 <= t <= high * 1.001]
        return found if len(found) <= 8 else [t for t in found if f"{t:e}".startswith("1")]
    rough = (high - low) / 5
    size = 10 ** math.floor(math.log10(rough))
    step = next(size * m for m in (1, 2, 2.5, 5, 10) if size * m >= rough)
    first = math.ceil(low / step - 1e-9)
    return [step * k for k in range(first, math.floor(high / step + 1e-9) + 1)]


def extent(values, logarithmic):
    """The range of an axis: a little more than the values, from 0 where it is linear."""
    if logarithmic:
        return min(values) / 1.3, max(values) * 1.3
    return 0.0, max(values) * 1.08


def scale(value, low, high, logarithmic):
    if logarithmic:
        value, low, high = math.log(value), math.log(low), math.log(high)
    return (value - low) / (high - low)


def text(x, y, words, anchor="middle", weight="normal"):
    return (
        f"<text x='{x:.1f}' y='{y:.1f}' text-anchor='{anchor}' font-weight='{weight}' "
        f"fill='{INK}'>{words}</text>")


def line(x1, y1, x2, y2):
    return f"<line x1='{x1:.1f}' y1='{y1:.1f}' x2='{x2:.1f}' y2='{y2:.1f}' stroke='{GRID}'/>"


def panel(left, title, unit, xs, ys, x_label, log_x, log_y):
    """One plot, its frame at `left`."""
    width, height = PANEL - MARGIN - 20, HEIGHT - 2 * MARGIN
    x_range, y_range = extent(xs, log_x), extent(ys, log_y)

    def at(x, y):
        across = left + MARGIN + width * scale(x, *x_range, log_x)
        return across, HEIGHT - MARGIN - height * scale(y, *y_range, log_y)

    right, top = left + MARGIN + width, MARGIN
    bottom = HEIGHT - MARGIN
    out = [text(left + MARGIN, top - 18, title, "start", "bold")]
    for t in ticks(*y_range, log_y):
        y = at(xs[0], t)[1]
        out += [line(left + MARGIN, y, right, y), text(left + MARGIN - 6, y + 4, f"{t:g}", "end")]
    for t in ticks(*x_range, log_x):
        x = at(t, ys[0])[0]
        out += [line(x, top, x, bottom), text(x, bottom + 18, f"{t:g}")]
    points = [at(x, y) for x, y in zip(xs, ys)]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    out.append(f"<polyline points='{path}' fill='none' stroke='{LINE}' stroke-width='2'/>")
    out += [f"<circle cx='{x:.1f}' cy='{y:.1f}' r='3.5' fill='{LINE}'/>" for x, y in points]
    out.append(text((left + MARGIN + right) / 2, bottom + 40, x_label))
    out.append(text(left + MARGIN, top - 4, unit, "start"))
    return out


def growth_plot(points, title, x_label, per_example, log_x):
    """Time (an example, or in all) and peak memory against x."""
    xs = [p["x"] for p in points]
    times = [p["ms"] if per_example else p["seconds"] for p in points]
    unit = "ms an example" if per_example else "s in all"
    out = [
        f"<svg xmlns='http://www.w3.org/2000/svg' width='{2 * PANEL}' height='{HEIGHT}' {STYLE}>",
        f"<rect width='{2 * PANEL}' height='{HEIGHT}' fill='white'/>",
    ]
    out += panel(0, f"{title}: time", unit, xs, times, x_label, log_x, log_x)
    memory = [p["mebibytes"] for p in points]
    out += panel(PANEL, f"{title}: memory", "MiB at the peak", xs, memory, x_label, log_x, False)
    return "\n".join([*out, "</svg>"]) + "\n"
