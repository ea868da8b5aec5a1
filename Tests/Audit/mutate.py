"""Changes one thing at a time in reports and proofs, and sees what `certify audit` says of it.

    python3 Tests/Audit/mutate.py path/to/certify 5000 [--seed S]

Every field of certificates, options and hashes, every kind of number in proofs, what they are made of, with
the sums recomputed; and raw bytes without. A change must be rejected (status 1 or 65) where
- a rule of this file says so: it lifts a claim above what exact arithmetic derives, makes a slope or a
  multiplier one that proves nothing, or breaks what binds the files together; or
- examples/audit.py, the second auditor, which shares nothing with the first, rejects it, and not because
  it leaves something of the kind to others.
Nothing may end in another way. Prints what came out by kind of change; status 1 where a rule was broken.
"""

import argparse
import collections
import contextlib
import copy
import decimal
import json
import math
import random
import struct
import subprocess
import sys
import tempfile
from fractions import Fraction
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT / "examples"), str(ROOT / "fixtures/generate")]
import audit  # noqa: E402
import proof_files  # noqa: E402

NETWORK = ROOT / "fixtures/digits/dense-ordinary.weights.json"
IMAGES = ROOT / "fixtures/digits/digits-test-images-idx3-ubyte"
LABELS = ROOT / "fixtures/digits/digits-test-labels-idx1-ubyte"
# What the second auditor does not audit, or not as far: that the predicted class wins at a misclassified
# example is more than the first one asks for.
LEFT_TO_OTHERS = ["not audited here", "misclassified: the label may win"]
# Examples at eps 0.1: parallel slopes, tighter ones, a tree, two searches, misclassified, falsified, open.
BASES = [(42, []), (101, []), (34, []), (58, ["--clip", "0:1"]), (69, []), (2, []), (314, ["--splits", "40"]),
         (95, ["--radii", "all"]), (101, ["--arithmetic", "real"]), (34, ["--arithmetic", "real"]),
         (2, ["--arithmetic", "real", "--clip", "0:1"]), (69, ["--arithmetic", "real"])]
VERDICTS = ["certified", "falsified", "misclassified", "unknown"]
WORDS = VERDICTS + ["real", "float32", "float64", "float16", "linf", "l2", "l1", "argmin", "all", "open", "0.05", "0.2", "1/256", "1", ""]


class Base:
    """A valid report of one example and its proofs; what can be derived of it."""

    def __init__(self, program, index, options, where, layers):
        report, proofs = where / "base.json", where / "base.proofs"
        radii = [] if "--radii" in options else ["--radii", "off"]
        subprocess.run(
            [program, NETWORK, "--data", IMAGES, "--eps", "0.1", "--index", str(index), "--quiet", "-o", report,
             "--proofs", proofs, "--threads", "1", *radii, *options], check=True)
        self.report, self.proofs = json.loads(report.read_text()), proof_files.read(proofs.read_bytes())
        self.bytes, self.certificate = proofs.read_bytes(), self.report["certificates"][0]
        auditor = audit.Auditor(layers, self.report["options"], Fraction(1, 255))
        pixels = audit.read_idx(IMAGES, self.report["data"]["sha256"])[1][64 * index:64 * index + 64]
        self.centre = [Fraction(p, 255) for p in pixels]
        given = audit.read_proofs(proofs)[2][index, 0]
        own = self.certificate["specification_class"]
        proof = next(p for p in given if p.radius is None and p.own == own)
        found, _ = auditor.rows(own, auditor.epsilon, self.centre, proof)
        # Rows for units that intervals close lower what a deployed network's rounding costs.
        auditor.isPlain = True
        tighter, _ = auditor.rows(own, auditor.epsilon, self.centre, proof)
        self.best = {rival: tuple(Fraction(max(pair), auditor.tick) for pair in zip(found[rival], tighter[rival]))
                     for rival in found}
        self.loss = loss([end for _, end in self.best.values()]) if len(self.best) == 9 else math.inf
        self.hasRadii = bool(options) and options[0] == "--radii"


def loss(margins):
    """Not below log(1 + sum exp(-m)): 60 digits, and more than their rounding on top."""
    with decimal.localcontext() as context:
        context.prec = 60
        powers = sum((decimal.Decimal(-m.numerator) / decimal.Decimal(m.denominator)).exp() for m in margins)
        return Fraction((1 + powers).ln() * (1 + decimal.Decimal("1e-50")))


def leaves(value, path=()):
    """The paths of everything that is no list and no dictionary."""
    if isinstance(value, dict):
        return [x for key in value for x in leaves(value[key], path + (key,))]
    if isinstance(value, list):
        return [x for key, item in enumerate(value) for x in leaves(item, path + (key,))]
    return [path]


def lists(value, path=()):
    found = [path] if isinstance(value, list) and value else []
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return found + [x for key, item in items for x in lists(item, path + (key,))]


def get(value, path):
    for key in path:
        value = value[key]
    return value


