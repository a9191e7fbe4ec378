"""clang-tidy over the product: `tidy.py BUILD-FOLDER`, which has compile_commands.json (see units.py)."""

import os
import re
import sys

from units import ROOT, Check

CHECKS = os.path.join(ROOT, ".clang-tidy")


class Tidy(Check):
    name = "clang-tidy"
    program = "clang-tidy-19"
    configuration = (CHECKS,)
    houses = ("core", "proto", "server", "cli")

    def command(self, unit, flags):
        return [self.program, "--quiet", "--config-file=" + CHECKS,
                "--checks=-bugprone-suspicious-include",  # the unit's own
                "--header-filter=^%s/(%s)/.*$" % (re.escape(ROOT), "|".join(self.houses)), unit, "--", *flags]

    def does_not_compile(self, said):
        return "[clang-diagnostic-error" in said


if __name__ == "__main__":
    sys.exit(0 if Tidy().run(os.path.abspath(sys.argv[1])) else 1)
