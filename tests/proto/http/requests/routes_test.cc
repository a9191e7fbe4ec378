#include "proto/http/requests/routes.h"

#include <gtest/gtest.h>

#include <set>

namespace sconce::proto {
namespace {

TEST(Route, EveryEndpointIsFound) {
  struct Row {
    std::string_view method;
    std::string_view path;
    Endpoint endpoint;
    std::string_view key;
  };
  constexpr Row kRows[] = {{"GET", "/v1/objects/a", Endpoint::read_object, "a"},
                           {"HEAD", "/v1/objects/a/b", Endpoint::read_object, "a/b"},
                           {"PUT", "/v1/objects/a%2Fb", Endpoint::put_object, "a%2Fb"},
                           {"DELETE", "/v1/objects/a", Endpoint::delete_object, "a"},
                           {"GET", "/v1/objects/", Endpoint::read_object, ""},
                           {"GET", "/v1/objects//a", Endpoint::read_object, "/a"},
                           {"GET", "/v1/objects", Endpoint::list_objects, ""},
                           {"HEAD", "/v1/objects", Endpoint::list_objects, ""},
                           {"POST", "/v1/convert", Endpoint::convert, ""},
                           {"POST", "/v1/batch/commit", Endpoint::commit_batch, ""},
                           {"POST", "/v1/batch/get", Endpoint::get_batch, ""},
                           {"POST", "/v1/admin/compact", Endpoint::compact, ""},
                           {"GET", "/metrics", Endpoint::metrics, ""},
                           {"HEAD", "/metrics", Endpoint::metrics, ""},
                           {"GET", "/healthz", Endpoint::health, ""},
                           {"HEAD", "/healthz", Endpoint::health, ""},
                           {"GET", "/readyz", Endpoint::ready, ""},
                           {"HEAD", "/readyz", Endpoint::ready, ""}};
  for (const Row& row : kRows) {
    const HttpResult<Routed> routed = route(row.method, row.path);
    ASSERT_TRUE(routed) << row.method << ' ' << row.path;
    EXPECT_EQ(routed->endpoint, row.endpoint) << row.method << ' ' << row.path;
    EXPECT_EQ(routed->encoded_key, row.key) << row.method << ' ' << row.path;
    EXPECT_LT(static_cast<std::size_t>(row.endpoint), kEndpointCount) << row.method << ' ' << row.path;
  }
}

TEST(Route, EveryEndpointHasANameOfItsOwn) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < kEndpointCount; ++i) names.insert(name_of(static_cast<Endpoint>(i)));
  EXPECT_EQ(names.size(), kEndpointCount);
  EXPECT_EQ(name_of(Endpoint::read_object), "read_object");
  EXPECT_EQ(name_of(Endpoint::health), "health");
}

TEST(Route, EveryEndpointAsksForARight) {
  using Where = RequiredRights::Where;
  struct Row {
    Endpoint endpoint;
    Where where;
    std::string_view letters;
  };
  constexpr Row kRows[] = {
      {Endpoint::read_object, Where::key, "r"},
      {Endpoint::put_object, Where::key, "w"},
      {Endpoint::delete_object, Where::key, "d"},
      {Endpoint::list_objects, Where::prefix, "l"},
      {Endpoint::commit_batch, Where::each_named, "wd"},
      {Endpoint::get_batch, Where::each_named, "r"},
      {Endpoint::convert, Where::somewhere, "w"},
      {Endpoint::compact, Where::somewhere, "a"},
      {Endpoint::metrics, Where::somewhere, "m"},
      {Endpoint::health, Where::nowhere, ""},
      {Endpoint::ready, Where::nowhere, ""},
  };
  static_assert(std::size(kRows) == kEndpointCount);
  for (const Row& row : kRows) {
    EXPECT_EQ(required_rights_of(row.endpoint).where, row.where) << name_of(row.endpoint);
    EXPECT_EQ(letters_of(required_rights_of(row.endpoint).rights), row.letters) << name_of(row.endpoint);
  }
}

TEST(Route, UnknownPathsAre404WhateverTheMethod) {
  for (const std::string_view path : {"", "/", "/v1/objectsx", "/v1/Objects/a", "/v1/convert/", "/v1/convertx",
                                      "/healthz/", "//healthz", "/v2/objects/a", "/v1/object/a"}) {
    for (const std::string_view method : {"GET", "POST", "OPTIONS"}) {
      const HttpResult<Routed> routed = route(method, path);
      ASSERT_FALSE(routed) << method << ' ' << path;
      EXPECT_EQ(routed.error().status, 404U) << method << ' ' << path;
      EXPECT_EQ(routed.error().code, "unknown_route") << method << ' ' << path;
      EXPECT_EQ(routed.error().allow, "") << method << ' ' << path;
    }
  }
}

TEST(Route, OtherMethodsAre405AndAllowNamesThePathsOwn) {
  struct Row {
    std::string_view method;
    std::string_view path;
    std::string_view allow;
  };
  constexpr Row kRows[] = {{"POST", "/v1/objects/a", "GET, HEAD, PUT, DELETE"},
                           {"PATCH", "/v1/objects/a", "GET, HEAD, PUT, DELETE"},
                           {"OPTIONS", "/v1/objects/a", "GET, HEAD, PUT, DELETE"},
                           {"GET", "/v1/convert", "POST"},
                           {"PUT", "/healthz", "GET, HEAD"},
                           {"TRACE", "/readyz", "GET, HEAD"}};
  for (const Row& row : kRows) {
    const HttpResult<Routed> routed = route(row.method, row.path);
    ASSERT_FALSE(routed) << row.method << ' ' << row.path;
    EXPECT_EQ(routed.error().status, 405U) << row.method << ' ' << row.path;
    EXPECT_EQ(routed.error().code, "method_not_allowed") << row.method << ' ' << row.path;
    EXPECT_EQ(routed.error().allow, row.allow) << row.method << ' ' << row.path;
    EXPECT_EQ(routed.error().detail, "this path knows " + std::string(row.allow)) << row.method << ' ' << row.path;
  }
}

TEST(Route, UnknownMethodsAre501WhateverThePath) {
  for (const std::string_view path : {"/v1/objects/a", "/nowhere"}) {
    for (const std::string_view method : {"BREW", "get", "PROPFIND", ""}) {
      const HttpResult<Routed> routed = route(method, path);
      ASSERT_FALSE(routed) << method << ' ' << path;
      EXPECT_EQ(routed.error(),
                problem_of(RequestError::not_implemented, "the method `" + std::string(method) + "` is not known"));
    }
  }
}

}  // namespace
}  // namespace sconce::proto