def changed(r, value, wild):
    """Another value of the same kind, mostly."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return r.choice([value + 1, value - 1, 0, value + 7, 2 * value + 1, r.randrange(10), 1 << 40])
    if isinstance(value, float):
        near = [value * (1 + s * 10.0 ** -k) for s in (1, -1) for k in (2, 4, 6, 8)]
        far = [-value, 0.0, value + 1, value - 1, r.uniform(-2, 2), 1e300, 5e-324]
        return r.choice(near + far + ([math.nan, math.inf, -math.inf] if wild else []))
    if isinstance(value, str):
        if not value or r.random() < 0.5:
            return r.choice(WORDS)
        place = r.randrange(len(value))
        return value[:place] + r.choice("0123456789abcdef.") + value[place + 1:]
    return r.choice([0, 1, 0.5, True, "certified"])


def of_certificate(r, base):
    report = copy.deepcopy(base.report)
    path = r.choice(leaves(base.certificate))
    old = get(base.certificate, path)
    new = r.choice([changed(r, old, False)] * 9 + [None])
    if path == ("verdict",):
        new = r.choice(VERDICTS)
    get(report["certificates"][0], path[:-1])[path[-1]] = new
    follow(report, base.certificate)
    isNumber = isinstance(new, (int, float)) and not isinstance(new, bool)
    exact = Fraction(new) if isNumber else None
    required = path[0] in ("label", "index", "specification_class") or path[-2:] == ("counterexample", "class")
    if isNumber and path[0] == "margins" and path[1] in base.best:
        required = exact > base.best[path[1]][1]
    elif isNumber and path[0] in ("margin", "margin_real"):
        required = exact > min(pair[path[0] == "margin"] for pair in base.best.values())
    elif isNumber and path[0] == "robust_loss":
        required = exact < base.loss
    elif path == ("verdict",):
        required = new != "unknown"
    elif path == ("prediction",):
        required = base.certificate["verdict"] == "certified"
    return "certificate: " + ".".join(k for k in path if isinstance(k, str)), report, base.bytes, required and not same(new, old)


def same(new, old):
    return type(new) is type(old) and new == old or not isinstance(new, (bool, str)) and not isinstance(old, (bool, str)) and new == old


def follow(report, before):
    """Lets what depends on the change follow it, so that the audit has to find it."""
    certificate, summary = report["certificates"][0], report["summary"]
    verdict, margins = certificate["verdict"], certificate["margins"]
    others = [x for j, x in enumerate(margins) if j != before["specification_class"]] if isinstance(margins, list) else [None]
    if margins != before["margins"] and all(isinstance(x, (int, float)) for x in others):
        certificate["margin"] = min(others)
    for x in [summary] + [x for x in summary["per_class"] if x["examples"]]:
        if verdict in VERDICTS:
            lost, wrong = int(verdict in ("falsified", "misclassified")), int(verdict == "misclassified")
            attack = certificate["attack"] if isinstance(certificate["attack"], dict) else {}
            fgsm = int(wrong or bool(attack.get("fgsm")))
            x.update({v: int(v == verdict) for v in VERDICTS})
            x.update(clean_error=wrong, predicted_error=int(certificate["prediction"] != certificate["label"]), attacked_error=lost, robust_error=int(verdict != "certified"),
                     exact_error=None if verdict == "unknown" else lost)
            if x["fgsm_error"] is not None:
                x["fgsm_error"] = fgsm
    if summary["margin_quantiles"] and isinstance(certificate["margin"], (int, float)):
        down = decimal.Context(prec=9, rounding=decimal.ROUND_FLOOR)
        least = float(down.plus(decimal.Decimal(repr(certificate["margin"]))))
        summary["margin_quantiles"] = dict.fromkeys(summary["margin_quantiles"], least)
    loss = certificate["robust_loss"]
    if isinstance(loss, float) and loss != before["robust_loss"]:
        grid = decimal.Context(prec=9, rounding=decimal.ROUND_CEILING)
        summary["mean_robust_loss"] = float(grid.multiply(decimal.Decimal(repr(loss)), decimal.Decimal("1.000000000000001")))


def of_report(r, base):
    report = copy.deepcopy(base.report)
    path = r.choice([p for p in leaves({k: base.report[k] for k in ("model", "data", "options", "summary")})
                     if p[:2] != ("model", "layers")])
    old = get(report, path)
    new = changed(r, old, False)
    get(report, path[:-1])[path[-1]] = new
    required = path[-1] == "sha256" or path[0] == "options" and path[1:] in (("epsilon", "text"), ("arithmetic",), ("norm",))
    if path == ("options", "epsilon", "text"):
        required = str(new) != "0.1"
    return "report: " + path[0] + "." + str(path[-1]), report, base.bytes, required and new != old


def pick(r, base):
    file = copy.deepcopy(base.proofs)
    return file, r.choice(file["examples"])


def of_number(r, base):
    file, proof = pick(r, base)
    names = collections.defaultdict(list)
    for path in leaves(proof):
        names[tuple(k for k in path if isinstance(k, str))].append(path)
    name = r.choice(list(names))
    path = r.choice(names[name])
    old = get(proof, path)
    new = changed(r, old, True)
    get(proof, path[:-1])[path[-1]] = new
    main = proof["radius"] is None
    required = name[-1] == "slope" and not 0 <= new <= 1 if isinstance(new, float) else False
    if name[-1] == "multiplier":
        required = not (0 <= new < math.inf)
    elif name in (("index",), ("class",), ("place",)):
        required = main and new != old
    return "proof: " + ".".join(name), base.report, proof_files.write(file), required


def of_structure(r, base):
    file, proof = pick(r, base)
    path = r.choice(lists(proof))
    items, kind = get(proof, path), r.choice(["dropped", "doubled", "swapped", "emptied"])
    place = r.randrange(len(items))
    if kind == "dropped":
        del items[place]
    elif kind == "doubled":
        items.insert(place, copy.deepcopy(items[place]))
    elif kind == "swapped":
        other = r.randrange(len(items))
        items[place], items[other] = items[other], items[place]
    else:
        items.clear()
    name = ".".join(k for k in path if isinstance(k, str))
    required = name == "searched.leaves" and kind == "emptied" and base.certificate["search"]["proved"]
    required = required and not any(not x["layers"] or len(x["layers"]) < 2 for x in proof["relaxations"])
    return f"structure {kind}: {name}", base.report, proof_files.write(file), required


def of_chain(r, base):
    chain = bytearray(base.proofs["chain"])
    place = r.randrange(len(chain))
    chain[place] ^= 1 << r.randrange(8)
    return "chain", base.report, proof_files.write(proof_files.with_chain(base.proofs, bytes(chain))), True


def of_head(r, base):
    head = list(base.proofs["head"])
    place = r.randrange(len(head))
    new = r.choice("0123456789abcdefl \n")
    required = head[place] != new
    head[place] = new
    return "head", base.report, proof_files.write(dict(base.proofs, head="".join(head))), required


def of_end(r, base):
    stated = r.choice([0, 5, 1 << 40, len(base.proofs["examples"]) + 1])
    return "count at the end", base.report, proof_files.write(base.proofs, stated), True


def of_bytes(r, base):
    data, kind = bytearray(base.bytes), r.randrange(4)
    place = r.randrange(len(data))
    if kind == 0:
        del data[place:]
    elif kind == 1:
        data.insert(place, r.randrange(256))
    else:
        data[place] ^= 1 << r.randrange(8)
    return "raw bytes", base.report, bytes(data), True


KINDS = [of_certificate] * 6 + [of_report] * 3 + [of_number] * 8 + [of_structure] * 3 + [of_bytes] * 2 + [of_chain, of_head, of_end]


def accepts(layers, chain, where):
    """What the second auditor says of the same files; what it leaves to others is accepted. Like the first,
    it is asked again with rows for every unit, which lower what a deployed network's rounding costs."""
    for rows in (None, "all"):
        try:
            report = json.loads((where / "report.json").read_bytes(), parse_float=Fraction)
            if rows:
                report["options"]["rows"] = rows
            audit.audit(report, layers, chain, IMAGES, where / "proofs", LABELS)
            return True, ""
        except Exception as error:
            why = repr(error)
    return any(word in why for word in LEFT_TO_OTHERS), why


