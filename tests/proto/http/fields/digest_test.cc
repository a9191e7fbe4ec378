#include "proto/http/fields/digest.h"

#include <gtest/gtest.h>

namespace sconce::proto {
namespace {

const std::string kSha256 = "X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=";

TEST(Digest, Sha256IsFoundAmongOthers) {
  const std::string ours = "sha-256=:" + kSha256 + ":";
  EXPECT_EQ(parse_digest(ours, "Content-Digest"), kSha256);
  EXPECT_EQ(parse_digest("sha-512=:YQ==:,  " + ours, "Content-Digest"), kSha256);
  EXPECT_EQ(parse_digest("sha-512=:YQ==:", "Content-Digest"), std::nullopt);
  EXPECT_EQ(digest_field_of(kSha256), ours);
}

TEST(Digest, WhatCannotBeReadIsNotTakenForNone) {
  const std::string rows[] = {"",
                              "sha-256",
                              "sha-256=" + kSha256,
                              "sha-256=:" + kSha256,
                              "sha-256=:YQ==:",
                              "SHA-256=:" + kSha256 + ":",
                              "sha-256=:" + kSha256 + ":,",
                              "sha-256=:?:"};
  for (const std::string& text : rows) {
    EXPECT_EQ(parse_digest(text, "Content-Digest").error().code, "bad_header") << text;
  }
}

TEST(WantDigest, IsAPreference) {
  EXPECT_EQ(wants_sha256("sha-256=10"), true);
  EXPECT_EQ(wants_sha256("sha-512=3, sha-256=1"), true);
  EXPECT_EQ(wants_sha256("sha-256=0"), false);
  EXPECT_EQ(wants_sha256("sha-512=3"), false);
  for (const std::string_view text : {"", "sha-256", "sha-256=11", "sha-256=x", "sha-256=-1"}) {
    EXPECT_EQ(wants_sha256(text).error().code, "bad_header") << text;
  }
}

}  // namespace
}  // namespace sconce::proto
