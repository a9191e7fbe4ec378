#!/usr/bin/python3
"""Flags that the docs name exist, and flags that exist are in the docs: check_flags.py PROGRAM PAGE…"""

import re
import subprocess
import sys

COMMANDS = ("convert", "inspect", "check", "repair", "serve", "health", "token new", "token check")
FLAG = re.compile(r"(?<![\w-])--[a-z][a-z0-9-]*")
# Of other programs, in inline code.
OTHERS = {"--data-urlencode", "--fail-with-body", "--deploy-hook", "--health-cmd", "--data-binary"}
# Of `./x` and what it starts.
OURS = {"--sanitize", "--seconds", "--rounds", "--power-cut", "--full-disk", "--no-descriptors", "--slow-disk", "--clock-back", "--keep",
        "--minutes", "--seed", "--floats", "--doubles", "--texts", "--markdown", "--objects", "--only", "--calls"}


def flags_of(program, command):
    shown = subprocess.run([program, *command.split(), "--help"], capture_output=True, text=True, check=True)
    return set(FLAG.findall(shown.stdout))


def named_flags(text):
    """In inline code: `--flag` or `--flag VALUE`, or after the name of a command of ours."""
    found = set()
    for code in re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)):
        if code.startswith(("--", "sconce ", "./x ")):
            found |= set(FLAG.findall(code))
    return found


def main():
    program, pages = sys.argv[1], sys.argv[2:]
    known = {command: flags_of(program, command) for command in COMMANDS}
    every = set().union(*known.values(), flags_of(program, ""))
    faults, texts = [], ""
    for page in pages:
        with open(page, encoding="utf-8") as file:
            text = file.read()
        texts += text
        faults += [f"{page}: there is no flag {flag}" for flag in sorted(named_flags(text) - every - OTHERS - OURS)]
    described = set(FLAG.findall(texts))
    for command, flags in known.items():
        faults += [f"sconce {command}: no page has the flag {flag}" for flag in sorted(flags - described - {"--help"})]
    print("\n".join(faults + [f"{len(every)} flags, {len(faults)} faults"]))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
