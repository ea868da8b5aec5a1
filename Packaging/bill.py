"""The bill of materials of a program: what it is made of, as SPDX 2.3.

    python3 Packaging/bill.py BINARY > certify.spdx.json

Names what is linked into it: the Swift packages by the versions that Package.swift pins, Swift's own
libraries by the compiler's version, the C libraries by those that pkg-config says. What is loaded when the
program starts stands apart, as linked dynamically.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import release

# pkg-config's name, the name of its shared library, its licence.
C_LIBRARIES = [
    ("libprotobuf-c", "libprotobuf-c.so", "BSD-2-Clause"),
    ("json-c", "libjson-c.so", "MIT"),
    ("zlib", "libz.so", "Zlib"),
    ("nettle", "libnettle.so", "LGPL-3.0-or-later OR GPL-2.0-or-later"),
    ("gmp", "libgmp.so", "LGPL-3.0-or-later OR GPL-2.0-or-later"),
]
# Of the packages that Package.swift names, those that are in the program and not in its tests alone.
SWIFT_PACKAGES = {"swift-argument-parser"}
SWIFT_LICENCE = "Apache-2.0 WITH Swift-exception"


def text(binary):
    """The whole document; the same bytes for the same program."""
    version, digest = release.version(binary), sha256(binary)
    needed = re.findall(r"NEEDED.*\[(.*)\]", said("readelf", "-dW", binary))
    program = package("certify", version, release.LICENCE) | {
        "checksums": [{"algorithm": "SHA256", "checksumValue": digest}],
        "primaryPackagePurpose": "APPLICATION",
    }
    inside = swift_parts() + [
        c_library(name, licence) for name, shared, licence in C_LIBRARIES
        if not any(library.startswith(shared) for library in needed)
    ]
    loaded = [package(library, None, "NOASSERTION") for library in sorted(needed)]
    moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(release.time()))
    document = {
        "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT",
        "name": f"certify-{version}",
        "documentNamespace": f"https://spdx.org/spdxdocs/certify-{version}-{digest}",
        "creationInfo": {"created": moment, "creators": ["Tool: certify-Packaging-bill"]},
        "packages": [program, *inside, *loaded],
        "relationships": [
            relation("SPDXRef-DOCUMENT", "DESCRIBES", program["SPDXID"]),
            *(relation(program["SPDXID"], "STATIC_LINK", part["SPDXID"]) for part in inside),
            *(relation(program["SPDXID"], "DYNAMIC_LINK", part["SPDXID"]) for part in loaded),
        ],
    }
    return json.dumps(document, indent=1) + "\n"


def swift_parts():
    compiler = re.search(r"Swift version (\S+)", said(os.environ.get("SWIFT", "swift"), "--version"))
    parts = [package("swift-runtime", compiler[1], SWIFT_LICENCE)]
    manifest = (release.TOP / "Package.swift").read_text()
    for address, version in re.findall(r'package\(url: "https://(.*?)", exact: "(.*?)"\)', manifest):
        name = address.rsplit("/", 1)[-1]
        if name in SWIFT_PACKAGES:
            parts.append(package(name, version, SWIFT_LICENCE, f"pkg:swift/{address}@{version}"))
    if len(parts) != 1 + len(SWIFT_PACKAGES):
        sys.exit(f"Package.swift does not pin {', '.join(SWIFT_PACKAGES)} by 'exact:'")
    return parts


def c_library(name, licence):
    version = said("pkg-config", "--modversion", name)
    archive = Path(said("pkg-config", "--variable=libdir", name)) / (
        ("libz" if name == "zlib" else "lib" + name.removeprefix("lib")) + ".a")
    return package(name, version, licence, debian_package(archive.resolve()))


def debian_package(file):
    """The package that a file comes from, as a package address; None elsewhere than on Debian."""
    if not shutil.which("dpkg-query"):
        return None
    for place in (file, str(file).removeprefix("/usr")):
        done = subprocess.run(["dpkg-query", "-S", place], capture_output=True, text=True)
        if done.returncode == 0:
            name = done.stdout.split(": ")[0].split(", ")[0]
            form = "${Package}@${Version}?arch=${Architecture}"
            return "pkg:deb/debian/" + said("dpkg-query", "-W", "-f", form, name)
    return None


def package(name, version, licence, address=None):
    entry = {
        "SPDXID": "SPDXRef-Package-" + re.sub(r"[^A-Za-z0-9.-]", "-", name), "name": name,
        "downloadLocation": "NOASSERTION", "filesAnalyzed": False,
        "licenseConcluded": licence, "licenseDeclared": licence, "copyrightText": "NOASSERTION",
    }
    if version:
        entry["versionInfo"] = version
    if address:
        entry["externalRefs"] = [{
            "referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
            "referenceLocator": address}]
    return entry


def relation(one, kind, other):
    return {"spdxElementId": one, "relationshipType": kind, "relatedSpdxElement": other}


def sha256(path):
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def said(*command):
    # The library's own description, not the one that the build lays over it.
    environment = {key: value for key, value in os.environ.items() if key != "PKG_CONFIG_PATH"}
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    return done.stdout.strip()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python3 Packaging/bill.py BINARY")
    sys.stdout.write(text(sys.argv[1]))
