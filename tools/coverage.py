"""Which share of each room's lines the tests ran: `coverage.py BUILD-FOLDER`, after a run of a build with SCONCE_COVERAGE.

Prints a line for each room, and fails where one is below its floor in coverage_floors.txt.
`--measured` prints what was measured as floors.
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


def main():
    build = os.path.abspath(sys.argv[1])
    measured = measure(build)
    if "--measured" in sys.argv[2:]:
        for room, (lines, ran) in sorted(measured.items()):
            print("%-36s %d" % (room, 100 * ran // lines))
        return
    floors = read_floors()
    faults = ["coverage_floors.txt: there is no room %s" % room for room in sorted(set(floors) - set(measured))]
    for room, (lines, ran) in sorted(measured.items()):
        percent = 100 * ran / lines
        print("%-36s %6.1f %% of %5d lines, floor %s" % (room, percent, lines, floors.get(room, "none")))
        if percent < floors.get(room, 0):
            faults.append("%s: %.1f %% of its lines are run by the tests, floor %s" % (room, percent, floors.get(room, "none")))
    sys.exit("\n".join(faults))


if __name__ == "__main__":
    main()
