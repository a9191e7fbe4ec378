#pragma once

#include <CLI/CLI.hpp>

#include <charconv>
#include <concepts>
#include <functional>
#include <limits>
#include <optional>
#include <string>

namespace sconce::cli {

/// What an option may be: from `min` to `max`.
template <std::unsigned_integral T>
struct NumberRange {
  T min = 0;
  T max = std::numeric_limits<T>::max();
};

/// An option that takes a whole number in decimal digits. CLI11 alone takes `-1` for the greatest number there is, and
/// what is greater than that too, and `010` for 8. Lifetime: `take` is kept by `command`. Threads: the main one.
/// Errors: CLI::ValidationError, thrown while `command` parses.
template <std::unsigned_integral T>
CLI::Option* add_number(CLI::App& command, const std::string& flag, NumberRange<T> range, std::function<void(T)> take,
                        const std::string& what) {
  const auto read = [flag, range, take = std::move(take)](const std::string& text) {
    T value = 0;
    const char* const end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, value);
    if (parsed.ec == std::errc() && parsed.ptr == end && value >= range.min && value <= range.max) return take(value);
    throw CLI::ValidationError(
        flag, text + " is not a whole number from " + std::to_string(range.min) + " to " + std::to_string(range.max));
  };
  return command.add_option_function<std::string>(flag, read, what)->type_name("UINT");
}

/// With the default that `value` has. Lifetime: `value` is borrowed until `command` has parsed.
template <std::unsigned_integral T>
CLI::Option* add_number(CLI::App& command, const std::string& flag, T& value, const std::string& what,
                        NumberRange<T> range = {}) {
  const auto take = [&value](T number) { value = number; };
  return add_number<T>(command, flag, range, take, what)->default_str(std::to_string(value));
}

/// Without a default. Lifetime: the same.
template <std::unsigned_integral T>
CLI::Option* add_number(CLI::App& command, const std::string& flag, std::optional<T>& value, const std::string& what,
                        NumberRange<T> range = {}) {
  const auto take = [&value](T number) { value = number; };
  return add_number<T>(command, flag, range, take, what);
}

}  // namespace sconce::cli
