#!/usr/bin/env bash
# What `./x bench` runs: run.sh NAME BUILD [ARGUMENTS]. Measures on the disk that holds BUILD.
set -euo pipefail

name=$1 build=$(readlink -f "$2")
shift 2
scratch=$(mktemp -d "$build/bench-$name.XXXXXX")
server=
trap 'if [ -n "$server" ]; then kill -9 "$server" || true; fi; rm -rf "$scratch"' EXIT

# Starts a server with its data in the scratch directory; sets `server` and `url`.
start_server() {
  "$build/sconce" serve --listen 127.0.0.1:0 --data "$scratch/data" "$@" 2>"$scratch/log" &
  server=$!
  until grep -q 'listening on' "$scratch/log"; do
    kill -0 "$server" 2>/dev/null || { cat "$scratch/log" >&2; exit 1; }
    sleep 0.01
  done
  url=http://$(sed -n 's/.*listening on \([^,]*\),.*/\1/p' "$scratch/log")
}

stop_server() {
  kill "-$1" "$server"
  wait "$server" 2>/dev/null || true
  server=
}

peak_memory() {
  sed -n 's/^VmHWM:[[:space:]]*\([0-9]*\) kB/\1/p' "/proc/$server/status"
}

memory_now() {
  sed -n 's/^VmRSS:[[:space:]]*\([0-9]*\) kB/\1/p' "/proc/$server/status"
}

put() { curl -sSf -X PUT -T "$1" "$url/v1/objects/$2"; }
get() { curl -sSf "$url/v1/objects/$1"; }

# Waits for these jobs; fails if one did.
join() {
  local job
  for job in "$@"; do wait "$job"; done
}

now_ms() { date +%s%3N; }

durable_put() {
  start_server
  "$build/bench/durable_put" "$scratch" "${url##*:}" "$@"
}

# [BYTES]: of each of the binary objects.
memory() {
  local bytes=${1:-2147483648} jobs=() i
  "$build/bench/make_tensor" "$bytes" >"$scratch/tensor"
  start_server
  echo "peak memory: $(peak_memory) kB after the start"
  put "$scratch/tensor" first
  for i in 1 2 3 4; do
    put "$scratch/tensor" "put-$i" & jobs+=($!)
    get first >/dev/null & jobs+=($!)
  done
  join "${jobs[@]}"
  get put-4 | cmp - "$scratch/tensor"
  echo "peak memory: $(peak_memory) kB after 4 PUTs and 4 GETs at once of $bytes bytes, binary"
  "$build/bench/make_tensor" $((bytes * 10 / 29)) >"$scratch/tensor"
  put "$scratch/tensor" small
  get 'small?format=ascii' >"$scratch/ascii"
  put "$scratch/ascii" 'again?format=ascii'
  get again | cmp - "$scratch/tensor"
  echo "peak memory: $(peak_memory) kB after $(stat -c %s "$scratch/ascii") bytes of ascii out, and in again"
}

# [COUNT]: of keys.
listing() {
  local count=${1:-1000000} round begin lines
  "$build/bench/fill_store" "$scratch/data" "$count" 16
  start_server
  for round in 1 2 3 4 5; do
    begin=$(now_ms)
    lines=$(curl -sSf -H 'Accept: application/x-ndjson' "$url/v1/objects" | wc -l)
    echo "round $round: $lines keys in $(($(now_ms) - begin)) ms"
  done
}

# A kill while much was written a moment ago: half of it in one object, half in small ones.
restart() {
  local half=${1:-1073741824} round begin
  "$build/bench/make_tensor" "$half" >"$scratch/tensor"
  for round in 1 2 3; do
    rm -rf "$scratch/data"
    start_server
    put "$scratch/tensor" large
    "$build/bench/put_many" "${url##*:}" $((half / 100000)) 100000 64
    stop_server KILL
    begin=$(now_ms)
    start_server
    curl -sSf "$url/readyz" >/dev/null
    echo "round $round: ready $(($(now_ms) - begin)) ms after the start"
    stop_server TERM
  done
}

