#!/usr/bin/env python3
"""Audits a report of certify: derives every claim once more, in exact arithmetic, from its proofs.

    certify MODEL --eps 0.1 --data IMAGES -o report.json --proofs report.proofs
    certify convert MODEL -o net.json
    python3 audit.py report.json --net net.json --data IMAGES --proofs report.proofs

For a reader who trusts nobody: the standard library, one file, to be read from top to bottom. Networks
of dense and conv2d layers with ReLUs between them, IDX data, balls in linf, arithmetic real or
float32. Prints 'valid' or the first place that fails; ends with 0 or 1.

The network computes zhat_0 = W_0 x + b_0, z_i = max(zhat_i, 0), zhat_{i+1} = W_{i+1} z_i + b_{i+1}. What has
to be shown is a lower bound of a row c' zhat over a ball of inputs. Going down from c, each zhat is
replaced by W z + b, and each z by a line in zhat below or above it, whichever the sign of its
coefficient asks for. *Any* line that is below or above the ReLU between the unit's bounds gives a bound: so
nothing in the file of proofs is believed, and nothing in it can do harm. It only says which lines to take.

Numbers. Weights are binary, so a row is a list of integers over a power of two: exact. Slopes and
multipliers are cut to 2^-64, which is harmless, as any slope in [0, 1] and any multiplier >= 0 is a proof.
Bounds of units are rounded outward to 2^-128. The ball's ends are fractions. There is no tolerance.

float32 is the network as deployed: every operation rounded to binary32, sums in any order, fused or
not, inputs rounded. A sum of n products and an offset has at most n + 1 roundings on any way through it, so
it errs by at most g (|W| |z| + |b|), g = m u / (1 - m u), m = n + 1, u = 2^-24 (Higham 2002, section 3.1), and by
2^-149 for each rounding that underflows. Bounds of units are bounds of what is computed; a row that
goes down through a layer pays its errors times its coefficients: the layer's "price".
"""

import argparse
import decimal
import gzip
import hashlib
import json
import math
import struct
import sys
import zlib
from collections import defaultdict
from fractions import Fraction

FINE, GRID = 64, 128  # slopes and multipliers are in units of 2^-FINE, bounds in units of 2^-GRID
ONE = 1 << FINE
UNIT, TINY = Fraction(1, 1 << 24), Fraction(1, 1 << 149)  # binary32
ROOM = 1 << 125  # what every number of a deployed network stays below: nothing overflows


class Fault(Exception):
    """The first place at which something is wrong."""


def down(x):
    return math.floor(x * (1 << GRID))


def up(x):
    return math.ceil(x * (1 << GRID))


def shown(x):
    return float(x)


def narrow(x):
    """The nearest number of binary32 (of a binary64)."""
    return struct.unpack("f", struct.pack("f", x))[0]


def on_grid(x):
    return Fraction(x, 1 << GRID)


def check(holds, place, words):
    if not holds:
        raise Fault(f"{place}: {words}" if place else words)


# ---- The files ----------------------------------------------------------------------------------------


def read_bytes(path):
    with open(path, "rb") as file:
        return file.read()


def idx(data):
    """An IDX file's shape and numbers."""
    data = gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
    form = {8: "B", 9: "b", 11: "h", 12: "i", 13: "f", 14: "d"}[data[2]]
    shape = struct.unpack_from(f">{data[3]}I", data, 4)
    return shape, struct.unpack_from(f">{math.prod(shape)}{form}", data, 4 + 4 * data[3])


class Layer:
    """zhat = W z + b. W and b are integers over 2^bits; taps has for each output its (input, weight)."""

    def __init__(self, taps, bias, inputs):
        numbers = {w for row in taps for _, w in row} | set(bias)
        self.bits = max(x.as_integer_ratio()[1].bit_length() - 1 for x in numbers)
        whole = {x: int(Fraction(x) * (1 << self.bits)) for x in numbers}
        self.taps = [[(i, whole[w]) for i, w in row if w] for row in taps]
        self.bias, self.inputs = [whole[x] for x in bias], inputs
        self.isNarrow = all(narrow(x) == x for x in numbers)


def flat(nested):
    return [x for row in nested for x in flat(row)] if isinstance(nested, list) else [nested]


