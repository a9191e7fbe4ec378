#include "core/outline/source_reader.h"

#include <algorithm>
#include <utility>

namespace sconce::core {

namespace {

constexpr std::size_t kPieceBytesMax = 256 * 1024;

ReadOptions with_size(ReadOptions options, std::uint64_t size_bytes) {
  options.input_bytes = size_bytes;
  options.refuse_shifted = false;
  return options;
}

}  // namespace

SourceReader::SourceReader(ByteSource& source, std::uint64_t offset, EventSink& sink, ReadOptions options)
    : source_(source),
      begin_(offset),
      position_(offset),
      reader_(Format::binary, sink, with_size(options, source.size_bytes() - std::min(offset, source.size_bytes()))) {}

Status SourceReader::advance() {
  if (position_ > source_.size_bytes()) return fail(ErrorCode::corrupt, "an outline points behind its object");
  const std::uint64_t left = source_.size_bytes() - position_;
  const auto piece = source_.read(position_, std::min<std::uint64_t>(left, kPieceBytesMax));
  if (!piece) return std::unexpected(piece.error());
  if (piece->size() == left) return note_used(reader_.put_last(*piece));
  const std::uint64_t before = position_;
  if (Status taken = note_used(reader_.put(*piece)); !taken) return taken;
  // Within what any primitive needs, nothing was decidable: it goes on in the next piece.
  return position_ == before && !reader_.done() && elements_ahead_bytes() == 0 ? put_across_pieces() : Status();
}

Status SourceReader::put_across_pieces() {
  const std::uint64_t left = source_.size_bytes() - position_;
  const std::size_t wanted = std::min<std::uint64_t>(left, EventReader::kBytesHeldMax);
  across_.clear();
  while (across_.size() < wanted) {
    const auto piece = source_.read(position_ + across_.size(), wanted - across_.size());
    if (!piece) return std::unexpected(piece.error());
    across_.insert(across_.end(), piece->begin(), piece->end());
  }
  return note_used(wanted == left ? reader_.put_last(across_) : reader_.put(across_));
}

Status SourceReader::pass_over_elements() {
  position_ += reader_.elements_ahead_bytes();
  return reader_.pass_over_elements();
}

Status SourceReader::note_used(const Result<std::size_t>& used) {
  if (used) {
    position_ += *used;
    return {};
  }
  Error error = used.error();
  if (error.offset) *error.offset += begin_;
  return std::unexpected(std::move(error));
}

}  // namespace sconce::core
