"""What tools/coverage.py says of rooms and their floors: `coverage_test.py FOLDER-OF-TOOLS`."""

import contextlib
import io
import sys
import unittest
from unittest import mock

sys.path.insert(0, sys.argv.pop(1))
import coverage  # noqa: E402
from coverage import faults_of, floor_of  # noqa: E402


class Coverage(unittest.TestCase):
    def ends_with(self, measured, floors):
        with mock.patch.multiple(coverage, measure=lambda _: measured, read_floors=lambda: floors), \
                mock.patch.object(sys, "argv", ["coverage.py", "build"]), \
                contextlib.redirect_stdout(io.StringIO()), self.assertRaises(SystemExit) as end:
            coverage.main()
        return end.exception.code

    def test_a_room_at_its_floor_passes(self):
        self.assertEqual(faults_of({"core": (200, 150)}, {"core": 75}), [])
        self.assertEqual(self.ends_with({"core": (200, 150)}, {"core": 75}), 0)

    def test_a_room_below_its_floor_fails(self):
        said = "core: the tests run 74.5 % of its lines, floor 75"
        self.assertEqual(self.ends_with({"core": (200, 149)}, {"core": 75}), said)

    def test_a_room_without_a_floor_fails(self):
        self.assertEqual(faults_of({"core": (200, 150)}, {}), ["core: coverage_floors.txt has no floor for it; 74 would be one"])

    def test_a_floor_without_a_room_fails(self):
        self.assertEqual(faults_of({}, {"core": 75}), ["coverage_floors.txt: there is no room core"])

    def test_a_floor_is_below_what_was_measured(self):
        self.assertEqual([floor_of((200, 159)), floor_of((200, 200)), floor_of((200, 0))], [78, 99, 0])


if __name__ == "__main__":
    unittest.main()
