#!/usr/bin/env bash
# The program is linked as Debian hardens its packages.
set -euo pipefail
program=$1
failures=0

# expect WHAT PATTERN: a line of the input has the pattern.
expect() {
  if ! grep -qE -e "$2" <<<"$text"; then
    printf 'failed: %s (%s)\n' "$1" "$2"
    failures=$((failures + 1))
  fi
}

text=$(readelf -hlW "$program")
expect 'position-independent' 'Type: +DYN'
expect 'an interpreter: a program, no library' 'INTERP'
expect 'tables are read-only after relocation' 'GNU_RELRO'
expect 'a stack without rights to execute' 'GNU_STACK.* RW '
text=$(readelf -dW "$program")
expect 'all symbols are bound at the start' 'FLAGS_1.*NOW.*PIE'
[ "$failures" = 0 ]
