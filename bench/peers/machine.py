"""Where and when something was measured."""

import datetime
import os
import platform
import re
import shutil
import subprocess


def first(pattern, path):
    with open(path) as file:
        found = re.search(pattern, file.read(), re.MULTILINE)
    return found.group(1).strip() if found else "unknown"


def output(*command):
    """Nothing if there is no such program."""
    if not shutil.which(command[0]):
        return ""
    return subprocess.run(command, capture_output=True, text=True).stdout.strip()


def commit():
    folder = os.path.dirname(__file__)
    changed = output("git", "-C", folder, "status", "--porcelain", "--untracked-files=no")
    name = output("git", "-C", folder, "rev-parse", "--short", "HEAD") or "unknown"
    return name + (" with changes" if changed else "")


def describe(scratch):
    """A line of text; `scratch` is on the disk that was measured."""
    memory_gib = int(first(r"^MemTotal:\s*(\d+)", "/proc/meminfo")) / 2**20
    return (f"{os.cpu_count()} cores of {first(r'^model name.*: (.*)', '/proc/cpuinfo')}, {memory_gib:.0f} GiB, "
            f"Linux {platform.release()}, {output('findmnt', '-no', 'FSTYPE', '-T', scratch)}; "
            f"commit {commit()}; {datetime.date.today().isoformat()}")
