// Every file that Torch7 wrote: read, compared with what it holds, and written again byte for byte.

#include <gtest/gtest.h>

#include "core/graph/serialize.h"
#include "core/torch7/event_writer.h"
#include "core/torch7/sniff.h"
#include "tests/golden/content.h"
#include "tests/support/event_recorder.h"
#include "tests/support/files.h"
#include "tests/support/golden.h"

namespace sconce::tests {
namespace {

constexpr std::size_t kRows = 1336;

core::Deserialized read_row(const GoldenRow& row, const std::string& file) {
  core::DeserializeOptions options{.format = row.format, .read = golden_options(row.referenced)};
  options.read.input_bytes = file.size();
  options.read.trailing = core::TrailingBytes::refuse;
  auto read = core::deserialize(bytes_of(file), options);
  if (!read) throw std::runtime_error(to_string(read.error()));
  return std::move(*read);
}

std::string events_of(const std::string& file, core::Format format, bool referenced) {
  EventRecorder recorder;
  core::EventReader reader(format, recorder, golden_options(referenced));
  const auto used = reader.put_last(bytes_of(file));
  return used ? recorder.text() : to_string(used.error());
}

TEST(Golden, EveryFileHoldsWhatItsJsonSays) {
  ASSERT_EQ(golden_rows().size(), kRows);
  for (const GoldenRow& row : golden_rows()) {
    SCOPED_TRACE(row.file);
    const std::string file = read_golden(row.file);
    const core::Deserialized read = read_row(row, file);
    EXPECT_EQ(content_difference(golden_json(row.expect), read.object.root()), "");
    EXPECT_EQ(read.used_bytes, file.size());
  }
}

TEST(Golden, EventsWriteTheSameBytes) {
  for (const GoldenRow& row : golden_rows()) {
    SCOPED_TRACE(row.file);
    const std::string file = read_golden(row.file);
    std::string written;
    core::StringSink out(written);
    core::EventWriter writer(row.format, out);
    core::EventReader reader(row.format, writer, golden_options(row.referenced));
    const auto used = reader.put_last(bytes_of(file));
    ASSERT_TRUE(used) << to_string(used.error());
    ASSERT_TRUE(writer.finish());
    EXPECT_TRUE(written == file);
  }
}

TEST(Golden, GraphsWriteTheSameBytes) {
  for (const GoldenRow& row : golden_rows()) {
    SCOPED_TRACE(row.file);
    const std::string file = read_golden(row.file);
    const core::Deserialized read = read_row(row, file);
    const auto written = core::serialize(read.object, row.format, row.referenced);
    ASSERT_TRUE(written) << to_string(written.error());
    EXPECT_TRUE(*written == file);
  }
}

TEST(Golden, SaveAndLoadKeepTheBytes) {
  const TemporaryDirectory directory;
  const std::filesystem::path path = directory.path() / "object.t7";
  for (const GoldenRow& row : golden_rows()) {
    if (row.name.starts_with("cls_")) continue;  // declared classes: `load` knows the default layouts only
    SCOPED_TRACE(row.file);
    const std::string file = read_golden(row.file);
    ASSERT_TRUE(core::save(path, read_row(row, file).object, row.format, row.referenced));
    const auto loaded = core::load(path, row.format, row.referenced);
    ASSERT_TRUE(loaded) << to_string(loaded.error());
    const auto written = core::serialize(*loaded, row.format, row.referenced);
    EXPECT_TRUE(written && *written == file);
  }
}

TEST(Golden, EveryGraphEqualsItselfReadAgain) {
  for (const GoldenRow& row : golden_rows()) {
    SCOPED_TRACE(row.file);
    const std::string file = read_golden(row.file);
    EXPECT_TRUE(core::equal(read_row(row, file).object, read_row(row, file).object));
  }
}

/// Where b32 and b64 cannot be told apart, either answer must read the same.
TEST(Golden, AutomaticDetectionReadsWhatTheFormatReads) {
  for (const GoldenRow& row : golden_rows()) {
    SCOPED_TRACE(row.file + " as " + std::string(name_of(row.format)));
    const std::string file = read_golden(row.file);
    const auto format = core::sniff(bytes_of(file), golden_options(row.referenced));
    ASSERT_TRUE(format) << to_string(format.error());
    EXPECT_EQ(*format == core::Format::ascii, row.format == core::Format::ascii);
    EXPECT_EQ(events_of(file, *format, row.referenced), events_of(file, row.format, row.referenced));
  }
}

}  // namespace
}  // namespace sconce::tests
