"""Looks for the words that docs/glossary.md ("Not these words") refuses, in every line that is new or was changed.

Old lines that have one are in idioms.txt, as hashes, so that a line may move from file to file, but none may come or be
touched and keep it. `idioms.py --prune` drops from there what is gone. It needs no history.
"""

import hashlib
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
OLD = os.path.join(ROOT, "tools", "lint", "idioms.txt")
GLOSSARY = os.path.join(ROOT, "docs", "glossary.md")
SECTION = "## Not these words"
FOLDERS = ("core", "proto", "server", "cli", "tests", "bench", "tools", "docs", "docker", ".ci")
# What others wrote, or what is no text.
NOT_OURS = ("tests/golden/", "tests/hostile/inputs/", "tests/fuzz/dictionaries/", "tests/scripts/idioms_test.py")
ENDINGS = (".cc", ".h", ".py", ".sh", ".md", "CMakeLists.txt", ".ci/run")
# What a comment, a list or a quotation begins its next line with.
LEAD = re.compile(r"^[\s/#*>|-]*")


def phrases(cell):
    return re.findall(r"`([^`]+)`", cell)


def pattern_of(some):
    return re.compile(r"\b(?:%s)\b" % "|".join(r"\s+".join(map(re.escape, one.split())) for one in some), re.IGNORECASE)


def read_rows(glossary):
    """By refused words, what to write and where they are right all the same."""
    rows = []
    for line in glossary.partition(SECTION)[2].splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 3 and phrases(cells[0]):
            rows.append((pattern_of(phrases(cells[0])), cells[1], phrases(cells[2])))
    return rows


def findings(text, rows):
    """(line number, the words, what to write, hash of the line or the two lines that hold them)."""
    lines = text.splitlines()
    for i, line in enumerate(lines):
        follows = LEAD.sub("", lines[i + 1]) if i + 1 < len(lines) else ""
        for pattern, better, allowed in rows:
            joined = line.rstrip() + " " + follows
            if allowed:
                joined = pattern_of(allowed).sub(lambda right: "_" * len(right[0]), joined)
            for match in pattern.finditer(joined):
                if match.start() > len(line.rstrip()):
                    continue
                held = line if match.end() <= len(line.rstrip()) else line + " " + follows
                normal = " ".join(LEAD.sub("", held).split())
                yield i + 1, match[0], better, hashlib.sha256(normal.encode()).hexdigest()[:12]


def our_files():
    for name in sorted(os.listdir(ROOT)):
        if name == "x" or name.endswith((".md", "CMakeLists.txt")):
            yield name
    for top in FOLDERS:
        for folder, _, files in sorted(os.walk(os.path.join(ROOT, top))):
            for name in sorted(files):
                path = os.path.relpath(os.path.join(folder, name), ROOT)
                if path.endswith(ENDINGS) and not path.startswith(NOT_OURS):
                    yield path


def text_of(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        text = file.read()
    return text.partition(SECTION)[0] if os.path.join(ROOT, path) == GLOSSARY else text


def main():
    with open(GLOSSARY, encoding="utf-8") as file:
        rows = read_rows(file.read())
    with open(OLD, encoding="utf-8") as file:
        head = [line for line in file if line.startswith("#")]
        file.seek(0)
        old = {line.strip() for line in file if not line.startswith("#")}
    if not rows:
        sys.exit("docs/glossary.md: no rows in \"%s\"" % SECTION[3:])
    met, new = set(), []
    for path in our_files():
        for number, words, better, mark in findings(text_of(path), rows):
            met.add(mark)
            if mark not in old:
                new.append("%s:%d: not \"%s\" but: %s" % (path, number, words, better))
    if "--accept" in sys.argv[1:]:
        old |= met  # for a row that is new in the glossary
    if {"--prune", "--accept"} & set(sys.argv[1:]):
        with open(OLD, "w", encoding="utf-8") as file:
            file.writelines(head)
            file.writelines(mark + "\n" for mark in sorted(old & met))
        return
    print("idioms: %d old lines have words that the glossary refuses, %d new ones" % (len(old & met), len(new)))
    if new:
        sys.exit("\n".join(new + ["docs/glossary.md, \"%s\"" % SECTION[3:]]))


if __name__ == "__main__":
    main()
