// What JsonReader bounds, and what becomes of its errors.

#include <gtest/gtest.h>

#include "proto/formats/json/json_reader.h"
#include "proto/formats/json/json_writer.h"
#include "tests/proto/formats/json/json_text.h"
#include "tests/support/event_recorder.h"
#include "tests/support/golden.h"

namespace sconce::tests {
namespace {

using core::ErrorCode;

TEST(JsonReader, LimitsHold) {
  const auto code_of = [](std::string_view json, const core::ReadLimits& limits) {
    return json_error(json, limits).code;
  };
  EXPECT_EQ(code_of(std::string(5000, '1'), {}), ErrorCode::limit_exceeded);
  EXPECT_EQ(code_of("{\"table\":" + std::string(5000, '1'), {}), ErrorCode::limit_exceeded);
  EXPECT_EQ(code_of("\"" + std::string(core::kInlineStringBytesMax + 1, 'x') + "\"", {}), ErrorCode::limit_exceeded);
  EXPECT_TRUE(json_error("\"" + std::string(core::kInlineStringBytesMax + 1, 'x') + "\"").what.contains("base64"));
  EXPECT_TRUE(events_of_json("\"" + std::string(core::kInlineStringBytesMax, 'x') + "\""));
  EXPECT_EQ(code_of("{\"" + std::string(100, 'x') + "\":1}", {}), ErrorCode::malformed);
  EXPECT_EQ(code_of(R"({"bytes":11,"base64":[]})", {.string_bytes_max = 10}), ErrorCode::limit_exceeded);
  EXPECT_EQ(code_of(R"({"class":"abcd","version":null})", {.class_name_bytes_max = 3}), ErrorCode::limit_exceeded);
  EXPECT_EQ(code_of(R"({"class":{"bytes":4,"base64":[]}})", {.class_name_bytes_max = 3}), ErrorCode::limit_exceeded);
  EXPECT_EQ(code_of(R"({"tensor":"torch.IntTensor","version":"V 1","index":1,"sizes":[1,1,1]})", {.dimensions_max = 2}),
            ErrorCode::limit_exceeded);
  EXPECT_EQ(code_of(R"({"table":9,"count":0,"pairs":[]})", {.indices_max = 0}), ErrorCode::limit_exceeded);
}

std::string nested(std::size_t depth, bool is_closed) {
  std::string json;
  for (std::size_t i = 1; i <= depth; ++i) json += R"({"table":)" + std::to_string(i) + R"(,"count":1,"pairs":[[1,)";
  if (!is_closed) return json;
  json += "null";
  for (std::size_t i = 0; i < depth; ++i) json += "]]}";
  return json;
}

TEST(JsonReader, DepthCostsNoStack) {
  EXPECT_TRUE(events_of_json(nested(10'000, true)));
  EXPECT_EQ(json_error(nested(10'001, true)).code, ErrorCode::limit_exceeded);
  EXPECT_TRUE(events_of_json(nested(100'000, true), {.depth_max = 100'000}));
  EXPECT_EQ(json_error(std::string(1'000'000, '[')).code, ErrorCode::malformed);
}

TEST(JsonReader, StringsBeyondInlineComeInParts) {
  std::string bytes(200'001, 'x');
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * i >> 3U);
  for (const std::string& text : {std::string(core::kInlineStringBytesMax + 1, 'x'), bytes}) {
    std::string json;
    core::StringSink out(json);
    proto::JsonWriter writer(out);
    ASSERT_TRUE(writer.on(core::event::String{.size_bytes = text.size(), .bytes = {}}));
    for (std::size_t at = 0; at < text.size(); at += 1000) {
      ASSERT_TRUE(writer.on(core::event::Bytes{std::string_view(text).substr(at, 1000)}));
    }
    ASSERT_TRUE(writer.finish());
    const auto events = events_of_json(json);
    ASSERT_TRUE(events) << to_string(events.error());
    EXPECT_TRUE(*events == "\nstring " + std::to_string(text.size()) + " \nbytes " + text);
    EXPECT_TRUE(json_through_binary(json) == json);
  }
}

TEST(JsonReader, AfterAnErrorItStaysFailed) {
  EventRecorder recorder;
  proto::JsonReader reader(recorder);
  const core::Status first = reader.put(bytes_of("[ 1"));
  ASSERT_FALSE(first);
  EXPECT_EQ(reader.put(bytes_of("null")), first);
  EXPECT_EQ(reader.finish(), first);
}

class FailingSink final : public core::EventSink {
 public:
  core::Status on(const core::Event&) override { return core::fail(ErrorCode::no_space, "full"); }
};

TEST(JsonReader, TheSinksErrorGetsItsPlace) {
  FailingSink sink;
  proto::JsonReader reader(sink);
  const core::Status status = reader.put(bytes_of("  true "));
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error(), (core::Error{.code = ErrorCode::no_space, .what = "full", .offset = 2, .path = ""}));
}

}  // namespace
}  // namespace sconce::tests
