#include "cli/convert.h"

#include "cli/input.h"
#include "cli/output.h"
#include "cli/report.h"
#include "core/transcode.h"

namespace sconce::cli {
namespace {

int failed(const std::string& file, const core::Error& error) {
  report(file, error);
  return kExitBadInput;
}

/// The input is in memory before the first byte is written, so what the system refuses is about the output.
bool is_about_output(const core::Error& error) {
  return error.code == core::ErrorCode::io_error || error.code == core::ErrorCode::no_space;
}

int transcode_failed(const ConvertArguments& arguments, const core::Error& error) {
  if (is_about_output(error)) return failed(arguments.out, {.code = error.code, .what = error.what});
  return failed(arguments.in, error);
}

}  // namespace

int convert(const ConvertArguments& arguments) {
  const auto classes = load_classes(arguments.reading.classes_file);
  if (!classes) return failed(arguments.reading.classes_file, classes.error());
  const auto input = Input::open(arguments.in);
  if (!input) return failed(arguments.in, input.error());
  const auto output = Output::open(arguments.out);
  if (!output) return failed(arguments.out, output.error());

  const core::TranscodeOptions options{.from = arguments.reading.from,
                                       .to = arguments.to,
                                       .read = read_options(arguments.reading, *classes, input->bytes().size()),
                                       .referenced = arguments.referenced};
  const auto transcoded = core::transcode(input->bytes(), (*output)->sink(), options);
  if (!transcoded) return transcode_failed(arguments, transcoded.error());
  const core::Status committed = (*output)->commit();
  if (!committed) return failed(arguments.out, committed.error());
  return kExitOk;
}

}  // namespace sconce::cli
