"""The benchmarks: certify against its peers, against itself, and its growth.

    run.py --certify .build/release/certify --corpus CORPUS [--readme]

Writes results/results.json, results/table.md and results/*.svg beside this file; with `--readme`
the table also goes between the marks in README.md. Needs requirements.txt; AUTO_LIRPA may name a
checkout of auto_LiRPA, AUTO_LIRPA_PYTHON the Python that runs it, MARABOU_PYTHON one that has maraboupy.
`--only lenet` measures max pooling anew and needs no corpus, `--only search` the complete search; the
other results stay as they are. Every number is of one machine and one run: what travels is the ratios.
"""

import argparse
import datetime
import json
import os
import platform
import tempfile
from pathlib import Path

import comparison
import growth
import search
from kernels import kernel_table, kernels
from plot import growth_plot
from programs import Certify

HERE = Path(__file__).resolve().parent
DIGITS = HERE.parent / "fixtures" / "digits"
MARKS = "<!-- results -->\n", "<!-- end of results -->\n"


def processor():
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def load():
    """The load average before the run: how busy the machine was with other work."""
    return round(os.getloadavg()[0], 2)


def three(values):
    return " / ".join(f"{v:.0f}" if v >= 100 else f"{v:.3g}" for v in values)


def peer_table(lines):
    out = [
        "| case | peer | peer, ms | certify, ms, the same 200 | certify, ms, all | ratio, the 200 "
        "| ratio, all | goal | open of the 200: peer, certify |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for line in lines:
        out.append(
            f"| {line['case']} | {line['peer']} | {three(line['peer_ms'])} "
            f"| {three(line['ours_sample_ms'])} | {three(line['ours_all_ms'])} "
            f"| {three(line['ratio_sample'])} | **{three(line['ratio_all'])}** "
            f"| {line['goal'] or '-'} | {line['peer_without_certificate']}, "
            f"{line['ours_without_certificate']} |")
    return out


def other_table(results):
    itself, large, start = results["itself"], results["large"], results["start_up"]
    radii, tighter = results["radii"], results["tighter"]
    adaptive, climbed = tighter["adaptive"], tighter["auto"]
    open_examples = tighter["examples"]
    mnist = [line for line in results["peers"] if line["case"].startswith("MNIST")]
    peak = max(line["peak_mebibytes"] for line in mnist)
    rows = [
        ("float32 against real, run time", three(itself["float32_over_real"]), "at most 1.15"),
        ("two threads against one", three(itself["two_threads_speedup"]), "at least 1.85"),
        ("radii of 10000 MNIST images against their margins, run time",
         three(radii["over_margins"]), "at most 15"),
        ("bound computations of a radius", three(radii["steps"]), "at most 8 at the median"),
        (f"`adaptive` on {open_examples} open MNIST examples, ms an example",
         three(adaptive["ms"]), "-"),
        ("of them certified by `adaptive`", str(adaptive["certified"]), "at least 45"),
        ("`auto`, up to `optimized`, on the same, ms an example",
         three(climbed["ms"]), "at most 26 (a twentieth of alpha-CROWN's 530)"),
        ("of them certified by `auto`", str(climbed["certified"]), "at least 100"),
        ("large network, ms an example", three(large["ms"]), "at most 400"),
        ("large network, peak memory, MiB", f"{large['peak_mebibytes']:.0f}", "at most 1024"),
        ("10000 test images, peak memory, MiB", f"{peak:.0f}", "at most 150"),
        ("`certify --version`, ms", three(start["version_ms"]), "at most 15"),
        ("certifying one digit, ms", three(start["one_digit_ms"]), "at most 60"),
    ]
    return ["| measure | found | goal |", "|---|---|---|"] + [
        f"| {name} | {found} | {goal} |" for name, found, goal in rows]


def lenet_table(results):
    about, networks = results["lenet"]["about"], results["lenet"]["networks"]
    shared = ", shared with other work" if about["load"] > about["cores"] else ""
    out = [
        "LeNets with max pooling, trained to be certified (`fixtures/mnist/lenet-robust.onnx` and "
        f"`fixtures/digits/lenet-robust.onnx`); {about['date']}, load {about['load']} before the "
        f"start{shared}. As many threads for each, {about['repetitions']} repetitions in "
        "alternation. Beside it auto_LiRPA's CROWN in batches of 10. Closer: how much larger "
        "certify's margins are than CROWN's, as a share of their size, at the quartiles.",
        "",
        "| network | slopes: certify, auto_LiRPA | threads | auto_LiRPA, ms | certify, ms | ratio | "
        "goal | certified: certify, auto_LiRPA | median margin: certify, auto_LiRPA | closer |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for name, lines in networks.items():
        out += [lenet_line(name, line) for line in lines]
    return out


def lenet_line(name, line):
    head = f"| {name}, eps {line['eps']}, {line['examples']} | {line['slopes']}"
    if "ratio" not in line:
        return (
            f"{head}, - | {line['threads']} | - | {three(line['ours_ms'])} | - | 20 "
            f"| {line['certified']}, - | {line['margin']:.3g}, - | - |")
    closer = " / ".join(f"{100 * v:+.0f}%" for v in line["closer"])
    return (
        f"{head}, {line['peer_slopes']} | {line['threads']} | {three(line['peer_ms'])} "
        f"| {three(line['ours_ms'])} | **{three(line['ratio'])}** | 20 "
        f"| {line['certified']}, {line['peer_certified']} "
        f"| {line['margin']:.3g}, {line['peer_margin']:.3g} | {closer} |")


def table(results):
    about = results["about"]
    head = (
        f"{about['date']}, {about['processor']}, {about['cores']} cores, load {about['load']} "
        f"before the start. One thread each, {about['repetitions']} repetitions in alternation; "
        "three numbers are minimum / median / maximum, ms are for an example. certify: the whole "
        "command, start-up, reading and report included, `--arithmetic float32 --slopes parallel "
        "--radii off`. Open: without certificate."
    )
    parts = [
        [head], peer_table(results["peers"]), lenet_table(results),
        # Not there where only the rest was measured.
        *([search.search_table(results["search"])] if "search" in results else []),
        other_table(results), kernel_table(results["kernels"])]
    return "\n\n".join("\n".join(part) for part in parts) + "\n"


PLOTS = [
    ("examples", "Examples (MNIST, eps 0.1)", "examples", False, True),
    ("epsilon", "eps (MNIST, 200 examples)", "eps", True, False),
    ("width", "Width (3 hidden dense layers)", "units a layer", True, True),
    ("depth", "Depth (256 units a layer)", "hidden layers", True, True),
]


def write(results, out, readme):
    out.mkdir(exist_ok=True)
    (out / "results.json").write_text(json.dumps(results, indent=1) + "\n")
    text = table(results)
    (out / "table.md").write_text(text)
    for key, title, label, per_example, logarithmic in PLOTS:
        plot = growth_plot(results["growth"][key], title, label, per_example, logarithmic)
        (out / f"{key}.svg").write_text(plot)
    if readme:
        page = HERE / "README.md"
        head, rest = page.read_text().split(MARKS[0])
        page.write_text(head + MARKS[0] + text + MARKS[1] + rest.split(MARKS[1])[1])


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--certify", required=True)
    parser.add_argument("--corpus", default=os.environ.get("CERTIFY_CORPUS"))
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--output", type=Path, default=HERE / "results")
    parser.add_argument("--only", choices=["lenet", "search"], help="measure this anew, keep the rest")
    parser.add_argument("--readme", action="store_true", help="put the table into README.md")
    options = parser.parse_args()
    if not options.corpus and options.only != "lenet":
        parser.error("--corpus, or the environment variable CERTIFY_CORPUS, has to name the corpus")
    return options


def measured(options, certify, about):
    with tempfile.TemporaryDirectory() as scratch:
        corpus = comparison.Corpus(options.corpus, scratch)
        return {
            "about": about,
            "kernels": kernels(scratch),
            "start_up": comparison.start_up(certify, DIGITS, options.repetitions),
            "itself": comparison.against_itself(certify, corpus, options.repetitions),
            "radii": comparison.radii(certify, corpus, options.repetitions),
            "tighter": comparison.tighter_slopes(certify, corpus, options.repetitions),
            "large": comparison.large_network(certify, corpus, options.repetitions),
            "growth": growth.all_growth(certify, corpus, min(3, options.repetitions)),
            "peers": comparison.against_peers(certify, corpus, options.repetitions),
        }


def main():
    options = arguments()
    certify = Certify(options.certify)
    about = {
        "date": datetime.date.today().isoformat(), "processor": processor(),
        "cores": os.cpu_count(), "load": load(), "repetitions": options.repetitions,
    }
    if options.only:
        results = json.loads((options.output / "results.json").read_text())
    else:
        results = measured(options, certify, about)
    if options.only != "search":
        with tempfile.TemporaryDirectory() as scratch:
            networks = comparison.lenets(certify, DIGITS.parent, scratch, options.repetitions)
        results["lenet"] = {"about": about, "networks": networks}
    if options.only != "lenet":
        with tempfile.TemporaryDirectory() as scratch:
            corpus = comparison.Corpus(options.corpus, scratch)
            found = search.measured(certify, corpus, DIGITS, min(3, options.repetitions))
        results["search"] = {"about": about, "found": found}
    write(results, options.output, options.readme)
    print((options.output / "table.md").read_text())


if __name__ == "__main__":
    main()
