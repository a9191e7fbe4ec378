// Pages of other sites, in the browser of somebody who reaches the server: what such a page can make a browser send, as
// the browser sends it, and names that the page lets point to the server.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/integration/access/served_tokens.h"
#include "tests/server/http_client.h"
#include "tests/server/server_process.h"
#include "tests/server/tls_server.h"
#include "tests/support/tar.h"

namespace sconce::tests {
namespace {

using nlohmann::json;

std::string host_of(std::uint16_t port) { return "localhost:" + std::to_string(port); }

/// With these lines of a head, and no others but those that the body needs.
std::string request(const std::string& method, const std::string& target, const std::vector<std::string>& lines,
                    const std::string& body = "") {
  std::string text = method + ' ' + target + " HTTP/1.1\r\n";
  for (const std::string& line : lines) text += line + "\r\n";
  if (!body.empty()) text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  return text + "\r\n" + body;
}

HttpResponse exchange(std::uint16_t port, const std::string& bytes) {
  HttpConnection connection(port);
  connection.send(bytes);
  return connection.receive(bytes.starts_with("HEAD "));
}

/// A request that changes something, or costs, each with what a page can send without being allowed to: a form, or a
/// fetch of `no-cors`. PUT and DELETE would be asked for first; they are refused all the same.
struct Simple {
  std::string name;
  std::string method;
  std::string target;
  std::string type;
  std::string body;
};

std::vector<Simple> simple_requests() {
  const std::string tar = tar_entry("from-a-page", kNumber) + tar_entry("mine", kNumber) + tar_end();
  const std::string deletes = tar_entry(".sconce-batch.json", R"({"delete":["mine"]})") + tar_end();
  return {
      {"a commit by fetch", "POST", "/v1/batch/commit", "text/plain;charset=UTF-8", tar},
      {"a commit of a Blob without a type", "POST", "/v1/batch/commit", "", tar},
      {"a commit that deletes", "POST", "/v1/batch/commit", "application/x-www-form-urlencoded", deletes},
      {"a commit by a form", "POST", "/v1/batch/commit", "multipart/form-data; boundary=x", tar},
      {"compacting", "POST", "/v1/admin/compact", "application/x-www-form-urlencoded", ""},
      {"converting", "POST", "/v1/convert?to=binary", "text/plain", kNumber},
      {"getting many", "POST", "/v1/batch/get", "text/plain", R"({"items":[{"key":"mine"}]})"},
      {"a PUT", "PUT", "/v1/objects/from-a-page", "text/plain", kNumber},
      {"a PUT in place of mine", "PUT", "/v1/objects/mine", "", kNumber},
      {"a DELETE", "DELETE", "/v1/objects/mine", "", ""},
  };
}

/// What a browser says of the page, one way after another: those of today, and those that know no Sec-Fetch-Site.
std::vector<std::vector<std::string>> pages_of_others(const std::string& own_host) {
  return {
      {"Origin: https://evil.example", "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: no-cors"},
      {"Origin: https://evil.example"},
      {"Origin: null", "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate"},
      {"Origin: null"},
      {"Origin: http://localhost:1", "Sec-Fetch-Site: same-site"},
      {"Origin: http://localhost"},
      {"Origin: http://a." + own_host},
      {"Origin: http://" + own_host + ".evil.example"},
      {"Sec-Fetch-Site: cross-site"},
      {"Sec-Fetch-Site: same-site"},
      {"Origin: http://" + own_host, "Sec-Fetch-Site: cross-site"},
  };
}

std::vector<std::string> with(std::vector<std::string> lines, const std::vector<std::string>& more) {
  lines.insert(lines.end(), more.begin(), more.end());
  return lines;
}

std::vector<std::string> lines_of(const Simple& simple, const std::string& host, const std::vector<std::string>& page) {
  std::vector<std::string> lines = with({"Host: " + host}, page);
  if (!simple.type.empty()) lines.push_back("Content-Type: " + simple.type);
  return lines;
}

class Browsers : public testing::Test {
 protected:
  Browsers() {
    const HttpResponse put = http(server_.port(), {.method = "PUT", .target = "/v1/objects/mine", .body = kNumber});
    EXPECT_EQ(put.status, 201U);
    etag_ = put.field("etag");
  }

  void expect_unchanged() const {
    EXPECT_EQ(http(server_.port(), {.target = "/v1/objects/mine"}).field("etag"), etag_);
    EXPECT_EQ(http(server_.port(), {.target = "/v1/objects/from-a-page"}).status, 404U);
  }

