#include "core/tensor/slice.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <utility>

namespace sconce::core {

namespace {

/// Reads a slice from its first byte to its last.
class SliceParser {
 public:
  explicit SliceParser(std::string_view text) : text_(text) {}

  Result<Slice> parse() {
    Slice slice;
    do {
      Result<SliceItem> item = parse_item();
      if (!item) return std::unexpected(std::move(item.error()));
      if (slice.size() == kSliceItemsMax)
        return wrong("a slice has at most " + std::to_string(kSliceItemsMax) + " items");
      slice.push_back(*item);
    } while (skip(","));
    if (position_ < text_.size())
      return wrong("an item is ..., an integer, or start:stop:step; a comma separates items");
    if (std::ranges::count_if(slice,
                              [](const SliceItem& item) { return std::holds_alternative<SliceEllipsis>(item); }) > 1)
      return wrong("a slice has at most one ...");
    return slice;
  }

 private:
  std::unexpected<Error> wrong(std::string what) const {
    return std::unexpected(
        Error{.code = ErrorCode::invalid_argument, .what = std::move(what), .offset = position_, .path = std::nullopt});
  }

  bool skip(std::string_view expected) {
    if (!text_.substr(position_).starts_with(expected)) return false;
    position_ += expected.size();
    return true;
  }

  Result<SliceItem> parse_item() {
    if (skip("...")) return SliceEllipsis{};
    const Result<std::optional<std::int64_t>> first = parse_integer();
    if (!first) return std::unexpected(first.error());
    if (!skip(":")) {
      if (!*first) return wrong("an item is ..., an integer, or start:stop:step");
      return **first;
    }
    const Result<std::optional<std::int64_t>> stop = parse_integer();
    if (!stop) return std::unexpected(stop.error());
    SliceRange range{.start = *first, .stop = *stop};
    if (!skip(":")) return range;
    const Result<std::optional<std::int64_t>> step = parse_integer();
    if (!step) return std::unexpected(step.error());
    range.step = step->value_or(1);
    if (range.step == 0) return wrong("the step of a slice is not 0");
    return range;
  }

  /// Nothing if there is none.
  Result<std::optional<std::int64_t>> parse_integer() {
    std::int64_t value = 0;
    const char* const begin = text_.data() + position_;
    const auto [end, error] = std::from_chars(begin, text_.data() + text_.size(), value);
    if (error == std::errc::invalid_argument) return std::nullopt;
    // The least integer has no opposite, which would be one more case everywhere.
    if (error != std::errc() || value == INT64_MIN) return wrong("the integer is out of range");
    position_ += static_cast<std::size_t>(end - begin);
    return value;
  }

  std::string_view text_;
  std::size_t position_ = 0;
};

/// The first element that the range takes, and how many.
std::pair<std::int64_t, std::int64_t> extent_of(const SliceRange& range, std::int64_t size) {
  const bool forward = range.step > 0;
  const std::int64_t lowest = forward ? 0 : -1;
  const std::int64_t highest = forward ? size : size - 1;
  const auto place = [&](const std::optional<std::int64_t>& given, std::int64_t otherwise) {
    if (!given) return otherwise;
    return std::clamp(*given < 0 ? *given + size : *given, lowest, highest);
  };
  const std::int64_t start = place(range.start, forward ? 0 : size - 1);
  const std::int64_t stop = place(range.stop, forward ? size : -1);
  const std::int64_t span = forward ? stop - start : start - stop;
  const std::int64_t step = forward ? range.step : -range.step;
  return {start, span <= 0 ? 0 : (span - 1) / step + 1};
}

/// Applies items to the dimensions of a view, from the first to the last.
class SliceApplier {
 public:
  SliceApplier(const Slice& slice, const TensorView& view) : slice_(slice), view_(view), result_(view) {
    result_.sizes.clear();
    result_.strides.clear();
  }

  Result<TensorView> apply() {
    const std::size_t named = static_cast<std::size_t>(std::ranges::count_if(
        slice_, [](const SliceItem& item) { return !std::holds_alternative<SliceEllipsis>(item); }));
    if (named > view_.sizes.size()) {
      return fail(ErrorCode::invalid_argument, "the slice has " + std::to_string(named) + " items, and the tensor " +
                                                   std::to_string(view_.sizes.size()) + " dimensions");
    }
    for (const SliceItem& item : slice_) {
      if (Status taken = apply(item, view_.sizes.size() - named); !taken)
        return std::unexpected(std::move(taken.error()));
    }
    keep(view_.sizes.size() - dimension_);
    if (result_.sizes.empty() && !view_.sizes.empty()) {
      result_.sizes = {1};
      result_.strides = {1};
    }
    if (is_empty_) result_.first = 0;
    return std::move(result_);
  }

 private:
  Status apply(const SliceItem& item, std::size_t left_over) {
    if (std::holds_alternative<SliceEllipsis>(item)) {
      keep(left_over);
      return {};
    }
    const std::int64_t size = view_.sizes[dimension_];
    const std::int64_t stride = view_.strides[dimension_];
    if (const auto* range = std::get_if<SliceRange>(&item)) {
      const auto [start, count] = extent_of(*range, size);
      move(count == 0 ? 0 : start, stride);
      // Where there is at most one element the stride is never used; a huge step must not overflow it.
      add(count, count > 1 && has_elements_ ? stride * range->step : 1);
      dimension_ += 1;
      return {};
    }
    const std::int64_t index = std::get<std::int64_t>(item);
    if (index < -size || index >= size) {
      return fail(ErrorCode::invalid_argument, "the index " + std::to_string(index) + " is out of range: dimension " +
                                                   std::to_string(dimension_) + " has the size " +
                                                   std::to_string(size));
    }
    move(index < 0 ? index + size : index, stride);
    dimension_ += 1;
    return {};
  }

  void keep(std::size_t count) {
    for (; count > 0; --count, ++dimension_) add(view_.sizes[dimension_], view_.strides[dimension_]);
  }

  void add(std::int64_t size, std::int64_t stride) {
    is_empty_ = is_empty_ || size == 0;
    result_.sizes.push_back(size);
    result_.strides.push_back(stride);
  }

  /// Strides of tensors without elements may be anything, and are not followed.
  void move(std::int64_t count, std::int64_t stride) {
    if (has_elements_) result_.first += count * stride;
  }

  const Slice& slice_;
  const TensorView& view_;
  const bool has_elements_ = std::ranges::find(view_.sizes, 0) == view_.sizes.end();
  TensorView result_;
  std::size_t dimension_ = 0;
  bool is_empty_ = false;
};

}  // namespace

Result<Slice> parse_slice(std::string_view text) { return SliceParser(text).parse(); }

Result<TensorView> apply_slice(const Slice& slice, const TensorView& view) { return SliceApplier(slice, view).apply(); }

}  // namespace sconce::core
