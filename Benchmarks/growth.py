"""How time and memory grow with examples, eps, width and depth."""

import networks

EXAMPLES = [100, 300, 1000, 3000, 10000]
EPSILONS = ["0.02", "0.05", "0.1", "0.15", "0.2", "0.25", "0.3"]
WIDTHS = [64, 128, 256, 512, 1024]
DEPTHS = [1, 2, 4, 8]
COUNT = 20


def point(x, runs):
    """The fastest of the runs, and the memory of the hungriest."""
    best = min(runs, key=lambda run: run.seconds)
    return {
        "x": float(x), "seconds": best.seconds, "ms": best.ms,
        "mebibytes": max(run.mebibytes for run in runs),
    }


def examples(certify, corpus, repetitions):
    model, data = corpus.model("mnist"), corpus.all("mnist")
    return [
        point(n, [certify.margins(model, *data, "0.1", "--limit", n) for _ in range(repetitions)])
        for n in EXAMPLES
    ]


def epsilon(certify, corpus, repetitions):
    model, data = corpus.model("mnist"), corpus.sample("mnist")
    return [
        point(eps, [certify.margins(model, *data, eps) for _ in range(repetitions)])
        for eps in EPSILONS
    ]


def shape(certify, corpus, repetitions, sizes):
    """One point for each (x, width, depth)."""
    path, data = corpus.scratch / "dense.onnx", corpus.sample("mnist")
    points = []
    for x, width, depth in sizes:
        networks.dense(path, width, depth)
        points.append(point(x, [
            certify.margins(path, *data, "0.02", "--limit", COUNT) for _ in range(repetitions)]))
    return points


def all_growth(certify, corpus, repetitions):
    return {
        "examples": examples(certify, corpus, repetitions),
        "epsilon": epsilon(certify, corpus, repetitions),
        "width": shape(certify, corpus, repetitions, [(w, w, 3) for w in WIDTHS]),
        "depth": shape(certify, corpus, repetitions, [(d, 256, d) for d in DEPTHS]),
    }
