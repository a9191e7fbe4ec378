#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sconce::proto {

/// The entries of an archive that were left out, because they hold no object. Threads: one at a time. Errors: none.
/// Memory: kNamesBytesMax of names.
class SkippedEntries {
 public:
  /// More of them are only counted. Stops an archive of a million names from becoming a header of that size.
  static constexpr std::size_t kNamesBytesMax = 1024;

  void add(std::string_view name);
  /// Those of an entry that is an archive itself.
  void add_all(std::string_view archive, const SkippedEntries& others);

  /// The names, in the order in which they came, and how many more there are.
  std::span<const std::string> names() const { return names_; }
  std::uint64_t more() const { return more_; }
  bool empty() const { return names_.empty() && more_ == 0; }

 private:
  std::vector<std::string> names_;
  std::size_t names_bytes_ = 0;
  std::uint64_t more_ = 0;
};

}  // namespace sconce::proto
