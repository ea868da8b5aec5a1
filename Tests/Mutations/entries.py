"""The table of mutants: what `table/*.toml` says, and where it applies."""

import pathlib
import tomllib
from dataclasses import dataclass, field


@dataclass
class Edit:
    """One change of one text, which must stand in its file exactly once."""

    file: str
    find: str
    put: str

    @property
    def is_template(self):
        """Whether `put` says itself where the switch goes."""
        return "MUTANT" in self.put


@dataclass
class Mutant:
    """One wrong program: a change at one place, seldom at several."""

    number: int
    name: str
    says: str
    edits: list[Edit]
    listed: bool = False
    # Why nothing that is promised changes; empty where a test must catch it.
    survives: str = ""
    area: str = field(default="")


class TableError(Exception):
    """An entry that cannot be read, or that no longer applies."""


def read(folder):
    """All mutants, numbered from 1 in the order of the files."""
    mutants = []
    for path in sorted(pathlib.Path(folder).glob("*.toml")):
        with open(path, "rb") as handle:
            content = tomllib.load(handle)
        for file, entries in content.items():
            for entry in entries:
                mutants.append(_mutant(len(mutants) + 1, path, file, entry))
    names = [mutant.name for mutant in mutants]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise TableError(f"two mutants of one name: {', '.join(sorted(twice))}")
    return mutants


def _mutant(number, path, file, entry):
    known = {"name", "says", "find", "put", "also", "listed", "survives"}
    unknown = set(entry) - known
    missing = {"name", "says", "find", "put"} - set(entry)
    if unknown or missing:
        raise TableError(
            f"{path.name}: {entry.get('name', file)}: unknown {sorted(unknown)}, missing {sorted(missing)}"
        )
    edits = [Edit(file, entry["find"], entry["put"])]
    for other in entry.get("also", []):
        edits.append(Edit(other.get("file", file), other["find"], other["put"]))
    return Mutant(
        number, entry["name"], entry["says"], edits, entry.get("listed", False),
        entry.get("survives", "").strip(), path.stem)


def check(mutants, package):
    """Where every edit applies, {(file, start, end): ...}; raises for the entries that do not."""
    texts, problems = {}, []
    for mutant in mutants:
        for edit in mutant.edits:
            if edit.file not in texts:
                path = pathlib.Path(package, edit.file)
                texts[edit.file] = path.read_text() if path.is_file() else ""
            count = texts[edit.file].count(edit.find)
            if count != 1:
                problems.append(f"{mutant.name}: {edit.file} has its text {count} times:\n  {edit.find}")
    if problems:
        raise TableError("entries that do not apply any more:\n" + "\n".join(problems))
    return texts


def copies(mutants, texts):
    """Groups of mutants that one copy of the tree can carry: edits of a group do not overlap, but for
    expressions that are the same text."""
    groups = []
    for mutant in mutants:
        spans = [_span(edit, texts) for edit in mutant.edits]
        for group in groups:
            if all(_fits(span, other) for span in spans for other in group["spans"]):
                break
        else:
            group = {"mutants": [], "spans": []}
            groups.append(group)
        group["mutants"].append(mutant)
        group["spans"] += spans
    return [group["mutants"] for group in groups]


def _span(edit, texts):
    start = texts[edit.file].index(edit.find)
    return edit.file, start, start + len(edit.find), edit.is_template


def _fits(span, other):
    if span[0] != other[0] or span[2] <= other[1] or other[2] <= span[1]:
        return True
    return span == other and not span[3]