# Items in one request against single GETs: in a tight loop, and as a Python client sees it.
batch_get() {
  start_server
  "$build/bench/batch_get" "${url##*:}" "$@"
  /usr/bin/python3 "$(dirname "${BASH_SOURCE[0]}")/batch_get.py" "${url##*:}" "${1:-64}"
}

# [UPLOADS BYTES]: small GETs beside large uploads.
fairness() {
  start_server
  "$build/bench/fairness" "${url##*:}" "$@"
  echo "peak memory: $(peak_memory) kB"
}

# [STRANGERS SECONDS]: a client with a token beside others without one.
strangers() {
  local made token
  made=$("$build/sconce" token new --prefix '' --rights rwdl)
  token=$(sed -n 's/^token: //p' <<<"$made")
  sed -n 's/^line: //p' <<<"$made" >"$scratch/tokens"
  start_server --tokens "$scratch/tokens"
  "$build/bench/strangers" "${url##*:}" "$token" "$@"
  echo "peak memory: $(peak_memory) kB"
}

# [ROUNDS [GROUP]]: the formats themselves, no server. Prints Markdown tables; GROUP is memory, floats, doubles, table or
# transcode, all without it.
core() {
  "$build/bench/core_speed" "$scratch" "$@"
  [ $# -gt 1 ] || "$build/bench/core_memory"
}

# One tensor out of a large object.
part_get() {
  start_server
  "$build/bench/part_get" "${url##*:}" "$@"
}

# What the disk does without a server, as it is now: it may be slower the more was written to it.
disk_alone() {
  local folder
  folder=$(mktemp -d "$scratch/disk.XXXXXX")
  "$build/bench/large_objects" disk "$folder" 1000
  rm -rf "$folder"
}

# Nothing of what was written is in the memory of the system; only root can do that.
forget_pages() {
  sync -f "$scratch"
  [ ! -w /proc/sys/vm/drop_caches ] || echo 1 >/proc/sys/vm/drop_caches
}

space_of() { echo "$(du -s --block-size=1 "$scratch/data" | cut -f1) bytes on the disk for $1 of objects"; }

# [COUNT]: of objects of 300 KiB; what they cost as they become more, and what is left of the space once a half of them
# was deleted or overwritten.
large_objects() {
  local count=${1:-100000} run="$build/bench/large_objects" port begin
  disk_alone
  start_server --cache-bytes $((64 << 20))
  port=${url##*:}
  "$run" beside "$port" 2000
  "$run" fill "$port" 0 1000
  echo "memory: $(memory_now) kB"
  "$run" fill "$port" 1000 $((count - 2000)) &
  begin=$!
  sleep 2
  echo "beside PUTs of 300 KiB:"
  "$run" beside "$port" 2000
  wait "$begin"
  "$run" fill "$port" $((count - 1000)) 1000
  disk_alone
  echo "memory: $(memory_now) kB"
  for begin in 1 2 3; do
    forget_pages
    "$run" read "$port" 1000 1000
    forget_pages
    "$run" read "$port" "$count" 1000
  done
  echo "memory: $(memory_now) kB, $(peak_memory) kB at the peak"
  stop_server KILL
  begin=$(now_ms)
  start_server
  curl -sSf "$url/readyz" >/dev/null
  echo "ready $(($(now_ms) - begin)) ms after the start"
  port=${url##*:}
  "$run" churn "$port" "$count"
  for begin in 1 5 25; do
    sleep "$begin"
    space_of $((count * 3 / 4 * 307200))
  done
  stop_server TERM
  rm -rf "$scratch/data"
  start_server
  "$run" overwrite "${url##*:}" 50 40
  for begin in 2 15; do
    sleep "$begin"
    space_of $((50 * 307200))
    echo "of these, packs: $(du -s --block-size=1 "$scratch/data/packs" | cut -f1)"
  done
}

# Sconce beside nginx and Redis; `--help` names the flags.
http() {
  /usr/bin/python3 -B "$(dirname "${BASH_SOURCE[0]}")/peers" --build "$build" --scratch "$scratch" "$@"
}

# How it goes on as objects become more; `--help` names the flags.
million() {
  /usr/bin/python3 -B "$(dirname "${BASH_SOURCE[0]}")/peers/million.py" --build "$build" --scratch "$scratch" "$@"
}

"${name//-/_}" "$@"
