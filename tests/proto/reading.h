#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "core/bytes/byte_sink.h"
#include "core/torch7/event_reader.h"
#include "core/torch7/event_writer.h"
#include "proto/formats/object_reader.h"
#include "tests/support/event_recorder.h"
#include "tests/support/golden.h"

namespace sconce::tests {

/// Writes events down, and the binary bytes that they stand for.
class RecordingWriter final : public core::EventSink {
 public:
  core::Status on(const core::Event& event) override {
    if (core::Status written = writer_.on(event); !written) return written;
    return recorder_.on(event);
  }
  const std::string& events() const { return recorder_.text(); }
  const std::string& bytes() const { return bytes_; }

  /// Expects that the bytes are one object, which Torch's reader finds the same events in.
  void expect_object() {
    ASSERT_TRUE(writer_.finish());
    EventRecorder again;
    core::EventReader reader(core::Format::binary, again, {.trailing = core::TrailingBytes::refuse});
    const auto read = reader.put_last(bytes_of(bytes_));
    ASSERT_TRUE(read) << core::to_string(read.error());
    EXPECT_TRUE(reader.done());
    EXPECT_EQ(again.text(), events());
  }

 private:
  std::string bytes_;
  core::StringSink out_{bytes_};
  EventRecorder recorder_;
  core::EventWriter writer_{core::Format::binary, out_};
};

struct Reading {
  std::string events;
  core::Status status;
};

/// Gives the input to a reader made by `make(sink)` in pieces of that size.
template <class Make>
Reading read_in_pieces(Make make, std::string_view input, std::size_t piece_bytes) {
  RecordingWriter sink;
  auto reader = make(sink);
  Reading reading;
  for (std::size_t at = 0; at < input.size() && reading.status; at += piece_bytes) {
    reading.status = reader.put(bytes_of(input.substr(at, piece_bytes)));
  }
  if (reading.status) {
    reading.status = reader.finish();
  } else {
    EXPECT_EQ(reader.finish().error(), reading.status.error()) << "it does not stay failed";
  }
  reading.events = sink.events();
  if (reading.status) {
    EXPECT_EQ(reader.offset(), input.size());
    sink.expect_object();
  }
  return reading;
}

/// Reads the input cut in several ways; the events must be the same, and an object's. Returns them, or the error.
template <class Make>
std::string events_of(Make make, const std::string& input) {
  const Reading whole = read_in_pieces(make, input, input.size() + 1);
  for (const std::size_t piece : {std::size_t{1}, std::size_t{3}, std::size_t{1000}}) {
    EXPECT_EQ(read_in_pieces(make, input, piece).events, whole.events) << "in pieces of " << piece;
  }
  return whole.status ? whole.events : core::to_string(whole.status.error());
}

/// Expects this error, read whole and byte by byte.
template <class Make>
void expect_refused(Make make, const std::string& input, core::ErrorCode code, std::uint64_t offset,
                    std::string_view says) {
  for (const std::size_t piece : {input.size() + 1, std::size_t{1}}) {
    const Reading reading = read_in_pieces(make, input, piece);
    ASSERT_FALSE(reading.status) << "reads what should say " << says << reading.events;
    const core::Error& error = reading.status.error();
    EXPECT_EQ(core::name_of(error.code), core::name_of(code)) << core::to_string(error);
    EXPECT_EQ(error.offset, offset) << core::to_string(error);
    EXPECT_NE(error.what.find(says), std::string::npos) << core::to_string(error) << " does not say " << says;
  }
}

}  // namespace sconce::tests
