#include "proto/formats/json/plain_json_parts.h"

#include <charconv>
#include <cmath>
#include <optional>

#include "core/bytes/free_memory.h"
#include "core/exact_integer.h"
#include "core/little_endian.h"
#include "core/numbers/half.h"
#include "core/text/article.h"
#include "proto/formats/dtype_value.h"
#include "proto/formats/json/json_numbers.h"

namespace sconce::proto {

namespace {

using core::ElementType;

/// The place of a key in an array of `count`, from 0; nothing if it has none.
std::optional<std::uint32_t> place_of(const core::Value& key, std::size_t count) {
  const auto number = key.number();
  if (!number || !(*number >= 1 && *number <= static_cast<double>(count)) || std::floor(*number) != *number) {
    return std::nullopt;
  }
  return static_cast<std::uint32_t>(*number - 1);
}

/// Keys are unique: that each has a place in 1..n means that they are all there.
std::optional<PlainTable> as_array(const core::Table& table) {
  PlainTable array;
  bool is_in_order = true;
  array.order.resize(table.size());
  const auto slots = table.slots();
  for (std::uint32_t i = 0; i < slots.size(); ++i) {
    if (slots[i].second.is_nil()) continue;
    const auto place = place_of(slots[i].first, table.size());
    if (!place) return std::nullopt;
    array.order[*place] = i;
    is_in_order = is_in_order && *place == i;
  }
  if (is_in_order) core::free_memory(array.order);
  return array;
}

PlainTable as_object(const core::Table& table) {
  PlainTable object{.is_array = false};
  const auto slots = table.slots();
  if (slots.size() == table.size()) return object;
  for (std::uint32_t i = 0; i < slots.size(); ++i) {
    if (!slots[i].second.is_nil()) object.order.push_back(i);
  }
  return object;
}

/// Nothing if the type has integers.
std::optional<double> float_of(ElementType type, const std::byte* from) {
  switch (type) {
    case ElementType::f16: return core::half_to_float(core::load_little_endian<std::uint16_t>(from));
    case ElementType::f32: return core::load_little_endian<float>(from);
    case ElementType::f64: return core::load_little_endian<double>(from);
    default: return std::nullopt;
  }
}

/// Little-endian.
std::uint64_t bits_of(const std::byte* from, std::size_t size_bytes) {
  std::uint64_t bits = 0;
  for (std::size_t i = size_bytes; i-- > 0;) bits = bits << 8U | std::to_integer<std::uint64_t>(from[i]);
  return bits;
}

}  // namespace

core::Result<PlainTable> plain_table(const core::Table& table) {
  if (auto array = as_array(table)) return std::move(*array);
  for (const auto& [key, value] : table.entries()) {
    if (key.string()) continue;
    return core::fail(core::ErrorCode::unrepresentable,
                      "JSON knows tables whose keys are 1..n or all strings, and this one has a key that is " +
                          core::with_article(name_of(key.kind())) + "; ask for the lossless JSON");
  }
  return as_object(table);
}

std::string_view BracketWalk::next() {
  text_.clear();
  std::size_t ended = is_begun_ ? 0 : sizes_.size();  // arrays that end, and begin again
  if (is_begun_) {
    while (++indices_[sizes_.size() - 1 - ended] == sizes_[sizes_.size() - 1 - ended]) {
      indices_[sizes_.size() - 1 - ended] = 0;
      ++ended;
    }
    text_.append(ended, ']');
    text_ += ',';
  }
  is_begun_ = true;
  text_.append(ended, '[');
  return text_;
}

std::string_view BracketWalk::end() {
  text_.assign(sizes_.size(), ']');
  return text_;
}

char* print_plain_unit(char* to, Dtype dtype, const std::byte* from) {
  if (const auto type = element_type_of(dtype)) return print_plain_element(to, *type, from);
  if (dtype == Dtype::c64) return print_plain_element(to, ElementType::f32, from);
  if (dtype == Dtype::c128) return print_plain_element(to, ElementType::f64, from);
  const std::uint64_t bits = bits_of(from, core::size_bytes_of(carrier_of(dtype)));
  if (dtype == Dtype::boolean) {
    const std::string_view word = bits != 0 ? "true" : "false";
    return to + word.copy(to, word.size());
  }
  const auto value = float_value_of(dtype, static_cast<std::uint32_t>(bits));
  if (!value) return std::to_chars(to, to + kJsonNumberBytesMax, bits).ptr;
  return print_plain_element(to, ElementType::f32, reinterpret_cast<const std::byte*>(&*value));
}

char* print_plain_element(char* to, ElementType type, const std::byte* from) {
  constexpr std::string_view kNull = "null";
  const std::optional<double> value = float_of(type, from);
  if (!value) return print_json_element(to, type, from);
  if (!std::isfinite(*value)) return to + kNull.copy(to, kNull.size());
  if (!core::is_exact_integer(*value) || (*value == 0 && std::signbit(*value)))
    return print_json_element(to, type, from);
  return std::to_chars(to, to + kJsonNumberBytesMax, static_cast<std::int64_t>(*value)).ptr;
}

}  // namespace sconce::proto
