#include "cli/inspect.h"

#include <unistd.h>

#include <utility>

#include "cli/input.h"
#include "cli/inspect_key.h"
#include "cli/output.h"
#include "cli/report.h"
#include "cli/text.h"
#include "cli/tree_printer.h"

namespace sconce::cli {
namespace {

core::Status print_line(core::ByteSink& out, const std::string& text) {
  const std::string line = text + '\n';
  return out.write(std::as_bytes(std::span(line)));
}

/// Prints as far as the object can be read, and returns the first error.
core::Status print_tree(core::ByteSink& out, std::span<const std::byte> bytes, proto::ObjectFormat from,
                        const core::ReadOptions& options) {
  const auto format = format_of(bytes, from, options);
  if (!format) return std::unexpected(format.error());
  core::Status headed = print_line(out, std::string(shown_name_of(*format)) + ", " + counted(bytes.size(), "byte"));
  if (!headed) return headed;
  TreePrinter printer(out, *options.classes);
  const auto used_bytes = read_into(printer, bytes, *format, options);
  core::Status finished = printer.finish();
  if (!used_bytes) return std::unexpected(used_bytes.error());
  if (!finished || *used_bytes == bytes.size()) return finished;
  return print_line(out, "and " + counted(bytes.size() - *used_bytes, "byte") + " behind the object");
}

core::Status inspect_file(const InspectArguments& arguments, const core::ClassLayouts& classes, core::ByteSink& out) {
  const auto input = Input::open(arguments.file);
  if (!input) return std::unexpected(input.error());
  const auto options = read_options(arguments.reading, classes, input->bytes().size());
  return print_tree(out, input->bytes(), arguments.reading.from, options);
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
