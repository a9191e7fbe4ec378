#!/usr/bin/env bash
# Makes layout-N.tar.gz: make.sh SCONCE N. The data directory of a server that was killed, with every kind of record.
set -euo pipefail
program=$(readlink -f "$1")
here=$(cd "$(dirname "$0")" && pwd)
golden=$here/../golden
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$program" serve --listen 127.0.0.1:0 --data "$folder/data" 2>"$folder/log" &
server=$!
until port=$(grep -oP 'listening on \S*:\K\d+' "$folder/log"); do sleep 0.05; done
url=http://127.0.0.1:$port

put() { curl -sS --fail-with-body "${@:3}" -T "$2" "$url/v1/objects/$1"; }

put small "$golden/nn_mlp.ascii.ref.t7" -H 'Sconce-Meta-Step: 1000'
put blob "$golden/Float_10k.ascii.ref.t7"                      # 40 KB: in a blob file once it is flushed
python3 - >"$folder/large.json" <<'END'
import json
print(json.dumps({"tensor": "torch.FloatTensor", "version": "V 1", "index": 1, "sizes": [150, 1000], "strides": [1000, 1], "offset": 1,
                  "storage": {"storage": "torch.FloatStorage", "version": "V 1", "index": 2, "count": 150000,
                              "elements": [i % 1000 for i in range(150000)]}}))
END
put large "$folder/large.json" -H 'Content-Type: application/json'  # 600 KB: three chunks and a description
put replaced "$golden/Float_1d.ascii.ref.t7"
put replaced "$golden/Float_2d.ascii.ref.t7"
put deleted "$folder/large.json" -H 'Content-Type: application/json'
curl -sS --fail-with-body -X DELETE "$url/v1/objects/deleted"
curl -sS --fail-with-body -X POST "$url/v1/admin/compact"      # all of it in table and blob files
tar c -C "$golden" Byte_1d.ascii.ref.t7 Double_4d.binary.ref.t7 |
  curl -sS --fail-with-body -X POST -T - "$url/v1/batch/commit?prefix=batch/" >/dev/null
put log "$golden/Long_1d.ascii.ref.t7"                         # in the log alone
kill -9 "$server"
rm -f "$folder/data/ballast"
tar -C "$folder" -S -c data | gzip -9 >"$here/layout-$2.tar.gz"
