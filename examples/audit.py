#!/usr/bin/env python3
"""Audits a report of certify: derives its claims once more, exactly, from the proofs beside it;
prints 'valid' and what it did not derive, or 'invalid' and the first claim that is wrong; ends with
0 or 1 then, with 64 for wrong arguments, 66 for a file that cannot be opened, 65 for one not read.

    certify MODEL --eps 0.1 --data IMAGES -o report.json --proofs report.proofs
    certify convert MODEL -o net.json
    python3 audit.py report.json net.json IMAGES report.proofs [LABELS]

The network is zhat_0 = W_0 x + b_0, z_i = max(zhat_i, 0), zhat_{i+1} = W_{i+1} z_i + b_{i+1}. To be
shown are lower bounds of rows c' zhat_i over a ball of inputs. From c downwards each zhat becomes
W z + b, and each z a line in zhat: below the ReLU where z's coefficient is positive, above it where
it is negative; at the input the worst point is known. *Any* such lines give a bound (weak duality):
nothing in a file of proofs is believed, and nothing in it can do harm. It says which lines to take.

There is no tolerance: numbers are integers. Weights are over a power of two, coefficients over one
that grows on the way down. Slopes and multipliers are cut to 2^-64, as good a proof. Values are in
ticks, of which data, epsilon and domain are whole numbers, or are rounded outward. float32 is the
network as deployed: every sum rounded in any order, fused or not. n of m terms are not 0; T the sum
of magnitudes, M the largest of some, a unit's price is u (T + (n - 1) M) / (1 - m u), u = 2^-24,
and 2^-149 for each that underflows. A row pays its coefficients' magnitudes times those."""

import collections, gzip, hashlib, io, itertools, json, math, struct, sys, zlib
from fractions import Fraction
from pathlib import Path

ONE, NOTHING = 1 << 64, (-math.inf, -math.inf)  # slopes and multipliers are integers over ONE
ROUNDOFF, TINIEST, LIMIT = Fraction(1, 1 << 24), Fraction(1, 1 << 149), 1 << 125  # of binary32
KNOWN = {"norm": ["linf"], "decision": ["argmax"], "arithmetic": ["real", "float32"], "mean": [[]],
         "std": [[]], "layout": [None], "epsilon_file": [None]}
VERDICTS = ["certified", "falsified", "misclassified", "unknown"]
DERIVED = {"examples", "robust_error", "index", "label", "prediction", "specification_class",
           "margins", "margin", "margin_real", "verdict", *VERDICTS}
# zhat = W z + b: for each output its (input, weight), and its offset, integers over 2^bits.
Layer = collections.namedtuple("Layer", "rows offsets bits forms")
# A row starts at weight (zhat_own - zhat_rival), adds sign zhat of its target (layer, unit, sign),
# holds behind splits {(layer, unit, is active): multiplier}, and takes for lower lines the slopes
# {layer: {unit: slope}}; without any (None) those of the upper lines.
Row = collections.namedtuple("Row", "weight target splits lines", defaults=(ONE, None, {}, None))
Proof = collections.namedtuple("Proof", "radius own relaxations margins point")
Invalid = type("Invalid", (Exception,), {})  # a claim that does not follow from the files
# Over a ball (ends of features), or its part where the rival does not lose, behind these splits: by
# layer {1: lower bounds of zhat, -1: of -zhat, 0: prices}; None where there is no such part.
Bounds = collections.namedtuple("Bounds", "ball rival splits layers")

def check(holds, words, error=ValueError):
    if not holds:
        raise error(words)

def read_idx(path, digest):
    """The shape and the numbers of an IDX file that the report names by its digest."""
    data = Path(path).read_bytes()
    check(hashlib.sha256(data).hexdigest() == digest, f"{path}: expected SHA-256 {digest}")
    data = gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
    check(data[:2] == b"\0\0", f"{path}: not audited here: data of another form than IDX")
    form = {8: "B", 9: "b", 11: "h", 12: "i", 13: "f", 14: "d"}[data[2]]
    shape = struct.unpack_from(f">{data[3]}I", data, 4)
    return shape, struct.unpack_from(f">{math.prod(shape)}{form}", data, 4 + 4 * data[3])

def narrow(x):  # the nearest number of binary32
    return struct.unpack("f", struct.pack("f", x))[0] if abs(x) < 3.4e38 else math.inf

