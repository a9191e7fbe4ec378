#include "proto/safetensors_header.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <tuple>

#include "core/limits.h"
#include "core/printable.h"
#include "proto/safetensors.h"

namespace sconce::proto {

namespace {

using core::Error;
using core::ErrorCode;
using nlohmann::json;

constexpr std::size_t kShownBytesMax = 64;
constexpr auto kDimensionsMax = static_cast<std::size_t>(core::ReadLimits().dimensions_max);

std::string shown(std::string_view name) {
  return '`' + core::printable(name.substr(0, kShownBytesMax)) + (name.size() > kShownBytesMax ? "...`" : "`");
}

/// Walks over text and says how far it has come, also to who gave a copy of it away.
class CountingIterator {
 public:
  // NOLINTBEGIN(readability-identifier-naming): the standard's names
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;
  // NOLINTEND(readability-identifier-naming)

  CountingIterator(const char* at, const char** reached) : at_(at), reached_(reached) {}
  reference operator*() const { return *at_; }
  CountingIterator& operator++() {
    *reached_ = ++at_;
    return *this;
  }
  friend bool operator==(const CountingIterator& a, const CountingIterator& b) { return a.at_ == b.at_; }

 private:
  const char* at_;
  const char** reached_;
};

/// Takes what the JSON parser finds, knows at each step what alone may come, and stops it where something else does.
/// So depth, and what is kept, are bounded by the form of the header.
class HeaderTaker final : public json::json_sax_t {
 public:
  HeaderTaker(std::string_view text, std::size_t tensors_max)
      : begin_(text.data()), reached_(text.data()), tensors_max_(tensors_max) {}

  const char** reached() { return &reached_; }
  core::Result<SafetensorsHeader> result(bool parsed) {
    if (error_) return std::unexpected(std::move(*error_));
    if (!parsed) return core::fail(ErrorCode::malformed, "the safetensors header is no JSON");
    return std::move(header_);
  }

  bool start_object(std::size_t) override {
    switch (place_) {
      case Place::begin: return go_to(Place::root);
      case Place::entry: return go_to(Place::tensor);
      case Place::metadata: return go_to(Place::metadata_pairs);
      default: return unexpected("an object");
    }
  }

  bool key(string_t& name) override {
    if (place_ == Place::tensor) return start_field(name);
    if (place_ == Place::metadata_pairs) {
      header_.metadata.emplace_back(std::move(name), "");
      return is_counted(header_.metadata.size());
    }
    if (name == kSafetensorsMetadataKey) {
      if (header_.has_metadata) return wrong("the key `__metadata__` stands twice");
      header_.has_metadata = true;
      return go_to(Place::metadata);
    }
    entry_ = {};
    entry_.name = std::move(name);
    has_dtype_ = has_shape_ = has_offsets_ = false;
    return is_counted(header_.tensors.size() + 1) && go_to(Place::entry);
  }

  bool end_object() override {
    if (place_ == Place::tensor) return end_tensor();
    return go_to(place_ == Place::metadata_pairs ? Place::root : Place::begin);
  }

  bool start_array(std::size_t) override {
    if (place_ == Place::shape) return go_to(Place::shape_sizes);
    if (place_ == Place::offsets) return go_to(Place::offsets_pair);
    return unexpected("an array");
  }

  bool end_array() override {
    if (place_ == Place::shape_sizes) return go_to(Place::tensor);
    if (offsets_.size() != 2) return wrong("data_offsets are two integers");
    entry_.begin = offsets_[0];
    entry_.end = offsets_[1];
    return go_to(Place::tensor);
  }

  bool string(string_t& text) override {
    if (place_ == Place::metadata_pairs) {
      header_.metadata.back().second = std::move(text);
      return true;
    }
    if (place_ != Place::dtype) return unexpected("a string");
    const std::optional<Dtype> dtype = dtype_from_name(text);
    if (!dtype) {
      return wrong("the tensor " + shown(entry_.name) + " has the dtype " + shown(text) + ", which is not known here",
                   ErrorCode::unrepresentable);
    }
    entry_.form.dtype = *dtype;
    return go_to(Place::tensor);
  }

  bool number_unsigned(number_unsigned_t value) override {
    if (place_ == Place::offsets_pair) {
      offsets_.push_back(value);
      return offsets_.size() <= 2 || wrong("data_offsets are two integers");
    }
    if (place_ != Place::shape_sizes) return unexpected("a number");
    if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
      return wrong("a size is too large");
    if (entry_.form.shape.size() == kDimensionsMax) {
      return wrong(
          "the tensor " + shown(entry_.name) + " has more than " + std::to_string(kDimensionsMax) + " dimensions",
          ErrorCode::limit_exceeded);
    }
    entry_.form.shape.push_back(static_cast<std::int64_t>(value));
    return true;
  }

  bool null() override { return unexpected("null"); }
  bool boolean(bool) override { return unexpected("a boolean"); }
  bool number_integer(number_integer_t) override { return unexpected("a negative number"); }
  bool number_float(number_float_t, const string_t&) override { return unexpected("a number that is no integer"); }
  bool binary(json::binary_t&) override { return unexpected("binary"); }
  bool parse_error(std::size_t, const std::string&, const json::exception&) override { return wrong("it is no JSON"); }

