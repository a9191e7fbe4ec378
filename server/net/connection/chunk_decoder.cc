#include "server/net/connection/chunk_decoder.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <optional>
#include <string>

#include "core/ascii.h"
#include "proto/http/fields/token_characters.h"
#include "server/net/connection/refusals.h"

namespace sconce::server::net {

namespace {

using proto::refuse;
using proto::RequestError;

bool is_blank(char byte) { return byte == ' ' || byte == '\t'; }

/// Of a value in quotes, and of a field: anything but a control byte. Source: RFC 9110, sections 5.5 and 5.6.4.
bool is_text(char byte) {
  const auto value = static_cast<unsigned char>(byte);
  return (value >= 0x20 && value != 0x7f) || byte == '\t';
}

}  // namespace

proto::HttpResult<ChunkDecoder::Taken> ChunkDecoder::take(std::string_view in, std::span<std::byte> out) {
  Taken taken;
  while (state_ != State::done && taken.in_bytes < in.size()) {
    if (state_ != State::data) {
      const proto::HttpResult<void> took = take_framing(in[taken.in_bytes]);
      if (!took) return std::unexpected(took.error());
      taken.in_bytes += 1;
      continue;
    }
    const std::size_t room = std::min(in.size() - taken.in_bytes, out.size() - taken.out_bytes);
    const std::size_t size = std::min<std::uint64_t>(chunk_left_, room);
    if (size == 0) break;
    std::memcpy(out.data() + taken.out_bytes, in.data() + taken.in_bytes, size);
    taken.in_bytes += size;
    taken.out_bytes += size;
    data_taken(size);
  }
  return taken;
}

void ChunkDecoder::data_taken(std::size_t bytes) {
  taken_bytes_ += bytes;
  chunk_left_ -= bytes;
  if (chunk_left_ > 0) return;
  state_ = State::data_cr;
  framing_bytes_ = 0;
}

proto::HttpResult<void> ChunkDecoder::take_framing(char byte) {
  if (++framing_bytes_ > kFramingBytesMax) {
    return refuse(RequestError::header_too_large, "a chunk's line, or the trailer section, is larger than " +
                                                      std::to_string(kFramingBytesMax) + " bytes");
  }
  const auto expect = [this](bool is_there, State next, std::string_view what) -> proto::HttpResult<State> {
    if (is_there) return next;
    return bad(what);
  };
  proto::HttpResult<State> next = State::done;
  switch (state_) {
    case State::size_begin:
    case State::size: next = core::is_hex_digit(byte) ? add_digit(byte) : behind_size(byte); break;
    case State::line_end: next = byte == '\n' ? end_size_line() : bad("a CR that ends no line"); break;
    case State::data_cr: next = expect(byte == '\r', State::data_lf, "more data than the chunk's size"); break;
    case State::data_lf: next = expect(byte == '\n', State::size_begin, "no line end behind a chunk's data"); break;
    case State::trailer_line:
    case State::trailer_name:
    case State::trailer_value: next = in_trailer(byte); break;
    case State::trailer_line_end: next = expect(byte == '\n', State::trailer_line, "a CR that ends no line"); break;
    case State::last_line_end: next = expect(byte == '\n', State::done, "a CR that ends no line"); break;
    default: next = in_extension(byte); break;
  }
  if (!next) return std::unexpected(next.error());
  state_ = *next;
  taken_bytes_ += 1;
  return {};
}

proto::HttpResult<ChunkDecoder::State> ChunkDecoder::add_digit(char byte) {
  constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max() >> 4U;
  if (state_ == State::size_begin) chunk_left_ = 0;
  if (chunk_left_ > kMax) return bad("a chunk's size beyond 64 bits");
  chunk_left_ = (chunk_left_ << 4U) + static_cast<unsigned>(core::hex_digit_value(byte));
  return State::size;
}

proto::HttpResult<ChunkDecoder::State> ChunkDecoder::behind_size(char byte) {
  if (state_ == State::size_begin) return bad("a chunk without a size in hexadecimal");
  if (byte != '\r') extension_bytes_ += 1;
  return behind_word(byte);
}

/// Behind a size, or a name or a value of an extension, whatever the state says it is.
proto::HttpResult<ChunkDecoder::State> ChunkDecoder::behind_word(char byte) const {
  const bool is_name = state_ == State::name || state_ == State::behind_name;
  const bool had_blank = state_ == State::behind_name || state_ == State::before_extension;
  if (byte == ';') return State::name_begin;
  if (byte == '=' && is_name) return State::value_begin;
  if (is_blank(byte)) return is_name ? State::behind_name : State::before_extension;
  if (byte == '\r' && !had_blank) return State::line_end;
  return bad("what is neither a chunk's size nor an extension");
}

proto::HttpResult<ChunkDecoder::State> ChunkDecoder::in_extension(char byte) {
  if (byte != '\r') extension_bytes_ += 1;
  switch (state_) {
    case State::name_begin:
      if (proto::kTokenCharacters.contains(byte)) return State::name;
      if (is_blank(byte)) return State::name_begin;
      return bad("an extension without a name");
    case State::value_begin:
      if (proto::kTokenCharacters.contains(byte)) return State::value;
      if (byte == '"') return State::quoted;
      if (is_blank(byte)) return State::value_begin;
      return bad("an extension without a value behind its `=`");
    case State::quoted:
      if (byte == '"') return State::behind_quoted;
      if (byte == '\\') return State::escaped;
      [[fallthrough]];
    case State::escaped:
      if (is_text(byte)) return State::quoted;
      return bad("a quote of an extension that is open where its line ends, or a control byte in it");
    case State::name:
    case State::value:
      if (proto::kTokenCharacters.contains(byte)) return state_;
      [[fallthrough]];
    default: return behind_word(byte);
  }
}

/// The size and all extensions of a chunk have come. The last one has no data.
proto::HttpResult<ChunkDecoder::State> ChunkDecoder::end_size_line() {
  if (chunk_left_ > body_bytes_max_ - chunk_bytes_) return std::unexpected(body_too_large(body_bytes_max_));
  chunk_bytes_ += chunk_left_;
  if (extension_bytes_ > chunk_bytes_ + kExtensionBytesMax) return bad("more bytes of extensions than of data");
  return chunk_left_ > 0 ? State::data : State::trailer_line;
}

proto::HttpResult<ChunkDecoder::State> ChunkDecoder::in_trailer(char byte) {
  const bool is_name = state_ != State::trailer_value && proto::kTokenCharacters.contains(byte);
  if (is_name && state_ == State::trailer_line) name_bytes_ = 0;
  if (is_name) {
    if (name_bytes_ < name_.size()) name_[name_bytes_++] = core::to_lower(byte);
    return State::trailer_name;
  }
  switch (state_) {
    case State::trailer_line:
      if (byte == '\r') return State::last_line_end;
      return bad("a line of the trailer section that begins with no name");
    case State::trailer_name:
      if (byte == ':') return end_trailer_name();
      return bad("a name of a trailer field that is no token with a colon behind it");
    default:
      if (byte == '\r') return State::trailer_line_end;
      if (is_text(byte)) return State::trailer_value;
      return bad("a control byte, or a LF without a CR, in a trailer field");
  }
}

/// Another reader may take them for the request's.
proto::HttpResult<ChunkDecoder::State> ChunkDecoder::end_trailer_name() const {
  const std::string_view name(name_.data(), name_bytes_);
  if (name != "content-length" && name != "transfer-encoding") return State::trailer_value;
  return bad("a trailer field that says where the body ends");
}

std::unexpected<proto::Problem> ChunkDecoder::bad(std::string_view what) const {
  return refuse(RequestError::bad_request,
                "the chunks of the body: " + std::string(what) + ", at byte " + std::to_string(taken_bytes_));
}

}  // namespace sconce::server::net
