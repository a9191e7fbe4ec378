#include "proto/http/access/token_file.h"

#include <gtest/gtest.h>

#include "proto/http/fields/timestamp.h"

namespace sconce::proto {
namespace {

using core::ErrorCode;
using enum Right;

const std::string kId = "0123456789abcdef";
const std::string kSalt(32, '5');
const std::string kHash(64, 'a');
const std::string kBegin = kId + " sha256:" + kSalt + ':' + kHash;

TokenRecord record(Grants grants) { return {.id = kId, .salt = kSalt, .hash = kHash, .grants = std::move(grants)}; }

/// A line for a token of its own.
std::string line_number(std::size_t number) {
  const std::string digits = std::to_string(number);
  return std::string(16 - digits.size(), '0') + digits + " sha256:" + kSalt + ':' + kHash + " r:\n";
}

TEST(TokenFile, HoldsATokenALine) {
  TokenRecord expiring = record({{.rights = {read}, .prefix = "a b"}});
  expiring.id = "fedcba9876543210";
  expiring.expires = parse_timestamp("2027-01-31T12:00:00Z");
  const std::string text = "# who may do what: \xc3\xbc\n\n" + kBegin + " rw:runs/ \t r:models/ # the trainer's\n" +
                           " \t \n  fedcba9876543210\tsha256:" + kSalt + ':' + kHash +
                           "  expires=2027-01-31T12:00:00Z r:a%20b\n";
  const TokenRecord first =
      record({{.rights = {read, write}, .prefix = "runs/"}, {.rights = {read}, .prefix = "models/"}});
  EXPECT_EQ(parse_token_file(text), (std::vector{first, expiring}));
  EXPECT_EQ(parse_token_file(line_of(first) + '\n' + line_of(expiring) + '\n'), (std::vector{first, expiring}));
}

TEST(TokenFile, MayHoldNone) {
  for (const std::string_view text : {"", "\n", "# nobody\n", "\n \n\t# x\n"}) {
    EXPECT_EQ(parse_token_file(text), std::vector<TokenRecord>()) << text;
  }
}

TEST(TokenFile, WhatIsWrongIsNamedByItsLineAndNotRepeated) {
  struct Row {
    std::string line;
    std::string_view says;
  };
  const std::string token = "sconce_0123456789abcdef_" + std::string(64, 'e');
  const Row rows[] = {
      {token, "here stands a token itself"},
      {kBegin + " r: " + token, "here stands a token itself"},
      {"0123456789abcde sha256:" + kSalt + ':' + kHash + " r:", "16 hexadecimal digits"},
      {"0123456789ABCDEF sha256:" + kSalt + ':' + kHash + " r:", "16 hexadecimal digits"},
      {"0123456789abcdef0 sha256:" + kSalt + ':' + kHash + " r:", "16 hexadecimal digits"},
      {kId, "sha256:SALT:HASH"},
      {kId + " r:", "sha256:SALT:HASH"},
      {kId + " sha512:" + kSalt + ':' + kHash + " r:", "sha256:SALT:HASH"},
      {kId + " sha256:" + kSalt + " r:", "sha256:SALT:HASH"},
      {kId + " sha256:" + kSalt + ": r:", "sha256:SALT:HASH"},
      {kId + " sha256:" + kSalt + '.' + kHash + " r:", "sha256:SALT:HASH"},
      {kId + " sha256:" + kSalt + ':' + kHash + "0 r:", "sha256:SALT:HASH"},
      {kId + " sha256:" + kSalt.substr(1) + ':' + kHash + " r:", "sha256:SALT:HASH"},
      {kId + " sha256:5" + kSalt + ':' + kHash + " r:", "sha256:SALT:HASH"},
      {kBegin, "no rights"},
      {kBegin + " # r:", "no rights"},
      {kBegin + " expires=2027-01-01", "no rights"},
      {kBegin + " runs/", "RIGHTS:PREFIX"},
      {kBegin + " rx:runs/", "letters"},
      {kBegin + " r:../", "no key begins"},
      {kBegin + " r:%0a", "no key begins"},
      {kBegin + " r:%", "percent-encoded"},
      {kBegin + " ra:runs/", "whole server"},
      {kBegin + " r: expires=soon", "a date or a time"},
      {kBegin + " r: expires=", "a date or a time"},
      {kBegin + " r: expires=2027-01-01 expires=2028-01-01", "stands twice"},
      {kBegin + " r:\r", "a control character"},
      {kBegin + " r:\x1b[2J", "a control character"},
      {kBegin + std::string(" r:\0", 4), "a control character"},
      {"# \xff", "not UTF-8"},
      {std::string(1'000'000, 'x'), "16 hexadecimal digits"},
  };
  for (const Row& row : rows) {
    const auto parsed = parse_token_file("# one\n\n" + row.line + "\n" + line_number(1));
    ASSERT_FALSE(parsed) << row.line;
    EXPECT_EQ(parsed.error().code, ErrorCode::invalid_argument) << row.line;
    EXPECT_TRUE(parsed.error().what.starts_with("line 3: ")) << parsed.error().what;
    EXPECT_NE(parsed.error().what.find(row.says), std::string::npos) << parsed.error().what << " at " << row.line;
    EXPECT_LT(parsed.error().what.size(), 200U);
    for (const std::string& secret : {token.substr(24), kHash, kSalt}) {
      EXPECT_EQ(parsed.error().what.find(secret), std::string::npos) << parsed.error().what;
    }
  }
}

TEST(TokenFile, AnIdStandsOnce) {
  const auto parsed = parse_token_file(line_number(1) + line_number(2) + "\n" + line_number(1));
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().what, "line 4: line 1 has the same id");
}

TEST(TokenFile, HasLimits) {
  std::string grants = kBegin;
  for (std::size_t i = 0; i < kGrantsMax; ++i) grants += " r:" + std::to_string(i);
  EXPECT_TRUE(parse_token_file(grants + '\n'));
  std::string tokens;
  for (std::size_t i = 0; i < kTokensMax; ++i) tokens += line_number(i);
  ASSERT_LT(tokens.size(), kTokenFileBytesMax);
  EXPECT_EQ(parse_token_file(tokens)->size(), kTokensMax);
  const std::string comments = std::string(kTokenFileBytesMax - 1, '#') + '\n';
  EXPECT_TRUE(parse_token_file(comments));
  const std::pair<std::string, std::string_view> rows[] = {{grants + " r:x\n", "line 1: a token has at most 64 grants"},
                                                           {tokens + line_number(kTokensMax), "line 10001: there are"},
                                                           {'#' + comments, "tokens have at most 4194304 bytes"}};
  for (const auto& [text, says] : rows) {
    const auto parsed = parse_token_file(text);
    ASSERT_FALSE(parsed) << says;
    EXPECT_EQ(parsed.error().code, ErrorCode::limit_exceeded) << says;
    EXPECT_TRUE(parsed.error().what.starts_with(says)) << parsed.error().what;
  }
}

/// `rw:runs/1/` without its end would be a right to all runs.
TEST(TokenFile, CutOffInALineItIsRefused) {
  const std::string line = kBegin + " rw:runs/1/ # the first";
  for (std::size_t size = 1; size <= line.size(); ++size) {
    const auto parsed = parse_token_file(line_number(1) + line.substr(0, size));
    ASSERT_FALSE(parsed) << size;
    EXPECT_EQ(parsed.error().what, "line 2: it does not end with a newline; was the file cut off?");
  }
}

}  // namespace
}  // namespace sconce::proto
