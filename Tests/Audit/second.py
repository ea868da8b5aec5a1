"""The second auditor, examples/audit.py: it agrees with `certify audit`, and takes nothing that is too much.

    python3 Tests/Audit/second.py path/to/certify [--seed S]

- It says `valid` of what the program writes, with the same verdicts as the first auditor: digits, dense and
  convolutional, searched ones among them, exact and deployed, clipped; with CERTIFY_CORPUS three of MNIST.
- What it derives is no larger than what the network computes at random corners of the ball, exactly.
- A claim that is one number above what it derives is rejected, in whatever field; the number below is not.
- Searches behind the two sides of a split, on bounds that were narrowed there, are valid for both auditors, and
  for neither where they stand on bounds that hold elsewhere.
- It rejects fixtures/certificates/tampered, but for what it leaves out, and refuses by name what it does not do.
- `invalid`, with status 1, is what is said of claims: arguments and files have statuses of their own.
Prints what broke; status 1 then.
"""

import argparse
import copy
import functools
import hashlib
import json
import math
import os
import random
import subprocess
import sys
import tempfile
from fractions import Fraction
from pathlib import Path
from unittest import mock

ROOT = Path(__file__).resolve().parent.parent.parent
AUDITOR, DIGITS, VALID = ROOT / "examples/audit.py", ROOT / "fixtures/digits", ROOT / "fixtures/certificates/valid"
sys.path[:0] = [str(AUDITOR.parent), str(ROOT / "fixtures/generate")]
import audit  # noqa: E402
import proof_files  # noqa: E402

IMAGES, LABELS = DIGITS / "digits-test-images-idx3-ubyte", DIGITS / "digits-test-labels-idx1-ubyte"
# What the second auditor names as not derived.
LEFT_OUT = {"robust-loss"}
remembered = functools.cache(audit.read_proofs)
broken = []


def expect(holds, words):
    if not holds:
        broken.append(words)
        print(f"broken: {words}", flush=True)


