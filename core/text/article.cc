#include "core/text/article.h"

namespace sconce::core {

std::string with_article(std::string_view noun) {
  constexpr std::string_view kVowels = "aeiouAEIOU";
  const bool begins_with_vowel = !noun.empty() && kVowels.contains(noun.front());
  return std::string(begins_with_vowel ? "an " : "a ").append(noun);
}

}  // namespace sconce::core
