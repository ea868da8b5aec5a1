"""Runs certify and its peers as processes, and measures them from outside."""

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
OPTIONS = ["--attack", "none", "--quiet"]


@dataclass
class Run:
    """One run of certify: wall-clock seconds, peak memory in MiB, and its report's summary."""

    seconds: float
    mebibytes: float
    examples: int
    without_certificate: int
    certificates: list

    @property
    def ms(self):
        return 1000 * self.seconds / self.examples


class Certify:
    """The program under test."""

    def __init__(self, binary):
        self.binary = str(Path(binary).resolve())

    def execute(self, *arguments):
        """Wall-clock seconds and peak memory of one process that has to end with status 0."""
        measure = [sys.executable, "-I", "-S", HERE / "measure.py", self.binary]
        command = [*measure, *map(str, arguments)]
        output = subprocess.run(command, stdout=subprocess.PIPE, check=True)
        found = json.loads(output.stdout)
        if found["status"] != 0:
            sys.exit(f"bench: {self.binary} {arguments}: {found['message']}")
        return found["seconds"], found["mebibytes"]

    def margins(
        self, model, data, labels, eps, *more, arithmetic="float32", threads=1, slopes="parallel",
        radii="off"
    ):
        """Margins of every example, by the whole command."""
        with tempfile.TemporaryDirectory() as scratch:
            report = Path(scratch) / "report.json"
            seconds, mebibytes = self.execute(
                model, "--data", data, "--labels", labels, "--eps", eps, "--arithmetic", arithmetic,
                "--threads", threads, "--slopes", slopes, "--radii", radii, *OPTIONS, *more, "-o",
                report)
            found = json.loads(report.read_text())
        summary = found["summary"]
        proved = summary["certified"]
        examples = summary["examples"]
        return Run(seconds, mebibytes, examples, examples - proved, found["certificates"])


class Peer:
    """Another program, kept running between repetitions so that its start-up is not timed."""

    def __init__(self, program, model, data, labels, eps, *more, threads=1):
        # A program may need packages that others cannot live with.
        python = sys.executable
        if program == "auto-lirpa":
            python = os.environ.get("AUTO_LIRPA_PYTHON", python)
        self.process = subprocess.Popen(
            [
                python, HERE / "peers.py", program, model, data, labels, "--eps", str(eps),
                "--threads", str(threads), "--repetitions", "1000", "--wait", *more,
            ], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env=os.environ | {"OMP_NUM_THREADS": str(threads)})

    def repetition(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            sys.exit("bench: a peer ended early")
        return json.loads(line)

    def close(self):
        self.process.stdin.close()
        self.process.wait()
