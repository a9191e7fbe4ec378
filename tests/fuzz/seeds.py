#!/usr/bin/env python3
"""Makes the inputs from which a fuzz target starts: seeds.py TARGET FOLDER."""

import io
import json
import pathlib
import struct
import sys
import tarfile
import zipfile

TESTS = pathlib.Path(__file__).resolve().parent.parent
GOLDEN_BYTES_MAX = 4096
FORMATS = {"binary": 0, "ascii": 1, "b32": 2}
UNREFERENCED = 8
SPLIT = bytes([0, 7])


def golden_files():
    """Format, referenced and bytes of what Torch wrote, small files only."""
    rows = [(r["file"], r["format"], r["referenced"]) for r in json.loads((TESTS / "golden/MANIFEST.json").read_text())]
    for line in (TESTS / "golden/extra/LIST.tsv").read_text().splitlines():
        file, format_name, referenced = line.split("\t")[:3]
        rows.append(("extra/" + file, format_name, referenced == "true"))
    for file, format_name, referenced in sorted(set(rows)):
        path = TESTS / "golden" / file
        if format_name in FORMATS and path.exists() and path.stat().st_size <= GOLDEN_BYTES_MAX:
            yield format_name, referenced, path.read_bytes()


def torch():
    for format_name, referenced, data in golden_files():
        yield bytes([FORMATS[format_name] | (0 if referenced else UNREFERENCED)]) + SPLIT + data
    for format_name, data in class_files():
        yield bytes([FORMATS[format_name]]) + SPLIT + data
    for text in [b"1.5\n", b"0.5", b"1 5\n", b"5\n7\n", b"1\n5\n1\n6\n", b"3\n1\n1\n1.5\n0\n"]:
        for choices in (1, 3):
            yield bytes([choices]) + SPLIT + text


def layouts():
    """Choices, the layout with its size before it, and a payload in ascii or binary."""
    rows = [
        ("object object", "3\n2\n0\n3\n3\n0\n"),
        ("", ""),
        ("object:n pair[n]", "1\n1\n5\n0\n0\n"),
        ("object double:n (double)[n]", "0\n2\n1\n2\n"),
        ("long:n (float float)[n] int int:m object[m]", "1\n1\n2\n3\n1\n0\n"),
        ("byte[3] char short half long[2]", "abc\nd\n1\n2\n3 4\n"),
        ("int:n (object (byte double)[2])[n]", "1\n0\na\n1\nb\n2\n"),
    ]
    for layout, payload in rows:
        yield bytes([1, len(layout)]) + layout.encode() + payload.encode()
    doubles = struct.pack("<iid", 0, 0, 2) + bytes(16)
    yield bytes([0, 31]) + b"int object double:n (double)[n]" + doubles
    for wrong in ["(int", "int)", "(char[0])[2]", "half:n", "(int:n)[2] long[n]", "double:n int[m]"]:
        yield bytes([1, len(wrong)]) + wrong.encode()


def class_files():
    for path in sorted((TESTS / "golden/classes").glob("*.t7")):
        yield path.name.split(".")[1], path.read_bytes()


def parts():
    for _, referenced, data in golden_files():
        if referenced:
            yield bytes([0, 1, 2]) + data
    for data in [*array_files(), *json_texts()]:
        yield bytes([0, 1, 2]) + data


def outline():
    for format_name, referenced, data in golden_files():
        if referenced and format_name == "binary":
            yield bytes([0, 1, 2, 1, 0, 12, 3]) + data
            yield bytes([0, 1, 2, 2, 0, 5, 3, 0, 30, 200]) + data


def npy_bytes(descr, shape, fortran=False, version=1):
    header = str({"descr": descr, "fortran_order": fortran, "shape": shape}) + "\n"
    size = struct.pack("<H", len(header)) if version == 1 else struct.pack("<I", len(header))
    count = 1
    for each in shape:
        count *= each
    return b"\x93NUMPY" + bytes([version, 0]) + size + header.encode() + bytes(range(count * int(descr[2:])))


def npy_files():
    for descr in ["|u1", "|i1", "<i2", ">i4", "<i8", "<f2", ">f4", "<f8", "|b1", "<u2", ">u8", "<c8", "<U1"]:
        yield npy_bytes(descr, (2, 3))
    yield npy_bytes("<f4", (2, 3), fortran=True, version=2)
    yield npy_bytes("<f4", (), version=3)
    yield npy_bytes("<f4", (0, 3))


def npz_files():
    arrays = list(npy_files())
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        zipped = io.BytesIO()
        with zipfile.ZipFile(zipped, "w", method) as archive:
            archive.writestr("weight.npy", arrays[6])
            archive.writestr("a/b.npy", arrays[0])
        yield zipped.getvalue()


