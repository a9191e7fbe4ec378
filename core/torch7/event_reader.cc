#include "core/torch7/event_reader.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "core/numbers/number_text.h"
#include "core/torch7/object_parser.h"

namespace sconce::core {

EventReader::EventReader(Format format, EventSink& sink, const ReadOptions& options)
    : parser_(make_object_parser(format, sink, options)) {}
EventReader::EventReader(EventReader&&) noexcept = default;
EventReader& EventReader::operator=(EventReader&&) noexcept = default;
EventReader::~EventReader() = default;

Result<std::size_t> EventReader::put(std::span<const std::byte> bytes) { return parser_->put(bytes, false); }
Result<std::size_t> EventReader::put_last(std::span<const std::byte> bytes) { return parser_->put(bytes, true); }
std::uint64_t EventReader::elements_ahead_bytes() const { return parser_->elements_ahead_bytes(); }
Status EventReader::pass_over_elements() { return parser_->pass_over_elements(); }
bool EventReader::done() const { return parser_->done(); }
void EventReader::begin_next() { parser_->begin_next(); }
std::uint64_t EventReader::offset() const { return parser_->offset(); }
const UndeclaredClasses& EventReader::undeclared() const { return parser_->undeclared(); }
std::string EventReader::suspect_note() const { return parser_->suspect_note(); }
std::string EventReader::path() const { return parser_->path(); }

namespace {

/// What is nowhere decidable in a piece, since it goes on in the next one. Errors: the source's.
Status read_across(ByteSource& source, std::uint64_t at, std::vector<std::byte>& across) {
  const std::size_t wanted = std::min<std::uint64_t>(source.size_bytes() - at, EventReader::kBytesHeldMax);
  across.clear();
  while (across.size() < wanted) {
    const auto piece = source.read(at + across.size(), wanted - across.size());
    if (!piece) return std::unexpected(piece.error());
    across.insert(across.end(), piece->begin(), piece->end());
  }
  return {};
}

Result<std::size_t> put_piece(EventReader& reader, std::span<const std::byte> piece, std::uint64_t left) {
  return piece.size() == left ? reader.put_last(piece) : reader.put(piece);
}

/// Goes on after the elements before which the reader has paused, if there are so many bytes.
Status pass_over(EventReader& reader, std::uint64_t left) {
  if (reader.elements_ahead_bytes() <= left) return reader.pass_over_elements();
  return std::unexpected(Error{.code = ErrorCode::truncated,
                               .what = "the input ends inside the object",
                               .offset = reader.offset() + left,
                               .path = reader.path()});
}

}  // namespace

Result<std::uint64_t> read_last(EventReader& reader, ByteSource& source, std::uint64_t from) {
  const std::uint64_t begin = reader.offset();
  std::vector<std::byte> across;
  while (true) {
    const std::uint64_t at = from + reader.offset() - begin;
    const std::uint64_t left = source.size_bytes() - at;
    const auto piece = source.read(at, left);
    if (!piece) return std::unexpected(piece.error());
    auto used = put_piece(reader, *piece, left);
    const bool is_stuck = used && *used == 0 && !reader.done() && reader.elements_ahead_bytes() == 0;
    if (is_stuck) {
      if (Status read = read_across(source, at, across); !read) return std::unexpected(std::move(read.error()));
      used = put_piece(reader, across, left);
    }
    if (!used) return used;
    if (reader.done() && (*used == left || *used < piece->size())) return reader.offset() - begin;
    if (reader.elements_ahead_bytes() == 0) continue;
    if (Status passed = pass_over(reader, left - *used); !passed) return std::unexpected(std::move(passed.error()));
  }
}

Result<bool> is_end_of_input(ByteSource& source, std::uint64_t from, Format format) {
  const auto is_white = [](std::byte byte) { return is_space(static_cast<char>(byte)); };
  for (std::uint64_t at = from; at < source.size_bytes();) {
    if (format != Format::ascii) return false;
    const auto piece = source.read(at, source.size_bytes() - at);
    if (!piece) return std::unexpected(piece.error());
    if (!std::ranges::all_of(*piece, is_white)) return false;
    at += piece->size();
  }
  return true;
}

}  // namespace sconce::core
