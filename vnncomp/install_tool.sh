#!/bin/sh
# install_tool.sh v1: builds the program; Swift has to be on PATH.
set -eu
[ "${1:-}" = v1 ] || { echo "install_tool.sh: version '${1:-}'; expected v1" >&2; exit 1; }
cd "$(dirname "$0")/.."
make build
