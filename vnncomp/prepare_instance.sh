#!/bin/sh
# prepare_instance.sh v1 CATEGORY MODEL PROPERTY: whether the files can be read; ends with 1 where they
# are refused.
set -eu
[ "${1:-}" = v1 ] && [ $# -eq 4 ] || {
  echo "prepare_instance.sh: expected v1 CATEGORY MODEL PROPERTY" >&2
  exit 1
}
# shellcheck source=program.sh
. "$(dirname "$0")/program.sh"
# Over before it begins: the files are read, and nothing is searched.
status=0
"$(program)" verify "$3" "$4" --arithmetic "${CERTIFY_ARITHMETIC:-real}" --timeout 1e-9 --quiet \
  >/dev/null || status=$?
[ "$status" -le 1 ]
