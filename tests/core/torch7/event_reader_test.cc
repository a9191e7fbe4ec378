#include "core/torch7/event_reader.h"

#include <gtest/gtest.h>

#include "core/event/null_sink.h"
#include "tests/hostile/wire.h"
#include "tests/support/golden.h"

namespace sconce::core {
namespace {

using tests::bytes_of;
using tests::Wire;

/// What is left of the input, and where it goes on, is told from behind them.
TEST(EventReader, ElementsPassedOverAreNotLeft) {
  ClassLayouts classes;
  ASSERT_TRUE(classes.declare("my.Pairs", "object pair[2]"));
  const std::string input = Wire().instance(1, "my.Pairs").byte_storage(2, std::string(100, 'e')).nil().bytes();
  NullSink nowhere;
  EventReader reader(Format::binary, nowhere,
                     {.input_bytes = input.size(), .pause_at_elements = true, .classes = &classes});
  const Result<std::size_t> before = reader.put(bytes_of(input));
  ASSERT_TRUE(before);
  ASSERT_EQ(reader.elements_ahead_bytes(), 100U);
  ASSERT_TRUE(reader.pass_over_elements());
  const Result<std::size_t> behind = reader.put_last(bytes_of(input).subspan(*before + 100));
  ASSERT_FALSE(behind);
  EXPECT_EQ(behind.error().code, ErrorCode::truncated);
  EXPECT_EQ(behind.error().offset, input.size() - 4);
  EXPECT_NE(behind.error().what.find("only 4 bytes are left"), std::string::npos) << behind.error().what;
}

/// The note of a whole object, which errors about what follows it end with.
TEST(EventReader, SuspectNoteNamesTheClassesThatAreNotDeclared) {
  const std::string input = Wire().instance(1, "my.Class").nil().bytes();
  NullSink nowhere;
  EventReader reader(Format::binary, nowhere, {});
  EXPECT_EQ(reader.suspect_note(), "");
  ASSERT_TRUE(reader.put_last(bytes_of(input)));
  const std::string note = reader.suspect_note();
  EXPECT_TRUE(note.starts_with("; the class my.Class at byte 0 has no declared layout")) << note;
  EventReader refusing(Format::binary, nowhere, {.trailing = TrailingBytes::refuse});
  const std::string longer = input + "x";
  const Result<std::size_t> refused = refusing.put_last(bytes_of(longer));
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().what.ends_with(note)) << refused.error().what;
}

TEST(EventReader, SuspectNoteOfPlainValuesIsEmpty) {
  const std::string input = Wire().nil().bytes();
  NullSink nowhere;
  EventReader reader(Format::binary, nowhere, {});
  ASSERT_TRUE(reader.put_last(bytes_of(input)));
  EXPECT_EQ(reader.suspect_note(), "");
}

}  // namespace
}  // namespace sconce::core
