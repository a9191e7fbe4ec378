"""What tests a room: `rooms.py ROOM` prints the targets to build, the labels and the names of the tests, a line each.

`rooms.txt` has the rows. `rooms.py --check` looks whether they fit the folders that there are.
"""

import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
HOUSES = ("core", "proto", "server", "cli")
# The test programs whose name is not that of their folder.
PROGRAMS = {"fuzz": "fuzz_replay"}
SUITE = re.compile(r"^(?:TEST|TEST_F|TEST_P|TYPED_TEST|TYPED_TEST_P)\(\s*(\w+)", re.MULTILINE)


def read_rows():
    rows = {}
    with open(os.path.join(ROOT, "tools", "rooms.txt"), encoding="utf-8") as lines:
        for line in lines:
            words = line.split("#")[0].split()
            if words:
                rows[words[0]] = words[1:]
    return rows


def rooms():
    found = []
    for house in HOUSES:
        for folder, _, files in os.walk(os.path.join(ROOT, house)):
            if any(name.endswith((".cc", ".h")) for name in files):
                found.append(os.path.relpath(folder, ROOT))
    return sorted(found)


def sources_of(beginning):
    """The test sources below tests/ whose path begins so, as a folder does or a file's name."""
    found = []
    for folder, _, files in os.walk(os.path.join(ROOT, "tests", os.path.dirname(beginning))):
        for name in files:
            path = os.path.relpath(os.path.join(folder, name), os.path.join(ROOT, "tests"))
            within = path.startswith(beginning + "/") or (
                os.path.dirname(path) == os.path.dirname(beginning) and path.startswith(beginning))
            if name.endswith(".cc") and within:
                found.append(path)
    return sorted(found)


def suites_of(beginning):
    suites = set()
    for path in sources_of(beginning):
        with open(os.path.join(ROOT, "tests", path), encoding="utf-8") as text:
            suites.update(SUITE.findall(text.read()))
    return suites


def beginnings_for(room, rows):
    within = [row for row in rows if row == room or row.startswith(room + "/")]
    while room and not within:
        room = os.path.dirname(room)
        within = [room] if room in rows else []
    return sorted({beginning for row in within for beginning in rows[row]})


def describe(room):
    rows = read_rows()
    room = room.rstrip("/")
    beginnings = beginnings_for(room, rows)
    if not os.path.isdir(os.path.join(ROOT, room)) or not beginnings:
        sys.exit("./x test: there is no room `%s`. Rooms: %s" % (room, " ".join(rooms())))
    folders = sorted({beginning.split("/")[0] for beginning in beginnings})
    suites = sorted(set().union(*(suites_of(beginning) for beginning in beginnings)))
    print(" ".join(PROGRAMS.get(folder, folder + "_tests") for folder in folders))
    print("^(%s)([.]|$)" % "|".join(folders))
    print("(^|/)(%s)[./]" % "|".join(suites))


def check():
    rows = read_rows()
    faults = []
    for room, beginnings in rows.items():
        if not os.path.isdir(os.path.join(ROOT, room)):
            faults.append("rooms.txt: there is no room %s" % room)
        faults += ["rooms.txt: %s: no test source begins with tests/%s" % (room, beginning)
                   for beginning in beginnings if not suites_of(beginning)]
    faults += ["rooms.txt: nothing tests %s" % room for room in rooms() if not beginnings_for(room, rows)]
    tested = {path for beginnings in rows.values() for beginning in beginnings for path in sources_of(beginning)}
    for house in HOUSES:
        faults += ["rooms.txt: no row has tests/%s" % path for path in sources_of(house)
                   if path.endswith("_test.cc") and path not in tested]
    sys.exit("\n".join(faults) or 0)


if __name__ == "__main__":
    if sys.argv[1] == "--check":
        check()
    describe(sys.argv[1])
