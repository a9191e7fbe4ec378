"""Writes arrays for Sconce to read: `numpy_writes.py FOLDER`. Each line of FOLDER/manifest is FILE|KEY|DTYPE|SHAPE|BYTES,
where BYTES names the file of the little-endian row-major elements, and DTYPE is as in safetensors."""

import json
import struct
import sys
from pathlib import Path

import numpy

NAMES = {"f2": "F16", "f4": "F32", "f8": "F64", "u1": "U8", "i1": "I8", "i2": "I16", "i4": "I32", "i8": "I64",
         "b1": "BOOL", "u2": "U16", "u4": "U32", "u8": "U64"}
SHAPES = [(), (1,), (7,), (0,), (3, 0, 2), (4, 5), (2, 3, 4)]

folder = Path(sys.argv[1])
manifest = []


def note(file, key, array):
    name = f"{len(manifest)}.bytes"
    (folder / name).write_bytes(array.astype(array.dtype.newbyteorder("<")).tobytes())
    shape = " ".join(str(size) for size in array.shape)
    manifest.append(f"{file}|{key}|{NAMES[array.dtype.str[1:]]}|{shape}|{name}")


def arrays():
    random = numpy.random.RandomState(5)
    for name in NAMES:
        for shape in SHAPES:
            values = random.randint(0, 2 if name == "b1" else 120, size=shape)
            for byte_order in "<>":
                for order in "CF":
                    yield numpy.array(values, dtype=byte_order + name, order=order)


everything = list(arrays())
for number, array in enumerate(everything):
    file = f"{number}.npy"
    with open(folder / file, "wb") as out:
        version = [(1, 0), (2, 0), (3, 0)][number % 3]
        numpy.lib.format.write_array(out, array, version=version, allow_pickle=False)
    note(file, "", array)

# Reversed and transposed views are written in one of the two orders.
large = numpy.arange(300_000, dtype=">i4").reshape(500, 600)
numpy.save(folder / "large.npy", large.T[::-1])
note("large.npy", "", large.T[::-1])

named = {f"layer {number}.ä": array for number, array in enumerate(everything[::7])}
named["large"] = large
numpy.savez(folder / "stored.npz", **named)
numpy.savez_compressed(folder / "deflated.npz", **named)
numpy.savez(folder / "positional.npz", everything[9])
note("positional.npz", "arr_0", everything[9])
for file in ("stored.npz", "deflated.npz"):
    for key, array in named.items():
        note(file, key, array)
numpy.savez_compressed(folder / "bomb.npz", zeros=numpy.zeros(1 << 24, dtype="u1"))

header = {"__metadata__": {"format": "np"}}
data = b""
for number, array in enumerate(everything):
    part = array.astype(array.dtype.newbyteorder("<")).tobytes()
    header[f"t{number}"] = {"dtype": NAMES[array.dtype.str[1:]], "shape": array.shape,
                            "data_offsets": [len(data), len(data) + len(part)]}
    data += part
    note("all.safetensors", f"t{number}", array)
text = json.dumps(header).encode()
(folder / "all.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + data)

(folder / "manifest").write_text("\n".join(manifest) + "\n", encoding="utf-8")