  TemporaryDirectory directory_;
  ServerProcess server_{directory_.path() / "data"};
  std::string etag_;
};

TEST_F(Browsers, WritesOfOtherSitesAreRefusedAndChangeNothing) {
  const std::string host = host_of(server_.port());
  for (const Simple& simple : simple_requests()) {
    for (const std::vector<std::string>& page : pages_of_others(host)) {
      SCOPED_TRACE(simple.name + " with " + page[0]);
      const HttpResponse refused =
          exchange(server_.port(), request(simple.method, simple.target, lines_of(simple, host, page), simple.body));
      ASSERT_EQ(refused.status, 403U);
      EXPECT_EQ(json::parse(refused.body).at("code"), "cross_site");
      EXPECT_FALSE(refused.fields.contains("www-authenticate")) << "no token would help";
    }
  }
  expect_unchanged();
}

TEST_F(Browsers, NamesThatPointHereAreNotAnsweredFor) {
  const std::string port = ':' + std::to_string(server_.port());
  for (const std::string& name : {"evil.example" + port, std::string("evil.example"), "127.0.0.1.evil.example" + port,
                                  "localhost.evil.example" + port, "store" + port}) {
    // To its own page the browser calls that the same origin, and so it would be, if the name were ours.
    const std::vector<std::string> page = {"Origin: http://" + name, "Sec-Fetch-Site: same-origin"};
    for (const Simple& simple : simple_requests()) {
      SCOPED_TRACE(simple.name + " to " + name);
      const HttpResponse refused =
          exchange(server_.port(), request(simple.method, simple.target, lines_of(simple, name, page), simple.body));
      ASSERT_EQ(refused.status, 421U);
      EXPECT_EQ(json::parse(refused.body).at("code"), "misdirected");
      EXPECT_NE(refused.body.find("--server-names"), std::string::npos) << refused.body;
    }
    for (const char* const target : {"/v1/objects/mine", "/v1/objects", "/metrics", "/healthz", "/nothing"}) {
      for (const char* const method : {"GET", "HEAD", "OPTIONS"}) {
        EXPECT_EQ(exchange(server_.port(), request(method, target, {"Host: " + name})).status, 421U) << target << name;
      }
    }
    const std::string absolute = "http://" + name + "/v1/objects/mine";
    EXPECT_EQ(exchange(server_.port(), request("GET", absolute, {"Host: localhost"})).status, 421U) << absolute;
  }
  expect_unchanged();
}

TEST_F(Browsers, OwnNamesAndOwnPagesAreServed) {
  const std::string port = ':' + std::to_string(server_.port());
  for (const std::string& name : {"localhost" + port, "LocalHost" + port, std::string("localhost"), "127.0.0.1" + port,
                                  "[::1]" + port, "store.localhost" + port, "192.0.2.1" + port}) {
    EXPECT_EQ(exchange(server_.port(), request("GET", "/v1/objects/mine", {"Host: " + name})).status, 200U) << name;
    const std::vector<std::string> own = {"Host: " + name, "Origin: http://" + name, "Sec-Fetch-Site: same-origin"};
    EXPECT_EQ(exchange(server_.port(), request("PUT", "/v1/objects/mine", own, kNumber)).status, 200U) << name;
    EXPECT_EQ(exchange(server_.port(), request("GET", "http://" + name + "/healthz", {"Host: a.b"})).status, 200U);
  }
  const std::vector<std::string> typed = {"Host: localhost" + port, "Sec-Fetch-Site: none"};
  EXPECT_EQ(exchange(server_.port(), request("POST", "/v1/admin/compact", typed)).status, 204U);
}

TEST_F(Browsers, WhatOtherSitesReadIsNotTheServersToRefuse) {
  const std::string host = "Host: " + host_of(server_.port());
  const std::vector<std::string> page = {host, "Origin: https://evil.example", "Sec-Fetch-Site: cross-site"};
  const HttpResponse got = exchange(server_.port(), request("GET", "/v1/objects/mine", page));
  EXPECT_EQ(got.status, 200U);
  EXPECT_FALSE(got.fields.contains("access-control-allow-origin")) << "the page would see it";
  EXPECT_EQ(exchange(server_.port(), request("OPTIONS", "/v1/objects/mine", page)).status, 405U);
}

TEST_F(Browsers, AHostIsCheckedAgainOnAConnectionThatNamedAnother) {
  HttpConnection connection(server_.port());
  for (const auto& [host, status] : {std::pair("localhost", 404U), std::pair("evil.example", 421U),
                                     std::pair("evil.example", 421U), std::pair("localhost", 404U)}) {
    connection.send("GET /v1/objects/nothing HTTP/1.1\r\nHost: " + std::string(host) + "\r\n\r\n");
    EXPECT_EQ(connection.receive().status, status) << host;
  }
}

/// Neither an Origin nor a Host that is refused holds up the connection of who sends a small body with it.
TEST_F(Browsers, ARefusalIsSentBeforeTheBodyComes) {
  HttpConnection connection(server_.port());
  connection.send("PUT /v1/objects/a HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 60000\r\n\r\n");
  EXPECT_EQ(connection.receive().status, 421U);
  connection.send("");
  HttpConnection chunked(server_.port());
  chunked.send("PUT /v1/objects/a HTTP/1.1\r\nHost: localhost\r\nOrigin: null\r\nTransfer-Encoding: chunked\r\n\r\n");
  EXPECT_EQ(chunked.receive().status, 403U);
}

unsigned status_for(const ServerProcess& server, const std::string& host) {
  return exchange(server.port(), request("GET", "/healthz", {"Host: " + host})).status;
}

TEST(Hosts, ServersThatOthersReachAnswerForAnyNameUnlessNamesAreGiven) {
  const TemporaryDirectory directory;
  const std::string tokens = directory.write("tokens", token_file({"rwdlma:"}));
  struct Row {
    std::vector<std::string> arguments;
    unsigned other;
    unsigned named;
  };
  const Row rows[] = {
      {{}, 421, 421},
      {{"--anonymous", "read"}, 421, 421},
      {{"--server-names", "store.example,models.example"}, 421, 200},
      {{"--server-names", "models.example", "--server-names", "Store.Example"}, 421, 200},
      {{"--tokens", tokens}, 200, 200},
      {{"--tokens", tokens, "--server-names", "store.example"}, 421, 200},
      {{"--listen", "0.0.0.0:0", "--anonymous", "write"}, 200, 200},
      {{"--listen", "0.0.0.0:0", "--tokens", tokens}, 200, 200},
      {{"--listen", "0.0.0.0:0", "--anonymous", "write", "--server-names", "store.example"}, 421, 200},
      {{"--listen", "localhost:0"}, 421, 421},
  };
  int count = 0;
  for (const Row& row : rows) {
    const ServerProcess server(directory.path() / std::to_string(count++), row.arguments);
    EXPECT_EQ(status_for(server, "sconce:7077"), row.other) << count;
    EXPECT_EQ(status_for(server, "store.example"), row.named) << count;
    EXPECT_EQ(status_for(server, "STORE.example:8443"), row.named) << count;
    EXPECT_EQ(status_for(server, "localhost:1"), 200U) << count;
    EXPECT_EQ(status_for(server, "10.0.0.1"), 200U) << count;
  }
}

TEST(Origins, ThoseThatAreNamedMayWriteAlsoWhereTokensAreAskedFor) {
  const TemporaryDirectory directory;
  const std::string tokens = directory.write("tokens", token_file({"rwdlma:"}));
  const ServerProcess server(directory.path() / "data", {"--tokens", tokens, "--cors-origin", "https://app.example",
                                                         "--cors-origin", "http://localhost:3000"});
  const auto put = [&](const std::string& origin) {
    const std::vector<std::string> lines = {"Host: store.example", "Origin: " + origin, "Sec-Fetch-Site: cross-site",
                                            kTokens[0].field()};
    return exchange(server.port(), request("PUT", "/v1/objects/a", lines, kNumber)).status;
  };
  EXPECT_EQ(put("https://app.example"), 201U);
  EXPECT_EQ(put("http://localhost:3000"), 200U);
  EXPECT_EQ(put("https://evil.example"), 403U);
  EXPECT_EQ(put("http://app.example"), 403U);
  EXPECT_EQ(put("null"), 403U);
}

TEST(Origins, AProxyThatDoesTlsAndKeepsTheHostIsTheSameSite) {
  const TemporaryDirectory directory;
  const ServerProcess server(directory.path() / "data", {"--server-names", "store.example"});
  const std::vector<std::string> lines = {"Host: store.example", "Origin: https://store.example"};
  EXPECT_EQ(exchange(server.port(), request("PUT", "/v1/objects/a", lines, kNumber)).status, 201U);
}

TEST(Origins, OverTlsAPageInTheOpenIsAnotherSite) {
  const TlsFiles files;
  const ServerProcess server(files.directory().path() / "data", files.flags());
  const std::string host = host_of(server.port());
  const auto put = [&](const std::string& scheme) {
    TlsConnection connection(server.port(), files.client());
    const std::vector<std::string> lines = {"Host: " + host, "Origin: " + scheme + host};
    connection.send(request("PUT", "/v1/objects/a", lines, kNumber));
    return connection.receive().status;
  };
  EXPECT_EQ(put("https://"), 201U);
  EXPECT_EQ(put("http://"), 403U);
}

TEST(Sites, WhatIsNoNameOrNoOriginStopsTheStart) {
  struct Row {
    std::vector<std::string> arguments;
    std::string says;
  };
  const Row rows[] = {
      {{"--server-names", "http://store.example"}, "--server-names: `http://store.example` is no name of a host"},
      {{"--server-names", "*.example"}, "--server-names: `*.example` is no name of a host"},
      {{"--cors-origin", "*"}, "--cors-origin: `*` is no origin of pages"},
      {{"--cors-origin", "null"}, "--cors-origin: `null` is no origin of pages"},
      {{"--cors-origin", "https://app.example/"}, "--cors-origin: `https://app.example/` is no origin of pages"},
  };
  for (const Row& row : rows) {
    const TemporaryDirectory directory;
    ServerProcess server(directory.path() / "data", row.arguments);
    EXPECT_EQ(server.port(), 0) << row.says;
    EXPECT_NE(server.wait(), 0) << row.says;
    EXPECT_NE(server.log().find(row.says), std::string::npos) << server.log();
  }
}

}  // namespace
}  // namespace sconce::tests
