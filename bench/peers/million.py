"""How Sconce goes on as objects become more: `./x bench million` (docs/performance.md says what the columns are)."""

import argparse
import dataclasses
import re
import statistics
import subprocess
import time
import urllib.request

import load
import machine
import report
from load import Load
from objects import HEADER_BYTES, Client
from servers import Sconce

OBJECT_BYTES = 4096
PREFIX = "many/"


@dataclasses.dataclass
class Step:
    """What was measured with so many objects."""

    objects: int
    put: tuple  # rate, p50 and p99 in ms
    busy: list  # of Result: 64 connections
    calm: list  # of Result: one connection
    page_ms: float
    list_seconds: float


def arguments():
    parser = argparse.ArgumentParser(prog="./x bench million")
    parser.add_argument("--build", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--scratch", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--objects", default="10000,100000,1000000", help="when to measure: 10000,100000,1000000")
    parser.add_argument("--rounds", type=int, default=5, help="turns of GETs, 5")
    parser.add_argument("--seconds", type=int, default=5, help="of a turn, 5")
    parser.add_argument("--markdown", metavar="FILE",
                        help="also put the tables between the file's `begin million` and `end million`")
    return parser.parse_args()


def put(build, sconce, first, end):
    """Rate, p50 and p99 of PUTs that make `end` of `first` objects."""
    element_bytes = (OBJECT_BYTES - HEADER_BYTES) // 4 * 4
    port = sconce.url.rpartition(":")[2]
    command = [f"{build}/bench/put_many", port, end - first, element_bytes, load.CONNECTIONS, first]
    printed = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=True).stdout
    found = re.search(r"([\d.]+)/s, p50 ([\d.]+) ms, p99 ([\d.]+) ms", printed)
    return tuple(float(group) for group in found.groups())


def page_ms(sconce):
    """The median of a hundred pages from the middle of the keys."""
    client = Client(sconce)
    times = []
    for number in range(100):
        begin = time.perf_counter()
        client.ask("GET", f"/v1/objects?prefix={PREFIX}{number % 90 + 10}&limit=100")
        times.append((time.perf_counter() - begin) * 1000)
    return statistics.median(times)


def list_seconds(sconce, count):
    request = urllib.request.Request(f"{sconce.url}/v1/objects", headers={"Accept": "application/x-ndjson"})
    begin = time.perf_counter()
    lines = 0
    with urllib.request.urlopen(request) as answer:
        while piece := answer.read(1 << 20):
            lines += piece.count(b"\n")
    if lines != count:
        raise RuntimeError(f"{lines} keys listed of {count}")
    return time.perf_counter() - begin


def measure(options, sconce, first, count):
    put_figures = put(options.build, sconce, first, count)
    load.settle([sconce])
    gets = Load("GET", sconce.get_path + PREFIX, keys=count, order="random", answer_bytes=OBJECT_BYTES * 9 // 10)
    busy, calm = [], []
    for _ in range(options.rounds):
        busy.append(load.turn(sconce, gets, options.seconds, [sconce]))
        calm.append(load.turn(sconce, dataclasses.replace(gets, connections=1), options.seconds, [sconce]))
    step = Step(count, put_figures, busy, calm, page_ms(sconce), list_seconds(sconce, count))
    if failed := report.failures(busy + calm):
        raise RuntimeError(f"{failed} of the GETs failed")
    print(f"{count:,} objects: PUT {put_figures[0]:,.0f}/s, GET {busy[-1].rate:,.0f}/s, p99 {busy[-1].p99_ms:.2f} ms; "
          f"list {step.list_seconds:.2f} s", flush=True)
    return step


def tables(steps):
    def get_row(step, name, results):
        figures = [spread_of(results, field, form) for field, form in
                   (("rate", "{:,.0f}"), ("p50_ms", "{:.3f}"), ("p99_ms", "{:.3f}"), ("cpu_us", "{:,.0f}"))]
        return [f"{step.objects:,}", name] + figures

    def spread_of(results, field, form):
        return report.spread([getattr(result, field) for result in results], form)

    gets = [get_row(step, name, results) for step in steps
            for name, results in ((f"{load.CONNECTIONS}", step.busy), ("1", step.calm))]
    others = [[f"{step.objects:,}", f"{step.put[0]:,.0f}"] +
              [f"{figure:.2f}" for figure in (*step.put[1:], step.page_ms, step.list_seconds)] for step in steps]
    first, last = steps[0], steps[-1]
    growth = [[name] + [f"{median_of(after, field) / median_of(before, field):.2f} ×" for field in ("p50_ms", "p99_ms")]
              for name, before, after in ((f"{load.CONNECTIONS}", first.busy, last.busy), ("1", first.calm, last.calm))]
    return "\n".join([
        report.table(["objects", "connections", "GET/s", "p50 ms", "p99 ms", "CPU µs/GET"], gets),
        report.table(["objects", "PUT/s", "p50 ms", "p99 ms", "a page of 100 keys, ms", "all keys, s"], others),
        report.table(["connections", f"GET p50, from {first.objects:,} to {last.objects:,}", "p99, to stay below 2 ×"],
                     growth)])


def median_of(results, field):
    return statistics.median(getattr(result, field) for result in results)


def main():
    options = arguments()
    counts = [int(count) for count in options.objects.split(",")]
    sconce = Sconce(f"{options.scratch}/sconce", f"{options.build}/sconce")
    try:
        sconce.start()
        steps = [measure(options, sconce, first, count) for first, count in zip([0] + counts, counts)]
    finally:
        sconce.stop()
    text = (f"`./x bench million --objects {options.objects} --rounds {options.rounds} --seconds {options.seconds}`; "
            f"{machine.describe(options.scratch)}\n\n{tables(steps)}")
    print(text)
    if options.markdown:
        report.write(options.markdown, "million", text)


if __name__ == "__main__":
    main()
