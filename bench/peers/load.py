"""One turn of load: wrk against one server, and what it measured."""

import dataclasses
import json
import os
import subprocess
import time

CONNECTIONS = 64
THREADS = 2
TIMEOUT_SECONDS = 30
SETTLE_SECONDS = 10


@dataclasses.dataclass(frozen=True)
class Load:
    """Requests for `prefix` + number + `suffix`, numbers from `first` on, `keys` of them; without the number if that is 0.
    `order` is `turn`, one after the other, or `random`. `bodies` is a file of many bodies of `body_bytes` each; an answer
    brings at least `answer_bytes`. `items`: how many objects one request stands for."""

    method: str
    prefix: str
    suffix: str = ""
    first: int = 0
    keys: int = 0
    order: str = "turn"
    bodies: str = ""
    body_bytes: int = 0
    answer_bytes: int = 0
    items: int = 1
    connections: int = CONNECTIONS


    def first_target(self):
        return f"{self.prefix}{self.first if self.keys else ''}{self.suffix}"


@dataclasses.dataclass(frozen=True)
class Result:
    """Of one turn. `failures` counts answers that are no 2xx, or one with an error in it, or too short, and connections that
    broke; a turn without an answer is one."""

    rate: float
    p50_ms: float
    p99_ms: float
    cpu_us: float
    failures: int


def settle(servers):
    """Until what was written is on the disk and no server works in the background; its time is nobody's turn."""
    os.sync()
    deadline = time.monotonic() + SETTLE_SECONDS
    while time.monotonic() < deadline:
        before = sum(server.cpu_seconds() for server in servers)
        time.sleep(0.2)
        if sum(server.cpu_seconds() for server in servers) - before < 0.02:
            return


def wrk(url, load, seconds):
    script = os.path.join(os.path.dirname(__file__), "load.lua")
    command = ["wrk", f"-t{min(THREADS, load.connections)}", f"-c{load.connections}", f"-d{seconds}s",
               f"--timeout={TIMEOUT_SECONDS}s", "-s", script, url, "--",
               load.method, load.prefix, load.suffix, load.first, load.keys, load.order]
    if load.bodies:
        command += [load.bodies, load.body_bytes]
    ran = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    try:
        return json.loads(ran.stdout.splitlines()[-1])
    except (IndexError, ValueError):
        raise RuntimeError(f"wrk: {ran.stdout}{ran.stderr}") from None


def turn(server, load, seconds, servers):
    """Runs the load against the server; `servers` are all that run. What the server does in the background because of it
    counts as its CPU time."""
    cpu_before, hidden_before = server.cpu_seconds(), server.hidden_failures()
    measured = wrk(server.url, load, seconds)
    settle(servers)
    requests = max(measured["requests"], 1)
    hidden = server.hidden_failures() - hidden_before
    too_short = measured["requests"] if measured["bytes"] < load.answer_bytes * measured["requests"] else 0
    return Result(rate=measured["requests"] / measured["seconds"] * load.items,
                  p50_ms=measured["p50_ms"], p99_ms=measured["p99_ms"],
                  cpu_us=(server.cpu_seconds() - cpu_before) / requests / load.items * 1e6,
                  failures=measured["refused"] + measured["broken"] + hidden + too_short + (measured["requests"] == 0))
