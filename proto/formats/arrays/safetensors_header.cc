#include "proto/formats/arrays/safetensors_header.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <optional>
#include <tuple>
#include <utility>

#include "core/limits.h"
#include "core/text/printable.h"
#include "proto/formats/arrays/safetensors.h"
#include "proto/formats/json/json_tokenizer.h"

namespace sconce::proto {

namespace {

using core::Error;
using core::ErrorCode;
using core::Status;

constexpr std::size_t kShownBytesMax = 64;
constexpr auto kDimensionsMax = static_cast<std::size_t>(core::ReadLimits().dimensions_max);

std::string shown(std::string_view name) {
  return '`' + core::printable(name.substr(0, kShownBytesMax)) + (name.size() > kShownBytesMax ? "...`" : "`");
}

/// Takes the tokens of the JSON, knows at each step what alone may come, and stops where something else does. So depth,
/// and what is kept, are bounded by the form of the header.
class HeaderTaker final : public JsonTokenSink {
 public:
  explicit HeaderTaker(std::size_t tensors_max) : tensors_max_(tensors_max) {}

  SafetensorsHeader take() { return std::move(header_); }

  /// Where the token begins that comes next.
  void set_offset_source(const JsonTokenizer& tokenizer) { tokenizer_ = &tokenizer; }

  Status on_open(Bracket bracket) override {
    if (bracket == Bracket::array) {
      if (place_ == Place::shape) return go_to(Place::shape_sizes);
      if (place_ == Place::offsets) return go_to(Place::offsets_pair);
      return unexpected("an array");
    }
    switch (place_) {
      case Place::begin: return go_to(Place::root);
      case Place::entry: return go_to(Place::tensor);
      case Place::metadata: return go_to(Place::metadata_pairs);
      default: return unexpected("an object");
    }
  }

  Status on_close(Bracket bracket) override {
    if (bracket == Bracket::array) return end_array();
    if (place_ == Place::tensor) return end_tensor();
    return go_to(place_ == Place::metadata_pairs ? Place::root : Place::begin);
  }

  Status on_name(std::string_view name) override {
    if (place_ == Place::tensor) return start_field(name);
    if (place_ == Place::metadata_pairs) {
      header_.metadata.emplace_back(name, "");
      return check_count(header_.metadata.size());
    }
    if (name == kSafetensorsMetadataKey) {
      if (header_.has_metadata) return wrong("the key `__metadata__` stands twice");
      header_.has_metadata = true;
      return go_to(Place::metadata);
    }
    entry_ = {};
    entry_.name = name;
    has_dtype_ = has_shape_ = has_offsets_ = false;
    if (Status counted = check_count(header_.tensors.size() + 1); !counted) return counted;
    return go_to(Place::entry);
  }

  Status on_text(std::string_view part, bool is_last) override {
    if (place_ == Place::metadata_pairs) {
      header_.metadata.back().second += part;
      return {};
    }
    if (place_ != Place::dtype) return unexpected("a string");
    text_ += part;
    return is_last ? take_dtype(std::exchange(text_, {})) : Status();
  }

  Status on_number(std::string_view text) override {
    if (place_ != Place::offsets_pair && place_ != Place::shape_sizes) return unexpected("a number");
    std::uint64_t value = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    if (read.ptr != text.data() + text.size()) {
      return unexpected(text.starts_with('-') ? "a negative number" : "a number that is no integer");
    }
    if (read.ec != std::errc()) return wrong("the number " + shown(text) + " is too large");
    if (place_ == Place::shape_sizes) return take_size(value);
    offsets_.push_back(value);
    return offsets_.size() <= 2 ? Status() : wrong("data_offsets are two integers");
  }

  Status on_word(Word word) override { return unexpected(word == Word::null_word ? "null" : "a boolean"); }

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

  Status go_to(Place place) {
    place_ = place;
    return {};
  }
  Status wrong(std::string what, ErrorCode code = ErrorCode::malformed) { return core::fail(code, std::move(what)); }
  Status unexpected(const std::string& what) { return wrong(what + " stands where none belongs"); }
  Status check_count(std::size_t count) {
    if (count <= tensors_max_) return {};
    return wrong("it has more than " + std::to_string(tensors_max_) + " entries", ErrorCode::limit_exceeded);
  }

