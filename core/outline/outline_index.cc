#include "core/outline/outline_index.h"

#include <algorithm>
#include <compare>
#include <numeric>

namespace sconce::core {

namespace {

/// A total order, also of what a damaged outline may hold; 0 and -0 are one key.
std::strong_ordering compare(const PartKey& a, const PartKey& b) {
  if (a.index() != b.index()) return a.index() <=> b.index();
  if (const auto* text = std::get_if<std::string>(&a)) return *text <=> std::get<std::string>(b);
  if (const auto* number = std::get_if<double>(&a)) return std::strong_order(*number + 0.0, std::get<double>(b) + 0.0);
  if (const auto* boolean = std::get_if<bool>(&a)) return *boolean <=> std::get<bool>(b);
  if (const auto* index = std::get_if<KeyIndex>(&a)) return index->index <=> std::get<KeyIndex>(b).index;
  return std::strong_ordering::equal;
}

PartKey key_of(const PathStep& step) {
  return std::visit([](const auto& one) { return PartKey(one); }, step);
}

}  // namespace

OutlineIndex::OutlineIndex(const Outline& outline)
    : outline_(outline), order_(outline.parts.empty() ? 0 : outline.parts.size() - 1) {
  std::iota(order_.begin(), order_.end(), 1U);
  std::ranges::sort(order_, [&parts = outline.parts](std::uint32_t a, std::uint32_t b) {
    if (parts[a].parent != parts[b].parent) return parts[a].parent < parts[b].parent;
    const auto order = compare(parts[a].key, parts[b].key);
    return order == std::strong_ordering::equal ? a < b : order == std::strong_ordering::less;
  });
}

std::optional<std::uint32_t> OutlineIndex::last_child(std::uint32_t parent, const PathStep& step) const {
  const PartKey key = key_of(step);
  const auto& parts = outline_.parts;
  const auto after = std::ranges::partition_point(order_, [&](std::uint32_t number) {
    if (parts[number].parent != parent) return parts[number].parent < parent;
    return compare(parts[number].key, key) != std::strong_ordering::greater;
  });
  if (after == order_.begin()) return std::nullopt;
  const std::uint32_t last = *std::prev(after);
  const bool is_it = parts[last].parent == parent && compare(parts[last].key, key) == std::strong_ordering::equal;
  return is_it ? std::optional(last) : std::nullopt;
}

std::optional<std::uint32_t> last_child_of(const Outline& outline, std::uint32_t parent, const PathStep& step) {
  const PartKey key = key_of(step);
  for (auto number = static_cast<std::uint32_t>(outline.parts.size()); number-- > 1;) {
    const OutlinePart& part = outline.parts[number];
    if (part.parent == parent && part.key == key) return number;
  }
  return std::nullopt;
}

}  // namespace sconce::core
