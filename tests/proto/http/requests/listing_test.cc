#include "proto/http/requests/listing.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace sconce::proto {
namespace {

TEST(ListRequest, IsReadFromTheQuery) {
  const auto request = parse_list_request("prefix=runs%2F&after=runs/1&delimiter=/&limit=5&metadata=true", "");
  ASSERT_TRUE(request) << request.error().detail;
  EXPECT_EQ(request->prefix, "runs/");
  EXPECT_EQ(request->after, "runs/1");
  EXPECT_EQ(request->delimiter, "/");
  EXPECT_EQ(request->limit, 5U);
  EXPECT_TRUE(request->with_metadata);
  EXPECT_FALSE(request->as_ndjson);
}

TEST(ListRequest, HasDefaults) {
  const auto request = parse_list_request("prefix=&after=", "*/*");
  ASSERT_TRUE(request) << request.error().detail;
  EXPECT_EQ(request->prefix, "");
  EXPECT_EQ(request->limit, kListLimitDefault);
  EXPECT_FALSE(request->with_metadata);
}

TEST(ListRequest, ALimitIsANumberInBounds) {
  for (const char* query : {"limit=0", "limit=10001", "limit=-1", "limit=1x", "limit=99999999999999999999", "limit="}) {
    const auto request = parse_list_request(query, "");
    ASSERT_FALSE(request) << query;
    EXPECT_EQ(request.error().code, "bad_query") << query;
  }
  EXPECT_EQ(parse_list_request("limit=10000", "")->limit, 10'000U);
}

TEST(ListRequest, AcceptChooses) {
  EXPECT_TRUE(parse_list_request("", "application/x-ndjson")->as_ndjson);
  EXPECT_FALSE(parse_list_request("", "application/json, application/x-ndjson")->as_ndjson);
  EXPECT_TRUE(parse_list_request("", "application/json;q=0.5, application/x-ndjson")->as_ndjson);
  EXPECT_EQ(parse_list_request("", "text/html").error().status, 406U);
}

TEST(ListedObject, IsOneJsonObject) {
  const std::pair<std::string, std::string> metadata[] = {{"step", "1000"}, {"odd", "\xff\"\n"}};
  std::string json;
  append_object(json, {.key = "a\"\\\xc3\xa9",
                       .size_bytes = 5,
                       .entity_tag = "\"tag\"",
                       .created = std::chrono::system_clock::time_point(std::chrono::milliseconds(1)),
                       .modified = std::chrono::sys_days(std::chrono::year(2026) / 2 / 28) + std::chrono::hours(23),
                       .root_kind = "table",
                       .user_metadata = metadata,
                       .with_metadata = true});
  const auto parsed = nlohmann::json::parse(json);
  EXPECT_EQ(parsed.at("key"), "a\"\\\xc3\xa9");
  EXPECT_EQ(parsed.at("size"), 5);
  EXPECT_EQ(parsed.at("etag"), "\"tag\"");
  EXPECT_EQ(parsed.at("kind"), "table");
  EXPECT_EQ(parsed.at("created"), "1970-01-01T00:00:00.001Z");
  EXPECT_EQ(parsed.at("modified"), "2026-02-28T23:00:00.000Z");
  EXPECT_EQ(parsed.at("metadata").at("step"), "1000");
  EXPECT_EQ(parsed.at("metadata").at("odd"), "\\xff\"\\n");
  EXPECT_EQ(json.find('\n'), std::string::npos);
}

TEST(ListedObject, MetadataStandsOnlyOnRequest) {
  std::string json;
  append_object(json, {.key = "a"});
  EXPECT_FALSE(nlohmann::json::parse(json).contains("metadata"));
}

TEST(ListedGroup, IsAPrefix) {
  std::string json;
  append_group(json, "runs/");
  EXPECT_EQ(json, "{\"prefix\":\"runs/\"}");
}

}  // namespace
}  // namespace sconce::proto
