// Files that were damaged at random: read or refused, never a crash, and what is read can be written and read again.

#include <gtest/gtest.h>

#include <random>

#include "core/graph/serialize.h"
#include "core/torch7/event_writer.h"
#include "tests/support/event_recorder.h"
#include "tests/support/golden.h"

namespace sconce::tests {
namespace {

constexpr std::size_t kFileBytesMax = 2000;
constexpr int kMutations = 20'000;

std::vector<const GoldenRow*> small_rows() {
  std::vector<const GoldenRow*> rows;
  for (const GoldenRow& row : golden_rows()) {
    if (row.format != core::Format::b64 && read_golden(row.file).size() <= kFileBytesMax) rows.push_back(&row);
  }
  return rows;
}

/// One to four changes: a bit flipped, a byte set, inserted or taken out, the end cut off.
std::string damaged(std::string file, std::mt19937& random) {
  const auto below = [&](std::size_t limit) { return random() % std::max<std::size_t>(limit, 1); };
  for (std::size_t change = 0; change <= below(4) && !file.empty(); ++change) {
    const std::size_t at = below(file.size());
    switch (below(5)) {
      case 0: file[at] = static_cast<char>(file[at] ^ (1 << below(8))); break;
      case 1: file[at] = static_cast<char>(random()); break;
      case 2: file.insert(at, 1, static_cast<char>(random())); break;
      case 3: file.erase(at, 1); break;
      default: file.resize(at); break;
    }
  }
  return file;
}

core::ReadOptions modest_options(bool referenced, std::size_t input_bytes) {
  core::ReadOptions options = golden_options(referenced);
  options.input_bytes = input_bytes;
  options.limits.depth_max = 100;
  return options;
}

struct Events {
  core::Status status;
  std::string text;
};

Events events_of(const std::string& input, core::Format format, bool referenced) {
  EventRecorder recorder;
  core::EventReader reader(format, recorder, modest_options(referenced, input.size()));
  const auto used = reader.put_last(bytes_of(input));
  if (!used) return {.status = std::unexpected(used.error()), .text = {}};
  return {.status = {}, .text = recorder.text()};
}

std::string written_again(const std::string& input, core::Format format, bool referenced) {
  std::string out;
  core::StringSink sink(out);
  core::EventWriter writer(format, sink);
  core::EventReader reader(format, writer, modest_options(referenced, input.size()));
  EXPECT_TRUE(reader.put_last(bytes_of(input)));
  EXPECT_TRUE(writer.finish());
  return out;
}

/// Reads as a graph; what the writer can say must be the same graph again.
void expect_same_graph(const std::string& input, core::Format format, bool referenced) {
  const core::DeserializeOptions options{.format = format, .read = modest_options(referenced, input.size())};
  const auto read = core::deserialize(bytes_of(input), options);
  ASSERT_TRUE(read) << to_string(read.error());
  const auto written = core::serialize(read->object, core::Format::binary);
  ASSERT_TRUE(written) << to_string(written.error());
  core::DeserializeOptions again{.format = core::Format::binary, .read = modest_options(true, written->size())};
  // Pairs whose value is nil are gone, so that other ones now stand side by side.
  again.read.refuse_shifted = false;
  const auto read_again = core::deserialize(bytes_of(*written), again);
  ASSERT_TRUE(read_again) << to_string(read_again.error());
  EXPECT_TRUE(core::equal(read->object, read_again->object));
}

TEST(Mutation, DamagedFilesAreReadOrRefused) {
  std::mt19937 random(7);  // the same damage every time
  const std::vector<const GoldenRow*> rows = small_rows();
  int read = 0;
  int refused = 0;
  for (int i = 0; i < kMutations && !HasFailure(); ++i) {
    const GoldenRow& row = *rows[random() % rows.size()];
    const std::string input = damaged(read_golden(row.file), random);
    SCOPED_TRACE(row.file + ", mutation " + std::to_string(i));
    const Events events = events_of(input, row.format, row.referenced);
    if (!events.status) {
      EXPECT_LE(events.status.error().offset, input.size());
      EXPECT_TRUE(events.status.error().path.has_value());
      refused += 1;
      continue;
    }
    EXPECT_TRUE(events_of(written_again(input, row.format, row.referenced), row.format, row.referenced).text ==
                events.text);
    expect_same_graph(input, row.format, row.referenced);
    read += 1;
  }
  EXPECT_GT(read, kMutations / 20);
  EXPECT_GT(refused, kMutations / 20);
}

}  // namespace
}  // namespace sconce::tests
