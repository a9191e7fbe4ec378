"""What ./x lint asks of the comments of a header: which one is refused, and for what."""

import importlib.util
import sys
import unittest


def load(path):
    spec = importlib.util.spec_from_file_location("headers", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


WHOLE = """
#pragma once
/// Counts bytes. Lifetime: `out` is borrowed. Threads: one at a time. Errors: those of `out`.
class Counter final : public Sink {
 public:
  explicit Counter(Sink& out) : out_(out) {}
  core::Status flush();

 private:
  Sink& out_;
};
"""


class Headers(unittest.TestCase):
    def missing(self, text):
        return [what.rpartition("`")[0].rpartition("`")[2] for what in headers.findings(text)]

    def test_a_header_that_says_all_passes(self):
        self.assertEqual(self.missing(WHOLE), [])

    def test_each_label_is_missed(self):
        self.assertEqual(self.missing(WHOLE.replace("Threads:", "")), ["Threads:"])
        self.assertEqual(self.missing(WHOLE.replace("Errors:", "")), ["Errors:"])
        self.assertEqual(self.missing(WHOLE.replace("Lifetime:", "")), ["Lifetime:"])

    def test_every_header_says_threads(self):
        self.assertEqual(self.missing("#pragma once\nenum class Kind { a };\n"), ["Threads:"])

    def test_a_comment_that_is_not_documentation_does_not_count(self):
        self.assertEqual(self.missing("// Threads: no state.\nint f();\n"), ["Threads:"])

    def test_labels_may_share_what_follows(self):
        text = WHOLE.replace("Lifetime: `out` is borrowed. Threads: one at a time. Errors: those of `out`.",
                             "Lifetime, threads, errors: as Sink.")
        self.assertEqual(self.missing(text), [])

    def test_a_label_may_say_of_which_functions(self):
        self.assertEqual(self.missing(WHOLE.replace("Errors:", "Errors of `flush`:")), [])

    def test_a_label_may_be_cut_by_a_line(self):
        self.assertEqual(self.missing("/// Threads, and jobs. Threads:\n/// no state.\nint f();\n"), [])

    def test_none_is_refused_as_what_it_means_is_not_clear(self):
        self.assertEqual(self.missing(WHOLE.replace("one at a time", "none")), ["Threads: one at a time"])

    def test_errors_of_a_function_of_many_lines_are_missed(self):
        text = "/// Threads: no state.\nproto::HttpResult<std::unique_ptr<Plan>> plan(Head head,\n    int more);\n"
        self.assertEqual(self.missing(text), ["Errors:"])

    def test_an_override_has_the_errors_of_its_base(self):
        text = "/// Threads: as A.\nclass B : A {\n public:\n  Status on(int i) override;\n};\n"
        self.assertEqual(self.missing(text), [])

    def test_what_is_private_needs_no_errors(self):
        text = "/// Threads: as A.\nclass B {\n public:\n  int a();\n\n private:\n  Status on();\n};\n%s"
        self.assertEqual(self.missing(text % ""), [])
        self.assertEqual(self.missing(text % "Status after();\n"), ["Errors:"])

    def test_spans_and_views_that_are_kept_need_a_lifetime(self):
        text = "/// Threads: as a value.\nclass B {\n private:\n  %s part_;\n};\n"
        for kind in ("std::string_view", "std::span<const std::byte>", "const std::string_view", "Map<int, int>&"):
            self.assertEqual(self.missing(text % kind), ["Lifetime:"], kind)
        self.assertEqual(self.missing(text % "std::string"), [])

    def test_the_product_has_headers(self):
        self.assertIn("core/event/event.h", list(headers.headers()))


headers = load(sys.argv.pop(1))
unittest.main()
