"""Ratios against other programs, in alternation; then certify against itself."""

import gzip
import os
import statistics
from pathlib import Path

import networks
from idx import read_idx, write_idx
from programs import Peer

CASES = [
    ("MNIST, eps 0.1", "mnist", "0.1"),
    ("MNIST, eps 0.3", "mnist", "0.3"),
    ("Fashion-MNIST, eps 0.1", "fashion", "0.1"),
]
MODELS = {"mnist": "mnist.onnx", "fashion": "fashion_mnist.onnx"}
GOALS = {
    ("MNIST, eps 0.1", "convex-adversarial"): 200, ("MNIST, eps 0.1", "auto-lirpa"): 100,
    ("MNIST, eps 0.3", "convex-adversarial"): 200, ("MNIST, eps 0.3", "auto-lirpa"): 30,
    ("Fashion-MNIST, eps 0.1", "convex-adversarial"): 150,
}
SAMPLE = 200


class Corpus:
    """The networks and test sets, and a fixed sample of 200 images: every 50th of 10000."""

    def __init__(self, root, scratch):
        self.root, self.scratch = Path(root), Path(scratch)

    def model(self, name):
        return self.root / "models" / MODELS[name]

    def all(self, name):
        stem = self.root / "data" / f"{name}-t10k"
        return f"{stem}-images-idx3-ubyte.gz", f"{stem}-labels-idx1-ubyte.gz"

    def sample(self, name):
        paths = []
        for kind, full in zip(("images", "labels"), self.all(name)):
            paths.append(self.scratch / f"{name}-{kind}.idx")
            array = read_idx(full)
            write_idx(paths[-1], array[:: len(array) // SAMPLE])
        return paths


def spread(values):
    """Minimum, median and maximum."""
    values = sorted(values)
    return values[0], values[len(values) // 2], values[-1]


def has_auto_lirpa():
    return "AUTO_LIRPA" in os.environ or "AUTO_LIRPA_PYTHON" in os.environ


def peers():
    return ["convex-adversarial"] + (["auto-lirpa"] if has_auto_lirpa() else [])


def against_peers(certify, corpus, repetitions):
    """A line for each case and peer: peer and certify in turn, ratios repetition by repetition."""
    lines = []
    for title, name, eps in CASES:
        model, sample, everything = corpus.model(name), corpus.sample(name), corpus.all(name)
        running = {peer: Peer(peer, model, *sample, eps) for peer in peers()}
        theirs = {peer: [] for peer in running}
        ours_sample, ours_all = [], []
        for _ in range(repetitions):
            for peer, process in running.items():
                theirs[peer].append(process.repetition())
            ours_sample.append(certify.margins(model, *sample, eps))
            ours_all.append(certify.margins(model, *everything, eps))
        for peer, process in running.items():
            process.close()
            lines.append({
                "case": title, "peer": peer, "goal": GOALS.get((title, peer)),
                "peer_ms": spread([r["ms"] for r in theirs[peer]]),
                "ours_sample_ms": spread([r.ms for r in ours_sample]),
                "ours_all_ms": spread([r.ms for r in ours_all]),
                "ratio_sample": spread([t["ms"] / o.ms for t, o in zip(theirs[peer], ours_sample)]),
                "ratio_all": spread([t["ms"] / o.ms for t, o in zip(theirs[peer], ours_all)]),
                "peer_without_certificate": theirs[peer][0]["without_certificate"],
                "ours_without_certificate": ours_sample[0].without_certificate,
                "ours_all_without_certificate": ours_all[0].without_certificate,
                "peak_mebibytes": max(r.mebibytes for r in ours_all),
            })
    return lines


def against_itself(certify, corpus, repetitions):
    """float32 against real, and two threads against one; all MNIST images, eps 0.1."""
    model, data = corpus.model("mnist"), corpus.all("mnist")
    single, real, double = [], [], []
    for _ in range(repetitions):
        single.append(certify.margins(model, *data, "0.1"))
        real.append(certify.margins(model, *data, "0.1", arithmetic="real"))
        double.append(certify.margins(model, *data, "0.1", threads=2))
    return {
        "float32_over_real": spread([a.seconds / b.seconds for a, b in zip(single, real)]),
        "two_threads_speedup": spread([a.seconds / b.seconds for a, b in zip(single, double)]),
    }


def radii(certify, corpus, repetitions):
    """Radii of all MNIST images against their margins at eps 0.1, both with parallel slopes."""
    model, data = corpus.model("mnist"), corpus.all("mnist")
    ratios, steps = [], []
    for _ in range(repetitions):
        margins = certify.margins(model, *data, "0.1", arithmetic="real")
        run = certify.margins(model, *data, "0.1", arithmetic="real", radii="all")
        ratios.append(run.seconds / margins.seconds)
        steps = [c["radius_steps"] for c in run.certificates]
    return {"over_margins": spread(ratios), "steps": spread(steps)}


def tighter_slopes(certify, corpus, repetitions):
    """Tighter slopes on the MNIST images, rightly classified, that parallel slopes leave open."""
    model, everything = corpus.model("mnist"), corpus.all("mnist")
    parallel = certify.margins(model, *everything, "0.1", arithmetic="real")
    chosen = [
        c["index"] for c in parallel.certificates
        if c["verdict"] == "unknown"]
    paths = []
    for kind, full in zip(("images", "labels"), everything):
        paths.append(corpus.scratch / f"open-{kind}.idx")
        write_idx(paths[-1], read_idx(full)[chosen])
    result = {"examples": len(chosen)}
    for slopes in ("adaptive", "auto"):
        runs = [
            certify.margins(model, *paths, "0.1", arithmetic="real", slopes=slopes)
            for _ in range(repetitions)]
        result[slopes] = {
            "ms": spread([run.ms for run in runs]),
            "certified": len(chosen) - runs[0].without_certificate}
    return result


def large_network(certify, corpus, repetitions, count=10):
    """The second paper's large MNIST network with random weights, eps 0.1."""
    path = corpus.scratch / "large.onnx"
    networks.large(path)
    data = corpus.sample("mnist")
    runs = [
        certify.margins(path, *data, "0.1", "--limit", count) for _ in range(repetitions)]
    return {
        "ms": spread([run.ms for run in runs]), "examples": count,
        "peak_mebibytes": max(run.mebibytes for run in runs),
    }


def start_up(certify, digits, repetitions):
    """`--version`, and one digit; in ms."""
    version = [1000 * certify.execute("--version")[0] for _ in range(4 * repetitions)]
    data = digits / "digits-test-images-idx3-ubyte", digits / "digits-test-labels-idx1-ubyte"
    one = [
        1000 * certify.margins(digits / "conv-robust.onnx", *data, "0.05", "--limit", 1).seconds
        for _ in range(4 * repetitions)
    ]
    return {"version_ms": spread(version), "one_digit_ms": spread(one)}


#: Slopes of certify, and those of auto_LiRPA that are held against them; whether on all cores, too.
LENET_SLOPES = [
    ("parallel", "same-slope", True), ("adaptive", "adaptive", True), ("auto", "adaptive", False)]


def lenets(certify, fixtures, scratch, repetitions):
    """The LeNets with max pooling, MNIST's and the digits'."""
    digits, mnist = fixtures / "digits", fixtures / "mnist"
    plain = []
    for name in "test-images-idx3-ubyte", "test-labels-idx1-ubyte":
        plain.append(Path(scratch) / name)
        plain[-1].write_bytes(gzip.decompress((mnist / f"{name}.gz").read_bytes()))
    small = digits / "digits-test-images-idx3-ubyte", digits / "digits-test-labels-idx1-ubyte"
    return {
        "MNIST": lenet(certify, mnist / "lenet-robust.onnx", plain, repetitions, "0.1"),
        "digits": lenet(certify, digits / "lenet-robust.onnx", small, repetitions, "0.05"),
    }


def lenet(certify, model, data, repetitions, eps):
    """A LeNet with max pooling: a line for each choice of slopes and threads, beside CROWN's in turn.

    `closer`: how much larger a margin is than CROWN's, as a share of its magnitude, quartiles.
    """
    lines = []
    for slopes, theirs, everywhere in LENET_SLOPES:
        for threads in sorted({1, os.cpu_count()} if everywhere else {1}):
            lines.append(lenet_line(
                certify, model, data, repetitions, eps, slopes, theirs, threads))
    return lines


def lenet_line(certify, model, data, repetitions, eps, slopes, theirs, threads):
    peer = None
    if has_auto_lirpa():
        peer = Peer(
            "auto-lirpa", model, *data, eps, "--slopes", theirs, "--limit", "500", threads=threads)
    other, own = [], []
    for _ in range(repetitions):
        if peer:
            other.append(peer.repetition())
        own.append(certify.margins(model, *data, eps, slopes=slopes, threads=threads))
    margins = [c["margin"] for c in own[0].certificates]
    line = {
        "eps": eps, "slopes": slopes, "threads": threads, "examples": own[0].examples,
        "ours_ms": spread([r.ms for r in own]), "margin": statistics.median(margins),
        "certified": own[0].examples - own[0].without_certificate,
    }
    if peer:
        peer.close()
        found = other[0]["margins"]
        closer = [(a - b) / abs(b) for a, b in zip(margins, found)]
        line |= {
            "peer_slopes": theirs, "peer_ms": spread([r["ms"] for r in other]),
            "ratio": spread([t["ms"] / o.ms for t, o in zip(other, own)]),
            "peer_margin": statistics.median(found),
            "peer_certified": sum(m > 0 for m in found),
            "closer": statistics.quantiles(closer, n=4),
        }
    return line