  Status take_dtype(const std::string& text) {
    const std::optional<Dtype> dtype = dtype_from_name(text);
    if (!dtype || !is_in_safetensors(*dtype)) {
      return wrong("the tensor " + shown(entry_.name) + " has the dtype " + shown(text) + ", which is not known here",
                   ErrorCode::unrepresentable);
    }
    entry_.form.dtype = *dtype;
    return go_to(Place::tensor);
  }

  Status take_size(std::uint64_t size) {
    if (!std::in_range<std::int64_t>(size)) return wrong("a size is too large");
    if (entry_.form.shape.size() == kDimensionsMax) {
      return wrong(
          "the tensor " + shown(entry_.name) + " has more than " + std::to_string(kDimensionsMax) + " dimensions",
          ErrorCode::limit_exceeded);
    }
    entry_.form.shape.push_back(static_cast<std::int64_t>(size));
    return {};
  }

  Status end_array() {
    if (place_ == Place::shape_sizes) return go_to(Place::tensor);
    if (offsets_.size() != 2) return wrong("data_offsets are two integers");
    entry_.begin = offsets_[0];
    entry_.end = offsets_[1];
    return go_to(Place::tensor);
  }

  Status start_field(std::string_view name) {
    bool* const has = name == "dtype"   ? &has_dtype_
                      : name == "shape" ? &has_shape_
                                        : (name == "data_offsets" ? &has_offsets_ : nullptr);
    if (has == nullptr) return wrong("the tensor " + shown(entry_.name) + " has the field " + shown(name));
    if (*has) return wrong("the tensor " + shown(entry_.name) + " has the field " + shown(name) + " twice");
    *has = true;
    if (has == &has_dtype_) return go_to(Place::dtype);
    offsets_.clear();
    return go_to(has == &has_shape_ ? Place::shape : Place::offsets);
  }

  Status end_tensor() {
    const std::string who = "the tensor " + shown(entry_.name);
    if (!has_dtype_ || !has_shape_ || !has_offsets_) return wrong(who + " lacks dtype, shape or data_offsets");
    const auto size = size_bytes_of(entry_.form);
    if (!size) return wrong(who + ": " + size.error().what, size.error().code);
    if (entry_.begin > entry_.end || entry_.end - entry_.begin != *size) {
      return wrong(who + " has " + std::to_string(*size) + " bytes, but data_offsets from " +
                   std::to_string(entry_.begin) + " to " + std::to_string(entry_.end));
    }
    entry_.header_offset = tokenizer_->token_offset();
    header_.tensors.push_back(std::move(entry_));
    return go_to(Place::root);
  }

  const std::size_t tensors_max_;
  Place place_ = Place::begin;
  SafetensorsHeader header_;
  SafetensorsEntry entry_;
  std::vector<std::uint64_t> offsets_;
  bool has_dtype_ = false;
  bool has_shape_ = false;
  bool has_offsets_ = false;
  std::string text_;
  const JsonTokenizer* tokenizer_ = nullptr;
};

std::unexpected<Error> wrong_at(std::uint64_t offset, const std::string& what, ErrorCode code = ErrorCode::malformed) {
  return std::unexpected(Error{.code = code, .what = "the safetensors header: " + what, .offset = offset});
}

Status check_names(const SafetensorsHeader& header) {
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

Status check_tiling(const SafetensorsHeader& header) {
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
  if (!text.starts_with('{')) return wrong_at(0, "it does not begin with {");
  HeaderTaker taker(tensors_max);
  JsonTokenizer tokenizer(taker, {.number_bytes_max = text.size(), .name_bytes_max = text.size()});
  taker.set_offset_source(tokenizer);
  Status read = tokenizer.put(text);
  if (read) read = tokenizer.finish();
  if (!read) {
    const Error& error = read.error();
    // What is cut off is the header, not the input.
    const ErrorCode code = error.code == ErrorCode::truncated ? ErrorCode::malformed : error.code;
    return wrong_at(error.offset.value_or(tokenizer.token_offset()), error.what, code);
  }
  SafetensorsHeader header = taker.take();
  if (Status unique = check_names(header); !unique) return std::unexpected(std::move(unique.error()));
  // Of tensors without elements at one place, the first in the header is the first.
  const auto place = [](const auto& entry) { return std::tuple(entry.begin, entry.end, entry.header_offset); };
  std::ranges::sort(header.tensors, {}, place);
  if (Status tiled = check_tiling(header); !tiled) return std::unexpected(std::move(tiled.error()));
  return header;
}

}  // namespace sconce::proto
