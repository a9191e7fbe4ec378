"""Tests and measurements by clang, without making anything of them: `clang.py BUILD-FOLDER`, which has
compile_commands.json (see units.py).

The product is built with clang where it is fuzzed.
"""

import os
import re
import sys

from units import Check

# A warning that is an error is followed by its name.
ERROR = re.compile(r"error: .*[^\]]$", re.MULTILINE)


class Clang(Check):
    name = "clang"
    program = "clang++-19"
    houses = ("tests", "bench")
    elsewhere = ("tests/fuzz/fuzz_",)
    wanted_flags = ("-W",)

    def command(self, unit, flags):
        # A name may be shadowed that another source of the unit has. GCC 12's library has templates that clang calls
        # deprecated.
        return [self.program, "-fsyntax-only", "-fconstexpr-steps=10000000", *flags, "-Wno-shadow",
                "-Wno-deprecated-declarations", unit]

    def does_not_compile(self, said):
        return ERROR.search(said) is not None


if __name__ == "__main__":
    sys.exit(0 if Clang().run(os.path.abspath(sys.argv[1])) else 1)
