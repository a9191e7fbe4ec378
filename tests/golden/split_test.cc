// Cutting the input anywhere changes nothing, and an input that ends early says so.

#include <gtest/gtest.h>

#include <set>
#include <tuple>

#include "tests/support/event_recorder.h"
#include "tests/support/golden.h"

namespace sconce::tests {
namespace {

constexpr std::size_t kSmallBytesMax = 4096;
constexpr std::size_t kCutsOfLargeFiles = 64;

/// The files of the manifest, each once for each way of reading it.
const std::vector<const GoldenRow*>& distinct_rows() {
  static const std::vector<const GoldenRow*> rows = [] {
    std::vector<const GoldenRow*> distinct;
    std::set<std::tuple<std::string, bool, bool>> seen;
    for (const GoldenRow& row : golden_rows()) {
      if (seen.emplace(row.file, row.format == core::Format::b32, row.referenced).second) distinct.push_back(&row);
    }
    return distinct;
  }();
  return rows;
}

struct Outcome {
  std::string events;
  core::Result<std::size_t> used;
};

Outcome read_whole(const GoldenRow& row, std::string_view file) {
  EventRecorder recorder;
  core::EventReader reader(row.format, recorder, golden_options(row.referenced));
  const auto used = reader.put_last(bytes_of(file));
  return {recorder.text(), used};
}

/// As a connection would: what is left unconsumed is presented again, in front of what follows.
Outcome read_in_two(const GoldenRow& row, std::string_view file, std::size_t cut) {
  EventRecorder recorder;
  core::EventReader reader(row.format, recorder, golden_options(row.referenced));
  const auto first = reader.put(bytes_of(file.substr(0, cut)));
  if (!first) return {recorder.text(), first};
  const auto rest = reader.put_last(bytes_of(file.substr(*first)));
  if (!rest) return {recorder.text(), rest};
  return {recorder.text(), *first + *rest};
}

Outcome read_byte_by_byte(const GoldenRow& row, std::string_view file) {
  EventRecorder recorder;
  core::EventReader reader(row.format, recorder, golden_options(row.referenced));
  std::size_t used = 0;
  for (std::size_t end = 1; end < file.size(); ++end) {
    const auto step = reader.put(bytes_of(file.substr(used, end - used)));
    if (!step) return {recorder.text(), step};
    used += *step;
    EXPECT_LE(end - used, core::EventReader::kBytesHeldMax);
  }
  const auto rest = reader.put_last(bytes_of(file.substr(used)));
  if (!rest) return {recorder.text(), rest};
  return {recorder.text(), used + *rest};
}

std::vector<std::size_t> cuts_of(std::size_t size) {
  const std::size_t step = size <= kSmallBytesMax ? 1 : size / kCutsOfLargeFiles;
  std::vector<std::size_t> cuts;
  for (std::size_t cut = 0; cut <= size; cut += step) cuts.push_back(cut);
  return cuts;
}

TEST(Split, EveryCutYieldsTheSameEvents) {
  for (const GoldenRow* row : distinct_rows()) {
    SCOPED_TRACE(row->file);
    const std::string file = read_golden(row->file);
    const Outcome whole = read_whole(*row, file);
    ASSERT_TRUE(whole.used) << to_string(whole.used.error());
    for (const std::size_t cut : cuts_of(file.size())) {
      const Outcome split = read_in_two(*row, file, cut);
      ASSERT_TRUE(split.used) << "cut at " << cut << ": " << to_string(split.used.error());
      ASSERT_EQ(*split.used, *whole.used) << "cut at " << cut;
      ASSERT_TRUE(split.events == whole.events) << "cut at " << cut;
    }
  }
}

TEST(Split, ByteByByteYieldsTheSameEvents) {
  for (const GoldenRow* row : distinct_rows()) {
    SCOPED_TRACE(row->file);
    const std::string file = read_golden(row->file);
    if (file.size() > kSmallBytesMax) continue;
    const Outcome whole = read_whole(*row, file);
    const Outcome bytewise = read_byte_by_byte(*row, file);
    ASSERT_TRUE(bytewise.used) << to_string(bytewise.used.error());
    ASSERT_TRUE(bytewise.events == whole.events);
  }
}

/// Up to this size a string is one event, so a reader waits for all of it.
TEST(Split, WhatIsHeldIsBounded) {
  const std::size_t size = core::kInlineStringBytesMax;
  const std::string header = "2\n" + std::to_string(size) + '\n';
  const std::string file = header + std::string(size, 'x');
  EventRecorder recorder;
  core::EventReader reader(core::Format::ascii, recorder);
  const auto used = reader.put(bytes_of(std::string_view(file).substr(0, file.size() - 1)));
  ASSERT_TRUE(used) << to_string(used.error());
  EXPECT_EQ(*used, header.size());
  EXPECT_LE(file.size() - *used, core::EventReader::kBytesHeldMax);
  ASSERT_TRUE(reader.put_last(bytes_of(std::string_view(file).substr(*used))));
  EXPECT_TRUE(reader.done());
}

/// A binary object has one end. In ascii a number may be cut and still be one, so an early end may read as complete.
TEST(Split, AnEarlyEndIsTruncated) {
  for (const GoldenRow* row : distinct_rows()) {
    SCOPED_TRACE(row->file);
    const std::string file = read_golden(row->file);
    const bool ascii = row->format == core::Format::ascii;
    const std::vector<std::size_t> cuts = cuts_of(file.size());
    for (const std::size_t cut : cuts) {
      if (cut == file.size()) continue;
      const Outcome cut_short = read_whole(*row, std::string_view(file).substr(0, cut));
      if (cut_short.used) {
        ASSERT_TRUE(ascii) << "cut at " << cut;
        ASSERT_EQ(*cut_short.used, cut);
        continue;
      }
      const core::ErrorCode code = cut_short.used.error().code;
      ASSERT_TRUE(code == core::ErrorCode::truncated || (ascii && code == core::ErrorCode::malformed))
          << "cut at " << cut << ": " << to_string(cut_short.used.error());
      ASSERT_LE(cut_short.used.error().offset, cut);
    }
  }
}

}  // namespace
}  // namespace sconce::tests
