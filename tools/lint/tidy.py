"""clang-tidy over all sources, of which those are left out that passed before as they are.

    tidy.py BUILD-FOLDER        wants BUILD-FOLDER/compile_commands.json; keeps what passed in BUILD-FOLDER/lint

clang-tidy spends four fifths of its time in the headers of the standard library. So sources that have the same flags are
looked at several at a time, as one translation unit. Names that two of them have in unnamed namespaces keep these apart; where
a unit does not compile all the same, its halves are tried.

A source has passed if it and all headers of ours that it includes, the checks and clang-tidy are what they were.
"""

import concurrent.futures
import hashlib
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
HOUSES = ("core", "proto", "server", "cli")
TIDY = "clang-tidy-19"
SOURCES_PER_UNIT_MAX = 16

INCLUDE = re.compile(r'^#include "([^"]+)"', re.MULTILINE)
UNNAMED = re.compile(r"^namespace \{$(.*?)^\}  // namespace$", re.MULTILINE | re.DOTALL)
# What an unnamed namespace defines: clang-format begins its lines in the first column.
TYPE = re.compile(r"^(?:(?:struct|class|enum class|enum) (\w+)|using (\w+) =)", re.MULTILINE)
FUNCTION = re.compile(r"^(?!using )[A-Za-z][^\n(=]*?\b(\w+)\(", re.MULTILINE)
VARIABLE = re.compile(r"^(?!using )[A-Za-z][^\n(]*?\b(\w+)(?:\[\w*\])? ?[={;]", re.MULTILINE)


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


class Sources:
    """The texts of our files, and what each includes, directly or not."""

    def __init__(self):
        self.texts = {}
        self.closures = {}

    def text(self, path):
        if path not in self.texts:
            self.texts[path] = read(path)
        return self.texts[path]

    def closure(self, path):
        if path in self.closures:
            return self.closures[path]
        seen, waiting = {path}, [path]
        while waiting:
            for name in INCLUDE.findall(self.text(waiting.pop())):
                included = os.path.join(ROOT, name)
                if included not in seen and os.path.exists(included):
                    seen.add(included)
                    waiting.append(included)
        self.closures[path] = sorted(seen)
        return self.closures[path]

    def unnamed_names(self, path):
        names = set()
        for block in UNNAMED.findall(self.text(path)):
            names.update(name for pair in TYPE.findall(block) for name in pair if name)
            for pattern in (FUNCTION, VARIABLE):
                names.update(pattern.findall(block))
        return names


def flags_of(command):
    """Of a compiler's command, what decides how a source is read."""
    words = shlex.split(command)
    flags = []
    for i, word in enumerate(words):
        if word.startswith(("-D", "-I", "-std=")):
            flags.append(word)
        elif word == "-isystem":
            flags += [word, words[i + 1]]
    return tuple(flags)


def sources_with_flags(build):
    found = {}
    for entry in json.loads(read(os.path.join(build, "compile_commands.json"))):
        path = os.path.relpath(os.path.join(entry["directory"], entry["file"]), ROOT)
        if path.split(os.sep)[0] in HOUSES:
            found[os.path.join(ROOT, path)] = flags_of(entry["command"])
    return found


def keys_of(found, sources):
    """By source, the hash of all that decides whether it passes."""
    version = subprocess.run([TIDY, "--version"], capture_output=True, check=True).stdout
    start = hashlib.sha256(version + read(os.path.join(ROOT, ".clang-tidy")).encode() + read(__file__).encode())
    keys = {}
    for path, flags in found.items():
        key = start.copy()
        key.update(repr([flag.replace(ROOT, "") for flag in flags]).encode())
        for file in sources.closure(path):
            key.update(os.path.relpath(file, ROOT).encode() + b"\0" + sources.text(file).encode() + b"\0")
        keys[path] = key.hexdigest()
    return keys


def units_of(paths, found, sources):
    """Each source goes to the first unit that has its flags and room for it, and none of its names."""
    units = []
    for path in sorted(paths):
        names = sources.unnamed_names(path)
        for unit in units:
            if (unit["flags"] == found[path] and len(unit["paths"]) < SOURCES_PER_UNIT_MAX
                    and not names & unit["names"]):
                break
        else:
            unit = {"flags": found[path], "paths": [], "names": set()}
            units.append(unit)
        unit["paths"].append(path)
        unit["names"] |= names
    return [unit["paths"] for unit in units]


def tidy(paths, flags):
    """The sources of PATHS that passed, and what clang-tidy says of the others."""
    with tempfile.TemporaryDirectory() as folder:
        unit = os.path.join(folder, "unit.cc")
        with open(unit, "w", encoding="utf-8") as file:
            file.writelines('#include "%s"\n' % path for path in paths)
        houses = "|".join(HOUSES)
        run = subprocess.run(
            [TIDY, "--quiet", "--config-file=" + os.path.join(ROOT, ".clang-tidy"),
             "--checks=-bugprone-suspicious-include",  # the unit's own
             "--header-filter=^%s/(%s)/.*$" % (re.escape(ROOT), houses), unit, "--", *flags],
            capture_output=True, text=True, check=False)
    if run.returncode == 0:
        return paths, ""
    if "[clang-diagnostic-error" in run.stdout and len(paths) > 1:
        half = len(paths) // 2
        first, second = tidy(paths[:half], flags), tidy(paths[half:], flags)
        return first[0] + second[0], first[1] + second[1]
    return [], run.stdout + ("" if run.stdout else run.stderr)


def main():
    build = os.path.abspath(sys.argv[1])
    kept = os.path.join(build, "lint")
    os.makedirs(kept, exist_ok=True)
    sources = Sources()
    found = sources_with_flags(build)
    keys = keys_of(found, sources)
    changed = [path for path in found if not os.path.exists(os.path.join(kept, keys[path]))]
    units = units_of(changed, found, sources)
    print("clang-tidy: %d of %d sources, %d at a time" % (len(changed), len(found), SOURCES_PER_UNIT_MAX), flush=True)
    failed = False
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for passed, said in pool.map(lambda unit: tidy(unit, found[unit[0]]), units):
            for path in passed:
                open(os.path.join(kept, keys[path]), "w", encoding="utf-8").close()
            if said:
                failed = True
                print(said, flush=True)
    for name in set(os.listdir(kept)) - set(keys.values()):
        os.remove(os.path.join(kept, name))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
