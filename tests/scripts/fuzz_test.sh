#!/usr/bin/env bash
# `./x fuzz all` in a copy of its own, with targets that say what they were given in place of what is built.
set -euo pipefail
source_directory=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cp "$source_directory/x" "$source_directory/debian-packages.txt" "$folder"
mkdir -p "$folder/bin" "$folder/tests/fuzz" "$folder/build-fuzz/tests/fuzz"
failures=0

script() {
  printf '#!/bin/sh\n%s\n' "$2" >"$1"
  chmod +x "$1"
}
script "$folder/bin/cmake" 'exit 0'
script "$folder/bin/dpkg-query" 'echo installed'
touch "$folder/tests/fuzz/seeds.py"
for target in one three two; do
  touch "$folder/tests/fuzz/fuzz_$target.cc"
  script "$folder/build-fuzz/tests/fuzz/fuzz_$target" "echo $target \"\$1\" >>$folder/ran"
done

fuzz() {
  rm -f "$folder/ran"
  PATH="$folder/bin:$PATH" "$folder/x" fuzz "$@" >"$folder/said" 2>&1
}

fail() {
  printf 'failed: %s\n' "$1"
  cat "$folder/said"
  failures=$((failures + 1))
}

fuzz all --seconds 7 || fail 'every target passes'
[ "$(sort "$folder/ran" | tr '\n' ' ')" = 'one -max_total_time=7 three -max_total_time=7 two -max_total_time=7 ' ] ||
  fail 'every target runs once, as long as was asked for'
script "$folder/build-fuzz/tests/fuzz/fuzz_one" \
  'echo the finding; echo "artifact_prefix=.; Test unit written to build-fuzz/one/found/crash-1"; exit 77'
if fuzz all --seconds 1; then fail 'a target that fails is a failure'; fi
grep -qx 'the finding' "$folder/said" || fail 'what a target that fails said is shown'
grep -qx 'to see it again: build-fuzz/tests/fuzz/fuzz_one build-fuzz/one/found/crash-1' "$folder/said" ||
  fail 'the command that shows a finding again is the last that is said of it'
[ "$(wc -l <"$folder/ran")" = 2 ] || fail 'the others run all the same'
fuzz two --seconds 3 || fail 'one target runs alone'
[ "$(cat "$folder/ran")" = 'two -max_total_time=3' ] || fail 'no other target runs'
if fuzz none; then fail 'an unknown target is refused'; fi
grep -q 'which one? all one three two' "$folder/said" || fail 'the targets are listed'
[ "$failures" = 0 ]
