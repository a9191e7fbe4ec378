#include "tests/proto/formats/json/json_text.h"

#include "core/torch7/event_reader.h"
#include "core/torch7/event_writer.h"
#include "proto/formats/json/json_reader.h"
#include "proto/formats/json/json_writer.h"
#include "tests/support/event_recorder.h"
#include "tests/support/golden.h"

namespace sconce::tests {

namespace {

core::Status read(std::string_view json, core::EventSink& sink, const core::ReadLimits& limits = {}) {
  proto::JsonReader reader(sink, limits);
  if (core::Status status = reader.put(bytes_of(json)); !status) return status;
  return reader.finish();
}

}  // namespace

core::Result<std::string> events_of_json(std::string_view json, const core::ReadLimits& limits) {
  EventRecorder recorder;
  if (core::Status status = read(json, recorder, limits); !status) return std::unexpected(status.error());
  return recorder.text();
}

core::Error json_error(std::string_view json, const core::ReadLimits& limits) {
  const auto events = events_of_json(json, limits);
  return events ? core::Error{} : events.error();
}

std::string json_again(std::string_view json) {
  std::string again;
  core::StringSink out(again);
  proto::JsonWriter writer(out);
  core::Status status = read(json, writer);
  if (status) status = writer.finish();
  return status ? again : to_string(status.error());
}

std::string json_through_binary(std::string_view json) {
  std::string bytes;
  core::StringSink to_bytes(bytes);
  core::EventWriter binary(core::Format::binary, to_bytes);
  core::Status status = read(json, binary);
  if (status) status = binary.finish();
  if (!status) return to_string(status.error());
  std::string again;
  core::StringSink out(again);
  proto::JsonWriter writer(out);
  core::ReadOptions options = golden_options(true);
  options.trailing = core::TrailingBytes::refuse;
  core::EventReader reader(core::Format::binary, writer, options);
  const auto used = reader.put_last(bytes_of(bytes));
  if (!used) return to_string(used.error());
  return writer.finish() ? again : "the writer failed";
}

}  // namespace sconce::tests
