"""The words that ./x lint refuses: which lines it finds, and that the glossary's rows are read."""

import importlib.util
import sys
import unittest


def load(path):
    spec = importlib.util.spec_from_file_location("idioms", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


GLOSSARY = """
## Not these words
| not | but | still right |
|---|---|---|
| `behind` | after | `behind a proxy` |
| `what comes` | the input | |
"""


class Idioms(unittest.TestCase):
    def found(self, text):
        return [(line, words) for line, words, _, _ in idioms.findings(text, idioms.read_rows(GLOSSARY))]

    def test_words_are_found_in_any_case(self):
        self.assertEqual(self.found("one\n// Behind it\n"), [(2, "Behind")])

    def test_a_longer_word_is_another(self):
        self.assertEqual(self.found("suspect_behind(behindhand)\n"), [])

    def test_what_is_still_right_passes(self):
        self.assertEqual(self.found("behind a proxy\n"), [])

    def test_words_are_found_across_lines_once(self):
        self.assertEqual(self.found("/// this is what\n  /// comes next\n"), [(1, "what comes")])

    def test_a_line_that_moves_is_the_same_line(self):
        rows = idioms.read_rows(GLOSSARY)
        marks = [next(idioms.findings(text, rows))[3] for text in ("  // behind it\n", "one\n\n// behind  it\n")]
        self.assertEqual(marks[0], marks[1])
        self.assertNotEqual(marks[0], next(idioms.findings("// behind them\n", rows))[3])

    def test_the_glossary_has_rows(self):
        with open(idioms.GLOSSARY, encoding="utf-8") as file:
            self.assertGreater(len(idioms.read_rows(file.read())), 5)


idioms = load(sys.argv.pop(1))
unittest.main()