def read_network(path):
    """The layers between ReLUs, and the same network as the bytes by whose digest proofs name it."""
    net = json.loads(read_bytes(path), parse_int=float)
    isNarrow = net.get("dtype") == "float32"
    shape, layers, stages, behind = [int(x) for x in net["input"]["shape"]], [], b"", True
    inputs = math.prod(shape)
    for layer in net["layers"]:
        kind = layer["type"]
        check(kind in ("dense", "conv2d", "relu", "flatten"), path, f"{kind} is not audited here")
        if kind == "flatten":
            shape = [math.prod(shape)]
            continue
        check(behind == (kind != "relu"), path, "two layers in a row without a relu, or two of these")
        behind = kind == "relu"
        if behind:
            continue
        weights = flat(layer["weights"])
        bias = flat(layer.get("bias", [0.0] * len(layer["weights"])))
        if isNarrow:
            weights, bias = ([narrow(x) for x in a] for a in (weights, bias))
        if kind == "dense":
            n = math.prod(shape)
            taps = [list(enumerate(weights[j * n:(j + 1) * n])) for j in range(len(bias))]
            stages += statement(n, len(bias), b"\0", weights, bias)
            layers.append(Layer(taps, bias, n))
            shape = [len(bias)]
        else:
            n, taps, offsets, facts, shape = convolution(layer, weights, bias, shape)
            stages += statement(n, len(offsets), b"\1" + b"".join(map(count, facts)), weights, bias)
            layers.append(Layer(taps, offsets, n))
    check(not behind, path, "a network that ends in a relu is not audited here")
    return layers, count(inputs) + b"\1" + count(len(layers)) + stages


def convolution(layer, weights, bias, shape):
    """A convolution written out as the sparse matrix that it is."""
    def pair(key, default):
        value = layer.get(key, default)
        return [int(x) for x in (value if isinstance(value, list) else [value] * 2)]

    (channels, height, width), outputs = shape, len(bias)
    (sy, sx), (py, px), (dy, dx) = pair("stride", 1), pair("padding", 0), pair("dilation", 1)
    kernel, groups = layer["weights"][0], int(layer.get("groups", 1))
    depth, ky, kx = len(kernel), len(kernel[0]), len(kernel[0][0])
    rows = (height + 2 * py - dy * (ky - 1) - 1) // sy + 1
    columns = (width + 2 * px - dx * (kx - 1) - 1) // sx + 1
    taps = []
    for o in range(outputs):
        first = o // (outputs // groups) * depth
        for y in range(rows):
            for x in range(columns):
                taps.append([
                    (((first + c) * height + v) * width + h, weights[((o * depth + c) * ky + j) * kx + k])
                    for c in range(depth) for j in range(ky) for k in range(kx)
                    if 0 <= (v := y * sy - py + j * dy) < height and 0 <= (h := x * sx - px + k * dx) < width])
    facts = [channels, height, width, outputs, rows, columns, ky, kx, sy, sx, py, px, dy, dx, groups]
    offsets = [x for x in bias for _ in range(rows * columns)]
    return channels * height * width, taps, offsets, facts, [outputs, rows, columns]


def count(value):
    return (bytes([value & 127 | 128]) + count(value >> 7)) if value > 127 else bytes([value])


def statement(inputs, outputs, kind, *arrays):
    """One operator as a file of proofs states it (certify-proofs(5)): plain, with nothing rounded."""
    text = b"\1" + count(inputs) + count(outputs) + kind
    for numbers in arrays:
        form = "f" if all(narrow(x) == x for x in numbers) else "d"
        text += count(len(numbers)) + (b"\4" if form == "f" else b"\x08") + struct.pack(f"<{len(numbers)}{form}", *numbers)
    return text + struct.pack("<3d4B2dBd", 0, 0, 0, 0, 0, 0, 0, 0, math.inf, 0, math.inf)


