"""Copies of the tree with mutants compiled in, each behind a switch."""

import os
import pathlib
import shutil
import subprocess

# The switch is read once, before anything else runs: a mutant costs a load and a comparison.
HEADER = """#pragma once
#include <stdbool.h>

/// The number of the mutant that is switched on; 0 for none.
extern int running_mutant;

/// Whether a mutant is switched on.
static inline bool mutant(int number) { return running_mutant == number; }
"""
SOURCE = """#include <stdlib.h>

#include "mutant.h"

int running_mutant = 0;

__attribute__((constructor)) static void read_mutant(void) {
  const char *number = getenv("CERTIFY_MUTANT");
  running_mutant = number ? atoi(number) : 0;
}
"""
PACKAGE = """
package.targets.append(.target(name: "Mutant", path: "Mutant"))
for target in package.targets where target.type != .system && target.name != "Mutant" {
  target.dependencies.append("Mutant")
}
"""


def plant(mutants, package, copy):
    """Brings a copy of the tree up to date, with these mutants in it; untouched files keep their time, so
    that little is built again."""
    package, copy = pathlib.Path(package), pathlib.Path(copy)
    files = _tracked(package)
    contents = {name: (package / name).read_bytes() for name in files}
    for name, edits in _by_file(mutants).items():
        contents[name] = _changed(contents[name].decode(), edits, name).encode()
    contents["Package.swift"] += PACKAGE.encode()
    contents["Mutant/include/mutant.h"] = HEADER.encode()
    contents["Mutant/mutant.c"] = SOURCE.encode()
    # Tests/C/run compiles what lies there, and knows no targets.
    contents["Tests/C/mutant.c"] = SOURCE.encode()
    for name, content in contents.items():
        _write(copy / name, content, package / name)
    _remove_others(copy, contents)
    _share_checkouts(package, copy)


def _tracked(package):
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=package,
        check=True, capture_output=True)
    names = [name for name in listed.stdout.decode().split("\0") if name]
    return [name for name in names if (package / name).is_file()]


def _by_file(mutants):
    files = {}
    for mutant in mutants:
        for edit in mutant.edits:
            files.setdefault(edit.file, {}).setdefault(edit.find, []).append((mutant.number, edit))
    return files


def _changed(text, edits, name):
    for find, changes in sorted(edits.items(), key=lambda item: -text.index(item[0])):
        put = f"({find})"
        for number, edit in changes:
            switch = f"mutant({number})"
            put = edit.put.replace("MUTANT", switch) if edit.is_template else (
                f"({switch} ? ({edit.put}) : {put})")
        start = text.index(find)
        text = text[:start] + put + text[start + len(find):]
    # Line numbers stay what they are.
    return ("import Mutant; " if name.endswith(".swift") else '#include "mutant.h"\n') + text


def _write(path, content, source):
    if not (path.is_file() and path.read_bytes() == content):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    if source.exists():
        shutil.copymode(source, path)


def _remove_others(copy, contents):
    for folder, folders, names in os.walk(copy):
        folders[:] = [name for name in folders if not name.startswith(".build")]
        for name in names:
            path = pathlib.Path(folder, name)
            if str(path.relative_to(copy)) not in contents and name != "Package.resolved":
                path.unlink()


def _share_checkouts(package, copy):
    """Takes over what the package manager has fetched already."""
    for name in ["checkouts", "repositories", "workspace-state.json"]:
        source, target = package / ".build" / name, copy / ".build" / name
        if source.is_dir() and not target.exists():
            shutil.copytree(source, target, symlinks=True)
        elif source.is_file() and not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)
    resolved = package / "Package.resolved"
    if resolved.is_file() and not (copy / "Package.resolved").exists():
        shutil.copy2(resolved, copy / "Package.resolved")
