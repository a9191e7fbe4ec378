// One object: its statuses, its entity tags, its conditions, and what is said of a request that is wrong.

#include <gtest/gtest.h>

#include "tests/server/http_client.h"
#include "tests/server/server_process.h"
#include "tests/support/files.h"
#include "tests/support/golden.h"

namespace sconce::tests {
namespace {

using nlohmann::json;

class ObjectsOverHttp : public testing::Test {
 protected:
  HttpResponse send(const HttpRequest& request) { return http(server_.port(), request); }
  HttpResponse put(const std::string& target, const std::string& body, std::vector<std::string> fields = {}) {
    return send({.method = "PUT", .target = target, .fields = std::move(fields), .body = body});
  }

  const std::string number_ = "1\n3.5\n";
  TemporaryDirectory directory_;
  ServerProcess server_{directory_.path() / "data"};
};

struct ExpectedProblem {
  unsigned status;
  std::string code;
  json offset = nullptr;
  json path = nullptr;
};

void expect_problem(const HttpResponse& response, const ExpectedProblem& expected) {
  EXPECT_EQ(response.status, expected.status) << response.body;
  EXPECT_EQ(response.field("content-type"), "application/problem+json");
  const json document = json::parse(response.body);
  EXPECT_EQ(document.at("status"), expected.status);
  EXPECT_EQ(document.at("code"), expected.code) << response.body;
  EXPECT_FALSE(document.at("title").get<std::string>().empty());
  EXPECT_FALSE(document.at("detail").get<std::string>().empty());
  EXPECT_EQ(document.value("offset", json()), expected.offset) << response.body;
  EXPECT_EQ(document.value("path", json()), expected.path) << response.body;
}

TEST_F(ObjectsOverHttp, APutIsCreatedAndThenReplaced) {
  const HttpResponse created = put("/v1/objects/runs/a%20b", number_);
  EXPECT_EQ(created.status, 201U);
  EXPECT_EQ(created.field("location"), "/v1/objects/runs/a%20b");
  EXPECT_EQ(created.body, "");
  const HttpResponse replaced = put("/v1/objects/runs/a%20b", "1\n4\n");
  EXPECT_EQ(replaced.status, 200U);
  EXPECT_NE(replaced.field("etag"), created.field("etag"));
  EXPECT_EQ(send({.target = "/v1/objects/runs%2Fa%20b?format=ascii"}).body, "1\n4\n");
}

TEST_F(ObjectsOverHttp, EveryRepresentationHasItsEntityTag) {
  const std::string put_tag = put("/v1/objects/a", number_).field("etag");
  std::set<std::string> tags;
  for (const char* query : {"", "?format=ascii", "?format=b32", "?referenced=false"}) {
    const HttpResponse got = send({.target = std::string("/v1/objects/a") + query});
    EXPECT_EQ(got.field("vary"), "Accept");
    EXPECT_FALSE(got.field("last-modified").empty());
    tags.insert(got.field("etag"));
  }
  EXPECT_EQ(tags.size(), 4U);
  EXPECT_EQ(send({.target = "/v1/objects/a?format=b64"}).field("etag"), put_tag);
  EXPECT_EQ(send({.target = "/v1/objects/a"}).field("content-type"), "application/x-torch7");
}

TEST_F(ObjectsOverHttp, AcceptChoosesTheFormat) {
  put("/v1/objects/a", number_);
  const HttpResponse ascii =
      send({.target = "/v1/objects/a", .fields = {"Accept: text/html, application/x-torch7; format=ascii"}});
  EXPECT_EQ(ascii.body, number_);
  EXPECT_EQ(ascii.field("content-type"), "application/x-torch7; format=ascii");
  expect_problem(send({.target = "/v1/objects/a", .fields = {"Accept: image/png"}}), {406, "not_acceptable"});
  expect_problem(send({.target = "/v1/objects/a?format=pickle"}), {406, "not_acceptable"});
}

TEST_F(ObjectsOverHttp, HeadIsGetWithoutItsBody) {
  put("/v1/objects/a", number_);
  for (const char* target : {"/v1/objects/a", "/v1/objects/a?format=ascii", "/v1/objects/none"}) {
    SCOPED_TRACE(target);
    HttpConnection connection(server_.port());
    HttpResponse head = connection.exchange({.method = "HEAD", .target = target});
    HttpResponse got = connection.exchange({.target = target});
    EXPECT_EQ(head.status, got.status);
    EXPECT_EQ(head.field("content-length"), std::to_string(got.body.size()));
    head.fields.erase("date");
    got.fields.erase("date");
    EXPECT_EQ(head.fields, got.fields);
  }
}

TEST_F(ObjectsOverHttp, ADeletedObjectIsNotThere) {
  put("/v1/objects/a", number_);
  EXPECT_EQ(send({.method = "DELETE", .target = "/v1/objects/a"}).status, 204U);
  expect_problem(send({.target = "/v1/objects/a"}), {404, "not_found"});
  expect_problem(send({.method = "DELETE", .target = "/v1/objects/a"}), {404, "not_found"});
}

TEST_F(ObjectsOverHttp, WritesAreConditional) {
  const std::string first = put("/v1/objects/a", number_, {"If-None-Match: *"}).field("etag");
  const HttpResponse exists = put("/v1/objects/a", number_, {"If-None-Match: *"});
  expect_problem(exists, {412, "precondition_failed"});
  EXPECT_EQ(exists.field("etag"), first);
  const std::string second = put("/v1/objects/a", "1\n4\n", {"If-Match: " + first}).field("etag");
  expect_problem(put("/v1/objects/a", "1\n5\n", {"If-Match: " + first}), {412, "precondition_failed"});
  expect_problem(send({.method = "DELETE", .target = "/v1/objects/a", .fields = {"If-Match: " + first}}),
                 {412, "precondition_failed"});
  expect_problem(put("/v1/objects/b", number_, {"If-Match: *"}), {412, "precondition_failed"});
  EXPECT_EQ(send({.target = "/v1/objects/a?format=ascii"}).body, "1\n4\n");
  EXPECT_EQ(send({.method = "DELETE", .target = "/v1/objects/a", .fields = {"If-Match: " + second}}).status, 204U);
}

TEST_F(ObjectsOverHttp, AFailedConditionSaysWhy) {
  const std::string first = put("/v1/objects/a", number_).field("etag");
  const std::string second = put("/v1/objects/a", "1\n4\n").field("etag");
  const std::string another = "the key has another revision than If-Match names; ETag says which";
  const std::string weak =
      "a weak one (W/\\\"…\\\"), which a proxy that compresses makes of it, is to be sent without W/";
  const struct {
    HttpRequest request;
    std::string why;
  } rows[] = {
      {{.method = "DELETE", .target = "/v1/objects/a", .fields = {"If-Match: " + first}}, another},
      {{.method = "DELETE", .target = "/v1/objects/b", .fields = {"If-Match: *"}}, "the key does not exist"},
      {{.method = "DELETE", .target = "/v1/objects/a", .fields = {"If-None-Match: *"}}, "the key exists already"},
      {{.method = "DELETE", .target = "/v1/objects/a", .fields = {"If-None-Match: " + second}},
       "the key has the revision that If-None-Match names"},
      {{.method = "DELETE", .target = "/v1/objects/a", .fields = {"If-Match: W/" + second}}, weak},
      {{.method = "PUT", .target = "/v1/objects/a?format=ascii", .fields = {"If-Match: W/" + second}, .body = "1\n4\n"},
       weak},
      {{.target = "/v1/objects/a", .fields = {"If-Match: W/" + second}}, weak},
      {{.target = "/v1/objects/a", .fields = {"If-Match: " + first}}, "the object has another revision"},
      {{.target = "/v1/objects/a", .fields = {"If-Unmodified-Since: Sun, 06 Nov 1994 08:49:37 GMT"}},
       "the object was modified after If-Unmodified-Since"},
      {{.target = "/v1/objects/b", .fields = {"If-Match: *"}}, "the key does not exist"},
  };
  for (const auto& row : rows) {
    const HttpResponse refused = send(row.request);
    EXPECT_EQ(refused.status, 412U) << row.why;
    EXPECT_NE(refused.body.find(row.why), std::string::npos) << refused.body;
  }
}

/// So a client that polls is answered by 304 while nothing changes.
TEST_F(ObjectsOverHttp, AListHasAnEntityTagOfWhatItShows) {
  put("/v1/objects/a", number_);
  const HttpResponse listed = send({.target = "/v1/objects"});
  const std::string tag(listed.field("etag"));
  ASSERT_FALSE(tag.empty());
  const HttpResponse same = send({.target = "/v1/objects", .fields = {"If-None-Match: " + tag}});
  EXPECT_EQ(same.status, 304U);
  EXPECT_EQ(same.body, "");
  EXPECT_EQ(same.field("etag"), tag);
  EXPECT_EQ(send({.target = "/v1/objects?limit=1", .fields = {"If-Match: \"x\""}}).status, 412U);
  put("/v1/objects/a", number_);
  const HttpResponse changed = send({.target = "/v1/objects", .fields = {"If-None-Match: " + tag}});
  EXPECT_EQ(changed.status, 200U) << "the object has another revision";
  EXPECT_NE(changed.field("etag"), tag);
  const HttpResponse lines = send({.target = "/v1/objects", .fields = {"Accept: application/x-ndjson"}});
  EXPECT_EQ(lines.field("cache-control"), "no-store");
  EXPECT_EQ(lines.field("etag"), "");
}

TEST_F(ObjectsOverHttp, ReadsAreConditional) {
  put("/v1/objects/a", number_);
  const std::string ascii = send({.target = "/v1/objects/a?format=ascii"}).field("etag");
  const HttpResponse same = send({.target = "/v1/objects/a?format=ascii", .fields = {"If-None-Match: W/" + ascii}});
  EXPECT_EQ(same.status, 304U);
  EXPECT_EQ(same.field("etag"), ascii);
  EXPECT_EQ(send({.target = "/v1/objects/a", .fields = {"If-None-Match: " + ascii}}).status, 200U);
  expect_problem(send({.target = "/v1/objects/a", .fields = {"If-Match: " + ascii}}), {412, "precondition_failed"});
  EXPECT_EQ(send({.target = "/v1/objects/a?format=ascii", .fields = {"If-Match: " + ascii}}).status, 200U);
}

/// It was stored as the number 0.5, or nil.
TEST_F(ObjectsOverHttp, ANumberWithoutAFormatIsRefused) {
  for (const char* number : {"1.5\n", "0.5", "5", "1.5"}) {
    const HttpResponse refused = put("/v1/objects/loss", number);
    EXPECT_EQ(refused.status, 400U) << number;
    EXPECT_EQ(json::parse(refused.body).at("code"), "unknown_format") << refused.body;
    EXPECT_NE(refused.body.find("a plain number"), std::string::npos) << refused.body;
  }
  EXPECT_EQ(send({.target = "/v1/objects/loss"}).status, 404U);
  EXPECT_EQ(put("/v1/objects/loss?format=json", "1.5\n").status, 201U);
  EXPECT_EQ(send({.target = "/v1/objects/loss?format=json"}).body, "1.5\n");
}

TEST_F(ObjectsOverHttp, ABodyThatIsWrongIsNamedByByteAndPart) {
  expect_problem(put("/v1/objects/a?format=ascii", "1\nthree\n"), {400, "malformed", 2, ""});
  expect_problem(put("/v1/objects/a?format=ascii", "9\n"), {400, "malformed", 0, ""});
  expect_problem(put("/v1/objects/a?format=ascii", "1\n3.5\n1\n4\n"), {400, "trailing_bytes", 6, ""});
  expect_problem(put("/v1/objects/a?format=ascii", "3\n1\n1\n2\n1\nx\n9\n"), {400, "malformed", 12, "x"});
  expect_problem(put("/v1/objects/a?format=binary", std::string(3, '\0')), {400, "truncated", 3, ""});
  expect_problem(put("/v1/objects/a", "\x7f garbage"), {400, "unknown_format"});
  expect_problem(send({.target = "/v1/objects/a"}), {404, "not_found"});
}

TEST_F(ObjectsOverHttp, AsciiMayEndWithBlanks) {
  EXPECT_EQ(put("/v1/objects/a", "1\n3.5\n \t\r\n").status, 201U);
  EXPECT_EQ(send({.target = "/v1/objects/a?format=ascii"}).body, number_);
}

TEST_F(ObjectsOverHttp, ARepeatedIndexIsRenumberedOnceAndForAll) {
  const std::string twice = "3\n1\n2\n1\n1\n3\n2\n0\n1\n2\n3\n2\n0\n";  // {{}, {}}, both of index 2
  ASSERT_EQ(put("/v1/objects/a?format=ascii&referenced=false", twice).status, 201U);
  EXPECT_EQ(send({.target = "/v1/objects/a?format=ascii"}).body, "3\n1\n2\n1\n1\n3\n2\n0\n1\n2\n3\n3\n0\n");
}

TEST_F(ObjectsOverHttp, FormatsAndCodingsThatAreNotKnownAreRefused) {
  expect_problem(put("/v1/objects/a?format=pickle", number_), {415, "unsupported_media_type"});
  expect_problem(put("/v1/objects/a", number_, {"Content-Type: text/plain"}), {415, "unsupported_media_type"});
  expect_problem(put("/v1/objects/a", number_, {"Content-Encoding: gzip"}), {415, "unsupported_media_type"});
  EXPECT_EQ(put("/v1/objects/a", number_, {"Content-Type: application/x-torch7; format=ascii"}).status, 201U);
  EXPECT_EQ(put("/v1/objects/a", number_, {"Content-Type: application/x-www-form-urlencoded"}).status, 200U);
}

TEST_F(ObjectsOverHttp, KeysRoutesMethodsAndQueriesAreChecked) {
  expect_problem(put("/v1/objects/", number_), {400, "bad_key"});
  expect_problem(put("/v1/objects/a//b", number_), {400, "bad_key"});
  expect_problem(put("/v1/objects/../b", number_), {400, "bad_key"});
  expect_problem(put("/v1/objects/%ff", number_), {400, "bad_key"});
  expect_problem(put("/v1/objects/" + std::string(1025, 'a'), number_), {400, "bad_key"});
  expect_problem(send({.target = "/v2/objects/a"}), {404, "unknown_route"});
  const HttpResponse posted = send({.method = "POST", .target = "/v1/objects/a", .body = number_});
  expect_problem(posted, {405, "method_not_allowed"});
  EXPECT_EQ(posted.field("allow"), "GET, HEAD, PUT, DELETE");
  expect_problem(send({.method = "BREW", .target = "/v1/objects/a"}), {501, "not_implemented"});
  expect_problem(send({.target = "/v1/objects/a?fromat=ascii"}), {400, "bad_query"});
  expect_problem(send({.target = "/v1/objects/a?referenced=maybe"}), {400, "bad_query"});
  expect_problem(send({.target = "/v1/objects/a", .fields = {"If-None-Match: x"}}), {400, "bad_header"});
}

TEST_F(ObjectsOverHttp, MetadataComesBackUntilTheNextPut) {
  const HttpRequest put{.method = "PUT",
                        .target = "/v1/objects/m",
                        .fields = {"Sconce-Meta-Step: 1000", "sconce-meta-note: a b"},
                        .body = number_};
  ASSERT_EQ(send(put).status, 201U);
  const HttpResponse got = send({.method = "HEAD", .target = "/v1/objects/m"});
  EXPECT_EQ(got.field("sconce-meta-step"), "1000");
  EXPECT_EQ(got.field("sconce-meta-note"), "a b");
  ASSERT_EQ(send({.method = "PUT", .target = "/v1/objects/m", .fields = {}, .body = number_}).status, 200U);
  EXPECT_EQ(send({.target = "/v1/objects/m"}).field("sconce-meta-step"), "");
}

TEST_F(ObjectsOverHttp, MetadataIsBounded) {
  const auto put = [this](std::size_t size) {
    return send({.method = "PUT",
                 .target = "/v1/objects/m",
                 .fields = {"Sconce-Meta-A: " + std::string(size, 'x')},
                 .body = number_})
        .status;
  };
  EXPECT_EQ(put(8 * 1024 - 1), 201U);
  EXPECT_EQ(put(8 * 1024), 431U);
}

}  // namespace
}  // namespace sconce::tests
