"""Builds a copy with mutants, and looks for the first test that catches each."""

import os
import pathlib
import re
import shlex
import signal
import subprocess
import threading
import time

FLAGS = ["--configuration", "release", "--disable-local-rpath", "--explicit-target-dependency-import-check", "error"]
C_SEEDS = 40

# Which tests are likely to catch what: by the folder of the change, nearest first. What is not named
# comes last, all together; C stands for the plain loops of Tests/C.
ENGINE = ["DualBoundsTests"]
GRAPHS = "GraphTrapTests|GraphOracleTests"
# From the graph to its bounds, where rounding is worst: quick, and in DualBoundsTests for its floor only.
WORST = "ComputedConstantTests|WorstDeploymentTests"
AUDITS = ["AuditTests", "CommandTests.(Audit|ExactScale|NarrowedParts|Split)"]
PROPERTIES = ["VerificationTests", "CommandTests.(Verify|Disjunct|Export|Decision)"]
STAGES = {
    "Sources/CRounding/directed": ["NumbersTests", "C"],
    "Sources/CKernels/gradient": ["AttackTests", "C"],
    "Sources/CKernels": ["C", *ENGINE],
    "Sources/DualBounds/Rounding": [*ENGINE, GRAPHS],
    "Sources/DualBounds/Relaxation": [*ENGINE, GRAPHS, "CommandTests.Split"],
    "Sources/DualBounds/Splitting": [*ENGINE, *AUDITS],
    "Sources/DualBounds": ENGINE,
    "Sources/Attack": ["AttackTests"],
    "Sources/Certification": ["AttackTests|ReferenceTests", "CommandTests"],
    "Sources/CertificateRecords": ["ReportsTests", "CommandTests"],
    "Sources/Reports": ["ReportsTests", "CommandTests"],
    "Sources/Pages": ["PagesTests", "CommandTests"],
    "Sources/Numbers": ["NumbersTests", "AttackTests|ReferenceTests", "ReportsTests"],
    "Sources/DataFiles": ["DataFilesTests", "CommandTests"],
    "Sources/FileAccess": ["DataFilesTests", "SyncTests|OutputTests|StreamTests|FullDiskTests"],
    "Sources/NetworkGraph": ["ChainImportTests", WORST, GRAPHS, "ZooTests|DualBoundsTests"],
    "Sources/ReLUChain": ["ReLUChainTests|ChainImportTests", WORST, GRAPHS, "ZooTests|DualBoundsTests"],
    "Sources/ChainImport": ["ChainImportTests", WORST, GRAPHS, "ZooTests|DualBoundsTests"],
    "Sources/Parity": ["ParityTests", "CommandTests"],
    "Sources/Audit": AUDITS,
    "Sources/ProofFiles": AUDITS,
    "Sources/PropertyFiles": ["PropertyFilesTests", *PROPERTIES],
    "Sources/Verification": PROPERTIES,
    "Sources/Runs": ["RunsTests", "CommandTests"],
    "Sources/Commands": ["CommandTests"],
}
ISSUE = re.compile(r'Test (.+?) recorded an issue.*? at (\w+)\.swift:\d+')
FAILED = re.compile(r'Test (.+?) (?:with .* )?failed after')


def stages(mutant, killer):
    """The filters to run, in order; the last, empty, is everything."""
    file = mutant.edits[0].file
    known = next((STAGES[prefix] for prefix in STAGES if file.startswith(prefix)), [])
    first = [killer] if killer else []
    return first + [stage for stage in known if stage not in first] + [""]


class Copy:
    """A built copy of the tree."""

    def __init__(self, path, wrapper):
        self.path = pathlib.Path(path)
        self.wrapper = shlex.split(wrapper)
        self.swift = os.environ.get("SWIFT", "swift")
        self.tests = self.path / ".build/release/certifyPackageTests.xctest"
        self.loops = self.path / ".build-fuzz/c/test"

    def build(self):
        """Builds everything with every switch off; raises where that fails."""
        subprocess.run([*self.wrapper, self.swift, "build", *FLAGS, "--build-tests"], cwd=self.path, check=True)
        environment = {**os.environ, "CPATH": str(self.path / "Mutant/include")}
        self.loops.unlink(missing_ok=True)
        subprocess.run([*self.wrapper, "Tests/C/run", "1"], cwd=self.path, check=True, env=environment)

    def hunt(self, mutant, killer, limit, is_quick=False):
        """The test that catches a mutant, or nothing; quick: of the tests that are likely to."""
        for stage in stages(mutant, killer):
            if is_quick and not stage:
                return None
            found = self.run(stage, mutant.number, limit)
            if found:
                return found
        return None

    def run(self, stage, number, limit):
        """Runs one stage; returns what failed first."""
        if stage == "C":
            if not self.loops.exists():
                return None
            command = [str(self.loops), str(C_SEEDS)]
        else:
            command = [str(self.tests), "--testing-library", "swift-testing"]
            command += ["--filter", stage] if stage else []
        environment = {
            **os.environ, "CERTIFY_MUTANT": str(number), "SWIFT_BACKTRACE": "enable=no", "NO_COLOR": "1"}
        environment.pop("CERTIFY_CORPUS", None)
        process = subprocess.Popen(
            [*([] if stage else self.wrapper), *command], cwd=self.path, env=environment, start_new_session=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
        return _watch(process, stage, limit)


def _stop(process):
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def _watch(process, stage, limit):
    """Reads a run's output up to the first failure."""
    late = threading.Event()

    def expire():
        late.set()
        _stop(process)

    timer = threading.Timer(limit, expire)
    timer.start()
    last, isEmpty = "", False
    try:
        for line in process.stdout:
            # A suite that is not called what its file is: nothing ran, and the status says so.
            isEmpty = isEmpty or "Test run with 0 tests" in line
            found = ISSUE.search(line) or FAILED.search(line)
            if found:
                _stop(process)
                place = f" ({found.group(2)})" if found.lastindex == 2 else ""
                return found.group(1).strip('"') + place
            if not last and re.search(r"Fatal error|does not hold$|runtime error|ERROR: ", line):
                last = line.strip()
        status = process.wait()
    finally:
        timer.cancel()
    place = stage or "all tests"
    if late.is_set():
        return f"{place}: does not end"
    if status == 0 or isEmpty:
        return None
    return f"{place}: {_shortened(last) or f'ends with status {status}'}"


def _shortened(line):
    line = re.sub(r"^\S*/|^==\d+==ERROR: | on address .*", "", line)
    return re.sub(r", seed \d+", "", line)[:120]


def timed(action):
    """The result of an action, and how long it took."""
    start = time.monotonic()
    return action(), time.monotonic() - start
