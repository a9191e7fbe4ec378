"""What is compared with what: groups of contenders that take turns, and for each the ratios that are asked of them."""

import dataclasses
import json
import re
import subprocess

from load import CONNECTIONS, Load
from objects import Client, Objects, fill

KIB, MIB = 1 << 10, 1 << 20
BATCH = 64
TEXT_CONNECTIONS = 4  # a text of 3 MB takes long; with more, a short turn would see no answer
PARTS, FIRST_PART = 1024, 10000  # of make_checkpoint


@dataclasses.dataclass(frozen=True)
class Contender:
    name: str
    server: object
    load: Load


@dataclasses.dataclass(frozen=True)
class Row:
    """The rate of `subject` over that of `baseline`, at least `goal` where there is one."""

    subject: str
    baseline: str
    goal: float | None


@dataclasses.dataclass(frozen=True)
class Group:
    """`stored`: the objects that are written in it, to look afterwards whether they were."""

    work: str
    contenders: list
    rows: list
    stored: Objects | None = None


def get_group(work, sconce, nginx, prefix, objects):
    for server in (sconce, nginx):
        fill(server, prefix, objects)
    loads = {server: Load("GET", server.get_path + prefix, keys=objects.count) for server in (sconce, nginx)}
    return Group(work, [Contender(server.name, server, load) for server, load in loads.items()],
                 [Row("sconce", "nginx", 1.0)])


def put_group(work, servers, prefix, objects, goals):
    """Each key is overwritten in time, with another object than it had: there is one object less than keys."""
    keys = objects.count + 1
    loads = {server: Load("PUT", server.put_path + prefix, keys=keys, bodies=objects.path, body_bytes=objects.bytes)
             for server in servers}
    return Group(work, [Contender(server.name, server, load) for server, load in loads.items()],
                 [Row("sconce", peer, goal) for peer, goal in goals.items()], stored=objects)


def formats_group(work, sconce, prefix, objects, goals, connections):
    fill(sconce, prefix, objects)
    suffixes = {"binary": ""} | {name: f"?format={name}" for name in goals}
    loads = {name: Load("GET", sconce.get_path + prefix, suffix, keys=objects.count, connections=connections)
             for name, suffix in suffixes.items()}
    return Group(work, [Contender(name, sconce, load) for name, load in loads.items()],
                 [Row(name, "binary", goal) for name, goal in goals.items()])


def part_group(work, sconce, build, prefix, wholes):
    fill(sconce, prefix, wholes)
    checkpoint = subprocess.Popen([f"{build}/bench/make_checkpoint", str(PARTS), str(MIB)], stdout=subprocess.PIPE)
    Client(sconce).put("checkpoint", iter(lambda: checkpoint.stdout.read(MIB), b""))
    if checkpoint.wait() != 0:
        raise RuntimeError("make_checkpoint failed")
    part = Load("GET", f"{sconce.get_path}checkpoint?path=layer_", first=FIRST_PART, keys=PARTS)
    whole = Load("GET", sconce.get_path + prefix, keys=wholes.count)
    return Group(work, [Contender("part", sconce, part), Contender("whole", sconce, whole)], [Row("part", "whole", 0.5)])


def batch_group(work, sconce, folder, prefix, objects):
    fill(sconce, prefix, objects)
    wanted = f"{folder}/batch.json"
    with open(wanted, "w") as file:
        json.dump({"items": [{"key": f"{prefix}{number}"} for number in range(BATCH)]}, file)
        body_bytes = file.tell()
    batch = Load("POST", "/v1/batch/get", bodies=wanted, body_bytes=body_bytes, items=BATCH)
    single = Load("GET", sconce.get_path + prefix, keys=objects.count)
    loads = {"batch/get": batch, "single": single,
             "batch/get, one client": dataclasses.replace(batch, connections=1),
             "single, one client": dataclasses.replace(single, connections=1)}
    return Group(work, [Contender(name, sconce, load) for name, load in loads.items()],
                 [Row("batch/get", "single", 10.0), Row("batch/get, one client", "single, one client", 10.0)])


def all_groups(build, folder, servers, only):
    """One after the other, each put in place when it is asked for: those that `only`, a regular expression, finds."""
    sconce, nginx, redis = servers
    small = Objects(build, f"{folder}/small", 4 * KIB, 1999)
    large = Objects(build, f"{folder}/large", MIB, 99)
    medium = Objects(build, f"{folder}/medium", 10 * KIB, BATCH)
    makers = {
        "GET 4 KiB": lambda work: get_group(work, sconce, nginx, "small-", small),
        "GET 1 MiB": lambda work: get_group(work, sconce, nginx, "large-", large),
        "PUT 4 KiB": lambda work: put_group(work, servers, "put-small-", small, {redis.name: 1.0, nginx.name: 2.5}),
        "PUT 1 MiB": lambda work: put_group(work, [sconce, nginx], "put-large-", large, {nginx.name: 1.0}),
        "GET 1 MiB in a format": lambda work: formats_group(
            work, sconce, "large-", large, {"npy": 0.8, "safetensors": 0.8}, CONNECTIONS),
        f"GET 1 MiB in a format of text, {TEXT_CONNECTIONS} connections": lambda work: formats_group(
            work, sconce, "large-", large, {"ascii": None, "json": None}, TEXT_CONNECTIONS),
        "GET 1 MiB, of 1 GiB": lambda work: part_group(work, sconce, build, "large-", large),
        f"GET {BATCH} of 10 KiB": lambda work: batch_group(work, sconce, folder, "medium-", medium),
    }
    for work, make in makers.items():
        if re.search(only, work):
            yield make(work)
