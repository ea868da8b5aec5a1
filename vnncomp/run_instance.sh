#!/bin/sh
# run_instance.sh v1 CATEGORY MODEL PROPERTY RESULT TIMEOUT: decides an instance within TIMEOUT seconds.
set -eu
[ "${1:-}" = v1 ] && [ $# -eq 6 ] || {
  echo "run_instance.sh: expected v1 CATEGORY MODEL PROPERTY RESULT TIMEOUT" >&2
  exit 1
}
# shellcheck source=program.sh
. "$(dirname "$0")/program.sh"
# The harness counts from before this line, and ends what is late: a little is left over.
seconds=$(awk -v given="$6" 'BEGIN { print (given > 4 ? given - 0.5 : given * 0.875) }')
status=0
"$(program)" verify "$3" "$4" --arithmetic "${CERTIFY_ARITHMETIC:-real}" --timeout "$seconds" \
  --output "$5" --quiet >/dev/null || status=$?
# 0 and 1 are answers; all else is none.
if [ "$status" -gt 1 ]; then
  echo unknown >"$5"
fi
