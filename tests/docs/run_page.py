#!/usr/bin/python3
"""Runs the commands of a page: run_page.py PAGE PROGRAM. Prints each that does not do what the page says."""

import os
import re
import sys
import tempfile

from pages import PageError, is_output, steps_of
from session import Session, SessionError

CHECKOUT = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
CURL_FAILED = 22
# Of `… | head`: the reader has left.
LEFT = (141, 23)


def fault_of(step, status, printed):
    """What is wrong with one command; empty if nothing is."""
    if step.http_status:
        if status != CURL_FAILED:
            return f"{step.http_status} was to be answered, and curl ended with {status}"
        if not re.search(rf"HTTP/1.1 {step.http_status}|\"status\":{step.http_status}|{step.http_status}\s*$|error: {step.http_status}",
                         printed):
            return f"{step.http_status} was to be answered"
        return ""
    if status != step.status and not (status in LEFT and step.status == 0 and "|" in step.command):
        return f"it ended with {status}, and not with {step.status}"
    return ""


def run_block(session, steps):
    """The faults of the commands of one block, and of what they print together."""
    faults, printed = [], ""
    for step in steps:
        if step.is_directive:
            if step.command != "stop":
                raise PageError(f"line {step.line}: no directive is `{step.command}`")
            session.stop()
            continue
        if re.match(r"sconce serve\b(?!.*--help)", step.command):
            session.serve(step.command)
            continue
        status, text = session.run(step.command)
        printed += re.sub(r"curl: \(22\) .*\n", "", text)  # what the session adds
        if fault := fault_of(step, status, text):
            faults.append(f"line {step.line}: {step.command}\n  {fault}; it printed:\n{text}")
    last = steps[-1]
    if last.is_compared and not is_output(last.expected, printed.splitlines()):
        expected = "\n".join(last.expected)
        faults.append(f"line {last.line}: {last.command}\n  expected:\n{expected}\n  printed:\n{printed}")
    return faults


def run_page(text, program):
    blocks = steps_of(text)
    with tempfile.TemporaryDirectory(prefix="sconce-docs-") as folder:
        session = Session(folder, CHECKOUT, program)
        faults = []
        try:
            if blocks:
                session.serve("sconce serve")
            for steps in blocks:
                if steps:
                    faults += run_block(session, steps)
            session.stop()
        finally:
            session.close()
    return faults, sum(not step.is_directive for steps in blocks for step in steps)


def main():
    page, program = sys.argv[1], os.path.realpath(sys.argv[2])
    with open(page, encoding="utf-8") as file:
        text = file.read()
    try:
        faults, count = run_page(text, program)
    except (PageError, SessionError) as error:
        faults, count = [str(error)], 0
    for fault in faults:
        print(f"{page}: {fault}")
    print(f"{page}: {count} commands, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