def safetensors_files():
    headers = [
        '{"w":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]}}',
        '{"__metadata__":{"format":"pt"},"b":{"dtype":"BF16","shape":[2],"data_offsets":[4,8]},'
        '"a":{"dtype":"I16","shape":[2],"data_offsets":[0,4]}}',
        '{"s":{"dtype":"I64","shape":[],"data_offsets":[0,8]},"e":{"dtype":"BOOL","shape":[0],"data_offsets":[8,8]}}',
        '{"q":{"dtype":"F4","shape":[2,4],"data_offsets":[0,4]},"c":{"dtype":"F8_E8M0","shape":[4],"data_offsets":[4,8]}}',
        '{"z":{"dtype":"C64","shape":[1],"data_offsets":[0,8]}}',
        '{"__metadata__":{"a":"b"}}\0{"evil":1}',
        "{}",
    ]
    for header in headers:
        yield struct.pack("<Q", len(header)) + header.encode() + bytes(range(0 if header == "{}" else 8))


def array_files():
    return [*npy_files(), *npz_files(), *safetensors_files()]


def json_texts():
    """The examples of docs/json.md, and more."""
    texts = [
        "null",
        '{"table":1,"count":2,"pairs":[[1,10],["x","y"]]}',
        '{"table":1,"count":2,"pairs":[["self",{"reference":1,"tag":3}],["t",{"tensor":"torch.FloatTensor",'
        '"version":"V 1","index":2,"sizes":[2,2],"strides":[2,1],"offset":1,"storage":{"storage":"torch.FloatStorage","version":"V 1",'
        '"index":3,"count":4,"elements":[1,2.5,-0.0,"nan"]}}]]}',
        '{"function":1,"tag":8,"bytes":3,"code":["YWJj"],"upvalues":{"table":2,"count":0,"pairs":[]}}',
        '{"class":"my.Sparse","version":null,"index":1,"payload":[{"scalars":"i32","count":1,"elements":[2]},'
        '{"scalars":"i64","count":2,"elements":[1,2]},{"scalars":"f64","count":2,"elements":["inf",1e-3]},null]}',
        '{"class":"nn.Linear","version":"V 1","index":1,'
        '"payload":[{"table":2,"count":1,"pairs":[["a",{"boolean":2}]]}]}',
        '{"bytes":3,"base64":["/wD+"]}',
        '{"number":"nan:0x7ff8000000000001"}',
        '"\\ud83d\\ude00\\n"',
    ]
    return [text.encode() for text in texts]


def paths():
    texts = [
        "model.modules[3].weight",
        '["odd key"].x',
        "[1]",
        "[true][false]",
        "[#7].x",
        "[-1.5][1e300][inf]",
        '["\\x00\\n"]',
        "0:10,:",
        "-1",
        "...,::2",
        "::-1",
        "1:2:3,4",
    ]
    return [text.encode() for text in texts]


def requests():
    texts = [
        ["runs/42/step-1000", "a%20b/%c3%a9", "./a"],
        [
            "format=ascii&referenced=false",
            "path=a.b%5B1%5D&slice=0:10&depth=2",
            "prefix=&limit=10&after=x",
            "if_none_match=*",
        ],
        ["application/x-torch7; format=ascii;q=0.5, */*;q=0", 'text/plain; charset="a\\"b"', "application/x-npy"],
        ["bytes=0-9", "bytes=-5,10-,20-30", "bytes=99-"],
        ['"0190f0c1e2a30000b1c2d3e4f5061728-ascii.1"', 'W/"a", "b"', "*"],
        ["sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:", "sha-256=3, sha-512=1", "a;b=1;c, d=?1"],
        ['{"delete":["a"],"conditions":[{"key":"b","if_match":"\\"x\\""},{"key":"c","if_none_match":"*"}]}',
         '{"items":[{"key":"a","path":"model.weight","slice":"0:10"}],"format":"npy","as":"stack"}',
         '{"delete":["a"]}\0,"conditions":[{"key":"b","if_match":"*"}]}', '\ufeff{"items":[{"key":"a","key":"b"}]} {}'],
        ["/v1/objects/a/b", "/v1/objects", "/v1/convert", "/healthz"],
    ]
    return [bytes([which]) + text.encode() for which, some in enumerate(texts) for text in some]


