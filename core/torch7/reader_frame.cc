#include "core/torch7/reader_frame.h"

namespace sconce::core {

namespace {

// More are given back with their frame: each of thousands of levels may have held a tensor once.
constexpr std::size_t kDimensionsKept = 16;

}  // namespace

std::optional<PathStep> KeyLabel::step() const {
  switch (kind_) {
    case Kind::none: return std::nullopt;
    case Kind::number: return number_;
    case Kind::boolean: return number_ != 0;
    case Kind::index: return KeyIndex{static_cast<std::int32_t>(number_)};
    case Kind::string: return text_;
  }
  return std::nullopt;
}

ReaderFrame& ReaderStack::push(ReaderFrame::Kind kind, std::uint64_t offset) {
  if (depth_ == frames_.size()) frames_.emplace_back();
  ReaderFrame& frame = frames_[depth_++];
  frame.kind = kind;
  frame.offset = offset;
  frame.objects_left = 0;
  frame.key.clear();
  return frame;
}

void ReaderStack::pop() {
  ReaderFrame& frame = frames_[--depth_];
  if (frame.sizes.capacity() > kDimensionsKept) frame.sizes = {};
  if (frame.strides.capacity() > kDimensionsKept) frame.strides = {};
}

std::string ReaderStack::path() const {
  return path_through(open(), [](const ReaderFrame& frame) { return frame.key.step(); });
}

}  // namespace sconce::core
