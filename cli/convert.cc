#include "cli/convert.h"

#include <cstdint>
#include <utility>

#include "cli/canonical_input.h"
#include "cli/input.h"
#include "cli/output.h"
#include "cli/printing/report.h"
#include "cli/sequence.h"
#include "core/bytes/read_begin.h"
#include "core/event/null_sink.h"
#include "core/graph/transcode.h"
#include "proto/formats/convert/canonical_output.h"

namespace sconce::cli {
namespace {

int failed(const std::string& file, const core::Error& error) {
  report(file, error);
  return kExitBadInput;
}

/// What the system refuses is about the output, or about a temporary file, whose folder the message names, unless the
/// input has failed.
bool is_about_output(const core::Error& error) {
  return error.code == core::ErrorCode::io_error || error.code == core::ErrorCode::no_space;
}

int writing_failed(const ConvertArguments& arguments, const Input& input, const core::Error& error) {
  if (is_about_output(error) && !input.has_failed())
    return failed(arguments.out, {.code = error.code, .what = error.what});
  return failed(arguments.in, explained(error, input.source(), arguments.reading.from));
}

/// Between Torch's formats a whole object goes by events, from the input to the output.
bool can_transcode(const proto::OutputPlan& plan, proto::ObjectFormat from) {
  return proto::torch_format_of(from) && proto::torch_format_of(plan.format) && plan.path.steps.empty() && !plan.slice;
}

/// What is shared is written in full, which takes all of the object.
core::Status transcode_in_memory(core::ByteSource& input, core::ByteSink& out, const core::TranscodeOptions& options) {
  const auto held = core::read_begin(input, SIZE_MAX);
  if (!held) return std::unexpected(held.error());
  const auto used = core::transcode(std::as_bytes(std::span(*held)), out, options);
  if (!used) return std::unexpected(used.error());
  return {};
}

core::Status transcode(core::ByteSource& input, proto::ObjectFormat from, const core::ReadOptions& read,
                       const proto::OutputPlan& plan, core::ByteSink& out) {
  const core::TranscodeOptions options{.from = *proto::torch_format_of(from),
                                       .to = *proto::torch_format_of(plan.format),
                                       .read = read,
                                       .referenced = plan.referenced};
  if (read.referenced && !plan.referenced) return transcode_in_memory(input, out, options);
  const auto used = core::transcode_events(input, out, options);
  if (!used) return std::unexpected(used.error());
  return {};
}

/// What an object becomes in memory is up to who calls the command; sharing that is written in full has the limits of
/// core::transcode.
proto::OutputLimits output_limits() {
  return {.held_bytes_max = UINT64_MAX, .expanded_bytes_max = core::WalkOptions().expanded_bytes_max};
}

core::Status write_planned(const CanonicalInput& input, const proto::OutputPlan& plan,
                           const core::ClassLayouts& classes, core::ByteSink& out) {
  const auto output = proto::begin_canonical_output(input.canonical(), plan, classes, out, output_limits());
  if (!output) return std::unexpected(output.error());
  while (!(*output)->done()) {
    if (core::Status advanced = (*output)->advance(); !advanced) return advanced;
  }
  return {};
}

core::Status convert_planned(core::ByteSource& source, proto::ObjectFormat from, const core::ReadOptions& read,
                             const ConvertArguments& arguments, core::ByteSink& out) {
  const auto input = CanonicalInput::read(source, from, read);
  if (!input) return std::unexpected(input.error());
  core::Status written = write_planned(*input, arguments.plan, *read.classes, out);
  const std::string skipped = described_skipped(input->skipped());
  if (written && !skipped.empty()) note(arguments.in, skipped.substr(2));
  if (!written && !input->is_input()) written.error().offset.reset();
  return written;
}

/// An object of several: the table of those up to it knows what it shares with them.
core::Status convert_numbered(core::ByteSource& source, proto::ObjectFormat from, const core::ReadOptions& read,
                              const ConvertArguments& arguments, core::ByteSink& out) {
  core::NullSink nowhere;
  const auto counted = read_object(nowhere, source, from, read, arguments.reading.object_number());
  if (!counted) return std::unexpected(counted.error());
  if (core::Status allowed = check_behind(*counted, arguments.reading); !allowed) return allowed;
  if (arguments.reading.object_number() == 1) {
    if (can_transcode(arguments.plan, from)) return transcode(source, from, read, arguments.plan, out);
    return convert_planned(source, from, read, arguments, out);
  }
  const auto number = arguments.reading.object_number();
  const auto input = CanonicalInput::read_table(source, *proto::torch_format_of(from), read, number);
  if (!input) return std::unexpected(input.error());
  proto::OutputPlan plan = arguments.plan;
  plan.path.steps.clear();
  plan.path.steps.emplace_back(static_cast<double>(number));
  for (const core::PathStep& step : arguments.plan.path.steps) plan.path.steps.push_back(step);
  core::Status written = write_planned(*input, plan, *read.classes, out);
  if (!written) written.error().offset.reset();
  return written;
}

/// The same error, with what follows the object.
core::Status tell_rest(core::ByteSource& source, proto::ObjectFormat from, core::ReadOptions read,
                       const ReadingArguments& arguments) {
  read.trailing = core::TrailingBytes::ignore;
  core::NullSink nowhere;
  const auto counted = read_object(nowhere, source, from, read, 1);
  if (!counted) return std::unexpected(counted.error());
  return check_behind(*counted, arguments);
}

core::Status write_object(core::ByteSource& source, const ConvertArguments& arguments,
                          const core::ClassLayouts& classes, core::ByteSink& out) {
  core::ReadOptions read = read_options(arguments.reading, classes, source.size_bytes());
  const auto from = format_of(source, arguments.reading.from, read);
  if (!from) return std::unexpected(from.error());
  if (arguments.reading.object) return convert_numbered(source, *from, read, arguments, out);
  if (!arguments.reading.allow_trailing_bytes) read.trailing = core::TrailingBytes::refuse;
  core::Status written = can_transcode(arguments.plan, *from) ? transcode(source, *from, read, arguments.plan, out)
                                                              : convert_planned(source, *from, read, arguments, out);
  const bool has_rest = !written && written.error().code == core::ErrorCode::trailing_bytes;
  return has_rest && proto::torch_format_of(*from) ? tell_rest(source, *from, read, arguments.reading) : written;
}

}  // namespace

int convert(const ConvertArguments& arguments) {
  const auto classes = load_classes(arguments.reading.classes_file);
  if (!classes) return failed(arguments.reading.classes_file, classes.error());
  const auto input = Input::open(arguments.in);
  if (!input) return failed(arguments.in, input.error());
  const auto output = Output::open(arguments.out);
  if (!output) return failed(arguments.out, output.error());
  const core::Status written = write_object(input->source(), arguments, *classes, (*output)->sink());
  if (!written) return writing_failed(arguments, *input, written.error());
  const core::Status committed = (*output)->commit();
  if (!committed) return failed(arguments.out, committed.error());
  return kExitOk;
}

}  // namespace sconce::cli
