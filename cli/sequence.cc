#include "cli/sequence.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>
#include <variant>

#include "cli/printing/text.h"
#include "core/classes/shown_class_name.h"
#include "core/event/distinct_indices.h"
#include "core/event/null_sink.h"
#include "core/numbers/number_text.h"
#include "core/text/printable.h"

namespace sconce::cli {
namespace {

namespace event = core::event;

/// Passes events on to a sink that can be changed.
class SwitchSink final : public core::EventSink {
 public:
  explicit SwitchSink(core::EventSink& first) : next_(&first) {}
  void go_to(core::EventSink& next) { next_ = &next; }
  core::Status on(const core::Event& event) override { return next_->on(event); }

 private:
  core::EventSink* next_;
};

core::Error too_few(std::size_t objects, std::size_t number) {
  return {.code = core::ErrorCode::not_found,
          .what = "there is no object " + std::to_string(number) + ": the input holds " + counted(objects, "object")};
}

/// Reads what follows the object, to say what it is. Errors: the input's.
core::Status read_rest(core::EventReader& reader, SwitchSink& sink, core::ByteSource& input, core::Format format,
                       SequenceRead& read) {
  core::NullSink nowhere;
  sink.go_to(nowhere);
  std::uint64_t at = read.end_bytes;
  while (true) {
    const auto is_end = core::is_end_of_input(input, at, format);
    if (!is_end) return std::unexpected(is_end.error());
    if (*is_end) return {};
    read.bytes_behind = input.size_bytes() - read.end_bytes;
    reader.begin_next();
    const auto used = core::read_last(reader, input, at);
    if (!used && used.error().code == core::ErrorCode::io_error) return std::unexpected(used.error());
    read.explained = used.has_value();
    if (!used) return {};
    at += *used;
    read.objects_behind += 1;
  }
}

/// Passes on what it is given with each index from 1 on one higher, so that 1 is free.
class IndicesAboveOne final : public core::EventSink {
 public:
  explicit IndicesAboveOne(core::EventSink& next) : next_(next) {}

  core::Status on(const core::Event& event) override {
    core::Event changed = event;
    std::int32_t* index = nullptr;
    if (auto* table = std::get_if<event::Table>(&changed)) index = &table->index;
    if (auto* reference = std::get_if<event::Reference>(&changed)) index = &reference->index;
    if (auto* instance = std::get_if<event::Instance>(&changed)) index = &instance->index;
    if (auto* function = std::get_if<event::Function>(&changed)) index = function->index ? &*function->index : nullptr;
    if (index == nullptr || *index < 1) return next_.on(event);
    if (*index == std::numeric_limits<std::int32_t>::max()) {
      return core::fail(core::ErrorCode::limit_exceeded, "an index is the highest that there is");
    }
    *index += 1;
    return next_.on(changed);
  }

 private:
  core::EventSink& next_;
};

}  // namespace

core::Result<SequenceRead> read_object(core::EventSink& sink, core::ByteSource& input, proto::ObjectFormat format,
                                       const core::ReadOptions& options, std::size_t number) {
  const auto torch = proto::torch_format_of(format);
  if (!torch) {
    if (number > 1) return std::unexpected(too_few(1, number));
    SequenceRead read{.end_bytes = input.size_bytes(), .suspect = {}, .undeclared = {}, .skipped = {}};
    auto foreign = read_foreign_into(sink, input, format, options);
    if (!foreign) return std::unexpected(std::move(foreign.error()));
    read.undeclared = std::move(foreign->undeclared);
    read.skipped = std::move(foreign->skipped);
    return read;
  }
  core::NullSink nowhere;
  SwitchSink target(number == 1 ? sink : nowhere);
  core::ReadOptions passing_over = options;
  passing_over.pause_at_elements = *torch == core::Format::binary || *torch == core::Format::b64;
  core::EventReader reader(*torch, target, passing_over);
  SequenceRead read;
  for (std::size_t at = 1;; ++at) {
    const auto used = core::read_last(reader, input, read.end_bytes);
    if (!used) return std::unexpected(used.error());
    read.end_bytes += *used;
    if (at == number) break;
    const auto is_end = core::is_end_of_input(input, read.end_bytes, *torch);
    if (!is_end) return std::unexpected(is_end.error());
    if (*is_end) return std::unexpected(too_few(at, number));
    if (at + 1 == number) target.go_to(sink);
    reader.begin_next();
  }
  read.undeclared = reader.undeclared();
  std::string suspect = reader.suspect_note();
  if (core::Status rest = read_rest(reader, target, input, *torch, read); !rest) return std::unexpected(rest.error());
  if (read.bytes_behind > 0) read.suspect = std::move(suspect);
  return read;
}

core::Status read_objects_as_table(core::EventSink& sink, core::ByteSource& input, core::Format format,
                                   const core::ReadOptions& options, std::size_t count) {
  IndicesAboveOne above(sink);
  core::DistinctIndices distinct(above);
  core::EventReader reader(format, options.referenced ? static_cast<core::EventSink&>(above) : distinct, options);
  core::Status status = sink.on(event::Table{.index = 1, .count = static_cast<std::int32_t>(count)});
  std::uint64_t at_bytes = 0;
  for (std::size_t at = 1; status && at <= count; ++at) {
    const auto is_end = core::is_end_of_input(input, at_bytes, format);
    if (!is_end) return std::unexpected(is_end.error());
    if (at > 1 && *is_end) return std::unexpected(too_few(at - 1, count));
    if (at > 1) reader.begin_next();
    status = sink.on(event::Number{static_cast<double>(at)});
    if (!status) return status;
    const auto used = core::read_last(reader, input, at_bytes);
    if (!used) return std::unexpected(used.error());
    at_bytes += *used;
  }
  return status ? sink.on(event::End{}) : status;
}

std::string described_behind(const SequenceRead& read) {
  std::string bytes = counted(read.bytes_behind, "byte");
  if (!read.explained) return bytes;
  return std::to_string(read.objects_behind) + (read.objects_behind == 1 ? " more object (" : " more objects (") +
         bytes + ")";
}

std::string described_undeclared(const core::UndeclaredClasses& classes) {
  std::string text;
  for (const std::string& name : classes.names())
    text += (text.empty() ? "" : ", ") + core::printable(core::shown_class_name(name));
  if (classes.more()) text += ", ...";
  return text.empty() ? text : "; not declared, so each read as one object: " + text;
}

std::string described_skipped(const proto::SkippedEntries& skipped) {
  std::string text;
  for (const std::string& name : skipped.names()) text += (text.empty() ? "" : ", ") + core::printable(name);
  if (skipped.more() > 0) text += (text.empty() ? "" : ", ") + std::to_string(skipped.more()) + " more";
  return text.empty() ? text : "; no arrays, so left out: " + text;
}

core::Status check_behind(const SequenceRead& read, const ReadingArguments& arguments) {
  if (read.bytes_behind == 0 || arguments.allow_trailing_bytes || (arguments.object && read.explained)) return {};
  const std::size_t things = read.explained ? read.objects_behind : read.bytes_behind;
  std::string what = "the object ends here, but " + described_behind(read) + (things == 1 ? " follows" : " follow") +
                     read.suspect + "; ";
  if (read.explained) what += "--object " + std::to_string(arguments.object_number() + 1) + " reads the next one, and ";
  what += "--allow-trailing-bytes leaves out what follows";
  return std::unexpected(core::Error{
      .code = core::ErrorCode::trailing_bytes, .what = std::move(what), .offset = read.end_bytes, .path = ""});
}

}  // namespace sconce::cli
