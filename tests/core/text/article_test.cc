#include "core/text/article.h"

#include <gtest/gtest.h>

namespace sconce::core {
namespace {

TEST(Article, IsAnBeforeAVowel) {
  EXPECT_EQ(with_article("table"), "a table");
  EXPECT_EQ(with_article("instance"), "an instance");
  EXPECT_EQ(with_article("Example.Class"), "an Example.Class");
  EXPECT_EQ(with_article("nn.Linear"), "a nn.Linear");
  EXPECT_EQ(with_article(""), "a ");
}

}  // namespace
}  // namespace sconce::core