  bool wrong(const std::string& what, ErrorCode code = ErrorCode::malformed) {
    error_ = Error{.code = code, .what = "the safetensors header: " + what, .offset = at()};
    return false;
  }

 private:
  /// What is open; a field's name means that its value is to come.
  enum class Place : std::uint8_t {
    begin,
    root,
    metadata,
    metadata_pairs,
    entry,
    tensor,
    dtype,
    shape,
    shape_sizes,
    offsets,
    offsets_pair
  };

  bool go_to(Place place) {
    place_ = place;
    return true;
  }
  std::uint64_t at() const { return static_cast<std::uint64_t>(reached_ - begin_); }
  bool unexpected(const std::string& what) { return wrong(what + " stands where none belongs"); }
  bool is_counted(std::size_t count) {
    if (count <= tensors_max_) return true;
    return wrong("it has more than " + std::to_string(tensors_max_) + " entries", ErrorCode::limit_exceeded);
  }

  bool start_field(const std::string& name) {
    bool* const has = name == "dtype"   ? &has_dtype_
                      : name == "shape" ? &has_shape_
                                        : (name == "data_offsets" ? &has_offsets_ : nullptr);
    if (has == nullptr) return wrong("the tensor " + shown(entry_.name) + " has the field " + shown(name));
    if (*has) return wrong("the tensor " + shown(entry_.name) + " has the field " + name + " twice");
    *has = true;
    if (has == &has_dtype_) return go_to(Place::dtype);
    offsets_.clear();
    return go_to(has == &has_shape_ ? Place::shape : Place::offsets);
  }

  bool end_tensor() {
    const std::string who = "the tensor " + shown(entry_.name);
    if (!has_dtype_ || !has_shape_ || !has_offsets_) return wrong(who + " lacks dtype, shape or data_offsets");
    const auto size = size_bytes_of(entry_.form);
    if (!size) return wrong(who + ": " + size.error().what, size.error().code);
    if (entry_.begin > entry_.end || entry_.end - entry_.begin != *size) {
      return wrong(who + " has " + std::to_string(*size) + " bytes, but data_offsets from " +
                   std::to_string(entry_.begin) + " to " + std::to_string(entry_.end));
    }
    entry_.header_offset = at();
    header_.tensors.push_back(std::move(entry_));
    return go_to(Place::root);
  }

  const char* begin_;
  const char* reached_;
  const std::size_t tensors_max_;
  Place place_ = Place::begin;
  SafetensorsHeader header_;
  SafetensorsEntry entry_;
  std::vector<std::uint64_t> offsets_;
  bool has_dtype_ = false;
  bool has_shape_ = false;
  bool has_offsets_ = false;
  std::optional<Error> error_;
};

std::unexpected<Error> wrong_at(std::uint64_t offset, const std::string& what) {
  return std::unexpected(
      Error{.code = ErrorCode::malformed, .what = "the safetensors header: " + what, .offset = offset});
}

core::Status check_names(const SafetensorsHeader& header) {
  std::vector<std::pair<std::string_view, std::uint64_t>> names;
  names.reserve(header.tensors.size());
  for (const SafetensorsEntry& entry : header.tensors) names.emplace_back(entry.name, entry.header_offset);
  std::ranges::sort(names);
  const auto twin = std::ranges::adjacent_find(names, {}, [](const auto& name) { return name.first; });
  if (twin != names.end()) {
    return wrong_at(std::next(twin)->second, "two tensors are called " + shown(twin->first));
  }
  std::vector<std::string_view> keys;
  keys.reserve(header.metadata.size());
  for (const auto& [key, value] : header.metadata) keys.emplace_back(key);
  std::ranges::sort(keys);
  const auto twin_key = std::ranges::adjacent_find(keys);
  if (twin_key == keys.end()) return {};
  return wrong_at(0, "`__metadata__` has the key " + shown(*twin_key) + " twice");
}

core::Status check_tiling(const SafetensorsHeader& header) {
  std::uint64_t end = 0;
  for (const SafetensorsEntry& entry : header.tensors) {
    if (entry.begin != end) {
      return wrong_at(entry.header_offset, "the tensor " + shown(entry.name) + " begins at " +
                                               std::to_string(entry.begin) + ", and what is before it ends at " +
                                               std::to_string(end));
    }
    end = entry.end;
  }
  return {};
}

}  // namespace

core::Result<SafetensorsHeader> parse_safetensors_header(std::string_view text, std::size_t tensors_max) {
  HeaderTaker taker(text, tensors_max);
  if (!text.starts_with('{')) {
    taker.wrong("it does not begin with {");
    return taker.result(false);
  }
  const char* const first = &text.front();
  const CountingIterator begin(first, taker.reached());
  const CountingIterator end(first + text.size(), taker.reached());
  const bool parsed = json::sax_parse(begin, end, &taker);
  auto header = taker.result(parsed);
  if (!header) return header;
  if (core::Status unique = check_names(*header); !unique) return std::unexpected(std::move(unique.error()));
  // Of tensors without elements at one place, the first in the header is the first.
  const auto place = [](const auto& entry) { return std::tuple(entry.begin, entry.end, entry.header_offset); };
  std::ranges::sort(header->tensors, {}, place);
  if (core::Status tiled = check_tiling(*header); !tiled) return std::unexpected(std::move(tiled.error()));
  return header;
}

}  // namespace sconce::proto