class Bytes:
    """The values of one part of a file of proofs."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def byte(self):
        self.at += 1
        return self.data[self.at - 1]

    def number(self):
        self.at += 8
        (value,) = struct.unpack_from("<d", self.data, self.at - 8)
        check(math.isfinite(value), "the proofs", f"{value} where a number is expected")
        return Fraction(value)

    def count(self):
        low = self.byte()
        return low if low < 128 else (low & 127) + (self.count() << 7)

    def many(self, read):
        return [read() for _ in range(self.count())]

    def increasing(self):
        units, last = [], -1
        for _ in range(self.count()):
            last += self.count()
            units.append(last)
        return units

    def lines(self):
        return self.many(lambda: {i: Fraction(1) if self.byte() == 1 else self.number() for i in self.increasing()})

    def split(self):
        return (self.count(), self.count()), self.byte() == 1, self.number()

    def guide(self):
        weight, kind = self.number(), self.byte()
        target = (self.count(), self.count(), 1 if kind == 1 else -1) if kind else None
        return weight, target, self.many(self.split), self.lines()

    def layer(self):
        if self.byte() == 0:
            return None
        units = self.increasing()
        return units, [self.number() for _ in units], [self.number() for _ in units]

    def relaxation(self):
        kind, parent, rival, rows = self.byte(), None, None, []
        if kind == 1:
            parent = self.count()
            rows = self.many(lambda: (self.count(), self.count(), self.byte() == 1, self.lines()))
        elif kind == 2:
            parent, rival, rows = self.count(), self.count(), self.many(self.guide)
        return kind, parent, rival, rows, self.many(self.layer)

    def example(self):
        p = {"key": (self.count(), self.count()), "radius": self.number() if self.byte() else None}
        p["class"], p["relaxations"] = self.count(), self.many(self.relaxation)
        p["margins"] = self.many(lambda: (self.count(), self.count(), self.lines() if self.byte() else None))
        p["searched"] = self.many(lambda: (self.count(), self.count(), self.many(self.guide)))
        p["point"] = None
        if self.byte():
            winner, length, size = self.count(), self.count(), self.byte()
            p["point"] = winner, struct.unpack_from(f"<{length}{'f' if size == 4 else 'd'}", self.data, self.at)
            self.at += length * size
        check(self.at == len(self.data), "the proofs", "bytes behind an example")
        return p


def read_proofs(path):
    """The head as a dictionary, the chain's bytes, and the proofs by (example, epsilon's place)."""
    data, at, parts = read_bytes(path), 17, []
    check(data[:17] == b"certify proofs 1\n", f"{path}: byte 0", "something else; expected proofs of certify, version 1")
    try:
        while not parts or parts[-1][0] != b"ENDS":
            (length,) = struct.unpack_from("<Q", data, at + 4)
            (total,) = struct.unpack_from("<I", data, at + 12 + length)
            check(zlib.crc32(data[at:at + 12 + length]) == total, f"{path}: byte {at}",
                  "a part whose sum is another one; expected one as it was written: it is damaged")
            parts.append((data[at:at + 4], data[at + 12:at + 12 + length]))
            at += 16 + length
        examples = [Bytes(payload).example() for name, payload in parts[2:-1]]
        stated = Bytes(parts[-1][1]).count()
    except (struct.error, IndexError):
        raise Fault(f"{path}: byte {at}: the end of the file; expected part ENDS: it was cut short")
    names = [name for name, _ in parts]
    check(names == [b"HEAD", b"CHAI"] + [b"EXAM"] * len(examples) + [b"ENDS"] and at == len(data)
          and stated == len(examples), path, f"{len(examples)} examples; expected {stated}, as the end says")
    head = defaultdict(list)
    for line in parts[0][1].decode().splitlines():
        head[line.partition(" ")[0]].append(line.partition(" ")[2])
    proofs = defaultdict(list)
    for proof in examples:
        proofs[proof["key"]].append(proof)
    return head, parts[1][1], proofs


# ---- The bounds ---------------------------------------------------------------------------------------


class Bounds:
    """Bounds of the units of each layer, in units of 2^-GRID, and what a row pays at each of its layers."""

    def __init__(self, ends, below=None, layers=0, rival=None):
        self.ends, self.rival, self.isEmpty = ends, rival, False
        self.low, self.high, self.slope, self.price = (
            list(x[:layers]) if below else []
            for x in ((below.low, below.high, below.slope, below.price) if below else [()] * 4))

    def add(self, low, high):
        self.low.append(low)
        self.high.append(high)
        self.slope.append([(u << FINE) // (u - l) if l < 0 < u else 0 for l, u in zip(low, high)])


class Auditor:
    """Derives what one question's verdicts rest on."""

    def __init__(self, layers, options):
        self.layers, self.hidden, self.classes = layers, len(layers) - 1, len(layers[-1].bias)
        self.epsilon = Fraction(options["epsilon"]["text"])
        self.isDeployed = options["arithmetic"] == "float32"
        self.everyRow = options["rows"] == "all"
        clip = options["clip"]
        self.domain = clip and tuple(Fraction(clip[end]["text"]) for end in ("lower", "upper"))
        check(options["norm"] == "linf" and options["decision"] == "argmax" and not options["epsilon_file"],
              "options", "only --norm linf, --decision argmax and --eps are audited here")
        check(options["arithmetic"] in ("real", "float32"), "options", "only real and float32 are audited here")
        check(not self.isDeployed or all(layer.isNarrow for layer in layers),
              "the network", "numbers that are none of binary32 are not audited here as deployed")

    def ball(self, centre, radius):
        """The ends of every feature. A deployed network may take any number of its type within radius and
        the rounding of value, radius and sum: rho = 2 u (|x| + radius) + 2^-149 (certify(1), --norm)."""
        ends = []
        for x in centre:
            rho = 2 * UNIT * (abs(x) + radius) + TINY if self.isDeployed else 0
            low, high = x - radius - rho, x + radius + rho
            if self.domain:
                least, most = self.domain
                if self.isDeployed:  # the domain's ends are rounded, where they are none of the type
                    least, most = (e + s * (2 * UNIT * abs(e) + TINY if narrow(e) != e else 0) for e, s in ((least, -1), (most, 1)))
                low, high = max(low, min(least, x)), min(high, max(most, x))
            ends.append((low, high))
        return ends

    def forward(self, bounds, index):
        """Interval bounds of a layer's outputs from those of its inputs; sets the layer's price."""
        layer, bits = self.layers[index], self.layers[index].bits
        if index == 0:
            low, high = [down(l) for l, _ in bounds.ends], [up(u) for _, u in bounds.ends]
        else:
            low, high = ([max(x, 0) for x in side[index - 1]] for side in (bounds.low, bounds.high))
        size = [max(abs(l), abs(u)) for l, u in zip(low, high)]
        lower, upper, price = [], [], []
        for j, (taps, b) in enumerate(zip(layer.taps, layer.bias)):
            cost = 0
            if self.isDeployed:
                steps = len(taps) + 1
                whole = sum(abs(w) * size[i] for i, w in taps) + (abs(b) << GRID)
                cost = -(-whole * steps // ((1 << 24) - steps << bits)) + up(steps * TINY)
                check((whole >> bits) + cost < ROOM << GRID, f"layer {index + 1}",
                      "values may overflow, so that nothing is known")
            price.append(cost)
            least = sum(w * (low[i] if w > 0 else high[i]) for i, w in taps) + (b << GRID)
            most = sum(w * (high[i] if w > 0 else low[i]) for i, w in taps) + (b << GRID)
            lower.append((least >> bits) - cost)
            upper.append(-(-most >> bits) + cost)
        bounds.price.append(price)
        return lower, upper

    def row(self, bounds, top, start, lines=None, sides={}, target=None):
        """A lower bound of start' zhat of layer `top`: in exact arithmetic, and what deployment takes off.

        start: {unit: integer / 2^FINE}. lines: for each layer {unit: slope} of lines below ReLUs, or None for
        those of the lines above. sides: {(layer, unit): (is active, multiplier)}: there sigma zhat >= 0, so
        that zhat is z or z is 0, and multiplier sigma zhat >= 0 may be taken off the row."""
        factors, scale, total, price = start, FINE, Fraction(0), Fraction(0)
        for index in range(top, -1, -1):
            layer, below = self.layers[index], defaultdict(int)
            offset = sum(f * layer.bias[j] for j, f in factors.items())
            total += Fraction(offset, 1 << scale + layer.bits)
            price += Fraction(sum(abs(f) * bounds.price[index][j] for j, f in factors.items()), 1 << scale + GRID)
            for j, f in factors.items():
                if f:
                    for i, w in layer.taps[j]:
                        below[i] += f * w
            scale += layer.bits
            if index == 0:
                break
            factors, rest = {}, 0
            low, high, slope = bounds.low[index - 1], bounds.high[index - 1], bounds.slope[index - 1]
            for i, m in below.items():
                l, u = low[i], high[i]
                if (index - 1, i) in sides or u <= 0:
                    continue
                if l >= 0:  # z = zhat
                    factors[i] = m << FINE
                elif m > 0:  # z >= a zhat for any a in [0, 1]
                    factors[i] = m * (slope[i] if lines is None else lines[index - 1].get(i, 0))
                elif m < 0:  # z <= s zhat + t, where t must reach 0 at l and u at u
                    factors[i] = m * slope[i]
                    rest += m * max(-slope[i] * l, (ONE - slope[i]) * u)
            for (place, i), (isActive, multiplier) in sides.items():
                if place == index - 1:
                    factors[i] = (below[i] << FINE) - (multiplier << scale) if isActive else multiplier << scale
            total += Fraction(rest, 1 << scale + FINE + GRID)
            scale += FINE
            if target and target[0] == index - 1:
                factors[target[1]] = factors.get(target[1], 0) + (target[2] << scale)
        ends = bounds.ends
        if self.common[0] is not ends:  # the ball's ends over one denominator
            denominator = math.lcm(*(x.denominator for pair in ends for x in pair))
            self.common = ends, denominator, [(int(l * denominator), int(u * denominator)) for l, u in ends]
        _, denominator, whole = self.common
        least = sum(m * whole[i][0 if m > 0 else 1] for i, m in below.items())
        total += Fraction(least, denominator << scale)
        return total, price

    common = (None,)

    def algorithm1(self, ends, claimed=None):
        """Intervals, and rows with parallel slopes for the units that they leave open."""
        bounds = Bounds(ends)
        check(claimed is None or len(claimed) == self.hidden, "", f"{len(claimed or [])} layers claimed; expected {self.hidden}")
        for index in range(self.hidden):
            low, high = self.forward(bounds, index)
            for j in range(len(low)):
                if self.everyRow or low[j] < 0 < high[j]:
                    low[j] = max(low[j], self.end(bounds, index, {j: ONE}))
                    high[j] = min(high[j], -self.end(bounds, index, {j: -ONE}))
            if claimed:
                check(claimed[index] is not None, f"layer {index + 1}", "no bounds; expected those of every layer")
                self.hold(claimed[index], index, low, high)
            bounds.add(low, high)
        self.forward(bounds, self.hidden)
        return bounds

    def end(self, bounds, index, start, *choices):
        lower, price = self.row(bounds, index, start, *choices)
        return down(lower - price)

    def hold(self, claimed, index, low, high):
        """Claims are looser than what is derived, and take its place; all other units are stable."""
        units, lower, upper = claimed
        for unit in units:
            check(unit < len(low), f"layer {index + 1}", f"unit {unit} named; expected units of the layer in order, each once")
        claims = {unit: (l, u) for unit, l, u in zip(units, lower, upper)}
        check(len(claims) == len(units), f"layer {index + 1}", "a unit named twice; expected units of the layer in order, each once")
        for j, (l, u) in enumerate(zip(low, high)):
            place = f"layer {index + 1}, unit {j}"
            if j not in claims:
                check(l >= 0 or u <= 0, place, f"claimed to be stable, [{shown(on_grid(l))}, {shown(on_grid(u))}] derived")
                continue
            least, most = claims[j]
            check(least <= on_grid(l), place, f"lower bound {shown(least)} claimed, {shown(on_grid(l))} derived")
            check(most >= on_grid(u), place, f"upper bound {shown(most)} claimed, {shown(on_grid(u))} derived")
            low[j], high[j] = down(least), up(most)

    def slopes(self, lines, layers):
        for index, line in enumerate(lines):
            check(not line or index < layers, f"layer {index + 1}", "slopes of a layer above the row")
            for unit, slope in line.items():
                self.checkUnit(index, unit)
                check(0 <= slope <= 1, f"layer {index + 1}, unit {unit}", f"slope {shown(slope)}; expected 0 to 1")
        cut = [{unit: math.floor(slope * ONE) for unit, slope in line.items()} for line in lines]
        return cut + [{}] * (layers - len(cut))

    def checkUnit(self, index, unit):
        check(index < self.hidden and unit < len(self.layers[index].bias), f"layer {index + 1}",
              f"unit {unit} named; expected units of the layer in order, each once")

    def guided(self, guide, bounds, own, rival):
        """The lower end of weight (zhat_own - zhat_rival), plus or less a unit, on the part behind the splits."""
        weight, target, splits, lines = guide
        slopes, sides = self.slopes(lines, self.hidden), {}
        for unit, isActive, multiplier in splits:
            self.checkUnit(*unit)
            place = f"layer {unit[0] + 1}, unit {unit[1]}"
            check(multiplier >= 0, place, f"multiplier {shown(multiplier)}; expected a number of at least 0")
            check(unit not in sides, place, "split twice on the way to one part")
            sides[unit] = isActive, math.floor(multiplier * ONE)
        check(weight >= 0, "", f"weight {shown(weight)} of a margin; expected a number of at least 0")
        if target:
            self.checkUnit(*target[:2])
        cut = math.floor(weight * ONE)
        lower, price = self.row(bounds, self.hidden, {own: cut, rival: -cut}, slopes, sides, target)
        return lower - price

    def relaxations(self, proof, ends):
        """A proof's relaxations, one after the other, each held to its claims."""
        made = []
        for kind, number, rival, rows, claimed in proof["relaxations"]:
            if kind == 0:
                made.append(self.algorithm1(ends, claimed))
                continue
            place = f"relaxation {len(made)}"
            check(kind < 3 and number < len(made) and not made[number].isEmpty, place, f"made of relaxation {number}, which is not known")
            parent, found = made[number], defaultdict(list)
            if kind == 2:
                # Where the rival does not lose, weight (zhat_own - zhat_rival) <= 0: what the row leaves for
                # the unit is a bound on that part of the ball, and good against that rival alone.
                check(parent.rival in (None, rival) and rival != proof["class"] and rival < self.classes,
                      place, f"holds for rival {rival}, and stands on another's")
                for row in rows:
                    check(row[1] and not row[2], place, "a row that bounds no unit, or only behind a split")
                    index, unit, sign = row[1]
                    found[index].append((unit, sign, down(self.guided(row, parent, proof["class"], rival))))
            for row in rows if kind == 1 else ():
                self.checkUnit(*row[:2])
            made.append(self.derive(parent, rival if kind == 2 else parent.rival, claimed, rows if kind == 1 else (), found))
        return made

    def derive(self, parent, rival, claimed, rows, found):
        """The parent's bounds, cut by intervals and by rows, from the first layer that differs."""
        start = next((i for i, layer in enumerate(claimed) if layer is not None), len(claimed))
        check(len(claimed) <= self.hidden, "", f"{len(claimed)} layers claimed; expected {self.hidden}")
        bounds = Bounds(parent.ends, parent, start, rival)
        for index in range(start, self.hidden):
            low, high = self.forward(bounds, index)
            low = [max(x, y) for x, y in zip(low, parent.low[index])]
            high = [min(x, y) for x, y in zip(high, parent.high[index])]
            for _, unit, isUpper, lines in (row for row in rows if row[0] == index):
                sign = -1 if isUpper else 1
                end = self.end(bounds, index, {unit: sign * ONE}, self.slopes(lines, index))
                found[index].append((unit, sign, end))
            for unit, sign, end in found[index]:
                if sign > 0:
                    low[unit] = max(low[unit], end)
                else:
                    high[unit] = min(high[unit], -end)
            if rival is not None and any(l > u for l, u in zip(low, high)):
                bounds.isEmpty = True  # there is no such part of the ball
                return bounds
            check(index < len(claimed), f"layer {index + 1}", "claimed to contradict itself, and does not")
            if claimed[index] is not None:
                self.hold(claimed[index], index, low, high)
            bounds.add(low, high)
        self.forward(bounds, self.hidden)
        return bounds

    def margin(self, bounds, own, rival, lines=None):
        return self.row(bounds, self.hidden, {own: ONE, rival: -ONE}, lines)

    # ---- The verdicts ---------------------------------------------------------------------------------

    def rows(self, own, radius, centre, proof):
        """For each class the best lower ends of its margin, exact and deployed; the classes searched."""
        ends, best, searched = self.ball(centre, radius), {}, set()
        if proof is None:
            bounds = self.algorithm1(ends)
            found = [(rival, self.margin(bounds, own, rival)) for rival in range(self.classes) if rival != own]
            return {rival: (lower, lower - price) for rival, (lower, price) in found}, searched
        made = self.relaxations(proof, ends)
        for rival, number, lines in proof["margins"]:
            place = f"margin against class {rival}"
            check(rival < self.classes and rival != own and number < len(made), place, "names a class or a relaxation that is not there")
            check(made[number].rival is None, place, "stands on bounds of a part of the ball")
            slopes = None if lines is None else self.slopes(lines, self.hidden)
            lower, price = self.margin(made[number], own, rival, slopes)
            known = best.get(rival, (lower, lower - price))
            best[rival] = max(known[0], lower), max(known[1], lower - price)
        for rival, number, leaves in proof["searched"]:
            place = f"search against class {rival}"
            check(rival < self.classes and rival != own and number < len(made), place, "names a class or a relaxation that is not there")
            check(made[number].rival in (None, rival), place, "stands on bounds that hold for another class")
            searched.add(rival)
            if made[number].isEmpty:
                continue
            for index, leaf in enumerate(leaves):
                check(leaf[0] == 1 and leaf[1] is None, f"{place}, leaf {index}", "bounds something else than the margin")
                end = self.guided(leaf, made[number], own, rival)
                check(end > 0, f"{place}, leaf {index}", f"a margin above 0 claimed, {shown(end)} derived")
            self.cover([{unit: side for unit, side, _ in splits} for _, _, splits, _ in leaves], [], place)
        return best, searched

    def cover(self, parts, path, place):
        """Every point lies on one side of a unit or on both: so both sides have to be covered."""
        words = (f"layer {layer + 1} unit {unit} {'>=' if side else '<='} 0" for (layer, unit), side in path)
        check(parts, place, "no leaf covers the part with " + ", ".join(words))
        if all(parts):
            unit = next(iter(parts[0]))
            for side in (True, False):
                inside = [{k: v for k, v in part.items() if k != unit} for part in parts if part.get(unit, side) == side]
                self.cover(inside, path + [(unit, side)], place)

    def loses(self, own, radius, centre, proof, words, place=""):
        best, searched = self.rows(own, radius, centre, proof)
        for rival in range(self.classes):
            if rival != own and rival not in searched:
                found = best.get(rival)
                check(found and found[1] > 0, place, words.format(shown(found[1]) if found else "nothing", rival))

    def audit(self, claim, centre, proofs, withRadius):
        own, classes, verdict = claim["specification_class"], range(self.classes), claim["verdict"]
        label, prediction, margins = claim["label"], claim["prediction"], claim["margins"]
        check(own in classes and prediction in classes and (label is None or label in classes)
              and len(margins) == len(classes), "", "names a class that the network does not have")
        check(own == (prediction if label is None else label), "", f"margins of class {own}; expected the label's")
        check(verdict != "certified" or prediction == own, "", f"certified, and predicted to be class {prediction}")
        proof = next((p for p in proofs if p["radius"] is None and p["class"] == own), None)
        check(proof, "", f"no proof for class {own} in the file")
        best, searched = self.rows(own, self.epsilon, centre, proof)
        for rival in classes:
            if rival != own and margins[rival] is not None:
                found = best.get(rival)
                check(found and margins[rival] <= found[1], f"margin against class {rival}",
                      f"{shown(margins[rival])} claimed, {shown(found[1]) if found else 'nothing'} derived")
        for name, end in (("margin", 1), ("margin_real", 0)):
            if claim[name] is not None:
                found = min(pair[end] for pair in best.values()) if len(best) == len(classes) - 1 else None
                check(found is not None and claim[name] <= found, f"smallest {name}",
                      f"{shown(claim[name])} claimed, {'nothing' if found is None else shown(found)} derived")
        if claim["robust_loss"] is not None:
            least = loss([pair[1] for pair in best.values()]) if len(best) == len(classes) - 1 else math.inf
            check(claim["robust_loss"] >= least, "robust_loss", f"{shown(claim['robust_loss'])} claimed, at least {shown(least)} derived")
        isProved = all(j == own or j in searched or j in best and best[j][1] > 0 for j in classes)
        radius = claim["radius"]
        if radius is not None and (withRadius or verdict == "certified" and not isProved):
            larger = next((p for p in proofs if p["radius"] is not None), None)
            check(larger is None or larger["radius"] >= radius and larger["class"] == prediction, "radius",
                  f"{shown(radius)} claimed, and a proof of another radius or class")
            self.loses(prediction, larger["radius"] if larger else Fraction(radius), centre, larger,
                       f"{shown(radius)} claimed, {{}} derived as the margin against class {{}}", "radius")
            isProved = isProved or radius >= self.epsilon and prediction == own
        check(verdict in ("certified", "misclassified", "falsified", "unknown"), "", f"verdict {verdict}")
        if verdict == "certified":
            check(isProved, "", "certified claimed, and not every class derived to lose")
        elif verdict == "misclassified":
            check(label is not None, "", "misclassified, without a label")
            bounds = self.algorithm1(self.ball(centre, Fraction(0)))
            ends = [(j, lower - price) for j in classes if j != label for lower, price in [self.margin(bounds, j, label)]]
            check(any(end > 0 or end == 0 and j < label for j, end in ends), "",
                  "misclassified claimed, and no class derived to win at the example")
        elif verdict == "falsified":
            self.checkPoint(claim, centre, next((p["point"] for p in proofs if p["point"]), None))
        if claim.get("detection") == "cleared" and (prediction != own or not isProved):
            proof = next((p for p in proofs if p["radius"] is None and p["class"] == prediction), None)
            self.loses(prediction, self.epsilon, centre, proof, "cleared claimed, and {} derived against class {}", "detection")

    def checkPoint(self, claim, centre, point):
        place, found, distance, where = "counterexample", claim["attack"]["counterexample"] or {}, Fraction(0), []
        check(point, place, "no point in the file")
        winner, values = point
        check(len(values) == len(centre), place, f"the point has {len(values)} features; expected {len(centre)}")
        for i, (value, x) in enumerate(zip(values, centre)):
            check(math.isfinite(value), place, f"feature {i} of the point is {value}")
            # A feature at rest is the data's exact value, of which the file has the nearest number.
            rests = value == (narrow(x) if self.isDeployed else float(x))
            where.append(x if rests and not self.isDeployed else Fraction(value))
            if rests:
                continue
            inside = not self.domain or min(self.domain[0], x) <= value <= max(self.domain[1], x)
            check(inside, place, f"feature {i} of the point is {value}, outside the domain")
            isNumber = not self.isDeployed or narrow(value) == value
            check(isNumber, place, f"feature {i} of the point is {value}, no number of the deployed type")
            distance = max(distance, abs(Fraction(value) - x))
        check(distance <= self.epsilon, place, f"the point is {shown(distance)} away; expected at most {shown(self.epsilon)}")
        claimed = found.get("distance")
        check(claimed is None or distance <= claimed, place, f"a distance of {shown(claimed or 0)} claimed, {shown(distance)} derived")
        own = claim["specification_class"]
        check(winner == found.get("class", winner) and winner != own and winner < self.classes, place, f"the point is one of class {winner}")
        lower, price = self.margin(self.algorithm1([(x, x) for x in where]), winner, own)
        claimed = max(found.get("margin") or 0, 0)
        check(lower - price > 0 and lower - price >= claimed, place, f"a margin of {shown(claimed)} claimed, {shown(lower - price)} derived")


def loss(margins):
    """Not below log(1 + sum exp(-m)): 60 digits, and more than their rounding on top."""
    with decimal.localcontext() as context:
        context.prec = 60
        powers = sum((decimal.Decimal(-m.numerator) / decimal.Decimal(m.denominator)).exp() for m in margins)
        return Fraction((1 + powers).ln() * (1 + decimal.Decimal("1e-50")))


# ---- One report against the files that it speaks of ---------------------------------------------------


def main():
    parser = argparse.ArgumentParser(description="Audits a report of certify, in exact arithmetic.")
    parser.add_argument("report")
    for option in ("--net", "--data", "--proofs"):
        parser.add_argument(option, required=True)
    parser.add_argument("--labels", help="default: the sibling of the data by name")
    parser.add_argument("--radii", action="store_true")
    arguments = parser.parse_args()
    text = json.loads(read_bytes(arguments.report), parse_float=Fraction)
    layers, chain = read_network(arguments.net)
    for report in text.get("reports", [text]):
        print("valid: " + audit(report, arguments, layers, chain))


def audit(report, arguments, layers, chain):
    data, options, certificates = report["data"], report["options"], report["certificates"]
    check(not data["mean"] and not data["std"], "data", "--mean and --std are not audited here")
    head, stated, proofs = read_proofs(arguments.proofs)
    digest = hashlib.sha256(read_bytes(arguments.data)).hexdigest()
    check(digest == data["sha256"], arguments.data, f"SHA-256 {digest}; expected {data['sha256']}, as {arguments.report} says")
    shape, values = idx(read_bytes(arguments.data))
    labels, path = None, arguments.labels or arguments.data.replace("images-idx3", "labels-idx1")
    if data["labels"]:
        digest = hashlib.sha256(read_bytes(path)).hexdigest()
        check(digest == data["labels"]["sha256"], path, f"SHA-256 {digest}; expected {data['labels']['sha256']}, as {arguments.report} says")
        labels = idx(read_bytes(path))[1]
    expected = {"model": report["model"]["sha256"], "data": data["sha256"], "arithmetic": options["arithmetic"],
                "norm": options["norm"], "chain": hashlib.sha256(chain).hexdigest()}
    check([hashlib.sha256(stated).hexdigest()] == head["chain"], arguments.proofs, "the head: chain; expected the digest of the chain in the file")
    for name, value in expected.items():
        check(head[name] == [value], arguments.proofs, f"the head: {name} {', '.join(head[name])}; expected {value}, as {arguments.report} and its files have it")
    epsilon = options["epsilon"]["text"]
    check(epsilon in head["epsilon"], arguments.proofs, f"the head: epsilon {', '.join(head['epsilon'])}; expected {epsilon}")
    auditor, size, last, counts = Auditor(layers, options), math.prod(shape[1:]), -1, defaultdict(int)
    check(size == layers[0].inputs, arguments.data, f"{size} features; expected {layers[0].inputs}")
    scale = Fraction(data["scale"]["text"]) if data["scale"] else 1
    for claim in certificates:
        index = claim["index"]
        check(last < index < shape[0], arguments.report, f"certificates: index {index} behind {last}; expected the data's order")
        last, where = index, f"eps {epsilon}, example {index}"
        label = labels[index] if labels else None
        check(claim["label"] == label, where, f"label: {claim['label']} claimed, the data has {label}")
        centre = [Fraction(x) * scale for x in values[index * size:(index + 1) * size]]
        try:
            given = [centre, proofs[index, head["epsilon"].index(epsilon)], arguments.radii]
            try:
                auditor.audit(claim, *given)
            except Fault:
                if auditor.everyRow:
                    raise
                auditor.everyRow = True  # a unit that its interval closes by a hair may need its row
                try:
                    auditor.audit(claim, *given)
                finally:
                    auditor.everyRow = options["rows"] == "all"
        except Fault as fault:
            words = str(fault)
            raise Fault(f"{where}{', ' if words.startswith(PLACES) else ': '}{words}")
        counts[claim["verdict"]] += 1
    summary, total = report["summary"], len(certificates)
    for verdict in ("certified", "falsified", "misclassified", "unknown"):
        check(summary[verdict] == counts[verdict], "summary", f"{summary[verdict]} {verdict} claimed, {counts[verdict]} counted")
    check(summary["examples"] == total, "summary", f"{summary['examples']} examples claimed, {total} counted")
    check(not total or summary["robust_error"] is None or summary["robust_error"] * total >= total - counts["certified"],
          "summary", f"robust_error {summary['robust_error']} claimed, {total - counts['certified']} of {total} not certified")
    listed = ", ".join(f"{number} {verdict}" for verdict, number in counts.items())
    return f"eps {epsilon}, {total} examples: {listed}"


PLACES = ("layer", "margin ag", "smallest", "search", "relaxation", "robust_loss", "radius", "counterexample", "detection")

if __name__ == "__main__":
    sys.setrecursionlimit(10000)
    try:
        main()
    except Fault as fault:
        print(f"invalid: {fault}")
        sys.exit(1)
    except (OSError, KeyError, TypeError, ValueError, IndexError, AttributeError, struct.error, EOFError, zlib.error) as error:
        print(f"invalid: the files are not of the expected form: {type(error).__name__}: {error}")
        sys.exit(1)
