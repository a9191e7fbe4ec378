"""Which share of each room's lines the tests ran: `coverage.py BUILD-FOLDER`, after a run of a build with SCONCE_COVERAGE.

Prints a line for each room, and fails where one is below its floor in coverage_floors.txt, or has none.
`--measured` prints floors for what was measured.
"""

import concurrent.futures
import json
import os
import subprocess
import sys

from rooms import HOUSES, ROOT, rooms

FLOORS = os.path.join(ROOT, "tools", "coverage_floors.txt")
COUNTERS_PER_RUN = 16


def counters_in(build):
    found = []
    for folder, _, files in os.walk(build):
        found += [os.path.join(folder, name) for name in files if name.endswith(".gcda")]
    return sorted(found)


def read_counters(paths, build):
    """By source and line, how often it ran."""
    run = subprocess.run(["gcov", "--json-format", "--stdout", *paths], capture_output=True, text=True, check=True, cwd=build)
    counts = {}
    for document in filter(None, run.stdout.splitlines()):
        unit = json.loads(document)
        for file in unit["files"]:
            path = os.path.relpath(os.path.join(unit["current_working_directory"], file["file"]), ROOT)
            if path.split(os.sep)[0] in HOUSES:
                lines = counts.setdefault(path, {})
                for line in file["lines"]:
                    number = line["line_number"]
                    lines[number] = lines.get(number, 0) + line["count"]
    return counts


def measure(build):
    """By room, its lines and those that ran."""
    paths = counters_in(build)
    if not paths:
        sys.exit("%s: no counters; build it with -DSCONCE_COVERAGE=ON and run its tests" % build)
    groups = [paths[i:i + COUNTERS_PER_RUN] for i in range(0, len(paths), COUNTERS_PER_RUN)]
    ran = {}
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for counts in pool.map(lambda group: read_counters(group, build), groups):
            for path, lines in counts.items():
                known = ran.setdefault(path, {})
                for number, count in lines.items():
                    known[number] = known.get(number, False) or count > 0
    measured = {room: [0, 0] for room in rooms()}
    for path, lines in ran.items():
        of_room = measured[os.path.dirname(path)]
        of_room[0] += len(lines)
        of_room[1] += sum(lines.values())
    return {room: lines for room, lines in measured.items() if lines[0]}


def read_floors():
    with open(FLOORS, encoding="utf-8") as file:
        rows = [line.split("#")[0].split() for line in file]
    return {row[0]: int(row[1]) for row in rows if row}


def floor_of(lines):
    """One percent below, rounded down: what a killed server counted is lost, more of it on one day than on another."""
    return max(0, 100 * lines[1] // lines[0] - 1)


def faults_of(measured, floors):
    faults = ["coverage_floors.txt: there is no room %s" % room for room in sorted(set(floors) - set(measured))]
    for room, lines in sorted(measured.items()):
        percent = 100 * lines[1] / lines[0]
        if room not in floors:
            faults.append("%s: coverage_floors.txt has no floor for it; %d would be one" % (room, floor_of(lines)))
        elif percent < floors[room]:
            faults.append("%s: the tests run %.1f %% of its lines, floor %d" % (room, percent, floors[room]))
    return faults


def main():
    build = os.path.abspath(sys.argv[1])
    measured = measure(build)
    if "--measured" in sys.argv[2:]:
        for room, lines in sorted(measured.items()):
            print("%-36s %d" % (room, floor_of(lines)))
        return
    floors = read_floors()
    for room, (lines, ran) in sorted(measured.items()):
        print("%-36s %6.1f %% of %5d lines, floor %s" % (room, 100 * ran / lines, lines, floors.get(room, "none")))
    sys.exit("\n".join(faults_of(measured, floors)) or 0)


if __name__ == "__main__":
    main()
