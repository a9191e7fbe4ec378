"""Refuses a header of the product whose comments do not say what its types cannot (CONTRIBUTING.md, "Headers").

Looks at the labels alone: `Threads:` in every header, `Errors:` where a function that others call may fail, `Lifetime:`
where a class keeps what it does not own. Whether what follows them is true is for who reads it.
"""

import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FOLDERS = ("core", "proto", "server", "cli")
# `Threads:`, `Errors, all functions:`, `Lifetime, threads, errors:`
LABELS = re.compile(r"\b(?:Lifetime|Threads|Errors)\b[^.:;()]*:")
UNCLEAR = re.compile(r"Threads:\s+none\b")
# A declaration, up to its end or its body.
CAN_FAIL = re.compile(r"^ *(?:(?:static|virtual|inline|friend) )*(?:(?:core|proto|storage)::)?"
                      r"(?:Status|\w*Result<|OrResponse<|Expected<)[^;={}()]*\w\([^;{}]*", re.MULTILINE)
BORROWS = re.compile(r"^ +(?:const )?(?:[\w:]+(?:<.*>)?&|std::span<.*>|std::string_view) \w+_\b", re.MULTILINE)


def labels_of(comments):
    return {word.lower() for found in LABELS.findall(comments) for word in re.findall(r"\w+", found)}


def public_part(code):
    """Without what stays in a class: from `private:` to the class's end."""
    kept, end = [], ""
    for line in code.splitlines():
        if not end and re.fullmatch(r" +private:", line):
            end = " " * (len(line) - len(line.lstrip()) - 1) + "};"
        if not end:
            kept.append(line)
        elif line == end:
            end = ""
    return "\n".join(kept)


def findings(text):
    """What the header does not say."""
    lines = text.splitlines()
    comments = " ".join(line.strip()[3:].strip() for line in lines if line.strip().startswith("///"))
    code = "\n".join(re.sub(r"\s*//.*", "", line) for line in lines)
    said = labels_of(comments)
    if "threads" not in said:
        yield "which threads may use it: `Threads:`"
    if UNCLEAR.search(comments):
        yield "that it is for one thread at a time: not `none`, but `Threads: one at a time`"
    declared = [found.rstrip() for found in CAN_FAIL.findall(public_part(code))]
    fails = [one for one in declared if not one.endswith(("override", "final"))]  # those are their base's
    if fails and "errors" not in said:
        yield "what `%s` gives when it fails: `Errors:`" % re.search(r"\w+(?=\()", fails[0])[0]
    borrowed = BORROWS.search(code)
    if borrowed and "lifetime" not in said:
        yield "how long `%s` must last: `Lifetime:`" % borrowed[0].split()[-1]


def headers():
    for top in FOLDERS:
        for folder, _, files in sorted(os.walk(os.path.join(ROOT, top))):
            for name in sorted(files):
                if name.endswith(".h"):
                    yield os.path.relpath(os.path.join(folder, name), ROOT)


def main():
    count, missing = 0, []
    for path in headers():
        with open(os.path.join(ROOT, path), encoding="utf-8") as file:
            missing += ["%s: does not say %s" % (path, what) for what in findings(file.read())]
        count += 1
    print("headers: %d, of which %d do not say what they should" % (count, len({one.split(":")[0] for one in missing})))
    if missing:
        sys.exit("\n".join(missing + ["CONTRIBUTING.md, \"Headers\""]))


if __name__ == "__main__":
    main()
