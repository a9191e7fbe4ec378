#include "server/net/sites.h"

#include <gtest/gtest.h>

namespace sconce::server::net {
namespace {

Sites sites_of(const SiteOptions& options) {
  auto sites = Sites::of(options);
  EXPECT_TRUE(sites.has_value());
  return std::move(*sites);
}

/// 0: nothing is wrong with it.
unsigned status(const Sites& sites, const std::string& method, std::vector<Field> fields, bool is_tls = false) {
  const RequestHead head{.method = method, .path = "/", .query = {}, .fields = std::move(fields)};
  proto::HttpResult<void> checked = sites.check_host(head.value_of("host"));
  if (checked) checked = sites.check_origin(head, is_tls);
  return checked ? 0 : checked.error().status;
}

TEST(Sites, HostsThatAreTheServersOwn) {
  const Sites sites = sites_of({.server_names = {"Store.example", "models.example."}, .checks_hosts = false});
  for (const char* const host :
       {"localhost", "LOCALHOST:7077", "localhost.", "a.localhost", "a.b.localhost:1", "127.0.0.1", "127.0.0.1:7077",
        "127.0.0.1.", "10.1.2.3:80", "[::1]", "[::1]:7077", "[::ffff:1.2.3.4]", "store.example", "STORE.example:8443",
        "store.example.", "models.example"}) {
    EXPECT_EQ(status(sites, "GET", {{"host", host}}), 0U) << host;
  }
  for (const char* const host :
       {"evil.example", "evil.example:7077", "localhost.evil.example", ".localhost", "evillocalhost",
        "127.0.0.1.evil.example", "127.1", "2130706433", "0x7f000001", "xstore.example", "a.store.example",
        "store.example.evil", "store", "[abc]", "[127.0.0.1]", "local%68ost"}) {
    EXPECT_EQ(status(sites, "GET", {{"host", host}}), 421U) << host;
  }
  EXPECT_EQ(status(sites, "GET", {}), 0U) << "HTTP/1.0 without a host";
}

TEST(Sites, HostsAreCheckedOnlyIfNamesAreGivenOrItIsAskedFor) {
  EXPECT_EQ(status(sites_of({}), "GET", {{"host", "evil.example"}}), 0U);
  EXPECT_EQ(status(sites_of({.checks_hosts = true}), "GET", {{"host", "evil.example"}}), 421U);
  EXPECT_EQ(status(sites_of({.server_names = {"a"}}), "GET", {{"host", "evil.example"}}), 421U);
}

TEST(Sites, AWriteIsTakenFromThePagesOfTheServersOwnOrigin) {
  struct Row {
    const char* host;
    const char* origin;
    bool in_the_open;
    bool over_tls;
  };
  constexpr Row kRows[] = {
      {"localhost:7077", "http://localhost:7077", true, false},
      {"localhost:7077", "HTTP://LOCALHOST:7077", true, false},
      {"localhost:7077", "https://localhost:7077", true, true},
      {"store.example", "http://store.example", true, false},
      {"store.example", "https://store.example", true, true},
      {"store.example:443", "https://store.example", true, true},
      {"store.example:80", "http://store.example", true, false},
      {"store.example", "https://store.example:443", true, true},
      {"[::1]:7077", "http://[::1]:7077", true, false},
      {"localhost:7077", "http://localhost", false, false},
      {"localhost:7077", "http://localhost:7078", false, false},
      {"localhost:7077", "http://127.0.0.1:7077", false, false},
      {"localhost:7077", "http://a.localhost:7077", false, false},
      {"store.example", "http://store.example:443", false, false},
      {"store.example", "https://store.example:80", false, false},
      {"store.example", "ftp://store.example", false, false},
      {"store.example", "https://evil.example", false, false},
      {"store.example", "https://store.example.evil.example", false, false},
      {"store.example", "null", false, false},
      {"store.example", "", false, false},
      {"store.example", "store.example", false, false},
      {"store.example", "https://store.example/", false, false},
      {"store.example", "https://store.example, https://store.example", false, false},
      {"store.example", "https://store.example@evil.example", false, false},
      {"store.example", "://store.example", false, false},
  };
  const Sites sites = sites_of({});
  for (const Row& row : kRows) {
    const std::vector<Field> fields = {{"host", row.host}, {"origin", row.origin}};
    EXPECT_EQ(status(sites, "POST", fields, false), row.in_the_open ? 0U : 403U) << row.host << ' ' << row.origin;
    EXPECT_EQ(status(sites, "POST", fields, true), row.over_tls ? 0U : 403U) << row.host << ' ' << row.origin << " TLS";
    EXPECT_EQ(status(sites, "GET", fields), 0U) << row.origin;
  }
}

TEST(Sites, AWriteOfAnotherSiteIsRefusedWhateverSaysSo) {
  const Sites sites = sites_of({});
  const Field host{"host", "a"};
  const Field own{"origin", "http://a"};
  const Field other{"origin", "http://b"};
  for (const char* const site : {"cross-site", "same-site", "Same-Origin", "", "unknown", "none, cross-site"}) {
    EXPECT_EQ(status(sites, "PUT", {host, {"sec-fetch-site", site}}), 403U) << site;
    EXPECT_EQ(status(sites, "PUT", {host, own, {"sec-fetch-site", site}}), 403U) << site;
  }
  for (const char* const site : {"same-origin", "none"}) {
    EXPECT_EQ(status(sites, "PUT", {host, {"sec-fetch-site", site}}), 0U) << site;
    EXPECT_EQ(status(sites, "PUT", {host, own, {"sec-fetch-site", site}}), 0U) << site;
    EXPECT_EQ(status(sites, "PUT", {host, other, {"sec-fetch-site", site}}), 403U) << site;
  }
}

TEST(Sites, EveryMethodButThoseThatReadWrites) {
  const Sites sites = sites_of({});
  for (const char* const method : {"PUT", "POST", "DELETE", "PATCH", "BREW", "TRACE", "get"}) {
    EXPECT_EQ(status(sites, method, {{"host", "a"}, {"origin", "http://b"}}), 403U) << method;
  }
  for (const char* const method : {"GET", "HEAD", "OPTIONS"}) {
    EXPECT_EQ(status(sites, method, {{"host", "a"}, {"origin", "http://b"}}), 0U) << method;
  }
}

TEST(Sites, PagesOfAnOriginThatIsNamedMayWrite) {
  const Sites sites =
      sites_of({.cors_origins = {"https://App.example", "http://localhost:3000", "chrome-extension://abc"}});
  for (const char* const origin :
       {"https://app.example", "https://app.example:443", "http://localhost:3000", "chrome-extension://abc"}) {
    EXPECT_EQ(status(sites, "PUT", {{"host", "a"}, {"origin", origin}, {"sec-fetch-site", "cross-site"}}), 0U)
        << origin;
  }
  for (const char* const origin : {"http://app.example", "https://app.example:8443", "http://localhost:3001", "null"}) {
    EXPECT_EQ(status(sites, "PUT", {{"host", "a"}, {"origin", origin}}), 403U) << origin;
  }
  EXPECT_EQ(status(sites, "PUT", {{"host", "a"}, {"sec-fetch-site", "cross-site"}}), 403U) << "of no origin at all";
}

TEST(Sites, WhatIsNoNameOrNoOriginIsRefused) {
  for (const char* const name : {"", ".", "http://a", "a:80", "*.a", "a b", "a/b", "[::1]", "a,b"}) {
    EXPECT_FALSE(Sites::of({.server_names = {name}}).has_value()) << name;
  }
  for (const char* const origin :
       {"", "null", "*", "app.example", "https://", "https://a/", "https://a/b", "://a", "https://a b"}) {
    EXPECT_FALSE(Sites::of({.cors_origins = {origin}}).has_value()) << origin;
  }
}

}  // namespace
}  // namespace sconce::server::net
