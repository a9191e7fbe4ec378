#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/outline/outline.h"
#include "core/text/path.h"

namespace sconce::core {

/// The parts of an outline by parent and key, to be found in O(log n). Lifetime: the outline is borrowed. Threads: safe
/// from many. Errors: none.
class OutlineIndex {
 public:
  explicit OutlineIndex(const Outline& outline);

  /// Of those that have this parent and key, the last.
  std::optional<std::uint32_t> last_child(std::uint32_t parent, const PathStep& key) const;

 private:
  const Outline& outline_;
  std::vector<std::uint32_t> order_;  // all parts but the root, by parent, key and place
};

/// The same, looked for one by one.
std::optional<std::uint32_t> last_child_of(const Outline& outline, std::uint32_t parent, const PathStep& key);

}  // namespace sconce::core