def main():
    parser = argparse.ArgumentParser(description="Mutations of reports and proofs.")
    parser.add_argument("program", type=Path)
    parser.add_argument("count", type=int)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    r, program = random.Random(arguments.seed), arguments.program.resolve()
    layers, chain = audit.read_network(NETWORK)
    print(f"seed {arguments.seed}", flush=True)
    counts, broken, required = collections.defaultdict(collections.Counter), 0, 0
    with tempfile.TemporaryDirectory() as folder:
        where = Path(folder)
        bases = [Base(program, index, options, where, layers) for index, options in BASES]
        number = 0
        while number < arguments.count:
            base = r.choice(bases)
            # What the form has no bytes for is no change: another one is drawn.
            with contextlib.suppress(struct.error, OverflowError, ValueError, TypeError, KeyError):
                name, report, proofs, isRequired = r.choice(KINDS)(r, base)
                (where / "report.json").write_text(json.dumps(report))
                (where / "proofs").write_bytes(proofs)
                result = subprocess.run(
                    [program, "audit", where / "report.json", "--model", NETWORK, "--data", IMAGES, "--proofs",
                     where / "proofs", "--quiet", "--threads", "1", *(["--radii"] if base.hasRadii else [])],
                    capture_output=True, text=True)
                status, why = result.returncode, ""
                if status == 0 and not isRequired and not base.hasRadii:
                    isAccepted, why = accepts(layers, chain, where)
                    isRequired = not isAccepted
                number += 1
                required += isRequired
                counts[name.partition(":")[0]][status] += 1
                if status < 0 or status == 70 or isRequired and status not in (1, 65):
                    broken += 1
                    print(f"{number - 1}: {name}: status {status} {result.stdout}{result.stderr}{why}", flush=True)
    for name, found in sorted(counts.items()):
        print(f"{name}: " + ", ".join(f"{n} with status {status}" for status, n in sorted(found.items())))
    print(f"{arguments.count} changes, {required} of which had to be rejected; {broken} broken rules")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
