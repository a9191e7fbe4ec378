// Every file that Torch7 wrote, through JSON and back: the same events, and the same bytes.

#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "core/graph/serialize.h"
#include "core/torch7/event_writer.h"
#include "proto/formats/json/json_reader.h"
#include "proto/formats/json/json_writer.h"
#include "tests/support/event_recorder.h"
#include "tests/support/files.h"
#include "tests/support/golden.h"

namespace sconce::tests {
namespace {

constexpr std::size_t kSmallBytesMax = 3000;

/// Events of a file into a sink; empty, or the error.
std::string read(const std::string& file, core::Format format, bool referenced, core::EventSink& sink) {
  core::EventReader reader(format, sink, golden_options(referenced));
  const auto used = reader.put_last(bytes_of(file));
  return used ? "" : to_string(used.error());
}

std::string json_of(const std::string& file, core::Format format, bool referenced) {
  std::string json;
  core::StringSink out(json);
  proto::JsonWriter writer(out);
  if (const std::string error = read(file, format, referenced, writer); !error.empty()) return error;
  return writer.finish() ? json : "the writer failed";
}

/// Reads JSON in two pieces; empty, or the error.
std::string read_json(std::string_view json, std::size_t cut, core::EventSink& sink) {
  proto::JsonReader reader(sink);
  core::Status status = reader.put(bytes_of(json.substr(0, cut)));
  if (status) status = reader.put(bytes_of(json.substr(cut)));
  if (status) status = reader.finish();
  return status ? "" : to_string(status.error());
}

std::string binary_of(std::string_view json, core::Format format) {
  std::string bytes;
  core::StringSink out(bytes);
  core::EventWriter writer(format, out);
  if (const std::string error = read_json(json, 0, writer); !error.empty()) return error;
  return writer.finish() ? bytes : "the writer failed";
}

std::string events_of(std::string_view json, std::size_t cut) {
  EventRecorder recorder;
  const std::string error = read_json(json, cut, recorder);
  return error.empty() ? recorder.text() : error;
}

TEST(GoldenJson, EveryFileComesBackByteForByte) {
  for (const GoldenRow& row : golden_rows()) {
    SCOPED_TRACE(row.file);
    const std::string file = read_golden(row.file);
    EXPECT_TRUE(binary_of(json_of(file, row.format, row.referenced), row.format) == file);
  }
}

TEST(GoldenJson, GraphsWriteTheSameJson) {
  for (const GoldenRow& row : golden_rows()) {
    if (row.format != core::Format::binary || !row.referenced) continue;
    SCOPED_TRACE(row.file);
    const std::string json = json_of(read_golden(row.file), row.format, true);
    core::ObjectBuilder builder;
    ASSERT_EQ(read_json(json, 0, builder), "");
    const core::Object object = builder.take();
    const auto bytes = core::serialize(object, core::Format::binary);
    ASSERT_TRUE(bytes) << to_string(bytes.error());
    EXPECT_EQ(json_of(*bytes, core::Format::binary, true), json);
  }
}

TEST(GoldenJson, EveryOddFileThatIsReadKeepsItsEvents) {
  std::size_t compared = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::string(SCONCE_SOURCE_DIR) + "/tests/golden/extra")) {
    const std::string name = entry.path().filename().string();
    if (!name.ends_with(".t7")) continue;
    const core::Format format = name.contains(".ascii.") ? core::Format::ascii
                                : name.contains(".b32.") ? core::Format::b32
                                                         : core::Format::b64;
    const std::string file = read_file(entry.path());
    EventRecorder recorder;
    if (!read(file, format, true, recorder).empty()) continue;
    SCOPED_TRACE(name);
    EXPECT_EQ(events_of(json_of(file, format, true), 0), recorder.text());
    compared += 1;
  }
  EXPECT_GT(compared, 100U);
}

TEST(GoldenJson, CuttingSmallFilesAnywhereChangesNothing) {
  std::set<std::string> seen;
  for (const GoldenRow& row : golden_rows()) {
    const std::string json = json_of(read_golden(row.file), row.format, row.referenced);
    if (json.size() > kSmallBytesMax || !seen.insert(json).second) continue;
    SCOPED_TRACE(row.file);
    const std::string whole = events_of(json, 0);
    for (std::size_t cut = 1; cut < json.size(); ++cut) ASSERT_EQ(events_of(json, cut), whole) << "cut at " << cut;
  }
  EXPECT_GT(seen.size(), 150U);
}

TEST(GoldenJson, SmallFilesThatEndEarlySaySo) {
  std::set<std::string> seen;
  for (const GoldenRow& row : golden_rows()) {
    std::string json = json_of(read_golden(row.file), row.format, row.referenced);
    json.pop_back();  // the newline
    if (json.size() > kSmallBytesMax || !json.ends_with('}') || !seen.insert(json).second) continue;
    SCOPED_TRACE(row.file);
    for (std::size_t end = 0; end < json.size(); ++end) {
      EventRecorder recorder;
      proto::JsonReader reader(recorder);
      ASSERT_TRUE(reader.put(bytes_of(std::string_view(json).substr(0, end))));
      const core::Status status = reader.finish();
      ASSERT_FALSE(status);
      EXPECT_EQ(status.error().code, core::ErrorCode::truncated);
      EXPECT_EQ(status.error().offset, end);
    }
  }
}

}  // namespace
}  // namespace sconce::tests
