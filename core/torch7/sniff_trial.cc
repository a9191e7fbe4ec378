#include "core/torch7/sniff_trial.h"

#include <algorithm>
#include <variant>

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

/// Whether what follows from `at` on is objects to its end, the first of which may refer to indices up to `index_max`.
/// Errors: the source's.
Result<bool> are_objects(ByteSource& source, std::uint64_t at, Format format, ReadOptions options,
                         std::int32_t index_max) {
  while (true) {
    Result<bool> is_end = is_end_of_input(source, at, format);
    if (!is_end || *is_end) return is_end;
    options.indices_before = index_max;
    Weigher weigher(source.size_bytes() - at);
    EventReader reader(format, weigher, options);
    const Result<std::uint64_t> used = read_last(reader, source, at);
    if (!used && used.error().code == ErrorCode::io_error) return std::unexpected(used.error());
    if (!used || weigher.is_odd()) return false;
    at += *used;
    index_max = std::max(index_max, weigher.index_max());
  }
}

/// How an error of the reader ends a trial. Readers have no errors of a disk, so such a one is the source's.
SniffTrial::End end_of(ErrorCode code) {
  if (code == ErrorCode::truncated) return SniffTrial::End::cut;
  if (code == ErrorCode::io_error) return SniffTrial::End::unread;
  return code == ErrorCode::limit_exceeded ? SniffTrial::End::limited : SniffTrial::End::impossible;
}

/// What the reader makes of all of the source, or of the begin that it is.
Result<std::uint64_t> read_input(EventReader& reader, ByteSource& source, SniffInput input) {
  if (input == SniffInput::whole) return read_last(reader, source, 0);
  const auto begin = source.read(0, source.size_bytes());
  if (!begin) return std::unexpected(begin.error());
  return reader.put(*begin);
}

}  // namespace

SniffTrial try_format(ByteSource& source, Format format, const ReadOptions& given, SniffInput input) {
  using End = SniffTrial::End;
  ReadOptions options = given;
  options.trailing = TrailingBytes::ignore;
  options.input_bytes.reset();  // a claim that the input cannot hold is weighed instead
  options.pause_at_elements = input == SniffInput::whole && format == Format::b64;
  Weigher weigher(source.size_bytes());
  EventReader reader(format, weigher, options);
  const Result<std::uint64_t> used = read_input(reader, source, input);
  SniffTrial trial{
      .has_longs = weigher.has_longs(), .is_odd = weigher.is_odd(), .has_elements = weigher.has_elements()};
  if (!used) {
    trial.end = end_of(used.error().code);
    if (trial.end != End::cut) trial.error = used.error();
  } else if (!reader.done()) {
    trial.end = End::cut;
  } else if (*used == source.size_bytes()) {
    trial.end = End::whole;
  } else {
    trial.end = End::behind;
    const Result<bool> rest = are_objects(source, *used, format, options, weigher.index_max());
    if (rest) trial.rest_is_objects = *rest;
    else trial = {.end = End::unread, .error = rest.error()};
  }
  return trial;
}

}  // namespace sconce::core
