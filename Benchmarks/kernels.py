"""Builds and runs kernels.c: the row kernels as a fraction of the core's peak."""

import json
import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent
MACHINE = HERE.parent / "Sources" / "CKernels"


def kernels(scratch):
    """The best of three runs for each shape; None without clang, whose vectors the kernels use."""
    compiler = shutil.which("clang")
    if compiler is None:
        return None
    binary = Path(scratch) / "kernels"
    sources = sorted(MACHINE.glob("row_kernels*.c"))
    subprocess.run(
        [compiler, "-O2", f"-I{MACHINE / 'include'}", HERE / "kernels.c", *sources, "-o", binary],
        check=True)
    runs = [json.loads(subprocess.check_output([binary])) for _ in range(3)]
    best = max(runs, key=lambda run: run["peak_gflops"])
    for shapes in zip(*(run["shapes"] for run in runs)):
        fastest = min(shapes, key=lambda shape: shape["ms"])
        rate = 2e-6 * fastest["multiply_adds"] / fastest["ms"]
        for entry in best["shapes"]:
            if (entry["shape"], entry["rows"]) == (fastest["shape"], fastest["rows"]):
                entry.update(fastest, of_peak=rate / best["peak_gflops"])
    return best


def kernel_table(found):
    if found is None:
        return ["Kernels: not measured, clang is missing."]
    shapes = sorted({shape["shape"] for shape in found["shapes"]})
    rows = sorted({shape["rows"] for shape in found["shapes"]}, reverse=True)
    of_peak = {(s["shape"], s["rows"]): s["of_peak"] for s in found["shapes"]}
    return [
        f"One step of rows down an operator, every unit live, as a fraction of the core's peak of "
        f"{found['peak_gflops']:.0f} GFLOP/s in binary64 ({found['kernels']} kernels; the peak is of "
        "independent multiply-adds, best of 60 tries):",
        "",
        "| operator | " + " | ".join(f"{n} rows" for n in rows) + " |",
        "|---" * (len(rows) + 1) + "|",
    ] + [
        f"| {shape} | " + " | ".join(f"{of_peak[shape, n]:.2f}" for n in rows) + " |"
        for shape in shapes
    ]
