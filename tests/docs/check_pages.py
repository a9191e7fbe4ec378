#!/usr/bin/python3
"""Checks what can be checked of the docs without running them: check_pages.py PAGE… where the pages are all that are run.
Links and their anchors, names of files, kinds of blocks, commands of `./x`; and that every command is in a block that is run."""

import os
import re
import sys

from pages import KINDS, NOT_RUN, PageError, blocks_of

CHECKOUT = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
# A command in the text of a page.
STRAY = re.compile(r"^ {4,}(\$ |curl |sconce |\./x |docker |tar |echo |openssl )")
RECORDS = os.path.join("docs", "decisions")  # what was so once


def read(page):
    with open(os.path.join(CHECKOUT, page), encoding="utf-8") as file:
        return file.read()


def all_pages():
    found = []
    for folder, folders, files in os.walk(CHECKOUT):
        folders[:] = [name for name in folders if not name.startswith((".", "build")) and name not in ("data", "inputs")]
        found += [os.path.relpath(os.path.join(folder, name), CHECKOUT) for name in files if name.endswith(".md")]
    return sorted(found)


def anchors_of(text):
    """As GitHub makes them of headings."""
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def faults_of_links(page, text):
    for target in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"```.*?```", "", text, flags=re.DOTALL)):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        path = os.path.normpath(os.path.join(os.path.dirname(page), name)) if name else page
        if not os.path.exists(os.path.join(CHECKOUT, path)):
            yield f"the link {target} leads nowhere"
        elif anchor and path.endswith(".md") and anchor not in anchors_of(read(path)):
            yield f"the link {target} names no heading"


def faults_of_paths(text):
    """Files of the repository that a page names as code."""
    for path in re.findall(r"`((?:core|proto|server|cli|tests|bench|docs|tools|docker)/[\w/.-]+\.\w+)`", text):
        if not os.path.exists(os.path.join(CHECKOUT, path)):
            yield f"there is no file {path}"


def faults_of_blocks(text, known):
    for block in blocks_of(text):
        if block.kind not in KINDS + ("prose", "directive") and not block.kind.startswith(NOT_RUN):
            yield f"line {block.line - 1}: a block of the kind `{block.kind}` is not known"
        for number, line in enumerate(block.lines, block.line):
            if block.kind == "prose" and STRAY.match(line):
                yield f"line {number}: a command that is not run: make it a block of `sh` or `console`"
            if not block.kind.startswith(("sh", "console")):
                continue
            for command in re.findall(r"(?:^|\s)\./x ([a-z-]+)", line.split(" # ")[0]):
                if command not in known:
                    yield f"line {number}: ./x has no command `{command}`"


def has_commands(text):
    return any(block.kind in ("sh", "console") for block in blocks_of(text))


def main():
    run = {os.path.relpath(os.path.realpath(page), CHECKOUT) for page in sys.argv[1:]}
    known = set(re.findall(r'^  "([a-z-]+)[ |]', read("x"), re.MULTILINE))
    faults = []
    for page in all_pages():
        text = read(page)
        try:
            found = list(faults_of_links(page, text))
            if not page.startswith(RECORDS):
                found += [*faults_of_paths(text), *faults_of_blocks(text, known)]
            if page not in run and not page.startswith(("tests" + os.sep, RECORDS)) and has_commands(text):
                found.append("it has commands, and no test runs it: name it in tests/docs/CMakeLists.txt")
        except PageError as error:
            found = [str(error)]
        faults += [f"{page}: {fault}" for fault in found]
    print("\n".join(faults + [f"{len(faults)} faults"]))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
