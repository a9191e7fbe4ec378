// Keys, page by page and as lines.

#include <gtest/gtest.h>

#include <sstream>

#include "tests/server/http_client.h"
#include "tests/server/server_process.h"
#include "tests/support/files.h"
#include "tests/support/golden.h"

namespace sconce::tests {
namespace {

using nlohmann::json;

class ListingOverHttp : public testing::Test {
 protected:
  HttpResponse get(const std::string& query, std::vector<std::string> fields = {}) {
    return http(server_.port(), {.target = "/v1/objects" + query, .fields = std::move(fields), .body = {}});
  }
  json list(const std::string& query) {
    const HttpResponse response = get(query);
    EXPECT_EQ(response.status, 200U) << response.body;
    EXPECT_EQ(response.field("content-type"), "application/json");
    return json::parse(response.body);
  }
  HttpResponse put(const std::string& key, std::vector<std::string> fields = {}) {
    return http(server_.port(),
                {.method = "PUT", .target = "/v1/objects/" + key, .fields = std::move(fields), .body = "1\n3.5\n"});
  }

  TemporaryDirectory directory_;
  ServerProcess server_{directory_.path() / "data"};
};

TEST_F(ListingOverHttp, AnEmptyStoreHasNoEntries) { EXPECT_EQ(list(""), json::parse(R"({"entries":[]})")); }

TEST_F(ListingOverHttp, AnEntrySaysWhatAHeadSays) {
  const std::string tag = put("a", {"Sconce-Meta-Step: 7"}).field("etag");
  const json entry = list("?metadata=true").at("entries").at(0);
  EXPECT_EQ(entry.at("key"), "a");
  EXPECT_EQ(entry.at("size"), 12);
  EXPECT_EQ(entry.at("etag"), tag);
  EXPECT_EQ(entry.at("kind"), "number");
  EXPECT_EQ(entry.at("created"), entry.at("modified"));
  EXPECT_EQ(entry.at("metadata"), json::parse(R"({"step":"7"})"));
  EXPECT_FALSE(list("").at("entries").at(0).contains("metadata"));
}

TEST_F(ListingOverHttp, PagesFollowOneAnother) {
  for (const char* key : {"a", "b/1", "b/2", "c%20%22"}) ASSERT_EQ(put(key).status, 201U);
  const json first = list("?limit=2");
  EXPECT_EQ(first.at("entries").size(), 2U);
  EXPECT_EQ(first.at("next"), "b/1");
  const json second = list("?limit=2&after=b/1");
  EXPECT_EQ(second.at("entries").at(0).at("key"), "b/2");
  EXPECT_EQ(second.at("entries").at(1).at("key"), "c \"");
  EXPECT_FALSE(second.contains("next"));
  EXPECT_EQ(list("?prefix=b/").at("entries").size(), 2U);
}

TEST_F(ListingOverHttp, APlusIsABlank) {
  for (const char* key : {"my%20runs/1", "my+runs/1", "my+runs/2"}) ASSERT_EQ(put(key).status, 201U);
  EXPECT_EQ(list("?prefix=my+runs/").at("entries").at(0).at("key"), "my runs/1");
  EXPECT_EQ(list("?prefix=my+runs/").at("entries").size(), 1U);
  const json page = list("?prefix=my%2Bruns/&limit=1");
  EXPECT_EQ(page.at("next"), "my+runs/1");
  EXPECT_EQ(list("?prefix=my%2Bruns/&after=my%2Bruns/1").at("entries").at(0).at("key"), "my+runs/2");
}

TEST_F(ListingOverHttp, ADelimiterGroups) {
  for (const char* key : {"a", "runs/1/x", "runs/1/y", "runs/2"}) ASSERT_EQ(put(key).status, 201U);
  const json top = list("?delimiter=/");
  EXPECT_EQ(top.at("entries").at(1), json::parse(R"({"prefix":"runs/"})"));
  EXPECT_EQ(top.at("entries").size(), 2U);
  const json page = list("?delimiter=/&prefix=runs/&limit=1");
  EXPECT_EQ(page.at("next"), "runs/1/");
  EXPECT_EQ(list("?delimiter=/&prefix=runs/&after=runs/1/").at("entries").at(0).at("key"), "runs/2");
}

TEST_F(ListingOverHttp, LinesListAll) {
  constexpr int kKeys = 2'500;
  HttpConnection connection(server_.port());
  for (int i = 0; i < kKeys; ++i) {
    connection.send(text_of({.method = "PUT", .target = "/v1/objects/k" + std::to_string(10'000 + i), .body = "0\n"}));
  }
  for (int i = 0; i < kKeys; ++i) ASSERT_EQ(connection.receive().status, 201U);
  const HttpResponse response = get("", {"Accept: application/x-ndjson"});
  EXPECT_EQ(response.status, 200U);
  EXPECT_EQ(response.field("content-type"), "application/x-ndjson");
  EXPECT_TRUE(response.whole);
  std::istringstream lines(response.body);
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    ASSERT_EQ(json::parse(line).at("key"), "k" + std::to_string(10'000 + count));
  }
  EXPECT_EQ(count, kKeys);
}

TEST_F(ListingOverHttp, WhatIsWrongIsNamed) {
  EXPECT_EQ(json::parse(get("?limit=0").body).at("code"), "bad_query");
  EXPECT_EQ(json::parse(get("?format=ascii").body).at("code"), "bad_query");
  EXPECT_EQ(get("", {"Accept: text/html"}).status, 406U);
  EXPECT_EQ(http(server_.port(), {.method = "DELETE", .target = "/v1/objects"}).status, 405U);
}

}  // namespace
}  // namespace sconce::tests
