#include "core/outline/part_names.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

namespace sconce::core {

namespace {

// What an error names, and how many names are compared for it.
constexpr std::size_t kNamesMax = 5;
constexpr std::size_t kNamesComparedMax = 1024;
// What a step of the budget compares, and passes over.
constexpr std::uint64_t kComparedOfAStep = 16;
constexpr std::uint64_t kPartsOfAStep = 8;

/// How many bytes have to be changed, added or taken away. Costs the product of the sizes.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = std::exchange(row[j], std::min({changed, row[j] + 1, row[j - 1] + 1}));
    }
  }
  return row.back();
}

std::optional<PathStep> step_of(const PartKey& key) {
  return std::visit(
      [](const auto& one) -> std::optional<PathStep> {
        if constexpr (std::is_same_v<std::decay_t<decltype(one)>, std::monostate>) return std::nullopt;
        else return PathStep(one);
      },
      key);
}

}  // namespace

std::string text_of(const PathStep& step) {
  std::string text;
  append_step(text, step);
  return text;
}

std::string names_near(FoundPart parent, const PathStep& step, Budget& budget) {
  const std::string wanted = text_of(step).substr(0, kPathKeyBytesMax);
  std::vector<std::pair<std::size_t, std::string>> names;
  const auto& parts = parent.outline->parts;
  if (!budget.spend_on_hint(parts.size() / kPartsOfAStep)) return {};
  std::size_t count = 0;
  for (std::uint32_t number = 1; number < parts.size(); ++number) {
    const auto key = parts[number].parent == parent.number ? step_of(parts[number].key) : std::nullopt;
    if (!key || ++count > kNamesComparedMax) continue;
    std::string name = text_of(*key);
    const std::string_view compared = std::string_view(name).substr(0, kPathKeyBytesMax);
    if (!budget.spend_on_hint(1 + wanted.size() * compared.size() / kComparedOfAStep)) return {};
    const std::size_t distance = edit_distance(wanted, compared);
    names.emplace_back(distance, std::move(name));
  }
  std::ranges::sort(names);
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), kNamesMax); ++i) text += (i == 0 ? "" : ", ") + names[i].second;
  if (count > kNamesMax) text += " and " + std::to_string(count - kNamesMax) + " more";
  return text;
}

}  // namespace sconce::core
