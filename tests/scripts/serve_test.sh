#!/usr/bin/env bash
# `./x serve` in a copy of its own, with a program that prints its arguments in place of what is built.
set -euo pipefail
source_directory=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cp "$source_directory/x" "$source_directory/debian-packages.txt" "$folder"
mkdir "$folder/build" "$folder/bin"
touch "$folder/build/build.ninja"
failures=0

# Commands that `./x` runs; each leaves a line in the file `ran`.
stub() {
  printf '#!/bin/sh\necho "%s" >>"%s/ran"\n%s\n' "$1" "$folder" "$2" >"$folder/bin/$1"
  chmod +x "$folder/bin/$1"
}
stub cmake 'exit 0'
stub dpkg-query 'echo installed'
stub apt-get 'exit 1'

build_program() {
  printf '#!/bin/sh\necho "$@"\n' >"$folder/build/sconce"
  chmod +x "$folder/build/sconce"
}

# expect WHAT PATTERN FLAGS...
expect() {
  local what=$1 pattern=$2 answer
  shift 2
  answer=$(PATH="$folder/bin:$PATH" "$folder/x" serve "$@" 2>&1) || answer="exit status $?: $answer"
  if ! grep -qxF -e "$pattern" <<<"$answer"; then
    printf 'failed: %s\n  expected: %s\n  answer: %s\n' "$what" "$pattern" "$answer"
    failures=$((failures + 1))
  fi
}

expect 'help before a build' 'Once it is built, ./x serve --help lists them here.' --help
if [ -e "$folder/ran" ]; then
  echo "failed: help installs or builds: $(sort -u "$folder/ran" | tr '\n' ' ')"
  failures=$((failures + 1))
fi
build_program
expect 'help after a build' 'serve --help' --help
expect 'no flags' 'serve --listen 127.0.0.1:7077 --data ./data'
expect 'an address' 'serve --data ./data --listen 127.0.0.1:1' --listen 127.0.0.1:1
expect 'a directory' 'serve --listen 127.0.0.1:7077 --data=d' --data=d
expect 'both' 'serve --data d --listen=127.0.0.1:1' --data d --listen=127.0.0.1:1
expect 'another flag' 'serve --listen 127.0.0.1:7077 --data ./data --threads 2' --threads 2
[ "$failures" = 0 ]
