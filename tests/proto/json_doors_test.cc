// Every place that reads JSON refuses what is not exactly one JSON text.

#include <gtest/gtest.h>

#include <functional>

#include "core/event/null_sink.h"
#include "proto/formats/arrays/safetensors_header.h"
#include "proto/formats/json/json_reader.h"
#include "proto/formats/json/outline_rows.h"
#include "proto/http/problem.h"
#include "proto/http/requests/batch.h"

namespace sconce::proto {
namespace {

constexpr std::size_t kItemsMax = 100;

/// A place that reads JSON, and a text that it takes.
struct Door {
  std::string_view name;
  std::string text;
  std::function<bool(std::string_view)> takes;
};

bool is_lossless(std::string_view text) {
  core::NullSink sink;
  JsonReader reader(sink, {});
  return reader.put(std::as_bytes(std::span(text))) && reader.finish();
}

const std::vector<Door>& doors() {
  static const std::vector<Door> all = {
      {"batch commit", R"({"delete":["a"],"conditions":[{"key":"b","if_none_match":"*"}]})",
       [](std::string_view text) { return parse_batch_control(text, kItemsMax).has_value(); }},
      {"batch get", R"({"items":[{"key":"a","path":"b"}],"as":"tar"})",
       [](std::string_view text) { return parse_batch_get(text, kItemsMax).has_value(); }},
      {"problem", R"({"status":400,"code":"a","detail":"b","offset":1,"path":"c"})",
       [](std::string_view text) { return problem_from_json(text).has_value(); }},
      {"outline", R"([{"path":"","kind":"nil","at":0,"bytes":4}])",
       [](std::string_view text) { return outline_rows(text).has_value(); }},
      {"safetensors", R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"__metadata__":{"b":"c"}})",
       [](std::string_view text) { return parse_safetensors_header(text, kItemsMax).has_value(); }},
      {"lossless", R"({"table":1,"count":1,"pairs":[["a",1]]})", is_lossless}};
  return all;
}

const std::string kNul(1, '\0');

TEST(JsonDoors, TakeTheText) {
  for (const Door& door : doors()) {
    EXPECT_TRUE(door.takes(door.text)) << door.name;
    EXPECT_TRUE(door.takes(door.text + " \r\n\t")) << door.name;
  }
}

TEST(JsonDoors, NothingMayFollowTheText) {
  const std::string ends[] = {kNul,
                              kNul + kNul + kNul,
                              kNul + "{\"evil\":1}",
                              " " + kNul + "<html>",
                              "\n" + kNul,
                              "x",
                              "{}",
                              "0",
                              ",",
                              "}",
                              "]",
                              "//",
                              "/* */",
                              "\v",
                              "\f",
                              "\xc2\xa0",
                              "\xef\xbb\xbf",
                              "\xff",
                              "\x1a",
                              "\"",
                              "\xe2\x80\xa8"};
  for (const Door& door : doors()) {
    for (const std::string& end : ends) EXPECT_FALSE(door.takes(door.text + end)) << door.name << ": " << end;
  }
}

TEST(JsonDoors, NothingMayStandBeforeTheText) {
  for (const Door& door : doors()) {
    for (const std::string& begin : {kNul, std::string("\xef\xbb\xbf"), std::string("\xff\xfe"), std::string("\v")}) {
      EXPECT_FALSE(door.takes(begin + door.text)) << door.name;
    }
  }
}

/// Wherever a byte that JSON does not have is put in.
TEST(JsonDoors, NoByteThatIsNotJsonMayStandInTheText) {
  for (const Door& door : doors()) {
    for (std::size_t at = 0; at < door.text.size(); ++at) {
      for (const std::string& byte : {kNul, std::string("\xff"), std::string("\x01"), std::string("\xed\xa0\x80")}) {
        std::string text = door.text;
        EXPECT_FALSE(door.takes(text.insert(at, byte))) << door.name << " at " << at;
        EXPECT_FALSE(door.takes(text.substr(0, at + byte.size()))) << door.name << " up to " << at;
      }
      EXPECT_FALSE(door.takes(door.text.substr(0, at))) << door.name << ", cut off at " << at;
    }
  }
}

