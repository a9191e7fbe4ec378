#include "proto/formats/arrays/npy.h"

#include <algorithm>

#include "core/bytes/free_memory.h"

namespace sconce::proto {

namespace {

using core::Error;
using core::ErrorCode;
using core::Status;

std::size_t byte_at(const std::string& text, std::size_t at) { return static_cast<unsigned char>(text[at]); }

}  // namespace

Status NpyReader::put(std::span<const std::byte> bytes) {
  while (step_ != Step::failed && !bytes.empty()) {
    if (Status taken = take(bytes); !taken) return failed(std::move(taken.error()));
  }
  if (step_ == Step::failed) return std::unexpected(error_);
  return {};
}

Status NpyReader::finish() {
  if (step_ == Step::failed) return std::unexpected(error_);
  if (step_ == Step::elements && array_.done()) return {};
  const std::string what = step_ == Step::elements
                               ? std::to_string(array_.left_bytes()) + " bytes of the elements are missing"
                               : "the input ends before the npy header does";
  return failed({.code = ErrorCode::truncated, .what = what, .offset = offset_});
}

Status NpyReader::take(std::span<const std::byte>& bytes) {
  switch (step_) {
    case Step::prefix: return take_prefix(bytes);
    case Step::header: return take_header(bytes);
    case Step::elements: return take_elements(bytes);
    case Step::failed: break;
  }
  return std::unexpected(error_);
}

Status NpyReader::take_prefix(std::span<const std::byte>& bytes) {
  if (!fill(bytes, held_.size() + 1)) return {};
  const std::size_t last = held_.size() - 1;
  const auto wrong = [&](ErrorCode code, std::string what) {
    return std::unexpected(Error{.code = code, .what = std::move(what), .offset = last});
  };
  if (last < kNpyMagic.size() && held_[last] != kNpyMagic[last]) {
    return wrong(ErrorCode::malformed, "this is not a .npy file");
  }
  if (last == 6 && (held_[6] < 1 || held_[6] > 3)) {
    return wrong(ErrorCode::malformed, "the npy version is " + std::to_string(byte_at(held_, 6)) + ", not 1, 2 or 3");
  }
  if (last == 7 && held_[7] != 0) return wrong(ErrorCode::malformed, "the npy version has a minor part");
  if (last < 8 || held_.size() < (held_[6] == 1 ? kNpyPrefixBytesMax - 2 : kNpyPrefixBytesMax)) return {};
  header_bytes_ = 0;
  for (std::size_t at = last; at >= 8; --at) header_bytes_ = header_bytes_ << 8 | byte_at(held_, at);
  if (header_bytes_ > kNpyHeaderBytesMax) {
    return wrong(ErrorCode::limit_exceeded, "the npy header has " + std::to_string(header_bytes_) +
                                                " bytes, more than " + std::to_string(kNpyHeaderBytesMax));
  }
  if (header_bytes_ == 0) return wrong(ErrorCode::malformed, "the npy header is empty");
  held_.clear();
  step_ = Step::header;
  return {};
}

Status NpyReader::take_header(std::span<const std::byte>& bytes) {
  if (!fill(bytes, header_bytes_)) return {};
  const std::uint64_t begin = offset_ - header_bytes_;
  const auto form = parse_npy_header(held_);
  if (!form) {
    Error error = form.error();
    error.offset = begin + error.offset.value_or(0);
    return std::unexpected(std::move(error));
  }
  if (const auto size = size_bytes_of(*form); !size) {
    Error error = size.error();
    error.offset = begin;
    return std::unexpected(std::move(error));
  }
  core::free_memory(held_);
  step_ = Step::elements;
  return array_.begin(*form);
}

Status NpyReader::take_elements(std::span<const std::byte>& bytes) {
  if (array_.done()) {
    return std::unexpected(Error{.code = ErrorCode::trailing_bytes,
                                 .what = "there are bytes behind the elements of the array",
                                 .offset = offset_});
  }
  const auto taken = array_.put(bytes);
  if (!taken) return std::unexpected(taken.error());
  offset_ += *taken;
  bytes = bytes.subspan(*taken);
  return {};
}

/// Whether `held_` has that size, once it has taken what it can.
bool NpyReader::fill(std::span<const std::byte>& bytes, std::size_t size) {
  const std::size_t more = std::min(bytes.size(), size - held_.size());
  held_.append(reinterpret_cast<const char*>(bytes.data()), more);
  bytes = bytes.subspan(more);
  offset_ += more;
  return held_.size() == size;
}

Status NpyReader::failed(Error error) {
  if (!error.offset) error.offset = offset_;
  if (!error.path) error.path = "";
  step_ = Step::failed;
  error_ = std::move(error);
  return std::unexpected(error_);
}

}  // namespace sconce::proto
