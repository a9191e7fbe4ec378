// Who may do what: each endpoint with each right, prefixes, and what is told to who may not.

#include <regex>

#include "tests/integration/access/served_tokens.h"
#include "tests/support/golden.h"
#include "tests/support/tar.h"

namespace sconce::tests {
namespace {

using nlohmann::json;

constexpr std::string_view kLetters = "rwdlma";

/// kTokens[1] to kTokens[6] have one right each, in the order of kLetters.
class AccessByRight : public ServedTokens {
 protected:
  AccessByRight() : ServedTokens({"rwdlma:", "r:runs/", "w:runs/", "d:runs/", "l:runs/", "m:", "a:"}) {}
};

/// A request, the rights of which one is enough, and what it answers then.
struct Row {
  std::string name;
  HttpRequest request;
  std::string_view letters;
  unsigned status;
};

std::vector<Row> endpoint_rows() {
  const std::string object = "/v1/objects/runs/a";
  const auto post = [](const std::string& target, const std::string& body) {
    return HttpRequest{.method = "POST", .target = target, .body = body};
  };
  const std::string deletes = tar_entry(".sconce-batch.json", R"({"delete":["runs/none"]})") + tar_end();
  const std::string checks =
      tar_entry(".sconce-batch.json", R"({"conditions":[{"key":"runs/none","if_none_match":"*"}]})") + tar_end();
  return {
      {"GET", {.target = object}, "r", 200},
      {"HEAD", {.method = "HEAD", .target = object}, "r", 200},
      {"encoded", {.target = "/v1/objects/runs%2Fa"}, "r", 200},
      {"part", {.target = object + "?path="}, "r", 200},
      {"outline", {.target = object + "?view=outline"}, "r", 200},
      {"missing", {.target = "/v1/objects/runs/none"}, "r", 404},
      {"range", {.target = object, .fields = {"Range: bytes=0-1"}}, "r", 206},
      {"range beyond", {.target = object, .fields = {"Range: bytes=99-"}}, "r", 416},
      {"not modified", {.target = object, .fields = {"If-None-Match: *"}}, "r", 304},
      {"condition", {.target = object, .fields = {"If-Match: \"x\""}}, "r", 412},
      {"PUT", {.method = "PUT", .target = object, .body = kNumber}, "w", 200},
      {"PUT if new", {.method = "PUT", .target = object, .fields = {"If-None-Match: *"}, .body = kNumber}, "w", 412},
      {"PUT of nonsense", {.method = "PUT", .target = object, .body = "nonsense"}, "w", 400},
      {"DELETE", {.method = "DELETE", .target = "/v1/objects/runs/none"}, "d", 404},
      {"list", {.target = "/v1/objects?prefix=runs/"}, "l", 200},
      {"HEAD of a list", {.method = "HEAD", .target = "/v1/objects?prefix=runs/"}, "l", 200},
      {"list below", {.target = "/v1/objects?prefix=runs/a"}, "l", 200},
      {"list lines", {.target = "/v1/objects?prefix=runs/", .fields = {"Accept: application/x-ndjson"}}, "l", 200},
      {"commit", post("/v1/batch/commit", tar_entry("runs/b", kNumber) + tar_end()), "w", 200},
      {"commit below", post("/v1/batch/commit?prefix=runs/", tar_entry("b", kNumber) + tar_end()), "w", 200},
      {"commit that deletes", post("/v1/batch/commit", deletes), "d", 200},
      {"commit that checks", post("/v1/batch/commit", checks), "", 200},
      {"get many", post("/v1/batch/get", R"({"items":[{"key":"runs/a"}]})"), "r", 200},
      {"convert", post("/v1/convert?to=ascii", kNumber), "w", 200},
      {"compact", post("/v1/admin/compact", ""), "a", 204},
      {"metrics", {.target = "/metrics"}, "m", 200},
      {"HEAD of metrics", {.method = "HEAD", .target = "/metrics"}, "m", 200},
  };
}

TEST_F(AccessByRight, EachEndpointTakesItsOwnAndNoOther) {
  put("runs/a");
  for (const Row& row : endpoint_rows()) {
    EXPECT_EQ(status(row.request, &kTokens[0]), row.status) << row.name;
    for (std::size_t i = 0; i < kLetters.size(); ++i) {
      const bool allowed = row.letters.contains(kLetters[i]);
      const HttpResponse answer = send(row.request, &kTokens[i + 1]);
      EXPECT_EQ(answer.status, allowed ? row.status : 403U) << row.name << " with " << kLetters[i] << answer.body;
      const std::string challenge = R"(Bearer realm="sconce", error="insufficient_scope")";
      EXPECT_EQ(answer.field("www-authenticate"), allowed ? "" : challenge) << row.name;
    }
  }
}

TEST_F(AccessByRight, WithoutATokenEachEndpointAsksForOne) {
  put("runs/a");
  for (const Row& row : endpoint_rows()) {
    const HttpResponse answer = send(row.request);
    EXPECT_EQ(answer.status, 401U) << row.name;
    EXPECT_EQ(answer.field("www-authenticate"), R"(Bearer realm="sconce")") << row.name;
    EXPECT_EQ(answer.field("content-type"), "application/problem+json") << row.name;
    EXPECT_EQ(answer.field("cache-control"), "no-store") << row.name;
    if (row.request.method == "HEAD") continue;
    EXPECT_EQ(json::parse(answer.body).at("code"), "unauthorized") << row.name;
  }
}

TEST_F(AccessByRight, ATokenThatIsWorthNothingIsToldSo) {
  put("runs/a");
  std::string wrong_secret = kTokens[1].token;
  wrong_secret.back() = wrong_secret.back() == '0' ? '1' : '0';
  std::string wrong_id = kTokens[1].token;
  wrong_id[8] = wrong_id[8] == '0' ? '1' : '0';
  const std::string one = "Authorization: Bearer " + kTokens[1].token;
  const std::vector<std::vector<std::string>> rows = {
      {"Authorization: Bearer " + wrong_secret},
      {"Authorization: Bearer " + wrong_id},
      {"Authorization: Bearer " + kTokens[7].token},  // of the right form, and of no line
      {"Authorization: Bearer"},
      {"Authorization: Bearer x"},
      {"Authorization: Bearer " + kTokens[1].line.substr(kTokens[1].line.rfind(':') + 1)},
      {one + "0"},
      {one + ", Bearer x"},
      {one, one},
      {"Authorization: Bearer \"" + kTokens[1].token + '"'},
  };
  for (const auto& fields : rows) {
    const HttpResponse answer = send({.target = "/v1/objects/runs/a", .fields = fields});
    EXPECT_EQ(answer.status, 401U) << fields[0];
    EXPECT_EQ(answer.field("www-authenticate"), R"(Bearer realm="sconce", error="invalid_token")") << fields[0];
    EXPECT_EQ(json::parse(answer.body).at("code"), "invalid_token") << fields[0];
  }
  for (const Row& row : endpoint_rows()) {
    HttpRequest request = row.request;
    request.fields.push_back(rows[0][0]);
    EXPECT_EQ(status(request), 401U) << row.name;
  }
}

TEST_F(AccessByRight, TheSchemesCaseDoesNotMatterAndOtherSchemesAreNone) {
  put("runs/a");
  const auto with = [](const std::string& field) {
    return HttpRequest{.target = "/v1/objects/runs/a", .fields = {field}};
  };
  EXPECT_EQ(status(with("authorization: bearer " + kTokens[1].token)), 200U);
  EXPECT_EQ(status(with("Authorization: BEARER   " + kTokens[1].token)), 200U);
  const HttpResponse basic = send(with("Authorization: Basic " + kTokens[1].token));
  EXPECT_EQ(basic.status, 401U);
  EXPECT_EQ(basic.field("www-authenticate"), R"(Bearer realm="sconce")");
  EXPECT_EQ(status({.target = "/v1/objects/runs/a?access_token=" + kTokens[1].token}), 401U);
}

TEST_F(AccessByRight, HealthIsOpenToAll) {
  for (const std::string target : {"/healthz", "/readyz"}) {
    for (const std::string method : {"GET", "HEAD"}) {
      EXPECT_EQ(status({.method = method, .target = target}), 200U) << method << target;
      EXPECT_EQ(status({.method = method, .target = target}, &kTokens[7]), 200U) << method << target;
      EXPECT_EQ(status({.method = method, .target = target}, &kTokens[1]), 200U) << method << target;
    }
  }
}

TEST_F(AccessByRight, WhatIsNoEndpointIsSoForEverybody) {
  EXPECT_EQ(status({.target = "/nowhere"}), 404U);
  EXPECT_EQ(status({.method = "POST", .target = "/v1/objects/runs/a"}), 405U);
  EXPECT_EQ(status({.target = "/v1/objects/runs//a"}), 401U);
  EXPECT_EQ(status({.target = "/v1/objects/runs//a"}, &kTokens[2]), 403U);
  EXPECT_EQ(status({.target = "/v1/objects/runs//a"}, &kTokens[1]), 400U);
}

/// A body that is still to come is not asked for.
TEST_F(AccessByRight, TheRefusalComesBeforeTheBody) {
  HttpConnection connection(server_.port());
  connection.send(
      "PUT /v1/objects/runs/a HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 6\r\n\r\n");
  EXPECT_EQ(connection.receive().status, 401U);
  EXPECT_TRUE(connection.ended());
  HttpConnection large(server_.port());
  large.send("PUT /v1/objects/runs/a HTTP/1.1\r\nHost: localhost\r\n" + kTokens[1].field() +
             "\r\nContent-Length: 1000000000\r\n\r\n");
  EXPECT_EQ(large.receive().status, 403U);
}

class AccessByPrefix : public ServedTokens {
 protected:
  AccessByPrefix() : ServedTokens({"rwdlma:", "rl:runs/ wd:out/1/ r:in%20put", "rl:models", "w:out/", "r:out/"}) {}
};

TEST_F(AccessByPrefix, KeysBeginWithItByteForByte) {
  for (const std::string key :
       {"runs/1", "runs", "runs-old/1", "models", "models-old/1", "out/1/a", "out/2", "in%20put/1"}) {
    put(key);
  }
  struct Prefixed {
    const TestToken& token;
    std::string key;
    bool reads;
  };
  const Prefixed rows[] = {
      {kTokens[1], "runs/1", true},       {kTokens[1], "runs%2f1", true},    {kTokens[1], "%72uns/1", true},
      {kTokens[1], "runs", false},        {kTokens[1], "runs-old/1", false}, {kTokens[1], "models", false},
      {kTokens[1], "out/1/a", false},     {kTokens[1], "in%20put/1", true},  {kTokens[2], "models", true},
      {kTokens[2], "models-old/1", true}, {kTokens[2], "runs/1", false},
  };
  for (const Prefixed& row : rows) {
    EXPECT_EQ(status({.target = "/v1/objects/" + row.key}, &row.token), row.reads ? 200U : 403U) << row.key;
    EXPECT_EQ(status({.method = "PUT", .target = "/v1/objects/" + row.key, .body = kNumber}, &row.token),
              row.key == "out/1/a" ? 200U : 403U)
        << row.key;
  }
}

TEST_F(AccessByPrefix, AListingLiesWithinIt) {
  put("runs/1");
  const std::pair<std::string, unsigned> rows[] = {
      {"", 403},
      {"?prefix=", 403},
      {"?prefix=r", 403},
      {"?prefix=runs", 403},
      {"?prefix=out/", 403},
      {"?prefix=runs/", 200},
      {"?prefix=runs%2F", 200},
      {"?prefix=runs/1", 200},
      {"?prefix=runs/&after=a&delimiter=/", 200},
      {"?after=runs/", 403},
      {"?prefix=Runs/", 403},
  };
  for (const auto& [query, expected] : rows) {
    EXPECT_EQ(status({.target = "/v1/objects" + query}, &kTokens[1]), expected) << query;
  }
  EXPECT_EQ(status({.target = "/v1/objects?prefix=runs/"}, &kTokens[3]), 403U);
}

TEST_F(AccessByPrefix, ABatchWithAForbiddenKeyStoresNothing) {
  put("out/1/old");
  const auto commit = [&](const std::string& tar, const std::string& query = "") {
    return send({.method = "POST", .target = "/v1/batch/commit" + query, .body = tar}, &kTokens[1]);
  };
  const std::string good = tar_entry("out/1/new", kNumber);
  const std::string rows[] = {
      good + tar_entry("out/2", kNumber),
      good + tar_entry("./out/2", kNumber),
      good + tar_entry("runs/1", kNumber),
      tar_entry("out/10", kNumber) + good,
      tar_entry(".sconce-batch.json", R"({"delete":["out/1/old","runs/1"]})") + good,
      tar_entry(".sconce-batch.json",
                R"({"delete":["out/1/old"],"conditions":[{"key":"out/1/x","if_none_match":"*"}]})") +
          good,
  };
  for (const std::string& tar : rows) {
    const HttpResponse answer = commit(tar + tar_end());
    EXPECT_EQ(answer.status, 403U) << answer.body;
    EXPECT_EQ(status({.target = "/v1/objects/out/1/new"}, &kTokens[0]), 404U);
    EXPECT_EQ(status({.target = "/v1/objects/out/1/old"}, &kTokens[0]), 200U);
  }
  EXPECT_EQ(commit(tar_entry("1/new", kNumber) + tar_entry("2/new", kNumber) + tar_end(), "?prefix=out/").status, 403U);
  EXPECT_EQ(status({.target = "/v1/objects/out/1/new"}, &kTokens[0]), 404U);
  const std::string readable = tar_entry(
      ".sconce-batch.json", R"({"delete":["out/1/old"],"conditions":[{"key":"runs/1","if_none_match":"*"}]})");
  EXPECT_EQ(commit(readable + good + tar_end()).status, 200U);
  EXPECT_EQ(status({.target = "/v1/objects/out/1/new"}, &kTokens[0]), 200U);
  EXPECT_EQ(status({.target = "/v1/objects/out/1/old"}, &kTokens[0]), 404U);
}

/// The entries of a tar that was not written by a stranger: name to bytes.
std::map<std::string, std::string> entries_of(const std::string& tar) {
  std::map<std::string, std::string> entries;
  for (std::size_t at = 0; at + 512 <= tar.size() && tar[at] != '\0';) {
    const std::string name = tar.substr(at, 100).c_str();
    const std::size_t size = std::stoul(tar.substr(at + 124, 11), nullptr, 8);
    entries[name] = tar.substr(at + 512, size);
    at += 512 + (size + 511) / 512 * 512;
  }
  return entries;
}

TEST_F(AccessByPrefix, ABatchGetSaysOfEachItemWhetherItMayBeRead) {
  for (const std::string key : {"runs/1", "runs/2", "out/1", "models"}) put(key);
  json items = json::array();
  for (const std::string key : {"out/1", "runs/1", "out/none", "models", "runs/none", "runs/2"})
    items.push_back({{"key", key}});
  const HttpResponse tar =
      send({.method = "POST", .target = "/v1/batch/get", .body = json{{"items", items}}.dump()}, &kTokens[1]);
  EXPECT_EQ(tar.status, 200U);
  auto entries = entries_of(tar.body);
  ASSERT_EQ(entries.size(), 6U);
  for (const std::string key : {"runs/1", "runs/2"}) EXPECT_EQ(entries["objects/" + key].size(), 12U) << key;
  EXPECT_EQ(json::parse(entries.at("problems/runs/none")).at("code"), "not_found");
  const std::string forbidden = entries.at("problems/out/1");
  EXPECT_EQ(json::parse(forbidden).at("status"), 403U);
  EXPECT_EQ(json::parse(forbidden).at("code"), "forbidden");
  EXPECT_EQ(entries.at("problems/out/none"), forbidden);
  EXPECT_EQ(entries.at("problems/models"), forbidden);
  const std::string stack = json{{"items", items}, {"as", "stack"}, {"format", "npy"}}.dump();
  const HttpResponse refused = send({.method = "POST", .target = "/v1/batch/get", .body = stack}, &kTokens[1]);
  EXPECT_EQ(refused.status, 403U);
  EXPECT_NE(refused.body.find("item 0, `out/1`"), std::string::npos) << refused.body;
}

/// All of an answer but when it was given, and the key's own name.
std::string bytes_of(std::uint16_t port, const HttpRequest& request, const std::string& key) {
  HttpRequest closing = request;
  closing.fields.push_back("Connection: close");
  HttpConnection connection(port);
  connection.send(text_of(closing));
  std::string bytes = connection.receive_to_end();
  bytes = std::regex_replace(bytes, std::regex("Date: [^\r]*"), "Date: now");
  return std::regex_replace(bytes, std::regex(key), "KEY");
}

/// A stranger gets the same bytes, whether a key exists or not, whatever is asked of it.
TEST_F(AccessByPrefix, NothingTellsAStrangerWhetherAKeyExists) {
  put("secret/here");
  ASSERT_EQ(status({.target = "/v1/objects/secret/none"}, &kTokens[0]), 404U);
  const auto requests_for = [](const std::string& key) {
    const std::string target = "/v1/objects/" + key;
    const std::string item = R"({"items":[{"key":")" + key + R"("}],"as":"stack"})";
    const std::string control = R"({"conditions":[{"key":")" + key + R"(","if_match":"*"}]})";
    return std::vector<HttpRequest>{
        {.target = target},
        {.method = "HEAD", .target = target},
        {.target = target + "?format=ascii"},
        {.target = target + "?format=nonsense"},
        {.target = target + "?path=a.b"},
        {.target = target + "?view=outline"},
        {.target = target, .fields = {"Range: bytes=0-3"}},
        {.target = target, .fields = {"Range: bytes=1000-"}},
        {.target = target, .fields = {"If-Match: *"}},
        {.target = target, .fields = {"If-None-Match: *"}},
        {.target = target, .fields = {"If-Modified-Since: Mon, 23 Nov 2100 10:00:00 GMT"}},
        {.target = target, .fields = {"If-Unmodified-Since: Mon, 23 Nov 1998 10:00:00 GMT"}},
        {.target = target, .fields = {"Want-Repr-Digest: sha-256=1"}},
        {.method = "PUT", .target = target, .body = kNumber},
        {.method = "PUT", .target = target, .body = "nonsense"},
        {.method = "PUT", .target = target, .fields = {"If-None-Match: *"}, .body = kNumber},
        {.method = "PUT", .target = target, .fields = {"If-Match: *"}, .body = kNumber},
        {.method = "PUT", .target = target, .fields = {"If-None-Match: *", "Expect: 100-continue"}, .body = kNumber},
        {.method = "PUT", .target = target, .body = std::string(200'000, 'x')},
        {.method = "DELETE", .target = target},
        {.method = "DELETE", .target = target, .fields = {"If-Match: *"}},
        {.method = "POST", .target = target},
        {.target = "/v1/objects?prefix=" + key},
        {.target = "/v1/objects?prefix=" + key, .fields = {"Accept: application/x-ndjson"}},
        {.method = "POST", .target = "/v1/batch/get", .body = item},
        {.method = "POST", .target = "/v1/batch/commit", .body = tar_entry(key, kNumber) + tar_end()},
        {.method = "POST", .target = "/v1/batch/commit?if_none_match=*", .body = tar_entry(key, kNumber) + tar_end()},
        {.method = "POST", .target = "/v1/batch/commit", .body = tar_entry(".sconce-batch.json", control) + tar_end()},
        {.method = "POST",
         .target = "/v1/batch/commit",
         .body = tar_entry(".sconce-batch.json", R"({"delete":[")" + key + R"("]})") + tar_end()},
    };
  };
  const std::vector<HttpRequest> here = requests_for("secret/here");
  const std::vector<HttpRequest> none = requests_for("secret/none");
  const std::vector<std::vector<std::string>> strangers = {
      {}, {kTokens[7].field()}, {kTokens[1].field()}, {kTokens[2].field()}, {kTokens[3].field()}, {kTokens[4].field()}};
  for (const std::vector<std::string>& stranger : strangers) {
    for (std::size_t i = 0; i < here.size(); ++i) {
      const auto answer_to = [&](HttpRequest request, const std::string& key) {
        request.fields.insert(request.fields.end(), stranger.begin(), stranger.end());
        return bytes_of(server_.port(), request, key);
      };
      const std::string answer = answer_to(here[i], "secret/here");
      EXPECT_EQ(answer, answer_to(none[i], "secret/none")) << here[i].method << ' ' << here[i].target;
      const std::string expected =
          here[i].method == "POST" && here[i].target.starts_with("/v1/objects/") ? "405" : "40[13]";
      EXPECT_TRUE(std::regex_search(answer, std::regex("^HTTP/1.1 " + expected + " "))) << answer.substr(0, 100);
    }
  }
  EXPECT_EQ(status({.target = "/v1/objects/secret/here"}, &kTokens[0]), 200U);
  EXPECT_EQ(status({.target = "/v1/objects/secret/none"}, &kTokens[0]), 404U);
}

}  // namespace
}  // namespace sconce::tests