HEADS = [
    "GET /v1/objects/a/tensor HTTP/1.1\r\nHost: a\r\nAccept: application/x-npy, application/json;q=0.5\r\n\r\n",
    "GET /v1/objects/a/table?path=a&slice=0:2&format=json HTTP/1.1\r\nHost: [::1]:80\r\n"
    "Range: bytes=0-3,-5\r\nIf-Range: \"a\"\r\n\r\n",
    "GET /v1/objects/a/table?view=outline&depth=2 HTTP/1.1\r\nHost:\r\nWant-Repr-Digest: sha-256=3\r\n\r\n",
    "GET /v1/objects/a/table?referenced=false&format=ascii HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
    "HEAD http://h/v1/objects/a/tensor?format=npy&slice=...,::-1 HTTP/1.1\r\nHost: h\r\nIf-None-Match: *\r\n\r\n",
    "GET /v1/objects?prefix=a/&delimiter=/&limit=2&metadata=true HTTP/1.1\r\nHost: a\r\n"
    "Accept: application/x-ndjson\r\n\r\n",
    "DELETE /v1/objects/a/tensor HTTP/1.1\r\nHost: a\r\nIf-Match: \"x\", W/\"y\"\r\n\r\n",
    "PUT /v1/objects/b%2Fc HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-torch7; format=ascii\r\n"
    "Content-Length: 6\r\nSconce-Meta-Run: 42\r\nExpect: 100-continue\r\n\r\n1\n2.5\n",
    "PUT /v1/objects/b HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nIf-None-Match: *\r\n"
    "Content-Digest: sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:\r\n\r\n",
    "POST /v1/convert?from=ascii&to=json HTTP/1.1\r\nHost: a\r\n\r\n1\n2.5\n",
    "POST /v1/batch/get HTTP/1.1\r\nHost: a\r\n\r\n"
    '{"items":[{"key":"a/tensor"},{"key":"a/table","path":"a","slice":"1:"},{"key":"c"}],"format":"npy","as":"tar"}',
    "POST /v1/batch/get HTTP/1.1\r\nHost: a\r\n\r\n"
    '{"items":[{"key":"a/tensor"},{"key":"a/tensor"}],"format":"npy","as":"stack"}',
    "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET /metrics HTTP/1.1\r\nHost: a\r\nX: b\r\nX:\tc \r\n\r\n",
    "POST /v1/admin/compact HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
    "GET /healthz HTTP/1.3\r\nHost: a\r\nConnection: close, x\r\nUpgrade: h2c\r\n\r\n",
]


def heads():
    return split(text.encode() for text in HEADS)


def exchanges():
    yield from heads()
    for data in [*array_files(), *json_texts()]:
        for line in ("PUT /v1/objects/b", "POST /v1/convert?to=safetensors", "POST /v1/convert?to=json&style=plain"):
            yield SPLIT + line.encode() + b" HTTP/1.1\r\nHost: a\r\n\r\n" + data
    for data in tar_files():
        yield SPLIT + b"POST /v1/batch/commit HTTP/1.1\r\nHost: a\r\n\r\n" + data


def tar_file(entries, style):
    """Entries: name, bytes, type, and other members of tarfile.TarInfo."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=style) as archive:
        for name, data, kind, members in entries:
            info = tarfile.TarInfo(name)
            info.size, info.type = len(data), kind
            for member, value in members.items():
                setattr(info, member, value)
            archive.addfile(info, io.BytesIO(data))
    size = (len(packed.getvalue().rstrip(b"\0")) + 511) // 512 * 512
    return packed.getvalue()[: size + 1024]


def tar_files():
    file, folder, link = tarfile.REGTYPE, tarfile.DIRTYPE, tarfile.SYMTYPE
    control = b'{"delete":["old"],"conditions":[{"key":"a","if_none_match":"*"},{"key":"c","if_match":"*"}]}'
    two = [("a", b"1\n2.5\n", file, {}), ("./b/c", b"0\n", file, {})]
    for style in (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
        yield tar_file(two, style)
        yield tar_file([(".sconce-batch.json", control, file, {}), *two], style)
        yield tar_file([("d", b"", folder, {}), ("d/" + "n" * 60 + "/" + "m" * 80, b"0\n", file, {})], style)
        yield tar_file([("l", b"", link, {"linkname": "a"})], style)
    pax = {"path": "\u00e9/x", "mtime": "1.5", "size": "2", "comment": "c"}
    yield tar_file([("p", b"0\n", file, {"pax_headers": pax})], tarfile.PAX_FORMAT)
    sparse = {"GNU.sparse.map": "0,1,3,1", "GNU.sparse.size": "9", "GNU.sparse.name": "s"}
    yield tar_file([("s", b"0\n", file, {"pax_headers": sparse})], tarfile.PAX_FORMAT)
    yield tar_file([("s", b"0\n", tarfile.GNUTYPE_SPARSE, {})], tarfile.GNU_FORMAT)
    yield tar_file([("l" * 200, b"0\n", file, {})], tarfile.GNU_FORMAT)


def tar():
    for number, data in enumerate(tar_files()):
        yield bytes([number % 4]) + SPLIT + data


def split(files):
    return [SPLIT + data for data in files]


TARGETS = {
    "exchanges": exchanges,
    "heads": heads,
    "json": lambda: split(json_texts()),
    "layouts": layouts,
    "npy": lambda: split(npy_files()),
    "npz": lambda: split(npz_files()),
    "outline": outline,
    "parts": parts,
    "paths": paths,
    "requests": requests,
    "safetensors": lambda: split(safetensors_files()),
    "tar": tar,
    "torch": torch,
}


def main():
    target, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    kept = TESTS / "hostile/inputs" / target
    seeds = [*TARGETS[target](), *(path.read_bytes() for path in sorted(kept.glob("*")))]
    for number, data in enumerate(seeds):
        (folder / str(number)).write_bytes(data)


if __name__ == "__main__":
    main()
