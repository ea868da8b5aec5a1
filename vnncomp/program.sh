# Sourced by the others: where the program is.
program() {
  built=$(dirname "$0")/../.build/release/certify
  if [ -n "${CERTIFY:-}" ]; then echo "$CERTIFY"
  elif [ -x "$built" ]; then echo "$built"
  else echo certify
  fi
}
