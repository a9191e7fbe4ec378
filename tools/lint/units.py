"""Sources of ours, several at a time: what checks that read them as a compiler does share.

A compiler spends four fifths of its time in the headers of the standard library. So sources are looked
at several at a time, as one translation unit. Names that two of them have in unnamed namespaces keep these apart; where
a unit does not compile all the same, its halves are tried.

A source has passed if it and all headers of ours that it includes, and all that decides the check, are what they were.
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
SOURCES_PER_UNIT_MAX = 32

INCLUDE = re.compile(r'^#include "([^"]+)"', re.MULTILINE)
UNNAMED = re.compile(r"^namespace \{$(.*?)^\}  // namespace$", re.MULTILINE | re.DOTALL)
# What an unnamed namespace defines: clang-format begins its lines in the first column.
TYPE = re.compile(r"^(?:(?:struct|class|enum class|enum) (\w+)|using (\w+) =)", re.MULTILINE)
FUNCTION = re.compile(r"^(?!using )[A-Za-z][^\n(=]*?\b(\w+)\(", re.MULTILINE)
VARIABLE = re.compile(r"^(?!using |class |struct |enum |namespace )[A-Za-z][^\n(]*?\b(\w+)(?:\[\w*\])? ?[={;]", re.MULTILINE)


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


def flags_of(command, wanted):
    """Of a compiler's command, those that begin as one of WANTED, and the folders of headers."""
    words = shlex.split(command)
    flags = []
    for i, word in enumerate(words):
        if word.startswith(("-D", "-I", "-std=", *wanted)):
            flags.append(word)
        elif word == "-isystem":
            flags.append(word + words[i + 1])
    return tuple(flags)


def joined(flags, more):
    """Both at once; nothing where they give one name two values."""
    values = {}
    for flag in (*flags, *more):
        name, _, value = flag.partition("=")
        if values.setdefault(name, value) != value:
            return None
    return tuple(dict.fromkeys((*flags, *more)))


def units_of(paths, found, sources):
    """(sources, flags): each source goes to the first unit that has room for it, none of its names, and flags that agree with
    its own."""
    units = []
    for path in sorted(paths):
        names = sources.unnamed_names(path)
        for unit in units:
            flags = joined(unit["flags"], found[path])
            if flags is not None and len(unit["paths"]) < SOURCES_PER_UNIT_MAX and not names & unit["names"]:
                break
        else:
            flags = found[path]
            unit = {"paths": [], "names": set()}
            units.append(unit)
        unit["flags"] = flags
        unit["paths"].append(path)
        unit["names"] |= names
    return [(unit["paths"], unit["flags"]) for unit in units]


class Check:
    """One that passes a source or not. PROGRAM: what carries it out; CONFIGURATION: the files that decide it."""

    name = ""
    program = ""
    configuration = ()
    houses = ()
    elsewhere = ()
    wanted_flags = ()

    def command(self, unit, flags):
        """Reads the file UNIT, and fails if there is anything to say."""
        raise NotImplementedError

    def sources_with_flags(self, build):
        found = {}
        for entry in json.loads(read(os.path.join(build, "compile_commands.json"))):
            path = os.path.relpath(os.path.join(entry["directory"], entry["file"]), ROOT)
            if path.split(os.sep)[0] in self.houses and not path.startswith(self.elsewhere):
                found[os.path.join(ROOT, path)] = flags_of(entry["command"], self.wanted_flags)
        return found

    def keys_of(self, found, sources):
        """By source, the hash of all that decides whether it passes."""
        version = subprocess.run([self.program, "--version"], capture_output=True, check=True).stdout
        start = hashlib.sha256(version)
        for path in (*self.configuration, sys.argv[0], __file__):
            start.update(read(path).encode() + b"\0")
        keys = {}
        for path, flags in found.items():
            key = start.copy()
            key.update(repr([flag.replace(ROOT, "") for flag in flags]).encode())
            for file in sources.closure(path):
                key.update(os.path.relpath(file, ROOT).encode() + b"\0" + sources.text(file).encode() + b"\0")
            keys[path] = key.hexdigest()
        return keys

    def look_at(self, paths, flags):
        """The sources of PATHS that passed, and what was said of the others."""
        with tempfile.TemporaryDirectory() as folder:
            unit = os.path.join(folder, "unit.cc")
            with open(unit, "w", encoding="utf-8") as file:
                file.writelines('#include "%s"\n' % path for path in paths)
            run = subprocess.run(self.command(unit, flags), capture_output=True, text=True, check=False)
        if run.returncode == 0:
            return paths, ""
        said = run.stdout or run.stderr
        if len(paths) > 1 and self.does_not_compile(said):
            half = len(paths) // 2
            first, second = self.look_at(paths[:half], flags), self.look_at(paths[half:], flags)
            return first[0] + second[0], first[1] + second[1]
        return [], said

    def does_not_compile(self, said):
        raise NotImplementedError

    def run(self, build):
        """Whether all passed. What did is kept in BUILD/lint."""
        kept = os.path.join(build, "lint", self.name)
        os.makedirs(kept, exist_ok=True)
        sources = Sources()
        found = self.sources_with_flags(build)
        keys = self.keys_of(found, sources)
        changed = [path for path in found if not os.path.exists(os.path.join(kept, keys[path]))]
        units = units_of(changed, found, sources)
        print("%s: %d of %d sources, %d at a time" % (self.name, len(changed), len(found), SOURCES_PER_UNIT_MAX), flush=True)
        good = True
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            for passed, said in pool.map(lambda unit: self.look_at(*unit), units):
                for path in passed:
                    open(os.path.join(kept, keys[path]), "w", encoding="utf-8").close()
                if said:
                    good = False
                    print(said, flush=True)
        for name in set(os.listdir(kept)) - set(keys.values()):
            os.remove(os.path.join(kept, name))
        return good


