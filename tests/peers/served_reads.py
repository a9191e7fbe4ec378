"""Reads what a server of Sconce serves: `served_reads.py PORT`. Stores what numpy wrote, and opens parts and slices of it with numpy
and torch. Ends with 1 at the first difference."""

import io
import json
import struct
import sys
import urllib.error
import urllib.parse
import urllib.request

import numpy
import torch

SERVER = f"http://127.0.0.1:{sys.argv[1]}"
TORCH_TYPES = {"F64": torch.float64, "F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16, "I64": torch.int64,
               "I32": torch.int32, "I16": torch.int16, "I8": torch.int8, "U8": torch.uint8, "BOOL": torch.bool}


def send(method, target, body=None, **parameters):
    query = urllib.parse.urlencode(parameters, quote_via=urllib.parse.quote)
    request = urllib.request.Request(f"{SERVER}{target}?{query}", data=body, method=method)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return answer.read()


def get(key, **parameters):
    return send("GET", f"/v1/objects/{key}", **parameters)


def as_file(save, *arrays, **named):
    out = io.BytesIO()
    save(out, *arrays, **named)
    return out.getvalue()


def open_npy(data):
    return numpy.load(io.BytesIO(data), allow_pickle=False)


def open_safetensors(data):
    """The layout, as https://github.com/huggingface/safetensors says it. Debian has no package of it."""
    (size,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8:8 + size])
    header.pop("__metadata__", None)
    tensors = {}
    for name, info in header.items():
        begin, end = (8 + size + offset for offset in info["data_offsets"])
        dtype = TORCH_TYPES[info["dtype"]]
        part = torch.frombuffer(bytearray(data[begin:end]), dtype=dtype) if begin < end else torch.empty(0, dtype=dtype)
        tensors[name] = part.reshape(info["shape"])
    return tensors


def write_safetensors(tensors):
    header, data = {}, b""
    for name, tensor in tensors.items():
        dtype = next(its for its, torch_type in TORCH_TYPES.items() if torch_type == tensor.dtype)
        part = bytes(tensor.contiguous().flatten().view(torch.uint8).numpy()) if tensor.numel() else b""
        header[name] = {"dtype": dtype, "shape": list(tensor.shape), "data_offsets": [len(data), len(data) + len(part)]}
        data += part
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def check(array, expected, what):
    assert array.dtype == expected.dtype and array.shape == expected.shape, (what, array.dtype, array.shape)
    assert (array == expected).all(), what


matrix = numpy.arange(600_000, dtype="<f4").reshape(600, 1000)
named = {"weight": matrix, "deep.ids": numpy.arange(7, dtype="<i8"), "mask": numpy.array([True, False])}
send("PUT", "/v1/objects/named", as_file(numpy.savez_compressed, **named))
send("PUT", "/v1/objects/reversed", as_file(numpy.save, matrix.T[::-1]))

for slices in ("...", "5", "-1,::7", "10:20,:", "::-100,3:5", ":,999", "600:,:"):
    index = tuple(eval(f"numpy.s_[{slices}]") if "," in slices else (eval(f"numpy.s_[{slices}]"),))
    check(open_npy(get("named", path="weight", slice=slices, format="npy")), matrix[index], slices)
check(open_npy(get("reversed", format="npy")), matrix.T[::-1], "reversed")
check(open_npy(get("reversed", slice="::-1,0:2", format="npy")), matrix.T[:, 0:2], "reversed twice")
with numpy.load(io.BytesIO(get("named", format="npz")), allow_pickle=False) as arrays:
    assert sorted(arrays.files) == sorted(named)
    for name, array in named.items():
        check(arrays[name], array, name)

tensors = {"bf": torch.arange(12).reshape(3, 4).to(torch.bfloat16), "half": torch.rand(5).half(),
           "mask": torch.tensor([[True], [False]]), "scalar": torch.tensor(2.5), "none": torch.empty(0, 3),
           "long": torch.tensor([2**60 + 1, -1])}
send("PUT", "/v1/objects/torch", write_safetensors(tensors))
for data in (get("torch", format="safetensors"),
             send("POST", "/v1/convert", get("torch", format="ascii"), **{"from": "ascii", "to": "safetensors"})):
    back = open_safetensors(data)
    assert list(back) == list(tensors)
    for name, tensor in tensors.items():
        assert back[name].dtype == tensor.dtype and back[name].shape == tensor.shape, name
        assert torch.equal(back[name], tensor), name
check(open_safetensors(get("named", path="weight", slice="3", format="safetensors"))["tensor"].numpy(), matrix[3], "slice")
assert torch.equal(torch.from_numpy(open_npy(get("torch", path="long", format="npy"))), tensors["long"])

# A small file that decompresses to more than the server takes leaves nothing.
bomb = as_file(numpy.savez_compressed, zeros=numpy.zeros(1 << 26, dtype="u1"))
assert len(bomb) < 1 << 17
try:
    send("PUT", "/v1/objects/bomb", bomb)
    sys.exit("the bomb was stored")
except urllib.error.HTTPError as error:
    problem = json.load(error)
    assert error.code in (400, 413), problem
    assert problem["code"] in ("limit_exceeded", "body_too_large"), problem
try:
    get("bomb")
    sys.exit("the bomb is there")
except urllib.error.HTTPError as error:
    assert error.code == 404
