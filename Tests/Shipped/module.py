"""What the module `certify` must do; runs in the folder of the manual's examples, in a Python that has it."""

import json
import subprocess
import sys

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
