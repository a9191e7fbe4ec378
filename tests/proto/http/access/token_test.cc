#include "proto/http/access/token.h"

#include <gtest/gtest.h>

namespace sconce::proto {
namespace {

const std::string kSecret(64, 'e');
const std::string kToken = "sconce_0123456789abcdef_" + kSecret;

TEST(Bearer, IsWhatStandsBehindTheScheme) {
  constexpr std::pair<std::string_view, std::string_view> kRows[] = {
      {"Bearer abc", "abc"},   {"bearer abc", "abc"}, {"BEARER abc", "abc"},   {"Bearer   abc", "abc"},
      {"Bearer", ""},          {"Bearer ", ""},       {"Bearer a, b", "a, b"}, {"Bearer a, Bearer a", "a, Bearer a"},
      {"Bearer abc ", "abc "},
  };
  for (const auto& [field, token] : kRows) EXPECT_EQ(bearer_of(field), token) << field;
}

TEST(Bearer, IsNotOfAnotherScheme) {
  for (const std::string_view field :
       {"", "Basic YTpi", "Bearerabc", "Bearer\tabc", "abc", " Bearer abc", "Basic Bearer abc"}) {
    EXPECT_EQ(bearer_of(field), std::nullopt) << field;
  }
}

TEST(Bearer, HasOnlyBytesThatAFieldCanCarry) {
  for (const std::string_view good : {"abc", "ABCxyz019-._~+/", "abc==", "sconce_1_2"})
    EXPECT_TRUE(is_bearer(good)) << good;
  for (const std::string_view bad : {"", "=", "a b", "a=b", "a\r\nX: y", "a\"", "\xc3\xbc"})
    EXPECT_FALSE(is_bearer(bad)) << bad;
}

TEST(Token, TellsItsId) { EXPECT_EQ(token_id_of(kToken), "0123456789abcdef"); }

TEST(Token, AnythingElseIsNone) {
  for (std::size_t i = 0; i < kToken.size(); ++i) {
    EXPECT_EQ(token_id_of(kToken.substr(0, i)), std::nullopt) << i;
    std::string other = kToken;
    other[i] = 'X';
    EXPECT_EQ(token_id_of(other), std::nullopt) << i;
    other[i] = '\0';
    EXPECT_EQ(token_id_of(other), std::nullopt) << i;
  }
  EXPECT_EQ(token_id_of(kToken + "0"), std::nullopt);
  EXPECT_EQ(token_id_of(kToken + " "), std::nullopt);
  EXPECT_EQ(token_id_of(kToken + ", " + kToken), std::nullopt);
}

}  // namespace
}  // namespace sconce::proto
