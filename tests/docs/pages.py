"""The blocks and the commands of a page. The conventions are in README.md."""

import re
from dataclasses import dataclass, field

KINDS = ("sh", "text", "console", "text example", "json", "cpp", "python", "nginx", "ini", "yaml")
NOT_RUN = "sh not-run: "


class PageError(Exception):
    """A page that does not follow the conventions."""


@dataclass
class Block:
    kind: str
    line: int  # of the first line inside, from 1
    lines: list


@dataclass
class Step:
    """One command, or a directive, and what it is to do."""

    command: str
    line: int
    status: int = 0  # the exit code
    http_status: int = 0  # the answer of a curl that is to fail
    expected: list = field(default_factory=list)
    is_compared: bool = False
    is_directive: bool = False


def blocks_of(text):
    """The fenced blocks, and the directives as blocks of the kind `directive`."""
    blocks, open_block = [], None
    for number, line in enumerate(text.split("\n"), 1):
        if open_block is not None:
            if line.strip() == "```":
                blocks.append(open_block)
                open_block = None
            else:
                open_block.lines.append(line)
        elif line.lstrip().startswith("```"):
            open_block = Block(line.strip()[3:].strip(), number + 1, [])
        elif directive := re.fullmatch(r"<!-- docs-test: (.*) -->", line.strip()):
            blocks.append(Block("directive", number, [directive.group(1)]))
        elif line.strip():
            blocks.append(Block("prose", number, [line]))
    if open_block is not None:
        raise PageError(f"line {open_block.line - 1}: the block has no end")
    return blocks


def is_whole(command):
    """Whether quotes and here-documents are closed, and no backslash asks for another line."""
    if command.endswith("\\"):
        return False
    if heredoc := re.search(r"<<'(\w+)'", command):
        return command.endswith("\n" + heredoc.group(1))
    quote, escaped, previous = "", False, " "
    for c in command:
        if escaped:
            escaped = False
        elif quote:
            escaped = c == "\\" and quote == '"'
            quote = "" if c == quote and not escaped else quote
        elif c == "\\":
            escaped = True
        elif c in "'\"":
            quote = c
        elif c == "#" and previous.isspace():
            return True  # a comment: what it holds is no quote
        previous = c
    return not quote


def step_of(command, line):
    step = Step(command, line)
    if match := re.search(r"\s# exit (\d+)\s*$", command):
        step.status = int(match.group(1))
    if match := re.search(r"\s# ([45]\d\d)\b[^\n]*$", command):
        step.http_status = int(match.group(1))
    return step


def commands_of(block):
    """The commands of an `sh` block; one may have several lines."""
    steps, begun, first = [], [], 0
    for number, line in enumerate(block.lines, block.line):
        if not begun and (not line.strip() or line.lstrip().startswith("#")):
            continue
        first = first if begun else number
        begun.append(line)
        if is_whole("\n".join(begun)):
            steps.append(step_of("\n".join(begun), first))
            begun = []
    if begun:
        raise PageError(f"line {first}: the command has no end")
    return steps


def console_steps(block):
    steps, begun = [], ""
    for number, line in enumerate(block.lines, block.line):
        if begun or line.startswith("$ "):
            begun = line[2:] if not begun else begun + "\n" + line
            if is_whole(begun):
                steps.append(step_of(begun, number))
                steps[-1].is_compared = True
                begun = ""
        elif steps:
            steps[-1].expected.append(line)
        else:
            raise PageError(f"line {number}: output without a command")
    if begun:
        raise PageError(f"line {block.line}: the command has no end")
    return steps


def steps_of(text):
    """What a page asks to be run, in its order. A `text` block is what all commands of the `sh` block before it print."""
    steps, last_kind = [], ""
    for block in blocks_of(text):
        if block.kind == "sh":
            steps.append(commands_of(block))
        elif block.kind == "console":
            steps += [[step] for step in console_steps(block)]
        elif block.kind == "directive":
            steps.append([Step(block.lines[0], block.line, is_directive=True)])
        elif block.kind == "text":
            if last_kind != "sh":
                raise PageError(f"line {block.line}: `text` is the output of the `sh` block right before it; "
                                "what is not compared is `text example`")
            steps[-1][-1].expected, steps[-1][-1].is_compared = block.lines, True
        elif block.kind not in KINDS + ("prose",) and not block.kind.startswith(NOT_RUN):
            raise PageError(f"line {block.line - 1}: a block of the kind `{block.kind}` is not known")
        last_kind = block.kind
    return steps


def is_output(expected, printed):
    """Whether the lines are the expected ones; `…` is any text, and alone any lines."""
    pattern = ""
    for line in expected:
        if line.strip() == "…":
            pattern += r"(?:[^\n]*\n)*?"
        else:
            pattern += ".*?".join(re.escape(part) for part in line.rstrip().split("…")) + r"[ \r]*\n"
    return re.fullmatch(pattern, "".join(line + "\n" for line in printed)) is not None
