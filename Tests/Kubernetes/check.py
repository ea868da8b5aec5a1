"""Checks examples/kubernetes/job.yaml: its form, and what its pods do."""

import copy
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import kubernetes_validate
import yaml

MANIFEST = pathlib.Path("examples/kubernetes/job.yaml")
DIGITS = pathlib.Path("fixtures/digits")


def is_valid(job):
    """Whether the schema of the newest version that is known takes it, unknown keys refused."""
    version = kubernetes_validate.latest_version()
    try:
        kubernetes_validate.validate(job, version, strict=True)
    except kubernetes_validate.ValidationError:
        return False
    return True


def broken(job):
    """Copies with one mistake each: a check that takes them checks nothing."""
    for change in (
        lambda spec: spec.update(completion="Indexed"),
        lambda spec: spec.update(completions="eight"),
        lambda spec: spec["template"]["spec"]["containers"][0].pop("name"),
    ):
        other = copy.deepcopy(job)
        change(other["spec"])
        yield other


def run_pods(job, binary, folder):
    """Does what the pods do, as many as the job has, and joins what they wrote."""
    container = job["spec"]["template"]["spec"]["containers"][0]
    assert container["command"] == ["certify"]
    field = container["env"][0]["valueFrom"]["fieldRef"]["fieldPath"]
    assert field == "metadata.annotations['batch.kubernetes.io/job-completion-index']"
    count = job["spec"]["completions"]
    parts = []
    for index in range(count):
        arguments = [word.replace("$(PART)", str(index)) for word in container["args"]]
        environment = dict(os.environ, JOB_COMPLETION_INDEX=str(index), PART=str(index))
        # Twice, as a pod that takes another's place does.
        for _ in range(2):
            subprocess.run([binary, *arguments, "-q"], check=True, cwd=folder, env=environment)
        parts.append(f"part-{index}.json")
    subprocess.run([binary, "merge", "-q", *parts, "-o", "report.json"], check=True, cwd=folder)
    question = [word for word in container["args"] if word.startswith(("--eps", "--data"))]
    subprocess.run(
        [binary, container["args"][0], *question, "-q", "-o", "whole.json"], check=True, cwd=folder)
    return (folder / "report.json").read_bytes() == (folder / "whole.json").read_bytes()


def main():
    binary = pathlib.Path(sys.argv[1]).resolve()
    job = yaml.safe_load(MANIFEST.read_text())
    if not is_valid(job):
        sys.exit(f"{MANIFEST}: the published schema refuses it")
    if any(map(is_valid, broken(job))):
        sys.exit("the check of the manifest takes a manifest with a mistake")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        shutil.copy(DIGITS / "conv-robust.onnx", folder / "model.onnx")
        shutil.copy(DIGITS / "digits-test-images-idx3-ubyte", folder / "test.idx")
        shutil.copy(DIGITS / "digits-test-labels-idx1-ubyte", folder / "test-labels.idx")
        if not run_pods(job, binary, folder):
            sys.exit(f"{MANIFEST}: the pods' reports do not join to that of the whole")
    print(f"{MANIFEST}: the schema takes it, and its pods' reports join to that of the whole")


main()
