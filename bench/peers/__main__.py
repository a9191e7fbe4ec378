"""Sconce beside nginx and Redis: `./x bench http` (docs/performance.md says what the rows are)."""

import argparse
import dataclasses
import sys

import load
import machine
import report
import rows
from objects import Client
from servers import Nginx, RedisWebdis, Sconce


def arguments():
    parser = argparse.ArgumentParser(prog="./x bench http")
    parser.add_argument("--build", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--scratch", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--rounds", type=int, default=5, help="turns of each contender, 5")
    parser.add_argument("--seconds", type=int, default=5, help="of a turn, 5")
    parser.add_argument("--only", default="", metavar="REGEX", help="only the work that it is found in, such as 'PUT 4'")
    parser.add_argument("--markdown", metavar="FILE", help="also put the tables between the file's `begin http` and `end http`")
    return parser.parse_args()


def expecting(contender):
    """The contender, knowing how long an answer is; fails if a first request does."""
    work = contender.load
    if work.method == "PUT":
        return contender
    body = None
    if work.bodies:
        with open(work.bodies, "rb") as file:
            body = file.read(work.body_bytes)
    answer = Client(contender.server).ask(work.method, work.first_target(), body)
    enough = len(answer) * 9 // 10  # the text of a number is not always as long
    return dataclasses.replace(contender, load=dataclasses.replace(work, answer_bytes=enough))


def check_stored(contender, objects):
    """That what was put is there."""
    client = Client(contender.server)
    prefix = contender.load.prefix.removeprefix(contender.server.put_path)
    for number in range(0, contender.load.keys, max(contender.load.keys // 10, 1)):
        if client.get(f"{prefix}{number}") not in objects:
            raise RuntimeError(f"{contender.server.name}: {prefix}{number} is not what was put")


def measure(group, servers, options):
    """Lists of results, by contender; the contenders take turns."""
    contenders = [expecting(contender) for contender in group.contenders]
    load.settle(servers)
    results = {contender.name: [] for contender in contenders}
    for round_number in range(1, options.rounds + 1):
        for contender in contenders:
            result = load.turn(contender.server, contender.load, options.seconds, servers)
            results[contender.name].append(result)
            print(f"{group.work}, round {round_number}, {contender.name}: {result.rate:,.0f}/s, p50 {result.p50_ms:.2f} ms, "
                  f"p99 {result.p99_ms:.2f} ms, {result.cpu_us:.0f} µs of CPU, {result.failures} failures", flush=True)
    if group.stored and not any(report.failures(each) for each in results.values()):
        for contender in contenders:
            check_stored(contender, group.stored)
    return results


def text_of(options, servers, measured):
    command = f"./x bench http --rounds {options.rounds} --seconds {options.seconds}"
    if options.only:
        command += f" --only '{options.only}'"
    settings = "".join(f"- {server.name}: {server.settings()}\n" for server in servers)
    return (f"`{command}`; {machine.describe(options.scratch)}\n\n{settings}\n{report.ratios(measured)}\n"
            f"{report.contenders(measured)}")


def main():
    options = arguments()
    servers = [Sconce(f"{options.scratch}/sconce", f"{options.build}/sconce"), Nginx(f"{options.scratch}/nginx"),
               RedisWebdis(f"{options.scratch}/redis")]
    try:
        for server in servers:
            server.start()
        groups = rows.all_groups(options.build, options.scratch, servers, options.only)
        measured = [(group, measure(group, servers, options)) for group in groups]
        text = text_of(options, servers, measured)
    finally:
        for server in servers:
            server.stop()
    print(text)
    if options.markdown:
        report.write(options.markdown, "http", text)
    failed = sum(report.failures(each) for _, results in measured for each in results.values())
    if failed:
        sys.exit(f"{failed} failures")


if __name__ == "__main__":
    main()
