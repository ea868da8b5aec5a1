"""The complete search: how it grows with eps, what a second thread does for one example, and Marabou beside it."""

import json
import os
import re
import subprocess
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROBUST, ORDINARY = "mnist.onnx", "vnncomp2021_mnist-net_256x2.onnx"
#: Title, network, images from the first on, and the eps at which the default run is asked.
GROWTH = [
    ("ordinary, 256x2", ORDINARY, 50, ["0.01", "0.015", "0.02", "0.025"]),
    ("robust", ROBUST, 500, ["0.05", "0.08", "0.1", "0.12"]),
]
#: One example whose search ends with its budget.
HARD = (ORDINARY, "0.03", 39)
#: The digits' properties that bounds leave open: network, eps, how many images.
OPEN = ("dense-ordinary", "0.06", 60)
BOUNDS = ["--slopes", "parallel", "--splits", "0", "--attack", "none"]


def spread(values):
    values = sorted(values)
    return values[0], values[len(values) // 2], values[-1]


def run(certify, scratch, model, data, labels, eps, *more, threads=1):
    """Seconds and report of a default run without radii."""
    report = Path(scratch) / "report.json"
    seconds, _ = certify.execute(
        model, "--data", data, "--labels", labels, "--eps", eps, "--radii", "off", "--quiet",
        "--threads", threads, *more, "-o", report)
    return seconds, json.loads(report.read_text())


def growth(certify, corpus, repetitions):
    """What a default run searches, and what that adds to its time, eps by eps."""
    points = []
    for title, name, limit, epsilons in GROWTH:
        model, data = corpus.root / "models" / name, corpus.all("mnist")
        for eps in epsilons:
            added = []
            for _ in range(repetitions):
                without, bounded = run(
                    certify, corpus.scratch, model, *data, eps, "--limit", limit, "--splits", 0)
                seconds, report = run(
                    certify, corpus.scratch, model, *data, eps, "--limit", limit)
                added.append(seconds - without)
            searches = [c["search"] for c in report["certificates"] if c["search"]]
            nodes = sum(search["nodes"] for search in searches)
            points.append({
                "network": title, "eps": eps, "examples": limit, "searched": len(searches),
                "unknown": report["summary"]["unknown"], "nodes": nodes,
                "most_nodes": max((search["nodes"] for search in searches), default=0),
                "added": spread(added),
                "rate": nodes / spread(added)[1] if nodes > 1000 else None,
            })
    return points


def two_threads(certify, corpus, repetitions):
    """One hard example on one thread against two, in turn."""
    name, eps, index = HARD
    model, data = corpus.root / "models" / name, corpus.all("mnist")
    ratios, nodes = [], 0
    for _ in range(repetitions):
        alone, report = run(certify, corpus.scratch, model, *data, eps, "--index", index)
        both, _ = run(certify, corpus.scratch, model, *data, eps, "--index", index, threads=2)
        ratios.append(alone / both)
        nodes = report["certificates"][0]["search"]["nodes"]
    return {"ratio": spread(ratios), "nodes": nodes}


def marabou(certify, digits, repetitions):
    """Every open property by `certify verify`, start-up included, and by Marabou without its own, in turn.

    MARABOU_PYTHON names a Python that has maraboupy and onnx.
    """
    name, eps, limit = OPEN
    model = digits / f"{name}.onnx"
    question = [
        model, "--data", digits / "digits-test-images-idx3-ubyte", "--eps", eps, "--limit", limit]
    ratios, ours, theirs, answers = [], [], [], {}
    with tempfile.TemporaryDirectory() as scratch:
        certify.execute("export-vnnlib", *question, *BOUNDS, "--quiet", "-o", scratch)
        paths = sorted(Path(scratch).glob("*.vnnlib"))
        peer = subprocess.Popen(
            [os.environ["MARABOU_PYTHON"], HERE / "marabou_peer.py", model],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for repetition in range(repetitions):
            for path in paths:
                peer.stdin.write(f"{path}\n")
                peer.stdin.flush()
                found = json.loads(peer.stdout.readline())
                start = time.perf_counter()
                output = subprocess.run(
                    [certify.binary, "verify", model, path, "--quiet", "--threads", "1"],
                    capture_output=True, text=True)
                seconds = time.perf_counter() - start
                answer = re.match(r"\w+", output.stdout).group()
                ours.append(1000 * seconds)
                theirs.append(1000 * found["seconds"])
                ratios.append(found["seconds"] / seconds)
                if repetition == 0:
                    key = f"{answer}, {found['answer']}"
                    answers[key] = answers.get(key, 0) + 1
        peer.stdin.close()
        peer.wait()
    return {
        "network": name, "eps": eps, "properties": len(paths), "ours_ms": spread(ours),
        "theirs_ms": spread(theirs), "ratio": spread(ratios),
        "sum_ratio": sum(theirs) / sum(ours), "answers": answers,
    }


def measured(certify, corpus, digits, repetitions):
    results = {
        "growth": growth(certify, corpus, repetitions),
        "two_threads": two_threads(certify, corpus, repetitions),
    }
    if "MARABOU_PYTHON" in os.environ:
        results["marabou"] = marabou(certify, digits, repetitions)
    return results


def three(values):
    return " / ".join(f"{v:.0f}" if v >= 100 else f"{v:.3g}" for v in values)


def search_table(results):
    about, found = results["about"], results["found"]
    out = [
        f"The complete search, as it is by default; {about['date']}, load {about['load']} before the start, "
        f"{about['repetitions']} repetitions. MNIST's first images, one thread, the network as deployed in "
        "binary32. Added: seconds that the search adds to a run with `--splits 0`. Nodes a second are "
        "given where there are more than 1000.",
        "",
        "| network | eps | images | searched | left unknown | nodes | most of one | added, s | nodes a second |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for point in found["growth"]:
        rate = f"{point['rate']:.0f}" if point["rate"] else "-"
        out.append(
            f"| {point['network']} | {point['eps']} | {point['examples']} | {point['searched']} "
            f"| {point['unknown']} | {point['nodes']} | {point['most_nodes']} | {three(point['added'])} "
            f"| {rate} |")
    threads = found["two_threads"]
    out += [
        "",
        f"One search of {threads['nodes']} nodes, two threads against one: **{three(threads['ratio'])}** times "
        "as fast, with the same bytes.",
    ]
    if "marabou" in found:
        line = found["marabou"]
        answers = "; ".join(f"{count} {pair}" for pair, count in sorted(line["answers"].items()))
        out += [
            "",
            f"{line['properties']} properties of the digits (`{line['network']}`, eps {line['eps']}) that bounds "
            f"leave open, beside Marabou 2.0.0, one thread each, in turn; certify as a whole process, Marabou "
            f"without start-up and reading. certify {three(line['ours_ms'])} ms, Marabou "
            f"{three(line['theirs_ms'])} ms; ratio **{three(line['ratio'])}**, of the sums "
            f"{line['sum_ratio']:.3g}. Answers of certify, Marabou: {answers}.",
        ]
    return out
