#include "proto/http/fields/byte_range.h"

#include <algorithm>
#include <charconv>

namespace sconce::proto {

namespace {

constexpr std::string_view kUnit = "bytes=";
constexpr std::string_view kBlanks = " \t";

std::string_view trim(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) + 1 - begin);
}

bool begins_with_unit(std::string_view text) {
  if (text.size() < kUnit.size()) return false;
  return std::ranges::equal(text.substr(0, kUnit.size()), kUnit, [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
  });
}

/// Digits only; one that no file has is the greatest there is. Nothing if it is no number.
std::optional<std::uint64_t> number_of(std::string_view text) {
  if (text.empty() || text.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  std::uint64_t number = 0;
  const auto parsed = std::from_chars(text.begin(), text.end(), number);
  return parsed.ec == std::errc() ? number : ~std::uint64_t{0};
}

/// One range as it was asked for.
struct Asked {
  bool well_formed = false;
  std::optional<ByteRange> range = std::nullopt;  // nothing if it lies beyond the end
};

Asked parse_one(std::string_view text, std::uint64_t size_bytes) {
  const std::size_t dash = text.find('-');
  if (dash == std::string_view::npos) return {};
  const std::string_view first_text = text.substr(0, dash);
  const std::string_view last_text = text.substr(dash + 1);
  const auto first = number_of(first_text);
  const auto last = number_of(last_text);
  if (!last && !last_text.empty()) return {};
  if (first_text.empty()) {
    if (!last) return {};
    if (*last == 0 || size_bytes == 0) return {.well_formed = true};
    return {true, ByteRange{size_bytes - std::min(*last, size_bytes), size_bytes - 1}};
  }
  if (!first || (last && *last < *first)) return {};
  if (*first >= size_bytes) return {.well_formed = true};
  return {true, ByteRange{*first, std::min(last.value_or(size_bytes - 1), size_bytes - 1)}};
}

bool is_too_much(const std::vector<ByteRange>& ranges, std::uint64_t size_bytes) {
  if (ranges.size() < 2) return false;
  std::uint64_t left = size_bytes;
  for (const ByteRange& range : ranges) {
    if (range.size_bytes() > left) return true;
    left -= range.size_bytes();
  }
  return false;
}

}  // namespace

std::optional<std::vector<ByteRange>> parse_byte_ranges(std::string_view text, std::uint64_t size_bytes) {
  if (!begins_with_unit(text)) return std::nullopt;
  text.remove_prefix(kUnit.size());
  std::vector<ByteRange> ranges;
  std::size_t asked_for = 0;
  while (true) {
    const std::size_t comma = std::min(text.find(','), text.size());
    const std::string_view one = trim(text.substr(0, comma));
    if (!one.empty()) {
      const Asked asked = parse_one(one, size_bytes);
      if (!asked.well_formed) return std::nullopt;
      if (++asked_for > kByteRangesMax) return std::vector<ByteRange>();
      if (asked.range) ranges.push_back(*asked.range);
    }
    if (comma == text.size()) break;
    text.remove_prefix(comma + 1);
  }
  if (asked_for == 0) return std::nullopt;
  if (is_too_much(ranges, size_bytes)) ranges.clear();
  return ranges;
}

bool if_range_holds(std::string_view text, std::string_view entity_tag) { return trim(text) == entity_tag; }

std::string content_range_of(const ByteRange& range, std::uint64_t size_bytes) {
  return "bytes " + std::to_string(range.first) + '-' + std::to_string(range.last) + '/' + std::to_string(size_bytes);
}

std::string unsatisfied_content_range(std::uint64_t size_bytes) { return "bytes */" + std::to_string(size_bytes); }

}  // namespace sconce::proto