def read_network(path):
    """The layers between ReLUs, and the bytes that state them in a file of proofs."""
    net = json.loads(Path(path).read_bytes())
    maps, layers = [layer for layer in net["layers"] if layer["type"] != "flatten"], []
    shape, convert = net["input"]["shape"], narrow if net.get("dtype") == "float32" else float
    stated = count(math.prod(shape)) + b"\1" + count(len(maps) // 2 + 1)
    for number, layer in enumerate(maps):
        known = ["relu"] if number % 2 else ["dense", "conv2d"]
        check(layer["type"] in known, f"not audited here: {layer['type']} in place of {known}")
        if number % 2 == 0:
            made, words, shape = affine(layer, shape, convert)
            layers.append(made)
            stated += b"\1" + words
    return layers, stated

def affine(layer, shape, convert):
    """A convolution (dense: of images of one pixel), what states it, and its outputs' shape."""
    isDense, kernels, outputs = layer["type"] == "dense", layer["weights"], len(layer["weights"])
    if isDense:
        shape, kernels = [math.prod(shape), 1, 1], [[[[w]] for w in row] for row in kernels]
    depth, ky, kx = len(kernels[0]), len(kernels[0][0]), len(kernels[0][0][0])
    pairs = layer.get("stride", 1), layer.get("padding", 0), layer.get("dilation", 1)
    (sy, sx), (py, px), (dy, dx) = (x if isinstance(x, list) else [x, x] for x in pairs)
    groups, (channels, height, width) = layer.get("groups", 1), shape
    down = (height + 2 * py - dy * (ky - 1) - 1) // sy + 1
    across = (width + 2 * px - dx * (kx - 1) - 1) // sx + 1
    sizes = *shape, outputs, down, across, ky, kx, sy, sx, py, px, dy, dx, groups
    stated = count(math.prod(shape)) + count(outputs * down * across)
    stated += b"\0" if isDense else b"\1" + b"".join(map(count, sizes))
    weights = [convert(w) for kernel in kernels for plane in kernel for line in plane for w in line]
    bias, forms = [convert(x) for x in layer.get("bias", [0] * outputs)], ""
    for numbers in (weights, bias):
        forms += "f" if all(narrow(x) == x for x in numbers) else "d"
        stated += count(len(numbers)) + bytes([struct.calcsize(forms[-1])])
        stated += struct.pack(f"<{len(numbers)}{forms[-1]}", *numbers)
    stated += struct.pack("<3d4B2dBd", *[0] * 8, math.inf, 0, math.inf)  # no doubts and no limits
    bits = max(x.as_integer_ratio()[1].bit_length() - 1 for x in weights + bias)
    weights, bias = ([int(math.ldexp(x, bits)) for x in numbers] for numbers in (weights, bias))
    place = {at: i for i, at in enumerate(itertools.product(*map(range, shape)))}
    taps = list(itertools.product(range(depth), range(ky), range(kx)))
    check(len(weights) == outputs * len(taps), "kernels of different sizes")
    rows = [[(place[at], w) for (c, j, k), w in zip(taps, weights[o * len(taps):])
             if w and (at := (first + c, y * sy - py + j * dy, x * sx - px + k * dx)) in place]
            for o in range(outputs) for first in [o // (outputs // groups) * depth]
            for y in range(down) for x in range(across)]
    offsets = [b for b in bias for _ in range(down * across)]
    return Layer(rows, offsets, bits, forms), stated, [outputs, down, across]

def count(value):
    return bytes([value & 127 | 128]) + count(value >> 7) if value > 127 else bytes([value])

def read_example(part):
    """What a part EXAM of a file of proofs holds, in the order of certify-proofs(5)."""
    stream = io.BytesIO(part)
    take = lambda form: struct.unpack("<" + form, stream.read(struct.calcsize(form)))[0]
    many = lambda read: [read() for _ in range(count())]
    units = lambda: list(itertools.accumulate(many(count), initial=-1))[1:]
    def count():
        low = take("B")
        return low if low < 128 else (low & 127) + (count() << 7)
    def factor(most=sys.float_info.max):
        value = take("d")
        check(0 <= value <= most, f"slope, multiplier or weight {value}; expected 0 to {most}")
        return int(Fraction(value) * ONE)
    line = lambda: {i: ONE if take("B") == 1 else factor(most=1) for i in units()}
    lines = lambda: dict(enumerate(many(line)))
    def guided():
        weight, kind = factor(), take("B")
        target = (count(), count(), 1 if kind == 1 else -1) if kind else None
        return Row(weight, target, dict(many(lambda: (side(), factor()))), lines())
    side = lambda: (count(), count(), take("?"))
    tightened = lambda: Row(0, (count(), count(), -1 if take("?") else 1), {}, lines())
    def claims():  # lower bounds of zhat and of -zhat; None where the parent's stand
        named = units() if take("?") else None
        return named and {(i, sign): sign * take("d") for sign in (1, -1) for i in named}
    def relaxation():
        kind = take("B")
        head = kind, kind and count(), count() if kind > 1 else None, many(side) if kind > 2 else []
        return *head, many(guided if kind > 1 else tightened) if kind else [], many(claims)
    key = count(), count()
    radius, own, made = take("d") if take("?") else None, count(), many(relaxation)
    margins = many(lambda: (count(), count(), [Row(lines=lines() if take("?") else None)]))
    margins += many(lambda: (count(), count(), many(guided)))
    winner, size, form = (count(), count(), "fd"[take("B") // 8]) if take("?") else (None, 0, "")
    return key, Proof(radius, own, made, margins, (winner, [take(form) for _ in range(size)]))

def read_proofs(path):
    """The lines of the head, the chain's bytes, the proofs by (example, place of epsilon)."""
    data, at, parts, proofs = Path(path).read_bytes(), 17, [], collections.defaultdict(list)
    check(data[:at] == b"certify proofs 1\n", f"{path}: expected proofs of certify, version 1")
    while at < len(data):
        end = at + 12 + struct.unpack_from("<Q", data, at + 4)[0]
        check(data[end:end + 4] == struct.pack("<I", zlib.crc32(data[at:end])), f"{path}: damaged")
        parts.append(data[at + 12:end])
        at = end + 4
    head, chain, *examples, last = parts
    check(last == count(len(examples)), f"{path}: cut short")
    for key, proof in map(read_example, examples):
        proofs[key].append(proof)
    return head.decode().splitlines(), chain, proofs

def least(row, low, high):
    """The least value of a row of (place, factor) over a box."""
    return sum(factor * (low[i] if factor > 0 else high[i]) for i, factor in row)

def covers(parts):
    """Whether parts of a ball, lists of splits, are all of it: a point is on one side of each."""
    if not parts or not all(parts):
        return bool(parts)
    layer, unit, _ = parts[0][0]
    return all(covers([[split for split in part if split != (layer, unit, side)] for part in parts
                       if (layer, unit, not side) not in part]) for side in (True, False))

class Auditor:
    """Derives what the verdicts of one question rest on."""
    def __init__(self, layers, options, scale):
        self.layers, self.hidden, self.classes = layers, len(layers) - 1, len(layers[-1].rows)
        self.isDeployed, self.isPlain = options["arithmetic"] == "float32", options["rows"] == "all"
        self.epsilon, clip = Fraction(options["epsilon"]["text"]), options["clip"]
        self.domain = [Fraction(clip[end]["text"]) for end in ("lower", "upper")] if clip else []
        self.tick = math.lcm(*(x.denominator for x in (self.epsilon, scale, *self.domain))) << 192

    def ball(self, centre, radius):
        """The ends of every feature, cut by the domain, which is stretched up to the example."""
        def around(x, radius):  # deployed: and the rounding of value, radius and sum (certify(1))
            isRounded = self.isDeployed and (radius > 0 or narrow(x) != x)
            reach = radius + (2 * ROUNDOFF * (abs(x) + radius) + TINIEST if isRounded else 0)
            return x - reach, x + reach
        low, high = zip(*(around(x, radius) for x in centre))
        if self.domain:
            least, most = around(self.domain[0], 0)[0], around(self.domain[1], 0)[1]
            low = [max(l, min(least, around(x, 0)[0])) for l, x in zip(low, centre)]
            high = [min(u, max(most, around(x, 0)[1])) for u, x in zip(high, centre)]
        isFinite = not self.isDeployed or -LIMIT < min(low) <= max(high) < LIMIT
        check(isFinite and radius >= 0, f"radius {radius}: negative, or inputs may overflow")
        return [math.floor(x * self.tick) for x in low], [math.ceil(x * self.tick) for x in high]

    def forward(self, bounds):
        """Adds the next layer, with bounds by intervals, and its prices."""
        layer, (low, high), price = self.layers[len(bounds.layers)], bounds.ball, 0
        if bounds.layers:
            low, high = ([max(sign * x, 0) for x in bounds.layers[-1][sign]] for sign in (1, -1))
        ends = {1: [], -1: [], 0: []}
        for row, offset in zip(layer.rows, layer.offsets):
            start, m, bits = offset * self.tick, len(row) + 1, layer.bits
            if self.isDeployed:  # terms that are not 0, added up along any tree (certify(1))
                spans = [sorted((w * low[i], w * high[i])) for i, w in row] + [(start, start)]
                size, n = sum(max(-a, b) for a, b in spans), max(1, sum(map(any, spans)))
                part = max(sum(max(b, 0) for _, b in spans), sum(max(-a, 0) for a, _ in spans))
                price = m * (self.tick >> 149) - -(size + (n - 1) * part) // ((1 << 24) - m << bits)
                check(m < 1 << 24 and (size >> bits) + price < LIMIT * self.tick, "overflow")
            ends[1].append((least(row, low, high) + start >> bits) - price)
            ends[-1].append((-least(row, high, low) - start >> bits) - price)
            ends[0].append(price)
        bounds.layers.append(ends)
        return ends

    def row(self, bounds, row, own, rival):
        """Lower bounds of a row from the last layer: exact, and as deployed.
        Of an unstable unit, l < 0 < u, z >= a zhat for any a in [0, 1]; and z <= s zhat + t, where
        t >= -s l and t >= (1 - s) u: the line is above the ReLU at both ends. Behind a split z is
        zhat or 0; the multiplier times zhat, or -zhat, which is at least 0 there, is taken off."""
        factors = {own: row.weight, rival: -row.weight} if row.weight else {}
        scale, total, price = 64, 0, 0  # all over 2^scale
        for index in range(len(bounds.layers) - 1, -1, -1):
            if row.target and row.target[0] == index:
                _, i, sign = row.target
                factors[i] = factors.get(i, 0) + (sign << scale)
            layer, prices = self.layers[index], bounds.layers[index][0]
            below, scale = collections.defaultdict(int), scale + layer.bits
            offset = sum(f * layer.offsets[j] for j, f in factors.items())
            total = (total << layer.bits) + offset * self.tick
            price = price + sum(abs(f) * prices[j] for j, f in factors.items()) << layer.bits
            for j, f in factors.items():
                for i, w in layer.rows[j] if f else ():
                    below[i] += f * w
            if index == 0:
                total += least(below.items(), *bounds.ball)
                return total >> scale, total - price >> scale
            ends, factors = bounds.layers[index - 1], {}
            for (place, i, isActive), paid in row.splits.items():
                if place == index - 1:  # z is zhat or 0: by its bounds, else by its side
                    m, isOn = below.pop(i, 0), ends[-1][i] < 0 and (isActive or ends[1][i] >= 0)
                    factors[i] = (m * isOn << 64) + ((-paid if isActive else paid) << scale)
            slopes = row.lines and row.lines.get(index - 1, {})
            total, price, scale = total << 64, price << 64, scale + 64
            for i, m in below.items():
                l, u = ends[1][i], -ends[-1][i]
                if l >= 0:
                    factors[i] = m << 64
                elif u > 0:
                    s = min(ONE, (u << 14) * ((1 << 50) + 1) // (u - l))  # as runs round it
                    factors[i] = m * (s if m < 0 or slopes is None else slopes.get(i, 0))
                    total += min(m, 0) * max(-s * l, (ONE - s) * u)

    def relax(self, relaxation, made, ball, own):
        """A relaxation of a proof: layer after layer the tightest of intervals, the parent's bounds
        and rows; then what is claimed, and must be looser. Where the rival does not lose, weight
        (zhat_own - zhat_rival) <= 0: there what a row leaves for its target bounds that."""
        kind, number, rival, splits, rows, claims = relaxation
        parent = made[number] if kind else Bounds(ball, None, [], [])
        rival, splits = (rival, splits) if kind > 1 else (parent.rival, parent.splits)
        isPart = {*parent.splits}.union(*(row.splits for row in rows)) <= {*splits}
        check(isPart and len({split[:2] for split in splits}) == len(splits) and rival != own
              and parent.rival in (None, rival), f"relaxation {len(made)}: of another part")
        if parent.layers is None:
            return Bounds(ball, rival, splits, None)
        same = len(list(itertools.takewhile(lambda named: named is None, claims)))
        bounds = Bounds(ball, rival, splits, parent.layers[:same])
        for index in range(len(bounds.layers), self.hidden):
            ends, named = self.forward(bounds), claims[index] if index < len(claims) else None
            if kind == 0:  # Algorithm 1: rows for what intervals leave open, or close by a hair
                rows = [Row(0, (index, i, sign)) for i, (l, n) in enumerate(zip(ends[1], ends[-1]))
                        for sign in (1, -1) if self.isPlain or max(l, n) < -(l + n) >> 10]
            else:
                ends.update({s: list(map(max, ends[s], parent.layers[index][s])) for s in (1, -1)})
            for row, (_, i, sign) in [(row, row.target) for row in rows if row.target[0] == index]:
                _, end = self.row(parent if kind > 1 else bounds, row, own, rival)
                ends[sign][i] = max(ends[sign][i], end)
            gaps = [ends[-1 if isActive else 1][i] for at, i, isActive in splits if at == index]
            if rival is not None and max(*map(sum, zip(ends[1], ends[-1])), *gaps, 0) > 0:
                return Bounds(ball, rival, splits, None)
            for i, (l, n) in enumerate(zip(ends[1], ends[-1])) if named is not None else ():
                check((i, 1) in named or max(l, n) >= 0, f"layer {index + 1}, unit {i}: not stable")
            for (i, sign), end in (named or {}).items():
                self.hold(f"layer {index + 1}, unit {i}", end, ends[sign][i])
                ends[sign][i] = math.floor(Fraction(end) * self.tick)
        self.forward(bounds)
        return bounds

    def hold(self, place, claimed, derived):
        """What is claimed to be a lower bound must not be above what is derived, in ticks."""
        isHeld = claimed is None or Fraction(claimed) * self.tick <= derived
        check(isHeld, f"{place}: {float(claimed or 0)} claimed, {derived / self.tick} derived")

    def rows(self, own, radius, centre, proof=None):
        """What a proof, or Algorithm 1 without one, shows of a class over a ball: by rival the best
        lower ends of its margin, exact and deployed; and those that lose on parts that cover it."""
        made, best, parts = [], {}, {j: [] for j in range(self.classes) if j != own}
        ball, plain = self.ball(centre, radius), (0, 0, None, [], [], [None] * self.hidden)
        proof = proof or Proof(None, own, [plain], [(j, 0, [Row()]) for j in parts], None)
        for relaxation in proof.relaxations:
            made.append(self.relax(relaxation, made, ball, own))
        for rival, number, leaves in proof.margins:
            bounds, place = made[number], f"margin against class {rival}: of another part"
            check(rival in parts and bounds.rival in (None, rival), place)
            for row in leaves if bounds.layers else [Row(splits=dict.fromkeys(bounds.splits))]:
                check(row[:2] == (ONE, None) and {*bounds.splits} <= {*row.splits}, place)
                ends = self.row(bounds, row, own, rival) if bounds.layers else (1, 1)
                parts[rival] += [list(row.splits)] if ends[1] > 0 else []
                if bounds.rival is None and not row.splits:
                    best[rival] = tuple(map(max, best.get(rival, ends), ends))
        return best, {rival for rival in parts if covers(parts[rival])}

    def audit(self, claim, centre, proofs):
        """Holds a certificate to what can be derived of its example."""
        own, verdict, prediction, label, margins = (claim[key] for key in (
            "specification_class", "verdict", "prediction", "label", "margins"))
        isOwn = own == (prediction if label is None else label) and len(margins) == self.classes
        isOwn = isOwn and {own, prediction} <= {*range(self.classes)} and verdict in VERDICTS
        check(isOwn, f"{verdict}, with {len(margins)} margins of class {own}")
        proof = next(p for p in proofs if p.own == own and p.radius is None)
        best, lost = self.rows(own, self.epsilon, centre, proof)
        rivals = {*range(self.classes)} - {own}
        for rival in rivals:
            self.hold(f"margin against class {rival}", margins[rival], best.get(rival, NOTHING)[1])
        for key, end in (("margin_real", 0), ("margin", 1)):
            self.hold(key, claim[key], min(best.get(j, NOTHING)[end] for j in rivals))
        isClaimed = verdict == "certified" or claim.get("detection") == "cleared"
        isProved = lost == rivals and prediction == own
        check(isProved or not isClaimed, f"certified or cleared, and only {lost} derived to lose")
        if verdict == "misclassified":
            end = self.rows(prediction, 0, centre)[0][label][1]
            check(end > 0 or end == 0 and prediction < label, "misclassified: the label may win")
        elif verdict == "falsified":
            # What rests is, in exact arithmetic, at the data's value; a file has the nearest one.
            found, nearest = claim["attack"]["counterexample"], narrow if self.isDeployed else float
            (winner, point), where, reach = next(p.point for p in proofs if p.point[1]), [], 0
            for value, x in zip(map(Fraction, point), centre):
                isAtRest, domain = value == nearest(x), self.domain and [*self.domain, x] or [value]
                isInside = nearest(value) == value and min(domain) <= value <= max(domain)
                check(isAtRest or isInside, f"counterexample: a feature of {float(value)}")
                where.append(x if isAtRest and not self.isDeployed else value)
                reach = max(reach, 0 if isAtRest else abs(value - x))
            end, most = self.rows(winner, 0, where)[0][own][1], min(found["distance"], self.epsilon)
            isFound = reach <= most and winner == found["class"] and end > 0
            check(isFound, f"counterexample: class {winner}, {float(reach)} away")
            self.hold("counterexample", found["margin"], end)

def audit(report, layers, chain, images, proofs, names=None):
    """Holds the report of one epsilon to the files that it speaks of; says what came out."""
    data, options, summary = report["data"], report["options"], report["summary"]
    for name, known in KNOWN.items():
        check({**data, **options}[name] in known, f"not audited here: {name} other than {known}")
    isHeld = options["arithmetic"] == "real" or all(layer.forms == "ff" for layer in layers)
    check(isHeld, "not audited here: float32, with numbers of the network that it does not have")
    shape, values = read_idx(images, data["sha256"])
    hashes, size = data["labels"], math.prod(shape[1:])
    labels = read_idx(names, hashes["sha256"])[1] if hashes else [None] * shape[0]
    head, stated, proofs = read_proofs(proofs)
    expected = [f"chain {hashlib.sha256(chain).hexdigest()}", f"model {report['model']['sha256']}",
                f"data {data['sha256']}", f"arithmetic {options['arithmetic']}", "norm linf"]
    found = [line for line in head if not line.startswith(("epsilon ", "accumulation "))]
    check(stated == chain and found == expected, f"proofs of {found}; expected of {expected}")
    check(chain.startswith(count(size)) and len(labels) == shape[0], "data of another size")
    epsilon, scale = options["epsilon"]["text"], Fraction((data["scale"] or {"text": 1})["text"])
    place = [line for line in head if line.startswith("epsilon ")].index(f"epsilon {epsilon}")
    auditor, certificates = Auditor(layers, options, scale), report["certificates"]
    for last, claim in zip([-1] + [claim["index"] for claim in certificates], certificates):
        index = claim["index"]
        try:
            isPlaced = last < index < shape[0] and claim["label"] == labels[index]
            check(isPlaced, f"label {claim['label']}, behind {last}; expected the data's, in order")
            centre = [Fraction(x) * scale for x in values[index * size:(index + 1) * size]]
            auditor.audit(claim, centre, proofs[index, place])
        except Exception as error:
            raise Invalid(f"eps {epsilon}, example {index}: {error!r}") from error
    verdicts, error = [claim["verdict"] for claim in certificates], summary.get("robust_error")
    counts = {"examples": len(verdicts), **{key: verdicts.count(key) for key in VERDICTS}}
    isBound = error is None or error * len(verdicts) >= len(verdicts) - counts["certified"]
    check(isBound and counts.items() <= summary.items(), f"summary: {counts} counted", Invalid)
    others = {key for claim in (summary, *certificates) for key in claim if claim[key]}
    others = ", ".join(sorted({"effective_radius", "radius_histogram", *others} - DERIVED))
    return f"eps {epsilon}: {counts}; not derived, or not all of it: {others}"

if __name__ == "__main__":
    if len(sys.argv) not in (5, 6):
        sys.exit(print(__doc__, file=sys.stderr) or 64)
    try:
        text = json.loads(Path(sys.argv[1]).read_bytes(), parse_float=Fraction)
        for part in text.get("reports") or [text]:
            print("valid: " + audit(part, *read_network(sys.argv[2]), *sys.argv[3:]))
    except Exception as error:
        kind, status = ("invalid", 1) if isinstance(error, Invalid) else ("error", 65)
        words = error if isinstance(error, (Invalid, ValueError, OSError)) else repr(error)
        print(f"{kind}: {words}", file=sys.stderr)
        sys.exit(66 if getattr(error, "errno", None) else status)
