"""Holds exported properties, and the answers of `certify verify`, against programs of others.

Every property that `certify export-vnnlib` writes for the digits is read by the PyPI package `vnnlib`: its box
must be the exact ball, or wider by less than a rounding or two, and its disjuncts the rivals that the run leaves open.
Then Marabou decides it. Where the answers differ, the witness of whoever has one is evaluated: Marabou works with
tolerances, so that only a witness that is one counts.
"""

import contextlib
import json
import os
import re
import subprocess
import sys
import tempfile
import warnings
from fractions import Fraction
from pathlib import Path

import numpy as np
import onnxruntime

warnings.simplefilter("ignore")
from maraboupy import Marabou  # noqa: E402
from vnnlib.compat import read_vnnlib_simple  # noqa: E402

DIGITS = Path("fixtures/digits")
IMAGES = DIGITS / "digits-test-images-idx3-ubyte"
FEATURES, CLASSES = 64, 10
CASES = [("dense-ordinary", "0.06", 40), ("dense-robust", "0.08", 60), ("conv-ordinary", "0.04", 60)]
# What bounds alone leave open.
OPTIONS = ["--slopes", "parallel", "--splits", "0", "--attack", "none"]
SECONDS = 60


def certify(binary, *arguments):
    run = subprocess.run([binary, *map(str, arguments)], capture_output=True, text=True)
    # 1 is an answer of `verify`.
    if run.returncode != 0 and (run.returncode, arguments[0]) != (1, "verify"):
        sys.exit(f"foreign: {' '.join(map(str, arguments))}: status {run.returncode}: {run.stderr}")
    return run.stdout


def images():
    data = IMAGES.read_bytes()
    return np.frombuffer(data, dtype=np.uint8, offset=16).reshape(-1, FEATURES)


def check_text(path, pixels, eps, certificate):
    """The property as others read it, against the question of the run."""
    cases = read_vnnlib_simple(path, FEATURES, CLASSES)
    assert len(cases) == 1, f"{path}: {len(cases)} boxes"
    box, disjuncts = cases[0]
    assert len(box) == FEATURES, f"{path}: a box of {len(box)} inputs"
    for place, (low, high) in enumerate(box):
        value = Fraction(int(pixels[place]), 255)
        slack = (value + eps) / 2**48
        assert value - eps - slack <= Fraction(low) <= value - eps, f"{path}: lower end of X_{place}"
        assert value + eps <= Fraction(high) <= value + eps + slack, f"{path}: upper end of X_{place}"
    own = certificate["specification_class"]
    rivals = set()
    for rows, limits in disjuncts:
        (row,), (limit,) = np.asarray(rows).tolist(), np.asarray(limits).ravel().tolist()
        rival = row.index(-1)
        expected = [0] * CLASSES
        expected[own], expected[rival] = 1, -1
        assert row == expected and limit == 0, f"{path}: {row} y <= {limit}"
        rivals.add(rival)
    margins = certificate["margins"]
    left = {c for c in range(CLASSES) if c != own and not (margins[c] or -1) > 0}
    assert rivals == left, f"{path}: rivals {rivals}, open {left}"
    return own, rivals


def loses(session, shape, point, own, rivals):
    """Whether another class is as good at a point, as onnxruntime computes the network."""
    x = np.asarray(point, dtype=np.float32).reshape(shape)
    logits = session.run(None, {session.get_inputs()[0].name: x})[0].ravel()
    return any(logits[rival] >= logits[own] for rival in rivals)


def own_answer(binary, model, path, scratch):
    result = Path(scratch) / "result"
    certify(binary, "verify", model, path, "--quiet", "-o", result)
    text = result.read_text()
    pairs = dict(re.findall(r"\((X_\d+) ([^)\s]+)\)", text))
    point = [float(pairs[f"X_{place}"]) for place in range(FEATURES)] if pairs else None
    return text.split()[0], point


@contextlib.contextmanager
def silence():
    """Marabou says every property's name, below Python."""
    sys.stdout.flush()
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)


def marabou_answer(model, path):
    network = Marabou.read_onnx(str(model))
    variables = network.inputVars[0].ravel()
    options = Marabou.createOptions(verbosity=0, timeoutInSeconds=SECONDS)
    with silence():
        answer, values, _ = network.solve(
            propertyFilename=str(path), verbose=False, options=options)
    return answer, [values[v] for v in variables] if answer == "sat" else None


def check_case(binary, name, eps, limit):
    model = DIGITS / f"{name}.onnx"
    session = onnxruntime.InferenceSession(str(model))
    shape = [1, 1, 8, 8]
    pixels = images()
    counts = {}
    with tempfile.TemporaryDirectory() as scratch:
        question = [model, "--eps", eps, "--data", IMAGES, "--limit", limit, "--quiet", *OPTIONS]
        report = json.loads(certify(binary, *question, "--radii", "off"))
        certify(binary, "export-vnnlib", *question, "-o", scratch)
        paths = sorted(Path(scratch).glob("example-*.vnnlib"))
        open_ones = [c for c in report["certificates"] if c["verdict"] == "unknown"]
        assert len(paths) == len(open_ones) > 0, f"{name}: {len(paths)} of {len(open_ones)} exported"
        for path in paths:
            index = int(path.stem.split("-")[1])
            own, rivals = check_text(
                path, pixels[index], Fraction(eps), report["certificates"][index])
            answer, point = own_answer(binary, model, path, scratch)
            theirs, witness = marabou_answer(model, path)
            key = (answer, theirs)
            counts[key] = counts.get(key, 0) + 1
            assert answer in ("sat", "unsat"), f"{name}, example {index}: {answer}"
            if answer == "sat":
                assert loses(session, shape, point, own, rivals), f"{name}, example {index}: no witness"
            elif theirs == "sat" and loses(session, shape, witness, own, rivals):
                sys.exit(f"foreign: {name}, example {index}: unsat, and Marabou has a witness")
    found = ", ".join(f"{a} and {b} {n}" for (a, b), n in sorted(counts.items()))
    print(f"{name}, eps {eps}: certify and Marabou say {found}")
    return sum(n for (a, b), n in counts.items() if a == b)


def main():
    agreed = sum(check_case(sys.argv[1], *case) for case in CASES)
    assert agreed > 0, "foreign: not one answer of both"


if __name__ == "__main__":
    main()
