"""Reads what Sconce wrote: `numpy_reads.py FOLDER`. Each line of FOLDER/manifest is FILE|KEY|DTYPE|SHAPE|BYTES, where
BYTES names the file of the row-major elements that must come out, and DTYPE has / for numpy's |. Ends with 1 at the first difference."""

import json
import struct
import sys
from pathlib import Path

import numpy

SAFETENSORS = {"<f2": "F16", "<f4": "F32", "<f8": "F64", "|u1": "U8", "|i1": "I8", "<i2": "I16", "<i4": "I32",
               "<i8": "I64", "|b1": "BOOL", "<u2": "U16", "<u4": "U32", "<u8": "U64"}


def read_safetensors(file):
    """The layout, as https://github.com/huggingface/safetensors says it."""
    data = file.read_bytes()
    (size,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8:8 + size])
    metadata = header.pop("__metadata__", {})
    assert all(isinstance(text, str) for pair in metadata.items() for text in pair)
    arrays = {}
    end = 0
    for name, info in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
        assert set(info) == {"dtype", "shape", "data_offsets"}
        assert info["data_offsets"][0] == end
        end = info["data_offsets"][1]
        dtype = next(numpy_name for numpy_name, its in SAFETENSORS.items() if its == info["dtype"])
        part = data[8 + size + info["data_offsets"][0]:8 + size + end]
        arrays[name] = numpy.frombuffer(part, dtype).reshape(info["shape"])
    assert 8 + size + end == len(data)
    return arrays


def read(file, key):
    if file.suffix == ".npy":
        return numpy.load(file, allow_pickle=False)
    if file.suffix == ".npz":
        with numpy.load(file, allow_pickle=False) as arrays:
            return arrays[key]
    return read_safetensors(file)[key]


folder = Path(sys.argv[1])
lines = (folder / "manifest").read_text(encoding="utf-8").splitlines()
assert lines
for line in lines:
    name, key, dtype, shape, expected = line.split("|")
    array = read(folder / name, key)
    assert array.dtype.str == dtype.replace("/", "|"), (line, array.dtype.str)
    assert array.shape == tuple(int(size) for size in shape.split()), (line, array.shape)
    assert array.tobytes() == (folder / expected).read_bytes(), line
print(f"{len(lines)} arrays")
