"""The table of results: which test caught which mutant, and when."""

import datetime
import pathlib
import re

HEADER = """# What catches each mutant

Made by `Tests/Mutations/run --record`; a row is as old as its date. See README.md for what the columns
mean.

| mutant | what is wrong with it | caught by | date |
|---|---|---|---|
"""
SURVIVES = "survives: "
UNEXPLAINED = "**survives**"
# Of a quick run: nothing is known of all the others.
OPEN = "**open**: not caught by the tests that are likely to"


def read(path):
    """{name: (caught by, date)} of a table written before."""
    rows = {}
    path = pathlib.Path(path)
    for line in path.read_text().splitlines() if path.exists() else []:
        cells = [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if len(cells) == 4 and not cells[0].startswith(("mutant", "--")):
            rows[cells[0]] = (cells[2], cells[3])
    return rows


def killer(row):
    """A filter for the tests that caught a mutant last time."""
    found = re.search(r"\((\w+)\)$", row[0]) if row else None
    if found:
        return f"\\.{found.group(1)}/"
    return "C" if row and row[0].startswith("C: ") else None


def is_open(row):
    """Whether no test is known to catch a mutant, and nothing argues that none can."""
    return row is None or row[0] in (UNEXPLAINED, OPEN)


def written(mutant, caught, is_quick):
    """The cell of a result."""
    if caught:
        return caught
    if mutant.survives:
        return SURVIVES + " ".join(mutant.survives.split())
    return OPEN if is_quick else UNEXPLAINED


def write(path, mutants, rows):
    """Writes the table, in the order of the mutants."""
    lines = []
    for mutant in mutants:
        if mutant.name not in rows:
            continue
        caught, date = rows[mutant.name]
        says = mutant.says + (" *(listed)*" if mutant.listed else "")
        cells = [mutant.name, " ".join(says.split()), caught, date]
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n")
    pathlib.Path(path).write_text(HEADER + "".join(lines))


def today():
    """The date of a row."""
    return datetime.date.today().isoformat()
