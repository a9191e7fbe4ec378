#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sconce::core {

/// The classes of one input whose payload was read as one object although nothing says so: they are neither declared,
/// nor built in, nor known to be plain (known_classes.h).
///
/// Threads: one at a time. Errors: none. Memory: at most kNamesMax names and two more.
class UndeclaredClasses {
 public:
  /// More of them are counted as `more`. Stops an object of a million classes from becoming a header of that size.
  static constexpr std::size_t kNamesMax = 32;

  /// An instance of such a class begins at this byte.
  void add(std::string_view name, std::uint64_t offset) {
    last_ = {.name = std::string(name), .offset = offset};
    add_name(name);
  }

  /// Its payload is no table of fields. That is what nearly every class writes that writes one object, so it may well
  /// have written something else. Also for classes that are known to be plain.
  void suspect(std::string_view name, std::uint64_t offset) {
    suspect_ = {.name = std::string(name), .offset = offset};
    add_name(name);
  }

  /// Those of another input too.
  void add_all(const UndeclaredClasses& others);

  /// Their names, in the order in which they came, and whether there are more.
  std::span<const std::string> names() const { return names_; }
  bool more() const { return more_; }

  /// Where reading went wrong with an instance open that began at `open_offset`: which class it may be that wrote
  /// something else than one object, to be put behind an error. Empty if there is none.
  std::string note(std::string_view open_name, std::optional<std::uint64_t> open_offset) const;

 private:
  struct Place {
    std::string name;
    std::uint64_t offset = 0;
  };

  void add_name(std::string_view name);

  std::vector<std::string> names_;
  bool more_ = false;
  std::optional<Place> last_;
  std::optional<Place> suspect_;
};

}  // namespace sconce::core
