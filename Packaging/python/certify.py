"""Robustness of trained ReLU networks, proved: the program `certify`, called from Python.

    import certify

    report = certify.run("model.onnx", data="test.idx", eps="8/255", radii="off")
    report["summary"]["robust_error"]
    certify.certificates(report)          # a pandas.DataFrame, a row an example

Data, labels and radii (`data`, `labels`, `eps_file`) may be NumPy arrays as well as names of files. What is
proved, and what is not, says the manual page of certify(1).
"""

import importlib.metadata
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import warnings

__all__ = ["CertifyError", "CertifyWarning", "GateFailed", "certificates", "program", "run", "version"]


class CertifyError(Exception):
    """The program refused, or could not go on: its exit status and what it said."""

    def __init__(self, status, message):
        super().__init__(message or f"certify ended with status {status}")
        self.status = status
        self.message = message


class CertifyWarning(UserWarning):
    """What looked wrong to the program, which carried on."""


class GateFailed(CertifyError):
    """The run is done, and a gate that was asked for failed; `report` is what `run` had returned."""

    def __init__(self, status, message, report):
        super().__init__(status, message)
        self.report = report


def program():
    """The program's path: the one that was installed with this module, else the one on PATH."""
    try:
        for file in importlib.metadata.distribution("certify").files or []:
            if file.name == "certify" and file.parent.name in ("bin", "scripts"):
                found = os.path.abspath(str(file.locate()))
                if os.access(found, os.X_OK):
                    return found
    except importlib.metadata.PackageNotFoundError:
        pass
    found = shutil.which("certify")
    if found is None:
        raise CertifyError(127, "certify is not on PATH")
    return found


def version():
    """The program's version, such as '0.1.0'."""
    done = subprocess.run([program(), "--version"], check=True, capture_output=True, text=True)
    return done.stdout.split()[1]


def run(model, data, eps=None, *, output=None, **options):
    """Certifies a network on data and returns the report, as schema/report.schema.json describes it.

    `model` is the name of a file; `data`, `labels` and `eps_file` are names or NumPy arrays. `eps` is a
    number, a text such as "8/255", or a list of them: a list of more than one gives a report that holds one
    for each under "reports". `output` names a file that gets the report, too. Every other option is the
    program's own, with underscores: `radii="off"`, `norm="l2"`, `threads=2`, and True for a flag
    (`detect=True`). None leaves an option out.

    A float is handed over by its shortest text: write "8/255" for that very number.

    What the program warns of is warned of as `CertifyWarning`. Raises `GateFailed` where a gate fails, and
    `CertifyError` where the program refuses.
    """
    place = "-" if output is None else os.fspath(output)
    with tempfile.TemporaryDirectory(prefix="certify-") as folder:
        files = {"data": data} | {k: options.pop(k) for k in ("labels", "eps_file") if k in options}
        words = [os.fspath(model)]
        for name, value in files.items():
            words += _option(name, _file(value, name, folder))
        words += _option("eps", eps)
        for name, value in options.items():
            words += _option(name, value)
        done = subprocess.run(
            [program(), *words, "--quiet", "--output", place], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    message = done.stderr.decode(errors="replace").strip()
    if done.returncode not in (0, 1):
        raise CertifyError(done.returncode, message)
    for text in _warnings(message):
        warnings.warn(text, CertifyWarning, stacklevel=2)
    report = json.loads(done.stdout if place == "-" else pathlib.Path(place).read_bytes())
    if done.returncode == 1:
        raise GateFailed(1, message, report)
    return report


def certificates(report):
    """The certificates as a table, a row each: a pandas.DataFrame where pandas is installed, else a list.

    A report for several eps gives the rows of each, with the column `eps`. What a certificate says of its
    attack and its search stands in columns of its own (`attack_fgsm`, `search_proved`).
    """
    rows = []
    for part in report.get("reports", [report]):
        eps = part["options"]["epsilon"]
        for certificate in part["certificates"]:
            rows.append(_flat({"eps": eps["value"] if isinstance(eps, dict) else eps} | certificate))
    try:
        import pandas
    except ImportError:
        return rows
    return pandas.DataFrame(rows)


def _warnings(message):
    """The program's warnings, in either form of its messages."""
    for line in message.splitlines():
        if line.startswith("certify: warning: "):
            yield line.removeprefix("certify: warning: ")
        elif line.startswith('{"level":"warning",'):
            yield json.loads(line)["message"]


def _flat(record, prefix=""):
    """Objects inside a record as fields of it; lists stay what they are."""
    flat = {}
    for key, value in record.items():
        if isinstance(value, dict):
            flat |= _flat(value, f"{prefix}{key}_")
        else:
            flat[prefix + key] = value
    return flat


def _option(name, value):
    """The words of an option on the command line."""
    option = "--" + name.replace("_", "-")
    if value is None or value is False:
        return []
    if value is True:
        return [option]
    if not isinstance(value, (str, bytes, os.PathLike)) and hasattr(value, "__iter__"):
        value = _list(value, ":" if name == "clip" else ",")
    return [option, _text(value)]


def _list(values, separator):
    """Whole numbers between commas could as well be meant as numbers with decimal commas."""
    whole = "{}.0" if separator == "," else "{}"
    return separator.join(
        whole.format(value) if type(value) is int else _text(value) for value in values)


def _text(value):
    """A number by the shortest text that means it."""
    if isinstance(value, (str, os.PathLike)):
        return os.fspath(value)
    return str(value)


def _file(value, name, folder):
    """The name of a file: the one given, or one that holds the array given."""
    if value is None or isinstance(value, (str, os.PathLike)):
        return value
    import numpy

    path = os.path.join(folder, name + ".npy")
    array = numpy.asarray(value)
    # bool and object arrays are no data of certify's; it says so by the file's name.
    numpy.save(path, array, allow_pickle=False)
    return path
