"""Which sources tools/lint/units.py puts into one unit: `units_test.py FOLDER-OF-LINT`."""

import sys
import unittest

sys.path.insert(0, sys.argv.pop(1))
from units import SOURCES_PER_UNIT_MAX, Sources, flags_of, units_of  # noqa: E402


def source(unnamed):
    return "namespace {\n%s\n}  // namespace\n" % unnamed


class Units(unittest.TestCase):
    def units(self, texts, flags=None):
        sources = Sources()
        sources.texts = texts
        found = {path: (flags or {}).get(path, ()) for path in texts}
        return [paths for paths, _ in units_of(texts, found, sources)]

    def test_sources_share_a_unit(self):
        self.assertEqual(self.units({"a": source("int one() {"), "b": source("int two() {")}), [["a", "b"]])

    def test_a_unit_is_full(self):
        texts = {str(i): "" for i in range(SOURCES_PER_UNIT_MAX + 1)}
        self.assertEqual([len(paths) for paths in self.units(texts)], [SOURCES_PER_UNIT_MAX, 1])

    def test_a_name_of_both_keeps_them_apart(self):
        for name in ("int one() {", "struct One {", "using One = int;", "constexpr int kOne = 1;"):
            self.assertEqual(self.units({"a": source(name), "b": source(name)}), [["a"], ["b"]], name)

    def test_a_base_is_no_name_of_theirs(self):
        texts = {"a": source("class One : public testing::Test {"), "b": source("class Two : public testing::Test {")}
        self.assertEqual(self.units(texts), [["a", "b"]])

    def test_a_macro_of_two_values_keeps_them_apart(self):
        flags = {"a": ("-DX=1",), "b": ("-DX=2",), "c": ("-DX=1", "-DY")}
        self.assertEqual(self.units({"a": "", "b": "", "c": ""}, flags), [["a", "c"], ["b"]])

    def test_of_a_command_the_flags_that_decide_are_taken(self):
        command = "c++ -I/x -isystem /y -std=c++23 -O2 -Wall -DX='\"a b\"' -o o -c s.cc"
        self.assertEqual(flags_of(command, ()), ("-I/x", "-isystem/y", "-std=c++23", '-DX="a b"'))
        self.assertIn("-Wall", flags_of(command, ("-W",)))


if __name__ == "__main__":
    unittest.main()
