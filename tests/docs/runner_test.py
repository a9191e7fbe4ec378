#!/usr/bin/python3
"""The runner itself: pages that are wrong fail. runner_test.py PROGRAM."""

import sys
import unittest

from pages import PageError, is_output, steps_of
from run_page import run_page

PROGRAM = sys.argv.pop()


def page(kind, *lines):
    return "\n".join([f"```{kind}", *lines, "```", ""])


class Outputs(unittest.TestCase):
    def test_what_differs_is_an_ellipsis(self):
        self.assertTrue(is_output(["a … c", "d"], ["a b c", "d"]))
        self.assertTrue(is_output(["a", "…", "d"], ["a", "b", "c", "d"]))
        self.assertTrue(is_output(["a", "…", "d"], ["a", "d"]))
        self.assertFalse(is_output(["a … c"], ["a b d"]))
        self.assertFalse(is_output(["a … c"], ["a b", "c"]))
        self.assertFalse(is_output(["a"], ["a", "b"]))
        self.assertFalse(is_output([], ["a"]))


class Steps(unittest.TestCase):
    def test_a_command_may_have_several_lines(self):
        steps = steps_of(page("sh", "curl \\", "  a", "echo 'x", "y'", "# a comment", "cat <<'END'", "it's", "END"))
        self.assertEqual([step.command for step in steps[0]], ["curl \\\n  a", "echo 'x\ny'", "cat <<'END'\nit's\nEND"])

    def test_what_is_no_convention_is_refused(self):
        for text in (page("bash", "a"), page("text", "a"), "```sh\na", page("sh", "echo 'a"), page("console", "output")):
            with self.assertRaises(PageError):
                steps_of(text)


class Pages(unittest.TestCase):
    KEY = "http://127.0.0.1:7077/v1/objects/a"

    def faults(self, text):
        return "\n".join(run_page(text, PROGRAM)[0])

    def test_a_key_that_nothing_put_is_a_fault(self):
        self.assertIn("ended with 22", self.faults(page("sh", f"curl -s {self.KEY} -o a.npy")))
        self.assertIn("ended with 22", self.faults(page("sh", f"curl -s {self.KEY} | cat")))

    def test_an_answer_that_differs_is_a_fault(self):
        self.assertIn("printed:", self.faults(page("console", "$ echo a", "b")))
        self.assertIn("printed:", self.faults(page("sh", "echo a", "echo b") + page("text", "a")))
        self.assertEqual("", self.faults(page("sh", "echo a", "echo b") + page("text", "a", "b")))

    def test_a_failure_that_is_announced_must_come(self):
        self.assertEqual("", self.faults(page("sh", f"curl -s {self.KEY}   # 404", "false # exit 1")))
        self.assertIn("412 was to be", self.faults(page("sh", f"curl -s {self.KEY}   # 412")))
        self.assertIn("404 was to be", self.faults(page("sh", "curl -s http://127.0.0.1:7077/healthz   # 404")))
        self.assertIn("not with 1", self.faults(page("sh", "true # exit 1")))

    def test_variables_stay_and_servers_change(self):
        text = page("sh", "sconce serve --data ./other", "export KEY=" + self.KEY, "curl -sT tests/golden/Float_1d.ascii.ref.t7 $KEY")
        self.assertEqual("", self.faults(text + "<!-- docs-test: stop -->\n" + page("sh", "sconce check --data ./other")))


if __name__ == "__main__":
    unittest.main()
