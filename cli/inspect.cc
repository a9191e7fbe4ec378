#include "cli/inspect.h"

#include <unistd.h>

#include <utility>

#include "cli/input.h"
#include "cli/inspect_key.h"
#include "cli/output.h"
#include "cli/printing/report.h"
#include "cli/printing/text.h"
#include "cli/printing/tree_printer.h"
#include "cli/sequence.h"

namespace sconce::cli {
namespace {

core::Status print_line(core::ByteSink& out, const std::string& text) {
  const std::string line = text + '\n';
  return out.write(std::as_bytes(std::span(line)));
}

/// Prints as far as the object can be read, and returns the first error.
core::Status print_tree(core::ByteSink& out, core::ByteSource& input, const ReadingArguments& reading,
                        const core::ReadOptions& options) {
  const auto format = format_of(input, reading.from, options);
  if (!format) return std::unexpected(format.error());
  core::Status headed =
      print_line(out, std::string(shown_name_of(*format)) + ", " + counted(input.size_bytes(), "byte"));
  if (!headed) return headed;
  TreePrinter printer(out, *options.classes);
  const auto read = read_object(printer, input, *format, options, reading.object_number());
  core::Status printed = printer.finish();
  if (!read) return std::unexpected(read.error());
  if (printed && read->bytes_behind > 0)
    printed = print_line(out, "and " + described_behind(*read) + " behind the object");
  const std::string undeclared = described_undeclared(read->undeclared);
  if (printed && !undeclared.empty()) printed = print_line(out, undeclared.substr(2));
  const std::string skipped = described_skipped(read->skipped);
  if (printed && !skipped.empty()) printed = print_line(out, skipped.substr(2));
  // What follows has been shown; but a class that is only assumed to be one object may have written it.
  return printed && !undeclared.empty() ? check_behind(*read, reading) : printed;
}

core::Status inspect_file(const InspectArguments& arguments, const core::ClassLayouts& classes, core::ByteSink& out) {
  const auto input = Input::open(arguments.file);
  if (!input) return std::unexpected(input.error());
  const auto options = read_options(arguments.reading, classes, input->size_bytes());
  core::Status printed = print_tree(out, input->source(), arguments.reading, options);
  if (printed) return printed;
  return std::unexpected(explained(std::move(printed.error()), input->source(), arguments.reading.from));
}

}  // namespace

int inspect(const InspectArguments& arguments) {
  const auto classes = load_classes(arguments.reading.classes_file);
  if (!classes) {
    report(arguments.reading.classes_file, classes.error());
    return kExitBadInput;
  }
  DescriptorSink out(STDOUT_FILENO);
  const core::Status printed =
      is_url(arguments.file) ? inspect_key(arguments.file, arguments.tls, out) : inspect_file(arguments, *classes, out);
  if (printed) return kExitOk;
  report(arguments.file, printed.error());
  return kExitBadInput;
}

}  // namespace sconce::cli
