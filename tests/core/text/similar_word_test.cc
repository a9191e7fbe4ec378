#include "core/text/similar_word.h"

#include <gtest/gtest.h>

#include <vector>

namespace sconce::tests {
namespace {

TEST(SimilarWord, IsTheOneThatWasMeant) {
  const std::vector<std::string> words = {"check", "convert", "inspect", "serve"};
  const std::pair<std::string, std::string> rows[] = {
      {"inspct", "inspect"},
      {"chekc", "check"},
      {"serv", "serve"},
      {"server", "serve"},
      {"convert", "convert"},
      {"help", ""},
      {"put", ""},
      {"", ""},
      {"s", ""},
      {"Check", "check"},
      {"inspector", "inspect"},
      {"inspectors", ""},
      {std::string(65, 'c'), ""},
  };
  for (const auto& [word, meant] : rows) EXPECT_EQ(core::similar_word(word, words), meant) << word;
}

TEST(SimilarWord, TheMostSimilarOneWins) {
  const std::vector<std::string> words = {"slices", "slice"};
  EXPECT_EQ(core::similar_word("slic", words), "slice");
}

}  // namespace
}  // namespace sconce::tests
