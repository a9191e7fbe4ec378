#include "core/torch7/sniff_trial.h"

#include <algorithm>
#include <variant>

#include "core/numbers/number_text.h"

namespace sconce::core {
namespace {

/// Weighs the longs, and remembers the greatest index.
class Weigher final : public EventSink {
 public:
  /// No long counts more than the input could hold, if it is of `input_bytes`, by far.
  explicit Weigher(std::size_t input_bytes) : long_max_(std::max<std::uint64_t>(input_bytes, kLongMax)) {}

  bool has_longs() const { return has_longs_; }
  bool is_odd() const { return is_odd_; }
  bool has_elements() const { return has_elements_; }
  std::int32_t index_max() const { return index_max_; }

  Status on(const Event& event) override {
    std::visit([this](const auto& each) { see(each); }, event);
    return {};
  }

 private:
  static constexpr std::uint64_t kLongMax = 0xffffffff;

  void see(const auto&) {}
  void see(const event::Table& table) { index_max_ = std::max(index_max_, table.index); }
  void see(const event::Instance& instance) { index_max_ = std::max(index_max_, instance.index); }
  void see(const event::Function& function) { index_max_ = std::max(index_max_, function.index.value_or(0)); }
  void see(const event::Boolean& boolean) { is_odd_ = is_odd_ || boolean.wire < 0 || boolean.wire > 1; }
  void see(const event::Tensor& tensor) {
    for (const std::int64_t size : tensor.sizes) weigh(size, 1);
    for (const std::int64_t stride : tensor.strides) weigh(stride, 0);
    weigh(tensor.offset, 1);
  }
  void see(const event::Storage& storage) {
    weigh(storage.count, 0);
    has_elements_ = has_elements_ || storage.count > 0;
  }
  /// Of a declared class, which may mean anything.
  void see(const event::Scalars& scalars) { has_longs_ = has_longs_ || scalars.type == ElementType::i64; }

  void weigh(std::int64_t value, std::int64_t min) {
    has_longs_ = true;
    is_odd_ = is_odd_ || value < min || (value > 0 && static_cast<std::uint64_t>(value) > long_max_);
  }

  const std::uint64_t long_max_;
  bool has_longs_ = false;
  bool is_odd_ = false;
  bool has_elements_ = false;
  std::int32_t index_max_ = 0;
};

/// White space may stand behind an object in ascii.
bool is_blank_in(Format format, std::byte byte) { return format == Format::ascii && is_space(static_cast<char>(byte)); }

/// Whether `rest` is objects to its end, the first of which may refer to indices up to `index_max`.
bool are_objects(std::span<const std::byte> rest, Format format, ReadOptions options, std::int32_t index_max) {
  while (!std::ranges::all_of(rest, [format](std::byte byte) { return is_blank_in(format, byte); })) {
    options.indices_before = index_max;
    Weigher weigher(rest.size());
    EventReader reader(format, weigher, options);
    const Result<std::size_t> used = reader.put_last(rest);
    if (!used || weigher.is_odd()) return false;
    rest = rest.subspan(*used);
    index_max = std::max(index_max, weigher.index_max());
  }
  return true;
}

}  // namespace

SniffTrial try_format(std::span<const std::byte> bytes, Format format, const ReadOptions& given, SniffInput input) {
  using End = SniffTrial::End;
  ReadOptions options = given;
  options.trailing = TrailingBytes::ignore;
  options.input_bytes.reset();  // a claim that the input cannot hold is weighed instead
  Weigher weigher(bytes.size());
  EventReader reader(format, weigher, options);
  const Result<std::size_t> used = input == SniffInput::whole ? reader.put_last(bytes) : reader.put(bytes);
  SniffTrial trial{
      .has_longs = weigher.has_longs(), .is_odd = weigher.is_odd(), .has_elements = weigher.has_elements()};
  if (!used && used.error().code != ErrorCode::truncated) {
    trial.end = used.error().code == ErrorCode::limit_exceeded ? End::limited : End::impossible;
    trial.error = used.error();
  } else if (!used || !reader.done()) {
    trial.end = End::cut;
  } else if (*used == bytes.size()) {
    trial.end = End::whole;
  } else {
    trial.end = End::behind;
    trial.rest_is_objects = are_objects(bytes.subspan(*used), format, options, weigher.index_max());
  }
  return trial;
}

}  // namespace sconce::core