def run(*words):
    done = subprocess.run(list(map(str, words)), cwd=ROOT, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def agree(program, where, model, images, labels, least, *options):
    """Both auditors on one run; at least so many of its certificates are of examples that were searched."""
    report, proofs, net, place = where / "report.json", where / "proofs", where / "net.json", f"{model} {options}"
    status, words = run(program, model, "--data", images, "--quiet", "-o", report, "--proofs", proofs, *options)
    expect(status == 0, f"{place}: {words}")
    run(program, "convert", model, "-o", net)
    first = run(program, "audit", report, "--model", model, "--data", images, "--proofs", proofs, "--quiet")
    second = run(sys.executable, AUDITOR, report, net, images, proofs, labels)
    text = json.loads(report.read_text())
    counted = {verdict: text["summary"][verdict] for verdict in audit.VERDICTS}
    expect(first[0] == second[0] == 0 and first[1].startswith("valid: ") and second[1].startswith("valid: "),
           f"{place}: {first} and {second}")
    expect(all(f"'{verdict}': {number}" in second[1] for verdict, number in counted.items()), f"{place}: {second}")
    searched = [c for c in text["certificates"] if c["verdict"] == "certified" and c["search"]]
    expect(len(searched) >= least, f"{place}: {len(searched)} certificates of a search; expected {least}")
    return len(text["certificates"]), len(searched)


def agreement(program, where):
    total = searched = 0

    def add(counts):
        nonlocal total, searched
        total, searched = total + counts[0], searched + counts[1]

    for arithmetic in ("real", "float32"):
        given = ["--arithmetic", arithmetic, "--radii", "off"]
        add(agree(program, where, DIGITS / "dense-robust.weights.json", IMAGES, LABELS, 0, "--eps", "0.05", "--limit", 10, *given))
        add(agree(program, where, DIGITS / "conv-robust.onnx", IMAGES, LABELS, 0, "--eps", "0.05", "--limit", 10, *given))
        add(agree(program, where, DIGITS / "dense-robust.onnx", IMAGES, LABELS, 0, "--eps", "8/255", "--clip", "0:1",
                  "--offset", 40, "--limit", 4, *given))
        add(agree(program, where, DIGITS / "dense-ordinary.weights.json", IMAGES, LABELS, 5, "--eps", "0.1",
                  "--offset", 281, "--limit", 14, *given))
    corpus = os.environ.get("CERTIFY_CORPUS")
    if corpus:
        data = Path(corpus) / "data"
        add(agree(program, where, Path(corpus) / "models/mnist.onnx", data / "mnist-t10k-images-idx3-ubyte.gz",
                  data / "mnist-t10k-labels-idx1-ubyte.gz", 0, "--eps", "0.1", "--limit", 3, "--radii", "off"))
    print(f"{total} examples agree, {searched} of them proved by a search")


class Remembering(audit.Auditor):
    """The auditor, of one file of proofs: what it derived it need not derive again for another claim."""

    memory = {}

    def rows(self, own, radius, centre, proof=None):
        key = own, radius, tuple(centre), proof and (proof.own, proof.radius)
        if key not in self.memory:
            self.memory[key] = super().rows(own, radius, centre, proof)
        return self.memory[key]

    def hold(self, place, claimed, derived):
        self.derived = derived
        super().hold(place, claimed, derived)


class Base:
    """The valid fixture, and what the auditor derives of each of its examples."""

    def __init__(self):
        self.net = DIGITS / "dense-ordinary.weights.json"
        self.report = json.loads((VALID / "report.json").read_text())
        self.layers, self.chain = audit.read_network(self.net)
        self.auditor = Remembering(self.layers, self.report["options"], Fraction(1, 255))
        self.pixels = audit.read_idx(VALID / "images-idx3-ubyte", self.report["data"]["sha256"])[1]
        self.proofs = audit.read_proofs(VALID / "report.proofs")[2]
        self.best = []
        for number, claim in enumerate(self.report["certificates"]):
            proof = next(p for p in self.proofs[number, 0] if p.own == claim["specification_class"])
            found = self.auditor.rows(proof.own, self.auditor.epsilon, self.centre(number), proof)
            self.best.append({j: [Fraction(x, self.auditor.tick) for x in pair] for j, pair in found[0].items()})

    def point(self, number):
        """The margin that is derived of a counterexample, which is held last."""
        claim = json.loads(json.dumps(self.report["certificates"][number]), parse_float=Fraction)
        self.auditor.audit(claim, self.centre(number), self.proofs[number, 0])
        return Fraction(self.auditor.derived, self.auditor.tick)

    def centre(self, number):
        return [Fraction(x, 255) for x in self.pixels[64 * number:64 * number + 64]]

    def accepts(self, report, net=None):
        """Whether it is valid, and why not; numbers of the report are those of its text."""
        with mock.patch.object(audit, "Auditor", Remembering), mock.patch.object(audit, "read_proofs", remembered):
            try:
                read = json.loads(json.dumps(report), parse_float=Fraction)
                network = (self.layers, self.chain) if net is None else audit.read_network(net)
                files = VALID / "images-idx3-ubyte", VALID / "report.proofs", VALID / "labels-idx1-ubyte"
                return True, audit.audit(read, *network, *files)
            except Exception as error:
                return False, str(error)


def is_sound(base, r):
    """Rows against the network itself: plain loops over the file's numbers, at corners of the ball."""
    net = json.loads(base.net.read_text())
    maps = [layer for layer in net["layers"] if layer["type"] == "dense"]
    maps = [([[Fraction(w) for w in row] for row in m["weights"]], [Fraction(b) for b in m["bias"]]) for m in maps]
    for number, claim in enumerate(base.report["certificates"]):
        own = claim["specification_class"]
        for _ in range(4):
            z = [x + r.choice([-1, 1]) * Fraction("0.1") for x in base.centre(number)]
            for depth, (weights, bias) in enumerate(maps):
                z = [max(x, 0) for x in z] if depth else z
                z = [sum(w * x for w, x in zip(row, z)) + b for row, b in zip(weights, bias)]
            for rival, (exact, deployed) in base.best[number].items():
                expect(deployed <= exact <= z[own] - z[rival], f"example {number}: margin {rival} above a true one")


def above(x):
    """The least binary64 number above a fraction."""
    near = float(x)
    return near if Fraction(near) > x else math.nextafter(near, math.inf)


def one_number_above(base):
    """Every claim of a lower bound at the last number that is derived, and at the next one."""
    changes = 0
    for number, best in enumerate(base.best):
        fields = {("margins", rival): end for rival, (_, end) in best.items()}
        fields["margin", None] = min(end for _, end in best.values())
        fields["margin_real", None] = min(end for end, _ in best.values())
        if base.report["certificates"][number]["verdict"] == "falsified":
            fields["counterexample", "margin"] = base.point(number)
        for (key, rival), end in fields.items():
            for claimed in (math.nextafter(above(end), -math.inf), above(end), math.nextafter(above(end), math.inf)):
                report = copy.deepcopy(base.report)
                claim = report["certificates"][number]
                report["certificates"] = [claim]
                if rival is None:
                    claim[key] = claimed
                else:
                    (claim["attack"] if rival == "margin" else claim)[key][rival] = claimed
                count_anew(report)
                # What is claimed is the decimal that is written, not the binary number that is nearest to it.
                found = base.accepts(report)
                expect(found[0] == (Fraction(repr(claimed)) <= end), f"example {number}, {key}: {claimed!r} {found}")
                changes += 1
    return changes


def count_anew(report):
    for key in audit.VERDICTS:
        report["summary"][key] = sum(c["verdict"] == key for c in report["certificates"])
    report["summary"]["examples"] = len(report["certificates"])
    report["summary"]["robust_error"] = 1


def other_fields(base, r):
    """Fields that bind the files together, and verdicts: every change is rejected."""
    changes = []
    certificates = base.report["certificates"]
    for number, claim in enumerate(certificates):
        for verdict in set(audit.VERDICTS) - {claim["verdict"], "unknown"}:
            changes.append((("certificates", number, "verdict"), verdict))
        changes.append((("certificates", number, "verdict"), "proved"))
        for key in ("index", "label", "specification_class"):
            changes.append((("certificates", number, key), (claim[key] + 1 + r.randrange(8)) % 10))
        if claim["verdict"] in ("certified", "misclassified"):
            changes.append((("certificates", number, "prediction"), claim["label"] if claim["verdict"] == "misclassified" else (claim["label"] + 1) % 10))
        if claim["verdict"] == "falsified":
            place, found = ("certificates", number, "attack", "counterexample"), claim["attack"]["counterexample"]
            changes += [(place + ("class",), (found["class"] + 1) % 10), (place + ("distance",), found["distance"] * (1 - 1e-8)),
                        (place, None)]
    summary = base.report["summary"]
    changes += [(("summary", key), summary[key] + step) for key in ("examples", *audit.VERDICTS) for step in (1, -1)]
    changes += [(("summary", "robust_error"), x) for x in (0, 7 / 12 - 1e-12, math.nextafter(7 / 12, 0))]
    for place in (("model",), ("data",), ("data", "labels")):
        changes.append((place + ("sha256",), hashlib.sha256(b"").hexdigest()))
    changes += [(("options", "epsilon", "text"), x) for x in ("0.11", "-0.1", "0.1000000000000000000001", "")]
    for path, value in changes:
        report = copy.deepcopy(base.report)
        target = report
        for key in path[:-1]:
            target = target[key]
        target[path[-1]] = value
        if path[-1] == "verdict":
            robust = summary["robust_error"]
            count_anew(report)
            report["summary"]["robust_error"] = robust if value == "certified" else 1
        found = base.accepts(report)
        expect(not found[0], f"{path} as {value!r}: {found}")
    return len(changes)


def refusals(base, where):
    """What is not audited here is refused by that name."""
    for place, value in ((("options", "norm"), "l2"), (("options", "decision"), "argmin"), (("data", "mean"), [0.5]),
                         (("options", "arithmetic"), "bfloat16"), (("options", "epsilon_file"), {}), (("data", "std"), [2]),
                         (("data", "layout"), "NHWC")):
        report = copy.deepcopy(base.report)
        report[place[0]][place[1]] = value
        found = base.accepts(report)
        expect(not found[0] and f"not audited here: {place[1]}" in found[1], f"{place}: {found}")
    net = json.loads(base.net.read_text())
    for kind in ("avgpool2d", "batchnorm", "normalize", "scale"):
        (where / "net.json").write_text(json.dumps(dict(net, layers=[{"type": kind}] + net["layers"])))
        found = base.accepts(base.report, net=where / "net.json")
        expect(not found[0] and f"not audited here: {kind}" in found[1], f"{kind}: {found}")
    net["layers"][1]["bias"][0] = math.nextafter(net["layers"][1]["bias"][0], 1)
    (where / "net.json").write_text(json.dumps(net))
    found = base.accepts(base.report, net=where / "net.json")
    expect(not found[0] and "not audited here: float32" in found[1], f"a number of binary64: {found}")
    report = copy.deepcopy(base.report)
    report["options"]["arithmetic"] = "real"
    found = base.accepts(report, net=where / "net.json")
    expect(not found[0] and "expected of" in found[1], f"another network: {found}")


def statuses(base, where):
    """Only a claim is invalid: what was asked wrongly, or cannot be read, has a status of its own."""
    files = [VALID / "report.json", base.net, VALID / "images-idx3-ubyte", VALID / "report.proofs", VALID / "labels-idx1-ubyte"]
    expect(run(sys.executable, AUDITOR, *files)[0] == 0, "the valid report by the program")
    expect(run(sys.executable, AUDITOR)[0] == 64 and run(sys.executable, AUDITOR, *files, "more")[0] == 64, "usage")
    for place in range(len(files)):
        code, words = run(sys.executable, AUDITOR, *files[:place], where / "none", *files[place + 1:])
        expect(code == 66 and words.startswith("error: ") and "none" in words, f"a missing file {place}: {code} {words}")
        (where / "cut").write_bytes(files[place].read_bytes()[:-9])
        code, words = run(sys.executable, AUDITOR, *files[:place], where / "cut", *files[place + 1:])
        expect(code == 65 and words.startswith("error: "), f"a file cut short {place}: {code} {words}")
    code, words = run(sys.executable, AUDITOR, *files[:4])
    expect(code == 65 and words.startswith("error: "), f"no labels: {code} {words}")
    report = copy.deepcopy(base.report)
    report["options"]["norm"] = "l2"
    (where / "other.json").write_text(json.dumps(report))
    code, words = run(sys.executable, AUDITOR, where / "other.json", *files[1:])
    expect(code == 65 and words.startswith("error: not audited here: norm"), f"another norm: {code} {words}")
    for change in (lambda r: r["certificates"][0].update(margin=7), lambda r: r["summary"].update(certified=99)):
        report = copy.deepcopy(base.report)
        change(report)
        (where / "other.json").write_text(json.dumps(report))
        code, words = run(sys.executable, AUDITOR, where / "other.json", *files[1:])
        expect(code == 1 and words.startswith("invalid: "), f"a claim: {code} {words}")


def tampered(base, where):
    cases = json.loads((VALID.parent / "tampered/cases.json").read_text())
    for case in cases:
        files = []
        for name, changes, convert in (("report.json", case["report"], str.encode), ("report.proofs", case["proofs"], bytes.fromhex)):
            data = (VALID / name).read_bytes()
            for offset, length, text in reversed(changes):
                data = data[:offset] + convert(text) + data[offset + length:]
            (where / name).write_bytes(data)
            files.append(where / name)
        try:
            # The network's digest is for the first auditor to hold against the file; the chain is for both.
            report = json.loads(files[0].read_bytes(), parse_float=Fraction)
            network = audit.read_network(ROOT / case["model"])
            found = True, audit.audit(report, *network, ROOT / case["data"], files[1], VALID / "labels-idx1-ubyte")
        except Exception as error:
            found = False, str(error)
        expect(found[0] == (case["name"] in LEFT_OUT), f"tampered {case['name']}: {found}")
        expect(not found[0] or "robust_loss" in found[1], f"tampered {case['name']}: {found}")
    expect(len(cases) >= 40, f"{len(cases)} cases; expected at least 40")
    return len(cases)


def narrowed(proof):
    """A search of a proof, behind both sides of the split that all of its leaves have: the records, bounds
    narrowed there by a row behind that split for every unit of the first layer, and the split."""
    for search in proof["searched"]:
        parts = [{(s["layer"], s["unit"]) for s in leaf["splits"]} for leaf in search["leaves"]]
        shared = set.intersection(*parts) if parts else ()
        if shared and proof["relaxations"][search["relaxation"]]["kind"] < 3:
            break
    else:
        return None
    (layer, unit), parent = min(shared), search["relaxation"]

    def claims(number, place):
        made = proof["relaxations"][number]
        return made["layers"][place] or claims(made["parent"], place)

    layers, records = [claims(parent, n) for n in range(len(proof["relaxations"][0]["layers"]))], []
    proof["searched"].remove(search)
    for active in (1, 0):
        side = {"layer": layer, "unit": unit, "active": active}
        rows = [{"weight": 0.0, "target": end, "layer": 0, "unit": u, "splits": [{**side, "multiplier": 1.0}], "lines": []}
                for u in layers[0]["units"] for end in (1, 2)]
        proof["relaxations"].append({"kind": 3, "parent": parent, "rival": search["rival"], "splits": [side], "rows": rows,
                                     "layers": layers})
        leaves = [leaf for leaf in search["leaves"] if any(side.items() <= s.items() for s in leaf["splits"])]
        records.append({"rival": search["rival"], "relaxation": len(proof["relaxations"]) - 1, "leaves": leaves})
    proof["searched"] += records
    return side


def behind_splits(program, base, where):
    """One search of the valid file as two records on bounds narrowed behind a split, and forgeries of that."""
    file = proof_files.read((VALID / "report.proofs").read_bytes())
    place = next(n for n, p in enumerate(file["examples"]) if base.report["certificates"][p["index"]]["verdict"] == "certified"
                 and narrowed(p))
    proof = file["examples"][place]
    (side,), (other,) = (made["splits"] for made in proof["relaxations"][-2:])
    third, number, rival = {**side, "unit": side["unit"] + 1}, len(proof["relaxations"]) - 2, proof["searched"][-1]["rival"]
    margin = {"rival": rival, "relaxation": number, "lines": None}
    behind, row = "stands on bounds behind a split", "only behind a split"

    def at(relaxation, **values):
        return lambda p: p["relaxations"][relaxation].update(values)

    def leaf(*splits):
        def forge(p):
            leaf = p["searched"][-2]["leaves"][0]
            leaf["splits"] = [*splits, *(s for s in leaf["splits"] if not side.items() <= s.items())]
        return forge

    def first_row(split):
        return lambda p: p["relaxations"][-2]["rows"][0].update(splits=[{**split, "multiplier": 1.0}])

    def empty(p):
        p["relaxations"][-2].update(rows=[], layers=[])
        p["searched"][-2].update(leaves=[])

    for name, words, forge in [
            ("as it is", "valid: ", lambda p: None),
            ("a leaf without the split", behind, leaf()),
            ("a leaf on the other side", behind, leaf({**other, "multiplier": 0.0})),
            ("a row behind another split", row, first_row(third)),
            ("a row on the other side", row, first_row(other)),
            ("bounds behind a split that they lack", behind, at(-1, parent=number)),
            ("bounds that come later", "which is not known", at(-2, parent=number + 1)),
            ("no splits", "no splits", at(-2, splits=[])),
            ("a margin of a part", "stands on bounds of a part of the ball", lambda p: p["margins"].append(margin)),
            ("one side alone", "no leaf covers the part", lambda p: p["searched"].pop()),
            ("one side twice", "no leaf covers the part", lambda p: p["searched"].__setitem__(-1, p["searched"][-2])),
            ("a part that is said to be empty", "claimed to contradict itself", empty),
            ("another rival", "hold for another class", lambda p: p["searched"][-1].update(rival=(rival + 1) % 10)),
            ("another rival's bounds", "stands on another's", at(-1, rival=(rival + 1) % 10))]:
        forged = copy.deepcopy(file)
        forge(forged["examples"][place])
        (where / "proofs").write_bytes(proof_files.write(forged))
        files = VALID / "images-idx3-ubyte", where / "proofs"
        one = run(program, "audit", VALID / "report.json", "--model", base.net, "--data", files[0], "--proofs", files[1], "--quiet")
        two = run(sys.executable, AUDITOR, VALID / "report.json", base.net, *files, VALID / "labels-idx1-ubyte")
        status = {"as it is": 0, "no splits": 65}.get(name, 1)
        expect(one[0] == status and words in one[1] and two[0] == min(status, 1), f"behind splits, {name}: {one} {two}")


def main():
    parser = argparse.ArgumentParser(description="The second auditor against the first.")
    parser.add_argument("program", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}", flush=True)
    expect(len(AUDITOR.read_text().splitlines()) < 400, "examples/audit.py: it was to be read in one sitting")
    expect(max(map(len, AUDITOR.read_text().splitlines())) <= 100, "examples/audit.py: a line of more than 100 columns")
    base, r = Base(), random.Random(arguments.seed)
    expect(base.accepts(base.report)[0], f"the valid report: {base.accepts(base.report)}")
    is_sound(base, r)
    changes = one_number_above(base) + other_fields(base, r)
    with tempfile.TemporaryDirectory() as folder:
        refusals(base, Path(folder))
        statuses(base, Path(folder))
        behind_splits(arguments.program.resolve(), base, Path(folder))
        cases = tampered(base, Path(folder))
        agreement(arguments.program.resolve(), Path(folder))
    print(f"{changes} changes and {cases} tampered files; {len(broken)} broken rules")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
