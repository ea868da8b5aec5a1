"""What the module `certify` must do; runs in the folder of the manual's examples, in a Python that has it."""

import json
import pathlib
import subprocess
import sys
import tempfile
import warnings

import certify

try:
    import numpy
    import pandas
except ImportError:
    numpy = pandas = None

MODEL, IMAGES = "conv-robust.onnx", "digits-test-images-idx3-ubyte"


def fails(kind, **options):
    """The error of a run that must fail."""
    try:
        certify.run(options.pop("model", MODEL), IMAGES, limit=50, radii="off", **options)
    except kind as error:
        return error
    raise AssertionError(f"{options}: no {kind.__name__}")


def of_the_program(*words):
    done = subprocess.run(
        [certify.program(), MODEL, "--data", IMAGES, "--limit", "50", "--quiet", "-o", "-", *words],
        check=True, capture_output=True)
    return json.loads(done.stdout)


report = certify.run(MODEL, IMAGES, eps="0.05", limit=50, radii="off", clip=(0, 1))
assert report == of_the_program("--eps", "0.05", "--radii", "off", "--clip", "0:1")
table = certify.certificates(report)
assert len(table) == 50

both = certify.run(MODEL, IMAGES, eps=[0.02, 0.05], limit=50, radii="off")
assert both == of_the_program("--eps", "0.02,0.05", "--radii", "off")
rows = certify.certificates(both)
assert len(rows) == 100

with tempfile.TemporaryDirectory() as folder:
    place = pathlib.Path(folder, "report.json")
    assert report == certify.run(
        MODEL, IMAGES, eps="0.05", limit=50, radii="off", clip=(0, 1), output=place)
    assert json.loads(place.read_bytes()) == report
    # One that exists is not taken for that of a run which was refused.
    assert fails(certify.CertifyError, eps="-1", output=place).status == 64
for form in ("text", "json"):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        odd = certify.run(
            MODEL, IMAGES, eps=3, accept_units=True, limit=5, radii="off", error_format=form)
    assert [str(x.message) for x in caught] == [x["text"] for x in odd["warnings"]] != [], caught
    assert {(x.category, x.filename) for x in caught} == {(certify.CertifyWarning, __file__)}

gate = fails(certify.GateFailed, eps=0.05, max_robust_error="0%")
assert gate.status == 1 and gate.report["summary"]["examples"] == 50 and "robust error" in gate.message
missing = fails(certify.CertifyError, eps=0.05, model="nothing.onnx")
assert missing.status == 66 and "nothing.onnx" in missing.message
assert fails(certify.CertifyError, eps="0.05", norm="l7").status == 64

if pandas is None:
    assert rows[0]["eps"] == 0.02 and rows[99]["index"] == 49
else:
    assert list(rows.eps.unique()) == [0.02, 0.05]
    summary = report["summary"]
    assert (table.verdict == "certified").sum() == summary["certified"]
    pixels = numpy.fromfile(IMAGES, numpy.uint8)[16:].reshape(-1, 8, 8)
    labels = numpy.fromfile("digits-test-labels-idx1-ubyte", numpy.uint8)[8:]
    arrays = certify.run(MODEL, pixels[:50], labels=labels[:50], eps=0.05, radii="off", clip=(0, 1))
    assert [row["margin"] for row in arrays["certificates"]] == list(table.margin)
print(f"the module answers as the program does, {'with' if pandas else 'without'} NumPy and pandas")
sys.exit(0)
