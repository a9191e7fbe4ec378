// Objects that are read from a source a piece at a time.

#include <gtest/gtest.h>

#include <string>

#include "core/event/null_sink.h"
#include "core/torch7/event_reader.h"
#include "core/torch7/event_writer.h"
#include "tests/support/failing_source.h"
#include "tests/support/float_tensor.h"
#include "tests/support/golden.h"
#include "tests/support/small_pieces_source.h"

namespace sconce::core {
namespace {

using tests::bytes_of;

/// The object as binary, or what is wrong with it.
std::string read_from(ByteSource& source, Format format, const ReadOptions& options) {
  std::string out;
  StringSink sink(out);
  EventWriter writer(Format::binary, sink);
  EventReader reader(format, writer, options);
  const auto used = read_last(reader, source, 0);
  if (!used) return to_string(used.error());
  if (const Status finished = writer.finish(); !finished) return to_string(finished.error());
  return std::to_string(*used) + ' ' + out;
}

TEST(ReadLast, PiecesGiveTheSameAsTheWhole) {
  for (const tests::GoldenRow& row : tests::golden_rows()) {
    const std::string file = tests::read_golden(row.file);
    if (file.size() > 10'000) continue;
    for (const std::string& input : {file, file + "more", file.substr(0, file.size() / 2)}) {
      for (const TrailingBytes trailing : {TrailingBytes::ignore, TrailingBytes::refuse}) {
        ReadOptions options = tests::golden_options(row.referenced);
        options.trailing = trailing;
        MemorySource whole(bytes_of(input));
        for (const std::size_t piece_bytes : {1U, 7U, 100U}) {
          tests::SmallPiecesSource pieces(bytes_of(input), piece_bytes);
          ASSERT_EQ(read_from(pieces, row.format, options), read_from(whole, row.format, options)) << row.file;
        }
      }
    }
  }
}

TEST(ReadLast, EveryByteThatCannotBeReadIsSaid) {
  const std::string file = tests::read_golden("nn_mlp.ascii.ref.t7");
  for (std::size_t at = 0; at < file.size(); at += 3) {
    MemorySource whole(bytes_of(file));
    tests::FailingSource source(whole, at);
    ASSERT_EQ(read_from(source, Format::ascii, {}), "io_error: byte " + std::to_string(at) + " cannot be read");
  }
}

TEST(ReadLast, ReadsNothingOfElementsThatArePassedOver) {
  const std::string file = tests::float_tensor({100'000}, 1);
  NullSink nowhere;
  tests::SmallPiecesSource source(bytes_of(file), 64);
  EventReader reader(Format::binary, nowhere, {.pause_at_elements = true});
  EXPECT_EQ(read_last(reader, source, 0), file.size());
  EXPECT_TRUE(reader.done());
  EXPECT_LT(source.bytes_read(), 1000U);
}

TEST(ReadLast, ElementsThatAreNotThereAreNotPassedOver) {
  const std::string file = tests::float_tensor({1000}, 1);
  NullSink nowhere;
  MemorySource source(bytes_of(std::string_view(file).substr(0, file.size() - 1)));
  EventReader reader(Format::binary, nowhere, {.pause_at_elements = true});
  const auto used = read_last(reader, source, 0);
  ASSERT_FALSE(used);
  EXPECT_EQ(used.error().code, ErrorCode::truncated);
  EXPECT_EQ(used.error().offset, file.size() - 1);
}

}  // namespace
}  // namespace sconce::core
