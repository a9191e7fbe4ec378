#include "proto/http/fields/media_type.h"

#include <gtest/gtest.h>

namespace sconce::proto {
namespace {

using Format = ObjectFormat;

const std::string kMediaTypes =
    "application/x-torch7 (binary), application/x-torch7; format=ascii, application/x-torch7; format=b32, "
    "application/json, application/x-npy, application/x-npz, application/x-safetensors";

TEST(MediaType, NamesTheFormatAndIsReadBack) {
  EXPECT_EQ(media_type_of(Format::binary), "application/x-torch7");
  EXPECT_EQ(media_type_of(Format::ascii), "application/x-torch7; format=ascii");
  EXPECT_EQ(media_type_of(Format::b32), "application/x-torch7; format=b32");
  EXPECT_EQ(media_type_of(Format::json), "application/json");
  EXPECT_EQ(media_type_of(Format::plain_json), "application/json");
  EXPECT_EQ(media_type_of(Format::npy), "application/x-npy");
  EXPECT_EQ(media_type_of(Format::npz), "application/x-npz");
  EXPECT_EQ(media_type_of(Format::safetensors), "application/x-safetensors");
  for (const Format format :
       {Format::binary, Format::ascii, Format::b32, Format::json, Format::npy, Format::npz, Format::safetensors}) {
    EXPECT_EQ(object_format_from_name(name_of(format)), format);
    EXPECT_EQ(body_format("", media_type_of(format)), format);
    EXPECT_EQ(answer_format("", media_type_of(format)), format);
  }
}

TEST(BodyFormat, ComesFromTheQueryThenContentTypeThenTheBytes) {
  struct Row {
    std::string_view format;
    std::string_view content_type;
    Format expected;
  };
  constexpr Row kRows[] = {{"", "", Format::automatic},
                           {"", "application/octet-stream", Format::automatic},
                           {"", "application/x-www-form-urlencoded", Format::automatic},
                           {"", "Application/X-Torch7", Format::binary},
                           {"", "application/x-torch7;charset=x", Format::binary},
                           {"", "application/x-torch7; format=binary", Format::binary},
                           {"", "application/x-torch7; Format=\"b64\"", Format::binary},
                           {"", "application/x-torch7;format=b32", Format::b32},
                           {"ascii", "", Format::ascii},
                           {"ascii", "application/x-torch7; format=b32", Format::ascii},
                           {"b64", "text/plain", Format::binary},
                           {"binary", "this is no media type", Format::binary}};
  for (const Row& row : kRows) EXPECT_EQ(body_format(row.format, row.content_type), row.expected) << row.content_type;
}

TEST(BodyFormat, OtherTypesAre415) {
  for (const std::string_view type : {"text/plain", "application/jsonl", "application/x-torch7; format=json",
                                      "application/x-torch7; format=automatic", "application/x-torch7; format=ASCII",
                                      "*/*", "application/x-torch", "multipart/form-data; boundary=x"}) {
    const HttpResult<Format> format = body_format("", type);
    ASSERT_FALSE(format) << type;
    EXPECT_EQ(format.error(),
              problem_of(RequestError::unsupported_media_type,
                         "the Content-Type `" + std::string(type) + "` is not known; known: " + kMediaTypes));
  }
  for (const std::string_view name : {"plain-json", "automatic", "Ascii", " b32"}) {
    const HttpResult<Format> format = body_format(name, "application/x-torch7");
    ASSERT_FALSE(format) << name;
    EXPECT_EQ(format.error(),
              problem_of(RequestError::unsupported_media_type,
                         "the format `" + std::string(name) +
                             "` is not known; known: binary, b64, ascii, b32, json, npy, npz, safetensors"));
  }
}

TEST(BodyFormat, UnreadableOrDoubledContentTypeIs400) {
  EXPECT_EQ(body_format("", "torch").error().code, "bad_header");
  EXPECT_EQ(body_format("", "application/x-torch7, application/x-torch7").error(),
            problem_of(RequestError::bad_header, "Content-Type names more than one media type"));
}

TEST(AnswerFormat, IsTheBestThatAcceptAllows) {
  struct Row {
    std::string_view accept;
    Format expected;
  };
  constexpr Row kRows[] = {
      {"", Format::binary},
      {" , ", Format::binary},
      {"*/*", Format::binary},
      {"application/*", Format::binary},
      {"text/html, image/*;q=0.9, */*;q=0.8", Format::binary},
      {"application/x-torch7", Format::binary},
      {"application/x-torch7; format=b64", Format::binary},
      {"application/x-torch7; format=ascii", Format::ascii},
      {"APPLICATION/X-TORCH7; FORMAT=b32", Format::b32},
      {"text/html, application/x-torch7; format=b32;q=0.001", Format::b32},
      {"application/json, application/x-torch7;q=0.9", Format::json},
      {"application/x-npy, application/x-safetensors", Format::npy},
      {"*/*;q=0.1, application/x-torch7; format=ascii", Format::ascii},
      {"application/x-torch7;q=0.5, application/x-torch7;format=ascii;q=0.6", Format::ascii},
      {"application/x-torch7;q=0.7, application/x-torch7;format=ascii;q=0.6", Format::binary},
      {"application/x-torch7;format=ascii, application/x-torch7;format=b32", Format::ascii},
      {"application/x-torch7;format=b32;q=0.9, application/x-torch7;format=ascii;q=0.8", Format::b32},
      {"*/*, application/x-torch7;q=0", Format::ascii},
      {"application/*, */*;q=0", Format::binary},
      {"*/*;q=0, application/*", Format::binary},
      {"*/*, application/x-torch7;q=0, application/x-torch7;format=ascii;q=0", Format::b32},
      {"application/x-torch7;format=json, */*;q=0.1", Format::binary},
  };
  for (const Row& row : kRows) EXPECT_EQ(answer_format("", row.accept), row.expected) << row.accept;
}

TEST(AnswerFormat, TheQueryWins) {
  EXPECT_EQ(answer_format("b32", "application/x-torch7; format=ascii"), Format::b32);
  EXPECT_EQ(answer_format("b64", "text/html"), Format::binary);
  EXPECT_EQ(answer_format("ascii", "this is no media type"), Format::ascii);
}

TEST(AnswerFormat, NothingKnownIs406) {
  for (const std::string_view accept : {"text/html", "application/x-torch7;format=json", "*/*;q=0", "text/*",
                                        "application/x-torch7;q=0", "application/x-torch7;format=automatic"}) {
    const HttpResult<Format> format = answer_format("", accept);
    ASSERT_FALSE(format) << accept;
    EXPECT_EQ(format.error(),
              problem_of(RequestError::not_acceptable, "Accept names no format that is known; known: " + kMediaTypes));
  }
  EXPECT_EQ(
      answer_format("pickle", "*/*").error(),
      problem_of(RequestError::not_acceptable,
                 "the format `pickle` is not known; known: binary, b64, ascii, b32, json, npy, npz, safetensors"));
  EXPECT_EQ(answer_format("automatic", "").error().status, 406U);
  EXPECT_EQ(answer_format("", "nonsense").error().code, "bad_header");
}

}  // namespace
}  // namespace sconce::proto
