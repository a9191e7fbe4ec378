#include "proto/http/requests/batch.h"

#include <gtest/gtest.h>

namespace sconce::proto {
namespace {

constexpr std::size_t kNamesMax = 10;

TEST(BatchRequest, IsReadFromTheQuery) {
  const HttpResult<BatchRequest> request =
      parse_batch_request("prefix=runs/&format=ascii&referenced=false&if_none_match=*");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->prefix, "runs/");
  EXPECT_EQ(request->format, "ascii");
  EXPECT_FALSE(request->referenced);
  EXPECT_TRUE(request->all_are_new);
  EXPECT_FALSE(parse_batch_request("")->all_are_new);
  EXPECT_EQ(parse_batch_request("if_none_match=%22a%22").error().code, "bad_query");
  EXPECT_EQ(parse_batch_request("limit=1").error().code, "bad_query");
}

TEST(BatchControl, IsReadFromJson) {
  const HttpResult<BatchControl> control = parse_batch_control(
      R"({"delete":["a","b"],"conditions":[{"key":"c","if_none_match":"*"},{"key":"d","if_match":"*"}]})", kNamesMax);
  ASSERT_TRUE(control);
  EXPECT_EQ(control->deleted, (std::vector<std::string>{"a", "b"}));
  ASSERT_EQ(control->conditions.size(), 2U);
  EXPECT_EQ(control->conditions[0].name, "c");
  EXPECT_EQ(control->conditions[0].condition.kind, WriteCondition::Kind::absent);
  EXPECT_EQ(control->conditions[1].condition.kind, WriteCondition::Kind::exists);
  EXPECT_TRUE(parse_batch_control("{}", kNamesMax));
}

TEST(BatchControl, OtherDocumentsAreRefused) {
  constexpr std::string_view kRows[][2] = {
      {"", "byte 0: the JSON ends before its value does"},
      {"{", "byte 1: the JSON ends before its value does"},
      {"{} {}", "byte 3: expected nothing more behind the value, and `{` stands there"},
      {{"{}\0{}", 5}, "byte 2: expected nothing more behind the value, and `\\x00` stands there"},
      {"[]", "the document is not an object"},
      {R"({"put":[]})", "the document has the member `put`, which is not known"},
      {R"({"delete":[],"delete":["a"]})", "byte 13: the member `delete` stands twice"},
      {R"({"delete":"a"})", "`delete` is not an array"},
      {R"({"delete":[1]})", "`delete` holds something else than strings"},
      {R"({"delete":[[[[[[[[[]]]]]]]]]})", "byte 17: nested too deeply"},
      {R"({"conditions":{}})", "`conditions` is not an array"},
      {R"({"conditions":["a"]})", "a condition is not an object"},
      {R"({"conditions":[{"key":"a"}]})", "a condition has a key, and if_match or if_none_match"},
      {R"({"conditions":[{"if_match":"*"}]})", "a condition has a key, and if_match or if_none_match"},
      {R"({"conditions":[{"key":1,"if_match":"*"}]})", "a member of a condition is not a string"},
      {R"({"conditions":[{"key":"a","if_match":"*","if_none_match":"*"}]})",
       "a write takes If-Match or If-None-Match, not both"},
      {R"({"conditions":[{"key":"a","if_match":"*","else":"*"}]})",
       "a condition has the member `else`, which is not known"}};
  for (const auto& [text, what] : kRows) {
    const HttpResult<BatchControl> control = parse_batch_control(text, kNamesMax);
    ASSERT_FALSE(control) << text;
    EXPECT_EQ(control.error().status, 400U);
    EXPECT_EQ(control.error().detail, "`.sconce-batch.json`: " + std::string(what)) << text;
  }
}

TEST(BatchControl, HasFewMembers) {
  std::string text = "{\"m0\":0";
  for (int i = 1; i <= 32; ++i) text += ",\"m" + std::to_string(i) + "\":0";
  EXPECT_EQ(parse_batch_control(text + '}', kNamesMax).error().detail,
            "`.sconce-batch.json`: byte 247: an object has more than 32 members");
}

/// A condition that cannot be read must not be taken for none.
TEST(BatchControl, AConditionThatCannotBeReadIsRefused) {
  EXPECT_FALSE(parse_batch_control(R"({"conditions":[{"key":"a","if_match":"no tag"}]})", kNamesMax));
}

/// `{"NAME":[ITEM,ITEM,…]}`
std::string repeated(const std::string& name, std::size_t count, const std::string& item) {
  std::string text = "{\"" + name + "\":[";
  for (std::size_t i = 0; i < count; ++i) text += (i == 0 ? "" : ",") + item;
  return text + "]}";
}

TEST(BatchControl, HasSoManyNamesAtTheMost) {
  const std::string condition = R"({"key":"a","if_match":"*"})";
  EXPECT_TRUE(parse_batch_control(repeated("delete", kNamesMax, "\"a\""), kNamesMax));
  EXPECT_TRUE(parse_batch_control(repeated("conditions", kNamesMax, condition), kNamesMax));
  for (const std::string& text :
       {repeated("delete", kNamesMax + 1, "\"a\""), repeated("conditions", kNamesMax + 1, condition),
        R"({"delete":["a","b","c","d","e"],)" + repeated("conditions", 6, condition).substr(1),
        repeated("delete", 1'000'000, "0"), repeated("delete", 1'000'000, "{}")}) {
    const HttpResult<BatchControl> control = parse_batch_control(text, kNamesMax);
    ASSERT_FALSE(control) << text.substr(0, 100);
    EXPECT_EQ(control.error().code, "body_too_large");
    EXPECT_EQ(control.error().detail, "`.sconce-batch.json`: a batch has at most 10 items");
  }
}

TEST(BatchGet, HasSoManyItemsAtTheMost) {
  const std::string item = R"({"key":"a","path":"b","slice":"0"})";
  EXPECT_TRUE(parse_batch_get(repeated("items", kNamesMax, item), kNamesMax));
  for (const std::string& text : {repeated("items", kNamesMax + 1, item), repeated("items", 1'000'000, "0")}) {
    const HttpResult<BatchGet> get = parse_batch_get(text, kNamesMax);
    ASSERT_FALSE(get) << text.substr(0, 100);
    EXPECT_EQ(get.error().code, "body_too_large");
    EXPECT_EQ(get.error().detail, "the body: a batch has at most 10 items");
  }
}

TEST(BatchKey, StandsBehindThePrefix) {
  EXPECT_EQ(batch_key_of("", "a/b"), "a/b");
  EXPECT_EQ(batch_key_of("runs/", "././a"), "runs/a");
  EXPECT_EQ(batch_key_of("runs/4", "2"), "runs/42");
  EXPECT_EQ(batch_key_of("", "100%"), "100%");
  for (const std::string_view name : {"", "/a", "a/../b", "a//b", "\xff", "./"}) {
    EXPECT_EQ(batch_key_of("", name).error().code, "bad_key") << name;
  }
}

TEST(BatchKey, IsNamedWhereItIsWrong) {
  EXPECT_EQ(batch_key_of("", "./a//b").error().detail,
            "the name `a//b`: byte 2 of the key: an empty segment; keys look like runs/42/step-1000");
  EXPECT_EQ(batch_key_of("runs/4/", "./../a").error().detail,
            "the key `runs/4/../a`: byte 7 of the key: a segment `.` or `..`");
}

}  // namespace
}  // namespace sconce::proto
