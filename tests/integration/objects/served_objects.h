#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/server/http_client.h"
#include "tests/server/server_process.h"
#include "tests/support/files.h"
#include "tests/support/golden.h"

namespace sconce::tests {

/// Parameters, not yet percent-encoded.
using Parameters = std::vector<std::pair<std::string, std::string>>;

inline std::string query_of(const Parameters& parameters) {
  constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string query;
  for (const auto& [name, value] : parameters) {
    query += (query.empty() ? '?' : '&') + name + '=';
    for (const char byte : value) {
      const auto code = static_cast<unsigned char>(byte);
      if (kPlain.find(byte) != std::string_view::npos) query += byte;
      else query += {'%', kDigits[code >> 4U], kDigits[code & 15U]};
    }
  }
  return query;
}

/// A server, and objects that are put into it and got from it.
class ServedObjects : public testing::Test {
 protected:
  explicit ServedObjects(const std::vector<std::string>& arguments = {})
      : server_(directory_.path() / "data", arguments), connection_(server_.port()) {}

  HttpResponse send(const HttpRequest& request) { return connection_.exchange(request); }

  /// Expects that it is stored.
  HttpResponse put(const std::string& key, const std::string& body, const Parameters& parameters = {}) {
    HttpResponse stored =
        send({.method = "PUT", .target = "/v1/objects/" + key + query_of(parameters), .fields = {}, .body = body});
    EXPECT_TRUE(stored.status == 200 || stored.status == 201) << key << ": " << stored.body;
    return stored;
  }

  HttpResponse get(const std::string& key, const Parameters& parameters = {}, std::vector<std::string> fields = {},
                   const std::string& method = "GET") {
    return send({.method = method, .target = "/v1/objects/" + key + query_of(parameters), .fields = std::move(fields)});
  }

  /// Expects 200.
  std::string body_of(const std::string& key, const Parameters& parameters = {}) {
    HttpResponse got = get(key, parameters);
    EXPECT_EQ(got.status, 200U) << key << query_of(parameters) << ": " << got.body;
    EXPECT_TRUE(got.whole);
    return std::move(got.body);
  }

  TemporaryDirectory directory_;
  ServerProcess server_;
  HttpConnection connection_;
};

/// What a problem says; a member that is not given must not be there.
struct ExpectedProblem {
  unsigned status;
  std::string code;
  nlohmann::json path = nullptr;
  std::string says = {};  // somewhere in the detail
};

inline void expect_problem(const HttpResponse& response, const ExpectedProblem& expected) {
  EXPECT_EQ(response.status, expected.status) << response.body;
  ASSERT_EQ(response.field("content-type"), "application/problem+json");
  const nlohmann::json document = nlohmann::json::parse(response.body);
  EXPECT_EQ(document.at("code"), expected.code) << response.body;
  EXPECT_EQ(document.value("path", nlohmann::json()), expected.path) << response.body;
  EXPECT_NE(document.at("detail").get<std::string>().find(expected.says), std::string::npos) << response.body;
}

}  // namespace sconce::tests
