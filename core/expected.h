#pragma once

#include <concepts>
#include <expected>
#include <type_traits>
#include <utility>

namespace sconce::core {

/// `std::expected` that the compiler does not let a caller drop: a value, or the error of what failed.
///
/// Threads: as a value's. Cost: none; it has no members of its own.
template <class T, class E>
class [[nodiscard]] Expected : public std::expected<T, E> {
  using Base = std::expected<T, E>;

 public:
  using Base::Base;

  Expected() = default;
  // NOLINTNEXTLINE(google-explicit-constructor): from the base, which a standard function may return
  Expected(Base base) noexcept(std::is_nothrow_move_constructible_v<Base>) : Base(std::move(base)) {}

  /// The base's `==` would compare the value of `left` with the whole of another `Expected`.
  template <std::same_as<Expected> Left, class Right>
  friend bool operator==(const Left& left, const Right& right) {
    if constexpr (std::same_as<Right, Expected>) {
      return static_cast<const Base&>(left) == static_cast<const Base&>(right);
    } else {
      return static_cast<const Base&>(left) == right;
    }
  }
};

}  // namespace sconce::core