/// The first string of each text gets something that no string of JSON has.
TEST(JsonDoors, StringsAreUnicode) {
  for (const Door& door : doors()) {
    const std::size_t at = door.text.find('"') + 1;
    for (const std::string bad : {"\\ud800", "\\udc00", "\\ud800x", "\\ud800\\u0041", "\\udc00\\ud800", "\\u12g4",
                                  "\\u+123", "\\x41", "\xc0\x80", "\xc3", "\xf4\x90\x80\x80", "\\"}) {
      EXPECT_FALSE(door.takes(std::string(door.text).insert(at, bad))) << door.name << ": " << bad;
    }
  }
}

/// However the name is written.
TEST(JsonDoors, NoMemberStandsTwice) {
  for (const Door& door : doors()) {
    for (std::size_t open = door.text.find('{'); open != std::string::npos; open = door.text.find('{', open + 1)) {
      const std::size_t begin = open + 1;
      int depth = 0;
      std::size_t end = begin;
      for (bool in_text = false; depth > 0 || in_text || (door.text[end] != ',' && door.text[end] != '}'); ++end) {
        if (door.text[end] == '"') in_text = !in_text;
        if (!in_text) depth += door.text[end] == '{' || door.text[end] == '[' ? 1 : 0;
        if (!in_text) depth -= door.text[end] == '}' || door.text[end] == ']' ? 1 : 0;
      }
      const std::string member = door.text.substr(begin, end - begin);
      const std::string escaped = "\"\\u00" + std::string(1, "0123456789"[member[1] / 16]) +
                                  std::string(1, "0123456789abcdef"[member[1] % 16]) + member.substr(2);
      for (const std::string& twin : {member, escaped}) {
        EXPECT_FALSE(door.takes(std::string(door.text).insert(begin, twin + ","))) << door.name << ": " << twin;
      }
      EXPECT_TRUE(door.takes(std::string(door.text).replace(begin, member.size(), escaped))) << door.name << escaped;
    }
  }
}

TEST(JsonDoors, NumbersAreExactOrRefused) {
  const auto problem = [](const std::string& status) {
    return problem_from_json(R"({"detail":"b","code":"a","status":)" + status + "}");
  };
  EXPECT_EQ(problem("400")->status, 400U);
  for (const char* number :
       {"4e2", "400.0", "-400", "4294967696", "18446744073709551616", "1e400", "0400", "+400", "4."}) {
    EXPECT_FALSE(problem(number)) << number;
  }
  const auto row = [](const std::string& at) {
    return outline_rows(R"([{"path":"","kind":"nil","bytes":4,"at":)" + at + "}]").has_value();
  };
  EXPECT_TRUE(row("9223372036854775807"));
  for (const char* number : {"9223372036854775808", "18446744073709551617", "1e400", "1.0", "1e0", "-1", "-0.0"}) {
    EXPECT_FALSE(row(number)) << number;
  }
  // A number that no double holds is refused also where nothing looks at it.
  EXPECT_FALSE(outline_rows(R"([{"path":"","kind":"nil","bytes":4,"at":0,"colour":1e400}])"));
  for (const std::string size :
       {"1.0", "1e0", "18446744073709551616", "18446744073709551617", "9223372036854775808", "-1"}) {
    EXPECT_FALSE(parse_safetensors_header(R"({"a":{"dtype":"U8","shape":[)" + size + R"(],"data_offsets":[0,1]}})", 1));
    EXPECT_FALSE(parse_safetensors_header(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,)" + size + "]}}", 1));
  }
  EXPECT_FALSE(is_lossless("1e400"));
  EXPECT_FALSE(is_lossless("-1e400"));
}

/// A level of nesting costs its reader little, and there are not many.
TEST(JsonDoors, DepthIsBounded) {
  const std::string open(1'000'000, '[');
  std::string objects;
  for (int i = 0; i < 100'000; ++i) objects += R"({"a":)";
  for (const Door& door : doors()) {
    EXPECT_FALSE(door.takes(open)) << door.name;
    EXPECT_FALSE(door.takes(open + std::string(1'000'000, ']'))) << door.name;
    EXPECT_FALSE(door.takes(objects)) << door.name;
    EXPECT_FALSE(door.takes("[" + objects)) << door.name;
  }
}

}  // namespace
}  // namespace sconce::proto
