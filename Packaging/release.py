"""What every package of a release shares: its version, its time, and the files that it installs."""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
SUMMARY = "Proves how robust trained ReLU networks are"
LICENCE = "MIT"


def version(binary):
    """The program's own, such as 0.1.0."""
    said = subprocess.run([binary, "--version"], check=True, capture_output=True, text=True).stdout
    return said.split()[1]


def time():
    """Seconds since 1970 that every file of a package bears: SOURCE_DATE_EPOCH, else the last commit's."""
    given = os.environ.get("SOURCE_DATE_EPOCH")
    if given:
        return int(given)
    done = subprocess.run(
        ["git", "-C", TOP, "log", "-1", "--format=%ct"], capture_output=True, text=True)
    # Sources without a history: the first moment that a ZIP archive can say.
    return int(done.stdout) if done.returncode == 0 and done.stdout.strip() else 315532800


def glibc(binary):
    """The oldest glibc that has all that the program asks for, as (major, minor)."""
    table = subprocess.run(["objdump", "-T", binary], check=True, capture_output=True, text=True)
    found = re.findall(r"\(GLIBC_(\d+)\.(\d+)", table.stdout)
    return max((int(major), int(minor)) for major, minor in found)


def machine(binary):
    """The processor that the program is for, as Linux names it."""
    head = subprocess.run(["readelf", "-hW", binary], check=True, capture_output=True, text=True)
    name = re.search(r"Machine:\s*(.*)", head.stdout)[1]
    return {"Advanced Micro Devices X86-64": "x86_64", "AArch64": "aarch64"}[name]


# What every Linux of glibc has, and a wheel may ask for.
EVERYWHERE = ("libc.so.", "libm.so.", "libgcc_s.so.", "libstdc++.so.", "ld-linux")


def refuse_others(binary):
    """Ends where the program asks for libraries that not every machine has."""
    dynamic = subprocess.run(["readelf", "-dW", binary], check=True, capture_output=True, text=True)
    needed = re.findall(r"NEEDED.*\[(.*)\]", dynamic.stdout)
    others = [name for name in needed if not name.startswith(EVERYWHERE)]
    if others:
        sys.exit(f"{binary}: loads {', '.join(others)}; expected a program that carries them: build it"
                 " by 'make build', where their archives (lib*.a) are installed")


class Staged:
    """The files that `make install` installs, below a folder that goes away with this."""

    def __init__(self, binary, prefix):
        self._folder = tempfile.TemporaryDirectory(prefix="certify-stage-")
        self.root = Path(self._folder.name)
        self.prefix = self.root / prefix.lstrip("/")
        subprocess.run(
            ["make", "--no-print-directory", "-s", "-C", TOP, "install", f"BINARY={binary}",
             f"DESTDIR={self.root}", f"PREFIX={prefix}"], check=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._folder.cleanup()

    def files(self):
        """Every file, in one order on every machine."""
        return sorted(path for path in self.prefix.rglob("*") if path.is_file())

    def settle(self, seconds):
        """Gives everything one time, and modes that do not depend on who built it."""
        for path in sorted(self.root.rglob("*"), reverse=True):
            path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
            os.utime(path, (seconds, seconds))
        os.utime(self.root, (seconds, seconds))
