#include "core/text/similar_word.h"

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

namespace sconce::core {

namespace {

// No word of ours is longer.
constexpr std::size_t kWordBytesMax = 64;
constexpr std::size_t kChangesMax = 2;

/// How many letters are to be changed, left out or added. Source: Levenshtein, 1965.
std::size_t changes_between(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string_view similar_word(std::string_view word, std::span<const std::string> words) {
  if (word.size() > kWordBytesMax) return {};
  std::string_view best;
  std::size_t least = std::min(kChangesMax, word.size() / 2) + 1;
  for (const std::string& candidate : words) {
    const std::size_t changes = changes_between(word, candidate);
    if (changes >= least) continue;
    least = changes;
    best = candidate;
  }
  return best;
}

}  // namespace sconce::core
